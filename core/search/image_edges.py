"""The stored graph, which is of contents, as one of images: copies are neighbours too."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph

_BLOCK_ROWS = 65_536


class ImageEdges:
    """The nearest images of each image, at most k of them, among images with these contents (int32 [n]).

    Exact copies come first, with score 1, then the images of the neighbours of its content, best first; those of one
    content in the order of the images. ``starts`` int64 [n + 1]: the edges of image i are ``starts[i]`` to
    ``starts[i + 1]``. ``unknown`` counts images whose content is not in the graph: they have no neighbours but copies.
    Takes memory in proportion to the images, whatever the number of copies.
    """

    def __init__(self, graph: Graph, content_ids: NDArray[np.int32]) -> None:
        self._graph, self._contents, self.k = graph, content_ids, graph.k
        top = 1 + max(
            int(one.max(initial=0)) for one in (content_ids, graph.content_ids, graph.neighbour_ids)
        )
        self._counts = np.bincount(content_ids, minlength=top).astype(np.int32)
        self._firsts = np.cumsum(self._counts, dtype=np.int64) - self._counts
        self._by_content = np.argsort(content_ids, kind="stable").astype(np.int32)
        row_of = np.full(top, -1, dtype=np.int32)
        row_of[graph.content_ids] = np.arange(len(graph.content_ids), dtype=np.int32)
        self._rows = row_of[content_ids]
        self.unknown = int(np.count_nonzero(self._rows < 0))
        self.starts = np.zeros(len(content_ids) + 1, dtype=np.int64)
        np.cumsum(self._lengths(), out=self.starts[1:])

    def _lengths(self) -> NDArray[np.int64]:
        totals = np.zeros(len(self._graph.content_ids) + 1, dtype=np.int64)  # the last: not in it
        for start in range(0, len(totals) - 1, _BLOCK_ROWS):
            ids = self._graph.neighbour_ids[start : start + _BLOCK_ROWS]
            totals[start : start + len(ids)] = self._counts[ids].sum(axis=1)
        copies = self._counts[self._contents].astype(np.int64) - 1
        found: NDArray[np.int64] = np.minimum(self.k, totals[self._rows] + copies)
        return found

    def edges(
        self, start: int, stop: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        """(image, rank from 1, its neighbour, score) of the edges ``start`` to ``stop``, each [stop - start]."""
        first = int(np.searchsorted(self.starts, start, side="right")) - 1
        last = max(first, int(np.searchsorted(self.starts, stop, side="left")))
        cut = slice(start - int(self.starts[first]), stop - int(self.starts[first]))
        one, two, three, four = self._of_rows(first, last)
        return one[cut], two[cut], three[cut], four[cut]

    def _of_rows(
        self, first: int, last: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        width = 1 + self.k
        candidates = np.zeros((last - first, width), dtype=np.int32)
        scores = np.ones((last - first, width), dtype=np.float32)
        candidates[:, 0] = self._contents[first:last]
        rows = self._rows[first:last]
        candidates[rows >= 0, 1:] = self._graph.neighbour_ids[rows[rows >= 0]]
        scores[rows >= 0, 1:] = self._graph.scores[rows[rows >= 0]]
        flat = candidates.reshape(-1)
        # Of a content with many copies no more than can be among the k, and the image itself.
        amounts = np.minimum(self._counts[flat], width)
        place = np.repeat(np.arange(len(flat)), amounts)
        within = np.arange(len(place)) - np.repeat(np.cumsum(amounts) - amounts, amounts)
        others = self._by_content[self._firsts[flat[place]] + within]
        images = (first + place // width).astype(np.int32)
        is_other = others != images
        images, others, place = images[is_other], others[is_other], place[is_other]
        begins = np.searchsorted(images, np.arange(first, last))
        ranks = (np.arange(len(images)) - begins[images - first]).astype(np.int32)
        kept = ranks < self.k
        return images[kept], ranks[kept] + 1, others[kept], scores.reshape(-1)[place[kept]]
