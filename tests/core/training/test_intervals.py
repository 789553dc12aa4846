"""Bootstrap intervals: against plain resampling, and what must hold of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training import intervals


def plain(values: np.ndarray, groups: np.ndarray, samples: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    kinds = np.unique(groups)
    means = []
    for _ in range(samples):
        drawn = random.choice(kinds, len(kinds))
        means.append(np.concatenate([values[groups == kind] for kind in drawn]).mean())
    return np.quantile(means, [0.025, 0.975])


@pytest.mark.parametrize("is_grouped", [False, True])
def test_equals_plain_resampling(is_grouped: bool) -> None:
    random = np.random.default_rng(1)
    groups = np.sort(random.integers(0, 40, 200)) * 3
    values = random.random(200) + groups / 100
    low, high = intervals.interval(values, groups=groups if is_grouped else None, samples=4000)
    expected = plain(values, groups if is_grouped else np.arange(200), 2000, 9)
    assert [low, high] == pytest.approx(expected, abs=0.1 * (expected[1] - expected[0]))


def test_agrees_with_the_normal_interval_of_a_share() -> None:
    values = np.arange(1000) % 4 == 0
    low, high = intervals.interval(values)
    half = 1.96 * np.sqrt(0.25 * 0.75 / 1000)
    assert (low, high) == pytest.approx((0.25 - half, 0.25 + half), abs=0.004)


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=50),
    st.integers(0, 5),
    st.floats(-2, 2),
)
def test_laws(values: list[float], seed: int, shift: float) -> None:
    one = np.array(values)
    low, high = intervals.interval(one, seed=seed, samples=50)
    assert one.min() - 1e-9 <= low <= high <= one.max() + 1e-9
    assert (low, high) == intervals.interval(one, seed=seed, samples=50)
    moved = intervals.interval(one + shift, seed=seed, samples=50)
    assert moved == pytest.approx((low + shift, high + shift), abs=1e-9)
    wide = intervals.interval(one, seed=seed, samples=50, level=0.99)
    assert wide[0] <= low and high <= wide[1]
    each_its_own = np.arange(len(one))
    assert intervals.interval(one, groups=each_its_own, seed=seed, samples=50) == pytest.approx(
        (low, high), abs=1e-9
    )


def test_pairs_share_their_draws() -> None:
    """A change that is the same for every query is certain, however unlike the queries are."""
    before = np.random.default_rng(0).random(100)
    found = intervals.paired(before, before + 0.1)
    assert found == pytest.approx({"value": 0.1, "low": 0.1, "high": 0.1})
    back = intervals.paired(before + 0.1, before)
    assert back["high"] == pytest.approx(-0.1)


def test_queries_of_one_group_are_one_thing() -> None:
    values = np.repeat([0.0, 1.0] * 10, 50)
    groups = np.repeat(np.arange(20), 50)
    loose = intervals.interval(values)
    honest = intervals.interval(values, groups=groups)
    assert honest[1] - honest[0] > 5 * (loose[1] - loose[0])
    assert intervals.units(1000, groups) == 20 and intervals.units(1000, None) == 1000


def test_what_cannot_be_told() -> None:
    assert np.isnan(intervals.interval(np.zeros(0))).all()
    assert np.isnan(intervals.interval(np.ones(1))).all()
    assert np.isnan(intervals.interval(np.ones(9), groups=np.ones(9, dtype=np.int64))).all()
    assert np.isnan(list(intervals.paired(np.zeros(0), np.zeros(0)).values())).all()


def test_blocks_draw_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).random((70, 3))
    whole = intervals.resampled(values, samples=64)
    monkeypatch.setattr(intervals, "_CELLS", 700)
    np.testing.assert_allclose(intervals.resampled(values, samples=64), whole)
