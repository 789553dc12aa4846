"""The command palette: every action by a few letters of its name."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.style.theme import Theme
from app.widgets.corners import round_corners

ACTION_ROLE = int(Qt.ItemDataRole.UserRole) + 1


def rank(wanted: str, text: str) -> int | None:
    """How well letters fit a name: lower is better, None where they do not."""
    wanted, text = wanted.casefold().replace(" ", ""), text.casefold()
    if not wanted:
        return 0
    whole = text.replace(" ", "").find(wanted)
    if whole >= 0:
        return whole
    place, gaps = -1, 0
    for letter in wanted:
        following = text.find(letter, place + 1)
        if following < 0:
            return None
        gaps += following - place - 1
        place = following
    return 100 + gaps


class _Delegate(QStyledItemDelegate):
    """Name on the left, menu and shortcut on the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, 36)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        action: QAction = index.data(ACTION_ROLE)
        rect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent_soft"))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        action.icon().paint(painter, rect.left() + 12, rect.top() + 9, 18, 18)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self._theme.colour("text"))
        painter.drawText(rect.adjusted(42, 0, -160, 0), middle, plain(action))
        painter.setPen(self._theme.colour("muted"))
        keys = action.shortcut().toString()
        shown = "   ".join(part for part in (str(action.data() or ""), keys) if part)
        painter.drawText(rect.adjusted(0, 0, -12, 0), middle | Qt.AlignmentFlag.AlignRight, shown)
        painter.restore()


class Palette(QDialog):
    """Type, arrow down, Enter."""

    def __init__(self, theme: Theme, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Command palette")
        self._actions = actions
        self._field = QLineEdit()
        self._field.setPlaceholderText("Type what you want to do")
        self._field.setAccessibleName("Command")
        self._field.setFixedHeight(40)
        self._list = QListWidget()
        self._list.setItemDelegate(_Delegate(theme, self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setAccessibleName("Commands")
        self._field.textChanged.connect(self._narrow)
        self._list.itemClicked.connect(lambda _: self._choose())
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(8)
        box.addWidget(self._field)
        box.addWidget(self._list)
        self.setFixedSize(560, 420)
        self._narrow("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        round_corners(self)

    def open_over(self, window: QWidget) -> None:
        """Show it over the upper part of the window."""
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + 72)
        self.show()
        self._field.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            count = self._list.count()
            if count:
                self._list.setCurrentRow((self._list.currentRow() + step) % count)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        else:
            super().keyPressEvent(event)

    @property
    def shown(self) -> list[str]:
        """The names on show, best first."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    def _narrow(self, wanted: str) -> None:
        ranked = [
            (place, number, action)
            for number, action in enumerate(self._actions)
            if action.isEnabled() and (place := rank(wanted, plain(action))) is not None
        ]
        self._list.clear()
        for _, _, action in sorted(ranked, key=lambda one: one[:2]):
            item = QListWidgetItem(plain(action))
            item.setData(ACTION_ROLE, action)
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _choose(self) -> None:
        item = self._list.currentItem()
        self.accept()
        if item is not None:
            item.data(ACTION_ROLE).trigger()


def plain(action: QAction) -> str:
    """An action's name without marks."""
    return action.text().replace("&", "").rstrip("…")
