"""What the user can do on the page Compare, one short method each; the action table names them."""

from app.part_commands import PartCommands


class CompareCommands(PartCommands):
    """Turns a wish into calls of the page."""

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
