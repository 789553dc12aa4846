"""Threshold: what a setting lets through and what it misses, from the answers of the person."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.models import threshold_words as words
from app.models.threshold_words import Estimate
from app.style.palette import class_colours
from app.style.theme import Theme
from app.widgets.parts import button, column, label, row
from app.widgets.segments import Segments
from app.widgets.stack import Stack
from app.widgets.threshold_plot import FOUND, RIGHT, Drawn, ThresholdPlot

KINDS = (("near", words.NAMES["near"]), ("part-of", words.NAMES["part-of"]))
SIDE_PX = 360
MEANING = {
    "near": "Copies that were resized, recompressed, recoloured, mirrored, turned, or got a caption or a border.",
    "part-of": "Pictures that show a part of another one. They count by themselves, and form no groups.",
}


class _Swatch(QWidget):
    def __init__(self, theme: Theme, number: int, *, is_dashed: bool) -> None:
        super().__init__()
        self._theme, self._number, self._is_dashed = theme, number, is_dashed
        self.setFixedSize(24, 12)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        pen = QPen(QColor(class_colours(self._theme.tokens.name)[self._number]), 2)
        if self._is_dashed:
            pen.setDashPattern([4, 2])
        painter.setPen(pen)
        painter.drawLine(1, 6, 23, 6)
        painter.end()


class ThresholdPanel(QWidget):
    """Says where the threshold is to be, and that pairs at it are to be judged."""

    kind_chosen = Signal(str)
    moved = Signal(float)  # while the line is moved
    let_go = Signal()
    boundary_wanted = Signal()
    reset_wanted = Signal()
    suggested_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._is_writable = True
        self.kinds = Segments("Kind", KINDS)
        self.kinds.chosen.connect(self._choose_kind)
        self.plot = ThresholdPlot(theme)
        self.plot.moved.connect(self.moved)
        self.plot.let_go.connect(self.let_go)
        self.meaning = label(MEANING["near"], "muted", wraps=True)
        self.sentence = label("", "lead", wraps=True)
        self.sentence.setProperty("tone", "verdict")
        self.shown = label("", wraps=True)
        self.rests = label("", "muted", wraps=True)
        self.boundary = button(
            "Show 20 pairs at this boundary", self.boundary_wanted.emit, "primary"
        )
        self.best = button("Move to where 99 of 100 are right", self.suggested_wanted.emit)
        self.best.setToolTip("The lowest threshold at which about 99 of 100 shown pairs are right")
        self.reset = button("Back to what was measured in advance", self.reset_wanted.emit)
        legend = row(
            _Swatch(theme, RIGHT, is_dashed=False),
            label("shown pairs that are right", "muted"),
            12,
            _Swatch(theme, FOUND, is_dashed=True),
            label("duplicates among the candidates that are found", "muted"),
            None,
            gap_px=6,
        )
        foot = label(
            "Threshold: the score from which on a pair counts. Bands are 95 % intervals.", "muted"
        )
        left = column(
            row(self.kinds, None), legend, self.plot, foot, gap_px=8, margins=(24, 12, 16, 16)
        )
        box = left.layout()
        assert isinstance(box, QVBoxLayout)
        box.setStretchFactor(self.plot, 1)
        side = QFrame()
        side.setObjectName("inspector")
        side.setFixedWidth(SIDE_PX)
        inner = QVBoxLayout(side)
        inner.setContentsMargins(24, 20, 24, 16)
        inner.setSpacing(12)
        for one in (self.sentence, self.shown, self.rests, self.boundary, self.best, self.reset):
            inner.addWidget(one)
        inner.addSpacing(8)
        inner.addWidget(self.meaning)
        inner.addStretch(1)
        body = row(left, side, gap_px=0)
        outer_box = body.layout()
        assert outer_box is not None
        outer_box.setStretch(0, 1)  # type: ignore[attr-defined]
        self.stack = Stack(body, self.plot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.stack.say(
            "No threshold yet",
            "Find duplicates, then answer a few pairs under Review; from these follows what a threshold means.",
        )

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the panel is shown."""
        return self.plot if self.stack.is_body_shown else self.stack.empty

    def show_curve(self, drawn: Drawn, value: float, suggested: float | None) -> None:
        """The curve of a kind, and where its threshold is."""
        self.plot.value = value
        self.plot.show_curve(drawn, suggested, self.kinds.current)
        self.best.setEnabled(suggested is not None and self._is_writable)
        self.stack.show_body()

    def show_expected(
        self, precision: Estimate, recall: Estimate, shown: int, total: int, answers: int
    ) -> None:
        """What the threshold means where it is now."""
        self.sentence.setText(words.sentence(precision, recall, shown))
        self.shown.setText(words.shown_words(shown, total))
        self.rests.setText(words.rests_words(answers))
        self.plot.setAccessibleDescription(f"{self.plot.value:.3f}. {self.sentence.text()}")

    def show_writable(self, is_writable: bool) -> None:
        """Whether a threshold can be set."""
        self._is_writable = is_writable
        self.reset.setEnabled(is_writable)

    def _choose_kind(self, kind: str) -> None:
        self.meaning.setText(MEANING[kind])
        self.kind_chosen.emit(kind)
