"""Comparison: two encoders over the same images: which neighbours both name, and what each brings of a class."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.arrays import first_known
from core.catalogue import queries
from core.catalogue.columns import PRESENT
from core.catalogue.queries import ClassSource
from core.catalogue.records import Embedding, Graph
from core.catalogue.session import Session
from core.errors import EncoderError, UsageError
from core.jobs import Job
from core.operations import comparison_learnt, examples, galleries, neighbours
from core.operations.embeddings import require
from core.operations.hints import usual_source
from core.project import Project
from core.search.agreement import MOST_K, Agreement, agreement, mean_interval
from core.training import holdout, intervals

Ints = NDArray[np.int64]
DEFAULT_K = 10
# With more groups than this a bootstrap takes seconds, and the normal interval is the same.
_MOST_DRAWN = 20_000
_TOLD_CLASSES = 50


@dataclass(frozen=True, slots=True)
class Gain:
    """How many more neighbours of the image's own class b names than a, the mean over ``images``, with its interval
    of 95 % (None where fewer than six of them are independent). ``share``: of their neighbours, how many both name."""

    value: float
    low: float | None
    high: float | None
    images: int
    share: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves nought out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two encoders over the contents that both have vectors and neighbours of: ``content_ids`` int32 [n] ascending.

    ``agreement`` holds the counts of each content, ``classes`` int32 [n] numbers into ``names``, -1 for none.
    ``only_a`` and ``only_b`` contents are in one graph alone. ``judged`` bool [n]: those whose class tells something,
    because another has it and neither encoder learnt from them (``is_seen``: from others one did). ``gain`` is of
    these, None where there are none. Of their neighbours b alone names ``brought`` in the mean, ``brought_own`` of
    these of the image's class, and a alone ``dropped`` and ``dropped_own``. ``by_class``: classes of the judged that
    gained most, then those that lost most. ``notes``: what is to be known of it, a sentence each.
    """

    a: str
    b: str
    k: int
    content_ids: NDArray[np.int32]
    only_a: int
    only_b: int
    agreement: Agreement
    source: ClassSource
    classes: NDArray[np.int32]
    names: list[str]
    judged: NDArray[np.bool_]
    is_seen: bool
    gain: Gain | None
    brought: float
    dropped: float
    brought_own: float
    dropped_own: float
    by_class: list[tuple[str, Gain]]
    notes: list[str]

    @property
    def same(self) -> float:
        """The mean number of neighbours that both name."""
        return float(self.agreement.same.mean())

    @property
    def share(self) -> float:
        """The mean overlap at k, 0 to 1."""
        return float(self.agreement.share.mean(dtype=np.float64))

    @property
    def jaccard(self) -> float:
        """The mean Jaccard index, 0 to 1."""
        return float(self.agreement.jaccard.mean(dtype=np.float64))

    @property
    def unchanged(self) -> int:
        """Contents for which both name the very same neighbours."""
        return int((self.agreement.share == 1).sum())

    @property
    def apart(self) -> int:
        """Contents for which no neighbour is the same."""
        return int((self.agreement.share == 0).sum())


def compare(
    project: Project,
    a: str | None,
    b: str,
    *,
    k: int = DEFAULT_K,
    source: ClassSource | None = None,
    job: Job | None = None,
) -> Comparison:
    """Compare the stored neighbours by encoder ``b`` with those by ``a`` (None: the default).

    ``k`` neighbours of each, fewer where a graph keeps fewer. Classes come from ``source``, None: labels, else
    folders. Raises EncoderError where one has no vectors or no neighbours, UsageError where both are the same, ``k``
    is no number from 1 to 100, or no two images have both.
    """
    job = job or Job()
    one, other = require(project, a), require(project, b)
    if one.id == other.id:
        raise UsageError(
            f"Both are {one.encoder}, so there is nothing to compare.", "Name another encoder."
        )
    if not 1 <= k <= MOST_K:
        raise UsageError(f"The number of neighbours lies between 1 and {MOST_K}.")
    graphs = own_graph(project, one), own_graph(project, other)
    source = source or usual_source(project)
    with project.read() as session:
        index = project.index(session)
        of_image, names = queries.class_codes(session, index, source)
        is_there = index.columns.status == PRESENT
        contents = index.columns.content_ids[is_there]
        mine = [_own(project, session, each) for each in (one, other)]
    held_a, held_b = (
        _marked(contents) & _marked(graph.content_ids, contents) & _marked(owned, contents)
        for graph, owned in zip(graphs, mine, strict=True)
    )
    both = np.flatnonzero(held_a & held_b).astype(np.int32)
    if len(both) < 2:
        raise UsageError(
            f"No two images have neighbours by both {one.encoder} and {other.encoder}.",
            "Embed with both, then run neighbours.",
        )
    k = min(k, graphs[0].k, graphs[1].k, len(both) - 1)
    classes = first_known(both, contents, of_image[is_there])
    found = agreement(*graphs, both, classes, k, job)
    seen, notes = comparison_learnt.seen(project, (one.encoder, other.encoder), both)
    sizes = np.bincount(classes[classes >= 0], minlength=len(names))
    judged = (classes >= 0) & (sizes[classes] > 1) & ~seen if len(names) else np.zeros_like(seen)
    job.start("Intervals")
    groups = holdout.leak_groups(both.astype(np.int64), examples.leak_graph(project))
    gain, by_class = _gains(found, classes, names, judged, groups)
    return Comparison(
        a=one.encoder,
        b=other.encoder,
        k=k,
        content_ids=both,
        only_a=int(held_a.sum()) - len(both),
        only_b=int(held_b.sum()) - len(both),
        agreement=found,
        source=source,
        classes=classes,
        names=names,
        judged=judged,
        is_seen=bool(seen.any()),
        gain=gain,
        brought=_mean(found.listed_b[judged] - found.same[judged]),
        dropped=_mean(found.listed_a[judged] - found.same[judged]),
        brought_own=_mean(found.won_own[judged]),
        dropped_own=_mean(found.lost_own[judged]),
        by_class=by_class,
        notes=notes,
    )


def own_graph(project: Project, embedding: Embedding) -> Graph:
    """The stored graph of this very embedding, not of one that stands in for it. Raises EncoderError."""
    graph = neighbours.load(project, embedding)
    if graph is None:
        raise EncoderError(
            f"There are no stored neighbours by {embedding.encoder} yet.",
            f"Run neighbours --encoder '{embedding.encoder}'.",
        )
    return graph


def _own(project: Project, session: Session, embedding: Embedding) -> NDArray[np.int32]:
    """Contents that have a vector of the embedding itself."""
    gallery = galleries.of(project, session, embedding)
    return gallery.owners[: len(gallery.owners) - gallery.standing_in]


def _marked(ids: NDArray[np.int32], among: NDArray[np.int32] | None = None) -> NDArray[np.bool_]:
    """Whether an id is one of these, by id up to the highest of ``among`` (None: of these); 0 is none. Sets of a
    million are met so in milliseconds, which numpy's own take a second for."""
    highest = int((ids if among is None else among).max(initial=0))
    found = np.zeros(highest + 1, dtype=bool)
    found[ids[ids <= highest]] = True
    found[0] = False
    return found


def _gains(
    found: Agreement,
    classes: NDArray[np.int32],
    names: list[str],
    judged: NDArray[np.bool_],
    groups: Ints,
) -> tuple[Gain | None, list[tuple[str, Gain]]]:
    """The gain of all that are judged, and of the classes with the largest and the least."""
    rows = np.flatnonzero(judged)
    if not len(rows):
        return None, []
    gain, share, own = found.gain[rows].astype(np.float64), found.share[rows], classes[rows]
    numbers = groups[rows]
    order = np.argsort(own, kind="stable")
    codes, first, counts = np.unique(own[order], return_index=True, return_counts=True)
    means = np.add.reduceat(gain[order], first) / counts
    by_mean = np.lexsort((codes, means))
    best = [one for one in by_mean[::-1][:_TOLD_CLASSES] if means[one] > 0]
    worst = [one for one in by_mean[:_TOLD_CLASSES] if means[one] < 0]
    by_class = []
    for one in (*best, *worst):
        part = order[first[one] : first[one] + counts[one]]
        by_class.append((names[int(codes[one])], _gain(gain[part], share[part], numbers[part])))
    return _gain(gain, share, numbers), by_class


def _mean(counts: NDArray[np.uint8]) -> float:
    return float(counts.mean()) if len(counts) else 0.0


def _gain(gain: NDArray[np.float64], share: NDArray[np.float32], groups: Ints) -> Gain:
    low: float | None = None
    high: float | None = None
    number = int(np.count_nonzero(np.bincount(groups)))
    if number >= intervals.FEWEST:
        how: Callable[..., tuple[float, float]] = mean_interval
        if number <= _MOST_DRAWN:
            how = intervals.interval
        low, high = how(gain, groups=groups)
    return Gain(float(gain.mean()), low, high, len(gain), float(share.mean(dtype=np.float64)))
