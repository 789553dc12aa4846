"""Oddness: by brute force, finite whatever the graph, and high for what was planted, also where it has copies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_graphs import around, graph_of

from core.catalogue.records import Graph
from core.search import oddness as room
from core.search.oddness import oddness


def plainly(graph: Graph) -> list[float]:
    """The same, image by image."""
    reach: dict[int, float] = {}
    listed: dict[int, list[int]] = {}
    for owner, others, cosines in zip(
        graph.content_ids.tolist(), graph.neighbour_ids, graph.scores, strict=True
    ):
        near = [(int(o), float(c)) for o, c in zip(others, cosines, strict=True) if o][:20]
        listed[owner] = [o for o, _ in near]
        reach[owner] = float(np.sqrt(max(0.0, 2 - 2 * near[-1][1]))) if near else 0.0
    found = []
    for owner in graph.content_ids.tolist():
        usual = float(np.median([reach[o] for o in listed[owner]])) if listed[owner] else 0.0
        found.append(reach[owner] * (reach[owner] / max(usual, 2**-5)) ** 0.5)
    return found


@given(
    st.lists(st.integers(0, 6), min_size=0, max_size=6),
    st.integers(1, 30),
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.2, 2.0]),
)
@settings(max_examples=60, deadline=None)
def test_it_equals_the_plain_way(counts: list[int], k: int, seed: int, spread: float) -> None:
    graph = graph_of(around(counts, seed, spread=spread) if counts else np.zeros((0, 4)), k)
    found = oddness(graph)
    assert found.dtype == np.float32 and found.shape == graph.content_ids.shape
    assert np.isfinite(found).all() and (found >= 0).all()
    assert found == pytest.approx(plainly(graph), rel=1e-4, abs=1e-6)


def test_rows_of_several_lengths_and_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(around([30, 4], 5), 12)
    ids = graph.neighbour_ids.copy()
    ids[3, 5:], ids[7, 1:], ids[9] = 0, 0, 0
    ragged = Graph(1, 12, graph.content_ids, ids, graph.scores)
    whole = oddness(ragged)
    assert whole == pytest.approx(plainly(ragged), rel=1e-4)
    assert whole[9] == 0
    monkeypatch.setattr(room, "_ROWS", 7)
    assert np.array_equal(oddness(ragged), whole)


@pytest.mark.parametrize("copies", [1, 2, 5])
def test_an_odd_image_is_first_also_with_its_copies(copies: int) -> None:
    # Tight and loose groups, and one direction of its own.
    rows = np.concatenate([around([40], 1, spread=0.1), around([60], 2, spread=0.6)])
    odd = around([copies], 3, spread=1e-3)
    found = oddness(graph_of(np.concatenate([rows, odd]), 20))
    assert set(np.argsort(-found)[:copies].tolist()) == set(range(100, 100 + copies))


def test_a_thinly_settled_group_is_not_odd_as_a_whole() -> None:
    rows = np.concatenate([around([60], 1, spread=0.1), around([60], 2, spread=0.6)])
    found = oddness(graph_of(np.concatenate([rows, around([1], 3)]), 20))
    assert int(np.argmax(found)) == 120
    plain = np.sqrt(2 - 2 * graph_of(rows, 20).scores[:, -1].astype(np.float32))
    loose, tight = np.median(found[60:120]), np.median(found[:60])
    # The distances of the two groups differ as the scores do: no more.
    assert loose / tight == pytest.approx(np.median(plain[60:]) / np.median(plain[:60]), rel=0.1)


def test_identical_images_are_not_odd() -> None:
    assert oddness(graph_of(np.ones((9, 4)), 3)).max() < 0.05
