"""The sources of the catalogue, one card each; with what can be done about every one of them."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.style.theme import Theme
from app.widgets import text
from app.widgets.parts import EmptyState, IconButton, button, label, row, scrolling
from app.widgets.source_card import SourceCard
from core.catalogue.records import Source


class SourcesView(QWidget):
    """Says which source the user wants what of; a source is told by its record."""

    closed = Signal()
    add_wanted = Signal()
    look_all_wanted = Signal()
    look_wanted = Signal(object)  # Source
    watch_toggled = Signal(object, bool)
    move_wanted = Signal(object)  # a place is to be picked
    rebind_confirmed = Signal(object, object)  # Source, Path
    remove_confirmed = Signal(object)
    shown = Signal(object)  # in the file manager
    missing_wanted = Signal(object)
    unreadable_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.cards: dict[int, SourceCard] = {}
        back = IconButton(theme, "back", "Back to the images  Esc", 18)
        back.clicked.connect(self.closed)
        self._note = label("", "muted")
        self._look = button("Look in all", self.look_all_wanted.emit)
        self.add = button("Add folder…", self.add_wanted.emit)
        bar = row(
            back, label("Sources", "title"), self._note, None, self._look, self.add,
            margins=(8, 4, 16, 4),
        )  # fmt: skip
        bar.setFixedHeight(48)
        holder = QWidget()
        self._box = QVBoxLayout(holder)
        self._box.setContentsMargins(16, 0, 16, 16)
        self._box.setSpacing(8)
        self._box.addStretch(1)
        scroll = scrolling(holder)
        self.empty = EmptyState()
        self.empty.show_state(
            "No sources yet",
            "A source is a folder of images. Nothing is copied, and no file is changed.",
            ("Add folder…", self.add_wanted.emit),
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(scroll)
        self._stack.addWidget(self.empty)
        self._scroll = scroll
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(self._stack, 1)

    def show_sources(self, sources: list[Source], *, is_writable: bool) -> None:
        """Show them; cards that ask something stay as they are."""
        known = {source.id for source in sources}
        for gone in [one for one in self.cards if one not in known]:
            card = self.cards.pop(gone)
            if card.isAncestorOf(QApplication.focusWidget() or self):
                self.add.setFocus()
            self._box.removeWidget(card)
            card.hide()
            card.deleteLater()
        for place, source in enumerate(sources):
            if source.id not in self.cards:
                self.cards[source.id] = self._make_card()
                self._box.insertWidget(place, self.cards[source.id])
            self.cards[source.id].show_source(source, is_writable=is_writable)
        total = sum(source.images for source in sources)
        folders = text.plural(len(sources), "folder")
        self._note.setText(f"{text.plural(total, 'image')} in {folders}" if sources else "")
        self._look.setVisible(bool(sources))
        self._look.setEnabled(is_writable)
        self.add.setEnabled(is_writable)
        self._stack.setCurrentIndex(0 if sources else 1)

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        asking = [card for card in self.cards.values() if card.is_asking]
        return asking[0] if asking else self.add

    def ask_rebind(
        self, source: Source, place: Path, words: str, examples: list[str], *, is_likely: bool
    ) -> None:
        """Ask on the card of the source."""
        if (card := self.cards.get(source.id)) is not None:
            card.ask_rebind(place, words, examples, is_likely=is_likely)
            self._scroll.ensureWidgetVisible(card)

    def _make_card(self) -> SourceCard:
        card = SourceCard(self._theme)
        card.look_wanted.connect(lambda: self.look_wanted.emit(card.source))
        card.watch_toggled.connect(lambda is_on: self.watch_toggled.emit(card.source, is_on))
        card.move_wanted.connect(lambda: self.move_wanted.emit(card.source))
        card.rebind_confirmed.connect(lambda to: self.rebind_confirmed.emit(card.source, to))
        card.remove_confirmed.connect(lambda: self.remove_confirmed.emit(card.source))
        card.shown.connect(lambda: self.shown.emit(card.source))
        card.missing_wanted.connect(lambda: self.missing_wanted.emit(card.source))
        card.unreadable_wanted.connect(self.unreadable_wanted)
        return card

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
