"""Icons as SVG, recoloured for the theme and drawn sharp at any scaling."""

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

WINDOW_ICON_PX = (16, 24, 32, 48, 128)


@cache
def _source(name: str) -> str:
    return (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@cache
def pixmap(name: str, colour: str, size_px: int, scale: float = 1.0) -> QPixmap:
    """The icon as a pixmap of ``size_px`` logical pixels."""
    side_px = round(size_px * scale)
    image = QPixmap(side_px, side_px)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    svg = _source(name).replace("currentColor", colour)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side_px, side_px))
    painter.end()
    image.setDevicePixelRatio(scale)
    return image


@cache
def icon(name: str, colour: str, active: str, disabled: str, size_px: int = 20) -> QIcon:
    """The icon in ``colour``; in ``active`` where checked, ``disabled`` where greyed out."""
    result = QIcon()
    ratios = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    for scale in sorted(ratios | {1.0}):
        for state in (QIcon.State.On, QIcon.State.Off):
            shown = active if state == QIcon.State.On else colour
            result.addPixmap(pixmap(name, shown, size_px, scale), QIcon.Mode.Normal, state)
            result.addPixmap(pixmap(name, shown, size_px, scale), QIcon.Mode.Active, state)
            result.addPixmap(pixmap(name, disabled, size_px, scale), QIcon.Mode.Disabled, state)
    return result


def mark(size_px: int, scale: float = 1.0) -> QPixmap:
    """The program's own mark, of ``size_px`` logical pixels; its colours are its own on light and dark."""
    return pixmap("lookalike", "", size_px, scale)


@cache
def window_icon() -> QIcon:
    """The mark for title bars, task bars and switchers, drawn for each size rather than scaled."""
    result = QIcon()
    for size_px in WINDOW_ICON_PX:
        result.addPixmap(mark(size_px))
    return result


def forget() -> None:
    """Drop the drawn icons (they must not outlive the application)."""
    pixmap.cache_clear()
    icon.cache_clear()
    window_icon.cache_clear()
