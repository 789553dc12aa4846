"""The icon in every form: each size drawn, none empty, and seen on light and dark."""

from pathlib import Path
from types import ModuleType

import pytest
from packaging_modules import ROOT, load
from PIL import Image

from app.style.tokens import DARK, LIGHT, contrast


@pytest.fixture(scope="module")
def icons() -> ModuleType:
    return load("icons")


@pytest.fixture(scope="module")
def folder(icons: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them, written once."""
    place = tmp_path_factory.mktemp("icons")
    icons.write_all(place)
    return place


def test_linux_has_every_size(icons: ModuleType, folder: Path) -> None:
    for size_px in icons.LINUX_PX:
        path = folder / "hicolor" / f"{size_px}x{size_px}" / "apps" / "lookalike.png"
        with Image.open(path) as image:
            assert image.size == (size_px, size_px)
            alpha = image.convert("RGBA").getchannel("A")
            assert alpha.getextrema() == (0, 255)
            assert 0.5 < sum(alpha.tobytes()) / (255 * size_px**2) < 0.9
    svg = folder / "hicolor" / "scalable" / "apps" / "lookalike.svg"
    assert svg.read_bytes() == (ROOT / "resources" / "icons" / "lookalike.svg").read_bytes()


def test_windows_and_mac_have_every_size(icons: ModuleType, folder: Path) -> None:
    with Image.open(folder / "lookalike.ico") as image:
        assert image.info["sizes"] == {(one, one) for one in icons.WINDOWS_PX}
        # Each drawn for itself: the small one is what was rendered, not the large one made small.
        image.size = (16, 16)
        assert image.convert("RGBA").tobytes() == icons.render(16).tobytes()
    with Image.open(folder / "lookalike.icns") as image:
        widths = {width * scale for width, _, scale in image.info["sizes"]}
    assert {32, 64, 128, 256, 512, 1024} <= widths


@pytest.mark.parametrize("size_px", [16, 32, 256])
def test_it_is_seen_on_light_and_dark(icons: ModuleType, size_px: int) -> None:
    image = icons.render(size_px)
    at = {
        "back": image.getpixel((size_px // 4, size_px // 4)),
        "front": image.getpixel((size_px * 4 // 5, size_px * 4 // 5)),
        "iris": image.getpixel((size_px // 2, size_px // 2)),
        "white": image.getpixel((size_px * 42 // 64, size_px * 22 // 64)),
    }
    colours = {name: "#{:02x}{:02x}{:02x}".format(*pixel) for name, pixel in at.items()}
    for ground in (LIGHT.canvas, DARK.panel):
        # One of the two shapes stands out on any ground, and the eye within them on both.
        assert max(contrast(colours[one], ground) for one in ("back", "front")) > 3
    assert contrast(colours["back"], colours["front"]) > 1.5
    assert contrast(colours["iris"], colours["white"]) > 7
