"""Scenes of the page Export: every kind of thing, a place that will not do, an export, a selection, those so far."""

from pathlib import Path

from app.photographer import SIZE_PX, Photographer
from core.export.kinds import WHATS

SMALL_PX = (1280, 720)


def take(camera: Photographer, out: Path, only: str = "") -> None:
    """All of them, on the catalogue that is open; what is exported goes to ``out``, a folder. ``only`` names one
    part: kinds, export or selection."""
    explore = camera.explore
    explore.exporting.writing.folder = out
    explore.show_export()
    camera.wait()
    camera.application.window.banner.hide()
    for name, part in (("kinds", _kinds), ("export", _export), ("selection", _selection)):
        if only in ("", name):
            part(camera, out)
    explore.show_browser()


def _kinds(camera: Photographer, out: Path) -> None:
    for kind in WHATS:
        camera.explore.exporting.choose_kind(kind.name)
        camera.wait()
        camera.save(f"export-{kind.name}")


def _export(camera: Photographer, out: Path) -> None:
    """Before, afterwards, and where it cannot be written."""
    window, explore = camera.application.window, camera.explore
    page = explore.export
    explore.exporting.choose_kind("embeddings")
    for size in (SIZE_PX, SMALL_PX):
        window.resize(*size)
        camera.wait()
        camera.both("export" if size == SIZE_PX else "export-small")
    page.foot.export.click()
    camera.wait()
    camera.both("export-done")
    place = str(out / "nowhere" / "embeddings.npy")
    page.foot.place.setText(place)
    page.foot.place.textEdited.emit(place)
    camera.wait()
    camera.both("export-refused")
    window.resize(*SIZE_PX)


def _selection(camera: Photographer, out: Path) -> None:
    """Pairs, and then a few images that were selected: what was exported is listed."""
    explore, window = camera.explore, camera.application.window
    page = explore.export
    window.resize(*SMALL_PX)
    explore.exporting.choose_kind("pairs")
    camera.wait()
    page.foot.export.click()
    camera.wait()
    explore.document.selection.set(explore.browse.listing.ids[20:32])
    explore.exporting.choose_kind("tags")
    explore.exporting.show_selected()
    explore.exporting.writing.take(out / "shelf.csv")
    camera.wait()
    camera.both("export-selected")
    page.foot.export.click()
    camera.wait()
    page.show_tab("past")
    camera.wait()
    camera.both("export-past")
    page.show_tab("preview")
    window.resize(*SIZE_PX)
