"""The table of actions as Qt actions, kept true to what can be done."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.actions import MENUS, TABLE, ActionSpec
from app.style.theme import Theme
from app.window_commands import Commands


class ActionTable(QObject):
    """The table as Qt actions, kept true to what can be done."""

    def __init__(
        self, window: QWidget, theme: Theme, commands: Commands, changed_keys: dict[str, str]
    ) -> None:
        super().__init__(window)
        self._theme, self._commands = theme, commands
        self.actions: dict[str, QAction] = {}
        self._specs = {spec.id: spec for spec in TABLE}
        for spec in TABLE:
            self.actions[spec.id] = self._make(spec, window, changed_keys.get(spec.id))
        commands.shell.state_changed.connect(self.refresh)
        self.refresh()

    def draw_icons(self) -> None:
        """Give the actions their icons; not needed before a menu opens, so after first paint."""
        self._theme.changed.connect(self._recolour)
        self._recolour()

    def refresh(self) -> None:
        """Enable what can be done, tick what is on, name what undo would take back."""
        for spec in TABLE:
            action = self.actions[spec.id]
            action.setEnabled(spec.when(self._commands))
            if spec.is_checked is not None:
                action.setChecked(spec.is_checked(self._commands))
        history = self._commands.shell.history
        for key, words in (
            ("undo", history.undo_text if history else None),
            ("redo", history.redo_text if history else None),
        ):
            name = self._specs[key].text
            self.actions[key].setText(f"{name}: {words}" if words else name)

    def attach(self, browser_widgets: Sequence[QWidget]) -> None:
        """Let keys of scope ``browser`` work in these widgets."""
        for spec in TABLE:
            if spec.scope == "browser":
                for widget in browser_widgets:
                    widget.addAction(self.actions[spec.id])

    def menus(self) -> list[tuple[str, list[QAction | None]]]:
        """Actions by menu; None stands for a line."""
        result: list[tuple[str, list[QAction | None]]] = []
        for menu in MENUS:
            entries: list[QAction | None] = []
            for spec in TABLE:
                if spec.menu == menu:
                    if spec.starts_group and entries:
                        entries.append(None)
                    entries.append(self.actions[spec.id])
            result.append((menu, entries))
        return result

    def short_menu(self, ids: Sequence[str], parent: QWidget) -> QMenu:
        """Some actions, for a right click or a button; an empty id is a line. Deleted when it closes."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one in ids:
            menu.addAction(self.actions[one]) if one else menu.addSeparator()
        return menu

    def sheet(self) -> list[tuple[str, list[tuple[str, list[str]]]]]:
        """Names and keys by menu, for the shortcut sheet."""
        result = []
        for menu in MENUS:
            lines = []
            for spec in TABLE:
                keys = [one.toString() for one in self.actions[spec.id].shortcuts()]
                if spec.menu == menu and keys:
                    lines.append((spec.text.rstrip("…"), keys))
            result.append((menu, lines))
        return result

    def _make(self, spec: ActionSpec, window: QWidget, changed: str | None) -> QAction:
        action = QAction(spec.text, window)
        action.setObjectName(spec.id)
        action.setData(spec.menu)
        action.setProperty("icon_name", spec.icon)
        keys = spec.keys if changed is None else ((changed,) if changed else ())
        action.setShortcuts([QKeySequence(one) for one in keys])
        action.setAutoRepeat(spec.repeats)
        action.setCheckable(spec.is_checked is not None)
        if spec.scope == "browser":
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        else:
            window.addAction(action)
        action.triggered.connect(lambda: spec.do(self._commands))
        if spec.is_checked is not None:
            # A click ticks by itself; the truth is what the command made of it.
            action.triggered.connect(lambda: self.refresh())
        return action

    def _recolour(self) -> None:
        for spec in TABLE:
            if spec.icon:
                self.actions[spec.id].setIcon(self._theme.icon(spec.icon))
