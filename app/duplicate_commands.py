"""What the user can do on the page Duplicates, one short method each; the action table names them."""

from typing import TYPE_CHECKING

from app.part_commands import PartCommands

if TYPE_CHECKING:
    from core.catalogue.records import Verdict


class DuplicateCommands(PartCommands):
    """Turns a wish into calls of the page."""

    def is_shown(self) -> bool:
        return self._explore is not None and self._explore.page == "duplicates"

    def can_mark(self) -> bool:
        """Whether the page asks something that a verdict answers."""
        document = self._shell.document
        if document is None or not document.is_writable or self._explore is None:
            return False
        return self.is_shown() and self._explore.deduplicating.can_mark()

    def can_find(self) -> bool:
        """Whether duplicates can be looked for now."""
        document = self._shell.document
        if document is None or not document.is_writable or self._explore is None:
            return False
        return not self._explore.deduplicating.review.finding.is_under_way

    def has_pair(self) -> bool:
        """Whether two pictures are side by side."""
        return self.is_shown() and self._explore is not None and self._explore.duplicates.has_pair()

    def is_laid_over(self) -> bool:
        return self._explore is not None and self._explore.duplicates.review.align.isChecked()

    def is_difference_shown(self) -> bool:
        return self._explore is not None and self._explore.duplicates.review.difference.isChecked()

    def can_show_group(self) -> bool:
        """Whether an image is selected in Explore, whose group can be shown."""
        document = self._shell.document
        if document is None or self._explore is None or document.selection.current is None:
            return False
        return self._explore.page in ("browser", "full")

    def can_cut(self) -> bool:
        """Whether a group is on show that can be parted."""
        return (
            self.is_shown()
            and self._explore is not None
            and self._explore.deduplicating.groups.can_cut()
        )

    def can_answer_many(self) -> bool:
        document = self._shell.document
        return self.is_shown() and document is not None and document.is_writable

    def show_group(self) -> None:
        """The group of the current image."""
        if self._explore is not None:
            self._explore.grouping.show_group()

    def cut(self) -> None:
        """Part the group on show at its weakest link, or the one that is chosen."""
        if self._explore is not None:
            self._explore.deduplicating.groups.cut()

    def answer_many(self) -> None:
        """A sheet of open pairs, to be marked at once."""
        if self._explore is not None:
            self._explore.deduplicating.bulk.open()

    def find(self) -> None:
        """Look for duplicates among what was not compared yet, with the page in sight."""
        if self._explore is not None:
            self.show()
            self._explore.duplicates.show_panel("review")
            self._explore.deduplicating.review.finding.find()

    def lay_over(self) -> None:
        if self._explore is not None:
            self._explore.duplicates.review.align.toggle()

    def show_difference(self) -> None:
        if self._explore is not None:
            self._explore.duplicates.review.difference.toggle()

    def show(self) -> None:
        """The page, with the panel that was shown last."""
        if self._explore is not None:
            self._explore.show_duplicates()

    def mark(self, verdict: "Verdict") -> None:
        """Answer what the page asks."""
        if self._explore is not None:
            self._explore.deduplicating.mark(verdict)
