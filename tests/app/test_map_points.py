"""The map's points by the ids of their images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.points import Points


def points_of(ids: np.ndarray) -> Points:
    points = Points()
    points.set_places(ids, ids, np.zeros((len(ids), 2), dtype=np.float32))
    return points


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 60) | st.integers(0, 2**40), unique=True, max_size=30),
    st.lists(st.integers(-3, 80) | st.integers(0, 2**40), max_size=30),
)
def test_rows_are_found_by_ids_whether_they_are_dense_or_not(
    own: list[int], asked: list[int]
) -> None:
    points = points_of(np.array(own, dtype=np.int64))
    rows = points.rows_of(np.array(asked, dtype=np.int64))
    expected = [own.index(one) for one in asked if one in own]
    assert rows.tolist() == expected
    points.select(np.array(asked, dtype=np.int64))
    assert np.flatnonzero(points.selected).tolist() == sorted(set(expected))
    assert [points.row_of(one) for one in own] == list(range(len(own)))


@pytest.mark.parametrize("ids", [[5, 3, 9], [5, 3, 2**40]])
def test_the_inverse_of_a_selection_leaves_out_what_is_hidden(ids: list[int]) -> None:
    points = points_of(np.array([*ids, 7, 8], dtype=np.int64))
    points.passing = np.array([True, True, True, False, True])
    points.select(np.array([3], dtype=np.int64))
    assert points.inverted().tolist() == [ids[0], ids[2], 8]
