"""Names of regions: typical ones, none over another."""

import numpy as np
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from app.models.frame import Frame
from app.models.region_labels import NO_REGIONS, Regions, name_regions
from app.widgets import region_names

NAMES = ["everywhere", "west", "east"]


def land() -> tuple[np.ndarray, np.ndarray]:
    """A name that is everywhere, and two that are of one side each."""
    random = np.random.default_rng(0)
    places = random.uniform((-10, -5), (10, 5), (6_000, 2)).astype(np.float32)
    codes = np.zeros(6_000, dtype=np.int32)
    is_west = (places[:, 0] < -6) & (np.arange(6_000) % 3 == 0)
    is_east = (places[:, 0] > 6) & (np.arange(6_000) % 3 == 0)
    codes[is_west], codes[is_east] = 1, 2
    return places, codes


def test_a_region_bears_the_name_that_is_typical_of_it() -> None:
    places, codes = land()
    regions = name_regions(places, codes, NAMES)
    assert regions
    found = {label.text: label for label in regions.levels[0]}
    assert set(found) == {"west", "east"}  # what is everywhere is typical of nowhere
    west = found["west"]
    assert west.x < -6
    assert west.left <= places[codes == 1, 0].min() + 0.5
    assert west.right < 0
    # Of points of other names its cells hold twice as many.
    assert 0.8 * (codes == 1).sum() <= west.weight <= (codes == 1).sum()


def test_few_points_one_name_or_none_have_no_regions() -> None:
    places, codes = land()
    assert name_regions(places[:30], codes[:30], NAMES) is NO_REGIONS
    assert name_regions(places, codes * 0, ["one"]) is NO_REGIONS
    assert not name_regions(places, codes * 0 - 1, NAMES)
    assert not name_regions(places * 0, codes, NAMES)
    assert not name_regions(np.empty((0, 2), np.float32), np.empty(0, np.int32), [])


def test_a_name_of_a_few_points_is_none() -> None:
    places, codes = land()
    lone = codes.copy()
    lone[codes > 0] = 0
    lone[np.flatnonzero(places[:, 0] > 9)[:3]] = 2
    texts = {label.text for level in name_regions(places, lone, NAMES).levels for label in level}
    assert "east" not in texts


def frame(scale: float) -> Frame:
    return Frame(-15 * scale, 15 * scale, -10 * scale, 10 * scale, 1200, 800)


def test_names_do_not_touch_at_any_zoom(qtbot: QtBot) -> None:
    random = np.random.default_rng(1)
    places = random.normal(size=(20_000, 2)).astype(np.float32) * 4
    codes = (np.floor(places[:, 0]) * 7 + np.floor(places[:, 1]) * 3).astype(np.int32) % 40
    regions = name_regions(places, codes, [f"name of region {one}" for one in range(40)])
    assert len(regions.levels) > 3
    seen = 0
    for scale in (1.0, 0.6, 0.3, 0.1, 0.03):
        placed = region_names.placed(frame(scale), regions)
        seen += len(placed)
        rects = [rect for rect, _, _ in placed]
        for number, rect in enumerate(rects):
            assert QRectF(0, 0, 1200, 800).contains(rect)
            assert not any(rect.intersects(other) for other in rects[:number])
        weights = [label.weight for _, label, _ in placed]
        assert weights == sorted(weights, reverse=True)
    assert seen > 40


def test_what_is_out_of_sight_is_not_named() -> None:
    places, codes = land()
    regions: Regions = name_regions(places, codes, NAMES)
    east = Frame(2, 12, -5, 5, 1000, 1000)
    assert {label.text for label in regions.in_sight(east)} == {"east"}
    assert NO_REGIONS.in_sight(east) == []
