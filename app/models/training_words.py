"""A training in words: what its settings, states and figures are called in the window."""

import time
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from app.models.setting_words import name_of
from app.widgets import text
from core.training.records import METRIC_NAMES, Plan, Run, Survey
from core.training.settings import AUTO, Settings

SOURCES = {
    "folders": "Class folders",
    "tags": "Tags",
    "labels": "Labels from tables",
    "pairs": "Marked pairs",
}
DEPTHS = {
    "head": ("A head", "On the vectors that are stored. Seconds to minutes; any computer does it."),
    "adapters": (
        "Adapters",
        "Small additions inside the network. Bends further than a head; wants a fast machine.",
    ),
    "whole": (
        "The whole network",
        "Every weight. Bends furthest, needs the most images, time and memory.",
    ),
}
PRESETS = {
    "quick": ("Quick", "A first answer to whether it can be learnt at all."),
    "balanced": ("Balanced", "Stops by itself when it gets no better."),
    "thorough": ("Thorough", "Several times the steps, and more variations."),
}
VARIED = {
    "auto": "As was measured best",
    "none": "Not at all",
    "light": "A little",
    "photos": "As photos differ",
    "drawings": "As drawings differ",
    "strong": "Strongly",
}
NAMES = {
    "labels": "Learn from",
    "split": "Held-out split",
    "encoder": "Start from",
    "depth": "How much",
    "preset": "How long",
    "loss": "Loss",
    "memory": "Memory",
    "memory_weight": "Memory weight",
    "batch": "Batch",
    "per_class": "Images of a class",
    "steps": "Steps",
    "learning_rate": "Learning rate",
    "weight_decay": "Weight decay",
    "dim": "Dimensions",
    "augmentation": "Variation",
    "copies": "Varied copies",
    "hold_out": "Hold out",
    "held_out_share": "Share held out",
    "patience": "Patience",
    "rank": "Rank of adapters",
    "adapter": "Kind of adapters",
    "nested": "Nested vectors",
    "difficulty": "Hard classes first",
    "mix": "Blended examples",
    "hallucinate": "Made-up examples",
    "comparable": "Stay comparable",
    "implied": "Implied by chains",
    "implied_classes": "Implied by classes",
    "chunk": "Images at a time",
    "optimiser": "Optimiser",
    "gradient_noise": "Gradient noise",
    "precision": "Precision",
    "clip": "Gradient clipping",
    "seed": "Seed",
}
STATUS = {
    "running": "Running",
    "stopped": "Stopped",
    "failed": "Failed",
    "candidate": "Candidate",
    "promoted": "Promoted",
}
METRIC_MEANINGS = {
    "recall@1": "Share of held-out images whose nearest neighbour is of their own class",
    "recall@5": "Share with one of their own class among the five nearest",
    "recall@10": "Share with one of their own class among the ten nearest",
    "map@r": "How purely the nearest neighbours are of the own class, as far as the class reaches",
    "roc_auc": "Chance that a pair of one class is more alike than a pair of two",
    "pair_ap": "Average precision when pairs are called alike by their similarity",
}
PHASES = {
    "preparing": "Preparing",
    "warming up": "Warming up",
    "learning": "Learning",
    "measuring": "Measuring",
    "over": "Over",
}


def survey_line(survey: Survey) -> str:
    """What a source of labels holds, on a line; empty where it cannot be used."""
    if survey.problem:
        return ""
    if survey.labels == "pairs":
        return f"{text.number(survey.same)} alike, {text.number(survey.different)} different"
    return (
        f"{text.plural(survey.labelled, 'image')} in "
        f"{text.plural(survey.classes, 'class', 'classes')}"
    )


def survey_detail(survey: Survey) -> str:
    """The sizes of the classes, and those of one image."""
    if survey.problem or survey.labels == "pairs" or not survey.classes:
        return ""
    least = f"{text.number(survey.smallest)}" if survey.smallest else "up"
    sizes = f"{least} to {text.number(survey.largest)} images each"
    if survey.smallest == survey.largest:
        sizes = f"{text.plural(survey.largest, 'image')} each"
    if survey.tiny:
        sizes += f"; {text.plural(survey.tiny, 'class', 'classes')} with a single image"
    return sizes


def estimate(plan: Plan) -> tuple[tuple[str, str], ...]:
    """(name, figure) of what a training would take."""
    about = "" if plan.is_measured else "about "
    return (
        ("Learns from", text.plural(plan.survey.learned_from, "image")),
        ("Measured on", f"{text.number(plan.survey.held_out)} held out"),
        ("Time", f"{about}{text.span(plan.seconds)}"),
        ("Memory", f"about {text.size(plan.memory_bytes)}"),
        ("Disk", text.size(plan.disk_bytes)),
        ("Device", device(plan.device)),
    )


def device(name: str) -> str:
    """cpu is written CPU; a graphics card keeps its name."""
    return name.upper() if name in ("cpu", "cuda", "mps") else name


def value(name: str, given: Any) -> str:
    """A setting's value as people write it."""
    if name == "memory_weight" and given == AUTO:
        return "balanced by itself"
    if isinstance(given, bool):
        return "on" if given else "off"
    if given == AUTO:
        return "auto"
    if name == "encoder" and not given:
        return "the default encoder"
    if name in ("memory_weight", "learning_rate", "weight_decay", "clip") or isinstance(
        given, float
    ):
        if name == "held_out_share":
            return f"{given:.0%}"
        return f"{given:g}"
    if isinstance(given, int):
        return text.number(given)
    if name == "labels":
        return SOURCES.get(given, given)
    if name == "depth":
        return DEPTHS[given][0] if given in DEPTHS else given
    if name == "preset":
        return PRESETS[given][0] if given in PRESETS else given
    return name_of(name, str(given)) or "none"


def differing(settings: Settings) -> list[tuple[str, str]]:
    """(name, value) of every setting, in the order in which they are defined."""
    return [
        (NAMES[one.name], value(one.name, getattr(settings, one.name))) for one in fields(settings)
    ]


def is_comparable(run: Run) -> bool:
    """Whether its vectors can be searched together with those that it started from, as was measured."""
    return bool((run.result.get("comparable") or {}).get("is_comparable"))


def comparable(run: Run) -> str:
    """What was measured of that, and what it is good for; empty where it was not asked for."""
    told = str((run.result.get("comparable") or {}).get("sentence", ""))
    if not is_comparable(run) or run.is_default:
        return told
    return (
        f"{UPDATE} makes it the default now: searches use old and new vectors together while the rest is "
        f"embedded. {told}"
    )


def is_measured(run: Run) -> bool:
    """Whether it was measured before and after."""
    return bool(run.result.get("before")) and bool(run.result.get("after"))


def headline(run: Run) -> tuple[str, float, float] | None:
    """(name, before, after) of the one figure that the list shows: R@1, or where only pairs were judged,
    how well those are told apart."""
    if not is_measured(run):
        return None
    before, after = run.result["before"], run.result["after"]
    for key in ("recall@1", "pair_ap"):
        if before.get(key) is not None and after.get(key) is not None:
            return METRIC_NAMES[key], float(before[key]), float(after[key])
    return None


def mark(run: Run) -> str:
    """better, worse, same, or nothing before it was measured: as the verdict has it."""
    if not is_measured(run):
        return ""
    if run.result.get("is_better"):
        return "better"
    return "worse" if str(run.result.get("verdict", "")).startswith("Worse") else "same"


UPDATE = "Update without re-indexing"
MARKS = {"better": "Better", "worse": "Worse", "same": "No clear difference", "": ""}


def share(value: float) -> str:
    """A share as R@1 is written: 0.843."""
    return f"{value:.3f}"


def signed(value: float) -> str:
    """A difference in points: +3.2."""
    shown = f"{100 * value:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown.replace("-", "−")


def difference(found: Mapping[str, float]) -> str:
    """A difference with its interval, in points."""
    return (
        f"{signed(found['value'])} points "
        f"(95 % between {signed(found['low'])} and {signed(found['high'])})"
    )


def when(made_at: float) -> str:
    """The day, and today the hour."""
    then, now = time.localtime(made_at), time.localtime()
    if then[:3] == now[:3]:
        return time.strftime("today, %H:%M", then)
    return time.strftime("%d %b %Y", then).lstrip("0")


def when_short(made_at: float) -> str:
    """The hour today, else the day."""
    then, now = time.localtime(made_at), time.localtime()
    if then[:3] == now[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%d %b" if then[0] == now[0] else "%b %Y", then).lstrip("0")
