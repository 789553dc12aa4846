"""What a plan names: exact copies, same pixels and what a person judged; a machine's word only when asked for."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import made_links
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from removal_files import Library

from core.catalogue import pairs
from core.catalogue.links import Kind
from core.catalogue.records import Verdict
from core.duplicates.keepers import Rule
from core.duplicates.removal.choosing import Bonds, Clusters
from core.errors import UsageError
from core.operations import keepers, removal

NAMES = ("a", "b", "c", "d", "e")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    made.take_in({f"{name}.png": name.encode() * (9 - n) for n, name in enumerate(NAMES)})
    yield made
    made.project.close()


def _link(library: Library, *found: tuple[str, str, Kind, float]) -> None:
    """Keep links (name, name, kind, score)."""
    ids = {name: library.content_ids[library.at(f"{name}.png")] for name in NAMES}
    made_links.keep(
        library.project,
        *(made_links.made([(ids[a], ids[b], score)], kind) for a, b, kind, score in found),
    )


def _judge(library: Library, a: str, b: str, verdict: Verdict) -> None:
    ids = [library.content_ids[library.at(f"{name}.png")] for name in (a, b)]
    with library.project.write() as session:
        pairs.put(session, [(ids[0], ids[1], verdict)], origin="person")


def _planned(library: Library, **wanted: object) -> dict[str, dict[str, str]]:
    """What goes and on what ground, by what stays; names without endings."""
    plan = removal.plan(library.project, **wanted)  # type: ignore[arg-type]

    def name(path: bytes) -> str:
        return os.path.basename(os.fsdecode(path)).removesuffix(".png")

    return {
        name(group.keeper.raw_path): {name(one.raw_path): one.ground for one in group.leaving}
        for group in plan.groups
    }


def test_what_goes_by_itself_and_what_only_when_asked_for(library: Library) -> None:
    _link(library, ("a", "b", "pixels", 1.0), ("b", "c", "near", 0.97), ("d", "e", "part-of", 0.99))
    library.take_in({"sub/e copy.png": b"e" * 5})
    assert _planned(library) == {"a": {"b": "pixels"}, "e": {"e copy": "exact"}}
    assert _planned(library, kinds=("exact",)) == {"e": {"e copy": "exact"}}
    assert _planned(library, threshold=0.98) == _planned(library)
    # The keeper a is linked to c by way of b, whose very pixels it has.
    near = _planned(library, threshold=0.95)
    assert near == {"a": {"b": "pixels", "c": "near"}, "e": {"e copy": "exact"}}
    assert _planned(library, how="links", threshold=0.5) == {"e": {"e copy": "exact"}}
    _judge(library, "d", "e", "duplicate")  # what is a part goes where a person says so
    assert _planned(library)["d"] == {"e": "judged", "e copy": "judged"}
    assert _planned(library, judged=False) == {"a": {"b": "pixels"}, "e": {"e copy": "exact"}}
    for wrong in (
        {"kinds": ("part-of",)}, {"kinds": ("near",)}, {"kinds": ("odd",)}, {"threshold": 1.2},
        {"how": "shred"}, {"how": "folder"}, {"folder": Path("x")}, {"rules": ["brightness"]},
        {"how": "folder", "folder": library.root / "in"}, {"protected": ["/nowhere"]},
    ):  # fmt: skip
        with pytest.raises(UsageError):
            removal.plan(library.project, **wrong)  # type: ignore[arg-type]


def test_a_person_has_the_last_word(library: Library) -> None:
    _link(library, ("a", "b", "pixels", 1.0), ("c", "d", "near", 0.99), ("d", "e", "near", 0.99))
    _judge(library, "a", "b", "different")
    _judge(library, "c", "d", "unsure")
    assert _planned(library, threshold=0.9) == {"d": {"e": "near"}}
    # From a duplicate of it being different follows that this one is.
    _judge(library, "c", "d", "duplicate")
    _judge(library, "c", "e", "different")
    assert _planned(library, threshold=0.9) == {"c": {"d": "judged"}}


def test_a_chain_of_likeness_does_not_reach_beyond_the_keeper(library: Library) -> None:
    _link(library, *((a, b, "near", 0.96) for a, b in itertools.pairwise(NAMES)))
    assert _planned(library, threshold=0.9) == {"a": {"b": "near"}, "c": {"d": "near"}}


def test_rules_and_protection_choose_the_keeper(library: Library) -> None:
    library.take_in({"sub/a (1).png": b"a" * 9, "sub/z.png": b"a" * 9})
    assert set(_planned(library)["a"]) == {"a (1)", "z"}
    assert set(_planned(library, rules=["-path"])["a (1)"]) == {"a", "z"}
    assert set(_planned(library, rules=[Rule("path", is_reversed=True)])["a (1)"]) == {"a", "z"}
    assert _planned(library, protected=[library.root / "sub"]) == {"z": {"a": "exact"}}
    keepers.protect(library.project, library.root / "sub", True)
    assert _planned(library) == {"z": {"a": "exact"}}
    plan = removal.plan(library.project)
    (group,) = plan.groups
    assert group.leaving[0].why == "Protected" and plan.protected
    assert plan.by_folder() == [(os.fsencode(library.root), 1, 9)]
    assert plan.without({group.leaving[0].image}).groups == ()
    keepers.protect(library.project, library.root / "sub", False)
    library.root.rename(library.root.with_name("away"))
    unplugged = removal.plan(library.project)
    assert unplugged.groups == () and "not there now" in unplugged.notes[0]


def test_of_a_group_that_contradicts_itself_only_exact_copies_go(library: Library) -> None:
    library.take_in({"sub/a copy.png": b"a" * 9})
    _link(library, ("c", "d", "near", 0.99))
    for one, two, verdict in (("a", "b", "duplicate"), ("b", "c", "duplicate")):
        _judge(library, one, two, verdict)  # type: ignore[arg-type]
    whole = {"b": "judged", "c": "judged", "a copy": "exact"}
    _judge(library, "a", "c", "unsure")
    assert _planned(library) == {"a": {"b": "judged", "a copy": "exact"}}
    for verdict in ("different", "similar"):
        _judge(library, "a", "c", verdict)  # type: ignore[arg-type]
        # Where the rules keep b, a and c would both have gone.
        for rules in (["-bytes"], ["bytes"], ["name=b*"]):
            assert _planned(library, rules=rules, threshold=0.9) in (
                {"a": {"a copy": "exact"}},
                {"a copy": {"a": "exact"}},
            )
        assert "The answers on 1 group contradict each other" in str(
            removal.plan(library.project).notes
        )
    _judge(library, "a", "c", "duplicate")
    assert _planned(library) == {"a": whole}
    assert "contradict" not in str(removal.plan(library.project).notes)


couples = st.lists(
    st.tuples(st.integers(1, 8), st.integers(1, 8)).filter(lambda p: p[0] != p[1]), max_size=8
)


@settings(max_examples=30, deadline=None)
@given(
    contents=st.lists(st.integers(1, 8), min_size=1, max_size=12),
    pixels=couples,
    judged=couples,
    near=couples,
    refuted=couples,
    unsure=couples,
    order=st.randoms(use_true_random=False),
)
def test_each_file_goes_once_beside_a_survivor_that_stays(
    contents: list[int],
    pixels: list[tuple[int, int]],
    judged: list[tuple[int, int]],
    near: list[tuple[int, int]],
    refuted: list[tuple[int, int]],
    unsure: list[tuple[int, int]],
    order: object,
) -> None:
    """Of any bonds: nobody is both survivor and surplus, nobody goes twice, no refuted pair is a ground, and a
    machine's link leads to the survivor's own cluster."""

    def array(some: list[tuple[int, int]]) -> np.ndarray:
        return np.array(some, dtype=np.int64).reshape(-1, 2)

    bonds = Bonds(
        array(pixels), array(judged), array(near), np.full(len(near), 0.9), array(refuted),
        array(unsure),
    )  # fmt: skip
    of = dict(enumerate(contents, 1))
    clusters = Clusters(bonds, np.array(contents, dtype=np.int64))
    rank = list(of)
    order.shuffle(rank)  # type: ignore[attr-defined]
    stays: list[int] = []
    goes: list[int] = []
    for label in set(clusters.labels[contents].tolist()):
        group = {one: content for one, content in of.items() if clusters.labels[content] == label}
        for choice in clusters.choices(group, lambda ids: min(ids, key=rank.index)):
            stays.append(choice.keeper)
            kept = of[choice.keeper]
            sure = [kept, *(of[one] for one, ground, _ in choice.leaving if ground != "near")]
            assert not set(itertools.permutations(sure, 2)) & set(refuted)
            for one, ground, score in choice.leaving:
                assert clusters.ground(of[one], kept) == (ground, score)
                goes.append(one)
                couple = {(of[one], kept), (kept, of[one])}
                assert not couple & {*refuted, *unsure} and rank.index(choice.keeper) < rank.index(
                    one
                )
                assert (ground == "exact") == (of[one] == kept)
                assert (score is not None) == (ground == "near")
                if ground == "near" and not pixels and not judged:
                    assert couple & set(near)
    assert len(set(goes)) == len(goes) and not set(goes) & set(stays)


def test_a_plan_says_what_has_not_been_compared(library: Library) -> None:
    notes = removal.plan(library.project).notes
    assert any("have not been compared yet" in one for one in notes)
    assert not any(
        "compared" in one for one in removal.plan(library.project, kinds=("exact",)).notes
    )
