"""A pair in words: how alike it is, what differs between its sides, which side is the larger, the older, the better."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.widgets import text
from core.catalogue.records import Image, Verdict
from core.duplicates.records import Card, Contradiction, Remaining

KINDS = {
    "exact": "The same bytes",
    "pixels": "The same pixels",
    "near": "A near copy",
    "part-of": "A part of the other",
}
SHORT_KINDS = {
    "exact": "Same bytes",
    "pixels": "Same pixels",
    "near": "Near copy",
    "part-of": "Part of it",
}
KIND_CHOICES = {
    "pixels": "Same pixels",
    "near": "Near copies",
    "part-of": "Parts",
}
LOSSLESS = {"PNG", "TIFF", "BMP", "GIF", "JXL", "DNG", "CR2", "NEF", "ARW", "RAW"}
# Words of DIFFERENCES that say all there is to say without knowing which side.
PLAIN = {
    "recoloured": "other colours",
    "brightness": "other brightness",
    "caption": "words or a mark added",
    "blurred": "one is blurred",
    "sharpened": "one is sharpened",
    "stretched": "stretched",
    "metadata": "other metadata",
    "retouched": "a place was changed",
}
# What was done to a picture that still is the same one.
BUT = {
    "recoloured": "in other colours",
    "brightness": "in another brightness",
    "caption": "with words or a mark added",
    "border": "with a border",
    "blurred": "one is blurred",
    "sharpened": "one is sharpened",
    "stretched": "stretched",
    "retouched": "a place was changed",
}
LEAST_BUT = 0.4  # chance below which it is not called the same picture
CHANCES = (
    (0.98, "almost surely the same picture"),
    (0.85, "very likely the same picture"),
    (0.6, "probably the same picture"),
    (0.4, "perhaps the same picture"),
    (0.0, "probably not the same picture"),
)
SAME_TIME_S = 2.0
UNITS = (
    ("year", 31_557_600),
    ("month", 2_629_800),
    ("day", 86_400),
    ("hour", 3600),
    ("minute", 60),
)
NOTABLE = 1.02  # how many times as large a file is before that is told


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one side; ``better``: it speaks for this side."""

    words: str
    better: str = ""


def chance_words(card: Card) -> str:
    """How likely they are the same, for people."""
    return next(words for least, words in CHANCES if card.chance >= least)


def headline(card: Card) -> str:
    """The kind, how likely, and how much agrees."""
    if card.kind == "near" and not card.score:
        return "These two were never laid over each other"
    said = f"{KINDS[card.kind]}: {chance_words(card)}"
    if card.chance >= LEAST_BUT and (changed := but_words(card.differs)):
        return f"{said}, but {changed}"
    if card.kind in ("near", "part-of"):
        said += f"  ·  {100 * card.score:.0f} % of what both show agrees"
    return said


def but_words(differs: Sequence[str]) -> str:
    """What was done to one of two that are the same picture; empty where that is only its size or its file."""
    found = [words for key, words in BUT.items() if key in differs]
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def first_differences(card: Card, a: Image, b: Image, most: int = 2) -> str:
    """What differs first of all, in a line; the kind where nothing does or where that says more."""
    found = [one.partition(":")[0] for one in badges(card, a, b)[:most]]
    if card.kind in ("exact", "pixels") or not found:
        found.insert(0, SHORT_KINDS[card.kind])
    return "  ·  ".join(found)


def settles_words(card: Card) -> str:
    """What an answer decides besides this pair."""
    if card.settles < 1.5:
        return "settles this pair"
    return f"settles {text.plural(round(card.settles), 'pair')}"


def outcome_words(count: int) -> str:
    """What one answer decides."""
    return f"settles {text.plural(count, 'pair')}" if count > 1 else ""


def badges(card: Card, a: Image, b: Image) -> tuple[str, ...]:
    """What differs, the most telling first."""
    sides = (a, b)
    found = [*_geometry(card, a, b), *_sizes(a, b)]
    if a.format != b.format:
        found.append(f"{a.format} and {b.format}")
    if "recompressed" in card.differs:
        # Which one was is not known: a copy may have more bytes.
        found.append("compressed anew")
    found += [words for key, words in PLAIN.items() if key in card.differs]
    if a.size_bytes and b.size_bytes:
        larger = int(b.size_bytes > a.size_bytes)
        times = sides[larger].size_bytes / sides[1 - larger].size_bytes
        if times >= NOTABLE:
            found.append(f"{'AB'[larger]} has {_times(times, 'bytes')}")
    apart_s = (b.mtime_ns - a.mtime_ns) / 1e9
    if abs(apart_s) > SAME_TIME_S:
        older = int(apart_s < 0)
        found.append(f"{'AB'[older]} is {_apart(abs(apart_s))} older")
    if (a.source_id, a.folder) != (b.source_id, b.folder):
        found.append("other folders")
    return tuple(found)


def facts(image: Image, other: Image) -> tuple[Fact, ...]:
    """One side: pixels, format, bytes and date, and what speaks for it."""
    more_pixels = _pixels(image) > _pixels(other)
    is_lossless = image.format in LOSSLESS and other.format not in LOSSLESS
    is_older = (other.mtime_ns - image.mtime_ns) / 1e9 > SAME_TIME_S
    more_bytes = image.size_bytes > other.size_bytes * NOTABLE
    return (
        Fact(f"{image.width} × {image.height}", "more pixels" if more_pixels else ""),
        Fact(image.format, "lossless" if is_lossless else ""),
        Fact(text.size(image.size_bytes), "larger file" if more_bytes else ""),
        Fact(text.date(image.mtime_ns), "older" if is_older else ""),
    )


def told(card: Card, a: Image, b: Image) -> str:
    """All of it, for those who hear it."""
    sides = " ".join(
        f"{letter}: {one.name}, {', '.join(_fact_told(each) for each in facts(one, other))}."
        for letter, one, other in (("A", a, b), ("B", b, a))
    )
    differs = ", ".join(badges(card, a, b)) or "nothing that was measured"
    return f"{headline(card)}. {sides} Differs: {differs}. Hold Tab to swap; Shift+Tab goes back."


def remaining_words(remaining: Remaining) -> str:
    """What is left: pairs, questions, time."""
    if not remaining.pairs:
        return "No pairs left"
    said = f"{text.plural(remaining.pairs, 'pair')} left"
    if remaining.questions < remaining.pairs:
        said += f", about {text.plural(remaining.questions, 'question')}"
    if remaining.seconds is not None:
        said += f", {_pace(remaining.seconds)} at your pace"
    return said


def done_words(remaining: Remaining) -> str:
    """What was judged, and what followed from it."""
    if not remaining.judged:
        return ""
    followed = f", {text.number(remaining.followed)} followed" if remaining.followed else ""
    return f"{text.number(remaining.judged)} judged{followed}"


def contradiction_words(found: Contradiction) -> str:
    """What was said, what else was said, and why both cannot be."""
    letters = chain_letters(found)
    a, b = (letters[one] for one in found.pair)
    steps = [
        f"{letters[one.a]} {'=' if one.verdict == 'duplicate' else '≠'} {letters[one.b]}"
        for one in found.chain
    ]
    listed = " and ".join([", ".join(steps[:-1]), steps[-1]] if len(steps) > 1 else steps)
    return (
        f"You said that {a} and {b} are {_noun(found.says)}, but {listed}, which makes them "
        f"{_noun(found.follows)}."
    )


def chain_letters(found: Contradiction) -> dict[int, str]:
    """A letter for each content of a chain: A and B are the pair, as over their pictures, then along the chain."""
    walked = [*found.pair, *(one.b for one in found.chain)]
    return {one: _letter(place) for place, one in enumerate(dict.fromkeys(walked))}


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else f"A{place}"


def _noun(verdict: Verdict) -> str:
    return {"duplicate": "duplicates"}.get(verdict, verdict)


def _fact_told(fact: Fact) -> str:
    return f"{fact.words} ({fact.better})" if fact.better else fact.words


def _pixels(image: Image) -> int:
    return max(1, image.width * image.height)


def _sizes(a: Image, b: Image) -> Sequence[str]:
    if {a.width, a.height} == {b.width, b.height}:
        return ()
    larger = int(_pixels(b) > _pixels(a))
    sides = (a, b)
    times = _pixels(sides[larger]) / _pixels(sides[1 - larger])
    if times < NOTABLE:
        return ("other shape",)
    return (f"{'AB'[larger]} has {_times(times, 'pixels')}",)


def _geometry(card: Card, a: Image, b: Image) -> list[str]:
    found: list[str] = []
    smaller = int(card.overlaps[1] > card.overlaps[0])  # more of it is shown by the other
    if card.kind == "part-of" or "cropped" in card.differs:
        shown = f"{100 * card.overlaps[1 - smaller]:.0f} % of {'BA'[smaller]}"
        found.append(f"{'AB'[smaller]} is cropped: shows {shown}")
    if "border" in card.differs:
        found.append(f"{'BA'[smaller]} has a border")
    if "mirrored" in card.differs:
        found.append("mirrored")
    degrees, _ = turn(card, a, b)
    quarters = round(degrees / 90)
    if "turned" in card.differs:
        way = {1: "turned a quarter right", -1: "turned a quarter left"}
        found.append(f"B is {way.get(quarters, 'upside down')}")
    if "rotated" in card.differs:
        found.append(f"B is rotated by {abs(degrees - 90 * quarters):.1f}°")
    return found


def turn(card: Card, a: Image, b: Image) -> tuple[float, bool]:
    """(degrees from A to B, right turns above 0, -180 to 180; whether B is a mirror image, turned then)."""
    (xx, xy, _), (yx, yy, _) = (map(float, line) for line in card.transform)
    xx, xy = xx * b.width / max(1, a.width), xy * b.width / max(1, a.height)
    yx, yy = yx * b.height / max(1, a.width), yy * b.height / max(1, a.height)
    is_mirrored = xx * yy - xy * yx < 0
    if is_mirrored:
        xx, yx = -xx, -yx
    # Of a turn both columns tell the angle; their mean is less moved by noise.
    return math.degrees(math.atan2(yx - xy, xx + yy)), is_mirrored


def _times(ratio: float, noun: str) -> str:
    if ratio < 1.95:
        return f"{100 * (ratio - 1):.0f} % more {noun}"
    return f"{ratio:.0f} times the {noun}"


def _apart(seconds: float) -> str:
    for unit, length in UNITS:
        if seconds >= length:
            return text.plural(round(seconds / length), unit)
    return text.plural(round(seconds), "second")


def _pace(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    minutes = round(seconds / 60)
    if minutes < 90:
        return text.plural(minutes, "minute")
    return text.plural(round(minutes / 60), "hour")
