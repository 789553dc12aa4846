"""Cards of pairs that are asked for by name: those of a chain, those at a boundary, those that were judged before."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.catalogue.columns import PRESENT
from core.catalogue.links import KINDS, Links, difference_names, pair_keys
from core.duplicates.records import Card, Key
from core.operations import links
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
    places = _places(known, wanted)
    return [
        _card(key, shown, known, place)
        for key, place in zip(wanted, places.tolist(), strict=True)
        if key[0] in shown and key[1] in shown
    ]


def _images(project: Project, keys: Sequence[Key]) -> dict[int, int]:
    """A present image of each content, the first that was read."""
    contents = np.unique(np.array(keys, dtype=np.int64))
    with project.read() as session:
        columns = project.index(session).columns
    rows = np.flatnonzero(np.isin(columns.content_ids, contents) & (columns.status == PRESENT))
    found: dict[int, int] = {}
    for content_id, image_id in sorted(
        zip(columns.content_ids[rows].tolist(), columns.ids[rows].tolist(), strict=True)
    ):
        found.setdefault(content_id, image_id)
    return found


def _places(known: Links, keys: Sequence[Key]) -> NDArray[np.int64]:
    """Where the links of these pairs are, -1 where there is none. int64 [n]."""
    if not len(known) or not keys:
        return np.full(len(keys), -1, dtype=np.int64)
    every = known.keys
    order = np.argsort(every)
    ends = np.array(keys, dtype=np.int64)
    wanted = pair_keys(ends[:, 0], ends[:, 1])
    at = np.minimum(np.searchsorted(every, wanted, sorter=order), len(every) - 1)
    found = order[at]
    return np.where(every[found] == wanted, found, -1)


def _card(key: Key, shown: dict[int, int], known: Links, place: int) -> Card:
    a, b = key
    if place < 0:
        return Card(a, b, shown[a], shown[b], "near", 0.0, 0.5, (), 1.0, 1, 1, (1.0, 1.0), _SAME)
    score = float(known.scores[place])
    overlaps = (float(known.overlaps[place, 0]), float(known.overlaps[place, 1]))
    return Card(
        a, b, shown[a], shown[b], KINDS[known.kinds[place]], score, score,
        difference_names(int(known.differs[place])), 1.0, 1, 1, overlaps, known.transforms[place],
    )  # fmt: skip
