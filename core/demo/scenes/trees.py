"""One tree through the seasons: the same branches, other colours."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, darker, lighter, mix, vary
from core.demo.scenes.outdoors import DAY, cloud, hills
from core.demo.shapes import TAU, Points, curve, ellipse, points, ribbon, smooth

_CROWNS = (
    ("#f3b6c6", "#e58aa5"),
    ("#6fa04a", "#4a7f3a"),
    ("#e8963a", "#c4552f"),
    ("#e9eef4", "#c3cfdd"),
)
_GROUNDS = ("#9cc27a", "#7fae5c", "#c9a860", "#eef2f6")


def _branches(
    rng: np.random.Generator,
    x: float,
    y: float,
    length: float,
    angle: float,
    width: float,
    depth: int,
    tips: list[tuple[float, float]],
) -> list[Points]:
    bend = rng.normal() * 0.12
    ex, ey = x + np.sin(angle) * length, y - np.cos(angle) * length
    mid = (x + np.sin(angle + bend) * length * 0.5, y - np.cos(angle + bend) * length * 0.5)
    made = [ribbon(curve((x, y), mid, (ex, ey), steps=5), (width, width * 0.62))]
    if depth <= 3:
        tips.append((ex, ey))
    if depth:
        for side in (-1, 1):
            made += _branches(
                rng,
                ex,
                ey,
                length * rng.uniform(0.66, 0.84),
                angle + side * rng.uniform(0.25, 0.55),
                width * 0.62,
                depth - 1,
                tips,
            )
    return made


def _crown(
    canvas: Canvas,
    rng: np.random.Generator,
    tips: list[tuple[float, float]],
    pale: Colour,
    deep: Colour,
    season: int,
) -> None:
    leaf_count = (9, 13, 8, 2)[season]
    for layer, ink in enumerate(
        (darker(deep, 0.25), deep, mix(deep, pale, 0.5), pale, lighter(pale, 0.25))
    ):
        leaves = []
        for tx, ty in tips:
            for _ in range(max(1, leaf_count // 5)):
                lx, ly = (
                    tx + rng.normal() * 0.026 - 0.006 * layer,
                    ty + rng.normal() * 0.024 - 0.009 * layer,
                )
                leaves.append(
                    ellipse(
                        lx,
                        ly,
                        rng.uniform(0.007, 0.016),
                        rng.uniform(0.005, 0.011),
                        rng.uniform(0, TAU),
                        12,
                    )
                )
        if season != 3:
            canvas.solid(leaves, ink, 0.25, 0.004)
        elif layer == 4:
            canvas.fill(leaves, "#ffffff", 0.8)


def _snow(canvas: Canvas, rng: np.random.Generator, wood: list[Points]) -> None:
    canvas.fill([p - (0.002, 0.004) for p in wood[::2]], "#ffffff", 0.55)
    flakes = [
        ellipse(
            rng.uniform(0, canvas.width),
            rng.uniform(0, canvas.height),
            rng.uniform(0.002, 0.006),
            count=12,
        )
        for _ in range(120)
    ]
    canvas.fill(flakes, "#ffffff", 0.85)


def tree(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """One tree in a field, in spring, summer, autumn or winter."""
    season = number % 4
    hour = DAY[((4, 1, 2, 0), (0, 1, 2, 3), (3, 4, 1, 0), (2, 3, 1, 4))[season][number // 4 % 4]]
    ground = canvas.height * rng.uniform(0.76, 0.82)
    canvas.sky(hour.stops, ground)
    cloud(
        canvas,
        rng,
        canvas.width * rng.random(),
        canvas.height * rng.uniform(0.12, 0.35),
        rng.uniform(0.18, 0.3),
        "#ffffff",
        hour.haze,
        0.7,
    )
    grass = _GROUNDS[season]
    hills(
        canvas,
        rng,
        (ground - 0.07, ground),
        3,
        mix(hour.haze, grass, 0.4),
        vary(rng, grass),
        0.035,
        2.5,
        0.35,
    )
    x = canvas.width * rng.uniform(0.42, 0.58)
    foot = ground + 0.06
    canvas.fill(ellipse(x + 0.1, foot, 0.3, 0.025), darker(grass, 0.6), 0.4, 0.02)
    tips: list[tuple[float, float]] = []
    size = min(1.0, canvas.height * 0.9)
    wood = _branches(rng, x, foot, 0.2 * size, rng.normal() * 0.04, 0.05, 6, tips)
    bark = vary(rng, "#5b4236" if season != 3 else "#4a4450")
    canvas.solid(wood, bark, 0.5, 0.008)
    roots = points(
        (x - 0.05, foot + 0.008),
        (x - 0.022, foot - 0.05),
        (x + 0.022, foot - 0.05),
        (x + 0.055, foot + 0.008),
    )
    canvas.solid(smooth(roots, steps=6), bark, 0.3, 0.01)
    pale, deep = (vary(rng, ink, 0.03, 0.1) for ink in _CROWNS[season])
    if season == 3:
        _snow(canvas, rng, wood)
    _crown(canvas, rng, tips, pale, deep, season)
    if season in (0, 2):
        fallen = [
            ellipse(
                x + rng.normal() * 0.25,
                foot + abs(rng.normal()) * 0.04,
                0.009,
                0.004,
                rng.uniform(0, TAU),
                12,
            )
            for _ in range(60)
        ]
        canvas.fill(fallen, pale, 0.85)
