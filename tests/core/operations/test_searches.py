"""Saved searches: kept by what images are, not by where; undone; tagged; written; merged."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import searches as kept
from core.catalogue.filters import Filter, parse_filter
from core.changes import Changes
from core.errors import ImageError, UndoRefused, UsageError
from core.operations import (
    folders,
    history,
    images,
    merge,
    projects,
    search,
    searches,
    sources,
    tags,
)
from core.project import Project
from core.search import question as asking
from core.search.question import Question


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


def id_at(project: Project, path: Path) -> int:
    found = images.id_of_path(project, path)
    assert found is not None
    return found


def like(project: Project, path: Path, **how: object) -> Question:
    return Question((asking.of_image(id_at(project, path)),), **how)  # type: ignore[arg-type]


def names(project: Project) -> list[str]:
    return [one.name for one in searches.list_searches(project)]


def test_what_is_saved_answers_as_what_was_asked(filled: Project, photos: Path) -> None:
    question = like(filled, photos / "discs/disc-1.png", filter=parse_filter("class:squares"), k=3)
    expected = search.ask(filled, question)
    assert len(expected) == 3
    assert searches.save(filled, "  my   squares ", question) & Changes.SEARCHES
    assert searches.run(filled, "my squares") == expected
    assert searches.run(filled, "my squares", k=2) == expected[:2]
    (saved,) = searches.list_searches(filled)
    assert saved.words == "like disc-1.png, class squares"
    assert saved.asked_at is not None
    assert searches.save(filled, "my squares", question, is_replacing=True) == Changes.NONE


def test_edits_are_undone_and_done_again(filled: Project, photos: Path) -> None:
    question = like(filled, photos / "discs/disc-1.png", k=4)
    searches.save(filled, "one", question)
    searches.rename(filled, "one", "two")
    searches.negate(filled, "two")
    assert searches.find(filled, "two").is_negated
    searches.run(filled, "two")  # when it was asked is nothing that stands in the way
    searches.remove(filled, "two")
    states = []
    for _ in range(4):
        states.append((names(filled), history.state(filled).undo_text))
        assert history.undo(filled) & Changes.SEARCHES
    assert states == [
        ([], "Remove the search “two”"),
        (["two"], "Turn the search “two” round"),
        (["two"], "Rename the search “one” to “two”"),
        (["one"], "Save the search “one”"),
    ]
    assert names(filled) == []
    for _ in range(3):
        history.redo(filled)
    assert searches.find(filled, "two").is_negated


def test_undo_is_refused_where_the_search_was_changed_since(filled: Project, photos: Path) -> None:
    searches.save(filled, "one", like(filled, photos / "discs/disc-1.png"))
    with filled.write() as session:
        kept.put(session, "one", kept.Kept("{}", 0.0))
    with pytest.raises(UndoRefused, match="changed since"):
        history.undo(filled)
    (damaged,) = searches.list_searches(filled)
    assert damaged.question is None and "damaged" in damaged.words
    with pytest.raises(UsageError, match="damaged"):
        searches.run(filled, "one")


def test_names_are_checked(filled: Project, photos: Path) -> None:
    question = like(filled, photos / "discs/disc-1.png")
    searches.save(filled, "one", question)
    searches.save(filled, "two", question)
    for call, words in (
        (lambda: searches.save(filled, "one", question), "named 'one' already"),
        (lambda: searches.rename(filled, "one", "two"), "named 'two' already"),
        (lambda: searches.save(filled, " ", question), "needs a name"),
        (lambda: searches.save(filled, "x" * 101, question), "at most"),
        (lambda: searches.save(filled, "\udce9", question), "letters"),
        (lambda: searches.run(filled, "three"), "no saved search"),
        (lambda: searches.remove(filled, "three"), "no saved search"),
        (lambda: searches.save(filled, "three", Question()), "at least one image"),
    ):
        with pytest.raises(UsageError, match=words):
            call()
    grey = np.full((8, 8, 3), 128, np.uint8)
    with pytest.raises(UsageError, match="pasted"):
        searches.save(filled, "three", Question((asking.of_pixels(grey),)))
    assert names(filled) == ["one", "two"]


def test_an_example_is_found_again_where_it_was_moved(filled: Project, photos: Path) -> None:
    path = photos / "triangles/triangle-2.png"
    question = like(filled, path, k=5)
    expected = [one.content_id for one in search.ask(filled, question)]
    searches.save(filled, "one", question)
    searches.save(filled, "by file", Question((asking.of_file(path),), k=5))
    path.rename(photos / "elsewhere.png")
    sources.import_folders(filled, [photos])
    for name in ("one", "by file"):
        assert [one.content_id for one in searches.run(filled, name)] == expected


def test_an_example_that_is_gone_says_so(filled: Project, photos: Path) -> None:
    path = photos / "triangles/triangle-2.png"
    searches.save(filled, "one", like(filled, path))
    sources.remove(filled, photos)
    assert names(filled) == ["one"]
    sources.import_folders(filled, [photos / "discs"])
    assert searches.run(filled, "one")  # the file itself is still there
    path.write_bytes((photos / "discs/disc-0.png").read_bytes())  # another picture by now
    with pytest.raises(ImageError, match=r"triangle-2\.png that this search was made with is gone"):
        searches.run(filled, "one")


def test_a_missing_example_still_asks_by_its_vector(filled: Project, photos: Path) -> None:
    path = photos / "triangles/triangle-2.png"
    searches.save(filled, "one", like(filled, path, k=3))
    expected = searches.run(filled, "one")
    path.unlink()
    sources.import_folders(filled, [photos])
    assert searches.run(filled, "one") == expected


def test_answers_are_tagged_at_once(filled: Project, photos: Path) -> None:
    question = like(filled, photos / "discs/disc-1.png", k=3)
    found = {one.image_id for one in search.ask(filled, question)}
    assert searches.tag(filled, question, "alike") & Changes.TAGS
    tagged = images.list_ids(filled, Filter(tags=frozenset({"alike"})))
    assert set(tagged.tolist()) == found
    history.undo(filled)
    assert tags.list_tags(filled) == []


def test_answers_as_a_table(filled: Project, photos: Path, tmp_path: Path) -> None:
    question = like(filled, photos / "discs/disc-1.png", k=3)
    assert searches.export_csv(filled, question, tmp_path / "out.csv") == 3
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = search.ask(filled, question)
    assert [row["path"] for row in rows] == [one.path for one in found]
    assert [float(row["score"]) for row in rows] == [one.score for one in found]
    assert [row["x"] for row in rows] == [""] * 3


def test_a_merge_carries_searches_over(
    filled: Project,
    photos: Path,
    tmp_path: Path,
    make_picture: Callable[..., Image.Image],
    fake_encoder: type,
) -> None:
    others = tmp_path / "others"
    (others / "dots").mkdir(parents=True)
    for number in range(4):
        make_picture(60 + number).save(others / "dots" / f"dot-{number}.png")
    with projects.create(tmp_path / "other.lookalike") as theirs:
        theirs.keep("encoder:builtin", fake_encoder)
        sources.import_folders(theirs, [others])
        (source,) = [one.id for one in folders.list_sources(theirs)]
        question = like(
            theirs, others / "dots/dot-0.png", filter=Filter(sources=frozenset({source})), k=9
        )
        searches.save(theirs, "dots", question)
        contents = images.content_ids(theirs, images.list_ids(theirs))[:2]
        among = Filter(contents=tuple(contents.tolist()))
        searches.save(theirs, "two", like(theirs, others / "dots/dot-3.png", filter=among))
        searches.save(theirs, "same name", question)
    searches.save(filled, "same name", like(filled, photos / "discs/disc-1.png"))
    report = merge.merge(filled, tmp_path / "other.lookalike")
    assert report.searches == 2
    assert any("same name" in one and "search" in one for one in report.conflicts)
    for name, count in (("dots", 3), ("two", 2)):
        found = searches.run(filled, name)
        assert len(found) == count
        assert all(Path(one.path).parent == others / "dots" for one in found)
    assert merge.merge(filled, tmp_path / "other.lookalike").searches == 0
