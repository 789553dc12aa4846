"""Portraits of examples: a picture and a name for each, whatever it is, and none for what is gone."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.operations import images, portraits, region_estimate, regions, sources
from core.project import Project
from core.search import question as asking


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


def test_each_kind_of_example_has_its_portrait(
    filled: Project, photos: Path, tmp_path: Path
) -> None:
    (first, *_) = images.list_ids(filled).tolist()
    (image,) = images.describe(filled, [first])
    elsewhere = tmp_path / "elsewhere.png"
    Image.new("RGB", (300, 200), (10, 200, 30)).save(elsewhere)
    pasted = np.full((700, 900, 3), 77, np.uint8)
    found = portraits.of_examples(
        filled,
        [
            asking.of_words("a red door"),
            asking.of_image(first),
            asking.of_file(elsewhere),
            asking.of_pixels(pasted),
            asking.of_file(tmp_path / "gone.png"),
            asking.of_image(10_000, "/no/such.png"),
            asking.of_file(photos / "discs" / "broken.jpg"),
        ],
    )
    words, known, file, pixels, gone, unknown, broken = found
    assert words == portraits.Portrait("a red door")
    assert known.name == image.name
    assert Image.open(io.BytesIO(known.jpeg)).size == (image.width, image.height)
    assert file.pixels is not None and file.pixels.shape[:2] == (171, 256)
    assert tuple(file.pixels[80, 80]) == pytest.approx((10, 200, 30), abs=2)
    assert pixels.pixels is not None and max(pixels.pixels.shape) <= 2 * portraits.LONGEST_PX
    for one in (gone, unknown, broken):
        assert not one.jpeg and one.pixels is None and one.name


def test_a_file_of_the_catalogue_is_named_and_shown_as_its_image(
    filled: Project, photos: Path
) -> None:
    (one,) = portraits.of_examples(filled, [asking.of_file(photos / "discs" / "disc-2.png")])
    assert one.name == "disc-2.png" and one.jpeg


def test_the_time_to_look_inside_is_told_until_all_is_done(filled: Project) -> None:
    assert 0 < region_estimate.seconds(filled) < 60
    assert regions.state(filled).made == 0  # nothing was stored for it
    regions.build(filled)
    assert region_estimate.seconds(filled) == 0.0
