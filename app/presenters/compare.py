"""Feeds the page Compare: which two, what was found, and which image is looked at."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.models.compare import Choice, CompareRow
from app.models.encoder_titles import split
from app.presenters import compare_facts
from app.presenters.compare_facts import Found, Laid
from app.presenters.compare_maps import CompareMaps
from app.presenters.encoder_jobs import EncoderJobs
from app.presenters.reading import Reading
from app.tasks import Task
from app.views.compare.view import CompareView
from core.changes import Changes
from core.errors import KnownError
from core.operations import neighbours

FOLLOWED = Changes.EMBEDDINGS | Changes.NEIGHBOURS | Changes.IMAGES | Changes.CLASSES | Changes.RUNS
SETTLE_MS = 40  # while an arrow key is held, only what it stops at is read


class ComparePresenter(QObject):
    """Binds the page to a document. Nothing is worked out before the page is shown."""

    image_wanted = Signal(int)  # over the whole work area
    train_wanted = Signal()
    encoders_wanted = Signal()
    changed = Signal()  # what actions depend on

    def __init__(
        self, document: Document, jobs: EncoderJobs, view: CompareView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._jobs, self._view = document, jobs, view
        self.pair = ("", "")
        self._choices: list[Choice] = []
        self._task: Task | None = None
        self.found: Found | None = None
        self._is_stale = True
        self._asked_rows = 0
        self._unasked: int | None = None  # an image that is shown although nobody chose it
        self.maps = CompareMaps(document, view.maps, self)
        self._reading: Reading[tuple[list[Choice], str, str]] = Reading(
            document, compare_facts.load_choices, self._take_choices
        )
        self._later = self._timer(0, self._look)
        self._settle = self._timer(SETTLE_MS, self._read_detail)
        view.pair_chosen.connect(self.choose)
        view.again_wanted.connect(self.look_again)
        view.looked_at.connect(self.look_at)
        view.opened.connect(self.image_wanted)
        view.colour_chosen.connect(lambda by: self.maps.colour_by(by, self.found))
        view.side.order_chosen.connect(lambda _: self._list())
        view.side.classes.chosen.connect(self.maps.highlight)
        self.maps.laid_out.connect(self._read_lists)
        document.changed.connect(self._follow)
        document.selection.changed.connect(lambda _: self._settle.start())
        document.encoder_changed.connect(self._forget_pair)

    def _timer(self, after_ms: int, call: object) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(after_ms)
        made.timeout.connect(call)
        return made

    # -- which two

    def begin(self) -> None:
        """The page is shown: see what there is to compare, and compare it where that was not done yet."""
        self._reading.ask()

    def choose(self, a: str, b: str) -> None:
        """Compare these; where both are the same, the one that was there gives way."""
        if a == b and a:
            old_a, old_b = self.pair
            a, b = (old_b, b) if b == old_a else (a, old_a) if a == old_b else (a, b)
        if (a, b) != self.pair:
            self.pair = (a, b)
            self._view.show_choices(self._choices, a, b)
            self.look_again()

    def _forget_pair(self) -> None:
        """Another encoder is looked through: the page begins with it the next time."""
        if not self._view.isVisible():
            self.pair = ("", "")

    def _take_choices(self, found: tuple[list[Choice], str, str]) -> None:
        self._choices, a, b = found
        names = [one.name for one in self._choices]
        looked = self._document.encoder
        if looked in names and looked != b:
            a = str(looked)
        pair = self.pair if all(one in names for one in self.pair) else (a, b)
        self._is_stale = self._is_stale or pair != self.pair
        self.pair = pair
        self._view.show_choices(self._choices, *pair)
        self.changed.emit()
        self._look()

    # -- comparing

    def look_again(self) -> None:
        """Compare anew, whatever is known."""
        self._is_stale = True
        self._look()

    def _look(self) -> None:
        if not self._view.isVisible() or not self._is_stale:
            return
        a, b = self.pair
        if not a or not b or a == b:
            self._say_alone()
            return
        self.stop()
        self._is_stale = False
        if self.found is None or (self.found.found.a, self.found.found.b) != (a, b):
            self.found = None
            waits = self._document.is_computing
            then = "It comes after the jobs that run now." if waits else "This takes a moment."
            self._view.stack.say("Comparing", then, ("Stop", self._stop_by_hand))
        made: list[Task] = []

        def is_mine() -> bool:
            return self.pair == (a, b) and (not made or self._task in (made[0], None))

        def done(found: Found | tuple[str, str]) -> None:
            if not is_mine():
                return
            if isinstance(found, Found):
                self._show(found)
            else:
                self._say_lacking(*found)

        def failed(error: BaseException) -> None:
            if not is_mine():
                return
            if isinstance(error, KnownError):
                self._view.stack.say(
                    error.sentence, error.remedy, ("Compare again", self.look_again)
                )
            else:
                self._view.stack.say("This could not be found out", "", ("Compare again", self.look_again))  # fmt: skip
                self._document.report(error)

        def ended() -> None:
            if made and self._task is made[0]:
                self._task = None
                if made[0].state == "cancelled":  # in the list of jobs
                    self._say_stopped()

        task = self._document.compute(
            "Comparing", compare_facts.load, a, b, on_done=done, on_failed=failed, on_ended=ended
        )
        made.append(task)
        if not task.is_over:
            self._task = task

    def stop(self) -> None:
        """Look no further."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def forget(self) -> None:
        """Let go of what was found: the document closes."""
        self.found, self.maps.laid = None, None
        self._view.maps.forget()

    def _stop_by_hand(self) -> None:
        self.stop()
        self._say_stopped()

    def _say_stopped(self) -> None:
        self._view.stack.say("Stopped", "Nothing was changed.", ("Compare again", self.look_again))

    def _show(self, found: Found) -> None:
        self.found = found
        view = self._view
        view.show_titles(*(split(one)[0] for one in self.pair))
        view.show_sentences(found.sentences, found.note)
        view.stack.show_body()
        self.maps.load(*self.pair, found)
        self._list()
        self._settle.start()
        self.changed.emit()

    def title(self, name: str) -> str:
        """What an encoder is called."""
        return next((one.title for one in self._choices if one.name == name), name)

    # -- what is said instead

    def _say_alone(self) -> None:
        if not self._choices:
            self._view.stack.say(
                "Nothing has vectors yet",
                "Import a folder, or embed with an encoder; then it can be compared with another.",
                ("Encoders…", self.encoders_wanted.emit),
            )
            return
        name = self._choices[0].title
        self._view.stack.say(
            "Comparing takes two",
            f"Only {name} has vectors of these images. Train it to your own notion of alike, or embed with "
            "another encoder.",
            ("Train…", self.train_wanted.emit),
            ("Encoders…", self.encoders_wanted.emit),
        )

    def _say_lacking(self, name: str, what: str) -> None:
        title = self.title(name)
        can = self._document.is_writable
        if what == "vectors":
            choices = [("Embed with it", partial(self._jobs.embed, name))] if can else []
            self._view.stack.say(
                f"{title} has no vectors of these images yet",
                "Embedding makes them, with their neighbours and a map; what is in use stays in use.",
                *choices,
                ("Encoders…", self.encoders_wanted.emit),
            )
            return
        choices = [("Work them out", partial(self._build, name))] if can else []
        self._view.stack.say(
            f"{title} has vectors, but no neighbours yet",
            "They are worked out once, and kept.",
            *choices,
        )

    def _build(self, name: str) -> None:
        self._view.stack.say("Working out neighbours", "The comparison follows.")
        self._document.compute("Neighbours", _neighbours, name, on_done=self._document.changed.emit)

    # -- lists and detail

    def _list(self) -> None:
        if self.found is None:
            return
        side, order = self._view.side, self._view.side.order
        if order == "classes":
            gain = self.found.found.gain
            why = "" if gain is not None else self.found.sentences[1]
            side.show_classes(self.found.classes, why)
            return
        self._asked_rows += 1
        asked = self._asked_rows

        def take(rows: tuple[CompareRow, ...]) -> None:
            if asked != self._asked_rows or self._view.side.order != order:
                return
            side.show_images(rows, tells_moved=order == "moved")
            selection = self._document.selection
            if selection.current is None and rows:
                self._unasked = rows[0].picture.image_id
                self._select(self._unasked)
            side.images.mark(selection.current)

        self._document.read(
            compare_facts.load_rows, self.found.found, order, self.maps.laid, on_done=take
        )

    def _read_lists(self, laid: Laid) -> None:
        """The maps are there, and with them how far images moved."""
        if self._view.side.order == "moved":
            self._list()
        self._settle.start()

    def look_at(self, image_id: int) -> None:
        """Choose an image: on the maps, in the list and below."""
        if image_id == self._unasked:
            self._settle.start()
        self._unasked = None
        self._select(image_id)

    def _select(self, image_id: int) -> None:
        self._document.selection.set([image_id], image_id, self._view)
        self._view.maps.reveal(image_id)  # also where it is chosen already

    def _read_detail(self) -> None:
        current = self._document.selection.current
        if self.found is None or not self._view.isVisible():
            return
        self._view.side.images.mark(current)
        if current is None:
            self._view.detail.show_row(None)
            return

        def take(row: CompareRow | None) -> None:
            if self._document.selection.current != current:
                return
            self._view.detail.show_row(row, "This image has no neighbours by one of the two.")
            if row is not None and current != self._unasked:  # lines lay a veil over the map
                self.maps.show_lines(row)

        self._document.read(
            compare_facts.load_row, self.found.found, current, self.maps.laid, on_done=take
        )

    def _follow(self, changes: Changes) -> None:
        if not changes & FOLLOWED:
            return
        self._is_stale = True
        if self._view.isVisible():
            self._reading.ask()


def _neighbours(project: object, name: str, job: object) -> Changes:
    return neighbours.build(project, encoder=name, job=job)  # type: ignore[arg-type]
