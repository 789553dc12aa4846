"""House fronts in a row: straight edges, windows, gables."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, vary
from core.demo.scenes.outdoors import DAY, cloud
from core.demo.shapes import Points, box, ellipse, points, rounded

_STREETS = (
    ("#e8b7a0", "#d98c74", "#f2dfc4", "#8fb0a5", "#c9d3bf", "#e6c46f"),
    ("#b9cfdc", "#7fa3b8", "#efe6d8", "#d9a892", "#5f7f95", "#dfe3e0"),
    ("#f4c95d", "#e98a5b", "#d9594c", "#f3e3c3", "#7ba6a0", "#b5c99a"),
    ("#dcc3dc", "#a98bb8", "#f4e4e8", "#8a9cc4", "#e9b4b9", "#c7d0e6"),
    ("#a8452f", "#c2694a", "#8c5a4a", "#e9d8c0", "#b98a6a", "#6f4b3f"),
)
_ROOFS = ("#8b4a3b", "#4a4f5f", "#a85c44", "#5d4a4a", "#3f5560")


def _window(
    canvas: Canvas,
    x: float,
    y: float,
    wide: float,
    tall: float,
    frame: Colour,
    shutter: Colour | None,
    glass: Colour,
) -> None:
    if shutter is not None:
        panels = [
            box(x - wide * 0.48, y, wide * 0.42, tall),
            box(x + wide * 1.06, y, wide * 0.42, tall),
        ]
        for panel in panels:
            canvas.solid(panel, shutter, 0.35, 0.005)
        slats = [
            box(px, y + tall * at, wide * 0.3, tall * 0.025)
            for px in (x - wide * 0.42, x + wide * 1.12)
            for at in np.linspace(0.1, 0.9, 8)
        ]
        canvas.fill(slats, darker(shutter, 0.4), 0.5)
    canvas.fill(box(x - wide * 0.07, y - wide * 0.07, wide * 1.14, tall + wide * 0.14), frame)
    pane = canvas.fill(
        box(x, y, wide, tall),
        linear(
            (x, y),
            (x + wide, y + tall),
            ((0, lighter(glass, 0.45)), (0.5, glass), (1, darker(glass, 0.35))),
        ),
    )
    canvas.shade(pane, -0.5, 0.006)
    canvas.fill(
        [box(x + wide * 0.46, y, wide * 0.08, tall), box(x, y + tall * 0.4, wide, wide * 0.07)],
        frame,
    )
    canvas.solid(box(x - wide * 0.12, y + tall, wide * 1.24, wide * 0.14), frame, 0.4, 0.004)


def _roof(
    canvas: Canvas, x: float, wide: float, top: float, wall: Colour, roof: Colour, kind: int
) -> None:
    mid = x + wide / 2
    if kind == 0:
        gable = points((x - 0.014, top), (x + wide + 0.014, top), (mid, top - wide * 0.62))
    elif kind == 1:
        steps = []
        for at in range(5):
            steps.append(
                box(
                    x + wide * at * 0.1,
                    top - wide * 0.12 * (at + 1),
                    wide * (1 - at * 0.2),
                    wide * 0.13,
                )
            )
        canvas.solid(steps, wall, 0.3, 0.006)
        gable = box(x - 0.006, top - 0.006, wide + 0.012, 0.012)
    else:
        gable = points(
            (x - 0.014, top),
            (x + wide + 0.014, top),
            (x + wide * 0.86, top - wide * 0.4),
            (x + wide * 0.14, top - wide * 0.4),
        )
    if kind != 1:
        canvas.fill(
            box(x + wide * 0.7, top - wide * 0.56, wide * 0.11, wide * 0.4), darker(wall, 0.35)
        )
    tiles = canvas.solid(
        gable,
        linear((0, top - wide * 0.6), (0, top), between(lighter(roof, 0.12), darker(roof, 0.15))),
        0.35,
        0.01,
    )
    with canvas.inside(tiles):
        canvas.fill(
            [box(x - 0.05, top - row * 0.021, wide + 0.1, 0.004) for row in range(1, 12)],
            darker(roof, 0.5),
            0.4,
        )
    if kind != 2:
        canvas.fill(ellipse(mid, top - wide * 0.22, wide * 0.09), lighter(wall, 0.6))
        canvas.fill(ellipse(mid, top - wide * 0.22, wide * 0.068), "#4c6072")


def _door(
    canvas: Canvas, wx: float, street: float, w: float, h: float, frame: Colour, paint: Colour
) -> None:
    door = rounded(wx - w * 0.1, street - h * 1.3, w * 1.2, h * 1.3 + 0.02, w * 0.5)
    canvas.fill(door, frame)
    canvas.solid(
        rounded(wx, street - h * 1.22, w, h * 1.22 + 0.02, w * 0.45),
        paint,
        0.4,
        0.008,
    )
    canvas.fill(ellipse(wx + w * 0.8, street - h * 0.55, w * 0.06), "#f0d68a")


def _flower_box(canvas: Canvas, rng: np.random.Generator, x: float, y: float, width: float) -> None:
    flowers = [
        ellipse(x + width * u, y + 0.004 + rng.normal() * 0.002, 0.009, count=14)
        for u in np.linspace(0, 1, 6)
    ]
    canvas.fill(flowers, "#4f8a4a")
    canvas.fill([f - (0.002, 0.007) for f in flowers[::2]], vary(rng, "#e0567a", 0.1))


def _house(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    wide: float,
    street: float,
    tall: float,
    wall: Colour,
    roof: Colour,
    kind: int,
) -> None:
    top = street - tall
    front = canvas.fill(
        box(x, top, wide, tall),
        linear((x, top), (x, street), between(lighter(wall, 0.1), darker(wall, 0.12))),
    )
    with canvas.inside(front):
        canvas.mottle(canvas.noise(rng, 14, 3), 0.07)
    canvas.shade(front, 0.35, 0.01)
    _roof(canvas, x, wide, top, wall, roof, kind)
    shutter = vary(rng, darker(roof, 0.05), 0.3) if rng.random() < 0.5 else None
    glass = mix("#7b9bb0", "#f5d58c", 0.75 if rng.random() < 0.25 else 0.0)
    frame = lighter(wall, 0.72)
    floors = max(2, round(tall / 0.17))
    columns = 2 if wide < 0.27 else 3
    for floor in range(floors):
        y = top + tall * (floor + 0.22) / floors
        for column in range(columns):
            w, h = wide / columns * 0.38, tall / floors * 0.55
            wx = x + wide * (column + 0.5) / columns - w / 2
            if floor == floors - 1 and column == columns // 2:
                _door(canvas, wx, street, w, h, frame, vary(rng, roof, 0.4, 0.2))
            else:
                _window(canvas, wx, y, w, h, frame, shutter, glass)
                if rng.random() < 0.35:
                    _flower_box(canvas, rng, wx, y + h, w)


def houses(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A row of painted fronts along a street."""
    hour = DAY[(number + 1) % len(DAY)]
    canvas.sky(hour.stops, canvas.height * 0.8)
    for _ in range(2):
        cloud(
            canvas,
            rng,
            canvas.width * rng.random(),
            canvas.height * rng.uniform(0.1, 0.3),
            rng.uniform(0.15, 0.28),
            "#ffffff",
            hour.haze,
            0.7,
        )
    walls, street = _STREETS[number % len(_STREETS)], canvas.height * 0.88
    count = int(rng.integers(2, 4)) + round(canvas.width)
    edges = np.cumsum(rng.uniform(0.85, 1.2, count))
    edges = np.concatenate([[0], edges]) / edges[-1] * (canvas.width + 0.08) - 0.04
    for at in range(count):
        wide = float(edges[at + 1] - edges[at])
        tall = canvas.height * rng.uniform(0.42, 0.58)
        _house(
            canvas,
            rng,
            float(edges[at]),
            wide,
            street,
            tall,
            vary(rng, walls[(at + number // 5) % 6]),
            _ROOFS[(number + at) % 5],
            (number + at) % 3,
        )
    canvas.fill(box(-0.1, street - 0.02, canvas.width + 0.2, 0.03), "#1c1b2b", 0.35, 0.012)
    canvas.fill(
        box(-0.1, street, canvas.width + 0.2, 1),
        linear((0, street), (0, canvas.height), between("#b5aca3", "#7f7a7c")),
    )
    rows: list[Points] = []
    for row in range(5):
        y = street + 0.006 + 0.03 * row
        for x in np.arange(-0.1 + 0.03 * (row % 2), canvas.width, 0.075 + 0.01 * row):
            rows.append(rounded(x, y, 0.068 + 0.01 * row, 0.024, 0.008))
    canvas.solid(rows, "#9d968f", 0.5, 0.005)
    canvas.mottle(canvas.noise(rng, 10, 3), 0.05)
