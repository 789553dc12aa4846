"""What is left of the review, in which order it comes, of which kinds, and the way to answer many at once."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar

from app.models import pair_words
from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.menu_button import MenuButton
from app.widgets.parts import ElidedLabel, button, column, label
from core.catalogue.links import KINDS, Kind
from core.duplicates.records import Remaining

ORDERS = (
    ("gain", "What settles most"),
    ("score", "Most alike first"),
    ("least", "Least alike first"),
    ("folder", "By folder"),
    ("size", "Largest files first"),
)
WHOLE = 1000
ASKED: tuple[Kind, ...] = tuple(one for one in KINDS if one != "exact")  # which is no question


class ReviewBar(QFrame):
    """Says which order and which kinds are wanted."""

    order_chosen = Signal(str)
    kinds_chosen = Signal(tuple)
    bulk_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("paneBar")
        self.left = ElidedLabel("", "differs")
        self.done = label("", "muted")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, WHOLE)
        self.progress.setAccessibleName("How much is judged")
        self.order = Choice(theme, "Order of the pairs")
        for key, words in ORDERS:
            self.order.addItem(words, key)
        self.order.activated.connect(lambda _: self.order_chosen.emit(self.order.currentData()))
        self.kinds = MenuButton(theme, "Kinds of pairs")
        self._menu = QMenu(self)
        self._kinds: dict[Kind, QAction] = {}
        for kind in ASKED:
            one = self._menu.addAction(pair_words.KIND_CHOICES[kind])
            one.setCheckable(True)
            one.setChecked(True)
            one.triggered.connect(lambda _=False: self._say_kinds())
            self._kinds[kind] = one
        self.kinds.clicked.connect(self._open_kinds)
        self.bulk = button("Answer many…", self.bulk_wanted.emit)
        self.bulk.setToolTip("Answer all pairs above a score at once, after a look at them")
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 6, 12, 6)
        box.setSpacing(12)
        box.addWidget(column(self.left, self.progress, gap_px=4), 1)
        for widget in (self.done, self.order, self.kinds, self.bulk):
            box.addWidget(widget)
        self._show_kinds()

    def show_remaining(self, remaining: Remaining) -> None:
        """What is left, and what was judged."""
        self.left.set_text(pair_words.remaining_words(remaining))
        settled = remaining.judged + remaining.followed
        whole = settled + remaining.pairs
        self.progress.setValue(round(WHOLE * settled / whole) if whole else 0)
        self.done.setText(pair_words.done_words(remaining))

    @property
    def chosen_kinds(self) -> tuple[Kind, ...]:
        """The kinds that are wanted."""
        return tuple(kind for kind, one in self._kinds.items() if one.isChecked())

    def show_order(self, order: str) -> None:
        """Which order it is."""
        self.order.setCurrentIndex(max(0, self.order.findData(order)))

    def show_kinds(self, kinds: Sequence[Kind]) -> None:
        """Which kinds these are."""
        for kind, one in self._kinds.items():
            one.setChecked(kind in kinds)
        self._show_kinds()

    def _open_kinds(self) -> None:
        self._menu.popup(self.kinds.mapToGlobal(QPoint(0, self.kinds.height())))

    def _say_kinds(self) -> None:
        if not self.chosen_kinds:
            for one in self._kinds.values():
                one.setChecked(True)  # none at all is no wish
        self._show_kinds()
        self.kinds_chosen.emit(self.chosen_kinds)

    def _show_kinds(self) -> None:
        chosen = self.chosen_kinds
        if len(chosen) == len(ASKED):
            self.kinds.show_words("All kinds")
        elif len(chosen) == 1:
            self.kinds.show_words(pair_words.KIND_CHOICES[chosen[0]])
        else:
            self.kinds.show_words(f"{len(chosen)} kinds")
