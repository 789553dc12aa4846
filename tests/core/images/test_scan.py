"""The walk: what counts as an image, what is passed over, and names that are not UTF-8."""

import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from core.images.scan import Scan, display, scan


def walk(root: Path) -> Scan:
    *_, last = scan(os.fsencode(root))
    return last


def test_extension_or_first_bytes_make_an_image(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "b.dat").write_bytes((tmp_path / "a.png").read_bytes())
    (tmp_path / "broken.JPG").write_bytes(b"")
    (tmp_path / "words.txt").write_text("BM is how this text begins, and it is no bitmap")
    (tmp_path / "LICENSE").write_text("text")
    result = walk(tmp_path)
    assert [found.raw_path for found in result.found] == [b"a.png", b"b.dat", b"broken.JPG"]
    assert result.ignored == 2


def test_catalogues_and_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    for folder in ("mine.lookalike", ".hidden", "open"):
        (tmp_path / folder).mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / folder / "a.png")
    assert [found.raw_path for found in walk(tmp_path).found] == [b"open/a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "inner" / "a.png")
    (tmp_path / "inner" / "again").symlink_to(tmp_path)
    (tmp_path / "dangling.png").symlink_to(tmp_path / "nowhere.png")
    result = walk(tmp_path)
    assert [found.raw_path for found in result.found] == [b"inner/a.png"]
    assert [(one.raw_path, one.reason) for one in result.refused] == [
        (b"dangling.png", "the link leads nowhere")
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.png"
    Image.new("RGB", (4, 4)).save(os.fsdecode(raw))
    (found,) = walk(tmp_path).found
    assert found.raw_path == b"caf\xe9.png"
    assert display(found.raw_path) == "caf\\xe9.png"


def test_display_composes() -> None:
    assert display("cafe\u0301.png".encode()) == "café.png"


def test_a_missing_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        walk(tmp_path / "nowhere")
