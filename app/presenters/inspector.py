"""Feeds the inspector: facts, preview, tags and look-alikes of what is selected."""

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from app.document import Document
from app.models.pictures import load_picture
from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.views.inspector import InspectorView, Neighbour
from core.catalogue.records import Facet, Image
from core.changes import Changes
from core.errors import KnownError
from core.operations import images, labels, marks, neighbours, removal, tags
from core.operations.marks import MOST_MARKED, Standing

if TYPE_CHECKING:
    from core.operations.neighbours import Hit

PREVIEW_PX = 720
SETTLE_MS = 40  # while an arrow key is held, only what it stops at is read
DESCRIBED = 2000  # selected images whose tags are counted one by one
NEIGHBOURS = 24
PAIR_WORDS = {
    "duplicate": "Duplicates",
    "similar": "Similar",
    "different": "Different",
    "unsure": "Unsure",
}


class InspectorPresenter(QObject):
    """Binds an inspector to a document; keeps the trail that back and forward walk."""

    def __init__(
        self, document: Document, view: InspectorView, rows: Rows, thumbnails: Thumbnails,
        parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document, self._view = document, view
        self._rows, self._thumbnails = rows, thumbnails
        self._selection = document.selection
        self._back: list[int] = []
        self._forward: list[int] = []
        self._shown: int | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._show)
        self._selection.changed.connect(lambda origin: self._settle.start())
        document.changed.connect(self._follow)
        document.encoder_changed.connect(self._look_again)
        view.walked.connect(self.walk)
        view.went_back.connect(self.go_back)
        view.went_forward.connect(self.go_forward)
        view.tag_added.connect(self.add_tag)
        view.tag_removed.connect(self.remove_tag)
        self._tell_trail()
        self._read_tags()

    @property
    def is_settled(self) -> bool:
        return not self._settle.isActive()

    # -- walking

    def walk(self, image_id: int) -> None:
        """Go to a look-alike; back returns."""
        if self._selection.current is not None:
            self._back.append(self._selection.current)
        self._forward.clear()
        self._go(image_id)

    def go_back(self) -> None:
        """To the image before."""
        if self._back:
            if self._selection.current is not None:
                self._forward.append(self._selection.current)
            self._go(self._back.pop())

    def go_forward(self) -> None:
        """Where back came from."""
        if self._forward:
            if self._selection.current is not None:
                self._back.append(self._selection.current)
            self._go(self._forward.pop())

    def _go(self, image_id: int) -> None:
        self._selection.set([image_id], image_id, self)
        self._tell_trail()

    def _tell_trail(self) -> None:
        self._view.back.setEnabled(bool(self._back))
        self._view.forward.setEnabled(bool(self._forward))

    # -- tags

    def add_tag(self, tag: str) -> None:
        """Tag what is selected."""
        ids = self._selection.ids
        if len(ids):
            self._document.edit(f"Tagging with “{tag}”", tags.add, ids, tag)

    def remove_tag(self, tag: str) -> None:
        """Take the tag off what is selected."""
        ids = self._selection.ids
        if len(ids):
            self._document.edit(f"Removing “{tag}”", tags.remove, ids, tag)

    def _read_tags(self) -> None:
        def take(known: list[Facet]) -> None:
            self._view.set_known_tags([facet.name for facet in known])

        self._document.read(tags.list_tags, on_done=take)

    # -- what is shown

    def _follow(self, changes: Changes) -> None:
        if changes & Changes.TAGS:
            self._read_tags()
        if changes & Changes.PAIRS:
            self._read_marks()
        if changes & (Changes.TAGS | Changes.IMAGES | Changes.NEIGHBOURS | Changes.CLASSES):
            is_only_tags = changes & Changes.TAGS and not changes & Changes.CLASSES
            self._shown = self._shown if is_only_tags else None
            self._settle.start()

    def _show(self) -> None:
        ids, current = self._selection.ids, self._selection.current
        self._read_marks()
        if not len(ids) or current is None:
            self._shown = None
            self._view.show_nothing()
        elif len(ids) == 1:
            self._document.read(images.describe, [current], on_done=self._show_one)
        else:
            self._shown = None
            first = [int(one) for one in ids[:DESCRIBED]]
            self._document.read(images.describe, first, on_done=self._show_several)
            self._read_neighbours(current)

    def _show_one(self, found: list[Image]) -> None:
        if not found or found[0].id != self._selection.current or len(self._selection) != 1:
            return
        image = found[0]
        if image.id == self._shown:  # only its tags changed: leave picture and strip alone
            self._view.set_tags([(tag, 1) for tag in image.tags], 1)
            return
        self._shown = image.id
        self._view.show_one(image, self._thumbnails.get(image.content_id))
        self._view.set_editable(self._document.is_writable)
        self._read_fields(image.id)
        if image.is_missing:  # its thumbnail is all there is
            self._read_reason(image)
        else:
            self._read_picture(image)
        self._read_neighbours(image.id)

    def _show_several(self, found: list[Image]) -> None:
        count = len(self._selection)
        if count < 2:
            return
        tagged = Counter(tag for image in found for tag in image.tags)
        # Beyond what was described the counts would be wrong, so none are given.
        is_all = len(found) == count
        shown = sorted(tagged.items()) if is_all else [(tag, count) for tag in sorted(tagged)]
        self._view.show_several(count, found, shown)
        self._view.set_editable(self._document.is_writable)

    def _read_marks(self) -> None:
        chosen = self._selection.ids
        if not 0 < len(chosen) <= MOST_MARKED:
            self._view.show_marks("")
            return
        ids = chosen.tolist()

        def show(found: Standing) -> None:
            if self._selection.ids is chosen:
                self._view.show_marks(describe_marks(found, len(ids)))

        self._document.read(marks.standing, ids, on_done=show)

    def _read_fields(self, image_id: int) -> None:
        def show(fields: list[tuple[str, str | float]]) -> None:
            if self._shown == image_id:
                self._view.show_fields(fields)

        self._document.read(labels.fields_of, image_id, on_done=show)

    def _read_reason(self, image: Image) -> None:
        def show(found: dict[int, str]) -> None:
            if self._shown == image.id and image.id in found:
                self._view.show_reason(image, found[image.id])

        self._document.read(removal.reasons, [image.id], on_done=show)

    def _read_picture(self, image: Image) -> None:
        def show(picture: QImage) -> None:
            if self._shown == image.id:
                self._view.show_picture(picture)

        def fail(error: BaseException) -> None:
            if not isinstance(error, KnownError):
                self._document.report(error)
            elif self._shown == image.id:
                self._view.preview.show_note(str(error))

        self._document.read(load_picture, image.id, PREVIEW_PX, on_done=show, on_failed=fail)

    def _read_neighbours(self, image_id: int) -> None:
        encoder = self._document.encoder

        def show(hits: "list[Hit]") -> None:
            if self._selection.current != image_id or self._document.encoder != encoder:
                return
            shown = [Neighbour(h.image_id, h.content_id, h.score, h.path) for h in hits]
            waits = "They appear here when the import has compared all images."
            alone = "There is no other image to compare it with."
            if (image := self._rows.get(image_id)) is not None and image.is_missing:
                alone = "Look-alikes are known of images whose files are there."
            elif encoder is not None:
                alone = "This encoder has not compared it yet."
            note = "" if shown else waits if self._document.is_computing else alone
            self._view.show_neighbours(shown, note)

        self._document.read(neighbours.of_image, image_id, NEIGHBOURS, encoder, on_done=show)

    def _look_again(self) -> None:
        """The look-alikes as another encoder sees them."""
        if self._selection.current is not None and self.is_settled:
            self._read_neighbours(self._selection.current)


def describe_marks(found: Standing, count: int) -> str:
    """What was said of ``count`` selected images; empty where nothing was."""
    group = f"in a group of {found.group}" if found.group > 2 else ""
    if count == 2:
        words = PAIR_WORDS.get(found.verdict or "", "Not marked yet: D, S or X")
        return f"{words}, {group}" if group else words
    if count > 2:
        return f"All in one group of {found.group}" if found.group else ""
    prepositions = {"duplicate": "of", "similar": "to", "different": "from", "unsure": "about"}
    parts = [
        f"{verdict} {word} {found.counts[verdict]}"
        for verdict, word in prepositions.items()
        if verdict in found.counts
    ]
    return ", ".join([*parts, *([group] if group else [])]).capitalize()
