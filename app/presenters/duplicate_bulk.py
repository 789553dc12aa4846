"""Opens the sheet on which many pairs are answered at once, and keeps what was checked in one step."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.models.bulk_rows import BulkCards, FolderPair
from app.models.thumbnails import Thumbnails
from app.presenters.duplicate_contradictions import Counted
from app.style.theme import Theme
from app.views.duplicates.bulk import BulkSheet
from app.widgets import text
from core.changes import Changes
from core.duplicates.records import Card
from core.operations import images, pairs, review, review_bulk, thresholds

if TYPE_CHECKING:
    from core.project import Project

MOST_FOLDERS = 20
LEAST = 0.5  # the lowest score that the sheet reaches down to, where nothing else is said
START = 0.95  # where it begins


class DuplicateBulk(QObject):
    """One sheet at a time."""

    contradictions_wanted = Signal()
    pairs_wanted = Signal(object, str)  # keys to be looked at closely, and what they are

    def __init__(self, document: Document, theme: Theme, page: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._theme, self._page = document, theme, page
        self._thumbnails = Thumbnails(128, memory_mb=48)
        self._thumbnails.bind(document)
        self.sheet: BulkSheet | None = None

    def open(self, group: tuple[int, ...] = ()) -> None:
        """The sheet, over the page: of all open pairs, or of those within these contents."""
        if not self._document.is_writable:
            return
        if self.sheet is not None:
            self.sheet.reject()
        sheet = BulkSheet(self._theme, self._thumbnails, _title(group), self._page)
        self.sheet = sheet
        sheet.accepted_pairs.connect(self._keep)
        sheet.opened.connect(self._look)
        sheet.finished.connect(lambda _: self._forget(sheet))
        sheet.open()

        def show(found: tuple[BulkCards, float]) -> None:
            if self.sheet is sheet:
                sheet.show_cards(*found)

        def fail(error: BaseException) -> None:
            sheet.reject()
            self._document.report(error)

        self._document.query("Open pairs", _load, group, on_done=show, on_failed=fail)

    def _keep(self, places: NDArray[np.int64]) -> None:
        sheet = self.sheet
        if sheet is None:
            return
        told = f"{text.plural(len(places), 'pair')} marked as duplicates."

        def done(changes: Changes) -> None:
            sheet.accept()
            mark.tell(self._document, told, self.contradictions_wanted.emit)

        def fail(error: BaseException) -> None:
            sheet.reject()
            self._document.report(error)

        mark = Counted(_mark)
        self._document.edit(
            "Marking pairs", mark, sheet.model.found, places, on_done=done, on_failed=fail
        )

    def _look(self, at: int) -> None:
        sheet = self.sheet
        if sheet is not None:
            key = sheet.model.card(at).key
            sheet.reject()
            self.pairs_wanted.emit([key], "A pair of the sheet")

    def _forget(self, sheet: BulkSheet) -> None:
        if self.sheet is sheet:
            self.sheet = None
        sheet.deleteLater()

    def forget(self) -> None:
        """The document closes."""
        if self.sheet is not None:
            self.sheet.reject()
        self._thumbnails.bind(None)


def _title(group: tuple[int, ...]) -> str:
    return "Open pairs of this group" if group else "Answer many pairs at once"


def _mark(project: "Project", found: BulkCards, places: NDArray[np.int64]) -> Changes:
    """Keep these pairs as duplicates, in one step of the undo history."""
    scores = found.scores[places].tolist()
    text_ = f"Mark {text.plural(len(places), 'pair')} as duplicates"
    return pairs.judge_many(project, found.keys(places), "duplicate", text_, scores=scores)


def _folders(
    project: "Project", cards: Sequence[Card]
) -> tuple[tuple[FolderPair, ...], NDArray[np.int32]]:
    """(the pairs of folders with the most cards, which of them each card lies in, int32 [n], -1 for none)."""
    sides = np.array([(one.a_image, one.b_image) for one in cards], dtype=np.int64).reshape(-1, 2)
    pairs_ = np.sort(review_bulk.folders_of(project, sides), axis=1)
    _, first, of, counts = np.unique(
        pairs_[:, 0] << 32 | pairs_[:, 1],
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    best = np.argsort(-counts, kind="stable")[:MOST_FOLDERS]
    place = np.full(len(counts), -1, dtype=np.int32)
    place[best] = np.arange(len(best), dtype=np.int32)
    shown = sides[first[best]]
    named = {one.id: one for one in images.describe(project, np.unique(shown).tolist())}
    found = []
    for (a, b), count in zip(shown.tolist(), counts[best].tolist(), strict=True):
        ends = sorted(named[one].folder if one in named else "" for one in (a, b))
        found.append(FolderPair(ends[0], ends[1], count))
    return tuple(found), place[of]


def _load(project: "Project", group: tuple[int, ...]) -> tuple[BulkCards, float]:
    """The open pairs, and the score from which on they are checked at first."""
    lowest = 0.0 if group else LEAST
    cards = review.bulk(project, lowest=lowest, group=group or None)
    found = BulkCards.of(cards, *_folders(project, cards))
    start = lowest if group else max(START, thresholds.threshold(project, "near"))
    return found, start if (found.scores >= start).any() else lowest
