"""The dialog of labels from outside: seen before applied, roles chosen by hand, undone at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.places import LABEL_EXTENSIONS
from app.presenters.labels import LabelsPresenter
from app.window_app import Application
from core.operations import labels

Settled = Callable[[], None]
SHELF = (
    "image,species,remark\ndiscs/disc-0.png,round,a\ndiscs/disc-1.png,round,b\n"
    "squares/square-0.png,edged,\nnowhere.png,edged,c\n"
)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    path = tmp_path / "shelf.csv"
    path.write_text(SHELF)
    return path


@pytest.fixture
def presenter(
    application: Application, explore: Explore, shelf: Path, settled: Settled
) -> LabelsPresenter:
    """The dialog, on the shelf's labels."""
    shown = application.popups.show_labels(shelf)
    assert shown is not None
    settled()
    return shown


def classes(explore: Explore) -> set[str]:
    return {facet.name for facet in explore.browse.facets.classes}


def test_a_preview_then_applied_then_undone_from_the_banner(
    presenter: LabelsPresenter, application: Application, explore: Explore, settled: Settled,
    qtbot: QtBot,
) -> None:  # fmt: skip
    dialog, banner = presenter.dialog, application.window.banner
    assert dialog.model.rowCount() == 4
    assert [dialog.header.choices[n].currentText() for n in range(3)] == ["Image", "Class", "Field"]
    assert dialog.model.index(3, 0).data() == "No image"
    assert dialog.model.index(0, 0).data(Qt.ItemDataRole.DecorationRole) is not None
    assert dialog.left_model.rows == [(5, "nowhere.png", "The catalogue has no such image")]
    assert "round" not in classes(explore)
    assert dialog._apply.text() == "Apply to 3 images"
    qtbot.mouseClick(dialog._apply, Qt.MouseButton.LeftButton)
    settled()
    assert banner.message == "3 images got labels from shelf.csv. 1 row was left out."
    assert {"round", "edged"} <= classes(explore)
    undo = application.actions.actions["undo"]
    assert undo.text() == "Undo: Import labels of 3 images from shelf.csv"
    undo.trigger()
    settled()
    assert "round" not in classes(explore)


def test_roles_are_chosen_by_hand(presenter: LabelsPresenter, settled: Settled) -> None:
    dialog = presenter.dialog
    dialog.header.chosen.emit(2, "tags")
    settled()
    assert ("a", "Tag", 1) in dialog.word_model.rows
    dialog.header.chosen.emit(2, "label")
    settled()
    assert [choice.currentText() for choice in dialog.header.choices] == ["Image", "Field", "Class"]
    assert ("b", "Class", 1) in dialog.word_model.rows
    dialog.header.chosen.emit(0, "ignore")
    settled()
    assert "No column names images" in dialog._notes.text()
    assert not dialog._apply.isEnabled()
    dialog.header.chosen.emit(0, "path")
    dialog.header.chosen.emit(1, "split")
    settled()
    assert "has the split 'round'" in dialog._notes.text()
    assert not dialog._apply.isEnabled()


def test_everything_is_reached_by_keyboard_and_named(
    presenter: LabelsPresenter, qtbot: QtBot
) -> None:
    dialog = presenter.dialog
    dialog.activateWindow()
    seen = []
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    for wanted in (*dialog.header.choices, dialog.table, dialog._apply, dialog._tabs.button(0)):
        assert wanted in seen
    dialog._tabs.button(0).setFocus()
    qtbot.keyClick(dialog._tabs.button(0), Qt.Key.Key_Right)
    assert dialog._stack.currentIndex() == 1
    assert dialog.header.choices[1].accessibleName() == "What the column species is for"
    assert dialog.table.accessibleName() and dialog.left_table.accessibleName()


def test_rows_left_out_are_saved(
    presenter: LabelsPresenter, application: Application, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, settled: Settled,
) -> None:  # fmt: skip
    target = tmp_path / "left.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    presenter.dialog.show_tab(1)
    assert not presenter.dialog._save.isHidden()
    presenter.dialog.save_wanted.emit()
    settled()
    assert target.read_text().splitlines()[1].startswith("5,nowhere.png")
    assert application.window.banner.message == "1 row written to left.csv."


def test_a_dropped_table_opens_the_dialog(
    application: Application, explore: Explore, shelf: Path, settled: Settled
) -> None:
    application.shell.take_paths([shelf])
    settled()
    presenter = application.popups._labels
    assert presenter is not None and presenter.dialog.model.rowCount() == 4
    other = shelf.with_name("other.csv")
    other.write_text("path,label\ndiscs/disc-2.png,x\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(other))])
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
    presenter.dialog.dropEvent(drop)
    settled()
    assert presenter.dialog.model.rowCount() == 1
    application.commands.close_catalogue()
    settled()
    assert application.popups._labels is None


def test_what_cannot_be_read_is_said_in_the_dialog(
    application: Application, explore: Explore, tmp_path: Path, settled: Settled
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{no")
    application.actions.actions["import-labels"].trigger()
    presenter = application.popups._labels
    assert presenter is not None
    assert "Which file" in presenter.dialog.state._title.text()
    presenter.show_file(broken)
    settled()
    assert "is not JSON" in presenter.dialog.state._text.text()
    assert presenter.dialog._apply.isHidden()
    presenter.dialog.reject()
    settled()
    assert application.popups._labels is None


def test_the_window_knows_the_kinds_that_can_be_read() -> None:
    assert LABEL_EXTENSIONS == labels.EXTENSIONS


def test_the_inspector_shows_class_and_fields(
    presenter: LabelsPresenter, explore: Explore, settled: Settled, qtbot: QtBot
) -> None:
    facts = explore.inspector._facts
    chosen = presenter._preview
    assert chosen is not None
    explore.document.selection.set([int(chosen.plan.ids[0])])
    qtbot.waitUntil(lambda: facts["Class"].full_text() == "discs")
    assert facts["Fields"].isHidden()
    presenter.apply()
    qtbot.waitUntil(lambda: facts["Class"].full_text() == "round")
    qtbot.waitUntil(lambda: facts["Fields"].full_text() == "remark a")
    assert not facts["Fields"].isHidden()
