"""Whatever the plan and whatever happens to the files, something of every picture is left, and all comes back."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from removal_files import Library, own_trash, read, tree

from core.catalogue.removals import HOWS
from core.operations import removal

FILES = 6
Damage = tuple[str, int, int]


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return own_trash(monkeypatch, tmp_path / "data")


plans = st.lists(
    st.tuples(st.integers(0, FILES - 1), st.lists(st.integers(0, FILES - 1), max_size=4)),
    max_size=4,
)
damages = st.lists(
    st.tuples(
        st.sampled_from(["vanish", "edit", "symlink", "hard link", "swap", "copy over"]),
        st.integers(0, FILES - 1),
        st.integers(0, FILES - 1),
    ),
    max_size=4,
)


def _harm(damage: Damage, paths: list[bytes]) -> None:
    what, one, other = damage[0], paths[damage[1]], paths[damage[2]]
    if not os.path.lexists(one) or one == other:
        return
    if what == "edit":
        Path(os.fsdecode(one)).write_bytes(b"edited")
        return
    data = read(other) if os.path.isfile(other) else b""
    if what == "swap" and os.path.lexists(other):
        os.rename(one, one + b".way")
        os.rename(other, one)
        os.rename(one + b".way", other)
        return
    os.unlink(one)
    if what == "symlink":
        os.symlink(other, one)
    elif what == "hard link" and os.path.isfile(other):
        os.link(other, one)
    elif what == "copy over":
        Path(os.fsdecode(one)).write_bytes(data)


def _kinds(library: Library, families: dict[bytes, int]) -> set[int]:
    """Which families (by the first byte) some regular file of the library still is of."""
    found = tree(library.root).values()
    return {families[data] for data, _, _ in found if data in families}


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    versions=st.lists(st.integers(0, 3), min_size=FILES, max_size=FILES),
    first=plans,
    second=plans,
    before=damages,
    between=damages,
    how=st.sampled_from(HOWS),
)
# Two names of one file go; its time is what it is now, not what the plan noted of either name.
@example(
    versions=[0] * FILES,
    first=[(1, [0, 2])],
    second=[],
    before=[("hard link", 2, 0)],
    between=[],
    how="trash",
)
def test_something_of_every_picture_is_left(
    trash: Path,
    versions: list[int],
    first: list[tuple[int, list[int]]],
    second: list[tuple[int, list[int]]],
    before: list[Damage],
    between: list[Damage],
    how: str,
) -> None:
    """Two plans over the same files, each with any survivors, with anything done to the files before and between.

    Versions 0 and 1 are one picture (one family), 2 and 3 another; plans join members of one family only, as
    groups do. No removal may take the last file of a family, nor one whose survivor is not there afterwards.
    """
    data = [b"version %d" % one * 20 for one in range(4)]
    families = {one: number // 2 for number, one in enumerate(data)}
    with tempfile.TemporaryDirectory(dir=trash.parents[2]) as folder:
        library = Library(Path(folder))
        with library.project:
            names: list[str | bytes] = [f"{n}.png" for n in range(FILES)]
            library.take_in({name: data[v] for name, v in zip(names, versions, strict=True)})
            paths = [library.at(one) for one in names]
            away = os.fsencode(Path(folder) / "away") if how == "folder" else None
            made = []
            for number, wanted in enumerate((first, second)):
                groups = [
                    (
                        paths[kept],
                        [
                            paths[n]
                            for n in dict.fromkeys(going)
                            if versions[n] // 2 == versions[kept] // 2
                        ],
                    )
                    for kept, going in wanted
                ]
                made.append(library.plan(groups, how=how, folder=away, uid=f"plan-{number}"))
            undo = []
            # A link that a person deletes, and then its survivor, is gone: that nobody can put back.
            damages = (before, [] if how == "links" else between)
            for plan, damage in zip(made, damages, strict=True):
                for one in damage:
                    _harm(one, paths)
                there, there_before = _kinds(library, families), tree(library.root)
                done = removal.apply(library.project, plan)
                assert _kinds(library, families) == there
                assert len(done.went) + len(done.refused) == plan.files
                for went in done.went:
                    assert read(went.survivor) in data and not os.path.islink(went.survivor)
                    assert families[read(went.survivor)] == families[there_before[went.raw_path][0]]
                gone = {one.raw_path for one in done.went} if how != "links" else set()
                assert {k: v[0] for k, v in tree(library.root).items()} == {
                    k: v[0] for k, v in there_before.items() if k not in gone
                }
                undo.append((done, there_before))
            for done, was in reversed(undo):
                if done.manifest is None:
                    continue
                restored = removal.restore(library.project, done.manifest)
                assert restored.lost == () and len(restored.back) == len(done.went)
                for one in restored.back:  # a later restore may have put its own file at the place
                    assert read(one.now_at) == was[one.raw_path][0]
                    assert os.stat(one.now_at).st_mtime_ns == was[one.raw_path][1]


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    names=st.lists(
        st.binary(min_size=1, max_size=40)
        .filter(lambda name: not set(b"/\0") & set(name) and name not in (b".", b"..", b"keep.png"))
        .map(lambda name: name + b".png"),
        min_size=1,
        max_size=5,
        unique=True,
    ),
    times=st.lists(st.integers(0, 2**61), min_size=5, max_size=5),
    how=st.sampled_from(HOWS),
    with_catalogue=st.booleans(),
)
def test_names_bytes_and_times_come_back(
    trash: Path, names: list[bytes], times: list[int], how: str, with_catalogue: bool
) -> None:
    with tempfile.TemporaryDirectory(dir=trash.parents[2]) as folder:
        library = Library(Path(folder))
        with library.project:
            library.take_in({b"keep.png": b"same", **dict.fromkeys(names, b"same")})
            paths = [library.at(one) for one in names]
            for path, time in zip(paths, times, strict=False):
                os.utime(path, ns=(0, time))
            before = tree(library.root)
            away = os.fsencode(Path(folder) / "away") if how == "folder" else None
            plan = library.plan([(library.at("keep.png"), paths)], how=how, folder=away)
            removal.save(plan, Path(folder) / "plan.json")
            plan = replace(removal.read(Path(folder) / "plan.json"), path=None)
            done = removal.apply(library.project, plan)
            assert len(done.went) == len(paths) and done.manifest is not None
            removal.restore(library.project if with_catalogue else None, done.manifest)
            assert tree(library.root) == before
