"""Feeds the page of encoders: what there is, what is embedded, and what the user wants done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models import encoder_titles
from app.models.encoder_cards import CardState, Overview
from app.models.encoder_rows import EncoderTable, table_of
from app.presenters.checkpoint import CheckpointPresenter
from app.presenters.encoder_facts import Known, card, list_card
from app.presenters.encoder_jobs import EncoderJobs
from app.presenters.reading import Reading
from app.presenters.switching import SwitchingPresenter
from app.views.encoders import EncodersView
from core.changes import Changes
from core.encoders.weights import records
from core.errors import EncoderError
from core.jobs import Job
from core.operations import coverage, encoders, machine, weights
from core.operations.coverage import Coverage
from core.operations.encoders import EncoderEntry

if TYPE_CHECKING:
    from core.project import Project

FOLLOWED = Changes.EMBEDDINGS | Changes.IMAGES | Changes.SETTINGS


@dataclass(frozen=True, eq=False)
class Listed:
    """All encoders there are, and what is known of this machine."""

    table: EncoderTable
    order: tuple[str, ...]  # those to begin with, smallest first
    parts: dict[str, tuple[int, int]]  # bytes there and in all, of downloads not ended
    folder: str
    is_tried: bool


@dataclass(frozen=True, eq=False)
class Here:
    """What this catalogue has of them."""

    coverage: Coverage
    devices: dict[str, str]


class EncodersPresenter(QObject):
    """Binds the page to a document. Reads nothing before the page is shown."""

    copied = Signal(str)

    def __init__(
        self,
        document: Document,
        switching: SwitchingPresenter,
        view: EncodersView,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._switching, self._view = document, switching, view
        self.jobs = EncoderJobs(document, self)
        self._listed: Listed | None = None
        self._here = Here(Coverage(0, {}), {})
        self._order: list[str] = []
        self._is_trying = False
        self._reading = Reading(document, load_listed, self._take_listed)
        self._counting = Reading(document, load_here, self._take_here)
        self.checkpoints = CheckpointPresenter(document, view, self.jobs, self)
        document.changed.connect(self._follow)
        switching.listed.connect(self._show)
        self.jobs.changed.connect(self._show_one)
        self.jobs.installed.connect(lambda _: self.read())
        self.jobs.removed.connect(self.read)
        view.step_chosen.connect(self.take_step)
        view.card_wanted.connect(self._show_card)

    def read(self, then: Callable[[], object] = lambda: None) -> None:
        """Read what there is, then call ``then``."""
        self._counting.ask()
        names = [one.name for one in self._switching.choices]
        if not self._view.isVisible():
            self._order = sorted(names, key=lambda name: name != self._switching.active)
        self._reading.ask(then)

    def open_checkpoint(self, path: Path) -> None:
        """Ask what a file with weights is of, and make an encoder of it."""
        self.read(lambda: self.checkpoints.begin(path, self._architectures()))

    def _architectures(self) -> list[str]:
        found = self._listed
        return [one.name for one in found.table.rows if one.is_random] if found else []

    # -- what the user wants

    def take_step(self, name: str, key: str) -> None:
        """Do what was chosen on a card."""
        steps: dict[str, Callable[[str], object]] = {
            "install": self.jobs.install,
            "again-install": self.jobs.install,
            "allow": lambda one: self.jobs.install(one, allow_pickle=True),
            "embed": self.jobs.embed,
            "again-embed": self.jobs.embed,
            "stop": self.jobs.stop,
            "leave": self.jobs.leave,
            "switch": self._switching.switch_to,
            "default": self._make_default,
            "forget": self._forget,
            "remove-weights": self.jobs.remove_weights,
            "copy": self.copied.emit,
        }
        steps[key](name)

    def _make_default(self, name: str) -> None:
        title = encoder_titles.title(name)

        def done(_: Changes) -> None:
            self._document.say(
                f"{title} is the default now; new images get no vector from it."
                if encoder_titles.is_given(name)
                else f"{title} is what new images are embedded with, from now on."
            )
            self._document.switch_to(name)

        self._document.edit(f"Making {title} the default", encoders.set_default, name, on_done=done)

    def _forget(self, name: str) -> None:
        title = encoder_titles.title(name)
        self._document.edit(
            f"Removing the vectors of {title}",
            coverage.forget,
            name,
            on_done=lambda _: self._document.say(
                f"The vectors of {title} are gone; "
                + (
                    "their file brings them back."
                    if encoder_titles.is_given(name)
                    else "embedding makes them again."
                )
            ),
        )

    # -- what is shown

    def _follow(self, changes: Changes) -> None:
        if changes & FOLLOWED and self._view.isVisible():
            self._counting.ask()

    def _take_listed(self, found: Listed) -> None:
        self._listed = found
        self._view.checkpoint.set_known(self._architectures())
        self._show()
        if not found.is_tried and not self._is_trying and not self._document.is_computing:
            self._try_machine()

    def _take_here(self, found: Here) -> None:
        self._here = found
        self._show()

    def _try_machine(self) -> None:
        """A second of work tells how fast every encoder would be."""
        self._is_trying = True

        def work(project: "Project", job: Job) -> None:
            machine.try_out(job)

        self._document.compute("Trying this machine", work, on_ended=self._reading.ask)

    def _known(self) -> Known:
        found = self._listed
        return Known(
            coverage=self._here.coverage,
            embedded={one.name: one for one in self._switching.choices},
            active=self._switching.active,
            devices=self._here.devices,
            parts=found.parts if found else {},
            is_writable=self._document.is_writable,
        )

    def _row(self, name: str) -> EncoderEntry | None:
        return self._listed.table.find(name) if self._listed is not None else None

    def _card(self, name: str) -> CardState:
        return card(name, self._row(name), self._known(), self.jobs.doing.get(name))

    def _show(self) -> None:
        found = self._listed
        if found is None or not self._document.is_open:
            return
        # Only when the page opens does the one in use come first: a card that is clicked stays.
        place = {name: number for number, name in enumerate(self._order)}
        here = [one.name for one in self._switching.choices]
        here.sort(key=lambda name: place.get(name, len(place)))
        few = [name for name in found.order if name not in here]
        others = [
            *(one.name for one in found.table.rows if one.is_installed),
            *found.parts,
            *self.jobs.doing,
        ]
        shown = {*here, *few}
        installed = [one for one in dict.fromkeys(others) if one not in shown]
        self._view.show_overview(
            Overview(
                here=tuple(map(self._card, here)),
                installed=tuple(map(self._card, installed)),
                recommended=tuple(map(self._card, few)),
                count=len(found.table.rows),
                folder=found.folder,
                is_writable=self._document.is_writable,
            )
        )
        states = {one.name: "In this catalogue" for one in self._switching.choices}
        if self._switching.active:
            states[self._switching.active] = "In use"
        self._view.show_list(found.table, states)

    def _show_one(self, name: str) -> None:
        """Only one changed, perhaps many times a second."""
        card_there = self._view.find_card(name)
        if card_there is None or name not in self.jobs.doing:
            self._show()
            return
        card_there.show_state(self._card(name))
        if self._view.list.current == name:
            self._show_card(name)

    def _show_card(self, name: str) -> None:
        if not name or self._listed is None:
            self._view.show_card(None)
            return
        row = self._row(name)
        if row is None:  # none of the list, but perhaps one of the hub's by its name
            try:
                row = encoders.describe(name)
            except EncoderError:
                self._view.show_card(None)
                return
        doing = self.jobs.doing.get(name)
        self._view.show_card(list_card(name, row, self._known(), doing))


def load_listed(project: "Project") -> Listed:
    """Everything that does not depend on the catalogue; runs in a lane."""
    rows = encoders.list_encoders()
    few = [one for one in rows if one.group]
    return Listed(
        table_of(rows),
        tuple(one.name for one in few),
        records.unfinished(),
        str(weights.folder()),
        machine.is_tried(),
    )


def load_here(project: "Project") -> Here:
    """How much of the catalogue each encoder has seen; runs in a lane."""
    found = coverage.count(project)
    devices = {}
    for name in found.seen:
        loaded = project.kept(f"encoder:{name}")
        device, precision = getattr(loaded, "device", ""), getattr(loaded, "precision", "")
        if device and precision:
            devices[name] = f"{device.upper()}, {precision}"
    return Here(found, devices)
