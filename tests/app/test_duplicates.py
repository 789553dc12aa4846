"""The page Duplicates by keyboard: answers, what the person saw, the way back, contradictions, and each in time."""

import time
from pathlib import Path

import duplicate_page
import made_links
import numpy as np
import pytest
from duplicate_page import Said, Settled, kept, link, press, rest, review_of, shown, used, words_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.window_app import Application
from core.errors import CatalogueError
from core.operations import projects
from core.operations.review import Review

Key = Qt.Key
linked, window, page = duplicate_page.linked, duplicate_page.window, duplicate_page.page


# -- answers


def test_each_key_answers_the_pair_on_screen_and_brings_the_next(
    page: Explore, settled: Settled, qtbot: QtBot
) -> None:
    asked: Said = {}
    answers = (Key.Key_X, "different"), (Key.Key_S, "similar"), (Key.Key_U, "unsure")
    for key, verdict in answers:
        asked[shown(page)] = verdict
        press(settled, key)
        assert kept(page) == asked and shown(page) not in asked
    panel = page.duplicates.review
    assert panel.bar.done.text() == "3 judged" and panel.verdicts.lit == ""
    assert panel.queue.rows.rows[0].card.key == shown(page)
    # A button answers too, and leaves the keys with the pair.
    asked[shown(page)] = "different"
    qtbot.mouseClick(panel.verdicts.button("different"), Qt.MouseButton.LeftButton)
    rest(settled)
    assert kept(page) == asked and panel.pair.hasFocus()


def test_answers_that_follow_are_told_and_not_asked(page: Explore, settled: Settled) -> None:
    asked = 0
    while page.duplicates.has_pair():
        asked += 1
        press(settled, Key.Key_D)
    # Eleven links; five join the chain of six, and two pairs are apart.
    assert asked == 7 and "4 followed from that" in words_of(page)
    focus = page.duplicates.review.stack.empty.findChildren(QPushButton)
    assert [one.text() for one in focus if one.isVisible()] == ["Groups", "Threshold", "Removal"]
    press(settled, Key.Key_Return)
    assert page.duplicates.panel == "groups"


def test_nothing_is_answered_that_was_not_seen_and_nothing_moves_on_that_was_not_stored(
    page: Explore, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = review_of(page)
    review.seen_s = 30.0
    press(settled, Key.Key_D)
    assert not kept(page) and page.duplicates.review.verdicts.lit == ""
    review.seen_s = 0.0
    press(settled, Key.Key_D)
    first = kept(page)
    assert len(first) == 1
    # Painted is what counts: it may be shown, and not be on the screen yet.
    view = page.duplicates.review.pair
    view.setUpdatesEnabled(False)  # nothing comes to the screen
    following = next(r for r in review.rows if r.card.key != shown(page))
    review.show_row(following)
    press(settled, Key.Key_D)
    assert kept(page) == first
    view.setUpdatesEnabled(True)
    rest(settled)
    press(settled, Key.Key_D)
    stored = kept(page)
    assert following.card.key in stored
    key, panel = shown(page), page.duplicates.review

    def fail(*_: object) -> None:
        raise CatalogueError("The disk is full.", "Make room.")

    with monkeypatch.context() as broken:
        broken.setattr(Review, "answer", fail)
        press(settled, Key.Key_D)
    assert panel.news.message == "This answer was not kept: The disk is full. Make room."
    assert shown(page) == key and panel.verdicts.lit == "" and panel.pair.verdict == ""
    press(settled, Key.Key_D)
    assert kept(page) == stored | {key: "duplicate"}


# -- the way back


def test_undo_and_redo_bring_the_pair_back_on_screen_after_a_restart_too(
    application: Application, catalogue: Path, settled: Settled
) -> None:
    application.shell.open_path(link(catalogue))
    settled()
    page = application.shell.explore
    assert page is not None
    review_of(page).seen_s = 0.0
    page.show_duplicates()
    rest(settled)
    first = shown(page)
    press(settled, Key.Key_X)
    second = shown(page)
    press(settled, Key.Key_S)
    control = Qt.KeyboardModifier.ControlModifier
    press(settled, Key.Key_Z, control)
    assert shown(page) == second and kept(page) == {first: "different"}
    assert page.duplicates.review.verdicts.lit == ""
    press(settled, Key.Key_Z, control)
    assert shown(page) == first and not kept(page)
    press(settled, Key.Key_Y, control)
    assert shown(page) == first and kept(page) == {first: "different"}
    assert page.duplicates.review.verdicts.lit == "different"
    press(settled, Key.Key_Y, control)
    assert shown(page) == second and len(kept(page)) == 2
    application.commands.close_catalogue()
    settled()
    application.shell.open_path(catalogue)
    settled()
    again = application.shell.explore
    assert again is not None and again is not page
    review_of(again).seen_s = 0.0
    again.show_duplicates()
    rest(settled)
    assert kept(again) == {first: "different", second: "similar"}
    press(settled, Key.Key_Z, control)
    assert shown(again) == second and kept(again) == {first: "different"}
    press(settled, Key.Key_Z, control)
    assert shown(again) == first and not kept(again)
    press(settled, Key.Key_Y, control)
    assert shown(again) == first and kept(again) == {first: "different"}


def test_arrows_skip_and_go_back_and_an_answer_there_replaces_the_old(
    page: Explore, settled: Settled
) -> None:
    first = shown(page)
    press(settled, Key.Key_Right)
    second = shown(page)
    assert second != first and not kept(page)
    press(settled, Key.Key_X)
    press(settled, Key.Key_Left)
    assert shown(page) == second and page.duplicates.review.verdicts.lit == "different"
    press(settled, Key.Key_U)
    assert kept(page) == {second: "unsure"}
    # An answer may change which pair comes next, and so how many lie between.
    steps = 0
    while shown(page) != first and steps < 4:
        press(settled, Key.Key_Left)
        steps += 1
    assert shown(page) == first
    queue = [one.card.key for one in page.duplicates.review.queue.rows.rows]
    assert queue[-1] == first  # what was skipped comes at the end


# -- contradictions


def contradict(page: Explore, settled: Settled) -> tuple[int, int]:
    """A = B and B = C, then A and C different. Returns the pair of the last."""
    project = page.document.project
    a, b, c = used(project)[:3]
    review = review_of(page)
    for key, answer in (((a, b), Key.Key_D), ((b, c), Key.Key_D), ((a, c), Key.Key_X)):
        review.show_pairs([key], "One pair")
        rest(settled)
        assert shown(page) == key
        press(settled, answer)
    return a, c


def test_a_contradiction_shows_at_once_with_every_way_out(
    page: Explore, settled: Settled, qtbot: QtBot
) -> None:
    key = contradict(page, settled)
    bar = page.duplicates.review.contradiction
    assert bar.isVisible() and shown(page) == key
    assert bar.sentence.text() == (
        "You said that A and B are different, but A = C and C = B, which makes them duplicates."
    )
    qtbot.mouseClick(bar.undo, Qt.MouseButton.LeftButton)
    rest(settled)
    assert not bar.isVisible() and key not in kept(page) and shown(page) == key
    # A link of the chain is looked at, and answered anew.
    key = contradict(page, settled)
    assert bar.isVisible()
    bar.strip.setFocus()
    press(settled, Key.Key_Right)
    link = shown(page)
    assert link != key and page.duplicates.review.verdicts.lit == "duplicate"
    press(settled, Key.Key_X)
    assert (
        not bar.isVisible() and kept(page)[link] == "different" and kept(page)[key] == "different"
    )
    # Both can be left as they are.
    key = contradict(page, settled)
    page.duplicates.review.pair.setFocus()
    press(settled, Key.Key_Right)
    assert not page.duplicates.review.contradiction.isVisible() and shown(page) != key
    assert len(kept(page)) == 3


# -- in time


def live(application: Application, catalogue: Path, qtbot: QtBot) -> Explore:
    application.shell.open_path(catalogue)
    qtbot.waitUntil(lambda: application.shell.explore is not None, timeout=20_000)
    explore = application.shell.explore
    assert explore is not None
    review_of(explore).seen_s = 0.0
    explore.show_duplicates()
    qtbot.waitUntil(lambda: review_of(explore).is_seen, timeout=20_000)
    qtbot.waitUntil(lambda: not application.runner.tasks, timeout=20_000)
    return explore


def test_sixty_verdicts_by_keyboard_each_on_the_pair_that_was_seen(
    live_application: Application, catalogue: Path, qtbot: QtBot
) -> None:
    """Painted at once, and none is lost, doubled or given to another pair. (The benchmark has the times.)"""
    with projects.open(catalogue) as project:
        ids = used(project)
        made = [(a, b, 0.9) for at, a in enumerate(ids) for b in ids[at + 1 :]][:64]
        made_links.keep(project, made_links.made(made))
    explore = live(live_application, catalogue, qtbot)
    review, view = review_of(explore), explore.duplicates.review.pair
    # Ten keys in one turn of the event loop: one verdict, on the pair that was on screen.
    first = shown(explore)
    for key in (Key.Key_X, *[Key.Key_S] * 9):
        QTest.keyClick(view, key)
    panel = explore.duplicates.review
    assert panel.verdicts.lit == "different" and shown(explore) == first
    qtbot.waitUntil(lambda: shown(explore) != first, timeout=20_000)
    qtbot.waitUntil(lambda: not live_application.runner.tasks, timeout=20_000)
    assert kept(explore) == {first: "different"}
    painted: list[float] = []
    view.answer_painted.connect(lambda _: painted.append(time.perf_counter()))
    typed: Said = {first: "different"}
    spent: list[float] = []
    answers = ((Key.Key_S, "similar"), (Key.Key_U, "unsure"), (Key.Key_X, "different"))
    while explore.duplicates.has_pair() and len(typed) < 61:
        qtbot.waitUntil(lambda: review.is_seen, timeout=20_000)
        key, verdict = answers[len(typed) % 3]
        before = shown(explore)
        typed[before] = verdict
        begun_s = time.perf_counter()
        QTest.keyClick(QApplication.focusWidget(), key)
        spent.append(painted[-1] - begun_s)
        qtbot.waitUntil(
            lambda b=before: not explore.duplicates.has_pair() or shown(explore) != b,  # type: ignore[misc]
            timeout=20_000,
        )
    qtbot.waitUntil(lambda: not live_application.runner.tasks, timeout=20_000)
    assert len(typed) == 61 and kept(explore) == typed and len(painted) == 60
    assert np.median(spent) < 0.05
