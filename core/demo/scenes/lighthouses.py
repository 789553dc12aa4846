"""Lighthouses: banded towers on a rocky shore, under the skies of the boats."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, vary
from core.demo.scenes.outdoors import DAY, EVENING, birds, cloud, water
from core.demo.shapes import TAU, box, closed_below, curve, ellipse, points, ribbon

_BANDS = ("#c8343f", "#1f3a5f", "#e0632f", "#2d2f36", "#157a6e")


def lighthouse(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A banded tower on a rocky shore."""
    hour = EVENING[number % len(EVENING)] if number % 3 == 2 else DAY[number % len(DAY)]
    horizon = canvas.height * rng.uniform(0.64, 0.72)
    canvas.sky(hour.stops, horizon)
    cloud(
        canvas,
        rng,
        canvas.width * rng.uniform(0, 1),
        horizon * rng.uniform(0.3, 0.9),
        rng.uniform(0.2, 0.35),
        "#ffffff",
        hour.haze,
        0.75,
    )
    cloud(
        canvas,
        rng,
        canvas.width * rng.uniform(0, 1),
        horizon * rng.uniform(0.2, 0.8),
        rng.uniform(0.12, 0.2),
        "#ffffff",
        hour.haze,
        0.6,
    )
    water(canvas, rng, horizon, darker(hour.sea, 0.2), mix(hour.sea, hour.haze, 0.45), hour.sun)
    x = canvas.width * rng.uniform(0.28, 0.72)
    birds(canvas, rng, canvas.width - x, horizon * 0.4, darker(hour.haze, 0.5))
    foot = horizon + 0.03
    _shore(canvas, rng, x, foot, mix("#7d7672", hour.land, 0.35), hour.haze)
    tall = rng.uniform(0.44, 0.54)
    top = foot - tall
    wide, slim = 0.082, 0.052
    tower = points((x - slim, top), (x + slim, top), (x + wide, foot), (x - wide, foot))
    band = _BANDS[(number * 2 + number // 5) % len(_BANDS)]
    skin = canvas.fill(tower, "#f6f1e7")
    with canvas.inside(skin):
        rows = 5 + number % 3 * 2
        for stripe in range(0, rows, 2):
            canvas.fill(box(x - 0.1, top + tall * stripe / rows, 0.2, tall / rows), band)
        canvas.round_off(x, wide)
    canvas.fill(
        [box(x - 0.011, top + tall * place_y, 0.022, 0.034) for place_y in (0.3, 0.58)], "#2b3040"
    )
    canvas.fill(box(x - 0.016, foot - 0.06, 0.032, 0.06), "#3d2b26")
    canvas.solid(box(x - 0.072, top - 0.012, 0.144, 0.018), "#2f3340", 0.3, 0.006)
    canvas.fill(box(x - 0.036, top - 0.075, 0.072, 0.065), mix("#ffe9a8", hour.haze, 0.2))
    canvas.fill(
        [box(x + at, top - 0.075, 0.006, 0.065) for at in (-0.036, -0.013, 0.009, 0.031)], "#2f3340"
    )
    canvas.solid(
        np.concatenate(
            [
                curve(
                    (x - 0.048, top - 0.073),
                    (x - 0.03, top - 0.106),
                    (x, top - 0.125),
                    (x + 0.03, top - 0.106),
                    (x + 0.048, top - 0.073),
                )
            ]
        ),
        band,
        0.5,
        0.015,
    )
    canvas.fill(ribbon(points((x, top - 0.12), (x, top - 0.155)), 0.006), "#2f3340")
    canvas.glow(x, top - 0.045, 0.09, "#fff0b8", 0.75)
    if number % 3 == 2:
        side = 1 if x < canvas.width / 2 else -1
        beam = points((x, top - 0.05), (x + side * 1.4, top - 0.2), (x + side * 1.4, top + 0.06))
        canvas.fill(
            beam, linear((x, 0), (x + side * 1.0, 0), between("#fff3c4", hour.haze)), 0.28, 0.012
        )


def _shore(
    canvas: Canvas, rng: np.random.Generator, x: float, foot: float, rock: Colour, haze: Colour
) -> None:
    """An island of boulders, pale behind and dark in front, with foam at the edge."""
    along = np.linspace(-1, 1, 90)
    lean = rng.uniform(-0.15, 0.15)
    heap = 0.12 * (1 - np.abs(along + lean) ** 1.5) + rng.normal(0, 0.004, 90)
    line = np.stack([x + along * 0.6, foot + 0.11 - np.maximum(heap, 0)], axis=1)
    shade = linear(
        (0, foot), (0, foot + 0.16), between(mix(rock, "#8aa06a", 0.35), darker(rock, 0.3))
    )
    canvas.solid(closed_below(line, foot + 0.14), shade, 0.5, 0.012)
    for row in range(4):
        reach, level = 0.62 - 0.09 * row, foot + 0.1 + 0.055 * row
        boulders = []
        for _ in range(15 - 2 * row):
            bx = x + rng.uniform(-1, 1) * reach
            size = rng.uniform(0.022, 0.05) * (1 + 0.25 * row)
            angle = np.linspace(0, TAU, 9, endpoint=False) + rng.uniform(-0.22, 0.22, 9)
            away = size * rng.uniform(0.8, 1.15, 9)
            boulders.append(
                np.stack(
                    [bx + away * np.cos(angle) * 1.5, level + away * np.sin(angle) * 0.8], axis=1
                )
            )
        foam = [
            ellipse(float(b[:, 0].mean()), float(b[:, 1].max()) - 0.006, 0.07, 0.011)
            for b in boulders
        ]
        canvas.fill(foam, lighter(haze, 0.6), 0.5, 0.004)
        for boulder in boulders:
            canvas.solid(
                boulder, vary(rng, darker(rock, 0.06 + 0.11 * row), 0.02, 0.1), 0.75, 0.013
            )
