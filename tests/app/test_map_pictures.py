"""Which points are drawn as pictures, without a window."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models import picture_choice
from app.models.frame import Frame

FRAME = Frame(0, 10, 0, 5, 1000, 500)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 600), st.sampled_from(picture_choice.SIDES_PX))
def test_pictures_on_the_map_do_not_overlap(seed: int, count: int, side_px: float) -> None:
    random = np.random.default_rng(seed)
    places = (random.uniform(0, 1, (count, 2)) * (10, 5)).astype(np.float32)
    rows = random.permutation(count)
    kept = picture_choice.choose(FRAME, places[rows], rows, np.zeros(count, np.int64), side_px)
    assert set(kept.tolist()) <= set(rows.tolist())
    pixels = FRAME.to_pixels(places)[kept]
    apart = np.abs(pixels[:, None] - pixels).max(axis=2) + 1e9 * np.eye(len(kept))
    assert len(kept)
    assert apart.min() >= side_px
    # Whoever has none is kept from it by one who has, or by the first of its own small cell.
    near = np.abs(FRAME.to_pixels(places)[:, None] - pixels).max(axis=2).min(axis=1)
    assert (near < side_px * 1.5 + 2 * picture_choice.GAP_PX).all()


def test_who_is_selected_has_a_picture_first() -> None:
    places = np.full((50, 2), 2.0, dtype=np.float32)
    ranks = np.zeros(50, dtype=np.int64)
    ranks[17] = 2
    kept = picture_choice.choose(FRAME, places, np.arange(50), ranks, 44.0)
    assert kept.tolist() == [17]


def test_a_pan_keeps_the_pictures() -> None:
    random = np.random.default_rng(3)
    places = (random.uniform(0, 1, (300, 2)) * (10, 5)).astype(np.float32)
    rows, none = np.arange(300), np.zeros(300, dtype=np.int64)
    before = picture_choice.choose(FRAME, places, rows, none, 54.0)
    panned = Frame(0.313, 10.313, 0.217, 5.217, 1000, 500)
    assert np.array_equal(before, picture_choice.choose(panned, places, rows, none, 54.0))


def test_there_are_pictures_where_there_is_room() -> None:
    assert picture_choice.side_for(20, FRAME, always=False) == 120.0
    assert picture_choice.side_for(100_000, FRAME, always=False) == 0.0
    assert picture_choice.side_for(100_000, FRAME, always=True) == 44.0
    assert picture_choice.side_for(0, FRAME, always=True) == 0.0
