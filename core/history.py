"""Undo and redo that survive a restart: commands stored in the catalogue, both ways."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from core.catalogue import steps
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.changes import Changes
from core.errors import UndoRefused

LIMIT = 500


class Command(Protocol):
    """An edit that can be taken back. ``name`` and ``version`` say how to read its stored form."""

    name: ClassVar[str]
    version: ClassVar[int]

    @property
    def text(self) -> str:
        """What it does, as a menu shows it: "Tag 12 images “beach”"."""
        ...

    def apply(self, session: Session) -> "Command":
        """Do it, and return the command that takes it back. Raises UndoRefused where what it
        relies on has changed since."""
        ...

    def store(self) -> Stored:
        """Its form at rest."""
        ...


@dataclass(frozen=True, slots=True)
class HistoryState:
    """What the two menu entries say; None where there is nothing to undo or redo."""

    undo_text: str | None
    redo_text: str | None


class History:
    """The undo history of one catalogue, over the kinds of commands it is given."""

    def __init__(
        self, loaders: dict[tuple[str, int], tuple[Callable[[Stored], Command], Changes]]
    ) -> None:
        self._loaders = loaders

    def do(self, session: Session, command: Command) -> Changes:
        """Apply a command and remember the way back."""
        forward = command.store()
        inverse = command.apply(session).store()
        steps.push(session, command.text, forward, inverse, limit=LIMIT)
        return self._changes(forward) | Changes.HISTORY

    def undo(self, session: Session) -> Changes:
        """Take the last step back. Raises UndoRefused where that is not possible."""
        return self._move(session, undone=False)

    def redo(self, session: Session) -> Changes:
        """Do the last undone step again. Raises UndoRefused where that is not possible."""
        return self._move(session, undone=True)

    def _move(self, session: Session, *, undone: bool) -> Changes:
        step = steps.top(session, undone=undone)
        if step is None:
            raise UndoRefused(f"There is nothing to {'redo' if undone else 'undo'}.")
        stored = step.forward if undone else step.inverse
        if (stored.name, stored.version) not in self._loaders:
            # Written by another version of Lookalike: the history goes, the data stay.
            steps.clear(session)
            return Changes.HISTORY
        load, _ = self._loaders[stored.name, stored.version]
        load(stored).apply(session)
        steps.mark(session, step, undone=not undone)
        return self._changes(stored) | Changes.HISTORY

    def _changes(self, stored: Stored) -> Changes:
        return self._loaders[stored.name, stored.version][1]

    def state(self, session: Session) -> HistoryState:
        """What undo and redo would do now."""
        done, undone = steps.top(session, undone=False), steps.top(session, undone=True)
        return HistoryState(done.text if done else None, undone.text if undone else None)
