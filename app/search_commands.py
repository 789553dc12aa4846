"""What the user can do about searches, one short method each; the action table names them."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from app.part_commands import PartCommands

if TYPE_CHECKING:
    from app.models.query import Query


class SearchCommands(PartCommands):
    """Turns a wish into calls of the open document's presenters."""

    @property
    def _query(self) -> "Query | None":
        explore = self._explore
        return explore.browse.query if explore is not None else None

    @property
    def _selected(self) -> int:
        return len(self._shell.document.selection) if self._shell.document is not None else 0

    # -- what can be done now

    def are_selected(self) -> bool:
        return self._selected > 0

    def can_search(self) -> bool:
        """Whether the selection, or a part of a picture, can be searched for; on the page Duplicates what is
        selected is about groups, and C cuts one."""
        return (
            self.are_selected() and self._explore is not None and self._explore.page != "duplicates"
        )

    def can_search_between(self) -> bool:
        return self.can_search() and self._selected == 2

    def is_asked(self) -> bool:
        """Whether a search is on show, with its answer."""
        return self._query is not None and self._query.found is not None

    def has_found(self) -> bool:
        explore = self._explore
        return self.is_asked() and explore is not None and len(explore.browse.listing) > 0

    def can_save(self) -> bool:
        document = self._shell.document
        return self._query is not None and document is not None and document.is_writable

    def can_tag(self) -> bool:
        return self.has_found() and self.can_save()

    def can_turn(self) -> bool:
        return self._query is not None and self._query.question.kind != "between"

    def is_turned(self) -> bool:
        return self._query is not None and self._query.question.is_negated

    def can_choose_mode(self) -> bool:
        explore = self._explore
        return explore is not None and explore.accuracy.is_choice

    def is_mode(self, mode: str) -> bool:
        explore = self._explore
        return explore is not None and explore.accuracy.mode == mode

    def can_look_inside(self) -> bool:
        document = self._shell.document
        return self.is_open() and document is not None and document.is_writable

    # -- doing it

    def more_like(self) -> None:
        if (explore := self._explore) is not None:
            explore.asking.like_selection()

    def also_like(self) -> None:
        if (explore := self._explore) is not None:
            explore.asking.also_like_selection()

    def less_like(self) -> None:
        if (explore := self._explore) is not None:
            explore.asking.less_like_selection()

    def between(self) -> None:
        if (explore := self._explore) is not None:
            explore.asking.between_selected()

    def part(self) -> None:
        """A box on the current image, over the whole work area."""
        if (explore := self._explore) is not None:
            explore.begin_part()

    def oddest(self) -> None:
        if (explore := self._explore) is not None:
            explore.asking.oddest()

    def turn_round(self) -> None:
        if (explore := self._explore) is not None:
            explore.asking.turn_round()

    def end(self) -> None:
        if (explore := self._explore) is not None:
            explore.browse.end_search()

    def save(self) -> None:
        if (explore := self._explore) is not None:
            explore.show_found()
            explore.querying.ask_name()

    def show_saved(self) -> None:
        if (explore := self._explore) is not None:
            explore.saving.open()

    def tag_found(self) -> None:
        if (explore := self._explore) is not None:
            explore.show_found()
            explore.querying.ask_tag()

    def show_on_map(self) -> None:
        """Everything that was found, selected and in sight on the map."""
        if (explore := self._explore) is not None:
            explore.show_found()
            explore.show_pane("map", True)
            explore.querying.select_found()
            explore.map.fit_selected()

    def export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self._shell.window_, "Export what was found", "search.csv", "CSV (*.csv)"
        )
        if name and self._explore is not None:
            self._explore.querying.export(Path(name))

    def choose_mode(self, mode: str) -> None:
        if (explore := self._explore) is not None:
            explore.accuracy.choose(mode)

    def look_inside(self) -> None:
        if (explore := self._explore) is not None:
            explore.parts.look_inside()
