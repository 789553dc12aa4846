"""Updating to a comparable run: at once the default, old vectors standing in, and never a wrong answer meanwhile."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file

from core.catalogue import embeddings as stored
from core.catalogue import queries
from core.catalogue import runs as rows
from core.catalogue import updates as under_way
from core.encoders import run_files
from core.encoders.runs import HeadEncoder
from core.errors import UsageError
from core.intake import encoding
from core.jobs import Cancelled, Job
from core.operations import (
    check,
    coverage,
    duplicates,
    embeddings,
    encoders,
    evaluate,
    galleries,
    images,
    info,
    layouts,
    neighbours,
    projects,
    runs,
    search,
    sources,
    updates,
)
from core.project import Project
from core.training import heads
from core.training.settings import Settings

COMPARABLE = {
    "old": 0.8,
    "new": 0.9,
    "old_to_new": 0.85,
    "new_to_old": 0.82,
    "is_comparable": True,
    "sentence": "Its vectors can be compared with those of builtin.",
}


def make_run(
    project: Project, name: str, *, base: str = "builtin", bend: float = 0.3, **measured: Any
) -> None:
    """A finished run whose head moves vectors of ``base`` a little: comparable, and not the same."""
    embedding = embeddings.require(project, base)
    head = heads.ResidualHead(embedding.dim, embedding.dim, 4)
    with torch.no_grad():
        head.mean.copy_(bend / embedding.dim**0.5 * torch.linspace(-1, 1, embedding.dim))
    folder = run_files.folder(encoders.models_folder(project), name)
    folder.mkdir(parents=True)
    weights = {f"head.{key}": value for key, value in head.state_dict().items()}
    save_file(weights, folder / run_files.WEIGHTS)
    found = {**COMPARABLE, **measured}
    passed = bool(found["is_comparable"])
    card = run_files.RunCard(
        name=name, base=base, base_key=embedding.key, depth="head", dim=embedding.dim,
        feature_dim=embedding.dim, size_px=16, rank=0, head=head.shape, key=f"key of {name}",
        comparable_with=base if passed else "", comparable_key=embedding.key if passed else "",
    )  # fmt: skip
    run_files.write(encoders.models_folder(project), card)
    with project.write() as session:
        rows.add(session, name, status="candidate", settings=Settings(encoder=base).as_json())
        rows.put(session, name, result={"is_better": True, "comparable": found})


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    """Twelve contents, embedded by the fake, and a run that is comparable with it."""
    sources.import_folders(project, [photos])
    make_run(project, "next")
    return project


@pytest.fixture
def no_base(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors come from pictures, a few at a time, as those of a trained network do."""
    monkeypatch.setattr(embeddings, "_from_base", lambda project, encoder, todo, *more: todo)
    monkeypatch.setattr(encoding, "_MOST_ROWS", 1)
    monkeypatch.setattr(encoding, "_LIGHT_PART", 2)
    monkeypatch.setattr(HeadEncoder, "is_light", True)
    monkeypatch.setattr(HeadEncoder, "batch", 2)


class StoppingAt(Job):
    """Cancelled after so many pictures."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def advance(self, count: int = 1) -> None:
        super().advance(count)
        if self.progress.stage == "Re-embedding" and self.progress.done >= self.count:
            self.cancel()


def half_way(project: Project, count: int = 5) -> int:
    """Promote at once and make some of the vectors; how many still wait."""
    runs.promote(project, "next", at_once=True)
    with pytest.raises(Cancelled):
        updates.go_on(project, StoppingAt(count))
    state = updates.state(project)
    assert state is not None and 0 < state.waiting < 12
    return state.waiting


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


def test_near_duplicates_are_compared_by_one_encoder_meanwhile(filled: Project) -> None:
    before = duplicates.find(filled, threshold=0.9)
    runs.promote(filled, "next", at_once=True)
    assert duplicates.find(filled, threshold=0.9) == before
    assert duplicates.find(filled) == duplicates.find(
        filled, threshold=duplicates.DEFAULT_THRESHOLD
    )


def test_what_cannot_be_updated_to(filled: Project) -> None:
    make_run(filled, "bent", is_comparable=False, old_to_new=0.61, new_to_old=0.72)
    with pytest.raises(UsageError, match=r"0\.610 from .* 0\.720 from .* 0\.800") as caught:
        runs.promote(filled, "bent", at_once=True)
    assert "\n" not in str(caught.value)
    make_run(filled, "plain")
    with filled.write() as session:
        rows.put(session, "plain", result={"is_better": True})
    with pytest.raises(UsageError, match="not trained to stay comparable"):
        runs.promote(filled, "plain", at_once=True)
    with filled.write() as session:
        rows.put(session, "plain", result={"is_better": False, "comparable": COMPARABLE})
    with pytest.raises(UsageError, match="not measured to be better"):
        runs.promote(filled, "plain", at_once=True)
    models = encoders.models_folder(filled)
    card = run_files.read(models, "next")
    assert card is not None
    run_files.write(models, replace(card, comparable_key="of another version"))
    with pytest.raises(UsageError, match="are not in this catalogue"):
        runs.promote(filled, "next", at_once=True)
    run_files.write(models, replace(card, dim=7))
    with pytest.raises(UsageError, match="vectors of 7 numbers"):
        runs.promote(filled, "next", at_once=True)
    assert encoders.name_of(filled, None) == "builtin" and updates.state(filled) is None
    runs.promote(filled, "plain", anyway=True)  # as ever
    assert updates.state(filled) is None and embeddings.count(filled, None) == 12


def test_a_chain_goes_one_step_at_a_time(filled: Project) -> None:
    runs.promote(filled, "next", at_once=True)
    make_run(filled, "other")
    with pytest.raises(UsageError, match=r"update to run:next is not complete"):
        runs.promote(filled, "other", at_once=True)
    updates.go_on(filled)
    make_run(filled, "third", base="run:next")
    runs.promote(filled, "third", at_once=True)
    assert updates.state(filled) == updates.State("run:third", "run:next", 12, False)
    with pytest.raises(UsageError, match="trained on 'next' and needs it"):
        runs.discard(filled, "next")
    runs.rollback(filled)
    assert encoders.name_of(filled, None) == "run:next"
    runs.rollback(filled)
    assert encoders.name_of(filled, None) == "builtin"


def test_images_that_only_the_present_default_knows_are_not_hidden(
    filled: Project, photos: Path, make_picture: Any
) -> None:
    make_run(filled, "default")
    runs.promote(filled, "default")
    make_picture(501).save(photos / "discs" / "later.png")
    sources.import_folders(filled, [photos])
    with filled.write() as session:  # as if builtin had not seen it
        old = stored.find(session, "builtin")
        assert old is not None
        owners = stored.owners(session, old.id)
        stored.reset(session, old.id)
        stored.append_owners(session, old, owners[:-1].tolist())
    with pytest.raises(UsageError, match="1 contents have a vector of run:default"):
        runs.promote(filled, "next", at_once=True)


def test_whoever_stopped_it_is_believed(filled: Project) -> None:
    runs.promote(filled, "next", at_once=True)
    updates.stop(filled)
    state = updates.state(filled)
    assert state is not None and state.is_stopped
    updates.go_on(filled)
    assert updates.state(filled) is None


def test_files_that_are_away_stay_found_by_their_old_vectors(
    filled: Project, no_base: None, photos: Path
) -> None:
    runs.promote(filled, "next", at_once=True)
    (photos / "squares" / "square-1.png").rename(photos / "away")
    updates.go_on(filled)
    state = updates.state(filled)
    assert state is not None and state.waiting == 1
    assert len(search.similar_to_images(filled, [1], k=20)) == 12
    (photos / "away").rename(photos / "squares" / "square-1.png")
    updates.go_on(filled)
    assert updates.state(filled) is None


def test_another_process_that_only_reads_sees_both(filled: Project, no_base: None) -> None:
    half_way(filled)
    expected = [one.score for one in search.similar_to_images(filled, [1], k=12)]
    with projects.open(filled.path, write=False) as reading:
        assert [one.score for one in search.similar_to_images(reading, [1], k=12)] == expected


SCRIPT = """
import sys, time
sys.path[:0] = sys.argv[2:]
from conftest import FakeEncoder
from core.encoders.runs import HeadEncoder
from core.intake import encoding
from core.operations import embeddings, projects, updates

embeddings._from_base = lambda project, encoder, todo, *more: todo
encoding._MOST_ROWS, encoding._LIGHT_PART = 1, 1
encode, HeadEncoder.is_light, HeadEncoder.batch = HeadEncoder.encode_images, True, 1

def slowly(self, pixels):
    time.sleep(0.15)
    return encode(self, pixels)

HeadEncoder.encode_images = slowly
from pathlib import Path
with projects.open(Path(sys.argv[1])) as project:
    project.keep("encoder:builtin", FakeEncoder)
    print("begun", flush=True)
    updates.go_on(project)
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
def test_a_kill_in_the_middle_costs_nothing(
    tmp_path: Path, photos: Path, fake_encoder: type[Any]
) -> None:
    path = tmp_path / "c.lookalike"
    with projects.create(path) as project:
        project.keep("encoder:builtin", fake_encoder)
        sources.import_folders(project, [photos])
        make_run(project, "next")
        runs.promote(project, "next", at_once=True)
    tests = Path(__file__).parents[2]
    command = [
        sys.executable,
        "-c",
        SCRIPT,
        str(path),
        str(tests),
        str(tests / "helpers"),
        str(tests.parent),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        until_s = time.monotonic() + 60
        while _made(path) < 4:
            assert time.monotonic() < until_s and process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    copy = tmp_path / "copy.lookalike"
    shutil.copytree(path, copy, ignore=shutil.ignore_patterns("writer.lock"))
    with projects.open(path) as project:
        project.keep("encoder:builtin", fake_encoder)
        state = updates.state(project)
        assert state is not None and 0 < state.waiting <= 8 and not state.is_stopped
        assert len(search.similar_to_images(project, [1], k=20)) == 12
        with project.read() as session:
            owners = galleries.of(project, session, embeddings.require(project, None)).owners
        assert sorted(owners.tolist()) == list(range(1, 13))
        updates.go_on(project)
        assert updates.state(project) is None and embeddings.count(project, None) == 12
        assert not check.check(project).problems
    with projects.open(copy) as project:  # and by the import that comes next, from where it was
        project.keep("encoder:builtin", fake_encoder)
        assert len(embeddings.lacking(project, "run:next")) == state.waiting


def _made(path: Path) -> int:
    with projects.open(path, write=False) as project:
        return next(
            one.rows for one in embeddings.list_embeddings(project) if one.encoder == "run:next"
        )
