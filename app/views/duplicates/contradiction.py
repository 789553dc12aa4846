"""Where verdicts do not go together: what was said, the walk that leads to it, the ways out, and how many there are."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.models import pair_words
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import text
from app.widgets.chain_strip import ChainStrip
from app.widgets.parts import IconButton, button, column, label, row
from core.duplicates.records import Contradiction, Key, Step


class ContradictionBar(QFrame):
    """Hidden while nothing contradicts anything that was just said."""

    undo_wanted = Signal()
    step_wanted = Signal(object)  # Step: to be looked at, and answered anew
    next_wanted = Signal()  # the next pair: all stays as it was said

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName("contradiction")
        self.found: Contradiction | None = None
        self.left: Key | None = None  # the pair of the one that was left last
        self.sentence = label("", "differs", wraps=True)
        self.hint = label("Choose a sign to look at that pair, then answer it anew.", "muted")
        self.strip = ChainStrip(theme, thumbnails)
        self.strip.chosen.connect(lambda place: self.step_wanted.emit(self.strip.steps[place]))
        self.undo = button("Undo this answer", self.undo_wanted.emit)
        self.keep = button("Leave both  →", self.leave, "quiet")
        self._close = IconButton(theme, "close", "Close the message", 16)
        self._close.clicked.connect(self.leave)
        buttons: QWidget = row(self.undo, self.keep, None, gap_px=8)
        words = column(self.sentence, self.hint, buttons, gap_px=4)
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 8, 8, 8)
        box.setSpacing(16)
        box.addWidget(words, 1)
        box.addWidget(self.strip)
        box.addWidget(self._close)
        self.hide()

    def show_contradiction(self, found: Contradiction | None, *, is_last: bool = True) -> None:
        """Tell of it; None: there is none any more. ``is_last``: it came of the last answer, which undo takes back."""
        self.found = found
        self.undo.setVisible(is_last)
        if found is not None:
            words = pair_words.contradiction_words(found)
            self.sentence.setText(words)
            self.setAccessibleName(words)
            last = Step(*_closing(found), found.says)
            self.strip.show_steps((*found.chain, last), pair_words.chain_letters(found))
        self.setVisible(found is not None)

    def leave(self) -> None:
        """Let both stand as they were said, and go on."""
        self.left = self.found.pair if self.found is not None else None
        self.show_contradiction(None)
        self.next_wanted.emit()


class TornLine(QFrame):
    """Tells of contradictions that are not on show; hidden while there are none."""

    look_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("paneBar")
        self.words = label("", "differs")
        self.look = button("Look at them", self.look_wanted.emit, "quiet")
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 2, 12, 2)
        box.setSpacing(12)
        box.addWidget(self.words)
        box.addWidget(self.look)
        box.addStretch()
        self.hide()

    def show_count(self, count: int) -> None:
        """How many there are."""
        self.words.setText(f"{text.plural(count, 'contradiction')} among your answers")
        self.setAccessibleName(self.words.text())
        self.setVisible(count > 0)


def _closing(found: Contradiction) -> tuple[int, int]:
    """The pair that was judged, from where the walk ends back to where it began."""
    return (found.chain[-1].b, found.chain[0].a) if found.chain else found.pair
