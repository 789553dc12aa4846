"""Keepers: the rules that say which file of a group stays, and the folders from which nothing goes."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets.parts import ElidedLabel, IconButton, button, column, label, row, scrolling
from app.widgets.rule_list import RuleList
from core.duplicates.keepers import Rule, RuleEffect

TIES = "If none decides: the first by path."


class KeepingSide(QFrame):
    """Says what the rules are to be, and which folders are to be protected."""

    rules_changed = Signal(object)  # tuple[Rule, ...]
    reset_wanted = Signal()
    protected = Signal(str, bool)
    other_folder_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setMinimumWidth(288)
        self._theme, self._is_editable = theme, True
        self.folders: tuple[str, ...] = ()
        self.guarded: tuple[str, ...] = ()
        self.rules = RuleList(theme)
        self.rules.changed.connect(self.rules_changed)
        self.rules.folders_wanted.connect(self.open_order_menu)
        self.reset = button("As at first", self.reset_wanted.emit, "link")
        self.kept = ElidedLabel("", "muted")
        self.protect = button("Protect a folder…", lambda: self.open_protect_menu(), "link")
        self._guarded_box = QVBoxLayout()
        self._guarded_box.setSpacing(0)
        guarded = QWidget()
        guarded.setLayout(self._guarded_box)
        self._guarded_box.setContentsMargins(0, 0, 0, 0)
        self.none = label(
            "No folder is protected: any file but the keeper may go.", "muted", wraps=True
        )
        content = column(
            row(label("Which file is kept", "title"), None, self.reset),
            self.kept,
            4,
            self.rules,
            label(TIES, "muted", wraps=True),
            8,
            row(label("Protected folders", "section"), None, self.protect),
            self.none,
            guarded,
            None,
            gap_px=4,
            margins=(14, 8, 8, 8),
        )  # fmt: skip
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scrolling(content))

    def show_rules(self, rules: Sequence[Rule], guarded: Sequence[str]) -> None:
        """The rules, and the protected folders."""
        if tuple(rules) != self.rules.rules:
            self.rules.show_rules(rules)
        self.guarded = tuple(guarded)
        while (item := self._guarded_box.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for folder in self.guarded:
            drop = IconButton(self._theme, "close", f"Do not protect {folder} any more", 14)
            drop.clicked.connect(partial(self.protected.emit, folder, False))
            drop.setEnabled(self._is_editable)
            line = row(ElidedLabel(folder), drop, gap_px=4)
            inner = line.layout()
            assert inner is not None
            inner.setStretch(0, 1)  # type: ignore[attr-defined]
            self._guarded_box.addWidget(line)
        self.none.setVisible(not self.guarded)

    def show_effects(self, effects: Sequence[RuleEffect]) -> None:
        """What each rule does."""
        self.rules.show_effects(effects)

    def show_kept(self, name: str) -> None:
        """Which file of the group on show is kept by these rules."""
        self.kept.set_text(f"Of this group: {name}" if name else "")

    def show_folders(self, folders: Sequence[str]) -> None:
        """The folders of the group on show, to be chosen from."""
        self.folders = tuple(folders)

    def set_editable(self, is_editable: bool) -> None:
        """Whether anything can be changed."""
        self._is_editable = is_editable
        self.rules.set_editable(is_editable)
        self.reset.setEnabled(is_editable)
        self.protect.setEnabled(is_editable)

    def open_order_menu(self, below: QWidget) -> QMenu:
        """Folders to be put first, one after the other."""
        rule = next(one for one in self.rules.rules if one.kind == "folder")
        menu = QMenu(self)
        for at, folder in enumerate(rule.words):
            entry = menu.addAction(f"{at + 1}  {_short(folder)}  – take out")
            entry.triggered.connect(
                partial(self._set_words, tuple(one for one in rule.words if one != folder))
            )
        menu.addSeparator()
        for folder in self.folders:
            if folder not in rule.words:
                entry = menu.addAction(f"{_short(folder)}  – {'next' if rule.words else 'first'}")
                entry.triggered.connect(partial(self._set_words, (*rule.words, folder)))
        menu.popup(below.mapToGlobal(QPoint(0, below.height() + 2)))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def open_protect_menu(self) -> QMenu:
        """The folders of the group on show, or another one."""
        menu = QMenu(self)
        for folder in self.folders:
            if folder not in self.guarded:
                entry = menu.addAction(_short(folder))
                entry.setToolTip(folder)
                entry.triggered.connect(partial(self.protected.emit, folder, True))
        menu.addSeparator()
        menu.addAction("Another folder…").triggered.connect(self.other_folder_wanted)
        menu.popup(self.protect.mapToGlobal(QPoint(0, self.protect.height() + 2)))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _set_words(self, words: tuple[str, ...]) -> None:
        rules = tuple(
            Rule(one.kind, bool(words), one.is_reversed, words) if one.kind == "folder" else one
            for one in self.rules.rules
        )
        self.rules.show_rules(rules)
        self.rules_changed.emit(rules)


def _short(folder: str) -> str:
    shown = folder if len(folder) <= 48 else f"…{folder[-47:]}"
    return shown.replace("&", "&&")
