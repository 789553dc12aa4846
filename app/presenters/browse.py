"""What the grid lists: filters, order and searches, and the chips that tell of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from app.document import Document
from app.models import listing
from app.models.listing import EMPTY, Listing
from app.presenters.reading import Reading
from app.views.search import ChipSpec
from core.catalogue.filters import Filter, Sort, SortKey
from core.catalogue.records import Facets
from core.changes import Changes
from core.operations import images, search

if TYPE_CHECKING:
    from core.operations.neighbours import Hit
    from core.project import Project

RESULTS = 200  # of a search by image
RANKED = 1000  # sorted by similarity before the rest follows by name
LISTED = Changes.IMAGES | Changes.SOURCES | Changes.CLASSES | Changes.TAGS | Changes.UNREADABLE
KIND_FIELDS = {
    "class": "classes",
    "tag": "tags",
    "source": "sources",
    "format": "formats",
    "size": "sizes",
    "date": "dates",
}
STATE_NAMES = {"missing": "Missing images", "removed": "Images taken out"}


@dataclass(frozen=True, eq=False)
class Query:
    """A search by image or words: how to ask, and what it found. ``words`` is what was typed."""

    name: str
    picture: QPixmap | None
    ask: "Callable[[Project, Filter], list[Hit]]"
    words: str = ""
    ranked: NDArray[np.int64] | None = None
    scores: NDArray[np.float32] | None = None

    @property
    def title(self) -> str:
        """What is looked for."""
        return f"Pictures of {self.name}" if self.words else f"Like {self.name}"


class BrowsePresenter(QObject):
    """Keeps filter, order and query, and lists anew when one of them or the catalogue changes."""

    listed = Signal(object, bool)  # Listing, whether the place in the grid is kept
    asked = Signal()  # filter, order, query or facets changed
    nothing_found = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.filter = Filter()
        self.sort = Sort()
        self.by_similarity = False
        self.query: Query | None = None
        self.listing: Listing = EMPTY
        self.facets = Facets([], [], [], [], [], [], [])
        self._unanswered = ""  # words that could not be searched for; to be typed over, not again
        self._similar: Query | None = None  # the query behind the order by similarity
        self._similar_to: list[int] = []
        self._is_loading = False
        self._is_stale = False
        self._keeps_place = True
        self._facets = Reading(document, images.facets, self._show_facets)
        document.changed.connect(self._follow)
        document.encoder_changed.connect(self._ask_again)

    # -- what the user asks

    def set_text(self, text: str) -> None:
        """Words that the name or folder holds; they take the place of words for what pictures show."""
        self._unanswered = ""
        if self.query is not None and self.query.words:
            self.query, self.filter = None, replace(self.filter, text=text)
            self._reload(keeps_place=False)
            return
        self._set_filter(replace(self.filter, text=text))

    @property
    def typed(self) -> str:
        """What the search field is to show."""
        return (self.query.words if self.query is not None else "") or (
            self.filter.text or self._unanswered
        )

    def set_value(self, kind: str, value: Any, is_on: bool) -> None:
        """Let a class, tag, source, format, size or date through; several of a kind are alternatives.

        The kind ``state`` shows what is missing or was taken out instead of what is there.
        """
        if kind == "state":
            self._set_filter(replace(self.filter, state=value if is_on else "present"))
            return
        field = KIND_FIELDS[kind]
        old = getattr(self.filter, field)
        new = old | {value} if is_on else old - {value}
        self._set_filter(replace(self.filter, **{field: new}))

    def clear(self) -> None:
        """Everything again: no filter, no search."""
        self._unanswered = ""
        self.query, self.filter = None, Filter()
        self._reload(keeps_place=False)

    def set_sort(self, key: str, descending: bool) -> None:
        """Order by name, date, size, class or path, or by similarity to the selection."""
        self.by_similarity = key == "similarity"
        if self.by_similarity:
            self._ask_similar([int(one) for one in self.document.selection.ids[:1000]])
            return
        names: dict[str, SortKey] = {k: k for k in ("path", "name", "date", "size", "class")}
        self.sort = Sort(names[key], descending)
        self._similar = None
        self._reload(keeps_place=False)

    def search_files(self, path: Path, picture: QPixmap | None = None) -> None:
        """Images like a file."""

        def ask(project: "Project", wanted: Filter) -> "list[Hit]":
            return search.similar_to_files(
                project, [path], k=RESULTS, encoder=self.document.encoder, wanted=wanted
            )

        self.ask(Query(path.name, picture, ask))

    def search_picture(self, image: QImage, name: str = "pasted image") -> None:
        """Images like these pixels."""
        rgb = to_rgb(image)

        def ask(project: "Project", wanted: Filter) -> "list[Hit]":
            return search.similar_to_picture(
                project, rgb, k=RESULTS, encoder=self.document.encoder, wanted=wanted
            )

        self.ask(Query(name, QPixmap.fromImage(small(image)), ask))

    def search_selection(self, name: str = "") -> None:
        """Images like those selected."""
        ids = [int(one) for one in self.document.selection.ids[:1000]]
        if not ids:
            return

        def ask(project: "Project", wanted: Filter) -> "list[Hit]":
            return search.similar_to_images(
                project, ids, k=RESULTS, encoder=self.document.encoder, wanted=wanted
            )

        self.ask(Query(name or f"{len(ids)} images", None, ask))

    def remove_chip(self, key: tuple[str, Any]) -> None:
        """Take back what a chip stands for."""
        kind, value = key
        if kind == "query":
            self.query = None
            self._reload(keeps_place=False)
        elif kind == "text":
            self.set_text("")
        else:
            self.set_value(kind, value, False)

    def chips(self) -> list[ChipSpec]:
        """A chip for the search and for each value filtered by."""
        specs = []
        if self.query is not None:
            specs.append(ChipSpec(("query", None), self.query.title, self.query.picture))
        if self.filter.text:
            specs.append(ChipSpec(("text", None), f"“{self.filter.text}”"))
        if self.filter.state != "present":
            state = self.filter.state
            specs.append(ChipSpec(("state", state), STATE_NAMES[state]))
        facets = self.facets
        names = {one.value: one.name for one in (*facets.sources, *facets.sizes, *facets.years)}
        for kind, field in KIND_FIELDS.items():
            for value in sorted(getattr(self.filter, field), key=str):
                name = names.get(value, str(value))
                specs.append(ChipSpec((kind, value), f"{kind.capitalize()}: {name or '(none)'}"))
        return specs

    def chosen(self) -> dict[str, frozenset[object]]:
        """The values filtered by, by kind."""
        chosen = {kind: getattr(self.filter, field) for kind, field in KIND_FIELDS.items()}
        return {**chosen, "state": frozenset({self.filter.state})}

    @property
    def is_narrowed(self) -> bool:
        """Whether fewer than all images are asked for."""
        return not self.filter.is_empty or self.query is not None

    def forget(self) -> None:
        """Let go of what was listed: the document closes."""
        self.listing, self.query, self._similar = EMPTY, None, None

    # -- listing

    def reload(self) -> None:
        """List, and count what can be filtered by."""
        self._reload(keeps_place=True)
        self._facets.ask()

    def _set_filter(self, wanted: Filter) -> None:
        if wanted == self.filter and self.query is None:
            self.asked.emit()
            return
        self.filter = wanted
        if self.query is not None:
            self.ask(self.query)  # the best of what the filter lets through, not the rest of it
        else:
            self._reload(keeps_place=False)

    def _follow(self, changes: Changes) -> None:
        if changes & LISTED:
            self.reload()

    def _reload(self, *, keeps_place: bool) -> None:
        self.asked.emit()
        self._keeps_place = keeps_place and self._keeps_place
        if self._is_loading:
            self._is_stale = True  # one at a time: an import asks faster than a list is made
            return
        self._is_loading = True
        query = self.query or self._similar
        rest = self.sort if self.query is None and self._similar is not None else None
        if query is not None and query.ranked is not None:
            args = (query.ranked, query.scores, self.filter, rest)
            self.document.read(listing.load_ranked, *args, on_done=self._show, on_ended=self._ended)
        else:
            self.document.read(
                listing.load, self.filter, self.sort, on_done=self._show, on_ended=self._ended
            )

    def _show(self, found: Listing) -> None:
        if not self._is_stale or len(self.listing) == 0:
            keeps_place, self._keeps_place = self._keeps_place, True
            self.listing = found
            self.listed.emit(found, keeps_place)

    def _ended(self) -> None:
        self._is_loading = False
        if self._is_stale:
            self._is_stale = False
            self._reload(keeps_place=self._keeps_place)

    def ask(self, query: Query) -> None:
        """Search; what was listed stays until the answer is there."""
        self._unanswered = ""
        if query.words:  # they stood for a name until now
            self.filter = replace(self.filter, text="")
        self.query = replace(query, ranked=None, scores=None)
        self.asked.emit()
        asked = self.query

        def take(hits: "list[Hit]") -> None:
            if self.query is not asked:
                return  # another search came after it
            self.query = _with_hits(asked, hits)
            self._reload(keeps_place=False)
            if not hits:
                self.nothing_found.emit(f"“{asked.name}”" if asked.words else asked.name)

        def fail(error: BaseException) -> None:
            if self.query is asked:
                self.query, self._unanswered = None, asked.words
                self._reload(keeps_place=True)
            self.document.report(error)

        self.document.query(
            _doing(asked),
            asked.ask,
            self.filter,
            on_done=take,
            on_failed=fail,
        )

    def _ask_again(self) -> None:
        """What was asked, of another encoder."""
        if self.query is not None:
            self.ask(self.query)
        if self._similar is not None and self.by_similarity:
            self._ask_similar(self._similar_to)

    def _ask_similar(self, ids: list[int]) -> None:
        """Order by similarity to these images."""
        encoder = self.document.encoder
        if not ids:
            self.by_similarity = False
            self.nothing_found.emit("")
            self.asked.emit()
            return

        def ask(project: "Project") -> "list[Hit]":
            return search.similar_to_images(project, ids, k=RANKED, encoder=encoder)

        def take(hits: "list[Hit]") -> None:
            if not self.by_similarity or self.document.encoder != encoder:
                return
            self._similar_to = ids
            query = Query("the selection", None, lambda project, wanted: [])
            own = np.asarray(ids, dtype=np.int64)
            ranked = _with_hits(query, hits)
            assert ranked.ranked is not None and ranked.scores is not None
            self._similar = replace(
                ranked,
                ranked=np.concatenate([own, ranked.ranked]),
                scores=np.concatenate([np.ones(len(own), np.float32), ranked.scores]),
            )
            self.query = None
            self._reload(keeps_place=False)

        def fail(error: BaseException) -> None:
            self.by_similarity = False
            self.asked.emit()
            self.document.report(error)

        self.document.query("Sorting by similarity", ask, on_done=take, on_failed=fail)

    def _show_facets(self, facets: Facets) -> None:
        self.facets = facets
        self.asked.emit()


def _doing(query: Query) -> str:
    what = "pictures of" if query.words else "images like"
    return f"Searching for {what} {query.name}"


def _with_hits(query: Query, hits: "list[Hit]") -> Query:
    count = len(hits)
    ranked = np.fromiter((hit.image_id for hit in hits), dtype=np.int64, count=count)
    scores = np.fromiter((hit.score for hit in hits), dtype=np.float32, count=count)
    return replace(query, ranked=ranked, scores=scores)


def to_rgb(image: QImage) -> NDArray[np.uint8]:
    """The pixels as uint8 [h, w, 3]; at most 1024 a side, more tells nothing."""
    if max(image.width(), image.height()) > 1024:
        image = image.scaled(
            1024,
            1024,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), dtype=np.uint8)
    lines = lines.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    # A copy: the bytes belong to the image, which ends here.
    return np.array(lines.reshape(image.height(), image.width(), 3))


def small(image: QImage) -> QImage:
    """A stamp of the picture for its chip."""
    return image.scaled(
        18, 18, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
