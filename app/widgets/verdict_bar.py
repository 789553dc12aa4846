"""The four answers with their keys; the one that was given is lit until it is stored."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from core.catalogue.records import Verdict

ANSWERS: tuple[tuple[Verdict, str, str], ...] = (
    ("duplicate", "Duplicate", "D"),
    ("similar", "Similar", "S"),
    ("different", "Different", "X"),
    ("unsure", "Unsure", "U"),
)


class VerdictBar(QWidget):
    """Says which was pressed."""

    answered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._buttons: dict[str, QPushButton] = {}
        self._lit = ""
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        for key, words, letter in ANSWERS:
            one = QPushButton(f"{words}  {letter}")
            one.setProperty("kind", "answer")
            one.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            one.setAccessibleName(f"{words}, key {letter}")
            one.clicked.connect(lambda _=False, key=key: self.answered.emit(key))
            self._buttons[key] = one
            box.addWidget(one)

    def light(self, verdict: str) -> None:
        """Show this one as given; empty: none."""
        if verdict == self._lit:
            return
        for key in {self._lit, verdict} - {""}:
            one = self._buttons[key]
            one.setProperty("lit", key == verdict)
            one.style().unpolish(one)
            one.style().polish(one)
        self._lit = verdict

    @property
    def lit(self) -> str:
        """What is shown as given."""
        return self._lit

    def show_outcomes(self, outcomes: dict[str, str]) -> None:
        """What each answer settles, told where the pointer rests."""
        for key, one in self._buttons.items():
            one.setToolTip(outcomes.get(key, ""))

    def set_enabled(self, is_enabled: bool) -> None:
        """Whether anything can be answered."""
        for one in self._buttons.values():
            one.setEnabled(is_enabled)

    def button(self, verdict: str) -> QPushButton:
        """The one for a verdict."""
        return self._buttons[verdict]
