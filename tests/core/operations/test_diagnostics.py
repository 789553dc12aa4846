"""The diagnosis of a catalogue agrees with evaluate and the graph, and holds for a handful of images."""

from pathlib import Path

import numpy as np
import pytest
from comparable_runs import from_pictures, half_way, make_run
from PIL import Image

from core.errors import EncoderError, UsageError
from core.operations import (
    by_class,
    diagnostics,
    evaluate,
    hints,
    neighbours,
    outliers,
    projects,
    sources,
)
from core.project import Project


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


def test_it_agrees_with_evaluate_and_the_graph(filled: Project) -> None:
    found = diagnostics.diagnose(filled)
    assert found.encoder == "builtin" and found.contents == 12 and found.dim == 48
    assert found.by_class is not None
    plain = evaluate.evaluate(filled, "folders")
    for key in ("recall@1", "recall@5", "map@r", "pair_ap"):
        assert found.by_class.overall[key] == plain[key]
    rows = found.by_class.classes
    assert sorted(one.name for one in rows) == ["discs", "squares", "triangles"]
    mean = sum(one.recall_1 * one.images for one in rows) / sum(one.images for one in rows)
    assert mean == pytest.approx(plain["recall@1"], abs=1e-3)
    assert [one.recall_1 for one in rows] == sorted(one.recall_1 for one in rows)
    wrong = sum(one.images for one in found.by_class.confusions)
    assert wrong == round((1 - plain["recall@1"]) * plain["queries"])
    assert all(one.name != one.taken_for for one in found.by_class.confusions)
    # Twelve distinct images have eleven neighbours each.
    assert found.hubness.counts.sum() == 12 * 11 and found.hubness.skewness == 0
    assert found.hubs_total == 0 and len(found.hubs) == 10 and found.hubs[0].count == 11
    assert found.same_images == 12 and found.same_sets == 1 and len(found.same[0]) == 12
    assert found.spectrum.rows == 12 and 1 <= found.spectrum.axes_for(0.9) <= 11
    assert set(found.sentences) == {"dimension", "hubness", "same", "spectrum", "by_class"}
    assert all(one.endswith(".") for one in found.sentences.values())


def test_hubs_and_images_of_the_same_neighbours_have_paths(filled: Project, photos: Path) -> None:
    neighbours.build(filled, k=3)
    found = diagnostics.diagnose(filled)
    assert found.k == 3 and found.hub_limit == 30
    assert [one.count for one in found.hubs] == sorted(
        (one.count for one in found.hubs), reverse=True
    )
    assert all(Path(one.path).is_relative_to(photos) for one in found.hubs)
    document = diagnostics.document(found)
    assert document["hubness"]["antihubs"] == int((found.hubness.counts == 0).sum())
    assert document["by_class"]["labels"] == "folders"
    assert document["spectrum"]["dims_99"] >= document["spectrum"]["dims_90"]


def test_a_share_of_each_class_is_measured_of_many(
    filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_class, "MOST", 7)
    found = by_class.measure(filled)
    assert found.total == 13 and 6 <= found.images <= 9
    assert all(one.images >= 2 for one in found.classes) and len(found.classes) == 3
    assert f"measured on {found.images} of 13 images" in by_class.sentence(found)
    again = by_class.measure(filled)
    assert again == found


def test_labelled_reads_the_vectors_of_its_images(
    filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evaluate.labelled(filled, "folders")
    assert np.allclose(np.linalg.norm(whole.vectors, axis=1), 1, atol=1e-5)
    assert whole.total == len(whole.image_ids) == 13
    monkeypatch.setattr(evaluate, "_BLOCK_ROWS", 3)
    blocks = evaluate.labelled(filled, "folders")
    assert np.array_equal(blocks.vectors, whole.vectors)
    some = evaluate.labelled(filled, "folders", most=6)
    places = np.searchsorted(whole.image_ids, some.image_ids)
    assert np.array_equal(whole.vectors[places], some.vectors)
    assert [whole.names[one] for one in whole.classes[places]] == [
        some.names[one] for one in some.classes
    ]


def test_copies_say_nothing_of_the_dimension(
    filled: Project, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.training import holdout

    monkeypatch.setattr(holdout, "LEAK_COSINE", 0.999)
    before = diagnostics.diagnose(filled).dimension
    for path in sorted((photos / "discs").glob("*.png")):
        with Image.open(path) as picture:
            picture.resize((90, 68)).save(photos / "discs" / f"small {path.name}")
    sources.import_folders(filled, [photos])
    after = diagnostics.diagnose(filled).dimension
    assert before.two_nn is not None and after.two_nn is not None
    assert after.used == before.used == 12
    assert after.two_nn == pytest.approx(before.two_nn, rel=0.2)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_images(project: Project, tmp_path: Path, count: int) -> None:
    for number in range(count):
        (tmp_path / f"kind {number}").mkdir()
        Image.new("RGB", (20, 20), (60 * number, 20, 99)).save(
            tmp_path / f"kind {number}" / "a.png"
        )
    sources.import_folders(project, [tmp_path])
    found = diagnostics.diagnose(project)
    assert found.by_class is None and "nothing to measure" in found.sentences["by_class"]
    document = diagnostics.document(found)
    assert document["contents"] == count and document["by_class"] is None
    numbers = [document["hubness"]["skewness"], document["spectrum"]["effective_rank"]]
    assert np.isfinite(numbers).all()
    with pytest.raises(UsageError, match="nothing to measure"):
        diagnostics.diagnose(project, "folders")


def test_an_empty_catalogue(project: Project) -> None:
    with pytest.raises(EncoderError, match="no vectors"):
        diagnostics.diagnose(project)


def test_half_way_through_an_update_all_of_it_is_of_one_graph(
    filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = outliers.find(filled)
    hinted = hints.find(filled, least=-2)
    from_pictures(monkeypatch)
    make_run(filled, "next")
    half_way(filled)
    # The older encoder has more contents than the newer one yet.
    assert outliers.find(filled) == before
    assert hints.find(filled, least=-2) == hinted
    found = diagnostics.diagnose(filled)
    assert found.encoder == "builtin" and found.contents == 12
    assert found.by_class is not None and found.by_class.images == 13


def test_they_can_be_asked_beside_a_writer(filled: Project) -> None:
    with projects.open(filled.path, write=False) as reader:
        assert [one.path for one in outliers.find(reader)] == [
            one.path for one in outliers.find(filled)
        ]
        assert hints.find(reader).judged == 13
        assert diagnostics.diagnose(reader).contents == 12
