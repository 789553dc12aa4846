"""Feeds the page Export: what there is, what is chosen of it, and the exports so far."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app.document import Document
from app.models import encoder_titles
from app.models.export_choice import ExportChoice
from app.models.export_kinds import kind_rows
from app.models.export_past import PastRow
from app.models.layout_choices import title as layout_title
from app.presenters import export_facts as facts
from app.presenters.browse import BrowsePresenter
from app.presenters.export_preview import ExportPreview
from app.presenters.export_writing import ExportWriting
from app.presenters.reading import Reading
from app.views.export.view import ExportView
from app.widgets import text
from core.catalogue.filters import filter_expression
from core.changes import Changes
from core.errors import UsageError
from core.jobs import Job
from core.operations import export_standing, neighbours
from core.operations.export_standing import Standing
from core.operations.exports import Past, Request

if TYPE_CHECKING:
    from core.project import Project

FOLLOWED = (
    Changes.IMAGES | Changes.EMBEDDINGS | Changes.NEIGHBOURS | Changes.LAYOUTS | Changes.PAIRS
    | Changes.TAGS | Changes.CLASSES | Changes.SPLITS | Changes.RUNS | Changes.LINKS | Changes.SETTINGS
)  # fmt: skip
SETTLE_MS = 100


class ExportPresenter(QObject):
    """Binds the page to a document. Nothing is read before the page is shown."""

    page_wanted = Signal()
    remedy_wanted = Signal(str)  # what makes what is lacking
    remembered = Signal(str, object)  # the folder last written to, what was chosen by kind
    shown = Signal(object)  # Path, in the file manager

    def __init__(
        self, document: Document, browse: BrowsePresenter, view: ExportView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._view = document, browse, view
        self.choice = ExportChoice()
        self.standing: Standing | None = None
        self.past: list[Past] = []
        self._is_placed = False
        self.writing = ExportWriting(document, view.foot, self.choice, self.request, self)
        self.previewing = ExportPreview(document, view, self.request, self.writing.look, self)
        self.writing.preview = self.previewing
        self._reading: Reading[tuple[str | None, Standing]] = Reading(
            document, self._load, self._take
        )
        self._past: Reading[list[tuple[Past, PastRow]]] = Reading(
            document, facts.load_past, self._take_past
        )
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._images_changed)
        form = view.form
        view.kinds.picked.connect(self.choose_kind)
        form.format_chosen.connect(self.choose_format)
        form.images_chosen.connect(self.choose_images)
        form.encoder_chosen.connect(self.choose_encoder)
        form.option_chosen.connect(self.choose_option)
        form.remedy_wanted.connect(self.remedy_wanted)
        view.past.again_wanted.connect(self.again)
        view.past.show_wanted.connect(lambda at: self.shown.emit(Path(self.past[at].out)))
        view.foot.command_copied.connect(self._copy)
        self.writing.shown.connect(self.shown)
        self.writing.placed.connect(lambda folder: self.remembered.emit(folder, self.choice.kept))
        document.changed.connect(self._follow)
        document.encoder_changed.connect(self._look_through)
        document.selection.changed.connect(lambda _: self._settle.start())
        browse.listed.connect(lambda *_: self._settle.start())

    # -- what is asked for

    def request(self) -> Request:
        """What is chosen now."""
        filter_text, image_ids = self._images()
        return self.choice.request(self.writing.out, filter_text, image_ids)

    def _images(self) -> tuple[str, NDArray[np.int64] | None]:
        """(a filter, or else ids) of the images that are chosen; neither is all of them."""
        match self.choice.images:
            case "selected":
                return "", self._document.selection.ids
            case "shown":
                words = filter_expression(self._browse.filter)
                if words is not None and self._browse.query is None:
                    return words, None
                return "", self._browse.listing.sorted_ids
            case "before":
                return self.choice.filter_before, None
        return "", None

    def remember(self, folder: str, kept: object) -> None:
        """What was chosen the last time."""
        if folder:
            self.writing.folder = Path(folder)
        self.choice.remember(kept)

    # -- the page

    def begin(self) -> None:
        """The page is shown."""
        if not self._is_placed:
            self._is_placed = True
            self.choice.encoder = self._document.encoder
            self._show_kind()
            self.writing.suggest(self._catalogue)
        self._show()
        self._look_through_choice()
        self._past.ask()
        self._ask()

    def show_selected(self) -> None:
        """The page, for the images that are selected now."""
        if len(self._document.selection):
            self.choice.images = "selected"
        if not self.choice.what.has_images:
            self.choose_kind("embeddings")
        self.page_wanted.emit()

    def show_kind(self, name: str, **options: str) -> None:
        """The page, for this kind of thing with these options."""
        self.choice.choose_kind(name)
        for key, value in options.items():
            self.choice.choose_option(key, value)
        self._is_placed = False
        self.page_wanted.emit()

    @property
    def _catalogue(self) -> str:
        return text.readable_name(str(self._document.project.path))

    # -- what a person chooses

    def choose_kind(self, name: str) -> None:
        self.choice.choose_kind(name)
        self._show_kind()
        self.writing.suggest(self._catalogue)
        self._ask()

    def choose_format(self, name: str) -> None:
        before = self.choice.format
        self.choice.choose_format(name)
        self._show_kind()
        self.writing.suggest(self._catalogue, before)
        self._ask()

    def choose_option(self, name: str, value: str) -> None:
        self.choice.choose_option(name, value)
        self._show_kind()
        self._ask()

    def choose_images(self, which: str) -> None:
        self.choice.images = which
        self._show_images()
        self._ask()

    def choose_encoder(self, name: str) -> None:
        """None is the catalogue's default, so that the call stays short."""
        known = self.standing.encoders if self.standing is not None else ()
        is_default = any(one.encoder == name and one.is_default for one in known)
        self.choice.encoder = None if is_default else name
        self._look_through_choice()
        self._ask()

    def _look_through_choice(self) -> None:
        """Another encoder has other layouts: until what there is of it has come, what is chosen stays as it is."""
        self.choice.known = {}
        self._reading.ask()

    def _ask(self) -> None:
        self.previewing.ask()
        self.writing.ask()

    # -- what is shown

    def _load(self, project: "Project") -> tuple[str | None, Standing]:
        encoder = self.choice.encoder
        return encoder, export_standing.standing(project, encoder)

    def _take(self, found: tuple[str | None, Standing]) -> None:
        encoder, standing = found
        if encoder != self.choice.encoder:
            return  # that of the one chosen since is on its way
        self.standing, before = standing, self._values()
        self.choice.known = {name: [one for one, _ in rows] for name, rows in self._known().items()}
        self._show()
        if self._values() != before:  # such as a layout that another encoder has
            self._ask()
        self.writing.tell()

    def _values(self) -> dict[str, str]:
        return {one.name: self.choice.value(one) for one in self.choice.fields}

    def _show(self) -> None:
        self._show_kind()
        self._show_images()

    def _show_kind(self) -> None:
        facets, view, standing = self._browse.facets, self._view, self.standing
        rows = kind_rows(standing, len(facets.classes), len(facets.tags))
        view.kinds.show_kinds(rows, self.choice.name)
        kind = self.choice.what
        row = next(one for one in rows if one.key == kind.name)
        view.form.show_kind(row, kind, self.choice.format)
        if standing is not None:
            shown = [(one.encoder, encoder_titles.title(one.encoder)) for one in standing.encoders]
            now = standing.embedding.encoder if standing.embedding is not None else ""
            view.form.show_encoders(shown, now)
        view.form.show_options(self.choice.fields, self._values(), self._known())

    def _known(self) -> dict[str, list[tuple[str, str]]]:
        """Values of options that only the catalogue knows; the first is what is meant where nothing is chosen."""
        now = self.standing
        layouts, splits, runs = (now.layouts, now.splits, now.runs) if now else ((), (), ())
        return {
            "layout": [("", "The current one"), *((one, layout_title(one)) for one in layouts)],
            "split": [("", "The one that came with labels"), *((one, one) for one in splits)],
            "run": [("", "The newest that is in use"), *((one, one) for one in runs)],
        }

    def _show_images(self) -> None:
        choice, browse, selection = self.choice, self._browse, self._document.selection
        counts = {
            "all": self.standing.images if self.standing is not None else -1,
            "shown": len(browse.listing) if browse.is_narrowed else None,
            "selected": len(selection) or None,
            "before": -1 if choice.filter_before else None,
        }
        if counts[choice.images] is None:
            choice.images = "all"
        sentence = {
            "all": "All of them. Filter or select in Explore to export fewer.",
            "shown": "What Explore shows now.",
            "selected": "The images that are selected in Explore.",
            "before": f"What this filter lets through: {choice.filter_before}",
        }[choice.images]
        filter_text, ids = self._images()
        if choice.images == "shown" and ids is None:
            sentence = f"What Explore shows now: {filter_text}"
        self._view.form.show_images(counts, choice.images, sentence)

    def _images_changed(self) -> None:
        """Another filter or selection; what is asked for is another only where it is of that."""
        if not self._view.isVisible():
            return
        is_of_them = self.choice.images in ("shown", "selected")
        self._show_images()
        if is_of_them:
            self._ask()

    # -- the exports so far

    def _take_past(self, found: list[tuple[Past, PastRow]]) -> None:
        self.past = [one for one, _ in found]
        self._view.past.show_rows([row for _, row in found])

    def again(self, at: int) -> None:
        """Fill the page as it was for an export of before."""
        one, choice = self.past[at], self.choice
        try:
            choice.choose_kind(one.what)
            choice.choose_format(one.format)
        except UsageError as error:  # another version wrote it
            self._document.report(error)
            return
        for option in choice.fields:
            choice.choose_option(option.name, one.options.get(option.name, option.usual))
        choice.encoder = one.encoder
        choice.filter_before = one.filter_text
        choice.images = "before" if one.filter_text else "all"
        if one.chosen_images is not None:
            choice.images = "selected" if len(self._document.selection) else "all"
        self._show()
        self.writing.take(Path(one.out))
        self._look_through_choice()
        self._ask()
        self._view.show_tab("preview")
        if one.chosen_images is not None:
            images = text.plural(one.chosen_images, "image")
            self._document.say(
                f"That export was of {images} chosen by hand: choose them again in Explore."
            )

    # -- following

    def build_neighbours(self) -> None:
        """Work out what the export of neighbours lacks."""
        encoder = self.choice.encoder

        def build(project: "Project", job: Job) -> Changes:
            return neighbours.build(project, encoder=encoder, job=job)

        self._document.compute("Neighbours", build, on_done=self._document.changed.emit)

    def _follow(self, changes: Changes) -> None:
        if not self._view.isVisible():
            return
        if changes & Changes.EXPORTS:
            self._past.ask()
        if changes & FOLLOWED:
            self._reading.ask()
            self.previewing.look_again()
            self.writing.look_again()

    def _look_through(self) -> None:
        self.choice.encoder = self._document.encoder
        if self._view.isVisible():
            self._look_through_choice()
            self._ask()

    def _copy(self, line: str) -> None:
        QApplication.clipboard().setText(line)
        self._document.say("The command is in the clipboard.", "quiet")

    def forget(self) -> None:
        """The document closes."""
        self.previewing.stop()
