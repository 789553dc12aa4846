"""All encoders in a table with the card of the current one below it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QTableView, QVBoxLayout, QWidget

from app.models.encoder_cards import CardState
from app.models.encoder_rows import (
    LICENCE,
    NAME,
    SIZE,
    SPEED,
    STATE,
    WEIGHTS,
    WORDS,
    EncodersModel,
    EncoderTable,
)
from app.style.theme import Theme
from app.widgets import text
from app.widgets.encoder_card import EncoderCard
from app.widgets.parts import label
from app.widgets.tables import rows_table

WIDTHS_PX = ((NAME, 300), (WORDS, 72), (SIZE, 88), (SPEED, 96), (LICENCE, 140), (STATE, 150))

NO_NAME = (
    "No encoder of the list has such a name. One of the model hub's own pages: "
    "openclip:hf-hub:ORG/REPO or timm:hf-hub:ORG/REPO."
)


class EncoderList(QWidget):
    """Searches as the user types; says which encoder is current, so that its card can be told."""

    current_changed = Signal(str)  # name, or nothing

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.model = EncodersModel(self)
        self.table = self._make_table()
        self.card = EncoderCard(theme, is_wide=True)
        self._note = label("", "muted")
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 0, 16, 16)
        box.setSpacing(8)
        box.addWidget(self._note)
        box.addWidget(self.table, 1)
        box.addWidget(self.card)
        self.card.hide()

    def _make_table(self) -> QTableView:
        table = rows_table(self.model, "All encoders", stretched=WEIGHTS, widths_px=WIDTHS_PX)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setSortingEnabled(True)
        table.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
        table.selectionModel().currentRowChanged.connect(lambda *_: self._tell())
        table.doubleClicked.connect(lambda _: self.card.press_first())
        return table

    def show_table(self, table: EncoderTable, embedded: dict[str, str]) -> None:
        """Show what is known now; the current row stays."""
        if table is self.model.table and embedded == self.model.embedded:
            self._tell()
            return
        name, place = self.current, self.table.verticalScrollBar().value()
        self.model.embedded = embedded
        self.model.set_table(table)
        self._keep(name)
        self.table.verticalScrollBar().setValue(place)

    def search(self, wanted: str) -> None:
        """List those that hold these words, the first of them current."""
        name = self.current
        self.model.search(wanted)
        self._keep(name)

    @property
    def current(self) -> str:
        """The name of the current encoder, or where none is listed, what was typed."""
        if not self.model.rowCount():
            return self.model.wanted.strip()
        row = self.table.currentIndex().row()
        return self.model.encoder(row).name if row >= 0 else ""

    def show_card(self, state: CardState | None) -> None:
        """The card of the current encoder."""
        self.card.setVisible(state is not None)
        if state is not None:
            self.card.show_state(state)

    def _keep(self, name: str) -> None:
        count, all_count = self.model.rowCount(), len(self.model.table.rows)
        shown = text.plural(count, "encoder")
        self._note.setText(shown if count == all_count else f"{shown} of {text.number(all_count)}")
        row = self.model.row_of(name) if name else -1
        if count:
            self.table.selectRow(max(0, row))
        else:
            self._note.setText(NO_NAME)
        self._tell()

    def _tell(self) -> None:
        self.current_changed.emit(self.current)
