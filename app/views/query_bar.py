"""The line above the work while a search is on show: its examples, its direction, what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QWidget

from app.style.theme import Theme
from app.widgets.example_chip import ExampleChip
from app.widgets.inline_field import InlineField
from app.widgets.parts import IconButton, button, label
from app.widgets.segments import Segments

HEIGHT_PX = 48
NAME_PX, LEAST_NAME_PX = {1: 240, 2: 160, 3: 112, 4: 80}, 56  # of chips, by how many there are
TOLD_FROM_PX = 900  # in a narrower bar the measure of the ways to search is in their tooltips alone
DIRECTIONS = {
    "like": (("most", "Most like"), ("least", "Least like")),
    "oddest": (("most", "Oddest"), ("least", "Most ordinary")),
}
MODES = (("exact", "Exact"), ("balanced", "Balanced"), ("fast", "Fast"))


@dataclass(frozen=True)
class ExampleSpec:
    """One chip: ``key`` tells whoever hears of it which examples it stands for."""

    key: object
    sign: str
    text: str
    picture: QImage | None = None


@dataclass(frozen=True)
class Accuracy:
    """How searches are made: the mode in force, what is told of it, and of each in its tooltip."""

    mode: str
    told: str
    notes: dict[str, str]
    is_choice: bool  # else there is but one way, and ``told`` says why


class QueryBar(QFrame):
    """Says what the user did to the search that is on show."""

    direction_chosen = Signal(bool)  # whether the answer is from the other end
    turned = Signal(object)  # the chip's key
    removed = Signal(object)
    mode_chosen = Signal(str)
    save_wanted = Signal()
    menu_requested = Signal(QPoint)
    named = Signal(str, str)  # purpose, what was entered
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("queryBar")
        self.setAccessibleName("Search")
        self.setFixedHeight(HEIGHT_PX)
        self._theme = theme
        self._chips: list[ExampleChip] = []
        self._specs: tuple[ExampleSpec, ...] = ()
        self._title = label("", "section")
        self.directions = {
            kind: Segments("Direction", choices) for kind, choices in DIRECTIONS.items()
        }
        self._chip_box = QHBoxLayout()
        self._chip_box.setContentsMargins(0, 0, 0, 0)
        self._chip_box.setSpacing(6)
        holder = QWidget()
        inner = QHBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addLayout(self._chip_box)
        inner.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(holder)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFixedHeight(40)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for turn in (
            self._scroll.setHorizontalScrollBarPolicy,
            self._scroll.setVerticalScrollBarPolicy,
        ):
            turn(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._told = label("", "muted")
        self.modes = Segments("Search", MODES)
        self.modes.chosen.connect(self.mode_chosen)
        self.save = button("Save", self.save_wanted.emit)
        self.save.setToolTip("Save this search  Ctrl+S")
        self.more = IconButton(theme, "more", "What to do with what was found", 18)
        self.more.clicked.connect(
            lambda: self.menu_requested.emit(self.more.mapToGlobal(QPoint(0, self.more.height())))
        )
        self.close_button = IconButton(theme, "close", "End the search", 16)
        self.close_button.clicked.connect(self.closed)
        self.inline = InlineField()
        self.inline.entered.connect(self.named)
        self.inline.left.connect(self.close_field)
        self._build()
        theme.changed.connect(self._redraw)
        self.hide()

    def _build(self) -> None:
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 0, 12, 0)
        box.setSpacing(8)
        box.addWidget(self._title)
        for one in self.directions.values():
            one.chosen.connect(lambda key: self.direction_chosen.emit(key == "least"))
            box.addWidget(one)
        box.addWidget(self._scroll, 1)
        for widget in (
            self._told, self.modes, self.save, self.more, self.inline, self.close_button,
        ):  # fmt: skip
            box.addWidget(widget)
        self.inline.hide()

    # -- what is shown

    def show_question(
        self, kind: str, *, is_negated: bool, examples: Sequence[ExampleSpec]
    ) -> None:
        """A search of this kind is on show, with these examples."""
        self._title.setText({"between": "Between", "oddest": "Unlike anything"}.get(kind, ""))
        self._title.setVisible(kind != "like")
        for name, one in self.directions.items():
            one.setVisible(name == kind)
            one.show_chosen("least" if is_negated else "most")
        if tuple(examples) != self._specs:
            self._specs = tuple(examples)
            self._redraw()
        self.setVisible(True)

    def show_nothing(self) -> None:
        """No search is on show."""
        self.close_field()
        self.hide()

    def show_accuracy(self, accuracy: Accuracy) -> None:
        """How searches are made here, as measured."""
        for key, _ in MODES:
            one = self.modes.button(key)
            one.setEnabled(accuracy.is_choice)
            one.setToolTip(accuracy.notes.get(key, accuracy.told))
        self.modes.show_chosen(accuracy.mode)
        self._told.setText(accuracy.told)
        self._told.setToolTip(accuracy.notes.get(accuracy.mode, accuracy.told))
        self._fit()

    @property
    def told(self) -> str:
        """What is said of the way to search."""
        return self._told.text()

    @property
    def chip_texts(self) -> list[str]:
        """What the chips say, with their signs."""
        return [chip.text for chip in self._chips] if not self.isHidden() else []

    @property
    def chips(self) -> list[ExampleChip]:
        return self._chips

    def ask_for(
        self, purpose: str, words: str, verb: str, *, text: str = "", known: Sequence[str] = ()
    ) -> None:
        """Ask for a name in place of the ways to search."""
        self._show_ends(False)
        self.inline.ask(purpose, words, verb, text=text, known=known)

    def close_field(self) -> None:
        """Ask for nothing any more."""
        had_focus = self.inline.isAncestorOf(QApplication.focusWidget() or self)
        self._show_ends(True)
        if had_focus and self.isVisible():
            self.save.setFocus()

    @property
    def is_asking(self) -> bool:
        return not self.inline.isHidden()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _show_ends(self, is_shown: bool) -> None:
        self.inline.setVisible(not is_shown)
        for one in (self.modes, self.save, self.more):
            one.setVisible(is_shown)
        self._fit()

    def _fit(self) -> None:
        has_room = self.width() >= TOLD_FROM_PX and not self.is_asking
        self._told.setVisible(has_room and bool(self._told.text()))

    def _redraw(self) -> None:
        focused = next((at for at, one in enumerate(self._chips) if one.hasFocus()), -1)
        for chip in self._chips:
            self._chip_box.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        name_px = NAME_PX.get(len(self._specs), LEAST_NAME_PX)
        for spec in self._specs:
            chip = ExampleChip(self._theme, spec.sign, spec.text, spec.picture, name_px)
            chip.focused.connect(lambda one=chip: self._scroll.ensureWidgetVisible(one, 8, 0))
            chip.turned.connect(lambda key=spec.key: self.turned.emit(key))
            chip.removed.connect(lambda key=spec.key: self.removed.emit(key))
            self._chip_box.addWidget(chip)
            chip.show()  # else it could not get the keyboard before the next turn of the event loop
            self._chips.append(chip)
        if focused >= 0:  # the keyboard stays where it was, on what stands there now
            last = self._chips[min(focused, len(self._chips) - 1)] if self._chips else self.save
            last.setFocus()
