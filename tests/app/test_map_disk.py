"""The isometries of the Poincare disk: their laws."""

import cmath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models import disk
from app.models.disk import Isometry

inside = st.builds(cmath.rect, st.floats(0, 0.95), st.floats(0, 6.3))
isometries = st.builds(
    lambda angle, shift: Isometry(cmath.rect(1.0, angle), shift), st.floats(0, 6.3), inside
)
clouds = st.lists(inside, min_size=2, max_size=8).map(np.array)
quick = settings(max_examples=60, deadline=None)


@quick
@given(isometries, isometries, clouds)
def test_one_after_the_other_is_one(second: Isometry, first: Isometry, points: disk.Points) -> None:
    assert np.allclose(second.after(first)(points), second(first(points)), atol=1e-6)


@quick
@given(isometries, clouds)
def test_the_inverse_carries_back(there: Isometry, points: disk.Points) -> None:
    assert np.allclose(there.inverse()(there(points)), points, atol=1e-8)
    assert np.allclose(there.after(there.inverse())(points), points, atol=1e-6)


@quick
@given(isometries, clouds)
def test_points_stay_in_the_disk_and_their_distances_too(
    there: Isometry, points: disk.Points
) -> None:
    moved = there(points)
    assert (np.abs(moved) < 1.0).all()
    assert disk.distance(moved[:-1], moved[1:]) == pytest.approx(
        disk.distance(points[:-1], points[1:]), abs=1e-6
    )


@quick
@given(inside, inside)
def test_a_translation_brings_its_start_to_its_end(start: complex, end: complex) -> None:
    assert disk.translation(start, end).of(start) == pytest.approx(end, abs=1e-9)


@quick
@given(inside, inside, st.floats(0, 1))
def test_what_lies_between_lies_on_the_geodesic(start: complex, end: complex, share: float) -> None:
    middle = disk.between(start, end, share)
    ends, there = np.array([start, end]), np.array([middle, middle])
    first, second = disk.distance(ends, there)
    whole = float(disk.distance(ends[:1], ends[1:])[0])
    assert first == pytest.approx(share * whole, abs=1e-6)
    assert second == pytest.approx((1 - share) * whole, abs=1e-6)


def test_a_thousand_pans_end_in_the_disk() -> None:
    random = np.random.default_rng(0)
    view = Isometry()
    for x, y, u, v in random.uniform(-0.65, 0.65, (1_000, 4)).tolist():
        view = disk.translation(complex(x, y), complex(u, v)).after(view)
    assert abs(view.shift) < 1.0
    assert abs(view.turn) == pytest.approx(1.0)
    places = random.uniform(-1, 1, (500, 2)).astype(np.float32)  # some of them beyond the rim
    shown = disk.carried(view, places)
    assert shown.dtype == np.float32
    assert np.isfinite(shown).all()
    assert np.hypot(*shown.T).max() <= 1.0


def test_rings_and_spokes_are_where_they_should_be() -> None:
    view = disk.translation(0j, 0.4 + 0.2j)
    ring = disk.ring(view, 1.5)
    centre = np.full(len(ring), view.of(0j))
    assert disk.distance(centre, ring) == pytest.approx(np.full(len(ring), 1.5))
    spoke = disk.spoke(view, 0.3)
    assert np.abs(spoke).max() < 1.0
    assert np.abs(spoke[[0, -1]]).min() > 0.999
