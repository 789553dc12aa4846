"""A small wall of look-alikes with their scores; click or Enter walks to one."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme

GAP_PX = 6
SCORE_PX = 18


class Strip(QWidget):
    """Pictures in three columns: (image id, content id, score or None, path) each."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails, name: str, columns: int = 3) -> None:
        super().__init__()
        self._theme, self._thumbnails, self._columns = theme, thumbnails, columns
        self._items: list[tuple[int, int, float | None, str]] = []
        self._hovered = -1
        self._focused = 0
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        thumbnails.arrived.connect(self.update)
        theme.changed.connect(self.update)

    def set_items(self, items: list[tuple[int, int, float | None, str]]) -> None:
        """Show other images."""
        self._items = items
        self._hovered, self._focused = -1, 0
        self._fit_height()
        self._ask()
        self.update()

    @property
    def items(self) -> list[tuple[int, int, float | None, str]]:
        return self._items

    def _side(self) -> int:
        return max(40, (self.width() - (self._columns - 1) * GAP_PX) // self._columns)

    def _fit_height(self) -> None:
        lines = -(-len(self._items) // self._columns)
        self.setFixedHeight(max(0, lines * (self._line() + GAP_PX) - GAP_PX))

    def _line(self) -> int:
        has_scores = any(score is not None for _, _, score, _ in self._items)
        return self._side() + (SCORE_PX if has_scores else 0)

    def _ask(self) -> None:
        self._thumbnails.set_side(round(self._side() * self.devicePixelRatioF()))
        self._thumbnails.want([content for _, content, _, _ in self._items])

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_height()
        self._ask()

    def sizeHint(self) -> QSize:
        return QSize(280, 100)

    def _rect(self, place: int) -> QRectF:
        side = self._side()
        x = (place % self._columns) * (side + GAP_PX)
        y = (place // self._columns) * (self._line() + GAP_PX)
        return QRectF(x, y, side, side)

    def _place_at(self, where: QPoint) -> int:
        for place in range(len(self._items)):
            rect = self._rect(place)
            rect.setHeight(self._line())
            if rect.contains(where):
                return place
        return -1

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for place, (_, content, score, _) in enumerate(self._items):
            rect = self._rect(place)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("canvas"))
            painter.drawRoundedRect(rect, 4, 4)
            pixmap = self._thumbnails.get(content)
            if pixmap is not None:
                longest = max(pixmap.width(), pixmap.height(), 1)
                factor = rect.width() / longest
                target = QRectF(0, 0, pixmap.width() * factor, pixmap.height() * factor)
                target.moveCenter(rect.center())
                painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
            if place == self._hovered or (self.hasFocus() and place == self._focused):
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self._theme.colour("accent"), 2))
                painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
            if score is not None:
                self._draw_score(painter, rect, score)
        painter.end()

    def _draw_score(self, painter: QPainter, rect: QRectF, score: float) -> None:
        below = QRectF(rect.x(), rect.bottom() + 2, rect.width(), SCORE_PX - 2)
        painter.setPen(self._theme.colour("muted"))
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        # A bar and a number: the eye reads the first, the mind the second.
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{score:.3f}")
        track = QRectF(below.x(), below.center().y() - 1, below.width() - 42, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("pressed"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        done = QRectF(track)
        done.setWidth(track.width() * max(0.0, min(1.0, score)))
        painter.setBrush(QColor(self._theme.tokens.accent))
        painter.drawRoundedRect(done, 1.5, 1.5)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place != self._hovered:
            self._hovered = place
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor
            )
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._items[place][0])

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            place = self._place_at(event.pos())
            if place >= 0:
                QToolTip.showText(event.globalPos(), self._items[place][3], self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns,
            Qt.Key.Key_Down: self._columns,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is not None and self._items:
            self._focused = max(0, min(len(self._items) - 1, self._focused + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space) and self._items:
            self.chosen.emit(self._items[self._focused][0])
        else:
            super().keyPressEvent(event)
