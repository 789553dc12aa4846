"""A call of the command line, to be read and copied."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.style.theme import Theme
from app.widgets.parts import IconButton

FONT_PX = 12


class CommandLine(QWidget):
    """Says that it is to be copied; the text scrolls where it is longer than the field."""

    copied = Signal(str)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setReadOnly(True)
        self.field.setAccessibleName(name)
        family = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        # The style sheet sets the size of all widgets, so the font is named in one of its own.
        self.field.setStyleSheet(f'font-family: "{family}", monospace; font-size: {FONT_PX}px;')
        self.copy = IconButton(theme, "copy", f"Copy: {name.lower()}", 18)
        self.copy.clicked.connect(lambda: self.copied.emit(self.field.text()))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.field, 1)
        box.addWidget(self.copy)

    @property
    def text(self) -> str:
        return self.field.text()

    def show_line(self, line: str) -> None:
        """Show this call, from its beginning."""
        if line != self.field.text():
            self.field.setText(line)
            self.field.setToolTip(line)
            self.field.setCursorPosition(0)
