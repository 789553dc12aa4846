"""Groups of a catalogue: exact copies, links round a keeper, verdicts; cut, taken out, joined, undone."""

import numpy as np
import pytest
from made_links import keep, made

from core.catalogue import links
from core.catalogue import pairs as pair_rows
from core.changes import Changes
from core.errors import UsageError
from core.operations import groups, history, images, keepers, pairs, thresholds
from core.operations.grouping import grouped
from core.project import Project


@pytest.fixture
def project(imported: Project) -> Project:
    return imported


@pytest.fixture
def ids(project: Project) -> list[int]:
    """Contents of twelve pictures, by path: discs, squares, triangles. The first disc lies there twice."""
    by_path = {one.path: one for one in images.describe(project, images.list_ids(project).tolist())}
    named = [by_path[path] for path in sorted(by_path) if "copy" not in path]
    return [one.content_id for one in named]


def members(project: Project, **how: object) -> list[set[int]]:
    return [set(one.contents) for one in groups.groups(project, **how)]  # type: ignore[arg-type]


def test_without_links_groups_are_copies_and_what_was_marked(
    project: Project, ids: list[int]
) -> None:
    (copies,) = groups.groups(project)
    assert copies.contents == (ids[0],)
    assert len(copies.images) == 2
    assert (copies.weakest, copies.is_judged, copies.edges) == (None, False, ())
    described = {one.id: one for one in images.describe(project, copies.images)}
    # Equal in everything but the name: that of the copy loses.
    assert described[copies.keeper_image].name == "disc-0.png"
    assert copies.bytes_to_win == described[copies.images[1]].size_bytes
    assert groups.groups(project, kinds=("near",)) == []
    pairs.judge_many(project, [(ids[3], ids[4])], "duplicate", "two")
    judged = groups.group_of(project, ids[4])
    assert judged is not None and judged.is_judged and judged.weakest is None
    assert judged.id == ids[3]
    assert groups.group_of(project, ids[5]) is None
    assert groups.group_of(project, 10**6) is None


def test_links_gather_round_the_keeper_and_never_chain(project: Project, ids: list[int]) -> None:
    a, b, c, d = ids[4:8]
    keep(project, made([(a, b, 0.95), (b, c, 0.9), (c, d, 0.85), (a, d, 0.5)]))
    found = groups.groups(project, kinds=("near",))
    assert all(one.keeper_image == one.images[0] for one in found)
    for one in found:
        keeper = one.contents[0]
        links = {(edge.a, edge.b): edge.score for edge in one.edges}
        for other in one.contents[1:]:
            assert links[min(keeper, other), max(keeper, other)] >= 0.8
        assert one.weakest is not None
        assert one.edges[one.weakest].score == min(edge.score for edge in one.edges)
    assert max(len(one.contents) for one in found) <= 3
    # Codes on the map say the same groups, the largest first.
    every = images.list_ids(project)
    codes, names = groups.group_codes(project, every)
    assert len(names) == len(groups.groups(project))
    held = dict(zip(every.tolist(), codes.tolist(), strict=True))
    for one in groups.groups(project):
        assert len({held[image] for image in one.images}) == 1


def test_orders_are_by_files_weakest_link_and_bytes(project: Project, ids: list[int]) -> None:
    keep(project, made([(ids[0], ids[1], 0.95), (ids[2], ids[3], 0.85), (ids[4], ids[5], 0.99)]))
    by_size = groups.groups(project, order="size")
    assert [len(one.images) for one in by_size] == [3, 2, 2]
    assert groups.groups(project, first=1, at_most=1) == by_size[1:2]
    weakest = [
        one.edges[one.weakest].score
        for one in groups.groups(project, order="weakest")
        if one.weakest is not None
    ]
    assert np.allclose(weakest, [0.85, 0.95, 0.99])
    won = [one.bytes_to_win for one in groups.groups(project, order="bytes")]
    assert won == sorted(won, reverse=True) and won[-1] > 0
    assert groups.groups(project, kinds=()) == []
    for wrong in ({"order": "colour"}, {"kinds": ("odd",)}):
        with pytest.raises(UsageError):
            groups.groups(project, **wrong)  # type: ignore[arg-type]


def test_what_changes_is_seen_at_once(project: Project, ids: list[int]) -> None:
    ids = [0, *_by_rank(project, ids[1:])]
    keep(project, made([(ids[1], ids[2], 0.85), (ids[1], ids[3], 0.95)]))
    assert {*ids[1:4]} in members(project)
    assert grouped(project) is grouped(project)
    thresholds.set_threshold(project, "near", 0.9)
    assert {ids[1], ids[3]} in members(project)
    history.undo(project)
    assert {*ids[1:4]} in members(project)
    pairs.judge_many(project, [(ids[1], ids[2])], "unsure", "left open")
    assert {ids[1], ids[3]} in members(project)
    gone = groups.group_of(project, ids[1])
    assert gone is not None
    images.take_out(project, [gone.images[-1]])
    assert groups.group_of(project, ids[1]) is None


def test_a_cut_parts_the_group_in_one_step(project: Project, ids: list[int]) -> None:
    a, b, c, d = _by_rank(project, ids[1:])[:4]
    keep(project, made([(a, b, 0.97), (a, c, 0.9), (a, d, 0.92), (c, d, 0.96), (b, c, 0.6)]))
    keep(project, made([(b, d, 0.7)], "part-of"))
    group = groups.group_of(project, a)
    assert group is not None and set(group.contents) == {a, b, c, d}
    assert group.weakest is not None
    weakest = group.edges[group.weakest]
    assert {weakest.a, weakest.b} == {a, d}  # c hangs on d
    assert groups.cut(project, group, group.weakest) == Changes.PAIRS | Changes.HISTORY
    assert {a, b} in members(project) and {c, d} in members(project)
    said = {(one.a, one.b): one.verdict for one in pairs.list_pairs(project)}
    assert set(said) == {tuple(sorted(two)) for two in ((a, c), (a, d), (b, c), (b, d))}
    assert set(said.values()) == {"different"}
    history.undo(project)
    assert pairs.list_pairs(project) == []
    assert {a, b, c, d} in members(project)


def test_sides_of_a_cut_do_not_meet_at_a_third_picture(project: Project, ids: list[int]) -> None:
    by_rank = _by_rank(project, ids[1:])
    keeper, one, third, other = by_rank[:4]
    # One and the other have no link; both could go to the third, which the keeper holds as yet.
    keep(
        project,
        made(
            [(keeper, one, 0.9), (keeper, other, 0.95), (keeper, third, 0.81), (third, other, 0.9)]
        ),
    )
    group = groups.group_of(project, keeper)
    assert group is not None and len(group.contents) == 4
    groups.take_out(project, group, keeper)
    for left in groups.groups(project):
        assert keeper not in left.contents


def test_what_was_left_unsure_stays_so_or_is_named(project: Project, ids: list[int]) -> None:
    whole, a, b, c = _by_rank(project, ids[1:])[:4]
    keep(project, made([(a, b, 0.95), (a, c, 0.9), (b, c, 0.85)]))
    pairs.judge(project, b, c, "unsure")

    def said() -> dict[tuple[int, ...], str]:
        return {(one.a, one.b): one.verdict for one in pairs.list_pairs(project)}

    key = tuple(sorted((b, c)))
    group = groups.group_of(project, a)
    assert group is not None and set(group.contents) == {a, b, c}
    groups.take_out(project, group, c)
    assert said() == {key: "unsure", tuple(sorted((a, c))): "different"}
    assert groups.group_of(project, c) is None
    assert history.state(project).undo_text == "Take one picture out of a group of 3"
    history.undo(project)
    # Cut at that very pair, the person answers it.
    unsure = next(at for at, one in enumerate(group.edges) if (one.a, one.b) == key)
    groups.cut(project, group, unsure)
    assert said()[key] == "different"
    assert history.state(project).undo_text.endswith("answering 1 unsure pair")
    history.undo(project)
    # Both are parts of a third picture, where they would meet.
    keep(project, made([(whole, b, 0.99), (whole, c, 0.95)], "part-of", [(0.9, 1.0)] * 2))
    group = groups.group_of(project, a)
    assert group is not None and set(group.contents) == {a, b, c}
    groups.take_out(project, group, c)
    assert said()[key] == "different"
    assert history.state(project).undo_text.endswith(" group of 3, answering 1 unsure pair")


def _by_rank(project: Project, ids: list[int]) -> list[int]:
    """These contents, the best keeper first."""
    every = images.list_ids(project)
    of = dict(zip(every.tolist(), images.content_ids(project, every).tolist(), strict=True))
    left = {image for image, content in of.items() if content in ids}
    found = []
    while left:
        best = keepers.chosen(project, [sorted(left)])[0].keeper
        found.append(of[best])
        left.remove(best)
    return found


def test_what_a_person_joined_is_not_cut(project: Project, ids: list[int]) -> None:
    a, b, c = ids[1:4]
    keep(project, made([(a, b, 0.9), (b, c, 0.95)]))
    groups.join(project, [a, b])
    group = groups.group_of(project, a)
    assert group is not None and set(group.contents) == {a, b, c}
    places = {(edge.a, edge.b): place for place, edge in enumerate(group.edges)}
    with pytest.raises(UsageError, match=r"disc-1\.png and disc-2\.png are duplicates"):
        groups.cut(project, group, places[a, b])
    with pytest.raises(UsageError, match=r"disc-1\.png and disc-2\.png are duplicates"):
        groups.take_out(project, group, a)
    assert group.weakest == places[b, c]
    groups.take_out(project, group, c)
    assert {a, b} in members(project)
    assert groups.group_of(project, c) is None
    with pytest.raises(UsageError, match="changed"):
        groups.cut(project, group, 99)
    with pytest.raises(UsageError, match="no such group"):
        groups.take_out(project, group, 10**6)
    with pytest.raises(UsageError):
        groups.join(project, [a])
    with pytest.raises(UsageError, match="no longer"):
        groups.join(project, [a, 10**6])


def test_verdicts_join_over_pictures_that_are_gone(project: Project, ids: list[int]) -> None:
    a, gone, c = ids[1:4]
    groups.join(project, [gone, a, c])
    every = images.list_ids(project)
    lost = every[images.content_ids(project, every) == gone]
    images.take_out(project, lost)
    group = groups.group_of(project, a)
    assert group is not None and set(group.contents) == {a, c}
    assert group.is_judged
    ((held),) = group.edges
    assert (held.a, held.b, held.verdict) == (a, c, "duplicate")


def test_parts_join_only_where_they_are_asked_for(project: Project, ids: list[int]) -> None:
    keep(project, made([(ids[1], ids[2], 0.95)], "part-of", [(1.0, 0.5)]))
    assert groups.group_of(project, ids[1]) is None
    group = groups.group_of(project, ids[1], kinds=("near", "part-of"))
    assert group is not None
    # The part loses though all else is equal or better.
    assert group.contents == (ids[2], ids[1])


def test_any_cut_of_any_group_parts_it_and_undo_joins_it(project: Project, ids: list[int]) -> None:
    cuts = 0
    for seed in range(8):
        random = np.random.default_rng(seed)
        two = [(a, b) for place, a in enumerate(ids) for b in ids[place + 1 :]]
        some = [two[place] for place in random.permutation(len(two))[:24]]
        with project.write() as session:
            links.clear(session)
            pair_rows.say(session, {(one.a, one.b): None for one in pair_rows.every(session)})
        keep(project, made([(*key, float(random.uniform(0.7, 1))) for key in some[:18]]))
        keep(project, made([(*key, 0.9) for key in some[18:]], "part-of"))
        pairs.judge_many(project, some[:2], "duplicate", "two")
        pairs.judge_many(project, some[2:4], "different", "two")
        before = groups.groups(project, kinds=("near",))
        group = max(before, key=lambda one: len(one.contents))
        place = int(random.integers(len(group.edges)))
        try:
            groups.cut(project, group, place)
        except UsageError:
            assert any(edge.verdict == "duplicate" for edge in group.edges)
            continue
        cuts += 1
        chosen = group.edges[place]
        after = groups.group_of(project, chosen.a, kinds=("near",))
        assert after is None or chosen.b not in after.contents
        parts = [
            set(one.contents) & set(group.contents)
            for kinds in (("near",), ("near", "part-of"))
            for one in groups.groups(project, kinds=kinds)  # type: ignore[arg-type]
        ]
        assert all(part != set(group.contents) for part in parts)
        history.undo(project)
        assert groups.groups(project, kinds=("near",)) == before
    assert cuts >= 3
