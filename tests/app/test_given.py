"""The dialog of vectors that were made elsewhere: seen before imported, named, replaced; the card that removes them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.presenters.given import GivenPresenter
from app.window_app import Application
from core.encoders import estimate
from core.encoders.estimate import Rates
from core.operations import given, layouts

Settled = Callable[[], None]
NAMES = ["discs/disc-0.png", "discs/disc-1.png", "squares/square-0.png", "nowhere.png"]


def save(path: Path, *, seed: int = 1, names: list[str] = NAMES) -> Path:
    np.save(path, np.random.default_rng(seed).normal(size=(len(names), 16)))
    path.with_suffix(".csv").write_text("path\n" + "\n".join(names) + "\n")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save(tmp_path / "clip out.npy")


@pytest.fixture
def presenter(
    application: Application, explore: Explore, file: Path, settled: Settled
) -> GivenPresenter:
    """The dialog, on the file."""
    shown = application.popups.show_given(file)
    assert shown is not None
    settled()
    return shown


def test_a_preview_then_imported_looked_through_and_removed(
    presenter: GivenPresenter, application: Application, explore: Explore, settled: Settled, qtbot: QtBot,
) -> None:  # fmt: skip
    estimate.write([Rates("cpu", "fp32", 500.0, 400.0, 100.0, 900.0)])
    dialog, banner = presenter.dialog, application.window.banner
    assert dialog.model.rowCount() == 4 and dialog.name.text() == "clip out"
    assert dialog.model.index(3, 0).data() == "No image has this path"
    assert dialog.model.index(0, 0).data(Qt.ItemDataRole.DecorationRole) is not None
    assert dialog.left_model.rows == [(4, "nowhere.png", "No image has this path")]
    assert "3 vectors are not of length 1" in dialog._notes.text()
    assert dialog._apply.text() == "Import 3 vectors" and dialog._apply.hasFocus()
    assert given.list_given(explore.document.project) == []
    qtbot.mouseClick(dialog._apply, Qt.MouseButton.LeftButton)
    settled()
    project, name = explore.document.project, "given:clip out"
    assert banner.message == "4 images of 13 have a vector from clip out.npy. 1 row was left out."
    assert layouts.load(project, name) is not None
    assert [one.name for one in explore.switching.choices] == ["builtin", name]
    explore.switching.switch_to(name)
    settled()
    assert explore.document.encoder == name
    explore.show_encoders()
    settled()
    card = explore.encoders.find_card(name)
    assert card is not None
    assert card.state.title == "clip out" and card.state.badges == ("In use",)
    assert card.state.facts == ("4 of 13 images", "16 dimensions", "No new pictures, no words")
    assert card.state.steps == () and "made elsewhere" in card.state.about
    assert [one.text for one in card.state.more][:2] == ["Make it the default", "Remove them"]
    explore.encoders.step_chosen.emit(name, "forget")
    settled()
    assert given.list_given(project) == [] and explore.document.encoder is None
    assert banner.message.endswith("are gone; their file brings them back.")


def test_names_that_cannot_be_and_names_that_are_taken(
    presenter: GivenPresenter, application: Application, explore: Explore, tmp_path: Path, settled: Settled,
    qtbot: QtBot,
) -> None:  # fmt: skip
    dialog = presenter.dialog
    assert dialog.replaces.isHidden()
    dialog.name.clear()
    qtbot.keyClicks(dialog.name, "a/b")
    assert "cannot be the name" in dialog._name_note.text() and not dialog._apply.isEnabled()
    dialog.name.clear()
    qtbot.keyClicks(dialog.name, "mine")
    assert dialog._name_note.isHidden() and dialog._apply.isEnabled()
    dialog.builds.setChecked(False)
    presenter.apply()
    settled()
    project = explore.document.project
    assert layouts.load(project, "given:mine") is None
    again = application.popups.show_given(presenter._path)
    assert again is not None
    settled()
    assert not again.dialog.name.isEnabled() and again.dialog.name.text() == "mine"
    assert (
        again.dialog._apply.text() == "All of them are here" and not again.dialog._apply.isEnabled()
    )
    again.show_file(save(tmp_path / "mine.npy", seed=2))
    settled()
    assert again.dialog.replaces.isVisibleTo(again.dialog) and not again.dialog._apply.isEnabled()
    again.dialog.replaces.setChecked(True)
    assert again.dialog._apply.isEnabled()
    again.apply()
    settled()
    (one,) = given.list_given(project)
    assert one.file == str(tmp_path / "mine.npy")


def test_what_says_nothing_of_its_images_asks_for_a_table(
    presenter: GivenPresenter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settled: Settled
) -> None:
    dialog = presenter.dialog
    bare = save(tmp_path / "bare.npy")
    bare.with_suffix(".csv").rename(tmp_path / "names.csv")
    presenter.show_file(bare)
    settled()
    assert dialog.state._title.text() == "Whose are these vectors?" and dialog._apply.isHidden()
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "names.csv"), "")
    )
    dialog.table_wanted.emit()
    settled()
    assert dialog.model.rowCount() == 4 and dialog._apply.isEnabled()
    (tmp_path / "odd.npy").write_bytes(b"\x80\x04nothing to open")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "odd.npy"))])
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
    dialog.dropEvent(drop)
    settled()
    assert dialog.state._title.text() == "These vectors cannot be used"
    assert "is a pickle" in dialog.state._text.text()
    dialog.reject()


def test_rows_left_out_are_saved_and_all_is_reached_by_keyboard(
    presenter: GivenPresenter, application: Application, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, settled: Settled, qtbot: QtBot,
) -> None:  # fmt: skip
    dialog, target = presenter.dialog, tmp_path / "left.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    dialog.show_tab(1)
    assert not dialog._save.isHidden()
    dialog.save_wanted.emit()
    settled()
    assert target.read_text().splitlines()[1] == "4,nowhere.png,no image has this path"
    assert application.window.banner.message == "1 row written to left.csv."
    dialog.activateWindow()
    seen = []
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    for wanted in (
        dialog.name,
        dialog.builds,
        dialog.left_table,
        dialog._apply,
        dialog._other,
        dialog._save,
    ):
        assert wanted in seen
    assert dialog.table.accessibleName() and dialog.name.accessibleName()
    application.commands.close_catalogue()
    settled()
    assert application.popups._given is None
