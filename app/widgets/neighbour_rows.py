"""Images that are followed while it learns: each with its nearest neighbours, those of another class marked."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from core.training.watch import Pinned

GAP_PX, MARK_PX = 8, 16
LEAST_PX, MOST_PX = 38, 88
DIMMED = 0.4
Row = tuple[str, Pinned]


class NeighbourRows(QWidget):
    """Rows of pictures: the image itself, a gap, its neighbours in order. A word may stand before a row."""

    chosen = Signal(int)  # a content id

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme, self._thumbnails = theme, thumbnails
        self._rows: tuple[Row, ...] = ()
        self._focused = (0, 0)
        self._side, self._lines = LEAST_PX, 1
        self.setAccessibleName("Images that are followed, and their nearest neighbours")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        thumbnails.arrived.connect(self.update)
        theme.changed.connect(self.update)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """(word before it, the image and its neighbours) each."""
        if rows == self._rows:
            return
        self._rows = rows
        wanted = [one for _, pinned in rows for one in (pinned.content_id, *pinned.neighbours)]
        self._measure()
        self._thumbnails.want(list(dict.fromkeys(wanted)))
        self.setAccessibleDescription(self._told())
        self.update()

    def _told(self) -> str:
        parts = []
        for number, (word, pinned) in enumerate(self._rows, start=1):
            known = [one for one in pinned.is_same if one is not None]
            name = f"image {number}{f', {word}' if word else ''}"
            if known:
                parts.append(f"{name}: {sum(known)} of {len(known)} neighbours of its class")
        return "; ".join(parts)

    # -- where things are

    @property
    def _label_px(self) -> int:
        words = [word for word, _ in self._rows if word]
        metrics = self.fontMetrics()
        return max((metrics.horizontalAdvance(one) for one in words), default=-12) + 12

    @property
    def _columns(self) -> int:
        """How many neighbours a line has room for."""
        room = self.width() - self._label_px - self._own - 2 * GAP_PX
        return max(1, (room + GAP_PX) // (self._side + GAP_PX))

    @property
    def _own(self) -> int:
        """The side of the image itself: as high as the lines of its neighbours."""
        return self._lines * (self._side + GAP_PX) - GAP_PX

    def _measure(self) -> None:
        count = max(1, len(self._rows))
        room = (self.height() - (count - 1) * GAP_PX) // count
        # Five neighbours on one line, or eight on two, are equally wide beside the image.
        by_width = (self.width() - self._label_px - 6 * GAP_PX) // 6
        self._lines = 2 if (room - GAP_PX) // 2 >= LEAST_PX else 1
        by_height = (room - (self._lines - 1) * GAP_PX) // self._lines
        self._side = max(LEAST_PX, min(MOST_PX, by_height, by_width))
        self._thumbnails.set_side(round(self._own * self.devicePixelRatioF()))

    def _rect(self, row: int, column: int) -> QRectF:
        """Column 0 is the image itself."""
        top = row * (self._own + GAP_PX)
        if column == 0:
            return QRectF(self._label_px, top, self._own, self._own)
        line, place = divmod(column - 1, self._columns)
        step = self._side + GAP_PX
        x = self._label_px + self._own + 2 * GAP_PX + place * step
        return QRectF(x, top + line * step, self._side, self._side)

    def _content(self, row: int, column: int) -> int:
        pinned = self._rows[row][1]
        return pinned.content_id if column == 0 else pinned.neighbours[column - 1]

    def _count(self, row: int) -> int:
        return 1 + min(self._lines * self._columns, len(self._rows[row][1].neighbours))

    def _place_at(self, where: QPoint) -> tuple[int, int] | None:
        for row in range(len(self._rows)):
            for column in range(self._count(row)):
                if self._rect(row, column).contains(where):
                    return row, column
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()

    def minimumSizeHint(self) -> QSize:
        return QSize(240, max(1, len(self._rows)) * (LEAST_PX + GAP_PX) - GAP_PX)

    def sizeHint(self) -> QSize:
        return QSize(360, max(1, len(self._rows)) * (64 + GAP_PX) - GAP_PX)

    # -- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for row, (word, pinned) in enumerate(self._rows):
            if word:
                painter.setPen(self._theme.colour("muted"))
                line = QRectF(0, self._rect(row, 0).y(), self._label_px, self._own)
                painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, word)
            for column in range(self._count(row)):
                is_same = None if column == 0 else pinned.is_same[column - 1]
                self._draw_picture(painter, row, column, is_same)
        painter.end()

    def _draw_picture(self, painter: QPainter, row: int, column: int, is_same: bool | None) -> None:
        rect, theme = self._rect(row, column), self._theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("canvas"))
        painter.drawRoundedRect(rect, 4, 4)
        pixmap = self._thumbnails.get(self._content(row, column))
        if pixmap is not None:
            factor = rect.width() / max(pixmap.width(), pixmap.height(), 1)
            target = QRectF(0, 0, pixmap.width() * factor, pixmap.height() * factor)
            target.moveCenter(rect.center())
            painter.setOpacity(DIMMED if is_same is False else 1.0)
            painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
            painter.setOpacity(1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if column == 0:
            painter.setPen(QPen(theme.colour("text"), 1.5))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
        elif is_same is False:
            painter.setPen(QPen(theme.colour("danger"), 1.5))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
            self._draw_cross(painter, rect)
        if self.hasFocus() and (row, column) == self._focused:
            painter.setPen(QPen(theme.colour("accent"), 2.5))
            painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), 5, 5)

    def _draw_cross(self, painter: QPainter, rect: QRectF) -> None:
        """Not by colour alone."""
        badge = QRectF(rect.right() - MARK_PX - 2, rect.y() + 2, MARK_PX, MARK_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = QColor(self._theme.colour("danger_soft"))
        painter.setBrush(ground)
        painter.drawEllipse(badge)
        painter.setPen(QPen(self._theme.colour("danger"), 1.75))
        inner = badge.adjusted(5, 5, -5, -5)
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
        painter.setBrush(Qt.BrushStyle.NoBrush)

    # -- hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._content(*place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }.get(Qt.Key(event.key()))
        if not self._rows:
            event.ignore()
        elif step is not None:
            row = max(0, min(len(self._rows) - 1, self._focused[0] + step[0]))
            column = max(0, min(self._count(row) - 1, self._focused[1] + step[1]))
            self._focused = (row, column)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self._content(*self._focused))
        else:
            event.ignore()
