"""The panel Removal: a plan, its check, the removal by keyboard, the report, and the way back.

One window serves all of it, in this order: opening one takes longer than all that is done in it.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from removal_files import own_trash

from app.explore import Explore
from app.models.removal_rows import told
from app.views.duplicates.removal import RemovalPanel
from core.operations import keepers, projects, removal, sources

Settled = Callable[[], None]


@pytest.fixture
def catalogue(photos: Path, tmp_path: Path) -> Path:
    """The generated photos without vectors: copies are known by their bytes."""
    path = tmp_path / "photos.lookalike"
    with projects.create(path) as project:
        sources.import_folders(project, [photos], embed=False)
    return path


@pytest.fixture
def panel(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> RemovalPanel:
    """The panel with a plan: three copies of one picture, one of another."""
    own_trash(monkeypatch, tmp_path / "data")
    for number, name in ((0, "disc-0 (1)"), (0, "disc-0 (2)"), (1, "disc-1 copy")):
        data = (photos / "discs" / f"disc-{number}.png").read_bytes()
        (photos / "triangles" / f"{name}.png").write_bytes(data)
    explore: Explore = request.getfixturevalue("explore")
    explore.show_duplicates()
    explore.duplicates.show_panel("removal")
    found = explore.duplicates.removal
    QApplication.processEvents()
    return found


def _names(panel: RemovalPanel) -> list[str]:
    return [row.name for row in panel.model.rows]


def _press(qtbot: QtBot, key: Qt.Key) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, key)


def _by_keyboard(
    panel: RemovalPanel, explore: Explore, photos: Path, qtbot: QtBot, settled: Settled
) -> None:
    copies = [*(photos / "triangles").glob("disc*"), photos / "squares" / "disc-0 copy.png"]
    assert len(panel.model.rows) == 4 and panel.phase == "plan"
    assert all(row.kept_name in ("disc-0.png", "disc-1.png") for row in panel.model.rows)
    assert [row.is_first for row in panel.model.rows].count(True) == 2
    assert panel.act.text().startswith("Move 4 files to the trash, ")
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.model.index(1, 0))
    out, resets = panel.model.rows[1], []
    panel.model.modelReset.connect(lambda: resets.append(out))
    _press(qtbot, Qt.Key.Key_Delete)
    settled()
    assert not resets  # marks and scroll stay by themselves
    assert panel.model.rows[1].is_out and panel.act.text().startswith("Move 3 files to the trash")
    assert "stays" in told(panel.model.rows[1]) and panel.sums.text() == "1 taken out"
    assert panel.list.chosen_rows() == [1]  # where the keyboard was
    _press(qtbot, Qt.Key.Key_Delete)
    settled()
    assert not panel.model.rows[1].is_out
    _press(qtbot, Qt.Key.Key_Delete)
    settled()
    panel.act.setFocus()
    _press(qtbot, Qt.Key.Key_Space)
    settled()
    # The last question: nothing goes by the key that asked it.
    assert panel.phase == "sure" and panel.not_now.hasFocus()
    _press(qtbot, Qt.Key.Key_Escape)
    assert panel.phase == "plan" and all(one.exists() for one in copies)
    _press(qtbot, Qt.Key.Key_Space)
    _press(qtbot, Qt.Key.Key_Tab)
    assert panel.sure.hasFocus() and panel.sure.text() == panel.act.text()
    _press(qtbot, Qt.Key.Key_Space)
    settled()
    assert panel.phase == "report" and panel.report.text().startswith("3 files went to the trash")
    left = [one for one in copies if one.exists()]
    assert [str(one) for one in left] == [out.leaving.path]
    assert panel.window().focusWidget() is panel.again
    assert (photos / "discs" / "disc-0.png").exists()
    qtbot.keyClick(panel.restore, Qt.Key.Key_Space)
    settled()
    assert all(one.exists() for one in copies)
    assert explore.document.project.path.joinpath("removals").is_dir()
    (kept,) = removal.removals(explore.document.project)
    assert kept.counts == {"restored": 3}
    assert panel.phase == "plan" and len(panel.model.rows) == 4


def _what_a_check_finds_is_said_and_stays(
    panel: RemovalPanel, explore: Explore, settled: Settled
) -> None:
    paths = [Path(row.leaving.path) for row in panel.model.rows]
    paths[0].write_bytes(b"edited")
    paths[1].unlink()
    panel.check.click()
    settled()
    rows = panel.model.rows
    assert "changed" in rows[0].refused and "not there" in rows[1].refused
    assert not rows[2].refused and panel.sums.text() == "2 cannot go"
    assert panel.act.text().startswith("Move 2 files")
    panel.ask()
    panel.sure.click()
    settled()
    assert panel.report.text().startswith("2 files went")
    assert [row.refused for row in panel.model.rows] == [rows[0].refused, rows[1].refused]
    assert paths[0].read_bytes() == b"edited"
    # Later, the removal is among those so far.
    panel.again.click()
    settled()
    assert panel.phase == "plan" and panel.side.none.isHidden()
    kept, before = removal.removals(explore.document.project)
    assert before.counts == {"restored": 3}
    panel.side.restore_wanted.emit(kept.uid)
    settled()
    assert paths[2].exists() and paths[3].exists() and len(panel.model.rows) == 4


def _another_wish_is_another_plan(
    panel: RemovalPanel, explore: Explore, tmp_path: Path, settled: Settled, qtbot: QtBot
) -> None:
    side = panel.side
    side.how.setCurrentIndex(side.how.findData("links"))
    qtbot.waitUntil(lambda: panel.act.text().startswith("Turn 4 files into hard links"))
    assert not side.judged.isEnabled() and side.note.text()
    side.exact.setChecked(False)
    qtbot.waitUntil(lambda: not panel.stack.is_body_shown)
    assert "Nothing to remove" in panel.stack.words
    side.exact.setChecked(True)
    side.show_folder(str(tmp_path / "surplus"))
    side.how.setCurrentIndex(side.how.findData("folder"))
    qtbot.waitUntil(lambda: "“surplus”" in panel.act.text())
    side.show_folder(str(explore.document.project.path.parent / "photos" / "in"))
    side.changed.emit()
    qtbot.waitUntil(lambda: "next import" in panel.stack.words)
    keepers.protect(explore.document.project, tmp_path / "photos" / "triangles", True)
    side.how.setCurrentIndex(side.how.findData("trash"))
    qtbot.waitUntil(lambda: panel.stack.is_body_shown)
    # What is protected is kept, so the other copies go.
    assert {Path(row.kept_folder).name for row in panel.model.rows} == {"triangles"}
    panel.show_writable(False)  # where the catalogue is only to be read
    assert not panel.act.isEnabled() and panel.check.isEnabled()
    panel.ask()
    assert panel.phase == "plan"


def test_removals_in_the_window(
    panel: RemovalPanel, explore: Explore, photos: Path, qtbot: QtBot, settled: Settled
) -> None:
    _by_keyboard(panel, explore, photos, qtbot, settled)
    _what_a_check_finds_is_said_and_stays(panel, explore, settled)
    _another_wish_is_another_plan(panel, explore, photos.parent, settled, qtbot)
