"""What several landscapes share: skies by the hour, suns, clouds, hills and water."""

from dataclasses import dataclass

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, Stops, between, darker, lighter, linear, mix
from core.demo.shapes import TAU, Points, box, closed_below, ellipse, ridge


@dataclass(frozen=True)
class Sky:
    """The light of one hour of the day."""

    stops: Stops
    sun: str
    haze: str
    sea: str
    land: str


def _sky(colours: str, sun: str, haze: str, sea: str, land: str) -> Sky:
    parts = colours.split()
    stops = [(at / (len(parts) - 1), colour) for at, colour in enumerate(parts)]
    return Sky(stops, sun, haze, sea, land)


EVENING = (
    _sky("#3b2a5c #8a3f6b #e0705a #f7b267 #fde0a0", "#fff2c4", "#f3a26d", "#5b4470", "#3a2347"),
    _sky("#27365f #6b5b95 #d98695 #f6c3a5 #fdebc8", "#fff6dc", "#e8a79b", "#4d5688", "#2e2d55"),
    _sky("#5a1f3d #a8324a #e8603c #f99d45 #ffd58a", "#ffefb0", "#f08a48", "#6b2e4c", "#3d1730"),
    _sky("#1e3a5f #3f6f8f #97a9a3 #eec58b #fbe3b5", "#fff4cf", "#d9b78f", "#31586f", "#1f3646"),
    _sky("#42275a #734b8d #c06c9b #f2a0a1 #ffd9b8", "#ffeede", "#dd8fa4", "#59406f", "#35214d"),
    _sky("#2b2f55 #5f4b7a #b5697c #ec9a73 #f9d193", "#fff0c2", "#d98a7a", "#4a4570", "#28264a"),
)
DAY = (
    _sky("#3d8fc9 #7db9df #b9dcec #e8f3ee", "#fffbe6", "#c7dfe6", "#2f7ea3", "#4f8a5b"),
    _sky("#5aa9c9 #98cfd8 #d3ebe3 #fbf3dc", "#fff8dd", "#d6e5da", "#3a93a0", "#6b9a5a"),
    _sky("#6c9bd2 #a9c4e4 #dbe2ee #f9ece1", "#fff6e2", "#d4d9e6", "#4c7fb0", "#5f8f77"),
    _sky("#8fb8c4 #bcd3d3 #e0e3d8 #f6ead4", "#fff7e0", "#d5dcd3", "#5d8f9b", "#7a916a"),
    _sky("#e7a6a1 #f2c4b3 #f8dfc9 #fdf3e2", "#fffaf0", "#f0cfc0", "#7ba3ae", "#8b8f76"),
)

ROOMS = (
    ("#f3e3d3", "#e2c3a5"),
    ("#dfe8e4", "#b9cdc4"),
    ("#f6d9cf", "#e3aa98"),
    ("#e4e0f0", "#bfb6d8"),
    ("#fbeecb", "#e9c985"),
    ("#d5e5ee", "#a3c2d4"),
)
GREENS = ("#3f7d4f", "#5a8f4a", "#2f6f62", "#7a9a52", "#4a8a7a")


def sun(canvas: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """A disc with a wide halo."""
    canvas.glow(x, y, radius * 7, colour, 0.35)
    canvas.glow(x, y, radius * 2.4, colour, 0.45)
    canvas.fill(ellipse(x, y, radius), lighter(colour, 0.35), softness=0.002)


def cloud(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    size: float,
    top: Colour = "#ffffff",
    bottom: Colour = "#cfdcea",
    opacity: float = 0.85,
) -> None:
    """A heap of soft rounds with a level foot."""
    puffs = int(rng.integers(6, 10))
    at = np.linspace(-1, 1, puffs)
    heaps: list[Points] = []
    for place in at:
        radius = size * (0.11 + 0.17 * (1 - place**2) * rng.uniform(0.65, 1.3))
        heaps.append(ellipse(x + place * size * 0.66, y - radius * 0.8, radius, radius))
    shape = canvas.stencil(heaps, size * 0.018)
    foot = canvas.stencil(box(x - size * 2, y - size, size * 4, size * 1.06), size * 0.05)
    shade = linear((0, y - size * 0.45), (0, y + size * 0.05), between(top, bottom))
    with canvas.inside(foot):
        canvas.paint(shape, shade, opacity)
        canvas.shade(shape, 0.22, size * 0.06)


def streaks(canvas: Canvas, rng: np.random.Generator, ink: Colour, amount: float = 0.5) -> None:
    """High, drawn-out clouds in the upper sky."""
    plane = canvas.noise(rng, 5, 5, stretch=5)
    fall = np.linspace(1.0, 0.1, plane.shape[0], dtype=np.float32)[:, None]
    canvas.veil((plane - 0.5) * 3.2 * fall, ink, amount)


def hills(
    canvas: Canvas,
    rng: np.random.Generator,
    levels: tuple[float, float],
    count: int,
    far: Colour,
    near: Colour,
    height: float = 0.1,
    waves: float = 2.5,
    rough: float = 0.4,
) -> None:
    """Rows of hills from the haze to the front, each with mist at its foot."""
    for row in range(count):
        share = row / max(1, count - 1)
        level = levels[0] + (levels[1] - levels[0]) * share
        colour = mix(far, near, share)
        line = ridge(rng, canvas.width, level, height * (0.7 + 0.6 * share), waves, rough=rough)
        foot = lighter(mix(colour, far, 0.45), 0.05)
        shade = linear((0, level - height), (0, level + 0.28), between(colour, foot))
        canvas.solid(closed_below(line, canvas.height + 0.1), shade, 0.12, 0.006)


def water(
    canvas: Canvas,
    rng: np.random.Generator,
    horizon: float,
    near: Colour,
    far: Colour,
    glint: Colour = "#ffffff",
    glint_x: float | None = None,
) -> None:
    """A sea from the horizon down; ripples grow towards the viewer; light lies on it."""
    bottom = canvas.height
    sea = canvas.stencil(box(-0.1, horizon, canvas.width + 0.2, bottom - horizon + 0.1))
    canvas.paint(
        sea, linear((0, horizon), (0, bottom), ((0, far), (0.35, mix(far, near, 0.6)), (1, near)))
    )
    dark: list[Points] = []
    light: list[Points] = []
    for _ in range(150):
        depth = rng.random() ** 1.6
        y = horizon + 0.004 + (bottom - horizon) * depth
        x = rng.uniform(-0.05, canvas.width + 0.05)
        wave = ellipse(
            x, y, 0.02 + 0.09 * depth * rng.uniform(0.4, 1.2), 0.0012 + 0.005 * depth, count=24
        )
        (light if rng.random() < 0.5 else dark).append(wave)
    with canvas.inside(sea):
        canvas.fill(dark, darker(near, 0.35), 0.22)
        canvas.fill(light, lighter(far, 0.45), 0.25)
        if glint_x is not None:
            sparks = []
            for _ in range(110):
                depth = rng.random()
                spread = 0.025 + 0.11 * depth
                x = glint_x + rng.normal() * spread * 0.6
                y = horizon + 0.003 + (bottom - horizon) * depth
                sparks.append(
                    ellipse(
                        x, y, 0.008 + 0.03 * depth * rng.random(), 0.001 + 0.0035 * depth, count=20
                    )
                )
            canvas.fill(sparks, glint, 0.6)


def birds(canvas: Canvas, rng: np.random.Generator, x: float, y: float, ink: Colour) -> None:
    """A small flock far away."""
    flock = []
    for _ in range(int(rng.integers(3, 7))):
        bx, by = x + rng.normal() * 0.07, y + rng.normal() * 0.03
        span = rng.uniform(0.008, 0.016)
        t = np.linspace(-1, 1, 15)
        line = np.stack([bx + t * span, by - span * 0.55 * np.sin(np.abs(t) * TAU / 2.6)], axis=1)
        thick = 0.0032 * (1 - np.abs(t) * 0.8)
        flock.append(
            np.concatenate(
                [line - thick[:, None] * (0, 0.5), (line + thick[:, None] * (0, 0.5))[::-1]]
            )
        )
    canvas.fill(flock, ink, 0.8)
