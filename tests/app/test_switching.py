"""Two encoders side by side: map, look-alikes, searches and order follow the one that is looked through."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.widgets import moving
from app.window_app import Application
from core.catalogue import contents
from core.intake.batches import Embedder
from core.operations import layouts, neighbours, projects, search
from core.project import Project

Settled = Callable[[], None]
OTHER = "timm:grey@other.safetensors"


class Other:
    """Random directions: what is alike in them is another matter."""

    name = OTHER
    key = "another key"
    dim = 8


def embed_otherwise(project: Project, *, is_whole: bool = True) -> None:
    """A second embedding; where ``is_whole`` with its graph and layout."""
    with project.read() as session:
        ids = [int(one) for one in contents.in_use(session)]
    rows = np.random.default_rng(5).normal(size=(len(ids), 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    embedder = Embedder.open(project, Other)  # type: ignore[arg-type]
    with project.write() as session:
        embedder.append(project, session, ids, rows)
    if is_whole:
        neighbours.build(project, encoder=OTHER)
        layouts.build(project, encoder=OTHER)


@pytest.fixture
def twin(
    application: Application, catalogue: Path, fake_encoder: type, settled: Settled
) -> Explore:
    """A catalogue with two embeddings, open in the window."""
    with projects.open(catalogue) as project:
        embed_otherwise(project)
    application.shell.open_path(catalogue)
    settled()
    assert application.shell.explore is not None
    return application.shell.explore


def look_alikes(explore: Explore) -> list[int]:
    return [one[0] for one in explore.inspector.strip.items]


def choose(explore: Explore, row: int, qtbot: QtBot) -> None:
    """Select the image of a row, and wait until the inspector tells of it."""
    explore.document.selection.set([int(explore.browse.listing.ids[row])])
    qtbot.waitUntil(lambda: explore.inspecting.is_settled)


def test_map_and_look_alikes_follow(
    twin: Explore, settled: Settled, application: Application, qtbot: QtBot
) -> None:
    choose(twin, 2, qtbot)
    before, places = look_alikes(twin), twin.map.places.copy()
    assert application.window.status.encoder.text() == "Encoder: Built in"
    twin.switching.switch_to(OTHER)
    settled()
    assert application.window.status.encoder.text() == "Encoder: grey"
    stored = layouts.load(twin.document.project, OTHER)
    assert stored is not None
    assert np.array_equal(twin.map.places, stored.positions)
    assert look_alikes(twin) != before
    expected = neighbours.of_image(
        twin.document.project, int(twin.browse.listing.ids[2]), 24, OTHER
    )
    assert look_alikes(twin) == [hit.image_id for hit in expected]
    twin.switching.switch_to("builtin")
    settled()
    assert np.allclose(twin.map.places, places)
    assert look_alikes(twin) == before


def test_colours_filter_and_selection_stay_on_the_map(twin: Explore, settled: Settled) -> None:
    first = twin.browse.facets.classes[0]
    twin.browse.set_value("class", first.value, True)
    settled()
    points = twin.map._points
    codes, passing = points.codes, points.passing
    assert passing is not None
    twin.document.selection.set([int(points.ids[3])])
    twin.switching.switch_to(OTHER)
    settled()
    assert points.codes is codes
    assert points.passing is passing
    assert points.selected[3]
    assert twin.map.canvas.item.current_row == 3


def test_searches_are_asked_again(twin: Explore, settled: Settled) -> None:
    ids = twin.browse.listing.ids
    twin.document.selection.set([int(ids[0])])
    twin.asking.like_selection()
    settled()
    before = twin.browse.listing.ids.tolist()
    twin.switching.switch_to(OTHER)
    settled()
    found = search.similar_to_images(twin.document.project, [int(ids[0])], k=200, encoder=OTHER)
    assert twin.browse.listing.ids.tolist() == [hit.image_id for hit in found] != before


def test_the_order_by_similarity_is_made_again_for_the_same_images(
    twin: Explore, settled: Settled
) -> None:
    ids = twin.browse.listing.ids
    twin.document.selection.set([int(ids[4])])
    twin.browse.set_sort("similarity", False)
    settled()
    before = twin.browse.listing.ids.tolist()
    twin.document.selection.set([int(ids[9])])
    twin.switching.switch_to(OTHER)
    settled()
    after = twin.browse.listing.ids.tolist()
    assert after[0] == before[0] == ids[4]
    assert after != before
    assert sorted(after) == sorted(before)


def test_a_key_and_the_status_bar_switch(
    twin: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    assert application.actions.actions["next-encoder"].isEnabled()
    qtbot.keyClick(twin.grid, Qt.Key.Key_E)
    assert twin.document.encoder == OTHER
    qtbot.keyClick(twin.grid, Qt.Key.Key_E)
    assert twin.document.encoder == "builtin"
    menu = application.popups.show_encoder_menu()
    assert menu is not None
    shown = {entry.text().partition("\t")[0]: entry for entry in menu.actions()}
    assert shown["Built in"].isChecked()
    shown["grey  ·  other.safetensors"].trigger()
    menu.close()
    settled()
    assert twin.document.encoder == OTHER


def test_with_one_encoder_there_is_nothing_to_switch_to(
    explore: Explore, application: Application
) -> None:
    assert not application.actions.actions["next-encoder"].isEnabled()
    explore.switching.switch_to(OTHER)
    explore.switching.switch_on()
    assert explore.document.encoder is None


def test_an_embedding_without_a_map_offers_to_make_one(
    application: Application, catalogue: Path, settled: Settled
) -> None:
    with projects.open(catalogue) as project:
        embed_otherwise(project, is_whole=False)
    application.shell.open_path(catalogue)
    settled()
    explore = application.shell.explore
    assert explore is not None
    asked: list[str] = []
    explore.map_presenter.map_wanted.connect(asked.append)
    explore.switching.switch_to(OTHER)
    settled()
    make = next(one for one in explore.map.empty.findChildren(QPushButton) if one.isVisible())
    assert make.text() == "Make it"
    make.click()
    assert asked == [OTHER]
    explore.switching.switch_to("builtin")
    settled()
    assert len(explore.map.ids) == 13
    assert explore.map.canvas.isVisible()


def test_points_walk_from_the_old_places_to_the_new(
    twin: Explore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "MOVE_S", 0.3)
    old = twin.map.places.copy()
    twin.switching.switch_to(OTHER)
    stored = layouts.load(twin.document.project, OTHER)
    assert stored is not None
    qtbot.wait(60)
    between = twin.map.places
    assert not np.allclose(between, old)
    assert not np.allclose(between, stored.positions)
    qtbot.waitUntil(lambda: not twin.map.is_moving)
    assert np.array_equal(twin.map.places, stored.positions)
