"""The page Duplicates: what many answers contradict, what keys may answer, pictures of files that changed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import made_links
import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.explore import Explore
from app.presenters.duplicate_trail import Trail
from app.tasks import Task, carry_out
from app.widgets.map_canvas import MapCanvas
from app.window_app import Application
from core.catalogue import contents
from core.changes import Changes
from core.errors import CatalogueError
from core.operations import images, pairs, projects
from core.project import Project

Settled = Callable[[], None]
Key = Qt.Key


def used(project: Project) -> list[int]:
    with project.read() as session:
        return [int(one) for one in contents.in_use(session)]


@pytest.fixture(scope="module")
def window(shared_application: Application, shared_catalogue: Path) -> Application:
    """Links of A with B, B with C, A with C and others, open in the window."""
    with projects.open(shared_catalogue) as project:
        ids = used(project)
        ends = [(0, 1, 0.97), (1, 2, 0.96), (0, 2, 0.9), (3, 4, 0.8), (5, 6, 0.7)]
        made_links.keep(project, made_links.made([(ids[a], ids[b], s) for a, b, s in ends]))
    shared_application.shell.open_path(shared_catalogue)
    assert shared_application.shell.explore is not None
    return shared_application


@pytest.fixture
def page(window: Application, settled: Settled) -> Explore:
    """The page as it is in the beginning: nothing is judged, and the first pair on show."""
    explore = window.shell.explore
    assert explore is not None
    project, review = explore.document.project, explore.deduplicating.review
    pairs.judge_many(project, [(one.a, one.b) for one in pairs.list_pairs(project)], None, "Anew")
    review.forget()
    review.trail = Trail()
    review.seen_s = 0.0
    explore.duplicates.review.contradiction.show_contradiction(None)
    window.window.banner.hide()
    explore.show_duplicates()
    explore.duplicates.show_panel("review")
    review._begin_anew()
    rest(settled)
    assert explore.duplicates.has_pair()
    return explore


def rest(settled: Settled) -> None:
    QTest.qWait(25)
    settled()


def press(
    page: Explore, settled: Settled, key: Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:  # fmt: skip
    page.window().activateWindow()
    settled()
    focused = page.window().focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, keys)
    rest(settled)


def kept(explore: Explore) -> dict[tuple[int, int], str]:
    return {(one.a, one.b): one.verdict for one in pairs.list_pairs(explore.document.project)}


def shown(explore: Explore) -> tuple[int, int]:
    row = explore.deduplicating.review.row
    assert row is not None and explore.duplicates.review.pair.key == row.card.key
    return row.card.key


def choose(application: Application, name: str) -> None:
    """A choice of the banner."""
    banner = application.window.banner
    button = next(one for one in banner.findChildren(QPushButton) if one.text() == name)
    button.click()


# -- contradictions of many answers


def test_a_sheet_that_contradicts_says_so_and_leads_there(
    page: Explore, window: Application, settled: Settled
) -> None:
    project, panel = page.document.project, page.duplicates.review
    a, b, c = used(project)[:3]
    page.document.edit("", pairs.judge_many, [(a, c)], "different", "Apart")
    rest(settled)
    assert not panel.torn.isVisible()
    page.deduplicating.bulk.open()
    rest(settled)
    sheet = page.deduplicating.bulk.sheet
    assert sheet is not None
    sheet.set_lowest(0.95)
    sheet.accept_button.click()
    rest(settled)
    assert kept(page) == {(a, b): "duplicate", (b, c): "duplicate", (a, c): "different"}
    said = "2 pairs marked as duplicates. That contradicts other answers in 1 place."
    assert (window.window.banner.message, window.window.banner.tone) == (said, "warning")
    assert panel.torn.isVisible() and "1 contradiction" in panel.torn.words.text()
    choose(window, "Look at them")
    rest(settled)
    bar = panel.contradiction
    assert bar.isVisible() and shown(page) == (a, c) and panel.verdicts.lit == "different"
    assert not bar.undo.isVisible() and not panel.torn.isVisible()
    # Left as it is, it is still told of, and found again.
    bar.keep.click()
    rest(settled)
    assert not bar.isVisible() and panel.torn.isVisible() and shown(page) != (a, c)
    panel.torn.look.click()
    rest(settled)
    assert shown(page) == (a, c)
    panel.pair.setFocus()
    press(page, settled, Key.Key_D)
    assert kept(page)[a, c] == "duplicate"
    assert not bar.isVisible() and not panel.torn.isVisible()


def test_a_group_and_a_selection_say_what_they_contradict(
    page: Explore, window: Application, settled: Settled
) -> None:
    project = page.document.project
    a, b, _, d = used(project)[:4]
    page.deduplicating.groups.show_group_of(a)
    page.duplicates.show_panel("groups")
    rest(settled)
    QTest.qWait(60)
    settled()
    # Said elsewhere, of which the panel does not know yet.
    pairs.judge_many(project, [(a, d)], "duplicate", "One")
    pairs.judge_many(project, [(b, d)], "similar", "Alike")
    page.deduplicating.groups.accept()
    rest(settled)
    assert window.window.banner.tone == "warning"
    assert "That contradicts other answers in 1 place." in window.window.banner.message
    choose(window, "Undo")
    rest(settled)
    assert kept(page) == {(a, d): "duplicate", (b, d): "similar"}
    # The same pictures, marked where they are selected.
    described = images.describe(project, images.list_ids(project).tolist())
    of = {one.content_id: one.id for one in described}
    page.show_browser()
    page.document.selection.set([of[a], of[b]])
    page.selected.mark("duplicate")
    rest(settled)
    assert window.window.banner.message == (
        "2 images marked as duplicates. That contradicts other answers in 1 place."
    )
    choose(window, "Look at them")
    rest(settled)
    assert page.page == "duplicates" and page.duplicates.panel == "review"
    assert page.duplicates.review.contradiction.isVisible() and shown(page) == (b, d)


# -- what keys may answer


def test_a_pair_without_its_pictures_is_not_answered(page: Explore, settled: Settled) -> None:
    review, view = page.deduplicating.review, page.duplicates.review.pair
    row = review.row
    assert row is not None
    late: list[Task] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page.document.runner, "_enqueue", late.append)
        review.pictures.forget()
        review.show_row(row)
        rest(settled)
        assert all(one.picture.isNull() for one in view.sides)
        press(page, settled, Key.Key_D)
        assert not review.is_seen and not kept(page)
    for one in late:
        carry_out(one)
        page.document.runner._settle(one)
    rest(settled)
    assert review.is_seen
    press(page, settled, Key.Key_D)
    assert kept(page) == {row.card.key: "duplicate"}


def test_an_answer_stored_while_an_undo_is_not_told_yet_is_not_taken_for_it(
    page: Explore, settled: Settled
) -> None:
    review = page.deduplicating.review
    first = shown(page)
    press(page, settled, Key.Key_X)
    second = shown(page)
    held: list[Task] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page.document.runner, "_enqueue", held.append)
        press(page, settled, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        press(page, settled, Key.Key_S)
        stored = [one for one in held if one.lane == "edits"]
        for one in stored:
            carry_out(one)  # both, before the window has a turn
    for one in [*stored, *(one for one in held if one not in stored)]:
        if one not in stored:
            carry_out(one)
        page.document.runner._settle(one)
    rest(settled)
    assert kept(page) == {second: "similar"}
    assert review.trail.verdicts == {second: "similar"} and shown(page) == first


def test_searches_step_back_where_a_member_is_selected(
    page: Explore, settled: Settled, window: Application
) -> None:
    page.document.selection.set(images.list_ids(page.document.project).tolist()[:2])
    for key, shift in ((Key.Key_M, 0), (Key.Key_M, 1), (Key.Key_N, 0), (Key.Key_B, 1)):
        keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        press(page, settled, key, keys)
        assert page.page == "duplicates" and page.browse.query is None
    page.show_browser()
    assert window.commands.searching.can_search_between()
    page.document.selection.clear()


# -- pictures


def test_pictures_are_those_of_a_content_and_notes_lapse(page: Explore, settled: Settled) -> None:
    review = page.deduplicating.review
    row, pictures = review.row, review.pictures
    assert row is not None and pictures.is_sharp(row)
    changed = replace(row, a=replace(row.a, content_id=row.a.content_id + 1000))
    assert pictures.sides(changed)[0].picture.isNull()  # not that of the file as it was
    assert pictures.sides(changed)[1].picture == pictures.sides(row)[1].picture
    # What could not be read is tried again when a source is there again.
    with pytest.MonkeyPatch.context() as patch:

        def fail(*_: object) -> QImage:
            raise CatalogueError("It is away.")

        patch.setattr("app.presenters.duplicate_pictures.load_picture", fail)
        pictures.forget()
        review.show_row(row)
        rest(settled)
        assert page.duplicates.review.pair.sides[0].note == "The file cannot be read now."
    page.document.changed.emit(Changes.SOURCES)
    rest(settled)
    assert page.duplicates.review.pair.sides[0].note == "" and pictures.is_sharp(row)


def test_zoom_about_the_corner_keeps_the_corner(page: Explore) -> None:
    full = page.full
    full.resize(800, 600)
    full.show_image(QImage(400, 300, QImage.Format.Format_RGB32), QSize(400, 300), "")
    full.set_zoom(4.0)
    before = full._target().topLeft()
    full.zoom_by(1.5, QPointF(0, 0))
    after = full._target().topLeft()
    assert after.x() == pytest.approx(before.x() * 1.5)
    assert after.y() == pytest.approx(before.y() * 1.5)
    canvas: MapCanvas = page.map.canvas
    frame = canvas.frame()
    canvas.zoom(2.0, QPointF(0, 0))
    assert canvas.frame().left == pytest.approx(frame.left)
    assert canvas.frame().top == pytest.approx(frame.top)
