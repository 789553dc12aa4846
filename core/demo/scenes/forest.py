"""Mushrooms, trees through the seasons and single leaves: what one finds on a walk."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, radial, vary
from core.demo.scenes.outdoors import DAY, cloud, hills
from core.demo.shapes import (
    TAU,
    Points,
    closed_below,
    curve,
    ellipse,
    petal,
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
_CROWNS = (
    ("#f3b6c6", "#e58aa5"),
    ("#6fa04a", "#4a7f3a"),
    ("#e8963a", "#c4552f"),
    ("#e9eef4", "#c3cfdd"),
)
_GROUNDS = ("#9cc27a", "#7fae5c", "#c9a860", "#eef2f6")
_PAPERS = ("#f5efe4", "#ece6da", "#e3e8e4", "#f3e4d8", "#e6e3ec", "#dfe6ea")
_LEAVES = ("#c8452f", "#e08a2f", "#e8b93a", "#7f9a3f", "#4a7f4a", "#9a3a3a", "#b5703a", "#6a8f6a")


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
    deep, glade = _WOODS[number % len(_WOODS)]
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


def tree(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """One tree in a field, in spring, summer, autumn or winter."""
    season = number % 4
    hour = DAY[(4, 0, 3, 2)[season] if number % 8 < 4 else (1, 1, 1, 3)[season]]
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


def _leaf_outline(
    kind: int, rng: np.random.Generator
) -> tuple[Points, list[tuple[float, float, float]]]:
    if kind == 0:
        right = points(
            (0, 0),
            (0.1, -0.02),
            (0.3, 0.03),
            (0.26, -0.1),
            (0.47, -0.2),
            (0.38, -0.3),
            (0.45, -0.46),
            (0.3, -0.43),
            (0.2, -0.5),
            (0.2, -0.62),
            (0.1, -0.68),
            (0, -0.95),
        )
        return right, [
            (0.3, 0.03, 0.0),
            (0.45, -0.2, -0.02),
            (0.42, -0.44, -0.1),
            (0.17, -0.62, -0.3),
        ]
    if kind == 1:
        t = np.linspace(0, 1, 60)
        half = 0.21 * np.sin(np.pi * t**0.8) ** 0.7 * (1 + 0.28 * np.cos(t * TAU * 4.5))
        return np.stack([half, -t * 0.95], axis=1), [
            (0.16, -y - 0.1, -y) for y in np.linspace(0.1, 0.75, 6)
        ]
    outline = petal(0.95, 0.55 if kind == 2 else 0.34, 0.42)
    return outline[:28], [
        (0.2 if kind == 2 else 0.13, -y - 0.16, -y) for y in np.linspace(0.08, 0.72, 7)
    ]


def leaf(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Pressed leaves on paper."""
    paper = _PAPERS[number % len(_PAPERS)]
    canvas.backdrop(
        radial(
            (canvas.width * 0.4, canvas.height * 0.35),
            1.2,
            between(lighter(paper, 0.3), darker(paper, 0.12)),
        )
    )
    canvas.mottle(canvas.noise(rng, 60, 3), 0.03)
    count = (1, 3, 1, 2)[number % 4]
    kind = (number // 2) % 4
    for at in range(count):
        ink = vary(rng, _LEAVES[(number * 3 + at * 2) % len(_LEAVES)], 0.02, 0.1)
        size = {1: 0.8, 2: 0.62, 3: 0.5}[count] * rng.uniform(0.93, 1.05)
        turn = rng.uniform(-0.7, 0.7) + (at - (count - 1) / 2) * 0.5
        x = canvas.width / 2 + (at - (count - 1) / 2) * 0.9 * canvas.width / count
        cx, cy = x - np.sin(turn) * size * 0.45, canvas.height / 2 + np.cos(turn) * size * 0.45
        half, veins = _leaf_outline(kind, rng)
        whole = np.concatenate([half, (half * (-1, 1))[::-1]])
        outline = place(whole, cx, cy, size, turn)
        canvas.shadow(outline, (0.012, 0.02), 0.014, 0.35)
        stalk = place(curve((0, -0.02), (0.01, 0.06), (0.035, 0.15)), cx, cy, size, turn)
        canvas.solid(ribbon(stalk, (0.02 * size, 0.028 * size)), darker(ink, 0.35), 0.5, 0.006)
        blade = canvas.fill(
            outline,
            linear(
                (cx, cy),
                (cx + np.sin(turn) * size, cy - np.cos(turn) * size),
                ((0, mix(ink, "#7f9a3f", 0.35)), (0.5, ink), (1, darker(ink, 0.18))),
            ),
        )
        with canvas.inside(blade):
            canvas.mottle(canvas.noise(rng, 24, 4), 0.2)
            canvas.fill(
                place(np.concatenate([half, points((0, -0.95), (0, 0))]), cx, cy, size, turn),
                "#101a10",
                0.12,
            )
            lines = [
                place(
                    ribbon(
                        curve(
                            (0, base),
                            (tx * side * 0.5, (ty + base) / 2 - 0.01),
                            (tx * side * 1.1, ty * 1.04),
                            steps=5,
                        ),
                        (0.011, 0.003),
                    ),
                    cx,
                    cy,
                    size,
                    turn,
                )
                for tx, ty, base in veins
                for side in (-1, 1)
            ]
            lines.append(
                place(ribbon(points((0, 0.02), (0, -0.93)), (0.02, 0.004)), cx, cy, size, turn)
            )
            canvas.fill(lines, lighter(ink, 0.45), 0.75)
        canvas.shade(blade, 0.4, 0.012)
