"""Rows of a plan: the file that stays, the one that goes, struck through, why, and the bytes won."""

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QWidget

from app.models.insight import Picture
from app.models.picture_rows import SAYS_ROW, RowsModel
from app.models.removal_rows import RemovalRow
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import fonts, text, thumb
from app.widgets.picture_list import Index, PictureDelegate, PictureList

ROW_PX, SIDE_PX, EDGE_PX, GAP_PX = 72, 56, 16, 12
WHY_PX, WON_PX, HEAD_PX = 184, 72, 28
PLAN_HEADS = ("Stays", "Goes", "Why", "Won")
LEFT_HEADS = ("Stays", "Could not go", "Why", "")


def columns(width: float) -> tuple[QRectF, QRectF, QRectF, QRectF]:
    """Where the four columns are, in a row of this width; heights are 0."""
    half = max(120.0, (width - 2 * EDGE_PX - WHY_PX - WON_PX - 3 * GAP_PX) / 2)
    found, x = [], float(EDGE_PX)
    for wide in (half, half, float(WHY_PX), float(WON_PX)):
        found.append(QRectF(x, 0, wide, 0))
        x += wide + GAP_PX
    return found[0], found[1], found[2], found[3]


class RemovalHead(QWidget):
    """The names of the columns of a list, over them."""

    def __init__(self, theme: Theme, over: PictureList) -> None:
        super().__init__()
        self._theme, self._over = theme, over
        self.names = PLAN_HEADS
        self.setFixedHeight(HEAD_PX)
        theme.changed.connect(self.update)
        over.resized.connect(self.update)

    def show_names(self, names: tuple[str, str, str, str]) -> None:
        """Other names than before."""
        self.names = names
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setFont(fonts.sized(self.font(), 12))
        painter.setPen(theme.colour("muted"))
        rows = self._over.viewport()
        left = rows.mapTo(self._over, QPoint()).x()
        for name, place in zip(self.names, columns(rows.width()), strict=True):
            place.setHeight(HEAD_PX)
            place.translate(left, 0)
            side = Qt.AlignmentFlag.AlignRight if name == "Won" else Qt.AlignmentFlag.AlignLeft
            painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(theme.colour("border"))
        painter.drawLine(0, HEAD_PX - 1, self.width(), HEAD_PX - 1)
        painter.end()


class RemovalDelegate(PictureDelegate):
    """One row a file that goes; what stays is drawn beside the first of its group."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(320, ROW_PX)

    def pictures(self, rect: QRectF, index: Index) -> Iterable[tuple[QRectF, Picture]]:
        row: RemovalRow = index.data(SAYS_ROW)
        stays, goes, _, _ = columns(rect.width())
        y = rect.y() + (ROW_PX - SIDE_PX) / 2
        yield QRectF(rect.x() + goes.x(), y, SIDE_PX, SIDE_PX), row.leaving
        if row.is_first:
            yield QRectF(rect.x() + stays.x(), y, SIDE_PX, SIDE_PX), row.keeper

    def draw(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        row: RemovalRow = index.data(SAYS_ROW)
        stays, goes, why, won = (
            QRectF(rect.x() + one.x(), rect.y(), one.width(), ROW_PX)
            for one in columns(rect.width())
        )
        goes_now = not row.is_out and not row.refused
        for place, picture in self.pictures(rect, index):
            is_leaving = picture is row.leaving
            painter.setOpacity(0.5 if is_leaving and goes_now else 1.0)
            thumb.draw(painter, self.theme, self.thumbnails, place, picture.content_id)
            painter.setOpacity(1.0)
            if is_leaving and goes_now:
                self._strike(painter, place)
            elif not is_leaving:
                thumb.ring(painter, self.theme, place, "success")
        if row.is_first:
            self._names(painter, stays, row.kept_name, row.kept_folder, is_struck=False)
        else:
            self._continue(painter, stays)
        self._names(painter, goes, row.name, row.folder, is_struck=goes_now)
        self._draw_why(painter, why, row)
        if goes_now:
            self._line(painter, won, 13, "text", text.size(row.size_bytes), is_right=True)

    def _strike(self, painter: QPainter, place: QRectF) -> None:
        painter.setPen(QPen(self.theme.colour("danger"), 2))
        inner = place.adjusted(5, 5, -5, -5)
        painter.drawLine(inner.bottomLeft(), inner.topRight())

    def _continue(self, painter: QPainter, stays: QRectF) -> None:
        """The file that stays is the one above."""
        painter.setPen(QPen(self.theme.colour("border_strong"), 1))
        x = stays.x() + SIDE_PX / 2
        painter.drawLine(QPointF(x, stays.y()), QPointF(x, stays.center().y()))
        painter.drawLine(QPointF(x, stays.center().y()), QPointF(x + 20, stays.center().y()))

    def _names(
        self, painter: QPainter, column: QRectF, name: str, folder: str, *, is_struck: bool
    ) -> None:
        room = column.adjusted(SIDE_PX + GAP_PX, 0, 0, 0)
        upper = QRectF(room.x(), room.center().y() - 20, room.width(), 20)
        shown = self._line(painter, upper, 14, "muted" if is_struck else "text", name)
        if is_struck:
            wide = painter.fontMetrics().horizontalAdvance(shown)
            level = upper.center().y() + 1
            painter.drawLine(QPointF(upper.x(), level), QPointF(upper.x() + wide, level))
        self._line(painter, upper.translated(0, 20), 12, "muted", folder, is_left_cut=True)

    def _draw_why(self, painter: QPainter, column: QRectF, row: RemovalRow) -> None:
        if row.refused:
            painter.setFont(fonts.sized(painter.font(), 12))
            painter.setPen(self.theme.colour("danger"))
            room = column.adjusted(0, 4, WON_PX + GAP_PX, -4)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, f"Cannot go: {row.refused}")
            return
        upper = QRectF(column.x(), column.center().y() - 20, column.width(), 20)
        if row.is_out:
            self._line(painter, upper.translated(0, 10), 13, "text", "Stays, taken out")
            return
        self._line(painter, upper, 13, "text", row.ground)
        self._line(painter, upper.translated(0, 20), 12, "muted", f"Kept: {row.why.lower()}")

    def _line(
        self, painter: QPainter, room: QRectF, size_px: int, colour: str, words: str,
        *, is_right: bool = False, is_left_cut: bool = False,
    ) -> str:  # fmt: skip
        painter.setFont(fonts.sized(painter.font(), size_px))
        painter.setPen(self.theme.colour(colour))
        cut = Qt.TextElideMode.ElideLeft if is_left_cut else Qt.TextElideMode.ElideMiddle
        shown = painter.fontMetrics().elidedText(words, cut, int(room.width()))
        side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)
        return shown


class RemovalList(PictureList):
    """The rows; Delete takes those that are marked out of the plan, or puts them back into it."""

    turned = Signal(object)  # image ids of the rows that are marked

    def __init__(self, theme: Theme, thumbnails: Thumbnails, model: RowsModel[RemovalRow]) -> None:
        super().__init__("Files that would go", model, RemovalDelegate(theme, thumbnails))
        self.rows = model
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def chosen_images(self) -> list[int]:
        """The files that are marked."""
        return [self.rows.rows[at].leaving.image_id for at in self.chosen_rows()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.turned.emit(self.chosen_images())
        else:
            super().keyPressEvent(event)
