"""All groups of a catalogue as arrays, from which single ones are read."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import KINDS, Kind, pair_keys
from core.catalogue.records import VERDICTS
from core.duplicates.joined import Known, components
from core.duplicates.records import Edge, Group
from core.duplicates.trees import spanning

Order = Literal["size", "weakest", "bytes"]
_DUPLICATE, _SILENT = VERDICTS.index("duplicate"), -1
_NEAR = KINDS.index("near")


@dataclass(frozen=True, slots=True, eq=False)
class Files:
    """n present image files: ``image_ids`` int64, ``contents`` int32, ``ranks`` int64 (the best keeper lowest, none
    twice), ``sizes_bytes`` int64, ``protected`` bool."""

    image_ids: NDArray[np.int64]
    contents: NDArray[np.int32]
    ranks: NDArray[np.int64]
    sizes_bytes: NDArray[np.int64]
    protected: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """n pairs of contents: ``a`` < ``b`` int32, ``scores`` float32, ``kinds`` uint8 (places in KINDS), ``said`` int8
    (places in VERDICTS, -1 where nobody judged)."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    scores: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    said: NDArray[np.int8]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Edges":
        """Some of them."""
        return Edges(
            self.a[rows], self.b[rows], self.scores[rows], self.kinds[rows], self.said[rows]
        )

    def with_held(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> "Edges":
        """These, and pairs that verdicts join over contents which are not there."""
        count = len(a)
        return Edges(
            np.concatenate([self.a, np.minimum(a, b)]).astype(np.int32),
            np.concatenate([self.b, np.maximum(a, b)]).astype(np.int32),
            np.concatenate([self.scores, np.ones(count, dtype=np.float32)]),
            np.concatenate([self.kinds, np.full(count, _NEAR, dtype=np.uint8)]),
            np.concatenate([self.said, np.full(count, _DUPLICATE, dtype=np.int8)]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """g groups, by their lowest content. ``of_content`` int32: the group of each content id, -1 where it is in none.

    Files, contents and edges lie group by group, those of group i from ``starts[i]`` to ``starts[i + 1]``: files and
    contents by rank, the keeper first; edges by falling score. ``weakest`` int64 [g] places in ``edges``, -1 where
    verdicts hold all of a group.
    """

    of_content: NDArray[np.int32]
    ids: NDArray[np.int32]
    image_ids: NDArray[np.int64]
    image_starts: NDArray[np.int64]
    contents: NDArray[np.int32]
    content_starts: NDArray[np.int64]
    edges: Edges
    edge_starts: NDArray[np.int64]
    weakest: NDArray[np.int64]
    is_judged: NDArray[np.bool_]
    bytes_to_win: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def order(self, by: Order) -> NDArray[np.int64]:
        """The groups in order: most files first, weakest link first, most bytes to be won first. int64 [g]."""
        if by == "size":
            return np.argsort(-np.diff(self.image_starts), kind="stable")
        if by == "bytes":
            return np.argsort(-self.bytes_to_win, kind="stable")
        scores = np.full(len(self), np.inf)
        has = self.weakest >= 0
        scores[has] = self.edges.scores[self.weakest[has]]
        return np.argsort(scores, kind="stable")

    def groups(self, wanted: NDArray[np.int64]) -> list[Group]:
        """The records of these groups, in this order."""
        if not len(wanted):
            return []
        if len(wanted) < len(self) // 8:
            return [self._record(int(one)) for one in wanted]
        edges = self._edges(0, len(self.edges.a))
        images, contents = self.image_ids.tolist(), self.contents.tolist()
        columns = (
            self.image_starts, self.content_starts, self.edge_starts, self.weakest, self.is_judged, self.bytes_to_win,
        )  # fmt: skip
        i, c, e, weakest, is_judged, win = (one.tolist() for one in columns)
        return [
            Group(
                tuple(contents[c[one] : c[one + 1]]),
                tuple(images[i[one] : i[one + 1]]),
                tuple(edges[e[one] : e[one + 1]]),
                weakest[one] - e[one] if weakest[one] >= 0 else None,
                is_judged[one],
                images[i[one]],
                win[one],
            )
            for one in wanted.tolist()
        ]

    def _record(self, one: int) -> Group:
        images = self.image_ids[self.image_starts[one] : self.image_starts[one + 1]].tolist()
        contents = self.contents[self.content_starts[one] : self.content_starts[one + 1]].tolist()
        start, end = int(self.edge_starts[one]), int(self.edge_starts[one + 1])
        weakest = int(self.weakest[one])
        return Group(
            tuple(contents),
            tuple(images),
            tuple(self._edges(start, end)),
            weakest - start if weakest >= 0 else None,
            bool(self.is_judged[one]),
            images[0],
            int(self.bytes_to_win[one]),
        )

    def _edges(self, start: int, end: int) -> list[Edge]:
        some = self.edges.take(np.arange(start, end))
        kinds: list[Kind] = [KINDS[kind] for kind in some.kinds.tolist()]
        said = [VERDICTS[code] if code >= 0 else None for code in some.said.tolist()]
        columns = some.a.tolist(), some.b.tolist(), some.scores.tolist()
        return [Edge(*row) for row in zip(*columns, kinds, said, strict=True)]


def grouping(
    label: NDArray[np.int32], known: Known, files: Files, edges: Edges, *, singles: bool
) -> Grouping:
    """The groups that ``label`` (int32 by content id, equal within a group) makes of the files; of several files only,
    and with ``singles`` also of one content with several. ``edges`` are those that may lie inside."""
    order = np.lexsort((files.ranks, label[files.contents]))
    contents = files.contents[order]
    names = label[contents]
    starts = np.flatnonzero(np.diff(names, prepend=-1))
    sizes = np.diff(np.append(starts, len(names)))
    lowest = np.minimum.reduceat(contents, starts) if len(starts) else contents[:0]
    highest = np.maximum.reduceat(contents, starts) if len(starts) else contents[:0]
    is_kept = (sizes > 1) & ((lowest != highest) | singles)
    # Groups are numbered by their lowest content.
    number = np.full(len(starts), -1, dtype=np.int64)
    kept = np.flatnonzero(is_kept)
    number[kept[np.argsort(lowest[kept])]] = np.arange(len(kept))
    rows_number = np.repeat(number, sizes)
    order = order[rows_number >= 0]
    rows_number = rows_number[rows_number >= 0]
    by_number = np.argsort(rows_number, kind="stable")
    order, rows_number = order[by_number], rows_number[by_number]
    count = len(kept)
    of_content = np.full(len(label), -1, dtype=np.int32)
    of_content[files.contents[order]] = rows_number
    members, member_groups = _members(files.contents[order], rows_number)
    inner = _inner(edges, of_content, known, members, member_groups)
    roots = known.root[members]
    first = np.searchsorted(member_groups, np.arange(count + 1))
    is_judged = np.diff(first) > 1
    others = roots != roots[first[:-1]][member_groups] if count else roots != roots
    is_judged[member_groups[others]] = False
    sizes_bytes = np.where(files.protected[order], 0, files.sizes_bytes[order])
    image_starts = np.searchsorted(rows_number, np.arange(count + 1))
    sizes_bytes[image_starts[:-1]] = 0  # the keepers'
    edge_groups = of_content[inner.a]
    return Grouping(
        of_content,
        np.sort(lowest[kept]).astype(np.int32),
        files.image_ids[order],
        image_starts,
        members,
        first,
        inner,
        np.searchsorted(edge_groups, np.arange(count + 1)),
        _weakest(inner, edge_groups, known, count),
        is_judged,
        np.bincount(rows_number, weights=sizes_bytes, minlength=count).astype(np.int64),
    )


def _members(
    contents: NDArray[np.int32], groups: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Each content once, where it comes first."""
    first = np.full(int(contents.max(initial=0)) + 1, -1, dtype=np.int64)
    first[contents[::-1]] = np.arange(
        len(contents) - 1, -1, -1
    )  # the last that is written comes first
    first = np.sort(first[first >= 0])
    return contents[first], groups[first]


def _inner(
    edges: Edges,
    of_content: NDArray[np.int32],
    known: Known,
    members: NDArray[np.int32],
    member_groups: NDArray[np.int64],
) -> Edges:
    """The edges within groups, group by group, by falling score; what verdicts join over contents that are not there
    is joined by an edge of its own."""
    groups = of_content[edges.a]
    inner = edges.take((groups >= 0) & (groups == of_content[edges.b]))
    is_same = inner.said == _DUPLICATE
    reached = components(len(of_content), inner.a[is_same], inner.b[is_same])
    order = np.lexsort((reached[members], known.root[members]))
    ends, roots = reached[members][order], known.root[members][order]
    parted = np.flatnonzero((roots[1:] == roots[:-1]) & (ends[1:] != ends[:-1]))
    if len(parted):
        inner = inner.with_held(ends[parted], ends[parted + 1])
    order = np.lexsort((pair_keys(inner.a, inner.b), -inner.scores, of_content[inner.a]))
    return inner.take(order)


def _weakest(
    edges: Edges, groups: NDArray[np.int32], known: Known, count: int
) -> NDArray[np.int64]:
    """The place of each group's weakest link: of its maximum spanning tree the edge with the least score, those left
    out that a verdict holds. -1 where all are. int64 [count]."""
    loose = np.flatnonzero(edges.said == _SILENT)
    a, b = known.root[edges.a[loose]], known.root[edges.b[loose]]
    apart = a != b
    loose, a, b = loose[apart], a[apart], b[apart]
    weakest = np.full(count, -1, dtype=np.int64)
    tree = loose[spanning(len(known.root), a, b, edges.scores[loose])]
    weakest[groups[tree]] = tree  # the last that is written is the least
    return weakest
