"""Undo and redo that survive a restart: commands stored in the catalogue, both ways."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from core.catalogue import steps
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.changes import Changes
from core.errors import UndoRefused

LIMIT = 500


class Command(Protocol):
    """An edit that can be taken back.

    ``name`` and ``version`` say how to read its stored form, ``changes`` what it touches.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    changes: ClassVar[Changes]

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


# How a stored command is read, by (name, version).
Loaders = Mapping[tuple[str, int], Callable[[Stored], Command]]


def do(session: Session, command: Command) -> Changes:
    """Apply a command and remember the way back."""
    forward = command.store()
    inverse = command.apply(session).store()
    steps.push(session, command.text, forward, inverse, limit=LIMIT)
    return command.changes | Changes.HISTORY


def move(session: Session, loaders: Loaders, *, redo: bool) -> Changes:
    """Take the last step back, or (``redo``) do the step that was undone last again.

    Raises UndoRefused where there is none or where what it relies on has changed since.
    """
    step = steps.top(session, undone=redo)
    if step is None:
        raise UndoRefused(f"There is nothing to {'redo' if redo else 'undo'}.")
    stored = step.forward if redo else step.inverse
    load = loaders.get((stored.name, stored.version))
    if load is None:
        # Written by another version of Lookalike: the history goes, the data stay.
        steps.clear(session)
        return Changes.HISTORY
    command = load(stored)
    command.apply(session)
    steps.mark(session, step, undone=not redo)
    return command.changes | Changes.HISTORY


def state(session: Session) -> HistoryState:
    """What undo and redo would do now."""
    done, undone = steps.top(session, undone=False), steps.top(session, undone=True)
    return HistoryState(done.text if done else None, undone.text if undone else None)
