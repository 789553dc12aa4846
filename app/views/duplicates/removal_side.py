"""What is to go, where to, and the removals so far: the side of the panel Removal."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app.models.removal_past import Past
from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.parts import ElidedLabel, button, column, label, row, scrolling
from app.widgets.tick import Tick

HOWS = (
    ("trash", "To the trash"),
    ("links", "Hard links to what stays"),
    ("folder", "Into a folder"),
)
LEAST, MOST, FIRST = 50, 100, 95


class RemovalSide(QFrame):
    """Says that another plan is wanted, and which removal is to be taken back."""

    changed = Signal()
    folder_wanted = Signal()
    rules_wanted = Signal()
    restore_wanted = Signal(str)  # uid

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setMinimumWidth(264)
        self.folder = ""
        self.exact = Tick(theme, "Exact copies: the same bytes")
        self.pixels = Tick(theme, "The same pixels in another file")
        self.judged = Tick(theme, "What you judged duplicates")
        self.near = Tick(theme, "What looks alike, from")
        for tick in (self.exact, self.pixels, self.judged):
            tick.setChecked(True)
        self.least = QSpinBox()
        self.least.setRange(LEAST, MOST)
        self.least.setValue(FIRST)
        self.least.setSuffix(" %")
        self.least.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.least.setFixedWidth(64)
        self.least.setKeyboardTracking(False)
        self.least.setAccessibleName(
            "How alike pictures must look to go without having been judged"
        )
        self.least.setEnabled(False)
        self.how = Choice(theme, "Where they go")
        for key, name in HOWS:
            self.how.addItem(name, key)
        self.how.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.how.setMinimumContentsLength(16)
        self.where = ElidedLabel("", "muted")
        self.choose = button("Choose…", self.folder_wanted.emit, "link")
        self._where_row = row(self.where, self.choose, gap_px=4)
        inner = self._where_row.layout()
        assert isinstance(inner, QHBoxLayout)
        inner.setStretch(0, 1)
        self._where_row.hide()
        self.rules = label("", "muted", wraps=True)
        self.open_rules = button("Rules and protected folders", self.rules_wanted.emit, "link")
        self._past = QVBoxLayout()
        self._past.setSpacing(8)
        self._past.setContentsMargins(0, 0, 0, 0)
        past = QWidget()
        past.setLayout(self._past)
        self.none = label("None yet.", "muted")
        self.note = label("", "muted", wraps=True)
        content = column(
            label("What goes", "title"), 4, self.exact, self.pixels, self.judged,
            row(self.near, self.least, None, gap_px=4), self.note, 12,
            label("Where to", "section"), self.how, self._where_row, 12,
            label("What stays", "section"), self.rules, row(self.open_rules, None), 12,
            label("Removals so far", "section"), self.none, past, None,
            gap_px=4, margins=(16, 12, 12, 12),
        )  # fmt: skip
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scrolling(content))
        for tick in (self.exact, self.pixels, self.judged, self.near):
            tick.toggled.connect(self._turned)
        self.least.valueChanged.connect(lambda _: self.changed.emit())
        self.how.currentIndexChanged.connect(self._turned)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What goes without having been judged."""
        return tuple(
            key
            for key, tick in (("exact", self.exact), ("pixels", self.pixels))
            if tick.isChecked()
        )

    @property
    def threshold(self) -> float | None:
        """From which score what a machine holds alike goes; None: it does not."""
        return self.least.value() / 100 if self.near.isChecked() else None

    def show_folder(self, folder: str) -> None:
        """Where files are moved to."""
        self.folder = folder
        self.where.set_text(folder or "No folder chosen yet")

    def show_rules(self, words: str) -> None:
        """What decides who stays."""
        self.rules.setText(words)

    def show_past(self, some: Sequence[Past], *, is_writable: bool) -> None:
        """The removals so far, the last first."""
        while (item := self._past.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.none.setVisible(not some)
        for one in some:
            back = button("Restore", partial(self.restore_wanted.emit, one.uid), "link")
            back.setAccessibleName(f"Restore what was removed on {one.when}")
            back.setVisible(one.can_restore)
            back.setEnabled(is_writable)
            line = row(label(one.when), None, back, gap_px=4)
            self._past.addWidget(column(line, ElidedLabel(one.words, "muted"), gap_px=0))

    def _turned(self) -> None:
        how = self.how.currentData()
        self._where_row.setVisible(how == "folder")
        is_links = how == "links"
        for tick in (self.pixels, self.judged, self.near):
            tick.setEnabled(not is_links)
        self.least.setEnabled(self.near.isChecked() and not is_links)
        self.note.setText(
            "Only files of the same bytes can become links to each other." if is_links else ""
        )
        if how == "folder" and not self.folder:
            self.show_folder("")
            self.folder_wanted.emit()
        else:
            self.changed.emit()
