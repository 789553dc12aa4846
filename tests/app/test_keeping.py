"""Nothing is lost: unreadable files, sources that move, images that are missing or taken out, care."""

import collections
import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.models import faults
from app.models.faults import FILE, KIND, SIZE, UnreadableModel, needed_px
from app.scenes import huge_png
from app.window_app import Application
from core.catalogue import removals
from core.catalogue.records import Unreadable
from core.changes import Changes
from core.operations import projects, sources, unreadable

Settled = Callable[[], None]
Key = Qt.Key
Disk = collections.namedtuple("Disk", ("total", "used", "free"))


@pytest.fixture
def shelf(tmp_path: Path, photos: Path) -> Path:
    """A folder of pictures, one of them empty, one cut off and one too large."""
    folder = tmp_path / "shelf"
    shutil.copytree(photos / "squares", folder)
    whole = (folder / "square-1.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "wall.png").write_bytes(huge_png(30_000, 20_000))
    return folder


@pytest.fixture
def opened(application: Application, shelf: Path, settled: Settled) -> Explore:
    """The folder open in the window, and imported."""
    application.shell.open_path(shelf)
    settled()
    application.window.activateWindow()
    explore = application.shell.explore
    assert explore is not None, application.window.banner.message
    return explore


def listed(explore: Explore, column: int = FILE) -> list[str]:
    model = explore.unreadable.model
    return [str(model.data(model.index(row, column))) for row in range(model.rowCount())]


def names(explore: Explore) -> list[str]:
    explore.grid.grab()
    QApplication.processEvents()
    found = [explore.rows.get(int(one)) for one in explore.browse.listing.ids]
    return [one.name for one in found if one is not None]


# -- unreadable files


def test_unreadable_files_are_sorted_filtered_and_tried_again(
    application: Application, opened: Explore, shelf: Path, qtbot: QtBot, settled: Settled
) -> None:
    assert "3 files could not be read" in application.window.banner.message
    application.actions.actions["show-unreadable"].trigger()
    settled()
    view = opened.unreadable
    assert opened.page == "unreadable"
    assert view.table.hasFocus()
    assert listed(opened) == ["cut.png", "empty.png", "wall.png"]
    view.table.sortByColumn(FILE, Qt.SortOrder.DescendingOrder)
    assert listed(opened) == ["wall.png", "empty.png", "cut.png"]
    assert listed(opened, KIND) == ["Too large", "Empty", "Cut off"]
    qtbot.mouseClick(view._kind_buttons["cut off"], Qt.MouseButton.LeftButton)
    assert listed(opened) == ["cut.png"]
    shutil.copy(shelf / "square-2.png", shelf / "cut.png")
    qtbot.mouseClick(view._one, Qt.MouseButton.LeftButton)
    settled()
    assert application.window.banner.message == "1 file can be read now."
    assert sorted(listed(opened)) == ["empty.png", "wall.png"]  # that kind is gone: all are shown
    assert "cut.png" in names(opened)
    qtbot.mouseClick(view._all, Qt.MouseButton.LeftButton)
    settled()
    assert application.window.banner.message == "2 files still cannot be read."
    qtbot.keyClick(view.table, Key.Key_Escape)
    assert opened.page == "browser"


def test_the_list_is_exported_and_the_file_can_be_shown(
    application: Application,
    opened: Explore,
    tmp_path: Path,
    settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = tmp_path / "faults.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    opened.show_unreadable()
    settled()
    opened.unreadable.export_wanted.emit()
    settled()
    with target.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["kind"] for row in rows} == {"cut off", "empty", "limit"}
    assert application.window.banner.message == "3 files listed in faults.csv."


def test_the_limit_is_raised_in_place_and_what_it_refused_is_read(
    application: Application, opened: Explore, shelf: Path, qtbot: QtBot, settled: Settled
) -> None:
    unreadable.set_limit_px(opened.document.project, unreadable.LOWEST_PX)
    Image.new("RGB", (1500, 1000), "navy").save(shelf / "poster.png")
    application.commands.read_again()
    opened.show_unreadable()
    settled()
    strip = opened.unreadable.limit
    assert strip.isVisibleTo(opened.unreadable)
    assert "2 pictures are larger than the limit of 1 megapixels" in strip._words.text()
    strip.ask()
    assert strip.field.hasFocus()
    assert strip.field.value() == 650  # what the largest needs, rounded up
    assert "5.2 GB of memory" in strip._cost.text()
    qtbot.keyClick(strip.field, Key.Key_Escape)
    assert not strip.is_asking
    strip.ask()
    strip.field.setValue(50)
    qtbot.keyClick(strip.field, Key.Key_Return)
    settled()
    assert unreadable.get_limit_px(opened.document.project) == 50_000_000
    assert "poster.png" in names(opened)
    assert "1 file can be read now" in application.window.banner.message
    assert listed(opened, KIND).count("Too large") == 1


def test_what_a_refused_picture_needs_is_read_from_the_reason() -> None:
    assert needed_px("690 megapixels (23,000 × 30,000), over the limit of 250") == 691_000_000
    assert needed_px("it unpacks to 4.0 GB, over the limit of 1.9 GB") == 537_870_912
    assert needed_px("the file is empty") == 0


def test_a_hundred_thousand_unreadable_files_are_a_table_of_arrays(qtbot: QtBot) -> None:
    kinds = ("damaged", "cut off", "limit", "empty")
    files = [
        Unreadable(f"/photos/{n % 97}/{n}.jpg", "damaged", kinds[n % 4], 1, n * 7 % 1000, n)
        for n in range(100_000)
    ]
    table = faults.table_of(files, 250_000_000)
    assert table.counts() == dict.fromkeys(sorted(kinds), 25_000)
    parent = QApplication.instance()
    assert parent is not None
    model = UnreadableModel(parent)
    model.set_table(table)
    model.sort(SIZE, Qt.SortOrder.DescendingOrder)
    model.set_kind("limit")
    assert model.rowCount() == 25_000
    sizes = [model.file(row).size_bytes for row in range(0, 25_000, 500)]
    assert sizes == sorted(sizes, reverse=True)
    assert model.data(model.index(0, KIND)) == "Too large"
    model.deleteLater()


def test_with_nothing_unreadable_the_page_says_so(
    application: Application, explore: Explore, photos: Path, settled: Settled
) -> None:
    (photos / "discs" / "broken.jpg").unlink()
    application.commands.read_again()
    explore.show_unreadable()
    settled()
    assert explore.unreadable._stack.currentWidget() is explore.unreadable.empty
    assert not application.window.status._unreadable.isVisibleTo(application.window)


# -- sources


def test_a_source_that_moved_is_bound_to_its_new_place_by_keyboard(
    application: Application,
    opened: Explore,
    shelf: Path,
    qtbot: QtBot,
    settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tagged = int(opened.browse.listing.ids[0])
    opened.document.selection.set([tagged])
    opened.inspecting.add_tag("to keep")
    catalogue = opened.document.project.path
    application.commands.close_catalogue()
    settled()
    moved = shelf.with_name("archive")
    shelf.rename(moved)
    (moved / "square-3.png").unlink()
    (moved / "square-2.png").write_bytes(b"")
    application.shell.open_path(catalogue)
    settled()
    explore = application.shell.explore
    assert explore is not None
    banner = application.window.banner
    assert banner.message == (f"The folder {shelf} is not there, so its 5 images cannot be opened.")
    buttons = [banner._actions.itemAt(n).widget() for n in range(banner._actions.count())]
    assert [one.text() for one in buttons] == ["It has moved…", "Leave"]
    banner.hide()
    application.commands.read_again()  # says it again
    settled()
    assert banner.message == (f"The folder {shelf} is not there, so its 5 images cannot be opened.")
    buttons = [one for name, one in banner._choices.items() if name == "It has moved…"]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(moved))
    qtbot.keyClick(buttons[0], Key.Key_Space)
    settled()
    assert explore.page == "sources"
    (card,) = explore.sources.cards.values()
    words = [one.text() for one in card._question.findChildren(type(card._name))]
    assert "3 of 5 files lie there as they were, 1 has changed, 1 is missing." in words
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.property("text") == "Re-bind"
    qtbot.keyClick(focused, Key.Key_Space)
    settled()
    assert not card.is_asking
    assert card.source is not None
    assert card.source.path == str(moved)
    assert card.source.is_present
    explore.browse.set_value("tag", "to keep", True)
    assert explore.browse.listing.ids.tolist() == [tagged]


def test_leaving_a_question_changes_nothing_and_removing_forgets_the_source(
    application: Application, opened: Explore, shelf: Path, qtbot: QtBot, settled: Settled
) -> None:
    application.actions.actions["show-sources"].trigger()
    settled()
    (card,) = opened.sources.cards.values()
    card.ask_removal()
    assert "cannot be undone" in card._question.findChildren(type(card._name))[0].text()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.property("text") == "Cancel"  # the safe answer has the keyboard
    qtbot.keyClick(focused, Key.Key_Escape)
    assert not card.is_asking
    assert len(opened.browse.listing) == 5
    card.ask_removal()
    next(
        one for one in card._question.findChildren(type(card._look)) if "Remove" in one.text()
    ).click()
    settled()
    assert len(opened.browse.listing) == 0
    assert "Its files stay at" in application.window.banner.message
    assert len(list(shelf.iterdir())) == 8
    assert opened.sources._stack.currentWidget() is opened.sources.empty


def test_one_source_is_looked_through_alone(
    application: Application,
    opened: Explore,
    shelf: Path,
    tmp_path: Path,
    make_picture: Callable,
    settled: Settled,
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_picture(50).save(other / "first.png")
    application.shell.take_paths([other])
    settled()
    make_picture(51).save(other / "second.png")
    make_picture(52).save(shelf / "third.png")
    opened.show_sources()
    settled()
    card = next(
        one for one in opened.sources.cards.values() if one.source and one.source.name == "other"
    )
    card._look.click()
    settled()
    assert card._counts.text() == "2 images"
    assert "third.png" not in names(opened)


# -- missing and taken out


def test_missing_images_are_shown_as_missing_and_come_back(
    application: Application, opened: Explore, shelf: Path, qtbot: QtBot, settled: Settled
) -> None:
    kept = (shelf / "square-0.png").read_bytes()
    (shelf / "square-0.png").unlink()
    application.commands.read_again()
    settled()
    status = application.window.status
    assert "1 file is gone since the last time" in application.window.banner.message
    assert status._missing.text() == "1 missing"
    status._missing.click()
    settled()
    assert names(opened) == ["square-0.png"]
    assert opened.search.chip_texts == ["Missing images"]
    opened.document.selection.set(opened.browse.listing.ids)
    qtbot.waitUntil(lambda: opened.inspecting.is_settled)
    settled()
    missing = opened.inspector._facts["Missing"]
    assert missing.full_text().startswith("since ") and missing.isVisibleTo(opened.inspector)
    assert "removed" not in missing.full_text()
    (image_id,) = opened.browse.listing.ids.tolist()
    with opened.document.project.write() as session:
        number = removals.begin(session, "a removal", "trash", {}, 0.0)
        gone = removals.Record(image_id, b"/0.png", bytes(32), 1, 1, None, b"/kept.png", "gone")
        removals.add(session, number, [gone])
    opened.document.changed.emit(Changes.IMAGES)
    qtbot.waitUntil(lambda: opened.inspecting.is_settled)
    settled()
    assert missing.full_text().endswith(". It was removed as a duplicate of /kept.png.")
    opened.open_current()
    assert "the file is missing" in opened.full._caption
    opened.show_browser()
    (shelf / "square-0.png").write_bytes(kept)
    application.commands.read_again()
    settled()
    assert not status._missing.isVisibleTo(application.window)
    assert opened.browse.listing.ids.tolist() == []


def test_delete_takes_images_out_and_undo_or_insert_brings_them_back(
    application: Application, opened: Explore, shelf: Path, qtbot: QtBot, settled: Settled
) -> None:
    banner, grid = application.window.banner, opened.grid
    ids = opened.browse.listing.ids.tolist()
    files = sorted(shelf.iterdir())
    grid.setFocus()
    qtbot.keyClick(grid, Key.Key_Home)
    qtbot.keyClick(grid, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(grid, Key.Key_Delete)
    settled()
    assert opened.browse.listing.ids.tolist() == ids[2:]
    assert opened.document.selection.current == ids[2]  # what took their place
    assert banner.message == (
        "2 images were taken out of the catalogue. Their files stay where they are."
    )
    assert sorted(shelf.iterdir()) == files
    banner._actions.itemAt(0).widget().click()
    settled()
    assert opened.browse.listing.ids.tolist() == ids
    opened.document.selection.set(ids[:1])
    qtbot.keyClick(grid, Key.Key_Delete)
    settled()
    assert application.window.banner._choices
    application.actions.actions["undo"].trigger()
    settled()
    assert opened.browse.listing.ids.tolist() == ids
    assert not banner.message  # its Undo would take back something else now
    opened.document.selection.set(ids[:1])
    qtbot.keyClick(grid, Key.Key_Delete)
    settled()
    application.commands.read_again()  # which leaves out what was taken out
    settled()
    assert opened.browse.listing.ids.tolist() == ids[1:]
    opened.browse.set_value("state", "removed", True)
    assert opened.browse.listing.ids.tolist() == ids[:1]
    assert opened.search.chip_texts == ["Images taken out"]
    grid.setFocus()
    qtbot.keyClick(grid, Key.Key_Home)
    assert not application.actions.actions["take-out"].isEnabled()
    qtbot.keyClick(grid, Key.Key_Insert)
    settled()
    opened.browse.clear()
    assert opened.browse.listing.ids.tolist() == ids


# -- marks


def test_d_s_and_x_mark_the_selection_and_the_inspector_says_so(
    application: Application, opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    grid, facts = opened.grid, opened.inspector._facts
    ids = opened.browse.listing.ids

    def marks() -> str:
        qtbot.waitUntil(lambda: opened.inspecting.is_settled)
        settled()
        return facts["Marks"].full_text()

    grid.setFocus()
    opened.document.selection.set(ids[1:3])
    assert marks() == "Not marked yet: D, S or X"
    for key, words in (
        (Key.Key_S, "Similar"),
        (Key.Key_X, "Different"),
        (Key.Key_D, "Duplicates"),
    ):
        qtbot.keyClick(grid, key)
        assert marks() == words
    assert application.window.status._flashed.text() == "2 images marked as duplicates."
    application.actions.actions["undo"].trigger()
    assert marks() == "Different"
    opened.document.selection.set(ids[1:4])
    qtbot.keyClick(grid, Key.Key_S)
    settled()
    assert application.window.status._flashed.text() == "3 images marked as similar."
    qtbot.keyClick(grid, Key.Key_D)
    assert marks() == "All in one group of 3"
    opened.document.selection.set(ids[1:2])
    assert marks() == "Duplicate of 2, in a group of 3"
    opened.document.selection.set(ids[1:4])
    qtbot.keyClick(grid, Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    assert marks() == ""


# -- the import says what goes on


def test_a_full_disk_stops_with_a_sentence_and_goes_on_when_there_is_room(
    application: Application,
    opened: Explore,
    shelf: Path,
    make_picture: Callable,
    settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_picture(70).save(shelf / "late.png")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda path: Disk(10**9, 10**9, 1000))
        application.commands.read_again()
        settled()
    banner = application.window.banner
    assert "Free some space" in banner.message
    assert banner.tone == "danger"
    assert "late.png" not in names(opened)
    button = banner._actions.itemAt(0).widget()
    assert button.text() == "Go on"
    button.click()
    settled()
    assert "late.png" in names(opened)
    assert banner.tone != "danger"


def test_words_in_the_search_field_filter_and_escape_clears_them(
    opened: Explore, qtbot: QtBot
) -> None:
    field = opened.search.field
    field.setFocus()
    qtbot.keyClicks(field, "square-1")
    qtbot.waitUntil(lambda: len(opened.browse.listing) == 1, timeout=2000)
    assert opened.search.chip_texts == ["“square-1”"]
    qtbot.keyClick(field, Key.Key_Escape)
    qtbot.waitUntil(lambda: len(opened.browse.listing) == 5, timeout=2000)
    assert opened.search.chip_texts == []


def test_namesakes_on_the_start_page_say_where_they_lie(
    application: Application, tmp_path: Path, make_picture: Callable, settled: Settled
) -> None:
    for place in ("a", "b"):
        folder = tmp_path / place / "Holidays"
        folder.mkdir(parents=True)
        make_picture(ord(place)).save(folder / "one.png")
        application.shell.open_path(folder)
        settled()
    application.commands.close_catalogue()
    settled()
    start = application.window.start
    shown = [start._recents.itemAt(n).widget() for n in range(start._recents.count())]
    spoken = [one.accessibleName() for one in shown if one is not None]
    assert spoken == [f"Open Holidays in {tmp_path}/{place}/Holidays" for place in ("b", "a")]


# -- watching


def test_new_files_in_a_watched_folder_appear_by_themselves(
    live_application: Application, photos: Path, make_picture: Callable, qtbot: QtBot
) -> None:
    application = live_application
    application.shell.open_path(photos / "discs")
    qtbot.waitUntil(
        lambda: application.shell.explore is not None and not application.runner.tasks,
        timeout=60_000,
    )
    explore = application.shell.explore
    assert explore is not None
    explore.watching._quiet_s = 0.2
    (source,) = sources.list_sources(explore.document.project)
    explore.sourcing.set_watched(source, True)
    eye = application.window.status._watched
    qtbot.waitUntil(lambda: eye.isVisibleTo(application.window), timeout=20_000)
    assert source.path in eye.toolTip()
    qtbot.wait(300)  # the system begins to tell of changes
    make_picture(80).save(photos / "discs" / "new.png")
    qtbot.waitUntil(lambda: len(explore.browse.listing) == 5, timeout=30_000)
    qtbot.waitUntil(lambda: not application.runner.tasks, timeout=30_000)
    explore.sourcing.set_watched(source, False)
    qtbot.waitUntil(lambda: not eye.isVisibleTo(application.window), timeout=20_000)


# -- care


def test_care_shows_the_space_checks_and_says_what_it_found(
    application: Application, opened: Explore, settled: Settled
) -> None:
    application.actions.actions["show-care"].trigger()
    settled()
    care = opened.care
    assert opened.page == "care"
    assert {name for name, _ in care.space.parts} >= {"Images, tags and marks", "Thumbnails"}
    care.grab()
    care.check.click()
    settled()
    assert care._result.text() == "No faults found. The catalogue is sound."
    care.compact.click()
    settled()
    assert care._result.text().startswith("Compact already.") or "given back" in care._result.text()
    care.repair.click()
    settled()
    assert care._result.text().startswith("Nothing needed repair.")
    assert len(opened.browse.listing) == 5
    assert np.array_equal(np.sort(opened.map.ids), np.sort(opened.browse.listing.ids))


def test_another_catalogue_is_merged_after_saying_what_would_come(
    application: Application,
    opened: Explore,
    tmp_path: Path,
    photos: Path,
    fake_encoder: type,
    qtbot: QtBot,
    settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = tmp_path / "other.lookalike"
    with projects.create(other) as project:
        project.keep("encoder:builtin", fake_encoder)
        sources.import_folders(project, [photos / "discs"])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(other))
    application.actions.actions["merge"].trigger()
    settled()
    care = opened.care
    assert opened.page == "care"
    assert "holds 4 images of 1 folder" in care._merge_words.text()
    assert str(photos / "discs") in care._merge_words.text()
    qtbot.keyClick(care.agree, Key.Key_Escape)
    assert not care.agree.isVisibleTo(care)
    care.merge.click()
    settled()
    assert care.agree.hasFocus()
    qtbot.keyClick(care.agree, Key.Key_Space)
    settled()
    assert care._merge_words.text().startswith("Merged: 1 folder, 4 images")
    assert len(opened.browse.listing) == 9
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(photos))
    care.merge.click()
    settled()
    assert "not a Lookalike catalogue" in application.window.banner.message
    own = opened.document.project.path
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(own))
    care.merge.click()
    settled()
    assert "the catalogue that is open" in application.window.banner.message
    assert not care.agree.isVisibleTo(care)


def test_a_page_that_is_asked_for_while_it_is_read_is_shown(
    live_application: Application, photos: Path, qtbot: QtBot
) -> None:
    application = live_application
    application.shell.open_path(photos)
    qtbot.waitUntil(
        lambda: application.shell.explore is not None and not application.runner.tasks,
        timeout=60_000,
    )
    explore = application.shell.explore
    assert explore is not None
    explore.sourcing.read()
    explore.show_sources()
    qtbot.waitUntil(lambda: explore.page == "sources", timeout=5_000)
    explore.faults.read()
    explore.show_unreadable()
    qtbot.waitUntil(lambda: explore.page == "unreadable", timeout=5_000)
