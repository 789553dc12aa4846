"""Contradictions in what was said: shown at once where one answer makes one, told where many do, and found again."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models.pair_rows import PairRow
from app.presenters import duplicate_cards as cards
from app.presenters.reading import Reading
from app.views.duplicates.review import ReviewPanel
from app.widgets import text
from core.changes import Changes
from core.duplicates.records import Contradiction, Key, Step
from core.operations import history, pairs
from core.operations.pairs import Judged

if TYPE_CHECKING:
    from core.project import Project

LOOK = "Look at them"
Found = tuple[Contradiction, PairRow] | None


class Counted:
    """An edit of many verdicts that knows how many contradictions came of it."""

    def __init__(self, function: Callable[..., Changes]) -> None:
        self._function = function
        self.made = 0

    def __call__(self, project: "Project", *args: object, **kwargs: object) -> Changes:
        before = pairs.count_contradictions(project)
        changes = self._function(project, *args, **kwargs)
        self.made = pairs.count_contradictions(project) - before
        return changes

    def tell(
        self, document: Document, told: str, look: Callable[[], object], tone: str = "info"
    ) -> None:
        """Say ``told``, and with a warning what does not go together since."""

        def undo() -> None:
            document.edit("Undoing", history.undo)

        if self.made > 0:
            words = f"{told} That contradicts other answers in {text.plural(self.made, 'place')}."
            document.say(words, "warning", ("Undo", undo), (LOOK, look))
        elif tone == "quiet":
            document.say(told, tone)
        else:
            document.say(told, tone, ("Undo", undo))


class Contradictions(QObject):
    """Binds what the panel Review shows of contradictions."""

    row_wanted = Signal(object, str)  # PairRow to be shown, and what was said of it
    next_wanted = Signal()  # the queue goes on

    def __init__(self, document: Document, panel: ReviewPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
        self._bar = panel.contradiction
        self._count = 0
        self._left: set[Key] | None = None  # those left as they are; None: not being gone through
        self._reading: Reading[int] = Reading(document, pairs.count_contradictions, self._take)
        self._bar.undo_wanted.connect(self._undo)
        self._bar.step_wanted.connect(self._look_at)
        self._bar.next_wanted.connect(self._leave)
        panel.torn.look_wanted.connect(self.look)
        document.changed.connect(self._follow)

    # -- how many there are

    def begin(self) -> None:
        """The panel is shown."""
        self._reading.ask()

    def _follow(self, changes: Changes) -> None:
        if changes & Changes.PAIRS and self._panel.isVisible():
            self._reading.ask()

    def _take(self, count: int) -> None:
        self._count = count
        self._show_count()

    def _show_count(self) -> None:
        self._panel.torn.show_count(self._count if self._bar.found is None else 0)

    # -- one that is on show

    @property
    def is_shown(self) -> bool:
        """Whether the pair on show stays for its contradiction."""
        return self._bar.found is not None

    def take_answer(self, judged: Judged) -> bool:
        """Show what an answer contradicts; whether the next pair waits for that."""
        was = self._bar.found
        if judged.contradiction is not None:
            self._show(judged.contradiction)
        elif was is not None:
            self._document.in_turn(pairs.contradictions, on_done=partial(self._look_anew, was))
        return judged.contradiction is not None or was is not None

    def _show(self, found: Contradiction | None, *, is_last: bool = True) -> None:
        self._bar.show_contradiction(found, is_last=is_last)
        self._show_count()

    def _look_anew(self, was: Contradiction, found: list[Contradiction]) -> None:
        """Something of the chain was answered anew: whether the contradiction stands."""
        still = next((one for one in found if one.pair == was.pair), None)
        self._show(still)
        if still is None:
            self._go_on()

    def _undo(self) -> None:
        self._show(None)
        self._document.edit("Undoing", history.undo)

    def _look_at(self, step: Step) -> None:
        """One of the verdicts of a chain, to be answered anew."""
        key = min(step.a, step.b), max(step.a, step.b)

        def take(rows: tuple[PairRow, ...]) -> None:
            if rows:
                self.row_wanted.emit(rows[0], step.verdict)

        self._document.in_turn(cards.named, [key], on_done=take)

    def _leave(self) -> None:
        """It stays as it is."""
        if self._left is not None and self._bar.left is not None:
            self._left.add(self._bar.left)
        self._show_count()
        self._go_on()

    # -- all of them, one after the other

    def look(self) -> None:
        """Go through what does not go together, whenever that was said."""
        self._left = set()
        self._go_on(is_first=True)

    def _go_on(self, *, is_first: bool = False) -> None:
        if self._left is None:
            self.next_wanted.emit()
            return

        def take(found: Found) -> None:
            if found is not None:
                self.row_wanted.emit(found[1], found[0].says)
                self._show(found[0], is_last=False)
                return
            self._left = None
            if is_first:
                self._document.say("None of these pairs can be shown.", "warning")
            else:
                self.next_wanted.emit()

        self._document.in_turn(_first, set(self._left), on_done=take)


def _first(project: "Project", left: set[Key]) -> Found:
    """The first contradiction, those that were ``left`` aside, whose pictures are there."""
    found = {one.pair: one for one in pairs.contradictions(project) if one.pair not in left}
    rows = cards.named(project, list(found))
    return (found[rows[0].card.key], rows[0]) if rows else None
