"""What the user can do on the page Insight, one short method each; the action table names them."""

from app.part_commands import PartCommands


class HintCommands(PartCommands):
    """Turns a wish into calls of the page."""

    def can_settle(self) -> bool:
        """Whether a doubted class is chosen."""
        return self._explore is not None and self._explore.insight.labels.can_settle()

    def show(self) -> None:
        """The page, with the tab that was shown last."""
        if self._explore is not None:
            self._explore.show_insight()

    def give(self) -> None:
        """The class that is suggested."""
        if self._explore is not None:
            self._explore.insight.labels.give_chosen()

    def keep(self) -> None:
        """The class that they have is right."""
        if self._explore is not None:
            self._explore.insight.labels.keep_chosen()
