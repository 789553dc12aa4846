"""Which settings do not go together, each with the sentence that says so. Imports nothing heavy."""

from core.errors import UsageError
from core.training.presets import Facts
from core.training.settings import Settings

# Losses that are compared with a memory (``suits_memory`` of core.training.losses says the same).
WITH_MEMORY = ("contrastive", "triplet", "multi-similarity")
_LEAST_NESTED = 16
_LEAST_CHUNK = 4


def check(settings: Settings, facts: Facts) -> None:
    """Raises UsageError for settings (nothing open any more) that cannot do what they say."""
    _check_batches(settings)
    _check_examples(settings, facts)
    _check_vectors(settings, facts)


def _check_batches(settings: Settings) -> None:
    if settings.memory and settings.loss not in WITH_MEMORY:
        raise UsageError(
            f"The loss {settings.loss} is not compared with a memory.",
            f"Use a memory of 0, or {', '.join(WITH_MEMORY)}.",
        )
    if 0 < settings.chunk < _LEAST_CHUNK:
        raise UsageError(f"At least {_LEAST_CHUNK} images go through the network at a time.")
    if settings.adapter != "lora" and settings.depth != "adapters":
        raise UsageError(
            f"{settings.adapter} is a kind of adapters, and none are trained.",
            "Train adapters, or leave the kind at lora.",
        )


def _check_examples(settings: Settings, facts: Facts) -> None:
    if facts.is_pairs and settings.difficulty:
        raise UsageError("Marked pairs have no classes that could get more attention.")
    if settings.difficulty and not facts.watched:
        raise UsageError(
            "Too few images can be watched while learning to tell which classes are hard.",
            "Label more images, or set the attention to hard classes to 0.",
        )
    if settings.hallucinate and not facts.few:
        raise UsageError("No class has two or three images to make up further examples for.")
    if not facts.is_pairs and (settings.implied != 1 or settings.implied_classes):
        raise UsageError("Only where marked pairs teach can they imply others.")


def _check_vectors(settings: Settings, facts: Facts) -> None:
    if settings.nested and settings.dim < _LEAST_NESTED:
        raise UsageError(
            f"Vectors of {settings.dim} numbers are too short to be nested.",
            f"Nested ones have at least {_LEAST_NESTED}.",
        )
    if not settings.comparable:
        return
    if facts.is_from_scratch:
        raise UsageError(
            "A network that is trained from scratch has no vectors to stay comparable with.",
            "Start from a trained encoder.",
        )
    if settings.dim != facts.base_dim:
        raise UsageError(
            f"Vectors that stay comparable have as many numbers as before: {facts.base_dim:,}."
        )
    if settings.nested:
        raise UsageError(
            "Nested vectors cannot stay comparable with vectors that are not nested.",
            "Choose one of the two.",
        )
