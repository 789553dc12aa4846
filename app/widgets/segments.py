"""A few words of which one is chosen, as tabs or a toggle are; arrow keys go between them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget


class _Segment(QToolButton):
    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(step)


class Segments(QWidget):
    """Says which was chosen; choosing by hand is silent."""

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        """``choices`` are (key, words)."""
        super().__init__()
        self.setAccessibleName(name)
        self._buttons: dict[str, _Segment] = {}
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        for key, words in choices:
            one = _Segment()
            one.setText(words)
            one.setProperty("kind", "text")
            one.setCheckable(True)
            one.setAutoExclusive(True)
            one.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            one.setAccessibleName(f"{name}: {words}")
            one.clicked.connect(lambda _=False, key=key: self._choose(key))
            one.stepped.connect(lambda by, key=key: self._step(key, by))
            self._buttons[key] = one
            box.addWidget(one)
        self.show_chosen(choices[0][0])

    @property
    def current(self) -> str:
        return next(key for key, one in self._buttons.items() if one.isChecked())

    def show_chosen(self, key: str) -> None:
        """Show this one as chosen."""
        self._buttons[key].setChecked(True)

    def set_available(self, key: str, is_available: bool) -> None:
        """Whether it is there to be chosen at all."""
        self._buttons[key].setVisible(is_available)
        if not is_available and self.current == key:
            self._choose(next(iter(self._buttons)))

    def button(self, key: str) -> QToolButton:
        return self._buttons[key]

    def _choose(self, key: str) -> None:
        self._buttons[key].setChecked(True)
        self.chosen.emit(key)

    def _step(self, key: str, by: int) -> None:
        shown = [one for one, choice in self._buttons.items() if not choice.isHidden()]
        following = shown[(shown.index(key) + by) % len(shown)]
        self._buttons[following].setFocus()
        self._choose(following)
