"""Rows of leaks: the pictures that belong together, each with the part of the split that it is in."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from app.models.insight import LeakRow, Picture
from app.models.picture_rows import SAYS_ROW
from app.style.palette import class_colours
from app.widgets import thumb
from app.widgets.picture_list import Index, PictureDelegate

ROW_PX, HEAD_PX, SIDE_PX, GAP_PX, EDGE_PX, CAPTION_PX = 132, 28, 72, 8, 16, 20


class LeakDelegate(PictureDelegate):
    """One row a leak; ``parts`` in the order in which they have their colours."""

    parts: tuple[str, ...] = ()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(320, ROW_PX)

    def _room(self, rect: QRectF) -> int:
        return max(1, int((rect.width() - 2 * EDGE_PX + GAP_PX) // (SIDE_PX + GAP_PX)))

    def pictures(self, rect: QRectF, index: Index) -> Iterable[tuple[QRectF, Picture]]:
        leak: LeakRow = index.data(SAYS_ROW)
        for number, one in enumerate(leak.members[: self._room(rect)]):
            x = rect.x() + EDGE_PX + number * (SIDE_PX + GAP_PX)
            yield QRectF(x, rect.y() + HEAD_PX, SIDE_PX, SIDE_PX), one.picture

    def draw(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        leak: LeakRow = index.data(SAYS_ROW)
        theme, font = self.theme, QFont(painter.font())
        palette = class_colours(theme.tokens.name)
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        room = self._room(rect)
        more = len(leak.members) - room
        words = f"{leak.words}, and {more:,} more" if more > 0 else leak.words
        head = QRectF(rect.x() + EDGE_PX, rect.y(), rect.width() - 2 * EDGE_PX, HEAD_PX)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, words)
        for (place, picture), one in zip(self.pictures(rect, index), leak.members, strict=False):
            thumb.draw(painter, theme, self.thumbnails, place, picture.content_id)
            known = self.parts.index(one.part) if one.part in self.parts else 0
            dot = QRectF(place.x() + 2, place.bottom() + CAPTION_PX / 2 - 3, 7, 7)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette[known % len(palette)]))
            painter.drawEllipse(dot)
            painter.setPen(theme.colour("text"))
            line = QRectF(place.x() + 13, place.bottom() + 1, SIDE_PX - 13, CAPTION_PX)
            shown = painter.fontMetrics().elidedText(
                one.part, Qt.TextElideMode.ElideMiddle, int(line.width())
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
