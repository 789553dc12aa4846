"""Painted tiles and woven textiles: repeats that fill the frame."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import F32, Colour, mix, rgb, vary
from core.demo.shapes import TAU, Points, box, ellipse, petal, place, points, ribbon

_TILES = (
    ("#f4f0e4", "#1f5a94", "#e0a93a"),
    ("#fbf3e2", "#c8503a", "#2f6f6a"),
    ("#eaf2ec", "#2f7f6a", "#d9804a"),
    ("#f6eee8", "#6a3f6f", "#d9a05a"),
    ("#1f4a6a", "#f2e6cf", "#e8935a"),
    ("#f3e3c6", "#8a3a2f", "#3a5f73"),
    ("#e9eef4", "#34568b", "#8fb3d4"),
    ("#2f5d50", "#f0e4c8", "#d96a4a"),
)
_YARNS = (
    ("#b23a3f", "#233a55", "#f0e4cc", "#d9a441"),
    ("#2f5f4a", "#1d2f3f", "#e6dfc8", "#b5452f"),
    ("#d98a5a", "#f4e6d2", "#7a4a3a", "#3f6f73"),
    ("#5f7fa8", "#e9edf2", "#2f3f5f", "#c9a06a"),
    ("#8a6a9a", "#efe4ee", "#4a3558", "#d9b45a"),
    ("#c9b28a", "#f2ead8", "#7f8f6a", "#a8503a"),
    ("#3f8a8a", "#f3ead6", "#e07a4a", "#1f4a55"),
    ("#e0a0a8", "#fbeee8", "#8a4a5f", "#6f9a8f"),
)
_STAR = [place(petal(0.46, 0.2, 0.5), 0, 0, 1, TAU * at / 8) for at in range(8)]
_CORNERS = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
_QUARTERS = [ellipse(x, y, 0.27) for x, y in _CORNERS]
_RINGS = [ellipse(x, y, 0.19) for x, y in _CORNERS]


def _motif(kind: int) -> list[tuple[list[Points], int]]:
    """Shapes of one tile about its middle (side 1), each with the number of its colour."""
    if kind == 0:
        return [
            (_QUARTERS, 1),
            (_RINGS, 0),
            ([ellipse(x, y, 0.1) for x, y in _CORNERS], 2),
            (_STAR[::2], 1),
            (_STAR[1::2], 2),
            ([ellipse(0, 0, 0.09)], 0),
            ([ellipse(0, 0, 0.05)], 1),
        ]
    if kind == 1:
        diamond = [points((0, -0.5), (0.5, 0), (0, 0.5), (-0.5, 0))]
        inner = [outline * 0.72 for outline in diamond]
        return [
            (diamond, 1),
            (inner, 0),
            ([place(petal(0.3, 0.18, 0.5), 0, 0, 1, TAU * at / 4) for at in range(4)], 2),
            ([ellipse(0, 0, 0.06)], 1),
            ([ellipse(x, y, 0.14) for x, y in _CORNERS], 2),
        ]
    if kind == 2:
        loops = []
        for x, y in _CORNERS:
            for radius in (0.5, 0.36):
                line = ellipse(x, y, radius)
                loops.append(ribbon(np.concatenate([line, line[:1]]), 0.05))
        return [
            (loops, 1),
            ([ellipse(0, 0, 0.1)], 2),
            (_RINGS, 2),
            ([ellipse(x, y, 0.08) for x, y in _CORNERS], 0),
        ]
    if kind == 3:
        point = [
            place(points((0, -0.48), (0.11, -0.11), (0, 0), (-0.11, -0.11)), 0, 0, 1, TAU * at / 4)
            for at in range(4)
        ]
        slant = [
            place(
                points((0, -0.4), (0.09, -0.09), (0, 0), (-0.09, -0.09)),
                0,
                0,
                1,
                TAU * (at + 0.5) / 4,
            )
            for at in range(4)
        ]
        half = [
            place(points((0, -0.48), (0.11, -0.11), (0, 0)), 0, 0, 1, TAU * at / 4)
            for at in range(4)
        ]
        return [
            (
                [
                    box(-0.5, -0.5, 1, 0.06),
                    box(-0.5, 0.44, 1, 0.06),
                    box(-0.5, -0.5, 0.06, 1),
                    box(0.44, -0.5, 0.06, 1),
                ],
                1,
            ),
            (slant, 2),
            (point, 1),
            (half, 0),
            ([ellipse(x * 0.68, y * 0.68, 0.055) for x, y in _CORNERS], 2),
        ]
    leaves = [place(petal(0.5, 0.22, 0.5), x, y, 1, np.arctan2(-x, y)) for x, y in _CORNERS]
    return [
        (leaves, 1),
        ([ellipse(0, 0, 0.15)], 2),
        ([ellipse(0, 0, 0.1)], 0),
        ([ellipse(0, 0, 0.05)], 1),
        ([ellipse(0.5 * np.cos(a), 0.5 * np.sin(a), 0.11) for a in np.arange(4) * TAU / 4], 2),
    ]


def tiles(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A wall of glazed tiles, one motif repeated."""
    kit = [vary(rng, ink, 0.012) for ink in _TILES[number % len(_TILES)]]
    canvas.backdrop(mix("#cfc6b8", kit[0], 0.4))
    side = 1.0 / (2.6, 3.4, 4.3)[number % 3]
    turn = rng.normal() * 0.02 if number % 4 else TAU / 8
    motif = _motif(number % 5)
    middles = _grid(canvas, side, turn, rng)
    squares = [place(box(-0.485, -0.485, 0.97, 0.97), x, y, side, turn) for x, y in middles]
    base = canvas.fill(squares, kit[0])
    with canvas.inside(base):
        for shapes, ink in motif:
            shade: Colour = kit[ink]
            canvas.fill(
                [place(shape, x, y, side, turn) for x, y in middles for shape in shapes],
                shade,
                0.95,
            )
        for outline in squares:
            canvas.fill(
                outline, "#ffffff" if rng.random() < 0.5 else "#1b1d33", rng.uniform(0, 0.09)
            )
        canvas.mottle(canvas.noise(rng, 16, 4), 0.1)
        for x, y in middles:
            canvas.glow(x - side * 0.22, y - side * 0.25, side * 0.2, "#ffffff", 0.14)
    canvas.shade(base, 0.6, 0.008)
    canvas.glow(canvas.width * 0.2, canvas.height * 0.1, 0.6, "#fff6e0", 0.2)


def _grid(
    canvas: Canvas, side: float, turn: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    reach = int(1.2 * np.hypot(canvas.width, canvas.height) / side / 2) + 2
    off = rng.uniform(0, side, 2)
    made = []
    for row in range(-reach, reach + 1):
        for column in range(-reach, reach + 1):
            spot = place(np.array([[column * side, row * side]]), 0, 0, 1, turn)[0]
            x, y = (
                float(spot[0] + canvas.width / 2 + off[0]),
                float(spot[1] + canvas.height / 2 + off[1]),
            )
            if -side < x < canvas.width + side and -side < y < canvas.height + side:
                made.append((x, y))
    return made


def _stripes(length: int, kit: list[F32], widths: list[int], order: list[int], scale: int) -> F32:
    """The colour of each thread (length, 3), repeated symmetrically as in a tartan."""
    threads = [
        kit[ink]
        for wide, ink in zip(widths, order, strict=True)
        for _ in range(max(1, wide * scale))
    ]
    cycle = threads + threads[::-1]
    return np.stack([cycle[at % len(cycle)] for at in range(length)])


def textile(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Cloth seen close: checks, stripes, herringbone or zigzag, thread by thread."""
    kit = [
        np.asarray(rgb(vary(rng, ink, 0.012)), np.float32) for ink in _YARNS[number % len(_YARNS)]
    ]
    height_px, width_px = canvas.pixels.shape[:2]
    pitch = max(3, int(canvas.scale * (0.009, 0.012, 0.0075)[number % 3]))
    sway = (canvas.noise(rng, 3, 2) - 0.5) * pitch * 9
    row = np.arange(height_px, dtype=np.float32)[:, None] + sway
    column = np.arange(width_px, dtype=np.float32)[None, :] + sway * 0.7
    if number % 5 == 3:
        row, column = (row + column) * 0.7071, (column - row) * 0.7071 + height_px
    weft, warp = (row / pitch).astype(np.intp) + 40, (column / pitch).astype(np.intp) + 40
    style = (number + number // 8) % 4
    widths = [int(wide) for wide in rng.integers(1, 6, 5)]
    order = [0, 1, 2, 0, 3] if style == 0 else [0, 1, 3, 1, 2]
    count = int(max(weft.max(), warp.max())) + 2
    warp_ink = _stripes(count, kit, widths, order, 2)
    if style == 0:
        weft_ink = warp_ink
        over = (weft + warp) % 4 < 2
    elif style == 1:
        weft_ink = np.broadcast_to(kit[1], (count, 3))
        over = (weft + warp) % 3 > 0
    elif style == 2:
        weft_ink = np.broadcast_to(kit[1], (count, 3))
        warp_ink = np.broadcast_to(kit[0], (count, 3))
        fold = np.abs((warp % 24) - 12)
        over = (weft + fold) % 6 < 3
    else:
        zigzag = (weft + np.abs((warp % 28) - 14)) // 5
        band = np.array([0, 1, 2, 1, 3, 1])[zigzag % 6]
        weft_ink, over = np.stack(kit)[band], None
    if over is None:
        colours = weft_ink
        over = (weft + warp) % 2 == 0
    else:
        colours = np.where(over[..., None], warp_ink[warp], weft_ink[weft])
    across = np.mod(column / pitch, 1.0) - 0.5
    down = np.mod(row / pitch, 1.0) - 0.5
    yarn = np.where(over, across, down)
    along = np.where(over, down, across)
    shade = 0.72 + 0.34 * (1 - 4 * yarn**2) - 0.2 * (2 * along) ** 2 - 0.1 * yarn
    fibre = canvas.noise(rng, 160, 1) * 0.12 + canvas.noise(rng, 40, 2) * 0.1 + 0.9
    canvas.pixels[:] = colours * (shade * fibre)[..., None]
    _folds(canvas, rng)


def _folds(canvas: Canvas, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 4))):
        x = rng.uniform(0, canvas.width)
        line = points((x, -0.2), (x + rng.normal() * 0.3, canvas.height + 0.2))
        canvas.fill(ribbon(line, 0.1), "#10142a", 0.22, 0.05)
        canvas.fill(ribbon(line - (0.1, 0), 0.1), "#ffffff", 0.16, 0.05)
    canvas.glow(canvas.width * 0.3, canvas.height * 0.2, 0.6, "#fff6e6", 0.15)
