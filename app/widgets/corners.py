"""Rounded corners for popups, which works without a compositor too."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath, QRegion
from PySide6.QtWidgets import QWidget

RADIUS_PX = 10  # as #popup in the style sheet


def round_corners(widget: QWidget) -> None:
    """Cut the corners off; call it whenever the size has changed."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(widget.rect()), RADIUS_PX, RADIUS_PX)
    widget.setMask(QRegion(path.toFillPolygon().toPolygon()))
