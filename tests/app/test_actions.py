"""The table of actions holds together, and everything is built from it."""

from collections import Counter

from app.actions import IMAGE_MENU, MENUS, TABLE
from app.dialogs.palette import rank
from app.explore import Explore
from app.main_window import RAIL_BOTTOM, RAIL_TOP, TOGGLES
from app.window_app import Application


def test_ids_and_keys_are_used_once() -> None:
    assert max(Counter(spec.id for spec in TABLE).values()) == 1
    keys = Counter(key for spec in TABLE for key in spec.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_what_is_built_from_the_table_is_in_it() -> None:
    ids = {spec.id for spec in TABLE}
    assert {spec.menu for spec in TABLE} == set(MENUS)
    assert {*RAIL_TOP, *RAIL_BOTTOM, *TOGGLES, *(one for one in IMAGE_MENU if one)} <= ids


def test_only_what_can_be_done_is_enabled(application: Application) -> None:
    enabled = {key for key, action in application.actions.actions.items() if action.isEnabled()}
    assert {"open-folder", "open-catalogue", "open-demo", "palette", "quit"} <= enabled
    assert not enabled & {"undo", "tag", "search", "full-view", "add-folder", "show-map"}


def test_the_palette_finds_by_letters_and_runs(application: Application, explore: Explore) -> None:
    palette = application.popups.show_palette()
    palette._field.setText("show map")
    assert palette.shown[0] == "Show the map" or "Show the map" in palette.shown[:2]
    palette._field.setText("selectall")
    assert palette.shown[0] == "Select all"
    palette._choose()
    assert len(explore.document.selection) == 13


def test_letters_in_a_row_rank_before_letters_apart() -> None:
    together, apart = rank("map", "Show the map"), rank("map", "Make a picture")
    assert together is not None
    assert apart is not None
    assert together < apart
    assert rank("xyz", "Show the map") is None


def test_the_shortcut_sheet_names_every_key(application: Application) -> None:
    listed = {name for _, lines in application.actions.sheet() for name, _ in lines}
    assert listed == {spec.text.rstrip("…") for spec in TABLE if spec.keys}
    sheet = application.popups.show_shortcuts()
    assert sheet.isVisible()
    sheet.reject()
