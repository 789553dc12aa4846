"""Mushrooms on the floor of a dim wood."""

from collections.abc import Callable

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, radial, vary
from core.demo.shapes import (
    TAU,
    Points,
    closed_below,
    curve,
    ellipse,
    place,
    points,
    ribbon,
    ridge,
    smooth,
)

_WOODS = (
    ("#26402f", "#9db36b"),
    ("#2b3a33", "#c9b37a"),
    ("#1f3a40", "#8fb3a0"),
    ("#3b3326", "#d8b070"),
)
_CAPS = ("#c8352e", "#b5703a", "#e08a3a", "#8a5a44", "#d9534a", "#c99a5b", "#7a4a63", "#e8d3b0")


def _stem(canvas: Canvas, at: Callable[[Points], Points], x: float, size: float) -> None:
    stem = at(
        smooth(
            points(
                (-0.1, 0.02),
                (-0.13, -0.06),
                (-0.085, -0.3),
                (-0.07, -0.62),
                (0.07, -0.62),
                (0.085, -0.3),
                (0.14, -0.06),
                (0.1, 0.02),
            )
        )
    )
    canvas.solid(
        stem,
        linear(
            (x - 0.1 * size, 0),
            (x + 0.13 * size, 0),
            ((0, "#f7efe0"), (0.4, "#efe3cd"), (1, "#b39c82")),
        ),
        0.4,
        0.03 * size,
    )
    ring = at(
        smooth(
            points(
                (-0.09, -0.42), (0, -0.4), (0.09, -0.42), (0.14, -0.33), (0, -0.3), (-0.14, -0.33)
            )
        )
    )
    canvas.solid(ring, "#efe4cf", 0.5, 0.02 * size)
    gills = canvas.fill(at(ellipse(0, -0.6, 0.4, 0.075)), "#d9c3a3")
    with canvas.inside(gills):
        rays = [
            at(ribbon(points((u * 0.1, -0.66), (u * 0.44, -0.5)), 0.006))
            for u in np.linspace(-1, 1, 25)
        ]
        canvas.fill(rays, "#8a6f55", 0.5)


def _mushroom(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    foot: float,
    size: float,
    ink: Colour,
    dotted: bool,
) -> None:
    lean = rng.normal() * 0.05
    top = foot - size * 0.62

    def at(outline: Points) -> Points:
        return place(outline, x, foot, size, lean)

    canvas.fill(
        ellipse(x + 0.05 * size, foot, 0.3 * size, 0.05 * size), "#10140f", 0.45, 0.02 * size
    )
    _stem(canvas, at, x, size)
    wide, high = rng.uniform(0.4, 0.46), rng.uniform(0.3, 0.42)
    angle = np.linspace(np.pi, TAU, 60)
    cap = np.concatenate(
        [
            np.stack([wide * np.cos(angle), -0.6 + high * np.sin(angle)], axis=1),
            curve(
                (wide, -0.6),
                (wide * 0.8, -0.545),
                (0, -0.585),
                (-wide * 0.8, -0.545),
                (-wide, -0.6),
            ),
        ]
    )
    skin = canvas.fill(
        at(cap),
        radial(
            (x - 0.12 * size, top - 0.22 * size),
            0.62 * size,
            ((0, lighter(ink, 0.35)), (0.45, ink), (1, darker(ink, 0.45))),
        ),
    )
    with canvas.inside(skin):
        if dotted:
            for u, v in (
                (-0.26, -0.7),
                (-0.1, -0.83),
                (0.1, -0.74),
                (0.27, -0.8),
                (0.3, -0.65),
                (-0.02, -0.66),
                (-0.33, -0.62),
                (0.06, -0.92),
                (0.16, -0.61),
            ):
                dot = ellipse(
                    u + rng.normal() * 0.015, v, rng.uniform(0.025, 0.05), rng.uniform(0.02, 0.038)
                )
                canvas.solid(at(dot), "#fbf3e4", 0.5, 0.01 * size)
        canvas.glow(x - 0.16 * size, top - 0.22 * size, 0.12 * size, "#ffffff", 0.3)
    canvas.shade(skin, 0.5, 0.04 * size)


def mushrooms(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A group of mushrooms on mossy ground in a dim wood."""
    deep, glade = _WOODS[(number * 3 + number // 8) % len(_WOODS)]
    canvas.sky(((0, darker(deep, 0.1)), (0.55, mix(deep, glade, 0.75)), (1, deep)))
    for _ in range(9):
        x, wide = rng.uniform(0, canvas.width), rng.uniform(0.02, 0.07)
        canvas.fill(
            ribbon(points((x, -0.1), (x + rng.normal() * 0.04, canvas.height)), (wide, wide * 1.3)),
            darker(deep, rng.uniform(0, 0.3)),
            rng.uniform(0.2, 0.6),
            rng.uniform(0.004, 0.014),
        )
    canvas.glow(
        canvas.width * rng.uniform(0.3, 0.7), canvas.height * 0.4, 0.4, lighter(glade, 0.3), 0.5
    )
    for _ in range(18):
        radius = rng.uniform(0.008, 0.03)
        canvas.fill(
            ellipse(rng.uniform(0, canvas.width), rng.uniform(0, canvas.height * 0.75), radius),
            lighter(glade, 0.4),
            0.2,
            radius * 0.12,
        )
    ground = canvas.height * 0.8
    line = ridge(rng, canvas.width, ground, 0.03, 4)
    moss = canvas.fill(
        closed_below(line, canvas.height + 0.1),
        linear(
            (0, ground - 0.03),
            (0, canvas.height),
            between(mix(deep, glade, 0.55), darker(deep, 0.3)),
        ),
    )
    with canvas.inside(moss):
        canvas.mottle(canvas.noise(rng, 30, 4), 0.3)
    count = 1 + number % 3
    spots = {
        1: [(0.0, 1.0)],
        2: [(-0.2, 0.72), (0.12, 1.0)],
        3: [(-0.27, 0.7), (0.27, 0.6), (0.0, 1.0)],
    }[count]
    ink = _CAPS[number % len(_CAPS)]
    for off, share in spots:
        size = share * rng.uniform(0.58, 0.7)
        _mushroom(
            canvas,
            rng,
            canvas.width / 2 + off + rng.normal() * 0.02,
            ground + 0.05 + 0.05 * share,
            size,
            vary(rng, ink),
            number % 8 in (0, 2, 4, 6),
        )
    blades = []
    for _ in range(70):
        x, tall = rng.uniform(0, canvas.width), rng.uniform(0.04, 0.13)
        y, bend = rng.uniform(ground + 0.08, canvas.height + 0.05), rng.normal() * 0.03
        blades.append(
            ribbon(
                curve((x, y), (x + bend * 0.3, y - tall * 0.6), (x + bend, y - tall), steps=5),
                (0.008, 0.005, 0.001),
            )
        )
    canvas.fill(blades[::2], mix(deep, glade, 0.35))
    canvas.fill(blades[1::2], mix(deep, glade, 0.65))
