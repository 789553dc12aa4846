"""The rules that choose a keeper, in their order: each on or off, reversed or not, with what it does to the groups."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.models import group_words as words
from app.style.theme import Theme
from app.widgets.parts import IconButton, button, label, row
from app.widgets.tick import Tick
from core.duplicates.keepers import Rule, RuleEffect, text_of

BUTTON_PX = 26  # three of them beside the longest name, with a scroll bar, in the narrowest column


class _RuleTick(Tick):
    """The tick of a rule, whose keys also move it."""

    moved = Signal(int)
    reversed_ = Signal()
    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if by is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(by)
        elif by is not None:
            self.stepped.emit(by)
        elif Qt.Key(event.key()) == Qt.Key.Key_R and not event.modifiers():
            self.reversed_.emit()
        else:
            super().keyPressEvent(event)


class _RuleLine(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.tick = _RuleTick(theme, "")
        self.effect = label("", "muted", wraps=True)
        self.effect.setStyleSheet("font-size: 12px;")
        self.turn = IconButton(theme, "reverse", "The other way round  R", 16)
        self.up = IconButton(theme, "chevron-up", "Earlier  Alt+Up", 16)
        self.down = IconButton(theme, "chevron-down", "Later  Alt+Down", 16)
        self.choose = button("", lambda: None, "link")
        for one in (self.turn, self.up, self.down):
            one.setFixedWidth(BUTTON_PX)
        head = row(self.tick, None, self.turn, self.up, self.down, gap_px=0)
        below = row(self.effect, self.choose, gap_px=4, margins=(24, 0, 0, 0))
        inner = below.layout()
        assert isinstance(inner, QHBoxLayout)
        inner.setStretch(0, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 2)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(below)


class RuleList(QWidget):
    """Says what the rules are to be; what they do is told to it."""

    changed = Signal(object)  # tuple[Rule, ...]
    folders_wanted = Signal(object)  # the button below which they are to be chosen

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rules: tuple[Rule, ...] = ()
        self.lines: list[_RuleLine] = []
        self._is_editable = True
        self.setAccessibleName("Rules for keepers, the first first")
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)

    def show_rules(self, rules: Sequence[Rule]) -> None:
        """Show these; what they do follows."""
        self.rules = tuple(rules)
        while len(self.lines) < len(self.rules):
            self._add()
        for at, (line, rule) in enumerate(zip(self.lines, self.rules, strict=True)):
            name = text_of(rule)
            with QSignalBlocker(line.tick):
                line.tick.setText(f"{at + 1}  {name}")
                line.tick.setChecked(rule.is_on)
            line.tick.setToolTip(words.RULE_TIPS[rule.kind])
            line.tick.setAccessibleName(f"{at + 1}. {name}")
            line.turn.setChecked(rule.is_reversed)
            line.turn.set_name(f"{name}: the other way round  R")
            line.up.setEnabled(at > 0 and self._is_editable)
            line.up.set_name(f"{name}: earlier  Alt+Up")
            line.down.setEnabled(at + 1 < len(self.rules) and self._is_editable)
            line.down.set_name(f"{name}: later  Alt+Down")
            line.choose.setVisible(rule.kind == "folder")
            line.choose.setText("Folders…")
            line.updateGeometry()

    def show_effects(self, effects: Sequence[RuleEffect]) -> None:
        """What each of the rules does."""
        for line, rule, effect in zip(self.lines, self.rules, effects, strict=False):
            if effect.rule != rule:
                continue
            said = words.effect_words(effect.decides, effect.changes, rule.is_on)
            line.effect.setText(said)
            line.tick.setAccessibleDescription(said)

    def set_editable(self, is_editable: bool) -> None:
        """Whether anything can be changed."""
        self._is_editable = is_editable
        for line in self.lines:
            for one in (line.tick, line.turn, line.choose):
                one.setEnabled(is_editable)
        self.show_rules(self.rules)

    def effect_label(self, kind: str) -> QLabel:
        """Where it stands what a rule does."""
        return next(
            line.effect
            for line, rule in zip(self.lines, self.rules, strict=True)
            if rule.kind == kind
        )

    def shift(self, at: int, by: int) -> None:
        """A rule comes earlier or later."""
        to = at + by
        if not 0 <= to < len(self.rules) or not self._is_editable:
            return
        rules = list(self.rules)
        rules[at], rules[to] = rules[to], rules[at]
        self._say(rules)
        self.lines[to].tick.setFocus()

    def _add(self) -> None:
        at, line = len(self.lines), _RuleLine(self._theme)
        line.turn.setCheckable(True)
        line.tick.toggled.connect(lambda is_on: self._replace(at, is_on=is_on))
        line.turn.clicked.connect(lambda: self._turn(at))
        line.tick.reversed_.connect(lambda: self._turn(at))
        line.up.clicked.connect(lambda: self.shift(at, -1))
        line.down.clicked.connect(lambda: self.shift(at, 1))
        line.tick.moved.connect(lambda by: self.shift(at, by))
        line.tick.stepped.connect(lambda by: self._step(at, by))
        line.choose.clicked.connect(lambda: self.folders_wanted.emit(line.choose))
        self.lines.append(line)
        self._box.addWidget(line)

    def _step(self, at: int, by: int) -> None:
        self.lines[max(0, min(len(self.lines) - 1, at + by))].tick.setFocus()

    def _turn(self, at: int) -> None:
        self._replace(at, is_reversed=not self.rules[at].is_reversed)

    def _replace(self, at: int, **values: bool) -> None:
        rules = list(self.rules)
        rules[at] = replace(rules[at], **values)  # type: ignore[arg-type]
        self._say(rules)

    def _say(self, rules: Sequence[Rule]) -> None:
        self.show_rules(rules)
        self.changed.emit(self.rules)
