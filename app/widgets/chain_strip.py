"""The verdicts that contradict each other, as a walk of small pictures; each step of it can be looked at."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import thumb
from core.duplicates.records import Step

SIDE_PX, LINK_PX, EDGE_PX = 48, 40, 4
SIGNS = {"duplicate": "=", "different": "≠", "similar": "≈", "unsure": "?"}


class ChainStrip(QWidget):
    """``chosen`` says which step is to be looked at: a place in ``steps``."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme, self._thumbnails = theme, thumbnails
        self.steps: tuple[Step, ...] = ()
        self._letters: dict[int, str] = {}
        self.current = -1
        self.setAccessibleName("The verdicts that contradict each other")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        thumbnails.arrived.connect(self.update)
        theme.changed.connect(self.update)

    def show_steps(self, steps: Sequence[Step], letters: dict[int, str]) -> None:
        """Show this walk; the last step is the one that does not go with the others."""
        self.steps, self._letters, self.current = tuple(steps), letters, -1
        told = [
            f"{letters[one.a]} {SIGNS[one.verdict]} {letters[one.b]}"
            for one in steps
            if one.a in letters and one.b in letters
        ]
        self.setAccessibleDescription(", ".join(told))
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        count = len(self.steps)
        return QSize(count * (SIDE_PX + LINK_PX) + SIDE_PX + 2 * EDGE_PX, SIDE_PX + 2 * EDGE_PX)

    def _picture(self, place: int) -> QRectF:
        return QRectF(EDGE_PX + place * (SIDE_PX + LINK_PX), EDGE_PX, SIDE_PX, SIDE_PX)

    def link(self, place: int) -> QRectF:
        """Where a step is drawn: the sign between two pictures."""
        left = self._picture(place).right()
        return QRectF(left + 4, EDGE_PX + (SIDE_PX - 32) / 2, LINK_PX - 8, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.steps:
            return
        contents = [self.steps[0].a, *(one.b for one in self.steps)]
        self._thumbnails.set_side(round(96 * self.devicePixelRatioF()))
        if any(not self._thumbnails.cache.is_known(one) for one in contents):
            self._thumbnails.want(list(dict.fromkeys(contents)))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        for place, content_id in enumerate(contents):
            rect = self._picture(place)
            thumb.draw(painter, self._theme, self._thumbnails, rect, content_id)
            font.setPixelSize(11)
            painter.setFont(font)
            plate = QRectF(rect.x(), rect.bottom() - 16, 16, 16)
            painter.fillRect(plate, self._theme.colour("raised"))
            painter.setPen(self._theme.colour("text"))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._letters.get(content_id, ""))
        font.setPixelSize(18)
        painter.setFont(font)
        for place, step in enumerate(self.steps):
            self._paint_link(painter, place, step)
        painter.end()

    def _paint_link(self, painter: QPainter, place: int, step: Step) -> None:
        rect, is_last = self.link(place), place == len(self.steps) - 1
        is_current = place == self.current
        ink = "danger" if is_last else "text"
        painter.setPen(QPen(self._theme.colour("accent" if is_current else "border"), 1.5))
        painter.setBrush(self._theme.colour("accent_soft" if is_current else "raised"))
        painter.drawRoundedRect(rect, 6, 6)
        if self.hasFocus() and is_current:
            thumb.ring(painter, self._theme, rect)
        painter.setPen(self._theme.colour(ink))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, SIGNS[step.verdict])

    def choose(self, place: int) -> None:
        """Look at this step."""
        if self.steps:
            self.current = max(0, min(len(self.steps) - 1, place))
            self.update()
            self.chosen.emit(self.current)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().x()
        nearest = min(
            range(len(self.steps)), key=lambda place: abs(self.link(place).center().x() - at)
        )
        self.choose(nearest)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None:
            self.choose(self.current + step)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: object) -> None:
        self.update()

    def focusOutEvent(self, event: object) -> None:
        self.update()
