"""Whether two contents show the same picture: laid over each other, measured, and what differs named."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import Kind
from core.duplicates.agreement import Agreement, agreement, roughly
from core.duplicates.differences import Facts, moves, named, of_files
from core.duplicates.features import Keypoints, Look
from core.duplicates.laying import overlaps
from core.duplicates.refining import refined
from core.duplicates.registration import Transform, by_keypoints, inverse, whole_frames

# From this score on a pair is a link; below it it is refuted.
LEAST_SCORE = 0.4
# Frames that are so much alike are tried first (where very much so, to the end at once), those that are somewhat
# alike where keypoints are few; after a result as good as this no other is tried, and none goes on that is as bad as
# that at half the size.
_VERY_ALIKE, _ALIKE, _SOMEWHAT_ALIKE, _FEW_KEYPOINTS = 0.97, 0.9, 0.6, 40
_GOOD, _HOPELESS = 0.9, 0.25
# An edit turns a picture by any angle, or it stretches it; who does both at once has rather moved the camera.
_ANY_DEGREES, _ANY_STRETCH = 0.25, 0.008
_MEAN_LEVELS, _MOST_LEVELS, _LEAST_EVIDENCE = 1.0, 6, 6.0
_IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A thumbnail, and the facts of the file that it is of."""

    look: Look
    facts: Facts


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """``score`` 0 to 1: how much of what both show agrees. ``kind`` None: not the same picture. ``differs``: bits by
    place in DIFFERENCES. ``overlaps``: the share of each that the other shows. ``transform`` float64 [2, 3] takes
    points of one to the other in shares of the sides."""

    score: float
    kind: Kind | None
    differs: int
    overlaps: tuple[float, float]
    transform: Transform


_NOTHING = Comparison(0.0, None, 0, (0.0, 0.0), _IDENTITY)


def picture(
    rgb: NDArray[np.uint8], *, width: int, height: int, format: str = "", size_bytes: int = 0
) -> Picture:
    """Of a thumbnail [h, w, 3] uint8 RGB of a file with these upright sides."""
    return Picture(Look(rgb), Facts(width, height, format, size_bytes))


def from_jpeg(jpeg: bytes, facts: Facts, found: Keypoints | None = None) -> Picture | None:
    """The same of a thumbnail as it is kept; None where it cannot be read. ``found`` are its keypoints, where they are
    known from before."""
    pixels = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        return None
    return Picture(Look(np.asarray(pixels, dtype=np.uint8), found), facts)


def compare(one: Picture, other: Picture) -> Comparison:
    """Lay one over the other and measure. The same either way round, and each time."""
    if one.look.key < other.look.key:
        return reversed_(_compare(other, one))
    return _compare(one, other)


def reversed_(found: Comparison) -> Comparison:
    """The same, seen from the other picture."""
    return Comparison(
        found.score,
        found.kind,
        found.differs,
        (found.overlaps[1], found.overlaps[0]),
        inverse(found.transform),
    )


def _compare(a: Picture, b: Picture) -> Comparison:
    result = _registered(a.look, b.look)
    if result is None or result[1].evidence < _LEAST_EVIDENCE:
        return _equal(a, b)
    transform, found = result
    how = moves(transform, a.facts, b.facts)
    oddness = min(abs(how.degrees) / _ANY_DEGREES, np.log(how.stretch) / _ANY_STRETCH)
    score = found.score / (1 + 0.25 * float(oddness) ** 2)
    if score < LEAST_SCORE:
        return Comparison(score, None, 0, overlaps(transform), transform)
    differs, is_part = named(a.look, b.look, (a.facts, b.facts), transform, found)
    kind: Kind = "part-of" if is_part else "near"
    return Comparison(score, kind, differs, overlaps(transform), transform)


def _registered(a: Look, b: Look) -> tuple[Transform, Agreement] | None:
    """The best way to lay a over b: by whole frames where these are much alike, else by keypoints, and where there
    are few of those by frames that are somewhat alike."""
    best: tuple[Transform, Agreement] | None = None
    frames = whole_frames(a, b)
    surely = [one for one in frames if one[0] >= _ALIKE]
    for alike, transform in surely[:2]:
        best = _better(best, _tried(a, b, transform, is_sure=alike >= _VERY_ALIKE))
        if best is not None and best[1].score >= _GOOD:
            return best
    voted = by_keypoints(a, b)
    if voted is not None:
        best = _better(best, _tried(a, b, voted[1]))
    elif min(len(a.keypoints.at), len(b.keypoints.at)) < _FEW_KEYPOINTS:
        for alike, transform in frames[len(surely) :][:2]:
            if alike >= _SOMEWHAT_ALIKE:
                best = _better(best, _tried(a, b, transform))
    return best


def _better(
    one: tuple[Transform, Agreement] | None, other: tuple[Transform, Agreement] | None
) -> tuple[Transform, Agreement] | None:
    if one is None or other is None:
        return one or other
    return other if other[1].score > one[1].score else one


def _tried(
    a: Look, b: Look, transform: Transform, *, is_sure: bool = False
) -> tuple[Transform, Agreement] | None:
    """A hypothesis brought to the point, as far as it is worth it."""
    if not is_sure:
        transform = refined(a, b, transform, 64, 3)
        if roughly(a, b, transform, 64) < _HOPELESS:
            return None
    transform = refined(a, b, transform, 128, 3)
    found = agreement(a, b, transform, 128)
    return None if found is None else (transform, found)


def _equal(a: Picture, b: Picture) -> Comparison:
    """Pictures with too little in them to tell by (a blank page): the same only where they are so everywhere."""
    one, other = a.look.rgb, b.look.rgb
    if one.shape != other.shape or (a.facts.width, a.facts.height) != (
        b.facts.width,
        b.facts.height,
    ):
        return _NOTHING
    mean = cv2.norm(one, other, cv2.NORM_L1) / one.size
    if mean > _MEAN_LEVELS or cv2.norm(one, other, cv2.NORM_INF) > _MOST_LEVELS:
        return _NOTHING
    return Comparison(
        1.0 - float(mean) / 255, "near", of_files(a.facts, b.facts), (1.0, 1.0), _IDENTITY
    )
