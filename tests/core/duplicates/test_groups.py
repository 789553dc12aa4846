"""Laws of groups: no chains, what a person said holds, and the order of the links does not matter."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue.links import pair_keys
from core.catalogue.records import Pair, Verdict
from core.duplicates.groups import Machine, gathered, usable
from core.duplicates.joined import NO, OPEN, YES, Known, components, known
from core.duplicates.records import Edge
from core.duplicates.trees import cut_at, spanning

NODES = 9
Two = tuple[int, int]


@st.composite
def catalogues(draw: st.DrawFn) -> tuple[dict[Two, float], dict[Two, Verdict], list[int]]:
    """Links, verdicts and the order of keepers among a few contents."""
    pairs = [(a, b) for a in range(NODES) for b in range(a + 1, NODES)]
    some = st.lists(st.sampled_from(pairs), unique=True, max_size=20)
    scores = st.sampled_from([0.8, 0.85, 0.9, 0.95, 1.0])
    links = {pair: draw(scores) for pair in draw(some)}
    words = st.sampled_from(["duplicate", "similar", "different", "unsure"])
    verdicts = {pair: draw(words) for pair in draw(st.lists(st.sampled_from(pairs), max_size=5))}
    return links, verdicts, draw(st.permutations(range(NODES)))


def machine(links: dict[Two, float], order: list[int] | None = None) -> Machine:
    rows = [(a, b, score) for (a, b), score in links.items()]
    rows = [rows[place] for place in order] if order is not None else rows
    return Machine(
        np.array([a for a, _, _ in rows], dtype=np.int32),
        np.array([b for _, b, _ in rows], dtype=np.int32),
        np.array([score for _, _, score in rows], dtype=np.float32),
    )


def standing(verdicts: dict[Two, Verdict], count: int = NODES) -> Known:
    return known([Pair(*key, word, None, "person", 0.0) for key, word in verdicts.items()], count)


def label_of(
    links: dict[Two, float],
    verdicts: dict[Two, Verdict],
    rank: list[int],
    order: list[int] | None = None,
) -> list[int]:
    said = standing(verdicts)
    found = gathered(np.array(rank, dtype=np.int64), said, usable(machine(links, order), said))
    return found.tolist()


def slow_roots(verdicts: dict[Two, Verdict]) -> list[int]:
    root = list(range(NODES))
    for _ in range(NODES):
        for (a, b), word in verdicts.items():
            if word == "duplicate":
                root[a] = root[b] = min(root[a], root[b])
    return root


def slow_labels(
    links: dict[Two, float], verdicts: dict[Two, Verdict], rank: list[int]
) -> list[frozenset[int]]:
    """The groups as the docstring of ``gathered`` tells them, one picture after the other."""
    root = slow_roots(verdicts)
    best = {one: min(rank[c] for c in range(NODES) if root[c] == one) for one in set(root)}
    apart = {
        frozenset((root[a], root[b]))
        for (a, b), word in verdicts.items()
        if word in ("different", "similar")
    }
    score: dict[frozenset[int], float] = {}
    for (a, b), value in links.items():
        ends = frozenset((root[a], root[b]))
        if len(ends) == 2 and ends not in apart and (a, b) not in verdicts:
            score[ends] = max(score.get(ends, 0), value)
    groups = {one: {one} for one in best}
    left = set(best)
    while left:
        keepers: list[int] = []
        for one in sorted(left, key=best.__getitem__):
            if not any(frozenset((one, keeper)) in score for keeper in keepers):
                keepers.append(one)
        offers = [
            (-score[ends], best[one], best[keeper], keeper, one)
            for keeper in keepers
            for one in left - set(keepers)
            if best[keeper] < best[one] and (ends := frozenset((one, keeper))) in score
        ]
        placed: set[int] = set(keepers)
        for _, _, _, keeper, one in sorted(offers):
            fits = all(frozenset((one, other)) not in apart for other in groups[keeper])
            if one not in placed and fits:
                groups[keeper].add(one)
                del groups[one]
                placed.add(one)
        left -= placed
    of = {one: keeper for keeper, members in groups.items() for one in members}
    return [
        frozenset(c for c in range(NODES) if of[root[c]] == of[root[one]]) for one in range(NODES)
    ]


@settings(max_examples=40, deadline=None)
@given(catalogues(), st.randoms(use_true_random=False))
def test_groups_are_those_of_the_slow_reference_in_any_order(made, random) -> None:  # type: ignore[no-untyped-def]
    links, verdicts, rank = made
    order = list(range(len(links)))
    random.shuffle(order)
    found = label_of(links, verdicts, rank)
    assert found == label_of(links, verdicts, rank, order)
    groups = [frozenset(c for c in range(NODES) if found[c] == found[one]) for one in range(NODES)]
    assert groups == slow_labels(links, verdicts, rank)


@settings(max_examples=40, deadline=None)
@given(catalogues())
def test_members_pass_against_the_keeper_and_verdicts_hold(made) -> None:  # type: ignore[no-untyped-def]
    links, verdicts, rank = made
    found = label_of(links, verdicts, rank)
    root = slow_roots(verdicts)
    for one in range(NODES):
        keeper = min((c for c in range(NODES) if found[c] == found[one]), key=rank.__getitem__)
        # The keeper, or what a person joined to it, has a link with the member, or with what is joined to that.
        assert root[one] == root[keeper] or any(
            {root[a], root[b]} == {root[one], root[keeper]} and (a, b) not in verdicts
            for a, b in links
        )
        if all(word != "duplicate" for word in verdicts.values()) and one != keeper:
            assert (min(one, keeper), max(one, keeper)) in links
    for (a, b), word in verdicts.items():
        if word == "duplicate":
            assert found[a] == found[b]
        elif word in ("different", "similar") and root[a] != root[b]:
            assert found[a] != found[b]


@settings(max_examples=30, deadline=None)
@given(catalogues())
def test_labels_follow_from_verdicts(made) -> None:  # type: ignore[no-untyped-def]
    _, verdicts, _ = made
    root = slow_roots(verdicts)
    said = standing(verdicts)
    assert said.root.tolist() == root
    a, b = np.triu_indices(NODES, 1)
    for one, other, label in zip(a, b, said.labels(a, b).tolist(), strict=True):
        word = verdicts.get((one, other))
        follows = any(
            v == "different" and {root[x], root[y]} == {root[one], root[other]}
            for (x, y), v in verdicts.items()
        )
        if word in ("duplicate", "similar", "different"):
            assert label == (YES if word == "duplicate" else NO)
        elif root[one] == root[other]:
            assert label == YES
        else:
            assert label == (NO if follows else OPEN)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_components_are_the_lowest_that_is_reached(edges: list[Two]) -> None:
    root = list(range(31))
    for _ in range(31):
        for a, b in edges:
            root[a] = root[b] = min(root[a], root[b])
    ends = np.array(edges, dtype=np.int32).reshape(-1, 2)
    assert components(31, ends[:, 0], ends[:, 1]).tolist() == root


@settings(max_examples=30, deadline=None)
@given(catalogues())
def test_the_spanning_forest_is_kruskals(made) -> None:  # type: ignore[no-untyped-def]
    links, _, _ = made
    some = machine(links)
    found = spanning(NODES, some.a, some.b, some.scores)
    root = list(range(NODES))
    wanted = []
    order = np.lexsort((pair_keys(some.a, some.b), -some.scores))
    for place in order.tolist():
        a, b = root[int(some.a[place])], root[int(some.b[place])]
        if a != b:
            wanted.append(place)
            root = [a if one == b else one for one in root]
    assert found.tolist() == wanted


def test_nothing_chains_along_a_burst() -> None:
    """Each frame is linked with the next three; no group holds two that are farther apart than that."""
    count = 2_000
    a = np.repeat(np.arange(count), 3)
    b = a + np.tile([1, 2, 3], count)
    inside = b < count
    a, b = a[inside].astype(np.int32), b[inside].astype(np.int32)
    said = standing({}, count)
    links = Machine(a, b, np.full(len(a), 0.9, dtype=np.float32))
    found = gathered(np.random.default_rng(1).permutation(count), said, links)
    low, high = np.full(count, count), np.zeros(count, dtype=int)
    np.minimum.at(low, found, np.arange(count))
    np.maximum.at(high, found, np.arange(count))
    spread = (high - low)[np.unique(found)]
    assert spread.max() <= 6
    assert len(np.unique(found)) < count / 2


def edge(a: int, b: int, score: float, verdict: Verdict | None = None) -> Edge:
    return Edge(a, b, score, "near", verdict)


def test_a_cut_parts_at_the_edge_or_at_the_weakest_on_the_way() -> None:
    edges = (edge(1, 2, 0.9), edge(2, 3, 0.7), edge(3, 4, 0.95), edge(1, 3, 0.6))
    assert cut_at(edges, 1).one | cut_at(edges, 1).other == {1, 2, 3, 4}
    assert {cut_at(edges, 1).one, cut_at(edges, 1).other} == {frozenset({1, 2}), frozenset({3, 4})}
    # 1-3 is no part of the tree: it goes where the way from 1 to 3 is weakest.
    assert cut_at(edges, 3) == cut_at(edges, 1)
    held = (edge(1, 2, 0.1, "duplicate"), edge(2, 3, 0.99), edge(1, 3, 0.98))
    assert cut_at(held, 0).held == (1, 2)
    assert {cut_at(held, 1).one, cut_at(held, 1).other} == {frozenset({1, 2}), frozenset({3})}
