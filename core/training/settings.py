"""What a training is asked to do: every setting with its default and one line of meaning, and the presets.

Imports nothing heavy: window and command line read it.
"""

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from core.errors import UsageError

LabelSource = Literal["folders", "tags", "pairs", "labels"]
LABEL_SOURCES: tuple[LabelSource, ...] = ("folders", "tags", "pairs", "labels")
Depth = Literal["head", "adapters", "whole"]
DEPTHS: tuple[Depth, ...] = ("head", "adapters", "whole")
Preset = Literal["quick", "balanced", "thorough"]
PRESETS: tuple[Preset, ...] = ("quick", "balanced", "thorough")
HoldOut = Literal["images", "classes"]
HOLD_OUTS: tuple[HoldOut, ...] = ("images", "classes")
# Names of the files of core.training.losses; "auto" is what was measured best for the depth.
LOSSES = (
    *("auto", "contrastive", "triplet", "circle", "multi-similarity"),
    *("recall-at-k", "hardest-negative"),
)
OPTIMISERS = ("auto", "adamw", "lambc")
ADAPTERS = ("lora", "flora")
AUGMENTATIONS = ("auto", "none", "light", "photos", "drawings", "strong")
PRECISIONS = ("auto", "fp32", "bf16")
AUTO = -1
_SEEDS = 1 << 31


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides a training besides the catalogue. -1 and "auto" leave it to what was
    measured to be best; ``core.training.presets`` resolves them."""

    labels: LabelSource = _setting("folders", "What to learn from")
    split: str = _setting(
        "", "A stored split, or the part of one that is held out; empty: a share of the images"
    )
    encoder: str = _setting("", "What to start from; empty: the catalogue's default encoder")
    depth: Depth = _setting(
        "head",
        "How much is trained: a head on stored vectors, small adapters, or the whole network",
    )
    preset: Preset = _setting("balanced", "How long to try")
    loss: str = _setting("auto", "What counts as wrong")
    memory: int = _setting(
        AUTO, "Embeddings of earlier batches that a batch is compared with as well; 0: none"
    )
    memory_weight: float = _setting(
        AUTO, "Weight of the comparison with the memory; -1 balances it against the batch"
    )
    batch: int = _setting(AUTO, "Images a step")
    per_class: int = _setting(AUTO, "Images of each class in a batch")
    steps: int = _setting(AUTO, "Steps at most")
    learning_rate: float = _setting(AUTO, "Size of a step")
    weight_decay: float = _setting(AUTO, "Pull of the weights towards zero")
    dim: int = _setting(AUTO, "Numbers in a vector")
    augmentation: str = _setting("auto", "How pictures are varied while learning")
    copies: int = _setting(
        AUTO, "Varied copies of each image whose vectors a head learns from; 0: only as it is"
    )
    hold_out: HoldOut = _setting("images", "Hold out images of every class, or whole classes")
    held_out_share: float = _setting(0.3, "Share that is held out to measure with")
    patience: int = _setting(
        AUTO, "Measurements without a better R@1 before it stops; 0: never stops early"
    )
    rank: int = _setting(8, "Rank of the adapters: more is larger and bends further")
    adapter: str = _setting(
        "lora", "Kind of adapters: lora, or flora, which keeps the shape of convolutions"
    )
    nested: bool = _setting(
        False, "Vectors that are good in their first 8, 16, 32 … numbers too, for quick search"
    )
    difficulty: float = _setting(
        0.0, "How much more attention classes get that are not found yet; 0: all alike"
    )
    mix: bool = _setting(False, "Blend images of a class into further examples of it (SiMix)")
    hallucinate: bool = _setting(
        False, "Make up further examples for classes of two or three images"
    )
    comparable: bool = _setting(
        False, "Stay comparable with the vectors it starts from: an update without re-indexing"
    )
    implied: float = _setting(
        1.0, "What a pair counts that follows from others, for each further link of the chain"
    )
    implied_classes: float = _setting(
        0.0, "What two images count by their class folders alone, beside the pairs that were judged"
    )
    chunk: int = _setting(
        AUTO, "Images through the network at a time: a batch beyond it takes two passes; 0: all"
    )
    optimiser: str = _setting("auto", "How steps are made: adamw, or lambc for very large batches")
    gradient_noise: float = _setting(
        0.0, "Random numbers added to the gradient, fewer and fewer; 0: none"
    )
    precision: str = _setting("auto", "Precision of the arithmetic")
    clip: float = _setting(AUTO, "Largest length of a step's gradient")
    seed: int = _setting(0, "Start of the random numbers: the same gives the same result")

    def checked(self) -> "Settings":
        """These settings, if they make sense. Raises UsageError with one sentence if not."""
        for name, known in (
            ("labels", LABEL_SOURCES),
            ("depth", DEPTHS),
            ("preset", PRESETS),
            ("loss", LOSSES),
            ("augmentation", AUGMENTATIONS),
            ("hold_out", HOLD_OUTS),
            ("precision", PRECISIONS),
            ("optimiser", OPTIMISERS),
            ("adapter", ADAPTERS),
        ):
            value = getattr(self, name)
            if value not in known:
                raise UsageError(
                    f"There is no {name.replace('_', ' ')} {value!r}.", f"Use {', '.join(known)}."
                )
        for name, least in (("batch", 4), ("per_class", 2), ("steps", 1), ("dim", 2), ("rank", 1)):
            value = getattr(self, name)
            if value != AUTO and value < least:
                raise UsageError(f"{_words(name)} cannot be {value}.", f"The least is {least:,}.")
        numbers = ("memory", "copies", "patience", "learning_rate", "weight_decay", "clip")
        for name in (*numbers, "memory_weight", "chunk", "difficulty", "gradient_noise"):
            value = getattr(self, name)
            if value != AUTO and not 0 <= value < float("inf"):
                raise UsageError(f"{_words(name)} cannot be {value}.")
        if not 0 <= self.seed < _SEEDS:
            raise UsageError(f"The seed lies between 0 and {_SEEDS - 1:,}.")
        for name in ("implied", "implied_classes"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"{_words(name)} lies between 0 and 1.")
        if not 0.05 <= self.held_out_share <= 0.8:
            raise UsageError("The share that is held out lies between 0.05 and 0.8.")
        return self

    def as_json(self) -> str:
        """As text for the catalogue."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Settings":
        """From ``as_json``, read; names of other versions are passed over."""
        known = {one.name for one in fields(cls)}
        return replace(cls(), **{key: value for key, value in kept.items() if key in known})


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def meaning(name: str) -> str:
    """One line on the setting ``name``."""
    return next(str(one.metadata["meaning"]) for one in fields(Settings) if one.name == name)
