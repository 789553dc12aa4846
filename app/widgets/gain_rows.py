"""Classes by what they gained or lost: a bar from nought to either side, with the whisker of its interval."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.models import compare_words as words
from app.models.compare import ClassGain
from app.models.picture_rows import SAYS_ROW, RowsModel
from app.style.theme import Theme
from app.widgets.picture_list import Index

ROW_PX, EDGE_PX, VALUE_PX, NAME_SHARE = 44, 12, 52, 0.42


class _Delegate(QStyledItemDelegate):
    """Draws a class."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.reach = 1.0  # what the longest bar stands for

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(280, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: ClassGain = index.data(SAYS_ROW)
        theme, rect = self._theme, QRectF(option.rect)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.colour("accent_soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.colour("hover"))
        painter.setPen(theme.colour("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        room = rect.adjusted(EDGE_PX, 0, -EDGE_PX, 0)
        name = QRectF(room.x(), room.y() + 4, room.width() * NAME_SHARE - 8, 18)
        font = QFont(painter.font())
        font.setPixelSize(13)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        ends = Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(row.name, ends, int(name.width()))
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, shown)
        value = QRectF(room.right() - VALUE_PX, room.y(), VALUE_PX, room.height() - 1)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(value, right, words.class_words(row))
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        name.translate(0, 17)
        told = f"{row.images:,} images, {100 * row.share:.0f} % the same"
        told = painter.fontMetrics().elidedText(told, ends, int(name.width()))
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, told)
        left = room.x() + room.width() * NAME_SHARE
        self._draw_bar(painter, QRectF(left, room.y(), value.x() - left, room.height()), row)
        painter.restore()

    def _draw_bar(self, painter: QPainter, room: QRectF, row: ClassGain) -> None:
        theme, y = self._theme, room.center().y()
        nought, half = room.center().x(), room.width() / 2 - 4
        x = nought + half * row.value / self.reach
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("success" if row.value > 0 else "danger"))
        painter.drawRoundedRect(QRectF(min(x, nought), y - 5, abs(x - nought), 10), 2, 2)
        painter.setPen(QPen(theme.colour("border_strong"), 1))
        painter.drawLine(QPointF(nought, y - 12), QPointF(nought, y + 12))
        if row.low is None or row.high is None:
            return
        low, high = (
            nought + half * max(-1.0, min(1.0, one / self.reach)) for one in (row.low, row.high)
        )
        painter.setPen(QPen(theme.colour("text"), 1.5))
        painter.drawLine(QPointF(low, y), QPointF(high, y))
        for end in (low, high):
            painter.drawLine(QPointF(end, y - 4), QPointF(end, y + 4))


class GainList(QListView):
    """Says which class is to be seen alone on the maps; None for all."""

    chosen = Signal(object)  # str or None

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._delegate = _Delegate(theme)
        self._delegate.setParent(self)
        self.rows: RowsModel[ClassGain] = RowsModel(words.class_told, self)
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Classes, by what they gained or lost")
        self.setEditTriggers(self.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit(self.current))
        theme.changed.connect(self.viewport().update)

    @property
    def current(self) -> str | None:
        """The class that is chosen."""
        found = self.selectionModel().selectedIndexes()
        return self.rows.rows[found[0].row()].name if found else None

    def show_rows(self, rows: tuple[ClassGain, ...]) -> None:
        """Other classes."""
        ends = [
            abs(end) for one in rows for end in (one.value, one.low, one.high) if end is not None
        ]
        self._delegate.reach = max(ends, default=1.0) or 1.0
        self.rows.set_rows(rows)
        self.scrollToTop()
