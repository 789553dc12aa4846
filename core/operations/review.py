"""The review: which pair is asked next, what an answer settles, and what is left of it."""

import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import KINDS, Kind, Links, difference_names
from core.catalogue.records import Verdict
from core.duplicates.records import Card, Group, Key, Remaining
from core.duplicates.review import Queue
from core.jobs import Job
from core.operations import embeddings, links, pairs, review_orders, thresholds
from core.operations.pairs import Judged
from core.operations.review_bulk import among
from core.operations.review_orders import Order
from core.operations.said import said_of
from core.project import Project

# A longer pause is no part of an answer; so many answers are looked at for the pace.
_PAUSE_S, _ANSWERS = 120.0, 50
# Of more verdicts that were taken back at once none becomes the current pair.
_MOST_BROUGHT_BACK = 20
Ints = NDArray[np.int64]


class Review:
    """One sitting: the open pairs of some kinds in an order, the next first. May be used from several lanes.

    A pair is open while a person said nothing of it and nothing follows from what they said of others. All that lasts
    is in the catalogue: a review begun anew goes on where this one was left; only what was skipped is forgotten.
    """

    def __init__(
        self, project: Project, order: Order, kinds: tuple[Kind, ...], lowest: float, job: Job
    ) -> None:
        review_orders.check(order)
        self.order, self.kinds, self.lowest = order, kinds, lowest
        self._kinds = review_orders.kind_places(kinds)
        self._again: set[Key] = set()  # judged already, and asked again
        self._current: list[Key] = []  # asked before the queue goes on: brought back
        self._visited: list[Key] = []
        self._pace_s: list[float] = []
        self._said = said_of(project)
        with self._said.lock:
            self._read(project, links.load(project), job)
        self._since_s = time.monotonic()

    @classmethod
    def begin(
        cls,
        project: Project,
        *,
        order: Order = "gain",
        kinds: Sequence[Kind] = KINDS,
        lowest: float = 0.0,
        job: Job | None = None,
    ) -> "Review":
        """The review of the stored links of these kinds with a score of at least ``lowest``, 0 to 1.

        Orders: "gain" (what settles most: ``gain.worth``), "score" (the surest first), "least" (the least alike
        first), "folder" and "size" (the largest files first). Raises UsageError for another order or kind.
        """
        return cls(project, order, tuple(kinds), lowest, job or Job())

    def upcoming(self, count: int) -> list[Card]:
        """The next open pairs, the current one first; no two that one answer would settle together."""
        with self._said.lock:
            self._current = [key for key in self._current if self._is_asked(key)]
            first = [self._row(key) for key in self._current[:count]]
            more = self._queue.first(count) if len(first) < count else []
            rows = list(dict.fromkeys([*first, *more]))[:count]
            return self._cards(rows)

    def remaining(self) -> Remaining:
        """What is left. Questions: see ``Estimate``; seconds: by the median of this sitting's last answers."""
        with self._said.lock:
            queue = self._queue
            followed = len(queue.a) - queue.open - int(queue.is_judged.sum())
            questions = min(queue.estimate.questions, queue.open)
            seconds = median(self._pace_s) * questions if self._pace_s else None
            return Remaining(queue.open, questions, len(self._said.verdicts), followed, seconds)

    def answer(self, project: Project, card: Card, verdict: Verdict) -> Judged:
        """Keep the verdict on a card, asked in this review or not; on the disk before this returns. Undoable.

        ``followed`` counts pairs of this review. Raises UsageError for contents that are gone, and CatalogueError.
        """
        with self._said.lock:
            self._follow(project)
            queue, row = self._queue, self._row(card.key)
            before = queue.open - int(row >= 0 and queue.is_open[row])
            judged = pairs.judge(
                project, card.a, card.b, verdict, score=card.score, encoder_key=self._encoder_key
            )
            self._take()
            self._note(card.key)
            return replace(judged, followed=max(0, before - self._queue.open))

    def skip(self, card: Card) -> None:
        """Put a pair to the end."""
        with self._said.lock:
            row = self._row(card.key)
            if row >= 0:
                self._queue.skip(row)
            self._since_s = time.monotonic()
            self._visit(card.key)

    def back(self) -> Card | None:
        """The pair that was answered or skipped last, asked again as the current one; None where there is none. It
        stays judged until it is answered anew."""
        with self._said.lock:
            while self._visited:
                key = self._visited.pop()
                if self._row(key) >= 0:
                    self._current = [key, *(one for one in self._current if one != key)]
                    self._again.add(key)
                    self._since_s = time.monotonic()
                    return self._cards([self._row(key)])[0]
            return None

    def refresh(self, project: Project, job: Job | None = None) -> None:
        """Follow what changed elsewhere: new links, verdicts given, undone or done again. A pair whose verdict was
        taken back is the current one."""
        with self._said.lock:
            known = links.load(project)
            if known is not self._links:
                skipped = [self._key(row) for row in self._queue.skipped()]
                self._read(project, known, job or Job())
                for key in skipped:
                    if (row := self._row(key)) >= 0:
                        self._queue.skip(row)
                return
            changed = self._follow(project)
            if changed is None or len(changed) > _MOST_BROUGHT_BACK:
                return
            for number in changed.tolist():
                key = (number >> 32, number & 0xFFFFFFFF)
                row = self._row(key)
                if row >= 0 and self._queue.is_open[row]:
                    self._current = [key, *(one for one in self._current if one != key)]
                    self._since_s = time.monotonic()

    def bulk(
        self,
        project: Project,
        *,
        lowest: float,
        kinds: Sequence[Kind] | None = None,
        folders: tuple[str, str] | None = None,
        group: Group | Sequence[int] | None = None,
    ) -> list[Card]:
        """As ``bulk`` of this module, among the pairs of this review."""
        with self._said.lock:
            self._follow(project)
            queue, source = self._queue, self._links
            rows = np.flatnonzero(queue.is_open & (source.scores[self._at] >= lowest))
            if kinds is not None:
                chosen = review_orders.kind_places(tuple(kinds))
                rows = rows[np.isin(source.kinds[self._at[rows]], chosen)]
            rows = rows[among(project, queue.a[rows], queue.b[rows], folders, group)]
            return self._cards(rows.tolist())

    def _read(self, project: Project, known: Links, job: Job) -> None:
        """Take these links for the queue."""
        steps = job.track(range(4), "Ordering pairs")
        next(steps)
        is_wanted = (known.scores >= self.lowest) & np.isin(known.kinds, self._kinds)
        at = np.flatnonzero(is_wanted)
        # Among equals the surest first, then by contents: an order that does not change.
        self._at = at[np.lexsort((known.keys[at], -known.scores[at]))]
        next(steps)
        with project.read() as session:
            self._said.sync(session)
            index = project.index(session)
            rows = review_orders.rows_by_content(index)
            height = review_orders.heights(session, index, self.order, known, self._at, rows)
            self._image = np.where(rows >= 0, index.columns.ids[rows], 0)
        next(steps)
        a, b = known.a[self._at], known.b[self._at]
        likely = thresholds.chance(project, known.scores[self._at], known.kinds[self._at])
        chance = likely.clip(0.001, 0.999).astype(np.float32)
        self._queue = Queue(a, b, chance, height, self._said.verdicts)
        self._place = self._said.place
        embedding = embeddings.find(project, None)
        self._encoder_key = embedding.key if embedding is not None else None
        self._links = known
        for _ in steps:
            pass

    def _follow(self, project: Project) -> Ints | None:
        """Take over all that was said since; which pairs that was about, None: too many to know."""
        with project.read() as session:
            self._said.sync(session)
        return self._take()

    def _take(self) -> Ints | None:
        changed, self._place = self._said.since(self._place), self._said.place
        if changed is None:
            self._queue.begin(self._said.verdicts)
        else:
            self._queue.take(self._said.verdicts, changed)
        return changed

    def _note(self, key: Key) -> None:
        """An answer was given."""
        now = time.monotonic()
        if now - self._since_s < _PAUSE_S:
            self._pace_s = [*self._pace_s[-_ANSWERS + 1 :], now - self._since_s]
        self._since_s = now
        self._visit(key)

    def _visit(self, key: Key) -> None:
        self._visited.append(key)
        self._again.discard(key)
        self._current = [one for one in self._current if one != key]

    def _is_asked(self, key: Key) -> bool:
        row = self._row(key)
        return row >= 0 and (bool(self._queue.is_open[row]) or key in self._again)

    def _row(self, key: Key) -> int:
        return int(self._queue.rows_of(np.array([key[0] << 32 | key[1]]))[0])

    def _key(self, row: int) -> Key:
        return int(self._queue.a[row]), int(self._queue.b[row])

    def _cards(self, rows: Sequence[int]) -> list[Card]:
        return [self._card(row) for row in rows]

    def _card(self, row: int) -> Card:
        queue, source, at = self._queue, self._links, self._at[row]
        a, b = self._key(row)
        is_open = bool(queue.is_open[row])
        same, other = (
            int(counts[row]) if is_open else 1
            for counts in (queue.if_duplicate, queue.if_different)
        )
        chance = float(queue.chance[row])
        overlaps = (float(source.overlaps[at, 0]), float(source.overlaps[at, 1]))
        return Card(
            a, b, int(self._image[a]), int(self._image[b]), KINDS[source.kinds[at]],
            float(source.scores[at]), chance, difference_names(int(source.differs[at])),
            chance * same + (1 - chance) * other, same, other, overlaps, source.transforms[at],
        )  # fmt: skip


def bulk(
    project: Project,
    *,
    lowest: float,
    kinds: Sequence[Kind] | None = None,
    folders: tuple[str, str] | None = None,
    group: Group | Sequence[int] | None = None,
) -> list[Card]:
    """Open pairs that one answer could take, the surest first, for a sheet of thumbnails. Nothing is stored: that is
    ``pairs.judge_many``.

    Scores of at least ``lowest`` (0 to 1); of these ``kinds``; with one side in each of two ``folders`` (absolute
    paths as shown, with what lies below); both within a ``group``, or its contents. Raises UsageError.
    """
    review = Review.begin(project, order="score", kinds=kinds or KINDS, lowest=lowest)
    return review.bulk(project, lowest=lowest, folders=folders, group=group)
