"""Scenes of the page of encoders, with a stand-in for the model hub on this machine.

It hands out real architectures with weights of chance: what the pictures show is the page, not the models.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from app.photographer import Photographer
from app.views.encoders import EncodersView
from core import settings

HELPERS = Path(__file__).parents[1] / "tests" / "helpers"
SMALL = "timm:mobilenetv4_conv_small@e2400_r224_in1k"
PICKLED = "timm:vit_small_patch16_224@dino"
FAILING = "openclip:ViT-B-16-SigLIP2@webli"
NO_HUB = "http://hub.example"  # a name that is never there
SLOW_S = 0.03  # for each piece of 16 kB


def take(camera: Photographer, place: Path) -> None:
    """The page, a download that runs, one that fails, consent, the list, a checkpoint, a switched map.

    ``place`` is a folder for weights, as somebody might have one.
    """
    explore, page = camera.explore, camera.explore.encoders
    with _hub() as hub, _folder(place):
        explore.show_encoders()
        camera.wait()
        camera.wait()  # the trial of the machine
        camera.application.window.banner.hide()
        camera.both("encoders")
        hub.piece_pause_s = SLOW_S
        page.step_chosen.emit(SMALL, "install")
        camera.wait(lambda: _is_under_way(page))
        camera.both_now("encoder-download")
        page.step_chosen.emit(SMALL, "stop")
        camera.wait()
        os.environ["HF_ENDPOINT"] = NO_HUB
        page.step_chosen.emit(FAILING, "install")
        camera.wait()
        os.environ["HF_ENDPOINT"] = hub.url
        page.step_chosen.emit(PICKLED, "install")
        camera.wait()
        camera.both("encoder-failed-and-consent")
        for name in (FAILING, PICKLED):
            page.step_chosen.emit(name, "leave")
        page.step_chosen.emit(SMALL, "remove-weights")
        camera.wait()
        camera.application.window.banner.hide()
        page.field.setText("siglip words apache")
        camera.wait()
        camera.both("encoders-searched")
        page.show_few()
        _checkpoint(camera, place)
    explore.show_browser()
    if explore.switching.can_switch:
        explore.switching.switch_on()
        camera.wait()
        camera.application.window.status.flash("")
        camera.both("encoder-switched")
        explore.document.switch_to(None)
        camera.wait()


def _is_under_way(page: EncodersView) -> bool:
    card = page.find_card(SMALL)
    busy = card.state.busy if card is not None else None
    return busy is not None and (busy.share or 0.0) > 0.4 and "left" in busy.words


def _checkpoint(camera: Photographer, place: Path) -> None:
    file = place / "resnet50-birds.pth"
    file.write_bytes(import_module("stand_ins").pickled(2_000_000))
    camera.explore.encoding.open_checkpoint(file)
    camera.wait()
    camera.both("encoder-checkpoint")
    camera.explore.encoders.checkpoint.calm()


@contextmanager
def _folder(place: Path) -> Iterator[None]:
    """Weights are kept there meanwhile."""
    place.mkdir(parents=True, exist_ok=True)
    before = settings.load()
    settings.save(replace(before, encoder_folder=str(place)))
    try:
        yield
    finally:
        settings.save(before)


@contextmanager
def _hub() -> Iterator[Any]:
    """The stand-in of the tests, until the scenes are taken."""
    sys.path.insert(0, str(HELPERS))
    hub_server = import_module("hub_server")
    kept = os.environ.get("HF_ENDPOINT")
    with hub_server.serve(hub_server.Hub()) as facts:
        for name, files in import_module("stand_ins").repositories().items():
            facts.add(name, files)
        os.environ["HF_ENDPOINT"] = facts.url
        try:
            yield facts
        finally:
            if kept is None:
                del os.environ["HF_ENDPOINT"]
            else:
                os.environ["HF_ENDPOINT"] = kept
