"""What is known of the two sides of a pair, over their panes: name and folder, then facts, the better ones marked."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.models.pair_words import Fact
from app.style.theme import Theme
from app.widgets import fonts

LINE_PX, LETTER_PX, GAP_PX, EDGE_PX, BETWEEN_PX = 20, 20, 8, 8, 12
HIGH_PX = 2 * LINE_PX + 16


class PairCaptions(QWidget):
    """Two columns as wide as the panes below them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._sides: tuple[tuple[str, str, tuple[Fact, ...]], ...] = ()
        self.setAccessibleName("What is known of both sides")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_sides(self, *sides: tuple[str, str, tuple[Fact, ...]]) -> None:
        """(name, folder, facts) of A and of B."""
        self._sides = sides
        self.setAccessibleDescription(
            ". ".join(f"{letter}: {side[0]}" for letter, side in zip("AB", sides, strict=False))
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, HIGH_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = (self.width() - GAP_PX) / 2
        for place, side in enumerate(self._sides):
            rect = QRectF(place * (wide + GAP_PX), 0, wide, self.height())
            self._paint_side(painter, rect.adjusted(EDGE_PX, 8, -EDGE_PX, -8), "AB"[place], side)
        painter.end()

    def _paint_side(
        self, painter: QPainter, rect: QRectF, letter: str, side: tuple[str, str, tuple[Fact, ...]]
    ) -> None:
        name, folder, known = side
        middle, theme = Qt.AlignmentFlag.AlignVCenter, self._theme
        plain = fonts.sized(painter.font(), 12)
        strong = fonts.sized(painter.font(), 13, is_strong=True)
        painter.setFont(strong)
        line = QRectF(rect.x(), rect.y(), rect.width(), LINE_PX)
        painter.setPen(theme.colour("muted"))
        painter.drawText(line, middle, letter)
        line.setLeft(line.left() + LETTER_PX)
        shown = painter.fontMetrics().elidedText(name, _ELIDED, int(line.width()))
        painter.setPen(theme.colour("text"))
        painter.drawText(line, middle, shown)
        left = line.left() + painter.fontMetrics().horizontalAdvance(shown) + BETWEEN_PX
        painter.setFont(plain)
        if left < rect.right() - 48:
            painter.setPen(theme.colour("muted"))
            rest = QRectF(left, line.y(), rect.right() - left, LINE_PX)
            painter.drawText(
                rest, middle, painter.fontMetrics().elidedText(folder, _ELIDED, int(rest.width()))
            )
        self._paint_facts(painter, QPointF(rect.x() + LETTER_PX, line.bottom()), rect, known)

    def _paint_facts(
        self, painter: QPainter, start: QPointF, rect: QRectF, known: tuple[Fact, ...]
    ) -> None:
        metrics, x = painter.fontMetrics(), start.x()
        for fact in known:
            words = f"{fact.words}  {fact.better}" if fact.better else fact.words
            wide = metrics.horizontalAdvance(words)
            if x + wide > rect.right():
                break
            place = QRectF(x, start.y(), wide, LINE_PX)
            painter.setPen(self._theme.colour("text" if fact.better else "muted"))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, fact.words)
            if fact.better:
                painter.setPen(self._theme.colour("success"))
                painter.drawText(
                    place,
                    Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                    fact.better,
                )
            x += wide + BETWEEN_PX

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = int(event.pos().x() > self.width() / 2)
            if place < len(self._sides):
                name, folder, known = self._sides[place]
                facts = "\n".join(f"{one.words} {one.better}".strip() for one in known)
                QToolTip.showText(event.globalPos(), f"{name}\n{folder}\n{facts}")
            return True
        return super().event(event)


_ELIDED = Qt.TextElideMode.ElideMiddle
