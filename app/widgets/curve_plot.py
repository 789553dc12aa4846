"""A few curves over steps, drawn as they grow: title, what each is and its newest value, the plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.models.curves import Line
from app.style.palette import class_colours
from app.style.theme import Theme
from app.widgets.flow import FlowLayout
from app.widgets.parts import label, row

SWATCH_PX = (14, 12)
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


class _Swatch(QWidget):
    def __init__(self, theme: Theme, curve: Curve) -> None:
        super().__init__()
        self._theme, self._curve = theme, curve
        self.setFixedSize(*SWATCH_PX)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(_colour(self._theme, self._curve), 2, DASHES[self._curve.dash]))
        middle = self.height() // 2
        painter.drawLine(1, middle, self.width() - 1, middle)
        painter.end()


class CurvePlot(QWidget):
    """Shows curves and a mark at the best step; has no hands of its own."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        curves: Sequence[Curve],
        *,
        tip: str = "",
        span: tuple[float, float] | None = None,
        is_from_zero: bool = True,
        waits: str = "Nothing yet",
    ) -> None:
        """``span``: the lowest and highest value where those are known beforehand."""
        super().__init__()
        self._theme, self._title, self._curves, self._span = theme, title, curves, span
        self._is_from_zero = is_from_zero
        self.plot = pg.GraphicsView(background=None)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for one in (self.plot, self.plot.viewport()):
            one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        # Its hint is of a window's size; what counts is the room there is.
        self.plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.plot.setMinimumHeight(88)
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0.0)
        self._box.disableAutoRange()
        self._axes = {side: pg.AxisItem(side) for side in ("left", "bottom")}
        self._lay_out()
        self._lines: dict[str, pg.PlotCurveItem] = {}
        self._values: dict[str, QLabel] = {}
        self._wanted = pg.InfiniteLine(angle=90, movable=False)
        self._wanted.hide()
        self._box.addItem(self._wanted, ignoreBounds=True)
        legend = QWidget()
        flow = FlowLayout(legend, gap_px=6)
        for curve in curves:
            for key in (curve.faint, curve.key):
                if key:
                    self._lines[key] = self._add(is_faint=key == curve.faint)
            value = label(curve.name, "muted")
            self._values[curve.key] = value
            flow.addWidget(row(_Swatch(theme, curve), value, gap_px=3))
        self._waits_for = waits
        self._waits = label(waits, "muted", wraps=True)
        self._waits.setParent(self.plot)
        self._waits.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(label(title, "section"))
        box.addWidget(legend)
        box.addWidget(self.plot, 1)
        self.setMinimumHeight(120)
        self.setToolTip(tip)
        self.setAccessibleName(title)
        theme.changed.connect(self._recolour)
        self._recolour()
        self.clear()

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
        self.plot.setCentralItem(grid)

    def _add(self, *, is_faint: bool) -> pg.PlotCurveItem:
        item = pg.PlotCurveItem(antialias=not is_faint, connect="all", skipFiniteCheck=True)
        self._box.addItem(item, ignoreBounds=True)
        return item

    def clear(self) -> None:
        """No curve yet."""
        self.say(self._waits_for)
        for one in self._lines.values():
            one.setData([], [])
        for curve in self._curves:
            self._values[curve.key].setText(curve.name)
        self._wanted.hide()
        self._waits.show()

    def say(self, waits: str) -> None:
        """What stands there while there is no curve."""
        _set(self._waits, waits)

    @property
    def is_empty(self) -> bool:
        """Whether there is no curve yet."""
        return not self._waits.isHidden()

    def show_curves(
        self,
        lines: Mapping[str, Line],
        values: Mapping[str, str],
        *,
        until: float = 0.0,
        best: float = 0.0,
        ticks: Sequence[tuple[float, str]] = (),
    ) -> None:
        """Draw these; ``until`` is the last step there will be, ``best`` the step of the best measurement.
        ``ticks``: (where, what it is called) below the plot, which then begins at the first of them."""
        shown = [(x, y) for x, y in lines.values() if len(x)]
        self._waits.setVisible(not shown)
        for key, line in lines.items():
            if key in self._lines:
                self._lines[key].setData(*line)
        for curve in self._curves:
            words = values.get(curve.key, "")
            _set(self._values[curve.key], f"{curve.name} {words}" if words else curve.name)
        self._axes["bottom"].setTicks([list(ticks)] if ticks else None)
        if shown:
            self._fit(shown, until, ticks[0][0] if ticks else 0.0)
        self._wanted.setVisible(best > 0 and bool(shown))
        self._wanted.setValue(best)
        told = ", ".join(
            f"{one.name} {values[one.key]}" for one in self._curves if one.key in values
        )
        self.setAccessibleDescription(told)

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

    def _recolour(self) -> None:
        theme = self._theme
        self.plot.setBackground(theme.colour("canvas"))
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
            colour = _colour(theme, curve)
            # These pens are in pixels of the screen, whatever its scaling.
            wide = 2 * self.devicePixelRatioF()
            pen = pg.mkPen(colour, width=wide, style=DASHES[curve.dash])
            self._lines[curve.key].setPen(pen)
            if curve.faint:
                faint = QColor(colour)
                faint.setAlpha(70)
                self._lines[curve.faint].setPen(pg.mkPen(faint, width=1))
        self._wanted.setPen(pg.mkPen(theme.colour("border_strong"), style=DASHES["dash"]))

    def showEvent(self, event: object) -> None:
        self._recolour()  # perhaps on another screen

    def resizeEvent(self, event: object) -> None:
        room = QRectF(self.plot.rect()).toRect()
        self._waits.setGeometry(room.adjusted(40, 0, 0, -20))

    def sizeHint(self) -> QSize:
        return QSize(280, 168)


def _colour(theme: Theme, curve: Curve) -> QColor:
    palette = class_colours(theme.tokens.name)
    return theme.colour("muted") if curve.colour < 0 else QColor(palette[curve.colour])


def _set(shown: QLabel, words: str) -> None:
    if shown.text() != words:
        shown.setText(words)
