"""The map in the window: layouts chosen and watched, colours, lens, clusters, acting on a selection."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QSlider, QSpinBox, QWidget

from app.dialogs.map_export import MapExportDialog
from app.explore import Explore
from app.presenters.map_layouts import ANEW, PLACE, RIGHT
from app.presenters.map_loading import count_unplaced, load_points
from app.style.theme import Theme
from app.views.map.bar import MapBar
from app.views.map.settings import LayoutSettings
from app.widgets.choice import Choice
from app.window_app import Application
from core.changes import Changes
from core.layout import methods
from core.operations.layout_watch import watch_of

Settled = Callable[[], None]
Show = Callable[[QWidget], None]


@pytest.fixture
def seen(explore: Explore, settled: Settled) -> Explore:
    """The catalogue open, drawn once."""
    explore.map.canvas.grab()
    settled()
    return explore


def entries(menu: object) -> list[str]:
    return [one.text() for one in menu.actions() if not one.isSeparator()]  # type: ignore[attr-defined]


def short(title: str) -> str:
    return title.partition(" (")[0]


def test_layouts_are_chosen_made_and_remembered(
    seen: Explore, application: Application, settled: Settled
) -> None:
    layouts, bar = seen.map_presenter.layouts, seen.map.bar
    first = methods.method(layouts.shown.method)
    other = methods.method("pca" if first.name != "pca" else "poincare")
    assert bar.layouts.words == short(first.title)
    menu = layouts.open_menu(QPoint(0, 0))
    assert entries(menu)[0] == first.title
    assert other.title in entries(menu)[2:]
    menu.close()
    before = seen.map.places.copy()
    layouts.make(other.name)
    assert bar.layouts.words == short(other.title)
    assert not np.array_equal(before, seen.map.target)
    assert seen.map.strip.words == ""
    assert application.keeper.settings.map_layouts == {"builtin": other.name}
    application.commands.mapping.next_layout()
    assert bar.layouts.words == short(first.title)
    assert np.allclose(before, seen.map.target)
    assert load_points(seen.document.project, None, {"builtin": "none such"}) is not None


def test_a_layout_under_way_moves_the_map_until_it_looks_right(
    seen: Explore, settled: Settled
) -> None:
    watch, layouts = watch_of(seen.document.project), seen.map_presenter.layouts
    ids, before = seen.map.ids, seen.map.target.copy()
    places = np.random.default_rng(1).uniform(-1, 1, (len(ids), 2)).astype(np.float32)
    watch.begin()
    watch.show("pca", "builtin", ids.copy(), places, (3, 10), 0.0)
    layouts.look()
    assert np.array_equal(seen.map.target, places)
    assert seen.map.strip.words == "Laying out, round 3 of 10"
    seen.document.changed.emit(Changes.LAYOUTS)
    assert np.array_equal(seen.map.target, places)  # what is stored waits for the end
    seen.map.strip.choose(RIGHT)
    assert watch.is_finished
    watch.show("pca", "another", ids, -places, (4, 10), 0.0)
    layouts.look()
    assert not np.array_equal(seen.map.target, -places)  # another encoder's is not looked at
    watch.end()
    layouts.look()
    assert seen.map.strip.words == ""
    assert np.array_equal(seen.map.target, before)
    look_at_the_first_map(seen)
    look_at_new_images(seen)


def look_at_the_first_map(seen: Explore) -> None:
    """It appears while it is made."""
    view, watch = seen.map, watch_of(seen.document.project)
    ids = view.ids
    view.show_empty("No map yet", "")
    seen.map_presenter._has_points = False
    places = np.random.default_rng(2).uniform(-1, 1, (5, 2)).astype(np.float32)
    watch.begin()
    watch.show("pca", "builtin", ids[:5], places, (1, 5), 0.0)
    seen.map_presenter.layouts.look()
    assert view.has_points
    assert len(view.ids) == 5
    assert len(view.points.names) > 0
    watch.end()
    seen.map_presenter.layouts.look()
    assert len(view.ids) == 13


def look_at_new_images(seen: Explore) -> None:
    """They are told of, and placed."""
    project, ids = seen.document.project, seen.map.ids
    assert count_unplaced(project, None, ids) == 0
    assert count_unplaced(project, None, ids[2:]) == 2
    layouts = seen.map_presenter.layouts
    layouts._show_unplaced(12)
    assert seen.map.strip.words == "12 new images are not on this map yet."
    assert seen.map.strip.offers == [PLACE, ANEW]
    seen.map.strip.choose(PLACE)
    assert seen.map.strip.words == ""


def test_settings_are_built_from_the_table_of_methods(seen: Explore, settled: Settled) -> None:
    popup: LayoutSettings = seen.map.settings
    seen.map_presenter.layouts.open_settings()
    given: list[tuple[str, dict[str, object]]] = []
    seen.map_presenter.layouts._build = lambda title, method, **how: given.append(  # type: ignore[method-assign]
        (method, how)
    )
    for place, one in enumerate(methods.METHODS):
        popup.method.setCurrentIndex(place)
        assert [field.option for field in popup._fields] == list(one.options)
        for option in one.options:
            kind = Choice if option.choices else QSpinBox if option.is_whole else QSlider
            assert isinstance(popup.field(option.name).field, kind)
        assert methods.settled(one, popup.options) == methods.settled(one, {})
    umap = methods.method("umap")
    popup.method.setCurrentIndex([one.name for one in methods.METHODS].index("umap"))
    popup.field("neighbours").show_value(30)
    popup.field("min_distance").show_value(0.5)
    popup.make.click()
    (method, how), *others = given
    assert not others
    assert method == umap.name
    assert (how["options"]["neighbours"], how["options"]["min_distance"]) == (30, 0.5)
    assert how["align_with"] is None
    assert popup.isHidden()


def test_numbers_colour_the_map_and_filter_by_a_part(seen: Explore) -> None:
    view = seen.map
    for by in ("bytes", "pixels", "date", "oddness"):
        view.bar.colour_by_chosen.emit(by)
        assert view.colour_by == by
        assert view.points.scale is not None
        assert view.key._stack.currentWidget() is view.key.scale
        assert len(view.key.scale._ends) in (1, len(view.points.names) + 1)
        view.key.scale.grab()
    code = int(view.points.codes[0])
    expected = set(view.points.contents[view.points.codes == code].tolist())
    view.key.scale.filter_requested.emit(frozenset({code}))
    assert set(seen.browse.listing.contents.tolist()) == expected
    assert seen.search.chip_texts == [f"Among {len(expected)} pictures"]
    seen.browse.clear()
    view.bar.colour_by_chosen.emit("density")
    assert view.points.names == []
    assert not view.key.isVisibleTo(view)

    look_at_groups(seen)


def look_at_groups(seen: Explore) -> None:
    """They follow what is marked."""
    view = seen.map
    view.bar.colour_by_chosen.emit("group")
    before = int((view.points.codes >= 0).sum())
    single = view.ids[view.points.codes < 0][:2]
    seen.document.selection.set(single)
    seen.selected.mark("duplicate")
    assert int((view.points.codes >= 0).sum()) == before + 2


def test_clusters_colour_the_map_and_become_tags(seen: Explore, application: Application) -> None:
    view, selecting = seen.map, seen.map_presenter.selecting
    view.bar.colour_by_chosen.emit("cluster")
    found = seen.map_presenter.colours.clusters.clustering
    assert found is not None
    assert view.points.names == found.words
    assert view.key.head.isVisibleTo(view.key)
    assert view.key.told.text().startswith(f"{len(found.words)} cluster")
    view.key.grain.setValue(view.key.grain.maximum())
    finest = seen.map_presenter.colours.clusters.clustering
    assert finest is not None
    assert finest.grain == 9
    assert view.key.tags.isEnabled() == bool(finest.words)
    if finest.words:
        view.key.tags.click()
        application.commands.undo()
        menu = selecting.open_class_menu(0, QPoint(0, 0))
        assert "Turn it into a tag" in entries(menu)
        menu.close()
    view.bar.colour_by_chosen.emit("class")
    assert not view.key.head.isVisibleTo(view.key)


def test_the_lens_shows_where_neighbours_lie(seen: Explore, application: Application) -> None:
    view, lens = seen.map, seen.map_presenter.lens
    application.actions.actions["map-lens"].trigger()
    assert lens.is_on
    assert view.bar.lens.isChecked()
    view.pointed.emit(3)
    assert view.canvas.lens_row == 3
    assert "neighbours are near here on the map" in view.lens_note.words
    assert not view.canvas.item.shows_names
    view.pointed.emit(-1)
    assert view.canvas.lens_row == -1
    application.actions.actions["map-lens"].trigger()
    assert not lens.is_on
    assert view.lens_note.words == ""
    assert view.canvas.item.shows_names


def test_a_selection_is_inverted_filtered_saved_and_taken_from_what_is_in_sight(
    seen: Explore, application: Application, tmp_path: Path
) -> None:
    view, selection = seen.map, seen.document.selection
    actions = application.actions.actions
    selection.set(view.ids[:4])
    assert view.selected._words.text() == "4 selected"
    actions["invert-selection"].trigger()
    assert len(selection) == 9
    assert not set(selection.ids.tolist()) & set(view.ids[:4].tolist())
    actions["select-in-sight"].trigger()
    assert len(selection) == 13
    view.canvas.fit(np.array([0]))
    view.canvas.zoom(30)
    actions["select-in-sight"].trigger()
    assert 0 < len(selection) < 13
    selection.set(view.ids[:3])
    seen.map_presenter.selecting.save(tmp_path / "three.csv")
    assert len((tmp_path / "three.csv").read_text("utf-8").splitlines()) == 4
    actions["filter-selection"].trigger()
    contents = set(view.points.contents[:3].tolist())
    assert set(seen.browse.listing.contents.tolist()) == contents
    assert view.points.passing is not None
    selection.clear()
    assert view.selected.isHidden()
    seen.browse.clear()
    code = view.points.names.index("squares")
    seen.map_presenter.selecting.select_class(code)
    assert len(selection) == 5
    view.canvas.grab()
    for row in np.flatnonzero(view.points.codes != code).tolist():
        place = QPointF(*view.canvas.item.pixels[row].tolist()).toPoint()
        if view.canvas.item.row_at(QPointF(place)) == row:  # not under the picture of another
            view.point_at(place)  # as a right click does
            break
    assert len(selection) == 1


def test_a_narrow_map_leaves_out_what_its_menu_has(
    theme: Theme, application: Application, show: Show
) -> None:
    bar = MapBar(theme)
    show(bar)
    bar.show_layout("Principal components (PCA)", "")
    bar.show_trust("Trust 0.97", "Close images can be trusted.")
    for wide_px in (320, 400, 520, 640):
        bar.resize(wide_px, 40)
        check_bar(bar)
    menu = application.popups.show_map_menu(QPoint(300, 0))
    assert {"Lens: neighbours of the point", "Show the whole map"} <= set(entries(menu))
    menu.close()


def check_bar(bar: MapBar) -> None:
    """Nothing is cut off, and the menu at the end is always there."""
    layout = bar.layout()
    assert layout is not None
    layout.activate()
    every = (bar.layouts, bar.by, bar.trust, bar.lens, bar.pictures, bar.fit, bar.more)
    shown = [one for one in (*every, *bar.tools.values()) if one.isVisibleTo(bar)]
    assert max(one.geometry().right() for one in shown) <= bar.width()
    least = [one.minimumWidth() or one.minimumSizeHint().width() for one in shown]
    assert all(one.width() >= wide for one, wide in zip(shown, least, strict=True))
    assert bar.more in shown
    assert (bar.trust in shown) == (bar.width() >= 470)


def test_the_map_is_exported_as_it_is_set_in_the_dialog(
    seen: Explore, application: Application, tmp_path: Path
) -> None:
    application.actions.actions["export-map"].trigger()
    (dialog,) = application.window.findChildren(MapExportDialog)
    assert not dialog._preview.pixmap().isNull()
    dialog.size_choice.setCurrentIndex(1)
    assert (dialog.spec.width_px, dialog.spec.height_px) == (1920, 1080)
    dialog.width_field.setValue(800)
    assert dialog.size_choice.currentData() is None
    dialog.height_field.setValue(600)
    for kind in ("png", "svg"):
        spec = replace(dialog.spec, kind=kind)
        assert seen.map_export.write(spec, tmp_path / f"map.{kind}")
    image = QImage(str(tmp_path / "map.png"))
    assert (image.width(), image.height()) == (800, 600)
    drawn = (tmp_path / "map.svg").read_text("utf-8")
    assert drawn.count("<circle") + drawn.count("<image") >= 13
    assert "squares" in drawn
    assert not seen.map_export.write(dialog.spec, tmp_path)  # a folder
    assert "cannot be written" in application.window.banner.message
    dialog.reject()
