"""Tiles of pairs: both pictures, a box that is ticked or not, how alike they are and what differs."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from app.models.picture_rows import SAYS_ROW
from app.style import icons
from app.widgets import fonts, thumb
from app.widgets.tiles import Index, TileDelegate
from core.duplicates.records import Card

SIDE_PX, PAD_PX, LINE_PX, BOX_PX = 112, 8, 18, 16
DIMMED = 0.3


class PairDelegate(TileDelegate):
    """One tile a pair; the model says whether it is checked."""

    size_px = (2 * SIDE_PX + 3 * PAD_PX, SIDE_PX + 2 * LINE_PX + 3 * PAD_PX)

    def contents(self, index: Index) -> Iterable[int]:
        card: Card = index.data(SAYS_ROW)
        return card.a, card.b

    def draw(
        self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem, index: Index
    ) -> None:
        card: Card = index.data(SAYS_ROW)
        is_on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        theme, state = self.theme, option.state
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(
            QPen(theme.colour("accent" if has_focus else "border"), 2 if has_focus else 1)
        )
        painter.setBrush(theme.colour("hover" if is_hovered or is_selected else "panel"))
        painter.drawRoundedRect(rect, 6, 6)
        painter.setOpacity(1.0 if is_on else DIMMED)
        wide = (rect.width() - 3 * PAD_PX) / 2
        for number, content in enumerate((card.a, card.b)):
            x = rect.x() + PAD_PX + number * (wide + PAD_PX)
            place = QRectF(x, rect.y() + PAD_PX, wide, SIDE_PX)
            thumb.draw(painter, theme, self.thumbnails, place, content, is_whole=True)
        painter.setOpacity(1.0)
        y = rect.y() + SIDE_PX + 2 * PAD_PX
        self._draw_box(painter, QRectF(rect.x() + PAD_PX, y + 1, BOX_PX, BOX_PX), is_on)
        painter.setFont(fonts.sized(painter.font(), 12, is_strong=True))
        painter.setPen(theme.colour("text" if is_on else "muted"))
        line = QRectF(
            rect.x() + PAD_PX + BOX_PX + 6, y, rect.width() - 2 * PAD_PX - BOX_PX - 6, LINE_PX
        )
        said = f"{100 * card.score:.0f} %" if is_on else f"{100 * card.score:.0f} %, taken out"
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, said)
        painter.setFont(fonts.sized(painter.font(), 12))
        painter.setPen(theme.colour("muted"))
        differs = ", ".join(card.differs) or "nothing differs that was measured"
        below = QRectF(rect.x() + PAD_PX, y + LINE_PX, rect.width() - 2 * PAD_PX, LINE_PX)
        shown = painter.fontMetrics().elidedText(
            differs, Qt.TextElideMode.ElideRight, int(below.width())
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, shown)

    def _draw_box(self, painter: QPainter, box: QRectF, is_on: bool) -> None:
        theme = self.theme
        painter.setPen(QPen(theme.colour("accent" if is_on else "border_strong"), 1.25))
        painter.setBrush(theme.colour("accent") if is_on else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if is_on:
            device = painter.device()
            ratio = float(device.devicePixelRatioF()) if device is not None else 1.0
            painter.drawPixmap(
                box.topLeft(), icons.pixmap("check", theme.tokens.on_accent, BOX_PX - 1, ratio)
            )
        painter.setBrush(Qt.BrushStyle.NoBrush)
