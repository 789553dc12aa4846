"""Feeds the page Insight: looks when a tab is shown, carries out what is wanted, keeps what was found."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.models.insight import Doubt, Doubts, EmbeddingState, SplitState
from app.presenters import insight_facts
from app.presenters.looking import Looking
from app.presenters.reading import Reading
from app.selection import Ids
from app.views.insight.view import InsightView
from app.widgets import text
from core.catalogue.queries import ClassSource
from core.changes import Changes
from core.operations import classes, history, splits

if TYPE_CHECKING:
    from core.operations.splits import Leaks, Proposal

# What makes the tabs out of date; of these, some are few and far between, so that a tab on show follows at once.
STALE = Changes.IMAGES | Changes.NEIGHBOURS | Changes.CLASSES | Changes.SPLITS
AT_ONCE = Changes.NEIGHBOURS | Changes.CLASSES | Changes.SPLITS


class InsightPresenter(QObject):
    """Binds the page to a document."""

    explore_wanted = Signal()  # the selection, in the grid
    image_wanted = Signal(int)  # over the whole work area
    labels_wanted = Signal()  # a table is to be imported
    encoders_wanted = Signal()  # nothing has vectors yet
    changed = Signal()  # what actions depend on

    def __init__(self, document: Document, view: InsightView, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self._source: ClassSource | None = None
        self._split: str | None = None
        self._proposal: Proposal | None = None
        self._source_reading: Reading[ClassSource] = Reading(
            document, insight_facts.usual_source, self._take_source
        )
        self.looks = self._make_looks()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._look)
        view.show_writable(document.is_writable)
        view.tab_chosen.connect(self._turned)
        view.source_chosen.connect(self.choose_source)
        view.again_wanted.connect(self.look_again)
        view.labels.given.connect(self.give)
        view.labels.kept.connect(self.keep)
        view.splits.split_chosen.connect(self.choose_split)
        view.splits.saved.connect(self.save_split)
        view.splits.moved_wanted.connect(self._show_moved)
        for tab in (view.labels, view.splits):
            tab.selected.connect(self._select)
        for one in (view.labels, view.splits, view.classes, view.embedding):
            one.opened.connect(self.image_wanted)
        view.labels.list.selectionModel().selectionChanged.connect(lambda *_: self.changed.emit())
        document.changed.connect(self._follow)
        document.encoder_changed.connect(self._forget)

    def _make_looks(self) -> dict[str, Looking]:
        document, view = self._document, self._view
        measured = Looking(
            document,
            "Looking at the embedding",
            insight_facts.load_embedding,
            lambda: (self._source, document.encoder),
            self._show_embedding,
            (view.classes.stack, view.embedding.stack),
            self._look,
            self.encoders_wanted.emit,
        )
        return {
            "labels": Looking(
                document,
                "Looking at labels",
                insight_facts.load_doubts,
                lambda: (self._source, document.encoder),
                self._show_doubts,
                (view.labels.stack,),
                self._look,
                self.encoders_wanted.emit,
            ),
            "splits": Looking(
                document,
                "Looking for leaks",
                insight_facts.load_splits,
                lambda: (self._split, self._source),
                self._show_splits,
                (view.splits.stack,),
                self._look,
                self.encoders_wanted.emit,
            ),
            "classes": measured,
            "embedding": measured,
        }

    # -- looking

    def begin(self) -> None:
        """The page is shown: look at what its tab is about."""
        if self._source is None:
            self._source_reading.ask()
        else:
            self._look()

    def look_again(self) -> None:
        """Look anew at what the tab on show is about."""
        if self._source is not None:
            self.looks[self._view.tab].again()

    def choose_source(self, source: str) -> None:
        """Take classes from there."""
        if source != self._source:
            self._source = cast(ClassSource, source)
            self._forget()

    def choose_split(self, name: str) -> None:
        """Look at another split."""
        if name != self._split:
            self._split = name
            self.looks["splits"].again()

    def _take_source(self, source: ClassSource) -> None:
        if self._source is None:
            self._source = source
            self._view.show_source(source)
            self._look()

    def _turned(self, tab: str) -> None:
        self._look()
        self.changed.emit()

    def _look(self) -> None:
        if self._view.isVisible() and self._source is not None:
            self.looks[self._view.tab].ask()

    def _forget(self) -> None:
        for one in self.looks.values():
            if one.is_under_way:
                one.stop()
            one.forget()
        self._later.start()

    def _follow(self, changes: Changes) -> None:
        if not changes & STALE:
            return
        for one in self.looks.values():
            one.forget()
        if self._view.isVisible() and changes & AT_ONCE:
            # Not at once: an edit of this page says in the same breath that nothing else has changed.
            self._later.start()

    # -- labels

    def _show_doubts(self, doubts: Doubts) -> None:
        if doubts.rows:
            self._view.labels.show_doubts(doubts)
        else:
            self.looks["labels"].say(
                "No label looks wrong",
                f"The class of every image agrees with what is like it. {doubts.note}".strip(),
                ("Look again", self.looks["labels"].again),
            )
        self.changed.emit()

    def give(self, doubts: Sequence[Doubt]) -> None:
        """Give images the class that is suggested."""
        wanted = {one.picture.image_id: one.suggested for one in doubts}
        names = {one.suggested for one in doubts}
        count = text.plural(len(wanted), "image")
        into = f"put into {names.pop()}" if len(names) == 1 else "put into the suggested classes"
        stays = (
            "Its file stays where it is" if len(wanted) == 1 else "Their files stay where they are"
        )
        self._settle("Giving a class", f"{count} {into}. {stays}.", doubts, classes.give, wanted)

    def keep(self, doubts: Sequence[Doubt]) -> None:
        """The class of these images is right, for good."""
        ids = [one.picture.image_id for one in doubts]
        count = text.plural(len(ids), "image is", "images are")
        told = f"{count} in the right class. This is remembered."
        self._settle("Keeping a class", told, doubts, classes.keep, ids, self._source)

    def _settle(
        self,
        title: str,
        told: str,
        doubts: Sequence[Doubt],
        function: Callable[..., Changes],
        *args: object,
    ) -> None:
        """Carry out an edit of the rows, which are then settled: nothing else has changed in the list."""
        look = self.looks["labels"]
        was_fresh = look.is_fresh

        def done(changes: Changes) -> None:
            look.is_fresh = was_fresh
            self._view.labels.drop({one.picture.image_id for one in doubts})
            if changes:
                self._document.say(told, "info", ("Undo", self._undo))
            if not self._view.labels.model.rows:
                look.again()
            self.changed.emit()

        self._document.edit(title, function, *args, on_done=done)

    def _undo(self) -> None:
        self._document.edit("Undoing", history.undo)

    # -- splits

    def _show_splits(self, found: "tuple[SplitState, Leaks]") -> None:
        state, leaks = found
        self._split, self._proposal = state.split, leaks.proposal
        self._view.splits.show_state(state)
        look = self.looks["splits"]
        others = [
            (f"Look at “{name}”", partial(self.choose_split, name))
            for name in state.names
            if name != state.split
        ][:2]
        if state.split is None:
            look.say(
                "There is no split yet",
                "A split says which images are for training and which for testing. It comes with a "
                "table of labels that has a column for it.",
                ("Import labels…", self.labels_wanted.emit),
            )
        elif state.plan is None:
            look.say(
                f"Nothing leaks from the split “{state.split}”",
                f"Pictures that are nearly the same lie in one part. {state.words}".strip(),
                *others,
                ("Look again", look.again),
            )

    def _show_moved(self) -> None:
        if self._proposal is not None:
            self._select(self._proposal.moved)

    def save_split(self, name: str) -> None:
        """Keep the split without leaks under this name."""
        proposal = self._proposal
        if proposal is None:
            return
        moved = len(proposal.moved)

        def done(changes: Changes) -> None:
            if changes:
                self._split = name
                told = (
                    f"Saved as the split “{name}”: {text.plural(moved, 'image')} moved, no leaks."
                )
                self._document.say(told, "info", ("Undo", self._undo))
            else:
                self._document.say(f"The split “{name}” is so already.", "quiet")

        self._document.edit("Saving a split", splits.apply, proposal, name, on_done=done)

    # -- classes and embedding

    def _show_embedding(self, state: EmbeddingState) -> None:
        self._view.embedding.show_state(state)
        if state.classes:
            self._view.classes.show_classes(state.classes, state.classes_words)
        else:
            self._view.classes.stack.say(
                "There are no classes to compare",
                state.classes_words,
                ("Import labels…", self.labels_wanted.emit),
            )

    # -- elsewhere

    def _select(self, ids: Sequence[int] | Ids) -> None:
        self._document.selection.set(ids)
        self.explore_wanted.emit()
