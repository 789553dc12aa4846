"""Feeds the rules for keepers beside the groups: what they are, what each does, which folders are protected."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from app.document import Document
from app.presenters import duplicate_group_facts as facts
from app.presenters.duplicate_group_facts import Keeping
from app.presenters.reading import Reading
from app.views.duplicates.groups import GroupsPanel
from core.duplicates.keepers import Rule
from core.operations import keepers
from core.operations.keepers import RuleEffect

PREVIEW_MS = 120


class DuplicateKeeping(QObject):
    """``content`` says by which content the group on show is known, -1 for none."""

    def __init__(
        self, document: Document, panel: GroupsPanel, content: Callable[[], int], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._panel, self._content = document, panel, content
        self._under_way = 0  # changes of the rules
        self._preview = QTimer(self)
        self._preview.setSingleShot(True)
        self._preview.setInterval(PREVIEW_MS)
        self._preview.timeout.connect(self._read_effects)
        self._reading: Reading[Keeping] = Reading(document, facts.load_keeping, self._take)
        side = panel.keeping
        side.rules_changed.connect(self._set_rules)
        side.reset_wanted.connect(lambda: self._set_rules(None))
        side.protected.connect(self.protect)
        side.other_folder_wanted.connect(self._protect_other)

    def begin(self) -> None:
        """Read what may have changed."""
        self._reading.ask()
        self._preview.start()

    def show_kept(self, image_id: int | None = None) -> None:
        """Which file of the group on show is kept: as it is, or by rules that are not set yet."""
        state = self._panel.state
        if state is None:
            return
        named = {one.image.id: one.image.name for one in state.members}
        kept = [one.image.name for one in state.members if one.is_keeper]
        name = named.get(image_id, "") if image_id is not None else ", ".join(kept)
        self._panel.keeping.show_kept(name)

    def protect(self, folder: str, is_protected: bool) -> None:
        """Never remove anything from this folder, or allow it again."""
        self._document.edit("Protecting a folder", keepers.protect, folder, is_protected)

    def forget(self) -> None:
        """The document closes."""
        self._preview.stop()

    def _take(self, keeping: Keeping) -> None:
        # While changes are on their way, what is on screen is newer than what was read.
        shown = self._panel.keeping.rules.rules if self._under_way else keeping.rules
        self._panel.keeping.show_rules(shown, keeping.protected)
        self._preview.start()

    def _set_rules(self, rules: tuple[Rule, ...] | None) -> None:
        if rules is not None:
            self._preview.start()
        self._under_way += 1
        self._document.edit(
            "Changing the rules for keepers", keepers.set_rules, rules, on_ended=self._set
        )

    def _set(self) -> None:
        self._under_way -= 1
        if not self._under_way:
            self._reading.ask()

    def _protect_other(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self._panel, "Never remove anything from this folder"
        )
        if folder:
            self.protect(folder, True)

    def _read_effects(self) -> None:
        rules, content = self._panel.keeping.rules.rules, self._content()
        if not rules or not self._panel.isVisible():
            return

        def take(found: tuple[Sequence[RuleEffect], int | None]) -> None:
            if rules == self._panel.keeping.rules.rules:
                self._panel.keeping.show_effects(found[0])
                if content == self._content() and found[1] is not None:
                    self.show_kept(found[1])

        self._document.read(facts.effects_of, rules, content, on_done=take)
