"""Explore by keyboard and mouse: browse, filter, tag, undo, search, look closely."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.views.inspector import PREVIEW_PX
from app.widgets.map_canvas import _mode
from app.window_app import Application
from core.errors import CatalogueError

Settled = Callable[[], None]
Key = Qt.Key
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def names(explore: Explore) -> list[str]:
    """The names the grid lists, in order."""
    found = [explore.rows.get(int(one)) for one in explore.browse.listing.ids]
    return [image.name for image in found if image is not None]


@pytest.fixture
def painted(explore: Explore, settled: Settled) -> Explore:
    """The catalogue open, drawn once, so that the rows on screen are known."""
    explore.grid.grab()
    settled()
    return explore


def test_a_catalogue_opens_with_grid_and_map(painted: Explore, application: Application) -> None:
    assert len(painted.browse.listing) == 13
    assert len(painted.map.ids) == 13
    assert "disc-0.png" in names(painted)
    assert application.window.status._images.text() == "13 images"
    assert application.window.status._unreadable.text() == "1 unreadable"
    assert application.keeper.settings.recent[0].endswith("photos.lookalike")


def test_arrows_walk_and_shift_extends(painted: Explore, qtbot: QtBot) -> None:
    grid, selection = painted.grid, painted.document.selection
    ids = painted.browse.listing.ids
    qtbot.keyClick(grid, Key.Key_Right)
    assert selection.current == ids[0]
    qtbot.keyClick(grid, Key.Key_Right)
    qtbot.keyClick(grid, Key.Key_Right, SHIFT)
    assert selection.ids.tolist() == sorted(ids[1:3].tolist())
    qtbot.keyClick(grid, Key.Key_End)
    assert selection.current == ids[-1]
    qtbot.keyClick(grid, Key.Key_Home, SHIFT)
    assert len(selection) == 13
    qtbot.keyClick(grid, Key.Key_A, CONTROL)
    assert len(selection) == 13


def test_a_click_in_the_grid_selects_on_the_map_and_the_reverse(
    painted: Explore, qtbot: QtBot
) -> None:
    grid, canvas, selection = painted.grid, painted.map.canvas, painted.document.selection
    middle = grid.cell(2).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert selection.current == painted.browse.listing.ids[2]
    assert painted.map.ids[canvas.item.current_row] == selection.current
    canvas.grab()
    row = 7
    place = QPoint(*(int(v) for v in canvas.item.pixels[row]))
    at = canvas.item.row_at(QPointF(place))
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert selection.ids.tolist() == [int(painted.map.ids[at])]
    assert grid.listing.row_of(selection.current) >= 0


def test_a_box_on_the_map_selects_adds_and_subtracts(painted: Explore) -> None:
    canvas, selection = painted.map.canvas, painted.document.selection
    canvas.grab()
    everything = np.arange(len(painted.map.ids))
    painted.map._enclose(everything, "set")
    assert len(selection) == 13
    painted.map._enclose(everything[:4], "subtract")
    assert len(selection) == 9
    painted.map._enclose(everything[:1], "add")
    assert len(selection) == 10
    canvas.tool = "box"
    canvas._trail = [QPointF(0, 0), QPointF(canvas.width(), canvas.height())]
    assert len(canvas._rows_in(canvas._outline())) == 13


def test_control_takes_away_on_the_map_since_windows_move_with_alt() -> None:
    assert _mode(CONTROL) == "subtract"
    assert _mode(Qt.KeyboardModifier.AltModifier) == "subtract"
    assert _mode(SHIFT) == "add"


def test_the_whole_map_stays_whole_until_it_is_moved(
    painted: Explore, application: Application, settled: Settled
) -> None:
    canvas = painted.map.canvas
    for width_px in (1000, 1800, 1280):
        application.window.resize(width_px, 640)
        settled()
        canvas.grab()
        x, frame = canvas.item.pixels[:, 0], canvas.frame()
        assert 0 <= x.min() <= x.max() <= frame.width_px
    canvas.zoom(4.0)
    before = canvas.frame()
    application.window.resize(1400, 640)
    settled()
    assert canvas.frame().right - canvas.frame().left < (before.right - before.left) * 2


def test_pressing_on_the_map_takes_the_picture_under_the_pointer_away(
    painted: Explore, qtbot: QtBot
) -> None:
    canvas = painted.map.canvas
    canvas.grab()
    place = canvas.item.pixels[0].round().astype(int).tolist()
    qtbot.mouseMove(canvas.viewport(), QPoint(*place))
    canvas._hover(QPointF(*place))
    assert canvas.item.hovered_row >= 0
    qtbot.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(*place))
    assert canvas.item.hovered_row == -1
    qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(*place))


def test_tagging_is_undone_and_redone_by_name(
    painted: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    grid, actions = painted.grid, application.actions.actions
    qtbot.keyClick(grid, Key.Key_Right)
    qtbot.keyClick(grid, Key.Key_Right, SHIFT)
    application.commands.tag()
    field = painted.inspector.tag_field
    qtbot.keyClicks(field, "to keep")
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert actions["undo"].text() == "Undo: Tag 2 images “to keep”"
    assert [facet.name for facet in painted.browse.facets.tags] == ["to keep"]
    actions["undo"].trigger()
    settled()
    assert painted.browse.facets.tags == []
    assert actions["redo"].text() == "Redo: Tag 2 images “to keep”"
    actions["redo"].trigger()
    settled()
    painted.browse.set_value("tag", "to keep", True)
    assert len(painted.browse.listing) == 2
    assert painted.search.chip_texts == ["Tag: to keep"]


def test_filters_narrow_and_chips_take_them_back(painted: Explore, qtbot: QtBot) -> None:
    search = painted.search
    qtbot.keyClicks(search.field, "disc")
    qtbot.keyClick(search.field, Key.Key_Return)
    assert len(painted.browse.listing) == 5
    painted.browse.set_value("class", "squares", True)
    assert len(painted.browse.listing) == 1
    assert search.chip_texts == ["“disc”", "Class: squares"]
    chip = search._chips[1]
    qtbot.keyClick(chip, Key.Key_Delete)
    assert len(painted.browse.listing) == 5
    painted.browse.set_text("no such name")
    assert painted.splitter.grid_stack.currentIndex() == 1  # says what to do
    painted.browse.clear()
    assert len(painted.browse.listing) == 13
    assert search.field.text() == ""


def test_the_filter_popup_ticks(painted: Explore, settled: Settled) -> None:
    popup = painted.filters
    popup.open_below(painted.search.filters)
    model = popup._model
    assert [model.item(row).text() for row in range(3)] == ["squares", "discs", "triangles"]
    model.item(0).setCheckState(Qt.CheckState.Checked)
    settled()
    assert len(painted.browse.listing) == 5
    popup.cleared.emit()
    assert len(painted.browse.listing) == 13
    popup.hide()


def test_sorting_by_size_and_by_similarity(painted: Explore, settled: Settled) -> None:
    painted.browse.set_sort("size", True)
    painted.grid.grab()
    sizes = [painted.rows.get(int(one)) for one in painted.browse.listing.ids]
    listed = [image.size_bytes for image in sizes if image is not None]
    assert listed == sorted(listed, reverse=True)
    chosen = int(painted.browse.listing.ids[4])
    painted.document.selection.set([chosen])
    painted.browse.set_sort("similarity", False)
    settled()
    listing = painted.browse.listing
    assert listing.ids[0] == chosen
    assert len(listing) == 13
    assert listing.scores is not None
    ranked = listing.scores[~np.isnan(listing.scores)]
    assert (np.diff(ranked) <= 1e-6).all()


def test_a_pasted_image_finds_what_is_like_it(
    painted: Explore, application: Application, photos: Path, qtbot: QtBot, settled: Settled
) -> None:
    QApplication.clipboard().setImage(QImage(str(photos / "triangles" / "triangle-2.png")))
    painted.search.field.setFocus()
    qtbot.keyClick(painted.search.field, Key.Key_V, CONTROL)
    settled()
    painted.grid.grab()
    assert painted.query_bar.chip_texts == ["+ a pasted picture"]
    assert names(painted)[0] == "triangle-2.png"
    scores = painted.browse.listing.scores
    assert scores is not None
    assert scores[0] > 0.99
    painted.query_bar.chips[0].removed.emit()
    settled()
    assert len(painted.browse.listing) == 13


def test_what_a_search_found_is_shown_from_its_best_on(
    painted: Explore, application: Application, photos: Path, settled: Settled
) -> None:
    painted.grid.set_thumb_size(256)
    painted.document.selection.set([int(painted.browse.listing.ids[-1])])
    painted.grid.reveal(int(painted.browse.listing.ids[-1]))
    assert painted.grid.verticalScrollBar().value() > 0
    application.shell.search_file(photos / "discs" / "disc-1.png")
    settled()
    assert painted.browse.listing.scores is not None
    assert painted.grid.verticalScrollBar().value() == 0


def test_the_name_of_a_folder_in_the_clipboard_imports_nothing(
    painted: Explore, application: Application, tmp_path: Path, settled: Settled
) -> None:
    QApplication.clipboard().setText(str(tmp_path))
    application.commands.paste()
    settled()
    assert len(painted.browse.facets.sources) == 1
    assert "no image" in application.window.banner.message


def test_the_picture_gives_way_to_look_alikes_on_a_low_screen(
    painted: Explore, application: Application, settled: Settled
) -> None:
    inspector = painted.inspector
    application.window.resize(1280, 1000)
    settled()
    assert inspector.preview.height() == PREVIEW_PX
    application.window.resize(1280, 600)
    settled()
    assert inspector.preview.height() < PREVIEW_PX


def test_a_file_can_be_searched_with_by_its_path_or_as_a_file(
    painted: Explore, application: Application, photos: Path, settled: Settled
) -> None:
    path = photos / "discs" / "disc-1.png"
    QApplication.clipboard().setText(str(path))
    application.commands.paste()
    settled()
    assert painted.query_bar.chip_texts == ["+ disc-1.png"]
    painted.browse.clear()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    QApplication.clipboard().setMimeData(data)
    application.commands.paste()
    settled()
    assert painted.query_bar.chip_texts == ["+ disc-1.png"]
    QApplication.clipboard().setText("just words")
    application.commands.paste()
    assert "no image" in application.window.banner.message


def test_an_image_dropped_on_the_window_is_searched_for(
    painted: Explore, application: Application, photos: Path, settled: Settled
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photos / "squares" / "square-3.png"))])
    window, copy = application.window, Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dragEnterEvent(QDragEnterEvent(QPoint(300, 300), copy, data, left, none))
    assert window._drop_hint.isVisibleTo(window)
    window.dropEvent(QDropEvent(QPointF(300, 300), copy, data, left, none))
    settled()
    assert not window._drop_hint.isVisibleTo(window)
    assert painted.query_bar.chip_texts == ["+ square-3.png"]


def test_more_like_several_selected(painted: Explore, settled: Settled, qtbot: QtBot) -> None:
    painted.document.selection.set(painted.browse.listing.ids[:3])
    settled()
    qtbot.waitUntil(lambda: painted.inspecting.is_settled)
    settled()
    assert painted.inspector.title.full_text() == "3 images selected"
    painted.inspector.more_like_these.emit()
    settled()
    assert painted.query_bar.chip_texts == ["+ disc-0.png", "+ disc-1.png", "+ disc-2.png"]
    assert len(painted.browse.listing) == 10


def test_the_inspector_shows_facts_and_walks_to_look_alikes(
    painted: Explore, qtbot: QtBot, settled: Settled
) -> None:
    first = int(painted.browse.listing.ids[0])
    painted.document.selection.set([first])
    qtbot.waitUntil(lambda: painted.inspecting.is_settled)
    settled()
    inspector = painted.inspector
    assert inspector.title.full_text() == "disc-0.png"
    assert inspector._facts["Dimensions"].full_text() == "96 × 72"
    near = inspector.strip.items
    assert near[0][2] == pytest.approx(1.0, abs=1e-3)  # its copy in another folder
    inspector.strip.chosen.emit(near[1][0])
    assert painted.document.selection.current == near[1][0]
    inspector.went_back.emit()
    assert painted.document.selection.current == first
    inspector.went_forward.emit()
    assert painted.document.selection.current == near[1][0]


def test_space_opens_the_full_view_and_escape_leaves_it(
    painted: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    qtbot.keyClick(painted.grid, Key.Key_Right)
    qtbot.waitUntil(application.window.isActiveWindow)
    painted.grid.setFocus()
    qtbot.keyClick(painted.grid, Key.Key_Space)
    settled()
    assert painted.page == "full"
    assert painted.viewing.is_sharp
    qtbot.keyClick(painted.full, Key.Key_Right)
    assert painted.document.selection.current == painted.browse.listing.ids[1]
    before = painted.full.zoom
    painted.full.zoom_by(2.0, QPointF(100, 100))
    assert painted.full.zoom == pytest.approx(2 * before)
    painted.full.grab()
    qtbot.keyClick(painted.full, Key.Key_Escape)
    assert painted.page == "browser"


def test_the_full_view_is_walked_and_left_with_the_mouse(
    painted: Explore, qtbot: QtBot, settled: Settled
) -> None:
    painted.open_full(int(painted.browse.listing.ids[0]))
    settled()
    for choice, at in ((painted.full.next, 1), (painted.full.previous, 0)):
        qtbot.mouseClick(choice, Qt.MouseButton.LeftButton)
        assert painted.document.selection.current == int(painted.browse.listing.ids[at])
    qtbot.mouseClick(painted.full.leave, Qt.MouseButton.LeftButton)
    assert painted.page == "browser"


def test_narrow_bars_drop_what_is_said_elsewhere_before_they_cut_words(
    painted: Explore, application: Application, settled: Settled
) -> None:
    application.window.resize(1000, 640)
    settled()
    assert not painted.bar._size.isVisible()
    assert not painted.map._by_label.isVisible()
    assert painted.bar._order.width() >= 120
    application.window.resize(1800, 900)
    settled()
    assert painted.bar._size.isVisible()
    assert painted.map._by_label.isVisible()


def test_a_map_that_cannot_be_read_says_so(painted: Explore) -> None:
    painted.map_presenter._has_points = False
    painted.map_presenter._fail(CatalogueError("The layout is damaged."))
    assert painted.map.empty._title.text() == "The map could not be read"


def test_unreadable_files_are_listed_with_the_reason(
    painted: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    application.window.status.unreadable_wanted.emit()
    settled()
    assert painted.page == "unreadable"
    model = painted.unreadable.model
    assert model.rowCount() == 1
    assert model.data(model.index(0, 0)) == "broken.jpg"
    assert model.data(model.index(0, 2))
    painted.unreadable.table.selectRow(0)
    painted.unreadable._copy()
    assert QApplication.clipboard().text().endswith("broken.jpg")
    qtbot.keyClick(painted.unreadable, Key.Key_Escape)
    assert painted.page == "browser"


def test_panes_hide_and_one_of_grid_and_map_stays(
    painted: Explore, application: Application
) -> None:
    actions = application.actions.actions
    actions["show-map"].trigger()
    assert not painted.is_pane_shown("map")
    assert not actions["show-map"].isChecked()
    actions["show-grid"].trigger()
    assert painted.is_pane_shown("map")
    actions["show-inspector"].trigger()
    assert not painted.is_pane_shown("inspector")


def test_thumbnails_grow_with_the_wheel_and_the_size_is_kept(
    painted: Explore, application: Application
) -> None:
    painted.bar.thumb_size_chosen.emit(200)
    assert painted.grid.thumb_px == 200
    painted.grid.grab()
    application.commands.smaller()
    assert painted.grid.thumb_px == 167
    application.shell.close_document()
    assert application.keeper.settings.thumbnail_size_px == 167


def test_the_legend_shows_a_class_alone_and_filters_by_it(painted: Explore) -> None:
    view = painted.map
    code = view._points.names.index("squares")
    view.legend.highlighted.emit(frozenset({code}))
    grey = view._points.shade.colours[view._points.codes != code]
    assert len(set(grey.tolist())) == 1
    view.legend.filter_requested.emit(code)
    assert painted.search.chip_texts == ["Class: squares"]
    assert view._points.passing is not None
    assert view._points.passing.sum() == 5
    view.colour_by_chosen.emit("source")
    view.canvas.grab()


def test_zooming_in_shows_pictures_at_the_points(painted: Explore, settled: Settled) -> None:
    canvas = painted.map.canvas
    canvas.zoom(1.2)
    canvas.grab()
    settled()
    assert len(canvas.item.picture_rows) > 0
    canvas.grab()
    canvas._hover(QPointF(canvas.item.picture_rect(int(canvas.item.picture_rows[0])).center()))
    assert painted.map._preview.isVisibleTo(painted.map)
    canvas.leaveEvent(None)
    assert not painted.map._preview.isVisibleTo(painted.map)
