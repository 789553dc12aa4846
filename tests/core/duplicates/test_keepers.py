"""Laws of keepers: always one, always the same, and a worse member changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.duplicates import keepers
from core.duplicates.keepers import DEFAULT, KINDS, Facts, Rule, check, read_words
from core.errors import UsageError

MOST = 12


@st.composite
def files(draw: st.DrawFn) -> tuple[Facts, np.ndarray, list[Rule]]:
    """Some files in some groups, with small numbers so that rules often tie, and rules in any order."""
    count = draw(st.integers(1, MOST))
    numbers = st.lists(st.integers(0, 2), min_size=count, max_size=count)
    columns = {kind: np.array(draw(numbers)) for kind in KINDS}
    protected = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    order = np.array(draw(st.permutations(range(count))))
    groups = np.array(draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)))
    _, groups = np.unique(groups, return_inverse=True)
    kinds = draw(st.permutations(KINDS))
    rules = [Rule(kind, draw(st.booleans()), draw(st.booleans())) for kind in kinds]
    return Facts(columns, protected, order), groups, rules


def taken(facts: Facts, rows: np.ndarray) -> Facts:
    columns = {kind: column[rows] for kind, column in facts.columns.items()}
    return Facts(columns, facts.protected[rows], facts.path_order[rows])


def slow_key(facts: Facts, rules: list[Rule], row: int) -> tuple[int, ...]:
    values = [
        -int(facts.columns[rule.kind][row])
        if rule.is_reversed
        else int(facts.columns[rule.kind][row])
        for rule in rules
        if rule.is_on
    ]
    return (not facts.protected[row], *values, int(facts.path_order[row]))


@settings(max_examples=40, deadline=None)
@given(files(), st.randoms(use_true_random=False))
def test_the_keeper_is_the_same_in_any_order_and_without_worse_ones(made, random) -> None:  # type: ignore[no-untyped-def]
    facts, groups, rules = made
    count = int(groups.max()) + 1
    found = keepers.keepers(facts, rules, groups, count)
    for group in range(count):
        rows = np.flatnonzero(groups == group)
        best = min(rows.tolist(), key=lambda row: slow_key(facts, rules, row))
        assert found[group] == best
        # Any part of the group that holds the keeper has the same one.
        others = [row for row in rows.tolist() if row != best and random.random() < 0.5]
        some = np.array([best, *others])
        random.shuffle(others)
        again = np.array([*others, best])
        for part in (some, again):
            one = keepers.keepers(taken(facts, part), rules, np.zeros(len(part), dtype=int), 1)
            assert part[one[0]] == best
    assert sorted(facts.ranks(rules).tolist()) == list(range(len(groups)))


@settings(max_examples=40, deadline=None)
@given(files())
def test_the_deciding_rule_is_the_first_that_leaves_one(made) -> None:  # type: ignore[no-untyped-def]
    facts, groups, rules = made
    count = int(groups.max()) + 1
    found = keepers.deciding(facts, rules, groups, count)
    for group in range(count):
        rows = np.flatnonzero(groups == group).tolist()
        left = [row for row in rows if facts.protected[row]] or rows
        expected = -1 if len(left) == 1 else len(rules)
        for place, rule in enumerate(rules):
            if expected != len(rules):
                break
            if rule.is_on:
                sign = -1 if rule.is_reversed else 1
                values = [sign * int(facts.columns[rule.kind][row]) for row in left]
                left = [
                    row for row, value in zip(left, values, strict=True) if value == min(values)
                ]
                if len(left) == 1:
                    expected = place
        assert found[group] == expected


def test_a_part_is_worth_less_than_its_whole_through_crops_of_crops() -> None:
    # 3 is a part of 2, 2 of 1; 5 is 4 again; 6 shows another half of 1.
    a, b = np.array([2, 1, 4, 1]), np.array([3, 2, 5, 6])
    overlaps = np.array([[0.7, 1.0], [0.8, 0.99], [1.0, 0.99], [0.5, 0.98]], dtype=np.float32)
    plain = np.zeros(len(a), dtype=bool)
    worth = keepers.wholeness(7, a.astype(np.int32), b.astype(np.int32), overlaps, plain)
    assert worth[1:4].tolist() == pytest.approx([1, 0.8, 0.56])
    assert worth[4] == worth[5] == 1
    assert worth[6] == pytest.approx(0.5)


def test_who_has_a_border_is_worth_less_than_who_has_none() -> None:
    one, other = np.array([1], dtype=np.int32), np.array([2], dtype=np.int32)
    overlaps = np.array([[1.0, 0.8]], dtype=np.float32)  # 2 shows all of 1 and a frame
    worth = keepers.wholeness(3, one, other, overlaps, np.array([True]))
    assert worth[1:].tolist() == pytest.approx([1, 0.8])


@pytest.mark.parametrize(
    ("name", "marks"),
    [
        ("IMG_1234.jpg", 0),
        ("IMG_1234 (1).jpg", 1),
        ("IMG_1234 - Copy (2).jpg", 2),
        ("Kopie von Urlaub.png", 1),
        ("urlaub copy.png", 1),
        ("copyright.png", 0),
        ("scopy.png", 0),
        ("holiday~1.png", 1),
        ("写真 - コピー.jpg", 1),
        ("image-small.jpg", 1),
        ("Copy.png", 1),
        ("photo_copy2.png", 1),
    ],
)
def test_marks_of_copies_are_found_in_names(name: str, marks: int) -> None:
    assert keepers.copy_marks([name], ["*-small.*"]).tolist() == [marks]


def test_rules_are_read_from_words_and_kept() -> None:
    rules = read_words(["-bytes", "folder=/a/b:/c", "pixels"])
    assert rules[:3] == (
        Rule("bytes", is_reversed=True),
        Rule("folder", words=("/a/b", "/c")),
        Rule("pixels"),
    )
    assert not any(rule.is_on for rule in rules[3:])
    assert {rule.kind for rule in rules} == set(KINDS)
    assert keepers.from_json(keepers.to_json(rules)) == rules
    later = [{"kind": "beauty", "on": True, "reversed": False, "words": []}]
    assert keepers.from_json([*later, *keepers.to_json(rules)]) == rules
    assert keepers.text_of(rules[0]) == "Smallest file"
    assert len(check(DEFAULT)) == len(KINDS)
    for wrong in (["beauty"], ["pixels", "-pixels"], ["folder"]):
        with pytest.raises(UsageError):
            read_words(wrong)


def test_formats_are_ordered_by_what_can_still_be_edited() -> None:
    names = ["JPEG", "PNG", "XBM", "RAW"]
    assert np.argsort(keepers.format_ranks(names, [])).tolist() == [3, 1, 0, 2]
    assert keepers.format_ranks(names, ["xbm"]).tolist() == [1, 1, 0, 1]
