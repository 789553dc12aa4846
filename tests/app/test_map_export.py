"""The view as a file: PNG and SVG of any size, with legend and names."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.models.frame import Frame
from app.models.points import Points, argb
from app.models.region_labels import Regions, name_regions
from app.style.theme import Theme
from app.widgets import map_picture
from app.widgets.map_picture import picture, svg
from core.errors import UsageError

FRAME = Frame(-6, 6, -4, 4, 600, 400)
NAMES = ["<left & low>", "right", "small"]
SVG = "{http://www.w3.org/2000/svg}"
Filled = tuple[Points, Regions]


def filled(theme: Theme, count: int = 900, *, is_disk: bool = False) -> Filled:
    random = np.random.default_rng(0)
    places = random.normal(size=(count, 2)).astype(np.float32) * np.float32(0.3)
    codes = (np.arange(count) % 2).astype(np.int32)
    codes[:20] = 2
    places += (codes[:, None] - 1).astype(np.float32) * np.float32(2.0 if not is_disk else 0.1)
    points = Points()
    ids = np.arange(count, dtype=np.int64)
    points.set_places(ids, ids, places, is_disk=is_disk)
    points.set_codes(codes, NAMES)
    points.recolour(theme)
    return points, name_regions(places, codes, NAMES)


def count(image: QImage, colour: int) -> int:
    kept = image.convertToFormat(QImage.Format.Format_RGB32)
    return int((np.frombuffer(kept.constBits(), np.uint32) == colour).sum())


def test_a_picture_of_any_size_shows_the_same(theme: Theme, qtbot: QtBot) -> None:
    points, regions = filled(theme)
    shares = []
    for width, height in ((600, 400), (1201, 803), (3000, 2000)):
        image = picture(points, FRAME, width, height, theme=theme, regions=regions)
        assert (image.width(), image.height()) == (width, height)
        shares.append(count(image, argb(theme.tokens.canvas)) / (width * height))
        colour = int(points.scene().table[0])
        assert count(image, colour) > 50
    assert max(shares) - min(shares) < 0.25
    bare = picture(points, FRAME, 600, 400, theme=theme, has_legend=False)
    assert count(bare, argb(theme.tokens.text)) == 0
    assert count(picture(points, FRAME, 600, 400, theme=theme), argb(theme.tokens.text)) > 20


def test_a_wide_picture_shows_more_at_the_sides(theme: Theme, qtbot: QtBot) -> None:
    points, _ = filled(theme)
    image = picture(points, Frame(-3, -1, -1, 1, 500, 500), 1000, 200, theme=theme,
                    has_legend=False)  # fmt: skip
    right = image.copy(600, 0, 400, 200)
    assert count(right, int(points.scene().table[1])) > 20


@pytest.mark.parametrize("size", [(10, 400), (400, 30_000), (20_000, 20_000)])
def test_a_size_that_cannot_be_is_refused(
    theme: Theme, qtbot: QtBot, size: tuple[int, int]
) -> None:
    points, _ = filled(theme, 30)
    with pytest.raises(UsageError, match="cannot be made"):
        picture(points, FRAME, *size, theme=theme)


def test_an_svg_has_a_circle_a_point_and_its_names_are_text(theme: Theme, qtbot: QtBot) -> None:
    points, regions = filled(theme)
    root = ElementTree.fromstring(svg(points, FRAME, 1800, 1200, theme=theme, regions=regions))
    assert root.get("width") == "1800"
    groups = {group.get("fill"): len(group) for group in root.findall(f"{SVG}g")}
    assert sum(groups.values()) == 900
    table = points.scene().table
    assert groups[QColor(int(table[2]) & 0xFFFFFF).name()] == 20
    words = [one.text for one in root.findall(f"{SVG}text")]
    assert "<left & low>" in words
    assert len(root.findall(f"{SVG}image")) == 0
    x, y = FRAME.resized(1200, 800).to_pixels(points.places)[0].tolist()
    circle = root.find(f"{SVG}g[@fill='{QColor(int(table[2]) & 0xFFFFFF).name()}']/{SVG}circle")
    assert circle is not None
    assert float(circle.get("cx") or 0) == pytest.approx(x, abs=0.02)
    assert float(circle.get("cy") or 0) == pytest.approx(y, abs=0.02)


def test_an_svg_of_very_many_points_embeds_their_picture(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_picture, "CIRCLES_UP_TO", 100)
    points, _ = filled(theme)
    root = ElementTree.fromstring(svg(points, FRAME, 600, 400, theme=theme, has_legend=False))
    assert not root.findall(f"{SVG}g")
    images = root.findall(f"{SVG}image")
    assert len(images) == 1
    assert "data:image/png;base64,iVBOR" in str(images[0].attrib)


def test_a_disk_has_its_rim(theme: Theme, qtbot: QtBot) -> None:
    points, _ = filled(theme, is_disk=True)
    frame = Frame(-1.04, 1.04, -1.04, 1.04, 500, 500)
    root = ElementTree.fromstring(svg(points, frame, 500, 500, theme=theme, has_legend=False))
    assert len(root.findall(f"{SVG}polyline")) == 10
    image = picture(points, frame, 500, 500, theme=theme, has_legend=False)
    assert image.pixelColor(250, 250) != image.pixelColor(3, 3)


def test_hidden_points_are_grey_in_the_file(
    theme: Theme, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    points, _ = filled(theme)
    points.highlight([1])
    points.recolour(theme)
    root = ElementTree.fromstring(svg(points, FRAME, 600, 400, theme=theme))
    fills = {group.get("fill") for group in root.findall(f"{SVG}g")}
    table = points.scene().table
    assert fills == {theme.tokens.point, QColor(int(table[1]) & 0xFFFFFF).name()}
