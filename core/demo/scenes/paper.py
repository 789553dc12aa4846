"""Origami birds and feathers on plain paper: sharp facets, and fine soft lines."""

import numpy as np
from numpy.typing import NDArray

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, radial, vary
from core.demo.shapes import Points, curve, ellipse, mirrored, place, points, ribbon

_SHEETS = (
    ("#f1e9dc", "#d8c8b0"),
    ("#dfe9ec", "#b4c9d0"),
    ("#f6e0d8", "#e0b4a4"),
    ("#e7e4f1", "#bdb4d6"),
    ("#eef0dc", "#c9d0a6"),
    ("#f8ecd0", "#e6cd92"),
)
_DEEP_SHEETS = (
    ("#8fb9b6", "#6c9a98"),
    ("#e6a58c", "#cb8068"),
    ("#ecd08a", "#d3ae5c"),
    ("#a9a6d0", "#8783b6"),
    ("#b9ca98", "#97ad72"),
    ("#e6b3c0", "#cd8fa0"),
)
_INKS = (
    "#d8434a",
    "#2f7fa8",
    "#f0a23a",
    "#4a9a7a",
    "#8a5fb0",
    "#e8748a",
    "#f4f0e6",
    "#34495e",
    "#6fb0c9",
    "#c96f3a",
)
_PLUMES = (
    ("#3a7fb5", "#1f3a5f"),
    ("#c4703a", "#5a2f22"),
    ("#5fa08a", "#2a4f55"),
    ("#efe9dd", "#8a7f75"),
    ("#8a6fb5", "#3f2f66"),
    ("#d9546a", "#6a2338"),
    ("#e0b04a", "#7a4f22"),
    ("#5a6470", "#23262f"),
)

# The facets of a folded crane, back to front: corners, and how light each lies (-1 to 1).
_CRANE: tuple[tuple[tuple[tuple[float, float], ...], float], ...] = (
    (((0.03, 0.02), (0.27, -0.52), (0.2, 0.1)), -0.35),
    (((0.12, 0.12), (0.52, -0.2), (0.46, -0.14), (0.2, 0.2)), -0.15),
    (((0.12, 0.12), (0.52, -0.2), (0.2, 0.06)), 0.25),
    (((-0.12, 0.12), (-0.4, -0.24), (-0.34, -0.24), (-0.05, 0.05)), 0.3),
    (((-0.12, 0.12), (-0.4, -0.24), (-0.37, -0.14), (-0.16, 0.2)), -0.1),
    (((-0.4, -0.24), (-0.34, -0.24), (-0.52, -0.12)), -0.3),
    (((-0.17, 0.12), (0.0, 0.03), (0.0, 0.3)), 0.05),
    (((0.2, 0.12), (0.0, 0.03), (0.0, 0.3)), -0.28),
    (((-0.12, 0.1), (-0.16, -0.54), (0.02, 0.04)), 0.38),
    (((0.02, 0.04), (-0.16, -0.54), (0.14, 0.12), (0.0, 0.16)), 0.1),
    (((-0.12, 0.1), (0.02, 0.04), (0.0, 0.16)), 0.2),
)
_SWALLOW: tuple[tuple[tuple[tuple[float, float], ...], float], ...] = (
    (((0.02, -0.02), (0.3, -0.36), (0.56, -0.3), (0.22, 0.02)), -0.25),
    (((0.3, -0.36), (0.56, -0.3), (0.26, -0.22)), 0.1),
    (((0.0, 0.12), (0.16, 0.42), (0.1, 0.16)), -0.2),
    (((0.04, 0.1), (0.36, 0.34), (0.14, 0.1)), 0.2),
    (((-0.1, -0.12), (0.16, 0.1), (0.04, 0.2), (-0.14, 0.0)), 0.0),
    (((-0.1, -0.12), (-0.34, -0.16), (-0.14, 0.0)), 0.3),
    (((-0.34, -0.16), (-0.46, -0.12), (-0.26, -0.09)), -0.35),
    (((-0.14, 0.0), (-0.1, -0.12), (-0.34, -0.16)), 0.25),
    (((-0.1, -0.1), (0.1, 0.04), (-0.2, 0.44), (-0.42, 0.52)), 0.2),
    (((-0.1, -0.1), (-0.42, 0.52), (-0.24, 0.16)), -0.12),
)


def origami(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Folded paper birds with their shadows on a sheet."""
    sheet, edge = _DEEP_SHEETS[number % len(_DEEP_SHEETS)]
    canvas.backdrop(
        radial(
            (canvas.width * 0.3, canvas.height * 0.25),
            1.25,
            between(lighter(sheet, 0.35), mix(sheet, edge, 0.8)),
        )
    )
    canvas.mottle(canvas.noise(rng, 70, 2), 0.02)
    count = (1, 3, 1, 2)[(number + number // 8) % 4]
    facets = _SWALLOW if number % 4 == 2 else _CRANE
    for at in range(count):
        size = {1: 0.72, 2: 0.52, 3: 0.42}[count] * rng.uniform(0.92, 1.08)
        along = 0.5 + (at - (count - 1) / 2) / count * 0.95
        across = 0.52 + (0.17 * (-1) ** at if count > 1 else rng.normal() * 0.02)
        wide = canvas.width >= canvas.height
        x, y = (
            canvas.width * (along if wide else across),
            canvas.height * (across if wide else along),
        )
        turn, facing = rng.uniform(-0.25, 0.25), -1.0 if (number + at) % 4 == 2 else 1.0
        ink = vary(rng, _INKS[(number + at * 3) % len(_INKS)], 0.015)
        folded = [
            place(np.array(corners) * (facing, 1.0), x, y, size, turn) for corners, _ in facets
        ]
        canvas.shadow(folded, (0.05, 0.085), 0.028, 0.34)
        for outline, (_, lightness) in zip(folded, facets, strict=True):
            tone = lighter(ink, lightness * 0.75) if lightness > 0 else darker(ink, -lightness)
            low, high = outline[np.argmax(outline[:, 1])], outline[np.argmin(outline[:, 1])]
            shade = linear(
                (float(high[0]), float(high[1])),
                (float(low[0]), float(low[1])),
                between(lighter(tone, 0.12), darker(tone, 0.14)),
            )
            skin = canvas.fill(outline, shade)
            if (number + at) % 5 == 0:
                with canvas.inside(skin):
                    _print(canvas, outline, ink, size)
            canvas.shade(skin, 0.22, 0.006)


def _print(canvas: Canvas, outline: Points, ink: Colour, size: float) -> None:
    low, high = outline.min(0), outline.max(0)
    step = 0.06 * size
    dots = [
        ellipse(x, y, step * 0.2, count=16)
        for x in np.arange(low[0], high[0], step)
        for y in np.arange(low[1], high[1], step)
    ]
    canvas.fill(dots, lighter(ink, 0.75), 0.75)


def feather(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """One to three feathers lying on paper."""
    sheet, edge = _SHEETS[(number * 5 + 2) % len(_SHEETS)]
    canvas.backdrop(
        radial(
            (canvas.width * 0.35, canvas.height * 0.3),
            1.25,
            between(lighter(sheet, 0.4), mix(sheet, edge, 0.7)),
        )
    )
    canvas.mottle(canvas.noise(rng, 70, 2), 0.025)
    count = (1, 2, 1, 3)[(number + number // 8) % 4]
    for at in range(count):
        size = {1: 0.88, 2: 0.74, 3: 0.66}[count] * rng.uniform(0.94, 1.06)
        turn = (
            rng.uniform(-0.75, 0.75)
            if count == 1
            else (at - (count - 1) / 2) * 0.35 + rng.normal() * 0.08
        )
        x = canvas.width / 2 + (at - (count - 1) / 2) * canvas.width * 0.78 / count
        _plume(
            canvas,
            rng,
            x,
            canvas.height / 2,
            size,
            turn,
            _PLUMES[(number + at * 3) % len(_PLUMES)],
            number % 3,
        )


def _barbs(
    rng: np.random.Generator, t: NDArray[np.float64], half: NDArray[np.float64]
) -> list[Points]:
    barbs: list[Points] = []
    for step in np.linspace(0.02, 0.985, 95):
        reach = float(np.interp(step, t, half))
        root = 0.28 - step * 0.78
        for way in (-1, 1):
            out = reach * rng.uniform(0.93, 1.04)
            if rng.random() < 0.03:
                out *= 0.75
            line = curve(
                (0, root),
                (way * out * 0.55, root - 0.035),
                (way * out, root - 0.1 - 0.02 * step),
                steps=4,
            )
            barbs.append(ribbon(line, (0.014, 0.011, 0.003)))
    return barbs


def _plume(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    size: float,
    turn: float,
    kit: tuple[str, str],
    style: int,
) -> None:
    ink, deep = vary(rng, kit[0], 0.015), kit[1]
    bend = rng.uniform(-0.07, 0.07)

    def at(outline: Points) -> Points:
        bowed = outline + np.stack(
            [bend * 4 * (0.25 - outline[:, 1] ** 2), np.zeros(len(outline))], axis=1
        )
        return place(bowed, x, y, size, turn)

    t = np.linspace(0, 1, 60)
    half = (0.125 if style != 1 else 0.09) * np.sin(np.pi * t**0.62) ** 0.8
    side = np.stack([half, 0.28 - t * 0.78], axis=1)
    vane = at(np.concatenate([side, mirrored(side)[::-1]]))
    canvas.shadow(vane, (0.022, 0.034), 0.016, 0.3)
    barbs = [at(barb) for barb in _barbs(rng, t, half)]
    shade = linear(
        (x - np.sin(turn) * 0.3 * size, y + 0.3 * size),
        (x + np.sin(turn) * 0.5 * size, y - 0.5 * size),
        ((0, lighter(ink, 0.55)), (0.4, ink), (0.8, mix(ink, deep, 0.65)), (1, deep)),
    )
    body = canvas.fill(barbs, shade)
    with canvas.inside(body):
        if style == 1:
            bands = [
                at(ribbon(curve((-0.2, up - 0.14), (0, up), (0.2, up - 0.14)), 0.045))
                for up in np.linspace(-0.36, 0.24, 6)
            ]
            canvas.fill(bands, deep, 0.6, 0.004)
        elif style == 2:
            canvas.fill(at(ellipse(0, -0.28, 0.075, 0.1)), lighter(deep, 0.1), 0.9, 0.006)
            canvas.fill(at(ellipse(0, -0.27, 0.05, 0.068)), lighter(ink, 0.5), 0.9, 0.004)
            canvas.fill(at(ellipse(0, -0.26, 0.028, 0.04)), deep, 0.95, 0.003)
        canvas.fill(barbs[::3], lighter(ink, 0.5), 0.22)
        canvas.fill(barbs[1::4], deep, 0.22)
        canvas.fill(
            at(np.concatenate([side * (1.3, 1), points((0, -0.5), (0, 0.28))])), "#10142a", 0.14
        )
    canvas.shade(body, 0.35, 0.012)
    tuft = [
        at(
            ribbon(
                curve(
                    (0, 0.27),
                    (way * 0.05, 0.28 + rng.normal() * 0.015),
                    (way * rng.uniform(0.06, 0.11), 0.25 + rng.uniform(0, 0.07)),
                ),
                (0.007, 0.002),
            )
        )
        for way in (-1, 1)
        for _ in range(12)
    ]
    canvas.fill(tuft, lighter(ink, 0.6), 0.8)
    quill = at(
        ribbon(
            np.stack([np.zeros(40), np.linspace(0.48, -0.47, 40)], axis=1),
            (0.02, 0.016, 0.009, 0.003),
        )
    )
    canvas.solid(quill, lighter(mix(ink, "#f3e8d2", 0.75), 0.2), 0.5, 0.005)
