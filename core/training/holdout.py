"""What is learnt from and what is held out to measure with, so that near-duplicates are never on both sides."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.arrays import distinct
from core.catalogue.records import Graph
from core.training.examples import Examples, Ints

# Neighbours above this cosine of the embedded encoder, each among the first five of the other, leak: shots of
# one scene, recompressed copies. Fixed on the known copies of the demo images (packaging/fit_leaks.py).
LEAK_COSINE = 0.86
_MUTUAL = 5
# Fewer images than this in a class are not divided: all of them are learnt from.
_LEAST_DIVIDED = 4
# Two of a class must be held out, or none of them can find another.
_LEAST_HELD_OUT = 2
# Two must be left to learn from, or there is nothing to be alike.
_LEAST_KEPT = 2


@dataclass(frozen=True, slots=True)
class Parts:
    """Which examples are for what: bool [n] each, disjoint.

    ``learned`` are trained on, ``watched`` measured while learning (when to stop), ``held_out`` only
    before and after. Examples in none of them would have leaked.
    """

    learned: NDArray[np.bool_]
    watched: NDArray[np.bool_]
    held_out: NDArray[np.bool_]


def leak_groups(content_ids: Ints, graph: Graph | None) -> Ints:
    """A number for each content; contents that must stay together have the same. int64 [n].

    Joined are mutual neighbours of the stored ``graph`` above LEAK_COSINE, over chains.
    """
    n = len(content_ids)
    if graph is None or not n or not len(graph.content_ids):
        return np.arange(n, dtype=np.int64)
    k = min(_MUTUAL, graph.k)
    owner = np.repeat(graph.content_ids.astype(np.int64), k)
    other = graph.neighbour_ids[:, :k].astype(np.int64).ravel()
    near = (other > 0) & (graph.scores[:, :k].astype(np.float32).ravel() >= LEAK_COSINE)
    size = int(max(owner.max(initial=0), other.max(initial=0), content_ids.max())) + 1
    forward = distinct(owner[near] * size + other[near])
    backward = distinct(other[near] * size + owner[near])
    codes = np.intersect1d(forward, backward, assume_unique=True)
    mutual = np.stack([codes // size, codes % size], axis=1)
    return components(np.arange(size), mutual)[content_ids]


def components(nodes: Ints, links: Ints) -> Ints:
    """The least node of each node's connected component; nodes are 0 to n - 1, links int64 [m, 2].

    Labels travel along the links, and along the labels themselves, until nothing changes.
    """
    label = nodes.astype(np.int64).copy()
    while len(links):
        low = np.minimum(label[links[:, 0]], label[links[:, 1]])
        before = label.copy()
        for side in (0, 1):
            np.minimum.at(label, links[:, side], low)
            np.minimum.at(label, before[links[:, side]], low)
        label = label[label]
        if np.array_equal(label, before):
            break
    return label


def divide(labels: Ints, groups: Ints, share: float, seed: int) -> NDArray[np.bool_]:
    """Hold out about ``share`` of the images of each label, whole groups only. bool [n].

    A label gets at least two held-out images or none, and keeps at least two; those with fewer than
    four images are not divided. A group that spans several labels goes one way as a whole.
    """
    random = np.random.default_rng([seed, 1])
    out = np.zeros(len(labels), dtype=bool)
    decided = np.zeros(len(labels), dtype=bool)
    sizes = np.bincount(groups) if len(groups) else np.zeros(0, dtype=np.int64)
    by_group = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[by_group], np.arange(len(sizes)))
    counts = np.bincount(labels) if len(labels) else np.zeros(0, dtype=np.int64)
    by_label = np.argsort(labels, kind="stable")
    first = np.searchsorted(labels[by_label], np.arange(len(counts)))
    # Small classes first: they have the least choice.
    for label in np.argsort(counts, kind="stable"):
        rows = by_label[first[label] : first[label] + counts[label]]
        if len(rows) < _LEAST_DIVIDED:
            continue
        wanted = min(max(_LEAST_HELD_OUT, round(share * len(rows))), len(rows) - _LEAST_KEPT)
        most = max(wanted, min(len(rows) - _LEAST_KEPT, round(1.5 * share * len(rows)) + 1))
        held = int(out[rows].sum())
        open_groups = np.unique(groups[rows[~decided[rows]]])
        for group in random.permutation(open_groups):
            members = by_group[starts[group] : starts[group] + sizes[group]]
            own = int((labels[members] == label).sum())
            if decided[members].any() or held + own > most:
                continue
            if held >= wanted:
                break
            out[members] = True
            decided[members] = True
            held += own
        decided[rows] = True
        if held < _LEAST_HELD_OUT:  # one alone could find nobody
            out[rows] = False
    return _settled(out, labels, groups)


def _settled(out: NDArray[np.bool_], labels: Ints, groups: Ints) -> NDArray[np.bool_]:
    """Labels that groups across several of them left with too few on a side are not divided after all.

    Taking one back may take a group of another label along, so it goes on until all have enough.
    """
    counts = np.bincount(labels)
    while True:
        out = _closed(out, groups)
        held = np.bincount(labels[out], minlength=len(counts))
        torn = (held > 0) & ((held < _LEAST_HELD_OUT) | (counts - held < _LEAST_KEPT))
        if not torn.any():
            return out
        out = out & ~torn[labels]


def _closed(out: NDArray[np.bool_], groups: Ints) -> NDArray[np.bool_]:
    """A group of which one is not held out is not held out at all."""
    size = int(groups.max(initial=-1)) + 1
    inside = np.bincount(groups[~out], minlength=size) > 0
    return out & ~inside[groups]


def divide_classes(labels: Ints, share: float, seed: int) -> NDArray[np.bool_]:
    """Hold out about ``share`` of the labels, whole. bool [n]."""
    names = np.unique(labels)
    count = min(max(1, round(share * len(names))), len(names) - 1)
    chosen = np.random.default_rng([seed, 2]).permutation(names)[:count]
    return np.isin(labels, chosen)


def divide_pairs(examples: Examples, groups: Ints, share: float, seed: int) -> NDArray[np.bool_]:
    """Hold out about ``share`` of judged contents: labels whole, and where that is possible labels that were
    told apart on the same side. bool [n]."""
    count = len(examples.names)
    # Leak groups join labels that near-duplicates of each other have.
    order = np.argsort(groups, kind="stable")
    leaks = np.stack([examples.labels[order[:-1]], examples.labels[order[1:]]], axis=1)
    leaks = leaks[groups[order[:-1]] == groups[order[1:]]]
    units = components(np.arange(count), np.concatenate([leaks, examples.different]))
    if count and np.bincount(units).max() > max(2, 0.2 * count):
        units = components(np.arange(count), leaks)  # one large web: some links will cross
    of_each = units[examples.labels]
    names, sizes = np.unique(of_each, return_counts=True)
    room = share * len(of_each)
    chosen: list[int] = []
    for place in np.random.default_rng([seed, 11]).permutation(len(names)):
        # A unit too large for what is left stays to learn from: half of it cannot be held out.
        if sizes[place] <= max(2.0, 1.25 * room):
            chosen.append(int(names[place]))
            room -= float(sizes[place])
        if room <= 0:
            break
    return np.isin(of_each, chosen)


def without_leaks(
    learned: NDArray[np.bool_], other: NDArray[np.bool_], groups: Ints
) -> NDArray[np.bool_]:
    """``learned`` less what shares a leak group with one of ``other``. bool [n]."""
    size = int(groups.max(initial=-1)) + 1
    touched = np.bincount(groups[other], minlength=size) > 0
    return learned & ~other & ~touched[groups]
