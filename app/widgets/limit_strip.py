"""Pictures refused for their size: what the limit is, what the largest needs, and raising it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QSpinBox, QStackedWidget, QVBoxLayout

from app.models.faults import BYTES_PER_PX, LimitFacts
from app.widgets import text
from app.widgets.parts import button, label, row

MEGA = 1_000_000
STEP_MP = 50
LOWEST_MP, HIGHEST_MP = 1, 20_000


class LimitStrip(QFrame):
    """A line above the list; asks for the new limit in place."""

    limit_chosen = Signal(object)  # pixels, which may be more than 32 bits hold

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self._facts = LimitFacts()
        self._words = _wide(label("", wraps=True))
        self._raise = button("Raise the limit…", self.ask, "")
        self.field = QSpinBox()
        self.field.setRange(LOWEST_MP, HIGHEST_MP)
        self.field.setSingleStep(STEP_MP)
        self.field.setSuffix(" megapixels")
        self.field.setGroupSeparatorShown(True)
        self.field.setAccessibleName("Refuse pictures larger than this")
        self.field.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.field.setFixedWidth(152)
        self.field.valueChanged.connect(self._show_cost)
        self._cost = _wide(label("", "muted", wraps=True))
        self._stack = QStackedWidget()
        self._stack.addWidget(row(self._words, self._raise, gap_px=16))
        self._stack.addWidget(
            row(
                label("Read pictures up to"),
                self.field,
                self._cost,
                button("Raise and try again", self._choose, "primary"),
                button("Cancel", self.leave),
            )
        )
        for fixed in (self, self._stack):
            fixed.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 8, 8, 8)
        outer.addWidget(self._stack)
        self.hide()

    def show_facts(self, facts: LimitFacts) -> None:
        """What the limit refused; nothing is shown where it refused nothing."""
        self._facts = facts
        self.setVisible(facts.refused > 0)
        refused = text.plural(facts.refused, "picture is", "pictures are")
        limit = f"{facts.limit_px // MEGA:,} megapixels"
        words = f"{refused} larger than the limit of {limit}."
        if facts.largest_px:
            words += (
                f" The largest has {facts.largest_px // MEGA - 1:,}, "
                f"which takes about {text.size(facts.largest_px * BYTES_PER_PX)} of memory to read."
            )
        self._words.setText(words)

    def ask(self) -> None:
        """Ask for the new limit; what the largest picture needs is filled in."""
        wanted = max(self._facts.largest_px, self._facts.limit_px * 2)
        if self._facts.largest_px:
            wanted = self._facts.largest_px
        self.field.setValue(-(-wanted // (STEP_MP * MEGA)) * STEP_MP)
        self._show_cost()
        self._stack.setCurrentIndex(1)
        self.field.setFocus()
        self.field.selectAll()

    def leave(self) -> None:
        """Leave the limit as it is."""
        self._stack.setCurrentIndex(0)
        self._raise.setFocus()

    @property
    def is_asking(self) -> bool:
        return self._stack.currentIndex() == 1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_asking and event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif self.is_asking and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        self._stack.setCurrentIndex(0)
        self.limit_chosen.emit(self.field.value() * MEGA)

    def _show_cost(self) -> None:
        needed, held = self.field.value() * MEGA * BYTES_PER_PX, self._facts.memory_bytes
        words = f"One such picture takes up to {text.size(needed)} of memory while it is read"
        is_too_much = bool(held) and needed > held
        if held:
            words += f"; this machine has {text.size(held)}"
        self._cost.setText(f"{words}{', which is not enough' if is_too_much else ''}.")


def _wide(words: QLabel) -> QLabel:
    """The label takes the room that is left."""
    words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return words
