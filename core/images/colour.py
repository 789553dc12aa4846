"""Any picture as 8-bit sRGB without transparency: modes, embedded colour profiles, neutral ground."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from core.images import depth

# What lies behind transparent pixels: light, neutral.
GROUND = (236, 236, 236)
_LONGEST_PROFILE_BYTES = 16 << 20
# A profile that moves no colour further than this (of 255) is sRGB under whatever name.
_SAME_AS_SRGB = 4
_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab "}


def to_srgb(image: Image.Image, factor: int = 1) -> tuple[Image.Image, list[str]]:
    """A loaded picture as mode RGB, its sides divided by ``factor``, and notes for the user.

    Reduced before anything else: what follows then costs as little as the small picture.
    """
    profile = image.info.get("icc_profile")
    notes: list[str] = []
    alpha: Image.Image | None = None
    if image.mode.startswith(("I", "F")):
        colour, alpha, note = _from_deep(image, factor)
        notes += [note] if note else []
    else:
        colour, alpha = _parts(_reduced(_plain(image), factor))
    colour, is_broken = _convert(colour, profile)
    if is_broken:
        notes.append("its colour profile is broken and was ignored")
    return _on_ground(colour, alpha), notes


def beyond_srgb(image: Image.Image) -> tuple[bytes, Image.Image | None]:
    """What ``to_srgb`` leaves out of a loaded picture of 8 bits: its colour space, empty where that is sRGB, and its
    transparency, None where there is none."""
    shown, alpha = _parts(_plain(image))
    profile = image.info.get("icc_profile")
    embedded = profile if isinstance(profile, bytes) else b""
    if shown.mode in ("RGB", "L"):
        is_other = bool(embedded) and _transform(embedded, shown.mode)[0] is not None
        return embedded if is_other else b"", alpha
    return shown.mode.encode() + embedded, alpha


def _plain(image: Image.Image) -> Image.Image:
    """In a mode whose numbers mean brightness, so that they can be averaged."""
    transparency = image.info.get("transparency")
    if image.mode in ("P", "PA"):
        has_alpha = image.mode == "PA" or transparency is not None
        has_alpha |= image.palette is not None and image.palette.mode == "RGBA"
        return image.convert("RGBA" if has_alpha else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("RGBa", "La"):
        return image.convert(image.mode.upper())
    if transparency is not None and image.mode in ("L", "RGB"):
        return _keyed(image, transparency)
    return image


def _keyed(image: Image.Image, key: object) -> Image.Image:
    """One colour of the picture is transparent. A 16-bit key may come with 8-bit pixels."""
    values = key if isinstance(key, tuple) else (key,)
    if len(values) != len(image.getbands()) or not all(isinstance(one, int) for one in values):
        return image
    if max(values) > 255:
        values = tuple(one >> 8 for one in values)
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    opaque = np.any(pixels != np.array(values, dtype=np.uint8), axis=2)
    clear = image.convert("RGB") if image.mode == "RGB" else image.convert("L")
    clear.putalpha(Image.fromarray(opaque.astype(np.uint8) * 255))
    return clear


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    return image.reduce(factor) if factor > 1 else image


def _parts(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colour and, where there is any that matters, transparency."""
    if image.mode not in ("RGBA", "LA"):
        return image, None
    alpha = image.getchannel("A")
    colour = image.convert("RGB" if image.mode == "RGBA" else "L")
    return colour, None if alpha.getextrema() == (255, 255) else alpha


def _from_deep(image: Image.Image, factor: int) -> tuple[Image.Image, Image.Image | None, str]:
    values = np.asarray(image)
    eight, note = depth.to_8_bits(values, factor)
    alpha = None
    key = image.info.get("transparency")
    if isinstance(key, int):
        opaque = depth.reduce((values != key).astype(np.uint8), factor) * 255
        alpha = Image.fromarray(opaque.astype(np.uint8))
    return Image.fromarray(eight), alpha, note


def _convert(colour: Image.Image, profile: object) -> tuple[Image.Image, bool]:
    """To RGB by the embedded profile, where it has one that fits; and whether that one is broken."""
    is_broken = False
    embedded = profile if isinstance(profile, bytes) else b""
    if embedded or colour.mode == "LAB":
        transform, is_broken, is_for = _transform(embedded, colour.mode)
        if transform is not None:
            fitting = colour if colour.mode == is_for else colour.convert(is_for)
            return ImageCms.applyTransform(fitting, transform) or fitting, False
    return (colour if colour.mode == "RGB" else colour.convert("RGB")), is_broken


@lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str) -> tuple[ImageCms.ImageCmsTransform | None, bool, str]:
    """How to get from a picture's mode and profile to sRGB: nothing where it is sRGB already.

    With it: whether the profile is broken, and the mode it takes. Grey pictures often carry the RGB
    profile of their camera.
    """
    srgb = ImageCms.createProfile("sRGB")
    if len(profile) > _LONGEST_PROFILE_BYTES:
        return None, True, mode
    try:
        if mode == "LAB":
            lab = ImageCms.createProfile("LAB")
            return ImageCms.buildTransform(lab, srgb, "LAB", "RGB"), False, mode
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space
        takes = next((one for one, name in _SPACES.items() if name == space), "")
        is_fitting = takes == mode or (takes == "RGB" and mode in ("L", "YCbCr", "HSV"))
        if not is_fitting:
            return None, True, mode
        transform = ImageCms.buildTransform(
            source, srgb, takes, "RGB", ImageCms.Intent.PERCEPTUAL, _FLAGS
        )
        if takes == "RGB" and _is_identity(transform):
            return None, False, mode
        return transform, False, takes
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None, True, mode


_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


def _is_identity(transform: ImageCms.ImageCmsTransform) -> bool:
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(9, 81, 3)
    moved = np.asarray(ImageCms.applyTransform(Image.fromarray(grid), transform))
    return int(np.abs(moved.astype(np.int16) - grid).max()) <= _SAME_AS_SRGB


def _on_ground(colour: Image.Image, alpha: Image.Image | None) -> Image.Image:
    if alpha is None:
        return colour
    ground = Image.new("RGB", colour.size, GROUND)
    ground.paste(colour, mask=alpha)
    return ground
