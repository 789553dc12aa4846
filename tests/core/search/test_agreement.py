"""By how much two neighbour graphs agree, against counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue.records import Graph
from core.jobs import Cancelled, Job
from core.search import agreement as rooms
from core.search.agreement import Lists, agreement, in_both, mean_interval
from core.training import intervals


def graph_of(content_ids: list[int], lists: list[list[int]], k: int) -> Graph:
    ids = np.zeros((len(lists), k), dtype=np.int32)
    for row, one in enumerate(lists):
        ids[row, : len(one)] = one
    scores = np.linspace(1, 0, k, dtype=np.float16)[None].repeat(len(lists), axis=0)
    return Graph(1, k, np.array(content_ids, dtype=np.int32), ids, scores)


def by_hand(graph: Graph, shared: list[int], k: int) -> dict[int, list[int]]:
    found = {}
    for content, row in zip(graph.content_ids.tolist(), graph.neighbour_ids.tolist(), strict=True):
        found[content] = [one for one in row if one and one in shared][:k]
    return found


@st.composite
def two_graphs(draw: st.DrawFn) -> tuple[Graph, Graph, list[int], np.ndarray, int]:
    """Two graphs over contents of which some are in one alone."""
    count = draw(st.integers(2, 14))
    every = list(range(1, count + 1))
    graphs, holds = [], []
    for _ in range(2):
        held = sorted(draw(st.sets(st.sampled_from(every), min_size=2)))
        width = draw(st.integers(1, 8))
        lists = [draw(st.permutations([o for o in held if o != one]))[:width] for one in held]
        graphs.append(graph_of(held, [list(one) for one in lists], width))
        holds.append(set(held))
    shared = sorted(holds[0] & holds[1])
    classes = np.array(
        draw(st.lists(st.integers(-1, 2), min_size=len(shared), max_size=len(shared))), np.int32
    )
    return graphs[0], graphs[1], shared, classes, draw(st.integers(1, 9))


@given(two_graphs())
@settings(max_examples=60, deadline=None)
def test_it_counts_what_a_person_would(
    made: tuple[Graph, Graph, list[int], np.ndarray, int],
) -> None:
    a, b, shared, classes, k = made
    ids = np.array(shared, dtype=np.int32)
    found = agreement(a, b, ids, classes, k, Job())
    by_a, by_b = by_hand(a, shared, k), by_hand(b, shared, k)
    of = dict(zip(shared, classes.tolist(), strict=True))
    for place, content in enumerate(shared):
        one, other = by_a[content], by_b[content]
        same = len(set(one) & set(other))
        assert found.same[place] == same
        assert (found.listed_a[place], found.listed_b[place]) == (len(one), len(other))
        is_own = [o for o in set(other) - set(one) if of[content] >= 0 and of[o] == of[content]]
        was_own = [o for o in set(one) - set(other) if of[content] >= 0 and of[o] == of[content]]
        assert (found.won_own[place], found.lost_own[place]) == (len(is_own), len(was_own))
        assert found.gain[place] == len(is_own) - len(was_own)
        longer = max(len(one), len(other))
        assert found.share[place] == pytest.approx(same / longer if longer else 1)
        union = len(set(one) | set(other))
        assert found.jaccard[place] == pytest.approx(same / union if union else 1)


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    ids = list(range(1, 41))
    a, b = (
        graph_of(
            ids, [random.permutation([o for o in ids if o != one])[:6].tolist() for one in ids], 6
        )
        for _ in range(2)
    )
    classes = random.integers(-1, 3, 40).astype(np.int32)
    whole = agreement(a, b, np.array(ids, np.int32), classes, 5, Job())
    monkeypatch.setattr(rooms, "_ROWS", 7)
    job = Job()
    parts = agreement(a, b, np.array(ids, np.int32), classes, 5, job)
    for name in ("listed_a", "listed_b", "same", "won_own", "lost_own"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))
    assert job.progress.done == 40
    job.cancel()
    with pytest.raises(Cancelled):
        agreement(a, b, np.array(ids, np.int32), classes, 5, job)


def test_neighbours_that_are_not_known_make_room_for_the_next() -> None:
    graph = graph_of([1, 2, 3, 4], [[2, 3, 4], [3, 1], [4, 2, 1], [1]], 3)
    listed, scores = Lists(graph, np.array([1, 3, 4, 9], np.int32)).with_scores(np.arange(4), 2)
    assert listed.tolist() == [[1, 2], [2, 0], [0, -1], [-1, -1]]
    assert scores[0].tolist() == [0.5, 0.0] and scores[1].tolist() == [1.0, 0.0]


def test_nobody_is_in_both_lists_for_nobody() -> None:
    of_a, of_b = in_both(np.array([[-1, 2, 0]], np.int32), np.array([[0, -1, 5]], np.int32))
    assert of_a.tolist() == [[False, False, True]] and of_b.tolist() == [[True, False, False]]


def test_the_quick_interval_is_that_of_the_bootstrap() -> None:
    random = np.random.default_rng(0)
    groups = random.integers(0, 900, 3000)
    values = random.normal(0.3, 1, 3000) + random.normal(0, 1, 900)[groups]
    quick = mean_interval(values, groups)
    drawn = intervals.interval(values, groups=groups)
    assert quick == pytest.approx(drawn, abs=0.012)
    assert quick[1] - quick[0] > 1.5 * (3.92 * values.std() / 3000**0.5)  # groups are what counts
    assert np.isnan(mean_interval(np.array([1.0, 2.0]), np.array([4, 4]))).all()
    assert np.isnan(mean_interval(np.zeros(0), np.zeros(0, np.int64))).all()
