"""Laws of transforms: there and back, taken apart, what both show; frames and keypoints in all orientations."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.duplicates.differences import Facts, moves
from core.duplicates.features import ORIENTATIONS, Look
from core.duplicates.laying import overlaps
from core.duplicates.registration import by_keypoints, inverse, then, whole_frames

_number = st.floats(0.3, 2.5)
_shift = st.floats(-0.4, 0.4)
_turns = st.floats(-40.0, 40.0)


def textured(height: int, width: int) -> np.ndarray:
    """Spots of many sizes, nothing even, nothing symmetric."""
    random = np.random.default_rng(height + width)
    y, x = np.mgrid[0:height, 0:width]
    made = np.full((height, width), 110.0)
    for _ in range(60):
        centre, radius = random.uniform(0, 1, 2) * (width, height), random.uniform(3, 18)
        spot = np.hypot(x - centre[0], y - centre[1]) < radius
        made[spot] += random.uniform(-90, 90)
    return np.repeat(made.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def oriented(rgb: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """The picture whose point ``transform`` (p) shows what p shows in ``rgb``."""
    linear = transform[:, :2]
    made = rgb if linear[0, 0] else rgb.transpose(1, 0, 2)
    if linear[0].sum() < 0:
        made = made[:, ::-1]
    if linear[1].sum() < 0:
        made = made[::-1]
    return np.ascontiguousarray(made)


@cache
def upright() -> tuple[np.ndarray, Look]:
    rgb = textured(180, 240)
    return rgb, Look(rgb)


@pytest.mark.parametrize("number", range(len(ORIENTATIONS)))
def test_frames_and_keypoints_find_each_orientation(number: int) -> None:
    rgb, a = upright()
    b = Look(oriented(rgb, ORIENTATIONS[number]))
    correlation, transform = whole_frames(a, b)[0]
    assert correlation > 0.98
    assert np.allclose(transform, ORIENTATIONS[number])
    found = by_keypoints(a, b)
    assert found is not None and found[0] > 20
    assert np.abs(found[1] - ORIENTATIONS[number]).max() < 0.02


@settings(max_examples=25, deadline=None)
@given(_number, _number, _turns, _shift, _shift, st.booleans())
def test_there_and_back_is_nowhere(
    wide: float, tall: float, degrees: float, x: float, y: float, is_mirrored: bool
) -> None:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([-wide if is_mirrored else wide, tall])
    one = np.column_stack([linear, [x, y]])
    assert np.allclose(then(one, inverse(one)), [[1, 0, 0], [0, 1, 0]], atol=1e-9)
    there, back = overlaps(one), overlaps(inverse(one))
    assert there == pytest.approx(back[::-1], abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(_number, _number, _shift, _shift)
def test_overlaps_of_upright_pictures_are_those_of_rectangles(
    wide: float, tall: float, x: float, y: float
) -> None:
    found = overlaps(np.array([[wide, 0, x], [0, tall, y]]))
    left, right = max(0.0, -x / wide), min(1.0, (1 - x) / wide)
    top, bottom = max(0.0, -y / tall), min(1.0, (1 - y) / tall)
    area = max(0.0, right - left) * max(0.0, bottom - top)
    assert found == pytest.approx((area, area * wide * tall), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(_turns, _number, st.floats(1.0, 1.4), st.booleans(), st.integers(0, 3))
def test_moves_are_what_was_put_together(
    degrees: float, scale: float, stretch: float, is_mirrored: bool, quarters: int
) -> None:
    a, b = Facts(640, 480, "JPEG", 0), Facts(500, 700, "JPEG", 0)
    angle = np.deg2rad(degrees + 90 * quarters)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    pixels = turn * scale @ np.diag([-1.0 if is_mirrored else 1.0, 1.0])
    shares = np.diag([1 / b.width, 1 / b.height]) @ pixels @ np.diag([a.width, a.height])
    how = moves(np.column_stack([shares, [0.1, 0.2]]), a, b)
    assert how.is_mirrored == is_mirrored
    assert how.degrees == pytest.approx(degrees, abs=1e-6)
    assert how.quarters == (0 if is_mirrored and quarters == 2 else quarters)
    assert (how.scale, how.stretch) == (pytest.approx(scale), pytest.approx(1.0))
    longer = np.diag([1 / b.width, stretch / b.height]) @ np.diag([a.width, a.height])
    apart = moves(np.column_stack([longer, [0, 0]]), a, b)
    assert apart.stretch == pytest.approx(stretch) and apart.degrees == pytest.approx(0)
