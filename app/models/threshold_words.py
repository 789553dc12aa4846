"""A threshold in words: what it lets through and what it misses, and what that rests on."""

from app.widgets import text
from core.catalogue.links import Kind

NAMES: dict[Kind, str] = {"near": "Near copies", "part-of": "Parts of pictures"}
ENOUGH = 20  # answers from which on the curve is the person's own
Estimate = tuple[float, float, float]  # low, middle, high: shares of 0 to 1


def percent(share: float) -> str:
    """A share as people read it: no false precision, and no 100 that is none."""
    value = 100 * share
    if value > 99 and share < 1:
        return f"{min(99.9, value):.1f}"
    if 0 < value < 1:
        return f"{max(0.1, value):.1f}"
    return f"{value:.0f}"


def wrong_words(precision: Estimate) -> str:
    """How many of 100 shown pairs are wrong, from how many are right."""
    low, middle, high = precision
    few, about, many = (percent(1 - one) for one in (high, middle, low))
    if about == "0":
        return f"fewer than 1 of 100 shown pairs is wrong (between {few} and {many})"
    return f"about {about} of 100 shown pairs {'is' if about == '1' else 'are'} wrong (between {few} and {many})"


def found_words(recall: Estimate) -> str:
    """How many of the duplicates are found."""
    low, middle, high = recall
    if low > 0.9995:
        return "all duplicates among the candidates are found"
    if not middle:
        most = f" (at most {percent(high)} %)" if high else ""
        return f"none of the duplicates among the candidates is found{most}"
    return (
        f"about {percent(middle)} % of the duplicates among the candidates are found "
        f"({percent(low)} to {percent(high)})"
    )


def sentence(precision: Estimate, recall: Estimate, shown: int) -> str:
    """What a setting means, at which so many pairs are shown."""
    wrong = wrong_words(precision) if shown else "no pair is shown"
    return f"At this setting {wrong}, and {found_words(recall)}."


def nothing_words(kind: Kind, compared: int) -> tuple[str, str]:
    """(title, what to do) where there is no pair of a kind that a threshold could be told of."""
    if not compared:
        return "Nothing has been compared yet", "Find duplicates (F8) first."
    return (
        f"No {NAMES[kind].lower()} were found",
        f"{text.plural(compared, 'image')} {'was' if compared == 1 else 'were'} compared, so there is nothing that a "
        "threshold could show or hide.",
    )


def shown_words(shown: int, total: int) -> str:
    """How many pairs it lets through."""
    verb = "is" if shown == 1 else "are"
    return (
        f"{text.plural(shown, 'pair')} of {total:,} that were compared {verb} shown: at or above it, and not judged "
        "otherwise by you."
    )


def rests_words(answers: int) -> str:
    """What the estimate rests on."""
    if not answers:
        return (
            "This rests on what was measured in advance, on photos that are not yours. Answer 20 pairs at this "
            "boundary to make it yours."
        )
    said = f"This rests on {text.plural(answers, 'answer')} of yours, and on what was measured in advance"
    if answers < ENOUGH:
        return f"{said}. Answer more at this boundary to narrow the band."
    return f"{said}, which weighs the less the more you answer."
