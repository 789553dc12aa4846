"""Thresholds in plain words: from which score on a link counts, what is expected there, and what would sharpen that."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import KINDS, Kind
from core.catalogue.records import VERDICTS
from core.catalogue.session import Session
from core.changes import Changes
from core.duplicates.calibration import Calibration, at, calibrate, least_threshold
from core.duplicates.chances import Answers, cells
from core.duplicates.joined import OPEN
from core.duplicates.records import Curve, Key
from core.errors import UsageError
from core.operations import duplicate_settings, duplicate_state
from core.operations.duplicate_settings import DEFAULTS, THRESHOLDS
from core.operations.duplicate_state import State
from core.project import Project

__all__ = (
    "DEFAULTS", "UNCERTAIN", "at", "boundary", "chance", "curve", "every", "set_threshold", "suggest", "threshold",
)  # fmt: skip
PRECISION = 0.99  # what is aimed at
# One act of a person (a cut, a sheet of pairs) is so many answers at most: its pairs are not independent.
_ANSWERS_OF_AN_ACT = 20.0
# So many times as many pairs as are asked for are looked at, to find some that share no content.
_LOOKED_AT = 20
UNCERTAIN: tuple[Kind, ...] = ("near", "part-of")
_WORDS = {"near": "near duplicates", "part-of": "parts"}
_DUPLICATE, _UNSURE = VERDICTS.index("duplicate"), VERDICTS.index("unsure")


def threshold(project: Project, kind: Kind) -> float:
    """From which score on links of this kind count, 0 to 1."""
    with project.read() as session:
        return every(session)[kind]


def every(session: Session) -> dict[Kind, float]:
    """The thresholds of all kinds."""
    return duplicate_settings.thresholds(session)


def set_threshold(project: Project, kind: Kind, value: float | None) -> Changes:
    """From this score on (0 to 1) links of the kind count; None for what was measured in advance. Undoable.

    Raises UsageError for another score, or a kind that has no threshold.
    """
    _check(kind)
    if value is not None and not 0 <= value <= 1:
        raise UsageError("A threshold is a score, between 0 and 1.")

    def make(session: Session) -> Any:
        stored: dict[str, float] = dict(duplicate_settings.read(session, THRESHOLDS) or {})
        stored.pop(kind, None)
        if value is not None:
            stored[kind] = float(value)
        return stored or None

    text = f"Set the threshold of {_WORDS[kind]}" + ("" if value is None else f" to {value:.3f}")
    return duplicate_settings.change(project, THRESHOLDS, make, text)


def curve(project: Project, kind: Kind) -> Curve:
    """What is expected at each threshold of a kind, from what was measured in advance and a person's verdicts:
    duplicate is right, similar and different are wrong, unsure is left out. Raises UsageError for a kind without a
    threshold."""
    return _calibration(project, kind).curve


def suggest(project: Project, kind: Kind, precision: float = PRECISION) -> float:
    """The lowest threshold from which on at least this share of the shown pairs is expected to be duplicates.

    The one that was measured in advance where nothing is left to answer, since then all that is shown is right wherever
    the threshold lies, and of PRECISION where nothing was answered yet. Never below what is open.

    Raises UsageError for a share outside 0 to 1, and for a kind without a threshold.
    """
    if not 0 < precision < 1:
        raise UsageError("A precision is a share, above 0 and below 1.")
    found = curve(project, kind)
    state = duplicate_state.load(project)
    scores = state.links.scores[(state.labels == OPEN) & (state.links.kinds == KINDS.index(kind))]
    if not len(scores) or (not found.answers and precision == PRECISION):
        return DEFAULTS[kind]
    lowest = float(found.thresholds[cells(scores).min()])
    return max(least_threshold(found, precision), lowest)


def boundary(project: Project, kind: Kind, threshold: float, count: int = 20) -> list[Key]:
    """Pairs of contents whose answers sharpen the curve at this threshold: ``count`` open links nearest to it, half
    below and half above, no content twice while there are others. Ascending by score."""
    _check(kind)
    state = duplicate_state.load(project)
    links = state.links
    rows = np.flatnonzero(_is_open(state) & (links.kinds == KINDS.index(kind)))
    is_above = links.scores[rows] >= np.float32(threshold)
    used: set[int] = set()
    half = _nearest(state, rows[is_above], threshold, _LOOKED_AT * count)
    chosen = _spread(state, half, count - count // 2, used)
    half = _nearest(state, rows[~is_above], threshold, _LOOKED_AT * count)
    chosen += _spread(state, half, count - len(chosen), used)
    rest = np.setdiff1d(rows, np.array(chosen, dtype=np.int64))
    chosen += _nearest(state, rest, threshold, count - len(chosen)).tolist()
    chosen.sort(key=lambda row: (float(links.scores[row]), int(links.a[row]), int(links.b[row])))
    return [(int(links.a[row]), int(links.b[row])) for row in chosen]


def chance(
    project: Project, scores: NDArray[np.floating], kinds: NDArray[np.integer]
) -> NDArray[np.float64]:
    """How likely links of these scores and ``kinds`` (places in KINDS) are duplicates, 0 to 1. float64 [n]."""
    found = np.ones(len(scores))
    for kind in UNCERTAIN:
        rows = np.flatnonzero(kinds == KINDS.index(kind))
        if len(rows):
            found[rows] = _calibration(project, kind).chance(scores[rows])
    return found


def _check(kind: Kind) -> None:
    if kind not in UNCERTAIN:
        raise UsageError("Only near duplicates and parts have a threshold; the others are certain.")


def _is_open(state: State) -> NDArray[np.bool_]:
    """Links that nothing is known of and that were not left unsure."""
    is_unsure = state.verdicts_of(state.links.keys) == _UNSURE
    return np.asarray((state.labels == OPEN) & ~is_unsure)


def _nearest(
    state: State, rows: NDArray[np.int64], threshold: float, count: int
) -> NDArray[np.int64]:
    """These rows of the links by how near they are to the threshold, at most so many."""
    apart = np.abs(state.links.scores[rows] - np.float32(threshold))
    if len(rows) > count:
        some = np.argpartition(apart, count)[:count]
        rows, apart = rows[some], apart[some]
    return rows[np.lexsort((state.links.keys[rows], apart))]


def _spread(state: State, rows: NDArray[np.int64], count: int, used: set[int]) -> list[int]:
    """The first of these whose contents were not used yet; notes theirs."""
    found: list[int] = []
    for row in rows.tolist():
        ends = {int(state.links.a[row]), int(state.links.b[row])}
        if len(found) < count and used.isdisjoint(ends):
            found.append(row)
            used |= ends
    return found


def _calibration(project: Project, kind: Kind) -> Calibration:
    _check(kind)
    state = duplicate_state.load(project)
    key = f"duplicates: calibration of {kind}"
    kept: tuple[State, Calibration] | None = project.kept(key)
    if kept is not None and kept[0] is state:
        return kept[1]
    rows = np.flatnonzero(state.links.kinds == KINDS.index(kind))
    made = calibrate(
        kind,
        state.links.scores[rows].astype(np.float64),
        state.labels[rows],
        _answers(project, state, rows),
    )
    project.let_go(key)
    project.keep(key, lambda: (state, made))
    return made


def _answers(project: Project, state: State, rows: NDArray[np.int64]) -> Answers:
    keys = state.links.keys[rows]
    said = state.verdicts_of(keys)
    told = np.flatnonzero((said >= 0) & (said != _UNSURE))
    acts = {
        (one.a << 32 | one.b): one.decided_at for one in state.verdicts if one.origin == "person"
    }
    when = np.array([acts.get(int(key), np.nan) for key in keys[told]])
    weights = np.ones(len(told))
    moments, act, sizes = np.unique(when, return_inverse=True, return_counts=True, equal_nan=False)
    is_act = ~np.isnan(moments)[act]
    weights[is_act] = np.minimum(1.0, _ANSWERS_OF_AN_ACT / sizes[act[is_act]])
    return Answers(
        state.links.scores[rows[told]].astype(np.float64), said[told] == _DUPLICATE, weights
    )
