"""What is done with the selected images: marks, taking out and bringing back, where their files lie."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.presenters.browse import BrowsePresenter
from app.presenters.duplicate_contradictions import Counted
from app.widgets import text
from core.catalogue.records import Image, Verdict
from core.changes import Changes
from core.operations import history, images, marks, taking_out

if TYPE_CHECKING:
    from core.project import Project

MARKS: dict[Verdict, str] = {
    "duplicate": "duplicates",
    "similar": "similar",
    "different": "different",
    "unsure": "unsure",
}


class SelectedPresenter(QObject):
    """Carries out what the user wants of the selection of a document."""

    contradictions_wanted = Signal()  # to be looked at, on the page Duplicates

    def __init__(self, document: Document, browse: BrowsePresenter, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._browse = document, browse

    @property
    def shows_removed(self) -> bool:
        """Whether the grid lists images that were taken out."""
        return self._browse.filter.state == "removed"

    # -- marks

    def mark(self, verdict: Verdict) -> None:
        """Two images are a pair, more are a group."""
        ids = self._document.selection.ids.tolist()

        def tell(changes: Changes) -> None:
            already = "" if changes else " already"
            words = f"{text.plural(len(ids), 'image')} marked as {MARKS[verdict]}{already}."
            edit.tell(self._document, words, self.contradictions_wanted.emit, "quiet")

        edit = Counted(marks.mark)
        self._document.edit("Marking", edit, ids, verdict, on_done=tell)

    def clear_marks(self) -> None:
        """Forget what was said of the selected images among each other."""
        ids = self._document.selection.ids.tolist()

        def tell(changes: Changes) -> None:
            words = "Marks cleared." if changes else "There are no marks among these images."
            self._document.say(words, "quiet")

        self._document.edit("Clearing marks", marks.clear_marks, ids, on_done=tell)

    # -- in and out of the catalogue

    def take_out(self) -> None:
        """Leave the selected images out of the catalogue; their files stay."""
        ids = self._document.selection.ids
        following = self._following()

        def tell(changes: Changes) -> None:
            if not changes:
                return
            taken = "1 image was" if len(ids) == 1 else f"{text.number(len(ids))} images were"
            stays = (
                "Its file stays where it is" if len(ids) == 1 else "Their files stay where they are"
            )
            self._say_undoable(f"{taken} taken out of the catalogue. {stays}.")

        self._document.edit("Taking out of the catalogue", taking_out.take_out, ids, on_done=tell)
        self._document.selection.set([following] if following is not None else [])

    def bring_back(self) -> None:
        """Put images that were taken out back into the catalogue."""
        ids = self._document.selection.ids

        def tell(changes: Changes) -> None:
            if changes:
                self._say_undoable(f"{text.plural(len(ids), 'image')} brought back.")

        self._document.edit("Bringing back", taking_out.bring_back, ids, on_done=tell)
        self._document.selection.clear()

    def _say_undoable(self, words: str) -> None:
        def undo() -> None:
            self._document.edit("Undoing", history.undo)

        self._document.say(words, "info", ("Undo", undo))

    def _following(self) -> int | None:
        """The image that takes the place of the selection in the grid."""
        listing = self._browse.listing
        rows = listing.rows_of(self._document.selection.ids)
        if not len(rows) or len(rows) == len(listing):
            return None
        is_staying = np.ones(len(listing), dtype=bool)
        is_staying[rows] = False
        staying = np.flatnonzero(is_staying)
        place = int(np.searchsorted(staying, int(rows.min())))
        return int(listing.ids[staying[min(place, len(staying) - 1)]])

    # -- files

    def with_images(self, use: Callable[[list[Image]], object], limit: int | None = None) -> None:
        """Read the selected images, in the grid's order, and hand them over."""
        listing = self._browse.listing
        rows = listing.rows_of(self._document.selection.ids)
        ids = listing.ids[np.sort(rows)]
        chosen = [int(one) for one in (ids if len(ids) else self._document.selection.ids)[:limit]]

        def hand_over(found: list[Image]) -> None:
            if found:
                use(found)

        if chosen:
            self._document.read(images.describe, chosen, on_done=hand_over)

    def with_paths(self, use: Callable[[list[str]], object], limit: int | None = None) -> None:
        """Hand over the paths of the selected images, for people to read."""
        self.with_images(lambda found: use([image.path for image in found]), limit)

    def with_file(self, use: Callable[[bytes], object]) -> None:
        """Hand over where the file of the current image lies."""
        current = self._document.selection.current
        if current is None:
            return

        def hand_over(found: dict[int, bytes]) -> None:
            if current in found:
                use(found[current])

        self._document.read(_locate, current, on_done=hand_over)


def _locate(project: "Project", image_id: int) -> dict[int, bytes]:
    return images.locate(project, [image_id])
