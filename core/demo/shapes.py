"""Outlines as arrays of points (n, 2) in canvas units: the geometry of the demo scenes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
TAU = 2 * np.pi


def points(*pairs: tuple[float, float]) -> Points:
    """Corners as given."""
    return np.array(pairs, dtype=np.float64)


def ellipse(
    x: float, y: float, rx: float, ry: float | None = None, turn: float = 0.0, count: int = 72
) -> Points:
    """An ellipse, or a circle where ``ry`` is not given; ``turn`` in radians."""
    angle = np.linspace(0, TAU, count, endpoint=False)
    outline = np.stack([rx * np.cos(angle), (rx if ry is None else ry) * np.sin(angle)], axis=1)
    return place(outline, x, y, turn=turn)


def place(
    outline: Points, x: float = 0.0, y: float = 0.0, size: float = 1.0, turn: float = 0.0
) -> Points:
    """Scale about the origin, turn (radians, clockwise on screen), then move."""
    cos, sin = np.cos(turn), np.sin(turn)
    spun = outline @ np.array([[cos, sin], [-sin, cos]])
    return np.asarray(spun * size + (x, y), dtype=np.float64)


def mirrored(outline: Points, x: float = 0.0) -> Points:
    """The outline on the other side of the upright line at ``x``."""
    return np.stack([2 * x - outline[:, 0], outline[:, 1]], axis=1)


def smooth(corners: Points, closed: bool = True, steps: int = 10) -> Points:
    """A Catmull-Rom curve through the corners."""
    if closed:
        padded = np.concatenate([corners[-1:], corners, corners[:2]])
    else:
        padded = np.concatenate([corners[:1], corners, corners[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for at in range(len(padded) - 3):
        a, b, c, d = padded[at : at + 4]
        parts.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    if not closed:
        parts.append(corners[-1:])
    return np.concatenate(parts)


def ribbon(line: Points, widths: float | Sequence[float] | NDArray[np.float64]) -> Points:
    """The outline of a stroke along ``line``; widths are spread evenly along it."""
    given = np.atleast_1d(np.asarray(widths, dtype=np.float64))
    along = np.linspace(0, 1, len(line))
    half = (
        np.interp(along, np.linspace(0, 1, len(given)), given) / 2
        if len(given) > 1
        else (np.full(len(line), given[0] / 2))
    )
    heading = np.gradient(line, axis=0)
    heading /= np.maximum(np.hypot(heading[:, 0], heading[:, 1]), 1e-9)[:, None]
    aside = np.stack([-heading[:, 1], heading[:, 0]], axis=1) * half[:, None]
    return np.concatenate([line + aside, (line - aside)[::-1]])


def rounded(x: float, y: float, width: float, height: float, radius: float) -> Points:
    """A rectangle from its top left corner, with round corners."""
    radius = min(radius, width / 2, height / 2)
    corners = []
    for at, (cx, cy) in enumerate(
        [
            (x + width - radius, y + height - radius),
            (x + radius, y + height - radius),
            (x + radius, y + radius),
            (x + width - radius, y + radius),
        ]
    ):
        angle = np.linspace(at * TAU / 4, (at + 1) * TAU / 4, 8)
        corners.append(np.stack([cx + radius * np.cos(angle), cy + radius * np.sin(angle)], 1))
    return np.concatenate(corners)


def box(x: float, y: float, width: float, height: float) -> Points:
    """A plain rectangle from its top left corner."""
    return points((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def blob(
    rng: np.random.Generator, x: float, y: float, radius: float, wobble: float = 0.12
) -> Points:
    """A soft, irregular round."""
    angle = np.linspace(0, TAU, 72, endpoint=False)
    away = np.ones_like(angle)
    for wave in range(2, 6):
        away += wobble / wave * 1.6 * rng.normal() * np.cos(wave * angle + rng.uniform(0, TAU))
    return np.stack([x + radius * away * np.cos(angle), y + radius * away * np.sin(angle)], 1)


def ridge(
    rng: np.random.Generator,
    width: float,
    level: float,
    height: float,
    waves: float,
    octaves: int = 5,
    rough: float = 0.5,
) -> Points:
    """A skyline from left to right about ``level`` (y), from gentle (rough 0.3) to craggy (0.6)."""
    x = np.linspace(-0.02, width + 0.02, 200)
    y = np.zeros_like(x)
    weight, total = 1.0, 0.0
    for octave in range(octaves):
        phase = rng.uniform(0, TAU, 2)
        speed = waves * 2**octave * rng.uniform(0.85, 1.15)
        y += weight * (np.sin(x * speed + phase[0]) + 0.5 * np.sin(x * speed * 1.7 + phase[1]))
        total += weight * 1.5
        weight *= rough
    return np.stack([x, level - height * y / total], axis=1)


def closed_below(line: Points, bottom: float) -> Points:
    """The area between a skyline and ``bottom``."""
    ends = np.array([[line[-1, 0], bottom], [line[0, 0], bottom]])
    return np.concatenate([line, ends])


def curve(*pairs: tuple[float, float], steps: int = 12) -> Points:
    """An open smooth line through the pairs."""
    return smooth(points(*pairs), closed=False, steps=steps)


def petal(length: float, width: float, tip: float = 0.5, point: float = 0.0) -> Points:
    """A petal or leaf from the origin upwards; ``tip`` says where it is widest, 0 to 1."""
    t = np.linspace(0, 1, 28)
    bulge = np.sin(np.pi * t ** (np.log(0.5) / np.log(np.clip(tip, 0.1, 0.9))))
    half = width / 2 * bulge ** (0.75 + point)
    side = np.stack([half, -length * t], axis=1)
    return np.concatenate([side, mirrored(side)[::-1]])
