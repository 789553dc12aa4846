"""What was typed to search for, taken apart into weighted phrases, and one query made of their vectors.

    a street at night              one phrase
    beach, sunset                  two phrases: pictures of both
    beach^2, sunset                the first counts twice
    street -car                    less of what a car looks like
    street -"parked car"           a minus, and a weight, may stand at more words in quotes

A minus counts a half, as a counter-example among images does; its weight multiplies that. No torch.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError

# Averaging the vectors of a few wordings smooths over how a phrase happens to be put (Radford et al.
# 2021, section 3.1.4). These say nothing that a phrase of one's own could contradict.
TEMPLATES = ("{}", "a photo of {}.", "a picture of {}.", "an image that shows {}.")
PLAIN = ("{}",)
LESS = 0.5  # how much what is not wanted counts
LONGEST, MOST, HEAVIEST = 300, 20, 100.0
_MINUS = "-−–"
_QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»"}
_WEIGHT = re.compile(r"\^([^\s,]*)")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that belong together. ``weight`` is below 0 for what is not wanted, and never 0."""

    text: str
    weight: float = 1.0

    @property
    def is_wanted(self) -> bool:
        return self.weight > 0


def parse(text: str) -> list[Phrase]:
    """The phrases of what was typed, in order, those that are not wanted last.

    Commas, quotes and weights end a phrase; a minus before a word or a quote takes that one away, and
    the words around it stay together. Raises UsageError where nothing is named, a quote is not closed
    or a weight is no number.
    """
    found: list[Phrase] = []
    unwanted: list[Phrase] = []
    open_words: list[str] = []

    def end(weight: float = 1.0) -> None:
        words = " ".join(open_words).strip(f"{_MINUS} ")  # a dash at an end joins nothing
        open_words.clear()
        if words:
            found.append(Phrase(words, weight))

    place = 0
    while place < len(text):
        letter = text[place]
        if letter.isspace():
            place += 1
            continue
        if letter == ",":
            end()
            place += 1
            continue
        start = place
        while place < len(text) and text[place] in _MINUS:
            place += 1
        is_minus = place > start and place < len(text) and not _ends(text[place])
        if not is_minus:
            place = start
        words, place, is_quoted = _token(text, place)
        weight, place, has_weight = _weight(text, place)
        if is_minus:
            if words:
                unwanted.append(Phrase(words, -LESS * weight))
            continue
        if is_quoted:
            end()
            found += [Phrase(words, weight)] if words else []
            continue
        open_words.append(words)
        if has_weight:
            end(weight)
    end()
    return _checked([*found, *unwanted])


def _ends(letter: str) -> bool:
    """Whether a minus before this stands alone, as a dash does."""
    return letter.isspace() or letter == ","


def _token(text: str, place: int) -> tuple[str, int, bool]:
    """One word, or what stands in quotes; where it ends; whether it was quoted."""
    closing = _QUOTES.get(text[place])
    if closing is None:
        end = place
        while end < len(text) and not _ends(text[end]) and text[end] != "^":
            end += 1
        return text[place:end], end, False
    for end in range(place + 1, len(text)):
        if text[end] in closing:
            return " ".join(text[place + 1 : end].split()), end + 1, True
    raise UsageError("A quote is not closed.", f"End it with {closing[-1]}.")


def _weight(text: str, place: int) -> tuple[float, int, bool]:
    """The weight that stands here, else 1; where it ends; whether there was one."""
    match = _WEIGHT.match(text, place)
    if match is None:
        return 1.0, place, False
    try:
        weight = float(match[1])
    except ValueError:
        weight = 0.0
    if not 0 < weight <= HEAVIEST:  # not a number fails as well
        raise UsageError(
            f"The weight ^{match[1]} is no number above 0 and up to {HEAVIEST:.0f}.",
            "Write beach^2, sunset.",
        )
    return weight, match.end(), True


def _checked(phrases: list[Phrase]) -> list[Phrase]:
    if not any(letter.isalnum() for one in phrases for letter in one.text):
        raise UsageError("There are no words to search for.")
    if len(phrases) > MOST:
        raise UsageError(f"These are more than {MOST} phrases.", "Search for fewer at a time.")
    if any(len(one.text) > LONGEST for one in phrases):
        raise UsageError(f"A phrase is longer than {LONGEST} letters.", "Use fewer words.")
    if any("\ud800" <= letter <= "\udfff" for one in phrases for letter in one.text):
        raise UsageError("The words hold bytes that are no letters.")
    return phrases


def describe(phrases: Sequence[Phrase]) -> str:
    """The phrases in short, for people: "beach ×2 + sunset −car"."""
    wanted = " + ".join(one.text + _times(one.weight, 1.0) for one in phrases if one.is_wanted)
    parts = [wanted] if wanted else []
    parts += [f"−{one.text}" + _times(-one.weight, LESS) for one in phrases if not one.is_wanted]
    return " ".join(parts)


def _times(weight: float, usual: float) -> str:
    return "" if weight == usual else f" ×{weight / usual:g}"


def fill(phrases: Sequence[Phrase], templates: Sequence[str] = TEMPLATES) -> list[str]:
    """Every phrase in every template, phrase by phrase: what the encoder is to read."""
    return [template.replace("{}", one.text) for one in phrases for template in templates]


def combine(
    phrases: Sequence[Phrase], rows: NDArray[np.float32], templates: Sequence[str] = TEMPLATES
) -> NDArray[np.float32]:
    """One unit query [dim] from the vectors [phrases * templates, dim] of ``fill``.

    The mean over the templates is made a unit vector, then the phrases are added by their weights.
    Raises UsageError where they cancel each other out.
    """
    means = rows.reshape(len(phrases), len(templates), -1).mean(axis=1)
    means /= np.linalg.norm(means, axis=1, keepdims=True).clip(1e-12)
    weights = np.array([one.weight for one in phrases], dtype=np.float32)
    query = (weights[:, None] * means).sum(axis=0)
    length = float(np.linalg.norm(query))
    if length < 1e-4 * float(np.abs(weights).sum()):
        raise UsageError("These words cancel each other out.", "Leave one of them away.")
    return np.asarray(query / length, dtype=np.float32)
