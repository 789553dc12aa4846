"""Sailing boats: triangles on a rippled sea."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, vary
from core.demo.scenes.outdoors import DAY, EVENING, Sky, cloud, hills, streaks, sun, water
from core.demo.shapes import Points, curve, ellipse, place, points, ribbon, smooth

_SAILS = ("#fbf6ea", "#fbf6ea", "#d1495b", "#f2cc8f", "#e9ecef", "#e07a5f", "#2a6f97", "#f4a261")
_HULLS = ("#7f3b2e", "#243b55", "#f1ede4", "#2f5d50", "#b23a48", "#3e3a39")


def _hour(number: int) -> Sky:
    return EVENING[number % len(EVENING)] if number % 4 == 1 else DAY[number % len(DAY)]


def _boat(
    canvas: Canvas,
    x: float,
    y: float,
    size: float,
    lean: float,
    sail: Colour,
    jib: Colour,
    hull: Colour,
) -> None:
    def at(outline: Points) -> Points:
        return place(outline, x, y, size, lean)

    canvas.fill(
        [ellipse(x, y + 0.07 * size, 0.3 * size, 0.03 * size)], "#0d2230", 0.35, 0.01 * size
    )
    reflection = place(points((-0.02, 0.06), (0.33, 0.06), (0.02, 0.42)), x, y, size, -lean)
    canvas.fill(reflection, sail, 0.22, 0.012 * size)
    canvas.fill(at(ribbon(points((0, 0), (0, -0.88)), (0.016, 0.008))), "#4d3a2e")
    main = at(
        np.concatenate(
            [
                curve((0.015, -0.85), (0.13, -0.55), (0.3, -0.12)),
                curve((0.3, -0.12), (0.15, -0.09), (0.015, -0.1)),
            ]
        )
    )
    front = at(
        np.concatenate(
            [
                curve((-0.02, -0.78), (-0.14, -0.42), (-0.29, -0.06)),
                curve((-0.29, -0.06), (-0.14, -0.1), (-0.03, -0.09)),
            ]
        )
    )
    canvas.solid(
        main,
        linear((x, y), (x + 0.3 * size, y - 0.3 * size), between(darker(sail, 0.12), sail)),
        0.3,
        0.03 * size,
    )
    canvas.solid(
        front,
        linear((x - 0.3 * size, y), (x, y), between(jib, darker(jib, 0.16))),
        0.3,
        0.03 * size,
    )
    seams = [
        at(ribbon(points((0.015, -h), (0.3 * (1 - h / 0.93), -h - 0.0)), 0.004))
        for h in (0.25, 0.42, 0.6)
    ]
    canvas.fill(seams, darker(sail, 0.5), 0.25)
    body = at(
        smooth(
            points(
                (-0.36, -0.05),
                (0.33, -0.045),
                (0.3, 0.045),
                (0.2, 0.09),
                (-0.16, 0.09),
                (-0.27, 0.05),
            ),
            steps=6,
        )
    )
    canvas.solid(body, hull, 0.5, 0.03 * size)
    canvas.fill(
        at(ribbon(points((-0.35, -0.035), (0.335, -0.032)), 0.016)), lighter(hull, 0.6), 0.9
    )


def boats(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """One near boat and some far sails on a rippled sea."""
    hour = _hour(number)
    horizon = canvas.height * rng.uniform(0.5, 0.66)
    canvas.sky(hour.stops, horizon)
    streaks(canvas, rng, "#ffffff", 0.35)
    glint = canvas.width * rng.uniform(0.15, 0.85)
    if number % 4 == 1:
        sun(canvas, glint, horizon - 0.07, 0.05, hour.sun)
    else:
        cloud(
            canvas,
            rng,
            glint,
            horizon - rng.uniform(0.08, 0.2),
            rng.uniform(0.2, 0.34),
            "#ffffff",
            hour.haze,
        )
    if number % 3 == 0:
        hills(
            canvas,
            rng,
            (horizon - 0.01, horizon),
            2,
            hour.haze,
            mix(hour.haze, hour.land, 0.5),
            0.04,
            3,
        )
    water(
        canvas,
        rng,
        horizon,
        vary(rng, darker(hour.sea, 0.2)),
        mix(hour.sea, hour.haze, 0.5),
        hour.sun,
        glint,
    )
    for _ in range(int(rng.integers(1, 4))):
        far = mix("#ffffff", hour.haze, 0.25)
        _boat(
            canvas,
            canvas.width * rng.uniform(0.08, 0.92),
            horizon + 0.012,
            rng.uniform(0.08, 0.15),
            0.0,
            far,
            far,
            hour.sea,
        )
    sail, jib = _SAILS[number % 8], _SAILS[(number * 3 + 1) % 8]
    x = canvas.width * rng.uniform(0.36, 0.64)
    size = rng.uniform(0.5, 0.68)
    _boat(
        canvas,
        x,
        horizon + (canvas.height - horizon) * rng.uniform(0.35, 0.6),
        size,
        rng.uniform(-0.09, 0.09),
        sail,
        jib,
        _HULLS[number % 6],
    )
