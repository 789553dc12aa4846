"""The embedded encoder: unit vectors, the same everywhere, and nearer for what looks nearer."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.encoders.builtin import Builtin, random_frequencies
from core.encoders.builtin_constants import DIM, SIZE_PX
from core.images.decode import DecodeTask, decode

# Pinned: another key means that every stored vector must be made again.
KEY = "builtin-d4f8849e74923957"

FIRST_FREQUENCIES = [8, 56, -40, -56]

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def encoder() -> Builtin:
    return Builtin()


def picture(shape: str, colour: str, ground: str, shift_px: int = 0) -> Pixels:
    image = Image.new("RGB", (SIZE_PX, SIZE_PX), ground)
    draw = ImageDraw.Draw(image)
    left, right = 24 + shift_px, 72 + shift_px
    if shape == "disc":
        draw.ellipse((left, 24, right, 72), fill=colour)
    elif shape == "cross":
        draw.rectangle((left + 18, 16, right - 18, 80), fill=colour)
        draw.rectangle((left, 40, right, 56), fill=colour)
    else:
        draw.polygon(((left, 76), (right, 76), ((left + right) // 2, 20)), fill=colour)
    return np.asarray(image)


def noise(count: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (count, SIZE_PX, SIZE_PX, 3), dtype=np.uint8)


def test_it_says_what_it_is(encoder: Builtin) -> None:
    assert (encoder.name, encoder.dim, encoder.has_words) == ("builtin", DIM, False)
    assert encoder.dim <= 2048
    assert encoder.preprocessing.size_px == SIZE_PX
    assert encoder.preprocessing.fit == "squash"


def test_the_key_is_stable(encoder: Builtin) -> None:
    assert encoder.key == KEY
    assert Builtin().key == KEY


def test_a_vector_is_pinned(encoder: Builtin) -> None:
    row = encoder.encode_images(picture("cross", "firebrick", "lightsteelblue")[None])[0]
    expected = [0.0183, 0.0014, 0.0310, 0.0308, 0.0074, -0.0257, 0.0340, 0.0058]
    np.testing.assert_allclose(row[::256], expected, atol=2e-4)


def test_the_frequencies_are_pinned_and_orthogonal() -> None:
    rows = random_frequencies(48, 130, gamma=3.0, seed=1).astype(np.float64)
    assert rows.shape == (130, 48)
    whole = random_frequencies(64, 64, gamma=3.0, seed=1).astype(np.float64)
    np.testing.assert_allclose(whole @ whole.T, 3.0 * 64 * np.eye(64), atol=1e-3)
    np.testing.assert_array_equal(whole[:, :48], rows[:64])
    # Whole numbers up to the scale: 64 rows of length sqrt(gamma * 64), entries k * sqrt(3) / 64.
    np.testing.assert_allclose(whole[0, :4] * 64 / np.sqrt(3.0), FIRST_FREQUENCIES, atol=1e-4)


def test_vectors_are_unit_length(encoder: Builtin) -> None:
    rows = encoder.encode_images(noise(5))
    assert rows.shape == (5, DIM)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_no_pictures_give_no_rows(encoder: Builtin) -> None:
    assert encoder.encode_images(noise(0)).shape == (0, DIM)


def test_the_same_picture_gives_the_same_bits(encoder: Builtin) -> None:
    pixels = noise(3)
    np.testing.assert_array_equal(encoder.encode_images(pixels), Builtin().encode_images(pixels))


def test_the_batch_does_not_matter(encoder: Builtin) -> None:
    pixels = noise(70)
    together = encoder.encode_images(pixels)
    alone = np.concatenate([encoder.encode_images(pixels[i : i + 1]) for i in (0, 1, 63, 64, 69)])
    np.testing.assert_allclose(together[[0, 1, 63, 64, 69]], alone, atol=2e-5)
    np.testing.assert_allclose(together[::-1], encoder.encode_images(pixels[::-1]), atol=2e-5)


def test_read_only_pixels_are_welcome(encoder: Builtin) -> None:
    pixels = noise(2)
    pixels.flags.writeable = False
    assert np.isfinite(encoder.encode_images(pixels)).all()


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_flat_pictures_give_finite_unit_vectors(encoder: Builtin, level: int) -> None:
    rows = encoder.encode_images(np.full((1, SIZE_PX, SIZE_PX, 3), level, np.uint8))
    assert np.isfinite(rows).all()
    np.testing.assert_allclose(np.linalg.norm(rows), 1, atol=1e-5)


def test_a_speck_of_one_level_leaves_a_flat_picture_near(encoder: Builtin) -> None:
    flat = np.full((SIZE_PX, SIZE_PX, 3), 128, np.uint8)
    speck = flat.copy()
    speck[10, 10] += 1
    rows = encoder.encode_images(np.stack((flat, speck)))
    assert rows[0] @ rows[1] > 0.8


def test_a_picture_of_one_pixel(encoder: Builtin, tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    Image.new("RGB", (1, 1), "teal").save(path)
    pixels = decode(DecodeTask(os.fsencode(path), square_px=SIZE_PX))[1]
    assert pixels is not None
    assert np.isfinite(encoder.encode_images(pixels[None])).all()


def test_grey_pictures_are_compared_by_shape(encoder: Builtin) -> None:
    rows = encoder.encode_images(
        np.stack(
            (
                picture("disc", "#404040", "#c0c0c0"),
                picture("disc", "#505050", "#b0b0b0", shift_px=2),
                picture("triangle", "#404040", "#c0c0c0"),
            )
        )
    )
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


def test_alike_is_nearer(encoder: Builtin) -> None:
    """The same thing moved a little beats the same colours, which beat nothing in common."""
    red, moved, shape_only, colour_only, other = encoder.encode_images(
        np.stack(
            (
                picture("cross", "red", "white"),
                picture("cross", "red", "white", shift_px=2),
                picture("cross", "blue", "lightyellow"),
                picture("disc", "red", "white"),
                picture("triangle", "green", "black"),
            )
        )
    )
    assert red @ moved > max(red @ shape_only, red @ colour_only) + 0.1
    assert min(red @ shape_only, red @ colour_only) > red @ other


def test_neither_shape_nor_colour_drowns_the_other(encoder: Builtin) -> None:
    """Where one does not tell things apart, the other does."""
    colours, shapes = ("red", "orange", "royalblue"), ("disc", "cross", "triangle")
    for shape in shapes:
        assert_moved_copies_are_found(encoder, [(shape, colour) for colour in colours])
    for colour in colours:
        assert_moved_copies_are_found(encoder, [(shape, colour) for shape in shapes])


def assert_moved_copies_are_found(encoder: Builtin, things: list[tuple[str, str]]) -> None:
    pictures = [picture(shape, colour, "dimgrey") for shape, colour in things]
    moved = [picture(shape, colour, "dimgrey", shift_px=3) for shape, colour in things]
    scores = encoder.encode_images(np.stack(moved)) @ encoder.encode_images(np.stack(pictures)).T
    right = np.diag(scores)
    wrong = np.where(np.eye(len(things), dtype=bool), -1, scores).max(1)
    assert (right > wrong + 0.05).all()


def test_a_smaller_copy_stays_near(encoder: Builtin, tmp_path: Path) -> None:
    image = Image.fromarray(picture("triangle", "seagreen", "bisque")).resize((400, 300))
    image.save(tmp_path / "large.png")
    image.resize((200, 150)).save(tmp_path / "small.jpg", quality=40)
    squares = [
        decode(DecodeTask(os.fsencode(tmp_path / name), square_px=SIZE_PX))[1]
        for name in ("large.png", "small.jpg")
    ]
    rows = encoder.encode_images(np.stack([square for square in squares if square is not None]))
    assert rows[0] @ rows[1] > 0.85


@pytest.mark.photos
def test_recall_on_photos(encoder: Builtin) -> None:
    """Leave-one-out R@1 over the test photos of the Grocery Store Dataset (Klasson et al. 2019)."""
    folder = os.environ.get("LOOKALIKE_PHOTOS")
    if not folder:
        pytest.skip("LOOKALIKE_PHOTOS names no folder")
    paths = sorted((Path(folder) / "test").rglob("*.jpg"))
    squares = [
        decode(DecodeTask(os.fsencode(path), square_px=SIZE_PX, with_thumbnail=False))[1]
        for path in paths
    ]
    rows = encoder.encode_images(np.stack([square for square in squares if square is not None]))
    rows = rows.astype(np.float16).astype(np.float32)  # as they are stored
    scores = rows @ rows.T
    np.fill_diagonal(scores, -1)
    classes = np.unique([path.parent.name for path in paths], return_inverse=True)[1]
    is_query = np.bincount(classes)[classes] > 1
    hits = classes[scores.argmax(1)] == classes
    assert hits[is_query].mean() >= 0.88
