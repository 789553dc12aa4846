"""A box on a picture, drawn by the mouse or moved by keys: the part that is searched for."""

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPen

from app.style.theme import Theme
from core.search.question import Region

STEP, LEAST = 0.02, 0.04  # in shares of a side
FIRST = QRectF(0.25, 0.25, 0.5, 0.5)
HANDLE_PX = 7.0
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class PartBox(QObject):
    """Holds the box in shares of the picture's sides; ``chosen`` when it is let go of or confirmed."""

    chosen = Signal(object)  # Region
    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._box: QRectF | None = None
        self._anchor: QPointF | None = None

    @property
    def is_on(self) -> bool:
        """Whether a box is shown."""
        return self._box is not None

    @property
    def is_dragged(self) -> bool:
        return self._anchor is not None

    @property
    def region(self) -> Region | None:
        """x, y, width and height in shares of the picture's sides."""
        box = self._box
        return (box.x(), box.y(), box.width(), box.height()) if box is not None else None

    def begin(self) -> None:
        """Show a box in the middle, for the keyboard."""
        self._set(QRectF(FIRST))

    def leave(self) -> None:
        """No box any more."""
        self._anchor = None
        self._set(None)

    # -- the mouse, in shares of the picture

    def press(self, share: QPointF) -> None:
        """A corner of a new box."""
        self._anchor = _inside(share)

    def drag(self, share: QPointF) -> None:
        """The corner across from it."""
        if self._anchor is not None:
            self._set(QRectF(self._anchor, _inside(share)).normalized())

    def release(self) -> None:
        """Take the box; one that is too small to mean anything is none."""
        box, self._anchor = self._box, None
        if box is None:
            return
        if box.width() < LEAST or box.height() < LEAST:
            self.leave()
        else:
            self._choose()

    # -- the keyboard

    def takes_key(self, event: QKeyEvent) -> bool:
        """Whether the key was meant for the box: arrows move it, with Shift they resize it, Enter takes it,
        Escape leaves."""
        if self._box is None:
            return False
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        elif key in _ARROWS:
            by_x, by_y = _ARROWS[key]
            self._step(by_x, by_y, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            return False
        return True

    def _step(self, by_x: int, by_y: int, resizes: bool) -> None:
        assert self._box is not None
        box = QRectF(self._box)
        if resizes:  # about its middle, so that it can be aimed first
            middle = box.center()
            wide = min(1.0, max(LEAST, box.width() + 2 * STEP * by_x))
            high = min(1.0, max(LEAST, box.height() - 2 * STEP * by_y))
            box = QRectF(0, 0, wide, high)
            box.moveCenter(middle)
        else:
            box.translate(STEP * by_x, STEP * by_y)
        box.moveLeft(min(max(0.0, box.left()), 1 - box.width()))
        box.moveTop(min(max(0.0, box.top()), 1 - box.height()))
        self._set(box)

    def _choose(self) -> None:
        region = self.region
        self._set(None)
        if region is not None:
            self.chosen.emit(region)

    def _set(self, box: QRectF | None) -> None:
        self._box = box
        self.changed.emit()

    # -- drawing

    def paint(self, painter: QPainter, target: QRectF) -> None:
        """Dim what lies around the box of a picture drawn at ``target``, and draw its edge."""
        if self._box is None:
            return
        box = placed(self._box, target)
        outside = QPainterPath()
        outside.addRect(target)
        inside = QPainterPath()
        inside.addRect(box)
        painter.fillPath(outside.subtracted(inside), QColor(0, 0, 0, 130))
        draw_edge(painter, self._theme, box)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        for corner in (box.topLeft(), box.topRight(), box.bottomLeft(), box.bottomRight()):
            handle = QRectF(0, 0, HANDLE_PX, HANDLE_PX)
            handle.moveCenter(corner)
            painter.drawRoundedRect(handle, 2, 2)


def placed(box: QRectF, target: QRectF) -> QRectF:
    """A box in shares of a picture, where the picture is drawn at ``target``."""
    return QRectF(
        target.x() + box.x() * target.width(),
        target.y() + box.y() * target.height(),
        box.width() * target.width(),
        box.height() * target.height(),
    )


def share_of(place: QPointF, target: QRectF) -> QPointF:
    """A place in shares of the picture that is drawn at ``target``."""
    return QPointF(
        (place.x() - target.x()) / max(1.0, target.width()),
        (place.y() - target.y()) / max(1.0, target.height()),
    )


def draw_edge(painter: QPainter, theme: Theme, box: QRectF, width_px: float = 1.5) -> None:
    """An edge that is seen on any picture: the accent colour over a wider line that stands out from it."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    under = QColor(0, 0, 0, 130) if theme.is_dark else QColor(255, 255, 255, 190)
    painter.setPen(QPen(under, width_px + 2))
    painter.drawRoundedRect(box, 2, 2)
    painter.setPen(QPen(theme.colour("accent"), width_px))
    painter.drawRoundedRect(box, 2, 2)


def draw_part(painter: QPainter, theme: Theme, region: Region, target: QRectF) -> None:
    """The part of a hit that answers, on its picture drawn at ``target``."""
    box = placed(QRectF(*region), target).adjusted(1, 1, -1, -1)
    draw_edge(painter, theme, box)


def _inside(share: QPointF) -> QPointF:
    return QPointF(min(1.0, max(0.0, share.x())), min(1.0, max(0.0, share.y())))
