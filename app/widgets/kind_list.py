"""The list of what can be exported: what it is, how much of it there is, what is lacking."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.models.export_kinds import KindRow
from app.style import icons
from app.style.theme import Theme

ROW_PX, ICON_PX = 52, 20
ROW = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
NONE = "none yet"


class KindsModel(QAbstractListModel):
    """The kinds in their order."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[KindRow] = []

    def show_rows(self, rows: Sequence[KindRow]) -> None:
        """Show these; the same kinds stay where they are."""
        if [one.key for one in rows] == [one.key for one in self.rows]:
            self.rows = list(rows)
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return ". ".join(one for one in (row.title, row.amount, row.lacking or row.line) if one)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.line
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QListView) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, row = self._theme, index.data(ROW)
        rect, state = QRectF(option.rect), option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = rect.adjusted(8, 2, -8, -2)
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        if is_chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if is_chosen else "hover"))
            painter.drawRoundedRect(ground, 6, 6)
        if is_chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        ink = theme.tokens.accent if is_chosen else theme.tokens.muted
        device = painter.device()
        scale = device.devicePixelRatioF() if device is not None else 1.0
        painter.drawPixmap(
            int(ground.x()) + 10,
            int(ground.center().y()) - ICON_PX // 2,
            icons.pixmap(row.icon, ink, ICON_PX, scale),
        )
        self._write(painter, ground.adjusted(42, 6, -12, -6), row)
        painter.restore()

    def _write(self, painter: QPainter, rect: QRectF, row: KindRow) -> None:
        theme, half = self._theme, rect.height() / 2
        first = QRectF(rect.x(), rect.y(), rect.width(), half)
        second = QRectF(rect.x(), rect.y() + half, rect.width(), half)
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.TextElideMode.ElideRight
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        amount = NONE if row.lacking else row.amount
        painter.setPen(theme.colour("muted"))
        room = round(rect.width() * 0.6)
        amount = painter.fontMetrics().elidedText(amount, right, room)
        painter.drawText(first, middle | Qt.AlignmentFlag.AlignRight, amount)
        taken = painter.fontMetrics().horizontalAdvance(amount)
        line = painter.fontMetrics().elidedText(row.short, right, int(second.width()))
        painter.drawText(second, middle, line)
        font.setPixelSize(13)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        title = painter.fontMetrics().elidedText(row.title, right, int(rect.width()) - taken - 8)
        painter.drawText(first, middle, title)


class KindList(QListView):
    """Says which kind was chosen; the arrow keys choose too."""

    picked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.kinds = KindsModel(self)
        self.setModel(self.kinds)
        self.setItemDelegate(_Delegate(theme, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListView { border: 0; background: transparent; }")
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("What to export")
        self.selectionModel().currentChanged.connect(self._pick)
        self._is_silent = False
        theme.changed.connect(self.viewport().update)

    @property
    def current(self) -> KindRow | None:
        """The one that is chosen."""
        index = self.currentIndex()
        return self.kinds.rows[index.row()] if index.isValid() else None

    def show_kinds(self, rows: Sequence[KindRow], current: str) -> None:
        """Show these, one of them chosen."""
        self._is_silent = True
        self.kinds.show_rows(rows)
        keys = [one.key for one in rows]
        self.setCurrentIndex(self.kinds.index(keys.index(current)) if current in keys else ROOT)
        self._is_silent = False

    def _pick(self, now: Index, before: Index) -> None:
        if now.isValid() and not self._is_silent:
            self.picked.emit(self.kinds.rows[now.row()].key)
