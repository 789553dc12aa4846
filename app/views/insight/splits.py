"""Splits: groups of alike pictures that lie in several parts, and a split without them, to be saved."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QTableView, QVBoxLayout, QWidget

from app.models import insight_words as words
from app.models.figure_rows import FiguresModel
from app.models.insight import LeakRow, SplitPlan, SplitState
from app.models.picture_rows import RowsModel
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.leak_rows import LeakDelegate
from app.widgets.parts import button, column, label, row
from app.widgets.picture_list import PictureList
from app.widgets.stack import Stack
from app.widgets.tables import fit_rows, rows_table

PLAN_PX, NUMBER_PX = 440, 80
PART_HEADS = ("Part", "Now", "Then", "Change")


class SplitsTab(QWidget):
    """Says which split is looked at, and under which name a better one is to be saved."""

    opened = Signal(int)
    split_chosen = Signal(str)
    saved = Signal(str)
    selected = Signal(object)  # image ids, to be shown in the grid
    moved_wanted = Signal()  # those that change parts, in the grid

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._is_writable = True
        self._theme = theme
        self.split = Choice(theme, "The split that is looked at")
        self.split.activated.connect(lambda _: self.split_chosen.emit(self.split.currentData()))
        self.line = label("")
        self.all = button("Show all in Explore", self._select_all)
        self._delegate = LeakDelegate(theme, thumbnails)
        self.model: RowsModel[LeakRow] = RowsModel(words.leak_told, self)
        self.list = PictureList("Leaks", self.model, self._delegate)
        self.list.opened.connect(self.opened)
        head = row(self.split, self.line, None, self.all)
        body = QWidget()
        box = QHBoxLayout(body)
        box.setContentsMargins(16, 0, 16, 12)
        box.setSpacing(16)
        left = column(head, self.list)
        inner = left.layout()
        assert isinstance(inner, QVBoxLayout)
        inner.setStretchFactor(self.list, 1)
        box.addWidget(left, 1)
        box.addWidget(self._build_plan())
        self.stack = Stack(body, self.list)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _build_plan(self) -> QWidget:
        card = QFrame()
        card.setObjectName("card")
        card.setFixedWidth(PLAN_PX)
        self.plan_line = label("", wraps=True)
        self.parts = FiguresModel(PART_HEADS, (1, 2, 3), self)
        self.parts_table = rows_table(
            self.parts,
            "Images by part, now and then",
            stretched=0,
            widths_px=((1, NUMBER_PX), (2, NUMBER_PX), (3, NUMBER_PX)),
        )
        self.parts_table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self._class_box = QVBoxLayout()
        self.classes: FiguresModel | None = None
        self.classes_table: QTableView | None = None
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the split without leaks")
        self.name.textChanged.connect(self._tell_name)
        self.name.returnPressed.connect(self._save)
        self.save = button("Save", self._save, "primary")
        self._name_note = label("", "muted", wraps=True)
        self._current = ""
        box = QVBoxLayout(card)
        box.setContentsMargins(16, 12, 16, 16)
        box.setSpacing(8)
        self.moved = button("Show what moves", self.moved_wanted.emit)
        box.addWidget(row(label("A split without leaks", "title"), None, self.moved))
        box.addWidget(self.plan_line)
        box.addWidget(self.parts_table)
        box.addWidget(label("By class", "section"))
        box.addLayout(self._class_box, 1)
        named = row(label("Save as"), self.name, self.save)
        inner = named.layout()
        assert isinstance(inner, QHBoxLayout)
        inner.setStretchFactor(self.name, 1)
        box.addWidget(named)
        box.addWidget(self._name_note)
        return card

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the tab is shown."""
        return self.list if self.stack.is_body_shown else self.stack.empty

    # -- what is shown

    def show_state(self, state: SplitState) -> None:
        """A split with its leaks, and the one without."""
        self._show_names(state)
        if state.plan is None:
            return
        self._delegate.parts = tuple(str(one[0][0]) for one in state.plan.parts)
        self.line.setText(state.words)
        self.model.set_rows(state.rows)
        self.list.setCurrentIndex(self.model.index(0, 0))
        self._show_plan(state.plan, state.split or "")
        self.stack.show_body()

    def show_writable(self, is_writable: bool) -> None:
        """Whether a split can be saved."""
        self._is_writable = is_writable
        self._tell_name()

    def _show_names(self, state: SplitState) -> None:
        self.split.clear()
        for name in state.names:
            self.split.addItem(f"Split {name}", name)
        self.split.setCurrentIndex(self.split.findData(state.split))
        self.split.setVisible(len(state.names) > 1)

    def _show_plan(self, plan: SplitPlan, split: str) -> None:
        self._current = split
        self.plan_line.setText(plan.words)
        self.parts.set_rows(plan.parts)
        fit_rows(self.parts_table)
        if self.classes_table is not None:
            self._class_box.removeWidget(self.classes_table)
            self.classes_table.hide()
            self.classes_table.deleteLater()
        numbers = tuple(range(1, len(plan.class_heads)))
        self.classes = FiguresModel(plan.class_heads, numbers, self)
        self.classes.set_rows(plan.classes)
        self.classes_table = rows_table(
            self.classes,
            "Images by class and part, now and then",
            stretched=0,
            widths_px=[(one, NUMBER_PX) for one in numbers],
        )
        self.classes_table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self._class_box.addWidget(self.classes_table)
        self.name.setText(plan.name)
        self._tell_name()

    def _tell_name(self) -> None:
        name = " ".join(self.name.text().split())
        self.save.setEnabled(bool(name) and self._is_writable)
        if name == self._current:
            told = f"This takes the place of the split “{name}”. It can be undone."
        else:
            told = f"The split “{self._current}” stays as it is. It can be undone."
        self._name_note.setText(told if name else "A split needs a name.")

    # -- what the user wants

    def _save(self) -> None:
        name = " ".join(self.name.text().split())
        if name and self._is_writable:
            self.saved.emit(name)

    def _select_all(self) -> None:
        self.selected.emit(
            [one.picture.image_id for leak in self.model.rows for one in leak.members]
        )
