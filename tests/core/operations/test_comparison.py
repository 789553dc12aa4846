"""Two encoders over the same images: what both name, who brings more of the same class, and what moved on the map."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import contents
from core.catalogue import neighbours as stored
from core.catalogue.records import Graph
from core.changes import Changes
from core.errors import EncoderError, UsageError
from core.intake.batches import Embedder
from core.operations import (
    comparison,
    comparison_learnt,
    comparison_lists,
    comparison_maps,
    comparison_words,
    embeddings,
    galleries,
    images,
    layouts,
    neighbours,
    sources,
    taking_out,
)
from core.project import Project

OTHER = "timm:resnet18@other.safetensors"
COUNT = 36
Embed = Callable[..., None]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small pictures in three classes, which the fake encoder cannot tell apart."""
    folder = tmp_path_factory.mktemp("shelf")
    random = np.random.default_rng(5)
    for number in range(COUNT):
        place = folder / "abc"[number % 3]
        place.mkdir(exist_ok=True)
        pixels = random.integers(0, 255, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(place / f"{number:02}.png")
    return folder


@pytest.fixture
def filled(project: Project, shelf: Path) -> Project:
    sources.import_folders(project, [shelf])
    return project


def embed(project: Project, name: str = OTHER, *, pull: float = 4.0, count: int = COUNT) -> None:
    """Vectors in which classes lie together, of the first so many contents, and their graph."""
    with project.read() as session:
        ids = [int(one) for one in contents.in_use(session)][:count]
    of_content = class_of(project)
    kinds = np.array(["abc".index(of_content[one]) for one in ids])
    rows = np.random.default_rng(1).normal(size=(len(ids), 8)).astype(np.float32)
    rows += pull * np.eye(8, dtype=np.float32)[kinds]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    class Net:
        key, dim = f"key of {name}", 8

    Net.name = name  # type: ignore[attr-defined]
    embedder = Embedder.open(project, Net)  # type: ignore[arg-type]
    with project.write() as session:
        embedder.append(project, session, ids, rows)
    neighbours.build(project, encoder=name)


def class_of(project: Project) -> dict[int, str]:
    every = images.describe(project, images.list_ids(project).tolist())
    return {one.content_id: one.class_name for one in every}


def named(project: Project, encoder: str, k: int) -> dict[int, list[int]]:
    found = embeddings.find(project, encoder)
    assert found is not None
    graph = neighbours.load(project, found)
    assert graph is not None
    rows = graph.neighbour_ids[:, :k].tolist()
    return {int(one): row for one, row in zip(graph.content_ids, rows, strict=True)}


def test_it_counts_neighbours_in_common_and_those_of_the_same_class(filled: Project) -> None:
    embed(filled)
    found = comparison.compare(filled, None, OTHER, k=5)
    a, b, kinds = named(filled, "builtin", 5), named(filled, OTHER, 5), class_of(filled)
    same = {one: len(set(a[one]) & set(b[one])) for one in a}
    assert (found.a, found.b, found.k, len(found.content_ids)) == ("builtin", OTHER, 5, COUNT)
    assert (found.only_a, found.only_b, found.source) == (0, 0, "folders")
    assert found.same == pytest.approx(np.mean(list(same.values())))
    assert found.share == pytest.approx(found.same / 5)
    assert found.unchanged == sum(one == 5 for one in same.values())
    assert found.apart == sum(one == 0 for one in same.values())
    gains = [
        sum(kinds[o] == kinds[one] for o in b[one]) - sum(kinds[o] == kinds[one] for o in a[one])
        for one in a
    ]
    assert found.gain is not None and found.gain.value == pytest.approx(np.mean(gains))
    assert found.gain.value > 1 and found.gain.is_sure and found.gain.images == COUNT
    assert found.gain.low is not None and found.gain.high is not None
    assert found.gain.low < found.gain.value < found.gain.high
    assert found.brought == found.dropped == pytest.approx(5 - found.same)
    assert found.brought_own - found.dropped_own == pytest.approx(found.gain.value)
    assert [name for name, _ in found.by_class[:3]] == sorted(
        "abc", key=lambda one: -dict(found.by_class)[one].value
    )
    told = comparison_words.sentences(found)
    assert f"{found.same:.1f} of 5 neighbours are the same" in told["overlap"]
    assert "more of the same class among 5 (95 % interval +" in told["gain"]
    back = comparison.compare(filled, OTHER, "builtin", k=5)
    assert back.gain is not None and back.gain.value == pytest.approx(-found.gain.value)
    assert "fewer of the same class" in comparison_words.sentences(back)["gain"]


def test_where_they_differ_most_comes_first_with_both_lists(filled: Project) -> None:
    embed(filled)
    found = comparison.compare(filled, None, OTHER, k=5)
    places = comparison_lists.ranked(found, "differ", 9)
    shares = found.agreement.share
    assert len(places) == 9 and shares[places].tolist() == sorted(shares)[:9]
    rows = comparison_lists.lists(filled, found, places)
    a, b, kinds = named(filled, "builtin", 5), named(filled, OTHER, 5), class_of(filled)
    for row in rows:
        one = row.content_id
        assert [o.content_id for o in row.a] == a[one] and [o.content_id for o in row.b] == b[one]
        assert [o.is_alone for o in row.a] == [o not in b[one] for o in a[one]]
        assert [o.is_alone for o in row.b] == [o not in a[one] for o in b[one]]
        assert [o.is_own for o in row.b] == [kinds[o] == kinds[one] for o in b[one]]
        assert row.same == len(set(a[one]) & set(b[one])) and row.of == 5
        assert row.class_name == kinds[one] and Path(row.path).parent.name == kinds[one]
        scores = [o.score for o in row.b]
        assert scores == sorted(scores, reverse=True) and scores[0] > 0.5
    gains = [
        one.gain
        for one in comparison_lists.lists(filled, found, comparison_lists.ranked(found, "gain", 99))
    ]
    assert gains == sorted(gains, reverse=True) and min(gains) > 0
    assert len(gains) == int((found.agreement.gain > 0).sum())
    losses = found.agreement.gain[comparison_lists.ranked(found, "loss", 99)]
    assert losses.tolist() == sorted(found.agreement.gain[found.agreement.gain < 0])
    assert comparison_lists.ranked(found, "differ", 3).tolist() == places[:3].tolist()


def test_only_what_both_know_counts(filled: Project) -> None:
    embed(filled, count=20)
    found = comparison.compare(filled, None, OTHER, k=5)
    assert (len(found.content_ids), found.only_a, found.only_b) == (20, COUNT - 20, 0)
    assert (found.agreement.listed_b == 5).all() and (found.agreement.listed_a <= 5).all()
    gone = comparison_lists.lists(filled, found, np.arange(20))[0]
    taking_out.take_out(filled, [gone.image_id])
    again = comparison.compare(filled, None, OTHER, k=5)
    assert len(again.content_ids) == 19 and gone.content_id not in again.content_ids
    left = comparison_lists.lists(filled, found, np.arange(20))  # of before: left out, not made up
    assert len(left) == 19 and all(o.image_id != gone.image_id for one in left for o in one.a)


def test_what_cannot_be_compared_is_refused_in_one_sentence(filled: Project) -> None:
    with pytest.raises(EncoderError, match="no vectors of"):
        comparison.compare(filled, None, OTHER)
    embed(filled)
    with pytest.raises(UsageError, match="Both are builtin"):
        comparison.compare(filled, None, "builtin")
    with pytest.raises(UsageError, match="between 1 and 100"):
        comparison.compare(filled, None, OTHER, k=0)
    other = embeddings.find(filled, OTHER)
    assert other is not None
    nothing = Graph(
        other.id, 5, np.zeros(0, np.int32), np.zeros((0, 5), np.int32), np.zeros((0, 5), np.float16)
    )
    with filled.write() as session:
        stored.store(session, nothing, made_from="x")
    filled.let_go(f"graph:{other.id}")
    with pytest.raises(UsageError, match="No two images"):
        comparison.compare(filled, None, OTHER)


def test_a_missing_graph_is_named(filled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "build", lambda *_, **__: Changes.NONE)
    embed(filled)
    with pytest.raises(EncoderError, match="no stored neighbours by timm") as error:
        comparison.compare(filled, None, OTHER)
    assert OTHER in str(error.value.remedy)


def test_vectors_that_stand_in_for_others_are_not_compared(
    filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed(filled)
    truly = galleries.of

    def joined(project: Project, session: object, embedding: object) -> object:
        found = truly(project, session, embedding)  # type: ignore[arg-type]
        if found.embedding.encoder == OTHER:
            return galleries.Gallery(
                found.embedding, found.owners, found.vectors, found.embedding, 6
            )
        return found

    monkeypatch.setattr(galleries, "of", joined)
    assert len(comparison.compare(filled, None, OTHER).content_ids) == COUNT - 6


def test_images_that_a_run_learnt_from_do_not_count(
    filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.operations import training
    from core.training.settings import Settings

    done = training.train(filled, Settings(labels="folders", steps=5, dim=8), name="shelf")
    run = f"run:{done.run.name}"
    embeddings.embed(filled, run)
    neighbours.build(filled, encoder=run)
    found = comparison.compare(filled, None, run)
    held = int(done.document["held_out"])
    assert 0 < held < COUNT and int(found.judged.sum()) == held
    assert found.gain is not None and found.gain.images == held
    assert found.is_seen and found.notes == []
    assert f", {held} images that nobody learnt from)" in comparison_words.sentences(found)["gain"]
    assert comparison.compare(filled, run, "builtin").gain is not None
    gathered = comparison_learnt.gather(filled, done.run.settings)
    assert set(found.content_ids[found.judged]) == set(
        gathered.examples.content_ids[gathered.parts.held_out]
    )
    taking_out.take_out(filled, images.list_ids(filled)[:7].tolist())
    late = comparison.compare(filled, None, run)
    assert late.judged.sum() == len(late.content_ids) and "cannot be told" in late.notes[0]


def test_the_maps_lie_over_each_other_and_tell_what_moved(filled: Project) -> None:
    assert comparison_maps.maps(filled, "builtin", "builtin").b is None  # one cannot move
    embed(filled)
    alone = comparison_maps.maps(filled, "builtin", OTHER)
    assert alone.a is not None and alone.b is None and len(alone.image_ids) == COUNT
    assert comparison_maps.maps(filled, OTHER, "builtin").a is None
    assert comparison_maps.lay_out(filled, "builtin", OTHER) == Changes.LAYOUTS
    found = comparison_maps.maps(filled, "builtin", OTHER)
    one, other = layouts.load(filled, "builtin"), layouts.load(filled, OTHER)
    assert one is not None and other is not None and found.method == one.method == other.method
    assert found.a is not None and found.b is not None and found.moved is not None
    assert found.is_continued and other.facts.aligned_with == "builtin"
    assert np.array_equal(found.image_ids, np.sort(one.image_ids))
    rows = np.searchsorted(found.image_ids, one.image_ids)
    assert np.allclose(found.a[rows], one.positions)
    # Turned and scaled alone: distances within b keep their proportions.
    inside = np.linalg.norm(found.b[1:] - found.b[:-1], axis=1)
    at = np.searchsorted(found.image_ids, other.image_ids)
    before = np.empty_like(found.b)
    before[at] = other.positions
    assert np.allclose(inside / inside[0], _steps(before) / _steps(before)[0], rtol=1e-3)
    a, b = found.a - found.a.mean(0), found.b - found.b.mean(0)
    spread = float((a**2).sum())
    assert np.allclose(found.a.mean(0), found.b.mean(0), atol=1e-5)
    assert spread == pytest.approx(float((b**2).sum()), rel=1e-3)  # neither is the smaller one
    best = float((a * b).sum()) / spread
    assert found.residual == pytest.approx(float(((a - best * b) ** 2).sum()) / spread, abs=1e-3)
    for angle in (-0.05, 0.05):  # turned any further they would be less alike
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        assert float((a * (b @ turn)).sum()) < best * spread
    width = float(np.ptp(found.a, axis=0).max())
    assert found.moved == pytest.approx(np.linalg.norm(found.a - found.b, axis=1) / width, abs=1e-5)
    far = comparison_maps.furthest(found, 4)
    assert found.moved[far].tolist() == sorted(found.moved, reverse=True)[:4]
    assert "moved by the vectors" in comparison_words.moved_sentence(found)


def _steps(places: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(places[1:] - places[:-1], axis=1))


def test_a_catalogue_without_classes_is_compared_by_neighbours_alone(
    project: Project, tmp_path: Path
) -> None:
    random = np.random.default_rng(2)
    for number in range(8):
        pixels = random.integers(0, 255, (16, 16, 3)).astype(np.uint8)
        (tmp_path / "flat").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "flat" / f"{number}.png")
    sources.import_folders(project, [tmp_path / "flat"])
    found = comparison.compare(_with_other(project), None, OTHER, source="labels")
    assert found.gain is None and found.by_class == [] and found.k == 7
    assert found.share == 1  # of eight images each has the seven others
    assert comparison_lists.ranked(found, "differ", 5).tolist() == []
    assert "No two images share a class" in comparison_words.sentences(found)["gain"]


def _with_other(project: Project) -> Project:
    with project.read() as session:
        ids = [int(one) for one in contents.in_use(session)]
    rows = np.random.default_rng(1).normal(size=(len(ids), 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    class Net:
        name, key, dim = OTHER, "another", 8

    embedder = Embedder.open(project, Net)  # type: ignore[arg-type]
    with project.write() as session:
        embedder.append(project, session, ids, rows)
    neighbours.build(project, encoder=OTHER)
    return project
