"""The neighbour embedding: what is alike lies together, the same for a seed, calm about degenerate graphs."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import UsageError
from core.jobs import Job
from core.layout import spans
from core.layout.base import Material
from core.layout.class_links import with_classes
from core.layout.curve import fitted_curve, power
from core.layout.links import links
from core.layout.making import make
from core.layout.quality import quality
from core.layout.spans import ordered
from core.parallel import limit_threads
from core.search.knn import knn_graph
from core.search.vectors import Vectors

Stored = Callable[..., Material]


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    """Rows [n, d] as a layout gets them, with the exact graph of their k nearest."""

    def make_material(rows: np.ndarray, k: int = 10, **others: Any) -> Material:
        vectors = Vectors(tmp_path / "v", rows.shape[1])
        if len(rows):
            unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            vectors.write(0, unit.astype(np.float32))
        owners = np.arange(1, len(rows) + 1, dtype=np.int32)
        ids, cosines = knn_graph(vectors, owners, k, Job())
        return Material(vectors, owners, ids - 1, cosines.astype(np.float32), **others)

    return make_material


def clusters(count: int, size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    which = np.repeat(np.arange(count), size)
    return random.normal(size=(count, 24))[which] + 0.25 * random.normal(
        size=(count * size, 24)
    ), which


def laid_out(material: Material, *, steps: int | None = None) -> np.ndarray:
    layout = make("umap", material)
    layout.start()
    done = 1
    while layout.step() and done != steps:
        done += 1
    assert done <= layout.rounds
    return layout.positions()


def test_clusters_come_apart_and_the_map_can_be_trusted(stored: Stored) -> None:
    rows, which = clusters(6, 60)
    material = stored(rows)
    at = laid_out(material)
    assert at.dtype == np.float32 and np.isclose(np.abs(at).max(), 1)
    middles = np.stack([at[which == one].mean(axis=0) for one in range(6)])
    nearest = np.linalg.norm(at[:, None] - middles[None], axis=2).argmin(axis=1)
    assert (nearest == which).mean() > 0.99
    found = quality(material.vectors, material.owners, at)
    assert found.trustworthiness > 0.93 and found.continuity > 0.93


def test_a_ring_stays_a_ring(stored: Stored) -> None:
    angles = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    rows = np.stack([np.cos(angles), np.sin(angles), np.full(300, 0.3)], axis=1)
    at = laid_out(stored(rows))
    steps = np.linalg.norm(at - np.roll(at, 1, axis=0), axis=1)
    assert steps.max() < 0.3
    assert np.linalg.norm(at - at.mean(axis=0), axis=1).min() > 0.3


def test_same_for_a_seed_whatever_the_threads(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "_SPAN_ROWS", 100)  # four spans, as of 200,000 points
    material = stored(clusters(8, 50)[0], settings={"epochs": 20})
    before = torch.get_num_threads()
    try:
        found = []
        for threads in (1, 3):
            limit_threads(threads)
            found.append(laid_out(material))
    finally:
        limit_threads(before)
    assert np.array_equal(*found)
    other = Material(material.vectors, material.owners, material.neighbours, material.scores,
                     settings=material.settings, seed=1)  # fmt: skip
    assert not np.array_equal(found[0], laid_out(other))


def test_spectral_start_and_other_options(stored: Stored) -> None:
    rows, which = clusters(4, 50)
    material = stored(rows, settings={"begin": "spectral", "min_distance": 0.5, "neighbours": 5})
    at = laid_out(material)
    found = quality(material.vectors, material.owners, at)
    assert found.trustworthiness > 0.9
    middles = np.stack([at[which == one].mean(axis=0) for one in range(4)])
    assert np.linalg.norm(at - middles[which], axis=1).mean() < 0.3


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_images(stored: Stored, count: int) -> None:
    for begin in ("pca", "spectral"):
        at = laid_out(stored(np.eye(8)[:count], settings={"begin": begin}))
        assert at.shape == (count, 2)
        assert np.isfinite(at).all() and (np.abs(at) <= 1 + 1e-6).all()


def test_identical_vectors_lie_side_by_side(stored: Stored) -> None:
    at = laid_out(stored(np.ones((50, 8))))
    assert np.isfinite(at).all()
    assert len(np.unique(at, axis=0)) == 50


def test_what_is_not_linked_neither_flies_off_nor_falls_together(stored: Stored) -> None:
    rows, which = clusters(12, 12)
    material = stored(rows, k=5)
    assert (which[material.neighbours] == which[:, None]).all()  # twelve components
    alone = material.neighbours.copy()
    alone[:3] = -1  # and three without any link of their own
    at = laid_out(Material(material.vectors, material.owners, alone, material.scores))
    middles = np.stack([at[which == one][3 * (one == 0) :].mean(axis=0) for one in range(12)])
    apart = np.linalg.norm(middles[:, None] - middles[None], axis=2)[np.triu_indices(12, 1)]
    assert apart.min() > 0.05
    assert np.quantile(np.abs(at), 0.5) > 0.15  # no few far ones press the rest together


def test_not_a_number_is_refused(stored: Stored) -> None:
    material = stored(clusters(2, 20)[0])
    material.scores[3, 2] = np.nan
    with pytest.raises(UsageError, match="not numbers"):
        laid_out(material)


def test_new_points_are_placed_and_the_others_stay_to_the_bit(stored: Stored) -> None:
    rows, which = clusters(6, 40)
    material = stored(rows)
    whole = make("umap", material)
    whole.start()
    while whole.step():
        pass
    before = whole.positions()
    is_new = np.zeros(240, dtype=np.bool_)
    is_new[::9] = True
    start = before.copy()
    start[is_new] = np.nan
    again = Material(material.vectors, material.owners, material.neighbours, material.scores,
                     start=start, start_scale=whole.scale, fixed=~is_new)  # fmt: skip
    layout = make("umap", again)
    layout.start()
    while layout.step():
        pass
    after = layout.positions()
    assert np.array_equal(after[~is_new], before[~is_new])
    assert layout.scale == whole.scale
    middles = np.stack([before[which == one].mean(axis=0) for one in range(6)])
    nearest = np.linalg.norm(after[is_new, None] - middles[None], axis=2).argmin(axis=1)
    assert (nearest == which[is_new]).all()
    assert len(np.unique(after, axis=0)) == 240


def test_goes_on_from_another_layout(stored: Stored) -> None:
    rows, _ = clusters(6, 40)
    first = stored(rows)
    before = laid_out(first)
    start = before.copy()
    start[:4] = np.nan
    again = Material(
        first.vectors, first.owners, first.neighbours, first.scores, start=start, start_scale=8.0
    )
    after = laid_out(again)
    moved = np.corrcoef(before[4:].ravel(), after[4:].ravel())[0, 1]
    assert moved > 0.9


def test_points_that_touch_nothing_known_lie_beside(stored: Stored) -> None:
    material = stored(clusters(3, 20)[0], k=5)
    start = np.full((60, 2), np.nan, dtype=np.float32)
    start[:40] = np.random.default_rng(0).uniform(-1, 1, (40, 2))
    again = Material(material.vectors, material.owners, material.neighbours, material.scores,
                     start=start, start_scale=8.0, fixed=np.arange(60) < 40)  # fmt: skip
    after = laid_out(again)
    assert np.array_equal(after[:40], start[:40])
    assert np.isfinite(after).all()
    assert after[40:, 0].mean() > 1


def test_classes_pull_by_their_weight(stored: Stored) -> None:
    rows = np.random.default_rng(0).normal(size=(200, 6))
    classes = np.arange(200, dtype=np.int32) % 2
    classes[:20] = -1
    apart = []
    for weight in (0.0, 0.5, 1.0):
        at = laid_out(stored(rows, classes=classes, settings={"class_weight": weight}))
        near = np.linalg.norm(at[:, None] - at[None], axis=2).argsort(axis=1)[:, 1:6]
        apart.append((classes[near] == classes[:, None])[20:].mean())
    assert apart[0] < 0.65 and apart[0] + 0.15 < apart[1] <= apart[2] + 0.05
    linked = links(stored(rows), 10)
    weighed = with_classes(linked, classes, 0.5)
    neutral = (classes[linked.heads] < 0) | (classes[linked.tails] < 0)
    assert np.array_equal(weighed.weights[neutral], linked.weights[neutral])
    assert with_classes(linked, classes, 0.0) is linked


def test_stopped_early_it_is_a_map(stored: Stored) -> None:
    material = stored(clusters(6, 60)[0])
    at = laid_out(material, steps=30)
    assert quality(material.vectors, material.owners, at).trustworthiness > 0.9


def test_every_link_is_in_the_order_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_SPAN_ROWS", 64)
    monkeypatch.setattr(spans, "_LEAST_ROWS", 6)
    random = np.random.default_rng(5)
    count = 150
    heads = np.sort(np.concatenate([random.integers(0, count, 900), np.full(300, 7)]))
    tails = random.integers(0, count, 1_200)
    weights = random.uniform(0.1, 1, 1_200).astype(np.float32)
    free = random.random(count) < 0.8
    order = ordered(
        heads, tails, weights, random.normal(size=(count, 2)).astype(np.float32), free, "cpu"
    )
    assert np.array_equal(np.sort(order.points), np.arange(count))
    assert order.spans[-1].stop == free.sum() and free[order.points[: free.sum()]].all()
    found = np.zeros((count, count))
    for span in order.spans:
        rows = order.points[span.first : span.stop]
        for slab in span.slabs:
            to = order.points[slab.tails.numpy().reshape(slab.weights.shape)]
            np.add.at(
                found, (np.broadcast_to(rows[: slab.rows], to.shape), to), slab.weights.numpy()
            )
        rest = span.rest
        np.add.at(
            found,
            (rows[rest.heads.numpy()], order.points[rest.tails.numpy()]),
            rest.weights.numpy(),
        )
    wanted = np.zeros((count, count))
    np.add.at(wanted, (heads, tails), weights)
    wanted[~free] = 0
    assert np.allclose(found, wanted)


def test_curve_as_in_the_paper() -> None:
    # What umap-learn 0.5 finds for a spread of 1.
    for distance, a, b in ((0.1, 1.5769, 0.8951), (0.5, 0.5830, 1.3342), (0.0, 1.9328, 0.7905)):
        assert fitted_curve(distance) == pytest.approx((a, b), abs=2e-3)
    squares = torch.logspace(-6, 4, 1_001)
    for b, error in ((0.79, 0.065), (1.0, 0.065), (1.93, 0.11)):
        found = power(squares, 1.5, b, torch.empty_like(squares))
        assert ((found / (1.5 * squares**b) - 1).abs() < error).all()


needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


@pytest.mark.cuda
@needs_gpu
def test_on_a_gpu_as_good(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    material = stored(clusters(500, 50)[0])
    on_gpu = quality(material.vectors, material.owners, laid_out(material))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    on_processor = quality(material.vectors, material.owners, laid_out(material))
    assert on_gpu.trustworthiness > on_processor.trustworthiness - 0.005
    assert on_gpu.continuity > on_processor.continuity - 0.005


@pytest.mark.cuda
@pytest.mark.slow
@needs_gpu
def test_a_million_within_a_minute_on_a_gpu(tmp_path: Path) -> None:
    count, dim, size = 1_000_000, 512, 50
    random = np.random.default_rng(0)
    middles = random.normal(size=(count // size, dim)).astype(np.float32)
    vectors = Vectors(tmp_path / "v", dim)
    for first in range(0, count, 50_000):
        rows = np.repeat(middles[first // size : (first + 50_000) // size], size, axis=0)
        rows = rows + 0.5 * random.standard_normal(rows.shape, dtype=np.float32)
        vectors.write(first, rows / np.linalg.norm(rows, axis=1, keepdims=True))
    places = np.arange(count)[:, None]
    # Of its cluster, in steps that meet nobody twice.
    ids = places - places % size + (places % size + np.arange(1, 16) * 3) % size
    scores = np.tile(np.linspace(0.9, 0.7, 15, dtype=np.float32), (count, 1))
    owners = np.arange(1, count + 1, dtype=np.int32)
    began = time.perf_counter()
    at = laid_out(Material(vectors, owners, ids.astype(np.int32), scores))
    seconds = time.perf_counter() - began
    assert np.isfinite(at).all()
    spread = at.reshape(-1, size, 2).std(axis=1).mean()
    assert spread < 0.2 * at.std()
    assert seconds < 60
