"""A few curves over steps, drawn as they grow: title, what each is and its newest value, the plot."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.models.curves import Line
from app.style.theme import Theme
from app.widgets.curve_plane import DASHES, CurvePlane, Drawing, colour_of
from app.widgets.curve_plane import Curve as Curve
from app.widgets.flow import FlowLayout
from app.widgets.parts import label, row

SWATCH_PX = (14, 12)


class _Swatch(QWidget):
    def __init__(self, theme: Theme, curve: Curve) -> None:
        super().__init__()
        self._theme, self._curve = theme, curve
        self.setFixedSize(*SWATCH_PX)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(colour_of(self._theme, self._curve), 2, DASHES[self._curve.dash]))
        middle = self.height() // 2
        painter.drawLine(1, middle, self.width() - 1, middle)
        painter.end()


class CurvePlot(QWidget):
    """Shows curves and a mark at the best step; has no hands of its own.

    Its plane is made when it is first seen: a window has some twenty of them, most of which nobody looks at, and they
    were a fifth of what opening a catalogue takes.
    """

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
        self.plane: CurvePlane | None = None
        self._now = Drawing({})
        self._place = QWidget()
        self._place.setMinimumHeight(88)
        self._place_box = QVBoxLayout(self._place)
        self._place_box.setContentsMargins(0, 0, 0, 0)
        self._values: dict[str, QLabel] = {}
        legend = QWidget()
        flow = FlowLayout(legend, gap_px=6)
        for curve in curves:
            value = label(curve.name, "muted")
            self._values[curve.key] = value
            flow.addWidget(row(_Swatch(theme, curve), value, gap_px=3))
        self._waits_for = waits
        self._waits = label(waits, "muted", wraps=True)
        self._waits.setParent(self._place)
        self._waits.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(label(title, "section"))
        box.addWidget(legend)
        box.addWidget(self._place, 1)
        self.setMinimumHeight(120)
        self.setToolTip(tip)
        self.setAccessibleName(title)
        theme.changed.connect(self._recolour)
        self.clear()

    def clear(self) -> None:
        """No curve yet."""
        self.say(self._waits_for)
        for curve in self._curves:
            self._values[curve.key].setText(curve.name)
        self._waits.show()
        self._draw(Drawing({}))

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
        """Draw these (see ``Drawing``), and say their newest ``values``."""
        now = Drawing(lines, until, best, ticks)
        self._waits.setVisible(not now.shown)
        for curve in self._curves:
            words = values.get(curve.key, "")
            _set(self._values[curve.key], f"{curve.name} {words}" if words else curve.name)
        told = ", ".join(
            f"{one.name} {values[one.key]}" for one in self._curves if one.key in values
        )
        self.setAccessibleDescription(told)
        self._draw(now)

    def _draw(self, now: Drawing) -> None:
        self._now = now
        if self.plane is not None:
            self.plane.draw(now)

    def _recolour(self) -> None:
        if self.plane is not None:
            self.plane.recolour()

    def showEvent(self, event: object) -> None:
        if self.plane is None:
            self.plane = CurvePlane(
                self._theme, self._curves, self._span, is_from_zero=self._is_from_zero
            )
            self._place_box.addWidget(self.plane)
            self._waits.raise_()  # what is waited for stands before it
            self.plane.draw(self._now)
        self._recolour()  # perhaps on another screen

    def resizeEvent(self, event: object) -> None:
        self._waits.setGeometry(self._place.rect().adjusted(40, 0, 0, -20))

    def sizeHint(self) -> QSize:
        return QSize(280, 168)


def _set(shown: QLabel, words: str) -> None:
    if shown.text() != words:
        shown.setText(words)
