"""The adaptive index: true cosines, filters inside it, whole files, and what it says of itself."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from core.jobs import Cancelled, Job
from core.search import exact
from core.search.adaptive import files
from core.search.adaptive.build import FEWEST_ROWS, Shape, build, list_count
from core.search.adaptive.calibrate import exact_answers, recall_of
from core.search.adaptive.card import TARGETS, from_text, to_text
from core.search.adaptive.index import AdaptiveIndex, Effort
from core.search.adaptive.order import own, principal, shortest, within_reach
from core.search.mapped import MappedRows
from core.search.vectors import SEGMENT_ROWS, Vectors

DIM, ROWS = 24, 3_000
Floats = NDArray[np.float32]


def clustered(count: int, dim: int = DIM, seed: int = 1) -> Floats:
    """Unit rows in clusters, of a decaying spectrum."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(8).normal(size=(30, dim))
    rows = centres[random.integers(0, 30, count)] + 0.6 * random.normal(size=(count, dim))
    rows *= np.arange(1, dim + 1) ** -0.5
    turn = np.linalg.qr(np.random.default_rng(9).normal(size=(dim, dim)))[0]
    rows = rows @ turn
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def stored(folder: Path, rows: Floats) -> Vectors:
    vectors = Vectors(folder, rows.shape[1])
    vectors.write(0, rows)
    return vectors


class Made:
    """Rows on the disk, some of them holes, with an index of them."""

    def __init__(self, folder: Path) -> None:
        self.vectors = stored(folder / "1-0", clustered(ROWS))
        self.owners = np.arange(1, ROWS + 1, dtype=np.int32)
        self.owners[::17] = 0
        self.index = build(self.vectors, self.owners, key="a", generation=0)
        self.rows = MappedRows(self.vectors, ROWS)
        self.stored = self.vectors.read(0, ROWS).astype(np.float32)

    def best(self, query: Floats, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
        scores = np.where(allowed, self.stored @ query, -2)
        return np.argsort(-scores, kind="stable")[: np.count_nonzero(allowed)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


EVERYTHING = Effort(1 << 20, 1 << 20)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    some.integers(0, 200), some.sampled_from([1, 2, 10, 50, ROWS, 2 * ROWS]), some.integers(0, 6)
)
def test_hits_are_allowed_have_their_true_cosine_and_are_as_many_as_there_can_be(
    made: Made, seed: int, k: int, sparse: int
) -> None:
    random = np.random.default_rng(seed)
    allowed = (made.owners != 0) & (random.random(ROWS) < 4.0**-sparse)
    query = clustered(1, seed=100 + seed)[0]
    found, cosines = made.index.search(made.rows, query, k, Effort(4, 40), allowed)
    assert len(found) == min(k, np.count_nonzero(allowed))
    assert len(set(found.tolist())) == len(found) and allowed[found].all()
    assert np.allclose(cosines, made.stored[found] @ query, atol=1e-6)
    assert np.all(np.diff(cosines) <= 0)


def test_with_all_effort_it_is_exact(made: Made) -> None:
    everything = made.owners != 0
    for seed in range(5):
        query = clustered(1, seed=50 + seed)[0]
        found, _ = made.index.search(made.rows, query, 20, EVERYTHING)
        assert found.tolist() == made.best(query, everything)[:20].tolist()
        allowed = everything & (np.arange(ROWS) % 3 == 0)
        found, _ = made.index.search(made.rows, query, 20, EVERYTHING, allowed)
        assert found.tolist() == made.best(query, allowed)[:20].tolist()


def test_nothing_allowed_finds_nothing(made: Made) -> None:
    found, cosines = made.index.search(
        made.rows, made.stored[1], 5, Effort(4, 40), np.zeros(ROWS, bool)
    )
    assert len(found) == len(cosines) == 0


def test_its_modes_reach_what_they_say_on_new_questions(made: Made) -> None:
    card = made.index.card
    assert [one.mode for one in card.modes] == ["balanced", "fast"]
    queries = clustered(300, seed=77)
    true = exact_answers(made.vectors, made.owners, np.full(300, -1), queries, Job())
    for one in card.modes:
        assert one.recall >= TARGETS[one.mode] and one.has_reached
        assert 0 < one.p50_ms <= one.p95_ms
        found = np.full(true.scores.shape, -2, np.float32)
        for row, query in enumerate(queries):
            cosines = made.index.search(made.rows, query, 10, Effort(one.probes, one.shortlist))[1]
            found[row, : len(cosines)] = cosines
        assert recall_of(found, true.scores) >= one.recall - 0.03
    assert card.exact_p50_ms > 0 and card.indexed == np.count_nonzero(made.owners)
    assert from_text(to_text(card)) == card


def test_duplicates_of_the_question_come_first(tmp_path: Path) -> None:
    rows = clustered(800)
    rows[[5, 300, 799]] = rows[5]
    vectors = stored(tmp_path / "1-0", rows)
    owners = np.arange(1, 801, dtype=np.int32)
    index = build(vectors, owners, key="a", generation=0)
    found, cosines = index.search(MappedRows(vectors, 800), rows[5], 3, Effort(2, 20))
    assert found.tolist() == [5, 300, 799] and np.allclose(cosines, 1, atol=2e-3)


def test_rows_that_are_all_the_same(tmp_path: Path) -> None:
    vectors = stored(tmp_path / "1-0", np.repeat(clustered(1), 200, axis=0))
    index = build(vectors, np.arange(1, 201, dtype=np.int32), key="a", generation=0)
    found, cosines = index.search(MappedRows(vectors, 200), clustered(1)[0], 10, Effort(1, 20))
    assert len(found) == 10 and np.allclose(cosines, 1, atol=2e-3)
    assert all(one.recall == 1 for one in index.card.modes)


@pytest.mark.parametrize("count", [0, 1, 2, 3, FEWEST_ROWS - 1])
def test_too_few_rows_are_refused(tmp_path: Path, count: int) -> None:
    vectors = stored(tmp_path / "1-0", clustered(count))
    with pytest.raises(ValueError, match="too few"):
        build(vectors, np.arange(1, count + 1, dtype=np.int32), key="a", generation=0)


def test_the_fewest_rows(tmp_path: Path) -> None:
    vectors = stored(tmp_path / "1-0", clustered(FEWEST_ROWS))
    index = build(vectors, np.arange(1, FEWEST_ROWS + 1, dtype=np.int32), key="a", generation=0)
    found, _ = index.search(MappedRows(vectors, FEWEST_ROWS), clustered(1)[0], 500, Effort(1, 20))
    assert sorted(found.tolist()) == list(range(FEWEST_ROWS))


def test_kept_and_read_again_it_gives_the_same(made: Made, tmp_path: Path) -> None:
    files.save(tmp_path, 3, made.index)
    again = files.load(tmp_path, 3)
    assert again is not None and again.card == made.index.card
    assert again.card.index_bytes == next(tmp_path.glob("*.faiss")).stat().st_size
    assert np.array_equal(again.owners, made.owners)
    for seed in range(5):
        query = clustered(1, seed=seed)[0]
        one = made.index.search(made.rows, query, 30, Effort(3, 30))
        other = again.search(made.rows, query, 30, Effort(3, 30))
        assert np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])
    files.save(tmp_path, 3, made.index)
    assert len(list(tmp_path.iterdir())) == 2
    files.remove(tmp_path, 3)
    assert not list(tmp_path.iterdir()) and files.load(tmp_path, 3) is None


@pytest.mark.parametrize("which", ["npz", "faiss"])
@pytest.mark.parametrize("harm", ["cut", "turned", "emptied", "foreign", "gone"])
def test_a_torn_or_foreign_file_counts_as_none(
    made: Made, tmp_path: Path, which: str, harm: str
) -> None:
    files.save(tmp_path, 3, made.index)
    (path,) = tmp_path.glob(f"*.{which}")
    data = bytearray(path.read_bytes())
    if harm == "gone":
        path.unlink()
    else:
        data[len(data) // 2] ^= 0x40
        harmed = {
            "cut": data[: len(data) // 3],
            "turned": data,
            "emptied": b"",
            "foreign": b"x" * 99,
        }
        path.write_bytes(bytes(harmed[harm]))
    assert files.load(tmp_path, 3) is None


def test_a_full_disk_leaves_the_old_one(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.save(tmp_path, 3, made.index)

    def full(path: Path, data: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files, "_write", full)
        with pytest.raises(OSError, match="No space"):
            files.save(tmp_path, 3, made.index)
    assert len(list(tmp_path.iterdir())) == 2 and files.load(tmp_path, 3) is not None


def test_it_can_be_cancelled(made: Made) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        build(made.vectors, made.owners, key="a", generation=0, job=job)


def test_a_shape_that_was_asked_for(made: Made) -> None:
    shape = Shape(lists=20, coarse_dim=4, fine_dim=12)
    index: AdaptiveIndex = build(made.vectors, made.owners, key="a", generation=0, shape=shape)
    card = index.card
    assert (card.lists, card.coarse_dim, card.fine_dim, card.order) == (20, 4, 12, "pca")
    query = clustered(1, seed=5)[0]
    found, _ = index.search(made.rows, query, 10, EVERYTHING)
    assert found.tolist() == made.best(query, made.owners != 0)[:10].tolist()


def test_principal_axes_keep_distances_and_nested_vectors_their_order() -> None:
    rows = clustered(500)
    turned = principal(rows, DIM).apply(rows)
    assert np.allclose(turned[0] @ turned[0] - 2 * turned[0] @ turned[1] + turned[1] @ turned[1],
                       np.sum((rows[0] - rows[1]) ** 2), atol=1e-4)  # fmt: skip
    spread = turned.var(axis=0)
    assert np.all(np.diff(spread) < 1e-4)
    assert np.array_equal(own(DIM, 6).apply(rows), rows[:, :6])


def test_a_nested_order_is_taken_where_it_is_no_longer(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    rows = random.normal(size=(2_000, 64)) * np.where(np.arange(64) < 16, 1, 0.02)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    vectors, owners = stored(tmp_path / "1-0", rows), np.arange(1, 2_001, dtype=np.int32)
    index = build(vectors, owners, key="a", generation=0, nested=(8, 16, 32, 64))
    assert index.order.kind == "own" and index.order.kept == 16
    mixed = rows @ np.linalg.qr(random.normal(size=(64, 64)))[0].astype(np.float32)
    other = stored(tmp_path / "2-0", mixed)
    index = build(other, owners, key="a", generation=0, nested=(8, 16, 32, 64))
    assert index.order.kind == "pca" and index.order.kept <= 16


def test_how_many_numbers_suffice() -> None:
    rows, queries = clustered(2_000), clustered(20, seed=4)
    nearest = rows[np.argsort(-queries @ rows.T, axis=1)[:, :10]]
    order = principal(rows, DIM)
    shares = [within_reach(order, one, queries, nearest, rows, 2_000) for one in (1, 4, DIM)]
    assert shares[0] < shares[1] <= shares[2] == 1
    kept = shortest([(order, (1, 4, 12, DIM))], queries, nearest, rows, 2_000).kept
    assert within_reach(order, kept, queries, nearest, rows, 2_000) >= 0.995
    assert shortest([(order, (1,))], queries, nearest, rows, 10**6).kept == 1


def test_list_counts_grow_with_the_root() -> None:
    assert [list_count(one) for one in (64, 10_000, 100_000, 1_000_000)] == [8, 256, 512, 2_048]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(some.integers(0, ROWS), some.integers(0, ROWS), some.sampled_from([1, 2, 5]))
def test_every_row_compared(made: Made, one: int, other: int, threads: int) -> None:
    first, stop = sorted((one, other))
    query = clustered(1, seed=first)[0]
    found = exact.cosines(made.vectors, first, stop, query, threads=threads)
    assert found.dtype == np.float32
    assert np.allclose(found, made.stored[first:stop] @ query, atol=1e-6)
    numbers = np.arange(first, stop, 7)
    assert np.allclose(
        exact.cosines_of(made.rows, numbers, query), made.stored[numbers] @ query, atol=1e-6
    )


def test_mapped_rows_over_segments_and_what_is_not_there(tmp_path: Path) -> None:
    count = SEGMENT_ROWS + 100
    rows = np.zeros((count, 8), np.float32)
    rows[np.arange(count), np.arange(count) % 8] = 1
    vectors = stored(tmp_path / "1-0", rows)
    mapped = MappedRows(vectors, count)
    numbers = np.array([0, 3, SEGMENT_ROWS - 1, SEGMENT_ROWS, SEGMENT_ROWS, count - 1])
    assert np.array_equal(mapped.gather(numbers), rows[numbers])
    mapped.let_go()
    assert np.array_equal(mapped.gather(numbers[:0]), rows[:0])
    for wrong in ([-1, 3], [5, count]):
        with pytest.raises(IndexError):
            mapped.gather(np.array(wrong))
    assert MappedRows(vectors, 0).gather(np.zeros(0, np.int64)).shape == (0, 8)
