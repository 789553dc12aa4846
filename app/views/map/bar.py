"""The bar above the map: its layout, how true that is, its colours and the tools; what has no room goes."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.menu_button import MenuButton
from app.widgets.parts import IconButton, label

BY_PX, ARROW_PX = 84, 40
# What is shown from which width on; what is not there is in the menu at the end.
FROM_PX = {"by": 640, "fit": 560, "pictures": 520, "trust": 470, "lens": 380, "lasso": 340}
COLOUR_BY = (
    (("class", "Class"), ("source", "Source"), ("tag", "Tag"), ("cluster", "Cluster"),
     ("group", "Duplicates")),
    (("oddness", "Oddness"), ("date", "Date"), ("pixels", "Size in pixels"), ("bytes", "Size of file")),
    (("density", "Density alone"),),
)  # fmt: skip
TOOLS = (
    ("pointer", "pointer", "Pan and click  (Shift-drag adds a box, Ctrl-drag takes away)"),
    ("box", "box", "Select with a box  (Shift adds, Ctrl takes away)"),
    ("lasso", "lasso", "Select with a lasso  (Shift adds, Ctrl takes away)"),
)


class MapBar(QWidget):
    """Says what was pressed; shows what it is told."""

    colour_by_chosen = Signal(str)
    tool_chosen = Signal(str)
    layouts_wanted = Signal(QPoint)  # where their menu is to open
    trust_wanted = Signal()
    more_wanted = Signal(QPoint)
    fit_wanted = Signal()
    lens_toggled = Signal(bool)
    pictures_toggled = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("paneBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(40)
        self.layouts = MenuButton(theme, "Layout")
        self.layouts.clicked.connect(self.open_layouts)
        self.by_label = label("Colour by", "muted")
        self.by = Choice(theme, "Colour the map by")
        self._fill_by()
        self._fit_by()
        self.by.activated.connect(lambda _: self.colour_by_chosen.emit(self.colour_by))
        self.trust = QToolButton()
        self.trust.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.trust.clicked.connect(self.trust_wanted)
        self._trust = ""
        self.tools: dict[str, IconButton] = {}
        for tool, icon, name in TOOLS:
            one = IconButton(theme, icon, name, 18)
            one.setCheckable(True)
            one.clicked.connect(lambda _=False, tool=tool: self.tool_chosen.emit(tool))
            self.tools[tool] = one
        self.lens = IconButton(theme, "lens", "Lens: where the neighbours of a point lie  K", 18)
        self.lens.setCheckable(True)
        self.lens.toggled.connect(self.lens_toggled)
        self.pictures = IconButton(theme, "pictures", "Pictures on the map at any zoom", 18)
        self.pictures.setCheckable(True)
        self.pictures.toggled.connect(self.pictures_toggled)
        self.fit = IconButton(theme, "fit", "Show the whole map  Ctrl+0", 18)
        self.fit.clicked.connect(self.fit_wanted)
        self.more = IconButton(theme, "more", "More of the map", 18)
        self.more.clicked.connect(self._open_more)
        self._lay_out()

    def _lay_out(self) -> None:
        box = QHBoxLayout(self)
        box.setContentsMargins(8, 4, 8, 4)
        box.setSpacing(4)
        box.addWidget(self.layouts)
        box.addWidget(self.trust)
        box.addSpacing(4)
        box.addWidget(self.by_label)
        box.addWidget(self.by)
        box.addStretch(1)
        for one in (*self.tools.values(), self.lens, self.pictures, self.fit, self.more):
            box.addWidget(one)

    def _fit_by(self) -> None:
        """What is chosen is not cut; the words beside it give way first."""
        words = self.by.fontMetrics().horizontalAdvance(self.by.currentText())
        self.by.setMinimumWidth(max(BY_PX, words + ARROW_PX))

    def _fill_by(self) -> None:
        for number, part in enumerate(COLOUR_BY):
            if number:
                self.by.insertSeparator(self.by.count())
            for key, name in part:
                self.by.addItem(name, key)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 40)  # what has no room goes; it never makes the map wider

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._leave_out()

    def _leave_out(self) -> None:
        wide = self.width()
        self.by_label.setVisible(wide >= FROM_PX["by"])
        self.trust.setVisible(bool(self._trust) and wide >= FROM_PX["trust"])
        self.fit.setVisible(wide >= FROM_PX["fit"])
        self.pictures.setVisible(wide >= FROM_PX["pictures"])
        self.lens.setVisible(wide >= FROM_PX["lens"])
        self.tools["lasso"].setVisible(wide >= FROM_PX["lasso"])
        self.tools["box"].setVisible(wide >= FROM_PX["lasso"])

    # -- what it shows

    @property
    def colour_by(self) -> str:
        return str(self.by.currentData())

    def show_colour_by(self, by: str) -> None:
        """What the map is coloured by now."""
        with QSignalBlocker(self.by):
            self.by.setCurrentIndex(self.by.findData(by))
        self._fit_by()

    def show_numbers(self, names: Sequence[str]) -> None:
        """Fields of numbers that came with labels, to be coloured by as well."""
        known = {str(self.by.itemData(place)) for place in range(self.by.count())}
        for name in names:
            if f"field:{name}" not in known:
                self.by.addItem(name, f"field:{name}")

    def show_layout(self, title: str, words: str) -> None:
        """Which layout is on show; nothing where none is. What stands in brackets is told by the menu."""
        short = title.partition(" (")[0]
        self.layouts.show_words(short or "Layout", f"{title}. {words}" if title else "")

    def show_trust(self, short: str, sentences: str) -> None:
        """How true it is, in a word and a number; nothing where it was not measured."""
        self._trust = short
        self.trust.setText(short)
        self.trust.setToolTip(sentences)
        self.trust.setAccessibleName(f"{short}. {sentences}" if short else "")
        self._leave_out()

    def show_tool(self, tool: str) -> None:
        """Which tool is in hand."""
        for name, one in self.tools.items():
            one.setChecked(name == tool)

    def open_layouts(self) -> None:
        """Ask for the menu of layouts, below its button."""
        place = self.layouts.mapToGlobal(QPoint(0, self.layouts.height() + 4))
        self.layouts_wanted.emit(place)

    def _open_more(self) -> None:
        self.more_wanted.emit(self.more.mapToGlobal(QPoint(self.more.width(), self.height())))
