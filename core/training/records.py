"""What is said of a training before it starts and after it ended: frozen, light, for window and command line."""

from dataclasses import dataclass, field
from typing import Any, Literal

from core.training.settings import Settings

# "running" while a process works on it; "stopped" where that process ended early and it can be resumed.
Status = Literal["running", "stopped", "failed", "candidate", "promoted"]
# Those with an encoder that is whole.
FINISHED = frozenset(("candidate", "promoted"))
# What figures are called: card, report and window.
METRIC_NAMES = {
    "recall@1": "R@1",
    "recall@5": "R@5",
    "recall@10": "R@10",
    "map@r": "MAP@R",
    "roc_auc": "ROC AUC",
    "pair_ap": "Pair AP",
}


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is to learn from.

    Counts are of contents. ``problem`` is the sentence that says why nothing can be learnt, or empty;
    ``conflicts`` say what contradicts itself and is left out; ``tiny`` classes have a single image.
    ``same`` and ``different`` count pairs (for the source "pairs").
    """

    labels: str
    labelled: int = 0
    classes: int = 0
    tiny: int = 0
    smallest: int = 0
    largest: int = 0
    same: int = 0
    different: int = 0
    learned_from: int = 0
    held_out: int = 0
    conflicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training would do: ``settings`` with nothing left open, and what it would cost here.

    ``seconds`` is an estimate from measured speeds (``is_measured``) or from a rule of thumb.
    """

    settings: Settings
    survey: Survey
    seconds: float
    memory_bytes: int
    disk_bytes: int
    device: str
    is_measured: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One training as the catalogue keeps it.

    ``result`` is empty until it was measured, else:
    {"before": METRICS, "after": METRICS, "difference": {"recall@1": {"value", "low", "high"}, ...},
    "held_out": n, "steps", "seconds", "device", "stopped_because": sentence, "verdict": sentence,
    "is_better": bool, "by_class": [{"class", "queries", "before", "after"}] (recall@1),
    "confusions": {"before": [{"class", "taken_for", "count"}], "after": [...]},
    "roc": {"before": [[false positive rate, true positive rate], ...], "after": [...]},
    "notes": [sentences],
    "health": a sentence where it over-trained, else "",
    "by_prefix": [{"dim", "before": {"recall@1", "map@r"} or None, "after": {...}}] where ``nested``,
    "comparable": {"old", "new", "old_to_new", "new_to_old" (R@1, query to gallery), "is_comparable": bool,
    "sentence"} where ``comparable``}; METRICS are {"recall@1", "recall@5", "recall@10", "map@r", "pair_ap", "roc_auc",
    "queries", "intervals": {"recall@1": [low, high], ...}}.
    ``curves`` are what ``core.training.watch.as_curves`` keeps; ``from_curves`` reads them.
    """

    name: str
    status: Status
    settings: Settings
    made_at: float
    result: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, Any] = field(default_factory=dict)
    is_default: bool = False

    @property
    def encoder(self) -> str:
        """Its name as an encoder."""
        return f"run:{self.name}"

    @property
    def can_resume(self) -> bool:
        return self.status == "stopped"


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training left: the run, and the document that the command line prints."""

    run: Run
    document: dict[str, Any]
