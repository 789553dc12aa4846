"""Scenes of the map: density, points, pictures, lasso, lens, the disk, a layout under way, two encoders aligned."""

import time

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from app.photographer import Photographer
from app.widgets.map_canvas import MapCanvas
from core.layout import methods

SMALL_PX = (1280, 720)


def take(camera: Photographer) -> None:
    """All of them, on the catalogue that is open."""
    explore, window = camera.explore, camera.application.window
    explore.document.selection.clear()
    explore.map.set_tool("pointer")
    _overview(camera)
    _zoomed(camera)
    _lasso(camera)
    _lens(camera)
    _colours(camera)
    _layouts(camera)
    window.banner.hide()


def _overview(camera: Photographer) -> None:
    explore = camera.explore
    explore.map.canvas.fit()
    camera.wait()
    camera.both("map-points")


def _zoomed(camera: Photographer) -> None:
    canvas = camera.explore.map.canvas
    canvas.zoom(5)
    camera.wait()
    camera.both("map-pictures")
    canvas.fit()


def _lasso(camera: Photographer) -> None:
    """A lasso round the densest part, drawn by hand."""
    view = camera.explore.map
    rows = densest(view.places, 0.06)
    angle = np.linspace(0, 2 * np.pi, 60)
    frame, middle = view.canvas.frame(), np.median(view.points.seen[rows], axis=0)
    reach = np.quantile(np.abs(view.points.seen[rows] - middle), 0.9)
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
    view.pointed.emit(int(densest(view.places, 0.06)[0]))
    camera.wait()
    camera.both("map-lens")
    presenter.lens.turn(False)


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
        if method not in [one.name for one in methods.METHODS]:
            continue
        presenter.make(method)
        camera.wait()
        camera.both(f"map-{method}")
