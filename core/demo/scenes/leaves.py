"""Pressed leaves of four kinds on paper."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import between, darker, lighter, linear, mix, radial, vary
from core.demo.shapes import TAU, Points, curve, petal, place, points, ribbon

_PAPERS = ("#f5efe4", "#ece6da", "#e3e8e4", "#f3e4d8", "#e6e3ec", "#dfe6ea")
_LEAVES = ("#c8452f", "#e08a2f", "#e8b93a", "#7f9a3f", "#4a7f4a", "#9a3a3a", "#b5703a", "#6a8f6a")


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
    count = (1, 3, 1, 2)[(number + number // 8) % 4]
    kind = (number // 2) % 4
    for at in range(count):
        ink = vary(rng, _LEAVES[(number * 3 + number // 8 + at * 2) % len(_LEAVES)], 0.02, 0.1)
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
