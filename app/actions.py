"""The table of actions: menus, rail, toolbar, command palette and shortcut sheet are built from it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.window_commands import Commands

MENUS = ("Catalogue", "Edit", "Search", "Map", "Duplicates", "Train", "View", "Help")
IMAGE_MENU = (
    "full-view", "open-file", "",
    "more-like-these", "also-like-these", "less-like-these", "between", "search-part", "",
    "show-group", "tag", "mark-duplicate", "mark-similar", "mark-different", "mark-unsure", "clear-marks", "",
    "filter-selection", "invert-selection", "save-list", "export-selection", "",
    "copy-paths", "copy-names", "show-file", "",
    "pin", "take-out", "bring-back",
)  # fmt: skip
MAP_MENU = (
    "map-layout", "map-facts", "",
    "map-lens", "map-names", "map-pictures", "fit-map", "zoom-selection", "",
    "tool-box", "tool-lasso", "select-in-sight", "invert-selection", "",
    "export-map",
)  # fmt: skip
FOUND_MENU = ("tag-found", "show-found", "export-found", "", "save-search", "saved-searches")
C = Commands
Do = Callable[[Commands], None]


@dataclass(frozen=True)
class ActionSpec:
    """One thing the user can do. ``scope`` window: its keys work everywhere; browser: in grid and map."""

    id: str
    text: str
    menu: str
    keys: tuple[str, ...]
    icon: str
    when: Callable[[Commands], bool]
    do: Callable[[Commands], None]
    is_checked: Callable[[Commands], bool] | None = None
    scope: str = "window"
    starts_group: bool = field(default=False)
    repeats: bool = True  # while its key is held


def _pane(pane: str) -> Callable[[Commands], bool]:
    return lambda commands: commands.is_pane_shown(pane)


def _theme(choice: str) -> tuple[Callable[[Commands], None], Callable[[Commands], bool]]:
    return (
        lambda commands: commands.choose_theme(choice),
        lambda commands: commands.shell.theme.choice == choice,
    )


def _tool(tool: str) -> Callable[[Commands], None]:
    return lambda commands: commands.use_tool(tool)()


def _part(part: str) -> Callable[..., tuple[Callable[[Commands], bool], Do]]:
    """Makes (when, do) of the names of two methods of a part of the commands, ``do`` with what follows."""

    def made(when: str, do: str, *args: object) -> tuple[Callable[[Commands], bool], Do]:
        return (
            lambda commands: bool(getattr(getattr(commands, part), when)()),
            lambda commands: getattr(getattr(commands, part), do)(*args),
        )

    return made


_images, _train, _search, _hints, _map, _compare, _duplicates, _export = (
    _part(one)
    for one in (
        "images", "training", "searching", "hinting", "mapping", "comparing", "deduplicating", "exporting",
    )
)  # fmt: skip

_about = _part("about")


def _mark(verdict: str) -> tuple[Callable[[Commands], bool], Do]:
    """(when, do) of a verdict: on the selected images, or on what the page Duplicates asks."""
    return (
        lambda commands: commands.images.can_edit() or commands.deduplicating.can_mark(),
        lambda commands: (
            commands.deduplicating if commands.deduplicating.is_shown() else commands.images
        ).mark(verdict),
    )


def _mode(mode: str) -> tuple[Callable[[Commands], bool], Do, Callable[[Commands], bool]]:
    return (
        lambda commands: commands.searching.can_choose_mode(),
        lambda commands: commands.searching.choose_mode(mode),
        lambda commands: commands.searching.is_mode(mode),
    )


A = ActionSpec
TABLE: tuple[ActionSpec, ...] = (
    A("open-folder", "Open folder…", "Catalogue", ("Ctrl+O",), "folder", C.always, C.open_folder),
    A("open-catalogue", "Open catalogue…", "Catalogue", ("Ctrl+Shift+O",), "catalogue",
      C.always, C.open_catalogue),
    A("open-demo", "Try the demo", "Catalogue", (), "demo", C.always, C.open_demo),
    A("add-folder", "Add folder…", "Catalogue", ("Ctrl+Shift+N",), "folder-add",
      C.is_writable, C.add_folder, starts_group=True),
    A("read-again", "Look for new files", "Catalogue", ("F5",), "refresh",
      C.is_writable, C.read_again),
    A("show-sources", "Sources", "Catalogue", ("Ctrl+Shift+S",), "folder",
      C.is_open, C.show_sources),
    A("import-labels", "Import labels…", "Catalogue", ("Ctrl+Shift+I",), "tag",
      C.is_writable, C.import_labels),
    A("import-embeddings", "Import embeddings…", "Catalogue", (), "encoder",
      C.is_writable, C.import_embeddings),
    A("show-encoders", "Encoders…", "Catalogue", ("Ctrl+Shift+E",), "encoder",
      C.is_open, C.show_encoders),
    A("show-care", "Catalogue care…", "Catalogue", (), "care", C.is_open, C.show_care,
      starts_group=True),
    A("merge", "Merge another catalogue…", "Catalogue", (), "merge",
      C.is_writable, C.merge_catalogue),
    A("close-catalogue", "Close catalogue", "Catalogue", ("Ctrl+W",), "home",
      C.is_open, C.close_catalogue, starts_group=True),
    A("quit", "Quit", "Catalogue", ("Ctrl+Q",), "close", C.always, C.quit),
    A("undo", "Undo", "Edit", ("Ctrl+Z",), "undo", C.can_undo, C.undo),
    A("redo", "Redo", "Edit", ("Ctrl+Y", "Ctrl+Shift+Z"), "redo", C.can_redo, C.redo),
    A("tag", "Tag the selection", "Edit", ("T",), "tag", C.can_tag, C.tag, starts_group=True),
    A("give-class", "Give the suggested class", "Edit", ("G",), "check",
      *_hints("can_settle", "give")),
    A("keep-class", "The class is right", "Edit", ("Y",), "", *_hints("can_settle", "keep")),
    A("select-all", "Select all", "Edit", ("Ctrl+A",), "check", C.is_open, C.select_all),
    A("select-none", "Select none", "Edit", ("Ctrl+D",), "close", C.has_selection, C.select_none),
    A("invert-selection", "Invert the selection", "Edit", ("I",), "", *_map("is_open", "invert")),
    A("filter-selection", "Show only the selection", "Edit", ("Shift+F",), "filter",
      *_map("has_selection", "filter_selection")),
    A("save-list", "Save the list of the selection…", "Edit", (), "open",
      *_map("has_selection", "save_list")),
    A("export-selection", "Export these…", "Edit", (), "export",
      *_export("are_selected", "show_selected")),
    A("mark-duplicate", "Mark as duplicates", "Edit", ("D",), "duplicate",
      *_mark("duplicate"), starts_group=True, repeats=False),
    A("mark-similar", "Mark as similar", "Edit", ("S",), "similar",
      *_mark("similar"), repeats=False),
    A("mark-different", "Mark as different", "Edit", ("X",), "different",
      *_mark("different"), repeats=False),
    A("mark-unsure", "Mark as unsure", "Edit", ("U",), "", *_mark("unsure"), repeats=False),
    A("clear-marks", "Clear the marks", "Edit", ("Shift+X",), "",
      *_images("can_edit", "clear_marks")),
    A("take-out", "Take out of the catalogue", "Edit", ("Del",), "take-out",
      *_images("can_take_out", "take_out"), scope="browser", starts_group=True),
    A("bring-back", "Bring back into the catalogue", "Edit", ("Ins",), "bring-back",
      *_images("can_bring_back", "bring_back"), scope="browser"),
    A("copy-paths", "Copy paths", "Edit", ("Ctrl+C",), "copy",
      *_images("are_selected", "copy_paths"), scope="browser", starts_group=True),
    A("copy-names", "Copy names", "Edit", ("Ctrl+Shift+C",), "",
      *_images("are_selected", "copy_names"), scope="browser"),
    A("show-file", "Show in file manager", "Edit", ("Ctrl+Return",), "folder",
      *_images("are_selected", "show_file")),
    A("open-file", "Open with the system's viewer", "Edit", ("Ctrl+E",), "open",
      *_images("are_selected", "open_file")),
    A("search", "Search", "Search", ("/", "Ctrl+F"), "search", C.is_open, C.search),
    A("search-file", "Search with an image file…", "Search", ("Ctrl+Shift+F",), "image-search",
      C.is_open, C.search_file),
    A("paste", "Search with the pasted image", "Search", ("Ctrl+V",), "pictures",
      C.is_open, C.paste),
    A("saved-searches", "Saved searches…", "Search", ("Ctrl+B",), "bookmark",
      *_search("is_open", "show_saved")),
    A("more-like-these", "More like the selection", "Search", ("M",), "explore",
      *_search("can_search", "more_like"), starts_group=True),
    A("also-like-these", "Add the selection to the search", "Search", ("Shift+M",), "plus",
      *_search("can_search", "also_like")),
    A("less-like-these", "Less like the selection", "Search", ("N",), "minus",
      *_search("can_search", "less_like")),
    A("between", "Between the two selected", "Search", ("Shift+B",), "between",
      *_search("can_search_between", "between")),
    A("search-part", "Search for a part of the picture", "Search", ("C",), "part",
      *_search("can_search", "part")),
    A("oddest", "Unlike anything", "Search", ("O",), "odd", *_search("is_open", "oddest")),
    A("turn-search", "Least like, instead of most", "Search", ("R",), "reverse",
      *_search("can_turn", "turn_round"), lambda commands: commands.searching.is_turned(),
      starts_group=True),
    A("save-search", "Save this search…", "Search", ("Ctrl+S",), "bookmark",
      *_search("can_save", "save")),
    A("tag-found", "Tag all that was found…", "Search", ("Shift+T",), "tag",
      *_search("can_tag", "tag_found")),
    A("show-found", "Show what was found on the map", "Search", ("Ctrl+M",), "map",
      *_search("has_found", "show_on_map")),
    A("export-found", "Export what was found…", "Search", ("Ctrl+Shift+X",), "open",
      *_search("has_found", "export")),
    A("end-search", "End the search", "Search", ("Shift+Esc",), "close",
      *_search("is_asked", "end")),
    A("search-exact", "Search exactly", "Search", (), "", *_mode("exact"), starts_group=True),
    A("search-balanced", "Search balanced", "Search", (), "", *_mode("balanced")),
    A("search-fast", "Search fast", "Search", (), "", *_mode("fast")),
    A("look-inside", "Look inside pictures", "Search", (), "part",
      *_search("can_look_inside", "look_inside")),
    A("words-as-typed", "Take words as typed", "Search", (), "", C.always, C.take_words_as_typed,
      C.words_are_as_typed),
    A("filter", "Filter", "Search", ("F",), "filter", C.is_open, C.filter, starts_group=True),
    A("clear-filters", "Clear search and filters", "Search", ("Ctrl+Backspace",), "close",
      C.is_open, C.clear_filters),
    A("map-layout", "Choose a layout…", "Map", ("Shift+L",), "map", *_map("is_open", "choose_layout")),
    A("next-layout", "Next layout", "Map", ("Shift+E",), "",
      *_map("has_other_layout", "next_layout")),
    A("layout-settings", "Settings of the layout…", "Map", (), "", *_map("can_make", "set_layout")),
    A("layout-anew", "Lay out anew", "Map", (), "refresh", *_map("can_make_anew", "make_anew")),
    A("layout-right", "The layout looks right", "Map", (), "check", *_map("can_finish", "finish")),
    A("map-facts", "How far the map can be trusted", "Map", (), "info",
      *_map("has_map", "show_facts")),
    A("map-lens", "Lens: neighbours of the point", "Map", ("K",), "lens",
      *_map("has_map", "turn_lens"), lambda commands: commands.mapping.has_lens(),
      starts_group=True),
    A("map-names", "Names of regions", "Map", (), "tag", *_map("is_open", "turn_names"),
      lambda commands: commands.mapping.has_names()),
    A("map-pictures", "Pictures at any zoom", "Map", (), "pictures",
      *_map("is_open", "turn_pictures"), lambda commands: commands.mapping.has_pictures()),
    A("fit-map", "Show the whole map", "Map", ("Ctrl+0",), "fit", C.is_open, C.fit_map,
      starts_group=True),
    A("zoom-selection", "Zoom to the selection", "Map", ("Z",), "",
      *_map("has_selection", "zoom_to_selection")),
    A("map-larger", "Zoom in", "Map", (), "plus", *_map("has_map", "zoom", 1.3)),
    A("map-smaller", "Zoom out", "Map", (), "minus", *_map("has_map", "zoom", 1 / 1.3)),
    A("tool-pointer", "Pan the map", "Map", ("V",), "pointer", C.is_open, _tool("pointer"),
      starts_group=True),
    A("tool-box", "Select on the map with a box", "Map", ("B",), "box", C.is_open, _tool("box")),
    A("tool-lasso", "Select on the map with a lasso", "Map", ("L",), "lasso",
      C.is_open, _tool("lasso")),
    A("select-in-sight", "Select all in sight", "Map", ("Shift+A",), "",
      *_map("has_map", "select_in_sight")),
    A("export-map", "Export the map…", "Map", (), "open", *_map("has_map", "export"),
      starts_group=True),
    A("show-duplicates", "Duplicates", "Duplicates", ("Alt+2",), "duplicate",
      *_duplicates("is_open", "show"), lambda commands: commands.deduplicating.is_shown()),
    A("find-duplicates", "Find duplicates", "Duplicates", ("F8",), "refresh",
      *_duplicates("can_find", "find")),
    A("show-group", "Show its group", "Duplicates", ("Shift+G",), "duplicate",
      *_duplicates("can_show_group", "show_group"), starts_group=True),
    A("cut-group", "Cut the group at its weakest link", "Duplicates", (), "",
      *_duplicates("can_cut", "cut")),
    A("answer-many", "Answer many pairs at once…", "Duplicates", (), "check",
      *_duplicates("can_answer_many", "answer_many")),
    A("lay-over", "Lay B over A", "Duplicates", ("A",), "layers",
      *_duplicates("has_pair", "lay_over"), lambda commands: commands.deduplicating.is_laid_over(),
      starts_group=True),
    A("show-difference", "Show what differs", "Duplicates", ("W",), "contrast",
      *_duplicates("has_pair", "show_difference"),
      lambda commands: commands.deduplicating.is_difference_shown()),
    A("show-train", "Train", "Train", ("Ctrl+Shift+T", "Alt+3"), "train", C.is_open,
      lambda commands: commands.training.show(), lambda commands: commands.training.is_shown()),
    A("new-training", "New training", "Train", (), "plus", *_train("can_set_up", "set_up")),
    A("start-training", "Start training", "Train", ("Ctrl+Shift+Return",), "resume",
      *_train("can_start", "start"), starts_group=True),
    A("pause-training", "Pause the training", "Train", ("Ctrl+Shift+P",), "pause",
      *_train("can_end", "pause"), lambda commands: commands.training.is_paused()),
    A("stop-training", "Stop the training and keep what was learnt", "Train", (), "stop",
      *_train("can_end", "stop_and_keep")),
    A("cancel-training", "Cancel the training", "Train", (), "close",
      *_train("can_end", "cancel")),
    A("roll-back", "Roll back to the encoder before", "Train", (), "undo",
      *_train("can_roll_back", "roll_back"), starts_group=True),
    A("pin", "Follow the selection in the next training", "Train", ("P",), "pin",
      *_train("can_pin", "pin")),
    A("explore", "Explore", "View", ("Alt+1",), "explore", C.is_open, C.show_explore,
      C.is_exploring),
    A("show-compare", "Compare", "View", ("Alt+4",), "compare",
      *_compare("is_open", "show"), lambda commands: commands.comparing.is_shown()),
    A("swap-compared", "Swap what is compared", "View", ("Ctrl+Shift+B",), "swap",
      *_compare("can_swap", "swap")),
    A("show-export", "Export", "View", ("Alt+5", "F9"), "export",
      *_export("is_open", "show"), lambda commands: commands.exporting.is_shown()),
    A("full-view", "Full view", "View", ("Space",), "fit", C.has_selection, C.full_view,
      scope="browser"),
    A("show-insight", "Insight", "View", ("Ctrl+I",), "eye", *_hints("is_open", "show")),
    A("show-unreadable", "Unreadable files", "View", ("Ctrl+U",), "alert",
      C.is_open, C.show_unreadable),
    A("show-missing", "Missing images", "View", (), "", C.is_open, C.show_missing),
    A("show-grid", "Show the grid", "View", ("Ctrl+1",), "grid", C.is_open, C.toggle_grid,
      _pane("grid"), starts_group=True),
    A("show-map", "Show the map", "View", ("Ctrl+2",), "map", C.is_open, C.toggle_map,
      _pane("map")),
    A("show-inspector", "Show the inspector", "View", ("Ctrl+3",), "inspector",
      C.is_open, C.toggle_inspector, _pane("inspector")),
    A("larger", "Larger thumbnails", "View", ("Ctrl++", "Ctrl+="), "plus", C.is_open, C.larger,
      starts_group=True),
    A("smaller", "Smaller thumbnails", "View", ("Ctrl+-",), "", C.is_open, C.smaller),
    A("next-encoder", "Use the next encoder", "View", ("E",), "encoder",
      C.can_switch, C.next_encoder, starts_group=True),
    A("back", "Back to the image before", "View", ("Alt+Left",), "back", C.is_open, C.back,
      starts_group=True),
    A("forward", "Forward again", "View", ("Alt+Right",), "forward", C.is_open, C.forward),
    A("theme-system", "Colours of the system", "View", (), "sun", C.always, *_theme("system"),
      starts_group=True),
    A("theme-light", "Light", "View", (), "sun", C.always, *_theme("light")),
    A("theme-dark", "Dark", "View", (), "moon", C.always, *_theme("dark")),
    A("full-screen", "Full screen", "View", ("F11",), "", C.always, C.full_screen),
    A("menu", "Menu", "Help", ("F10",), "menu", C.always, C.show_menu),
    A("palette", "All commands…", "Help", ("Ctrl+K",), "command", C.always, C.show_palette),
    A("shortcuts", "Keyboard shortcuts", "Help", ("?",), "keyboard", C.always, C.show_shortcuts),
    A("jobs", "Running jobs", "Help", ("Ctrl+J",), "info", C.always, C.show_jobs),
    A("switch-theme", "Switch between light and dark", "Help", ("Ctrl+Shift+L",), "moon",
      C.always, C.switch_theme),
    A("newer-version", "Look for a newer version…", "Help", (), "refresh",
      *_about("always", "show_newer"), starts_group=True),
    A("about", "About Lookalike", "Help", (), "info", *_about("always", "show")),
)  # fmt: skip
