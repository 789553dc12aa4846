"""Questions that begin with what is selected, a file, pasted pixels or a part of a picture."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.document import Document
from app.models.pixels import to_rgb
from app.models.question_edits import added, least_like
from app.models.rows import Rows
from app.presenters.browse import BrowsePresenter
from core.search import question as asking
from core.search.question import Example, Question, Region

MOST = 1000  # images that one question is made of


class AskingPresenter(QObject):
    """Begins a search, or goes on with the one that is on show."""

    asked = Signal()  # its answer shows among grid, map and inspector

    def __init__(
        self, document: Document, browse: BrowsePresenter, rows: Rows, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._rows = document, browse, rows

    # -- from the selection

    def like_selection(self) -> None:
        """More like what is selected: a search of its own."""
        if examples := self._selected():
            self._ask(Question(tuple(examples)))

    def also_like_selection(self) -> None:
        """The search on show, and more like what is selected."""
        self._go_on(is_wanted=True)

    def less_like_selection(self) -> None:
        """The search on show, and less like what is selected; without one, what is least like it."""
        self._go_on(is_wanted=False)

    def between_selected(self) -> None:
        """What lies between the two that are selected."""
        examples = self._selected()
        if len(examples) == 2:
            self._ask(Question(tuple(examples), kind="between"))

    def _go_on(self, *, is_wanted: bool) -> None:
        examples, query = self._selected(), self._browse.query
        if not examples:
            return
        if query is not None and query.question.kind == "like":
            self._ask(added(query.question, examples, is_wanted=is_wanted))
        else:
            self._ask(Question(tuple(examples)) if is_wanted else least_like(examples))

    def _selected(self) -> list[Example]:
        ids = self._document.selection.ids[:MOST].tolist()
        return [self._example(image_id) for image_id in ids]

    def _example(self, image_id: int, region: Region | None = None) -> Example:
        image = self._rows.get(image_id)
        return asking.of_image(image_id, image.path if image is not None else "", region=region)

    # -- from elsewhere

    def like_file(self, path: Path) -> None:
        """Images like a file."""
        self._ask(Question((asking.of_file(path),)))

    def like_picture(self, image: QImage) -> None:
        """Images like these pixels."""
        self._ask(Question((asking.of_pixels(to_rgb(image)),)))

    def like_part(self, image_id: int, region: Region) -> None:
        """Images with something like this part of an image."""
        self._ask(Question((self._example(image_id, region),)))

    def oddest(self) -> None:
        """Images that are unlike anything."""
        self._ask(Question(kind="oddest"))

    # -- the search on show

    def turn_round(self) -> None:
        """The answer from the other end: the least like first."""
        query = self._browse.query
        if query is not None and query.question.kind != "between":
            self._ask(query.question.negated())

    def change(self, question: Question | None) -> None:
        """Ask this instead; None: nothing any more."""
        if question is None:
            self._browse.end_search()
        else:
            self._ask(question)

    def _ask(self, question: Question) -> None:
        self.asked.emit()
        self._browse.ask(question)
