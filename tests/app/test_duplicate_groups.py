"""The panel Groups by keyboard and mouse: a group as a graph, cut, accepted, judged; keepers by rules that preview."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_links import keep, made
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.views.duplicates.groups import GroupsPanel
from app.window_app import Application
from core.operations import groups, images, pairs, projects

Settled = Callable[[], None]
Key = Qt.Key


def rest(settled: Settled, wait_ms: int = 60) -> None:
    """Until what was chosen has been read."""
    QTest.qWait(wait_ms)
    settled()


@pytest.fixture(scope="module")
def ids(shared_catalogue: Path) -> dict[str, int]:
    """Contents by name; four discs hang together, two squares are alike, and one disc lies there twice."""
    with projects.open(shared_catalogue) as project:
        described = images.describe(project, images.list_ids(project).tolist())
        named = {one.name.removesuffix(".png"): one.content_id for one in described}
        d = [named[f"disc-{number}"] for number in range(4)]
        pairs_ = [(d[a], d[b], score) for a, b, score in LINKS]
        keep(project, made([*pairs_, (named["square-1"], named["square-2"], 0.93)]))
    return named


LINKS = (
    (0, 1, 0.99), (0, 2, 0.96), (1, 2, 0.95), (0, 3, 0.86), (1, 3, 0.84), (2, 3, 0.83),
)  # fmt: skip


@pytest.fixture(scope="module")
def window(
    shared_application: Application, shared_catalogue: Path, ids: dict[str, int]
) -> Application:
    """The catalogue open in a window, once for all tests: that takes longer than they do."""
    shared_application.shell.open_path(shared_catalogue)
    return shared_application


@pytest.fixture
def application(window: Application, settled: Settled) -> Application:
    """The window as it is in the beginning: nothing is judged, and nothing selected."""
    window.window.activateWindow()
    settled()
    explore = explore_of(window)
    explore.show_browser()
    explore.document.selection.clear()
    explore.duplicates.groups.open_only.setChecked(False)
    window.window.banner.hide()
    project = explore.document.project
    said = [(one.a, one.b) for one in pairs.list_pairs(project)]
    explore.document.edit("", pairs.judge_many, said, None, "Anew")
    return window


@pytest.fixture
def panel(
    application: Application, ids: dict[str, int], qtbot: QtBot, settled: Settled
) -> GroupsPanel:
    """The panel, opened by keys, with the group of discs on show."""
    explore = explore_of(application)
    explore.duplicates.show_panel("groups")  # before the page is, so that no review is begun
    qtbot.keyClick(application.window, Key.Key_2, Qt.KeyboardModifier.AltModifier)
    explore.duplicates.groups.order.setCurrentIndex(1)
    explore.duplicates.groups.order_chosen.emit("size")
    rest(settled)
    explore.deduplicating.groups.show_group_of(ids["disc-0"])
    rest(settled)
    return explore.duplicates.groups


def explore_of(application: Application) -> Explore:
    assert application.shell.explore is not None, application.window.banner.message
    return application.shell.explore


def shown(panel: GroupsPanel) -> set[int]:
    return {one.content_id for one in panel.graph.graph.nodes}


def discs(ids: dict[str, int]) -> set[int]:
    return {ids[f"disc-{number}"] for number in range(4)}


def test_a_group_shows_as_a_graph_with_its_weakest_link_and_keeper(
    panel: GroupsPanel, ids: dict[str, int], qtbot: QtBot
) -> None:
    graph = panel.graph.graph
    assert shown(panel) == discs(ids)
    assert panel.model.rowCount() == 2
    assert "4 pictures, 5 files" in panel.title.text()
    assert [one.is_keeper for one in graph.nodes].count(True) == 1
    assert {one.copies for one in graph.nodes} == {1, 2}
    weakest = graph.lines[graph.weakest if graph.weakest is not None else -1]
    assert weakest.score == pytest.approx(0.86)
    assert {graph.nodes[at].content_id for at in weakest.far_side} == {ids["disc-3"]}
    # The list says it in words, for eyes and for ears.
    told = panel.model.data(panel.model.index(0, 0))
    assert "weakest link: fairly strong" in told
    panel.list.grab()
    qtbot.waitUntil(lambda: all(_names(panel)))
    assert _names(panel)[0] == next(one.name for one in graph.nodes if one.is_keeper)
    assert len(set(_names(panel))) == 2
    assert panel.model.data(panel.model.index(0, 0)).startswith(f"Group 1: {_names(panel)[0]}, ")
    assert len(panel.members.rows) == 5
    assert panel.members.rows[0].is_keeper
    assert "4 members, 6 links" in panel.graph.accessibleDescription()
    _walk_and_click(panel, qtbot)


def _names(panel: GroupsPanel) -> list[str]:
    """The files that stay, as the list has read them."""
    return [panel.model.name_of(panel.model.row(at)) for at in range(panel.model.rowCount())]


def _walk_and_click(panel: GroupsPanel, qtbot: QtBot) -> None:
    """Arrows go among members, and the mouse hits a link."""
    graph = panel.graph
    seen = {graph.focused}
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Left, Key.Key_Up) * 3:
        qtbot.keyClick(graph, key)
        seen.add(graph.focused)
    assert len(seen) > 2
    a, b = graph.centre(graph.graph.lines[0].a), graph.centre(graph.graph.lines[0].b)
    free = [a + (b - a) * share for share in (0.35, 0.4, 0.45, 0.55, 0.6, 0.65)]
    where = next(one for one in free if not any(graph.rect_of(at).contains(one) for at in range(4)))
    QTest.mouseClick(graph, Qt.MouseButton.LeftButton, pos=where.toPoint())
    assert graph.line >= 0
    QTest.mouseClick(graph, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert graph.line < 0


def test_c_cuts_and_the_sides_separate_and_undo_joins_them(
    panel: GroupsPanel,
    application: Application,
    ids: dict[str, int],
    qtbot: QtBot,
    settled: Settled,
) -> None:
    assert panel.cut.isEnabled()
    qtbot.keyClick(panel.graph, Key.Key_C)
    rest(settled)
    # Both sides are still on screen, with no machine's link between them.
    assert shown(panel) == discs(ids)
    graph = panel.graph.graph
    far = next(at for at, one in enumerate(graph.nodes) if one.content_id == ids["disc-3"])
    crossing = [one for one in graph.lines if far in (one.a, one.b)]
    assert all(one.verdict == "different" for one in crossing)
    assert panel.title.text() == "Parted into 3 and 1"
    apart = np.linalg.norm(graph.places - graph.places[far], axis=1)
    inner = [at for at in range(4) if at != far]
    widest = max(
        float(np.linalg.norm(graph.places[a] - graph.places[b])) for a in inner for b in inner
    )
    assert apart[inner].min() > widest
    project = explore_of(application).document.project
    found = groups.group_of(project, ids["disc-0"])
    assert found is not None and set(found.contents) == discs(ids) - {ids["disc-3"]}
    qtbot.keyClick(application.window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    rest(settled)
    found = groups.group_of(project, ids["disc-0"])
    assert found is not None and set(found.contents) == discs(ids)
    assert panel.title.text() == "4 pictures, 5 files"
    assert panel.cut.isEnabled()
    assert explore_of(application).deduplicating.groups._parted == ()


def test_a_link_is_walked_to_and_judged_by_keys(
    panel: GroupsPanel,
    application: Application,
    ids: dict[str, int],
    qtbot: QtBot,
    settled: Settled,
) -> None:
    panel.graph.setFocus()
    qtbot.keyClicks(panel.graph, "]")
    assert panel.graph.line == panel.graph.graph.weakest
    assert panel.below.currentWidget() is panel.link
    assert "link (86 %)" in panel.link.note.text()
    assert "leaves 3 and 1" in panel.link.note.text()
    pair = panel.graph.line_key
    qtbot.keyClick(panel.graph, Key.Key_D)
    rest(settled)
    said = {
        (one.a, one.b): one for one in pairs.list_pairs(explore_of(application).document.project)
    }
    assert pair is not None and said[pair].verdict == "duplicate"
    assert said[pair].score == pytest.approx(0.86)
    # It stays chosen, and shows what was said.
    assert panel.graph.line_key == pair
    assert panel.link.answers.lit == "duplicate"
    qtbot.keyClick(panel.graph, Key.Key_Escape)
    assert panel.graph.line < 0
    assert panel.below.currentWidget() is panel.survey
    assert explore_of(application).page == "duplicates"


def test_d_accepts_the_group_and_a_member_is_taken_out(
    panel: GroupsPanel,
    application: Application,
    ids: dict[str, int],
    qtbot: QtBot,
    settled: Settled,
) -> None:
    project = explore_of(application).document.project
    graph = panel.graph
    at = next(at for at, one in enumerate(graph.graph.nodes) if one.content_id == ids["disc-2"])
    QTest.mouseClick(graph, Qt.MouseButton.LeftButton, pos=graph.centre(at).toPoint())
    # Choosing a member selects its image everywhere.
    described = images.describe(project, explore_of(application).document.selection.ids.tolist())
    assert [one.content_id for one in described] == [ids["disc-2"]]
    qtbot.keyClick(graph, Key.Key_Delete)
    rest(settled)
    found = groups.group_of(project, ids["disc-0"])
    assert found is not None and ids["disc-2"] not in found.contents
    panel.list.clicked.emit(panel.list.currentIndex())  # the group that is left
    rest(settled)
    assert shown(panel) == discs(ids) - {ids["disc-2"]}
    qtbot.keyClick(graph, Key.Key_D)
    rest(settled)
    found = groups.group_of(project, ids["disc-0"])
    assert found is not None and found.is_judged
    assert not panel.accept.isEnabled()
    assert "marked as duplicates" in application.window.banner.message
    # What a person joined is not parted by a cut; a sentence says why.
    lines = panel.graph.graph.lines
    panel.graph.choose_line(next(at for at, one in enumerate(lines) if one.verdict == "duplicate"))
    qtbot.keyClick(panel.graph, Key.Key_C)
    rest(settled)
    assert "You said that" in application.window.banner.message
    again = groups.group_of(project, ids["disc-0"])
    assert again is not None and again.contents == found.contents
    assert "Parted" not in panel.title.text()
    panel.open_only.setChecked(True)
    rest(settled)
    assert panel.model.rowCount() == 1


def test_rules_preview_what_they_do_and_move_by_keys(
    panel: GroupsPanel, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    rules = panel.keeping.rules
    rest(settled, 150)
    decided = {
        rule.kind: line.effect.text() for rule, line in zip(rules.rules, rules.lines, strict=True)
    }
    assert any(words.startswith(("Decides 1, ", "Decides 2, ")) for words in decided.values())
    keeper = next(one.image.id for one in panel.members.rows if one.is_keeper)
    # The largest file, then the smallest: another one is kept, and the preview says so at once.
    place = next(at for at, rule in enumerate(rules.rules) if rule.kind == "bytes")
    qtbot.keyClick(rules.lines[place].tick, Key.Key_R)
    rest(settled, 150)
    assert rules.rules[place].is_reversed
    assert rules.lines[place].tick.text().endswith("Smallest file")
    changed = next(one.image.id for one in panel.members.rows if one.is_keeper)
    assert changed != keeper
    for _ in range(place):
        at = next(at for at, rule in enumerate(rules.rules) if rule.kind == "bytes")
        qtbot.keyClick(rules.lines[at].tick, Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    rest(settled, 150)
    assert rules.rules[0].kind == "bytes"
    assert (
        rules.effect_label("bytes").text().startswith("Decides 1, ")
    )  # exact copies are equally large
    qtbot.keyClick(rules.lines[0].tick, Key.Key_Space)
    rest(settled, 150)
    assert rules.effect_label("bytes").text().startswith("Off")
    panel.keeping.reset.click()
    rest(settled, 150)
    assert rules.rules[0].kind == "whole"
    assert next(one.image.id for one in panel.members.rows if one.is_keeper) == keeper
    # Nothing goes from a protected folder, so what lies there is kept.
    folder = next(one for one in panel.keeping.folders if one.endswith("squares"))
    menu = panel.keeping.open_protect_menu()
    entry = next(one for one in menu.actions() if one.text().endswith("squares"))
    entry.trigger()
    menu.close()
    rest(settled, 150)
    assert panel.keeping.guarded == (folder,)
    kept = [one for one in panel.members.rows if one.is_keeper]
    assert [one.image.name for one in kept] == ["disc-0 copy.png"]  # what is protected comes first
    panel.keeping.protected.emit(folder, False)
    rest(settled, 150)
    assert panel.keeping.guarded == ()


def test_the_inspector_and_a_key_lead_to_the_group(
    application: Application, ids: dict[str, int], qtbot: QtBot, settled: Settled
) -> None:
    explore = explore_of(application)
    project = explore.document.project
    every = images.describe(project, images.list_ids(project).tolist())
    of = {one.name: one.id for one in every}
    explore.document.selection.set([of["square-2.png"]])
    rest(settled, 150)
    assert explore.inspector.group_line.text() == "In a group of 2 files"
    explore.document.selection.set([of["triangle-1.png"]])
    rest(settled, 150)
    assert not explore.inspector.group.isVisible()
    qtbot.keyClick(explore.grid, Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    settled()
    assert "in no group" in application.window.banner.message
    explore.document.selection.set([of["disc-1.png"]])
    rest(settled, 150)
    assert explore.inspector.group_line.text() == "In a group of 5 files"
    explore.inspector.group.click()
    rest(settled, 150)
    assert (explore.page, explore.duplicates.panel) == ("duplicates", "groups")
    assert shown(explore.duplicates.groups) == discs(ids)
    # What is selected elsewhere is marked here.
    assert explore.duplicates.groups.chosen_contents == (ids["disc-1"],)
