"""The plane that curves are drawn on: axes, lines and the mark at the best step. Costly to make: see curve_plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSizePolicy

from app.models.curves import Line
from app.style.palette import class_colours
from app.style.theme import Theme

DASHES = {
    "solid": Qt.PenStyle.SolidLine,
    "dash": Qt.PenStyle.DashLine,
    "dot": Qt.PenStyle.DotLine,
}


@dataclass(frozen=True)
class Curve:
    """One curve: its colour's number in the palette, and how it is dashed, for eyes that see no colours.

    ``faint`` is the key of the same curve as it is before it was smoothed.
    """

    key: str
    name: str
    colour: int
    dash: str = "solid"
    faint: str = ""


@dataclass(frozen=True, eq=False)
class Drawing:
    """What is to be seen: lines by the key of their curve, until which step there will be some, the step of the best
    measurement (0: none yet), and names of places below the plot, which then begins at the first of them."""

    lines: Mapping[str, Line]
    until: float = 0.0
    best: float = 0.0
    ticks: Sequence[tuple[float, str]] = ()

    @property
    def shown(self) -> list[Line]:
        """The lines that hold a point."""
        return [(x, y) for x, y in self.lines.values() if len(x)]


class CurvePlane(pg.GraphicsView):
    """Draws, and has no hands of its own."""

    def __init__(
        self,
        theme: Theme,
        curves: Sequence[Curve],
        span: tuple[float, float] | None,
        *,
        is_from_zero: bool,
    ) -> None:
        """``span``: the lowest and highest value where those are known beforehand."""
        super().__init__(background=None)
        self._theme, self._curves, self._span = theme, curves, span
        self._is_from_zero = is_from_zero
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for one in (self, self.viewport()):
            one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        # Its hint is of a window's size; what counts is the room there is.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0.0)
        self._box.disableAutoRange()
        self._axes = {side: pg.AxisItem(side) for side in ("left", "bottom")}
        self._lay_out()
        self._wanted = pg.InfiniteLine(angle=90, movable=False)
        self._wanted.hide()
        self._box.addItem(self._wanted, ignoreBounds=True)
        self.lines: dict[str, pg.PlotCurveItem] = {
            key: self._add(is_faint=key == curve.faint)
            for curve in curves
            for key in (curve.faint, curve.key)
            if key
        }

    def _lay_out(self) -> None:
        """Axes and plane without the parts of a whole plot, which bring menus of their own."""
        grid = pg.GraphicsLayout()
        grid.layout.setSpacing(0)
        grid.layout.setContentsMargins(0, 6, 6, 0)
        grid.addItem(self._axes["left"], 0, 0)
        grid.addItem(self._box, 0, 1)
        grid.addItem(self._axes["bottom"], 1, 1)
        for one in self._axes.values():
            one.linkToView(self._box)
        self.setCentralItem(grid)

    def _add(self, *, is_faint: bool) -> pg.PlotCurveItem:
        item = pg.PlotCurveItem(antialias=not is_faint, connect="all", skipFiniteCheck=True)
        self._box.addItem(item, ignoreBounds=True)
        return item

    def draw(self, now: Drawing) -> None:
        """Draw this, and nothing else."""
        for key, item in self.lines.items():
            item.setData(*now.lines.get(key, ([], [])))
        self._axes["bottom"].setTicks([list(now.ticks)] if now.ticks else None)
        shown = now.shown
        if shown:
            self._fit(shown, now.until, now.ticks[0][0] if now.ticks else 0.0)
        self._wanted.setVisible(now.best > 0 and bool(shown))
        self._wanted.setValue(now.best)

    def _fit(self, shown: Sequence[Line], until: float, begin: float) -> None:
        right = max(until, *(float(x[-1]) for x, _ in shown))
        left = min(begin, *(float(x[0]) for x, _ in shown))
        if self._span is not None:
            low, high = self._span
        else:
            # The first steps are wild; a few of them may leave the plot at its top.
            high = max(float(np.percentile(y, 99)) for _, y in shown)
            low = min(float(y.min()) for _, y in shown)
            low = min(0.0, low) if self._is_from_zero else low
        room = (high - low) * 0.08 or 1.0
        edge = (right - left) * 0.04 if begin else 0.0  # so that the first and last tick are named
        self._box.setRange(
            xRange=(left - edge, max(right + edge, left + 1e-9)),
            yRange=(low - room * 0.4, high + room),
            padding=0,
        )

    def recolour(self) -> None:
        theme = self._theme
        self.setBackground(theme.colour("canvas"))
        axis, ink = theme.colour("border"), theme.colour("muted")
        font = self.font()
        font.setPixelSize(11)
        for side in ("left", "bottom"):
            one = self._axes[side]
            one.setPen(pg.mkPen(axis))
            one.setTextPen(pg.mkPen(ink))
            one.setStyle(tickFont=font, tickLength=-4, tickTextOffset=4)
            one.enableAutoSIPrefix(False)
        self._axes["left"].setWidth(40)
        self._axes["bottom"].setHeight(20)
        for curve in self._curves:
            colour = colour_of(theme, curve)
            # These pens are in pixels of the screen, whatever its scaling.
            wide = 2 * self.devicePixelRatioF()
            pen = pg.mkPen(colour, width=wide, style=DASHES[curve.dash])
            self.lines[curve.key].setPen(pen)
            if curve.faint:
                faint = QColor(colour)
                faint.setAlpha(70)
                self.lines[curve.faint].setPen(pg.mkPen(faint, width=1))
        self._wanted.setPen(pg.mkPen(theme.colour("border_strong"), style=DASHES["dash"]))


def colour_of(theme: Theme, curve: Curve) -> QColor:
    """The colour of a curve."""
    palette = class_colours(theme.tokens.name)
    return theme.colour("muted") if curve.colour < 0 else QColor(palette[curve.colour])
