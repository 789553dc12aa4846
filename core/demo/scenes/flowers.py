"""Daisies and tulips: petals around a heart, and cups on stems."""

import numpy as np

from core.demo.drawing import Canvas
from core.demo.paints import Colour, between, darker, lighter, linear, mix, radial, vary
from core.demo.scenes.outdoors import GREENS, ROOMS
from core.demo.shapes import TAU, curve, ellipse, petal, place, ribbon

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
    count = 1 + (number + number // 8) % 4
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
    sky = ROOMS[(number + 2) % len(ROOMS)]
    canvas.sky(((0, lighter(sky[0], 0.4)), (0.6, sky[0]), (1, sky[1])))
    for _ in range(14):
        radius = rng.uniform(0.04, 0.12)
        canvas.fill(
            ellipse(rng.uniform(0, canvas.width), rng.uniform(0, canvas.height), radius),
            "#ffffff",
            0.12,
            radius * 0.15,
        )
    green = vary(rng, GREENS[number % len(GREENS)])
    count = 3 + (number + number // 8) % 4
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
