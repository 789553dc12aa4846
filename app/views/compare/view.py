"""Compare: two encoders over the same images, in two maps, a few sentences and a list of what differs."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from app.models import compare
from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.selection import Selection
from app.style.theme import Theme
from app.views.compare.maps import MapPair
from app.views.compare.side import Side
from app.widgets.choice import Choice
from app.widgets.compare_detail import CompareDetail
from app.widgets.parts import IconButton, column, label, row
from app.widgets.ramp_key import RampKey
from app.widgets.stack import Stack

COLOURS = (("class", "Class"), ("same", "Agreement"))
CHOICE_PX, MOST_CHOICE_PX, SIDE_PX, BADGE_PX = 144, 272, 500, 24


class CompareView(QWidget):
    """Says which two are to be compared, in what order, and which image is looked at."""

    closed = Signal()
    pair_chosen = Signal(str, str)
    colour_chosen = Signal(str)
    again_wanted = Signal()
    looked_at = Signal(int)
    opened = Signal(int)

    def __init__(
        self, theme: Theme, selection: Selection, rows: Rows, thumbnails: Thumbnails,
        map_thumbnails: tuple[Thumbnails, Thumbnails], detail_thumbnails: Thumbnails,
    ) -> None:  # fmt: skip
        super().__init__()
        self.a, self.b = (Choice(theme, f"Encoder {letter}") for letter in "AB")
        self.colour = Choice(theme, "Colour the maps by")
        self.maps = MapPair(theme, selection, rows, map_thumbnails)
        self.side = Side(theme, thumbnails)
        self.detail = CompareDetail(theme, detail_thumbnails)
        self.sentences = [label("", wraps=True) for _ in range(3)]
        self.note = label("", "muted", wraps=True)
        self.sentences[2].setProperty("tone", "muted")
        for key, name in COLOURS:
            self.colour.addItem(name, key)
        for choice in (self.a, self.b):
            choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
            choice.setMinimumWidth(CHOICE_PX)
            choice.setMaximumWidth(MOST_CHOICE_PX)
            choice.activated.connect(lambda _: self._say_pair())
        self.colour.activated.connect(lambda _: self._say_colour())
        self.back = IconButton(theme, "back", "Back to the images  Esc", 18)
        self.back.clicked.connect(self.closed)
        self.swap = IconButton(theme, "swap", "Swap A and B", 18)
        self.swap.clicked.connect(self._swap)
        self.lock = IconButton(theme, "link", "Pan and zoom both maps together", 18)
        self.lock.setCheckable(True)
        self.lock.setChecked(True)
        self.lock.toggled.connect(self.maps.lock)
        self.lines = IconButton(theme, "lens", "Lines to the neighbours of the chosen image", 18)
        self.lines.setCheckable(True)
        self.lines.setChecked(True)
        self.lines.toggled.connect(self.maps.turn_lines)
        self.key = RampKey(theme, "none the same", "all")
        self.key.hide()
        self.fit = IconButton(theme, "fit", "Show the whole of both maps", 18)
        self.fit.clicked.connect(self.maps.fit)
        self.again = IconButton(theme, "refresh", "Compare again", 18)
        self.again.clicked.connect(self.again_wanted)
        letters = [label(one) for one in "AB"]
        for letter in letters:
            letter.setObjectName("badge")
            letter.setFixedHeight(BADGE_PX)
        bar = row(
            self.back, label("Compare", "title"), 8, letters[0], self.a, self.swap, letters[1], self.b,
            None, self.key, 4, label("Colour by", "muted"), self.colour, 4, self.lines, self.lock,
            self.fit, self.again,
            margins=(8, 4, 12, 4),
        )  # fmt: skip
        bar.setFixedHeight(48)
        facts = QFrame()
        facts.setObjectName("paneBar")
        inner = QVBoxLayout(facts)
        inner.setContentsMargins(16, 8, 16, 8)
        inner.setSpacing(2)
        for words in (*self.sentences, self.note):
            inner.addWidget(words)
        left = column(self.maps, self.detail, gap_px=0)
        box = left.layout()
        assert isinstance(box, QVBoxLayout)
        box.setStretchFactor(self.maps, 1)
        left.setMinimumWidth(480)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([2 * SIDE_PX, SIDE_PX])
        body = column(facts, self.splitter, gap_px=0)
        filled = body.layout()
        assert isinstance(filled, QVBoxLayout)
        filled.setStretchFactor(self.splitter, 1)
        self.stack = Stack(body, self.side.images)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(self.stack, 1)
        for listed in (self.side.images, self.detail):
            listed.looked_at.connect(self.looked_at)
            listed.full_wanted.connect(self.opened)
        self.maps.opened.connect(self.opened)
        self.side.images.entered.connect(
            lambda at: self.maps.point_at(self.side.images.rows.rows[at.row()].picture.image_id)
        )

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        return self.side.first_focus() if self.stack.is_body_shown else self.stack.empty

    @property
    def pair(self) -> tuple[str, str]:
        """The names of A and B; empty where there is nothing to choose from."""
        return str(self.a.currentData() or ""), str(self.b.currentData() or "")

    def show_choices(self, choices: Sequence[compare.Choice], a: str, b: str) -> None:
        """What can be compared, and what is."""
        for one, chosen in ((self.a, a), (self.b, b)):
            with QSignalBlocker(one):
                one.clear()
                for each in choices:
                    words = each.title if each.has_vectors else f"{each.title}  (not embedded)"
                    one.addItem(words, each.name)
                one.setCurrentIndex(one.findData(chosen))
            one.setEnabled(len(choices) > 1)
        self.swap.setEnabled(len(choices) > 1)
        self.again.setEnabled(len(choices) > 1)

    def show_titles(self, a: str, b: str) -> None:
        """What the two are called, over their maps."""
        self.maps.a.title.set_text(a)
        self.maps.b.title.set_text(b)

    def show_sentences(self, sentences: Sequence[str], note: str) -> None:
        """What was found, up to three sentences, and what is to be known of it."""
        for place, one in enumerate(self.sentences):
            one.setText(sentences[place] if place < len(sentences) else "")
            one.setVisible(bool(one.text()))
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def _say_colour(self) -> None:
        self.key.setVisible(self.colour.currentData() == "same")
        self.colour_chosen.emit(self.colour.currentData())

    def _say_pair(self) -> None:
        self.pair_chosen.emit(*self.pair)

    def _swap(self) -> None:
        a, b = self.pair
        self.pair_chosen.emit(b, a)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
