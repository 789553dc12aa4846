"""What lies under the pointer, in a box and in a lasso: by cells, against every point compared."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.models.cell_index import CellIndex, index_of, joined
from app.models.outline import Outline, crossings

Floats = NDArray[np.float32]


def cloud(seed: int, count: int, kind: str) -> Floats:
    """Points in clumps, on a coarse grid (many exactly alike), or with one far out."""
    random = np.random.default_rng(seed)
    places = random.normal(size=(count, 2))
    if kind == "grid":
        places = np.round(places * 3)
    elif kind == "far" and count:
        places[0] = (1e6, -1e5)
    elif kind == "line":
        places[:, 1] = 0.25
    return places.astype(np.float32)


clouds = st.builds(
    cloud,
    st.integers(0, 10_000),
    st.integers(0, 400),
    st.sampled_from(["clumps", "grid", "far", "line"]),
)


@settings(max_examples=40, deadline=None)
@given(clouds, st.tuples(*[st.floats(-4, 4) for _ in range(4)]))
def test_a_box_holds_what_comparing_says(places: Floats, corners: tuple[float, ...]) -> None:
    left, right = sorted(corners[:2])
    bottom, top = sorted(corners[2:])
    x, y = places.astype(np.float64).T
    expected = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
    found = index_of(places).within(left, right, bottom, top)
    assert np.array_equal(np.sort(found), expected)


@settings(max_examples=40, deadline=None)
@given(clouds, st.floats(-4, 4), st.floats(-4, 4), st.floats(0.01, 2))
def test_the_nearest_point_is_the_nearest(places: Floats, x: float, y: float, reach: float) -> None:
    row, away = index_of(places).nearest(x, y, reach, reach)
    apart = (
        np.hypot(places[:, 0].astype(np.float64) - x, places[:, 1].astype(np.float64) - y) / reach
    )
    if not len(places) or apart.min() > 1:
        assert row == -1
        return
    assert away == pytest.approx(apart.min(), abs=1e-12)
    assert apart[row] == pytest.approx(apart.min(), abs=1e-12)


lassos = st.lists(
    st.tuples(st.floats(-3, 3, width=32), st.floats(-3, 3, width=32)), min_size=0, max_size=40
) | st.builds(
    lambda corners: [(float(x), float(y)) for x, y in corners],
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=3, max_size=25),
)


def winding(places: Floats, corners: list[tuple[float, float]]) -> NDArray[np.int64]:
    """By comparing every point with every edge."""
    around = np.zeros(len(places), dtype=np.int64)
    x, y = places.astype(np.float64).T
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        a, b = np.full((len(x), 2), start), np.full((len(x), 2), end)
        around += crossings(x, y, a, b)
    return around


@example(np.array([[0.125, 0.25]], dtype=np.float32), [(0.0, 5.5e-38), (0.0, -1.0), (1.0, 0.0)])
@example(
    np.array([[0.5, 0.0]], dtype=np.float32), [(0.0, 1e-9), (0.0, -1.0), (1.0, 1.0), (1.0, 0.0)]
)
@settings(max_examples=60, deadline=None)
@given(clouds, lassos)
def test_a_lasso_holds_what_comparing_says(
    places: Floats, corners: list[tuple[float, float]]
) -> None:
    found = Outline(np.array(corners).reshape(-1, 2)).rows_in(index_of(places))
    assert np.array_equal(found, np.flatnonzero(winding(places, corners)))


def test_what_a_lasso_goes_over_twice_stays_in() -> None:
    twice = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (3, 0), (3, 3), (0, 3)]
    eight = [(0, 0), (2, 2), (2, 0), (0, 2)]
    places = np.array([[1, 1.01], [3.5, 1], [5, 1], [1.8, 1.01], [0.2, 1.01]], dtype=np.float32)
    index = index_of(places)
    assert Outline(np.array(twice)).rows_in(index).tolist() == [0, 1, 3, 4]
    assert Outline(np.array(eight)).rows_in(index).tolist() == [3, 4]


def test_stretches_are_joined() -> None:
    assert joined(np.array([[3, 5], [9, 10], [12, 15]])).tolist() == [3, 4, 9, 12, 13, 14]
    assert joined(np.empty((0, 2), dtype=np.int64)).tolist() == []


def test_one_point_far_out_leaves_the_others_in_cells_of_their_own() -> None:
    places = cloud(1, 5_000, "clumps")
    places[0] = (1e4, 1e4)
    index: CellIndex = index_of(places)
    spans = index.spans(0.0, 0.1, 0.0, 0.1)
    assert (spans[:, 1] - spans[:, 0]).sum() < 1_000
