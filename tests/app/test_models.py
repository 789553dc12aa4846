"""Listings, lazy caches and the map's pixels, without a window."""

from collections.abc import Callable
from typing import Any

import numpy as np
from pytestqt.qtbot import QtBot

from app.models import raster
from app.models.lazy import LazyCache
from app.models.listing import listing_of
from app.models.points import Points, argb
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


def test_discs_lie_where_the_points_are_and_later_ones_on_top() -> None:
    x = np.array([20.0, 60.0, 62.0], dtype=np.float32)
    y = np.array([20.0, 30.0, 30.0], dtype=np.float32)
    red, green, blue = (argb(c) for c in ("#ff0000", "#00ff00", "#0000ff"))
    colours = np.array([red, green, blue], dtype=np.uint32)
    image = raster.draw(x, y, colours, 100, 50, 4.0, argb("#000000"))
    assert image.shape == (50, 100)
    assert image[20, 20] == red
    assert image[30, 62] == blue
    assert (int(image[30, 57]) >> 8) & 0xFF > 200  # not bitten into by the disc on top
    assert image[5, 90] == 0
    alpha = (image >> 24).astype(int)
    assert 0 < alpha[alpha > 0].min() < 255  # rims are smoothed


def test_a_million_points_are_drawn_as_dots() -> None:
    random = np.random.default_rng(0)
    x, y = random.uniform(-50, 450, (2, 1_000_000)).astype(np.float32)
    colours = np.full(len(x), argb("#123456"), dtype=np.uint32)
    image = raster.draw(x, y, colours, 400, 400, 1.0, 0)
    assert (image == argb("#123456")).mean() > 0.9


def test_pictures_on_the_map_do_not_overlap() -> None:
    random = np.random.default_rng(0)
    x, y = random.uniform(0, 500, (2, 400)).astype(np.float32)
    kept = raster.spread(x, y, 50.0, limit=100)
    gap = np.maximum(
        np.abs(x[kept][:, None] - x[kept]), np.abs(y[kept][:, None] - y[kept])
    ) + 1e9 * np.eye(len(kept))
    assert len(kept) > 20
    assert gap.min() >= 50.0


def test_greyed_out_points_are_drawn_first_and_selected_ones_last(qtbot: QtBot) -> None:
    theme, points = Theme("dark"), Points()
    ids = np.arange(6, dtype=np.int64)
    points.set_places(ids, ids, np.zeros((6, 2), dtype=np.float32))
    points.set_codes(np.array([0, 0, 0, 1, 1, -1], dtype=np.int32), ["large", "small"])
    points.passing = np.array([True, True, False, True, True, True])
    points.selected = np.array([True, False, False, False, False, False])
    points.recolour(theme)
    assert points.order[0] == 2
    assert points.order[-1] == 0
    assert points.colours[2] == argb(theme.tokens.point)
    assert points.colours[0] == points.colours[1] != points.colours[3]
    points.highlight([1])
    points.recolour(theme)
    assert points.colours[1] == argb(theme.tokens.point)
    assert points.colours[3] != argb(theme.tokens.point)
