"""Before and after side by side: a dot for each figure with the whisker of its 95 % interval."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import Theme

LINE_PX, HEAD_PX, NAME_PX, FIGURES_PX = 48, 28, 80, 176


@dataclass(frozen=True)
class Compared:
    """One figure before and after; ``low`` and ``high`` hold its interval where there is one.

    ``is_clear``: the difference is more than chance; ``difference`` in words, or empty.
    """

    name: str
    meaning: str
    before: float
    after: float
    before_between: tuple[float, float] | None = None
    after_between: tuple[float, float] | None = None
    difference: str = ""
    is_clear: bool = False


class IntervalPlot(QWidget):
    """One line a figure, all on one axis."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.figures: tuple[Compared, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Before and after")
        theme.changed.connect(self.update)

    def show_figures(self, figures: tuple[Compared, ...]) -> None:
        """Show these."""
        self.figures = figures
        self.setFixedHeight(HEAD_PX + len(figures) * LINE_PX + 20)
        told = [
            f"{one.name} {one.before:.3f} before, {one.after:.3f} after, {one.difference}"
            for one in figures
        ]
        self.setAccessibleDescription("; ".join(told))
        self.setToolTip("\n".join(f"{one.name}: {one.meaning}" for one in figures))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, HEAD_PX + len(self.figures) * LINE_PX + 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(360, self.sizeHint().height())

    def _range(self) -> tuple[float, float]:
        values = []
        for one in self.figures:
            values += [one.before, one.after, *(one.before_between or ())]
            values += one.after_between or ()
        low = max(0.0, (int(min(values) * 10) - (min(values) * 10 % 1 < 0.2)) / 10)
        return low, 1.0

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.figures:
            return
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = self._range()
        left, right = NAME_PX, self.width() - FIGURES_PX - 8

        def x_of(value: float) -> float:
            return float(left + (value - low) / (high - low) * (right - left))

        bottom = HEAD_PX + len(self.figures) * LINE_PX
        self._draw_axis(painter, x_of, low, high, bottom)
        for number, one in enumerate(self.figures):
            y = HEAD_PX + number * LINE_PX
            painter.setPen(theme.colour("text"))
            name = QRectF(0, y, NAME_PX, LINE_PX)
            painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, one.name)
            for value, between, offset, is_after in (
                (one.before, one.before_between, 16, False),
                (one.after, one.after_between, 32, True),
            ):
                self._draw_value(painter, x_of, value, between, y + offset, is_after)
            self._draw_figures(painter, one, y)
        painter.end()

    def _draw_axis(
        self, painter: QPainter, x_of: object, low: float, high: float, bottom: int
    ) -> None:
        theme = self._theme
        assert callable(x_of)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        count = round((high - low) * 10)
        for number in range(count + 1):
            value = low + number / 10
            if count > 5 and number % 2:
                continue
            x = x_of(value)
            painter.setPen(theme.colour("border"))
            painter.drawLine(QPointF(x, HEAD_PX), QPointF(x, bottom))
            painter.setPen(theme.colour("muted"))
            place = QRectF(x - 20, bottom + 4, 40, 14)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, f"{value:.1f}")
        font.setPixelSize(12)
        painter.setFont(font)
        x = float(NAME_PX)
        for words, is_after in (("before", False), ("after", True)):
            self._draw_dot(painter, QPointF(x + 6, HEAD_PX / 2 - 2), is_after)
            painter.setPen(theme.colour("muted"))
            painter.drawText(QPointF(x + 16, HEAD_PX / 2 + 2), words)
            x += 80
        painter.drawText(QPointF(x, HEAD_PX / 2 + 2), "whiskers: 95 % intervals")

    def _draw_value(
        self,
        painter: QPainter,
        x_of: object,
        value: float,
        between: tuple[float, float] | None,
        y: float,
        is_after: bool,
    ) -> None:
        assert callable(x_of)
        colour = self._theme.colour("accent" if is_after else "muted")
        painter.setPen(QPen(colour, 2))
        if between is not None:
            first, last = x_of(between[0]), x_of(between[1])
            painter.drawLine(QPointF(first, y), QPointF(last, y))
            for x in (first, last):
                painter.drawLine(QPointF(x, y - 4), QPointF(x, y + 4))
        self._draw_dot(painter, QPointF(x_of(value), y), is_after)

    def _draw_dot(self, painter: QPainter, place: QPointF, is_after: bool) -> None:
        theme = self._theme
        painter.setPen(QPen(theme.colour("accent" if is_after else "muted"), 2))
        painter.setBrush(theme.colour("accent" if is_after else "raised"))
        painter.drawEllipse(place, 4.5, 4.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_figures(self, painter: QPainter, one: Compared, y: int) -> None:
        theme, x = self._theme, self.width() - FIGURES_PX
        font = painter.font()
        font.setPixelSize(13)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        first = QRectF(x, y + 4, FIGURES_PX, 20)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(first, right, f"{one.before:.3f} → {one.after:.3f}")
        is_worse = one.is_clear and one.after < one.before
        ink = "danger" if is_worse else "accent" if one.is_clear else "muted"
        painter.setPen(theme.colour(ink))
        painter.drawText(QRectF(x, y + 24, FIGURES_PX, 18), right, one.difference)
