"""A file with weights of the user's own: which architecture it is of, and whether it is to be trusted."""

from pathlib import Path

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QFrame, QLineEdit, QVBoxLayout

from app.style.theme import Theme
from app.widgets.parts import ElidedLabel, button, label, row


class CheckpointCard(QFrame):
    """Asks in place; hidden while there is nothing to ask."""

    agreed = Signal(str, object)  # architecture, the file's path

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self._path = Path()
        self._name = ElidedLabel("", "title")
        self._words = label("", "muted", wraps=True)
        self.architecture = QLineEdit()
        self.architecture.setPlaceholderText("openclip:ViT-B-32 or timm:resnet50")
        self.architecture.setAccessibleName("Architecture of the checkpoint")
        self.architecture.setFixedWidth(360)
        self.architecture.returnPressed.connect(self._agree)
        self._known = QStringListModel(self)
        completer = QCompleter(self._known, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(10)
        self.architecture.setCompleter(completer)
        self._warning = QFrame()
        self._warning.setObjectName("notice")
        inner = QVBoxLayout(self._warning)
        inner.setContentsMargins(12, 8, 12, 8)
        self._warning_words = label("", wraps=True)
        inner.addWidget(self._warning_words)
        self._problem = label("", "danger", wraps=True)
        self._choice = row(label("It is of the architecture"), self.architecture, None)
        self.agree = button("Use it", self._agree, "primary")
        self._leave = button("Cancel", self.calm)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        box.setSpacing(8)
        for one in (
            self._name,
            self._words,
            self._choice,
            self._warning,
            self._problem,
            row(self.agree, self._leave, None),
        ):
            box.addWidget(one)
        self.hide()

    def set_known(self, architectures: list[str]) -> None:
        """What can be chosen."""
        if architectures != self._known.stringList():
            self._known.setStringList(architectures)

    def ask(
        self, path: Path, words: str, warning: str, guess: str, *, is_certain: bool = False
    ) -> None:
        """Ask of this file; a ``warning`` is to be read before it is opened.

        ``is_certain``: the guess is what it is, and only whether to use it is asked.
        """
        self._path = path
        self._name.set_text(path.name)
        self._name.setToolTip(str(path))
        self._words.setText(words)
        self._warning_words.setText(warning)
        self._warning.setVisible(bool(warning))
        self.agree.setText("Trust it and use it" if warning else "Use it")
        self.agree.setProperty("kind", "danger" if warning else "primary")
        self.agree.style().unpolish(self.agree)
        self.agree.style().polish(self.agree)
        self.architecture.setText(guess)
        self.show_problem("")
        self._choice.setVisible(not is_certain)
        self.show()
        if is_certain:
            self.agree.setFocus()
        else:
            self.architecture.setFocus()
            self.architecture.selectAll()

    def show_problem(self, words: str) -> None:
        """What is wrong with what was chosen."""
        self._problem.setText(words)
        self._problem.setVisible(bool(words))

    def calm(self) -> None:
        """Ask nothing any more."""
        self.hide()

    def _agree(self) -> None:
        chosen = self.architecture.text().strip()
        if not chosen:
            self.show_problem("Say which architecture it is of; the list helps.")
            return
        self.agreed.emit(chosen, self._path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.calm()
        else:
            super().keyPressEvent(event)
