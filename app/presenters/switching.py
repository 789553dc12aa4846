"""Which encoders the catalogue has vectors of, and looking through another of them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models import encoder_titles
from app.presenters.reading import Reading
from core.changes import Changes
from core.operations import embeddings, updates, words

if TYPE_CHECKING:
    from core.project import Project

FOLLOWED = Changes.EMBEDDINGS | Changes.SETTINGS


@dataclass(frozen=True)
class Embedded:
    """An encoder that the catalogue has vectors of."""

    name: str
    title: str
    rows: int
    dim: int
    precision: str
    is_default: bool
    has_words: bool
    stands_in: str = ""  # the title of the encoder whose vectors stand in for what is missing


def load_embedded(project: "Project") -> list[Embedded]:
    """Those that can be looked through: one of random weights finds nothing that is alike."""
    update = updates.state(project)
    to, by = (update.encoder, encoder_titles.title(update.old)) if update is not None else ("", "")
    every = embeddings.list_embeddings(project)
    newest = {one.encoder: one for one in every if one.rows or one.encoder == to}
    return [
        Embedded(
            one.encoder,
            encoder_titles.title(one.encoder),
            one.rows,
            one.dim,
            one.precision,
            one.is_default,
            words.knows(project, one.encoder),
            by if one.encoder == to else "",
        )
        for one in newest.values()
        if not encoder_titles.is_random(one.encoder)
    ]


class SwitchingPresenter(QObject):
    """Keeps the list, and the document on an encoder that is in it."""

    listed = Signal()  # the list changed, or which of it is looked through

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self.choices: list[Embedded] = []
        self._reading = Reading(document, load_embedded, self._show)
        document.changed.connect(self._follow)
        document.encoder_changed.connect(self.listed)
        self._reading.ask()

    @property
    def active(self) -> str:
        """The name of the encoder that is looked through; empty where there is none yet."""
        if self._document.encoder is not None:
            return self._document.encoder
        return next((one.name for one in self.choices if one.is_default), "")

    @property
    def short_title(self) -> str:
        """What the status bar calls it; empty where nothing is embedded yet."""
        return encoder_titles.split(self.active)[0] if self.active else ""

    @property
    def can_switch(self) -> bool:
        return any(one.name != self.active for one in self.choices)

    def switch_to(self, name: str) -> None:
        """Look through this one; what is stored of it shows at once."""
        if name != self.active and any(one.name == name for one in self.choices):
            self._document.switch_to(name)

    def switch_on(self) -> None:
        """To the next of the list, and after the last to the first."""
        names = [one.name for one in self.choices]
        if self.can_switch:
            place = names.index(self.active) if self.active in names else -1
            self.switch_to(names[(place + 1) % len(names)])
            chosen = next(one for one in self.choices if one.name == self.active)
            self._document.say(f"In use now: {chosen.title}", "quiet")

    def _follow(self, changes: Changes) -> None:
        if changes & FOLLOWED:
            self._reading.ask()

    def _show(self, found: list[Embedded]) -> None:
        self.choices = found
        if self._document.encoder not in (None, *(one.name for one in found)):
            self._document.switch_to(None)  # its vectors are gone
        self.listed.emit()
