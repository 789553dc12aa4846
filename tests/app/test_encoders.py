"""The page of encoders: what it says, getting weights in a window, embedding, checkpoints, by keyboard too."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hub_server import Hub
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.models.encoder_cards import CardState
from app.presenters.encoder_facts import Doing
from app.views.encoders import EncodersView
from app.window_app import Application
from core.encoders import estimate, names
from core.encoders.estimate import Rates
from core.encoders.weights import installed
from core.operations import embeddings, layouts

Settled = Callable[[], None]
NET = "timm:hf-hub:test/tiny-net"
Key = Qt.Key


@pytest.fixture(autouse=True)
def _tried() -> None:
    """The machine was tried already."""
    estimate.write([Rates("cpu", "fp32", 500.0, 400.0, 100.0, 900.0)])


@pytest.fixture
def page(explore: Explore, settled: Settled) -> EncodersView:
    """The page, shown."""
    explore.show_encoders()
    settled()
    return explore.encoders


@pytest.fixture
def net(hub: Hub) -> Hub:
    """A hub with a small network."""
    import tiny_models

    hub.add("test/tiny-net", tiny_models.net())
    return hub


def card(page: EncodersView, name: str) -> CardState:
    """What the page says of an encoder now."""
    found = page.find_card(name)
    assert found is not None, [one.name for one in page.overview.installed]
    return found.state


def steps(state: CardState) -> list[str]:
    return [one.key for one in state.steps]


def test_the_page_tells_of_the_one_in_use_and_of_a_few(page: EncodersView) -> None:
    here = card(page, "builtin")
    assert here.badges == ("In use", "Default")
    assert here.facts[0] == "All 13 images"
    few = page.overview.recommended
    assert len(few) >= 5
    assert all(one.steps[0].text.startswith("Get it (") for one in few)
    assert all("images/s here" in one.facts[1] for one in few)
    assert {one.badges[0] for one in few} == {"Small", "Balanced", "Best"}
    assert any("Knows words" in one.facts[0] for one in few)
    assert page.overview.count > 1000


def test_the_list_is_searched_and_walked_by_keyboard(
    page: EncodersView, qtbot: QtBot, settled: Settled
) -> None:
    assert page.field.hasFocus()
    qtbot.keyClicks(page.field, "resnet50 apache")
    settled()
    assert page.is_listing
    model = page.list.model
    assert 0 < model.rowCount() < 200
    assert all("resnet50" in model.encoder(row).name for row in range(model.rowCount()))
    qtbot.keyClick(page.field, Key.Key_Down)
    assert page.list.table.hasFocus()
    qtbot.keyClick(page.list.table, Key.Key_Down)
    assert page.list.card.state.name == model.encoder(1).name
    qtbot.keyClick(page.list.table, Key.Key_Escape)
    assert not page.is_listing
    assert page.field.text() == ""


def test_random_weights_are_marked_and_offered_for_nothing(
    page: EncodersView, settled: Settled
) -> None:
    page.field.setText("timm:resnet18 random")
    settled()
    row = page.list.model.row_of("timm:resnet18")
    assert row >= 0
    page.list.table.selectRow(row)
    state = page.list.card.state
    assert steps(state) == []
    assert "a start for training" in state.facts[0]


def test_an_encoder_of_the_hub_is_got_embedded_and_switched_to(
    page: EncodersView, explore: Explore, net: Hub, settled: Settled, application: Application
) -> None:
    page.field.setText(NET)
    settled()
    assert page.list.card.state.name == NET
    page.list.card.press_first()
    settled()
    assert installed.find(names.parse(NET)) is not None
    assert application.window.banner.message == "tiny-net  ·  test is installed."
    page.show_few()
    settled()
    assert steps(card(page, NET)) == ["embed"]
    page.step_chosen.emit(NET, "embed")
    settled()
    project = explore.document.project
    assert embeddings.require(project, NET).rows == 12
    assert layouts.load(project, NET) is not None
    state = card(page, NET)
    assert state.facts[0] == "All 13 images"
    page.step_chosen.emit(NET, "switch")
    settled()
    assert explore.document.encoder == NET
    assert card(page, NET).badges == ("In use",)
    assert application.window.status.encoder.text() == "Encoder: tiny-net"


def test_what_is_embedded_becomes_the_default_or_goes_again(
    page: EncodersView, explore: Explore, net: Hub, settled: Settled
) -> None:
    for step in ("install", "embed", "switch", "forget"):
        page.step_chosen.emit(NET, step)
        settled()
    assert explore.document.encoder is None
    assert steps(card(page, NET)) == ["embed"]
    page.step_chosen.emit(NET, "embed")
    settled()
    page.step_chosen.emit(NET, "default")
    settled()
    assert card(page, NET).badges == ("In use", "Default")
    assert card(page, "builtin").badges == ()
    page.step_chosen.emit("builtin", "switch")
    settled()
    page.step_chosen.emit(NET, "remove-weights")
    settled()
    assert installed.find(names.parse(NET)) is None
    assert page.find_card(NET) is not None  # its vectors stay


def test_new_images_are_missing_until_they_are_embedded_too(
    page: EncodersView,
    explore: Explore,
    net: Hub,
    settled: Settled,
    photos: Path,
    make_picture: Callable[..., Image.Image],
    application: Application,
) -> None:
    for step in ("install", "embed"):
        page.step_chosen.emit(NET, step)
        settled()
    make_picture(77).save(photos / "discs" / "new.png")
    application.commands.read_again()
    settled()
    state = card(page, NET)
    assert state.facts[0] == "13 of 14 images"
    assert "Embed 1 missing" in [one.text for one in state.steps]
    page.step_chosen.emit(NET, "embed")
    settled()
    assert card(page, NET).facts[0] == "All 14 images"


def test_a_download_that_fails_says_why_in_place_and_is_tried_again(
    page: EncodersView, net: Hub, settled: Settled, application: Application
) -> None:
    net.lies["model.safetensors"] = b"x" * 99_999
    page.step_chosen.emit("timm:hf-hub:test/nothing", "install")
    settled()
    gone = card(page, "timm:hf-hub:test/nothing")
    assert "test/nothing" in gone.problem
    assert steps(gone) == ["again-install", "leave"]
    page.step_chosen.emit("timm:hf-hub:test/nothing", "leave")
    settled()
    assert page.find_card("timm:hf-hub:test/nothing") is None
    net.fails["api"] = [503] * 9
    page.step_chosen.emit(NET, "install")
    settled()
    assert card(page, NET).problem
    assert application.window.banner.isHidden()
    net.fails.clear()
    net.lies.clear()
    page.step_chosen.emit(NET, "again-install")
    settled()
    assert steps(card(page, NET)) == ["embed"]


def test_a_pickle_is_asked_about_first(
    page: EncodersView, hub: Hub, settled: Settled, tmp_path: Path
) -> None:
    import tiny_models
    import torch
    from safetensors.torch import load

    files = tiny_models.net()
    place = tmp_path / "weights.bin"
    torch.save(load(files.pop("model.safetensors")), place)
    hub.add("test/tiny-net", {**files, "pytorch_model.bin": place.read_bytes()})
    page.step_chosen.emit(NET, "install")
    settled()
    asked = card(page, NET)
    assert "pickle" in asked.warning
    assert steps(asked) == ["allow", "leave"]
    assert hub.served["pytorch_model.bin"] == 0
    page.step_chosen.emit(NET, "allow")
    settled()
    assert steps(card(page, NET)) == ["embed"]


def test_a_checkpoint_of_ones_own_is_asked_about_and_embedded(
    page: EncodersView, explore: Explore, net: Hub, settled: Settled, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "test_resnet finetuned.safetensors"
    file.write_bytes(net.repos["test/tiny-net"].files["model.safetensors"])
    explore.encoding.open_checkpoint(file)
    settled()
    asking = page.checkpoint
    assert asking.isVisible()
    assert asking.architecture.hasFocus()
    asking.architecture.setText("nonsense")
    asking.agree.click()
    assert asking.isVisible()
    asking.architecture.setText("timm:test_resnet")
    qtbot.keyClick(asking.architecture, Key.Key_Return)
    settled()
    assert asking.isHidden()
    name = f"timm:test_resnet@{file}"
    assert steps(card(page, name)) == ["embed"]
    page.step_chosen.emit(name, "embed")
    settled()
    assert embeddings.require(explore.document.project, name).rows == 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds a whole OpenCLIP model."""
    import tiny_openclip

    return tiny_openclip.make(tmp_path, "clip-vit")


def test_a_folder_that_says_what_it_is_needs_no_architecture(
    page: EncodersView,
    explore: Explore,
    settled: Settled,
    folder: Path,
    application: Application,
    qtbot: QtBot,
) -> None:
    explore.encoding.open_checkpoint(folder / "open_clip_model.safetensors")
    settled()
    asking = page.checkpoint
    assert not asking.architecture.isVisible()
    assert asking.agree.hasFocus()
    qtbot.keyClick(asking.agree, Key.Key_Space)
    settled()
    name = f"openclip:local-dir:{folder}"
    assert steps(card(page, name)) == ["embed"]
    assert "licence" not in card(page, name).facts[0]
    assert [one.text for one in card(page, name).more] == ["Take it off the list", "Copy its name"]
    page.step_chosen.emit(name, "remove-weights")
    settled()
    assert page.find_card(name) is None
    assert "stay where they are" in application.window.banner.message
    assert (folder / "open_clip_model.safetensors").exists()


def test_what_a_card_asks_is_brought_into_view(
    page: EncodersView, explore: Explore, application: Application, settled: Settled
) -> None:
    application.window.resize(1280, 560)
    settled()
    name = page.overview.recommended[-1].name
    explore.encoding.jobs.doing[name] = Doing("consent")
    explore.encoding.jobs.changed.emit(name)
    settled()
    asking = page.find_card(name)
    assert asking is not None
    allow = asking.steps["allow"]
    assert allow.visibleRegion().boundingRect() == allow.rect()


def test_escape_and_the_menus_lead_out_and_in(
    explore: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    application.actions.actions["show-encoders"].trigger()
    settled()
    assert explore.page == "encoders"
    qtbot.keyClick(explore.encoders.field, Key.Key_Escape)
    assert explore.page == "browser"
    application.actions.actions["show-encoders"].trigger()
    settled()
    explore.encoders.step_chosen.emit("builtin", "copy")
    assert QApplication.clipboard().text() == "builtin"


def test_another_folder_for_weights_is_chosen(
    page: EncodersView,
    application: Application,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settled: Settled,
) -> None:
    monkeypatch.setattr(
        "app.window_commands.QFileDialog.getExistingDirectory", lambda *_: str(tmp_path)
    )
    page.folder_wanted.emit()
    settled()
    assert page.overview.folder == str(tmp_path)
    assert installed.encoder_folder() == tmp_path


def test_a_download_is_watched_cancelled_and_goes_on(
    live_application: Application, catalogue: Path, net: Hub, qtbot: QtBot
) -> None:
    live_application.shell.open_path(catalogue)
    qtbot.waitUntil(lambda: live_application.shell.explore is not None)
    explore = live_application.shell.explore
    assert explore is not None
    explore.show_encoders()
    page, file = explore.encoders, "model.safetensors"
    qtbot.waitUntil(lambda: bool(page.overview.recommended), timeout=20_000)
    whole = len(net.repos["test/tiny-net"].files[file])
    net.stalls_after[file] = whole // 2
    page.step_chosen.emit(NET, "install")

    def is_under_way() -> bool:
        found = page.find_card(NET)
        busy = found.state.busy if found is not None else None
        return busy is not None and (busy.share or 0) > 0.3

    qtbot.waitUntil(is_under_way, timeout=20_000)
    busy = card(page, NET).busy
    assert busy is not None
    assert "kB of 1.5 MB" in busy.words
    status = live_application.window.status
    qtbot.waitUntil(lambda: status._job.isVisible() and "kB of" in status._job._words.text())
    page.step_chosen.emit(NET, "stop")
    net.stalls_after.clear()
    qtbot.waitUntil(lambda: not live_application.runner.tasks, timeout=20_000)
    qtbot.waitUntil(lambda: steps(card(page, NET)) == ["install", "remove-weights"])
    assert card(page, NET).steps[0].text.startswith("Go on, ")
    page.step_chosen.emit(NET, "install")
    qtbot.waitUntil(lambda: installed.find(names.parse(NET)) is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not live_application.runner.tasks, timeout=20_000)
    assert net.served[file] <= whole + (1 << 17)
