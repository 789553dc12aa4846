"""The page Insight by keyboard and mouse: doubted labels, leaks of a split, classes, an embedding."""

import csv
import threading
from collections.abc import Callable
from pathlib import Path

import misfiled
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.views.insight.view import InsightView
from app.widgets import doubt_rows
from app.window_app import Application
from core.changes import Changes
from core.operations import classes, images, labels, projects, sources
from core.project import Project

Settled = Callable[[], None]
Key = Qt.Key


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return misfiled.make(tmp_path / "shelf")


@pytest.fixture
def shelf_catalogue(shelf: Path, tmp_path: Path) -> Path:
    path = tmp_path / "shelf.lookalike"
    with projects.create(path) as project:
        sources.import_folders(project, [shelf])
    return path


@pytest.fixture
def opened(application: Application, shelf_catalogue: Path, settled: Settled) -> Explore:
    application.shell.open_path(shelf_catalogue)
    settled()
    explore = application.shell.explore
    assert explore is not None, application.window.banner.message
    return explore


@pytest.fixture
def page(opened: Explore, application: Application, qtbot: QtBot, settled: Settled) -> InsightView:
    """The page, opened by its key."""
    qtbot.keyClick(application.window, Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    settled()
    assert opened.page == "insight"
    return opened.insight


def listed(page: InsightView) -> list[str]:
    return [Path(one.picture.path).name for one in page.labels.model.rows]


def button(within: QWidget, words: str) -> QPushButton:
    found = [
        one
        for one in within.findChildren(QPushButton)
        if one.text().startswith(words) and one.isVisible()
    ]
    assert len(found) == 1, [one.text() for one in within.findChildren(QPushButton)]
    return found[0]


def click(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def label_of(explore: Explore, name: str) -> str | None:
    every = images.describe(
        explore.document.project, images.list_ids(explore.document.project).tolist()
    )
    return next(one.label for one in every if one.name == name)


def put_split(explore: Explore, table: Path) -> None:
    """Labels as the folders have them, and a split that parts the copies."""
    project = explore.document.project
    every = images.describe(project, images.list_ids(project).tolist())
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "split"))
        for number, one in enumerate(every):
            part = "val" if one.name == "copy.png" or number % 4 == 1 else "train"
            part = "train" if one.name == "red-0.png" else part
            writer.writerow((one.path, one.folder_class, part))
    explore.document.edit("Importing", lambda project: labels.apply_labels(project, table).changes)


# -- labels


def test_a_doubted_class_is_corrected_and_taken_back_by_keys(
    page: InsightView, opened: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    assert sorted(listed(page)) == ["odd.png", "odder.png"]
    assert page.labels.line.text().startswith("2 images disagree with what is like them, of 27")
    assert page.labels.list.hasFocus()
    doubt = page.labels.model.rows[0]
    assert (doubt.class_name, doubt.suggested) == ("blue", "red")
    assert doubt.support and all("/red/" in one.path or "odd" in one.path for one in doubt.support)
    name = Path(doubt.picture.path).name
    qtbot.keyClick(page.labels.list, Key.Key_G)
    settled()
    assert len(listed(page)) == 1 and name not in listed(page)
    assert page.labels.line.text().startswith("1 image disagrees")
    assert len(page.labels.list.chosen_rows()) == 1  # the next one took its place
    assert label_of(opened, name) == "red"
    assert "Its file stays where it is" in application.window.banner.message
    qtbot.keyClick(application.window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled()
    assert sorted(listed(page)) == ["odd.png", "odder.png"]
    assert label_of(opened, name) is None


def test_a_class_that_is_right_is_remembered(
    page: InsightView, opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    qtbot.keyClick(page.labels.list, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert page.labels._chosen_note.text() == "2 selected"
    qtbot.keyClick(page.labels.list, Key.Key_Y)
    settled()
    assert not page.labels.stack.is_body_shown
    assert page.labels.stack.words.startswith("No label looks wrong")
    assert "You said of 2 images that the class is right." in page.labels.stack.words
    project = opened.document.project
    odd = next(
        one
        for one in images.describe(project, images.list_ids(project).tolist())
        if one.name == "odd.png"
    )
    assert labels.fields_of(project, odd.id) == [(classes.CHECKED, "blue")]
    assert odd.label is None


def test_pictures_are_opened_by_mouse_and_keys_and_left_to_the_page(
    page: InsightView, opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    tab, first = page.labels, page.labels.model.rows[0]
    room = tab.list.viewport()
    x = round(doubt_rows.support_x(room.width())) + 10
    place = QPoint(x, doubt_rows.ROW_PX // 2)
    qtbot.mouseClick(room, Qt.MouseButton.LeftButton, pos=place)
    settled()
    assert opened.page == "full"
    assert opened.document.selection.current == first.support[0].image_id
    qtbot.keyClick(opened.full, Key.Key_Escape)
    settled()
    assert opened.page == "insight" and tab.list.hasFocus()
    qtbot.keyClick(tab.list, Key.Key_Return)
    settled()
    assert opened.page == "full"
    assert opened.document.selection.current == first.picture.image_id
    qtbot.keyClick(opened.full, Key.Key_Escape)
    settled()
    # A click beside the pictures only chooses the row.
    middle = QPoint(room.width() // 3, doubt_rows.ROW_PX + 20)
    qtbot.mouseClick(room, Qt.MouseButton.LeftButton, pos=middle)
    settled()
    assert opened.page == "insight" and tab.list.chosen_rows() == [1]


def test_what_is_listed_and_what_is_odd_are_shown_in_explore(
    page: InsightView, opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    ids = {one.picture.image_id for one in page.labels.model.rows}
    click(qtbot, page.labels.all)
    settled()
    assert opened.page == "browser"
    assert set(opened.document.selection.ids.tolist()) == ids
    opened.show_insight()
    click(qtbot, page.oddest)
    settled()
    assert opened.page == "browser" and opened.browse.query is not None


def test_keys_of_the_page_do_nothing_elsewhere(
    opened: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    actions = application.actions.actions
    assert not actions["give-class"].isEnabled() and actions["show-insight"].isEnabled()
    actions["show-insight"].trigger()
    settled()
    assert actions["give-class"].isEnabled()
    opened.insight.show_tab("embedding")
    settled()
    assert not actions["give-class"].isEnabled()
    qtbot.keyClick(opened.insight, Key.Key_Escape)
    settled()
    assert opened.page == "browser" and not actions["keep-class"].isEnabled()


def test_what_is_found_is_kept_until_the_catalogue_changes(
    page: InsightView, opened: Explore, settled: Settled
) -> None:
    begun: list[str] = []
    opened.document.runner.started.connect(
        lambda task: begun.append(task.title) if task.lane == "compute" else None
    )
    for tab in ("embedding", "classes", "labels", "embedding"):
        page.show_tab(tab)
        settled()
    assert begun == [
        "Looking at the embedding"
    ]  # labels were looked at before; both share one look
    page.show_tab("labels")
    settled()
    opened.document.changed.emit(Changes.IMAGES)
    settled()
    assert begun == ["Looking at the embedding"]  # not at every batch of an import
    opened.document.changed.emit(Changes.NEIGHBOURS)
    settled()
    assert begun == ["Looking at the embedding", "Looking at labels"]


def test_without_neighbours_it_is_said_what_to_do(
    application: Application, shelf: Path, tmp_path: Path, qtbot: QtBot, settled: Settled
) -> None:
    path = tmp_path / "bare.lookalike"
    with projects.create(path) as project:
        sources.import_folders(project, [shelf], embed=False)
    application.shell.open_path(path)
    settled()
    explore = application.shell.explore
    assert explore is not None
    explore.show_insight()
    settled()
    assert not explore.insight.labels.stack.is_body_shown
    assert explore.insight.labels.stack.words.startswith("There is nothing to look at yet")
    assert button(explore.insight.labels, "Encoders…").hasFocus()
    assert "Look" not in application.window.banner.message
    qtbot.keyClick(button(explore.insight.labels, "Encoders…"), Key.Key_Space)
    settled()
    assert explore.page == "encoders"


def test_what_may_not_be_changed_is_looked_at_all_the_same(
    page: InsightView, opened: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    page.show_writable(False)
    opened.hinting.changed.emit()
    assert listed(page) and not page.labels.give.isEnabled() and not page.labels.keep.isEnabled()
    assert not application.actions.actions["give-class"].isEnabled()
    qtbot.keyClick(page.labels.list, Key.Key_G)
    settled()
    assert len(listed(page)) == 2


def test_a_look_that_runs_can_be_stopped_and_begun_again(
    live_application: Application, shelf_catalogue: Path, qtbot: QtBot
) -> None:
    application = live_application
    application.shell.open_path(shelf_catalogue)
    qtbot.waitUntil(lambda: application.shell.explore is not None, timeout=20_000)
    explore = application.shell.explore
    assert explore is not None
    qtbot.waitUntil(lambda: not application.runner.tasks, timeout=20_000)
    gate = threading.Event()

    def hold(project: Project) -> None:
        gate.wait(20)

    explore.document.compute("Held up", hold)
    explore.show_insight()
    tab = explore.insight.labels
    qtbot.waitUntil(lambda: "after the jobs" in tab.stack.words, timeout=20_000)
    click(qtbot, button(tab, "Stop"))
    assert tab.stack.words.startswith("Stopped")
    gate.set()
    qtbot.waitUntil(lambda: not application.runner.tasks, timeout=20_000)
    assert not tab.model.rows
    click(qtbot, button(tab, "Look again"))
    qtbot.waitUntil(lambda: len(tab.model.rows) == 2, timeout=20_000)
    qtbot.waitUntil(lambda: not application.runner.tasks, timeout=20_000)


# -- splits


def test_a_split_without_leaks_is_saved_under_a_name_and_taken_back(
    page: InsightView,
    opened: Explore,
    application: Application,
    tmp_path: Path,
    qtbot: QtBot,
    settled: Settled,
) -> None:
    qtbot.keyClick(page.tabs.button("labels"), Key.Key_Right)
    settled()
    assert page.tab == "splits" and page.splits.stack.words.startswith("There is no split yet")
    put_split(opened, tmp_path / "labels.csv")
    settled()
    tab = page.splits
    assert tab.stack.is_body_shown and tab.model.rows, tab.stack.words
    parts = {str(row[0][1]): (row[1][0], row[2][0]) for row in tab.parts.rows}
    assert sum(before for before, _ in parts.values()) == 27  # type: ignore[misc]
    assert sum(after for _, after in parts.values()) == 27  # type: ignore[misc]
    assert all(len({one.part for one in leak.members}) > 1 for leak in tab.model.rows)
    (leak,) = [one for one in tab.model.rows if one.words == "The same file"]
    assert {Path(one.picture.path).name for one in leak.members} >= {"copy.png", "red-0.png"}
    told = tab.model.data(tab.model.index(tab.model.rows.index(leak), 0))
    assert "copy.png in val" in told and "red-0.png in train" in told
    click(qtbot, tab.moved)
    settled()
    assert opened.page == "browser" and 0 < len(opened.document.selection) < 27
    assert tab.plan_line.text().startswith(f"Moving {len(opened.document.selection)} image")
    opened.show_insight()
    settled()
    tab.name.setFocus()
    tab.name.selectAll()
    qtbot.keyClicks(tab.name, "clean")
    assert "“labels” stays as it is" in tab._name_note.text()
    qtbot.keyClick(tab.name, Key.Key_Return)
    settled()
    assert tab.stack.words.startswith("Nothing leaks from the split “clean”")
    assert "Saved as the split “clean”" in application.window.banner.message
    click(qtbot, button(tab, "Look at “labels”"))
    settled()
    assert tab.stack.is_body_shown and tab.split.count() == 2
    qtbot.keyClick(application.window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled()
    assert tab.stack.is_body_shown and tab.split.count() == 1


# -- classes and embedding


def test_mistakes_of_the_class_on_the_row_are_shown_and_opened(
    page: InsightView, opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    page.show_tab("classes")
    settled()
    tab = page.classes
    tab.table.setFocus()
    worst = tab.chosen
    assert worst is not None and worst.name == "blue"  # two of its fourteen are red
    assert tab.model.data(tab.model.index(0, 2)) == "86 %"
    assert [one.accessibleName() for one in tab.mistakes] == ["Taken for red"]
    assert len(tab.mistakes[0].shown) == 4
    qtbot.keyClick(tab.mistakes[0], Key.Key_Right)
    qtbot.keyClick(tab.mistakes[0], Key.Key_Return)
    settled()
    assert opened.page == "full"
    assert opened.document.selection.current == worst.mistakes[0].examples[0][1].image_id
    qtbot.keyClick(opened.full, Key.Key_Escape)
    settled()
    qtbot.keyClick(tab.table, Key.Key_Down)
    settled()
    assert tab.chosen is not None and tab.chosen.name == "red"
    head = tab.table.horizontalHeader()
    place = QPoint(head.sectionViewportPosition(0) + 20, head.height() // 2)
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settled()
    first = tab.model.data(tab.model.index(0, 0))
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settled()
    assert {first, tab.model.data(tab.model.index(0, 0))} == {"blue", "red"}


def test_an_embedding_is_told_in_sentences_and_drawings(
    page: InsightView, opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    page.show_tab("embedding")
    settled()
    tab = page.embedding
    assert all(one.text().endswith(".") for one in tab.sentences.values())
    assert sum(count for _, count, _ in tab.occurrences.bars) == 26
    assert tab.directions.rows[0] == ("Stored numbers", 2048.0, "2,048")
    assert not tab.spectrum.is_empty
    hub = tab.hubs.shown[0]
    qtbot.mouseClick(tab.hubs, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    settled()
    assert opened.page == "full" and opened.document.selection.current == hub.image_id


def test_another_encoder_or_source_is_looked_at_anew(
    page: InsightView, opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    begun: list[str] = []
    opened.document.runner.started.connect(
        lambda task: begun.append(task.title) if task.lane == "compute" else None
    )
    page.source.setFocus()
    qtbot.keyClick(page.source, Key.Key_Down)
    settled()
    assert begun == ["Looking at labels"]
    assert "import labels" in page.labels.stack.words  # no image has one
    qtbot.keyClick(page.source, Key.Key_Up)
    settled()
    assert len(listed(page)) == 2
    opened.document.switch_to("builtin")
    settled()
    assert begun == ["Looking at labels"] * 3
