"""The canvas of the demo scenes: antialiased fills, soft shadows, volume by light, glow, finish."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.demo.paints import F32, Colour, Ink, Stops, blur, look_up, noise, ramp, rgb
from core.demo.shapes import Points

_FINE = 4  # shapes are drawn at four times the size and averaged: that is the antialiasing
_LIGHT = (-0.55, -0.83)  # where the light comes from: above, a little from the left


@dataclass(frozen=True)
class Stencil:
    """How much of each pixel of one part of the canvas a shape covers."""

    top: int
    left: int
    alpha: F32

    @property
    def where(self) -> tuple[slice, slice]:
        height, width = self.alpha.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


class Canvas:
    """Pixels under construction. Lengths are in units of the shorter side; y points down."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self.scale = float(min(width_px, height_px))
        self.width = width_px / self.scale
        self.height = height_px / self.scale
        self.pixels: F32 = np.zeros((height_px, width_px, 3), np.float32)
        self._clip: F32 | None = None

    # Shapes

    def stencil(self, shapes: Points | Sequence[Points], softness: float = 0.0) -> Stencil:
        """Coverage of one outline or of many together; ``softness`` blurs it (units)."""
        outlines = [shapes] if isinstance(shapes, np.ndarray) else list(shapes)
        height_px, width_px = self.pixels.shape[:2]
        empty = Stencil(0, 0, np.zeros((0, 0), np.float32))
        if not outlines:
            return empty
        every = np.concatenate(outlines) * self.scale
        margin = 2 + int(3 * softness * self.scale)
        left, top = (int(at) for at in np.maximum(np.floor(every.min(0)) - margin, 0))
        right = int(min(np.ceil(every[:, 0].max()) + margin, width_px))
        bottom = int(min(np.ceil(every[:, 1].max()) + margin, height_px))
        if right <= left or bottom <= top:
            return empty
        fine = Image.new("L", ((right - left) * _FINE, (bottom - top) * _FINE), 0)
        draw = ImageDraw.Draw(fine)
        for outline in outlines:
            at = (outline * self.scale - (left, top)) * _FINE - 0.5
            draw.polygon([float(number) for number in at.ravel()], fill=255)
        alpha = np.asarray(fine.reduce(_FINE), dtype=np.float32) / 255.0
        return Stencil(top, left, blur(alpha, softness * self.scale))

    def paint(self, stencil: Stencil, ink: Ink, opacity: float = 1.0) -> None:
        """Fill what a stencil covers with a colour or a paint."""
        if stencil.alpha.size == 0:
            return
        part = self.pixels[stencil.where]
        alpha = stencil.alpha * opacity
        if self._clip is not None:
            alpha = alpha * self._clip[stencil.where]
        part += (self._colours(stencil, ink) - part) * alpha[..., None]

    def fill(
        self,
        shapes: Points | Sequence[Points],
        ink: Ink,
        opacity: float = 1.0,
        softness: float = 0.0,
    ) -> Stencil:
        """Draw shapes; gives their stencil for more of the same place."""
        stencil = self.stencil(shapes, softness)
        self.paint(stencil, ink, opacity)
        return stencil

    def solid(
        self,
        shapes: Points | Sequence[Points],
        ink: Ink,
        volume: float = 0.3,
        width: float = 0.02,
        light: tuple[float, float] = _LIGHT,
    ) -> Stencil:
        """Draw shapes with some body: lit on the side of the light, darker on the other."""
        stencil = self.fill(shapes, ink)
        self.shade(stencil, volume, width, light)
        return stencil

    def shade(
        self,
        stencil: Stencil,
        volume: float,
        width: float,
        light: tuple[float, float] = _LIGHT,
    ) -> None:
        """Light the rim of a stencil, ``width`` deep (units), as if it were rounded."""
        if min(stencil.alpha.shape) < 2:
            return
        sigma_px = width * self.scale
        down, across = np.gradient(blur(stencil.alpha, sigma_px))
        facing = -(across * light[0] + down * light[1]) * sigma_px * 2.5 * volume
        lit = np.clip(facing, -0.8, 0.8).astype(np.float32) * stencil.alpha
        if self._clip is not None:
            lit = lit * self._clip[stencil.where]
        part = self.pixels[stencil.where]
        part += np.where(lit[..., None] > 0, (1.0 - part), part) * lit[..., None]

    def shadow(
        self,
        shapes: Points | Sequence[Points],
        drop: tuple[float, float] = (0.012, 0.02),
        softness: float = 0.015,
        opacity: float = 0.3,
        ink: Colour = "#141628",
    ) -> None:
        """The soft shadow that shapes throw on what lies behind; draw it before them."""
        outlines = [shapes] if isinstance(shapes, np.ndarray) else shapes
        self.fill([outline + drop for outline in outlines], ink, opacity, softness)

    @contextmanager
    def inside(self, stencil: Stencil) -> Iterator[None]:
        """Draw only where ``stencil`` covers."""
        outer = self._clip
        clip = np.zeros(self.pixels.shape[:2], np.float32)
        clip[stencil.where] = stencil.alpha
        self._clip = clip if outer is None else clip * outer
        yield
        self._clip = outer

    # Light and texture over the canvas

    def backdrop(self, ink: Ink) -> None:
        """Fill everything."""
        height_px, width_px = self.pixels.shape[:2]
        everything = Stencil(0, 0, np.ones((height_px, width_px), np.float32))
        self.paint(everything, ink)

    def sky(self, stops: Stops, bottom: float | None = None) -> None:
        """An upright gradient from the top to ``bottom``."""
        y = self._rows() / (bottom or self.height)
        self.pixels[:] = look_up(ramp(stops), y)

    def glow(
        self, x: float, y: float, radius: float, colour: Colour, strength: float = 0.6
    ) -> None:
        """Light added softly around a place."""
        reach = radius * 2.6
        left, right = (
            int(np.clip(at * self.scale, 0, self.pixels.shape[1])) for at in (x - reach, x + reach)
        )
        top, bottom = (
            int(np.clip(at * self.scale, 0, self.pixels.shape[0])) for at in (y - reach, y + reach)
        )
        if right <= left or bottom <= top:
            return
        across = ((np.arange(left, right, dtype=np.float32) + 0.5) / self.scale - x) / radius
        down = ((np.arange(top, bottom, dtype=np.float32) + 0.5) / self.scale - y) / radius
        light = np.exp(-(across**2))[None, :] * np.exp(-(down**2))[:, None] * strength
        if self._clip is not None:
            light = light * self._clip[top:bottom, left:right]
        part = self.pixels[top:bottom, left:right]
        part += (1.0 - part) * rgb(colour) * light[..., None].astype(np.float32)

    def round_off(self, x: float, half: float, strength: float = 0.45) -> None:
        """Shade like an upright round column about ``x``: lit on its left, darker on its right."""
        across = (np.arange(self.pixels.shape[1], dtype=np.float32) + 0.5) / self.scale
        t = np.clip((across - x) / half, -1.3, 1.3)
        dark = strength * np.clip(0.15 + 0.85 * t, 0, 1) ** 1.4 + strength * 0.5 * np.clip(
            -t - 0.7, 0, 1
        )
        shade = np.broadcast_to(dark.astype(np.float32)[None, :], self.pixels.shape[:2])
        self.veil(shade, "#1b1d33")
        light = np.exp(-(((t + 0.45) / 0.28) ** 2)) * strength * 0.45
        self.veil(
            np.broadcast_to(light.astype(np.float32)[None, :], self.pixels.shape[:2]), "#ffffff"
        )

    def noise(
        self, rng: np.random.Generator, cells: float, octaves: int = 4, stretch: float = 1.0
    ) -> F32:
        """Smooth noise of the canvas's size, about 0 to 1."""
        height_px, width_px = self.pixels.shape[:2]
        return noise(rng, height_px, width_px, cells, octaves, stretch)

    def veil(self, plane: F32, ink: Ink, opacity: float = 1.0) -> None:
        """Paint through a plane of the canvas's size, 0 to 1."""
        self.paint(Stencil(0, 0, np.clip(plane, 0, 1).astype(np.float32)), ink, opacity)

    def mottle(self, plane: F32, strength: float) -> None:
        """Make what is there lighter and darker by a plane about 0.5."""
        change = ((plane - 0.5) * 2 * strength).astype(np.float32)
        if self._clip is not None:
            change = change * self._clip
        self.pixels *= 1.0 + change[..., None]

    def finish(self, rng: np.random.Generator, vignette: float = 0.16) -> NDArray[np.uint8]:
        """The picture (h, w, 3) uint8, with a soft vignette and a fine grain."""
        height_px, width_px = self.pixels.shape[:2]
        down = (np.linspace(-1, 1, height_px, dtype=np.float32) ** 2)[:, None]
        across = (np.linspace(-1, 1, width_px, dtype=np.float32) ** 2)[None, :]
        edge = 1.0 - vignette * ((down + across) / 2) ** 1.5
        grain = rng.standard_normal((height_px, width_px), dtype=np.float32) * 0.007
        done = self.pixels * edge[..., None] + grain[..., None]
        return (np.clip(done, 0, 1) * 255 + 0.5).astype(np.uint8)

    def _colours(self, stencil: Stencil, ink: Ink) -> F32:
        if not callable(ink):
            return rgb(ink)
        rows, columns = stencil.where
        x = (np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5) / self.scale
        y = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) / self.scale
        return ink(x[None, :].astype(np.float32), y[:, None].astype(np.float32))

    def _rows(self) -> F32:
        height_px = self.pixels.shape[0]
        return ((np.arange(height_px, dtype=np.float32) + 0.5) / self.scale)[:, None]
