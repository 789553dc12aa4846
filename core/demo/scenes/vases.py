"""Ceramic vases: four profiles in many glazes."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, radial, vary
from core.demo.shapes import (
    TAU,
    Points,
    box,
    curve,
    ellipse,
    mirrored,
    petal,
    place,
    ribbon,
    smooth,
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
    tall = rng.uniform(0.5, 0.62) * (0.86 if number % 2 else 1.08)
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
