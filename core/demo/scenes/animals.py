"""Fish, butterflies and ladybirds: one shape each in many coats."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, radial, vary
from core.demo.shapes import (
    TAU,
    Points,
    curve,
    ellipse,
    mirrored,
    petal,
    place,
    points,
    ribbon,
    smooth,
)

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
_BACKS = ("#d2322d", "#e0662a", "#e8b02e", "#b8252f", "#d9453a", "#2f2b35")
_LEAVES = ("#5f9a3f", "#4a8a5a", "#86ad4a", "#3a7a4a", "#6f9f6a")


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
    ink, belly, mark = coat
    lean = rng.normal() * 0.12

    def at(outline: Points) -> Points:
        return place(outline * (facing, 1), x, y, size, lean)

    high = (0.2, 0.27, 0.17)[style]
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
        if style == 0:
            for off in (0.13, -0.12, -0.33):
                band = curve((off + 0.02, -0.4), (off + 0.06, 0), (off + 0.02, 0.4))
                canvas.fill(at(ribbon(band, 0.11)), mark, 0.9)
                canvas.fill(at(ribbon(band, 0.075)), belly)
        elif style == 1:
            for off in np.linspace(-0.3, 0.16, 5):
                canvas.fill(
                    at(
                        ribbon(curve((off, -0.4), (off + 0.05, 0), (off, 0.4)), (0.05, 0.025, 0.05))
                    ),
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
                            np.stack(
                                [u + 0.024 * -np.cos(arc), row * 0.042 + 0.026 * np.sin(arc)], 1
                            ),
                            0.004,
                        )
                    )
                )
        canvas.fill(scales, darker(ink, 0.4), 0.28)
        canvas.fill(
            at(ribbon(curve((0.24, -high), (0.17, 0), (0.24, high)), 0.012)), darker(ink, 0.5), 0.5
        )
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
    deep, pale = _SEAS[number % len(_SEAS)]
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
    ink, rim, spot = kit
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
                if style != 2:
                    eye = ellipse(hx * 1.1, hy * 1.12, 0.055)
                    canvas.fill(at(eye), rim)
                    canvas.fill(at(ellipse(hx * 1.1, hy * 1.12, 0.036)), spot)
                    canvas.fill(at(ellipse(hx * 1.1, hy * 1.12, 0.017)), darker(rim, 0.3))
            canvas.shade(wing, 0.35, 0.03 * size)
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


def ladybirds(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Spotted beetles on a large green leaf."""
    green = vary(rng, _LEAVES[number % len(_LEAVES)], 0.02, 0.1)
    lean = rng.uniform(-0.6, 0.6)
    canvas.backdrop(
        linear(
            (0, 0),
            (canvas.width * 0.4, canvas.height),
            ((0, lighter(green, 0.3)), (0.6, green), (1, darker(green, 0.3))),
        )
    )
    canvas.mottle(canvas.noise(rng, 30, 4), 0.12)
    middle = canvas.height * rng.uniform(0.4, 0.6)
    reach = canvas.width + 0.4
    spine = place(
        curve((-reach / 2, 0.03), (0, -0.02), (reach / 2, 0.03)),
        canvas.width / 2,
        middle,
        1,
        lean * 0.5,
    )
    ribs = []
    for px, py in spine[::3]:
        for side in (-1, 1):
            ribs.append(
                ribbon(
                    curve((px, py), (px + 0.2, py + side * 0.25), (px + 0.5, py + side * 0.8)),
                    (0.012, 0.003),
                )
            )
    canvas.fill([place(rib, 0.004, 0.006) for rib in ribs], darker(green, 0.45), 0.3, 0.004)
    canvas.fill(ribs, lighter(green, 0.35), 0.55)
    canvas.solid(ribbon(spine, (0.03, 0.02)), lighter(green, 0.4), 0.5, 0.008)
    for _ in range(int(rng.integers(2, 9))):
        x, y, radius = (
            rng.uniform(0, canvas.width),
            rng.uniform(0, canvas.height),
            rng.uniform(0.01, 0.03),
        )
        canvas.shadow(ellipse(x, y, radius), (0.004, 0.006), 0.006, 0.35)
        canvas.fill(
            ellipse(x, y, radius),
            radial(
                (x + radius * 0.4, y + radius * 0.5),
                radius * 1.6,
                between(lighter(green, 0.6), darker(green, 0.1)),
            ),
            0.9,
        )
        canvas.fill(ellipse(x - radius * 0.35, y - radius * 0.4, radius * 0.25), "#ffffff", 0.95)
    count = (1, 1, 2, 3)[number % 4]
    for at in range(count):
        size = {1: 0.56, 2: 0.36, 3: 0.27}[count] * rng.uniform(0.92, 1.08)
        x = (
            canvas.width / 2
            + (at - (count - 1) / 2) * canvas.width * 0.85 / count
            + rng.normal() * 0.02
        )
        y = canvas.height / 2 + (0.17 * (-1) ** at if count > 1 else rng.normal() * 0.03)
        _ladybird(
            canvas,
            rng,
            x,
            y,
            size,
            rng.uniform(-1.2, 1.2),
            vary(rng, _BACKS[number % len(_BACKS)], 0.015),
            number,
        )


def _ladybird(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    size: float,
    turn: float,
    ink: Colour,
    number: int,
) -> None:
    def at(outline: Points) -> Points:
        return place(outline, x, y, size, turn)

    spot: Colour = "#1d1a22" if number % len(_BACKS) != 5 else "#e04a3a"
    shell = at(ellipse(0, 0.06, 0.42, 0.46))
    canvas.shadow(shell, (0.03, 0.05), 0.02, 0.45, "#0d1a10")
    legs = [
        at(
            ribbon(
                curve((side * 0.25, py), (side * 0.45, py + dy * 0.4), (side * 0.52, py + dy)),
                (0.035, 0.02),
            )
        )
        for side in (-1, 1)
        for py, dy in ((-0.2, -0.12), (0.05, 0.03), (0.28, 0.14))
    ]
    feelers = [
        at(ribbon(curve((side * 0.07, -0.52), (side * 0.13, -0.62), (side * 0.22, -0.64)), 0.018))
        for side in (-1, 1)
    ]
    canvas.fill(legs + feelers, "#1d1a22")
    canvas.solid(at(ellipse(0, -0.46, 0.17, 0.13)), "#1d1a22", 0.6, 0.02 * size)
    canvas.fill([at(ellipse(side * 0.1, -0.49, 0.038, 0.03)) for side in (-1, 1)], "#f6f0e2")
    canvas.solid(at(ellipse(0, -0.33, 0.29, 0.17)), "#242029", 0.6, 0.03 * size)
    canvas.fill([at(ellipse(side * 0.2, -0.36, 0.06, 0.07)) for side in (-1, 1)], "#f6f0e2")
    light_x, light_y = x - 0.14 * size, y - 0.16 * size
    back = canvas.fill(
        shell,
        radial(
            (light_x, light_y),
            0.75 * size,
            ((0, lighter(ink, 0.3)), (0.35, ink), (1, darker(ink, 0.55))),
        ),
    )
    with canvas.inside(back):
        places = [(0.16, -0.16, 0.075), (0.26, 0.1, 0.085), (0.13, 0.3, 0.075)][: 2 + number % 2]
        if number % 3 == 0:
            places.append((0.1, 0.06, 0.05))
        spots = [at(ellipse(side * u, v, r, r * 1.05)) for u, v, r in places for side in (-1, 1)]
        canvas.fill([*spots, at(ellipse(0, -0.33, 0.08, 0.12))], spot)
        canvas.fill(at(ribbon(points((0, -0.45), (0, 0.55)), 0.014)), spot)
        canvas.glow(light_x, light_y, 0.13 * size, "#ffffff", 0.7)
    canvas.shade(back, 0.5, 0.05 * size)
