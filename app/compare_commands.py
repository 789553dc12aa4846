"""What the user can do on the page Compare, one short method each; the action table names them."""

from typing import TYPE_CHECKING

from app.shell import Shell

if TYPE_CHECKING:
    from app.explore import Explore


class CompareCommands:
    """Turns a wish into calls of the page."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    @property
    def _explore(self) -> "Explore | None":
        return self._shell.explore

    def is_open(self) -> bool:
        return self._explore is not None

    def is_shown(self) -> bool:
        return self._explore is not None and self._explore.page == "compare"

    def can_swap(self) -> bool:
        """Whether two are being compared."""
        return self.is_shown() and self._explore is not None and all(self._explore.compare.pair)

    def show(self) -> None:
        """The page, with what was compared last."""
        if self._explore is not None:
            self._explore.show_compare()

    def swap(self) -> None:
        """A becomes B."""
        if self._explore is not None:
            self._explore.compare.swap.click()
