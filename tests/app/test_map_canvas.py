"""The map's canvas under hands: exact pictures, lasso and box, flights, lens and disk."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.models.points import Points
from app.models.region_labels import name_regions
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import flight, moving, points_drawing
from app.widgets.map_canvas import MapCanvas
from app.widgets.points_drawing import Drawing

Show = Callable[[QWidget], None]


def spread(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)


def hold(canvas: MapCanvas, show: Show) -> MapCanvas:
    """Show it within a window, as the program does: alone, pyqtgraph takes it apart when it is closed."""
    window = QWidget()
    box = QVBoxLayout(window)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(canvas)
    show(window)
    return canvas


def fill(points: Points, theme: Theme, places: np.ndarray, *, is_disk: bool = False) -> None:
    ids = np.arange(10, 10 + len(places), dtype=np.int64)
    points.set_places(ids, ids, places, is_disk=is_disk)
    codes = (places[:, 0] > 0).astype(np.int32) + 2 * (places[:, 1] > 0).astype(np.int32)
    points.set_codes(codes, ["south west", "south east", "north west", "north east"])
    points.recolour(theme)


@pytest.fixture
def canvas(theme: Theme, show: Show) -> MapCanvas:
    """A canvas with 500 points, all in sight."""
    points = Points()
    made = MapCanvas(theme, points, Thumbnails())
    fill(points, theme, spread(500))
    hold(made, show)
    made.fit()
    made.grab()
    return made


def test_what_is_seen_of_a_lasso_is_what_it_takes(canvas: MapCanvas) -> None:
    canvas.tool = "lasso"
    canvas._trail = [QPointF(200, 100), QPointF(700, 120), QPointF(300, 600), QPointF(650, 500)]
    outline = canvas._outline()
    rows = canvas._rows_in(outline)
    pixels = canvas.frame().to_pixels(canvas._points.seen)
    # As Qt fills it, but for what lies on the very line.
    inside = np.array([outline.contains(QPointF(x, y)) for x, y in pixels.tolist()])
    wide, thin = np.flatnonzero(inside), set(rows.tolist())
    assert len(wide) > 20
    assert len(thin ^ set(wide.tolist())) <= 1


def test_a_box_takes_what_it_covers(canvas: MapCanvas) -> None:
    canvas.tool = "box"
    canvas._trail = [QPointF(600, 500), QPointF(300, 150)]
    pixels = canvas.frame().to_pixels(canvas._points.seen)
    x, y = pixels.T
    expected = np.flatnonzero((x > 300) & (x < 600) & (y > 150) & (y < 500))
    assert np.array_equal(canvas._rows_in(canvas._outline()), expected)
    passing = np.zeros(500, dtype=bool)
    passing[expected[::2]] = True
    canvas._points.passing = passing
    assert np.array_equal(canvas._rows_in(canvas._outline()), expected[::2])


def test_the_point_under_the_pointer_is_found_at_any_zoom(canvas: MapCanvas) -> None:
    for row, factor in ((7, 1.0), (123, 6.0), (400, 3.0)):
        canvas.reveal(row)
        canvas.zoom(factor, canvas.item._centre(row, canvas.frame()))
        assert canvas.item.row_at(canvas.item._centre(row, canvas.frame())) == row


class Shelf:
    """A lane that waits until the test lets it go on."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], Drawing], Callable[[Drawing | None], None]]] = []

    def __call__(self, task: Callable[[], Drawing], take: Callable[[Drawing | None], None]) -> None:
        self.waiting.append((task, take))

    def go(self) -> None:
        task, take = self.waiting.pop(0)
        take(task())


@pytest.fixture
def many(theme: Theme, show: Show) -> tuple[MapCanvas, Shelf]:
    """130,000 points, which are drawn in a lane, and as their density."""
    points = Points()
    made, shelf = MapCanvas(theme, points, Thumbnails()), Shelf()
    made.item.lane = shelf
    fill(points, theme, spread(130_000))
    hold(made, show)
    made.fit()
    made.grab()
    while shelf.waiting:
        shelf.go()
        made.grab()
    assert made.item.is_exact
    return made, shelf


def test_many_points_move_with_the_last_picture_until_the_exact_one_comes(
    many: tuple[MapCanvas, Shelf],
) -> None:
    canvas, shelf = many
    whole = canvas.item._drawing
    canvas.zoom(1.5)
    canvas.grab()
    canvas.zoom(1.1)
    canvas.grab()
    assert len(shelf.waiting) == 1  # one at a time, whatever happens meanwhile
    assert canvas.item._drawing is whole
    shelf.go()
    canvas.grab()
    shelf.go()
    canvas.grab()
    assert canvas.item.is_exact
    assert not shelf.waiting


def test_a_short_pan_needs_no_new_picture(many: tuple[MapCanvas, Shelf]) -> None:
    canvas, shelf = many
    before = canvas.item._drawing
    canvas._pan(QPointF(40, -30))
    moved = canvas.grab().toImage()
    assert canvas.item.is_exact
    assert canvas.item._drawing is before
    assert not shelf.waiting
    canvas.item.invalidate()
    canvas.grab()
    shelf.go()
    assert _difference(moved, canvas.grab().toImage()) < 6.0


def test_few_points_in_sight_of_many_are_drawn_at_once(many: tuple[MapCanvas, Shelf]) -> None:
    canvas, shelf = many
    canvas.zoom(30.0)
    canvas.grab()
    assert canvas.item.is_exact
    assert not shelf.waiting
    assert canvas.item.row_at(canvas.item._centre(5, canvas.frame())) >= 0


def _difference(first: QImage, second: QImage) -> float:
    """Mean difference of the channels, of 255."""
    kept = [one.convertToFormat(QImage.Format.Format_RGB32) for one in (first, second)]
    values = [np.frombuffer(one.constBits(), np.uint8) for one in kept]
    return float(np.abs(values[0].astype(int) - values[1]).mean())


def test_of_very_many_points_a_sample_comes_before_the_exact_picture(
    many: tuple[MapCanvas, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas, shelf = many
    exact = canvas.grab().toImage()
    monkeypatch.setattr(points_drawing, "SAMPLE", 20_000)
    canvas.item.invalidate()
    canvas.grab()
    shelf.go()
    drawing = canvas.item._drawing
    assert drawing is not None
    assert drawing.step > 1
    sample = canvas.grab().toImage()
    assert not canvas.item.is_exact
    assert 0 < _difference(exact, sample) < 12.0  # as dense, and nearly as even
    shelf.go()
    assert canvas.item.is_exact
    assert _difference(exact, canvas.grab().toImage()) == 0
    assert not shelf.waiting


def test_a_lane_that_failed_is_not_asked_again_for_the_same(many: tuple[MapCanvas, Shelf]) -> None:
    canvas, shelf = many
    canvas.item.invalidate()
    canvas.grab()
    _, take = shelf.waiting.pop()
    take(None)
    canvas.grab()
    assert not shelf.waiting


def test_greyed_out_points_lie_under_the_density(many: tuple[MapCanvas, Shelf]) -> None:
    canvas, shelf = many
    points = canvas._points
    points.select(points.ids[points.places[:, 0] > 0.5])
    points.recolour(canvas._theme)
    canvas.item.invalidate()
    canvas.grab()
    shelf.go()
    drawing = canvas.item._drawing
    assert drawing is not None
    values = drawing.pixels
    channels = [(values >> by).astype(int) & 0xFF for by in (16, 8, 0)]
    colour = np.max(channels, axis=0) - np.min(channels, axis=0)
    border = round(drawing.frame.pixel_of(0.5, 0).x())
    assert values[:, : border - 3].any()
    assert colour[:, : border - 3].max() < 16  # the grey of the theme is bluish
    assert colour[:, border + 3 :].max() > 60


def test_a_flight_ends_where_it_was_sent(canvas: MapCanvas, qtbot: QtBot,
                                         monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    rows = np.arange(20)
    canvas.fit(rows)
    wanted = canvas.frame()
    canvas.fit()
    monkeypatch.setattr(moving, "MOVE_S", 0.2)
    canvas.fly_to_rows(rows)
    assert canvas._flight.is_flying
    assert canvas.frame() != wanted
    qtbot.waitUntil(lambda: not canvas._flight.is_flying)
    assert canvas.frame().left == pytest.approx(wanted.left, abs=1e-6)
    assert canvas.frame().top == pytest.approx(wanted.top, abs=1e-6)
    canvas.fit(smoothly=True)
    canvas.zoom(2.0)  # the user's hand stops it
    assert not canvas._flight.is_flying


def test_a_view_on_its_way_stays_between_its_ends() -> None:
    start, end = (0.0, 100.0, 0.0, 50.0), (10.0, 12.0, 20.0, 21.0)
    assert flight.between(start, end, 0.0) == pytest.approx(start)
    assert flight.between(start, end, 1.0) == pytest.approx(end)
    for share in np.linspace(0, 1, 11):
        left, right, bottom, top = flight.between(start, end, float(share))
        assert left <= 10.0 + 1e-9
        assert right >= 12.0 - 1e-9
        assert (right - left) / (top - bottom) == pytest.approx(2.0)


def test_a_double_click_on_a_name_shows_its_region(canvas: MapCanvas, qtbot: QtBot) -> None:
    points = canvas._points
    canvas.item.regions = name_regions(points.places, points.codes, points.names)
    canvas.grab()
    rect, label, _ = canvas.item._names._placed[0]
    place = rect.center().toPoint()
    assert canvas.item.label_at(QPointF(place)) is label
    qtbot.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    frame = canvas.frame()
    assert frame.left <= label.left
    assert frame.right >= label.right
    assert frame.x_per_px < label.right - label.left
    canvas.item.shows_names = False
    assert canvas.item.label_at(QPointF(place)) is None


def test_the_lens_is_drawn_and_goes_with_the_pointer(canvas: MapCanvas) -> None:
    plain = canvas.grab().toImage()
    canvas.show_lens(3, np.array([10, 20, 30]), np.array([0.9, 0.5, 0.7]))
    assert canvas.lens_row == 3
    assert _difference(plain, canvas.grab().toImage()) > 0.05
    canvas._set_hovered(3, QPointF())
    assert canvas.lens_row == 3
    canvas._set_hovered(-1, QPointF())
    assert canvas.lens_row == -1
    canvas.show_lens(3, np.empty(0, np.int64), np.empty(0))
    assert canvas.lens_row == -1


def test_a_disk_is_panned_by_an_isometry(theme: Theme, show: Show) -> None:
    points = Points()
    canvas = MapCanvas(theme, points, Thumbnails())
    places = spread(300) * np.float32(0.2)
    places /= np.maximum(1.0, np.hypot(*places.T) * 1.02)[:, None]
    fill(points, theme, places, is_disk=True)
    hold(canvas, show)
    canvas.fit()
    canvas.grab()
    start = canvas.item._centre(0, canvas.frame())
    canvas._pan(QPointF(60, 35), start)
    canvas.grab()
    moved = canvas.item._centre(0, canvas.frame())
    assert moved.x() == pytest.approx(start.x() + 60, abs=0.5)
    assert moved.y() == pytest.approx(start.y() + 35, abs=0.5)
    assert np.hypot(*points.seen.T).max() < 1.0
    assert np.array_equal(points.places, places)
    assert canvas.item.row_at(moved) == 0
    drawing = canvas.item._drawing
    assert drawing is not None
    shrinks = points_drawing.ring_of(points.index, np.arange(300))
    size = 1 - (points.seen[points.index.order] ** 2).sum(axis=1)
    assert (np.diff(shrinks[np.argsort(size)]) >= 0).all()  # smaller towards the rim
    canvas.fly_to_rows(np.array([0]))
    assert np.abs(points.seen[0]).max() < 1e-6
    canvas.fit()
    assert np.allclose(points.seen, places, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_next_to_no_points_or_all_at_one_place_are_drawn(
    theme: Theme, show: Show, count: int
) -> None:
    points = Points()
    canvas = MapCanvas(theme, points, Thumbnails())
    fill(points, theme, np.full((count, 2), 3.0, dtype=np.float32))
    hold(canvas, show)
    canvas.fit()
    canvas.grab()
    middle = QPointF(canvas.width() / 2, canvas.height() / 2)
    assert canvas.item.is_exact
    assert canvas.item.row_at(middle) in (range(count) if count else [-1])
    canvas.tool = "lasso"
    canvas._trail = [QPointF(10, 10), QPointF(900, 20), QPointF(500, 620)]
    assert len(canvas._rows_in(canvas._outline())) == count
    points.set_places(points.ids[:0], points.contents[:0], points.places[:0])
    points.recolour(theme)
    canvas.item.invalidate()
    canvas.grab()
    assert canvas.item.row_at(middle) == -1
