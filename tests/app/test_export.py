"""The page Export by keyboard and mouse: what is chosen, how it will look, where to, the export, and those so far.

One window serves all of it: opening one takes longer than all that is done in it.
"""

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app import cli, export_commands
from app.actions import IMAGE_MENU
from app.explore import Explore
from app.models.export_choice import ExportChoice
from app.tasks import Task
from app.views.export.view import ExportView
from app.window_app import Application
from core.changes import Changes
from core.export.kinds import WHATS
from core.jobs import Job
from core.operations.exports import Request

Settled = Callable[[], None]
Key = Qt.Key


@pytest.fixture
def page(
    shared_application: Application, shared_catalogue: Path, tmp_path: Path, settled: Settled
) -> Iterator[ExportView]:
    """The page with nothing chosen, of all images, to a folder of its own."""
    window = shared_application
    if window.shell.explore is None:
        window.shell.open_path(shared_catalogue)
        settled()
    explore = window.shell.explore
    assert explore is not None, window.window.banner.message
    explore.browse.clear()
    explore.document.selection.clear()
    exporting = explore.exporting
    for timer in (exporting._settle, exporting.previewing._settle, exporting.writing._settle):
        timer.setInterval(0)
    exporting.choice.images, exporting.choice.encoder, exporting.choice.filter_before = (
        "all",
        None,
        "",
    )
    exporting.remember(str(tmp_path), {})
    exporting.choice.choose_kind("embeddings")
    exporting._is_placed = False
    window.window.activateWindow()
    explore.show_export()
    rest(settled)
    yield explore.export
    explore.show_browser()


def rest(settled: Settled) -> None:
    """Until what is typed and chosen has been looked at."""
    QTest.qWait(5)
    settled()
    settled()


def explore_of(application: Application) -> Explore:
    explore = application.shell.explore
    assert explore is not None
    return explore


def choose(application: Application, kind: str, form: str, settled: Settled) -> None:
    exporting = explore_of(application).exporting
    exporting.choose_kind(kind)
    exporting.choose_format(form)
    rest(settled)


def put(page: ExportView, place: Path, settled: Settled) -> None:
    """Type where to."""
    page.foot.place.setText(str(place))
    page.foot.place.textEdited.emit(str(place))
    rest(settled)


PARSER = cli.make_parser()


def parsed(line: str) -> Request:
    """The request that the command line makes of a call, but for the images that it lists."""
    given = PARSER.parse_args(shlex.split(line)[1:])
    return export_commands.requested(given, None)


def same(a: Request, b: Request) -> bool:
    parts = ("what", "format", "out", "encoder", "filter_text", "chosen")
    return all(getattr(a, one) == getattr(b, one) for one in parts)


# -- what is there, and how it will look


def test_the_page_lists_what_there_is_and_shows_the_first_rows(
    page: ExportView, shared_application: Application, settled: Settled, qtbot: QtBot
) -> None:
    window = shared_application.window
    explore_of(shared_application).show_browser()
    qtbot.keyClick(window, Key.Key_5, Qt.KeyboardModifier.AltModifier)
    rest(settled)
    assert explore_of(shared_application).page == "export" and page.kinds.hasFocus()
    told = {one.key: one for one in page.kinds.kinds.rows}
    assert list(told) == [one.name for one in WHATS]
    assert told["embeddings"].amount == "12 × 48" and told["dataset"].amount == "13 images"
    assert told["model"].lacking and told["splits"].lacking and not told["tags"].lacking
    table = page.table.rows
    assert table.headerData(0, Qt.Orientation.Horizontal) == "path"
    assert table.rowCount() == 13 and page.count.text() == "13 in all"
    assert 0 in table.shown.paths and 0 in table.picture_columns
    # The arrow keys walk over the kinds, and everything follows.
    qtbot.keyClick(page.kinds, Key.Key_Down)
    rest(settled)
    assert page.form.title.text() == "Neighbours" and page.kinds.hasFocus()
    assert page.foot.place.text().endswith("photos-neighbours.parquet")
    assert "--what neighbours --format parquet" in page.foot.command.text
    assert "12 × 48" in page.kinds.kinds.data(page.kinds.kinds.index(0))  # as it is read aloud


def test_a_format_renames_the_file_and_brings_its_options(
    page: ExportView, shared_application: Application, tmp_path: Path, settled: Settled
) -> None:
    formats = page.form.formats
    assert formats is not None and formats.current == "npy"
    put(page, tmp_path / "my vectors.npy", settled)
    formats.cards["parquet"].click()
    rest(settled)
    assert page.foot.place.text() == str(tmp_path / "my vectors.parquet")
    precision = page.form.fields["precision"]
    assert not isinstance(precision, QLineEdit)
    precision.setCurrentIndex(precision.findData("float16"))
    precision.activated.emit(precision.currentIndex())
    rest(settled)
    assert page.foot.command.text.endswith("--precision float16")
    choose(shared_application, "dataset", "huggingface", settled)
    assert page.foot.place.text() == str(tmp_path / "photos-dataset")
    assert list(page.form.fields)[-1] == "pictures"
    # What was chosen for a kind is there again when one comes back to it.
    explore_of(shared_application).exporting.choose_kind("embeddings")
    rest(settled)
    assert page.form.formats is not None and page.form.formats.current == "parquet"
    assert page.foot.command.text.endswith("--precision float16")


def test_what_is_lacking_is_said_with_what_makes_it(
    page: ExportView, shared_application: Application, settled: Settled, qtbot: QtBot
) -> None:
    choose(shared_application, "splits", "csv", settled)
    assert page.form.lack.isVisible() and "No split is known yet" in page.form.lacking.text()
    assert not page.stack.is_body_shown and not page.foot.export.isEnabled()
    assert page.stack.words.startswith("Nothing to preview. None of these images is in a split.")
    assert "None of these images is in a split." in page.foot.words.text()
    qtbot.mouseClick(page.form.make, Qt.MouseButton.LeftButton)
    rest(settled)
    assert explore_of(shared_application).page == "insight"
    explore_of(shared_application).show_export()
    choose(shared_application, "model", "safetensors", settled)
    assert page.form.lacking.text() == "Nothing was trained here yet."
    assert not page.foot.export.isEnabled()
    qtbot.mouseClick(page.form.make, Qt.MouseButton.LeftButton)
    assert explore_of(shared_application).page == "train"
    # From Duplicates one comes to pairs.
    explore_of(shared_application).show_duplicates()
    explore_of(shared_application).duplicates.export.click()
    rest(settled)
    assert page.isVisible() and page.form.title.text() == "Pairs"


# -- which images


def test_what_explore_shows_goes_as_a_filter_and_what_is_selected_as_a_list(
    page: ExportView, shared_application: Application, tmp_path: Path, settled: Settled
) -> None:
    explore = explore_of(shared_application)
    exporting = explore.exporting
    assert not page.form.images.isVisible()  # all of them are the only choice
    explore.browse.set_value("class", "discs", True)
    rest(settled)
    page.form.images.button("shown").click()
    rest(settled)
    assert page.form.images.button("shown").text() == "Shown  4"
    assert page.table.rows.rowCount() == 4 and "--filter class:discs" in page.foot.command.text
    assert same(parsed(page.foot.command.text), exporting.request())
    # A source has no word in a filter, so these images are listed.
    source = explore.browse.facets.sources[0].value
    explore.browse.set_value("source", source, True)
    rest(settled)
    request = exporting.request()
    assert request.image_ids is not None and len(request.image_ids) == 4
    assert (
        page.foot.make_list.isVisible() and "photos-embeddings-images.csv" in page.foot.command.text
    )
    explore.browse.clear()
    rest(settled)
    assert exporting.choice.images == "all" and page.table.rows.rowCount() == 13


def test_the_call_that_is_copied_does_the_very_same(
    page: ExportView,
    shared_application: Application,
    tmp_path: Path,
    settled: Settled,
    qtbot: QtBot,
    capsys: pytest.CaptureFixture[str],
) -> None:
    explore = explore_of(shared_application)
    assert "export-selection" in IMAGE_MENU
    explore.show_browser()
    explore.document.selection.set(explore.browse.listing.ids[[1, 4, 7]])
    shared_application.actions.actions["export-selection"].trigger()
    rest(settled)
    assert explore.page == "export" and page.form.images.current == "selected"
    choose(shared_application, "tags", "csv", settled)
    put(page, tmp_path / "by hand.csv", settled)
    assert page.foot.command.text.count("'") == 4  # two names with spaces
    qtbot.mouseClick(page.foot.make_list, Qt.MouseButton.LeftButton)
    rest(settled)
    assert (tmp_path / "by hand-images.csv").exists()
    page.foot.export.click()
    rest(settled)
    written = (tmp_path / "by hand.csv").read_bytes()
    assert written.count(b"\n") == 4
    qtbot.mouseClick(page.foot.command.copy, Qt.MouseButton.LeftButton)
    line = QApplication.clipboard().text()
    assert line == page.foot.command.text
    (tmp_path / "by hand.csv").unlink()
    assert cli.main(shlex.split(line)[1:]) == 0, capsys.readouterr().err
    assert (tmp_path / "by hand.csv").read_bytes() == written


def test_every_choice_is_the_request_that_its_call_makes(
    page: ExportView, shared_application: Application, tmp_path: Path
) -> None:
    exporting = explore_of(shared_application).exporting
    choice = exporting.choice
    assert exporting.request().filter_text == "" and exporting.request().image_ids is None
    for kind in WHATS:
        for form in kind.formats:
            if form.only_in_window:
                continue
            choice.choose_kind(kind.name)
            choice.choose_format(form.name)
            for option in choice.fields:
                choice.choose_option(option.name, (option.choices or ("-odd 'one'",))[-1])
            exporting.writing.take(tmp_path / f"it's -{form.name}{form.suffix}")
            assert same(parsed(page.foot.command.text), exporting.request())


# -- where to


def test_a_place_is_checked_while_it_is_typed(
    page: ExportView, shared_application: Application, tmp_path: Path, settled: Settled
) -> None:
    foot, project = page.foot, explore_of(shared_application).document.project
    assert foot.words.text().endswith("are free there.") and foot.export.isEnabled()
    put(page, tmp_path / "no such folder" / "a.npy", settled)
    assert foot.words.text() == f"There is no folder {tmp_path / 'no such folder'}."
    assert foot.words.property("tone") == "danger" and not foot.export.isEnabled()
    put(page, project.path / "a.npy", settled)
    assert "lies in the catalogue itself" in foot.words.text() and not foot.export.isEnabled()
    put(page, tmp_path, settled)
    assert "is a folder" in foot.words.text() and not foot.export.isEnabled()
    (tmp_path / "there.npy").write_bytes(b"old")
    put(page, tmp_path / "there.npy", settled)
    assert "there.npy is there already and will be replaced." in foot.words.text()
    assert foot.export.text() == "Replace" and foot.export.isEnabled()
    foot.place.setText("")
    foot.place.textEdited.emit("")
    rest(settled)
    assert foot.words.text().startswith("Where to?") and not foot.export.isEnabled()
    # What stands in the way only at the last moment is said too.
    (tmp_path / "there").mkdir()
    put(page, tmp_path / "there" / "a.npy", settled)
    assert foot.export.isEnabled()
    (tmp_path / "there").rmdir()
    foot.export.click()
    settled()
    assert foot.words.text() == f"There is no folder {tmp_path / 'there'}."
    assert foot.words.property("tone") == "danger"
    # A name alone goes to the folder of before.
    explore_of(shared_application).exporting.writing.folder = tmp_path
    foot.place.setText("name.npy")
    foot.place.textEdited.emit("name.npy")
    rest(settled)
    assert explore_of(shared_application).exporting.writing.out == tmp_path / "name.npy"


# -- the export


def test_what_is_written_is_told_shown_kept_and_can_be_made_again(
    page: ExportView,
    shared_application: Application,
    tmp_path: Path,
    settled: Settled,
    qtbot: QtBot,
) -> None:
    explore = explore_of(shared_application)
    shown: list[Path] = []
    told: list[Changes] = []
    explore.exporting.shown.connect(shown.append)
    before = len(page.past.rows)
    explore.document.changed.connect(told.append)
    explore.browse.set_value("class", "discs", True)
    rest(settled)
    page.form.images.button("shown").click()
    page.foot.place.setFocus()
    rest(settled)
    qtbot.keyClick(page.foot.place, Key.Key_Return)
    rest(settled)
    place = tmp_path / "photos-embeddings.npy"
    assert np.load(place).shape == (4, 48)
    assert page.foot.words.text().startswith(
        "Embeddings: 4 written to photos-embeddings.npy and photos-embeddings.npy.csv"
    )
    assert told == [Changes.EXPORTS] and page.foot.export.text() == "Replace"
    qtbot.mouseClick(page.foot.show_, Qt.MouseButton.LeftButton)
    assert shown == [place]
    # Settings know the folder and what was chosen, so the next window begins there.
    kept = shared_application.keeper.settings
    assert kept.export_folder == str(tmp_path)
    again = ExportChoice()
    again.remember(kept.export_choices)
    assert again.format.name == "npy"
    # Among the exports so far it stands first, and fills the page.
    explore.browse.clear()
    choose(shared_application, "tags", "json", settled)
    page.show_tab("past")
    rest(settled)
    first = page.past.rows[0]
    assert first.title == "Embeddings as NumPy" and "class:discs" in first.words
    page.past.buttons[0].click()
    rest(settled)
    assert page.tab == "preview" and page.form.title.text() == "Embeddings"
    assert page.form.images.current == "before" and page.table.rows.rowCount() == 4
    assert page.foot.place.text() == str(place) and page.foot.export.text() == "Replace"
    page.foot.export.click()
    rest(settled)
    assert len(page.past.rows) == before + 2 and np.load(place).shape == (4, 48)


def test_a_cancelled_export_leaves_nothing(
    page: ExportView, shared_application: Application, tmp_path: Path, settled: Settled
) -> None:
    """Cancelled in the middle: by its own first word of how far it is."""
    runner, seen = shared_application.runner, []

    def cancel(task: Task) -> None:
        if task.title == "Exporting embeddings":
            advance = task.job.advance

            def stop(*args: int) -> None:
                seen.append([one.name for one in tmp_path.iterdir()])
                advance(*args)
                task.cancel()
                task.job.checkpoint()

            task.job.advance = stop  # type: ignore[method-assign]

    runner.started.connect(cancel)
    page.foot.export.click()
    runner.started.disconnect(cancel)
    rest(settled)
    assert seen and any(name.endswith(".part") for name in seen[0])
    assert list(tmp_path.iterdir()) == []
    assert page.foot.words.text() == "Cancelled: nothing was written."
    assert not page.foot.stop.isVisible() and page.foot.export.isEnabled()


def test_everything_is_reached_by_keyboard(
    page: ExportView, shared_application: Application, settled: Settled, qtbot: QtBot
) -> None:
    window = shared_application.window
    explore_of(shared_application).document.selection.set([1, 2])
    rest(settled)
    page.kinds.setFocus()
    names: list[str] = []
    for _ in range(19):
        window.focusNextPrevChild(True)
        widget = window.focusWidget()
        assert widget is not None
        names.append(widget.accessibleName() or getattr(widget, "text", str)())
    wanted = [
        "NumPy. .npy, .csv", "Images: All  13", "Precision", "Right side: Preview", "The first rows",
        "Where to", "Browse…", "Export", "The same on the command line",
        "Copy: the same on the command line",
    ]  # fmt: skip
    places = [names.index(one) for one in wanted]
    assert places == sorted(places)
    page.kinds.setFocus()
    qtbot.keyClick(page.kinds, Key.Key_Escape)
    assert explore_of(shared_application).page == "browser"


def test_a_newer_question_makes_an_older_answer_void(
    page: ExportView, shared_application: Application, settled: Settled
) -> None:
    """The first look is on its way when another kind is chosen: it is cancelled, and never shown."""
    exporting, runner = explore_of(shared_application).exporting, shared_application.runner
    asked: list[Job] = []

    def overtake(task: Task) -> None:
        if task.title == "Preview" and not asked:
            asked.append(task.job)
            exporting.choose_kind("neighbours")

    runner.started.connect(overtake)
    exporting.choose_kind("layout")
    rest(settled)
    runner.started.disconnect(overtake)
    rest(settled)
    assert len(asked) == 1 and page.form.title.text() == "Neighbours"
    columns = [page.table.rows.headerData(at, Qt.Orientation.Horizontal) for at in range(3)]
    assert "neighbour" in columns and "x" not in columns


def test_the_report_is_printed_by_the_window(
    page: ExportView, shared_application: Application, tmp_path: Path, settled: Settled
) -> None:
    choose(shared_application, "report", "pdf", settled)
    assert page.foot.command.text == "" and not page.foot.command.copy.isEnabled()
    page.foot.export.click()
    rest(settled)
    assert (tmp_path / "photos-report.pdf").read_bytes()[:5] == b"%PDF-"
    assert page.foot.words.text().startswith("Report written to photos-report.pdf, ")
    assert [one.name for one in tmp_path.iterdir()] == ["photos-report.pdf"]
