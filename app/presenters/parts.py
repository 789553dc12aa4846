"""Parts of pictures: a box that was drawn is searched for, the box of a hit is shown, pictures are looked into."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.document import Document
from app.models.query import Query
from app.presenters.asking import AskingPresenter
from app.presenters.browse import BrowsePresenter
from app.views.full import FullView
from app.widgets import text
from app.widgets.picture import Picture
from core.changes import Changes
from core.operations import region_estimate, regions
from core.search.question import Region

if TYPE_CHECKING:
    from core.operations.regions import RegionsState
    from core.project import Project

LOOK_INSIDE = "Look inside pictures"


class PartsPresenter(QObject):
    """Binds the inspector's picture and the full view to searches for a part."""

    def __init__(
        self,
        document: Document,
        browse: BrowsePresenter,
        asking: AskingPresenter,
        preview: Picture,
        full: FullView,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._asking = document, browse, asking
        self._preview, self._full = preview, full
        self._offered: set[str | None] = set()  # encoders that it was offered for
        preview.part_chosen.connect(self._ask)
        full.part_chosen.connect(self._ask)
        document.selection.changed.connect(lambda origin: self._show_hit())
        browse.listed.connect(lambda listing, keeps_place: self._show_hit())
        browse.answered.connect(self._look_at)

    def _ask(self, region: Region) -> None:
        current = self._document.selection.current
        if current is not None:
            self._asking.like_part(current, region)

    def _show_hit(self) -> None:
        current = self._document.selection.current
        box = self._browse.listing.boxes.get(current) if current is not None else None
        self._preview.show_hit(box)
        self._full.show_hit(box)

    # -- vectors of parts

    def _look_at(self, query: Query) -> None:
        """Whole pictures were compared with a part: offer to make that better, once an encoder."""
        encoder = self._document.encoder
        if not query.question.has_region or encoder in self._offered:
            return
        if self._document.is_writable and not self._document.is_computing:
            # Not in the lane of questions: the next one is not to wait for it.
            self._document.compute("Estimating", _lacking, encoder, on_done=self._offer)

    def _offer(self, found: "tuple[RegionsState, float]") -> None:
        state, seconds = found
        if state.is_complete or not state.of:
            return
        self._offered.add(self._document.encoder)
        whole = "Whole pictures were compared with this part."
        if state.made:
            whole = f"Inside {text.number(state.of - state.made)} pictures nobody has looked yet."
        takes = f" (about {text.span(seconds)} here)" if seconds else ""
        self._document.say(
            f"{whole} Looking inside them once{takes} finds what is small in a picture, and shows where.",
            "info",
            (LOOK_INSIDE, self.look_inside),
        )

    def look_inside(self) -> None:
        """Make the vectors of parts that are missing; a search for a part is asked again then."""

        def settle(changes: Changes) -> None:
            self._document.changed.emit(changes)
            query = self._browse.query
            if query is not None and query.question.has_region:
                self._browse.ask_again()
            elif not changes:
                self._document.say("All pictures have been looked into.", "quiet")

        self._document.compute(
            "Looking inside pictures", regions.build, self._document.encoder, on_done=settle
        )


def _lacking(project: "Project", encoder: str | None) -> "tuple[RegionsState, float]":
    """(what there is, seconds that the rest would take); takes some seconds."""
    state = regions.state(project, encoder)
    lacks = not state.is_complete and state.of
    return state, region_estimate.seconds(project, encoder) if lacks else 0.0
