"""Calibration: isotonic regression against scikit-learn, and intervals against simulated reviewers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from core.duplicates.calibration import Calibration, at, calibrate, least_threshold
from core.duplicates.chances import STEP, Answers, cells, isotonic
from core.duplicates.joined import OPEN
from core.duplicates.measured import MEASURED, Measured


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 9)), min_size=1, max_size=40))
def test_isotonic_regression_is_scikit_learns(rows: list[tuple[float, float]]) -> None:
    values, weights = np.array(rows).T
    theirs = IsotonicRegression().fit_transform(np.arange(len(rows)), values, sample_weight=weights)
    ours = isotonic(np.stack([values, values[::-1]]), weights)
    assert np.allclose(ours[0], theirs, atol=1e-5)
    assert (np.diff(ours, axis=1) >= -1e-9).all()


def catalogue(seed: int, count: int, slope: float, middle: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores as comparing gives them (many near 1, many below), and which links are duplicates."""
    random = np.random.default_rng(seed)
    is_near = random.random(count) < 0.5
    scores = np.where(is_near, 1 - random.beta(1.2, 6, count), 0.9 * random.beta(3, 3, count))
    truth = random.random(count) < 1 / (1 + np.exp(-slope * (scores - middle)))
    return scores.clip(0, 0.9999), truth


def asked(scores: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Which links a review asks about: where it doubts."""
    doubt = np.exp(-(((scores - 0.72) / 0.12) ** 2)) + 0.02
    random = np.random.default_rng(seed)
    return random.choice(len(scores), count, replace=False, p=doubt / doubt.sum())


def reviewed(
    scores: np.ndarray, truth: np.ndarray, rows: np.ndarray, measured: Measured | None = None
) -> Calibration:
    labels = np.full(len(scores), OPEN, dtype=np.int8)
    labels[rows] = truth[rows]
    answers = Answers(scores[rows], truth[rows], np.ones(len(rows)))
    return calibrate("near", scores, labels, answers, measured)


def left(truth: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What is still shown after these were answered."""
    found = np.ones(len(truth), dtype=bool)
    found[rows] = truth[rows]
    return found


def logistic(slope: float, middle: float) -> Measured:
    """A curve as it might have been measured."""
    at_scores = np.linspace(0, 1, 41)
    chances = 1 / (1 + np.exp(-slope * (at_scores - middle)))
    return Measured(tuple(at_scores.tolist()), tuple(chances.tolist()))


# Few answers rest on a measured curve that this catalogue's is like; many do not need it.
@pytest.mark.parametrize(("count", "measured"), [(30, logistic(9, 0.7)), (300, MEASURED["near"])])
def test_intervals_cover_the_truth_of_simulated_reviewers(count: int, measured: Measured) -> None:
    covered = []
    for seed in range(16):
        random = np.random.default_rng(1_000 + seed)
        scores, truth = catalogue(
            seed, (500, 5_000)[seed % 2], random.normal(9, 1.5), random.normal(0.7, 0.06)
        )
        rows = asked(scores, count, seed)
        made = reviewed(scores, truth, rows, measured)
        for threshold in (0.6, 0.7, 0.8, 0.9):
            told = at(made.curve, threshold)
            shown = (cells(scores) >= round(threshold / STEP)) & left(truth, rows)
            share = truth[shown].mean(), truth[shown].sum() / truth.sum()
            for value, (low, middle, high) in zip(
                share, (told.precision, told.recall), strict=True
            ):
                assert low <= middle <= high
                covered.append(low - 1e-9 <= value <= high + 1e-9)
    # 128 statements, not independent ones: of 16 catalogues.
    assert 0.88 <= np.mean(covered) <= 0.998


def test_asking_where_doubt_is_does_not_bend_the_curve() -> None:
    errors, naive = [], []
    for seed in range(5):
        scores, truth = catalogue(seed, 6_000, 9, 0.7)
        rows = asked(scores, 700, seed)
        made = reviewed(scores, truth, rows, logistic(12, 0.75))
        for threshold in (0.6, 0.75, 0.9):
            above = scores >= threshold
            shown = above & left(truth, rows)
            told = at(made.curve, threshold)
            recall = truth[shown].sum() / truth.sum()
            errors.append((told.precision[1] - truth[shown].mean(), told.recall[1] - recall))
            naive.append(truth[rows][above[rows]].sum() / truth[rows].sum() - recall)
    assert np.abs(np.mean(errors, axis=0)).max() < 0.015
    assert abs(np.mean(naive)) > 0.05  # so it would have mattered


def test_more_answers_make_it_narrower_and_all_make_it_certain() -> None:
    scores, truth = catalogue(3, 800, 9, 0.7)
    widths = []
    for count in (0, 40, 400, 800):
        made = reviewed(scores, truth, asked(scores, count, 3))
        low, _, high = at(made.curve, 0.7).precision
        widths.append(high - low)
        assert made.curve.answers == count
    assert widths[0] > widths[1] > widths[2] > widths[3] == 0


def test_what_was_judged_otherwise_is_no_error_among_what_is_shown() -> None:
    scores, truth = np.linspace(0.76, 0.99, 400), np.arange(400) % 2 == 0
    made = reviewed(scores, truth, np.arange(400))
    told = at(made.curve, 0.75)
    assert (told.shown, told.candidates, told.precision) == (200, 400, (1.0, 1.0, 1.0))
    # Of 100 open ones about half are wrong; of those that were judged right none is.
    rows = np.random.default_rng(5).permutation(400)[:300]
    is_left = left(truth, rows)
    made = reviewed(scores, truth, rows)
    told = at(made.curve, 0.75)
    assert told.shown == is_left.sum()
    assert told.precision[1] == pytest.approx(1 - 50 / told.shown, abs=0.06)
    # Between two steps they are counted as they are.
    for threshold in (0.7503, 0.8, 0.8511, 0.8549, 0.99, 1.0):
        shown = at(made.curve, threshold).shown
        assert shown == (scores[is_left] >= np.float32(threshold)).sum()


def test_without_links_or_answers_what_was_measured_speaks() -> None:
    nothing = np.zeros(0)
    empty = Answers(nothing, nothing.astype(bool), nothing)
    made = calibrate("near", nothing, nothing.astype(np.int8), empty)
    assert (made.curve.shown == 0).all()
    assert np.isfinite(made.curve.precision).all()
    measured = MEASURED["near"]
    middle = np.interp(0.9, measured.scores, measured.chances)
    assert made.chance(np.array([0.9]))[0] == pytest.approx(middle, abs=0.12)
    assert (np.diff(made.chances) >= -1e-9).all()


def test_the_same_answers_give_the_same_curve_and_heavier_ones_more() -> None:
    scores, truth = catalogue(8, 1_000, 9, 0.7)
    rows = asked(scores, 60, 8)
    one, other = reviewed(scores, truth, rows), reviewed(scores, truth, rows)
    assert np.array_equal(one.curve.precision, other.curve.precision)
    labels = np.full(len(scores), OPEN, dtype=np.int8)
    wrong = Answers(np.full(100, 0.95), np.zeros(100, dtype=bool), np.full(100, 0.05))
    light = calibrate("near", scores, labels, wrong)
    heavy = calibrate(
        "near", scores, labels, Answers(wrong.scores, wrong.is_duplicate, np.ones(100))
    )
    assert heavy.chance(np.array([0.95]))[0] < light.chance(np.array([0.95]))[0]


def test_the_least_threshold_is_the_lowest_that_holds() -> None:
    scores, truth = catalogue(2, 5_000, 14, 0.7)
    rows = asked(scores, 800, 2)
    made = reviewed(scores, truth, rows)
    for precision in (0.9, 0.97):
        lowest = least_threshold(made.curve, precision)
        assert at(made.curve, lowest).precision[1] >= precision
        assert at(made.curve, lowest - STEP).precision[1] < precision
        assert truth[(scores >= lowest) & left(truth, rows)].mean() == pytest.approx(
            precision, abs=0.03
        )
    assert least_threshold(made.curve, 0.999999) == 1.0
