"""The ground of a Poincare disk: its rim, rings of equal distance and geodesics, faint."""

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.models.disk import Isometry, Points, ring, spoke
from app.models.frame import Frame
from app.style.theme import Theme

RINGS = (1.0, 2.0, 3.0, 4.0)  # hyperbolic distances from the origin
SPOKES = 6


def draw_rim(painter: QPainter, theme: Theme, frame: Frame, view: Isometry) -> None:
    """Draw the disk as the view shows it, under the points."""
    painter.save()
    centre = frame.pixel_of(0.0, 0.0)
    wide, high = 1.0 / frame.x_per_px, 1.0 / frame.y_per_px
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("panel"))
    painter.drawEllipse(centre, wide, high)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("border"), 1.0))
    for radius in RINGS:
        painter.drawPolyline(_line(ring(view, radius), frame))
    for number in range(SPOKES):
        painter.drawPolyline(_line(spoke(view, np.pi * number / SPOKES), frame))
    painter.setPen(QPen(theme.colour("border_strong"), 1.5))
    painter.drawEllipse(centre, wide, high)
    painter.restore()


def _line(points: Points, frame: Frame) -> QPolygonF:
    pairs = zip(points.real.tolist(), points.imag.tolist(), strict=True)
    return QPolygonF([QPointF(frame.pixel_of(x, y)) for x, y in pairs])
