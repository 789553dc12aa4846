"""The tree of denser and denser places in a neighbour graph, and its clusters at any least size (HDBSCAN)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clustering.forest import Forest, pointed
from core.jobs import Job

_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """The single-linkage tree of a forest: n contents, then t places where they come together, nearest first.

    ``parents`` int32 [n + t] gives the place (0 to t - 1) that each content and each place is in, the last place
    itself. ``heights`` float32 [t] are distances, no less than those of what is in a place; in the last one comes
    together what hangs together by nothing. ``sizes`` int32 [t] counts contents.
    """

    count: int
    parents: NDArray[np.int32]
    heights: NDArray[np.float32]
    sizes: NDArray[np.int32]


def hierarchy(forest: Forest, job: Job | None = None) -> Hierarchy:
    """Let what the links of ``forest`` join come together, nearest first; at last all that hangs together by nothing.

    Merging is one loop over the links with a union-find whose paths are halved (Tarjan 1975): a million take 2 s.
    """
    n = forest.count
    if n == 0:
        return Hierarchy(0, np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(0, np.int32))
    parents, sizes = _merged(forest, job or Job())
    heights = forest.heights
    if len(sizes) > len(heights):  # several that nothing joins, or one content alone
        heights = np.append(heights, np.float32(forest.beyond))
    return Hierarchy(n, parents, heights, sizes)


def _merged(forest: Forest, job: Job) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(place that each content and place is in, the last itself; contents in each place)."""
    n, links = forest.count, len(forest.a)
    # Where a search goes on. Long lists are made and read piece by piece, since that keeps other threads waiting.
    up: list[int] = []
    for start in range(0, n + links, _AT_ONCE):
        up.extend(range(start, min(n + links, start + _AT_ONCE)))
    sizes = [1] * n + [0] * links
    parents = np.arange(n + links + 1, dtype=np.int32)
    inside = np.empty(links + 1, dtype=np.int32)
    node = n
    job.start("Clusters", links)
    for start in range(0, links, _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        first = node
        joined: list[int] = []
        for x, y in zip(forest.a[some].tolist(), forest.b[some].tolist(), strict=True):
            while up[x] != x:
                up[x] = x = up[up[x]]
            while up[y] != y:
                up[y] = y = up[up[y]]
            up[x] = up[y] = node
            sizes[node] = sizes[x] + sizes[y]
            joined += (x, y)
            node += 1
        parents[joined] = np.repeat(np.arange(first, node), 2)
        inside[first - n : node - n] = sizes[first:node]
        job.advance(node - first)
    while up:
        del up[-_AT_ONCE:], sizes[-_AT_ONCE:]
    roots = np.flatnonzero(parents[:node] == np.arange(node))
    if len(roots) > 1 or node == n:
        parents[roots] = node
        inside[node - n] = n
        node += 1
    return np.maximum(parents[:node] - n, 0), inside[: node - n]


@dataclass(frozen=True, slots=True, eq=False)
class Condensed:
    """The tree of clusters of at least some size. ``clusters`` int32 [n] is the smallest that each content was ever
    in. Of c clusters, each behind the one that it is in: ``parents`` int32 [c] (the first's is -1) and
    ``stabilities`` float64 [c], their excess of mass."""

    clusters: NDArray[np.int32]
    parents: NDArray[np.int32]
    stabilities: NDArray[np.float64]


def condensed(tree: Hierarchy, least: int) -> Condensed:
    """Clusters of at least ``least`` contents (2 or more): a place where two or more of those come together parts
    them, and what is smaller falls out of the cluster there (Campello et al. 2013). Vectorised over the places."""
    n, count = tree.count, len(tree.heights)
    if not count:
        return Condensed(np.zeros(n, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float64))
    numbers = np.arange(count, dtype=np.int32)
    above = tree.parents[n:]
    is_top = numbers == count - 1
    is_big = (tree.sizes >= least) | is_top
    parted = np.bincount(above[is_big & ~is_top], minlength=count) > 1
    is_head = is_top | (is_big & parted[above])
    head = pointed(np.where(is_head | ~is_big, numbers, above).astype(np.int32))
    lowest = pointed(np.where(is_big, numbers, above).astype(np.int32))[tree.parents[:n]]
    # Clusters from the top down.
    heads = np.flatnonzero(is_head)[::-1]
    number = np.full(count, -1, dtype=np.int32)
    number[heads] = np.arange(len(heads), dtype=np.int32)
    parents = number[head[above[heads]]]
    parents[0] = -1
    clusters = number[head[lowest]]
    lambdas = 1 / tree.heights.astype(np.float64)
    birth = lambdas[above[heads]]
    birth[0] = 0
    mass = np.bincount(clusters, lambdas[lowest] - birth[clusters], len(heads)).astype(np.float64)
    inner, outer = np.arange(1, len(heads)), parents[1:]
    mass += np.bincount(outer, tree.sizes[heads[inner]] * (birth[inner] - birth[outer]), len(heads))
    return Condensed(clusters, parents, mass)


def chosen(
    tree: Condensed, *, leaves: bool = False, largest: int | None = None
) -> NDArray[np.int32]:
    """The cluster of each content, -1 for none, numbered as they come in the tree. int32 [n].

    By excess of mass: those that together are the most stable, never the one that holds everything. With ``leaves``
    those that are parted no further: more, smaller and more alike. Of a cluster of more than ``largest`` contents the
    parts are taken, unless those that are parted no further hold less than a quarter of it: one great heap with some
    denser spots is one cluster, a few odd images beside everything else are no reason for one.
    """
    count = len(tree.parents)
    if not count:
        return tree.clusters
    parents = tree.parents.tolist()
    best = tree.stabilities.tolist()
    sizes = np.bincount(tree.clusters, minlength=count).tolist()
    inside, in_leaves, is_leaf = [0.0] * count, [0] * count, [True] * count
    is_chosen = [True] * count
    for one in range(count - 1, 0, -1):
        if is_leaf[one]:
            in_leaves[one] = sizes[one]
        else:
            too_large = largest is not None and sizes[one] > largest
            too_large &= in_leaves[one] * 4 >= sizes[one]
            if leaves or too_large or inside[one] > best[one]:
                is_chosen[one], best[one] = False, inside[one]
        outer = parents[one]
        is_leaf[outer] = False
        inside[outer] += best[one]
        sizes[outer] += sizes[one]
        in_leaves[outer] += in_leaves[one]
    label = [-1] * count
    known = 0
    for one in range(1, count):
        label[one] = label[parents[one]]
        if label[one] < 0 and is_chosen[one]:
            label[one], known = known, known + 1
    found: NDArray[np.int32] = np.array(label, dtype=np.int32)[tree.clusters]
    return found
