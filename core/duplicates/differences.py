"""What differs between two versions of a picture, named, once one lies over the other."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import difference_bits
from core.duplicates.agreement import Agreement
from core.duplicates.features import Look
from core.duplicates.laying import GREY, by_cells, lay, overlaps
from core.duplicates.registration import Transform, inverse

_LOSSY = {"JPEG", "MPO", "WEBP", "HEIF", "AVIF", "JPEG2000", "JXL"}
# From here on a difference is named: degrees, shares, grey levels, ratios.
_TURN, _STRETCH, _SCALE, _LOST, _CORNERS = 0.8, 1.03, 0.02, 0.02, 0.13
_BRIGHTNESS, _CHROMA, _BYTES = 6.0, 5.0, 1.3
_SOFT, _SOFTER, _NATURAL = 0.84, 0.66, 0.35
# Outside is even where so much of it is within so many levels of its median; a caption leaves this much even.
_EVEN_LEVELS, _EVEN, _MOSTLY_EVEN = 20, 0.93, 0.45
_PX, _FINE_PX = 96, 256


@dataclass(frozen=True, slots=True)
class Facts:
    """Of a file: its upright sides in pixels, its format, its bytes (0 where not known), its frames or pages."""

    width: int
    height: int
    format: str
    size_bytes: int
    frames: int = 1


@dataclass(frozen=True, slots=True)
class Moves:
    """What a transform does, in pixels of the full pictures: ``is_mirrored``, then turned by ``quarters`` and
    ``degrees``, larger by ``scale``, and one way more than the other by ``stretch``."""

    is_mirrored: bool
    quarters: int
    degrees: float
    scale: float
    stretch: float


def moves(transform: Transform, a: Facts, b: Facts) -> Moves:
    """Take a transform apart."""
    linear = np.diag([b.width, b.height]) @ transform[:, :2] @ np.diag([1 / a.width, 1 / a.height])
    is_mirrored = bool(np.linalg.det(linear) < 0)
    if is_mirrored:
        linear = linear @ np.diag([-1.0, 1.0])
    degrees = float(
        np.rad2deg(np.arctan2(linear[1, 0] - linear[0, 1], linear[0, 0] + linear[1, 1]))
    )
    quarters = round(degrees / 90)
    rest = degrees - 90 * quarters
    quarters %= 4
    if is_mirrored and quarters == 2:  # upside down in a mirror is a mirror lying down
        quarters = 0
    large, small = np.linalg.svd(linear, compute_uv=False)
    return Moves(is_mirrored, quarters, rest, float(np.sqrt(large * small)), float(large / small))


def named(
    a: Look, b: Look, facts: tuple[Facts, Facts], transform: Transform, found: Agreement
) -> tuple[int, bool]:
    """(bits of all that differs, whether one shows a part of the other)."""
    one, other = facts
    words: set[str] = set()
    how = moves(transform, one, other)
    if how.is_mirrored:
        words.add("mirrored")
    if how.quarters:
        words.add("turned")
    is_rotated = abs(how.degrees) > _TURN
    if is_rotated:
        words.add("rotated")
    if how.stretch > _STRETCH:
        words.add("stretched")
    lost = _outside(a, b, transform, is_rotated)
    words |= lost
    turned = (other.height, other.width) if how.quarters % 2 else (other.width, other.height)
    is_resized = abs(np.log(how.scale)) > _SCALE or how.stretch > _STRETCH
    if is_resized or ((one.width, one.height) != turned and not lost and not is_rotated):
        words.add("size")
    words |= _sharpness(a, b, transform, found, is_plain=not words - {"mirrored", "turned"})
    words |= _tones(found)
    words |= _within(found)
    words |= _files(one, other, bool(words - {"size"}))
    is_part = "cropped" in words and min(overlaps(transform)) < 0.9
    return difference_bits(sorted(words)), is_part


def of_files(one: Facts, other: Facts) -> int:
    """Bits of what differs between two files that show the same throughout."""
    return difference_bits(sorted(_files(one, other, is_changed=False)))


def _files(one: Facts, other: Facts, is_changed: bool) -> set[str]:
    words = set()
    if one.format != other.format:
        words.add("format")
    is_lossy = one.format in _LOSSY or other.format in _LOSSY
    density = [each.size_bytes / max(1, each.width * each.height) for each in (one, other)]
    is_denser = min(density) > 0 and max(density) > _BYTES * min(density)
    if is_lossy and is_denser and one.format == other.format:
        words.add("recompressed")
    if not words and not is_changed and (one.width, one.height) == (other.width, other.height):
        words.add("recompressed" if is_lossy else "retouched")
    return words


def _outside(a: Look, b: Look, transform: Transform, is_rotated: bool) -> set[str]:
    """What is there of one and not of the other: a border, a bar with words, or more of the picture."""
    words: set[str] = set()
    for look, other, way, share in (
        (a, b, transform, overlaps(transform)[0]),
        (b, a, inverse(transform), overlaps(transform)[1]),
    ):
        if 1 - share < _LOST:
            continue
        kind = _kind_outside(look, other, way)
        if is_rotated and (kind == "border" or 1 - share < _CORNERS):
            continue  # corners: filled, or cut off
        words.add(kind)
    return words


def _kind_outside(look: Look, other: Look, way: Transform) -> str:
    scale = _PX / max(look.width, look.height)
    size = max(2, round(look.width * scale)), max(2, round(look.height * scale))
    small = cv2.resize(look.rgb, size, interpolation=cv2.INTER_AREA).astype(np.int16)
    x, y = np.meshgrid((np.arange(size[0]) + 0.5) / size[0], (np.arange(size[1]) + 0.5) / size[1])
    there = np.stack([x, y, np.ones_like(x)], axis=2) @ way.T
    # A little apart from the edge, where the two run into each other.
    apart = 1.2 / size[0] * np.abs(way[:, 0]).max() + 1.2 / size[1] * np.abs(way[:, 1]).max()
    outside = np.any((there < -apart) | (there > 1 + apart), axis=2)
    if outside.sum() < 4:
        return "cropped"
    pixels = small[outside]
    even = float((np.abs(pixels - np.median(pixels, axis=0)).max(axis=1) <= _EVEN_LEVELS).mean())
    if even >= _EVEN:
        return "border"
    return "caption" if even >= _MOSTLY_EVEN and _is_bar(outside, small) else "cropped"


def _is_bar(outside: NDArray[np.bool_], small: NDArray[np.int16]) -> bool:
    """Whether it lies on one side only (or on two that are opposite), and begins and ends in one colour."""
    rows, columns = outside.mean(axis=1) > 0.9, outside.mean(axis=0) > 0.9
    if rows.any() == columns.any():
        return False
    lines = small[rows] if rows.any() else small.transpose(1, 0, 2)[columns]
    ends = lines[[0, -1]].reshape(-1, 3)
    return bool((np.abs(ends - np.median(ends, axis=0)).max(axis=1) <= _EVEN_LEVELS).mean() > 0.85)


def _tones(found: Agreement) -> set[str]:
    agree = (found.agree > 0.5) & (found.weight > 0.6)
    if agree.sum() < 4:
        return set()
    one, other = (by_cells(part)[agree] for part in (found.laid.one, found.laid.other))
    grey, other_grey = one @ GREY, other @ GREY
    words = set()
    gain = float(other_grey.sum() / max(1.0, float(grey.sum())))
    if np.abs(other_grey - grey).mean() > _BRIGHTNESS:
        words.add("brightness")
    chroma = np.abs((one - grey[:, None]) * gain - (other - other_grey[:, None])).mean()
    if chroma > _CHROMA * max(0.5, min(1.0, gain)):
        words.add("recoloured")
    return words


def _sharpness(
    a: Look, b: Look, transform: Transform, found: Agreement, *, is_plain: bool
) -> set[str]:
    """By the energy of fine against middling detail, at the finest scale that both have. Sampling anew softens a
    little: where one had to be (not ``is_plain``), more is asked."""
    laid = lay(a, b, transform, _FINE_PX, is_grey=True, smooth_px=0.0)
    if laid is None:
        return set()
    both = laid.both.astype(np.uint8)
    # Not where something else is written or painted over.
    agree = (found.agree > 0.5).astype(np.uint8)
    both &= np.asarray(
        cv2.resize(agree, both.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8
    )
    ratios = []
    for part in (laid.one, laid.other):
        fine = cv2.GaussianBlur(part, (5, 5), 0.8)
        middle = cv2.GaussianBlur(part, (15, 15), 2.5)
        energy = cv2.norm(part, fine, cv2.NORM_L2, both), cv2.norm(fine, middle, cv2.NORM_L2, both)
        ratios.append(float(energy[0]) / max(1.0, float(energy[1])))
    soft, sharp = min(ratios), max(ratios)
    if soft > (_SOFT if is_plain else _SOFTER) * sharp:
        return set()
    return {"sharpened"} if soft > _NATURAL else {"blurred"}


def _within(found: Agreement) -> set[str]:
    """Places where both show the same part, and not the same: words on a band, or something else."""
    bad = (found.agree < 0.4) & (found.weight > 0.7)
    rows, columns = bad.shape
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(bad.astype(np.uint8), connectivity=8)
    del labels
    words = set()
    for x, y, wide, high, area in boxes[1:count].tolist():
        is_seam = min(x, y, columns - x - wide, rows - y - high) == 0 and min(wide, high) == 1
        if area < 3 or is_seam:
            continue
        is_band = wide >= 1.8 * high or (wide >= 0.8 * columns and high <= 0.45 * rows)
        words.add("caption" if is_band and area >= 4 else "retouched")
    if "caption" in words and sum(boxes[1:count, 4]) < 2 * max(boxes[1:count, 4]):
        words.discard("retouched")
    return words
