"""The start page: four ways in, and a folder can be dropped anywhere."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from app.style import icons
from app.style.theme import Theme
from app.widgets.parts import column, label, row, scrolling
from app.widgets.text import readable_name

CHOICES = (
    ("folder_wanted", "folder", "Open folder…", "Ctrl+O"),
    ("catalogue_wanted", "catalogue", "Open catalogue…", "Ctrl+Shift+O"),
    ("demo_wanted", "demo", "Try the demo", ""),
)
DROP_NOTE = "Or drop a folder anywhere on this window."


class StartPage(QFrame):
    """Says which way in was taken."""

    folder_wanted = Signal()
    catalogue_wanted = Signal()
    demo_wanted = Signal()
    recent_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("canvas")
        self._theme = theme
        self._mark = QLabel()
        self._note = label(DROP_NOTE, "muted", wraps=True)
        self._buttons: list[tuple[QPushButton, str]] = []
        choices: list[QWidget | int | None] = []
        for number, (signal, icon, words, keys) in enumerate(CHOICES):
            choice = QPushButton(f"  {words}")
            choice.setObjectName("startButton")
            choice.setIconSize(QSize(20, 20))
            choice.setAccessibleName(words)
            choice.setToolTip(keys)
            choice.setProperty("kind", "primary" if number == 0 else "")
            choice.clicked.connect(getattr(self, signal))
            self._buttons.append((choice, icon))
            choices.append(choice)
        self.first = self._buttons[0][0]
        left = column(
            self._mark,
            8,
            label("Lookalike", "display"),
            label("See which of your pictures are alike.", "lead", wraps=True),
            24,
            *choices,
            16,
            self._note,
            None,
        )
        left.setFixedWidth(360)
        self._recents = QVBoxLayout()
        self._recents.setContentsMargins(0, 0, 0, 0)
        self._recents.setSpacing(0)
        holder = QWidget()
        holder.setLayout(self._recents)
        scroll = scrolling(holder)
        holder.setAutoFillBackground(False)  # which setWidget has switched on
        self._right = column(label("Recent catalogues", "section"), scroll)
        self._right.setFixedWidth(400)
        body = row(None, left, 64, self._right, None, gap_px=0)
        body.setMinimumHeight(400)
        body.setMaximumHeight(460)
        box = QVBoxLayout(self)
        box.setContentsMargins(32, 32, 32, 32)
        box.addStretch(2)
        box.addWidget(body)
        box.addStretch(3)
        self._catalogues: list[tuple[str, str]] = []
        theme.changed.connect(self._recolour)
        self._recolour()
        self.set_recents([])

    def set_recents(self, catalogues: Sequence[tuple[str, str]]) -> None:
        """Show catalogues opened before, newest first: (path, where its images lie) each."""
        while (item := self._recents.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for path, place in catalogues:
            self._recents.addWidget(self._recent(path, place))
        self._recents.addStretch(1)
        self._right.setVisible(bool(catalogues))

    def show_note(self, note: str = "") -> None:
        """What is under way; without one, the other way in."""
        self._note.setText(note or DROP_NOTE)

    def _recent(self, path: str, place: str) -> QPushButton:
        name = readable_name(path)
        choice = QPushButton()
        choice.setObjectName("recent")
        choice.setAccessibleName(f"Open {name} in {place}")
        choice.setToolTip(path)
        choice.setFixedHeight(56)
        place_label = label(
            self.fontMetrics().elidedText(place, Qt.TextElideMode.ElideMiddle, 340), "muted"
        )
        words = column(label(name, "title"), place_label, gap_px=2)
        words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        box = QVBoxLayout(choice)
        box.setContentsMargins(12, 6, 12, 6)
        box.addWidget(words)
        choice.clicked.connect(lambda: self.recent_wanted.emit(path))
        return choice

    def _recolour(self) -> None:
        tokens = self._theme.tokens
        ratio = self.devicePixelRatioF()
        self._mark.setPixmap(icons.mark(64, max(ratio, 2.0)))
        for choice, icon in self._buttons:
            is_primary = choice.property("kind") == "primary"
            colour = tokens.on_accent if is_primary else tokens.muted
            choice.setIcon(icons.icon(icon, colour, colour, tokens.border_strong))
