"""The dialog About: version, licence, where data lie, and the ways to the licences of others and to newer versions."""

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.style import icons
from app.widgets.parts import ElidedLabel, button, column, label, row
from core.records import About

WIDE_PX, MARK_PX, FONT_PX = 560, 64, 12


class AboutDialog(QDialog):
    """Says what of it the person wants to see."""

    notices_wanted = Signal()
    newer_wanted = Signal()
    folder_wanted = Signal(object)  # Path

    def __init__(self, facts: About, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Lookalike")
        self.setFixedWidth(WIDE_PX)
        self._facts = facts
        mark = QLabel()
        mark.setFixedSize(QSize(MARK_PX, MARK_PX))
        mark.setPixmap(icons.mark(MARK_PX, self.devicePixelRatioF()))
        words = column(
            label("Lookalike", "display"),
            label(f"Version {facts.version}", "lead"),
            gap_px=0,
        )
        self.copy = button("Copy versions", self._copy)
        self.newer = button("Look for a newer version…", self.newer_wanted.emit)
        self.notices = button("Licences of others…", self.notices_wanted.emit)
        close = button("Close", self.accept, "primary")
        close.setDefault(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 24, 24, 16)
        box.setSpacing(8)
        box.addWidget(row(mark, words, None, gap_px=16))
        box.addSpacing(8)
        box.addWidget(
            label(
                "Free software under the Apache License 2.0. Your pictures stay on this machine.",
                wraps=True,
            )
        )
        for line in facts.lines()[1:]:
            box.addWidget(label(line, "muted", wraps=True))
        box.addSpacing(8)
        for name, folder in (
            ("Catalogues and logs", facts.data_folder),
            ("Settings", facts.config_folder),
        ):
            box.addWidget(self._place(name, folder))
        box.addSpacing(8)
        box.addWidget(row(self.newer, self.notices, None))
        box.addSpacing(8)
        box.addWidget(row(self.copy, None, close))
        close.setFocus()
        self.adjustSize()

    def _place(self, name: str, folder: Path) -> QWidget:
        shown = button("Show", lambda: self.folder_wanted.emit(folder))
        shown.setAccessibleName(f"Show the folder of {name.lower()}")
        where = column(label(name, "section"), ElidedLabel(str(folder)), gap_px=0)
        where.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return row(where, shown)

    def _copy(self) -> None:
        QApplication.clipboard().setText("\n".join(self._facts.lines()))
        self.copy.setText("Copied")


class NoticesDialog(QDialog):
    """Whose work the program holds, as long a text as it is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Licences of others")
        self.resize(
            QSize(984, 640).boundedTo(parent.size() - QSize(48, 48)).expandedTo(QSize(480, 360))
        )
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Licences of others")
        family = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        self.text.setStyleSheet(f'font-family: "{family}", monospace; font-size: {FONT_PX}px;')
        close = button("Close", self.accept, "primary")
        close.setDefault(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 24, 24, 16)
        box.setSpacing(8)
        box.addWidget(label("Licences of others", "title"))
        box.addWidget(self.text, 1)
        box.addWidget(row(None, close))
        self.text.setFocus()

    def show_text(self, words: str) -> None:
        """The whole of it."""
        self.text.setPlainText(words)
