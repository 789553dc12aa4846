"""The page Export when something changes behind it: runs, layouts and tags, what lies there, how large it will be."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtTest import QTest

from app.models.export_choice import ExportChoice
from app.models.export_past import past_row
from app.presenters import export_facts as facts
from app.tasks import Task
from app.views.export.view import ExportView
from app.window_app import Application
from core.catalogue import runs
from core.changes import Changes
from core.errors import DiskFull
from core.jobs import Job
from core.operations import exports, layouts
from tests.app.test_export import choose, explore_of, page, put, rest

__all__ = ["page"]  # a fixture
Settled = Callable[[], None]


def test_what_another_catalogue_has_is_passed_over_and_not_forgotten() -> None:
    choice = ExportChoice()
    choice.choose_kind("model")
    choice.choose_option("run", "old")
    assert choice.request(None, "", None).options == {"run": "old"}  # not known yet
    choice.known = {"run": ["", "new"]}
    assert choice.request(None, "", None).options == {}
    choice.known = {"run": ["", "new", "old"]}
    assert choice.request(None, "", None).options == {"run": "old"}


def test_the_run_that_was_asked_for_is_exported(
    page: ExportView, shared_application: Application, settled: Settled
) -> None:
    """The page was shown before the run was there, and was not told of it."""
    explore = explore_of(shared_application)
    explore.show_browser()
    with explore.document.project.write() as session:
        for name in ("old", "new"):
            runs.add(session, name, status="candidate", settings="{}")
    try:
        shared_application.commands.exporting.show_model("old")
        rest(settled)
        assert explore.exporting.request().options == {"run": "old"}
        assert "--run old" in page.foot.command.text
    finally:
        with explore.document.project.write() as session:
            for name in ("old", "new"):
                runs.remove(session, name)


def test_an_export_of_before_keeps_its_layout(
    page: ExportView, shared_application: Application, settled: Settled, tmp_path: Path
) -> None:
    explore = explore_of(shared_application)
    layouts.build(explore.document.project, method="pca")  # the page knows only of the one before
    out = str(tmp_path / "x.csv")
    explore.exporting.past = [exports.Past(0.0, "layout", "csv", out, 13, 99, {"layout": "pca"})]
    explore.exporting.again(0)
    rest(settled)
    assert explore.exporting.request().options == {"layout": "pca"}
    assert "--layout pca" in page.foot.command.text


def test_what_was_written_is_told_until_something_else_is_chosen(
    page: ExportView, shared_application: Application, settled: Settled
) -> None:
    page.foot.export.click()
    rest(settled)
    explore_of(shared_application).document.changed.emit(Changes.TAGS)
    rest(settled)
    assert page.foot.words.text().startswith("Embeddings: 13 written to ")
    assert page.foot.show_.isVisible() and page.foot.export.isEnabled()
    choose(shared_application, "embeddings", "csv", settled)
    assert not page.foot.show_.isVisible()


def test_a_job_that_commits_keeps_no_preview_from_coming(
    page: ExportView, shared_application: Application, settled: Settled
) -> None:
    explore, looks = explore_of(shared_application), []
    explore.exporting.previewing._settle.setInterval(200)
    shared_application.runner.started.connect(looks.append)
    for _ in range(10):
        explore.document.changed.emit(Changes.TAGS)
        QTest.qWait(40)
    shared_application.runner.started.disconnect(looks.append)
    assert any(isinstance(one, Task) and one.title == "Preview" for one in looks)


def test_the_room_is_checked_when_the_size_is_known(
    page: ExportView,
    shared_application: Application,
    settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    exporting = explore_of(shared_application).exporting
    exporting.previewing._settle.setInterval(60)  # it comes after the place was looked at
    exporting.choose_format("csv")
    QTest.qWait(20)
    assert page.foot.words.text().endswith("are free there.")
    QTest.qWait(80)
    rest(settled)
    assert "are needed" in page.foot.words.text() and not page.foot.export.isEnabled()


def test_a_home_that_nobody_has_is_a_folder_that_is_not_there(
    page: ExportView, tmp_path: Path, settled: Settled
) -> None:
    put(page, Path("~no-such-person/x.npy"), settled)
    assert page.foot.words.text() == f"There is no folder {tmp_path / '~no-such-person'}."


def test_the_list_replaces_nothing_without_a_word(
    page: ExportView, shared_application: Application, tmp_path: Path, settled: Settled
) -> None:
    explore, foot = explore_of(shared_application), page.foot
    explore.document.selection.set(explore.browse.listing.ids[:2])
    beside = tmp_path / "photos-embeddings-images.csv"
    beside.write_text("my own")
    explore.exporting.choose_images("selected")
    rest(settled)
    assert foot.make_list.text() == "Replace that list" and foot.make_list.isEnabled()
    beside.unlink()
    beside.mkdir()
    explore.exporting.choose_images("selected")
    rest(settled)
    assert not foot.make_list.isEnabled() and "is a folder" in foot.list_words.toolTip()
    beside.rmdir()
    explore.exporting.choose_images("selected")
    rest(settled)
    assert foot.make_list.text() == "Write that list"
    foot.make_list.click()
    rest(settled)
    assert foot.make_list.text() == "Replace that list" and beside.stat().st_size > 9


def test_a_report_is_not_counted(
    page: ExportView, shared_application: Application, settled: Settled
) -> None:
    choose(shared_application, "report", "json", settled)
    page.foot.export.click()
    rest(settled)
    assert page.foot.words.text().startswith("Report written to photos-report.json, ")
    past = exports.Past(0.0, "report", "json", "/x.json", 13, 87_000)
    assert past_row(past).words == "87 kB"


def test_pages_need_room_as_every_export_does(
    page: ExportView,
    shared_application: Application,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    request = exports.Request("report", "pdf", tmp_path / "report.pdf")
    with pytest.raises(DiskFull):
        facts.write(explore_of(shared_application).document.project, request, Job())
    assert list(tmp_path.iterdir()) == []
