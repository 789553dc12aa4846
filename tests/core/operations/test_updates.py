"""Updating to a comparable run: at once the default, old vectors standing in, and never a wrong answer meanwhile."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comparable_runs import from_pictures, half_way, make_run
from numpy.typing import NDArray
from PIL import Image

from core.catalogue import embeddings as stored
from core.catalogue import queries
from core.catalogue import updates as under_way
from core.encoders import run_files
from core.errors import UsageError
from core.operations import (
    check,
    coverage,
    duplicates,
    embeddings,
    encoders,
    evaluate,
    images,
    info,
    layouts,
    neighbours,
    projects,
    runs,
    search,
    sources,
    training,
    updates,
)
from core.project import Project
from core.training.settings import Settings


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    """Twelve contents, embedded by the fake, and a run that is comparable with it."""
    sources.import_folders(project, [photos])
    make_run(project, "next")
    return project


@pytest.fixture
def no_base(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors come from pictures."""
    from_pictures(monkeypatch)


def vectors_of(project: Project, encoder: str) -> dict[int, NDArray[np.float32]]:
    """Stored vectors of one encoder by content."""
    embedding = next(one for one in embeddings.list_embeddings(project) if one.encoder == encoder)
    with project.read() as session:
        owners = stored.owners(session, embedding.id)
    block = project.vectors(embedding).read(0, len(owners)).astype(np.float32)
    return {int(one): block[row] for row, one in enumerate(owners) if one}


def cosine(row: NDArray[np.float32], asked: NDArray[np.float32]) -> float:
    """As a search gives it: the stored row with a question of length 1."""
    return min(1.0, float(row @ (asked / np.linalg.norm(asked))))


def joined_by_hand(project: Project) -> dict[int, NDArray[np.float32]]:
    return {**vectors_of(project, "builtin"), **vectors_of(project, "run:next")}


def best_by_hand(project: Project, query: NDArray[np.float32], leave_out: int) -> list[float]:
    """Scores of all other images, best first."""
    joined, ids = joined_by_hand(project), images.list_ids(project)
    with project.read() as session:
        content_ids = queries.content_ids(project.index(session), ids)
    found = [
        cosine(joined[int(content)], query)
        for image, content in zip(ids.tolist(), content_ids, strict=True)
        if image != leave_out
    ]
    return sorted(found, reverse=True)


def test_it_is_the_default_at_once_and_finds_what_it_found(filled: Project) -> None:
    before = [
        [one.content_id for one in search.similar_to_images(filled, [image], k=13)]
        for image in images.list_ids(filled).tolist()
    ]
    runs.promote(filled, "next", at_once=True)
    assert encoders.name_of(filled, None) == "run:next"
    assert embeddings.count(filled, None) == 0
    state = updates.state(filled)
    assert state == updates.State("run:next", "builtin", 12, False)
    after = [
        [one.content_id for one in search.similar_to_images(filled, [image], k=13)]
        for image in images.list_ids(filled).tolist()
    ]
    assert before == after
    first = int(images.list_ids(filled)[0])
    assert len(neighbours.of_image(filled, first, 5)) == 5
    layout = layouts.load(filled)
    assert layout is not None and len(layout.image_ids) == 13
    (new,) = [one for one in info.info(filled)["embeddings"] if one["encoder"] == "run:next"]
    assert new["represented_by"] == {"encoder": "builtin", "contents": 12}


def test_half_way_searches_equal_brute_force_over_both(filled: Project, no_base: None) -> None:
    waiting = half_way(filled)
    joined, new = joined_by_hand(filled), vectors_of(filled, "run:next")
    assert len(new) == 12 - waiting
    moved = [cosine(joined[one], vectors_of(filled, "builtin")[one]) for one in new]
    assert max(moved) < 0.995  # so that a row of the wrong encoder would be noticed
    ids = images.list_ids(filled)
    with filled.read() as session:
        content_ids = queries.content_ids(filled.index(session), ids)
    for image, content in zip(ids.tolist(), content_ids.tolist(), strict=True):
        found = search.similar_to_images(filled, [image], k=20)
        assert image not in [one.image_id for one in found] and len(found) == 12
        for hit in found:
            wanted = cosine(joined[hit.content_id], joined[content])
            assert hit.score == pytest.approx(wanted, abs=2e-6)
        expected = best_by_hand(filled, joined[content], image)
        assert [one.score for one in found] == pytest.approx(expected, abs=2e-6)


def test_half_way_a_new_picture_is_asked_by_the_new_encoder(
    filled: Project, no_base: None, tmp_path: Path, make_picture: Any
) -> None:
    half_way(filled)
    picture = make_picture(77, shape=1)
    picture.save(tmp_path / "outside.png")
    rgb = np.asarray(picture)
    by_pixels = search.similar_to_picture(filled, rgb, k=20)
    by_file = search.similar_to_files(filled, [tmp_path / "outside.png"], k=20)
    assert [one.image_id for one in by_pixels] == [one.image_id for one in by_file]
    square = np.asarray(picture.resize((16, 16), Image.Resampling.HAMMING, reducing_gap=2.0))
    query = encoders.load(filled, "run:next").encode_images(square[None])[0]
    scores = sorted((float(one @ query) for one in joined_by_hand(filled).values()), reverse=True)
    assert by_file[0].score == pytest.approx(scores[0], abs=2e-3)


def test_evaluate_and_a_graph_made_half_way_are_over_both(filled: Project, no_base: None) -> None:
    waiting = half_way(filled)
    measured = evaluate.evaluate(filled, "folders")
    assert measured["encoder"] == "run:next" and measured["by_old_encoder"] >= waiting
    neighbours.build(filled)
    joined = joined_by_hand(filled)
    for image in images.list_ids(filled)[::3].tolist():
        asked = search.similar_to_images(filled, [image], k=6)
        assert neighbours.of_image(filled, image, 6) != []
        for hit in neighbours.of_image(filled, image, 6):
            assert hit.content_id in joined
        for one, other in zip(neighbours.of_image(filled, image, 6), asked, strict=True):
            assert one.score == pytest.approx(other.score, abs=2e-3)


def test_when_all_is_done_nothing_of_the_old_is_used(filled: Project, no_base: None) -> None:
    half_way(filled)
    with pytest.raises(UsageError, match="still stand in"):
        coverage.forget(filled, "builtin")
    updates.go_on(filled)
    assert updates.state(filled) is None
    embedding = embeddings.require(filled, None)
    assert (embedding.encoder, embedding.rows) == ("run:next", 12)
    graph = neighbours.load(filled, embedding)
    assert graph is not None and len(graph.content_ids) == 12
    new = vectors_of(filled, "run:next")
    by_row = {int(one): row for row, one in enumerate(graph.content_ids)}
    for content, row in by_row.items():
        for other, score in zip(graph.neighbour_ids[row], graph.scores[row], strict=True):
            if other:
                assert float(score) == pytest.approx(
                    float(new[content] @ new[int(other)]), abs=2e-3
                )
    coverage.forget(filled, "builtin")
    assert len(search.similar_to_images(filled, [int(images.list_ids(filled)[0])], k=20)) == 12
    assert not check.check(filled).problems
    assert all(one["represented_by"] is None for one in info.info(filled)["embeddings"])


def test_a_roll_back_half_way_goes_back_to_the_old(filled: Project, no_base: None) -> None:
    expected = [one.path for one in search.similar_to_images(filled, [1], k=12)]
    half_way(filled)
    assert runs.can_roll_back(filled) == "builtin"
    runs.rollback(filled)
    assert updates.state(filled) is None
    assert encoders.name_of(filled, None) == "builtin"
    assert [one.path for one in search.similar_to_images(filled, [1], k=12)] == expected
    made = embeddings.count(filled, "run:next")
    runs.promote(filled, "next", at_once=True)  # what was made is kept
    assert updates.state(filled) == updates.State("run:next", "builtin", 12 - made, False)
    encoders.set_default(filled, "builtin")  # another way back
    assert updates.state(filled) is None
    runs.discard(filled, "next")


def test_images_that_come_meanwhile_are_embedded_by_the_new_encoder(
    filled: Project, no_base: None, photos: Path, make_picture: Any
) -> None:
    waiting = half_way(filled)
    make_picture(500, shape=2).save(photos / "triangles" / "later.png")
    sources.import_folders(filled, [photos])
    with filled.read() as session:
        newest = int(stored.owners(session, embeddings.require(filled, None).id).max())
        assert len(under_way.waiting(session)) == waiting  # the import left the rest to the update
    assert newest in vectors_of(filled, "run:next")
    ids = images.list_ids(filled).tolist()
    later = next(one.id for one in images.describe(filled, ids) if one.path.endswith("later.png"))
    assert len(search.similar_to_images(filled, [later], k=20)) == 13
    assert len(neighbours.of_image(filled, later, 20)) == 13  # the graph was made over both
    layout = layouts.load(filled)
    assert layout is not None and len(layout.image_ids) == 14
    runs.promote(filled, "next")  # the rest of it
    assert updates.state(filled) is None and embeddings.count(filled, None) == 13


def test_duplicates_are_the_same_meanwhile(filled: Project) -> None:
    before = duplicates.find(filled)
    runs.promote(filled, "next", at_once=True)
    assert duplicates.find(filled) == before


def test_another_process_that_only_reads_sees_both(filled: Project, no_base: None) -> None:
    half_way(filled)
    expected = [one.score for one in search.similar_to_images(filled, [1], k=12)]
    with projects.open(filled.path, write=False) as reading:
        assert [one.score for one in search.similar_to_images(reading, [1], k=12)] == expected


def test_a_training_that_stayed_comparable_can_be_updated_to(
    tmp_path: Path, make_picture: Any
) -> None:
    """With the real encoder: its key and its dimension are known before it is loaded."""
    for shape, name in enumerate(("discs", "squares", "triangles")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(9):
            picture = make_picture(100 * shape + number, shape=shape)
            picture.save(tmp_path / "photos" / name / f"{number}.png")
    kept = Settings(preset="quick", steps=1, copies=0, augmentation="none", comparable=True)
    with projects.create(tmp_path / "c.lookalike") as project:
        sources.import_folders(project, [tmp_path / "photos"])
        training.train(project, kept, name="kept")
        run = runs.find(project, "kept")
        card = run_files.read(encoders.models_folder(project), "kept")
        assert card is not None and run.result["comparable"]["is_comparable"]
        assert card.comparable_key == embeddings.require(project, "builtin").key
        runs.promote(project, "kept", at_once=True, anyway=True)
        assert embeddings.count(project, None) == 0
        assert len(search.similar_to_images(project, [1], k=30)) == 26
        updates.go_on(project)
        assert updates.state(project) is None and embeddings.count(project, None) == 27
