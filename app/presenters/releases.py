"""Newer versions: asked for in a lane, after the person has agreed, and by itself only where they turned that on."""

import datetime
import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from app.dialogs.newer import NewerDialog
from app.shell import Shell
from core import version
from core.errors import KnownError
from core.operations import releases
from core.operations.releases import Release

log = logging.getLogger(__name__)
EVERY_DAYS = 7
LOOKING = "Looking for a newer version"


class ReleasesPresenter(QObject):
    """Opens the dialog, looks, and remembers what was agreed to."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        self.dialog: NewerDialog | None = None

    def open(self) -> NewerDialog:
        """The dialog: it asks first where nobody has agreed yet, else it looks at once."""
        if self.dialog is not None:
            self.dialog.raise_()
            return self.dialog
        origin = releases.origin()
        dialog = self.dialog = NewerDialog(self._shell.theme, self._shell.window_)
        settings = self._shell.keeper.settings
        dialog.by_itself.setChecked(settings.looks_for_releases)
        dialog.by_itself_chosen.connect(self._choose)
        dialog.look_wanted.connect(self._agree)
        dialog.page_wanted.connect(lambda page: QDesktopServices.openUrl(QUrl(page)))
        dialog.finished.connect(self._forget)
        if not origin.feed:
            dialog.show_problem(
                f"{releases.NO_FEED} You have {version.current()}.",
                page=origin.page,
                can_try=False,
            )
        elif settings.may_look_for_releases:
            self._look()
        else:
            dialog.show_question(origin.host, version.current())
        dialog.open()
        return dialog

    def begin(self) -> None:
        """At the start: look by itself where that is on and the last look is long ago; say only what is new."""
        settings, feed = self._shell.keeper.settings, releases.origin().feed
        if feed and settings.looks_for_releases and is_due(settings.last_look_for_releases):
            self._run(feed, self._tell, self._note)

    def _agree(self) -> None:
        self._shell.keeper.change(may_look_for_releases=True)
        self._look()

    def _choose(self, is_on: bool) -> None:
        """Turning it on is agreeing, too."""
        if is_on:
            self._shell.keeper.change(looks_for_releases=True, may_look_for_releases=True)
        else:
            self._shell.keeper.change(looks_for_releases=False)

    def _look(self) -> None:
        origin = releases.origin()
        if self.dialog is not None:
            self.dialog.show_looking(origin.host)
        self._run(origin.feed, self._show, self._show_problem)

    def _run(
        self, feed: str, done: Callable[[Release], None], failed: Callable[[BaseException], None]
    ) -> None:
        def looked(release: Release) -> None:
            # One that failed does not count: the next start tries again.
            self._shell.keeper.change(last_look_for_releases=_today().isoformat())
            done(release)

        self._shell.runner.run(
            LOOKING,
            releases.look,
            feed,
            lane="reads",  # not behind a download; and no search waits for the network
            is_listed=False,
            on_done=looked,
            on_failed=failed,
        )

    def _show(self, release: Release) -> None:
        if self.dialog is not None:
            self.dialog.show_release(release, version.current())

    def _show_problem(self, error: BaseException) -> None:
        is_known = isinstance(error, KnownError)
        if self.dialog is not None:
            self.dialog.show_problem(str(error) if is_known else "Something went wrong.")
        if not is_known:
            self._shell.errors.present(error)

    def _tell(self, release: Release) -> None:
        if release.is_newer:
            self._shell.say(
                f"Lookalike {release.version} is available; you have {version.current()}.",
                "info",
                ("See what is new", self.open),
            )

    def _note(self, error: BaseException) -> None:
        """A look that nobody waits for fails without a word on the screen."""
        if isinstance(error, KnownError):
            log.info("No newer version could be looked for: %s", error)
        else:
            self._shell.errors.present(error)

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None


def is_due(last: str) -> bool:
    """Whether a week has passed since that day (YYYY-MM-DD), or it is none, or lies ahead of a clock put right."""
    try:
        days = (_today() - datetime.date.fromisoformat(last)).days
    except ValueError:
        return True
    return not 0 <= days < EVERY_DAYS


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
