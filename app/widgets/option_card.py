"""One of a few, as a card: what it is called and a line on what it means. Arrow keys go between them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets.parts import label

RADIUS_PX = 10
DOT_PX, LEFT_PX = 16, 44


class OptionCard(QAbstractButton):
    """A title, a line, and where it cannot be chosen, why."""

    def __init__(self, theme: Theme, key: str, title: str, line: str = "") -> None:
        super().__init__()
        self._theme, self.key = theme, key
        self._title = label(title, wraps=True)
        self._title.setStyleSheet("font-weight: 600;")
        self._line = label(line, "muted", wraps=True)
        self._detail = label("", "muted", wraps=True)
        self._problem = label("", "", wraps=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(LEFT_PX, 12, 16, 12)
        box.setSpacing(4)
        for one in (self._title, self._line, self._detail, self._problem):
            one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            box.addWidget(one)
        box.addStretch(1)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)
        self.say(line)

    def say(self, line: str, detail: str = "", problem: str = "") -> None:
        """What is known of it; with a ``problem`` it cannot be chosen."""
        for shown, words in (
            (self._line, line),
            (self._detail, detail),
            (self._problem, problem),
        ):
            shown.setText(words)
            shown.setVisible(bool(words))
        self._problem.setProperty("tone", "muted")
        self._title.setEnabled(not problem)
        self.setEnabled(not problem)
        parts = [self._title.text(), line, detail, problem]
        self.setAccessibleName(". ".join(one.rstrip(".") for one in parts if one))
        self.updateGeometry()

    @property
    def problem(self) -> str:
        return self._problem.text()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.totalHeightForWidth(width) if layout is not None else -1

    def sizeHint(self) -> QSize:
        return QSize(220, max(56, self.heightForWidth(max(200, self.width()))))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on, is_able = self.isChecked(), self.isEnabled()
        edge = "accent" if is_on or self.hasFocus() else "border"
        ground = "accent_soft" if is_on and is_able else "raised"
        if not is_able:
            ground = "panel"
        elif self.underMouse() and not is_on:
            ground = "hover"
        width = 2 if self.hasFocus() else 1
        painter.setPen(QPen(theme.colour(edge if is_able else "border"), width))
        painter.setBrush(theme.colour(ground))
        inset = width / 2
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, RADIUS_PX, RADIUS_PX)
        dot = QRectF(16.5, 13.5, DOT_PX - 1, DOT_PX - 1)
        ring = "border" if not is_able else "accent" if is_on else "border_strong"
        painter.setPen(QPen(theme.colour(ring), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(dot)
        if is_on and is_able:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            painter.drawEllipse(dot.adjusted(3.5, 3.5, -3.5, -3.5))
        painter.end()

    def enterEvent(self, event: object) -> None:
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.update()


class OptionRow(QWidget):
    """Cards beside each other, in as many columns as there is room for."""

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        name: str,
        options: Sequence[tuple[str, str, str]],
        *,
        least_px: int = 216,
    ) -> None:
        """``options`` are (key, title, line)."""
        super().__init__()
        self.setAccessibleName(name)
        self._least_px, self._columns = least_px, 0
        self.cards = {key: OptionCard(theme, key, title, line) for key, title, line in options}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        for card in self.cards.values():
            card.setParent(self)
            card.clicked.connect(lambda _=False, key=card.key: self.chosen.emit(key))
            card.installEventFilter(self)
        self._arrange(len(self.cards))

    @property
    def current(self) -> str:
        """The key of the one that is chosen, or nothing."""
        return next((key for key, card in self.cards.items() if card.isChecked()), "")

    def choose(self, key: str) -> None:
        """Show this one as chosen."""
        if key in self.cards:
            self.cards[key].setChecked(True)

    def focus_chosen(self) -> QWidget:
        """The card that should get the keyboard."""
        able = [card for card in self.cards.values() if card.isEnabled()]
        chosen = self.cards.get(self.current)
        if chosen is not None and chosen in able:
            return chosen
        return able[0] if able else self

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = max(1, (self.width() + 8) // (self._least_px + 8))
        count = len(self.cards)
        lines = -(-count // min(count, room))
        self._arrange(-(-count // lines))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """An arrow key that ticks another card has chosen it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(watched, OptionCard):
            step = {
                Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1
            }.get(event.key())  # type: ignore[attr-defined]  # fmt: skip
            if step is not None:
                self._step(watched, step)
                return True
        return super().eventFilter(watched, event)

    def _step(self, card: OptionCard, by: int) -> None:
        able = [one for one in self.cards.values() if one.isEnabled()]
        following = able[(able.index(card) + by) % len(able)]
        following.setFocus()
        following.click()

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, card in enumerate(self.cards.values()):
            self._grid.addWidget(card, number // columns, number % columns)
        for place in range(len(self.cards)):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
