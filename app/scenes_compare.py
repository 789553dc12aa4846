"""Scenes of the page Compare: what is lacking, two maps, an image chosen, a class alone, agreement by colour."""

from app.photographer import SIZE_PX, Photographer
from app.views.compare.view import CompareView

SMALL_PX = (1280, 720)


def take(camera: Photographer) -> None:
    """All of them, on the catalogue that is open: its default encoder and the newest other one, or the newest run."""
    explore, window = camera.explore, camera.application.window
    page = explore.compare
    explore.document.selection.clear()
    explore.show_compare()
    camera.wait()
    if not page.stack.is_body_shown:
        camera.both("compare-lacking")
        if not page.pair[1]:
            explore.show_browser()
            return
        explore.encoding.jobs.embed(page.pair[1])
        camera.wait()
    window.banner.hide()
    if not page.maps.b.is_shown:
        camera.both("compare-no-map")
    explore.comparing.maps.lay_out()
    camera.wait(
        lambda: explore.comparing.maps.has_moved or not explore.comparing.maps.is_laying_out
    )
    camera.both_now("compare-laying-out")
    camera.wait()
    for size in (SIZE_PX, SMALL_PX):
        window.resize(*size)
        camera.wait()
        suffix = "" if size == SIZE_PX else "-small"
        camera.both(f"compare{suffix}")
        _lists(camera, page, suffix)
    window.resize(*SIZE_PX)
    explore.show_browser()
    camera.wait()


def _lists(camera: Photographer, page: CompareView, suffix: str) -> None:
    images_, classes = page.side.images, page.side.classes
    images_.setFocus()
    images_.setCurrentIndex(images_.rows.index(min(2, images_.rows.rowCount() - 1), 0))
    camera.wait()
    camera.both(f"compare-chosen{suffix}")
    page.maps.a.canvas.zoom(3)
    camera.wait()
    camera.both(f"compare-zoomed{suffix}")
    page.maps.fit()
    for order in ("loss", "moved", "classes"):
        page.side.show_order(order)
        camera.wait()
        camera.both(f"compare-{order}{suffix}")
    if classes.rows.rowCount():
        camera.explore.document.selection.clear()
        classes.setCurrentIndex(classes.rows.index(0, 0))
        camera.wait()
        camera.both(f"compare-class{suffix}")
        classes.clearSelection()
    page.side.show_order("differ")
    _colour(page, "same")
    camera.wait()
    camera.both(f"compare-agreement{suffix}")
    _colour(page, "class")
    camera.wait()


def _colour(page: CompareView, by: str) -> None:
    page.colour.setCurrentIndex(page.colour.findData(by))
    page.colour.activated.emit(page.colour.currentIndex())
