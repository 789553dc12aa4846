"""Charts of a report as drawings: lines over an axis, bars, and measures before and after with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.export.drawing import Anchor, Area, Box, Dot, Drawing, Line, Path, Role, Shape, Words

_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 14.0, 30.0, 36.0
_LINES: tuple[Role, ...] = ("accent", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its name, and (x, y) points; with ``band`` (x, low, high) around it."""

    name: str
    points: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    """From values to places on a drawing."""

    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def across(self, value: float) -> float:
        low, high = self.x
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_LEFT + share * (self.width - _LEFT - _RIGHT), 2)

    def up(self, value: float) -> float:
        low, high = self.y
        share = (value - low) / (high - low) if high > low else 0.5
        return round(self.height - _BOTTOM - share * (self.height - _TOP - _BOTTOM), 2)


def lines(
    width: float,
    series: Sequence[Series],
    words: str,
    *,
    x_title: str = "",
    y_range: tuple[float, float] | None = None,
    x_range: tuple[float, float] | None = None,
    mark: tuple[float, str] | None = None,
    height: float = 240.0,
) -> Drawing:
    """At most four lines over one axis, named above it; ``mark`` (x, what it is) is a dashed line across."""
    xs = [x for one in series for x, _ in one.points]
    ys = [y for one in series for _, y in one.points]
    frame = _Frame(width, height, x_range or _around(xs), y_range or _around(ys))
    shapes: list[Shape] = [*_grid(frame, x_title)]
    place = _LEFT
    for one, role in zip(series, _LINES, strict=False):
        if one.band:
            upper = [(frame.across(x), frame.up(high)) for x, _, high in one.band]
            lower = [(frame.across(x), frame.up(low)) for x, low, _ in reversed(one.band)]
            shapes.append(Area((*upper, *lower), role))
    if mark is not None:
        x = frame.across(mark[0])
        shapes.append(Line(x, _TOP, x, height - _BOTTOM, "text", 1.0, True))
        side: Anchor = "end" if x > width / 2 else "start"
        shapes.append(
            Words(x + (-5 if side == "end" else 5), height - _BOTTOM - 7, mark[1], "text", 11, side)
        )
    for one, role in zip(series, _LINES, strict=False):
        points = tuple((frame.across(x), frame.up(y)) for x, y in one.points)
        shapes.append(Path(points, role) if len(points) > 1 else Dot(*points[0], 3, role))
        shapes.append(Line(place, 12, place + 16, 12, role, 2.5))
        shapes.append(Words(place + 21, 16, one.name, "text"))
        place += 36 + 6.6 * len(one.name)
    return Drawing(width, height, tuple(shapes), words)


def columns(
    width: float, bars: Sequence[tuple[str, int]], words: str, *, height: float = 200.0
) -> Drawing:
    """A bar for each (name, count), with the count above it."""
    most = max((count for _, count in bars), default=1) or 1
    room = (width - 8) / max(1, len(bars))
    base, top = height - 22, 20.0
    shapes: list[Shape] = [Line(0, base, width, base, "border")]
    every = max(1, -(-len(bars) * 46 // int(width)))  # names that have room
    for place, (name, count) in enumerate(bars):
        high = (base - top) * count / most
        if count:
            high = max(high, 1.5)
        left, wide = 4 + (place + 0.12) * room, min(room * 0.76, 64)
        left, high, wide = (round(one, 2) for one in (left, high, wide))
        shapes.append(Box(left, round(base - high, 2), wide, high, "accent"))
        middle = round(left + wide / 2, 2)
        if place % every == 0:
            shapes.append(Words(middle, height - 6, name, "muted", 11, "middle"))
            if room * every >= 7 * len(f"{count:,}"):
                shapes.append(
                    Words(middle, round(base - high - 5, 2), f"{count:,}", "text", 11, "middle")
                )
    return Drawing(width, height, tuple(shapes), words)


@dataclass(frozen=True, slots=True)
class Beside:
    """A measure before and after: (value, low, high) each; low and high are the value where no interval is known."""

    name: str
    before: tuple[float, float, float] | None
    after: tuple[float, float, float] | None


def before_and_after(width: float, rows: Sequence[Beside], words: str) -> Drawing:
    """A row for each measure: a hollow dot before, a full one after, with their intervals."""
    step, left = 34.0, 92.0
    height = 58 + step * len(rows)
    told = [value for row in rows for one in (row.before, row.after) if one for value in one]
    frame = _Frame(width + _LEFT - left, height, _shares(told), (0, 1))
    moved = left - _LEFT
    shapes: list[Shape] = []
    for tick in _ticks(*frame.x):
        x = frame.across(tick) + moved
        shapes.append(Line(x, 28, x, height - 26, "border"))
        shapes.append(Words(x, height - 10, _told(tick), "muted", 11, "middle"))
    for place, (name, hollow) in enumerate((("before", True), ("after", False))):
        x = left + 70.0 * place
        shapes.append(Dot(x + 5, 12, 4.5, "muted" if hollow else "accent", hollow))
        shapes.append(Words(x + 15, 16, name, "text"))
    for place, row in enumerate(rows):
        middle = 46 + place * step
        shapes.append(Words(0, middle + 4, row.name, "text", 12))
        for one, y, role, hollow in (
            (row.before, middle - 6, "muted", True),
            (row.after, middle + 6, "accent", False),
        ):
            if one is not None:
                shapes += _interval(frame, moved, one, y, role, hollow)  # type: ignore[arg-type]
    return Drawing(width, height, tuple(shapes), words)


def _interval(
    frame: _Frame, moved: float, of: tuple[float, float, float], y: float, role: Role, hollow: bool
) -> list[Shape]:
    value, low, high = (round(frame.across(one) + moved, 2) for one in of)
    drawn: list[Shape] = [Line(low, y, high, y, role, 2)] if high > low else []
    return [*drawn, Dot(value, y, 4.5, role, hollow)]


def _grid(frame: _Frame, x_title: str) -> list[Shape]:
    shapes: list[Shape] = []
    for tick in _ticks(*frame.y):
        y = frame.up(tick)
        shapes.append(Line(_LEFT, y, frame.width - _RIGHT, y, "border"))
        shapes.append(Words(_LEFT - 6, y + 4, _told(tick), "muted", 11, "end"))
    for tick in _ticks(*frame.x):
        shapes.append(
            Words(
                frame.across(tick), frame.height - _BOTTOM + 15, _told(tick), "muted", 11, "middle"
            )
        )
    middle = (_LEFT + frame.width - _RIGHT) / 2
    shapes.append(Words(middle, frame.height - 4, x_title, "muted", 11, "middle"))
    return shapes


def _around(values: Sequence[float]) -> tuple[float, float]:
    """A range that holds all of them, with round ends."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if high <= low:
        return low - 0.5, high + 0.5
    step = _step(low, high)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


def _shares(values: Sequence[float]) -> tuple[float, float]:
    """The same, of shares: never below 0 nor above 1."""
    low, high = _around(values)
    return max(0.0, low), min(1.0, high) if max(values, default=1) <= 1 else high


def _step(low: float, high: float) -> float:
    """A round distance of about five ticks."""
    rough = (high - low) / 5
    power = 10.0 ** np.floor(np.log10(rough))
    return float(power * next(one for one in (1, 2, 5, 10) if one * power >= rough * 0.999))


def _ticks(low: float, high: float) -> list[float]:
    step = _step(low, high)
    first = int(np.ceil(low / step - 1e-9))
    last = int(np.floor(high / step + 1e-9))
    return [round(place * step, 10) for place in range(first, last + 1)]


def _told(value: float) -> str:
    """A tick as text."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:g}"
