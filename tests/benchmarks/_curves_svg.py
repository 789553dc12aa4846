"""Curves of one measure against another as an SVG, for the documents; written by hand, so that no library is needed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

# Colours that people who see no red or no green can tell apart (Okabe and Ito, 2008).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 440, 300, 56, 16, 34, 46


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, y) joined by a line; ``is_dashed`` for what is compared with."""

    name: str
    points: Sequence[tuple[float, float]]
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves over a logarithmic x."""

    title: str
    x_name: str
    y_name: str
    curves: Sequence[Curve]


def svg(panels: Sequence[Panel], columns: int = 2) -> str:
    """The panels side by side, with one legend below: the same place among the curves, the same colour."""
    rows = math.ceil(len(panels) / columns)
    legend = 22 * len(panels[0].curves) + 12
    width, height = columns * _WIDTH, rows * _HEIGHT + legend
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, panel in enumerate(panels):
        x, y = number % columns * _WIDTH, number // columns * _HEIGHT
        parts.append(f'<g transform="translate({x} {y})">{_panel(panel)}</g>')
    for number, curve in enumerate(panels[0].curves):
        y = rows * _HEIGHT + 16 + 22 * number
        parts.append(f'<path d="M{_LEFT} {y}h34" {_stroke(number, curve)}/>')
        parts.append(f'<text x="{_LEFT + 44}" y="{y + 4}">{escape(curve.name)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _stroke(number: int, curve: Curve) -> str:
    dashes = ' stroke-dasharray="6 4"' if curve.is_dashed else ""
    return f'fill="none" stroke="{_COLOURS[number % len(_COLOURS)]}" stroke-width="2"{dashes}'


def _panel(panel: Panel) -> str:
    xs = [x for one in panel.curves for x, _ in one.points]
    ys = [y for one in panel.curves for _, y in one.points]
    low, high = math.log10(min(xs)), math.log10(max(xs))
    bottom, top = _round(min(ys), down=True), _round(max(ys), down=False)
    right, floor = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - low) / max(1e-9, high - low)
        up = (y - bottom) / max(1e-9, top - bottom)
        return _LEFT + across * (right - _LEFT), floor - up * (floor - _TOP)

    parts = [f'<text x="{_LEFT}" y="20" font-weight="bold">{escape(panel.title)}</text>']
    step = next(one for one in (0.05, 0.1, 0.2) if (top - bottom) / one <= 6 or one == 0.2)
    for number in range(math.ceil(bottom / step - 1e-6), math.floor(top / step + 1e-6) + 1):
        value = number * step
        y = place(10**low, value)[1]
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>')
    for power in range(math.floor(low), math.ceil(high) + 1):
        for digit in (1, 2, 5) if high - low < 1.5 else (1, 3):
            value = digit * 10.0**power
            if low <= math.log10(value) <= high:
                x = place(value, bottom)[0]
                parts.append(f'<path d="M{x:.1f} {floor}v4" stroke="#888"/>')
                label = _short(value)
                parts.append(
                    f'<text x="{x:.1f}" y="{floor + 17}" text-anchor="middle" font-size="10">{label}</text>'
                )
    middle = (_LEFT + right) / 2
    parts.append(
        f'<text x="{middle}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(panel.x_name)}</text>'
    )
    parts.append(
        f'<text transform="translate(13 {(floor + _TOP) / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(panel.y_name)}</text>"
    )
    for number, curve in enumerate(panel.curves):
        line = "L".join(f"{x:.1f} {y:.1f}" for x, y in (place(*one) for one in curve.points))
        parts.append(f'<path d="M{line}" {_stroke(number, curve)}/>')
        for x, y in (place(*one) for one in curve.points):
            colour = _COLOURS[number % len(_COLOURS)]
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>')
    return "".join(parts)


def _short(value: float) -> str:
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def _round(value: float, *, down: bool) -> float:
    return (math.floor(value * 20) if down else math.ceil(value * 20)) / 20
