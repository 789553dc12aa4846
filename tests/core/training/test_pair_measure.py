"""Pair average precision, ROC and histograms against their definitions, scikit-learn and a true bootstrap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.jobs import Job
from core.training import pair_measure
from core.training.curves import Levels, roc


def peer() -> tuple:
    """The (average precision, ROC AUC) functions of scikit-learn, which only comes with other libraries."""
    metrics = pytest.importorskip("sklearn.metrics")
    return metrics.average_precision_score, metrics.roc_auc_score


def by_definition(is_same: np.ndarray, cosines: np.ndarray) -> tuple[float, float]:
    """(average precision, ROC AUC), one threshold and one couple of pairs after the other."""
    precision, recall_before = 0.0, 0.0
    for threshold in sorted(set(cosines.tolist()), reverse=True):
        above = cosines >= threshold
        recall = is_same[above].sum() / is_same.sum()
        precision += (recall - recall_before) * is_same[above].mean()
        recall_before = recall
    couples = cosines[is_same][:, None] - cosines[~is_same][None, :]
    return precision, float((couples > 0).mean() + (couples == 0).mean() / 2)


def made(count: int, classes: int, seed: int = 0, dim: int = 16, noise: float = 0.3) -> tuple:
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, count)
    vectors = random.standard_normal((classes, dim))[labels]
    vectors = vectors + noise * 4 * random.standard_normal((count, dim))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return vectors, labels


def all_pairs(labels: np.ndarray, queries: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    asked, answers = set(queries.tolist()), set(gallery.tolist())
    return np.array(
        [
            (a, b)
            for a in range(len(labels))
            for b in range(a + 1, len(labels))
            if ((a in asked and b in answers) or (b in asked and a in answers))
            and labels[a] >= 0
            and labels[b] >= 0
        ],
        dtype=np.int64,
    ).reshape(-1, 2)


@given(
    seed=st.integers(0, 1 << 30),
    count=st.integers(2, 40),
    classes=st.integers(1, 5),
    has_ties=st.booleans(),
    is_split=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_both_ways_in_equal_the_definition(
    seed: int, count: int, classes: int, has_ties: bool, is_split: bool
) -> None:
    random = np.random.default_rng(seed)
    vectors, labels = made(count, classes, seed)
    labels -= random.integers(0, 2)
    if has_ties:
        vectors = np.eye(4, dtype=np.float32)[random.integers(0, 4, count)]
    rows = random.permutation(count)
    queries, gallery = (rows[: count // 2], rows[count // 3 :]) if is_split else (rows, rows)
    pairs = all_pairs(labels, queries, gallery)
    is_same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    one = pair_measure.from_labels(vectors, labels, queries, gallery, Job())
    other = pair_measure.from_pairs(vectors, pairs, is_same)
    for found in (one, other):
        assert (found.same, found.different) == (is_same.sum(), (~is_same).sum())
        if is_same.all() or not is_same.any():
            assert found.average_precision is None and found.roc_auc is None
            assert not len(found.roc)
            continue
        cosines = (vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(axis=1)
        precision, area = by_definition(is_same, cosines)
        assert found.average_precision == pytest.approx(precision, abs=1e-5)
        assert found.roc_auc == pytest.approx(area, abs=1e-5)
        assert found.roc[0].tolist() == [0, 0] and found.roc[-1].tolist() == [1, 1]
        assert (np.diff(found.roc, axis=0) >= 0).all() and len(found.roc) <= 100


def test_equals_the_peer() -> None:
    vectors, labels = made(300, 12)
    rows = np.arange(300)
    pairs = all_pairs(labels, rows, rows)
    is_same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    cosines = (vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(axis=1)
    found = pair_measure.from_labels(vectors, labels, rows, rows, Job())
    values = [score(is_same, cosines) for score in peer()]
    assert [found.average_precision, found.roc_auc] == pytest.approx(values, abs=1e-6)


def test_bins_come_close_to_the_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, labels = made(900, 30)
    rows = np.arange(900)
    exact = pair_measure.from_labels(vectors, labels, rows, rows, Job())
    monkeypatch.setattr(pair_measure, "EXACT_ROWS", 0)
    binned = pair_measure.from_labels(vectors, labels, rows, rows, Job())
    assert binned.average_precision == pytest.approx(exact.average_precision, abs=1e-3)
    assert binned.roc_auc == pytest.approx(exact.roc_auc, abs=1e-4)
    np.testing.assert_allclose(binned.influence, exact.influence, rtol=1e-5, atol=1e-9)


def test_a_sample_comes_close_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, labels = made(2000, 10)
    rows = np.arange(2000)
    whole = pair_measure.from_labels(vectors, labels, rows, rows, Job())
    monkeypatch.setattr(pair_measure, "MOST_ROWS", 1000)
    some = pair_measure.from_labels(vectors, labels, rows, rows, Job())
    again = pair_measure.from_labels(vectors, labels, rows, rows, Job())
    assert len(some.images) == 1000
    assert some.average_precision == pytest.approx(whole.average_precision, abs=0.03)
    assert some.average_precision == again.average_precision


def test_influence_is_what_one_more_adds() -> None:
    """Against the weighted measures of the peer, an image's pairs weighing a little more."""
    vectors, labels = made(30, 3)
    rows = np.arange(30)
    pairs = all_pairs(labels, rows, rows)
    is_same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    found = pair_measure.from_pairs(vectors, pairs, is_same)
    cosines = (vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(axis=1)
    step = 1e-5
    for image in range(0, 30, 7):
        weights = 1 + step * (pairs == image).any(axis=1)
        for row, score in enumerate(peer()):
            slope = (
                score(is_same, cosines, sample_weight=weights) - score(is_same, cosines)
            ) / step
            assert found.influence[row, image] == pytest.approx(slope, abs=1e-4)
    from_labels = pair_measure.from_labels(vectors, labels, rows, rows, Job())
    np.testing.assert_allclose(from_labels.influence, found.influence, atol=2e-4)


def test_intervals_are_as_wide_as_those_of_a_true_bootstrap() -> None:
    """Over images drawn anew, each pair weighing as often as both its ends were drawn."""
    vectors, labels = made(150, 12)
    rows = np.arange(150)
    pairs = all_pairs(labels, rows, rows)
    is_same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    cosines = (vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(axis=1)
    random = np.random.default_rng(0)
    values = []
    for _ in range(300):
        times = np.bincount(random.integers(0, 150, 150), minlength=150)
        weights = times[pairs].prod(axis=1)
        values.append([score(is_same, cosines, sample_weight=weights) for score in peer()])
    expected = 1.96 * np.std(values, axis=0)
    found = pair_measure.from_labels(vectors, labels, rows, rows, Job())
    half = [pair_measure.spread(one, np.zeros(0)) for one in found.influence]
    assert half == pytest.approx(expected, rel=0.25)


def test_pairs_without_a_common_image_are_each_one_thing() -> None:
    """Then the interval is that of a plain bootstrap over the pairs."""
    vectors, labels = made(400, 12)
    pairs = np.arange(400).reshape(-1, 2)
    labels[pairs[:60, 1]] = labels[pairs[:60, 0]]
    is_same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    found = pair_measure.from_pairs(vectors, pairs, is_same)
    cosines = (vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(axis=1)
    random = np.random.default_rng(0)
    values = []
    for _ in range(500):
        drawn = random.integers(0, 200, 200)
        values.append(peer()[1](is_same[drawn], cosines[drawn]))
    half = pair_measure.spread(found.influence[1], found.pair_influence[1])
    assert half == pytest.approx(1.96 * np.std(values), rel=0.2)


def test_histograms_count_every_pair_once() -> None:
    vectors, labels = made(80, 6)
    labels[:5] = -1
    same, different = pair_measure.histograms(vectors, labels, bins=20)
    pairs = all_pairs(labels, np.arange(80), np.arange(80))
    cosines = (vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(axis=1)
    is_same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    for found, wanted in ((same, cosines[is_same]), (different, cosines[~is_same])):
        assert found.dtype == np.int64 and found.sum() == len(wanted)
        expected = np.histogram(wanted, bins=20, range=(-1, 1))[0]
        assert np.abs(found - expected).sum() <= 2  # a cosine on an edge


@pytest.mark.parametrize("classes", [1, 2, 40, 2500])
def test_histograms_of_many_are_of_a_steady_sample(classes: int) -> None:
    vectors, _ = made(5000, classes)
    labels = np.arange(5000) % classes
    same, different = pair_measure.histograms(vectors, labels)
    assert same.sum() + different.sum() == 1000 * 999 // 2
    assert same.sum() >= 499
    again = pair_measure.histograms(vectors, labels)
    assert np.array_equal(same, again[0]) and np.array_equal(different, again[1])


def test_no_rows_and_no_numbers() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    empty = np.zeros((0, 4), dtype=np.float32)
    assert pair_measure.histograms(empty, nothing)[0].sum() == 0
    found = pair_measure.from_labels(empty, nothing, nothing, nothing, Job())
    assert found.average_precision is None
    found = pair_measure.from_pairs(empty, np.zeros((0, 2), dtype=np.int64), np.zeros(0, bool))
    assert found.average_precision is None
    broken = np.full((6, 4), np.nan, dtype=np.float32)
    labels = np.arange(6) // 2
    measured = pair_measure.from_labels(broken, labels, np.arange(6), np.arange(6), Job())
    assert measured.roc_auc == pytest.approx(0.5)
    assert pair_measure.histograms(broken, labels)[0].sum() == 3


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=400))
def test_a_thinned_roc_lies_on_the_curve(steps: list[tuple[int, int]]) -> None:
    true, false = np.cumsum([[1, 1], *steps], axis=0).T.astype(float)
    points = roc(Levels(true, false))
    assert 2 <= len(points) <= 100
    on_curve = {(0.0, 0.0), *zip(false / false[-1], true / true[-1], strict=True)}
    assert {tuple(point) for point in points} <= on_curve
