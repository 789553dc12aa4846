"""The vote of neighbours equals the plain way; copies count once, no image confirms itself, small classes are safe."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_graphs import around, graph_of

from core.catalogue.records import Graph
from core.jobs import Cancelled, Job
from core.search import hints
from core.search.hints import opinions, units, weights


def plainly(
    graph: Graph, images: list[tuple[int, int]], groups: np.ndarray
) -> dict[tuple[int, int], tuple[float, float, int]]:
    """(share of the own class, of the best other one, which) by (content, class), image by image."""
    group_of = dict(zip(graph.content_ids.tolist(), groups.tolist(), strict=True))
    held: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for content, label in images:
        held[content][label] += 1
    size: dict[int, int] = defaultdict(int)
    for by_class in held.values():
        for label in by_class:
            size[label] += 1
    row_of = {one: row for row, one in enumerate(graph.content_ids.tolist())}
    found = {}
    for content, by_class in held.items():
        for own in by_class:
            votes: dict[int, float] = defaultdict(float)
            total = 0.0
            if content in row_of:
                row = row_of[content]
                near = [
                    (int(o), float(s))
                    for o, s in zip(graph.neighbour_ids[row], graph.scores[row], strict=True)
                    if o
                ][:20]
                for rank, (other, cosine) in enumerate(near, start=1):
                    weight = np.exp((cosine - near[0][1]) / 0.3) / rank
                    weight /= sum(group_of[o] == group_of[other] for o, _ in near)
                    total += weight
                    for label, count in held.get(other, {}).items():
                        votes[label] += weight * count / sum(held[other].values())
            rest = sum(count for label, count in by_class.items() if label != own)
            for label, count in by_class.items():
                if label != own:
                    votes[label] += count / rest
            total += bool(rest)
            fair = {label: value / size[label] ** 0.5 for label, value in votes.items()}
            scale = sum(votes.values()) / total / sum(fair.values()) if fair else 0.0
            others = {label: value for label, value in fair.items() if label != own}
            best = min(others, key=lambda one: (-others[one], one)) if others else -1
            mine, lead = fair.get(own, 0.0) * scale, others.get(best, 0.0) * scale
            found[content, own] = (mine, 0.0, -1) if size[own] < 2 else (mine, lead, best)
    return found


@given(
    st.lists(st.integers(0, 5), min_size=0, max_size=4),
    st.integers(1, 25),
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.2, 2.0]),
    st.integers(1, 9),
)
@settings(max_examples=80, deadline=None)
def test_it_equals_the_plain_way(
    counts: list[int], k: int, seed: int, spread: float, classes: int
) -> None:
    rows = around(counts, seed, spread=spread) if counts else np.zeros((0, 4))
    graph, random = graph_of(rows, k), np.random.default_rng(seed)
    groups = random.integers(0, max(1, len(rows)), len(rows))
    # Some contents without a class, some with several, some that the graph does not have.
    ids = np.append(graph.content_ids, [900, 901])
    images = [
        (int(content), int(random.integers(classes)))
        for content in ids
        for _ in range(random.choice([0, 1, 1, 1, 3]))
    ]
    of = units(
        np.array([one for one, _ in images], dtype=np.int64),
        np.array([one for _, one in images], dtype=np.int64),
    )
    said = opinions(graph, of, groups, Job())
    expected = plainly(graph, images, groups)
    assert len(of) == len(expected)
    assert np.isfinite(said.confidence).all() and (np.abs(said.confidence) <= 1 + 1e-6).all()
    for row in range(len(of)):
        mine, lead, best = expected[int(of.content_ids[row]), int(of.classes[row])]
        assert said.own[row] == pytest.approx(mine, abs=1e-5)
        assert said.other[row] == pytest.approx(lead, abs=1e-5)
        if said.suggested[row] != best:  # equal but for the last bit
            assert lead > 0 and said.suggested[row] >= 0


def labelled(counts: list[int], *, seed: int = 1) -> tuple[Graph, np.ndarray]:
    """The graph of groups of images, and the group of each as its class."""
    return graph_of(around(counts, seed), 20), np.repeat(np.arange(len(counts)), counts)


def test_a_wrong_label_leads_and_the_right_one_is_suggested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph, classes = labelled([30, 30, 30])
    wrong = classes.copy()
    wrong[[4, 40, 70]] = [1, 2, 0]
    of = units(graph.content_ids.astype(np.int64), wrong)
    said = opinions(graph, of, np.arange(90), Job())
    order = np.argsort(-said.confidence)
    assert set(order[:3].tolist()) == {4, 40, 70}
    assert said.suggested[[4, 40, 70]].tolist() == [0, 1, 2]
    assert said.confidence[order[2]] > 0.8 and said.confidence[order[3]] < 0
    monkeypatch.setattr(hints, "_ROWS", 7)
    again = opinions(graph, of, np.arange(90), Job())
    assert np.array_equal(again.confidence, said.confidence)


def test_near_copies_have_one_vote() -> None:
    rows = np.concatenate([around([1] * 4, 1, spread=0), around([1], 9, spread=0)])
    rows[:4] = rows[4] + 0.3 * rows[:4]  # four at the same distance about
    graph = graph_of(np.concatenate([rows, rows[:1] + 1e-4, rows[:1] - 1e-4]), 20)
    _, alone = weights(graph, np.arange(7), np.array([4]))
    groups = np.array([0, 1, 2, 3, 4, 0, 0])
    others, shared = weights(graph, groups, np.array([4]))
    copies = np.isin(others, [0, 5, 6])
    assert shared[copies].sum() == pytest.approx(alone[copies].mean())
    assert np.array_equal(shared[~copies], alone[~copies])


def test_the_same_bytes_under_two_classes_contradict_each_other() -> None:
    graph, classes = labelled([20, 20])
    contents = np.append(graph.content_ids, graph.content_ids[:1]).astype(np.int64)
    of = units(contents, np.append(classes, 1))
    said = opinions(graph, of, np.arange(40), Job())
    torn = np.flatnonzero(of.content_ids == graph.content_ids[0])
    right, wrong = torn
    assert of.classes[torn].tolist() == [0, 1]
    assert said.suggested[wrong] == 0 and said.confidence[wrong] > 0.9
    assert said.confidence[right] < 0


def test_who_has_no_class_abstains() -> None:
    graph, classes = labelled([30, 30])
    wrong = classes.copy()
    wrong[0] = 1
    everyone = opinions(
        graph, units(graph.content_ids.astype(np.int64), wrong), np.arange(60), Job()
    )
    some = np.concatenate([np.arange(0, 5), np.arange(30, 60)])
    few = units(graph.content_ids[some].astype(np.int64), wrong[some])
    fewer = opinions(graph, few, np.arange(60), Job())
    assert fewer.suggested[0] == 0
    assert 0 < fewer.confidence[0] < 0.5 < everyone.confidence[0]


def test_a_class_of_one_image_gets_no_suggestion() -> None:
    graph, classes = labelled([30, 1])
    said = opinions(graph, units(graph.content_ids.astype(np.int64), classes), np.arange(31), Job())
    assert said.suggested[30] == -1 and said.confidence[30] == 0


def test_it_can_be_cancelled() -> None:
    graph, classes = labelled([5])
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        opinions(graph, units(graph.content_ids.astype(np.int64), classes), np.arange(5), job)
