"""Tiles with pictures, as many side by side as there is room for: only those on screen are drawn and fetched."""

from collections.abc import Iterable

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme

Index = QModelIndex | QPersistentModelIndex
GAP_PX, BATCH = 8, 200


class TileDelegate(QStyledItemDelegate):
    """Draws a tile; knows which contents it shows."""

    size_px = (200, 200)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.theme, self.thumbnails = theme, thumbnails

    def contents(self, index: Index) -> Iterable[int]:
        """The contents whose pictures a tile shows."""
        raise NotImplementedError

    def draw(
        self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """The tile, all of it."""
        raise NotImplementedError

    def tip(self, index: Index) -> str:
        """What is told where the pointer rests."""
        return str(index.data(Qt.ItemDataRole.DisplayRole))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.size_px[0] + GAP_PX, self.size_px[1] + GAP_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect = QRectF(option.rect).adjusted(GAP_PX / 2, GAP_PX / 2, -GAP_PX / 2, -GAP_PX / 2)
        self.draw(painter, rect, option, index)
        painter.restore()


class Tiles(QListView):
    """A click chooses, Space turns over, Enter or a double click opens; what these mean is for the view to say."""

    opened = Signal(int)  # a row
    turned = Signal(object)  # rows

    def __init__(
        self, name: str, model: QAbstractListModel, delegate: TileDelegate, side_px: int, *,
        turns_by_click: bool = False,
    ) -> None:  # fmt: skip
        """``side_px``: of the pictures, which are fetched at this size."""
        super().__init__()
        self._least_px = delegate.size_px[0]
        self._delegate, self._side_px, self._turns_by_click = delegate, side_px, turns_by_click
        delegate.setParent(self)
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setAccessibleName(name)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)  # many thousands come bit by bit
        self.setBatchSize(BATCH)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        )  # so that the width stays
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(False)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(48)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))
        delegate.thumbnails.arrived.connect(self.viewport().update)
        delegate.theme.changed.connect(self.viewport().update)

    def chosen_rows(self) -> list[int]:
        """The selected rows, from the first to the last."""
        return sorted(one.row() for one in self.selectionModel().selectedIndexes())

    def rows_in_sight(self) -> range:
        """The rows on screen, and those of two lines more."""
        count = self.model().rowCount()
        wide, high = (one + GAP_PX for one in self._delegate.size_px)
        columns = max(1, self.viewport().width() // wide)
        first = max(0, self.verticalScrollBar().value() // high) * columns
        lines = self.viewport().height() // high + 3
        return range(min(first, count), min(count, first + lines * columns))

    def paintEvent(self, event: QPaintEvent) -> None:
        model = self.model()
        wanted = [
            one
            for row in self.rows_in_sight()
            for one in self._delegate.contents(model.index(row, 0))
        ]
        thumbnails = self._delegate.thumbnails
        thumbnails.set_side(round(self._side_px * self.devicePixelRatioF()))
        thumbnails.want(list(dict.fromkeys(wanted)))
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Tiles share the width there is.
        columns = max(1, self.viewport().width() // (self._least_px + GAP_PX))
        wide = (self.viewport().width() - 2) // columns - GAP_PX
        if wide != self._delegate.size_px[0]:
            self._delegate.size_px = (wide, self._delegate.size_px[1])
            self.scheduleDelayedItemsLayout()
        super().resizeEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if (
            self._turns_by_click
            and index.isValid()
            and plain
            and event.button() == Qt.MouseButton.LeftButton
        ):
            self.turned.emit([index.row()])

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            QToolTip.showText(
                event.globalPos(), self._delegate.tip(index) if index.isValid() else ""
            )
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, index = Qt.Key(event.key()), self.currentIndex()
        if key == Qt.Key.Key_Space and index.isValid():
            self.turned.emit(self.chosen_rows() or [index.row()])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.opened.emit(index.row())
        elif event.text().strip() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()  # letters are keys of the panel, no search in the list
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape, Qt.Key.Key_Delete):
            event.ignore()
        else:
            super().keyPressEvent(event)
