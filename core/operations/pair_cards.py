"""Cards of pairs that are asked for by name: those of a chain, those at a boundary, those that were judged before."""

from collections.abc import Sequence

import numpy as np

from core.catalogue.links import KINDS, Links, difference_names
from core.duplicates.records import Card, Key
from core.operations import links, review_orders, thresholds
from core.project import Project

_SAME = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)


def cards(project: Project, keys: Sequence[Key]) -> list[Card]:
    """The cards of these pairs, in their order, whether they are judged or not.

    Pairs of which a side has no present image are left out. One without a link was never laid over the other: its
    score is 0, its chance one half, and its transform lays all of one over all of the other. ``settles`` is 1.
    """
    wanted = [(min(key), max(key)) for key in keys]
    shown = _images(project, wanted)
    known = links.load(project)
    numbers = np.array([a << 32 | b for a, b in wanted], dtype=np.int64)
    at = np.flatnonzero(np.isin(known.keys, numbers))
    likely = thresholds.chance(project, known.scores[at], known.kinds[at])
    linked = {
        (int(known.a[place]), int(known.b[place])): (place, chance)
        for place, chance in zip(at.tolist(), likely.tolist(), strict=True)
    }
    return [
        _card(key, shown, known, *linked.get(key, (-1, 0.5)))
        for key in wanted
        if key[0] in shown and key[1] in shown
    ]


def _images(project: Project, keys: Sequence[Key]) -> dict[int, int]:
    """A present image of each content, the first that was read."""
    contents = np.unique(np.array(keys, dtype=np.int64))
    with project.read() as session:
        index = project.index(session)
    of = review_orders.rows_by_content(index)
    contents = contents[contents < len(of)]
    rows = of[contents]
    ids = index.columns.ids[rows]
    return dict(zip(contents[rows >= 0].tolist(), ids[rows >= 0].tolist(), strict=True))


def _card(key: Key, shown: dict[int, int], known: Links, place: int, chance: float) -> Card:
    a, b = key
    if place < 0:
        return Card(a, b, shown[a], shown[b], "near", 0.0, chance, (), 1.0, 1, 1, (1.0, 1.0), _SAME)
    score = float(known.scores[place])
    overlaps = (float(known.overlaps[place, 0]), float(known.overlaps[place, 1]))
    return Card(
        a, b, shown[a], shown[b], KINDS[known.kinds[place]], score, chance,
        difference_names(int(known.differs[place])), 1.0, 1, 1, overlaps, known.transforms[place],
    )  # fmt: skip
