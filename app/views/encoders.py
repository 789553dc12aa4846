"""Encoders: those the catalogue has vectors of, a few to begin with, all there are behind a search."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.encoder_cards import NOTHING, CardState, Overview
from app.models.encoder_rows import EncoderTable
from app.style.theme import Theme
from app.widgets import text
from app.widgets.checkpoint_card import CheckpointCard
from app.widgets.encoder_card import EncoderCard
from app.widgets.encoder_list import EncoderList
from app.widgets.parts import IconButton, button, column, label, row, scrolling

WIDEST_PX, CARD_PX = 1160, 340


class EncodersView(QWidget):
    """Says what the user wants done with which encoder."""

    closed = Signal()
    step_chosen = Signal(str, str)  # an encoder's name, what is to be done
    card_wanted = Signal(str)  # of the encoder that is current in the list
    checkpoint_wanted = Signal()
    import_wanted = Signal()  # vectors that were made elsewhere
    folder_wanted = Signal()
    folder_shown = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.overview = NOTHING
        self._cards: dict[str, list[EncoderCard]] = {"here": [], "installed": [], "recommended": []}
        back = IconButton(theme, "back", "Back to the images  Esc", 18)
        back.clicked.connect(self.leave)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search all encoders")
        self.field.setAccessibleName("Search all encoders")
        self.field.setClearButtonEnabled(True)
        self.field.setFixedWidth(320)
        self.field.textChanged.connect(self._search)
        self.all = button("Show all", self.show_all)
        checkpoint = button("Open a checkpoint…", self.checkpoint_wanted.emit)
        bring = button("Import embeddings…", self.import_wanted.emit)
        bar = row(
            back, label("Encoders", "title"), None, self.field, self.all, checkpoint, bring,
            margins=(8, 4, 16, 4),
        )  # fmt: skip
        bar.setFixedHeight(48)
        self.list = EncoderList(theme)
        self.list.current_changed.connect(self.card_wanted)
        self.list.card.chosen.connect(self.step_chosen)
        self.checkpoint = CheckpointCard(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._build_overview())
        self._stack.addWidget(self.list)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(self._stack, 1)

    def _build_overview(self) -> QWidget:
        self._boxes = {name: QWidget() for name in self._cards}
        self._titles = {
            "here": label("In this catalogue", "section"),
            "installed": label("On this machine", "section"),
            "recommended": label("Good ones to begin with", "section"),
        }
        self._columns = {name: QVBoxLayout(self._boxes[name]) for name in ("here", "installed")}
        for box in self._columns.values():
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(8)
        self._grid = QGridLayout(self._boxes["recommended"])
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        self._folder = label("", "muted")
        change = button("Change…", self.folder_wanted.emit)
        change.setAccessibleName("Choose another folder for weights")
        show = button("Show", lambda: self.folder_shown.emit(self.overview.folder))
        show.setAccessibleName("Show the folder of weights")
        self._foot = row(self._folder, None, show, change)
        holder = QWidget()
        holder.setMaximumWidth(WIDEST_PX)
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(16, 4, 16, 16)
        inner.setSpacing(16)
        inner.addWidget(self.checkpoint)
        self._parts = {
            name: column(self._titles[name], self._boxes[name], gap_px=8)
            for name in ("here", "installed", "recommended")
        }
        for part in self._parts.values():
            inner.addWidget(part)
        inner.addWidget(self._foot)
        inner.addStretch(1)
        scroll = scrolling(holder)
        self._scroll = scroll
        return scroll

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        return self.field

    # -- what is shown

    def show_overview(self, overview: Overview) -> None:
        """The cards as they stand."""
        self.overview = overview
        for name, states in (
            ("here", overview.here),
            ("installed", overview.installed),
            ("recommended", overview.recommended),
        ):
            self._show_cards(name, states)
        self._folder.setText(f"Weights are kept in {overview.folder}")
        self._foot.setVisible(bool(overview.folder))
        if overview.count:
            self.field.setPlaceholderText(f"Search all {text.number(overview.count)} encoders")
            self.all.setText(f"Show all {text.number(overview.count)}")

    def show_list(self, table: EncoderTable, embedded: dict[str, str]) -> None:
        """All encoders there are."""
        self.list.show_table(table, embedded)

    def show_card(self, state: CardState | None) -> None:
        """The card of the one that is current in the list."""
        self.list.show_card(state)

    def find_card(self, name: str) -> EncoderCard | None:
        """The card of an encoder on the overview, where it has one."""
        every = (card for cards in self._cards.values() for card in cards)
        return next((card for card in every if card.state.name == name), None)

    def _show_cards(self, name: str, states: tuple[CardState, ...]) -> None:
        cards = self._cards[name]
        while len(cards) > len(states):
            gone = cards.pop()
            gone.hide()
            gone.deleteLater()
        while len(cards) < len(states):
            card = EncoderCard(self._theme, is_wide=name != "recommended")
            card.chosen.connect(self.step_chosen)
            card.asked.connect(partial(self._bring_into_view, card))
            cards.append(card)
            if name != "recommended":
                self._columns[name].addWidget(card)
        for card, state in zip(cards, states, strict=True):
            card.show_state(state)
        self._parts[name].setVisible(bool(states))
        if name == "recommended":
            self._arrange()

    def _bring_into_view(self, card: EncoderCard) -> None:
        """Once it is laid out: what it says may push its buttons below the edge."""

        def look() -> None:
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            self._scroll.ensureWidgetVisible(card, 0, 16)

        QTimer.singleShot(0, card, look)

    def _arrange(self) -> None:
        cards = self._cards["recommended"]
        room = min(WIDEST_PX, self.width()) - 32
        columns = max(1, min(3, room // CARD_PX))
        for number, card in enumerate(cards):
            self._grid.addWidget(card, number // columns, number % columns)
        for place in range(3):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # -- what the user wants

    def show_all(self) -> None:
        """The whole list, whatever is searched for."""
        if self.is_listing:
            self.show_few()
            return
        self._turn(1)
        self.list.table.setFocus()

    def show_few(self) -> None:
        """The overview again."""
        self.field.clear()
        self._turn(0)
        self.field.setFocus()

    @property
    def is_listing(self) -> bool:
        return self._stack.currentIndex() == 1

    def leave(self) -> None:
        """One step back: from the list to the overview, from there to the images."""
        if self.is_listing:
            self.show_few()
        else:
            self.closed.emit()

    def ask_architecture(
        self, path: Path, words: str, warning: str, guess: str, *, is_certain: bool = False
    ) -> None:
        """Ask which architecture a file with weights is of."""
        self.show_few()
        self.checkpoint.ask(path, words, warning, guess, is_certain=is_certain)
        self._scroll.verticalScrollBar().setValue(0)

    def _search(self, wanted: str) -> None:
        self.list.search(wanted)
        if wanted.strip() and not self.is_listing:
            self._turn(1)

    def _turn(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        count = f" {text.number(self.overview.count)}" if self.overview.count else ""
        self.all.setText("Show the few" if place else f"Show all{count}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key == Qt.Key.Key_Down and self.field.hasFocus():
            if not self.is_listing:
                self._turn(1)
            self.list.table.setFocus()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.is_listing:
            self.list.card.press_first()
        else:
            super().keyPressEvent(event)
