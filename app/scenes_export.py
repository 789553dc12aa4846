"""Scenes of the page Export: every kind of thing, a selection, a place that will not do, an export, those so far."""

from pathlib import Path

from app.photographer import SIZE_PX, Photographer
from core.export.kinds import WHATS

SMALL_PX = (1280, 720)


def take(camera: Photographer, out: Path) -> None:
    """All of them, on the catalogue that is open; what is exported goes to ``out``, a folder."""
    explore, window = camera.explore, camera.application.window
    page, taking = explore.export, explore.taking
    taking.writing.folder = out
    explore.show_export()
    camera.wait()
    window.banner.hide()
    for kind in WHATS:
        taking.choose_kind(kind.name)
        camera.wait()
        camera.save(f"export-{kind.name}")
    taking.choose_kind("embeddings")
    camera.wait()
    for size in (SIZE_PX, SMALL_PX):
        window.resize(*size)
        camera.wait()
        camera.both("export" if size == SIZE_PX else "export-small")
    page.foot.export.click()
    camera.wait()
    camera.both("export-done")
    window.banner.hide()
    page.foot.place.setText(str(out / "nowhere" / "embeddings.npy"))
    page.foot.place_typed.emit(page.foot.place.text())
    camera.wait()
    camera.both("export-refused")
    _chosen(camera, out)
    page.show_tab("past")
    camera.wait()
    camera.both("export-past")
    page.show_tab("preview")
    window.resize(*SIZE_PX)
    explore.show_browser()


def _chosen(camera: Photographer, out: Path) -> None:
    """Of images that were selected, as a table."""
    explore = camera.explore
    explore.document.selection.set(explore.browse.listing.ids[20:32])
    explore.taking.choose_kind("tags")
    explore.taking.show_selected()
    camera.wait()
    explore.taking.writing.take(out / "shelf.csv")
    camera.wait()
    camera.both("export-selected")
    explore.export.foot.export.click()
    camera.wait()
