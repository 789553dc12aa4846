"""What the review asks of the engine, run in lanes: the queue, an answer, and pairs that are asked for by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.models.pair_rows import PairRow
from core.catalogue.links import Kind
from core.catalogue.records import Image, Verdict
from core.duplicates.records import Card, Key, Remaining
from core.operations import images, links, pair_cards, pair_said
from core.operations.pairs import Judged
from core.operations.review import Review
from core.operations.review_orders import Order

if TYPE_CHECKING:
    from core.jobs import Job
    from core.operations.links import LinksState
    from core.project import Project

SHOWN = 60  # pairs of the queue that are listed
FIRST = 3  # that are known at once after an answer


@dataclass(frozen=True, slots=True)
class Queue:
    """The next pairs, and what is left."""

    rows: tuple[PairRow, ...]
    remaining: Remaining
    is_whole: bool = True


NOTHING = Queue((), Remaining(0, 0, 0, 0, None))


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the looking for duplicates is. ``is_current``: all that is in the catalogue was compared."""

    state: "LinksState"
    is_current: bool


def standing(project: "Project") -> Standing:
    """How many links there are, and of how much."""
    return Standing(links.state(project), links.is_current(project))


def begin(project: "Project", order: Order, kinds: Sequence[Kind], job: "Job") -> Review:
    """The review in this order."""
    return Review.begin(project, order=order, kinds=kinds, job=job)


def look(project: "Project", review: Review) -> Queue:
    """The next pairs."""
    return Queue(rows_of(project, review.upcoming(SHOWN)), review.remaining())


def refresh(project: "Project", review: Review) -> Queue:
    """The next pairs, after verdicts or links changed elsewhere."""
    review.refresh(project)
    return look(project, review)


def refresh_said(
    project: "Project", review: Review, keys: Sequence[Key]
) -> tuple[Queue, dict[Key, Verdict]]:
    """The same, and what is said of these pairs now."""
    return refresh(project, review), pair_said.verdicts(project, keys)


def skip(project: "Project", review: Review, card: Card) -> Queue:
    """The next pairs, with this one at their end."""
    review.skip(card)
    return look(project, review)


def answer(
    project: "Project", review: Review, card: Card, verdict: Verdict, before: Queue
) -> tuple[Judged, Queue]:
    """Keep a verdict, which is on the disk when this returns; then the few next pairs, and after them those of
    ``before`` as they were: all of the queue takes longer (``look``)."""
    judged = review.answer(project, card, verdict)
    known = {one.id: one for row in before.rows for one in (row.a, row.b)}
    first = rows_of(project, review.upcoming(FIRST), known)
    gone = {card.key, *(one.card.key for one in first)}
    rest = tuple(one for one in before.rows if one.card.key not in gone)
    remaining = review.remaining()
    return judged, Queue((*first, *rest)[: min(SHOWN, remaining.pairs)], remaining, is_whole=False)


def rows_of(
    project: "Project", cards: Sequence[Card], known: Mapping[int, Image] | None = None
) -> tuple[PairRow, ...]:
    """Cards with their images, as far as these are not ``known``; those whose images are gone meanwhile are left
    out."""
    known = dict(known or {})
    wanted = {one for card in cards for one in (card.a_image, card.b_image)} - known.keys()
    if wanted:
        known |= {one.id: one for one in images.describe(project, sorted(wanted))}
    return tuple(
        PairRow(card, known[card.a_image], known[card.b_image])
        for card in cards
        if card.a_image in known and card.b_image in known
    )


def named(project: "Project", keys: Sequence[Key]) -> tuple[PairRow, ...]:
    """The pairs with these keys, in their order, whether they are open or not; those without a present image on
    each side are left out."""
    return rows_of(project, pair_cards.cards(project, keys))
