"""Searches through an index: what is asked for comes, only what is allowed, and never what is gone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.catalogue import embeddings as stored
from core.catalogue.filters import parse_filter
from core.errors import UsageError
from core.jobs import Cancelled, Job
from core.operations import (
    comparing,
    finding,
    galleries,
    images,
    indexes,
    questions,
    search,
    sources,
)
from core.operations.comparing import Comparison
from core.operations.embeddings import require
from core.operations.neighbours import Hit
from core.project import Project

COUNT = 240
DIM = 48


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many small pictures of two classes."""
    root = tmp_path_factory.mktemp("many")
    random = np.random.default_rng(3)
    bases = random.integers(0, 255, (12, 4, 4, 3))
    for number in range(COUNT):
        folder = root / ("even" if number % 2 == 0 else "odd")
        folder.mkdir(exist_ok=True)
        cells = (bases[number % 12] + random.integers(-40, 40, (4, 4, 3))).clip(0, 255)
        picture = Image.fromarray(cells.astype(np.uint8)).resize((16, 16), Image.Resampling.NEAREST)
        picture.save(folder / f"{number:04}.png")
    return root


@pytest.fixture
def filled(project: Project, pictures: Path) -> Project:
    """A catalogue with an index, though it is small."""
    sources.import_folders(project, [pictures])
    indexes.build(project, least_rows=100)
    return project


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often all rows were compared."""
    seen: list[int] = []
    best = Comparison.best

    def counting(self: Comparison, count: int) -> tuple[comparing.Rows, comparing.Cosines]:
        seen.append(1)
        return best(self, count)

    monkeypatch.setattr(Comparison, "best", counting)
    return seen


def ids_of(hits: list[Hit]) -> list[int]:
    return [one.image_id for one in hits]


def overlap(one: list[int], other: list[int]) -> float:
    return len(set(one) & set(other)) / max(1, len(other))


def test_modes_find_what_exact_finds(filled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, shares = counted(monkeypatch), []
    ids = images.list_ids(filled).tolist()[::12]
    embedding = require(filled, None)
    for image_id in ids:
        query = questions.stored(filled, embedding, [image_id])[0]
        true = questions.ranked(filled, embedding, query, 10, None, {image_id}, mode="exact")
        before = len(seen)
        for mode in ("balanced", "fast"):
            found = questions.ranked(filled, embedding, query, 10, None, {image_id}, mode=mode)
            assert len(found) == 10 and image_id not in ids_of(found)
            scores = {one.image_id: one.score for one in true}
            assert all(abs(scores.get(one.image_id, one.score) - one.score) < 2e-6 for one in found)
            shares.append(overlap(ids_of(found), ids_of(true)))
        assert len(seen) <= before + 2
    assert np.mean(shares) > 0.9
    assert len(seen) < 2 * len(ids)  # most were answered by the index


def test_filters_give_as_many_as_were_asked_for(filled: Project) -> None:
    embedding = require(filled, None)
    query = questions.stored(filled, embedding, [images.list_ids(filled)[0]])[0]
    for text, count in (("class:odd", 120), ("000", 10), ("class:even 01", 55)):
        wanted = parse_filter(text)
        true = questions.ranked(filled, embedding, query, COUNT, wanted, set(), mode="exact")
        assert len(true) == count
        for k in (1, 7, 50, COUNT):
            for mode in ("balanced", "fast"):
                found = questions.ranked(filled, embedding, query, k, wanted, set(), mode=mode)
                assert len(found) == min(k, count)
                assert set(ids_of(found)) <= set(ids_of(true))
                assert [one.score for one in found] == sorted(
                    (one.score for one in found), reverse=True
                )


def test_what_is_unlike_all_pictures_is_answered_exactly(
    filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = counted(monkeypatch)
    embedding = require(filled, None)
    query = np.eye(DIM, dtype=np.float32)[3]
    found = questions.ranked(filled, embedding, query, 10, None, set(), mode="fast")
    assert len(seen) == 1
    assert found == questions.ranked(filled, embedding, query, 10, None, set(), mode="exact")


def test_exact_does_not_look_at_the_index(filled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = counted(monkeypatch)
    indexes.choose(filled, "exact")
    search.similar_to_images(filled, [int(images.list_ids(filled)[0])], k=5)
    assert len(seen) == 1 and indexes.mode(filled) == "exact"


def test_new_rows_are_found_before_the_index_is_made_anew(
    filled: Project, pictures: Path, tmp_path: Path
) -> None:
    more = tmp_path / "more"
    more.mkdir()
    for name in ("0000.png", "0024.png"):
        with Image.open(pictures / "even" / name) as picture:
            changed = np.asarray(picture).copy()
        changed[0, 0] = 255 - changed[0, 0]
        Image.fromarray(changed).save(more / name)
    sources.import_folders(filled, [more])
    embedding = require(filled, None)
    with filled.read() as session:
        gallery = galleries.of(filled, session, embedding)
    index = indexes.held(filled, embedding).index
    assert index is None  # the import made it anew, and found the catalogue small
    indexes.build(filled, least_rows=100)
    index = indexes.held(filled, embedding).index
    assert index is not None and index.card.rows == COUNT + 2 == len(gallery.owners)


def test_rows_after_the_index_and_holes_in_it(filled: Project) -> None:
    embedding = require(filled, None)
    vectors = filled.vectors(embedding)
    first = vectors.read(0, 1).astype(np.float32)
    vectors.write(COUNT, np.concatenate([first, first]))
    with filled.read() as session:
        gallery = galleries.of(filled, session, embedding)
    owners = np.concatenate([gallery.owners, [1_001, 1_002]]).astype(np.int32)
    owners[[0, 5]] = 0
    grown = galleries.Gallery(embedding, owners, vectors)
    index = indexes.held(filled, embedding).index
    assert index is not None and indexes.serves(index, embedding, owners)
    assert indexes.is_fresh(index, embedding, owners)
    numbers, cosines = finding.finder(filled, grown, owners != 0, first[0], "balanced")(12)
    assert numbers[:2].tolist() == [COUNT, COUNT + 1] and cosines[1] == pytest.approx(1, abs=1e-3)
    assert len(numbers) == 12 and not {0, 5} & set(numbers.tolist())
    many = np.concatenate([gallery.owners, np.arange(1_001, 1_011)]).astype(np.int32)
    assert indexes.serves(index, embedding, many) and not indexes.is_fresh(index, embedding, many)
    gone = gallery.owners.copy()
    gone[::3] = 0
    assert indexes.serves(index, embedding, gone) and not indexes.is_fresh(index, embedding, gone)


def other(owners: NDArray[np.int32]) -> NDArray[np.int32]:
    changed = owners.copy()
    changed[7] = 900
    return changed


def test_an_index_of_other_rows_is_not_used(filled: Project) -> None:
    embedding = require(filled, None)
    with filled.read() as session:
        owners = stored.owners(session, embedding.id)
    index = indexes.held(filled, embedding).index
    assert index is not None and indexes.serves(index, embedding, owners)
    assert not indexes.serves(index, embedding, other(owners))
    assert not indexes.serves(index, embedding, owners[:-1])
    compacted = replace(embedding, generation=embedding.generation + 1)
    assert not indexes.serves(index, compacted, owners)
    assert not indexes.serves(index, replace(embedding, key="another"), owners)


def test_a_torn_index_is_made_anew_and_answers_stay(filled: Project) -> None:
    embedding = require(filled, None)
    ids = images.list_ids(filled).tolist()
    query = questions.stored(filled, embedding, [ids[0]])[0]
    true = ids_of(questions.ranked(filled, embedding, query, 10, None, set(), mode="exact"))
    place = filled.path / "cache" / f"search-{embedding.id}.npz"
    assert place.exists()
    place.write_bytes(place.read_bytes()[:100])
    assert indexes.held(filled, embedding).index is None
    assert ids_of(questions.ranked(filled, embedding, query, 10, None, set())) == true
    assert indexes.build(filled, least_rows=100, only_if_stale=True)
    assert indexes.held(filled, embedding).index is not None
    assert not indexes.build(filled, least_rows=100, only_if_stale=True)


def test_what_the_user_sees_of_it(filled: Project, project: Project) -> None:
    said = indexes.measured(filled)
    assert said is not None and said.is_fresh and said.rows == COUNT
    assert said.mode == "balanced" and [one.mode for one in said.modes] == ["balanced", "fast"]
    assert said.exact_ms is not None and said.exact_ms > 0 and said.index_bytes > 0
    indexes.build(filled)  # so few rows need none
    small = indexes.measured(filled)
    assert small is not None and not small.modes and not small.is_large and small.is_fresh
    assert not list((filled.path / "cache").glob("search-*"))


def test_without_vectors_there_is_nothing_to_say(project: Project) -> None:
    assert indexes.measured(project) is None
    with pytest.raises(UsageError, match="no way to search"):
        indexes.choose(project, "quick")


def test_a_cancelled_build_keeps_the_old_one(filled: Project) -> None:
    embedding, job = require(filled, None), Job()
    before = indexes.state(filled, embedding)
    job.cancel()
    with pytest.raises(Cancelled):
        indexes.build(filled, least_rows=100, job=job)
    assert indexes.state(filled, embedding) == before is not None


def test_a_reader_uses_it_and_sees_a_new_one(filled: Project, fake_encoder: type) -> None:
    with Project.open(filled.path, write=False) as reader:
        reader.keep("encoder:builtin", fake_encoder)
        embedding = require(reader, None)
        first = indexes.held(reader, embedding).index
        assert first is not None and first is indexes.held(reader, embedding).index
        indexes.build(filled, least_rows=100)
        again = indexes.held(reader, embedding).index
        assert again is not None and again is not first
