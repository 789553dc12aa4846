"""A combo box that tells of each choice in a line, where it is open."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.style.theme import Theme
from app.widgets.choice import Choice

LINE_PX, EDGE_PX, SMALL_PX = 44, 10, 12
SAYS_LINE = Qt.ItemDataRole.UserRole + 1


class _ToldDelegate(QStyledItemDelegate):
    """A name, and below it what it means."""

    def __init__(self, theme: Theme, parent: "ToldChoice") -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics = option.fontMetrics
        wide = max(
            metrics.horizontalAdvance(str(index.data(role) or ""))
            for role in (Qt.ItemDataRole.DisplayRole, SAYS_LINE)
        )
        return QSize(wide + 2 * EDGE_PX, LINE_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme, rect = self._theme, QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft"))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
        room = rect.adjusted(EDGE_PX, 4, -EDGE_PX, -4)
        half = room.height() / 2
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme.colour("text"))
        name = QRectF(room.x(), room.y(), room.width(), half)
        painter.drawText(name, middle, str(index.data()))
        font = painter.font()
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        painter.drawText(name.translated(0, half), middle, str(index.data(SAYS_LINE) or ""))
        painter.restore()


class ToldChoice(Choice):
    """One of a few words, each with its meaning."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name)
        self.setItemDelegate(_ToldDelegate(theme, self))

    def add(self, key: str, name: str, line: str) -> None:
        """Another one to choose."""
        self.addItem(name, key)
        place = self.count() - 1
        self.setItemData(place, line, SAYS_LINE)
        told = f"{name}. {line}" if line else name
        self.setItemData(place, told, Qt.ItemDataRole.AccessibleTextRole)

    def showPopup(self) -> None:
        """As wide as what it has to say."""
        view = self.view()
        wide = max((view.sizeHintForIndex(self.model().index(row, 0)).width()
                    for row in range(self.count())), default=0)  # fmt: skip
        view.setMinimumWidth(max(self.width(), wide + 24))
        super().showPopup()
