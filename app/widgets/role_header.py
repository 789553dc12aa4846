"""The head of a table whose columns can be given roles: a name, and a choice below it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from app.style.theme import Theme
from app.widgets.choice import Choice

NAME_PX, CHOICE_PX, GAP_PX = 32, 32, 4


class RoleHeader(QHeaderView):
    """Horizontal; the first section has no choice."""

    chosen = Signal(int, str)  # column of the file, role
    reached = Signal(int)  # section whose choice has the keyboard

    def __init__(self, theme: Theme, roles: Sequence[tuple[str, str]], parent: QWidget) -> None:
        """``roles`` are (role, what it is called)."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme, self._roles = theme, roles
        self._choices: list[Choice] = []
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setHighlightSections(False)
        self.sectionResized.connect(lambda *_: self.place())
        self.geometriesChanged.connect(self.place)

    @property
    def choices(self) -> list[Choice]:
        """One for each column of the file."""
        return self._choices

    def show_roles(self, columns: Sequence[tuple[str, str]]) -> None:
        """(name, role) of every column of the file."""
        names = [name for name, _ in columns]
        if [choice.property("column") for choice in self._choices] != names:
            for old in self._choices:
                old.hide()
                old.deleteLater()
            self._choices = [self._make(number, name) for number, name in enumerate(names)]
        for choice, (_, role) in zip(self._choices, columns, strict=True):
            choice.setCurrentIndex(choice.findData(role))
        self.place()

    def _make(self, number: int, name: str) -> Choice:
        choice = Choice(self._theme, f"What the column {name} is for")
        choice.setParent(self.viewport())
        choice.setProperty("column", name)
        choice.setObjectName("roleChoice")
        choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for role, words in self._roles:
            choice.addItem(words, role)
        choice.activated.connect(lambda _: self.chosen.emit(number, str(choice.currentData())))
        choice.installEventFilter(self)
        choice.show()
        return choice

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A choice reached by the keyboard is scrolled into sight; the wheel scrolls, not chooses."""
        if event.type() == QEvent.Type.FocusIn and watched in self._choices:
            section = self._choices.index(watched) + 1
            self.reached.emit(section)
        elif event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Put the choices where their columns are."""
        for number, choice in enumerate(self._choices, start=1):
            left, width = self.sectionViewportPosition(number), self.sectionSize(number)
            choice.setGeometry(
                left + GAP_PX, NAME_PX - GAP_PX, width - 2 * GAP_PX, CHOICE_PX - GAP_PX
            )

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), NAME_PX + CHOICE_PX + GAP_PX)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        painter.fillRect(rect, self._theme.colour("panel"))
        painter.setPen(self._theme.colour("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self._theme.colour("text"))
        place = rect.adjusted(12, 0, -8, NAME_PX - rect.height())
        name = str(self.model().headerData(logicalIndex, Qt.Orientation.Horizontal))
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
