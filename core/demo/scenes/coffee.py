"""Cups of coffee from above: circles within circles on wood."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, radial, vary
from core.demo.shapes import (
    TAU,
    box,
    curve,
    ellipse,
    mirrored,
    petal,
    place,
    points,
    ribbon,
    smooth,
)

_WOODS = ("#b98a5e", "#8a5f43", "#d9bb93", "#6b4a3a", "#c9a07a", "#e3d3bb")
_CHINA = ("#f6f1e8", "#2f5d73", "#d9745a", "#8fb0a0", "#e8c05a", "#3a3d4a", "#e7b7b0", "#6f7fb0")


def _planks(canvas: Canvas, rng: np.random.Generator, wood: Colour) -> None:
    canvas.backdrop(wood)
    canvas.mottle(canvas.noise(rng, 22, 4, stretch=14), 0.22)
    y = rng.uniform(-0.2, 0)
    while y < canvas.height:
        tall = rng.uniform(0.2, 0.3)
        plank = canvas.fill(box(-0.1, y, canvas.width + 0.2, tall), vary(rng, wood, 0.01, 0.1), 0.3)
        canvas.shade(plank, 0.3, 0.006)
        canvas.fill(box(-0.1, y, canvas.width + 0.2, 0.004), darker(wood, 0.6), 0.7)
        y += tall
    canvas.glow(canvas.width * 0.2, canvas.height * 0.15, 0.6, "#fff3d9", 0.25)


def coffee(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A cup on its saucer, seen from above, with milk art or black."""
    _planks(canvas, rng, _WOODS[number % len(_WOODS)])
    china = vary(rng, _CHINA[number % len(_CHINA)], 0.01)
    x, y = (
        canvas.width / 2 + rng.uniform(-0.1, 0.1) * canvas.width,
        canvas.height / 2 + rng.uniform(-0.04, 0.04),
    )
    radius = rng.uniform(0.22, 0.27)
    turn = rng.uniform(-0.9, 0.9)
    saucer = radius * 1.52
    canvas.shadow(ellipse(x, y, saucer), (0.025, 0.04), 0.03, 0.45)
    plate = radial(
        (x - saucer * 0.3, y - saucer * 0.35),
        saucer * 1.6,
        between(lighter(china, 0.3), darker(china, 0.15)),
    )
    canvas.solid(ellipse(x, y, saucer), plate, 0.5, 0.02)
    canvas.solid(ellipse(x, y, saucer * 0.8), mix(china, darker(china, 0.3), 0.2), -0.35, 0.012)
    handle = place(
        curve(
            (radius * 0.85, -0.03),
            (radius * 1.38, -0.05),
            (radius * 1.38, 0.05),
            (radius * 0.85, 0.03),
        ),
        x,
        y,
        1,
        turn,
    )
    canvas.shadow(ribbon(handle, 0.05), (0.015, 0.025), 0.012, 0.35)
    canvas.solid(ribbon(handle, 0.045), china, 0.6, 0.012)
    canvas.shadow(ellipse(x, y, radius), (0.02, 0.035), 0.02, 0.4)
    canvas.solid(ellipse(x, y, radius), plate, 0.5, 0.014)
    canvas.fill(
        ellipse(x, y, radius * 0.91),
        linear(
            (x - radius, y - radius),
            (x + radius, y + radius),
            between(darker(china, 0.35), lighter(china, 0.25)),
        ),
    )
    brew = vary(rng, ("#7a4a2a", "#3a2118", "#9a6238", "#6b3f26")[number % 4], 0.01)
    pool = canvas.fill(
        ellipse(x, y, radius * 0.86),
        radial(
            (x, y), radius * 0.9, ((0, lighter(brew, 0.12)), (0.75, brew), (1, lighter(brew, 0.25)))
        ),
    )
    with canvas.inside(pool):
        _milk(canvas, rng, x, y, radius * 0.8, turn, (number + number // 4) % 4, brew)
        canvas.glow(x - radius * 0.35, y - radius * 0.4, radius * 0.3, "#fff6e6", 0.28)
    canvas.shade(pool, -0.5, 0.02)
    side = 1 if x < canvas.width / 2 else -1
    if number % 3 != 1:
        _spoon(canvas, x + side * saucer * 1.22, y + 0.02, side * rng.uniform(0.05, 0.3))
    else:
        _beans(canvas, rng, x + side * saucer, y, side)


def _milk(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    size: float,
    turn: float,
    kind: int,
    brew: Colour,
) -> None:
    foam = "#f3e2c6"
    if kind == 0:
        for at, share in enumerate((1.0, 0.72, 0.48, 0.28)):
            half = smooth(
                points(
                    (0, 0.62), (0.34, 0.2), (0.52, -0.12), (0.36, -0.42), (0.1, -0.38), (0, -0.2)
                ),
                closed=False,
            )
            heart = np.concatenate([half, mirrored(half)[::-1]]) * share
            canvas.fill(
                place(heart, x, y, size, turn),
                foam if at % 2 == 0 else mix(brew, foam, 0.25),
                0.95,
                0.004,
            )
    elif kind == 2:
        for step in range(6):
            v, wide = 0.5 - step * 0.2, 0.58 - step * 0.07
            for side in (-1, 1):
                leaf = place(petal(wide, 0.17, 0.45), 0, v, 1, side * 0.95)
                canvas.fill(place(leaf, x, y, size, turn), foam, 0.92, 0.003)
        canvas.fill(
            place(ribbon(points((0, 0.75), (0, -0.75)), 0.03), x, y, size, turn),
            mix(brew, foam, 0.2),
        )
    elif kind == 3:
        t = np.linspace(0, 3.2 * TAU, 160)
        spiral = np.stack([np.cos(t), np.sin(t)], axis=1) * (0.06 + 0.82 * t[:, None] / t[-1])
        canvas.fill(place(ribbon(spiral, (0.05, 0.13)), x, y, size, turn), foam, 0.85, 0.005)
    else:
        ring = [
            ellipse(
                x + size * 0.95 * np.cos(a), y + size * 0.95 * np.sin(a), rng.uniform(0.006, 0.02)
            )
            for a in rng.uniform(0, TAU, 46)
        ]
        canvas.fill(ring, lighter(brew, 0.45), 0.7, 0.002)


def _beans(canvas: Canvas, rng: np.random.Generator, x: float, y: float, side: int) -> None:
    for _ in range(9):
        bx, by, spin = (
            x + side * rng.uniform(0.05, 0.22),
            y + rng.uniform(-0.35, 0.35),
            rng.uniform(0, TAU),
        )
        bean = ellipse(bx, by, 0.026, 0.018, spin)
        canvas.shadow(bean, (0.006, 0.01), 0.006, 0.4)
        canvas.solid(bean, "#5a3220", 0.7, 0.008)
        canvas.fill(
            place(
                ribbon(curve((-0.024, 0), (-0.006, 0.004), (0.006, -0.004), (0.024, 0)), 0.004),
                bx,
                by,
                1,
                spin,
            ),
            "#2a150d",
            0.9,
        )


def _spoon(canvas: Canvas, x: float, y: float, turn: float) -> None:
    whole = [
        place(part, x, y, 1, turn)
        for part in (
            ellipse(0, -0.21, 0.038, 0.058),
            ribbon(curve((0, -0.17), (0, 0.02), (0, 0.24)), (0.012, 0.014, 0.028)),
            ellipse(0, 0.24, 0.014),
        )
    ]
    canvas.shadow(whole, (0.014, 0.022), 0.01, 0.4)
    canvas.solid(
        whole,
        linear((x - 0.04, y - 0.2), (x + 0.05, y + 0.2), between("#f4f4f2", "#a9adb5")),
        0.6,
        0.008,
    )
    canvas.solid(place(ellipse(0, -0.21, 0.026, 0.044), x, y, 1, turn), "#c3c7cc", -0.6, 0.01)
