"""What training suits what there is, by rules with a reason each. Knows no catalogue, imports nothing heavy."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.training.presets import MOST_REMEMBERED
from core.training.settings import LabelSource, Settings

# Small drawings: no network that is installed was made for them.
DRAWING_NETWORK = "small:conv4"
_SOURCES: dict[LabelSource, str] = {
    "folders": "class folders",
    "tags": "tags",
    "labels": "labels from tables",
    "pairs": "marked pairs",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """``is_on``: measured to help (docs/results.md); ``least`` is where it begins, ``value`` what it sets."""

    is_on: bool
    least: float
    value: Any = True


# The one place to change when a benchmark tells more. What was not measured to help is off.
RULES: dict[str, Rule] = {
    # Images to learn from beyond which a first answer matters more than the last point: varied copies of
    # 20,000 photos take some four minutes on two cores.
    "quick": Rule(True, 20_000, "quick"),
    # Small drawings to learn from, for a network of their own from scratch instead of a head.
    "scratch": Rule(False, 1000, DRAWING_NETWORK),
    # Images to learn from, for adapters instead of a head: on a GPU, in a network that has weights.
    "adapters": Rule(False, 500),
    # Share of the classes that have two or three images to learn from.
    "hallucinate": Rule(False, 0.3),
    # Gini coefficient of the sizes of classes: 0 where all are alike, towards 1 where few have nearly all.
    "difficulty": Rule(False, 0.4, 1.5),
    # Images a class at most, on average, for blended ones.
    "mix": Rule(False, 20),
    # Images in the catalogue beyond which vectors that can be cut short save time and space.
    "nested": Rule(False, 200_000),
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What there is: numbers of images to learn from (``learned``), of them by class (``few``: classes of two or
    three; ``gini`` of the sizes), watched ones, judged ``pairs``; ``images`` in the catalogue; the encoder to
    start from, and whether it ``has_weights`` that could be trained; small ``drawings``; a GPU."""

    labels: LabelSource
    learned: int
    watched: int
    classes: int
    few: int
    gini: float
    pairs: int
    images: int
    encoder: str
    has_weights: bool
    is_drawings: bool
    has_gpu: bool

    @property
    def is_pairs(self) -> bool:
        return self.labels == "pairs"


@dataclass(frozen=True, slots=True)
class Advice:
    """Settings to train with, in a line, and a sentence for each reason."""

    settings: Settings
    headline: str
    reasons: tuple[str, ...]


def advise(now: Situation) -> Advice:
    """What suits this situation."""
    settings, reasons = Settings(labels=now.labels), [_what(now)]
    for decide in (_depth, _length, _few, _tail, _blend, _nest):
        changes, reason = decide(now)
        settings = replace(settings, **changes)
        reasons += [reason] if reason else []
    if not now.watched:
        reasons.append(
            "Too few images are left to be watched while it learns, so it cannot tell which state is best: "
            "more labelled images would help most."
        )
    return Advice(settings, _headline(now, settings), tuple(reasons))


def differences(settings: Settings) -> dict[str, Any]:
    """What is not as it comes."""
    usual = asdict(Settings())
    return {name: value for name, value in asdict(settings).items() if value != usual[name]}


def variants(now: Situation, advised: Settings) -> tuple[Settings, ...]:
    """The advised settings, a bolder way, a plainer one, and some more where those fall together."""
    return tuple(replace(advised, **one) for one in ({}, *_ways(now, advised)))


def gini(sizes: list[int]) -> float:
    """0 where all sizes are equal, towards 1 where one has everything (Gini 1912)."""
    ordered, count = sorted(sizes), len(sizes)
    total = sum(ordered)
    if not total:
        return 0.0
    weighted = sum((2 * place - count + 1) * size for place, size in enumerate(ordered))
    return weighted / count / total


Decision = tuple[dict[str, Any], str]


def _what(now: Situation) -> str:
    if now.is_pairs:
        return f"{now.pairs:,} marked pairs say what is alike and what is not."
    found = _SOURCES[now.labels].capitalize()
    return f"{found} give {now.learned:,} images of {now.classes:,} classes to learn from."


def _depth(now: Situation) -> Decision:
    scratch, adapters = RULES["scratch"], RULES["adapters"]
    if now.is_drawings and not now.is_pairs and scratch.is_on and now.learned >= scratch.least:
        return {"depth": "whole", "encoder": scratch.value}, (
            "The images are small drawings, which a small network of their own learns from scratch."
        )
    is_able = now.has_gpu and now.has_weights
    if is_able and adapters.is_on and now.learned >= adapters.least:
        return {"depth": "adapters"}, (
            f"There is a graphics card, and {now.encoder} has weights that adapters bend further than a head can."
        )
    if not now.has_weights:
        return (
            {},
            f"{now.encoder} has no weights that could be trained, so a head goes on its vectors.",
        )
    return (
        {},
        "A head learns on the vectors that are stored, which takes minutes without a graphics card.",
    )


def _length(now: Situation) -> Decision:
    rule = RULES["quick"]
    if not rule.is_on or now.learned <= rule.least:
        return {}, ""
    return {"preset": rule.value}, (
        f"With {now.learned:,} images each step and each varied copy counts, so a quick run comes first."
    )


def _few(now: Situation) -> Decision:
    rule = RULES["hallucinate"]
    if not rule.is_on or now.is_pairs or not now.few or now.few < rule.least * now.classes:
        return {}, ""
    return {"hallucinate": rule.value}, (
        f"{now.few:,} of {now.classes:,} classes have two or three images, so further examples are made up."
    )


def _tail(now: Situation) -> Decision:
    rule = RULES["difficulty"]
    # Which classes are hard is told by the watched images.
    if not rule.is_on or now.is_pairs or not now.watched or now.gini < rule.least:
        return {}, ""
    return {"difficulty": rule.value}, (
        "The classes differ much in size, so those that are not found yet get more attention."
    )


def _blend(now: Situation) -> Decision:
    rule = RULES["mix"]
    if not rule.is_on or now.is_pairs or now.learned > rule.least * now.classes:
        return {}, ""
    return {"mix": rule.value}, "The classes are small, so images of a class are blended into more."


def _nest(now: Situation) -> Decision:
    rule = RULES["nested"]
    if not rule.is_on or now.images < rule.least:
        return {}, ""
    return {"nested": rule.value}, (
        f"Among {now.images:,} images a search by the first numbers of a vector saves time and space."
    )


def _headline(now: Situation, settings: Settings) -> str:
    encoder = settings.encoder or now.encoder
    ways = {
        "head": f"Train a head on {encoder}",
        "adapters": f"Train adapters in {encoder}",
        "whole": f"Train {encoder} as a whole",
    }
    return f"{ways[settings.depth]}, from {_SOURCES[now.labels]}."


# -- other ways, for a trial


def _ways(now: Situation, advised: Settings) -> list[dict[str, Any]]:
    """What a bolder training and a plainer one change, then what else may be worth a try."""
    ways: dict[str, Callable[[Situation], list[dict[str, Any]]]] = {
        "head": _ways_of_head,
        "adapters": lambda _: [{"rank": 32}, {"depth": "head"}, {"rank": 4}],
        "whole": _ways_of_whole,
    }
    return ways[advised.depth](now)


def _ways_of_head(now: Situation) -> list[dict[str, Any]]:
    larger: dict[str, Any] = {"learning_rate": 1e-3 if now.is_pairs else 3e-3}
    plainer = {"memory": 0, "copies": 0}
    others = [{"loss": "multi-similarity"}, {"augmentation": "light"}]
    if now.has_gpu and now.has_weights and not now.is_pairs:
        return [{"depth": "adapters"}, plainer, larger, *others]
    return [larger, plainer, *others]


def _ways_of_whole(now: Situation) -> list[dict[str, Any]]:
    remembered = min(now.learned, MOST_REMEMBERED)
    return [
        {"loss": "multi-similarity", "memory": remembered},
        {"memory": 0},
        {"augmentation": "light"},
    ]
