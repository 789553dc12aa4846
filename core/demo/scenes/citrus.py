"""Slices of citrus fruit: wheels of bright wedges."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, mix, radial, vary
from core.demo.shapes import TAU, ellipse, petal, place, points, smooth

_CLOTHS = ("#b5d6d8", "#f0c4aa", "#cfdfae", "#f3d892", "#c9bce4", "#9fcbc2")
_CITRUS = (
    ("#f28a1e", "#fba63a"),
    ("#f5d327", "#fbe468"),
    ("#8fbf3a", "#c9e07a"),
    ("#e8604a", "#f28a72"),
    ("#f0a63a", "#f7c66a"),
    ("#c93a3f", "#e0605a"),
)


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
