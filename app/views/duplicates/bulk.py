"""Many pairs answered at once, after a look at each: a sheet of thumbnails, of which single ones are taken out."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QVBoxLayout, QWidget

from app.models.bulk_rows import BulkCards, BulkModel, FolderPair
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import text
from app.widgets.choice import Choice
from app.widgets.pair_tiles import PairDelegate
from app.widgets.parts import button, label, row
from app.widgets.score_slider import ScoreSlider
from app.widgets.stack import Stack
from app.widgets.tiles import Tiles

LEAST_PX, SHARE = (880, 560), 0.86


class BulkSheet(QDialog):
    """Says which pairs are to be marked as duplicates."""

    accepted_pairs = Signal(object)  # int64 places of the pairs that are checked
    opened = Signal(int)  # a row of the model, to be looked at closely

    def __init__(self, theme: Theme, thumbnails: Thumbnails, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.model = BulkModel(self)
        self.tiles = Tiles(
            "Pairs", self.model, PairDelegate(theme, thumbnails), 128, turns_by_click=True
        )
        self.tiles.setFrameShape(QFrame.Shape.NoFrame)
        self.tiles.turned.connect(self._turn)
        self.tiles.opened.connect(self.opened)
        self.title = label(title, "title")
        self.note = label("", "muted")
        self.slider = ScoreSlider(theme, "From which score on")
        self.slider.moved.connect(self.set_lowest)
        self.scope = Choice(theme, "Folders that the pairs lie in")
        self.scope.activated.connect(lambda _: self.set_scope(int(self.scope.currentData())))
        self.scope.hide()
        self.every = button("Check all", lambda: self._turn_all(True))
        self.nothing = button("Check none", lambda: self._turn_all(False))
        self.cancel = button("Cancel", self.reject)
        self.accept_button = button("", self._accept, "primary")
        self.accept_button.setAutoDefault(False)
        for one in (self.every, self.nothing, self.cancel):
            one.setAutoDefault(False)
        self.help = label("Click or Space takes a pair out and back in", "muted")
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(row(self.slider, margins=(16, 0, 16, 0)))
        inner.addWidget(self.tiles, 1)
        self.stack = Stack(body, self.tiles)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 12, 0, 12)
        box.setSpacing(8)
        box.addWidget(
            row(
                self.title,
                8,
                self.note,
                None,
                self.scope,
                self.every,
                self.nothing,
                margins=(16, 0, 16, 0),
            )
        )
        box.addWidget(self.stack, 1)
        box.addWidget(row(self.help, None, self.cancel, self.accept_button, margins=(16, 0, 16, 0)))
        room = parent.window().size() * SHARE
        self.resize(room.expandedTo(self.minimumSize()))
        self.stack.say("Looking for open pairs", "This takes a moment.")
        self._tell()

    def show_cards(self, found: BulkCards, lowest: float) -> None:
        """These pairs, all of them checked, from a score on."""
        self.model.set_cards(found, lowest)
        self.slider.show_counts(*self.model.histogram(), lowest)
        self.scope.clear()
        self.scope.addItem("In all folders", -1)
        for at, pair in enumerate(found.folders):
            self.scope.addItem(folder_words(pair), at)
            self.scope.setItemData(at + 1, f"{pair.one}\n{pair.other}", Qt.ItemDataRole.ToolTipRole)
        self.scope.setVisible(len(found.folders) > 1)
        if found.cards:
            self.stack.show_body()
            self.tiles.setCurrentIndex(self.model.index(0, 0))
            self.tiles.setFocus()
        else:
            self.stack.say(
                "No open pairs here",
                "All of them were judged, or follow from what was.",
                ("Close", self.reject),
            )
        self._tell()

    def set_lowest(self, lowest: float) -> None:
        """List the pairs from this score on."""
        self.model.set_lowest(lowest)
        self._tell()

    def set_scope(self, at: int) -> None:
        """List the pairs of two folders alone, -1 for all."""
        self.model.set_scope(at)
        self.slider.show_counts(*self.model.histogram(), self.model.lowest)
        self._tell()

    def _turn(self, rows: list[int]) -> None:
        self.model.turn(rows)
        self._tell()

    def _turn_all(self, is_checked: bool) -> None:
        self.model.turn_all(is_checked)
        self._tell()

    def _tell(self) -> None:
        listed, checked = self.model.rowCount(), self.model.checked
        self.accept_button.setText(f"Mark {text.plural(checked, 'pair')} as duplicates")
        self.accept_button.setEnabled(checked > 0)
        out = f", {listed - checked:,} taken out" if checked != listed else ""
        self.note.setText(
            f"{listed:,} of {len(self.model):,} open pairs{out}" if len(self.model) else ""
        )
        for one in (self.every, self.nothing, self.slider):
            one.setEnabled(len(self.model) > 0)

    def _accept(self) -> None:
        self.accept_button.setEnabled(False)
        self.accepted_pairs.emit(self.model.checked_places())


def folder_words(pair: FolderPair) -> str:
    """Two folders by their names, with how many pairs lie between them."""
    one, other = (each.rpartition("/")[2] or each for each in (pair.one, pair.other))
    where = f"Within {one}" if pair.one == pair.other else f"{one} and {other}"
    return f"{where}  ({pair.count:,})"
