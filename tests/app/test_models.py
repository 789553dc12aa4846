"""Listings, lazy caches and the map's pixels, without a window."""

from collections.abc import Callable
from typing import Any

import numpy as np
from pytestqt.qtbot import QtBot

from app.models import raster
from app.models.lazy import LazyCache
from app.models.listing import listing_of
from app.models.points import Points, argb
from app.models.tiling import Tiling
from app.style.theme import Theme


def test_a_listing_finds_the_row_of_an_id() -> None:
    listing = listing_of(np.array([30, 10, 20]), np.array([3, 1, 2]))
    assert [listing.row_of(one) for one in (10, 20, 30, 40, None)] == [1, 2, 0, -1, -1]
    assert sorted(listing.rows_of(np.array([20, 30, 99])).tolist()) == [0, 2]


class Shelf:
    """Keeps what a cache asked for until the test hands it over."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[int], Callable[[dict[int, Any]], None]]] = []

    def fetch(self, keys: list[int], receive: Callable[[dict[int, Any]], None]) -> None:
        self.asked.append((keys, receive))

    def hand_over(self) -> list[int]:
        keys, receive = self.asked.pop(0)
        receive({key: f"value {key}" for key in keys})
        return keys


def test_a_cache_fetches_the_newest_wish_first_and_drops_older_ones(qtbot: QtBot) -> None:
    shelf = Shelf()
    cache: LazyCache[str] = LazyCache(shelf.fetch, capacity=100, batch=2, in_flight=1)
    cache.want([1, 2, 3, 4])
    cache.want([50, 51])  # the user scrolled away
    assert shelf.hand_over() == [1, 2]
    qtbot.waitUntil(lambda: bool(shelf.asked))
    assert shelf.hand_over() == [50, 51]
    qtbot.wait(5)
    assert not shelf.asked
    assert cache.get(50) == "value 50"
    assert cache.get(3) is None


def test_a_cache_forgets_the_least_recently_used(qtbot: QtBot) -> None:
    shelf = Shelf()
    cache: LazyCache[str] = LazyCache(shelf.fetch, capacity=3, batch=3)
    cache.want([1, 2, 3])
    shelf.hand_over()
    cache.get(1)
    cache.want([4])
    shelf.hand_over()
    assert cache.get(1) is not None
    assert cache.get(2) is None


def test_what_is_stale_is_shown_until_the_new_one_comes(qtbot: QtBot) -> None:
    shelf = Shelf()
    cache: LazyCache[str] = LazyCache(shelf.fetch, capacity=10)
    cache.want([1])
    shelf.hand_over()
    cache.refresh()
    assert cache.get(1) == "value 1"
    cache.want([1])
    assert [keys for keys, _ in shelf.asked] == [[1]]


def test_discs_lie_where_the_points_are_and_the_higher_layer_on_top() -> None:
    x = np.array([20.0, 60.0, 64.0, 62.0], dtype=np.float32)
    y = np.array([20.0, 30.0, 30.0, 30.0], dtype=np.float32)
    red, green, blue, white = (argb(c) for c in ("#ff0000", "#00ff00", "#0000ff", "#ffffff"))
    colours = np.array([red, green, blue, white], dtype=np.uint32)
    layers = np.array([0, 0, 0, 1], dtype=np.int8)
    flat = raster.draw(x[:3], y[:3], colours[:3], layers[:3], 100, 50, 4.0)
    assert flat.shape == (50, 100)
    assert flat[20, 20] == red
    # Where two discs of a layer meet, each keeps its own half.
    assert flat[30, 58] == flat[30, 61] == green
    assert flat[30, 63] == flat[30, 66] == blue
    assert flat[5, 90] == 0
    alpha = (flat >> 24).astype(int)
    assert 0 < alpha[alpha > 0].min() < 255  # rims are smoothed
    assert raster.draw(x, y, colours, layers, 100, 50, 4.0)[30, 60] == white


def test_discs_at_the_edges_are_cut() -> None:
    x = np.array([-2.0, 99.0, 50.0, 500.0], dtype=np.float32)
    y = np.array([10.0, 49.0, -3.0, 20.0], dtype=np.float32)
    colours, layers = np.full(4, argb("#ffffff"), dtype=np.uint32), np.zeros(4, dtype=np.int8)
    image = raster.draw(x, y, colours, layers, 100, 50, 4.0)
    assert image[10, 0]
    assert image[49, 99]
    assert image[0, 50]
    assert not image[20, 30:].any()


def test_greyed_out_points_are_drawn_first_and_selected_ones_last(qtbot: QtBot) -> None:
    theme, points = Theme("dark"), Points()
    ids = np.arange(6, dtype=np.int64)
    points.set_places(ids, ids, np.zeros((6, 2), dtype=np.float32))
    points.set_codes(np.array([0, 0, 0, 1, 1, -1], dtype=np.int32), ["large", "small"])
    points.passing = np.array([True, True, False, True, True, True])
    points.selected = np.array([True, False, False, False, False, False])
    points.recolour(theme)
    assert points.shade.order[0] == 2
    assert points.shade.order[-1] == 0
    assert points.shade.colours[2] == argb(theme.tokens.point)
    assert points.shade.colours[0] == points.shade.colours[1] != points.shade.colours[3]
    points.highlight([1])
    points.recolour(theme)
    assert points.shade.colours[1] == argb(theme.tokens.point)
    assert points.shade.colours[3] != argb(theme.tokens.point)


def test_cells_are_found_where_they_lie() -> None:
    tiling = Tiling(count=1_000_000, width_px=700, thumb_px=120, caption_px=40)
    assert tiling.columns == 5
    for row in (0, 4, 5, 999_999):
        x, y = tiling.left_of(row) + 3, tiling.top_of(row) + 3
        assert tiling.row_at(x, y) == row
        assert row in tiling.visible(tiling.top_of(row), 400)
        assert tiling.rows_in(x, y, x, y).tolist() == [row]
    assert tiling.row_at(2, 2) == -1
    assert tiling.height > tiling.top_of(999_999)
    assert len(tiling.visible(5_000_000, 800)) < 50


def test_moving_stays_within_the_grid() -> None:
    tiling = Tiling(count=12, width_px=700, thumb_px=120, caption_px=0)  # 5 + 5 + 2
    assert tiling.moved(0, columns=-1) == 0
    assert tiling.moved(3, lines=-1) == 3
    assert tiling.moved(3, lines=1) == 8
    assert tiling.moved(9, lines=1) == 11
    assert tiling.moved(11, lines=1) == 11
    assert tiling.moved(1, lines=4) == 11
