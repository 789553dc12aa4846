"""What all commands of one part of the window have in common: the shell, and the work area that is open."""

from typing import TYPE_CHECKING

from app.shell import Shell

if TYPE_CHECKING:
    from app.explore import Explore


class PartCommands:
    """Turns a wish into calls of the work area; the action table names the methods."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    @property
    def _explore(self) -> "Explore | None":
        return self._shell.explore

    def is_open(self) -> bool:
        """Whether a catalogue is open."""
        return self._explore is not None
