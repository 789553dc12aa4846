"""Cups of coffee, cut citrus fruit and ceramic vases: round things on a table, and tall ones."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, radial, vary
from core.demo.shapes import (
    TAU,
    Points,
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
_CLOTHS = ("#dfe9ea", "#f5dfd0", "#e6ebd5", "#f8eccb", "#e6dff0", "#cfe3df")
_CITRUS = (
    ("#f28a1e", "#fba63a"),
    ("#f5d327", "#fbe468"),
    ("#8fbf3a", "#c9e07a"),
    ("#e8604a", "#f28a72"),
    ("#f0a63a", "#f7c66a"),
    ("#c93a3f", "#e0605a"),
)
_GLAZES = (
    ("#3a6ea5", "#f2ede2"),
    ("#c8683f", "#f4dfc4"),
    ("#5f8f7a", "#e9f0df"),
    ("#f1ebdd", "#3a5f8f"),
    ("#8a4a5f", "#f0d6d0"),
    ("#e0a93a", "#5a3a2a"),
    ("#3f4a5a", "#d9b88a"),
    ("#9a86b8", "#efe6f5"),
)
_WALLS = (
    ("#efe6da", "#cdbba4"),
    ("#dfe6e6", "#b3c3c5"),
    ("#f3dcd0", "#d9ae9a"),
    ("#e5e2ee", "#bdb6d2"),
    ("#e9ebdc", "#c0c6a2"),
)


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
        _milk(canvas, rng, x, y, radius * 0.8, turn, number % 4, brew)
        canvas.fill(ellipse(x, y, radius * 0.95) - (radius * 0.1, radius * 0.14), "#1a0f0a", 0.0)
        canvas.glow(x - radius * 0.35, y - radius * 0.4, radius * 0.3, "#fff6e6", 0.28)
    canvas.shade(pool, -0.5, 0.02)
    side = 1 if x < canvas.width / 2 else -1
    if number % 3 != 1:
        _spoon(canvas, x + side * saucer * 1.22, y + 0.02, side * rng.uniform(0.05, 0.3))
    else:
        for _ in range(9):
            bx, by, spin = (
                x + side * (saucer + rng.uniform(0.05, 0.22)),
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


def _slice(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    radius: float,
    kit: tuple[Colour, Colour],
) -> None:
    rind, flesh = kit
    turn = rng.uniform(0, TAU)
    canvas.shadow(ellipse(x, y, radius), (0.014, 0.024), 0.016, 0.35)
    canvas.solid(ellipse(x, y, radius), rind, 0.5, 0.014)
    canvas.fill(ellipse(x, y, radius * 0.93), lighter(mix(rind, "#fff6dc", 0.75), 0.3))
    parts = int(rng.integers(9, 12))
    wedge = smooth(
        points(
            (0, -0.07),
            (np.sin(np.pi / parts) * 0.76, -0.8),
            (np.sin(np.pi / parts) * 0.45, -0.865),
            (0, -0.875),
            (-np.sin(np.pi / parts) * 0.45, -0.865),
            (-np.sin(np.pi / parts) * 0.76, -0.8),
        ),
        steps=6,
    )
    pulp = []
    shade = radial(
        (x, y),
        radius,
        ((0, lighter(flesh, 0.35)), (0.5, flesh), (0.9, mix(flesh, rind, 0.8)), (1, rind)),
    )
    for at in range(parts):
        pulp.append(place(wedge, x, y, radius, turn + TAU * at / parts))
    cut = canvas.solid(pulp, shade, 0.35, radius * 0.025)
    with canvas.inside(cut):
        cells = []
        for _ in range(170):
            angle, away = rng.uniform(0, TAU), radius * np.sqrt(rng.uniform(0.03, 0.75))
            cells.append(
                place(
                    petal(radius * 0.12, radius * 0.03, 0.6),
                    x + away * np.sin(angle),
                    y - away * np.cos(angle),
                    1,
                    angle,
                )
            )
        canvas.fill(cells[::2], lighter(flesh, 0.55), 0.4)
        canvas.fill(cells[1::2], darker(rind, 0.15), 0.25)
        canvas.glow(x - radius * 0.35, y - radius * 0.4, radius * 0.35, "#ffffff", 0.25)


def citrus(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Round slices of citrus fruit on a plain cloth."""
    cloth = _CLOTHS[(number * 2 + number // 6) % len(_CLOTHS)]
    canvas.backdrop(
        radial(
            (canvas.width * 0.3, canvas.height * 0.25),
            1.3,
            between(lighter(cloth, 0.35), darker(cloth, 0.1)),
        )
    )
    count = (1, 3, 5, 2)[number % 4]
    radius = {1: 0.37, 2: 0.25, 3: 0.21, 5: 0.17}[count] * rng.uniform(0.93, 1.07)
    spots: list[tuple[float, float]] = []
    tries = 0
    while len(spots) < count and tries < 400:
        tries += 1
        x = rng.uniform(radius * 0.9, canvas.width - radius * 0.9)
        y = rng.uniform(radius * 0.9, canvas.height - radius * 0.9)
        if count == 1:
            x, y = canvas.width / 2 + rng.normal() * 0.04, canvas.height / 2 + rng.normal() * 0.03
        if all(np.hypot(x - px, y - py) > radius * 2.08 for px, py in spots):
            spots.append((x, y))
    for at, (x, y) in enumerate(spots):
        for _ in range(int(rng.integers(0, 3))):
            leaf = place(petal(radius * 0.9, radius * 0.36, 0.5), x, y, 1, rng.uniform(0, TAU))
            leaf = leaf + (leaf.mean(0) - (x, y)) * 1.7
            canvas.shadow(leaf, (0.01, 0.016), 0.01, 0.3)
            canvas.solid(leaf, vary(rng, "#4f8a4a", 0.03), 0.5, 0.012)
        kit = _CITRUS[(number + (at if number % 2 else 0)) % len(_CITRUS)]
        _slice(canvas, rng, x, y, radius, (vary(rng, kit[0], 0.01), vary(rng, kit[1], 0.01)))


def vase(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A glazed vase on a shelf, often with a twig."""
    wall, shelf = _WALLS[number % len(_WALLS)]
    edge, foot = canvas.height * 0.8, canvas.height * 0.87
    canvas.backdrop(
        radial(
            (canvas.width * 0.3, canvas.height * 0.25),
            1.2,
            between(lighter(wall, 0.45), darker(wall, 0.12)),
        )
    )
    canvas.solid(
        box(-0.1, edge, canvas.width + 0.2, 1),
        linear((0, edge), (0, canvas.height), between(lighter(shelf, 0.15), darker(shelf, 0.2))),
        0.2,
        0.008,
    )
    x = canvas.width / 2 + rng.uniform(-0.09, 0.09)
    tall = rng.uniform(0.5, 0.62) * (1.0 if number % 3 else 0.85)
    profiles = (
        ((0.1, 0.0), (0.2, 0.22), (0.25, 0.5), (0.16, 0.78), (0.075, 0.9), (0.1, 1.0)),
        ((0.13, 0.0), (0.235, 0.3), (0.19, 0.6), (0.065, 0.76), (0.06, 0.9), (0.09, 1.0)),
        ((0.12, 0.0), (0.13, 0.25), (0.17, 0.6), (0.2, 0.85), (0.17, 0.95), (0.16, 1.0)),
        ((0.08, 0.0), (0.27, 0.3), (0.28, 0.45), (0.16, 0.68), (0.05, 0.78), (0.065, 1.0)),
    )
    side = smooth(
        np.array(
            [
                (half * rng.uniform(0.95, 1.06), -up * tall)
                for half, up in profiles[(number * 3 + number // 4) % 4]
            ]
        ),
        closed=False,
    )
    lip = float(side[-1, 0])
    canvas.fill(ellipse(x + 0.14, foot, 0.3, 0.04), "#1c1b2b", 0.32, 0.035)
    glaze, other = (vary(rng, ink, 0.015) for ink in _GLAZES[number % len(_GLAZES)])
    if number % 2:
        _twigs(canvas, rng, x, foot - tall, number)
    canvas.fill(ellipse(x, foot - tall, lip, lip * 0.2), darker(glaze, 0.6))
    outline = place(np.concatenate([side, mirrored(side)[::-1]]), x, foot)
    t = np.linspace(0, TAU / 2, 20)
    front = np.stack([x - lip * np.cos(t), foot - tall + lip * 0.2 * np.sin(t)], axis=1)
    body = canvas.fill([outline, ellipse(x, foot, float(side[0, 0]), 0.018)], glaze)
    with canvas.inside(body):
        widest = float(side[:, 0].max())
        _pattern(canvas, x, foot, tall, widest, other, number % 5)
        canvas.mottle(canvas.noise(rng, 40, 3), 0.06)
        canvas.round_off(x, widest, 0.6)
        canvas.fill(ribbon(front, 0.012), lighter(glaze, 0.5), 0.8)
        canvas.fill(box(x - 0.4, foot - 0.04, 0.8, 0.08), "#1b1d33", 0.3, 0.02)
    canvas.shade(body, 0.45, 0.03)


def _pattern(
    canvas: Canvas, x: float, foot: float, tall: float, half: float, ink: Colour, kind: int
) -> None:
    across = np.linspace(-half, half, 60)
    sag = 0.035 * (1 - (across / half) ** 2)

    def band(up: float, wide: float) -> Points:
        return ribbon(np.stack([x + across, foot - up * tall + sag], axis=1), wide)

    if kind == 0:
        canvas.fill(
            [band(up, wide) for up, wide in ((0.3, 0.012), (0.36, 0.05), (0.42, 0.012))], ink, 0.9
        )
    elif kind == 1:
        canvas.fill(box(x - half, foot - tall * 0.36, half * 2, tall * 0.4), ink, 0.9, 0.004)
    elif kind == 2:
        rows = [
            np.stack(
                [x + across, foot - up * tall + sag + 0.016 * np.sin(across * 90 + row * 1.5)],
                axis=1,
            )
            for row, up in enumerate(np.linspace(0.2, 0.62, 5))
        ]
        canvas.fill([ribbon(row, 0.012) for row in rows], ink, 0.85)
    elif kind == 3:
        dots = [
            ellipse(
                x + half * np.sin(u),
                foot - up * tall + 0.03 * np.cos(u),
                0.02 * max(0.25, np.cos(u)),
                0.02,
            )
            for row, up in enumerate((0.25, 0.38, 0.51))
            for u in np.linspace(-1.4, 1.4, 9) + 0.17 * (row % 2)
        ]
        canvas.fill(dots, ink, 0.9)


def _twigs(canvas: Canvas, rng: np.random.Generator, x: float, y: float, number: int) -> None:
    leaf = vary(rng, ("#6a8f5a", "#c9a04a", "#7f9aa0", "#b5604a")[number // 2 % 4])
    for lean in rng.uniform(-0.5, 0.5, 3):
        length = rng.uniform(0.2, 0.3)
        line = curve(
            (x, y + 0.05),
            (x + lean * length * 0.4, y - length * 0.5),
            (x + lean * length, y - length),
        )
        canvas.fill(ribbon(line, (0.008, 0.004)), "#6b4a3a")
        for at in range(5, len(line), 3):
            for side in (-1, 1):
                shape = place(
                    petal(0.065, 0.03, 0.5),
                    float(line[at, 0]),
                    float(line[at, 1]),
                    1,
                    lean + side * 0.9,
                )
                canvas.solid(shape, vary(rng, leaf), 0.35, 0.006)
