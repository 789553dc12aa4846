"""What the page Compare says, in words a person understands."""

from app.models.compare import ClassGain, CompareRow, Mark

WON, LOST = "+", "−"


def same_words(row: CompareRow) -> str:
    """How many neighbours are in both lists."""
    return f"{row.same} of {row.of} the same"


def gain_words(gain: int) -> str:
    """What B brings of the image's class, or nothing."""
    if not gain:
        return ""
    return f"{WON if gain > 0 else LOST}{abs(gain)} of its class"


def moved_words(moved: float | None) -> str:
    """How far it moved, where it did so to speak of."""
    if moved is None or moved < 0.005:
        return ""
    return f"moved {100 * moved:.0f} % of the map"


def row_words(row: CompareRow) -> str:
    """All of it on one line."""
    parts = (same_words(row), gain_words(row.gain), moved_words(row.moved))
    return "  ·  ".join(one for one in parts if one)


def row_told(row: CompareRow) -> str:
    """A row for those who hear it."""
    name = row.picture.path.rpartition("/")[2]
    what = f", {row.class_name}" if row.class_name is not None else ""
    won = sum(one.is_alone for one in row.b)
    return f"{name}{what}: {row_words(row)}; B alone names {won}"


def mark_told(mark: Mark, side: str) -> str:
    """A neighbour, for a tool tip and those who hear it."""
    text = f"{mark.picture.path}\nlikeness {mark.score:.2f}"
    text += f", only {side} names it" if mark.is_alone else ", both name it"
    if mark.is_own is not None:
        text += ", of its class" if mark.is_own else ", of another class"
    return text


def class_told(row: ClassGain) -> str:
    """A class for those who hear it."""
    return f"{row.name}, {row.images:,} images: {class_words(row)} of its own, {100 * row.share:.0f} % the same"


def class_words(row: ClassGain) -> str:
    """The gain of a class with its sign."""
    sign = WON if row.value > 0 else LOST if row.value < 0 else ""
    return f"{sign}{abs(row.value):.1f}"
