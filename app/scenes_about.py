"""Scenes of the program itself: About, the licences of others, and what is said of a newer version."""

from dataclasses import replace
from pathlib import Path

from app.dialogs.about import AboutDialog
from app.dialogs.newer import NewerDialog
from app.photographer import Photographer
from core.operations import about
from core.operations.releases import Release

HOST, PAGE = "example.org", "https://example.org/lookalike"
NEWER = Release(
    version="2.0.0",
    is_newer=True,
    date="2027-01-31",
    page=PAGE,
    changes=("Reports are made in half the time", "Five further formats of labels"),
)


def take(camera: Photographer) -> None:
    """All of them, over whatever is open."""
    application = camera.application
    window, theme = application.window, application.theme
    facts = replace(
        about.facts(),
        data_folder=Path("/home/me/.local/share/Lookalike"),
        config_folder=Path("/home/me/.config/Lookalike"),
    )
    dialog = AboutDialog(facts, window)
    dialog.open()
    camera.both("about", dialog)
    dialog.reject()
    notices = application.commands.about.show_notices()
    camera.wait()
    camera.both("notices", notices)
    notices.reject()
    newer = NewerDialog(theme, window)
    newer.open()
    newer.show_question(HOST, facts.version)
    camera.both("newer-question", newer)
    newer.show_release(NEWER, facts.version)
    camera.both("newer-there", newer)
    newer.show_release(replace(NEWER, version=facts.version, is_newer=False), facts.version)
    camera.both("newer-none", newer)
    newer.show_problem(f"{HOST} cannot be reached. Check the connection and try again.")
    camera.both("newer-problem", newer)
    newer.reject()
    for one in (dialog, newer):
        one.deleteLater()
    camera.wait()
