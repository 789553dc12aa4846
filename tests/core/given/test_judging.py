"""Vectors judged and matched: what scaling leaves, which rows are taken, and which are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from core.catalogue.places import Places
from core.errors import TableError
from core.given import fitting, judging
from core.given.fitting import CONFLICT, NO_CONTENT, NO_HASH, NO_IMAGE, NO_NAME, SAME, TAKEN
from core.given.judging import GOOD, NOT_FINITE, SCALED, ZERO, Judged
from core.given.owners import Owners
from core.jobs import Job

few = settings(max_examples=60, deadline=None)


@few
@given(some.integers(2, 300), some.integers(0, 2**32 - 1))
def test_stored_rows_stay_to_the_bit(dim: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(8, dim))
    stored = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)
    for kind in (np.float16, np.float32, np.float64):
        found, states = judging.unit(stored.astype(kind))
        assert (states == GOOD).all()
        assert np.array_equal(found.astype(np.float16).view(np.uint16), stored.view(np.uint16))


_NUMBERS = some.floats(allow_nan=True, allow_infinity=True, width=64)


@few
@given(arrays(np.float64, (6, 4), elements=_NUMBERS))
def test_every_row_is_of_unit_length_or_told_apart(rows: np.ndarray) -> None:
    with np.errstate(over="ignore"):
        for kind in (np.float64, np.float32):
            given_rows = rows.astype(kind)
            found, states = judging.unit(given_rows)
            is_finite = np.isfinite(given_rows).all(axis=1)
            is_zero = (given_rows == 0).all(axis=1)
            assert np.array_equal(states == NOT_FINITE, ~is_finite)
            assert np.array_equal(states == ZERO, is_finite & is_zero)
            good = is_finite & ~is_zero
            assert np.allclose(np.linalg.norm(found[good].astype(np.float64), axis=1), 1, atol=2e-3)
            largest = np.abs(given_rows[good]).max(axis=1, keepdims=True).astype(np.float64)
            wanted = given_rows[good].astype(np.float64) / largest
            wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
            assert np.allclose(found[good], wanted, atol=2e-3)
            assert not found[~good].any()


def test_whole_numbers_and_lengths_of_all_sizes_are_scaled() -> None:
    rows, states = judging.unit(np.array([[3, 4], [-128, 0]], np.int8))
    assert np.allclose(rows, [[0.6, 0.8], [-1, 0]]) and (states == SCALED).all()
    for size in (1e-300, 1e-30, 1e-3, 0.9, 1.1, 1e30, 1e300):
        rows, states = judging.unit(np.array([[3.0, 4.0]]) * size)
        assert np.allclose(rows, [[0.6, 0.8]]) and states[0] == SCALED


# -- rows and contents

NAMES = [f"{number}.jpg" for number in range(6)]
# Images 0 and 1 are of one content; two folders hold a file named 5.jpg.
PLACES = Places(
    image_ids=np.arange(1, 8),
    content_ids=np.array([1, 1, 2, 3, 4, 5, 6]),
    sizes_bytes=np.ones(7, np.int64),
    names=[*NAMES, "5.jpg"],
    folders=np.array([0, 0, 0, 0, 0, 0, 1], np.int32),
    absolute=["/photos", "/photos/more"],
    relative=["", "more"],
)
HASHES = {number: bytes([number]) * 32 for number in range(1, 7)}


def fitted(rows: np.ndarray, paths: list[str], hashes: list[str], by: fitting.By) -> fitting.Fit:
    unit, states = judging.unit(rows)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (rows.shape[1], 16)).astype(np.float32)
    judged = Judged(states, unit @ signs, paths, hashes)
    return fitting.fit(judged, Owners(paths, hashes), by, PLACES, HASHES, "/tables", Job())


def test_rows_that_bring_nothing_say_why() -> None:
    rows = np.random.default_rng(1).normal(size=(9, 64)).astype(np.float32)
    rows[1] = np.nan
    rows[7] = 0
    rows[6] = 2 * rows[5]  # the same direction, so no conflict
    paths = ["/photos/0.jpg", "/photos/2.jpg", "nowhere.jpg", "5.jpg", "", "/photos/3.jpg",
             "/photos/3.jpg", "/photos/4.jpg", "/photos/more/5.jpg"]  # fmt: skip
    found = fitted(rows, paths, [], "path")
    assert found.fates.tolist() == [
        TAKEN, fitting.INFINITE, NO_IMAGE, fitting.TAKEN, NO_NAME, TAKEN, SAME, fitting.EMPTY, TAKEN,
    ]  # fmt: skip
    assert found.content_ids[[0, 5, 6, 8]].tolist() == [1, 3, 3, 6]
    assert found.how == {"absolute path": 6, "below a source": 1}


def test_different_vectors_for_one_content_are_a_conflict() -> None:
    rows = np.random.default_rng(1).normal(size=(6, 64)).astype(np.float32)
    rows[1] = rows[0] + 1e-3 * rows[5]  # computed twice, on two machines
    paths = ["0.jpg", "1.jpg", "2.jpg", "3.jpg", "2.jpg", "4.jpg"]
    found = fitted(rows, [f"/photos/{one}" for one in paths], [], "path")
    assert found.fates.tolist() == [TAKEN, SAME, CONFLICT, TAKEN, CONFLICT, TAKEN]


def test_by_hash_whatever_a_file_is_called() -> None:
    rows = np.random.default_rng(1).normal(size=(6, 8)).astype(np.float32)
    hashes = [
        HASHES[3].hex().upper(),
        f"sha256:{HASHES[1].hex()}",
        "ff" * 32,
        "no hash",
        "",
        "abcd",
    ]
    found = fitted(rows, ["/photos/4.jpg"] * 6, hashes, "hash")
    # Without a hash its path tells; with one that is not known it does not: the file was another one.
    assert found.fates.tolist() == [TAKEN, TAKEN, NO_CONTENT, NO_HASH, TAKEN, NO_HASH]
    assert found.content_ids.tolist() == [3, 1, 0, 0, 4, 0]


@few
@given(some.permutations(range(12)), some.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing(order: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    contents = random.integers(0, 5, 12)
    # Each content has one vector, or two: then none is taken.
    kinds = random.integers(0, 2, 12) * (contents < 2)
    base = np.random.default_rng(7).normal(size=(10, 32)).astype(np.float32)
    rows = base[contents + 5 * kinds]
    paths = [f"/photos/{2 + one % 3}.jpg" if one < 3 else NAMES[one] for one in contents]

    def outcome(places: list[int]) -> set[tuple[int, bytes]]:
        found = fitted(rows[places], [paths[one] for one in places], [], "path")
        assert found.count(TAKEN) == len(np.unique(found.content_ids[found.is_taken]))
        return {
            (int(found.content_ids[at]), rows[places[at]].tobytes())
            for at in np.flatnonzero(found.is_taken)
        }

    assert outcome(list(range(12))) == outcome(list(order))


def test_what_rows_are_matched_by() -> None:
    assert fitting.choose(Owners(["a"], ["ab" * 32]), None) == "hash"
    assert fitting.choose(Owners(["a"], ["ff"]), None) == "path"  # no SHA-256
    assert fitting.choose(Owners(["a"], [""]), None) == "path"
    assert fitting.choose(Owners(["a"], ["ff"]), "path") == "path"
    for owners, by in (
        (Owners([], []), None),
        (Owners(["a"], []), "hash"),
        (Owners([], ["a"]), "path"),
    ):
        with pytest.raises(TableError):
            fitting.choose(owners, by)  # type: ignore[arg-type]
