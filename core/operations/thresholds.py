"""Thresholds: from which score on a link counts, per kind."""

from collections.abc import Mapping
from typing import Any

from core.catalogue.links import KINDS, Kind
from core.catalogue.session import Session
from core.changes import Changes
from core.errors import UsageError
from core.operations import duplicate_settings
from core.operations.duplicate_settings import THRESHOLDS
from core.project import Project

# Scores from which links of a kind count until a person says otherwise. Same bytes and same pixels are certain.
DEFAULTS: dict[Kind, float] = {"exact": 0.0, "pixels": 0.0, "near": 0.80, "part-of": 0.80}


def threshold(project: Project, kind: Kind) -> float:
    """From which score on links of this kind count, 0 to 1."""
    with project.read() as session:
        return every(session)[kind]


def every(session: Session) -> dict[Kind, float]:
    """The thresholds of all kinds."""
    stored: Mapping[str, Any] = duplicate_settings.read(session, THRESHOLDS) or {}
    return {kind: float(stored.get(kind, DEFAULTS[kind])) for kind in KINDS}


def set_threshold(project: Project, kind: Kind, value: float | None) -> Changes:
    """From this score on (0 to 1) links of the kind count; None for what was measured in advance. Undoable.

    Raises UsageError for another score, or a kind that has no threshold.
    """
    if kind not in ("near", "part-of"):
        raise UsageError("Only near duplicates and parts have a threshold; the others are certain.")
    if value is not None and not 0 <= value <= 1:
        raise UsageError("A threshold is a score, between 0 and 1.")

    def make(session: Session) -> Any:
        stored = dict(duplicate_settings.read(session, THRESHOLDS) or {})
        stored.pop(kind, None)
        if value is not None:
            stored[kind] = float(value)
        return stored or None

    word = "near duplicates" if kind == "near" else "parts"
    text = f"Set the threshold of {word}" + ("" if value is None else f" to {value:.3f}")
    return duplicate_settings.change(project, THRESHOLDS, make, text)
