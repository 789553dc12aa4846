"""Sunsets over hills and hot-air balloons: the same skies, once with ridges and once with bulbs."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, darker, lighter, mix, vary
from core.demo.scenes.outdoors import DAY, EVENING, birds, cloud, hills, streaks, sun
from core.demo.shapes import TAU, Points, box, curve, mirrored, points, ribbon

_GORES = (
    ("#d1495b", "#f6e7cb", "#edae49"),
    ("#2a6f97", "#f4f1de", "#e07a5f"),
    ("#3d405b", "#f2cc8f", "#81b29a"),
    ("#b5179e", "#ffd6a5", "#7209b7"),
    ("#ef8354", "#fff3d6", "#2d6a6a"),
    ("#e63946", "#ffe8b6", "#457b9d"),
    ("#588157", "#f5ebd0", "#bc4749"),
    ("#f4a261", "#e76f51", "#264653"),
)


def sunset(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A low sun behind rows of misty hills."""
    hour = EVENING[number % len(EVENING)]
    horizon = canvas.height * rng.uniform(0.52, 0.66)
    canvas.sky(hour.stops, horizon + 0.08)
    streaks(canvas, rng, hour.sun, rng.uniform(0.2, 0.55))
    x = canvas.width * rng.uniform(0.2, 0.8)
    sun(canvas, x, horizon - rng.uniform(0.0, 0.16), rng.uniform(0.05, 0.085), hour.sun)
    birds(canvas, rng, canvas.width - x, horizon * rng.uniform(0.35, 0.7), darker(hour.haze, 0.55))
    rows = int(rng.integers(4, 7))
    far, near = mix(hour.haze, hour.land, 0.15), vary(rng, hour.land, 0.015, 0.15)
    levels = (horizon + 0.02, canvas.height * rng.uniform(0.86, 0.94))
    hills(canvas, rng, levels, rows, far, near, rng.uniform(0.06, 0.12), rng.uniform(2, 4), 0.42)
    canvas.glow(x, horizon, 0.45, hour.sun, 0.22)


def _outline(x: float, y: float, size: float) -> Points:
    right = curve(
        (0, -0.5),
        (0.24, -0.455),
        (0.43, -0.29),
        (0.47, -0.06),
        (0.38, 0.17),
        (0.2, 0.4),
        (0.1, 0.52),
    )
    whole = np.concatenate([right, mirrored(right)[::-1]])
    return whole * size + (x, y)


def _balloon(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    size: float,
    inks: tuple[Colour, ...],
    style: int,
) -> None:
    outline = _outline(x, y, size)
    foot, basket_y = y + 0.52 * size, y + 0.72 * size
    ropes = [
        ribbon(
            points((x + side * 0.095 * size, foot), (x + side * 0.05 * size, basket_y)),
            0.006 * size,
        )
        for side in (-1, -0.35, 0.35, 1)
    ]
    canvas.fill(ropes, "#4a3b35", 0.9)
    canvas.solid(
        box(x - 0.062 * size, basket_y, 0.124 * size, 0.1 * size), "#8a5a36", 0.5, 0.02 * size
    )
    canvas.fill(
        box(x - 0.066 * size, basket_y - 0.006 * size, 0.132 * size, 0.02 * size), "#5f3b22"
    )
    skin = canvas.fill(outline, inks[0])
    with canvas.inside(skin):
        edges = np.sin(np.linspace(-TAU / 4, TAU / 4, 11))
        down = np.linspace(-0.52, 0.54, 40)
        half = np.interp(down, (outline[:70, 1] - y) / size, (outline[:70, 0] - x) / size)
        for gore in range(10):
            ink = inks[gore % 2] if style != 1 else inks[0]
            left = np.stack([x + half * edges[gore] * size * 1.02, y + down * size], axis=1)
            right = np.stack([x + half * edges[gore + 1] * size * 1.02, y + down * size], axis=1)
            canvas.fill(np.concatenate([left, right[::-1]]), ink)
        if style >= 1:
            for row, top in enumerate((-0.2, -0.05, 0.1)):
                bend = np.linspace(-0.5, 0.5, 30)
                sag = 0.06 * (1 - (bend * 2) ** 2)
                upper = np.stack([x + bend * size, y + (top + sag) * size], axis=1)
                if style == 2 and row != 1:
                    continue
                canvas.fill(ribbon(upper, 0.085 * size), inks[2 if row == 1 else 1])
        seams = [
            ribbon(np.stack([x + half * edge * size, y + down * size], axis=1), 0.004 * size)
            for edge in edges[1:-1]
        ]
        canvas.fill(seams, darker(inks[0], 0.5), 0.35)
        canvas.glow(x - 0.17 * size, y - 0.22 * size, 0.2 * size, "#fff6e0", 0.4)
    canvas.shade(skin, 0.75, 0.09 * size)


def balloons(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """One large balloon and some far ones over a wide country."""
    hour = DAY[number % len(DAY)] if number % 3 else EVENING[number % len(EVENING)]
    canvas.sky(hour.stops, canvas.height * 0.9)
    for _ in range(int(rng.integers(2, 5))):
        cloud(
            canvas,
            rng,
            rng.uniform(0, canvas.width),
            canvas.height * rng.uniform(0.15, 0.75),
            rng.uniform(0.12, 0.3),
            lighter(hour.sun, 0.3),
            hour.haze,
            0.7,
        )
    far, near = mix(hour.haze, hour.land, 0.3), hour.land
    hills(canvas, rng, (canvas.height * 0.86, canvas.height * 0.95), 3, far, near, 0.05, 3.0, 0.35)
    count = int(rng.integers(2, 6))
    for small in range(count, -1, -1):
        share = small / max(1, count)
        size = (0.52 - 0.4 * share**0.6) * rng.uniform(0.85, 1.1)
        x = canvas.width * (rng.uniform(0.34, 0.66) if small == 0 else rng.uniform(0.06, 0.94))
        y = canvas.height * (rng.uniform(0.36, 0.46) if small == 0 else rng.uniform(0.12, 0.68))
        kit = _GORES[(number + small * 3) % len(_GORES)]
        inks = tuple(mix(vary(rng, ink), hour.haze, 0.45 * share) for ink in kit)
        _balloon(canvas, rng, x, y, size, inks, int(rng.integers(0, 3)))
