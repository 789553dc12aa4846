"""The search field: words for what pictures show, names of files, and encoders that know no words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.widgets.suggestions import Suggestions
from app.window_app import Application
from core.errors import EncoderError
from core.operations import embeddings, projects, sources
from core.project import Project

Settled = Callable[[], None]
Key = Qt.Key


@pytest.fixture
def flags_catalogue(flags: Path, tmp_path: Path, colour_encoder: type) -> Path:
    """The flags, with vectors of an encoder that knows words."""
    path = tmp_path / "flags.lookalike"
    with projects.create(path) as project:
        project.keep("encoder:builtin", colour_encoder)
        sources.import_folders(project, [flags])
    return path


@pytest.fixture
def opened(
    application: Application, flags_catalogue: Path, colour_encoder: type, settled: Settled
) -> Explore:
    """That catalogue in the window, looked through the encoder that knows words."""
    assert application.shell.opening is not None

    def put(document: object) -> None:
        document.project.let_go("encoder:builtin")  # type: ignore[attr-defined]
        document.project.keep("encoder:builtin", colour_encoder)  # type: ignore[attr-defined]

    application.shell.opening.opened.connect(put)
    application.shell.open_path(flags_catalogue)
    settled()
    explore = application.shell.explore
    assert explore is not None, application.window.banner.message
    explore.switching._reading.ask()
    settled()
    return explore


@pytest.fixture
def twin(
    application: Application,
    flags: Path,
    tmp_path: Path,
    fake_encoder: type,
    colour_encoder: type,
    settled: Settled,
) -> Explore:
    """The flags with vectors of two encoders, of which the default one knows no words."""
    path = tmp_path / "twin.lookalike"
    folder = tmp_path / "words"  # looks like a model, and is one that is loaded already
    folder.mkdir()
    for name in ("open_clip_config.json", "open_clip_model.safetensors"):
        (folder / name).touch()
    wordy = type("Wordy", (colour_encoder,), {"name": f"openclip:local-dir:{folder}"})

    def put(project: Project) -> None:
        project.keep("encoder:builtin", fake_encoder)
        project.keep(f"encoder:{wordy.name}", wordy)

    with projects.create(path) as project:
        put(project)
        sources.import_folders(project, [flags])
        embeddings.embed(project, wordy.name)
    assert application.shell.opening is not None
    application.shell.opening.opened.connect(lambda document: put(document.project))
    application.shell.open_path(path)
    settled()
    explore = application.shell.explore
    assert explore is not None, application.window.banner.message
    return explore


def names(explore: Explore) -> list[str]:
    """The names the grid lists, in order."""
    explore.grid.grab()
    found = [explore.rows.get(int(one)) for one in explore.browse.listing.ids]
    return [Path(image.name).stem for image in found if image is not None]


def type_in(explore: Explore, qtbot: QtBot, text: str) -> None:
    explore.search.focus_field()
    qtbot.keyClicks(explore.search.field, text)


def test_enter_searches_pictures_by_words(opened: Explore, qtbot: QtBot, settled: Settled) -> None:
    field = opened.search.field
    assert "Describe" in field.placeholderText()
    type_in(opened, qtbot, "yellow -red")
    assert opened.search.suggested == ["Pictures of yellow −red", "Names with “yellow -red”"]
    assert field.accessibleDescription() == "Pictures of yellow −red"
    assert len(opened.browse.listing) == 36  # nothing is asked before Enter
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert opened.search.suggested == []
    assert opened.query_bar.chip_texts == ["+ yellow −red"]
    assert opened.bar._title.full_text() == "36 best matches"
    assert names(opened)[0].startswith("yellow")
    assert field.text() == "yellow -red"
    assert opened.browse.listing.scores is not None


def test_words_are_refined_and_taken_back(opened: Explore, qtbot: QtBot, settled: Settled) -> None:
    field = opened.search.field
    type_in(opened, qtbot, "red")
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    opened.browse.reload()  # as an import does while somebody types on
    qtbot.keyClicks(field, ", blue")
    opened.browse.reload()
    assert field.text() == "red, blue"
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert set(names(opened)[:2]) == {"red-blue", "blue-red"}
    opened.query_bar.chips[0].removed.emit()
    settled()
    assert field.text() == "" and len(opened.browse.listing) == 36
    type_in(opened, qtbot, "red")
    qtbot.keyClick(field, Key.Key_Return)
    qtbot.keyClick(field, Key.Key_Escape)  # empties the field
    opened.search.say_now()
    settled()
    assert opened.search.chip_texts == []


def test_down_and_enter_filter_names_and_up_goes_back(
    opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    field = opened.search.field
    type_in(opened, qtbot, "red-b")
    qtbot.keyClick(field, Key.Key_Down)
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert opened.search.chip_texts == ["“red-b”"]
    assert set(names(opened)) == {"red-blue", "red-black"}
    qtbot.keyClicks(field, "lu")  # names go on being filtered as they are typed
    assert opened.search.field.suggestions.current is not None
    assert opened.search.field.suggestions.current.key[0] == "names"
    opened.search.say_now()
    assert names(opened) == ["red-blue"]
    qtbot.keyClick(field, Key.Key_Up)
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert opened.query_bar.chip_texts == ["+ red-blu"]
    assert len(opened.browse.listing) == 36


def test_names_take_the_place_of_words(opened: Explore, qtbot: QtBot, settled: Settled) -> None:
    field = opened.search.field
    type_in(opened, qtbot, "red")
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    qtbot.keyClicks(field, "-")
    qtbot.keyClick(field, Key.Key_Down)
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert opened.search.chip_texts == ["“red-”"]
    assert len(opened.browse.listing) == 5


def test_what_makes_no_sense_yet_is_told_below_the_field(
    opened: Explore, qtbot: QtBot, settled: Settled, application: Application
) -> None:
    field = opened.search.field
    type_in(opened, qtbot, 'red "par')
    assert opened.search.suggested[0] == "A quote is not closed."
    assert field.suggestions.current is not None and field.suggestions.current.key[0] == "names"
    qtbot.keyClicks(field, 'k"')
    assert opened.search.suggested[0] == "Pictures of red + park"
    field.clear()
    type_in(opened, qtbot, "red^x")
    qtbot.keyClick(field, Key.Key_Escape)
    assert opened.search.suggested == []
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert "no number" in application.window.banner.message


def test_lines_are_chosen_with_the_mouse_and_the_field_keeps_the_cursor(
    opened: Explore, qtbot: QtBot, settled: Settled, application: Application
) -> None:
    qtbot.waitUntil(application.window.isActiveWindow)
    type_in(opened, qtbot, "blue")
    line = opened.search.field.suggestions._lines[0]
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(40, 10))
    settled()
    assert opened.query_bar.chip_texts == ["+ blue"]
    assert opened.search.field.hasFocus()
    opened.grid.setFocus()
    type_in(opened, qtbot, "red")
    assert opened.search.suggested
    opened.grid.setFocus()
    assert opened.search.suggested == []


def test_down_leaves_for_the_grid_after_the_last_line(
    opened: Explore, qtbot: QtBot, application: Application
) -> None:
    qtbot.waitUntil(application.window.isActiveWindow)
    type_in(opened, qtbot, "blue")
    for _ in range(2):
        qtbot.keyClick(opened.search.field, Key.Key_Down)
    assert opened.grid.hasFocus()


def test_words_searched_before_are_offered_again(
    opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    field = opened.search.field
    for text in ("red", "green, blue", "red"):
        opened.words.search(text)
        settled()
    opened.browse.clear()
    assert field.text() == ""
    opened.search.focus_field()
    assert opened.search.suggested == ["red", "green, blue"]
    qtbot.keyClick(field, Key.Key_Down)
    qtbot.keyClick(field, Key.Key_Down)
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert opened.query_bar.chip_texts == ["+ green + blue"]
    assert field.text() == "green, blue"


def test_words_and_how_they_are_taken_are_kept(
    opened: Explore, application: Application, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = opened.document.project.kept("encoder:builtin")
    asked: list[list[str]] = []
    read = encoder.encode_words

    def listen(texts: list[str]) -> object:
        asked.append(texts)
        return read(texts)

    monkeypatch.setattr(encoder, "encode_words", listen)
    opened.words.search("red")
    settled()
    action = application.actions.actions["words-as-typed"]
    action.trigger()  # and what is asked is asked again
    settled()
    assert len(asked) == 1 and len(asked[0]) > 1  # of which the words alone are one
    assert action.isChecked() and application.keeper.settings.words_as_typed
    assert application.keeper.settings.word_searches == ("red",)
    path = opened.document.project.path
    application.shell.close_document()
    settled()
    application.shell.open_path(path)
    settled()
    assert application.shell.explore is not None
    assert application.shell.explore.words.recent == ("red",)
    assert application.shell.explore.words.is_plain


def test_what_was_found_is_shown_from_any_page(
    opened: Explore, qtbot: QtBot, settled: Settled
) -> None:
    opened.show_care()
    settled()
    type_in(opened, qtbot, "red")
    qtbot.keyClick(opened.search.field, Key.Key_Return)
    settled()
    assert opened.page == "browser" and opened.query_bar.chip_texts == ["+ red"]


def test_words_that_fail_stay_to_be_typed_over(
    opened: Explore,
    qtbot: QtBot,
    settled: Settled,
    application: Application,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = opened.document.project.kept("encoder:builtin")

    def fail(texts: list[str]) -> None:
        raise EncoderError("The encoder cannot be loaded.", "Install it again.")

    monkeypatch.setattr(encoder, "encode_words", fail)
    type_in(opened, qtbot, "red")
    qtbot.keyClick(opened.search.field, Key.Key_Return)
    settled()
    assert "cannot be loaded" in application.window.banner.message
    assert opened.search.field.text() == "red" and opened.search.chip_texts == []
    assert len(opened.browse.listing) == 36


def test_nothing_that_passes_the_filters_is_told(
    opened: Explore, settled: Settled, application: Application
) -> None:
    opened.browse.set_value("format", "TIFF", True)
    opened.words.search("red")
    settled()
    assert "“red”" in application.window.banner.message
    assert opened.splitter.grid_stack.currentIndex() == 1


def test_an_encoder_without_words_says_so_and_offers_one(
    explore: Explore, qtbot: QtBot, settled: Settled
) -> None:
    field = explore.search.field
    wanted: list[bool] = []
    explore.words.encoders_wanted.connect(lambda: wanted.append(True))
    assert "file names" in field.placeholderText()
    type_in(explore, qtbot, "disc")
    (line,) = field.suggestions.specs
    assert (line.text, line.note) == (
        "Get an encoder that knows words…",
        "The built-in encoder knows no words.",
    )
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert len(explore.browse.listing) == 5 and not wanted  # names, as typed
    qtbot.keyClicks(field, "o")
    qtbot.keyClick(field, Key.Key_Down)
    qtbot.keyClick(field, Key.Key_Return)
    assert wanted
    explore.search.say_now()
    settled()
    assert explore.search.suggested == []
    assert explore.empty._title.text() == "No name holds “disco”"
    assert "knows no words" in explore.empty._text.text()


def test_an_offer_that_is_taken_switches_and_searches(
    twin: Explore, qtbot: QtBot, settled: Settled
) -> None:
    field = twin.search.field
    type_in(twin, qtbot, "yellow by night")
    twin.search.say_now()
    settled()
    assert twin.empty._title.text() == "No name holds “yellow by night”"
    field.setText("yellow")
    assert twin.search.suggested == ["Search by words with words"]
    qtbot.keyClick(field, Key.Key_Down)
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert twin.document.encoder == twin.words.other
    assert twin.query_bar.chip_texts == ["+ yellow"]
    assert names(twin)[0] == "yellow"
    assert "Describe" in field.placeholderText()
    twin.document.switch_to(None)  # to one that cannot answer
    settled()
    assert twin.search.chip_texts == [] and field.text() == "yellow"


def test_the_lines_go_with_the_catalogue(
    opened: Explore, qtbot: QtBot, application: Application, settled: Settled
) -> None:
    type_in(opened, qtbot, "red")
    lines = opened.search.field.suggestions
    assert lines.parentWidget() is application.window and lines.isVisible()
    application.theme.choose("dark")
    assert opened.search.suggested[0] == "Pictures of red"
    application.shell.close_document()
    settled()
    assert not [one for one in application.window.children() if isinstance(one, Suggestions)]
