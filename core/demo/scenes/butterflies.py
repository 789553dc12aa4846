"""Butterflies: spread wings in many colours."""

from collections.abc import Callable

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, darker, lighter, mix, radial, vary
from core.demo.shapes import Points, curve, ellipse, mirrored, petal, place, points, ribbon, smooth

_WINGS = (
    ("#f2913d", "#3a2620", "#fff0d0"),
    ("#4a86d9", "#1c2547", "#dcefff"),
    ("#f2d04f", "#4a3a1f", "#fffbe0"),
    ("#d95a6a", "#3d1b2b", "#ffe0d6"),
    ("#7fc99a", "#1f4a44", "#effff0"),
    ("#a983e0", "#2f2354", "#f4e8ff"),
    ("#f4efe4", "#5a4f55", "#f2b05a"),
    ("#e88fb4", "#54264a", "#fff0f4"),
)
_AIRS = (
    ("#eef4e4", "#b9d3a5"),
    ("#fbeedd", "#eec9a5"),
    ("#e4f0f5", "#a9cbd9"),
    ("#f3e8f2", "#d0b3d4"),
    ("#fdf6d8", "#e4d38f"),
)


def _wing(
    canvas: Canvas,
    at: Callable[[Points], Points],
    part: Points,
    middle: tuple[float, float],
    kit: tuple[Colour, Colour, Colour],
    size: float,
    has_eye: bool,
) -> None:
    ink, rim, spot = kit
    hx, hy = middle
    wing = canvas.fill(at(part), rim)
    root = at(points((0.02, -0.02)))[0]
    with canvas.inside(wing):
        inner = part * 0.8 + np.array([hx, hy]) * 0.17
        canvas.fill(
            at(inner),
            radial(
                (float(root[0]), float(root[1])),
                0.55 * size,
                ((0, darker(ink, 0.35)), (0.4, ink), (1, lighter(ink, 0.3))),
            ),
            1.0,
            0.006 * size,
        )
        veins = [
            at(
                ribbon(
                    curve(
                        (0.02, 0),
                        (hx * 0.6 + (px - hx) * 0.3, hy * 0.6 + (py - hy) * 0.3),
                        (px, py),
                        steps=4,
                    ),
                    (0.012, 0.005),
                )
            )
            for px, py in part[::7]
        ]
        canvas.fill(veins, rim, 0.8)
        dots = [
            ellipse(hx + (px - hx) * 0.91, hy + (py - hy) * 0.91, 0.014)
            for px, py in part[12:-12:4]
        ]
        canvas.fill([at(dot) for dot in dots], spot, 0.95)
        if has_eye:
            eye = ellipse(hx * 1.1, hy * 1.12, 0.055)
            canvas.fill(at(eye), rim)
            canvas.fill(at(ellipse(hx * 1.1, hy * 1.12, 0.036)), spot)
            canvas.fill(at(ellipse(hx * 1.1, hy * 1.12, 0.017)), darker(rim, 0.3))
    canvas.shade(wing, 0.35, 0.03 * size)


def _butterfly(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    size: float,
    turn: float,
    kit: tuple[Colour, Colour, Colour],
    style: int,
) -> None:
    rim = kit[1]
    upper = smooth(
        points(
            (0.01, -0.06),
            (0.14, -0.3),
            (0.36, -0.43),
            (0.49, -0.38),
            (0.45, -0.2),
            (0.33, -0.03),
            (0.1, 0.03),
        )
    )
    lower = smooth(
        points(
            (0.01, 0.02),
            (0.2, 0.0),
            (0.33, 0.08),
            (0.33, 0.23),
            (0.24, 0.33 + 0.09 * (style == 1)),
            (0.12, 0.27),
            (0.03, 0.12),
        )
    )
    whole = [
        place(part if side > 0 else mirrored(part), x, y, size, turn)
        for part in (upper, lower)
        for side in (1, -1)
    ]
    canvas.shadow(whole, (0.03, 0.05), 0.022, 0.28)
    for part, (hx, hy) in ((lower, (0.2, 0.15)), (upper, (0.27, -0.22))):
        for side in (1, -1):

            def at(outline: Points, side: int = side) -> Points:
                return place(outline * (side, 1), x, y, size, turn)

            _wing(canvas, at, part, (hx, hy), kit, size, style != 2)
    body = [
        place(ellipse(0, 0.08, 0.028, 0.15), x, y, size, turn),
        place(ellipse(0, -0.1, 0.036, 0.07), x, y, size, turn),
        place(ellipse(0, -0.185, 0.03), x, y, size, turn),
    ]
    canvas.solid(body, darker(rim, 0.2), 0.7, 0.015 * size)
    feelers = [
        place(
            ribbon(
                curve((0.01 * side, -0.2), (0.05 * side, -0.3), (0.12 * side, -0.37)),
                (0.009, 0.005),
            ),
            x,
            y,
            size,
            turn,
        )
        for side in (1, -1)
    ]
    canvas.fill(
        feelers + [place(ellipse(0.12 * side, -0.37, 0.011), x, y, size, turn) for side in (1, -1)],
        darker(rim, 0.2),
    )


def butterflies(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Spread wings over a pale, blurred garden."""
    pale, tint = _AIRS[number % len(_AIRS)]
    canvas.sky(((0, lighter(pale, 0.4)), (0.5, pale), (1, tint)))
    for _ in range(20):
        radius = rng.uniform(0.04, 0.14)
        canvas.fill(
            ellipse(rng.uniform(0, canvas.width), rng.uniform(0, canvas.height), radius),
            vary(rng, tint, 0.1) if rng.random() < 0.5 else "#ffffff",
            0.2,
            radius * 0.2,
        )
    for _ in range(7):
        x = rng.uniform(0, canvas.width)
        blade = place(
            petal(rng.uniform(0.35, 0.7), 0.05, 0.4), x, canvas.height + 0.03, 1, rng.normal() * 0.3
        )
        canvas.fill(blade, mix(tint, "#4f7a4a", 0.5), 0.4, 0.006)
    count = 1 + (number % 5 == 3) + (number % 5 == 1)
    for at in range(count):
        size = 0.85 * rng.uniform(0.88, 1.05) if count == 1 else (0.56 - 0.1 * at)
        x = canvas.width * (0.5 if count == 1 else (0.32, 0.7)[at])
        y = canvas.height * (0.5 if count == 1 else (0.6, 0.36)[at])
        _butterfly(
            canvas,
            rng,
            x,
            y,
            size,
            rng.uniform(-0.6, 0.6),
            _WINGS[(number + at * 3) % len(_WINGS)],
            number % 3,
        )
