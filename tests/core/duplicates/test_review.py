"""The queue of open pairs against counting by brute force, whatever is said and taken back."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue.records import VERDICTS, Verdict
from core.duplicates import heights, review
from core.duplicates.records import Key
from core.duplicates.review import Queue
from core.duplicates.verdicts import Verdicts

MOST = 9
PAIRS = list(itertools.combinations(range(1, MOST + 1), 2))
_links = st.lists(st.sampled_from(PAIRS), unique=True, min_size=1, max_size=24)
_talk = st.lists(
    st.tuples(
        st.sampled_from(PAIRS),
        st.sampled_from([*VERDICTS, "duplicate", "different", "different", None]),
    ),
    max_size=14,
)


def queue_of(
    links: list[Key],
    verdicts: Verdicts,
    *,
    chance: list[float] | None = None,
    is_ordered: bool = False,
) -> Queue:
    a, b = (np.array([pair[side] for pair in links], dtype=np.int32) for side in (0, 1))
    known = np.array(chance if chance is not None else [0.4] * len(links), dtype=np.float32)
    order = np.linspace(1, 0, len(links), dtype=np.float32) if is_ordered else None
    return Queue(a, b, known, order, verdicts)


def open_pairs(links: list[Key], verdicts: Verdicts) -> set[Key]:
    return {
        key for key in links if verdicts.verdict(*key) is None and verdicts.follows(*key) is None
    }


def settled(links: list[Key], said: dict[Key, Verdict], key: Key, verdict: Verdict) -> int:
    """How many open pairs are no longer open once this is said: everything worked out from nothing."""
    before = open_pairs(links, Verdicts((*one, word) for one, word in said.items()))
    after = Verdicts((*one, word) for one, word in {**said, key: verdict}.items())
    return len(before - open_pairs(links, after))


def check(queue: Queue, links: list[Key], said: dict[Key, Verdict], verdicts: Verdicts) -> None:
    wanted = open_pairs(links, verdicts)
    assert {links[row] for row in np.flatnonzero(queue.is_open)} == wanted
    assert queue.open == len(wanted)
    fresh = Queue(queue.a, queue.b, queue.chance, queue._order, verdicts)
    assert queue.estimate.questions == fresh.estimate.questions
    np.testing.assert_array_equal(queue._value.every(), fresh._value.every())
    for row in np.flatnonzero(queue.is_open).tolist():
        assert queue.if_duplicate[row] == settled(links, said, links[row], "duplicate")
        assert queue.if_different[row] == settled(links, said, links[row], "different")


@settings(max_examples=20, deadline=None)
@given(_links, _talk, st.booleans())
def test_counts_are_exact_after_every_verdict_and_every_taking_back(
    links: list[Key], talk: list[tuple[Key, Verdict | None]], is_ordered: bool
) -> None:
    chances = [(number * 7 % 10 + 0.5) / 10 for number in range(len(links))]
    verdicts, said = Verdicts(), dict[Key, Verdict]()
    queue = queue_of(links, verdicts, chance=chances, is_ordered=is_ordered)
    for key, verdict in talk:
        if verdict is None:
            verdicts.unsay(*key)
            said.pop(key, None)
        else:
            verdicts.say(*key, verdict)
            said[key] = verdict
        queue.take(verdicts, np.array([key[0] << 32 | key[1]]))
        check(queue, links, said, verdicts)


@settings(max_examples=15, deadline=None)
@given(_links, _talk)
def test_many_changes_at_once_are_as_one_after_the_other(
    links: list[Key], talk: list[tuple[Key, Verdict | None]]
) -> None:
    verdicts, said = Verdicts(), dict[Key, Verdict]()
    queue = queue_of(links, verdicts)
    for key, verdict in talk:
        if verdict is None:
            verdicts.unsay(*key)
            said.pop(key, None)
        else:
            verdicts.say(*key, verdict)
            said[key] = verdict
    queue.take(verdicts, np.unique(np.array([a << 32 | b for (a, b), _ in talk], dtype=np.int64)))
    check(queue, links, said, verdicts)


@settings(max_examples=20, deadline=None)
@given(_links, st.lists(st.integers(1, 4), min_size=MOST, max_size=MOST), st.booleans(), st.data())
def test_every_open_pair_is_asked_once_or_follows(
    links: list[Key], truth: list[int], is_ordered: bool, data: st.DataObject
) -> None:
    """A person who answers by a hidden truth, skips now and then, and is sometimes unsure."""
    verdicts = Verdicts()
    queue = queue_of(links, verdicts, is_ordered=is_ordered)
    asked, skipped = [], 0
    while found := queue.first(3):
        assert len(set(found)) == len(found)
        row = found[0]
        key = links[row]
        assert verdicts.verdict(*key) is None and verdicts.follows(*key) is None
        fate = data.draw(st.sampled_from(["answer", "answer", "unsure", "skip"]))
        if fate == "skip" and skipped < 5:
            skipped += 1
            queue.skip(row)
            following = queue.first(1)
            assert following != [row] or queue.open == 1 or following[0] in queue.skipped()
            continue
        same = truth[key[0] - 1] == truth[key[1] - 1]
        verdict: Verdict = "unsure" if fate == "unsure" else "duplicate" if same else "different"
        before = queue.open
        counts = queue.if_duplicate[row], queue.if_different[row]
        verdicts.say(*key, verdict)
        queue.take(verdicts, np.array([key[0] << 32 | key[1]]))
        if verdict != "unsure":
            assert before - queue.open == counts[verdict == "different"]
        asked.append(key)
    assert len(asked) == len(set(asked))
    assert all(verdicts.verdict(*key) or verdicts.follows(*key) for key in links)


def test_the_pair_that_settles_most_comes_first() -> None:
    """Two groups of three known already, with four open pairs between them, and a pair of its own."""
    said = [(1, 2, "duplicate"), (2, 3, "duplicate"), (4, 5, "duplicate"), (5, 6, "duplicate")]
    links = [(7, 8), (1, 4), (1, 5), (2, 6), (3, 6)]
    queue = queue_of(links, Verdicts(said), chance=[0.5, 0.9, 0.9, 0.8, 0.9])  # type: ignore[arg-type]
    assert queue.first(3) == [1, 0]  # the lower row among equals
    assert (queue.if_duplicate[3], queue.if_different[3]) == (4, 4)


def test_a_duplicate_also_settles_what_is_known_to_be_different_from_the_other() -> None:
    verdicts = Verdicts([(1, 3, "different"), (2, 4, "different"), (2, 5, "different")])
    links = [(1, 2), (2, 3), (1, 4), (1, 5), (2, 6)]
    queue = queue_of(links, verdicts)
    assert (queue.if_duplicate[0], queue.if_different[0]) == (4, 1)


def test_counts_of_pairs_beside_an_answer_follow_it() -> None:
    """3-4 touches neither 1 nor 2; that 1 and 2 are one is two pairs settled by it, not one."""
    verdicts = Verdicts([(1, 3, "different")])
    queue = queue_of([(3, 4), (1, 4), (2, 4), (1, 2)], verdicts)
    assert queue.if_duplicate[0] == 2
    verdicts.say(1, 2, "duplicate")
    queue.take(verdicts, np.array([1 << 32 | 2]))
    assert queue.if_duplicate[0] == 3


def test_counts_beside_an_unsure_answer_keep_what_others_are_apart_from() -> None:
    verdicts = Verdicts([(2, 3, "different")])
    queue = queue_of([(1, 2), (1, 3), (1, 4)], verdicts)
    verdicts.say(1, 4, "unsure")
    queue.take(verdicts, np.array([1 << 32 | 4]))
    assert queue.if_duplicate[:2].tolist() == [2, 2] and queue.open == 2


def test_a_nearly_sure_pair_with_hundreds_behind_it_comes_before_one_in_doubt() -> None:
    groups = (range(1, 21), range(21, 41))
    said = [(one[0], other, "duplicate") for one in groups for other in one[1:]]
    links = [(50, 51), *itertools.product(*groups)]
    queue = queue_of(links, Verdicts(said), chance=[0.5, *[0.999] * 400])  # type: ignore[arg-type]
    assert queue.if_duplicate[1] == 400
    assert links[queue.first(1)[0]] == (1, 21)


def test_what_was_skipped_comes_back_at_the_end_in_that_order() -> None:
    verdicts = Verdicts()
    links = [(1, 2), (3, 4), (5, 6), (7, 8)]
    queue = queue_of(links, verdicts, is_ordered=True)
    for row in (1, 0):
        queue.skip(row)
    assert queue.first(9) == [2, 3, 1, 0] and queue.skipped() == [1, 0]
    queue.begin(verdicts)
    assert queue.first(9) == [2, 3, 1, 0]
    queue.skip(2)
    assert queue.first(9) == [3, 1, 0, 2]


def test_questions_are_a_tree_for_each_likely_group_and_one_between_two() -> None:
    verdicts = Verdicts([(1, 2, "duplicate")])
    likely = [*itertools.combinations(range(1, 5), 2), (5, 6)]
    links = [*likely, (1, 5), (2, 6), (7, 8)]
    queue = queue_of(links, verdicts, chance=[*[0.9] * len(likely), 0.1, 0.2, 0.3])
    # 1-2 joined: two more questions for 3 and 4, one for 5-6, one between both groups, one for 7-8.
    assert queue.estimate.questions == 5
    verdicts.say(2, 6, "different")
    queue.take(verdicts, np.array([2 << 32 | 6]))
    assert queue.estimate.questions == 5  # 1-5 is open until 5-6 is answered
    verdicts.say(5, 6, "duplicate")
    queue.take(verdicts, np.array([5 << 32 | 6]))
    assert queue.estimate.questions == 3


def test_large_parts_are_counted_down(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.duplicates import estimate

    monkeypatch.setattr(estimate, "MOST_PAIRS", 1)
    verdicts = Verdicts()
    queue = queue_of([(1, 2), (2, 3), (1, 3)], verdicts, chance=[0.9] * 3)
    assert queue.estimate.questions == 2
    for key, left in (((1, 2), 1), ((2, 3), 0)):
        verdicts.say(*key, "duplicate")
        queue.take(verdicts, np.array([key[0] << 32 | key[1]]))
        assert queue.estimate.questions == left


def test_a_verdict_on_contents_without_pairs_changes_nothing() -> None:
    verdicts = Verdicts()
    queue = queue_of([(1, 2)], verdicts)
    verdicts.say(2, 900, "duplicate")
    queue.take(verdicts, np.array([2 << 32 | 900]))
    assert queue.first(2) == [0] and queue.open == 1
    verdicts.say(1, 900, "different")
    queue.take(verdicts, np.array([1 << 32 | 900]))
    assert queue.first(2) == [] and queue.open == 0


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 30),
    st.lists(st.lists(st.tuples(st.integers(0, 29), st.integers(-3, 3)), max_size=8), max_size=8),
)
def test_the_highest_is_that_of_all(count: int, puts: list[list[tuple[int, int]]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heights, "BLOCK", 4)
        numbers, wanted = heights.Heights(count), np.full(count, -np.inf, dtype=np.float32)
        for put in puts:
            rows = {row: value for row, value in put if row < count}
            given = np.array(
                [value if value > -3 else -np.inf for value in rows.values()], dtype=np.float32
            )
            numbers.put(np.array(list(rows), dtype=np.int64), given)
            wanted[list(rows)] = given
            np.testing.assert_array_equal(numbers.every(), wanted)
            is_any = bool((wanted > -np.inf).any())
            assert numbers.highest() == (int(wanted.argmax()) if is_any else None)


def test_an_empty_queue_asks_nothing() -> None:
    queue = queue_of([], Verdicts([(1, 2, "duplicate")]))
    assert queue.first(3) == [] and queue.open == 0 and queue.estimate.questions == 0


def test_more_than_many_at_once_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "MANY", 1)
    verdicts = Verdicts()
    links = [(1, 2), (2, 3), (1, 3)]
    queue = queue_of(links, verdicts)
    verdicts.say(1, 2, "duplicate")
    verdicts.say(2, 3, "different")
    queue.take(verdicts, np.array([1 << 32 | 2, 2 << 32 | 3]))
    check(queue, links, {(1, 2): "duplicate", (2, 3): "different"}, verdicts)
