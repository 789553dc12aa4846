"""What follows from verdicts, against all walks tried by brute force on a few contents."""

import itertools
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue.records import VERDICTS, Verdict
from core.duplicates.records import Contradiction, Key, Step
from core.duplicates.verdicts import Verdicts

MOST = 7
Said = dict[Key, Verdict]
_pairs = list(itertools.combinations(range(1, MOST + 1), 2))
_talk = st.lists(
    st.tuples(
        st.sampled_from(_pairs),
        # Duplicates often, so that groups form; None takes back.
        st.sampled_from([*VERDICTS, "duplicate", "duplicate", "different", None]),
        st.booleans(),
    ),
    max_size=30,
)


def shortest(said: Said, a: int, b: int, crossing: Sequence[Verdict]) -> dict[Verdict, int]:
    """Steps of the shortest walk from a to b by what it leads to, the pair itself left out (Bellman-Ford)."""
    away = {(a, "duplicate"): 0}
    for _ in range(2 * MOST):
        for (x, y), verdict in said.items():
            if (x, y) == (min(a, b), max(a, b)):
                continue
            for here, there in ((x, y), (y, x)):
                for known in ("duplicate", *crossing):
                    if (here, known) not in away:
                        continue
                    leads = known if verdict == "duplicate" else verdict
                    if verdict != "duplicate" and (known != "duplicate" or verdict not in crossing):
                        continue
                    steps = away[here, known] + 1
                    away[there, leads] = min(steps, away.get((there, leads), steps))
    return {known: steps for (content, known), steps in away.items() if content == b}  # type: ignore[misc]


def check_chain(chain: Sequence[Step], said: Said, a: int, b: int, leads: Verdict) -> None:
    assert chain[0].a == a and chain[-1].b == b
    assert all(one.b == other.a for one, other in itertools.pairwise(chain))
    for step in chain:
        key = (min(step.a, step.b), max(step.a, step.b))
        assert key != (min(a, b), max(a, b)) and said[key] == step.verdict
    others = [step.verdict for step in chain if step.verdict != "duplicate"]
    assert others == ([] if leads == "duplicate" else [leads])


def expected(said: Said, key: Key) -> tuple[set[Verdict], int] | None:
    """What the others lead to against the verdict of a pair, and in how few steps; None where nothing does."""
    says = said[key]
    ways = shortest(said, *key, ("different", "similar"))
    if says in ("different", "similar"):
        return ({"duplicate"}, ways["duplicate"]) if "duplicate" in ways else None
    if says == "unsure" or "duplicate" in ways or not ways:
        return None
    return set(ways), min(ways.values())


def check(verdicts: Verdicts, said: Said) -> None:
    assert len(verdicts) == len(said)
    torn = set()
    for a, b in _pairs:
        own = said.get((a, b))
        assert verdicts.verdict(b, a) == own
        ways = shortest(said, a, b, ("different",))
        follows: Verdict | None = next(
            (one for one in ("duplicate", "different") if one in ways), None
        )  # type: ignore[assignment]
        found = verdicts.implied(a, b)
        assert (found[0] if found else None) == follows
        if found is not None:
            check_chain(found[1], said, a, b, found[0])
            assert len(found[1]) == ways[found[0]]
        assert verdicts.follows(b, a) == ("duplicate" if "duplicate" in (own, follows) else
                                          "different" if "different" in (own, follows) else None)  # fmt: skip
        assert (verdicts.root(a) == verdicts.root(b)) == (verdicts.follows(a, b) == "duplicate")
        assert (b in verdicts.members(a)) == (verdicts.root(a) == verdicts.root(b))
        clash = verdicts.contradiction(b, a)
        wanted = expected(said, (a, b)) if own is not None else None
        assert (clash is None) == (wanted is None)
        if clash is not None and wanted is not None:
            assert (clash.pair, clash.says) == ((a, b), own)
            assert clash.follows in wanted[0] and len(clash.chain) == wanted[1]
            check_chain(clash.chain, said, a, b, clash.follows)
            if own != "duplicate":
                torn.add((a, b))
    assert [one.pair for one in verdicts.contradictions()] == sorted(torn)
    assert verdicts.count_contradictions() == len(torn)


@settings(max_examples=40, deadline=None)
@given(_talk)
def test_all_that_follows_is_what_walks_lead_to(
    talk: list[tuple[Key, Verdict | None, bool]],
) -> None:
    verdicts, said = Verdicts(), Said()
    for key, verdict, is_turned in talk:
        a, b = key[::-1] if is_turned else key
        if verdict is None:
            said.pop(key, None)
            verdicts.unsay(a, b)
        else:
            said[key] = verdict
            assert verdicts.say(a, b, verdict) == (expected(said, key) is not None)
    check(verdicts, said)
    # Whatever was said and unsaid on the way, the same verdicts said once tell the same.
    check(Verdicts((*key, verdict) for key, verdict in said.items()), said)


@settings(max_examples=40, deadline=None)
@given(_talk)
def test_groups_known_to_be_apart_are_those_of_the_pairs_that_say_so(
    talk: list[tuple[Key, Verdict | None, bool]],
) -> None:
    verdicts, said = Verdicts(), Said()
    for key, verdict, _ in talk:
        if verdict is None:
            verdicts.unsay(*key)
            said.pop(key, None)
        else:
            verdicts.say(*key, verdict)
            said[key] = verdict
    wanted: dict[int, dict[int, set[Key]]] = {}
    for (a, b), verdict in said.items():
        one, other = verdicts.root(a), verdicts.root(b)
        if verdict == "different" and one != other:
            wanted.setdefault(one, {}).setdefault(other, set()).add((a, b))
            wanted.setdefault(other, {}).setdefault(one, set()).add((a, b))
    assert {root: dict(verdicts.apart(root)) for root in verdicts.apart_roots()} == wanted
    for root, members in verdicts.groups().items():
        assert len(members) > 1 and len(set(members)) == len(members)
        assert all(verdicts.root(one) == root for one in members) and root in members


def test_a_contradiction_is_told_at_once_with_its_chain() -> None:
    verdicts = Verdicts([(1, 2, "duplicate"), (2, 3, "duplicate"), (3, 4, "different")])
    assert verdicts.say(4, 1, "duplicate")
    steps = (Step(1, 2, "duplicate"), Step(2, 3, "duplicate"), Step(3, 4, "different"))
    assert verdicts.contradiction(1, 4) == Contradiction((1, 4), "duplicate", "different", steps)
    back = (Step(3, 2, "duplicate"), Step(2, 1, "duplicate"), Step(1, 4, "duplicate"))
    assert verdicts.contradictions() == [Contradiction((3, 4), "different", "duplicate", back)]
    verdicts.unsay(3, 4)
    assert verdicts.contradictions() == [] and verdicts.follows(4, 3) == "duplicate"


def test_similar_implies_nothing_and_is_not_the_same_picture() -> None:
    verdicts = Verdicts([(1, 2, "duplicate"), (2, 3, "similar"), (3, 4, "unsure")])
    assert verdicts.implied(1, 3) is None and verdicts.implied(1, 4) is None
    assert not verdicts.say(1, 4, "duplicate")
    assert verdicts.say(1, 3, "duplicate")
    chain = (Step(1, 2, "duplicate"), Step(2, 3, "similar"))
    assert verdicts.contradiction(1, 3) == Contradiction((1, 3), "duplicate", "similar", chain)


def test_a_content_and_itself_are_no_pair() -> None:
    with pytest.raises(ValueError, match="two contents"):
        Verdicts().say(3, 3, "duplicate")


def test_a_long_chain_parts_and_joins_again() -> None:
    """Groups of thousands: every cut leaves two groups, and saying it again one."""
    count = 3_000
    verdicts = Verdicts((one, one + 1, "duplicate") for one in range(1, count))
    verdicts.say(1, count + 1, "different")
    for cut in (count - 1, 1, count // 2):
        verdicts.unsay(cut, cut + 1)
        assert sorted(verdicts.members(cut)) == list(range(1, cut + 1))
        assert sorted(verdicts.members(count)) == list(range(cut + 1, count + 1))
        assert verdicts.follows(cut, count + 1) == "different"
        assert verdicts.follows(cut + 1, count + 1) is None
        verdicts.say(cut, cut + 1, "duplicate")
    found = verdicts.implied(count, count + 1)
    assert found is not None and (found[0], len(found[1])) == ("different", count)


def totals(verdicts: Mapping[int, Sequence[int]]) -> int:
    return sum(len(members) for members in verdicts.values())


def test_many_verdicts_take_no_more_than_their_number() -> None:
    """Work is counted, not timed: how often a content's root is set while 4,000 are joined in a bad order."""

    class Counted(dict[int, int]):
        sets = 0

        def __setitem__(self, key: int, value: int) -> None:
            Counted.sets += 1
            super().__setitem__(key, value)

    verdicts, count = Verdicts(), 1 << 12
    verdicts._root = Counted()
    for one in range(1, count):
        verdicts.say(one, one + 1, "duplicate")
        verdicts.say(one, count + one, "different")
    assert totals(verdicts.groups()) == count
    assert Counted.sets < count * 16
