"""The graph of contents as one of images, against the plain way."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made_graphs import graph_of

from core.catalogue.records import Graph
from core.search.image_edges import ImageEdges


def plainly(graph: Graph, content_ids: list[int]) -> list[tuple[int, int, int, float]]:
    """(image, rank, neighbour, score), image by image."""
    images_of: dict[int, list[int]] = {}
    for image, content in enumerate(content_ids):
        images_of.setdefault(content, []).append(image)
    row_of = {int(one): row for row, one in enumerate(graph.content_ids)}
    found = []
    for image, content in enumerate(content_ids):
        ranked = [(content, 1.0)]
        if content in row_of:
            row = row_of[content]
            ranked += zip(
                graph.neighbour_ids[row].tolist(), graph.scores[row].tolist(), strict=True
            )
        others = [
            (other, score)
            for one, score in ranked
            for other in images_of.get(one, [])
            if other != image
        ]
        for rank, (other, score) in enumerate(others[: graph.k], start=1):
            found.append((image, rank, other, score))
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 12),
    st.integers(1, 5),
    st.lists(st.integers(0, 14), min_size=1, max_size=40),
    st.integers(0, 1 << 20),
    st.data(),
)
def test_as_the_plain_way(
    rows: int, k: int, picked: list[int], seed: int, data: st.DataObject
) -> None:
    """Contents with many copies, contents the graph does not know, graphs with fewer neighbours than k."""
    graph = graph_of(np.random.default_rng(seed).standard_normal((rows, 4)), k)
    content_ids = np.array([1 + 2 * one for one in picked], dtype=np.int32)
    edges = ImageEdges(graph, content_ids)
    wanted = plainly(graph, content_ids.tolist())
    total = int(edges.starts[-1])
    assert total == len(wanted)
    assert edges.unknown == sum(one >= rows for one in picked)
    start = data.draw(st.integers(0, total))
    stop = data.draw(st.integers(start, total))
    for first, last in ((0, total), (start, stop)):
        found = list(zip(*(one.tolist() for one in edges.edges(first, last)), strict=True))
        assert found == wanted[first:last]
    of_image = [image for image, *_ in wanted]
    counts = np.bincount(of_image, minlength=len(picked))
    assert np.array_equal(np.diff(edges.starts), counts)


def test_thousands_of_copies_take_no_more_than_k_each() -> None:
    graph = graph_of(np.eye(4), 3)
    edges = ImageEdges(graph, np.ones(5_000, dtype=np.int32))
    images, ranks, others, scores = edges.edges(0, int(edges.starts[-1]))
    assert len(images) == 15_000 and (scores == 1).all() and (images != others).all()
    assert np.array_equal(ranks, np.tile([1, 2, 3], 5_000))
