"""Labels: images whose class disagrees with what is like them, and what to do about each."""

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtWidgets import QLabel, QMenu, QVBoxLayout, QWidget

from app.models import insight_words as words
from app.models.insight import Doubt, Doubts
from app.models.picture_rows import RowsModel
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import doubt_rows, text
from app.widgets.doubt_rows import DoubtDelegate
from app.widgets.parts import button, column, label, row
from app.widgets.picture_list import PictureList
from app.widgets.stack import Stack


class _Heads(QWidget):
    """What stands in which column of the rows."""

    def __init__(self, rows: PictureList) -> None:
        super().__init__()
        self._rows = rows
        rows.resized.connect(self._place)
        self.setFixedHeight(24)
        names = ("Image", "Its class, and what it may be", "How sure", "Neighbours that say so")
        self._labels = [QLabel(name, self) for name in names]
        for one in self._labels:
            one.setProperty("tone", "section")

    def resizeEvent(self, event: object) -> None:
        self._place()

    def _place(self) -> None:
        width = self._rows.viewport().width()
        places = (
            doubt_rows.EDGE_PX, doubt_rows.name_x(), doubt_rows.sure_x(width),
            doubt_rows.support_x(width),
        )  # fmt: skip
        for one, x in zip(self._labels, places, strict=True):
            one.adjustSize()
            one.move(round(x), 4)


class LabelsTab(QWidget):
    """Says what is to be done with which images."""

    opened = Signal(int)
    given = Signal(object)  # rows of Doubt, which get the class that is suggested
    kept = Signal(object)  # rows of Doubt, whose class is right
    selected = Signal(object)  # image ids, to be shown in the grid

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._is_writable = True
        self._total = self._judged = 0
        self.model: RowsModel[Doubt] = RowsModel(words.doubt_told, self)
        self.list = PictureList("Doubted classes", self.model, DoubtDelegate(theme, thumbnails))
        self.list.opened.connect(self.opened)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._tell_chosen())
        self.line = label("")
        self.note = label("", "muted")
        self.all = button("Show all in Explore", self.select_shown)
        self._chosen_note = label("", "muted")
        self.show_ = button("Show in Explore", self.select_chosen)
        self.keep = button("The class is right  Y", self.keep_chosen)
        self.give = button("Give the suggested class  G", self.give_chosen, "primary")
        head = row(self.line, self.note, None, self.all, margins=(8, 0, 0, 0))
        foot = row(self._chosen_note, None, self.show_, self.keep, self.give, margins=(8, 0, 0, 0))
        listed = column(_Heads(self.list), self.list, gap_px=0)
        box = listed.layout()
        assert isinstance(box, QVBoxLayout)
        box.setStretchFactor(self.list, 1)
        body = column(head, listed, foot, margins=(16, 0, 16, 12))
        inner = body.layout()
        assert isinstance(inner, QVBoxLayout)
        inner.setStretchFactor(listed, 1)
        self.stack = Stack(body, self.list)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self._tell_chosen()

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the tab is shown."""
        return self.list if self.stack.is_body_shown else self.stack.empty

    # -- what is shown

    def show_doubts(self, doubts: Doubts) -> None:
        """Show these; the first row is chosen, or the one that stood where the choice was."""
        place = self.list.currentIndex().row()
        self.model.set_rows(doubts.rows)
        self._total, self._judged = doubts.total, doubts.judged
        self.note.setText(doubts.note)
        self.stack.show_body()
        self._choose(max(0, place))

    def show_writable(self, is_writable: bool) -> None:
        """Whether classes can be given."""
        self._is_writable = is_writable
        self._tell_chosen()

    def drop(self, image_ids: set[int]) -> None:
        """These are settled; the next row takes their place."""
        first, count = min(self.list.chosen_rows(), default=0), self.model.rowCount()
        self.model.take_out(lambda one: one.picture.image_id in image_ids)
        self._total -= count - self.model.rowCount()
        self._choose(first)

    def chosen(self) -> list[Doubt]:
        """The selected rows."""
        return [self.model.rows[place] for place in self.list.chosen_rows()]

    def can_settle(self) -> bool:
        """Whether a class can be given now."""
        return self._is_writable and self.isVisible() and bool(self.list.chosen_rows())

    # -- what the user wants

    def give_chosen(self) -> None:
        """Give the selected images the class that is suggested."""
        if chosen := self.chosen():
            self.given.emit(chosen)

    def keep_chosen(self) -> None:
        """The class of the selected images is right."""
        if chosen := self.chosen():
            self.kept.emit(chosen)

    def select_chosen(self) -> None:
        """The selected ones in the grid."""
        self.selected.emit([one.picture.image_id for one in self.chosen()])

    def select_shown(self) -> None:
        """All that are listed, in the grid."""
        self.selected.emit([one.picture.image_id for one in self.model.rows])

    def _choose(self, place: int) -> None:
        count = self.model.rowCount()
        self.line.setText(words.doubts_line(self._total, self._judged, count))
        if count:
            index = self.model.index(min(place, count - 1), 0)
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.list.selectionModel().setCurrentIndex(index, flag)
            self.list.scrollTo(index)
        self._tell_chosen()

    def _tell_chosen(self) -> None:
        count = len(self.list.chosen_rows())
        self._chosen_note.setText(f"{text.number(count)} selected" if count else "")
        self.show_.setEnabled(count > 0)
        for one in (self.keep, self.give):
            one.setEnabled(count > 0 and self._is_writable)

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, call, can in (
            ("Give the suggested class", self.give_chosen, self._is_writable),
            ("The class is right", self.keep_chosen, self._is_writable),
            ("Show in Explore", self.select_chosen, True),
        ):
            action = menu.addAction(name)
            action.triggered.connect(call)
            action.setEnabled(can and bool(self.list.chosen_rows()))
        menu.popup(self.list.viewport().mapToGlobal(place))
