"""A look at the catalogue that takes a while: made once in the compute lane, kept until it is out of date."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.document import Document
from app.tasks import Task
from app.widgets.stack import Stack
from core.errors import EncoderError, KnownError

if TYPE_CHECKING:
    pass


class Looking:
    """One look: ``load`` runs in the lane with what ``arguments`` are then, ``show`` gets what it found.

    While nothing was found yet the stack says what goes on; what is there stays until the new is there.
    """

    def __init__(
        self,
        document: Document,
        title: str,
        load: "Callable[..., Any]",
        arguments: Callable[[], tuple[Any, ...]],
        show: Callable[[Any], object],
        stacks: tuple[Stack, ...],
        look: Callable[[], object],
        show_encoders: Callable[[], object],
    ) -> None:
        """``look`` is called where what was found is out of date already."""
        self._look, self._show_encoders = look, show_encoders
        self._document, self._title, self._load = document, title, load
        self._arguments, self._show, self._stacks = arguments, show, stacks
        self._task: Task | None = None
        self._is_outdated = False
        self.is_fresh = False

    @property
    def is_under_way(self) -> bool:
        return self._task is not None

    def ask(self) -> None:
        """Look, unless what is known is still so or is being found out."""
        if not self.is_fresh and self._task is None:
            self.again()

    def again(self) -> None:
        """Look anew, whatever is known."""
        self.stop()
        self.is_fresh = self._is_outdated = False
        waits = self._document.is_computing
        for one in self._stacks:
            if not one.is_body_shown:
                then = "It comes after the jobs that run now." if waits else "This takes a moment."
                one.say(self._title, then, ("Stop", self.stop))
        made: list[Task] = []

        def is_mine() -> bool:
            return not made or self._task is made[0] or self._task is None

        def done(found: Any) -> None:
            if is_mine():
                self.is_fresh = not self._is_outdated
                self._show(found)

        def failed(error: BaseException) -> None:
            if not is_mine():
                return
            if isinstance(error, EncoderError):
                self.is_fresh = True
                self.say(
                    "There is nothing to look at yet",
                    "It takes vectors of the images and their nearest neighbours, which an import makes, "
                    "and the page of encoders.",
                    ("Encoders…", self._show_encoders),
                    ("Look again", self.again),
                )
            elif isinstance(error, KnownError):
                self.is_fresh = True  # asking again would only say it again
                self.say(error.sentence, error.remedy, ("Look again", self.again))
            else:
                self.say("This could not be found out", "", ("Look again", self.again))
                self._document.report(error)

        def ended() -> None:
            if made and self._task is made[0]:
                self._task = None
                if made[0].state == "cancelled":
                    self._tell_stopped()
                elif self._is_outdated:
                    self._is_outdated = False
                    self._look()

        task = self._document.compute(
            self._title,
            self._load,
            *self._arguments(),
            on_done=done,
            on_failed=failed,
            on_ended=ended,
        )
        made.append(task)
        if not task.is_over:
            self._task = task

    def stop(self) -> None:
        """Look no further."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._tell_stopped()

    def forget(self) -> None:
        """What is known, or is being found out, is out of date."""
        self.is_fresh, self._is_outdated = False, self._task is not None

    def say(self, title: str, words: str, *choices: tuple[str, Callable[[], object]]) -> None:
        """Instead of what was found."""
        for one in self._stacks:
            one.say(title, words, *choices)

    def _tell_stopped(self) -> None:
        for one in self._stacks:
            if not one.is_body_shown:
                one.say("Stopped", "Nothing was changed.", ("Look again", self.again))
