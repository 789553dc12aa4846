"""Mountain lakes: peaks, firs and their reflection."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix
from core.demo.scenes.outdoors import DAY, EVENING, Sky, cloud, hills
from core.demo.shapes import Points, box, points, ridge

_PINE = ("#1f4a3d", "#24523f", "#2d5a3a", "#38583a")


def lake(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Snowy peaks, firs, and their reflection in still water."""
    hour = EVENING[(number // 4) % len(EVENING)] if number % 4 == 3 else DAY[number % len(DAY)]
    shore = canvas.height * rng.uniform(0.58, 0.66)
    canvas.sky(hour.stops, shore)
    for _ in range(2):
        cloud(
            canvas,
            rng,
            canvas.width * rng.random(),
            shore * rng.uniform(0.2, 0.5),
            rng.uniform(0.14, 0.3),
            "#ffffff",
            hour.haze,
            0.65,
        )
    rock = mix(("#5b6b8c", "#6f6a83", "#4f6d7a", "#7b7a86")[number % 4], hour.haze, 0.2)
    for row in range(2):
        _peaks(canvas, rng, shore, mix(rock, hour.haze, 0.5 - 0.4 * row), 0.3 + 0.06 * row, hour)
    hills(
        canvas,
        rng,
        (shore - 0.03, shore - 0.005),
        2,
        mix(hour.land, hour.haze, 0.45),
        hour.land,
        0.05,
        4,
        0.5,
    )
    firs: list[Points] = []
    for x in np.arange(-0.02, canvas.width + 0.02, 0.022):
        edge = abs(x / canvas.width - 0.5) * 2
        tall = (0.03 + 0.11 * edge**2) * rng.uniform(0.6, 1.25)
        at = x + rng.normal() * 0.008
        for tier in range(3):
            half, up = tall * (0.2 - 0.045 * tier), tall * 0.3 * tier
            firs.append(
                points(
                    (at - half, shore - up), (at + half, shore - up), (at, shore - up - tall * 0.45)
                )
            )
    canvas.fill(firs, mix(_PINE[number % 4], hour.haze, 0.12))
    _reflect(canvas, rng, shore, hour)


def _peaks(
    canvas: Canvas, rng: np.random.Generator, shore: float, rock: Colour, tall: float, hour: Sky
) -> None:
    count = int(rng.integers(2, 4))
    for x in (np.arange(count) + rng.uniform(0.15, 0.85, count)) * canvas.width / count:
        height = tall * rng.uniform(0.75, 1.25)
        half = height * rng.uniform(0.9, 1.25)
        t = np.linspace(-1, 1, 81)
        line = height * (1 - np.abs(t)) + rng.normal(0, 0.006, 81) * (1 - np.abs(t) ** 4)
        outline = np.stack([x + t * half, shore - line], axis=1)
        face = canvas.fill(
            outline,
            linear((0, shore - height), (0, shore), between(rock, mix(rock, hour.haze, 0.55))),
        )
        with canvas.inside(face):
            spine = ridge(rng, 1.0, 0.0, 0.03, 14)[:60, 1]
            down = np.linspace(-height, 0.0, 60)
            lit = np.stack([x + spine + 0.12 * (down + height), shore + down], axis=1)
            canvas.fill(
                np.concatenate([lit, points((x + half, shore), (x + half, shore - height))]),
                darker(rock, 0.45),
                0.45,
            )
            snow_t = np.linspace(-1, 1, 33)
            zigzag = 0.62 + 0.1 * np.where(np.arange(33) % 2, 1, -1) * rng.uniform(0.3, 1.0, 33)
            snow = np.stack([x + snow_t * half, shore - height * zigzag], axis=1)
            cap = np.concatenate(
                [snow, points((x + half, shore - height * 1.2), (x - half, shore - height * 1.2))]
            )
            canvas.fill(cap, lighter(hour.haze, 0.8), 0.92)
            canvas.fill(
                np.concatenate(
                    [
                        lit[:28],
                        points(
                            (x + half * 0.5, shore - height * 0.5), (x + half * 0.4, shore - height)
                        ),
                    ]
                ),
                mix(rock, "#7f95c4", 0.5),
                0.4,
            )


def _reflect(canvas: Canvas, rng: np.random.Generator, shore: float, hour: Sky) -> None:
    row = int(shore * canvas.scale)
    below = canvas.pixels.shape[0] - row
    above = canvas.pixels[max(0, row - below) : row][::-1]
    mirrored_rows = np.resize(np.arange(above.shape[0]), below)
    wave = canvas.noise(rng, 26, 2, stretch=9)[row:]
    depth = np.linspace(0.0, 1.0, below, dtype=np.float32)[:, None]
    columns = np.arange(canvas.pixels.shape[1])[None, :] + (wave - 0.5) * 34 * (0.15 + depth)
    rows = np.clip(mirrored_rows[:, None] + (wave - 0.5) * 26 * depth, 0, above.shape[0] - 1)
    picked = above[
        rows.astype(np.intp), np.clip(columns, 0, canvas.pixels.shape[1] - 1).astype(np.intp)
    ]
    tint = np.asarray(darker(hour.sea, 0.1), np.float32)
    canvas.pixels[row:] = picked * (0.78 - 0.25 * depth[..., None]) + tint * (
        0.2 + 0.25 * depth[..., None]
    )
    canvas.fill(box(-0.1, shore - 0.0015, canvas.width + 0.2, 0.003), lighter(hour.haze, 0.4), 0.55)
