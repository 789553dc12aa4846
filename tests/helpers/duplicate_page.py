"""The page Duplicates in a window with made links, and what tests ask of it by keyboard."""

from collections.abc import Callable
from pathlib import Path

import made_links
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.presenters.duplicate_review import DuplicateReview
from app.presenters.duplicate_trail import Trail
from app.views.duplicates.review_bar import ASKED
from app.window_app import Application
from core.catalogue import contents
from core.operations import pairs, projects
from core.project import Project

Settled = Callable[[], None]
Key = Qt.Key
Said = dict[tuple[int, int], str]


def used(project: Project) -> list[int]:
    with project.read() as session:
        return [int(one) for one in contents.in_use(session)]


def link(catalogue: Path) -> Path:
    """A chain of six contents, each linked with the next and the one after, and two pairs apart from it."""
    with projects.open(catalogue) as project:
        ids = used(project)
        chain = [(ids[at], ids[at + by]) for by in (1, 2) for at in range(6 - by)]
        apart = [(ids[6], ids[7]), (ids[8], ids[9])]
        scores = np.linspace(0.95, 0.7, len(chain) + 2).tolist()
        made_links.keep(
            project,
            made_links.made([(a, b, s) for (a, b), s in zip(chain + apart, scores, strict=True)]),
        )
    return catalogue


@pytest.fixture(scope="module")
def linked(shared_catalogue: Path) -> Path:
    return link(shared_catalogue)


@pytest.fixture(scope="module")
def window(shared_application: Application, linked: Path) -> Application:
    """The catalogue open in a window, once for all tests: that takes longer than they do."""
    shared_application.shell.open_path(linked)
    return shared_application


@pytest.fixture
def page(window: Application, qtbot: QtBot, settled: Settled) -> Explore:
    """The page, opened by its key, as it is in the beginning: nothing is judged."""
    window.window.activateWindow()
    settled()
    explore = window.shell.explore
    assert explore is not None
    explore.show_browser()
    panel, review, project = explore.duplicates.review, review_of(explore), explore.document.project
    pairs.judge_many(project, list(kept(explore)), None, "Anew")
    review.forget()
    review.trail, review.seen_s = Trail(), 0.0
    panel.contradiction.show_contradiction(None)
    panel.said.setText("")
    panel.bar.show_order("gain")
    panel.bar.show_kinds(ASKED)
    panel.align.setChecked(True)
    panel.pair.choose(0)
    explore.duplicates.show_panel("review")
    qtbot.keyClick(window.window, Key.Key_2, Qt.KeyboardModifier.AltModifier)
    rest(settled)
    assert explore.page == "duplicates" and explore.duplicates.has_pair()
    return explore


def rest(settled: Settled) -> None:
    """Until what is around the pair has followed it."""
    QTest.qWait(25)
    settled()


def press(settled: Settled, key: Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:  # fmt: skip
    QTest.keyClick(QApplication.focusWidget(), key, keys)
    rest(settled)


def review_of(explore: Explore) -> DuplicateReview:
    return explore.deduplicating.review


def shown(explore: Explore) -> tuple[int, int]:
    row = review_of(explore).row
    assert row is not None and explore.duplicates.review.pair.key == row.card.key
    return row.card.key


def kept(explore: Explore) -> Said:
    return {(one.a, one.b): one.verdict for one in pairs.list_pairs(explore.document.project)}


def words_of(explore: Explore) -> str:
    return explore.duplicates.review.stack.words
