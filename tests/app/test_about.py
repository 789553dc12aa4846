"""About, the licences of others, and a newer version: nothing is asked of the network before the person agrees."""

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from feed_server import Feed, feed
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.open_requests import OpenRequests
from app.presenters import releases
from app.window_app import Application
from core import settings, version
from core.operations.releases import NO_FEED, Origin

__all__ = ["feed"]  # a fixture


@pytest.fixture
def application(shared_application: Application) -> Application:
    """A window that these tests share; nobody has agreed to anything, and the banner is empty."""
    shared_application.keeper.change(
        may_look_for_releases=False, looks_for_releases=False, last_look_for_releases=""
    )
    shared_application.window.banner.hide()
    return shared_application


def answer(number: str = "99.0", page: str = "https://example.org/get") -> bytes:
    return json.dumps({"version": number, "page": page, "changes": ["All is new"]}).encode()


def test_about_tells_version_and_folders(application: Application, tmp_path: Path) -> None:
    application.actions.actions["about"].trigger()
    dialog = application.commands.about.show()
    dialog.copy.click()
    copied = QApplication.clipboard().text()
    assert copied.startswith(f"Lookalike {version.current()}\n")
    assert "torch" in copied
    assert str(settings.data_folder()) not in copied
    for one in application.window.findChildren(type(dialog)):
        one.reject()


def test_licences_of_others_are_shown(application: Application) -> None:
    about = application.commands.about.show()
    about.notices.click()
    dialog = application.commands.about._notices
    assert dialog is not None
    assert not about.isVisible()
    shown = dialog.text.toPlainText()
    assert "LGPL" in shown and "sqlalchemy" in shown
    dialog.reject()
    assert application.commands.about._notices is None


def test_it_asks_before_the_network_is_used(application: Application, feed: Feed) -> None:
    feed.body = answer()
    presenter = application.commands.about.releases
    dialog = application.commands.about.show_newer()
    assert "127.0.0.1" in dialog.words.text()
    assert dialog.look.isVisible()
    dialog.close_button.click()
    presenter.begin()  # as at every start
    assert feed.asked == []
    assert not application.keeper.settings.may_look_for_releases

    application.commands.about.show_newer().look.click()
    assert len(feed.asked) == 1
    assert dialog is not presenter.dialog
    assert presenter.dialog is not None
    assert presenter.dialog.title.text() == "Lookalike 99.0 is available"
    assert "All is new" in presenter.dialog.changes.text()
    presenter.dialog.reject()

    # Agreed once: it looks at once from now on, and still not by itself.
    again = application.commands.about.show_newer()
    assert len(feed.asked) == 2
    assert not again.look.isVisible()
    again.reject()
    presenter.begin()
    assert len(feed.asked) == 2
    assert settings.load().may_look_for_releases


def test_its_page_opens_in_the_browser(
    application: Application, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    application.keeper.change(may_look_for_releases=True)
    feed.body = answer(page="https://example.org/get?a=1%202")
    dialog = application.commands.about.show_newer()
    dialog.page.click()
    assert [url.toString(QUrl.ComponentFormattingOption.FullyEncoded) for url in opened] == [
        "https://example.org/get?a=1%202"
    ]
    dialog.reject()


def test_the_newest_is_said_to_be_so(application: Application, feed: Feed) -> None:
    application.keeper.change(may_look_for_releases=True)
    feed.body = answer("0.0.1")
    dialog = application.commands.about.show_newer()
    assert dialog.title.text() == "You have the newest version"
    assert not dialog.page.isVisible()
    dialog.reject()


def test_by_itself_only_where_it_was_turned_on(
    application: Application, feed: Feed, settled: Callable[[], None]
) -> None:
    feed.body = answer()
    dialog = application.commands.about.show_newer()
    dialog.by_itself.click()
    dialog.reject()
    presenter = application.commands.about.releases
    assert feed.asked == []  # turning it on looks at the next start
    presenter.begin()
    assert len(feed.asked) == 1
    assert "Lookalike 99.0 is available" in application.window.banner.message
    presenter.begin()
    assert len(feed.asked) == 1  # once a week
    application.keeper.change(last_look_for_releases="2001-01-01")
    feed.status = 500
    application.window.banner.hide()
    presenter.begin()
    assert len(feed.asked) == 2
    assert not application.window.banner.isVisible()  # nobody waits for it
    assert (
        application.keeper.settings.last_look_for_releases == "2001-01-01"
    )  # the next start tries again
    dialog = application.commands.about.show_newer()
    assert dialog.by_itself.isChecked()
    dialog.by_itself.click()
    dialog.reject()
    assert not settings.load().looks_for_releases


def test_what_goes_wrong_is_said_and_can_be_tried_again(
    application: Application, feed: Feed
) -> None:
    application.keeper.change(may_look_for_releases=True)
    feed.status = 503
    dialog = application.commands.about.show_newer()
    assert "error 503" in dialog.words.text()
    feed.status, feed.body = 200, answer()
    dialog.look.click()
    assert dialog.title.text() == "Lookalike 99.0 is available"
    dialog.reject()


@pytest.mark.parametrize("page", ["", "https://example.org/get"])
def test_a_build_that_knows_of_none_says_so(
    application: Application, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr(releases.releases, "origin", lambda: Origin("", page))
    dialog = application.commands.about.show_newer()
    assert dialog.words.text() == f"{NO_FEED} You have {version.current()}."
    assert not dialog.look.isVisible() and not dialog.by_itself.isVisible()
    assert dialog.page.isVisible() == bool(page)
    dialog.reject()


@pytest.mark.logs_warnings
def test_a_bug_does_not_leave_it_looking(
    application: Application, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    application.keeper.change(may_look_for_releases=True)
    told: list[BaseException] = []
    monkeypatch.setattr(releases.releases, "look", lambda feed: 1 / 0)
    monkeypatch.setattr(application.shell.errors, "present", told.append)
    dialog = application.commands.about.show_newer()
    assert len(told) == 1 and dialog.words.text() == "Something went wrong."
    assert dialog.look.isVisible()
    dialog.reject()


def test_the_dialog_goes_by_keyboard(
    application: Application, feed: Feed, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    feed.body = answer()
    application.window.show()
    dialog = application.commands.about.show_newer()
    settled()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)  # what is offered first
    assert dialog.title.text() == "Lookalike 99.0 is available"
    qtbot.keyClick(dialog.by_itself, Qt.Key.Key_Space)
    assert application.keeper.settings.looks_for_releases
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert application.commands.about.releases.dialog is None


def test_a_week_is_a_week() -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    days = {days: (today - datetime.timedelta(days)).isoformat() for days in (-3, 0, 6, 7, 400)}
    assert [days[one] for one in days if releases.is_due(days[one])] == [
        days[-3],
        days[7],
        days[400],
    ]
    assert releases.is_due("") and releases.is_due("yesterday")


def test_a_folder_that_the_system_asks_for_is_opened(qapp: QApplication, tmp_path: Path) -> None:
    opened: list[Path] = []
    requests = OpenRequests(opened.append)
    qapp.installEventFilter(requests)
    try:
        for event in (
            QFileOpenEvent(str(tmp_path)),
            QFileOpenEvent(QUrl.fromLocalFile(str(tmp_path / "My photos"))),
            QFileOpenEvent(QUrl("https://example.org/x")),
        ):
            QApplication.sendEvent(qapp, event)
    finally:
        qapp.removeEventFilter(requests)
    assert opened == [tmp_path, tmp_path / "My photos"]
