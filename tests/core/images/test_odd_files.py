"""A folder of odd real files: every good one is shown, every bad one is named.

LOOKALIKE_ODD_FILES names the folder; without it the test is skipped. It is the folder of test images that
imagededup has in its sources (``tests/data``).
"""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.operations import images, sources
from core.operations.info import info
from core.project import Project

ODD_FILES = os.environ.get("LOOKALIKE_ODD_FILES", "")

pytestmark = [
    pytest.mark.photos,
    pytest.mark.skipif(
        not Path(ODD_FILES or "-").is_dir(), reason="LOOKALIKE_ODD_FILES is not set"
    ),
]

# What a person sees in the folder: two files of noise under a JPEG's name, and a licence that is no image.
GOOD = 32
BAD = {"mixed_images/ukbench09268_corrupt.jpg", "mixed_nested_images/ukbench09268_corrupt.jpg"}
IGNORED = 1
NOTES = {
    "giphy.gif": "first of 4 frames",
    "ukbench09380.bmp": "named .bmp, holds JPEG",
    "ukbench09380.png": "named .png, holds JPEG",
    "ukbench09380.svg": "named .svg, holds JPEG",
}
# Taken from the pictures themselves, turned as a person holds them.
SIZES = {
    "ukbench09268.jpg": (480, 640),
    "ukbench00120_resize.jpg": (300, 300),
    "marbles.pbm": (1152, 813),
    "Iggy.1024.ppm": (1024, 1024),
    "baboon.pgm": (512, 512),
    "copyleft.tiff": (220, 220),
    "alpha_channel_image.png": (640, 480),
}


@pytest.fixture
def imported(project: Project) -> Project:
    sources.import_folders(project, [Path(ODD_FILES)])
    return project


def test_every_bad_file_is_named_and_nothing_else(imported: Project) -> None:
    document = info(imported)
    assert document["images"] == GOOD and document["ignored"] == IGNORED
    named = {
        os.path.relpath(one["path"], ODD_FILES): one["reason"] for one in document["unreadable"]
    }
    assert named.keys() == BAD
    assert all("not that of an image" in reason for reason in named.values())


def test_every_good_file_is_shown(imported: Project) -> None:
    ids = images.list_ids(imported)
    rows = images.describe(imported, ids.tolist())
    pictures = imported.thumbnails.get([bytes.fromhex(one.sha256) for one in rows])
    for one in rows:
        with Image.open(io.BytesIO(pictures[bytes.fromhex(one.sha256)])) as thumbnail:
            thumbnail.load()
            assert max(thumbnail.size) <= 256
            # The thumbnail has the shape that the catalogue says, and is no even surface.
            assert abs(thumbnail.width * one.height - thumbnail.height * one.width) <= 1.5 * max(
                one.width, one.height
            )
            assert np.asarray(thumbnail).std() > 10
        assert one.note == NOTES.get(one.name, "")
        assert (one.width, one.height) == SIZES.get(one.name, (640, 480)) or one.name == "giphy.gif"
    assert {one.name for one in rows} >= NOTES.keys() | SIZES.keys()
