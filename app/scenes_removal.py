"""Scenes of removals: the plan, what a check found, the last question, the report, what was restored."""

import os
import shutil
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel

from app.photographer import SIZE_PX, Photographer

SMALL_PX = (1280, 720)


def make_copies(folder: Path) -> None:
    """Put copies beside the photos of a folder, as people have them: a backup, exports, a download twice."""
    photos = sorted(one for one in folder.rglob("*.jpg") if "backup" not in one.parts)
    for name, every, pattern in (
        ("backup 2024", 3, "{}.jpg"),
        ("Downloads", 7, "{} (1).jpg"),
        ("Downloads", 14, "{} copy.jpg"),
    ):
        (folder / name).mkdir(exist_ok=True)
        for photo in photos[::every]:
            shutil.copy2(photo, folder / name / pattern.format(photo.stem))


def take(camera: Photographer, damage: bool = True) -> None:
    """All of them, on the catalogue that is open; its files truly go to the trash and come back."""
    explore = camera.explore
    explore.show_duplicates()
    explore.duplicates.show_panel("removal")
    camera.wait()
    panel = explore.duplicates.removal
    camera.both("removal-plan")
    chosen = panel.list.selectionModel()
    for at in (1, 2):
        chosen.select(panel.model.index(at, 0), QItemSelectionModel.SelectionFlag.Select)
    panel.take_out.click()
    camera.wait()
    chosen.clearSelection()
    if damage:
        _damage(panel.state.plan.groups if panel.state is not None else ())
    panel.check.click()
    camera.wait()
    camera.application.window.banner.hide()
    camera.both("removal-checked")
    panel.act.click()
    camera.both("removal-question")
    panel.sure.click()
    camera.wait()
    camera.both("removal-report")
    camera.application.window.resize(*SMALL_PX)
    panel.again.click()
    camera.wait()
    camera.both("removal-small")
    camera.application.window.resize(*SIZE_PX)
    panel.side.restore_wanted.emit(panel._uid)
    camera.wait()
    camera.both("removal-restored")
    camera.application.window.banner.hide()


def _damage(groups: object) -> None:
    """What happens between a plan and its check: one file is edited, one vanishes."""
    leaving = [one for group in groups for one in group.leaving]  # type: ignore[attr-defined]
    with open(leaving[4].raw_path, "ab") as file:
        file.write(b"edited")
    Path(os.fsdecode(leaving[6].raw_path)).unlink()
