"""Embedding: what the vectors of an encoder are like, a sentence and a small drawing for each thing."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from app.models.insight import EmbeddingState
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.bar_list import BarList
from app.widgets.curve_plot import Curve, CurvePlot
from app.widgets.histogram import Histogram
from app.widgets.parts import column, label, scrolling
from app.widgets.picture_groups import PictureGroups
from app.widgets.stack import Stack

WIDEST_PX, TWO_PX, PLOT_PX, BARS_PX = 1400, 900, 188, 528


class EmbeddingTab(QWidget):
    """Cards beside each other where there is room."""

    opened = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.directions = BarList(theme, "Directions in which images vary")
        self.directions.setMaximumWidth(BARS_PX)  # one below the other
        self.occurrences = Histogram(theme, "Images by how many others have them as a neighbour")
        self.hubs = PictureGroups(theme, thumbnails, "Hubs", side_px=64, most_lines=1)
        self.same = PictureGroups(
            theme, thumbnails, "Images with the same neighbours", side_px=64, most_lines=2
        )
        self.spectrum = CurvePlot(
            theme,
            "Share of what differs, by numbers kept",
            [Curve("share", "Kept", 0)],
            tip="How much of what differs between images is left when only so many numbers of each "
            "vector are kept, along the axes that tell most.",
            span=(0.0, 1.0),
            waits="All vectors are the same",
        )
        self.spectrum.setFixedHeight(PLOT_PX)
        self.sentences = {
            one: label("", wraps=True) for one in ("dimension", "hubness", "spectrum", "same")
        }
        self._hub_head = label("Most often a neighbour, and of how many", "section")
        self._occurrence_head = label("Images, by how often they are a neighbour", "section")
        sides = [
            [
                _card("Directions", self.sentences["dimension"], self.directions),
                _card(
                    "Hubs",
                    self.sentences["hubness"],
                    self._occurrence_head,
                    self.occurrences,
                    self._hub_head,
                    self.hubs,
                ),
            ],
            [
                _card("Compression", self.sentences["spectrum"], self.spectrum),
                _card("Told apart", self.sentences["same"], self.same),
            ],
        ]
        for one in (self.hubs, self.same):
            one.chosen.connect(self.opened)
        self.line = label("", "muted")
        holder = QWidget()
        holder.setMaximumWidth(WIDEST_PX)
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(16, 0, 16, 16)
        inner.setSpacing(12)
        inner.addWidget(self.line)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(12)
        for cards in sides:
            self._body.addWidget(column(*cards, None, gap_px=12), 1)
        inner.addLayout(self._body)
        inner.addStretch(1)
        self.stack = Stack(scrolling(holder), self.hubs)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the tab is shown."""
        return self.hubs if self.stack.is_body_shown else self.stack.empty

    def show_state(self, state: EmbeddingState) -> None:
        """What was measured."""
        self.line.setText(state.words)
        for key, one in self.sentences.items():
            one.setText(state.sentences[key])
        self.directions.show_rows(state.directions)
        self.occurrences.show_bars(state.occurrences)
        self.hubs.show_groups([(one,) for one in state.hubs])
        self._hub_head.setVisible(bool(state.hubs))
        self.same.show_groups([tuple((one, "") for one in group) for group in state.same])
        self.spectrum.clear()
        if len(state.spectrum[0]):
            self.spectrum.show_curves(
                {"share": state.spectrum}, {"share": state.spectrum_words}, ticks=state.ticks
            )
        self.stack.show_body()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._body.setDirection(across if self.width() >= TWO_PX else down)


def _card(title: str, *parts: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    box = QVBoxLayout(card)
    box.setContentsMargins(16, 12, 16, 16)
    box.setSpacing(8)
    box.addWidget(label(title, "title"))
    for one in parts:
        box.addWidget(one)
    return card
