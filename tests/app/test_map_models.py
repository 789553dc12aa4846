"""What the map's colours and lens are made of, without a window."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.models.number_steps import STEPS, steps_of
from app.presenters.map_lens import count_near, row_by_content
from app.selection import MANY, Selection
from app.style.palette import ramp
from app.style.tokens import DARK, LIGHT, contrast, luminance

NUMBERS = hnp.arrays(
    np.float64,
    st.integers(1, 60),
    elements=st.one_of(st.floats(0, 1e12), st.just(float("nan")), st.just(float("inf"))),
)


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.booleans())
def test_steps_keep_the_order_of_numbers_and_leave_out_what_is_none(
    values: np.ndarray, is_log: bool
) -> None:
    found = steps_of(values, lambda one: f"{one:g}", is_log=is_log)
    known = np.isfinite(values)
    assert (found.codes[~known] == -1).all()
    if known.any():
        codes = found.codes[known][np.argsort(values[known], kind="stable")]
        assert (np.diff(codes) >= 0).all()
        assert codes.min() >= 0
        assert codes.max() < len(found.names) <= STEPS


def test_a_few_far_out_do_not_leave_all_others_in_one_step() -> None:
    values = np.append(np.linspace(1, 2, 1_000), 1e9)
    found = steps_of(values, str)
    assert len(np.unique(found.codes[:-1])) == STEPS
    assert found.codes[-1] == STEPS - 1


def test_one_number_is_one_step_with_one_name() -> None:
    found = steps_of(np.full(5, 7.0), lambda one: f"{one:.0f} kB")
    assert found.names == ["7 kB"]
    assert found.codes.tolist() == [0] * 5
    assert steps_of(np.full(3, np.nan), str).names == []


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_ramp_is_seen_on_the_map_and_reads_without_hue(tokens: object) -> None:
    colours = ramp(tokens.name, STEPS)  # type: ignore[attr-defined]
    assert min(contrast(one, tokens.canvas) for one in colours) >= 3.0  # type: ignore[attr-defined]
    lightness = np.array([luminance(one) for one in colours])
    steps = np.diff(lightness)
    assert (steps > 0).all() or (steps < 0).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 120), st.integers(1, 15), st.integers(0, 10**6))
def test_what_is_near_is_counted_as_all_distances_say(count: int, k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    places = random.normal(size=(count, 2)).astype(np.float32)
    rows = random.choice(np.arange(1, count), min(k, count - 1), replace=False)
    wanted = min(count - 1, max(3 * len(rows), round(0.01 * count)))
    away = ((places.astype(np.float64) - places[0]) ** 2).sum(axis=1)
    limit = np.sort(away)[wanted]
    assert count_near(places, 0, rows) == int((away[rows] <= limit * (1 + 1e-5)).sum())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.booleans())
def test_many_ids_are_looked_up_as_few_are(seed: int, share: int, is_sparse: bool) -> None:
    random = np.random.default_rng(seed)
    ids = random.permutation(MANY + 50) * (100 if is_sparse else 1)  # in a table, or searched for
    chosen = random.choice(ids, len(ids) * share // 100)
    selection = Selection()
    selection.set(chosen)
    assert np.array_equal(selection.ids, np.unique(chosen))
    assert np.array_equal(selection.mask(ids), np.isin(ids, chosen))


def test_the_first_image_of_a_content_stands_for_it() -> None:
    table = row_by_content(np.array([4, 9, 4, 2]))
    assert table[[2, 4, 9]].tolist() == [3, 0, 1]
    assert table[3] == -1
