"""The graph equals brute force: with holes and duplicates, for any k, in any precision, stopped and gone on with."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.jobs import Cancelled, Job
from core.search import knn, products, query
from core.search.knn_update import Known, updated_graph
from core.search.products import Way
from core.search.vectors import Rows, Vectors

WAYS = [Way(), Way(precision="bf16")]


class InMemory(Rows):
    """Rows that lie in memory, and fail when a job is to die on the way."""

    def __init__(self, rows: NDArray[np.float16]) -> None:
        self.rows, self.dim = rows, rows.shape[1]

    def read(self, start: int, stop: int) -> NDArray[np.float16]:
        return self.rows[start:stop]


def unit(count: int, dim: int, seed: int, *, spread: float = 1.0, kinds: int = 3) -> InMemory:
    """Rows around a few directions; the smaller ``spread``, the closer, and some of them twice."""
    random = np.random.default_rng(seed)
    rows = random.standard_normal((kinds, dim))[random.integers(0, kinds, count)]
    rows = rows + spread * random.standard_normal((count, dim))
    for place in range(1, count):
        if random.random() < 0.1:
            rows[place] = rows[random.integers(0, place)]
    return InMemory((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16))


def brute(
    vectors: InMemory, owners: NDArray[np.int32], k: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """By sorting every product, equal ones by row. Scored as one pair is: the order of sums decides ties."""
    live = np.flatnonzero(owners)
    rows = vectors.rows[live].astype(np.float32)
    n = len(live)
    i, j = (one.ravel() for one in np.indices((n, n)))
    scores = products.scores(rows, i, rows, j).reshape(n, n) if n else np.zeros((0, 0), np.float32)
    assert np.allclose(scores, rows @ rows.T, atol=1e-5)
    np.fill_diagonal(scores, -9)
    kept = max(0, min(k, n - 1))
    order = np.argsort(-scores, axis=1, kind="stable")[:, :kept]
    ids, cosines = np.zeros((n, k), np.int32), np.zeros((n, k), np.float32)
    ids[:, :kept] = owners[live][order]
    cosines[:, :kept] = np.take_along_axis(scores, order, axis=1).clip(-1, 1)
    return ids, cosines


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few dozen rows are several blocks of several tiles."""
    monkeypatch.setattr(products, "TILE_ROWS", 8)
    monkeypatch.setattr(products, "_GPU_TILE_ROWS", 8)
    monkeypatch.setattr(knn, "_BLOCK_BYTES", 2 * 8 * 4 * 12)


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(0, 70),
    k=st.integers(1, 30),
    seed=st.integers(0, 10_000),
    spread=st.sampled_from([0.0, 0.003, 0.05, 1.0]),
    holes=st.sampled_from([0.0, 0.2]),
    way=st.sampled_from(WAYS),
)
def test_equals_brute_force(
    count: int, k: int, seed: int, spread: float, holes: float, way: Way
) -> None:
    vectors = unit(count, 12, seed, spread=spread)
    random = np.random.default_rng(seed)
    owners = random.permutation(np.arange(101, 101 + count)).astype(np.int32)
    owners[random.random(count) < holes] = 0
    ids, cosines = knn.knn_graph(vectors, owners, k, Job(), way=way)
    expected, scores = brute(vectors, owners, k)
    assert np.array_equal(ids, expected)
    assert np.array_equal(cosines, scores.astype(np.float16))


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_smallest(count: int) -> None:
    vectors = unit(count, 12, 1)
    owners = np.arange(1, count + 1, dtype=np.int32)
    ids, cosines = knn.knn_graph(vectors, owners, 5, Job())
    assert ids.shape == cosines.shape == (count, 5)
    assert np.count_nonzero(ids) == count * max(0, count - 1)
    assert all(one not in row for one, row in zip(owners, ids, strict=True))


@settings(deadline=None, max_examples=30)
@given(count=st.integers(2, 60), seed=st.integers(0, 10_000))
def test_who_is_nearer_than_somebodys_last_has_that_one_or_a_full_list_of_nearer_ones(
    count: int, seed: int
) -> None:
    """What symmetry of the cosine means for the lists: a pair is left out of both only by nearer ones."""
    vectors = unit(count, 12, seed, spread=0.3)
    owners = np.arange(1, count + 1, dtype=np.int32)
    k = 6
    ids, cosines = knn.knn_graph(vectors, owners, k, Job())
    has = {
        (row + 1, int(one)): score
        for row in range(count)
        for one, score in zip(ids[row], cosines[row], strict=True)
        if one
    }
    for (one, other), score in has.items():
        back = has.get((other, one))
        assert back == score if back is not None else cosines[other - 1, -1] >= score
    assert len(set(has)) == count * min(k, count - 1)


def test_identical_vectors_have_each_other() -> None:
    vectors = InMemory(np.full((40, 4), 0.5, dtype=np.float16))
    owners = np.arange(1, 41, dtype=np.int32)
    ids, cosines = knn.knn_graph(vectors, owners, 5, Job())
    assert np.array_equal(ids[0], [2, 3, 4, 5, 6])  # equal ones by row
    assert np.array_equal(ids[20], [1, 2, 3, 4, 5])
    assert np.all(cosines == 1)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("precision", ["fp16", "bf16", "fp32"])
def test_on_a_gpu_it_is_the_same_graph(precision: products.Precision) -> None:
    vectors = unit(3_000, 64, 11, spread=0.4, kinds=40)
    owners = np.arange(1, 3_001, dtype=np.int32)
    found = knn.knn_graph(vectors, owners, 20, Job(), way=Way("cuda", precision))
    expected = knn.knn_graph(vectors, owners, 20, Job(), way=Way())
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


class Dying(Job):
    """A job that is cancelled after so many steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps

    def advance(self, count: int = 1) -> None:
        self.steps -= 1
        if self.steps < 0:
            self.cancel()
        super().advance(count)


@pytest.mark.parametrize("steps", [0, 3, 11, 40])
def test_cancel_and_go_on(tmp_path: Path, steps: int) -> None:
    vectors = unit(90, 12, 5, spread=0.2)
    owners = np.arange(1, 91, dtype=np.int32)
    whole = knn.knn_graph(vectors, owners, 7, Job())
    with pytest.raises(Cancelled):
        knn.knn_graph(vectors, owners, 7, Dying(steps), folder=tmp_path / "state")
    job = Job()
    again = knn.knn_graph(vectors, owners, 7, job, folder=tmp_path / "state")
    assert all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True))
    assert not (tmp_path / "state").exists()


def test_goes_on_where_it_was(tmp_path: Path) -> None:
    vectors = unit(90, 12, 5, spread=0.2)
    owners = np.arange(1, 91, dtype=np.int32)
    with pytest.raises(Cancelled):
        knn.knn_graph(vectors, owners, 7, Dying(40), folder=tmp_path / "state")
    job = Dying(1_000)
    knn.knn_graph(vectors, owners, 7, job, folder=tmp_path / "state")
    whole = Dying(1_000)
    knn.knn_graph(vectors, owners, 7, whole)
    assert whole.steps < job.steps - 20
    assert job.progress.done == job.progress.total == 90


def test_a_torn_file_of_the_state_is_made_again(tmp_path: Path) -> None:
    vectors = unit(90, 12, 6, spread=0.2)
    owners = np.arange(1, 91, dtype=np.int32)
    with pytest.raises(Cancelled):
        knn.knn_graph(vectors, owners, 7, Dying(30), folder=tmp_path / "state")
    files = sorted((tmp_path / "state").glob("*.npz"))
    files[0].write_bytes(files[0].read_bytes()[:100])
    files[1].write_bytes(b"")
    again = knn.knn_graph(vectors, owners, 7, Job(), folder=tmp_path / "state")
    whole = knn.knn_graph(vectors, owners, 7, Job())
    assert all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True))


def test_a_kill_between_two_files_costs_one_side(tmp_path: Path) -> None:
    """One block knows that they met, the other does not: no pair is lost, none is counted twice."""
    vectors = unit(60, 12, 7, spread=0.2)
    owners = np.arange(1, 61, dtype=np.int32)
    state = tmp_path / "state"
    with pytest.raises(Cancelled):
        knn.knn_graph(vectors, owners, 7, Dying(9), folder=state)
    older = {one.name: one.read_bytes() for one in state.glob("*.npz")}
    with pytest.raises(Cancelled):
        knn.knn_graph(vectors, owners, 7, Dying(9), folder=state)
    for name, data in list(older.items())[1:]:
        (state / name).write_bytes(data)
    again = knn.knn_graph(vectors, owners, 7, Job(), folder=state)
    expected, _ = brute(vectors, owners, 7)
    assert np.array_equal(again[0], expected)


@settings(deadline=None, max_examples=60)
@given(
    old=st.integers(20, 80),
    new=st.integers(0, 14),
    gone=st.integers(0, 4),
    seed=st.integers(0, 10_000),
    spread=st.sampled_from([0.0, 0.003, 0.3]),
    way=st.sampled_from(WAYS),
)
def test_an_update_equals_a_full_build(
    old: int, new: int, gone: int, seed: int, spread: float, way: Way
) -> None:
    k = 6
    vectors = unit(old + new, 12, seed, spread=spread, kinds=9)
    random = np.random.default_rng(seed)
    owners = random.permutation(np.arange(1, old + new + 1)).astype(np.int32)
    before = owners.copy()
    before[old:] = 0
    ids, cosines = knn.knn_graph(vectors, before, k, Job())
    now = owners.copy()
    now[random.choice(old, gone, replace=False)] = 0
    updated = updated_graph(
        vectors, now, k, Known(before[before != 0], ids, cosines), Job(), way=way
    )
    whole = knn.knn_graph(vectors, now, k, Job())
    if updated is not None:
        assert all(np.array_equal(a, b) for a, b in zip(updated, whole, strict=True))


def test_a_small_change_is_an_update() -> None:
    vectors = unit(400, 12, 3, spread=0.5)
    owners = np.arange(1, 401, dtype=np.int32)
    before = np.where(owners <= 396, owners, 0).astype(np.int32)
    known = Known(before[before != 0], *knn.knn_graph(vectors, before, 6, Job()))
    updated = updated_graph(vectors, owners, 6, known, Job())
    assert updated is not None
    whole = knn.knn_graph(vectors, owners, 6, Job())
    assert all(np.array_equal(a, b) for a, b in zip(updated, whole, strict=True))
    assert updated_graph(vectors, owners, 7, known, Job()) is None  # the old one has too few


def test_cancel(tmp_path: Path) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        knn.knn_graph(unit(10, 12, 0), np.arange(1, 11, dtype=np.int32), 3, job)


def test_the_error_of_a_precision_is_never_exceeded() -> None:
    """Whatever the rows: the worst are those whose numbers all lie halfway between two of bfloat16."""
    random = np.random.default_rng(0)
    half = np.full((64, 512), (1 + 2.0**-8) / 16, dtype=np.float32)
    half *= random.choice([-1, 1], half.shape)
    half[:, 257:] = 0  # a product of two of which lies halfway too
    drawn = random.standard_normal((64, 512)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    rows = np.concatenate([half, drawn])
    rows = rows.astype(np.float16).astype(np.float32)
    exact = rows.astype(np.float64) @ rows.T.astype(np.float64)
    for way in WAYS:
        operand = way.operand(rows)
        found = products.product(operand, operand).double().cpu().numpy()
        assert np.abs(found - exact).max() <= way.error(512)


def test_scan_and_combine(tmp_path: Path) -> None:
    rows = unit(20, 8, 4).rows.astype(np.float32)
    vectors = Vectors(tmp_path / "v", 8)
    vectors.write(0, rows)
    wanted = query.combine(rows[:1], rows[5:6])
    assert np.isclose(np.linalg.norm(wanted), 1)
    assert np.allclose(query.scan(vectors, 20, wanted), rows @ wanted, atol=1e-5)
    assert np.allclose(query.combine(rows[:1], 2 * rows[:1]), rows[0])
