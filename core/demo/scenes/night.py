"""City skylines and planets: dark pictures, the one full of edges, the other of rounds."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, look_up, mix, ramp, vary
from core.demo.shapes import Points, box, ellipse, points, ribbon

_NIGHTS = (
    ("#0b1030", "#1d2a5e", "#5b4b8a", "#f2a65a"),
    ("#07131f", "#12364a", "#2f6f7e", "#ffd27d"),
    ("#140a24", "#3a1c4a", "#94406a", "#ffb86b"),
    ("#0a0f1f", "#20304f", "#4d6a8f", "#ffe0a3"),
    ("#241a3a", "#7a3a5c", "#f0905a", "#ffe0a0"),
    ("#10243f", "#2c6480", "#e9b98a", "#ffe6b0"),
    ("#1d2050", "#5d478c", "#ee9f8f", "#ffdca6"),
)
_WORLDS = (
    ("#f4e3c1", "#d9a066", "#a8623a", "#6b3a2a", "#f0c48a"),
    ("#dcefff", "#7fb7d9", "#3a78ad", "#1d3f73", "#9fd8ea"),
    ("#f7d9d0", "#d97b66", "#a3423c", "#5c2230", "#e8a58a"),
    ("#e6f5df", "#8cc7a1", "#3f8f7f", "#1e4c56", "#bfe3bb"),
    ("#f1e6ff", "#b79ae0", "#6f55b0", "#35296b", "#d9c4f2"),
    ("#fff3d0", "#f0c75e", "#c98a2c", "#74461c", "#ffe29a"),
)


def _stars(
    canvas: Canvas, rng: np.random.Generator, count: int, bottom: float, ink: Colour = "#ffffff"
) -> None:
    for share, size in ((0.75, 0.0011), (0.2, 0.0018), (0.05, 0.0028)):
        dots = [
            ellipse(
                rng.uniform(0, canvas.width),
                rng.uniform(0, bottom),
                size * rng.uniform(0.8, 1.3),
                count=12,
            )
            for _ in range(int(count * share))
        ]
        canvas.fill(dots, ink, 0.5 + 0.4 * (size > 0.0015))


def _towers(
    canvas: Canvas,
    rng: np.random.Generator,
    base: float,
    tall: float,
    ink: Colour,
    lamp: Colour,
    lit: float,
    near: float,
    peak: float,
) -> None:
    x = -0.03 - rng.uniform(0, 0.05)
    walls: list[tuple[float, float, float]] = []
    tops: list[Points] = []
    while x < canvas.width + 0.02:
        wide = rng.uniform(0.05, 0.12) * near
        crowd = 0.62 + 0.5 * float(np.exp(-(((x - peak) / 0.4) ** 2)))
        height = (
            tall * crowd * rng.uniform(0.4, 1.0) ** 1.3 * (1.25 if rng.random() < 0.15 else 1.0)
        )
        walls.append((x, wide, height))
        kind = int(rng.integers(0, 5))
        if kind == 0:
            tops.append(
                points(
                    (x, base - height),
                    (x + wide, base - height),
                    (x + wide * 0.5, base - height - wide * 0.7),
                )
            )
        elif kind == 1:
            tops.append(box(x + wide * 0.2, base - height - wide * 0.35, wide * 0.6, wide * 0.4))
        elif kind == 2:
            tops.append(box(x + wide * 0.48, base - height - wide * 0.9, wide * 0.05, wide))
        elif kind == 3:
            tops.append(ellipse(x + wide / 2, base - height, wide / 2, wide * 0.4))
        x += wide * rng.uniform(0.92, 1.12)
    blocks = [box(at, base - height, wide, height + 0.02) for at, wide, height in walls]
    shade = linear((0, base - tall), (0, base), between(lighter(ink, 0.04), darker(ink, 0.35)))
    canvas.fill(tops, ink)
    for block in blocks:
        canvas.solid(block, shade, 0.3, 0.008)
    warm: list[Points] = []
    cool: list[Points] = []
    for at, wide, height in walls:
        columns = max(2, int(wide / (0.017 * near)))
        floor = 0.021 * near
        step = wide / (columns + 0.5)
        for row in range(int((height - 0.02) / floor)):
            for column in range(columns):
                if rng.random() < lit:
                    pane = box(
                        at + step * (column + 0.4),
                        base - height + 0.014 + row * floor,
                        step * 0.55,
                        floor * 0.52,
                    )
                    (warm if rng.random() < 0.8 else cool).append(pane)
    canvas.fill(warm, lamp, 0.35, 0.006)
    canvas.fill(warm, lamp, 0.92)
    canvas.fill(cool, mix(lamp, "#bfe4ff", 0.8), 0.8)


def city(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Lit windows at night above a river that mirrors them."""
    deep, mid, low, lamp = (vary(rng, ink, 0.015, 0.08) for ink in _NIGHTS[number % len(_NIGHTS)])
    base = canvas.height * rng.uniform(0.64, 0.84)
    near, peak = (0.8, 1.15, 1.6)[number // 2 % 3], canvas.width * rng.uniform(0.1, 0.9)
    canvas.sky(((0, deep), (0.5, mid), (0.88, low), (1, lamp)), base)
    _stars(canvas, rng, 120, base * 0.6)
    moon_x, moon_y = canvas.width * rng.uniform(0.15, 0.85), canvas.height * rng.uniform(0.12, 0.26)
    if number % 3:
        radius = rng.uniform(0.035, 0.055)
        canvas.glow(moon_x, moon_y, radius * 4, "#fff3d6", 0.35)
        disc = canvas.fill(ellipse(moon_x, moon_y, radius), "#fff4dc")
        with canvas.inside(disc):
            canvas.fill(
                ellipse(moon_x - radius * 0.45, moon_y - radius * 0.12, radius * 0.95),
                mid,
                0.9 if number % 3 == 2 else 0.12,
            )
    canvas.glow(peak, base, 0.5, lamp, 0.3)
    for row, (tall, lit) in enumerate(((0.5, 0.1), (0.36, 0.26), (0.21, 0.42))):
        ink = mix(mix(low, mid, 0.6), deep, (0.2, 0.62, 0.93)[row])
        _towers(
            canvas,
            rng,
            base,
            tall * rng.uniform(0.9, 1.15),
            ink,
            mix(lamp, low, 0.35 - 0.17 * row),
            lit,
            near * (0.8 + 0.2 * row),
            peak,
        )
    _river(canvas, rng, base, deep, lamp)


def _river(
    canvas: Canvas, rng: np.random.Generator, base: float, deep: Colour, lamp: Colour
) -> None:
    row = int(base * canvas.scale)
    height_px, width_px = canvas.pixels.shape[:2]
    below = height_px - row
    depth = np.linspace(0, 1, below, dtype=np.float32)[:, None]
    wave = canvas.noise(rng, 30, 2, stretch=10)[row:] - 0.5
    rows = np.clip(
        row - 1 - np.arange(below)[:, None] * 1.25 + wave * 44 * (0.2 + depth), 0, row - 1
    )
    columns = np.clip(np.arange(width_px)[None, :] + wave * 26, 0, width_px - 1)
    picked = canvas.pixels[rows.astype(np.intp), columns.astype(np.intp)]
    canvas.pixels[row:] = picked * (0.62 - 0.3 * depth[..., None]) + np.asarray(deep) * (
        0.3 + 0.4 * depth[..., None]
    )
    canvas.fill(box(-0.1, base - 0.004, canvas.width + 0.2, 0.008), darker(deep, 0.3), 0.9)
    lamps = np.arange(0.03, canvas.width, 0.075)
    canvas.fill([ellipse(x, base - 0.012, 0.0045) for x in lamps], lamp)
    canvas.fill([ellipse(x, base - 0.012, 0.012) for x in lamps], lamp, 0.4, 0.006)


def _ball(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    radius: float,
    kit: tuple[str, ...],
    banded: bool,
) -> None:
    tilt = rng.uniform(-0.5, 0.5)
    texture = canvas.noise(rng, 7, 5)
    table = ramp([(at / 4, ink) for at, ink in enumerate((kit[2], kit[1], kit[4], kit[1], kit[0]))])
    fine = rng.uniform(3.5, 6.5)
    height_px, width_px = texture.shape

    def surface(px: np.ndarray, py: np.ndarray) -> np.ndarray:
        u, v = (px - x) / radius, (py - y) / radius
        part = texture[
            np.clip((py * canvas.scale).astype(np.intp), 0, height_px - 1),
            np.clip((px * canvas.scale).astype(np.intp), 0, width_px - 1),
        ]
        across = v * np.cos(tilt) - u * np.sin(tilt)
        place = (
            0.5 + 0.5 * np.sin(across * fine + (part - 0.5) * 2.4)
            if banded
            else (part - 0.28) * 2.2
        )
        colour = look_up(table, np.clip(place, 0, 1).astype(np.float32))
        depth = np.sqrt(np.clip(1 - u**2 - v**2, 0, 1))
        light = np.clip(-0.55 * u - 0.5 * v + 0.67 * depth, 0, 1) ** 0.8
        return (colour * (0.06 + 1.0 * light[..., None])).astype(np.float32)

    canvas.glow(x, y, radius * 1.25, kit[4], 0.16)
    canvas.fill(ellipse(x, y, radius * 1.02), kit[4], 0.35, radius * 0.03)
    canvas.fill(ellipse(x, y, radius, count=140), surface)


def planet(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A lit ball among the stars, often with rings or a moon."""
    kit = _WORLDS[(number + number // 6 * 2) % len(_WORLDS)]
    canvas.backdrop(
        linear(
            (0, 0),
            (canvas.width, canvas.height),
            ((0, "#080b1a"), (0.5, darker(kit[3], 0.72)), (1, "#05060f")),
        )
    )
    cloud = canvas.noise(rng, 3, 5)
    canvas.veil((cloud - 0.45) * 1.6, kit[3], 0.45)
    other = _WORLDS[(number + 2) % len(_WORLDS)]
    canvas.veil((canvas.noise(rng, 4, 5) - 0.55) * 1.6, other[2], 0.22)
    _stars(canvas, rng, 260, canvas.height)
    x = canvas.width * rng.uniform(0.4, 0.6)
    y = canvas.height * rng.uniform(0.42, 0.58)
    radius = rng.uniform(0.2, 0.31)
    ringed = number % 3 == 1
    lean = rng.uniform(-0.45, 0.45)
    if ringed:
        radius *= 0.8
        _rings(canvas, x, y, radius, lean, kit, behind=True)
    _ball(canvas, rng, x, y, radius, kit, banded=number % 2 == 0 or ringed)
    if ringed:
        _rings(canvas, x, y, radius, lean, kit, behind=False)
    for _ in range(number % 3 + (0 if ringed else 1)):
        angle = rng.uniform(0, 6.28)
        away = radius + rng.uniform(0.1, 0.18)
        _ball(
            canvas,
            rng,
            x + away * 1.2 * np.cos(angle),
            y + away * np.sin(angle),
            rng.uniform(0.018, 0.05),
            other,
            False,
        )


def _rings(
    canvas: Canvas,
    x: float,
    y: float,
    radius: float,
    lean: float,
    kit: tuple[str, ...],
    behind: bool,
) -> None:
    start = np.pi if behind else 0.0
    angle = np.linspace(start, start + np.pi, 90)
    for band, (away, wide, opacity) in enumerate(
        (
            (1.42, 0.1, 0.5),
            (1.6, 0.16, 0.8),
            (1.79, 0.13, 0.65),
            (1.95, 0.05, 0.5),
            (2.06, 0.03, 0.35),
        )
    ):
        cos, sin = np.cos(angle), np.sin(angle)
        widths = 0.35 + 0.65 * np.abs(cos)
        line = np.stack([cos * away * radius, sin * away * radius * 0.26], axis=1)
        turn = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
        shape = ribbon(line @ turn + (x, y), widths * wide * radius)
        canvas.fill(shape, mix(kit[band % 2], kit[4], 0.4), opacity * (0.6 if behind else 1.0))
