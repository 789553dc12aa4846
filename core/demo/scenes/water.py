"""Sailing boats, lighthouses and mountain lakes: blue scenes that differ in shape."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, vary
from core.demo.scenes.outdoors import DAY, EVENING, Sky, birds, cloud, hills, streaks, sun, water
from core.demo.shapes import (
    Points,
    box,
    closed_below,
    curve,
    ellipse,
    place,
    points,
    ribbon,
    ridge,
    smooth,
)

_SAILS = ("#fbf6ea", "#fbf6ea", "#d1495b", "#f2cc8f", "#e9ecef", "#e07a5f", "#2a6f97", "#f4a261")
_HULLS = ("#7f3b2e", "#243b55", "#f1ede4", "#2f5d50", "#b23a48", "#3e3a39")
_BANDS = ("#c8343f", "#1f3a5f", "#e0632f", "#2d2f36", "#157a6e")
_PINE = ("#1f4a3d", "#24523f", "#2d5a3a", "#38583a")


def _hour(number: int) -> Sky:
    return EVENING[number % len(EVENING)] if number % 4 == 1 else DAY[number % len(DAY)]


def _boat(
    canvas: Canvas,
    x: float,
    y: float,
    size: float,
    lean: float,
    sail: Colour,
    jib: Colour,
    hull: Colour,
) -> None:
    def at(outline: Points) -> Points:
        return place(outline, x, y, size, lean)

    canvas.fill(
        [ellipse(x, y + 0.07 * size, 0.3 * size, 0.03 * size)], "#0d2230", 0.35, 0.01 * size
    )
    reflection = place(points((-0.02, 0.06), (0.33, 0.06), (0.02, 0.42)), x, y, size, -lean)
    canvas.fill(reflection, sail, 0.22, 0.012 * size)
    canvas.fill(at(ribbon(points((0, 0), (0, -0.88)), (0.016, 0.008))), "#4d3a2e")
    main = at(
        np.concatenate(
            [
                curve((0.015, -0.85), (0.13, -0.55), (0.3, -0.12)),
                curve((0.3, -0.12), (0.15, -0.09), (0.015, -0.1)),
            ]
        )
    )
    front = at(
        np.concatenate(
            [
                curve((-0.02, -0.78), (-0.14, -0.42), (-0.29, -0.06)),
                curve((-0.29, -0.06), (-0.14, -0.1), (-0.03, -0.09)),
            ]
        )
    )
    canvas.solid(
        main,
        linear((x, y), (x + 0.3 * size, y - 0.3 * size), between(darker(sail, 0.12), sail)),
        0.3,
        0.03 * size,
    )
    canvas.solid(
        front,
        linear((x - 0.3 * size, y), (x, y), between(jib, darker(jib, 0.16))),
        0.3,
        0.03 * size,
    )
    seams = [
        at(ribbon(points((0.015, -h), (0.3 * (1 - h / 0.93), -h - 0.0)), 0.004))
        for h in (0.25, 0.42, 0.6)
    ]
    canvas.fill(seams, darker(sail, 0.5), 0.25)
    body = at(
        smooth(
            points(
                (-0.36, -0.05),
                (0.33, -0.045),
                (0.3, 0.045),
                (0.2, 0.09),
                (-0.16, 0.09),
                (-0.27, 0.05),
            ),
            steps=6,
        )
    )
    canvas.solid(body, hull, 0.5, 0.03 * size)
    canvas.fill(
        at(ribbon(points((-0.35, -0.035), (0.335, -0.032)), 0.016)), lighter(hull, 0.6), 0.9
    )


def boats(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """One near boat and some far sails on a rippled sea."""
    hour = _hour(number)
    horizon = canvas.height * rng.uniform(0.5, 0.66)
    canvas.sky(hour.stops, horizon)
    streaks(canvas, rng, "#ffffff", 0.35)
    glint = canvas.width * rng.uniform(0.15, 0.85)
    if number % 4 == 1:
        sun(canvas, glint, horizon - 0.07, 0.05, hour.sun)
    else:
        cloud(
            canvas,
            rng,
            glint,
            horizon - rng.uniform(0.08, 0.2),
            rng.uniform(0.2, 0.34),
            "#ffffff",
            hour.haze,
        )
    if number % 3 == 0:
        hills(
            canvas,
            rng,
            (horizon - 0.01, horizon),
            2,
            hour.haze,
            mix(hour.haze, hour.land, 0.5),
            0.04,
            3,
        )
    water(
        canvas,
        rng,
        horizon,
        vary(rng, darker(hour.sea, 0.2)),
        mix(hour.sea, hour.haze, 0.5),
        hour.sun,
        glint,
    )
    for _ in range(int(rng.integers(1, 4))):
        far = mix("#ffffff", hour.haze, 0.25)
        _boat(
            canvas,
            canvas.width * rng.uniform(0.08, 0.92),
            horizon + 0.012,
            rng.uniform(0.08, 0.15),
            0.0,
            far,
            far,
            hour.sea,
        )
    sail, jib = _SAILS[number % 8], _SAILS[(number * 3 + 1) % 8]
    x = canvas.width * rng.uniform(0.36, 0.64)
    size = rng.uniform(0.5, 0.68)
    _boat(
        canvas,
        x,
        horizon + (canvas.height - horizon) * rng.uniform(0.35, 0.6),
        size,
        rng.uniform(-0.09, 0.09),
        sail,
        jib,
        _HULLS[number % 6],
    )


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
    band = _BANDS[number % len(_BANDS)]
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
            angle = np.sort(rng.uniform(0, 6.283, 9))
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
