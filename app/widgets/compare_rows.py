"""Rows of the images for which two encoders differ: the image, what changed in words, and both strips of neighbours."""

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QToolTip

from app.models import compare_words as words
from app.models.compare import CompareRow
from app.models.insight import Picture
from app.models.picture_rows import SAYS_ROW, RowsModel
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import compare_strips as strips
from app.widgets import thumb
from app.widgets.picture_list import Index, PictureDelegate, PictureList

SMALL_PX, EDGE_PX, LINE_PX, GAP_PX = 32, 12, 18, 6
OWN_PX = 2 * SMALL_PX + strips.GAP_PX + LINE_PX + GAP_PX
ROW_PX = OWN_PX + 16


class CompareDelegate(PictureDelegate):
    """One row an image."""

    tells_moved = False  # rather than what it gained of its class

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(320, ROW_PX)

    def _left(self, rect: QRectF) -> float:
        return rect.x() + EDGE_PX + OWN_PX + 12

    def _strips_top(self, rect: QRectF) -> float:
        return rect.y() + 8 + LINE_PX + GAP_PX

    def pictures(self, rect: QRectF, index: Index) -> Iterable[tuple[QRectF, Picture]]:
        row: CompareRow = index.data(SAYS_ROW)
        yield QRectF(rect.x() + EDGE_PX, rect.y() + 8, OWN_PX, OWN_PX), row.picture
        left, top = self._left(rect), self._strips_top(rect)
        for _, _, where, mark in strips.places(row, left, top, rect.right() - 8, SMALL_PX):
            yield where, mark.picture

    def told(self, rect: QRectF, index: Index, where: "QHelpEvent") -> str:
        """What is under the pointer."""
        row: CompareRow = index.data(SAYS_ROW)
        left, top, here = self._left(rect), self._strips_top(rect), where.pos().toPointF()
        for strip, _, place, mark in strips.places(row, left, top, rect.right() - 8, SMALL_PX):
            if place.contains(here):
                return words.mark_told(mark, strips.SIDES[strip])
        return row.picture.path

    def draw(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        row: CompareRow = index.data(SAYS_ROW)
        own = QRectF(rect.x() + EDGE_PX, rect.y() + 8, OWN_PX, OWN_PX)
        thumb.draw(painter, self.theme, self.thumbnails, own, row.picture.content_id)
        left, top = self._left(rect), self._strips_top(rect)
        self._draw_words(painter, QRectF(left, rect.y() + 8, rect.right() - 8 - left, LINE_PX), row)
        strips.draw_letters(painter, self.theme, left, top, SMALL_PX)
        for strip, _, where, mark in strips.places(row, left, top, rect.right() - 8, SMALL_PX):
            strips.draw_mark(painter, self.theme, self.thumbnails, where, mark, strip)

    def _draw_words(self, painter: QPainter, line: QRectF, row: CompareRow) -> None:
        strong, plain = QFont(painter.font()), QFont(painter.font())
        strong.setPixelSize(13)
        strong.setWeight(QFont.Weight.DemiBold)
        plain.setPixelSize(12)
        said = words.same_words(row)
        more = words.moved_words(row.moved) if self.tells_moved else words.gain_words(row.gain)
        if more:
            said = f"{said}  ·  {more}"
        painter.setFont(plain)
        wide = painter.fontMetrics().horizontalAdvance(said) + 8
        painter.setPen(self.theme.colour("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, said)
        name = row.class_name if row.class_name is not None else row.picture.path.rpartition("/")[2]
        painter.setFont(strong)
        painter.setPen(self.theme.colour("text"))
        shown = painter.fontMetrics().elidedText(
            name, Qt.TextElideMode.ElideRight, max(0, int(line.width() - wide))
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)


class CompareList(PictureList):
    """Says which image is looked at: by going to its row, or a click on a neighbour. ``full_wanted``: larger."""

    looked_at = Signal(int)
    full_wanted = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        self.rows: RowsModel[CompareRow]
        self._delegate = CompareDelegate(theme, thumbnails)
        rows: RowsModel[CompareRow] = RowsModel(words.row_told, self._delegate)
        super().__init__("Images, by how much the encoders differ", rows, self._delegate)
        self.rows = rows
        self.setSelectionMode(self.SelectionMode.SingleSelection)
        self.opened.connect(self.looked_at)
        self.selectionModel().currentChanged.connect(lambda now, _: self._go_to(now))

    def show_rows(self, rows: tuple[CompareRow, ...]) -> None:
        """Other rows; none is chosen before the user does."""
        self.rows.set_rows(rows)
        self.scrollToTop()

    def tells_moved(self, is_so: bool) -> None:
        """Whether rows say how far an image moved."""
        self._delegate.tells_moved = is_so

    def focusInEvent(self, event: QFocusEvent) -> None:
        had_row = self.currentIndex().isValid()
        was = self.selectionModel().blockSignals(True)
        super().focusInEvent(event)
        if not had_row:  # Qt would go to the first row, which nobody asked for
            self.setCurrentIndex(QModelIndex())
        self.selectionModel().blockSignals(was)

    def mark(self, image_id: int | None) -> None:
        """Choose the row of this image, or none, without saying so."""
        wanted = next(
            (at for at, row in enumerate(self.rows.rows) if row.picture.image_id == image_id), -1
        )
        if wanted == self.currentIndex().row():
            return
        was = self.selectionModel().blockSignals(True)
        self.setCurrentIndex(self.rows.index(wanted, 0))
        if wanted < 0:
            self.clearSelection()
        self.selectionModel().blockSignals(was)
        self.viewport().update()

    def _go_to(self, index: Index) -> None:
        if index.isValid():
            self.looked_at.emit(self.rows.rows[index.row()].picture.image_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        picture = self.picture_at(event)
        index = self.indexAt(event.position().toPoint())
        if picture is None and index.isValid():
            picture = self.first_picture(index)
        if picture is not None:
            self.full_wanted.emit(picture.image_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        opens = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in opens and index.isValid():
            self.full_wanted.emit(self.rows.rows[index.row()].picture.image_id)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: object) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QHelpEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            rect = QRectF(self.visualRect(index))
            told = self._delegate.told(rect, index, event) if index.isValid() else ""
            QToolTip.showText(event.globalPos(), told)
            return True
        return super().viewportEvent(event)  # type: ignore[arg-type]
