"""Verdicts that outlast everything: what is kept of each, how many at once, undo of old steps, and tables."""

import itertools
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from core.catalogue import pairs as pair_rows
from core.catalogue import steps
from core.catalogue.pairs import Said
from core.catalogue.records import VERDICTS
from core.catalogue.steps import Stored
from core.changes import Changes
from core.duplicates.records import Key
from core.duplicates.verdicts import Verdicts
from core.errors import UndoRefused, UsageError
from core.operations import history, images, merge, pairs, sources
from core.operations.said import said_of
from core.operations.verdict_edit import SetVerdicts
from core.project import Project


@pytest.fixture
def filled(imported: Project) -> Project:
    return imported


@pytest.fixture
def photos(filled: Project) -> Path:
    return filled.path.parent / "photos"


def content_of(project: Project, path: Path) -> int:
    image_id = images.id_of_path(project, path)
    assert image_id is not None
    return int(images.content_ids(project, np.array([image_id]))[0])


def pair(project: Project, *paths: Path) -> Key:
    a, b = sorted(content_of(project, path) for path in paths)
    return a, b


def said(project: Project) -> dict[Key, str]:
    return {(one.a, one.b): one.verdict for one in pairs.list_pairs(project)}


def plain(project: Project, count: int) -> list[int]:
    """Contents that no image has, enough to be judged."""
    with project.write() as session:
        first = int(
            session.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM contents").scalar() or 1
        )
        session.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO contents (id, sha256, width, height, format, frames, perceptual_hash, added_at)"
            " SELECT i, 'made ' || i, 1, 1, 'PNG', 1, x'00', 0 FROM n",
            (first, first + count - 1),
        )
    return list(range(first, first + count))


def test_a_verdict_keeps_time_score_and_encoder(filled: Project, photos: Path) -> None:
    key = pair(filled, photos / "discs" / "disc-1.png", photos / "discs" / "disc-2.png")
    before = time.time()
    judged = pairs.judge(filled, key[1], key[0], "similar", score=0.625, encoder_key="a key")
    assert judged == pairs.Judged(Changes.PAIRS | Changes.HISTORY, None, 0)
    with filled.read() as session:
        kept = pair_rows.said_of(session, [key])[key]
    assert kept == Said("similar", 0.625, "a key", "person", kept.decided_at)
    assert before <= kept.decided_at <= time.time()
    assert history.state(filled).undo_text == "Mark “disc-1.png” and “disc-2.png” as similar"
    assert not pairs.judge(filled, *key, "similar").changes
    history.undo(filled)
    history.redo(filled)
    with filled.read() as session:
        assert pair_rows.said_of(session, [key])[key] == kept


def test_what_makes_no_sense_is_refused(filled: Project, photos: Path) -> None:
    a, b = pair(filled, photos / "discs" / "disc-1.png", photos / "discs" / "disc-2.png")
    with pytest.raises(UsageError, match="same bytes"):
        pairs.judge(filled, a, a, "duplicate")
    with pytest.raises(UsageError, match="no longer"):
        pairs.judge(filled, a, 4711, "duplicate")
    with pytest.raises(UsageError, match="'maybe' is no verdict"):
        pairs.judge_many(filled, [(a, b)], "maybe", "Many")  # type: ignore[arg-type]
    assert said(filled) == {} and history.state(filled).undo_text is None


def test_a_machines_verdict_implies_nothing_and_a_person_replaces_it(filled: Project) -> None:
    a, b, c = plain(filled, 3)
    with filled.write() as session:
        pair_rows.put(session, [(a, b, "duplicate")], origin="machine")
    assert pairs.judge(filled, b, c, "duplicate").contradiction is None
    assert pairs.judge(filled, a, c, "different").contradiction is None
    judged = pairs.judge(filled, a, b, "duplicate")
    assert judged.changes and judged.contradiction is not None
    assert {one.origin for one in pairs.list_pairs(filled)} == {"person"}
    history.undo(filled)
    assert {one.origin for one in pairs.list_pairs(filled)} == {"machine", "person"}
    assert pairs.contradictions(filled) == []


def test_many_at_once_are_one_step_of_few_bytes(filled: Project) -> None:
    """A long chain, so that all of it follows; kept, found again, undone and done again after reopening."""
    count = 1_500
    contents = plain(filled, count)
    keys = list(itertools.pairwise(contents))
    pairs.judge(filled, *keys[7], "unsure", score=0.5, encoder_key="kept")
    scores = np.linspace(0.9, 1.0, len(keys)).tolist()
    pairs.judge_many(filled, keys, "duplicate", "Accept all", scores=scores)
    assert len(said(filled)) == len(keys)
    clash = pairs.judge(filled, contents[0], contents[-1], "different").contradiction
    assert clash is not None and len(clash.chain) == len(keys)
    history.undo(filled)
    with filled.read() as session:
        step = steps.top(session, undone=False)
        assert step is not None and step.text == "Accept all"
        assert len(step.forward.ids) == 4 * len(keys) and len(str(step.forward.arguments)) < 400
        kept = pair_rows.said_of(session, keys)
    assert [kept[key].score for key in keys] == scores
    path = filled.path
    filled.close()
    with Project.open(path) as again:
        history.undo(again)
        assert said(again) == {keys[7]: "unsure"}
        with again.read() as session:
            assert pair_rows.said_of(session, keys[7:8])[keys[7]].encoder_key == "kept"
        history.redo(again)
        with again.read() as session:
            assert pair_rows.said_of(session, keys) == kept


def test_forgetting_many_can_be_undone(filled: Project) -> None:
    contents = plain(filled, 400)
    keys = [(one, contents[0]) for one in contents[1:]]
    pairs.judge_many(filled, keys, "different", "All of them")
    before = pairs.list_pairs(filled)
    pairs.judge_many(filled, keys[:300], None, "Forget")
    assert len(said(filled)) == 99
    history.undo(filled)
    assert pairs.list_pairs(filled) == before


def test_a_step_of_the_first_version_can_still_be_undone(filled: Project) -> None:
    a, b = plain(filled, 2)
    old, new = (Said(word, None, None, "person", 5.5) for word in ("similar", "duplicate"))  # type: ignore[arg-type]

    def stored(before: Said | None, after: Said | None) -> Stored:
        told = {"text": "An old step", "before": [asdict(before)] if before else [None],
                "after": [asdict(after)] if after else [None]}  # fmt: skip
        return Stored("set_verdicts", 1, told, np.array([a, b], dtype=np.int64))

    with filled.write() as session:
        pair_rows.say(session, {(a, b): new})
        steps.push(session, "An old step", stored(old, new), stored(new, old), limit=9)
    assert said(filled) == {(a, b): "duplicate"}
    history.undo(filled)
    with filled.read() as session:
        assert pair_rows.said_of(session, [(a, b)]) == {(a, b): old}
    history.redo(filled)
    with filled.write() as session:
        pair_rows.say(session, {(a, b): Said("unsure", None, None, "person", 9.0)})
    with pytest.raises(UndoRefused, match="An old step"):
        history.undo(filled)


def test_a_step_at_rest_is_what_was_said(filled: Project) -> None:
    many = tuple(
        None if number % 5 == 4 else Said(VERDICTS[number % 4], None if number % 3 else number / 7,
                                         f"key {number % 2}", "person", 1.5 * number)
        for number in range(20)
    )  # fmt: skip
    keys = np.stack([np.arange(1, 21), np.arange(2**31 - 21, 2**31 - 1)], axis=1)
    step = SetVerdicts(keys, many, many[::-1], "Some")
    again = SetVerdicts.load(step.store())
    assert (again.before, again.after, again.text) == (step.before, step.after, "Some")
    np.testing.assert_array_equal(again.keys, keys)


def test_verdicts_in_memory_follow_whatever_else_changes_them(filled: Project) -> None:
    """Few changes are taken over one by one, many as a whole; both tell the same."""
    contents = plain(filled, 2_500)
    keys = list(itertools.pairwise(contents))
    kept = said_of(filled)
    pairs.judge_many(filled, keys[:20], "duplicate", "Some")
    place = kept.place
    for rows, word in ((keys[10:30], "different"), (keys[30:], "duplicate"), (keys[5:15], None)):
        with filled.write() as session:  # as a merge would
            if word is not None:
                pair_rows.put(session, [(*key, word) for key in rows], origin="table")  # type: ignore[misc]
            else:
                pair_rows.say(session, dict.fromkeys(rows))
        with filled.read() as session:
            kept.sync(session)
            every = pair_rows.every(session)
        fresh = Verdicts((one.a, one.b, one.verdict) for one in every)
        assert len(kept.verdicts) == len(every)
        assert [kept.verdicts.follows(*key) for key in keys] == [
            fresh.follows(*key) for key in keys
        ]
    changed = kept.since(place)
    assert changed is not None and len(changed) == len(keys) - 5


def test_verdicts_outlast_moves_removal_of_the_source_and_new_content(
    filled: Project, photos: Path, make_picture: Callable[..., object], tmp_path: Path
) -> None:
    one, other, third = (photos / "discs" / f"disc-{number}.png" for number in (1, 2, 3))
    key, second = pair(filled, one, other), pair(filled, other, third)
    pairs.judge(filled, *key, "different")
    pairs.judge(filled, *second, "duplicate")
    wanted = said(filled)
    one.rename(photos / "moved.png")
    sources.import_folders(filled, [photos], embed=False)
    assert pair(filled, photos / "moved.png", other) == key and said(filled) == wanted
    moved = tmp_path / "elsewhere"
    shutil.move(photos, moved)
    sources.remove(filled, photos)
    assert said(filled) == wanted
    sources.import_folders(filled, [moved], embed=False)
    assert pair(filled, moved / "moved.png", moved / "discs" / "disc-2.png") == key
    # The file is edited: a new content, of which nothing was said; what was said stays with the old bytes.
    old = (moved / "moved.png").read_bytes()
    make_picture(99).save(moved / "moved.png")  # type: ignore[attr-defined]
    sources.import_folders(filled, [moved], embed=False)
    fresh = pair(filled, moved / "moved.png", moved / "discs" / "disc-2.png")
    assert fresh != key and fresh not in said(filled) and said(filled) == wanted
    (moved / "back.png").write_bytes(old)
    sources.import_folders(filled, [moved], embed=False)
    assert pair(filled, moved / "back.png", moved / "discs" / "disc-2.png") == key


def test_what_a_merge_brings_counts_for_what_follows(
    filled: Project, photos: Path, tmp_path: Path
) -> None:
    paths = [photos / "discs" / f"disc-{number}.png" for number in (1, 2, 3)]
    with Project.create(tmp_path / "other.lookalike") as other:
        sources.import_folders(other, [photos], embed=False)
        pairs.judge(other, *pair(other, *paths[:2]), "duplicate")
    pairs.judge(filled, *pair(filled, *paths[1:]), "duplicate")
    merge.merge(filled, tmp_path / "other.lookalike")
    judged = pairs.judge(filled, *pair(filled, paths[0], paths[2]), "different")
    assert judged.contradiction is not None and judged.contradiction.follows == "duplicate"


def test_a_table_tells_what_contradicts_by_line_and_is_one_step(
    filled: Project, photos: Path, tmp_path: Path
) -> None:
    paths = [photos / "discs" / f"disc-{number}.png" for number in range(1, 4)]
    paths.append(photos / "squares" / "square-1.png")
    pairs.judge(filled, *pair(filled, paths[0], paths[3]), "different")
    table = tmp_path / "table.csv"
    rows = [(0, 1, "duplicate"), (1, 2, "duplicate"), (0, 2, "similar"), (2, 3, "duplicate")]
    lines = [f"{paths[a]},{paths[b]},{word}" for a, b, word in rows]
    table.write_text("\n".join(["a,b,verdict", *lines]))
    report = pairs.import_csv(filled, table)
    assert (report.kept, report.unmatched, report.contradicting) == (4, [], 2)
    (first, why), (second, other) = report.contradictions
    assert first == 4 and why.startswith(f"{paths[0]} and {paths[2]} cannot be similar as well")
    assert f"{paths[0]} and {paths[1]} are duplicates" in why
    # The earlier verdict is in no line; the last line of the chain against it is told.
    assert second == 5 and f"{paths[0]} and {paths[3]} cannot be different as well" in other
    assert len(pairs.contradictions(filled)) == 2
    assert history.state(filled).undo_text == "Import 4 verdicts"
    history.undo(filled)
    assert len(said(filled)) == 1 and pairs.contradictions(filled) == []
    history.redo(filled)
    assert pairs.import_csv(filled, table).contradicting == 2  # told again, though nothing is new
    assert history.state(filled).undo_text == "Import 4 verdicts"


@pytest.mark.skipif(os.name != "posix", reason="file names are text there")
def test_names_that_are_not_text_come_back(
    project: Project, make_picture: Callable[..., object], tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate((b"caf\xe9.png", b"caf\xea.png", "日本.png".encode())):
        make_picture(number).save(folder / os.fsdecode(name), "PNG")  # type: ignore[attr-defined]
    sources.import_folders(project, [folder], embed=False)
    contents = images.content_ids(project, images.list_ids(project)).tolist()
    pairs.judge_many(project, [(contents[0], contents[1])], "different", "One")
    pairs.judge_many(project, [(contents[1], contents[2])], "duplicate", "Two")
    wanted, table = said(project), tmp_path / "out.csv"
    assert pairs.export_csv(project, table) == 2
    pairs.judge_many(project, list(wanted), None, "Forget")
    report = pairs.import_csv(project, table)
    assert (report.kept, report.unmatched) == (2, []) and said(project) == wanted
