"""The card beside an exported model: what it is, what was measured, how to use it, and what it is not for."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.export import model_recipes
from core.export.destination import Writing
from core.export.model_material import Facts
from core.training.records import METRIC_NAMES

if TYPE_CHECKING:
    from core.encoders.complete import Complete

_MOST_CLASSES = 50
_PIECE = 1 << 20
_DEPTHS = {
    "head": "a projection head behind the base, which stayed as it was",
    "adapters": "low-rank adapters in the base, and a projection head behind it",
    "whole": "all weights of the network, and a projection head behind it",
}


def write(facts: Facts, made: Writing, use: str, whole: "Complete | None" = None) -> None:
    """Write the card of the file that is being ``made``, which is there already; the same for the same file.

    ``use`` says how it is loaded. Raises OSError.
    """
    made.beside(".md").write_text(
        text(facts, use, whole, [(made.target.name, *_measured(made.place))]), encoding="utf-8"
    )


def text(
    facts: Facts, use: str, whole: "Complete | None", files: Sequence[tuple[str, int, str]]
) -> str:
    """The card in Markdown; ``files`` are (name, bytes, SHA-256)."""
    rows = [(f"`{name}`", f"{size:,}", f"`{sha}`") for name, size, sha in files]
    sections = [
        f"# {_plain(facts.name)}\n\n{_summary(facts)}",
        f"## Files\n\n{_table(('File', 'Bytes', 'SHA-256'), rows)}",
        f"## Licence\n\n{licence(facts)}",
        f"## What it was trained on\n\n{_examples(facts)}",
        f"## What was measured\n\n{_measures(facts.result)}",
        f"## How to use it\n\n{use}",
    ]
    if whole is not None:
        sections.append(f"## How a picture is prepared\n\n{model_recipes.in_words(whole)}")
    sections += [
        f"## What it is not for\n\n{_limits(facts)}",
        f"## Settings of the training\n\n{_settings(facts)}",
    ]
    return "\n\n".join(sections) + "\n"


def licence(facts: Facts) -> str:
    """Under which terms it may be used, as far as that is known."""
    what = "The weights in this file"
    if facts.is_from_scratch:
        return (
            f"{what} were trained from nothing: no one else's weights are in them. The architecture is "
            f"that of {_plain(facts.base)}."
        )
    if facts.depth == "head" and facts.base == "builtin":
        return "The base is part of Lookalike and under the Apache License 2.0, with no one else's weights in it."
    if not facts.licence:
        return (
            f"The licence of the base, {_plain(facts.base)}, is **unknown**: nothing on the machine that made this "
            "file states one. What was made from it may be used and passed on only as far as those who made the "
            "base allow: look at their page before you do either."
        )
    found = (
        f"The base, {_plain(facts.base)}, is stated to be under **{_plain(facts.licence)}**. {what} were made from "
        "it, so its terms hold for them too."
    )
    if any(part in ("nc", "noncommercial") for part in facts.licence.lower().split("-")):
        found += " That licence forbids commercial use."
    return found


def _summary(facts: Facts) -> str:
    rows = [
        ("Kind", "Image encoder: pictures to unit vectors whose cosine says how alike they are"),
        ("Trained on", f"{facts.date} (UTC), with Lookalike"),
        ("Written by", f"Lookalike {facts.program}"),
        ("Base", f"{_plain(facts.base)}, key `{facts.base_key}`"),
        ("What was trained", _DEPTHS.get(facts.depth, facts.depth)),
    ]
    if facts.depth == "adapters":
        rows.append(("Adapters", f"{facts.adapter}, rank {facts.rank}"))
    rows += [
        ("Vector", f"{facts.dim:,} numbers, of length 1"),
        ("Picture", f"{facts.size_px} x {facts.size_px} px"),
        ("Key", f"`{facts.key}`"),
    ]
    if facts.nested:
        rows.append(("Prefixes that were trained too", ", ".join(map(str, facts.nested))))
    if facts.imported_from:
        rows.append(("Brought in from", f"`{_plain(facts.imported_from)}`"))
    return _table(("", ""), rows)


def _examples(facts: Facts) -> str:
    settings, result = facts.settings, facts.result
    source = {
        "folders": "the folders that hold the images",
        "tags": "tags",
        "pairs": "judged pairs",
        "labels": "labels of the images",
    }.get(str(settings.get("labels")), "labels")
    share = settings.get("hold_out")
    split = f"the split {_plain(str(settings['split']))}" if settings.get("split") else ""
    held = split or ("whole classes" if share == "classes" else "a share of the images")
    lines = [
        f"Labels from {source}. Held out: {held}. The images themselves are not in this file.",
        "",
        f"- learnt from: {_count(result.get('learned_from'))} images",
        f"- held out and measured on: {_count(result.get('held_out'))} images",
    ]
    classes = list(result.get("by_class", ()))
    if classes:
        most = sorted(classes, key=lambda one: (-one["queries"], one["class"]))[:_MOST_CLASSES]
        rows = [
            (
                _plain(one["class"]),
                f"{one['queries']:,}",
                _share(one["before"]),
                _share(one["after"]),
            )
            for one in most
        ]
        lines += [
            "",
            f"Classes among the held-out images: {len(classes):,}"
            + (
                f", of which the {len(most):,} largest are listed."
                if len(most) < len(classes)
                else "."
            ),
            "",
            _table(("Class", "Held out", "R@1 before", "R@1 after"), rows),
        ]
    return "\n".join(lines)


def _measures(result: Mapping[str, Any]) -> str:
    if not result.get("after"):
        return "Nothing was measured."
    before, after = result.get("before", {}), result["after"]
    start = _plain(str(result.get("before_encoder", "the base")))
    difference = result.get("difference", {})
    rows = [
        (
            title,
            _with_interval(before.get(name), before.get("intervals", {}).get(name)),
            _with_interval(after.get(name), after.get("intervals", {}).get(name)),
            _change(difference.get(name)),
        )
        for name, title in METRIC_NAMES.items()
        if after.get(name) is not None
    ]
    lines = [
        _plain(str(result.get("verdict", ""))),
        "",
        f"Leave-one-out on the held-out images, before (vectors of {start}) and after; "
        "95 % intervals in brackets.",
        "",
        _table(("Measure", "Before", "After", "Difference"), rows),
    ]
    lengths = result.get("by_prefix")
    if lengths:
        lines += [
            "",
            _table(
                ("First numbers", "R@1", "MAP@R"),
                [
                    (
                        str(one["dim"]),
                        _share(one["after"]["recall@1"]),
                        _share(one["after"]["map@r"]),
                    )
                    for one in lengths
                ],
            ),
        ]
    lines += [f"\n{_plain(one)}" for one in (result.get("health"), *result.get("notes", ())) if one]
    return "\n".join(lines)


def _limits(facts: Facts) -> str:
    return "\n".join(
        [
            "- It tells how alike pictures are in the sense of the labels above. The figures hold for pictures like "
            "the held-out ones; of others they say nothing.",
            "- It is no classifier, and a cosine is no probability. A threshold found with another encoder does not "
            "hold for this one.",
            f"- Its vectors cannot be compared with those of {_plain(facts.base)} or of any other encoder"
            + (
                ", but for those it was measured to be comparable with."
                if facts.result.get("comparable", {}).get("is_comparable")
                else "."
            ),
            "- It was not tested for identifying people, nor for any decision about them.",
            "- What the base learnt wrongly of its own pictures is still in it.",
        ]
    )


def _settings(facts: Facts) -> str:
    result = facts.result
    rows = [
        ("steps made", _count(result.get("steps"))),
        ("best after step", _count(result.get("best_step"))),
        ("seconds", str(result.get("seconds", "unknown"))),
        ("device", str(result.get("device", "unknown"))),
        ("stopped because", str(result.get("stopped_because", "unknown"))),
    ]
    rows += [
        (name.replace("_", " "), json.dumps(value, ensure_ascii=False))
        for name, value in sorted(facts.settings.items())
    ]
    return _table(("Setting", "Value"), [(name, _plain(value)) for name, value in rows])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |"]
    return "\n".join(lines + [f"| {' | '.join(one)} |" for one in rows])


def _with_interval(value: float | None, ends: Sequence[float] | None) -> str:
    if value is None:
        return ""
    return _share(value) + (f" [{ends[0]:.4f}, {ends[1]:.4f}]" if ends else "")


def _change(found: Mapping[str, float | None] | None) -> str:
    if not found or found.get("value") is None:
        return ""
    low, high = found.get("low"), found.get("high")
    ends = f" [{low:+.4f}, {high:+.4f}]" if low is not None and high is not None else ""
    return f"{found['value']:+.4f}{ends}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "unknown"


def _plain(words: str) -> str:
    """One line that no table or markup can be broken by."""
    one_line = " ".join(str(words).split())
    return "".join(f"\\{char}" if char in "|*_`<>[]#\\" else char for char in one_line)


def _measured(path: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return os.path.getsize(path), digest.hexdigest()
