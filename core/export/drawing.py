"""Drawings of a few shapes, in points of a page: HTML writes them as SVG, the PDF paints them."""

from dataclasses import dataclass
from typing import Literal

# What a colour is for; whoever paints knows which it is, on light or on dark.
Role = Literal[
    "text", "muted", "border", "accent", "soft", "warning", "danger", "success", "second", "third", "fourth"
]  # fmt: skip
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Line:
    """From one point to another."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: Role
    width: float = 1.0
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """Through points, open."""

    points: tuple[tuple[float, float], ...]
    role: Role
    width: float = 1.75


@dataclass(frozen=True, slots=True)
class Area:
    """Between points, filled faintly."""

    points: tuple[tuple[float, float], ...]
    role: Role


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    role: Role


@dataclass(frozen=True, slots=True)
class Dot:
    """A disc; hollow ones are filled with the ground."""

    x: float
    y: float
    radius: float
    role: Role
    is_hollow: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; ``y`` is its base line."""

    x: float
    y: float
    text: str
    role: Role = "muted"
    size: float = 11.0
    anchor: Anchor = "start"


Shape = Line | Path | Area | Box | Dot | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes, the lowest first, on ``width`` by ``height``; ``words`` say to who cannot see it what it shows."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    words: str
