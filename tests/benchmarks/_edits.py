"""What people do to a picture, each under a name: to make truth sets of duplicates, and of what only looks like one.

All is deterministic: ``edit.make(picture, number)`` gives the same pixels each time. ``transform`` takes a point of
the original to the edited picture, both in shares of width and height from edge to edge (0 to 1), as
``core.catalogue.links.Links.transforms`` does.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from _edit_bursts import exposed, moved, other_view
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Transform = NDArray[np.float64]
Random = np.random.Generator
Make = Callable[[Image.Image, Random], tuple[Image.Image, Transform]]

SAME: Transform = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
WORDS = (
    "Fresh today",
    "Sale",
    "IMG_2041.JPG",
    "Don't miss it!",
    "© 2014 A. Person",
    "when it is Monday",
)


@dataclass(frozen=True, slots=True)
class Edited:
    """An edited picture, and where the points of the original are in it (None: nowhere that a map could say)."""

    picture: Image.Image
    transform: Transform | None
    suffix: str
    options: dict[str, Any]

    def save(self, stem: Path) -> Path:
        """Write it as ``stem`` and its suffix; returns the path."""
        path = stem.with_name(stem.name + self.suffix)
        self.picture.save(path, **self.options)
        return path


@dataclass(frozen=True, slots=True)
class Edit:
    """``words`` are those of DIFFERENCES that it must be called by. ``is_hard``: the result is no duplicate of the
    original, though it looks like one. ``kept`` is the share of each side that is left of the original."""

    name: str
    apply: Make
    words: tuple[str, ...] = ()
    suffix: str = ".jpg"
    options: dict[str, Any] = field(default_factory=lambda: {"quality": 92})
    is_hard: bool = False
    kept: float = 1.0

    def make(self, picture: Image.Image, number: int = 0) -> Edited:
        """``picture``: upright RGB. ``number`` tells one picture's chance from another's."""
        random = np.random.default_rng([zlib.crc32(self.name.encode()), number])
        made, transform = self.apply(picture, random)
        return Edited(made, None if self.is_hard else transform, self.suffix, dict(self.options))


def opened(path: Path) -> Image.Image:
    """The picture of a file, upright, RGB."""
    with Image.open(path) as read:
        return ImageOps.exif_transpose(read).convert("RGB")


def moved_points(transform: Transform, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points [n, 2] of the original in the edited picture, [n, 2]."""
    return points @ transform[:, :2].T + transform[:, 2]


def _plain(change: Callable[[Image.Image], Image.Image]) -> Make:
    """Nothing moves."""
    return lambda picture, random: (change(picture), SAME)


def _resized(x: float, y: float) -> Make:
    def change(picture: Image.Image) -> Image.Image:
        size = (max(1, round(x * picture.width)), max(1, round(y * picture.height)))
        return picture.resize(size, Image.Resampling.LANCZOS)

    return _plain(change)


def _cropped(side: float) -> Make:
    """``side`` of each side is kept, anywhere in the picture."""

    def apply(picture: Image.Image, random: Random) -> tuple[Image.Image, Transform]:
        width, height = (max(1, round(side * one)) for one in picture.size)
        left = int(random.integers(0, picture.width - width + 1))
        top = int(random.integers(0, picture.height - height + 1))
        return _cut(picture, left, top, width, height)

    return apply


def _cut(
    picture: Image.Image, left: int, top: int, width: int, height: int
) -> tuple[Image.Image, Transform]:
    x, y = picture.width / width, picture.height / height
    transform = np.array([[x, 0, -left / width], [0, y, -top / height]])
    return picture.crop((left, top, left + width, top + height)), transform


def _turned(how: Image.Transpose, transform: list[list[float]]) -> Make:
    return lambda picture, random: (picture.transpose(how), np.array(transform))


def _rotated(degrees: float, is_filled: bool) -> Make:
    """About the middle, against the clock; the corners black, or cut off with all that reaches into them."""

    def apply(picture: Image.Image, random: Random) -> tuple[Image.Image, Transform]:
        angle = np.deg2rad(degrees)
        width, height = picture.size
        made = picture.rotate(degrees, Image.Resampling.BICUBIC)
        cos, sin, wide = np.cos(angle), np.sin(angle), width / height
        transform = np.array([[cos, sin / wide, 0], [-sin * wide, cos, 0]])
        transform[:, 2] = 0.5 - transform[:, :2].sum(axis=1) / 2
        if is_filled:
            return made, transform
        kept = 1 / (cos + sin * max(wide, 1 / wide))
        inner = [int(kept * one) for one in picture.size]
        cut, then = _cut(
            made, (width - inner[0]) // 2, (height - inner[1]) // 2, inner[0], inner[1]
        )
        return cut, _then(transform, then)

    return apply


def _then(first: Transform, second: Transform) -> Transform:
    linear = second[:, :2] @ first[:, :2]
    return np.column_stack([linear, second[:, :2] @ first[:, 2] + second[:, 2]])


def _together(*makes: Make) -> Make:
    """One after the other."""

    def apply(picture: Image.Image, random: Random) -> tuple[Image.Image, Transform]:
        transform = SAME
        for make in makes:
            picture, one = make(picture, random)
            transform = _then(transform, one)
        return picture, transform

    return apply


def _hue(picture: Image.Image) -> Image.Image:
    """Turned by 20 degrees."""
    hsv = np.asarray(picture.convert("HSV")).copy()
    hsv[..., 0] += 14
    return Image.fromarray(hsv, "HSV").convert("RGB")


def _warmer(picture: Image.Image) -> Image.Image:
    """Another white balance."""
    scaled = np.asarray(picture, dtype=np.float32) * np.array([1.18, 1.0, 0.8], dtype=np.float32)
    return Image.fromarray(scaled.clip(0, 255).astype(np.uint8))


def _enhanced(what: Any, factor: float) -> Make:
    return _plain(lambda picture: what(picture).enhance(factor))


def _framed(share: float, colour: str) -> Make:
    """A frame as wide as ``share`` of the longer side."""

    def apply(picture: Image.Image, random: Random) -> tuple[Image.Image, Transform]:
        edge = max(1, round(share * max(picture.size)))
        return _on_canvas(picture, (edge, edge, edge, edge), colour)

    return apply


def _on_canvas(
    picture: Image.Image, edges: tuple[int, int, int, int], colour: str
) -> tuple[Image.Image, Transform]:
    """``edges``: left, top, right, bottom, in pixels."""
    left, top, right, bottom = edges
    width, height = picture.width + left + right, picture.height + top + bottom
    made = Image.new("RGB", (width, height), colour)
    made.paste(picture, (left, top))
    x, y = picture.width / width, picture.height / height
    return made, np.array([[x, 0, left / width], [0, y, top / height]])


def _said(made: Image.Image, box: tuple[int, int, int, int], words: str, colour: str) -> None:
    """Write ``words`` as large as they fit into ``box``."""
    width, height = box[2] - box[0], box[3] - box[1]
    draw, size = ImageDraw.Draw(made), 0.62 * height
    font = ImageFont.load_default(size=max(6, size))
    taken = draw.textlength(words, font=font)
    if taken > 0.92 * width:
        font = ImageFont.load_default(size=max(6, size * 0.92 * width / taken))
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    draw.text(middle, words, fill=colour, font=font, anchor="mm")


def _caption_below(picture: Image.Image, random: Random) -> tuple[Image.Image, Transform]:
    """A white bar of 15 % of the height with words, under the picture."""
    bar = max(8, round(0.15 * picture.height))
    made, transform = _on_canvas(picture, (0, 0, 0, bar), "white")
    box = (0, picture.height, made.width, made.height)
    _said(made, box, str(random.choice(WORDS)), "black")
    return made, transform


def _caption_over(picture: Image.Image, random: Random) -> tuple[Image.Image, Transform]:
    """A dark band with words over 16 % of the picture, near its foot or its head."""
    made = picture.copy()
    high = max(8, round(0.16 * picture.height))
    top = int((0.04 if random.random() < 0.3 else 0.78) * picture.height)
    band = Image.new("RGB", (picture.width, high), "#202020")
    made.paste(band, (0, top), Image.new("L", band.size, 190))
    _said(made, (0, top, picture.width, top + high), str(random.choice(WORDS)), "white")
    return made, SAME


def _watermark(picture: Image.Image, random: Random) -> tuple[Image.Image, Transform]:
    """Light words across the middle, half transparent."""
    over = picture.copy()
    box = (0, int(0.4 * picture.height), picture.width, int(0.6 * picture.height))
    _said(over, box, str(random.choice(WORDS)), "white")
    return Image.blend(picture, over, 0.6), SAME


def _hard(change: Callable[[Image.Image, Random], Image.Image]) -> Make:
    return lambda picture, random: (change(picture, random), SAME)


_MIRROR = _turned(Image.Transpose.FLIP_LEFT_RIGHT, [[-1, 0, 1], [0, 1, 0]])
_QUARTER = _turned(Image.Transpose.ROTATE_90, [[0, 1, 0], [-1, 0, 1]])
_JPEG_30 = {"quality": 30}
_CROPPED = ("cropped",)

EDITS: tuple[Edit, ...] = (
    Edit("resize-50", _resized(0.5, 0.5), ("size",)),
    Edit("resize-150", _resized(1.5, 1.5), ("size",)),
    Edit("stretch", _resized(1.0, 0.88), ("size", "stretched")),
    Edit("jpeg-30", _plain(lambda one: one), ("recompressed",), options=_JPEG_30),
    Edit("png", _plain(lambda one: one), ("format",), ".png", {}),
    Edit("webp", _plain(lambda one: one), ("format",), ".webp", {"quality": 75}),
    # The sides are kept to so many per cent; of the area that is 81, 64, 49, 42 and 36.
    Edit("crop-90", _cropped(0.90), _CROPPED, kept=0.90),
    Edit("crop-80", _cropped(0.80), _CROPPED, kept=0.80),
    Edit("crop-70", _cropped(0.70), _CROPPED, kept=0.70),
    Edit("crop-65", _cropped(0.65), _CROPPED, kept=0.65),
    Edit("crop-60", _cropped(0.60), _CROPPED, kept=0.60),
    Edit("mirror", _MIRROR, ("mirrored",)),
    Edit("turn-90", _QUARTER, ("turned",)),
    Edit("turn-180", _turned(Image.Transpose.ROTATE_180, [[-1, 0, 1], [0, -1, 1]]), ("turned",)),
    Edit("turn-270", _turned(Image.Transpose.ROTATE_270, [[0, -1, 1], [1, 0, 0]]), ("turned",)),
    Edit("rotate-2", _rotated(2, True), ("rotated",)),
    Edit("rotate-5", _rotated(5, True), ("rotated",)),
    Edit("rotate-2-cut", _rotated(2, False), ("rotated",), kept=0.95),
    Edit("rotate-5-cut", _rotated(5, False), ("rotated",), kept=0.88),
    Edit("brighter", _enhanced(ImageEnhance.Brightness, 1.35), ("brightness",)),
    Edit("darker", _enhanced(ImageEnhance.Brightness, 0.65), ("brightness",)),
    Edit("contrast", _enhanced(ImageEnhance.Contrast, 1.4)),
    Edit("saturated", _enhanced(ImageEnhance.Color, 1.7), ("recoloured",)),
    Edit("hue", _plain(_hue), ("recoloured",)),
    Edit("warmer", _plain(_warmer), ("recoloured",)),
    Edit("grey", _plain(lambda one: one.convert("L").convert("RGB")), ("recoloured",)),
    Edit("caption-below", _caption_below, ("caption",)),
    Edit("caption-over", _caption_over, ("caption",)),
    Edit("watermark", _watermark),
    Edit("border-white", _framed(0.06, "white"), ("border",)),
    Edit("border-black", _framed(0.06, "black"), ("border",)),
    Edit("border-wide", _framed(0.15, "black"), ("border",)),
    Edit("blur", _plain(lambda one: one.filter(ImageFilter.GaussianBlur(max(one.size) / 200)))),
    Edit("sharpen", _plain(lambda one: one.filter(ImageFilter.UnsharpMask(2, 150, 2)))),
    Edit("mirror+jpeg-30", _MIRROR, ("mirrored", "recompressed"), options=_JPEG_30),
    Edit("crop-80+warmer", _together(_cropped(0.8), _plain(_warmer)), _CROPPED, kept=0.8),
    Edit("crop-80+mirror", _together(_cropped(0.8), _MIRROR), ("cropped", "mirrored"), kept=0.8),
    Edit("turn-90+brighter", _together(_QUARTER, _enhanced(ImageEnhance.Brightness, 1.3)), ("turned",)),
    Edit("resize-50+caption", _together(_resized(0.5, 0.5), _caption_below), ("size", "caption")),
    Edit("border+jpeg-30", _framed(0.06, "white"), ("border",), options=_JPEG_30),
    Edit("burst-view", _hard(other_view), is_hard=True),
    Edit("burst-moved", _hard(moved), is_hard=True),
    Edit("burst-exposure", _hard(exposed), is_hard=True),
)  # fmt: skip

BY_NAME = {one.name: one for one in EDITS}
DUPLICATES = tuple(one for one in EDITS if not one.is_hard)
HARD = tuple(one for one in EDITS if one.is_hard)


def is_lenient(name: str) -> bool:
    """Whether it is one that the overall promise leaves out: crops under 70 % of the side, and captions."""
    return name in ("crop-65", "crop-60") or "caption" in name
