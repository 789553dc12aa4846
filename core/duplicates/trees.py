"""Where groups hang together: their maximum spanning trees, the weakest link, the two sides of a cut."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.arrays import distinct
from core.catalogue.links import pair_keys
from core.duplicates.joined import components
from core.duplicates.records import Edge, Key


def spanning(
    count: int, a: NDArray[np.int32], b: NDArray[np.int32], scores: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Places of the edges of the maximum spanning forest over nodes 0 to ``count`` - 1, by falling score; of equal
    scores the lower pair first. int64 [m].

    Boruvka's (1926): in each round every tree takes the first edge that leaves it.
    """
    order = np.lexsort((pair_keys(a, b), -scores))
    tree = np.arange(count, dtype=np.int32)
    u, v, at = a[order], b[order], np.arange(len(order))
    taken: list[NDArray[np.int64]] = []
    while len(at):
        first = np.full(count, len(order), dtype=np.int64)
        np.minimum.at(first, u, at)
        np.minimum.at(first, v, at)
        chosen = distinct(first[first < len(order)])
        taken.append(chosen)
        joined = components(count, tree[a[order[chosen]]], tree[b[order[chosen]]])
        tree = joined[tree]
        u, v = tree[a[order[at]]], tree[b[order[at]]]
        leaves = u != v
        u, v, at = u[leaves], v[leaves], at[leaves]
    found: NDArray[np.int64] = order[np.sort(np.concatenate([at[:0], *taken]))]
    return found


@dataclass(frozen=True, slots=True)
class Cut:
    """The two sides of a cut. ``held``: a pair that a person's verdicts join across it, so that it cannot be made."""

    one: frozenset[int]
    other: frozenset[int]
    held: Key | None = None


def cut_at(edges: Sequence[Edge], place: int) -> Cut:
    """The two sides of a group that is cut at ``edges[place]``: those of the maximum spanning tree without the least
    link on the way between the two ends, which is the edge itself where it is part of the tree.

    Verdicts hold more than any score; where they hold the whole way, one pair of it is named and there are no sides.
    """
    cut = edges[place]
    tree = _tree(edges)
    path = _path(tree, cut.a, cut.b)
    loose = [edge for edge in path if edge.verdict != "duplicate"]
    if not loose:
        held = path[0] if path else cut
        return Cut(frozenset(), frozenset(), (held.a, held.b))
    least = min(loose, key=lambda edge: (edge.score, -edge.a, -edge.b))
    rest = [edge for edge in tree if edge is not least]
    return Cut(_reach(rest, least.a), _reach(rest, least.b))


def _reach(edges: list[Edge], start: int) -> frozenset[int]:
    """The contents that these edges join to one, itself included."""
    beside = _beside(edges)
    found, border = {start}, [start]
    while border:
        for edge in beside.get(border.pop(), []):
            for end in (edge.a, edge.b):
                if end not in found:
                    found.add(end)
                    border.append(end)
    return frozenset(found)


def _tree(edges: Sequence[Edge]) -> list[Edge]:
    """The maximum spanning forest of a group's edges; what was judged otherwise joins nothing (Kruskal 1956)."""
    joining = [edge for edge in edges if edge.verdict in (None, "duplicate")]
    joining.sort(key=lambda edge: (edge.verdict is None, -edge.score, edge.a, edge.b))
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        while (above := parent.setdefault(one, one)) != one:
            parent[one] = parent[above]
            one = above
        return one

    tree = []
    for edge in joining:
        low, high = root(edge.a), root(edge.b)
        if low != high:
            parent[high] = low
            tree.append(edge)
    return tree


def _path(tree: list[Edge], start: int, end: int) -> list[Edge]:
    """The edges of the tree between two contents, none where it does not join them."""
    beside = _beside(tree)
    came: dict[int, Edge | None] = {start: None}
    border = [start]
    while border and end not in came:
        one = border.pop()
        for edge in beside.get(one, []):
            other = edge.b if edge.a == one else edge.a
            if other not in came:
                came[other] = edge
                border.append(other)
    path: list[Edge] = []
    here = end
    while (step := came.get(here)) is not None:
        path.append(step)
        here = step.b if step.a == here else step.a
    return path


def _beside(edges: list[Edge]) -> dict[int, list[Edge]]:
    found: dict[int, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.a, []).append(edge)
        found.setdefault(edge.b, []).append(edge)
    return found
