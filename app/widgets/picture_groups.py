"""A few groups of small pictures with captions, in as many lines as there is room for; each can be opened."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.models.insight import Captioned, Picture
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import thumb

GAP_PX, NEAR_PX, ARROW_PX, CAPTION_PX = 16, 4, 20, 20
Group = tuple[Captioned, ...]


class PictureGroups(QWidget):
    """Each group is kept together. ``arrow``: an arrow stands between the pictures of a group."""

    chosen = Signal(int)  # an image id

    def __init__(
        self,
        theme: Theme,
        thumbnails: Thumbnails,
        name: str,
        *,
        side_px: int = 72,
        most_lines: int = 2,
        has_arrow: bool = False,
    ) -> None:
        super().__init__()
        self._theme, self._thumbnails, self._side = theme, thumbnails, side_px
        self._most_lines, self._has_arrow = most_lines, has_arrow
        self.groups: tuple[Group, ...] = ()
        self._places: list[tuple[QRectF, Picture, str]] = []
        self._hovered, self._focused = -1, 0
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        thumbnails.arrived.connect(self.update)
        theme.changed.connect(self.update)

    def show_groups(self, groups: Sequence[Group]) -> None:
        """Show these; as many as there is room for."""
        self.groups = tuple(groups)
        self._hovered, self._focused = -1, 0
        self._lay_out()
        told = ["; ".join(f"{c} {p.path}".strip() for p, c in group) for group in self.groups]
        self.setAccessibleDescription(". ".join(told))
        self.update()

    @property
    def shown(self) -> list[Picture]:
        """The pictures that there was room for."""
        return [picture for _, picture, _ in self._places]

    def _line_px(self) -> int:
        has_words = any(words for group in self.groups for _, words in group)
        return self._side + (CAPTION_PX if has_words else 0)

    def _lay_out(self) -> None:
        self._places = []
        x, line, between = 0, 0, ARROW_PX if self._has_arrow else NEAR_PX
        for group in self.groups:
            wide = len(group) * (self._side + between) - between
            if x and x + wide > self.width():
                x, line = 0, line + 1
            if line >= self._most_lines:
                break
            for picture, words in group:
                if x and x + self._side > self.width():
                    break  # a large group gives way at its end
                y = line * (self._line_px() + GAP_PX // 2)
                self._places.append((QRectF(x, y, self._side, self._side), picture, words))
                x += self._side + between
            x += GAP_PX - between
        lines = (
            1 + line if self._places and line < self._most_lines else min(line, self._most_lines)
        )
        self.setFixedHeight(max(0, lines * (self._line_px() + GAP_PX // 2) - GAP_PX // 2))
        self.setVisible(bool(self.groups))

    def _ask(self) -> None:
        self._thumbnails.set_side(round(96 * self.devicePixelRatioF()))
        self._thumbnails.want([one.content_id for one in self.shown])

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        lacking = [one.content_id for one in self.shown]
        if any(not self._thumbnails.cache.is_known(one) for one in lacking):
            self._ask()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        for place, (rect, picture, words) in enumerate(self._places):
            thumb.draw(painter, self._theme, self._thumbnails, rect, picture.content_id)
            if place == self._hovered or (self.hasFocus() and place == self._focused):
                thumb.ring(painter, self._theme, rect)
            line = QRectF(rect.x(), rect.bottom(), rect.width(), CAPTION_PX)
            painter.setPen(self._theme.colour("muted"))
            shown = painter.fontMetrics().elidedText(
                words, Qt.TextElideMode.ElideRight, int(rect.width())
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)
            if self._has_arrow and place % 2 == 0:
                self._draw_arrow(painter, rect)
        painter.end()

    def _draw_arrow(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(self._theme.colour("muted"), 1.5))
        x, y = rect.right() + 4, rect.center().y()
        tip = QPointF(x + ARROW_PX - 8, y)
        painter.drawLine(QPointF(x, y), tip)
        painter.drawLine(tip, tip + QPointF(-4, -4))
        painter.drawLine(tip, tip + QPointF(-4, 4))

    # -- hands

    def _place_at(self, where: QPointF) -> int:
        return next((n for n, (rect, _, _) in enumerate(self._places) if rect.contains(where)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._place_at(event.position())
        hand = Qt.CursorShape.PointingHandCursor
        self.setCursor(hand if self._hovered >= 0 else Qt.CursorShape.ArrowCursor)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._focused = place
            self.chosen.emit(self._places[place][1].image_id)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._place_at(QPointF(event.pos()))
            words = self._places[place][1].path if place >= 0 else ""
            QToolTip.showText(event.globalPos(), words)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if not self._places:
            event.ignore()
        elif step is not None:
            self._focused = max(0, min(len(self._places) - 1, self._focused + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._places[self._focused][1].image_id)
        else:
            event.ignore()

    def focusInEvent(self, event: object) -> None:
        self.update()

    def focusOutEvent(self, event: object) -> None:
        self.update()
