"""A sentence above the work, where other programs would open a dialog."""

from collections.abc import Callable

from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets.parts import IconButton, button, label


class Banner(QFrame):
    """Shows the newest message until it is closed; ``tone`` is info, warning or danger."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._choices: dict[str, QWidget] = {}
        self._text = label("", wraps=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._actions = QHBoxLayout()
        self._close = IconButton(theme, "close", "Close the message", 16)
        self._close.clicked.connect(self.hide)
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 6, 8, 6)
        box.setSpacing(8)
        box.addWidget(self._text, 1)
        box.addLayout(self._actions)
        box.addWidget(self._close)
        self.hide()

    @property
    def message(self) -> str:
        """What it says, or nothing while it is hidden."""
        return self._text.text() if not self.isHidden() else ""

    @property
    def tone(self) -> str:
        """The tone of what it says."""
        return str(self.property("tone") or "") if not self.isHidden() else ""

    def show_message(
        self, text: str, tone: str = "info", *choices: tuple[str, Callable[[], object]]
    ) -> None:
        """Replace what it says."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        while (item := self._actions.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._choices = {
            name: button(name, self._closing(chosen), "quiet") for name, chosen in choices
        }
        for one in self._choices.values():
            self._actions.addWidget(one)
        self.show()

    def withdraw(self, *offers: str) -> None:
        """Offer these no more, since there is nothing of the kind to be done; hide where none is left."""
        for name in self._choices.keys() & set(offers):
            one = self._choices.pop(name)
            self._actions.removeWidget(one)
            one.hide()
            one.deleteLater()
            if not self._choices:
                self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _closing(self, chosen: Callable[[], object]) -> Callable[[], object]:
        def choose() -> None:
            self.hide()
            chosen()

        return choose
