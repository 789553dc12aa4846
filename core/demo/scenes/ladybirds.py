"""Ladybirds on a leaf: spotted rounds on green."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, radial, vary
from core.demo.shapes import Points, curve, ellipse, place, points, ribbon

_BACKS = ("#d2322d", "#e0662a", "#e8b02e", "#b8252f", "#d9453a", "#2f2b35")
_LEAVES = ("#5f9a3f", "#4a8a5a", "#86ad4a", "#3a7a4a", "#6f9f6a")


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
