"""One encoder as a card: what it is, what it costs, what is under way with it, what can be done."""

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from app.models.encoder_cards import CardState, Step
from app.style.theme import Theme
from app.widgets.parts import ElidedLabel, IconButton, button, column, label, row


class EncoderCard(QFrame):
    """Shows a state; says which of its steps was chosen. ``is_wide``: over the whole page, steps beside."""

    chosen = Signal(str, str)  # the encoder's name, the step's key
    asked = Signal()  # it warns or tells of a failure, and did not before

    def __init__(self, theme: Theme, *, is_wide: bool = False) -> None:
        super().__init__()
        self.setObjectName("card")
        self._is_wide = is_wide
        self.state = CardState("", "")
        self._title = label("", "title")
        self._about = ElidedLabel("", "muted") if is_wide else label("", wraps=True)
        self._badges = QHBoxLayout()
        self._badges.setSpacing(4)
        self._facts = label("", "muted", wraps=not is_wide)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        self._busy = label("", "muted", wraps=not is_wide)
        self._problem = label("", "danger", wraps=True)
        self._warning = QFrame()
        self._warning.setObjectName("notice")
        self._warning_words = label("", wraps=True)
        inner = QVBoxLayout(self._warning)
        inner.setContentsMargins(12, 8, 12, 8)
        inner.addWidget(self._warning_words)
        self.steps: dict[str, QPushButton] = {}
        self._steps = QHBoxLayout()
        self._steps.setSpacing(8)
        self.more = IconButton(theme, "more", "More", 18)
        self.more.clicked.connect(self._open_menu)
        self._build()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addLayout(self._badges)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(head)
        words.addWidget(self._about)
        words.addWidget(self._facts)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        actions.addLayout(self._steps)
        actions.addWidget(self.more)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 12, 12)
        box.setSpacing(8)
        if self._is_wide:
            running = row(self._bar, self._busy, gap_px=12)
            self._bar.setMaximumWidth(320)
        else:
            running = column(self._bar, self._busy, gap_px=4)
        self._running = running
        if self._is_wide:
            first = QHBoxLayout()
            first.setSpacing(16)
            first.addLayout(words, 1)
            first.addLayout(actions)
            box.addLayout(first)
            for one in (running, self._problem, self._warning):
                box.addWidget(one)
        else:
            box.addLayout(words)
            box.addStretch(1)
            for one in (running, self._problem, self._warning):
                box.addWidget(one)
            actions.insertStretch(1, 1)
            box.addLayout(actions)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_state(self, state: CardState) -> None:
        """Show how it stands; a button that stays keeps the keyboard."""
        old, self.state = self.state, state
        self.setAccessibleName(f"Encoder {state.title} {state.about}")
        _set(self._title, state.title)
        if isinstance(self._about, ElidedLabel):
            self._about.set_text(state.about)
        else:
            _set(self._about, state.about)
        self._about.setVisible(bool(state.about))
        _set(self._facts, ("   ·   " if self._is_wide else "\n").join(state.facts))
        self._facts.setVisible(bool(state.facts))
        if state.badges != old.badges:
            self._show_badges(state.badges)
        busy = state.busy
        self._running.setVisible(busy is not None)
        if busy is not None:
            _set(self._busy, busy.words)
            self._bar.setRange(0, 0 if busy.share is None else 1000)
            if busy.share is not None:
                self._bar.setValue(round(1000 * busy.share))
        for shown, words in ((self._problem, state.problem), (self._warning, state.warning)):
            shown.setVisible(bool(words))
        _set(self._problem, state.problem)
        _set(self._warning_words, state.warning)
        if state.steps != old.steps or state.name != old.name:
            self._show_steps(state.steps)
        if (state.problem or state.warning) and not (old.problem or old.warning):
            self.asked.emit()
        self.more.setVisible(bool(state.more))
        self.more.setAccessibleName(f"More about {state.title}")

    def _show_badges(self, badges: tuple[str, ...]) -> None:
        _clear(self._badges)
        for words in badges:
            badge = QLabel(words)
            badge.setObjectName("badge")
            self._badges.addWidget(badge)

    def _show_steps(self, steps: tuple[Step, ...]) -> None:
        had_focus = any(one.hasFocus() for one in self.steps.values())
        self.steps = {}
        fresh: list[QPushButton] = []
        for step in steps:
            one = button(step.text, partial(self._choose, step.key), step.kind)
            one.setAccessibleName(f"{step.text}: {self.state.title}")
            self.steps[step.key] = one
            fresh.append(one)
        _clear(self._steps)
        for one in fresh:
            self._steps.addWidget(one)
        if had_focus and fresh:
            fresh[0].show()
            fresh[0].setFocus()

    def _choose(self, key: str) -> None:
        self.chosen.emit(self.state.name, key)

    def press_first(self) -> None:
        """What Return does on a row of the list."""
        if self.state.steps:
            self._choose(self.state.steps[0].key)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for step in self.state.more:
            entry = menu.addAction(step.text)
            entry.triggered.connect(lambda _=False, key=step.key: self._choose(key))
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and "leave" in self.steps:
            self._choose("leave")
        else:
            super().keyPressEvent(event)


def _clear(box: QHBoxLayout) -> None:
    while (item := box.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def _set(shown: QLabel, words: str) -> None:
    if shown.text() != words:
        shown.setText(words)
