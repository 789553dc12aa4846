"""Feeds the panel Review: the next pair, and what was answered. Nothing is answered that was not on screen."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.document import Document
from app.models.pair_rows import PairRow
from app.presenters import duplicate_cards as cards
from app.presenters.duplicate_cards import Queue
from app.presenters.duplicate_contradictions import Contradictions
from app.presenters.duplicate_finding import Finding
from app.presenters.duplicate_panel import DuplicatePanel
from app.presenters.duplicate_pictures import PairPictures
from app.presenters.duplicate_standing import ReviewStanding
from app.presenters.duplicate_trail import Trail
from app.presenters.pair_difference import PairDifference
from app.tasks import Task
from app.views.duplicates.review import ReviewPanel
from app.widgets import text
from core.catalogue.records import Verdict
from core.changes import Changes
from core.duplicates.records import Key
from core.errors import KnownError
from core.operations.pairs import Judged
from core.operations.review import Review

if TYPE_CHECKING:
    from core.project import Project

# A key that comes sooner after a pair was painted was meant for the one before: nobody answers as quickly.
SEEN_S = 0.08
AFTER_MS = 10  # the next pair is painted first, then what is around it
AHEAD = 8  # pairs whose thumbnails are ready


@dataclass(eq=False, slots=True)
class _Answer:
    """An answer on its way to the disk, as the edit that stores it. ``judged`` and ``queue`` are there once it is."""

    review: Review
    row: PairRow
    verdict: Verdict
    before: Queue
    judged: Judged | None = None
    queue: Queue | None = None

    def __call__(self, project: "Project") -> Changes:
        judged, self.queue = cards.answer(
            project, self.review, self.row.card, self.verdict, self.before
        )
        self.judged = judged
        return judged.changes


class DuplicateReview(DuplicatePanel):
    """Binds the panel to a document."""

    def __init__(self, document: Document, panel: ReviewPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
        self.review: Review | None = None
        self.queue: Queue | None = None
        self.trail = Trail()
        self.seen_s = SEEN_S
        self._given: tuple[PairRow, ...] = ()  # asked for by name, before the queue goes on
        self._pending: _Answer | None = None  # being stored, or not known to be yet
        self._is_own = False  # what changes now is this answer
        self._seen: tuple[Key, float] | None = None  # what is on screen, and since when
        self._beginning: Task | None = None
        self._after = QTimer(self)
        self._after.setSingleShot(True)
        self._after.setInterval(AFTER_MS)
        self._after.timeout.connect(self._show_rest)
        self.pictures = PairPictures(document, self)
        self.contradictions = Contradictions(document, panel, self)
        self.finding = Finding(document, panel.isVisible, self)
        self._difference = PairDifference(document, panel.pair, self)
        self._standing = ReviewStanding(document, panel, self)
        self.pictures.arrived.connect(self._sharpen)
        self.pictures.lapsed.connect(self._prepare)
        self.finding.told.connect(self._tell)
        self.finding.grown.connect(self._refresh)
        panel.verdicts.set_enabled(document.is_writable)
        panel.answered.connect(self.mark)
        panel.stepped.connect(self.step)
        panel.chosen.connect(self.show_row)
        panel.opened.connect(self._open)
        panel.bar.order_chosen.connect(lambda _: self._begin_anew())
        panel.bar.kinds_chosen.connect(lambda _: self._begin_anew())
        panel.bar.bulk_wanted.connect(lambda: self.bulk_wanted.emit(()))
        panel.pair.painted.connect(self._painted)
        panel.pair.sharper_wanted.connect(self._want_sharper)
        self.contradictions.row_wanted.connect(self._show_said)
        self.contradictions.next_wanted.connect(self._next)
        document.edited.connect(self._take_answer)
        document.changed.connect(self._follow)

    # -- beginning

    def begin(self) -> None:
        self.finding.ask()
        self.contradictions.begin()
        self._tell()

    def _begin_anew(self) -> None:
        """The queue in the order, and of the kinds, that are chosen now."""
        if self._beginning is not None:
            self._beginning.cancel()
        bar = self._panel.bar
        order, kinds = str(bar.order.currentData()), bar.chosen_kinds
        made: list[Task] = []

        def done(review: Review) -> None:
            if made and self._beginning is not made[0]:
                return  # another one was begun since
            self.review = review
            self._document.in_turn(cards.look, review, on_done=self._take_queue)

        def ended() -> None:
            if made and self._beginning is made[0]:
                self._beginning = None

        task = self._document.query(
            "Ordering pairs", cards.begin, order, kinds, on_done=done, on_ended=ended,
            is_listed=False,
        )  # fmt: skip
        made.append(task)
        if not task.is_over:
            self._beginning = task

    def show_pairs(self, keys: Sequence[Key], words: str) -> None:
        """Ask these pairs before the queue goes on."""

        def take(rows: tuple[PairRow, ...]) -> None:
            self._given = rows
            if not rows:
                self._document.say("None of these pairs can be shown.", "warning")
                return
            self._panel.news.show_message(words, "info", ("Back to the queue", self._end_given))
            self.show_row(rows[0])

        self.panel_wanted.emit("review")
        self._document.in_turn(cards.named, list(keys), on_done=take)

    def _end_given(self) -> None:
        self._given = ()
        self._next()

    # -- the pair on show

    @property
    def row(self) -> PairRow | None:
        """The pair that is on show, or comes to be."""
        return self.trail.current if self._panel.stack.is_body_shown else None

    @property
    def rows(self) -> tuple[PairRow, ...]:
        """The pairs that are asked next."""
        return self._given or (self.queue.rows if self.queue is not None else ())

    def _take_queue(self, queue: Queue) -> None:
        self.queue = queue
        self._after.start()
        if self.row is None or (self._pending is None and not self._is_on_show()):
            self._next()
        else:
            self._prepare()

    def _is_on_show(self) -> bool:
        """Whether the pair on show is one that may stay there: asked for, answered, or still open."""
        row = self.row
        if row is None:
            return False
        key = row.card.key
        return key in self.trail.verdicts or any(one.card.key == key for one in self.rows)

    def show_row(self, row: PairRow) -> None:
        """Bring a pair on screen."""
        if self._pending is not None:
            return  # its answer comes first
        self._seen = None
        self.trail.show(row)
        self._panel.show_row(row, self.pictures.sides(row))
        self._after.start()
        if (verdict := self.trail.verdicts.get(row.card.key)) is not None:
            self._panel.verdicts.light(verdict)
        self._prepare()

    def _show_said(self, row: PairRow, verdict: Verdict) -> None:
        """A pair that was answered before, to be answered anew."""
        self.trail.answer(row.card.key, verdict)
        self.show_row(row)
        if self.review is None and self._beginning is None:
            self._begin_anew()  # without it nothing is answered

    def _show_rest(self) -> None:
        """What is around the pair, once it is painted."""
        if self.queue is not None:
            self._panel.bar.show_remaining(self.queue.remaining)
        if (row := self.row) is not None:
            self._panel.show_queue(self.rows, row.card.key)
        if self.queue is not None and not self.queue.is_whole and self.review is not None:
            self._document.in_turn(cards.look, self.review, on_done=self._take_queue)
        self.changed.emit()

    def _next(self) -> None:
        """The first pair of the queue that was not answered here."""
        following = next(
            (one for one in self.rows if one.card.key not in self.trail.verdicts), None
        )
        if following is not None:
            self.show_row(following)
        elif self._given:
            self._end_given()
        else:
            self._tell()

    def step(self, by: int) -> None:
        """To the next pair without an answer, or back to the one before."""
        row = self.row
        if row is None or self._pending is not None:
            return
        if by > 0 and self._panel.contradiction.found is not None:
            self._panel.contradiction.leave()
            return
        if (known := self.trail.step(by)) is not None:
            self.show_row(known)
        elif by > 0:
            self._skip(row)

    def _skip(self, row: PairRow) -> None:
        rows = [one for one in self.rows if one.card.key not in self.trail.verdicts]
        place = next((at for at, one in enumerate(rows) if one.card.key == row.card.key), -1)
        if place + 1 >= len(rows):
            return
        self.show_row(rows[place + 1])
        if self.review is not None and not self._given:
            self._document.in_turn(cards.skip, self.review, row.card, on_done=self._take_queue)

    def _prepare(self) -> None:
        row = self.row
        if row is None:
            return
        key = row.card.key
        rows = [one for one in self.rows if one.card.key not in self.trail.verdicts]
        place = next((at + 1 for at, one in enumerate(rows) if one.card.key == key), 0)
        self.pictures.prepare([row, *rows[place : place + AHEAD]], self._panel.pair.decode_px)

    def _sharpen(self, image_id: int) -> None:
        row = self.row
        if row is not None and (image_id < 0 or image_id in (row.a.id, row.b.id)):
            self._panel.pair.show_sides(self.pictures.sides(row))

    def _want_sharper(self) -> None:
        if (row := self.row) is not None:
            self.pictures.sharpen(row)

    def _open(self, side: int) -> None:
        if (row := self.row) is not None:
            self.image_wanted.emit((row.a, row.b)[side].id)

    def _painted(self, key: object) -> None:
        row = self.row
        if row is not None and row.card.key == key and self._seen is None:
            self._seen = row.card.key, time.monotonic()

    # -- answering

    def can_mark(self) -> bool:
        return self._document.is_writable and self.row is not None and self.review is not None

    @property
    def is_seen(self) -> bool:
        """Whether the pair is on screen for so long that a key can be meant for it."""
        row = self.row
        if row is None or self._seen is None or self._seen[0] != row.card.key:
            return False
        return time.monotonic() - self._seen[1] >= self.seen_s

    def mark(self, verdict: Verdict) -> None:
        """Keep an answer; the next pair comes when it is on the disk. Nothing where that is not seen yet."""
        row, review = self.row, self.review
        if row is None or review is None or not self.can_mark():
            return
        if self._pending is not None or not self.is_seen:
            return
        self._pending = _Answer(review, row, verdict, self.queue or cards.NOTHING)
        self._panel.acknowledge(verdict)
        self._document.edit(
            "Keeping an answer", self._pending, is_listed=False,
            on_done=lambda _: self._end_answer(),
            on_failed=self._take_failure,
        )  # fmt: skip

    def _end_answer(self) -> None:
        self._is_own = False

    def _take_answer(self, edit: object) -> None:
        """It is on the disk: the next pair, before anything else follows what changed.

        Stored it may be while the window still has the turn of an edit before it, which is not taken for it."""
        answer = self._pending
        if answer is None or edit is not answer or answer.judged is None:
            return
        key, self.queue = answer.row.card.key, answer.queue
        self._pending, self._is_own = None, True
        self.trail.answer(key, answer.verdict)
        self._given = tuple(one for one in self._given if one.card.key != key)
        self._after.start()
        self._panel.said.setText(_settled_words(answer.judged))
        if not self.contradictions.take_answer(answer.judged):
            self._next()

    def _take_failure(self, error: BaseException) -> None:
        self._pending = None
        self._panel.acknowledge("")
        if isinstance(error, KnownError):
            words = f"This answer was not kept: {error.sentence} {error.remedy}".strip()
            self._panel.news.show_message(words, "danger")
        else:
            self._panel.news.show_message("This answer was not kept.", "danger")
            self._document.report(error)

    # -- what changes elsewhere

    def _follow(self, changes: Changes) -> None:
        if changes & Changes.PAIRS and not self._is_own:
            self._look_anew()
        elif changes & (Changes.LINKS | Changes.REMOVALS):
            self._refresh()

    def _refresh(self) -> None:
        """More pairs were found."""
        if self.review is not None and self._panel.isVisible():
            self._document.in_turn(cards.refresh, self.review, on_done=self._take_queue)
        elif self.review is not None:
            self.review = None  # begun anew when it is shown

    def _look_anew(self) -> None:
        """Verdicts were undone, done again, or given elsewhere: the pair that this is about comes back."""
        if self.review is None:
            return

        def take(found: tuple[Queue, dict[Key, Verdict]]) -> None:
            before = {one.card.key for one in self.rows}
            self.queue, said = found
            self._after.start()
            changed = self.trail.take(said)
            self._panel.said.setText("")
            first = self.queue.rows[0] if self.queue.rows else None
            if changed is None and first is not None and first.card.key not in before:
                changed = first  # brought back, of a sitting before this one
            if changed is not None:
                self.show_row(changed)
            else:
                self._take_queue(self.queue)

        self._document.in_turn(cards.refresh_said, self.review, self.trail.keys, on_done=take)

    def _tell(self) -> None:
        """Say where it stands; pairs are shown where there are any."""
        standing = self.finding.standing
        has_links = standing is not None and bool(standing.state.links)
        if has_links and self.review is None and self._beginning is None:
            self._begin_anew()
        remaining = self.queue.remaining if self.queue is not None else None
        has_open = any(one.card.key not in self.trail.verdicts for one in self.rows)
        has_open |= self.contradictions.is_shown
        self._standing.tell(self.finding, remaining, has_pair=self.row is not None and has_open)
        self.changed.emit()

    def forget(self) -> None:
        self.review, self.queue, self._given = None, None, ()
        self.pictures.forget()
        self._panel.pair.forget()


def _settled_words(judged: Judged) -> str:
    return f"Settled {text.plural(judged.followed, 'more pair')}" if judged.followed else ""
