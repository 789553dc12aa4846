"""The density hierarchy: against scikit-learn's HDBSCAN and definitions worked out link by link; edges; many grains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_graphs import around, graph_of
from numpy.typing import NDArray

from core.catalogue.records import Graph
from core.clustering.closeness import By, closeness, lengths, rows_of_neighbours, sortable
from core.clustering.forest import spanning_forest
from core.clustering.grain import COARSEST, FINEST, scale
from core.clustering.hierarchy import chosen, condensed, hierarchy
from core.errors import UsageError
from core.jobs import Cancelled, Job

cluster = pytest.importorskip("sklearn.cluster")
metrics = pytest.importorskip("sklearn.metrics")


def found(graph: Graph, least: int, by: By = "distance", **chosen_by: bool) -> NDArray[np.int32]:
    tree = hierarchy(spanning_forest(graph, by=by))
    return chosen(condensed(tree, least), **chosen_by)


def distances(graph: Graph) -> NDArray[np.float64]:
    """Of a graph that holds everybody's distance to everybody, as the hierarchy takes them."""
    count = len(graph.content_ids)
    others = rows_of_neighbours(graph)
    table = np.zeros((count, count))
    np.put_along_axis(table, others, lengths(sortable(graph.scores), "distance"), axis=1)
    return np.maximum(table, table.T)


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("least", [5, 8])
def test_as_scikit_learn_finds_them(least: int, leaves: bool) -> None:
    """Of twenty seeds all agree wholly but one with leaves: mutual reachability makes many distances equal, and their
    order is each one's own."""
    agreement = []
    for seed in range(5):
        rows = around([50, 30, 20, 70], seed, dim=24, spread=0.5)
        graph = graph_of(rows, len(rows) - 1)
        peer = cluster.HDBSCAN(
            min_cluster_size=least,
            min_samples=5,
            metric="precomputed",
            cluster_selection_method="leaf" if leaves else "eom",
            copy=True,
        ).fit_predict(distances(graph))
        agreement.append(metrics.adjusted_rand_score(peer, found(graph, least, leaves=leaves)))
    assert np.median(agreement) == 1 and min(agreement) >= (0.8 if leaves else 1), agreement


def test_clusters_apart_are_found_and_strays_are_not() -> None:
    counts = [40, 25, 60, 12]
    random = np.random.default_rng(5)
    rows = np.concatenate([around(counts, 3, dim=32, spread=0.3), random.standard_normal((9, 32))])
    truth = np.concatenate([np.repeat(np.arange(4), counts), np.full(9, -1)])
    for k in (12, 145):
        for by in ("distance", "shared"):
            codes = found(graph_of(rows, k), 8, by=by)
            # Some strays hang on to the cluster that they are least far from.
            assert metrics.adjusted_rand_score(truth, codes) > 0.94, (k, by)
            assert (codes[:-9] >= 0).all()


def test_a_graph_of_few_neighbours_tells_nearly_what_all_distances_do() -> None:
    for seed in range(3):
        rows = around([80, 50, 30, 90], seed, dim=16, spread=0.6)
        whole = found(graph_of(rows, len(rows) - 1), 8)
        few = found(graph_of(rows, 20), 8)
        assert metrics.adjusted_rand_score(whole, few) > 0.85


def kruskal(graph: Graph, min_samples: int) -> list[float]:
    """The lengths of a minimum spanning forest, by definition."""
    others = rows_of_neighbours(graph)
    length = lengths(sortable(graph.scores), "distance")
    core = length[:, min_samples - 2] if min_samples > 1 else np.zeros(len(others))
    links = sorted(
        (max(float(length[a, place]), float(core[a]), float(core[b])), a, int(b))
        for a in range(len(others))
        for place, b in enumerate(others[a])
        if b >= 0
    )
    up = list(range(len(others)))
    taken = []
    for weight, a, b in links:
        while up[a] != a:
            a = up[a]
        while up[b] != b:
            b = up[b]
        if a != b:
            up[b] = a
            taken.append(weight)
    return taken


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 60), st.integers(1, 8), st.integers(1, 5), st.integers(0, 10**6))
def test_the_forest_is_a_least_one(count: int, k: int, min_samples: int, seed: int) -> None:
    rows = np.random.default_rng(seed).standard_normal((count, 3))
    graph = graph_of(rows, min(k, count - 1))
    min_samples = min(min_samples, graph.k + 1)
    forest = spanning_forest(graph, by="distance", min_samples=min_samples)
    assert np.allclose(forest.heights, kruskal(graph, min_samples))
    tree = hierarchy(forest)
    inside = tree.parents[:count]
    assert np.array_equal(
        np.bincount(inside, minlength=len(tree.sizes))
        + np.bincount(tree.parents[count:-1], tree.sizes[:-1], len(tree.sizes)),
        tree.sizes,
    )
    assert tree.sizes[-1] == count and (np.diff(tree.heights) >= 0).all()


def test_neighbours_that_two_share_are_counted() -> None:
    graph = graph_of(around([30, 20], 4, spread=0.8), 14)
    others = rows_of_neighbours(graph)
    keys = closeness(graph, others, "shared", Job())
    near = [{row, *others[row, :10].tolist()} for row in range(50)]
    for row in range(50):
        for place, other in enumerate(others[row]):
            common = len(near[row] & near[int(other)])
            if common <= 2:
                assert keys[row, place] == 0
                continue
            assert keys[row, place] >> 11 == common
            apart = 1 - common / (22 - common)
            assert lengths(keys[row, place : place + 1], "shared")[0] == pytest.approx(
                max(apart, 0.05), abs=1.01e-3
            )


def test_finer_grains_have_more_and_smaller_clusters() -> None:
    graph = graph_of(around([60] * 12, 1, dim=24, spread=0.9), 20)
    tree = hierarchy(spanning_forest(graph))
    counts = []
    for grain in range(COARSEST, FINEST + 1):
        fine = scale(grain, tree.count)
        codes = chosen(condensed(tree, fine.least), leaves=fine.leaves, largest=fine.largest)
        counts.append(int(codes.max(initial=-1)) + 1)
        if counts[-1]:
            assert np.bincount(codes[codes >= 0]).min() >= fine.least
    assert counts == sorted(counts) and counts[-1] > 1.5 * counts[0]
    with pytest.raises(UsageError, match="from 1, few and large, to 9"):
        scale(10, 100)


def test_a_heap_is_parted_only_where_its_parts_hold_much_of_it() -> None:
    rows = np.concatenate(
        [around([100, 100], 2, dim=16, spread=0.5), around([30], 9, dim=16, spread=0.2)]
    )
    graph = graph_of(rows, 20)
    tree = condensed(hierarchy(spanning_forest(graph)), 10)
    codes = chosen(tree, largest=50)
    assert {0, 1, 2} <= set(codes.tolist())
    # A hundred images alike in the same way have a few denser spots at most.
    assert max(np.bincount(codes[codes >= 0])) > 50


@pytest.mark.parametrize("count", [0, 1, 2, 3])
@pytest.mark.parametrize("by", ["shared", "distance"])
def test_few_images(count: int, by: By) -> None:
    rows = np.eye(8)[:count]
    graph = graph_of(rows, max(1, count - 1))
    codes = found(graph, 2, by=by)
    assert codes.shape == (count,) and (codes == -1).all()


def test_the_same_vectors_and_pieces_apart() -> None:
    same = graph_of(np.ones((30, 8)), 10)
    assert found(same, 4).shape == (30,)
    apart = np.repeat(np.eye(8), 20, axis=0) + 1e-2 * np.random.default_rng(0).random((160, 8))
    codes = found(graph_of(apart, 8), 5)
    assert np.array_equal(codes, np.repeat(codes[::20], 20)) and len(set(codes.tolist())) == 8
    assert (codes >= 0).all()


def test_what_cannot_be() -> None:
    graph = graph_of(around([9], 1), 3)
    broken = graph.scores.copy()
    broken[4, 1] = np.nan
    with pytest.raises(UsageError, match="not numbers"):
        spanning_forest(Graph(1, 3, graph.content_ids, graph.neighbour_ids, broken))
    with pytest.raises(UsageError):
        spanning_forest(graph, min_samples=0)
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        spanning_forest(graph, job=job)
