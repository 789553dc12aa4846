"""A list whose rows hold pictures: only what is on screen is drawn and fetched; a click on a picture says which."""

from collections.abc import Iterable

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from app.models.insight import Picture
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme

Index = QModelIndex | QPersistentModelIndex
SIDE_PX = 96  # of thumbnails, in device pixels at least


class PictureDelegate(QStyledItemDelegate):
    """Draws a row; knows where its pictures are."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.theme, self.thumbnails = theme, thumbnails

    def pictures(self, rect: QRectF, index: Index) -> Iterable[tuple[QRectF, Picture]]:
        """Where which picture of a row is, with the row at ``rect``."""
        raise NotImplementedError

    def draw(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        """Everything but the ground."""
        raise NotImplementedError

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self.theme.colour("accent_soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, self.theme.colour("hover"))
        painter.setPen(self.theme.colour("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        self.draw(painter, rect, index)
        if state & QStyle.StateFlag.State_HasFocus:
            bar = QRectF(rect.x(), rect.y() + 4, 3, rect.height() - 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.colour("accent"))
            painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.restore()


class PictureList(QListView):
    """Says which image is to be opened: by a click on a small picture, a double click, Enter or Space."""

    opened = Signal(int)
    resized = Signal()  # the room for rows

    def __init__(self, name: str, model: QAbstractListModel, delegate: PictureDelegate) -> None:
        super().__init__()
        self._pictures, self._thumbnails = delegate, delegate.thumbnails
        delegate.setParent(self)
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(32)
        self._thumbnails.arrived.connect(self.viewport().update)
        delegate.theme.changed.connect(self.viewport().update)

    def chosen_rows(self) -> list[int]:
        """The selected rows, from top to bottom."""
        return sorted(one.row() for one in self.selectionModel().selectedIndexes())

    def first_picture(self, index: Index) -> Picture | None:
        """The picture that a row is about."""
        found = list(self._pictures.pictures(QRectF(self.visualRect(index)), index))
        return found[0][1] if found else None

    def picture_at(self, place: "QMouseEvent | QHelpEvent") -> Picture | None:
        """The picture under the pointer."""
        where = place.position() if isinstance(place, QMouseEvent) else place.pos().toPointF()
        index = self.indexAt(where.toPoint())
        if not index.isValid():
            return None
        pictures = self._pictures.pictures(QRectF(self.visualRect(index)), index)
        return next((one for rect, one in pictures if rect.contains(where)), None)

    def _ask(self) -> None:
        """Fetch what is on screen, and a little of what follows."""
        wanted: list[int] = []
        first = self.indexAt(self.viewport().rect().topLeft())
        for row in range(max(0, first.row()), self.model().rowCount()):
            index = self.model().index(row, 0)
            rect = self.visualRect(index)
            if rect.top() > self.viewport().height() + 200:
                break
            pictures = self._pictures.pictures(QRectF(rect), index)
            wanted += [one.content_id for _, one in pictures]
        self._thumbnails.set_side(round(SIDE_PX * self.devicePixelRatioF()))
        self._thumbnails.want(list(dict.fromkeys(wanted)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._ask()
        super().paintEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        picture = self.picture_at(event)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if picture is not None and plain and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(picture.image_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        shape = (
            Qt.CursorShape.PointingHandCursor
            if self.picture_at(event)
            else Qt.CursorShape.ArrowCursor
        )
        self.viewport().setCursor(shape)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            picture = self.picture_at(event)
            QToolTip.showText(event.globalPos(), picture.path if picture is not None else "")
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        opens = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in opens and index.isValid():
            if (picture := self.first_picture(index)) is not None:
                self.opened.emit(picture.image_id)
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape):
            event.ignore()
        else:
            super().keyPressEvent(event)
