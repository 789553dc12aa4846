"""Many points as an image: nothing is lost, nothing hides, and what is greyed out stays in sight."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.models import density, raster
from app.models.cell_index import index_of
from app.models.density import Pixels
from app.widgets import points_drawing

BLUE, ORANGE, GREY = 0xFF2060E0, 0xFFE08020, 0xFF808080
COLOURS = np.array([GREY, BLUE, ORANGE], dtype=np.uint32)
LAYERS = np.array([0, 1, 1], dtype=np.int8)
SAME = Pixels(1.0, 0.0, 1.0, 0.0, 60, 40)


def draw(
    places: NDArray[np.float64], slots: list[int] | NDArray[np.int64], step: int = 1
) -> NDArray[np.uint32]:
    index = index_of(places.astype(np.float32))
    kinds = np.asarray(slots, dtype=np.uint16)[index.order]
    whole = np.array([[0, len(index)]])
    return density.draw(
        index.x, index.y, kinds, whole, COLOURS, LAYERS, SAME,
        has_grey=bool((kinds == 0).any()), deep=0xFFFFFF, step=step,
    )  # fmt: skip


def channel(pixel: np.uint32, by: int) -> int:
    return (int(pixel) >> by) & 0xFF


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 300))
def test_every_point_in_sight_is_drawn_and_nothing_else(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    places = random.uniform(-20, 80, (count, 2))
    slots = random.integers(0, 3, count)
    image = draw(places, slots)
    expected = np.zeros((40, 60), dtype=bool)
    x, y = np.floor(places.astype(np.float32)).astype(int).T
    seen = (x >= 0) & (x < 60) & (y >= 0) & (y < 40)
    expected[y[seen], x[seen]] = True
    assert np.array_equal(image != 0, expected)


def test_a_crowd_is_more_opaque_than_a_few_and_a_few_are_seen() -> None:
    crowd = np.repeat([[10.5, 10.5]], 5_000, axis=0)
    places = np.concatenate([crowd, np.repeat([[20.5, 10.5]], 30, axis=0), [[30.5, 10.5]]])
    image = draw(places, [1] * len(places))
    many, some, one = (channel(image[10, x], 24) for x in (10, 20, 30))
    assert many > some > one > 0.35 * 255


def test_a_pixel_has_the_mean_of_its_colours_in_linear_light() -> None:
    places = np.repeat([[5.5, 5.5]], 40_000, axis=0)
    slots = np.array([1, 2] * 20_000)
    places = np.concatenate([places, [[8.5, 5.5]] * 50_000])
    image = draw(places, np.concatenate([slots, np.ones(50_000, dtype=int)]))
    opacity = channel(image[5, 5], 24) / 255
    lean = max(0.0, opacity - 0.75) * 4 * density.DEEP
    for by in (16, 8, 0):
        mean = np.sqrt(
            (channel(np.uint32(BLUE), by) ** 2 + channel(np.uint32(ORANGE), by) ** 2) / 2
        )
        assert abs(channel(image[5, 5], by) / opacity - (mean + (255 - mean) * lean)) < 3


def test_greyed_out_points_are_seen_where_no_others_lie() -> None:
    places = np.array([[3.5, 3.5], [9.5, 3.5], [9.5, 3.5]])
    image = draw(places, [0, 0, 1])
    assert channel(image[3, 3], 16) == channel(image[3, 3], 0) > 0
    assert channel(image[3, 9], 0) > channel(image[3, 9], 16)
    assert channel(image[3, 9], 24) > channel(image[3, 3], 24)


def test_points_beyond_the_edges_leave_no_trace() -> None:
    places = np.array([[-1e6, 5], [70, 5], [5, -3], [5, 1e7], [59.99, 39.99]])
    image = draw(places, [1] * 5)
    assert image[39, 59]
    assert np.count_nonzero(image) == 1


def test_a_sample_looks_as_dense_as_all(qtbot: QtBot) -> None:
    random = np.random.default_rng(0)
    places = random.normal((30, 20), (8, 6), (60_000, 2))
    slots = random.integers(1, 3, 60_000)
    whole, some = (
        (draw(places, slots, step) >> np.uint32(24)).astype(float) / 255 for step in (1, 5)
    )
    crowded = whole > 0.8
    assert abs(whole[crowded].mean() - some[crowded].mean()) < 0.1
    assert np.abs(whole - some)[some > 0].mean() < 0.12
    assert not some[whole == 0].any()


def test_larger_points_where_there_are_fewer() -> None:
    reaches = [points_drawing.reach_for(count) for count in (60_000, 1_000_000, 10**9)]
    assert reaches == sorted(reaches, reverse=True)
    assert reaches[0] > 0.6
    assert reaches[-1] == 0.0


def test_points_show_beside_their_pixels_and_under_others(qtbot: QtBot) -> None:
    pixels = np.zeros((9, 12), dtype=np.uint32)
    pixels[4, 4], pixels[4, 5] = BLUE, ORANGE
    image = points_drawing.as_image(pixels)
    points_drawing.spread(image, 0.5)
    assert pixels[4, 4] == BLUE  # the picture is of the array's own memory
    assert pixels[4, 5] == ORANGE
    assert channel(pixels[4, 3], 24) == channel(pixels[3, 4], 24) in (127, 128)
    assert channel(pixels[4, 3], 0) > channel(pixels[4, 3], 16)
    assert channel(pixels[4, 6], 16) > channel(pixels[4, 6], 0)
    assert np.count_nonzero(pixels) == 8


def test_a_lone_disc_is_fainter_than_one_in_a_crowd() -> None:
    random = np.random.default_rng(0)
    x = np.append(random.uniform(0, 20, 2_000), 500.0).astype(np.float32)
    y = np.append(random.uniform(0, 20, 2_000), 300.0).astype(np.float32)
    thin = raster.thin_out(x, y, np.full(len(x), BLUE, dtype=np.uint32), 600, 2.0)
    assert channel(thin[-1], 24) == round(raster.THINNEST * 255)
    assert channel(thin[:-1].max(), 24) > 240
    assert ((thin & 0xFFFFFF) == (BLUE & 0xFFFFFF)).all()
    image = raster.draw(x, y, thin, np.zeros(len(x), dtype=np.int8), 600, 400, 3.0)
    assert channel(image[300, 500], 24) == round(raster.THINNEST * 255)
