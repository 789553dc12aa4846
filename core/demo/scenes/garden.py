"""Daisies, tulips and cacti in pots: petals around a centre, cups on stems, and green columns."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, radial, vary
from core.demo.shapes import TAU, Points, box, curve, ellipse, petal, place, points, ribbon, rounded

_MEADOWS = (
    ("#2f5d3a", "#8fb573"),
    ("#3f6f5c", "#b8d4a8"),
    ("#54703a", "#cdd98f"),
    ("#2e5560", "#9cc5b5"),
    ("#6a6f3f", "#e3d9a0"),
)
_DAISIES = (
    ("#fdfbf3", "#f2b632"),
    ("#f6c1d0", "#e8a23a"),
    ("#f7d64a", "#7a4a24"),
    ("#b9a3e3", "#f5c84b"),
    ("#f08a5d", "#5b3322"),
    ("#e9f0ff", "#f0a830"),
    ("#d6455f", "#f4c542"),
    ("#9fc6ee", "#f7d35b"),
)
_TULIPS = ("#d7344a", "#f2a541", "#e9729d", "#f3dc5c", "#8d3b8a", "#f4efe6", "#e8603c", "#b9a0dc")
_ROOMS = (
    ("#f3e3d3", "#e2c3a5"),
    ("#dfe8e4", "#b9cdc4"),
    ("#f6d9cf", "#e3aa98"),
    ("#e4e0f0", "#bfb6d8"),
    ("#fbeecb", "#e9c985"),
    ("#d5e5ee", "#a3c2d4"),
)
_POTS = ("#c8683f", "#f2ede4", "#3f5f73", "#d9a441", "#a34a52", "#5c7f68")
_GREENS = ("#3f7d4f", "#5a8f4a", "#2f6f62", "#7a9a52", "#4a8a7a")


def _meadow(canvas: Canvas, rng: np.random.Generator, number: int) -> tuple[Colour, Colour]:
    deep, pale = _MEADOWS[number % len(_MEADOWS)]
    canvas.sky(((0, pale), (0.55, mix(pale, deep, 0.5)), (1, deep)))
    for _ in range(26):
        x, y, radius = (
            rng.uniform(0, canvas.width),
            rng.uniform(0, canvas.height),
            rng.uniform(0.03, 0.1),
        )
        ink = lighter(pale, 0.35) if rng.random() < 0.6 else vary(rng, pale, 0.06)
        canvas.fill(ellipse(x, y, radius), ink, rng.uniform(0.08, 0.22), radius * 0.12)
    return vary(rng, deep), vary(rng, pale)


def _daisy(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    radius: float,
    ink: Colour,
    heart: Colour,
) -> None:
    count = int(rng.integers(13, 20))
    turn = rng.uniform(0, TAU)
    whole = ellipse(x, y, radius * 0.92)
    canvas.shadow(whole, (0.012, 0.025), 0.02, 0.3)
    for layer, size in ((0, 1.0), (1, 0.86)):
        shape = petal(radius * size, radius * size * 4.4 / count, 0.62)
        for at in range(count):
            angle = turn + TAU * (at + 0.5 * layer) / count + rng.normal() * 0.04
            colour = mix(darker(ink, 0.16 - 0.14 * layer), lighter(ink, 0.2), rng.uniform(0, 0.5))
            shade = radial(
                (x, y),
                radius,
                ((0, darker(colour, 0.3)), (0.45, colour), (1, lighter(colour, 0.22))),
            )
            canvas.solid(
                place(shape, x, y, rng.uniform(0.93, 1.05), angle), shade, 0.35, radius * 0.03
            )
    core = radius * 0.27
    canvas.shadow(ellipse(x, y, core), (0.004, 0.008), 0.008, 0.4)
    canvas.solid(
        ellipse(x, y, core),
        radial(
            (x - core * 0.3, y - core * 0.4),
            core * 1.5,
            between(lighter(heart, 0.25), darker(heart, 0.35)),
        ),
        0.4,
        core * 0.25,
    )
    golden = np.arange(90)
    away = core * 0.93 * np.sqrt(golden / 90)
    seeds = [
        ellipse(x + r * np.cos(a), y + r * np.sin(a), core * 0.055, count=10)
        for a, r in zip(golden * 2.39996, away, strict=True)
    ]
    canvas.fill(seeds[::2], darker(heart, 0.45), 0.55)
    canvas.fill(seeds[1::2], lighter(heart, 0.4), 0.5)


def _stem(
    canvas: Canvas, x: float, y: float, foot_x: float, bottom: float, width: float, ink: Colour
) -> None:
    line = curve((x, y), ((x + foot_x) / 2 + 0.02, (y + bottom) / 2), (foot_x, bottom))
    canvas.solid(ribbon(line, (width * 0.8, width)), ink, 0.5, width * 0.3)


def daisies(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A few open flowers seen from above, in a blurred meadow."""
    deep, pale = _meadow(canvas, rng, number)
    ink, heart = _DAISIES[number % len(_DAISIES)]
    count = 1 + number % 4
    spots: list[tuple[float, float, float]] = []
    for at in range(count):
        big = (0.34, 0.25, 0.21, 0.19)[count - 1] * rng.uniform(0.9, 1.12)
        share = (at + 0.5) / count
        if canvas.width >= canvas.height:
            x, y = (
                canvas.width * share,
                canvas.height * (0.45 + (0.17 if at % 2 else -0.1) * (count > 1)),
            )
        else:
            x, y = (
                canvas.width * (0.5 + (0.18 if at % 2 else -0.15) * (count > 1)),
                canvas.height * share * 0.94,
            )
        spots.append((x + rng.normal() * 0.03, y + rng.normal() * 0.03, big))
    for x, y, big in spots:
        _stem(
            canvas, x, y, x + rng.normal() * 0.1, canvas.height + 0.05, 0.02, mix(deep, pale, 0.35)
        )
        leaf = place(
            petal(big * 1.1, big * 0.4, 0.5),
            x,
            min(y + big * 1.5, canvas.height),
            1,
            rng.choice((-1, 1)) * rng.uniform(0.6, 1.2),
        )
        canvas.solid(leaf, mix(deep, pale, 0.25), 0.4, 0.02)
    for x, y, big in spots:
        _daisy(canvas, rng, x, y, big, vary(rng, ink), heart)


def _tulip(
    canvas: Canvas, rng: np.random.Generator, x: float, y: float, size: float, ink: Colour
) -> None:
    lean = rng.normal() * 0.07
    back = place(petal(size * 1.05, size * 0.62, 0.42), x, y, 1, lean)
    canvas.solid(back, darker(ink, 0.3), 0.3, size * 0.05)
    for side in (-1, 1):
        shape = place(petal(size * 1.08, size * 0.6, 0.4), x, y, 1, lean + side * 0.3)
        shade = linear(
            (x, y), (x, y - size), ((0, darker(ink, 0.28)), (0.5, ink), (1, lighter(ink, 0.15)))
        )
        canvas.solid(shape, shade, 0.5, size * 0.07)
    front = place(petal(size * 0.94, size * 0.64, 0.4), x, y, 1, lean)
    shade = linear(
        (x, y),
        (x, y - size),
        ((0, darker(ink, 0.12)), (0.4, lighter(ink, 0.06)), (1, lighter(ink, 0.3))),
    )
    canvas.solid(front, shade, 0.5, size * 0.08)
    veins = [
        place(
            ribbon(
                curve(
                    (0, -0.06 * size),
                    (bend * 0.16 * size, -0.5 * size),
                    (bend * 0.04 * size, -0.88 * size),
                ),
                0.006 * size,
            ),
            x,
            y,
            1,
            lean,
        )
        for bend in (-0.6, 0, 0.6)
    ]
    canvas.fill(veins, darker(ink, 0.4), 0.22)


def tulips(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """Cups on tall stems with long leaves."""
    sky = _ROOMS[(number + 2) % len(_ROOMS)]
    canvas.sky(((0, lighter(sky[0], 0.4)), (0.6, sky[0]), (1, sky[1])))
    for _ in range(14):
        radius = rng.uniform(0.04, 0.12)
        canvas.fill(
            ellipse(rng.uniform(0, canvas.width), rng.uniform(0, canvas.height), radius),
            "#ffffff",
            0.12,
            radius * 0.15,
        )
    green = vary(rng, _GREENS[number % len(_GREENS)])
    count = 3 + number % 4
    first, second = _TULIPS[number % 8], _TULIPS[(number * 3 + 2) % 8]
    order = rng.permutation(count)
    for at in order:
        x = canvas.width * (0.5 + (at - (count - 1) / 2) * 0.78 / count) + rng.normal() * 0.015
        size = rng.uniform(0.21, 0.27) * (1.1 if count < 5 else 0.9)
        y = canvas.height * (0.42 + 0.1 * abs(at - (count - 1) / 2) / count) + rng.uniform(
            -0.05, 0.07
        )
        foot = canvas.width * 0.5 + (x - canvas.width * 0.5) * 0.55
        _stem(canvas, x, y - 0.01, foot, canvas.height + 0.05, 0.024, green)
        for side in (-1, 1):
            blade = place(
                petal(rng.uniform(0.4, 0.55), 0.1, 0.45),
                foot + side * 0.02,
                canvas.height + 0.02,
                1,
                side * rng.uniform(0.12, 0.42),
            )
            canvas.solid(blade, vary(rng, mix(green, "#9cc08a", rng.uniform(0, 0.4))), 0.45, 0.018)
        _tulip(canvas, rng, x, y, size, vary(rng, first if at % 2 == 0 else second, 0.015))


def _arm(canvas: Canvas, line: Points, width: float, ink: Colour) -> None:
    for end in (line[0], line[-1]):
        canvas.solid(ellipse(float(end[0]), float(end[1]), width / 2), ink, 0.5, width * 0.2)
    body = canvas.solid(ribbon(line, width), ink, 0.65, width * 0.22)
    with canvas.inside(body):
        for off in (-0.3, -0.1, 0.1, 0.3):
            rib = ribbon(line, width * 2 * abs(off))
            half = rib[: len(line)] if off > 0 else rib[len(line) :][::-1]
            canvas.fill(ribbon(half, width * 0.035), darker(ink, 0.5), 0.45)
            canvas.fill(
                [ellipse(float(px), float(py), width * 0.03, count=10) for px, py in half[::5]],
                "#fdf6df",
                0.75,
            )


def cactus(canvas: Canvas, rng: np.random.Generator, number: int) -> None:
    """A cactus in a pot on a table before a plain wall."""
    wall, table = _ROOMS[number % len(_ROOMS)]
    edge = canvas.height * 0.8
    canvas.backdrop(
        radial(
            (canvas.width * 0.35, canvas.height * 0.3),
            1.1,
            between(lighter(wall, 0.5), darker(wall, 0.1)),
        )
    )
    canvas.solid(
        box(-0.1, edge, canvas.width + 0.2, 1),
        linear((0, edge), (0, canvas.height), between(lighter(table, 0.1), darker(table, 0.2))),
        0.2,
        0.01,
    )
    x = canvas.width / 2 + rng.uniform(-0.08, 0.08)
    foot, rim = canvas.height * 0.9, canvas.height * 0.9 - 0.24
    pot, green = (
        vary(rng, _POTS[(number * 5 + 1) % len(_POTS)]),
        vary(rng, _GREENS[number % len(_GREENS)]),
    )
    canvas.fill(ellipse(x + 0.12, foot, 0.26, 0.035), "#1c1b2b", 0.35, 0.03)
    kind = number % 3
    if kind == 0:
        tall = rng.uniform(0.36, 0.46)
        for side, low in ((-1, rng.uniform(0.1, 0.18)), (1, rng.uniform(0.16, 0.26))):
            reach = rng.uniform(0.13, 0.17)
            _arm(
                canvas,
                curve(
                    (x, rim - low),
                    (x + side * reach * 0.8, rim - low - 0.01),
                    (x + side * reach, rim - low - 0.06),
                    (x + side * reach, rim - low - rng.uniform(0.12, 0.18)),
                ),
                0.07,
                green,
            )
        _arm(canvas, points((x, rim + 0.03), (x, rim - tall / 2), (x, rim - tall)), 0.125, green)
        top = rim - tall - 0.05
    elif kind == 1:
        radius = rng.uniform(0.16, 0.2)
        top = rim - radius * 1.55
        body = canvas.solid(
            ellipse(x, rim - radius * 0.7, radius, radius * 0.95),
            radial(
                (x - radius * 0.4, rim - radius * 1.2),
                radius * 1.8,
                between(lighter(green, 0.25), darker(green, 0.45)),
            ),
            0.5,
            0.04,
        )
        with canvas.inside(body):
            for bend in np.linspace(-0.9, 0.9, 9):
                t = np.linspace(-1, 1, 25)
                rib = np.stack(
                    [
                        x + radius * np.sin(bend * TAU / 4) * np.cos(t * TAU / 4),
                        rim - radius * 0.7 + t * radius * 0.95,
                    ],
                    axis=1,
                )
                canvas.fill(ribbon(rib, 0.006), darker(green, 0.5), 0.45)
                canvas.fill(
                    [ellipse(float(px), float(py), 0.006, count=10) for px, py in rib[3:-3:3]],
                    "#fdf6df",
                    0.85,
                )
    else:
        top = rim - 0.36
        pads = (
            (0, 0, 0.12, 0.0),
            (-0.09, -0.18, 0.09, -0.55),
            (0.1, -0.19, 0.085, 0.5),
            (0.0, -0.21, 0.075, 0.05),
        )
        for px, py, radius, lean in pads:
            pad = place(
                ellipse(0, -radius, radius * 0.78, radius * 1.15),
                x + px,
                rim + 0.02 + py,
                1,
                lean + rng.normal() * 0.06,
            )
            canvas.solid(pad, vary(rng, green), 0.55, 0.03)
            cx, cy = float(pad[:, 0].mean()), float(pad[:, 1].mean())
            dots = [
                ellipse(cx + u * radius * 0.4, cy + v * radius * 0.42, 0.0055, count=10)
                for u in (-1, 0, 1)
                for v in (-1.6, -0.8, 0, 0.8, 1.6)
                if abs(u) + abs(v) < 2.2
            ]
            canvas.fill(dots, "#fdf6df", 0.85)
    if number % 2 == 0:
        bloom = ("#e8508a", "#f7c948", "#f28b66")[number % 3]
        for angle in np.linspace(-1.25, 1.25, 7):
            canvas.solid(
                place(petal(0.065, 0.034, 0.6), x, top + 0.02, 1, angle), bloom, 0.3, 0.008
            )
    shape = points(
        (x - 0.15, rim),
        (x + 0.15, rim),
        (x + 0.118, foot - 0.012),
        (x + 0.106, foot),
        (x - 0.106, foot),
        (x - 0.118, foot - 0.012),
    )
    body = canvas.fill(shape, pot)
    with canvas.inside(body):
        if number % 4 == 1:
            canvas.fill(box(x - 0.2, rim + 0.1, 0.4, 0.05), lighter(pot, 0.6))
        canvas.round_off(x, 0.15, 0.5)
        canvas.fill(box(x - 0.2, rim, 0.4, 0.06), "#1b1d33", 0.25, 0.01)
    lip = canvas.fill(rounded(x - 0.165, rim - 0.02, 0.33, 0.06, 0.012), lighter(pot, 0.06))
    with canvas.inside(lip):
        canvas.round_off(x, 0.165, 0.5)
    canvas.shade(lip, 0.3, 0.008)
