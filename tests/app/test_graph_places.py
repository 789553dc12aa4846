"""The layout of a group: the same each time, alike ones near, nothing over another, large groups in part."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.graph_places import fitted, lay_out, shown_members

graphs = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(
            st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.floats(0, 1)),
            max_size=30,
        ),
    )
)


@settings(max_examples=40, deadline=None)
@given(graphs)
def test_places_are_finite_the_same_each_time_and_apart(
    graph: tuple[int, list[tuple[int, int, float]]],
) -> None:
    count, links = graph
    ends = np.array([(a, b) for a, b, _ in links if a != b], dtype=np.int64).reshape(-1, 2)
    close = np.array([score for a, b, score in links if a != b])
    places = lay_out(count, ends, close)
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert np.array_equal(places, lay_out(count, ends, close))
    if count > 1:
        apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 9 * np.eye(count)
        assert apart.min() > 1e-3


def test_alike_ones_are_nearer_and_parts_lie_apart() -> None:
    ends = np.array([(0, 1), (0, 2), (1, 2), (3, 4)])
    places = lay_out(5, ends, np.array([1.0, 0.2, 0.2, 0.9]))
    far = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert far[0, 1] < far[0, 2]
    assert far[:3, 3:].min() > max(far[:3, :3].max(), far[3, 4])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.integers(0, 1000))
def test_pictures_fit_the_room_and_lie_side_by_side(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    width, height, side = 900.0, 420.0, 60.0
    found = fitted(rng.normal(size=(count, 2)), width, height, side)
    assert found.min() >= side / 2 - 1e-6
    assert (found <= np.array([width, height]) - side / 2 + 1e-6).all()
    apart = np.abs(found[:, None] - found[None]).max(axis=2) + 999 * np.eye(count)
    assert apart.min() > 0.5 * side  # most of every picture is seen


def test_a_large_group_shows_the_keeper_and_what_is_nearest() -> None:
    contents = tuple(range(100, 200))
    joined = [(100, 150), (150, 160), (160, 170)]
    shown = shown_members(contents, joined, 5)
    assert shown[:4] == (100, 150, 160, 170)
    assert len(shown) == 5
    assert shown_members(contents, joined, 200) == contents
