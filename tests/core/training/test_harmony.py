"""Whether old and new vectors go together, and which settings do not."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import UsageError
from core.jobs import Job
from core.training import combinations, harmony, presets
from core.training.evaluate import rank
from core.training.presets import Facts
from core.training.settings import Settings

LABELS = np.repeat(np.arange(6), 5)


def unit(rows: np.ndarray) -> np.ndarray:
    found: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


def vectors(spread: float, seed: int = 0) -> np.ndarray:
    points = np.random.default_rng(9).normal(size=(6, 16))
    noise = np.random.default_rng(seed).normal(size=(len(LABELS), 16))
    return unit(points[LABELS] + spread * noise)


def by_hand(queries: np.ndarray, gallery: np.ndarray) -> float:
    products = queries @ gallery.T
    np.fill_diagonal(products, -2)
    return float((LABELS[products.argmax(axis=1)] == LABELS).mean())


def test_each_image_is_asked_among_all_others_of_either_version() -> None:
    old, new = vectors(1.2), vectors(0.9, 1)
    found = harmony.measure(old, new, LABELS, Job())
    assert found["old"] == pytest.approx(by_hand(old, old))
    assert found["new"] == pytest.approx(by_hand(new, new))
    assert found["old_to_new"] == pytest.approx(by_hand(old, new))
    assert found["new_to_old"] == pytest.approx(by_hand(new, old))
    assert 0 < found["old"] < 1


def test_the_old_vectors_themselves_go_with_the_old() -> None:
    old = vectors(1.2)
    found = harmony.measure(old, old.copy(), LABELS, Job())
    assert found["is_comparable"] and "can be searched together" in found["sentence"]


def test_a_better_encoder_in_another_basis_does_not_pass() -> None:
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(16, 16)))[0]
    found = harmony.measure(vectors(1.2), unit(vectors(0.1) @ turn), LABELS, Job())
    assert found["new"] > found["old"] > found["new_to_old"]
    assert not found["is_comparable"] and "cannot" in found["sentence"]


def test_nothing_to_ask_is_no_proof() -> None:
    found = harmony.measure(vectors(1)[:3], vectors(1)[:3], np.arange(3), Job())
    assert not found["is_comparable"] and found["old"] is None


def test_what_is_left_out_may_be_another_row() -> None:
    rows = vectors(1.0)
    both, labels = np.concatenate([rows, rows]), np.concatenate([LABELS, LABELS])
    first, second = np.arange(30), np.arange(30, 60)
    itself = np.concatenate([second, first])
    found = rank(both, labels, first, second, Job(), itself=itself)
    plain = rank(rows, LABELS, first, first, Job())
    assert np.array_equal(found.hits[1], plain.hits[1])
    assert np.array_equal(found.average_precision, plain.average_precision)


FACTS = Facts(
    learned=200,
    base_dim=64,
    size_px=128,
    is_from_scratch=False,
    is_small_network=False,
    is_pairs=False,
    watched=40,
    few=3,
)


@pytest.mark.parametrize(
    ("given", "facts", "sentence"),
    [
        ({"loss": "circle", "memory": 100}, {}, "The loss circle is not compared with a memory"),
        ({"loss": "recall-at-k", "memory": 9}, {}, "The loss recall-at-k is not compared"),
        ({"chunk": 2}, {}, "At least 4 images go through"),
        ({"adapter": "flora"}, {}, "flora is a kind of adapters, and none are trained"),
        ({"difficulty": 1.5}, {"is_pairs": True}, "Marked pairs have no classes"),
        ({"difficulty": 1.5}, {"watched": 0}, "Too few images can be watched"),
        ({"hallucinate": True}, {"few": 0}, "No class has two or three images"),
        ({"implied": 0.5}, {}, "Only where marked pairs teach"),
        ({"implied_classes": 0.5}, {}, "Only where marked pairs teach"),
        ({"nested": True, "dim": 8}, {}, "Vectors of 8 numbers are too short"),
        ({"comparable": True, "dim": 32}, {}, "have as many numbers as before: 64"),
        ({"comparable": True}, {"is_from_scratch": True}, "trained from scratch has no vectors"),
        ({"comparable": True, "nested": True}, {}, "Nested vectors cannot stay comparable"),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_sentence(
    given: dict[str, Any], facts: dict[str, Any], sentence: str
) -> None:
    about = replace(FACTS, **facts)
    settings = presets.resolve(Settings(**given).checked(), about)
    with pytest.raises(UsageError, match=sentence):
        combinations.check(settings, about)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"nested": True, "mix": True, "difficulty": 1.5, "hallucinate": True},
        {"comparable": True, "optimiser": "lambc", "gradient_noise": 0.1},
        {"loss": "recall-at-k", "memory": 0, "batch": 128, "chunk": 16, "mix": True},
        {"depth": "adapters", "adapter": "flora"},
    ],
)
def test_what_goes_together_is_not(given: dict[str, Any]) -> None:
    combinations.check(presets.resolve(Settings(**given).checked(), FACTS), FACTS)


@pytest.mark.parametrize(
    "given",
    [{"implied": 1.5}, {"implied_classes": -0.1}, {"difficulty": -2.0}, {"optimiser": "sgd"}],
)
def test_values_without_a_meaning_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Settings(**given).checked()


def test_what_was_measured_best_is_how_it_comes() -> None:
    def loss(given: Settings, **about: Any) -> tuple[str, int, int]:
        found = presets.resolve(given, replace(FACTS, learned=1000, **about))
        return found.loss, found.memory, found.batch

    assert loss(Settings()) == ("contrastive", 1000, 64)
    assert loss(Settings(comparable=True)) == ("circle", 0, 64)
    small: dict[str, Any] = {"is_small_network": True, "is_from_scratch": True}
    assert loss(Settings(depth="whole"), **small) == ("circle", 0, 256)
    assert loss(Settings(depth="whole", memory=500), **small) == ("contrastive", 500, 256)
    assert (
        presets.resolve(Settings(batch=5000, depth="whole"), replace(FACTS, learned=9000)).chunk
        == 64
    )
