"""What people do to a picture before they keep it twice: crop, flip, recolour, caption and so on."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]

_CAPTIONS = (
    "Wish you were here",
    "Greetings from our holiday",
    "For Grandma",
    "A quiet morning",
    "Thank you",
    "Save the date",
    "Our little find",
    "See you soon",
    "With love, Mia",
)


def edit(picture: Pixels, kind: str, seed: int) -> Pixels:
    """The edited picture (h, w, 3). ``kind`` as in DemoItem; recompressed changes nothing here."""
    rng = np.random.default_rng(seed)
    if kind == "crop":
        return _crop(picture, rng)
    if kind == "mirrored":
        return np.ascontiguousarray(picture[:, ::-1])
    if kind == "turned":
        return np.ascontiguousarray(np.rot90(picture, int(rng.choice((1, 3)))))
    if kind == "recoloured":
        return _recolour(picture, seed)
    if kind == "caption":
        return _caption(picture, seed)
    if kind == "resized":
        height, width = picture.shape[:2]
        share = rng.uniform(0.45, 0.62)
        small = Image.fromarray(picture).resize(
            (round(width * share), round(height * share)), Image.Resampling.LANCZOS
        )
        return np.asarray(small)
    return picture


def _crop(picture: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = picture.shape[:2]
    keep_h, keep_w = (round(side * rng.uniform(0.76, 0.87)) for side in (height, width))
    top = int(rng.integers(0, height - keep_h + 1))
    left = int(rng.integers(0, width - keep_w + 1))
    return np.ascontiguousarray(picture[top : top + keep_h, left : left + keep_w])


def _recolour(picture: Pixels, seed: int) -> Pixels:
    colours = picture.astype(np.float32) / 255.0
    grey = colours @ np.array([0.299, 0.587, 0.114], np.float32)
    done: NDArray[np.float32 | np.float64]
    kind = seed % 5
    if kind == 0:  # warm
        done = colours * np.array([1.12, 1.0, 0.8], np.float32) + np.array(
            [0.03, 0.0, 0.0], np.float32
        )
    elif kind == 1:  # cool
        done = colours * np.array([0.82, 0.98, 1.14], np.float32)
    elif kind == 2:  # faded
        done = 0.14 + 0.78 * (0.55 * colours + 0.45 * grey[..., None])
    elif kind == 3:  # sepia
        done = grey[..., None] * np.array([1.08, 0.9, 0.68], np.float32) * 0.8 + colours * 0.2
    else:  # vivid
        done = grey[..., None] + (colours - grey[..., None]) * 1.7
        done = 0.5 + (done - 0.5) * 1.12
    return np.asarray(np.clip(done, 0, 1) * 255 + 0.5, dtype=np.uint8)


def _caption(picture: Pixels, seed: int) -> Pixels:
    height, width = picture.shape[:2]
    text = _CAPTIONS[seed % len(_CAPTIONS)]
    font = ImageFont.load_default(size=round(width * 0.055))
    band = round(width * 0.11)
    if seed % 2:  # a card: paper all around, the words below
        rim = round(width * 0.03)
        card = Image.new("RGB", (width + 2 * rim, height + rim + band), "#fbf8f1")
        card.paste(Image.fromarray(picture), (rim, rim))
        spot, ink = (card.width / 2, height + rim + band / 2), "#3a3640"
    else:  # a post: the words on a dark strip over the picture
        card = Image.fromarray(picture)
        strip = Image.new("RGB", (width, band), "#14151f")
        top = height - band - round(height * 0.05)
        card.paste(strip, (0, top), Image.new("L", (width, band), 150))
        spot, ink = (width / 2, top + band / 2), "#ffffff"
    ImageDraw.Draw(card).text(spot, text, fill=ink, font=font, anchor="mm")
    return np.asarray(card)
