"""Rows of doubted classes: the image, its class and the one suggested, how sure that is, and who says so."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionViewItem

from app.models import insight_words as words
from app.models.insight import Doubt, Picture
from app.models.picture_rows import SAYS_ROW
from app.widgets import thumb
from app.widgets.picture_list import Index, PictureDelegate

ROW_PX, SIDE_PX, SMALL_PX, GAP_PX, EDGE_PX = 88, 72, 52, 4, 16
SURE_PX, SURE_GAP_PX, BAR_PX = 128, 24, 6
MOST_SUPPORT = 5


class DoubtDelegate(PictureDelegate):
    """One row a doubt."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(320, ROW_PX)

    def pictures(self, rect: QRectF, index: Index) -> Iterable[tuple[QRectF, Picture]]:
        doubt: Doubt = index.data(SAYS_ROW)
        y = rect.y() + (ROW_PX - SIDE_PX) / 2
        yield QRectF(rect.x() + EDGE_PX, y, SIDE_PX, SIDE_PX), doubt.picture
        x, y = support_x(rect.width()) + rect.x(), rect.y() + (ROW_PX - SMALL_PX) / 2
        for number, one in enumerate(doubt.support[:MOST_SUPPORT]):
            yield QRectF(x + number * (SMALL_PX + GAP_PX), y, SMALL_PX, SMALL_PX), one

    def draw(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        doubt: Doubt = index.data(SAYS_ROW)
        for place, picture in self.pictures(rect, index):
            thumb.draw(painter, self.theme, self.thumbnails, place, picture.content_id)
        left = rect.x() + name_x()
        room = rect.x() + sure_x(rect.width()) - SURE_GAP_PX - left
        self._draw_names(painter, QRectF(left, rect.y(), room, rect.height()), doubt)
        self._draw_sure(painter, rect, doubt.confidence)

    def _draw_names(self, painter: QPainter, room: QRectF, doubt: Doubt) -> None:
        theme, middle = self.theme, room.center().y()
        plain, strong = QFont(painter.font()), QFont(painter.font())
        plain.setPixelSize(13)
        strong.setPixelSize(14)
        strong.setWeight(QFont.Weight.DemiBold)
        for font, colour, name, y in (
            (plain, "muted", doubt.class_name, middle - 22),
            (strong, "text", doubt.suggested, middle + 2),
        ):
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            indent = 0 if font is plain else 20
            line = QRectF(room.x() + indent, y, room.width() - indent, 20)
            shown = painter.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideMiddle, int(line.width())
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
            if font is plain:  # struck through: this is what it would not be any more
                wide = painter.fontMetrics().horizontalAdvance(shown)
                painter.setPen(QPen(theme.colour("border_strong"), 1))
                level = line.center().y() + 1
                painter.drawLine(QPointF(line.x(), level), QPointF(line.x() + wide, level))
        painter.setPen(QPen(theme.colour("accent"), 1.75))
        x, y = room.x() + 1, middle + 12
        tip = QPointF(x + 12, y)
        painter.drawPolyline([QPointF(x, y - 8), QPointF(x, y), tip])
        painter.drawPolyline([tip + QPointF(-4, -4), tip, tip + QPointF(-4, 4)])

    def _draw_sure(self, painter: QPainter, rect: QRectF, confidence: float) -> None:
        theme, x = self.theme, rect.x() + sure_x(rect.width())
        font = QFont(painter.font())
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        line = QRectF(x, rect.center().y() - 22, SURE_PX, 20)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words.how_sure(confidence))
        bar = QRectF(x, rect.center().y() + 8, SURE_PX, BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("pressed"))
        painter.drawRoundedRect(bar, 3, 3)
        bar.setWidth(max(float(BAR_PX), SURE_PX * confidence))
        painter.setBrush(theme.colour("accent"))
        painter.drawRoundedRect(bar, 3, 3)


def name_x() -> float:
    """Where the names begin, from the left of a row."""
    return EDGE_PX + SIDE_PX + 16.0


def support_x(width: float) -> float:
    """Where the neighbours begin."""
    return width - EDGE_PX - MOST_SUPPORT * (SMALL_PX + GAP_PX) + GAP_PX


def sure_x(width: float) -> float:
    """Where it is said how sure it is."""
    return support_x(width) - SURE_GAP_PX - SURE_PX
