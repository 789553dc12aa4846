"""The members of a group as tiles: the picture, what it is, how large and how old, where, and whether it stays."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from app.models import group_words as words
from app.models.group_rows import MemberRow
from app.models.picture_rows import SAYS_ROW
from app.widgets import fonts, thumb
from app.widgets.graph_drawing import draw_crown
from app.widgets.tiles import Index, TileDelegate

PICTURE_PX, LINE_PX, PAD_PX = 148, 17, 8


class MemberDelegate(TileDelegate):
    """One tile an image."""

    size_px = (200, PICTURE_PX + 5 * LINE_PX + 3 * PAD_PX)

    def contents(self, index: Index) -> Iterable[int]:
        row: MemberRow = index.data(SAYS_ROW)
        yield row.picture.content_id

    def draw(
        self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem, index: Index
    ) -> None:
        row: MemberRow = index.data(SAYS_ROW)
        theme, state = self.theme, option.state
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        ground = "accent_soft" if is_selected else "hover" if is_hovered else "panel"
        edge = "accent" if is_selected or state & QStyle.StateFlag.State_HasFocus else "border"
        painter.setPen(
            QPen(theme.colour(edge), 2 if state & QStyle.StateFlag.State_HasFocus else 1)
        )
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(rect, 6, 6)
        place = QRectF(rect.x() + PAD_PX, rect.y() + PAD_PX, rect.width() - 2 * PAD_PX, PICTURE_PX)
        thumb.draw(painter, theme, self.thumbnails, place, row.picture.content_id, is_whole=True)
        if row.is_keeper:
            draw_crown(painter, theme, QPointF(rect.x() + 6, rect.y() + 6))
        name = fonts.sized(painter.font(), 13, is_strong=True)
        self._line(painter, name, row.image.name, "text", rect, 0)
        font = fonts.sized(painter.font(), 12)
        for number, one in enumerate(words.facts(row), start=1):
            mode = Qt.TextElideMode.ElideLeft if number == 3 else Qt.TextElideMode.ElideRight
            self._line(painter, font, one, "muted", rect, number, mode)
        stays = row.is_keeper or row.is_protected
        font = fonts.sized(painter.font(), 12, is_strong=stays)
        last = words.why_words(row)
        self._line(painter, font, last, "accent" if stays else "muted", rect, 4)

    def _line(
        self,
        painter: QPainter,
        font: QFont,
        words_: str,
        colour: str,
        rect: QRectF,
        number: int,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        painter.setFont(font)
        painter.setPen(self.theme.colour(colour))
        y = rect.y() + 2 * PAD_PX + PICTURE_PX + number * LINE_PX
        line = QRectF(rect.x() + PAD_PX, y, rect.width() - 2 * PAD_PX, LINE_PX)
        shown = painter.fontMetrics().elidedText(words_, mode, int(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
