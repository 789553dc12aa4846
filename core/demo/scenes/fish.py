"""Fish over a reef: one body, many coats."""

from collections.abc import Callable

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, vary
from core.demo.shapes import TAU, Points, curve, ellipse, place, points, ribbon, smooth

_SEAS = (
    ("#0e4f6e", "#5fc3cf"),
    ("#123d5c", "#6fa8d6"),
    ("#0f5a5a", "#8fd6b8"),
    ("#2a3f74", "#9ab8e8"),
)
_COATS = (
    ("#f08a3c", "#fff3e0", "#3a2b33"),
    ("#f4c93f", "#fff6d6", "#2f4b7a"),
    ("#3f7fc9", "#d9ecff", "#f2c84b"),
    ("#e0567a", "#ffe6ea", "#6a2f55"),
    ("#7fc4a0", "#f0fbe9", "#2f6a6a"),
    ("#b08ae0", "#f3eaff", "#4f3a8a"),
    ("#d9483b", "#ffe9dc", "#fff6ea"),
    ("#e9e4da", "#ffffff", "#5a6a7a"),
)


def _fins(
    canvas: Canvas,
    at: Callable[[Points], Points],
    middle: tuple[float, float],
    size: float,
    high: float,
    ink: Colour,
) -> None:
    x, y = middle
    fin = linear(
        (x, y - 0.3 * size), (x, y + 0.3 * size), between(lighter(ink, 0.2), darker(ink, 0.2))
    )
    tail = smooth(
        points(
            (-0.36, 0), (-0.5, -0.06), (-0.68, -0.21), (-0.63, -0.02), (-0.68, 0.2), (-0.5, 0.06)
        )
    )
    back = smooth(
        points(
            (0.16, -high * 0.8),
            (0.05, -high - 0.14),
            (-0.16, -high - 0.12),
            (-0.3, -high * 0.7),
            (-0.1, -high * 0.5),
        )
    )
    under = smooth(
        points((0.02, high * 0.85), (-0.06, high + 0.13), (-0.2, high + 0.1), (-0.24, high * 0.6))
    )
    for part in (tail, back, under):
        skin = canvas.solid(at(part), fin, 0.4, 0.025 * size)
        with canvas.inside(skin):
            cx, cy = float(part[:, 0].mean()) + 0.14, float(part[:, 1].mean()) * 0.3
            rays = [
                at(ribbon(points((cx, cy), (cx + 1.6 * (px - cx), cy + 1.6 * (py - cy))), 0.006))
                for px, py in part[::4]
            ]
            canvas.fill(rays, darker(ink, 0.45), 0.3)


def _markings(
    canvas: Canvas,
    at: Callable[[Points], Points],
    coat: tuple[Colour, Colour, Colour],
    style: int,
    high: float,
) -> None:
    ink, belly, mark = coat
    if style == 0:
        for off in (0.13, -0.12, -0.33):
            band = curve((off + 0.02, -0.4), (off + 0.06, 0), (off + 0.02, 0.4))
            canvas.fill(at(ribbon(band, 0.11)), mark, 0.9)
            canvas.fill(at(ribbon(band, 0.075)), belly)
    elif style == 1:
        for off in np.linspace(-0.3, 0.16, 5):
            canvas.fill(
                at(ribbon(curve((off, -0.4), (off + 0.05, 0), (off, 0.4)), (0.05, 0.025, 0.05))),
                mark,
                0.75,
            )
    else:
        canvas.fill(
            at(ribbon(curve((-0.45, -0.01), (0, -0.05), (0.25, -0.01)), (0.05, 0.09, 0.02))),
            mark,
            0.7,
        )
    scales = []
    for row in range(-5, 6):
        for column in range(12):
            u = -0.34 + column * 0.05 + (row % 2) * 0.025
            arc = np.linspace(-TAU / 5, TAU / 5, 7)
            scales.append(
                at(
                    ribbon(
                        np.stack([u + 0.024 * -np.cos(arc), row * 0.042 + 0.026 * np.sin(arc)], 1),
                        0.004,
                    )
                )
            )
    canvas.fill(scales, darker(ink, 0.4), 0.28)
    canvas.fill(
        at(ribbon(curve((0.24, -high), (0.17, 0), (0.24, high)), 0.012)), darker(ink, 0.5), 0.5
    )


def _fish(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    size: float,
    facing: int,
    coat: tuple[Colour, Colour, Colour],
    style: int,
) -> None:
    ink, belly, _ = coat
    lean = rng.normal() * 0.12

    def at(outline: Points) -> Points:
        return place(outline * (facing, 1), x, y, size, lean)

    high = (0.2, 0.27, 0.17)[style]
    _fins(canvas, at, (x, y), size, high, ink)
    body = at(
        smooth(
            points(
                (0.42, 0.01),
                (0.33, -high * 0.55),
                (0.12, -high),
                (-0.14, -high * 0.8),
                (-0.4, -0.05),
                (-0.4, 0.05),
                (-0.14, high * 0.8),
                (0.12, high),
                (0.33, high * 0.6),
            )
        )
    )
    skin = canvas.fill(
        body,
        linear(
            (x, y - high * size),
            (x, y + high * size),
            ((0, darker(ink, 0.25)), (0.35, ink), (0.65, mix(ink, belly, 0.4)), (1, belly)),
        ),
    )
    with canvas.inside(skin):
        _markings(canvas, at, coat, style, high)
    canvas.shade(skin, 0.6, 0.05 * size)
    side = smooth(points((0.1, 0.02), (-0.02, 0.0), (-0.13, 0.08), (-0.05, 0.13), (0.07, 0.1)))
    canvas.solid(at(side), lighter(ink, 0.2), 0.5, 0.02 * size)
    canvas.fill(at(ellipse(0.29, -0.045, 0.045)), "#fdfbf2")
    canvas.fill(at(ellipse(0.297, -0.045, 0.029)), "#191a26")
    canvas.fill(at(ellipse(0.29, -0.058, 0.01)), "#ffffff")
    canvas.fill(
        at(ribbon(curve((0.42, 0.03), (0.38, 0.05), (0.35, 0.045)), 0.008)), darker(ink, 0.6), 0.7
    )


def fish(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """One to three fish over a reef, in slanting light."""
    deep, pale = _SEAS[(number + number // 8) % len(_SEAS)]
    canvas.sky(((0, pale), (0.45, mix(pale, deep, 0.55)), (1, darker(deep, 0.25))))
    for _ in range(7):
        x, wide = rng.uniform(-0.2, canvas.width), rng.uniform(0.03, 0.12)
        canvas.fill(
            points(
                (x, -0.05),
                (x + wide, -0.05),
                (x + wide * 2 + 0.3, canvas.height),
                (x + 0.18, canvas.height),
            ),
            linear((0, 0), (0, canvas.height), between("#ffffff", pale)),
            0.07,
            0.015,
        )
    for layer in range(2):
        for _ in range(8):
            x, tall = rng.uniform(0, canvas.width), rng.uniform(0.12, 0.3) * (1 - 0.35 * layer)
            weed = vary(
                rng, ("#2f7a6a", "#8a5a8a", "#c4705a", "#4a8a4f")[int(rng.integers(0, 4))], 0.03
            )
            sway = rng.normal() * 0.03
            line = curve(
                (x, canvas.height + 0.02),
                (x + sway, canvas.height - tall * 0.4),
                (x - sway, canvas.height - tall * 0.75),
                (x + sway, canvas.height - tall),
            )
            canvas.solid(
                ribbon(line, (0.035, 0.03, 0.004)), mix(weed, deep, 0.6 - 0.35 * layer), 0.4, 0.008
            )
    sand = np.stack(
        [
            np.linspace(-0.1, canvas.width + 0.1, 50),
            canvas.height - 0.05 + rng.normal(0, 0.002, 50).cumsum(),
        ],
        1,
    )
    canvas.solid(
        np.concatenate(
            [sand, points((canvas.width + 0.1, canvas.height + 0.2), (-0.1, canvas.height + 0.2))]
        ),
        mix("#d9c39a", deep, 0.4),
        0.4,
        0.02,
    )
    count = (1, 2, 1, 3)[number % 4]
    facing = 1 if number % 3 else -1
    for at in range(count):
        size = {1: 0.74, 2: 0.5, 3: 0.42}[count] * rng.uniform(0.92, 1.08)
        x = (
            canvas.width / 2
            + {1: 0.03, 2: 0.2, 3: 0.25}[count] * (at - (count - 1) / 2) * canvas.width
            + 0.06 * facing
        )
        y = canvas.height * (
            0.46 + (0.2 * (at - (count - 1) / 2) if count > 1 else rng.uniform(-0.06, 0.06))
        )
        kit = _COATS[(number + (at * 3 if number % 8 > 3 else 0)) % len(_COATS)]
        _fish(canvas, rng, x, y, size, facing, kit, number % 3)
    for _ in range(14):
        x, y, radius = (
            rng.uniform(0, canvas.width),
            rng.uniform(0, canvas.height),
            rng.uniform(0.005, 0.018),
        )
        canvas.fill(ellipse(x, y, radius), "#ffffff", 0.18)
        canvas.fill(ellipse(x - radius * 0.3, y - radius * 0.35, radius * 0.3), "#ffffff", 0.7)
