"""What leading numbers rule out never belongs in the graph: bounds hold, and a sifted graph is the graph."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.jobs import Cancelled, Job
from core.search import fitting, knn, products, sieve
from core.search.leading import Axes
from core.search.products import Way
from core.search.sieve import Sieve
from core.search.vectors import Rows

WAYS = [Way(), Way(precision="bf16")]
DIM = 16


class InMemory(Rows):
    """Rows that lie in memory."""

    def __init__(self, rows: NDArray[np.float16]) -> None:
        self.rows, self.dim = rows, rows.shape[1]

    def read(self, start: int, stop: int) -> NDArray[np.float16]:
        return self.rows[start:stop]


def falling(count: int, dim: int, seed: int, *, spread: float = 0.5, fall: float = 1.0) -> InMemory:
    """Rows in clusters whose numbers become smaller and smaller, turned at random; a tenth of them twice."""
    random = np.random.default_rng(seed)
    rows = random.standard_normal((max(1, count // 12), dim))
    rows = rows[random.integers(0, len(rows), count)]
    rows = (rows + spread * random.standard_normal((count, dim))) * np.arange(1, dim + 1) ** -fall
    rows = rows @ np.linalg.qr(random.standard_normal((dim, dim)))[0]
    twice = np.flatnonzero(random.random(count) < 0.1)
    rows[twice] = rows[twice // 2]
    return InMemory((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16))


def made(vectors: InMemory, way: Way, counts: tuple[int, ...] = (2, 4, 8), level: int = 0) -> Sieve:
    fitting.settle()
    rows = vectors.rows.astype(np.float32)
    axes = Axes.principal(rows, counts[-1])
    return Sieve(axes, counts, fitting.cells(axes.turn(rows)[:, :4]), way, level)


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few dozen rows are several blocks of several tiles."""
    monkeypatch.setattr(products, "TILE_ROWS", 8)
    monkeypatch.setattr(knn, "_BLOCK_BYTES", 2 * 8 * 4 * DIM)


@settings(deadline=None, max_examples=25)
@given(
    count=st.integers(2, 90),
    k=st.integers(1, 12),
    seed=st.integers(0, 10_000),
    spread=st.sampled_from([0.0, 0.003, 0.5]),
    holes=st.sampled_from([0.0, 0.2]),
    dense=st.sampled_from([0.2, 1.0]),
    way=st.sampled_from(WAYS),
)
def test_a_sifted_graph_is_the_graph(
    count: int, k: int, seed: int, spread: float, holes: float, dense: float, way: Way
) -> None:
    vectors = falling(count, DIM, seed, spread=spread)
    random = np.random.default_rng(seed)
    owners = random.permutation(np.arange(101, 101 + count)).astype(np.int32)
    owners[random.random(count) < holes] = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sieve, "_DENSE", dense)
        found = knn.knn_graph(vectors, owners, k, Job(), way=way, sieve=made(vectors, way))
    whole = knn.knn_graph(vectors, owners, k, Job(), way=way, sieve="none")
    assert all(np.array_equal(a, b) for a, b in zip(found, whole, strict=True))


def test_most_pairs_are_ruled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests here would be of nothing."""
    monkeypatch.setattr(products, "TILE_ROWS", 64)
    monkeypatch.setattr(knn, "_BLOCK_BYTES", 4 * 64 * 4 * DIM)
    vectors = falling(640, DIM, 3, spread=0.1)
    owners = np.arange(1, 641, dtype=np.int32)
    scored = []
    scores = products.scores

    def counted(*args: NDArray[np.float32]) -> NDArray[np.float32]:
        scored.append(len(args[1]))
        return scores(*args)

    monkeypatch.setattr(products, "scores", counted)
    monkeypatch.setattr(knn, "candidates", _only_first(knn.candidates, 30))
    found = knn.knn_graph(vectors, owners, 8, Job(), sieve=made(vectors, Way(), level=2))
    assert sum(scored) < 0.25 * 640**2 / 2
    monkeypatch.undo()
    whole = knn.knn_graph(vectors, owners, 8, Job(), sieve="none")
    assert all(np.array_equal(a, b) for a, b in zip(found, whole, strict=True))


def _only_first(function, most):  # type: ignore[no-untyped-def]
    """Fails where more tiles than those that give a first limit, and a few, are multiplied in whole."""
    left = [most]

    def counting(*args):  # type: ignore[no-untyped-def]
        left[0] -= 1
        assert left[0] >= 0
        return function(*args)

    return counting


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 10_000),
    fall=st.sampled_from([0.0, 1.0, 4.0]),
    count=st.sampled_from([1, 3, 20, 63]),
    way=st.sampled_from(WAYS),
)
def test_no_product_of_bounding_rows_is_below_the_score(
    seed: int, fall: float, count: int, way: Way
) -> None:
    rows = falling(48, 64, seed, fall=fall).rows.astype(np.float32)
    rows *= np.random.default_rng(seed).uniform(0.99, 1.01, (48, 1)).astype(np.float32)
    axes = Axes.principal(rows[:24], count)
    i, j = (side.ravel() for side in np.indices((48, 48)))
    exact = products.scores(rows, i, rows, j).reshape(48, 48)
    turned = axes.turn(rows)
    bounding = torch.cat([turned, axes.rests(rows, turned, [count])[0][:, None]], dim=1)
    found = products.product(*2 * [bounding.to(way.dtype)]).float().numpy()
    assert np.all(found + axes.error(count, way) >= exact)
    true = axes.axes.double().numpy()
    outside = rows - rows.astype(np.float64) @ true @ true.T
    assert np.all(bounding[:, -1].numpy() >= np.linalg.norm(outside, axis=1) - 1e-7)


def test_sampled_products_are_products() -> None:
    fitting.settle()
    random = np.random.default_rng(1)
    a, b = (random.standard_normal((size, 40)).astype(np.float32) / 7 for size in (9, 30))
    flat = np.flatnonzero(random.random(270) < 0.3)
    i, j = np.divmod(flat, 30)
    found = products.sampled(torch.from_numpy(a), i, torch.from_numpy(b), j)
    assert np.allclose(found, (a @ b.T)[i, j], atol=1e-6)


class Dying(Job):
    """A job that is cancelled after so many steps."""

    steps = 30

    def advance(self, count: int = 1) -> None:
        self.steps -= 1
        if self.steps < 0:
            self.cancel()
        super().advance(count)


@pytest.mark.parametrize("is_sifted", [(True, False), (False, True), (True, True)])
def test_going_on_does_not_ask_how_it_began(tmp_path: Path, is_sifted: tuple[bool, bool]) -> None:
    vectors = falling(90, DIM, 5)
    owners = np.arange(1, 91, dtype=np.int32)
    one = made(vectors, Way())
    before, after = (one if each else "none" for each in is_sifted)
    with pytest.raises(Cancelled):
        knn.knn_graph(vectors, owners, 7, Dying(), folder=tmp_path / "state", sieve=before)
    assert any((tmp_path / "state").glob("*.npz"))
    again = knn.knn_graph(vectors, owners, 7, Job(), folder=tmp_path / "state", sieve=after)
    whole = knn.knn_graph(vectors, owners, 7, Job(), sieve="none")
    assert all(np.array_equal(a, b) for a, b in zip(again, whole, strict=True))


def test_leading_numbers_where_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the spectrum: whatever this machine's speeds, rows that fill all directions alike are not sifted."""
    monkeypatch.undo()
    random = np.random.default_rng(0).standard_normal((2_048, 96)).astype(np.float32)
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    assert fitting.fitting(random, 100_000, 20, Way()) is None
    monkeypatch.setattr(fitting, "_LEAST_GAIN", 0.0)
    like = falling(2_048, 96, 1).rows.astype(np.float32)
    found = fitting.fitting(like, 100_000, 20, Way())
    assert found is not None and found.counts[-1] == 48
    assert fitting.fitting(like, 100_000, 20, Way("cuda", "fp16")) is None
    assert fitting.fitting(like[:1_000], 100_000, 20, Way()) is None


def test_a_large_build_is_sifted_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "WORTH_ROWS", 1_500)
    monkeypatch.setattr(products, "TILE_ROWS", 256)
    monkeypatch.setattr(knn, "_BLOCK_BYTES", 3 * 256 * 4 * 64)
    monkeypatch.setattr(fitting, "_LEAST_GAIN", 0.0)
    vectors = falling(1_600, 64, 2, spread=0.2)
    owners = np.arange(1, 1_601, dtype=np.int32)
    kept = []
    sift = Sieve.kept

    def noted(*args, **options):  # type: ignore[no-untyped-def]
        kept.append(sift(*args, **options))
        return kept[-1]

    monkeypatch.setattr(Sieve, "kept", noted)
    found = knn.knn_graph(vectors, owners, 10, Job(), way=Way())
    assert any(one is not None for one in kept)
    whole = knn.knn_graph(vectors, owners, 10, Job(), way=Way(), sieve="none")
    assert all(np.array_equal(a, b) for a, b in zip(found, whole, strict=True))
