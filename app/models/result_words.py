"""What a result says of lengths of a vector and of settings that were tried, in sentences and rows."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from app.models import training_words as words
from app.models.figure_rows import Cell
from app.widgets import text
from core.training.settings import Settings

COUNTS = {2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six"}
ENOUGH = 0.95  # of the R@1 of the whole vector


def prefix_rows(by_prefix: Sequence[dict[str, Any]]) -> list[tuple[Cell, ...]]:
    """(numbers, R@1 before and after, MAP@R before and after, share of the whole's R@1) of each length."""
    whole = _of(by_prefix[-1], "after", "recall@1") if by_prefix else None
    rows: list[tuple[Cell, ...]] = []
    for one in by_prefix:
        here = _of(one, "after", "recall@1")
        kept = here / whole if here is not None and whole else None
        figures = [
            _of(one, when, key) for key in ("recall@1", "map@r") for when in ("before", "after")
        ]
        rows.append(
            (
                (float(one["dim"]), text.number(int(one["dim"]))),
                *((-1.0, "") if figure is None else (figure, words.share(figure))
                  for figure in figures),
                (-1.0, "") if kept is None else (kept, f"{kept:.0%}".replace("%", " %")),
            )
        )  # fmt: skip
    return rows


def prefix_line(by_prefix: Sequence[dict[str, Any]]) -> str:
    """How much the first numbers keep, in a sentence."""
    known = [(int(one["dim"]), _of(one, "after", "recall@1")) for one in by_prefix]
    found = [(dim, value) for dim, value in known if value is not None]
    if len(found) < 2 or not found[-1][1]:
        return "How well the first numbers of each vector do by themselves."
    whole_dim, whole = found[-1]
    enough = [(dim, value) for dim, value in found[:-1] if value >= ENOUGH * whole]
    dim, value = enough[0] if enough else found[-2]
    less = f", at {_times(whole_dim / dim)} less space" if enough else ""
    return (
        f"The first {text.number(dim)} of {text.number(whole_dim)} numbers keep "
        f"{100 * value / whole:.0f} % of R@1 ({words.share(value)} of {words.share(whole)}){less}."
    )


def _times(factor: float) -> str:
    return f"{factor:.0f} times" if factor >= 1.5 else "somewhat"


def _of(one: dict[str, Any], when: str, key: str) -> float | None:
    found = (one.get(when) or {}).get(key)
    return None if found is None else float(found)


def trial_line(trials: Sequence[dict[str, Any]]) -> str:
    """How many settings were tried for this."""
    count = COUNTS.get(len(trials), text.number(len(trials)))
    return f"{count} settings were tried; this one was best on watched images."


def trial_rows(trials: Sequence[dict[str, Any]]) -> list[tuple[Cell, ...]]:
    """(what is different, steps, time, R@1, MAP@R, whether it was best) of each that was tried."""
    named = trial_names([one["settings"] for one in trials])
    best = best_trial(trials)
    rows: list[tuple[Cell, ...]] = []
    for place, (name, one) in enumerate(zip(named, trials, strict=True)):
        figures = [one.get(key) for key in ("recall@1", "map@r")]
        rows.append(
            (
                (float(place), name),
                (float(one["steps"]), text.number(int(one["steps"]))),
                (float(one["seconds"]), text.span(float(one["seconds"]))),
                *((-1.0, "") if figure is None else (float(figure), words.share(float(figure)))
                  for figure in figures),
                (float(place == best), "Best" if place == best else ""),
            )
        )  # fmt: skip
    return rows


def best_trial(trials: Sequence[dict[str, Any]]) -> int:
    """The place of the one with the highest score."""
    scores = [one.get("score") for one in trials]
    known = [(float(one), -place) for place, one in enumerate(scores) if one is not None]
    return -max(known)[1] if known else -1


def what_differs(settings: Settings) -> str:
    """What is not as it comes, besides what is learnt from: "Loss Circle, Nested vectors on"."""
    plain = Settings()
    told = [
        f"{words.NAMES[one.name]} {words.value(one.name, getattr(settings, one.name))}"
        for one in fields(Settings)
        if one.name != "labels" and getattr(settings, one.name) != getattr(plain, one.name)
    ]
    return ", ".join(told) or "Everything as it comes"


def trial_names(tried: Sequence[dict[str, Any]]) -> list[str]:
    """What each of some settings has that the others have not: "Loss Circle, memory 1,024"."""
    known = {one.name for one in fields(Settings)}
    settings = [
        replace(Settings(), **{key: value for key, value in one.items() if key in known})
        for one in tried
    ]
    apart = [
        one.name for one in fields(Settings)
        if len({getattr(each, one.name) for each in settings}) > 1
    ]  # fmt: skip
    if not apart:
        return [f"Setting {place}" for place in range(1, len(settings) + 1)]
    return [
        ", ".join(f"{words.NAMES[name]} {words.value(name, getattr(each, name))}" for name in apart)
        for each in settings
    ]
