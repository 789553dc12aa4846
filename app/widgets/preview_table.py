"""The table of the first rows that would be written; cells that are paths show the picture before the name."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from app.models.export_preview import PreviewModel, Shown
from app.style.theme import Theme

PICTURE_PX, ROW_PX, PLAIN_ROW_PX = 36, 44, 28
LEAST_PX, PATH_PX, MOST_PX = 56, 264, 208
HASH_PX = 96  # of a SHA-256 its beginning will do: what is beside it is what one looks for


class _Delegate(QStyledItemDelegate):
    """Paths give way at their beginning: what tells files apart is at the end."""

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        text = str(index.data() or "")[:80]
        return QSize(option.fontMetrics.horizontalAdvance(text) + 20, PLAIN_ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        model = index.model()
        assert isinstance(model, PreviewModel)
        rect = option.rect.adjusted(8, 0, -8, 0)
        painter.save()
        if index.row() % 2:
            painter.fillRect(option.rect, self._theme.colour("panel"))
        if index.column() in model.picture_columns:
            picture = index.data(Qt.ItemDataRole.DecorationRole)
            if isinstance(picture, QPixmap):
                size = picture.deviceIndependentSize().toSize()
                place = QRect(0, 0, size.width(), size.height())
                place.moveCenter(QRect(rect.x(), rect.y(), PICTURE_PX, rect.height()).center())
                painter.drawPixmap(place, picture)
            rect.setLeft(rect.left() + PICTURE_PX + 8)
        is_path = index.column() in model.shown.paths
        mode = Qt.TextElideMode.ElideLeft if is_path else Qt.TextElideMode.ElideRight
        painter.setPen(self._theme.colour("text"))
        words = painter.fontMetrics().elidedText(str(index.data() or ""), mode, rect.width())
        align = index.data(Qt.ItemDataRole.TextAlignmentRole) or int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(rect, align, words)
        painter.restore()


class PreviewTable(QTableView):
    """Shows rows; nothing can be done with them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.rows = PreviewModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(_Delegate(theme, self))
        self.setAccessibleName("The first rows")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        theme.changed.connect(self.viewport().update)

    def show_rows(self, shown: Shown) -> None:
        """Show these, each column as wide as it needs within bounds."""
        self.rows.show(shown)
        has_pictures = bool(self.rows.picture_columns)
        self.verticalHeader().setDefaultSectionSize(ROW_PX if has_pictures else PLAIN_ROW_PX)
        header = self.horizontalHeader()
        for column in range(self.rows.columnCount()):
            wide = max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
            is_hash = shown.preview.columns[column] == "content"
            most = PATH_PX if column in shown.paths else HASH_PX if is_hash else MOST_PX
            if column in self.rows.picture_columns:
                wide += PICTURE_PX + 8
            self.setColumnWidth(column, min(most, max(LEAST_PX, wide)))
