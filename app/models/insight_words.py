"""What the page Insight says, in words a person understands."""

from app.models.insight import Doubt, LeakRow
from app.widgets import text

# From a benchmark with labels made wrong on purpose: above the first, three to four of five hints were right.
LIKELY, VERY_LIKELY = 0.6, 0.8


def how_sure(confidence: float) -> str:
    """How likely the class is wrong, by the share of the neighbours' vote that is against it."""
    if confidence >= VERY_LIKELY:
        return "Very likely wrong"
    return "Likely wrong" if confidence >= LIKELY else "Perhaps wrong"


def doubt_told(doubt: Doubt) -> str:
    """A row in words."""
    return (
        f"{doubt.picture.path}: {doubt.class_name}, {how_sure(doubt.confidence).lower()}; "
        f"its neighbours say {doubt.suggested}"
    )


def leak_told(row: LeakRow) -> str:
    """A row in words."""
    members = ", ".join(f"{one.picture.path} in {one.part}" for one in row.members)
    return f"{row.words}: {members}"


def doubts_line(total: int, judged: int, shown: int) -> str:
    """What was found among the labels."""
    if not total:
        return ""
    head = f"{text.plural(total, 'image disagrees', 'images disagree')} with what is like "
    head += f"{'it' if total == 1 else 'them'}, of {judged:,} with a class"
    return (
        f"{head}. The {shown:,} surest are listed." if shown < total else f"{head}. Surest first."
    )


def doubts_note(alone: int, kept: int) -> str:
    """What was passed over."""
    parts = []
    if alone:
        parts.append(
            f"Nothing can be said of {text.plural(alone, 'image')} alone in "
            f"{'its' if alone == 1 else 'their'} class."
        )
    if kept:
        parts.append(f"You said of {text.plural(kept, 'image')} that the class is right.")
    return " ".join(parts)


def leaks_line(total: int, images: int, shown: int) -> str:
    """What was found of a split."""
    head = (
        f"{text.plural(total, 'group')} of the same or nearly the same pictures "
        f"{'lies' if total == 1 else 'lie'} in several parts: {text.plural(images, 'image')}"
    )
    return f"{head}. The {shown:,} closest are listed." if shown < total else f"{head}."


def alike(score: float, *, is_copied: bool) -> str:
    """How alike the two closest of a leak are; ``is_copied``: files of the same bytes are among its images."""
    if is_copied and score >= 1:
        return "The same file"
    return f"Nearly the same picture, {score:.3f} alike"


def plan_line(moved: int, upset: int) -> str:
    """What a proposal does."""
    line = f"Moving {text.plural(moved, 'image')} keeps every group in one part."
    if not upset:
        return f"{line} Every class keeps its numbers."
    return f"{line} {text.plural(upset, 'class gets', 'classes get')} other numbers."


def share(value: float) -> str:
    """A share of 0 to 1."""
    return f"{100 * value:.0f} %"
