"""What a file says was measured of a training elsewhere: what is known, each of its kind, and nothing else."""

from collections.abc import Callable
from math import isfinite
from typing import Any

from core.training.records import METRIC_NAMES

Kind = Callable[[Any], Any]


def checked(said: Any) -> dict[str, Any]:
    """Of a ``core.training.records.Run.result`` that somebody else may have written what an exported encoder carries;
    other names are left out. Raises ValueError or KeyError for what is not of its kind."""
    found: dict[str, Any] = _known(_RESULT)(said)
    return found


def number(value: Any) -> float:
    """A finite number. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        raise ValueError
    return value


def _of(kind: type) -> Kind:
    def read(value: Any) -> Any:
        if not isinstance(value, kind):
            raise ValueError
        return value

    return read


def _or_none(kind: Kind) -> Kind:
    return lambda value: None if value is None else kind(value)


def _list(kind: Kind) -> Kind:
    return lambda value: [kind(one) for one in _of(list)(value)]


def _known(kinds: dict[str, Kind]) -> Kind:
    """An object of which these names are read where they are there."""
    return lambda value: {
        name: kind(value[name]) for name, kind in kinds.items() if name in _of(dict)(value)
    }


def _all(kinds: dict[str, Kind]) -> Kind:
    """An object that must have all these names."""
    return lambda value: {name: kind(_of(dict)(value)[name]) for name, kind in kinds.items()}


def _ends(value: Any) -> list[float]:
    low, high = _list(number)(value)
    return [low, high]


def _every_metric(kind: Kind) -> dict[str, Kind]:
    return dict.fromkeys(METRIC_NAMES, kind)


_maybe = _or_none(number)
_METRICS = _known(
    {
        **_every_metric(_maybe),
        "queries": _count,
        "intervals": _known(_every_metric(_or_none(_ends))),
    }
)
_DIFFERENCE = _all({"value": _maybe, "low": _maybe, "high": _maybe})
_LENGTH = _all({"recall@1": _maybe, "map@r": _maybe})
_PREFIX = _all({"dim": _count, "before": _or_none(_LENGTH), "after": _LENGTH})
_RESULT = {
    "before": _METRICS,
    "after": _METRICS,
    "difference": _known(_every_metric(_DIFFERENCE)),
    "verdict": _of(str),
    "is_better": _of(bool),
    "held_out": _count,
    "learned_from": _count,
    "before_encoder": _of(str),
    "steps": _count,
    "best_step": _count,
    "seconds": number,
    "device": _of(str),
    "stopped_because": _of(str),
    "health": _of(str),
    "by_prefix": _list(_PREFIX),
    "notes": _list(_of(str)),
}
# Exported encoders carry these: what is true of the encoder, and not of the dataset picture by picture.
NAMES = tuple(_RESULT)
