"""Ways in and out: folders, catalogues, errors in the banner, an import that runs while one looks."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.window_app import Application
from core.errors import NotACatalogue
from core.operations import demo, projects

Settled = Callable[[], None]


def test_a_folder_opens_with_its_own_catalogue_and_is_imported(
    application: Application, photos: Path, settled: Settled
) -> None:
    application.window.paths_dropped.emit([photos])
    settled()
    explore = application.shell.explore
    assert explore is not None
    assert len(explore.browse.listing) == 13
    assert explore.document.project.path == projects.home_for_folder(photos)
    assert application.window.name_button.text() == "photos"
    assert "1 file could not be read" in application.window.banner.message
    # The same folder again finds the same catalogue; nothing is read twice.
    application.shell.open_path(photos)
    settled()
    assert application.shell.explore is explore
    assert len(explore.browse.listing) == 13
    application.commands.close_catalogue()
    settled()
    application.shell.open_path(photos)
    settled()
    assert not application.window.banner.message  # there is no news


def test_a_second_folder_is_added_to_the_open_catalogue(
    application: Application, photos: Path, tmp_path: Path, make_picture: Callable, settled: Settled
) -> None:
    application.shell.open_path(photos)
    more = tmp_path / "more"
    more.mkdir()
    make_picture(99).save(more / "late.png")
    application.window.paths_dropped.emit([more])
    settled()
    explore = application.shell.explore
    assert explore is not None
    assert len(explore.browse.listing) == 14
    assert len(explore.browse.facets.sources) == 2
    assert len(explore.map.ids) == 14


def test_errors_are_sentences_in_the_banner(
    application: Application, tmp_path: Path, settled: Settled
) -> None:
    banner = application.window.banner
    application.shell.open_path(tmp_path / "missing")
    assert "does not exist" in banner.message
    file = tmp_path / "file.txt"
    file.write_text("words")
    application.shell.open_path(file)
    assert "is a file, not a folder" in banner.message
    folder = tmp_path / "empty.lookalike"
    folder.mkdir()
    application.shell.open_path(folder)
    settled()
    assert "is not a Lookalike catalogue" in banner.message
    assert application.shell.explore is None


def test_an_empty_folder_and_one_of_broken_files_say_what_they_are(
    application: Application, tmp_path: Path, settled: Settled
) -> None:
    empty, broken = tmp_path / "empty", tmp_path / "broken"
    for folder in (empty, broken):
        folder.mkdir()
    (broken / "a.jpg").write_bytes(b"no picture")
    application.shell.open_path(empty)
    settled()
    assert application.shell.explore is not None
    assert application.shell.explore.empty._title.text() == "No pictures yet"
    application.shell.open_path(broken)
    settled()
    assert application.shell.explore is not None
    assert application.shell.explore.empty._title.text() == "No picture could be read"


def test_looking_for_new_files_says_what_it_found(
    application: Application,
    tmp_path: Path,
    photos: Path,
    make_picture: Callable,
    settled: Settled,
) -> None:
    folder = tmp_path / "discs"
    shutil.copytree(photos / "discs", folder)
    application.shell.open_path(folder)
    banner = application.window.banner
    application.commands.read_again()
    settled()
    assert banner.message.startswith("No new images were found.")
    make_picture(99).save(folder / "late.png")
    application.commands.read_again()
    settled()
    assert banner.message.startswith("1 image read")
    shutil.rmtree(folder)
    application.commands.read_again()
    settled()
    assert f"{folder} is not there" in banner.message
    assert application.shell.explore is not None
    assert len(application.shell.explore.browse.listing) > 1


def test_a_place_that_may_not_be_looked_into_is_a_sentence(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settled: Settled
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    application.shell.open_path(tmp_path / "private")
    assert "may not be looked into" in application.window.banner.message
    application.shell.take_paths([tmp_path / "private"])
    assert application.shell.explore is None


def test_what_is_known_is_no_bug_and_what_is_not_is_reported(
    application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    errors = application.shell.errors
    errors.present(NotACatalogue("That is no catalogue.", "Choose another."))
    assert application.window.banner.message == "That is no catalogue. Choose another."
    assert errors._dialog is None


@pytest.mark.logs_warnings
def test_a_bug_opens_a_dialog_with_a_report(application: Application) -> None:
    errors = application.shell.errors
    try:
        raise ZeroDivisionError("a fault")
    except ZeroDivisionError as error:
        errors.present(error)
    assert errors._dialog is not None
    report = errors._dialog._text.toPlainText()
    assert "ZeroDivisionError: a fault" in report
    errors._dialog.accept()
    assert errors._dialog is None


def test_a_catalogue_that_another_program_writes_opens_for_looking(
    application: Application, catalogue: Path, settled: Settled
) -> None:
    with projects.open(catalogue):
        application.shell.open_path(catalogue)
        settled()
        document = application.shell.document
        assert document is not None
        assert not document.is_writable
        assert "opened for looking only" in application.window.banner.message
        document.selection.set([1])
        assert not application.actions.actions["tag"].isEnabled()
        application.shell.close_document()
        settled()


def test_a_catalogue_can_be_opened_again_while_its_last_job_is_stopping(
    live_application: Application, photos: Path, qtbot: QtBot
) -> None:
    application = live_application
    application.shell.open_path(photos)
    qtbot.waitUntil(lambda: application.shell.document is not None, timeout=20_000)
    first = application.shell.document
    application.commands.close_catalogue()
    application.shell.open_path(photos)
    qtbot.waitUntil(
        lambda: application.shell.document is not None and not application.runner.tasks,
        timeout=60_000,
    )
    assert application.shell.document is not first
    assert application.shell.document is not None
    assert application.shell.document.is_writable


def test_closing_goes_back_to_the_start_page_with_the_catalogue_on_top(
    application: Application, catalogue: Path, settled: Settled
) -> None:
    application.shell.open_path(catalogue)
    settled()
    application.commands.close_catalogue()
    settled()
    assert application.shell.explore is None
    assert application.window.stack.currentWidget() is application.window.start
    opened: list[str] = []
    application.window.start.recent_wanted.connect(opened.append)
    with projects.open(catalogue):  # the lock was given back
        pass


def test_pictures_appear_while_the_import_runs_and_it_can_be_cancelled(
    live_application: Application, tmp_path: Path, make_picture: Callable, qtbot: QtBot
) -> None:
    application = live_application
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(600):
        make_picture(number, size=(64, 48)).save(folder / f"picture-{number:03}.jpg")
    application.shell.open_path(folder)

    def sees_some() -> bool:
        explore = application.shell.explore
        return explore is not None and len(explore.browse.listing) > 0

    qtbot.waitUntil(sees_some, timeout=60_000)
    explore, jobs = application.shell.explore, application.shell.jobs
    assert explore is not None
    running = [t for t in application.runner.tasks if t.lane == "compute"]
    assert running, "the import was over before a picture was seen"
    qtbot.waitUntil(lambda: bool(jobs.states), timeout=5_000)
    row = application.window.status._job
    row._pause.click()
    assert running[0].job.is_paused
    assert row._title.text() == "Paused: Importing many"
    assert row._resume.isVisibleTo(row)
    row._resume.click()
    assert not running[0].job.is_paused
    row._cancel.click()
    qtbot.waitUntil(lambda: running[0].is_over, timeout=20_000)
    qtbot.waitUntil(lambda: not application.runner.tasks, timeout=20_000)
    kept = len(explore.browse.listing)
    assert kept > 0
    assert running[0].state == "cancelled"
    banner = application.window.banner
    assert banner.message == "Importing many: stopped. What was read is kept."
    banner._choices["Go on"].click()
    qtbot.waitUntil(lambda: len(explore.browse.listing) == 600, timeout=60_000)
    qtbot.waitUntil(lambda: not application.runner.tasks, timeout=60_000)


def test_the_demo_begins_at_once(live_application: Application, qtbot: QtBot) -> None:
    application = live_application
    application.window.start.demo_wanted.emit()
    jobs = application.shell.jobs
    qtbot.waitUntil(
        lambda: bool(jobs.states) and jobs.states[0].title == "Importing the demo", timeout=20_000
    )
    assert application.window.name_button.text() == "demo"
    application.commands.close_catalogue()
    assert "The import of demo was stopped" in application.window.banner.message
    qtbot.waitUntil(lambda: not application.runner.tasks, timeout=20_000)
    assert application.shell.explore is None


def test_the_demo_shows_what_is_drawn_so_far(
    live_application: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "_TELL_EVERY_S", 0.2)
    application = live_application
    application.window.start.demo_wanted.emit()

    def has_some() -> bool:
        explore = application.shell.explore
        return explore is not None and len(explore.browse.listing) > 0

    qtbot.waitUntil(has_some, timeout=60_000)
    assert application.shell.jobs.states[0].stage == "Drawing the demo images"
    application.commands.close_catalogue()
    qtbot.waitUntil(lambda: not application.runner.tasks, timeout=20_000)
