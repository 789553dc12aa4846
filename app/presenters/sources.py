"""Feeds the page of sources, and says when one of them is not where it was."""

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.presenters.importing import Importing
from app.presenters.reading import Reading
from app.views.sources import SourcesView
from app.widgets import text
from core.catalogue.records import Source
from core.changes import Changes
from core.operations import sources
from core.operations.sources import RebindPreview

SHOWN = Changes.SOURCES | Changes.IMAGES | Changes.UNREADABLE


class SourcesPresenter(QObject):
    """Binds the page to a document."""

    page_wanted = Signal()
    placed = Signal(str)  # where the images lie, for people
    move_wanted = Signal(object)  # Source; a new place is to be picked

    def __init__(
        self, document: Document, importing: Importing, view: SourcesView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._importing, self._view = document, importing, view
        self._reading = Reading(document, sources.list_sources, self._show)
        document.changed.connect(self._follow)
        importing.absent.connect(self._say_absent)
        view.look_wanted.connect(lambda source: importing.look_again([source.raw_path]))
        view.look_all_wanted.connect(lambda: importing.look_again())
        view.watch_toggled.connect(self.set_watched)
        view.move_wanted.connect(self.move_wanted)
        view.rebind_confirmed.connect(self.rebind)
        view.remove_confirmed.connect(self.remove)

    def read(self, then: Callable[[], object] = lambda: None) -> None:
        """Read the sources, then call ``then``."""
        self._reading.ask(then)

    def _show(self, found: list[Source]) -> None:
        self._view.show_sources(found, is_writable=self._document.is_writable)
        self._say_place(found)

    def look_for_absent(self) -> None:
        """Say in the banner which folders are not there; for when a catalogue is opened."""

        def take(found: list[Source]) -> None:
            self._say_place(found)
            self._say_absent(found)

        self._document.read(sources.list_sources, on_done=take)

    def set_watched(self, source: Source, is_watched: bool) -> None:
        """Let new files of a source appear by themselves, or no longer."""
        self._document.edit("Watching", sources.set_watched, source.id, is_watched)

    def preview(self, source: Source, place: Path) -> None:
        """See what of a source lies at another place, and ask whether it is to be re-bound."""

        def ask(found: RebindPreview) -> None:
            is_likely = found.found + found.changed > found.missing
            self._view.ask_rebind(
                source, place, describe_preview(found), found.examples, is_likely=is_likely
            )

        def begin() -> None:
            self.page_wanted.emit()
            self._document.query(
                f"Looking for the files of {source.name}",
                sources.preview_rebind,
                _path_of(source),
                place,
                on_done=ask,
            )

        self.read(begin)

    def rebind(self, source: Source, place: Path) -> None:
        """The source lies at the new place from now on; what changed there is read at once."""

        def tell(changes: Changes) -> None:
            self._document.say(f"{source.name} lies at {place} now.")
            self._importing.look_again([os.fsencode(place)], quietly=True)

        self._document.edit(
            f"Re-binding {source.name}", sources.rebind, _path_of(source), place, on_done=tell
        )

    def remove(self, source: Source) -> None:
        """Forget a source; its files stay."""

        def tell(changes: Changes) -> None:
            self._document.say(
                f"{source.name} was removed from the catalogue. Its files stay at {source.path}."
            )

        self._document.edit(
            f"Removing {source.name}", sources.remove, _path_of(source), on_done=tell
        )

    def _say_place(self, found: list[Source]) -> None:
        if found:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            self.placed.emit(f"{found[0].path}{more}")

    def _say_absent(self, found: list[Source]) -> None:
        absent = [one for one in found if not one.is_present]
        if not absent:
            return
        images = text.plural(sum(one.images for one in absent), "image")
        if len(absent) > 1:
            self._document.say(
                f"{len(absent)} folders are not there, so their {images} cannot be opened.",
                "warning",
                ("Show the sources", self.page_wanted.emit),
                ("Leave", lambda: None),
            )
            return
        source = absent[0]
        choices = [("It has moved…", lambda: self.move_wanted.emit(source))]
        self._document.say(
            f"The folder {source.path} is not there, so its {images} cannot be opened.",
            "warning",
            *(choices if self._document.is_writable else []),
            ("Leave", lambda: None),
        )

    def _follow(self, changes: Changes) -> None:
        is_shown = bool(changes & SHOWN) and self._view.isVisible()
        if is_shown or changes & Changes.SOURCES:
            self.read()


def describe_preview(found: RebindPreview) -> str:
    """What a preview found, in a sentence."""
    if not found.looked_at:
        return "No image of it is known yet, so there is nothing to compare."
    if not found.found and not found.changed:
        return "None of the known files lie there. It is probably not the right folder."
    lie = f"{text.number(found.found)} of {text.plural(found.looked_at, 'file')} lie there"
    parts = [f"{lie} as they were" if found.changed or found.missing else lie]
    if found.changed:
        parts.append(f"{text.plural(found.changed, 'has', 'have')} changed")
    if found.missing:
        parts.append(f"{text.plural(found.missing, 'is', 'are')} missing")
    words = ", ".join(parts) + "."
    if found.looked_at < found.images:
        words += f" (A sample: the folder has {text.number(found.images)}.)"
    return words


def _path_of(source: Source) -> Path:
    return Path(os.fsdecode(source.raw_path))
