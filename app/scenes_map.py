"""Scenes of the map: density, points, pictures, lasso, lens, the disk, a layout under way, two encoders aligned."""

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from app.dialogs.map_export import MapExportDialog
from app.photographer import SIZE_PX, Photographer
from app.presenters.map_lens import look, row_by_content
from app.widgets.map_canvas import MapCanvas

SMALL_PX = (1280, 720)
WIDE_MAP, ALL_PANES = [380, 1000, 0], [440, 500, 296]


def take(camera: Photographer, only: str = "") -> None:
    """All of them, on the catalogue that is open, or the one that is named."""
    explore, window = camera.explore, camera.application.window
    explore.document.selection.clear()
    explore.map.set_tool("pointer")
    explore.show_pane("inspector", False)
    explore.splitter.setSizes(WIDE_MAP)
    if only:
        SCENES[only](camera)
        return
    _begin(camera)
    for scene in SCENES.values():
        scene(camera)
    explore.show_pane("inspector", True)
    explore.splitter.setSizes(ALL_PANES)
    _small(camera)
    window.banner.hide()


def _begin(camera: Photographer) -> None:
    """The neighbour embedding, made where it is not stored."""
    layouts = camera.explore.map_presenter.layouts
    if layouts.shown is not None and "umap" in layouts.shown.stored:
        layouts.choose("umap")
    else:
        layouts.make("umap")
    camera.wait()


def _overview(camera: Photographer) -> None:
    explore = camera.explore
    explore.map.canvas.fit()
    camera.wait()
    camera.both("map-points")


def _density(camera: Photographer) -> None:
    """Without colours: how many images lie where."""
    camera.explore.map.colour_by_chosen.emit("density")
    camera.wait()
    camera.both("map-density")
    camera.explore.map.colour_by_chosen.emit("class")
    camera.wait()


def _zoomed(camera: Photographer) -> None:
    view = camera.explore.map
    view.canvas.fit(densest(view.places, 0.2))
    view.canvas.zoom(1.5)
    camera.wait()
    camera.both("map-pictures")
    view.canvas.fit()


def _lasso(camera: Photographer) -> None:
    """A lasso round the densest part, drawn by hand."""
    view = camera.explore.map
    rows = densest(view.places, 0.16)
    angle = np.linspace(0, 2 * np.pi, 60)
    frame, middle = view.canvas.frame(), np.median(view.points.seen[rows], axis=0)
    reach = 1.5 * np.quantile(np.abs(view.points.seen[rows] - middle), 0.95)
    wobble = 1 + 0.12 * np.sin(3 * angle)
    x, y = middle[0] + reach * wobble * np.cos(angle), middle[1] + reach * wobble * np.sin(angle)
    pixels = frame.to_pixels(np.stack([x, y], axis=1).astype(np.float32))
    view.set_tool("lasso")
    trail = [QPointF(*one) for one in pixels.tolist()]
    _mouse(view.canvas, QEvent.Type.MouseButtonPress, trail[0])
    for one in trail[1:]:
        _mouse(view.canvas, QEvent.Type.MouseMove, one)
    camera.both("map-lasso")
    _mouse(view.canvas, QEvent.Type.MouseButtonRelease, trail[-1])
    camera.wait()
    camera.both("map-selected")
    view.set_tool("pointer")
    camera.explore.document.selection.clear()
    camera.wait()


def _mouse(canvas: MapCanvas, kind: QEvent.Type, place: QPointF) -> None:
    """What a hand would do there."""
    left = Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else left
    far = QPointF(canvas.viewport().mapToGlobal(place.toPoint()))
    event = QMouseEvent(kind, place, far, button, left, Qt.KeyboardModifier.NoModifier)
    {
        QEvent.Type.MouseButtonPress: canvas.mousePressEvent,
        QEvent.Type.MouseMove: canvas.mouseMoveEvent,
        QEvent.Type.MouseButtonRelease: canvas.mouseReleaseEvent,
    }[kind](event)


def densest(places: np.ndarray, share: float) -> np.ndarray:
    """Rows about the place where most points lie."""
    cells = np.floor(places / share).astype(np.int64)
    _, of, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    return np.flatnonzero(of.ravel() == counts.argmax())


def _lens(camera: Photographer) -> None:
    view = camera.explore.map
    presenter = camera.explore.map_presenter
    presenter.lens.turn(True)
    camera.wait()
    view.pointed.emit(_scattered(camera))
    camera.wait()
    camera.both("map-lens")
    presenter.lens.turn(False)


def _scattered(camera: Photographer) -> int:
    """A point of whose neighbours half are near on the map, as far as a few tell."""
    points, project = camera.explore.map.points, camera.explore.document.project
    table = row_by_content(points.contents)
    rows = range(0, len(points), max(1, len(points) // 80))
    seen = [
        look(project, row, points.contents, table, points.places, points.is_disk,
             camera.explore.document.encoder)
        for row in rows
    ]  # fmt: skip
    return min(seen, key=lambda one: abs(one.near - 8)).row


def _colours(camera: Photographer) -> None:
    view = camera.explore.map
    for by in ("oddness", "date", "cluster"):
        view.colour_by_chosen.emit(by)
        camera.wait()
        camera.both(f"map-by-{by}")
    view.colour_by_chosen.emit("class")
    camera.wait()


def _layouts(camera: Photographer) -> None:
    """The menu, the settings, a layout in the middle, and its end."""
    explore = camera.explore
    presenter = explore.map_presenter.layouts
    menu = presenter.open_menu(explore.map.bar.layouts.mapToGlobal(explore.map.bar.layouts.pos()))
    camera.both("map-layouts", menu)
    menu.close()
    presenter.open_settings()
    camera.wait()
    camera.both("map-settings", explore.map.settings)
    explore.map.settings.hide()
    presenter.make("umap")
    until_s = time.monotonic() + 60.0
    camera.wait(lambda: presenter.is_live or time.monotonic() > until_s)
    pause_s = time.monotonic() + 0.5
    camera.wait(lambda: time.monotonic() > pause_s)
    camera.both_now("map-live")
    camera.wait()
    camera.both("map-laid-out")
    for method in ("poincare", "grid"):
        presenter.make(method)
        camera.wait()
        camera.both(f"map-{method}")
    presenter.choose("umap")
    camera.wait()


def _aligned(camera: Photographer) -> None:
    """The same images by two encoders, the second laid over the first."""
    explore = camera.explore
    switching, presenter = explore.switching, explore.map_presenter.layouts
    if len(switching.choices) < 2:
        return
    camera.both("map-aligned-before")
    switching.switch_on()
    camera.wait()
    presenter.make("umap")
    camera.wait()
    camera.both("map-aligned-after")
    card = presenter.show_facts()
    assert card is not None
    camera.both("map-trust", card)
    card.close()
    switching.switch_on()
    camera.wait()


def _export(camera: Photographer) -> None:
    camera.application.commands.mapping.export()
    (dialog,) = camera.application.window.findChildren(MapExportDialog)
    camera.wait()
    camera.both("map-export", dialog)
    dialog.reject()
    camera.wait()


def _small(camera: Photographer) -> None:
    """A window of 1280 x 720, where the map is narrow."""
    window, explore = camera.application.window, camera.explore
    window.resize(*SMALL_PX)
    explore.document.selection.set(explore.browse.listing.ids[:12])
    camera.wait()
    camera.both("map-small")
    explore.document.selection.clear()
    window.resize(*SIZE_PX)
    camera.wait()


SCENES: dict[str, Callable[[Photographer], None]] = {
    "overview": _overview,
    "density": _density,
    "pictures": _zoomed,
    "lasso": _lasso,
    "lens": _lens,
    "colours": _colours,
    "layouts": _layouts,
    "aligned": _aligned,
    "export": _export,
}
