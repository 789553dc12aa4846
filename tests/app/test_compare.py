"""The page Compare by keyboard and mouse: which two, what is told, maps and lists that follow each other."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.models.compare import Choice
from app.presenters import compare_facts
from app.views.compare.view import CompareView
from app.window_app import Application
from core.catalogue import contents
from core.changes import Changes
from core.intake.batches import Embedder
from core.jobs import Job
from core.operations import comparison_maps, images, layouts, neighbours, projects, taking_out
from core.operations.layout_watch import Frame, watch_of
from core.project import Project

Settled = Callable[[], None]
Key = Qt.Key
OTHER = "timm:grey@other.safetensors"


class Other:
    """Vectors of another encoder, in which classes lie together."""

    name, key, dim = OTHER, "another key", 8


def embed_otherwise(project: Project, *, has_graph: bool = True, count: int = 99) -> None:
    with project.read() as session:
        ids = [int(one) for one in contents.in_use(session)][:count]
    every = images.describe(project, images.list_ids(project).tolist())
    of = {one.content_id: one.class_name for one in every}
    kinds = np.array([sorted(set(of.values())).index(of[one]) for one in ids])
    rows = np.random.default_rng(5).normal(size=(len(ids), 8)).astype(np.float32)
    rows += 4 * np.eye(8, dtype=np.float32)[kinds]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    embedder = Embedder.open(project, Other)  # type: ignore[arg-type]
    with project.write() as session:
        embedder.append(project, session, ids, rows)
    if has_graph:
        neighbours.build(project, encoder=OTHER)


def opened(application: Application, catalogue: Path, settled: Settled) -> Explore:
    application.shell.open_path(catalogue)
    settled()
    assert application.shell.explore is not None, application.window.banner.message
    return application.shell.explore


@pytest.fixture
def twin(application: Application, catalogue: Path, settled: Settled) -> Explore:
    with projects.open(catalogue) as project:
        embed_otherwise(project)
    return opened(application, catalogue, settled)


@pytest.fixture
def page(twin: Explore, application: Application, qtbot: QtBot, settled: Settled) -> CompareView:
    """The page, opened by its key."""
    qtbot.keyClick(application.window, Key.Key_4, Qt.KeyboardModifier.AltModifier)
    settled()
    assert twin.page == "compare"
    rest(settled)
    return twin.compare


def rest(settled: Settled) -> None:
    """Until the detail has followed the selection."""
    QTest.qWait(60)
    settled()


def button(within: QWidget, words: str) -> QPushButton:
    found = [
        one
        for one in within.findChildren(QPushButton)
        if one.text().startswith(words) and one.isVisible()
    ]
    assert len(found) == 1, [one.text() for one in within.findChildren(QPushButton)]
    return found[0]


def press(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def listed(page: CompareView) -> list[int]:
    return [one.picture.image_id for one in page.side.images.rows.rows]


# -- which two


def test_what_is_lacking_is_said_with_what_to_do_about_it(
    application: Application,
    catalogue: Path,
    qtbot: QtBot,
    settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    explore = opened(application, catalogue, settled)
    page, project = explore.compare, explore.document.project
    explore.show_compare()
    settled()
    assert page.stack.words.startswith("Comparing takes two. Only Built in has vectors")
    assert not page.a.isEnabled() and not page.swap.isEnabled()
    for words, there in (("Encoders…", "encoders"), ("Train…", "train")):
        press(qtbot, button(page, words))
        settled()
        assert explore.page == there
        explore.show_compare()
        settled()
    # A run that is finished, and has not been embedded.
    truly = compare_facts.load_choices

    def with_run(project: Project) -> object:
        choices, a, b = truly(project)
        return (choices, a, b) if b else ([*choices, Choice(OTHER, "grey", False)], a, OTHER)

    monkeypatch.setattr(explore.comparing._reading, "_load", with_run)
    asked: list[str] = []

    def embed(name: str) -> None:
        asked.append(name)
        embed_otherwise(project, has_graph=False)
        explore.document.changed.emit(Changes.EMBEDDINGS)

    monkeypatch.setattr(explore.comparing._jobs, "embed", embed)
    explore.show_compare()
    settled()
    assert page.b.currentText() == "grey  (not embedded)"
    assert page.stack.words.startswith("grey has no vectors of these images yet")
    press(qtbot, button(page, "Embed with it"))
    rest(settled)
    assert asked == [OTHER] and page.b.currentText() == "grey  ·  other.safetensors"
    assert page.stack.words.startswith("grey  ·  other.safetensors has vectors, but no neighbours")
    press(qtbot, button(page, "Work them out"))
    rest(settled)
    assert page.stack.is_body_shown and "the same" in page.sentences[0].text()


def test_it_begins_with_the_default_and_the_newest_other_and_can_be_swapped(
    page: CompareView, twin: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    assert page.pair == ("builtin", OTHER)
    assert "of 10 neighbours are the same" in page.sentences[0].text()
    assert "grey brings" in page.sentences[1].text() and "95 % interval" in page.sentences[1].text()
    assert page.sentences[2].text().startswith("Of the ")
    assert page.maps.a.title.full_text() == "Built in" and page.maps.b.title.full_text() == "grey"
    before = gain_of(twin)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(application.window, Key.Key_B, keys)
    settled()
    assert page.pair == (OTHER, "builtin") and "Built in brings" in page.sentences[1].text()
    assert gain_of(twin) == pytest.approx(-before) and before
    # Choosing for A what B is swaps them too: the same twice tells nothing.
    page.a.setCurrentIndex(page.a.findData("builtin"))
    page.a.activated.emit(page.a.currentIndex())
    settled()
    assert page.pair == ("builtin", OTHER) and gain_of(twin) == pytest.approx(before)
    names: set[str] = set()
    for _ in range(40):
        application.window.focusNextPrevChild(True)
        widget = application.window.focusWidget()
        assert widget is not None
        names.add(widget.accessibleName())
    assert names >= {
        "Encoder A", "Encoder B", "Swap A and B", "Map A", "Colour the maps by",
        "Pan and zoom both maps together", "Images, by how much the encoders differ",
        "The chosen image and its neighbours by both encoders",
    }  # fmt: skip


def gain_of(explore: Explore) -> float:
    assert explore.comparing.found is not None and explore.comparing.found.found.gain is not None
    return explore.comparing.found.found.gain.value


# -- lists and detail


def test_the_list_is_walked_by_keys_and_everything_follows(
    page: CompareView, twin: Explore, qtbot: QtBot, settled: Settled
) -> None:
    selection, images_ = twin.document.selection, page.side.images
    assert selection.current == listed(page)[0]  # nothing was selected, so the first is shown
    shares = [one.same / one.of for one in images_.rows.rows]
    assert shares == sorted(shares)
    assert page.maps.a.canvas.lens_row == -1  # without a veil over the map
    images_.setFocus()
    assert images_.currentIndex().row() == 0
    qtbot.keyClick(images_, Key.Key_Down)
    rest(settled)
    second = listed(page)[1]
    assert selection.current == second and page.detail.row is not None
    assert page.detail.row.picture.image_id == second
    a = page.maps.a
    assert a.canvas.item.current_row == a.points.row_of(second)
    assert a.canvas.lens_row == a.points.row_of(second)  # lines to its neighbours
    page.lines.click()
    assert a.canvas.lens_row == -1
    qtbot.keyClick(images_, Key.Key_Return)
    settled()
    assert twin.page == "full"
    qtbot.keyClick(twin.full, Key.Key_Escape)
    settled()
    assert twin.page == "compare"
    # A click on a neighbour walks to it.
    row = images_.rows.rows[0]
    rect = images_.visualRect(images_.rows.index(0, 0)).toRectF()
    spots = [*images_._delegate.pictures(rect, images_.rows.index(0, 0))]
    assert [one for _, one in spots[1:]][:3] == [one.picture for one in row.a][:3]
    place = spots[2][0].center().toPoint()
    qtbot.mouseClick(images_.viewport(), Qt.MouseButton.LeftButton, pos=place)
    rest(settled)
    assert selection.current == row.a[1].picture.image_id
    qtbot.keyClick(images_, Key.Key_Escape)
    settled()
    assert twin.page == "browser"


def test_other_orders_and_classes(page: CompareView, twin: Explore, settled: Settled) -> None:
    found = twin.comparing.found
    assert found is not None
    page.side.show_order("gain")
    settled()
    gains = [one.gain for one in page.side.images.rows.rows]
    assert gains == sorted(gains, reverse=True) and gains[-1] > 0
    page.side.show_order("classes")
    settled()
    rows = page.side.classes.rows.rows
    assert {one.name for one in rows} <= {"discs", "squares", "triangles"} and rows
    for row in rows:
        told = dict(found.found.by_class)[row.name]
        assert (row.value, row.images, row.low) == (told.value, told.images, told.low)
    page.side.classes.setCurrentIndex(page.side.classes.rows.index(0, 0))
    points = page.maps.a.points
    shown = points.ids[points.shown()]
    names = {one.class_name for one in images.describe(twin.document.project, shown.tolist())}
    assert names == {rows[0].name}
    page.side.classes.clearSelection()
    assert points.shown().all()
    page.side.show_order("moved")
    settled()
    assert not page.side.images.rows.rows and not page.side.images.isVisible()
    page.colour.setCurrentIndex(page.colour.findData("same"))
    page.colour.activated.emit(1)
    assert page.key.isVisible()
    place = int(np.searchsorted(found.found.content_ids, int(points.contents[4])))
    assert points.codes[4] == found.found.agreement.same[place]
    assert points.names[-1] == f"{found.found.k} of {found.found.k}"


def test_images_that_are_chosen_elsewhere_copies_and_those_that_one_does_not_know(
    application: Application, catalogue: Path, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with projects.open(catalogue) as project:
        embed_otherwise(project, count=11)
    explore = opened(application, catalogue, settled)
    asked: list[str] = []
    truly = compare_facts.load

    def load(project: Project, a: str, b: str, job: Job) -> object:
        asked.append(a)
        return truly(project, a, b, job)

    monkeypatch.setattr(compare_facts, "load", load)
    every = images.describe(explore.document.project, explore.browse.listing.ids.tolist())
    copy = next(one for one in every if one.name == "disc-0 copy.png")
    explore.document.changed.emit(Changes.ALL)
    explore.document.selection.set([copy.id])
    rest(settled)
    assert not asked  # nothing is worked out before the page is shown
    page = explore.compare
    explore.show_compare()
    rest(settled)
    page.side.images.setFocus()
    assert asked and explore.document.selection.current == copy.id  # chosen before: not given up
    assert page.detail.row is not None and page.detail.row.picture.path == copy.path
    assert "Only A knows 1 more images, only B 0" in page.note.text()
    assert explore.comparing.found is not None
    lacking = next(
        one for one in every if one.content_id not in explore.comparing.found.found.content_ids
    )
    page.looked_at.emit(lacking.id)
    rest(settled)
    assert page.detail.row is None
    assert page.detail.accessibleDescription() == "This image has no neighbours by one of the two."
    # Eleven that are all neighbours of each other: there is nothing to list, and that is said.
    assert not listed(page) and not page.side.images.isVisible()
    gone = next(one for one in every if one.name == "triangle-0.png")
    explore.document.edit("Taking out", taking_out.take_out, [gone.id])
    rest(settled)
    now = explore.comparing.found.found.content_ids
    assert len(now) == 10 and gone.content_id not in now
    assert len(asked) == 2 and page.stack.is_body_shown


# -- the maps


def test_b_is_laid_over_a_and_moves_meanwhile(
    page: CompareView, twin: Explore, qtbot: QtBot, settled: Settled
) -> None:
    project, a, b = twin.document.project, page.maps.a, page.maps.b
    maps = twin.comparing.maps
    assert maps.laid is not None and not b.is_shown
    ids = maps.laid.maps.image_ids
    order = np.random.default_rng(0).permutation(len(ids))
    places = np.random.default_rng(1).random((len(ids), 2)).astype(np.float32)
    watch = watch_of(project)
    watch.frame = Frame(1, "pca", OTHER, ids[order], places[order], 2, 9)
    maps._watch()
    wide = comparison_maps.same_spread(places, a.points.places)
    assert b.is_shown and np.array_equal(b.points.places, wide)
    assert b.note.text() == "Round 2 of 9" and b.action.text() == "Stop"
    other = places[::-1].copy()
    watch.frame = Frame(2, "pca", OTHER, ids[order], other[order], 3, 9)
    maps._watch()
    assert b.note.text() == "Round 3 of 9"
    wide = comparison_maps.same_spread(other, a.points.places)
    assert np.array_equal(b.points.places, wide)
    watch.frame = Frame(3, "pca", "timm:third", ids[order], places[order], 4, 9)
    maps._watch()  # of another encoder: nothing to do with these
    assert np.array_equal(b.points.places, wide)
    watch.end()
    layouts.build(project, encoder=OTHER, align_with="")
    twin.document.changed.emit(Changes.LAYOUTS)
    settled()
    assert b.note.text().startswith("Made apart")
    assert "what moved may mean little" in b.note.toolTip()
    press(qtbot, button(b, "Lay out over A"))
    rest(settled)
    assert b.note.text().startswith("Laid over A") and not b.action.isVisible()
    stored = layouts.load(project, OTHER)
    assert stored is not None and stored.facts.aligned_with == "builtin"
    found = comparison_maps.maps(project, "builtin", OTHER)
    for one, there in ((a, found.a), (b, found.b)):
        assert there is not None and np.array_equal(one.points.places, there)
        assert np.array_equal(one.points.ids, found.image_ids)
    page.side.show_order("moved")
    settled()
    moved = [one.moved for one in page.side.images.rows.rows]
    assert found.moved is not None
    assert moved == sorted(moved, reverse=True) and moved[0] == pytest.approx(found.moved.max())
