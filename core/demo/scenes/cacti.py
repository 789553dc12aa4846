"""Cacti in pots: green columns, globes and pads."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, radial, vary
from core.demo.scenes.outdoors import GREENS, ROOMS
from core.demo.shapes import TAU, Points, box, curve, ellipse, petal, place, points, ribbon, rounded

_POTS = ("#c8683f", "#f2ede4", "#3f5f73", "#d9a441", "#a34a52", "#5c7f68")


def _arm(canvas: Canvas, line: Points, width: float, ink: Colour) -> None:
    for end in (line[0], line[-1]):
        canvas.solid(ellipse(float(end[0]), float(end[1]), width / 2), ink, 0.5, width * 0.2)
    body = canvas.solid(ribbon(line, width), ink, 0.65, width * 0.22)
    with canvas.inside(body):
        for off in (-0.3, -0.1, 0.1, 0.3):
            rib = ribbon(line, width * 2 * abs(off))
            half = rib[: len(line)] if off > 0 else rib[len(line) :][::-1]
            canvas.fill(ribbon(half, width * 0.035), darker(ink, 0.5), 0.45)
            canvas.fill(
                [ellipse(float(px), float(py), width * 0.03, count=10) for px, py in half[::5]],
                "#fdf6df",
                0.75,
            )


def _column(canvas: Canvas, rng: np.random.Generator, x: float, rim: float, green: Colour) -> float:
    tall = rng.uniform(0.36, 0.46)
    for side, low in ((-1, rng.uniform(0.1, 0.18)), (1, rng.uniform(0.16, 0.26))):
        reach = rng.uniform(0.13, 0.17)
        _arm(
            canvas,
            curve(
                (x, rim - low),
                (x + side * reach * 0.8, rim - low - 0.01),
                (x + side * reach, rim - low - 0.06),
                (x + side * reach, rim - low - rng.uniform(0.12, 0.18)),
            ),
            0.07,
            green,
        )
    _arm(canvas, points((x, rim + 0.03), (x, rim - tall / 2), (x, rim - tall)), 0.125, green)
    return rim - tall - 0.05


def _globe(canvas: Canvas, rng: np.random.Generator, x: float, rim: float, green: Colour) -> float:
    radius = rng.uniform(0.16, 0.2)
    body = canvas.solid(
        ellipse(x, rim - radius * 0.7, radius, radius * 0.95),
        radial(
            (x - radius * 0.4, rim - radius * 1.2),
            radius * 1.8,
            between(lighter(green, 0.25), darker(green, 0.45)),
        ),
        0.5,
        0.04,
    )
    with canvas.inside(body):
        for bend in np.linspace(-0.9, 0.9, 9):
            t = np.linspace(-1, 1, 25)
            rib = np.stack(
                [
                    x + radius * np.sin(bend * TAU / 4) * np.cos(t * TAU / 4),
                    rim - radius * 0.7 + t * radius * 0.95,
                ],
                axis=1,
            )
            canvas.fill(ribbon(rib, 0.006), darker(green, 0.5), 0.45)
            canvas.fill(
                [ellipse(float(px), float(py), 0.006, count=10) for px, py in rib[3:-3:3]],
                "#fdf6df",
                0.85,
            )
    return rim - radius * 1.55


def _pads(canvas: Canvas, rng: np.random.Generator, x: float, rim: float, green: Colour) -> float:
    pads = (
        (0, 0, 0.12, 0.0),
        (-0.09, -0.18, 0.09, -0.55),
        (0.1, -0.19, 0.085, 0.5),
        (0.0, -0.21, 0.075, 0.05),
    )
    for px, py, radius, lean in pads:
        pad = place(
            ellipse(0, -radius, radius * 0.78, radius * 1.15),
            x + px,
            rim + 0.02 + py,
            1,
            lean + rng.normal() * 0.06,
        )
        canvas.solid(pad, vary(rng, green), 0.55, 0.03)
        cx, cy = float(pad[:, 0].mean()), float(pad[:, 1].mean())
        dots = [
            ellipse(cx + u * radius * 0.4, cy + v * radius * 0.42, 0.0055, count=10)
            for u in (-1, 0, 1)
            for v in (-1.6, -0.8, 0, 0.8, 1.6)
            if abs(u) + abs(v) < 2.2
        ]
        canvas.fill(dots, "#fdf6df", 0.85)
    return rim - 0.36


def _pot(canvas: Canvas, x: float, rim: float, foot: float, pot: Colour, has_band: bool) -> None:
    shape = points(
        (x - 0.15, rim),
        (x + 0.15, rim),
        (x + 0.118, foot - 0.012),
        (x + 0.106, foot),
        (x - 0.106, foot),
        (x - 0.118, foot - 0.012),
    )
    body = canvas.fill(shape, pot)
    with canvas.inside(body):
        if has_band:
            canvas.fill(box(x - 0.2, rim + 0.1, 0.4, 0.05), lighter(pot, 0.6))
        canvas.round_off(x, 0.15, 0.5)
        canvas.fill(box(x - 0.2, rim, 0.4, 0.06), "#1b1d33", 0.25, 0.01)
    lip = canvas.fill(rounded(x - 0.165, rim - 0.02, 0.33, 0.06, 0.012), lighter(pot, 0.06))
    with canvas.inside(lip):
        canvas.round_off(x, 0.165, 0.5)
    canvas.shade(lip, 0.3, 0.008)


def cactus(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A cactus in a pot on a table before a plain wall."""
    wall, table = ROOMS[(number + number // 6) % len(ROOMS)]
    edge = canvas.height * 0.8
    canvas.backdrop(
        radial(
            (canvas.width * 0.35, canvas.height * 0.3),
            1.1,
            between(lighter(wall, 0.5), darker(wall, 0.1)),
        )
    )
    canvas.solid(
        box(-0.1, edge, canvas.width + 0.2, 1),
        linear((0, edge), (0, canvas.height), between(lighter(table, 0.1), darker(table, 0.2))),
        0.2,
        0.01,
    )
    x = canvas.width / 2 + rng.uniform(-0.08, 0.08)
    foot, rim = canvas.height * 0.9, canvas.height * 0.9 - 0.24
    pot, green = (
        vary(rng, _POTS[(number * 5 + number // 6 * 2 + 1) % len(_POTS)]),
        vary(rng, GREENS[number % len(GREENS)]),
    )
    canvas.fill(ellipse(x + 0.12, foot, 0.26, 0.035), "#1c1b2b", 0.35, 0.03)
    top = (_column, _globe, _pads)[number % 3](canvas, rng, x, rim, green)
    if number % 2 == 0:
        bloom = ("#e8508a", "#f7c948", "#f28b66")[number % 3]
        for angle in np.linspace(-1.25, 1.25, 7):
            canvas.solid(
                place(petal(0.065, 0.034, 0.6), x, top + 0.02, 1, angle), bloom, 0.3, 0.008
            )
    _pot(canvas, x, rim, foot, pot, number % 4 == 1)
