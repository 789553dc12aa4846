"""A comparison of two encoders in sentences that a person understands, and as a document."""

from typing import Any

from core.operations.comparison import Comparison, Gain
from core.operations.comparison_lists import Compared
from core.operations.comparison_maps import Maps


def sentences(found: Comparison, a: str = "", b: str = "") -> dict[str, str]:
    """What was found, a sentence each: "overlap", and where there are classes "gain" and "own".

    ``a`` and ``b`` are what the encoders are called; empty: their names.
    """
    a, b = a or found.a, b or found.b
    total = len(found.content_ids)
    said = {
        "overlap": f"{_number(found.same)} of {found.k} neighbours are the same; "
        f"{_percent(found.unchanged, total)} of {total:,} images keep all of theirs, "
        f"{_percent(found.apart, total)} none."
    }
    if found.gain is None:
        said["gain"] = "No two images share a class that could tell which neighbours are better."
        return said
    said["gain"] = gain_sentence(found, found.gain, b)
    if found.brought >= 0.05:
        said["own"] = (
            f"Of the {_number(found.brought)} neighbours that only {b} names, {_number(found.brought_own)} are of the "
            f"image's class; of the {_number(found.dropped)} that only {a} names, {_number(found.dropped_own)}."
        )
    return said


def gain_sentence(found: Comparison, gain: Gain, b: str) -> str:
    """Whether b brings more of the same class, by how much, and how sure that is."""
    if gain.low is None or gain.high is None:
        return f"Too few images with a class are independent to tell whether {b} brings more of the same class."
    whose = " that nobody learnt from" if found.is_seen else ""
    span = (
        f"95 % interval {_signed(gain.low)} to {_signed(gain.high)}, {gain.images:,} images{whose}"
    )
    if not gain.is_sure:
        return f"Of the same class {b} brings neither more nor fewer that could not be chance ({span})."
    more = "more" if gain.value > 0 else "fewer"
    return (
        f"{b} brings {_number(abs(gain.value))} {more} of the same class among {found.k} ({span})."
    )


def moved_sentence(found: Maps) -> str:
    """How well the two maps lie over each other."""
    if found.residual is None:
        return ""
    left = f"{100 * found.residual:.0f} % of the spread is left between the maps"
    if found.is_continued:
        return f"{left}: what moved, moved by the vectors."
    return f"{left}, which were made apart: what moved may mean little."


def document(
    found: Comparison,
    differ: list[Compared],
    laid: Maps,
    moved: list[tuple[str, float]],
) -> dict[str, Any]:
    """As plain values, ready for JSON. ``differ`` are the images to tell, ``moved`` (path, how far) each."""
    return {
        "encoder": found.a,
        "with": found.b,
        "k": found.k,
        "contents": len(found.content_ids),
        "only_encoder": found.only_a,
        "only_with": found.only_b,
        "same": round(found.same, 4),
        "overlap": round(found.share, 4),
        "jaccard": round(found.jaccard, 4),
        "unchanged": found.unchanged,
        "apart": found.apart,
        "labels": found.source,
        "gain": None if found.gain is None else _gain(found.gain),
        "classes": [{"class": name, **_gain(one)} for name, one in found.by_class],
        "images": [
            {
                "path": one.path,
                "class": one.class_name,
                "same": one.same,
                "of": one.of,
                "gain": one.gain,
                "won": [other.path for other in one.b if other.is_alone],
                "lost": [other.path for other in one.a if other.is_alone],
            }
            for one in differ
        ],
        "layout": None
        if laid.moved is None
        else {
            "method": laid.method,
            "residual": None if laid.residual is None else round(laid.residual, 4),
            "is_continued": laid.is_continued,
            "moved": [{"path": path, "share": round(far, 4)} for path, far in moved],
        },
        "sentences": [*sentences(found).values()],
        "notes": [*found.notes],
    }


def _gain(gain: Gain) -> dict[str, Any]:
    return {
        "value": round(gain.value, 4),
        "low": None if gain.low is None else round(gain.low, 4),
        "high": None if gain.high is None else round(gain.high, 4),
        "images": gain.images,
        "overlap": round(gain.share, 4),
    }


def _number(value: float) -> str:
    """One digit after the point, two where it is small."""
    return f"{value:.1f}" if value >= 0.095 or not value else f"{value:.2f}"


def _signed(value: float) -> str:
    small = abs(value) < 0.095
    return f"{value:+.2f}" if small else f"{value:+.1f}"


def _percent(part: int, total: int) -> str:
    share = 100 * part / max(1, total)
    return f"{share:.0f} %" if share >= 1 or not part else "under 1 %"
