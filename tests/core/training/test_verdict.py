"""Two measured states side by side: the shape of a run's result, and when it says better or worse."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.jobs import Job
from core.training.records import Run
from core.training.verdict import Measured, compare, measure, measure_pairs, metrics

METRICS = {"recall@1", "recall@5", "recall@10", "map@r", "pair_ap", "roc_auc"}
NAMES = [f"class {number}" for number in range(20)]


def made(
    noise: float, *, count: int = 300, classes: int = 20, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors around class centres; the same images with any ``noise``."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, count)
    vectors = random.standard_normal((classes, 24))[labels]
    vectors = vectors + noise * random.standard_normal((count, 24))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), labels


def state(noise: float, groups: np.ndarray | None = None, **kind: Any) -> Measured:
    vectors, labels = made(noise, **kind)
    everything = np.arange(len(labels))
    return measure(vectors, labels, everything, everything, Job(), groups=groups)


def assert_json(found: dict[str, Any]) -> None:
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_has_the_shape_of_a_result() -> None:
    found = compare(state(2.0), state(1.0), NAMES)
    assert_json(found)
    told = {key for key in found if f'"{key}"' in (Run.__doc__ or "")}
    assert told == found.keys() and found["is_better"]
    for part in ("before", "after"):
        assert found[part].keys() == METRICS | {"queries", "intervals"}
        assert found[part]["intervals"].keys() == METRICS
        for name, (low, high) in found[part]["intervals"].items():
            assert 0 <= low <= found[part][name] <= high <= 1
        assert found["roc"][part][0] == [0, 0] and found["roc"][part][-1] == [1, 1]
    for name, change in found["difference"].items():
        assert change["value"] == pytest.approx(found["after"][name] - found["before"][name])
        assert change["low"] <= change["value"] <= change["high"]
    assert found["difference"].keys() == METRICS


def test_better_worse_and_neither() -> None:
    good, bad = state(1.0), state(2.0)
    assert compare(bad, good, NAMES)["verdict"].startswith("Better: on 300 held-out images, ")
    worse = compare(good, bad, NAMES)
    assert worse["verdict"].startswith("Worse") and not worse["is_better"]
    same = compare(good, good, NAMES)
    assert same["verdict"].startswith("No clear difference") and not same["is_better"]
    assert same["difference"]["map@r"] == {"value": 0, "low": 0, "high": 0}
    assert same["difference"]["pair_ap"] == {"value": 0, "low": 0, "high": 0}


def test_a_rise_and_a_fall_are_not_better() -> None:
    """The nearest is right more often, the rest are further: 40 images in tens."""
    labels = np.repeat(np.arange(8), 5)
    everything = np.arange(40)
    before, after = state(1.0, count=40, classes=8), state(1.0, count=40, classes=8)
    first = measure(made(1.0, count=40)[0], labels, everything, everything, Job())
    assert len(first.ranking.queries) == 40
    for one, nearest, precision in ((before, False, 0.6), (after, True, 0.2)):
        one.ranking.hits[1][:] = nearest
        one.ranking.average_precision[:] = precision
    found = compare(before, after, NAMES)
    assert "one measure rose and the other fell" in found["verdict"] and not found["is_better"]


def test_few_images_prove_nothing() -> None:
    labels = np.array([0, 0, 1, 1, 2])
    everything = np.arange(5)
    bad = measure(np.eye(5, dtype=np.float32), labels, everything, everything, Job())
    good = measure(np.eye(5, dtype=np.float32)[labels], labels, everything, everything, Job())
    found = compare(bad, good, NAMES)
    assert_json(found)
    assert "too little" in found["verdict"] and not found["is_better"]
    many = state(2.0, groups=np.arange(300) % 3), state(1.0, groups=np.arange(300) % 3)
    assert "too little" in compare(*many, NAMES)["verdict"]


def test_groups_widen_the_intervals() -> None:
    labels = made(1.0)[1]
    loose, honest = metrics(state(2.0)), metrics(state(2.0, groups=labels))
    for name in ("map@r", "pair_ap"):
        low, high = loose["intervals"][name]
        wide_low, wide_high = honest["intervals"][name]
        assert wide_high - wide_low > high - low
        assert honest[name] == loose[name]


def test_by_class_and_confusions() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 1, 2]]
    labels = np.array([0, 0, 1, 1, 2, 2])
    everything = np.arange(6)
    one = measure(vectors, labels, everything, everything, Job())
    names = ["cats", "dogs", "owls"]
    found = compare(one, one, names)
    assert found["by_class"] == [
        {"class": "cats", "queries": 2, "before": 1, "after": 1},
        {"class": "dogs", "queries": 2, "before": 1, "after": 1},
        {"class": "owls", "queries": 2, "before": 0, "after": 0},
    ]
    assert found["confusions"]["after"] == [
        {"class": "owls", "taken_for": "cats", "count": 1},
        {"class": "owls", "taken_for": "dogs", "count": 1},
    ]


def test_the_most_frequent_confusions_come_first() -> None:
    found = compare(state(3.0, count=600), state(3.0, count=600), NAMES)["confusions"]["before"]
    counts = [one["count"] for one in found]
    assert counts == sorted(counts, reverse=True) and len(counts) == 30
    assert all(one["class"] != one["taken_for"] for one in found)


def test_explicit_pairs_decide_where_no_class_has_two() -> None:
    vectors, labels = made(0.5)
    poor = made(3.0)[0]
    random = np.random.default_rng(0)
    pairs = np.sort(random.permutation(300)[:200].reshape(-1, 2), axis=1)
    pairs[:40, 1] = [np.flatnonzero(labels == labels[a])[-1] for a in pairs[:40, 0]]
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    is_same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    nothing = np.full(300, -1)
    before, after = (measure_pairs(one, pairs, is_same, nothing, Job()) for one in (poor, vectors))
    found = compare(before, after, [])
    assert_json(found)
    assert found["is_better"] and "held-out pairs" in found["verdict"]
    assert found["after"]["recall@1"] is None and found["after"]["queries"] == 0
    assert found["after"]["intervals"]["map@r"] is None
    assert found["difference"]["recall@1"] == {"value": None, "low": None, "high": None}
    assert not compare(after, before, [])["is_better"]
    labelled = measure_pairs(vectors, pairs, is_same, labels, Job())
    assert metrics(labelled)["recall@1"] > 0.9


@given(st.integers(0, 1 << 30), st.integers(0, 12), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_anything_is_ready_for_json(seed: int, count: int, classes: int) -> None:
    random = np.random.default_rng(seed)
    vectors, labels = made(1.0, count=count, classes=classes, seed=seed)
    everything = np.arange(count)
    one = measure(vectors, labels, everything, everything, Job())
    other = measure(vectors[:, ::-1].copy(), labels, everything, everything, Job())
    assert_json(compare(one, other, NAMES))
    rows = random.integers(0, max(count, 1), (count // 2, 2))
    is_same = random.random(len(rows)) < 0.5
    pairs = measure_pairs(vectors, rows, is_same, labels, Job())
    assert_json(compare(pairs, pairs, NAMES))


def test_different_queries_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="different queries"):
        compare(state(1.0), state(1.0, count=200), NAMES)
