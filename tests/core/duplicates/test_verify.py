"""Verifying on pixels: each edit is recognised, laid over rightly and named; what is no copy is refused."""

import io
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from core.catalogue.links import difference_bits, difference_names
from core.duplicates.differences import Facts
from core.duplicates.verify import Comparison, Picture, compare, from_jpeg, picture

LINK = 0.8  # the score from which links count, unless a person says otherwise
WIDTH, HEIGHT = 400, 300
Edit = Callable[[Image.Image], Image.Image]


@cache
def scene(seed: int) -> Image.Image:
    """Things of all sizes on a ground with grain, in colours of their own."""
    random, size = np.random.default_rng(seed), (WIDTH, HEIGHT)
    made = Image.fromarray(random.integers(60, 190, (4, 5, 3), dtype=np.uint8))
    made = made.resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(made)
    for _ in range(70):
        x, y = random.uniform(0, 1, 2) * size
        radius = float(random.uniform(0.01, 0.09)) * max(size)
        box = (x - radius, y - 0.7 * radius, x + radius, y + 0.7 * radius)
        colour = tuple(int(one) for one in random.integers(0, 256, 3))
        (pen.ellipse if random.random() < 0.5 else pen.rectangle)(box, fill=colour)
    grain = random.normal(0, 5, (size[1], size[0], 1))
    return Image.fromarray((np.asarray(made) + grain).clip(0, 255).astype(np.uint8))


def shown(made: Image.Image, *, format: str = "JPEG", size_bytes: int = 0) -> Picture:
    """As the catalogue has it: a JPEG of 256 px."""
    small = made.copy()
    small.thumbnail((256, 256), Image.Resampling.HAMMING)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    found = from_jpeg(out.getvalue(), Facts(made.width, made.height, format, size_bytes))
    assert found is not None
    return found


def coarse(made: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    made.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def captioned(made: Image.Image) -> Image.Image:
    """A bar with words over the foot."""
    out = made.copy()
    pen = ImageDraw.Draw(out)
    pen.rectangle((0, out.height - 50, out.width, out.height), fill="black")
    pen.text((20, out.height - 45), "Words over it", fill="white", font_size=34)
    return out


def below(made: Image.Image) -> Image.Image:
    """A bar with words under the foot."""
    out = ImageOps.expand(made, (0, 0, 0, 50), fill="white")
    ImageDraw.Draw(out).text((20, made.height + 4), "Words below it", fill="black", font_size=34)
    return out


def recoloured(made: Image.Image) -> Image.Image:
    scaled = np.asarray(made, dtype=np.float64) * [1.2, 1.0, 0.7]
    return Image.fromarray(scaled.clip(0, 255).astype(np.uint8))


def retouched(made: Image.Image) -> Image.Image:
    out = made.copy()
    out.paste(made.crop((20, 20, 100, 90)), (200, 150))
    return out


def matrix(*rows: Sequence[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float64)


SAME = matrix((1, 0, 0), (0, 1, 0))
CROPPED = matrix((1 / 0.7, 0, -0.2 / 0.7), (0, 1 / 0.7, -0.1 / 0.7))
ANGLE = np.deg2rad(4.0)
TILTED = matrix((np.cos(ANGLE), np.sin(ANGLE) * 0.75, 0), (-np.sin(ANGLE) / 0.75, np.cos(ANGLE), 0))
TILTED[:, 2] = 0.5 - TILTED[:, :2].sum(axis=1) / 2
CROP = (80, 30, 360, 240)
EDITS: dict[str, tuple[Edit, np.ndarray, str]] = {
    "half": (lambda one: one.resize((200, 150)), SAME, "size"),
    "stretched": (lambda one: one.resize((400, 250)), SAME, "stretched"),
    "coarse": (lambda one: coarse(one, 30), SAME, "recompressed"),
    "cropped": (lambda one: one.crop(CROP), CROPPED, "cropped"),
    "mirrored": (ImageOps.mirror, matrix((-1, 0, 1), (0, 1, 0)), "mirrored"),
    "upside down": (lambda one: one.rotate(180), matrix((-1, 0, 1), (0, -1, 1)), "turned"),
    "quarter": (
        lambda one: one.transpose(Image.Transpose.ROTATE_90),
        matrix((0, 1, 0), (-1, 0, 1)),
        "turned",
    ),
    "tilted": (lambda one: one.rotate(4, Image.Resampling.BICUBIC), TILTED, "rotated"),
    "brighter": (lambda one: ImageEnhance.Brightness(one).enhance(1.3), SAME, "brightness"),
    "recoloured": (recoloured, SAME, "recoloured"),
    "grey": (lambda one: one.convert("L").convert("RGB"), SAME, "recoloured"),
    "words over": (captioned, SAME, "caption"),
    "words below": (below, matrix((1, 0, 0), (0, 300 / 350, 0)), "caption"),
    "framed": (
        lambda one: ImageOps.expand(one, 25, fill="white"),
        matrix((400 / 450, 0, 25 / 450), (0, 300 / 350, 25 / 350)),
        "border",
    ),
    "blurred": (lambda one: one.filter(ImageFilter.GaussianBlur(2)), SAME, "blurred"),
    "sharpened": (lambda one: one.filter(ImageFilter.UnsharpMask(2, 200, 0)), SAME, "sharpened"),
    "retouched": (retouched, SAME, "retouched"),
    "mirrored and cropped": (
        lambda one: ImageOps.mirror(one.crop(CROP)),
        matrix((-1 / 0.7, 0, 1 + 0.2 / 0.7), (0, 1 / 0.7, -0.1 / 0.7)),
        "cropped",
    ),
}  # fmt: skip
GRID = np.array([(x, y, 1) for x in (0.3, 0.5, 0.8) for y in (0.2, 0.5, 0.7)])


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_recognised_laid_over_and_named(name: str) -> None:
    change, transform, word = EDITS[name]
    original = scene(1)
    edited = shown(change(original), size_bytes=9_000)
    found = compare(shown(original, size_bytes=30_000), edited)
    assert found.score > LINK
    assert word in difference_names(found.differs)
    assert np.abs(GRID @ (found.transform - transform).T).max() < 0.005
    is_part = "cropped" in name
    assert found.kind == ("part-of" if is_part else "near")
    if is_part:
        assert found.overlaps[0] == pytest.approx(0.49, abs=0.01)
        assert found.overlaps[1] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("name", ["half", "brighter", "coarse", "quarter"])
def test_nothing_is_named_that_did_not_happen(name: str) -> None:
    change, _, word = EDITS[name]
    edited = change(scene(3))
    density = 0.25 if name != "coarse" else 0.1
    one = shown(scene(3), size_bytes=round(0.25 * WIDTH * HEIGHT))
    other = shown(edited, size_bytes=round(density * edited.width * edited.height))
    assert difference_names(compare(one, other).differs) == (word,)


def test_another_format_is_named() -> None:
    found = compare(shown(scene(4)), shown(scene(4), format="PNG"))
    assert (found.kind, difference_names(found.differs)) == ("near", ("format",))


@pytest.mark.parametrize("name", ["tilted", "mirrored and cropped"])
def test_it_is_the_same_from_both_sides_and_each_time(name: str) -> None:
    one, other = shown(scene(5)), shown(EDITS[name][0](scene(5)))
    there, back = compare(one, other), compare(other, one)
    assert (there.score, there.kind, there.differs) == (back.score, back.kind, back.differs)
    assert there.overlaps == back.overlaps[::-1]
    around = GRID @ there.transform.T
    assert np.allclose(np.column_stack([around, GRID[:, 2]]) @ back.transform.T, GRID[:, :2])
    again = compare(shown(scene(5)), shown(EDITS[name][0](scene(5))))
    assert np.array_equal(again.transform, there.transform) and again.score == there.score


def test_other_pictures_are_refused() -> None:
    pictures = [shown(scene(seed)) for seed in range(10, 14)]
    pairs = [(one, other) for place, one in enumerate(pictures) for other in pictures[:place]]
    assert all(compare(*pair).kind is None for pair in pairs)


def moved(made: Image.Image, seed: int, share: float) -> Image.Image:
    """The same scene from a little aside: what is nearer shifts more."""
    random = np.random.default_rng(seed)
    pixels = np.asarray(made)
    height, width = pixels.shape[:2]
    shifts = random.normal(0, share * width, (2, 5, 5)).astype(np.float32)
    large = [
        np.asarray(Image.fromarray(one).resize((width, height), Image.Resampling.BICUBIC))
        for one in shifts
    ]
    y, x = np.mgrid[0:height, 0:width]
    rows = np.clip(np.rint(y + large[1]), 0, height - 1).astype(int)
    columns = np.clip(np.rint(x + large[0]), 0, width - 1).astype(int)
    return Image.fromarray(pixels[rows, columns])


@pytest.mark.parametrize(("seed", "share"), [(20, 0.008), (21, 0.015), (20, 0.03)])
def test_a_second_photo_of_the_scene_is_no_copy(seed: int, share: float) -> None:
    original = scene(seed)
    assert compare(shown(original), shown(moved(original, seed, share))).score < LINK


def plain(levels: tuple[int, int, int], size: tuple[int, int] = (300, 200)) -> Picture:
    return shown(Image.new("RGB", size, levels))


def test_blank_pictures_are_the_same_only_where_they_are_equal() -> None:
    white = plain((255, 255, 255))
    assert compare(white, plain((255, 255, 255))).kind == "near"
    for other in (plain((240, 240, 240)), plain((255, 255, 255), (200, 300)), plain((0, 0, 0))):
        assert compare(white, other).kind is None
    spot = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(spot).ellipse((140, 90, 152, 102), fill="black")
    assert compare(white, shown(spot)).kind is None


def test_strokes_of_two_signs_are_two_pictures() -> None:
    drawn: list[list[tuple[int, int, int, int]]] = [
        [(20, 20, 80, 80)],
        [(20, 80, 80, 20), (50, 20, 50, 90)],
        [(30, 20, 30, 85), (30, 50, 75, 50)],
    ]
    signs = []
    for strokes in drawn:
        page = Image.new("RGB", (105, 105), "white")
        for line in strokes:
            ImageDraw.Draw(page).line(line, fill="black", width=3)
        signs.append(page)
    for place, one in enumerate(signs):
        assert compare(shown(one), shown(one.resize((210, 210)))).score > LINK
        for other in signs[:place]:
            assert compare(shown(one), shown(other)).score < LINK


@settings(max_examples=6, deadline=None)
@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300), st.integers(0, 3)),
    st.tuples(st.integers(1, 300), st.integers(1, 300), st.integers(0, 3)),
)
def test_any_size_has_an_answer(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    pictures = [made(*each) for each in (one, other)]
    found = compare(*pictures)
    assert 0 <= found.score <= 1 and all(0 <= share <= 1 for share in found.overlaps)
    assert np.isfinite(found.transform).all()
    assert found.kind is not None or found.differs == 0
    assert_same(compare(made(*one), made(*one)))


def made(width: int, height: int, seed: int) -> Picture:
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if seed == 0:
        pixels[:] = pixels[0, 0]
    scale = min(1.0, 256 / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return picture(np.asarray(Image.fromarray(pixels).resize(size)), width=width, height=height)


def assert_same(found: Comparison) -> None:
    assert found.kind == "near" and found.score > 0.99
    assert found.differs & ~difference_bits(["recompressed", "retouched"]) == 0


@pytest.mark.parametrize("size", [(1, 1), (256, 1), (4000, 12)])
def test_extreme_pictures_are_equal_to_themselves(size: tuple[int, int]) -> None:
    assert_same(compare(made(*size, seed=1), made(*size, seed=1)))
    assert_same(compare(made(*size, seed=0), made(*size, seed=0)))
    assert compare(made(*size, seed=1), shown(scene(1))).kind is None
