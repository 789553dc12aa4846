"""Scenes of the Train view that a short training does not bring about: made figures on the real pages."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QScrollArea, QWidget

from app.models import result_words
from app.photographer import Photographer
from app.views.train.view import TrainView
from app.widgets.told_choice import ToldChoice
from core.operations import images
from core.training.advice import Advice
from core.training.records import Run
from core.training.settings import Settings
from core.training.watch import BINS, Pinned, Snapshot, as_curves

STEPS, LOOKS = 1200, 25
CHANGED = Settings(
    loss="recall-at-k", nested=True, difficulty=1.0, mix=True, learning_rate=3e-4, steps=1200
)
ADVICE = Advice(
    Settings(),
    "A head, balanced, with the losses that were measured best",
    (
        "Class folders give 210 images of 40 classes to learn from.",
        "The built-in encoder has no weights that could be trained, so a head is put on its vectors.",
        "The classes are of like size, so all get the same attention.",
    ),
)
HEALTH = (
    "The images it learns from crowd together while held-out images are found less often: it is "
    "over-training since step 760. The best state, at step 600, is what is kept; fewer steps or "
    "more images would help."
)


def take(camera: Photographer) -> None:
    """Advanced, a training that over-trains, and a result with all that there can be."""
    view = camera.explore.train
    names = [str(one.value) for one in camera.explore.browse.facets.classes][:9]
    _advised(camera, view)
    _advanced(camera, view)
    _live(camera, view, names)
    _result(camera, view, names)


def _advised(camera: Photographer, view: TrainView) -> None:
    page = view.setup
    view.turn_to("setup")
    page.show_settings(Settings(nested=True, difficulty=1.5))
    page.show_advice(ADVICE)
    page.show_trials(400.0)
    page.scroller.verticalScrollBar().setValue(0)
    camera.both("train-advice")
    page.show_settings(ADVICE.settings)
    camera.both("train-advice-used")


def _advanced(camera: Photographer, view: TrainView) -> None:
    page, advanced = view.setup, view.setup.advanced
    view.turn_to("setup")
    page.show_settings(replace(CHANGED, depth="adapters", labels="pairs"))
    page.open_advanced()
    for name, at in (("all", advanced.filter), ("all-more", advanced.fields["batch"]),
                     ("all-end", advanced.fields["seed"])):  # fmt: skip
        _scroll_to(camera, view, at)
        camera.both(f"train-advanced-{name}")
    page.show_settings(CHANGED)
    choice = advanced.fields["loss"].field
    assert isinstance(choice, ToldChoice)
    _scroll_to(camera, view, advanced.filter)
    choice.showPopup()
    camera.wait()
    camera.both("train-advanced-loss", choice.view().window())
    choice.hidePopup()
    advanced.only_changed.click()
    _scroll_to(camera, view, advanced.filter)
    camera.both("train-advanced-changed")
    advanced.only_changed.click()
    advanced.filter.setText("rank of")
    _scroll_to(camera, view, advanced.filter)
    camera.both("train-advanced-nothing")
    advanced.filter.clear()
    page.disclosure.setChecked(False)


def _live(camera: Photographer, view: TrainView, names: list[str]) -> None:
    page = view.live
    view.turn_to("live")
    page.begin("folders tried 1", is_trying=True)
    page.show_trial(2, 3, result_words.what_differs(CHANGED))
    page.show_snapshot(replace(made(camera, names), health="", attention=()), 48.0)
    page.finish()
    camera.both("train-trial")
    page.begin("groceries head 1")
    page.show_snapshot(made(camera, names), 48.0)
    page.finish()
    camera.both("train-health")
    _to_end(page)
    camera.both("train-health-end")


def _result(camera: Photographer, view: TrainView, names: list[str]) -> None:
    now = made(camera, names)
    run = Run("groceries head 1", "candidate", CHANGED, 1_780_000_000.0, result(names),
              as_curves(now))  # fmt: skip
    view.result.show_run(run, is_fresh=True)
    view.turn_to("result")
    for tab in ("measured", "classes", "lengths", "tried", "curves"):
        view.result.tabs.button(tab).click()
        camera.wait()
        camera.both(f"train-full-{tab}")
    _to_end(view.result.curves)
    camera.both("train-full-curves-end")


def made(camera: Photographer, names: list[str]) -> Snapshot:
    """A training that over-trains from its middle on."""
    chance = np.random.default_rng(1)
    at = np.linspace(0, 1000, LOOKS).astype(np.int64)
    way = at / 1000
    recall = tuple(
        (top - 0.5 * np.exp(-8 * way) - 0.35 * np.clip(way - 0.6, 0, 1)).astype(np.float32)
        + chance.normal(0, 0.006, LOOKS).astype(np.float32)
        for top in (0.82, 0.92, 0.95)
    )
    steps = np.arange(1000)
    falls: NDArray[np.float32] = (2 * np.exp(-steps / 180) + chance.random(1000) / 3).astype(
        np.float32
    )
    bins = np.linspace(-1, 1, BINS)
    return Snapshot(
        "learning", 1000, STEPS, loss=falls, memory_loss=falls * 1.3, hard_batch=falls * 4,
        hard_memory=falls * 9, learning_rate=np.full(1000, 3e-4, np.float32), measured_at=at,
        recall=recall, map_at_r=(recall[0] / 2).astype(np.float32), drift=(0.3 * np.exp(-6 * way)).astype(np.float32),
        variability=(3.2 * np.exp(-4 * way) + 0.1).astype(np.float32),
        uneven_norms=(0.3 * np.exp(-3 * way) + 0.08).astype(np.float32),
        uneven_angles=(0.4 * np.exp(-2 * way) + 0.1).astype(np.float32),
        centred=(1 - 0.6 * np.exp(-6 * way)).astype(np.float32),
        attention=tuple((name, 2.4 - 0.2 * place) for place, name in enumerate(names)),
        health=HEALTH, best_step=600, positives=_hill(bins, 0.7), negatives=_hill(bins, 0.05),
        positives_before=_hill(bins, 0.4), negatives_before=_hill(bins, 0.2),
        pinned=_pins(camera), pinned_before=_pins(camera), memory_filled=840, memory_size=1024,
        batch=64, images_per_s=2140.0, seconds=92.0, device="cpu",
    )  # fmt: skip


def result(names: list[str]) -> dict[str, object]:
    """Figures of such a training."""
    before = {"recall@1": 0.61, "recall@5": 0.79, "recall@10": 0.86, "map@r": 0.38, "roc_auc": 0.84,
              "pair_ap": 0.31, "queries": 240, "intervals": {"recall@1": [0.55, 0.67]}}  # fmt: skip
    after = {**before, "recall@1": 0.78, "recall@5": 0.9, "map@r": 0.55, "roc_auc": 0.93,
             "pair_ap": 0.52, "intervals": {"recall@1": [0.73, 0.83]}}  # fmt: skip
    kept = ((8, 0.55), (16, 0.67), (32, 0.74), (64, 0.76), (128, 0.77), (256, 0.78), (512, 0.78))
    tried = (("circle", 0.7, 0.47), ("recall-at-k", 0.74, 0.51), ("contrastive", 0.69, 0.46))
    return {
        "before": before, "after": after, "is_better": True, "held_out": 240, "steps": 1000,
        "difference": {"recall@1": {"value": 0.17, "low": 0.1, "high": 0.24}}, "seconds": 92.0,
        "verdict": "Better: on 240 held-out images, the share of images whose nearest neighbour is "
        "alike went from 0.610 to 0.780 (+0.170, 95 % interval +0.100 to +0.240).",
        "device": "cpu", "notes": [], "health": HEALTH,
        "stopped_because": "nothing better was found for a while",
        "by_class": [{"class": name, "queries": 6, "before": 0.3 + place / 20,
                      "after": 0.5 + place / 18} for place, name in enumerate(names)],
        "confusions": {"before": [], "after": []},
        "roc": {"before": [[0, 0], [0.2, 0.6], [1, 1]], "after": [[0, 0], [0.1, 0.8], [1, 1]]},
        "by_prefix": [{"dim": dim, "before": {"recall@1": value * 0.8 - 0.02, "map@r": value - 0.4},
                       "after": {"recall@1": value, "map@r": value - 0.2}}
                      for dim, value in kept],
        "trials": [{"settings": {"loss": loss}, "steps": 640, "seconds": 120.0, "score": ranked,
                    "recall@1": found, "map@r": ranked} for loss, found, ranked in tried],
    }  # fmt: skip


def _hill(bins: NDArray[np.float64], middle: float) -> NDArray[np.int64]:
    found: NDArray[np.int64] = (4000 * np.exp(-(((bins - middle) / 0.18) ** 2))).astype(np.int64)
    return found


def _pins(camera: Photographer) -> tuple[Pinned, ...]:
    ids = camera.explore.browse.listing.ids[:60:5]
    contents: list[int] = []
    camera.explore.document.read(images.content_ids, ids, on_done=contents.extend)
    camera.wait(lambda: bool(contents))
    around = [int(one) for one in contents]
    return tuple(
        Pinned(one, tuple(around[5:]), (0.8,) * 7, (True,) * (3 + place) + (False,) * (4 - place))
        for place, one in enumerate(around[:5])
    )


def _scroll_to(camera: Photographer, view: TrainView, part: QWidget) -> None:
    camera.wait()
    bar = view.setup.scroller.verticalScrollBar()
    inner = view.setup.scroller.widget()
    assert inner is not None
    bar.setValue(part.mapTo(inner, part.rect().topLeft()).y() - 48)
    camera.wait()


def _to_end(page: QWidget) -> None:
    for one in page.findChildren(QScrollArea):
        one.verticalScrollBar().setValue(one.verticalScrollBar().maximum())
