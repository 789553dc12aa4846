"""The theme in force: follows the system or the user's choice, and tells who draws by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from app.style import icons
from app.style.tokens import DARK, LIGHT, Tokens, as_mapping

FONT_FAMILIES = [
    "Inter",
    "SF Pro Text",
    ".AppleSystemUIFont",
    "Segoe UI Variable Text",
    "Segoe UI",
    "Cantarell",
    "Ubuntu",
    "Noto Sans",
    "DejaVu Sans",
]
FONT_PX = 13


class Theme(QObject):
    """Light or dark. ``choice`` is ``system``, ``light`` or ``dark``."""

    changed = Signal()

    def __init__(self, choice: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choice = choice
        self.tokens = self._wanted()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    @property
    def is_dark(self) -> bool:
        return self.tokens.name == "dark"

    def choose(self, choice: str) -> None:
        """Follow the system, or stay light or dark."""
        self.choice = choice
        self._follow()

    def colour(self, name: str) -> QColor:
        """A token as a colour."""
        return QColor(getattr(self.tokens, name))

    def icon(self, name: str) -> QIcon:
        """An icon for buttons: muted, accent where checked."""
        return icons.icon(name, self.tokens.muted, self.tokens.accent, self.tokens.border_strong)

    def apply(self) -> None:
        """Give the application its palette, font and style sheet."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setPalette(_palette(self.tokens))
        font = QFont()
        font.setFamilies(FONT_FAMILIES)
        font.setPixelSize(FONT_PX)
        app.setFont(font)
        text = (files("resources") / "themes" / "window.qss").read_text(encoding="utf-8")
        app.setStyleSheet(Template(text).substitute(as_mapping(self.tokens)))

    @contextmanager
    def put_on_at_the_end(self) -> Iterator[None]:
        """For putting many widgets together: under a style sheet, each is styled anew with every widget around it."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        sheet = app.styleSheet()
        app.setStyleSheet("")
        try:
            yield
        finally:
            app.setStyleSheet(sheet)

    def _wanted(self) -> Tokens:
        if self.choice == "system":
            scheme = QGuiApplication.styleHints().colorScheme()
            return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        return DARK if self.choice == "dark" else LIGHT

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted is not self.tokens:
            self.tokens = wanted
            self.apply()
            self.changed.emit()


def _palette(tokens: Tokens) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: tokens.panel,
        role.WindowText: tokens.text,
        role.Base: tokens.raised,
        role.AlternateBase: tokens.panel,
        role.Text: tokens.text,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.PlaceholderText: tokens.muted,
        role.Link: tokens.accent,
    }
    for key, value in pairs.items():
        palette.setColor(key, QColor(value))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(tokens.border_strong))
    return palette
