"""Umbrellas in the rain: fans of colour over a wet street."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, vary
from core.demo.shapes import TAU, Points, box, curve, ellipse, points, ribbon

_FANS = (
    ("#d1384a", "#d1384a"),
    ("#f2b632", "#f2b632"),
    ("#2f7fb0", "#f5efe2"),
    ("#3f8f7a", "#3f8f7a"),
    ("#e8748a", "#fbe3e0"),
    ("#6a4f9a", "#6a4f9a"),
    ("#f08a4b", "#f7ead3"),
    ("#23395b", "#e8c15a"),
)
_WET = (
    ("#5f7385", "#3a4858"),
    ("#7d8794", "#4b5263"),
    ("#5d7f86", "#334d57"),
    ("#857f8f", "#524b5f"),
)


def _umbrella(
    canvas: Canvas, x: float, y: float, size: float, lean: float, inks: tuple[Colour, Colour]
) -> None:
    def at(outline: Points) -> Points:
        cos, sin = np.cos(lean), np.sin(lean)
        return np.asarray(outline @ np.array([[cos, sin], [-sin, cos]]) * size + (x, y), np.float64)

    canvas.fill(at(ribbon(points((0, -0.5), (0, 0.62)), 0.022)), "#3a3340")
    hook = curve((0, 0.6), (0.005, 0.68), (0.05, 0.72), (0.1, 0.69), (0.105, 0.64))
    canvas.solid(at(ribbon(hook, 0.036)), "#8a5a36", 0.6, 0.008 * size)
    ends = np.sin(np.linspace(-TAU / 4, TAU / 4, 9))
    t = np.linspace(0, TAU / 4, 24)
    foot: list[tuple[float, float]] = []
    for panel in range(8):
        u = np.linspace(0, 1, 9)
        scallop = ends[panel] + (ends[panel + 1] - ends[panel]) * u
        foot += list(
            zip(
                scallop * 0.62,
                0.02 - 0.05 * np.sin(np.pi * u) + 0.035 * (1 - scallop**2),
                strict=True,
            )
        )
    rim = np.array(foot)
    dome_t = np.linspace(TAU / 4, -TAU / 4, 60)
    dome = np.stack([0.62 * np.sin(dome_t), -0.5 * np.cos(dome_t) ** 0.8], axis=1)
    whole = at(np.concatenate([rim, dome]))
    inner = at(np.concatenate([rim - (0, 0.0), rim[::-1] * (1, 1.5) + (0, 0.012)]))
    canvas.fill(inner, darker(inks[0], 0.6))
    cloth = canvas.fill(whole, inks[0])
    with canvas.inside(cloth):
        for panel in range(8):
            left = np.stack([0.62 * ends[panel] * np.sin(t), -0.5 * np.cos(t) ** 0.8], axis=1)
            right = np.stack([0.62 * ends[panel + 1] * np.sin(t), -0.5 * np.cos(t) ** 0.8], axis=1)
            lower = rim[panel * 9 : panel * 9 + 9] + np.array([0, 0.05])
            ink = mix(
                inks[panel % 2], darker(inks[panel % 2], 0.4), 0.1 + 0.1 * abs(panel - 2.5) / 2
            )
            fold = linear(
                tuple(at(left[-1:])[0]),
                tuple(at(right[-1:])[0]),
                ((0, darker(ink, 0.2)), (0.35, lighter(ink, 0.12)), (1, darker(ink, 0.08))),
            )
            canvas.fill(at(np.concatenate([left, lower, right[::-1]])), fold)
            canvas.fill(at(ribbon(left, 0.006)), darker(ink, 0.45), 0.5)
        glow_x, glow_y = at(np.array([[-0.2, -0.32]]))[0]
        canvas.glow(float(glow_x), float(glow_y), 0.2 * size, "#ffffff", 0.3)
    canvas.shade(cloth, 0.5, 0.06 * size)
    canvas.fill(at(ribbon(points((0, -0.49), (0, -0.57)), (0.02, 0.008))), "#3a3340")


def umbrellas(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Open umbrellas over a wet street, with rain and reflections."""
    high, low = _WET[(number + number // 4) % len(_WET)]
    ground = canvas.height * rng.uniform(0.74, 0.8)
    canvas.sky(((0, lighter(high, 0.12)), (0.6, lighter(high, 0.35)), (1, low)), canvas.height)
    for _ in range(20):
        spot_x, spot_y, radius = (
            rng.uniform(0, canvas.width),
            ground * rng.uniform(0.2, 0.95),
            rng.uniform(0.02, 0.075),
        )
        canvas.fill(
            ellipse(spot_x, spot_y, radius),
            vary(rng, "#f5d9a0", 0.08),
            rng.uniform(0.1, 0.3),
            radius * 0.1,
        )
    canvas.fill(
        box(-0.1, ground, canvas.width + 0.2, 1),
        linear((0, ground), (0, canvas.height), between(lighter(low, 0.15), darker(low, 0.25))),
        1.0,
        0.006,
    )
    count = (1, 2, 3, 1)[(number + number // 8) % 4]
    order = [0.5] if count == 1 else list(np.linspace(0.24, 0.76, count))
    for at, share in enumerate(order):
        size = (
            {1: 0.72, 2: 0.55, 3: 0.47}[count]
            * min(1.0, canvas.width / (1.0 if count == 1 else 1.1))
            * rng.uniform(0.92, 1.08)
        )
        x, y = canvas.width * share, ground - size * 0.42 - rng.uniform(0.0, 0.08) * (at % 2)
        inks = _FANS[(number + number // 8 + at * 3) % len(_FANS)]
        canvas.fill(ellipse(x, ground + 0.05, size * 0.5, size * 0.07), inks[0], 0.35, 0.03)
        canvas.fill(ellipse(x, ground + 0.13, size * 0.4, size * 0.1), inks[0], 0.2, 0.03)
        _umbrella(canvas, x, y, size, rng.uniform(-0.22, 0.22), (vary(rng, inks[0]), inks[1]))
    slant = rng.uniform(-0.03, 0.03)
    drops = []
    for _ in range(130):
        x, y, length = (
            rng.uniform(0, canvas.width),
            rng.uniform(-0.05, canvas.height),
            rng.uniform(0.02, 0.07),
        )
        drops.append(ribbon(points((x, y), (x + slant * length * 12, y + length)), 0.0017))
    canvas.fill(drops, "#eef4f8", 0.5)
    rings = []
    for _ in range(16):
        x, y, size = (
            rng.uniform(0, canvas.width),
            rng.uniform(ground + 0.03, canvas.height),
            rng.uniform(0.012, 0.035),
        )
        loop = ellipse(x, y, size, size * 0.28, count=40)
        rings.append(ribbon(np.concatenate([loop, loop[:1]]), 0.0025))
    canvas.fill(rings, "#eef4f8", 0.45)
