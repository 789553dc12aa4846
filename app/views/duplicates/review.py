"""Review: two pictures side by side, the queue they come from, and the answer."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from app.models import pair_words
from app.models.pair_rows import PairRow
from app.models.pair_side import PairSide
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.duplicates.contradiction import ContradictionBar, TornLine
from app.views.duplicates.review_bar import ReviewBar
from app.widgets.banner import Banner
from app.widgets.pair_badges import PairBadges
from app.widgets.pair_captions import PairCaptions
from app.widgets.pair_marks import DIFFERENCE_TOLD
from app.widgets.pair_queue import PairQueue
from app.widgets.pair_view import PairView
from app.widgets.parts import ElidedLabel, IconButton, button, column, label, row
from app.widgets.stack import Stack
from app.widgets.verdict_bar import VerdictBar

ALIGN_TOLD = "Lay B over A, so that the same is at the same place"
QUEUE_PX, LEAST_QUEUE_PX = 288, 208


class ReviewPanel(QWidget):
    """Says what was answered, which pair is wanted, and how the pair is to be looked at."""

    answered = Signal(str)
    stepped = Signal(int)  # +1 the next pair without an answer, -1 the one before
    chosen = Signal(object)  # PairRow
    opened = Signal(int)  # a side

    def __init__(self, theme: Theme, thumbnails: Thumbnails, chain: Thumbnails) -> None:
        """``chain``: those of a contradiction."""
        super().__init__()
        self.bar = ReviewBar(theme)
        self.news = Banner(theme)
        self.contradiction = ContradictionBar(theme, chain)
        self.torn = TornLine()
        self.queue = PairQueue(theme, thumbnails)
        self.headline = ElidedLabel("", "differs")
        self.settles = label("", "muted")
        self.badges = PairBadges(theme)
        self.captions = PairCaptions(theme)
        self.pair = PairView(theme)
        self.verdicts = VerdictBar()
        self.said = label("", "muted")
        self.said.setMinimumWidth(0)
        self.back = button("Before  ←", lambda: self.stepped.emit(-1), "quiet")
        self.skip = button("Skip  →", lambda: self.stepped.emit(1), "quiet")
        self.align = self._toggle(theme, "layers", f"{ALIGN_TOLD}  A")
        self.align.setChecked(True)
        self.difference = self._toggle(theme, "contrast", f"What differs  W. {DIFFERENCE_TOLD}")
        self.fit = IconButton(theme, "fit", "Show all of both  0", 18)
        self.swap = IconButton(theme, "swap", "Each in the place of the other, while held  Tab", 18)
        self._build()
        self._connect()

    @staticmethod
    def _toggle(theme: Theme, icon: str, name: str) -> IconButton:
        made = IconButton(theme, icon, name, 18)
        made.setCheckable(True)
        return made

    def _build(self) -> None:
        head = row(self.headline, self.settles, gap_px=12)
        box = head.layout()
        assert box is not None
        box.setStretch(0, 1)  # type: ignore[attr-defined]
        above = column(head, self.badges, gap_px=6, margins=(12, 8, 12, 4))
        foot = QFrame()
        foot.setObjectName("footBar")
        below = QVBoxLayout(foot)
        below.setContentsMargins(12, 8, 12, 8)
        below.addWidget(
            row(
                self.verdicts,
                4,
                self.back,
                self.skip,
                self.said,
                None,
                self.swap,
                self.align,
                self.difference,
                self.fit,
            )
        )
        centre = column(above, self.captions, self.pair, foot, gap_px=0)
        filled = centre.layout()
        assert isinstance(filled, QVBoxLayout)
        filled.setStretchFactor(self.pair, 1)
        self.queue.setMinimumWidth(LEAST_QUEUE_PX)
        self.queue.setFrameShape(QFrame.Shape.NoFrame)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.queue)
        self.splitter.addWidget(centre)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([QUEUE_PX, 3 * QUEUE_PX])
        body = column(self.bar, self.contradiction, self.splitter, gap_px=0)
        held = body.layout()
        assert isinstance(held, QVBoxLayout)
        held.setStretchFactor(self.splitter, 1)
        self.stack = Stack(body, self.pair)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.news)
        outer.addWidget(self.torn)
        outer.addWidget(self.stack, 1)
        self.stack.say("No pairs yet", "Find duplicates to see which pairs are to be judged.")

    def _connect(self) -> None:
        self.verdicts.answered.connect(self.answered)
        self.queue.chosen.connect(self.chosen)
        self.pair.opened.connect(self.opened)
        self.align.toggled.connect(self.pair.lay_over)
        self.difference.toggled.connect(self.pair.turn_difference)
        self.fit.clicked.connect(self.pair.fit)
        self.swap.pressed.connect(lambda: self.pair.swap(True))
        self.swap.released.connect(lambda: self.pair.swap(False))

    # -- what is shown

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the panel is shown."""
        return self.pair if self.stack.is_body_shown else self.stack.empty

    def show_row(self, row: PairRow, sides: tuple[PairSide, PairSide]) -> None:
        """This pair."""
        card = row.card
        told = pair_words.told(card, row.a, row.b)
        self.stack.show_body()
        self.pair.show_pair(card.key, sides, card.transform, told)
        self.pair.repaint()  # before all else that changes with it
        self.headline.set_text(pair_words.headline(card))
        self.settles.setText(pair_words.settles_words(card))
        self.badges.show_badges(pair_words.badges(card, row.a, row.b))
        self.captions.show_sides(
            (row.a.name, row.a.folder, pair_words.facts(row.a, row.b)),
            (row.b.name, row.b.folder, pair_words.facts(row.b, row.a)),
        )
        self.verdicts.light("")
        self.verdicts.show_outcomes(
            {
                "duplicate": pair_words.outcome_words(card.if_duplicate),
                "different": pair_words.outcome_words(card.if_different),
            }
        )

    def show_queue(self, rows: Sequence[PairRow], current: object) -> None:
        """The next pairs."""
        self.queue.show_rows(rows, current)

    def acknowledge(self, verdict: str) -> None:
        """Light what was answered; empty: nothing, it was not kept."""
        self.pair.show_answer(verdict)
        self.pair.repaint()
        self.verdicts.light(verdict)

    def say(self, title: str, words: str, *choices: tuple[str, Callable[[], object]]) -> None:
        """What there is to say instead of a pair."""
        self.pair.forget()
        self.stack.say(title, words, *choices)

    # -- keys: what is under the focus had them first

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()))
        if not self.stack.is_body_shown:
            super().keyPressEvent(event)
        elif step is not None and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.stepped.emit(step)
        elif not self.pair.hasFocus() and event.key() in _OF_THE_PAIR and not event.modifiers():
            self.pair.keyPressEvent(event)
        else:
            super().keyPressEvent(event)


_OF_THE_PAIR = (
    Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_1, Qt.Key.Key_Space,
)  # fmt: skip
