"""Embeddings taken away in every format, and read back by the libraries that people use."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from derived import derive
from kept_folders import put_back
from numpy.typing import NDArray
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import load_file

from core.catalogue import embeddings as rows
from core.catalogue import labels, updates
from core.catalogue.updates import Update
from core.errors import EncoderError, ExportError
from core.export import projector, safetensors_file
from core.export.csv_table import list_cell
from core.jobs import Job
from core.operations import embeddings, exports, images, projects, sources, tags
from core.operations.exports import Request
from core.project import Project

COLUMNS = ["path", "content", "class", "split", "tags"]


@pytest.fixture
def filled(kept: Path, fill_photos, fake_encoder) -> Project:  # type: ignore[no-untyped-def, misc]
    def fill(folder: Path) -> None:
        with projects.create(folder / "test.lookalike") as new:
            new.keep("encoder:builtin", fake_encoder)
            sources.import_folders(new, [fill_photos(folder / "photos")], embed=False)
            derive(new)
            tags.add(new, images.list_ids(new)[:2], "sharp, really")
            tags.add(new, images.list_ids(new)[1:3], "a;b")
            with new.write() as session:
                labels.put_split(session, "labels", {1: "train", 2: "test"})

    folder = put_back(kept, "filled", fill)
    with projects.open(folder / "test.lookalike") as opened:
        yield opened


def expected(project: Project) -> tuple[list[list[str]], NDArray[np.float16]]:
    """Texts and vectors of all images in path order, the plain way."""
    told = images.describe(project, images.list_ids(project).tolist())
    embedding = embeddings.require(project, None)
    with project.read() as session:
        owners = rows.owners(session, embedding.id).tolist()
        parts = labels.split(session, "labels")
    stored = project.vectors(embedding).read(0, embedding.rows)
    texts = [
        [one.path, one.sha256, one.class_name, parts.get(one.id, ""), list_cell(one.tags)]
        for one in told
    ]
    return texts, np.stack([stored[owners.index(one.content_id)] for one in told])


def export(project: Project, out: Path, form: str, **more: object) -> exports.Exported:
    return exports.export(project, Request("embeddings", form, out, **more))  # type: ignore[arg-type]


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_every_format_reads_back(filled: Project, tmp_path: Path, precision: str) -> None:
    texts, vectors = expected(filled)
    assert len(texts) == 13 and len({one[1] for one in texts}) == 12  # a duplicate is there twice
    wanted = vectors.astype(precision)
    for form in ("npy", "parquet", "safetensors", "csv", "projector"):
        written = export(filled, tmp_path / f"e.{form}", form, options={"precision": precision})
        assert written.count == 13 and written.size_bytes > 0

    loaded = np.load(tmp_path / "e.npy", mmap_mode="r")
    assert loaded.dtype == precision and np.array_equal(loaded, wanted)
    assert read_csv(tmp_path / "e.npy.csv") == [COLUMNS, *texts]

    table = parquet.read_table(tmp_path / "e.parquet")
    assert table.column_names == [*COLUMNS, "embedding"]
    flat = table["embedding"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    assert flat.dtype == precision and np.array_equal(flat.reshape(13, -1), wanted)
    read = table.to_pylist()
    assert [[*(one[name] for name in COLUMNS[:4]), list_cell(one["tags"])] for one in read] == texts
    facts = json.loads(table.schema.metadata[b"lookalike"])
    assert facts["encoder"] == "builtin" and facts["precision"] == precision
    assert facts["encoder_key"] == embeddings.require(filled, None).key

    tensors = load_file(tmp_path / "e.safetensors")
    assert list(tensors) == ["embeddings"] and tensors["embeddings"].dtype == precision
    assert np.array_equal(tensors["embeddings"], wanted)
    with safe_open(tmp_path / "e.safetensors", "numpy") as opened:
        metadata = opened.metadata()
    assert json.loads(metadata["paths"]) == [one[0] for one in texts]
    assert json.loads(metadata["contents"]) == [one[1] for one in texts]
    assert metadata["dim"] == "48" and metadata["count"] == "13"

    head, *lines = read_csv(tmp_path / "e.csv")
    assert head == [*COLUMNS, *(f"embedding_{number}" for number in range(48))]
    assert [line[:5] for line in lines] == texts
    assert np.array_equal(np.array([line[5:] for line in lines], dtype=precision), wanted)

    numbers = np.loadtxt(
        tmp_path / "e.projector" / projector.TENSORS, dtype=precision, delimiter="\t"
    )
    assert np.array_equal(numbers, wanted)


def test_the_projector_finds_all_it_needs(filled: Project, tmp_path: Path) -> None:
    texts, _ = expected(filled)
    export(filled, tmp_path / "p", "projector")
    config = (tmp_path / "p" / projector.CONFIG).read_text()
    named = [line.split('"')[1] for line in config.splitlines() if "_path" in line]
    assert named == [projector.TENSORS, projector.METADATA, projector.SPRITE]
    head, *lines = (tmp_path / "p" / projector.METADATA).read_text().splitlines()
    assert head.split("\t") == COLUMNS and [line.split("\t") for line in lines] == texts
    with Image.open(tmp_path / "p" / projector.SPRITE) as sprite:
        assert sprite.size == (4 * 64, 4 * 64)  # 13 pictures: four rows of four
        whole = np.asarray(sprite).astype(int)
    for place, (path, *_) in enumerate(texts):
        with Image.open(path) as picture:
            small = np.asarray(picture.convert("RGB").resize((64, 48))).astype(int)
        top, left = 64 * (place // 4) + 8, 64 * (place % 4)
        assert abs(whole[top : top + 48, left : left + 64] - small).mean() < 12, path
    assert (whole[-64:, 64:] == 128).all()


def test_lost_pictures_are_grey_and_counted(filled: Project, tmp_path: Path) -> None:
    filled.thumbnails.begin_anew()
    lost = Path(expected(filled)[0][1][0])
    lost.unlink()
    job = Job()
    exports.export(filled, Request("embeddings", "projector", tmp_path / "p"), job)
    assert job.notes == ["1 pictures of the sprite are grey: their files cannot be read now."]


@pytest.mark.parametrize(
    ("count", "across", "size"),
    [(1, 1, 64), (16_384, 128, 64), (16_385, 129, 63), (262_144, 512, 16), (262_145, 513, None)],
)
def test_a_sprite_is_no_larger_than_tensorboard_takes(
    count: int, across: int, size: int | None
) -> None:
    assert projector.columns(count) == across and projector.cell_px(count) == size
    assert size is None or across * size <= 8_192


def test_some_images(filled: Project, tmp_path: Path) -> None:
    texts, vectors = expected(filled)
    kept = [place for place, one in enumerate(texts) if one[2] == "squares"]
    export(filled, tmp_path / "a.npy", "npy", filter_text="class:squares")
    assert np.array_equal(np.load(tmp_path / "a.npy"), vectors[kept].astype(np.float32))
    chosen = images.list_ids(filled)[[7, 2]]
    export(filled, tmp_path / "b.npy", "npy", image_ids=chosen)
    assert np.array_equal(np.load(tmp_path / "b.npy"), vectors[[2, 7]].astype(np.float32))
    assert [one[0] for one in read_csv(tmp_path / "b.npy.csv")[1:]] == [texts[2][0], texts[7][0]]
    with pytest.raises(ExportError, match="None of the chosen images"):
        export(filled, tmp_path / "c.npy", "npy", filter_text="class:nothing")
    with pytest.raises(EncoderError, match="has no vectors of"):
        export(filled, tmp_path / "c.npy", "npy", encoder="openclip:ViT-B-32@openai")


def test_images_without_a_vector_are_counted(filled: Project, make_picture, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    texts, vectors = expected(filled)
    make_picture(99).save(Path(texts[0][0]).with_name("aa.png"))
    sources.import_folders(filled, [Path(texts[0][0]).parent.parent], embed=False)
    written = export(filled, tmp_path / "a.npy", "npy")
    assert written.count == 13
    assert written.notes[0] == (
        "1 of 14 images have no vector of builtin yet (embed makes them) and are left out."
    )
    assert np.array_equal(np.load(tmp_path / "a.npy"), vectors.astype(np.float32))


def test_vectors_of_the_encoder_before_never_stand_in(filled: Project, tmp_path: Path) -> None:
    """While an update is under way only the rows of the encoder that is asked for are taken."""
    old = embeddings.require(filled, None)
    _, vectors = expected(filled)
    with filled.write() as session:
        new = rows.add(session, encoder="run:new", key="new", dim=old.dim, precision="float16")
        updates.put(session, Update("run:new", "new", old.encoder, old.key, 12))
    with pytest.raises(ExportError, match="None of these images"):
        export(filled, tmp_path / "a.npy", "npy", encoder="run:new")
    with filled.read() as session:
        first = int(rows.owners(session, old.id)[0])
    filled.vectors(new).write(0, np.eye(1, old.dim, dtype=np.float32))
    with filled.write() as session:
        rows.append_owners(session, new, [first])
    written = export(filled, tmp_path / "a.npy", "npy", encoder="run:new")
    assert "the update to it is not through" in written.notes[0]
    loaded = np.load(tmp_path / "a.npy")
    assert len(loaded) == written.count in (1, 2) and (loaded == np.eye(1, old.dim)).all()
    assert export(filled, tmp_path / "b.npy", "npy", encoder="builtin").count == len(vectors)


def test_paths_that_do_not_fit_are_beside(
    filled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, vectors = expected(filled)
    path_bytes = sum(len(one[0]) + 5 for one in texts)
    head = safetensors_file._LEFT_BYTES + 600
    monkeypatch.setattr(safetensors_file, "_HEADER_BYTES", head + path_bytes)
    job, out = Job(), tmp_path / "a.safetensors"
    exports.export(filled, Request("embeddings", "safetensors", out), job)
    with safe_open(out, "numpy") as opened:
        assert json.loads(opened.metadata()["paths"])[0] == texts[0][0]
        assert "contents" not in opened.metadata()
    assert job.notes == [] and not (tmp_path / "a.safetensors.csv").exists()
    monkeypatch.setattr(safetensors_file, "_HEADER_BYTES", head + path_bytes // 2)
    exports.export(filled, Request("embeddings", "safetensors", out), job)
    with safe_open(out, "numpy") as opened:
        assert "paths" not in opened.metadata()
        assert np.array_equal(opened.get_tensor("embeddings"), vectors.astype(np.float32))
    assert read_csv(tmp_path / "a.safetensors.csv")[1:] == texts
    assert "they are in a.safetensors.csv" in job.notes[0]


def test_one_row_after_another_or_all_at_once(
    filled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of any size give the same files."""
    from dataclasses import replace

    from core.operations import export_embeddings, export_materials

    make = export_embeddings.material
    for form in ("npy", "parquet", "safetensors", "csv"):
        export(filled, tmp_path / f"whole.{form}", form)
    small = lambda *given: replace(make(*given), part_rows=5)  # noqa: E731
    monkeypatch.setitem(export_materials._MAKERS, "embeddings", small)
    for form in ("npy", "safetensors", "csv"):
        export(filled, tmp_path / f"parts.{form}", form)
        assert (tmp_path / f"parts.{form}").read_bytes() == (
            tmp_path / f"whole.{form}"
        ).read_bytes()
    export(filled, tmp_path / "parts.parquet", "parquet")
    assert parquet.read_table(tmp_path / "parts.parquet") == parquet.read_table(
        tmp_path / "whole.parquet"
    )


def test_text_that_tables_must_quote(filled: Project, tmp_path: Path) -> None:
    with filled.write() as session:
        labels.put(session, {1: 'a "class", with\ttabs\nand lines'})
    export(filled, tmp_path / "e.csv", "csv")
    export(filled, tmp_path / "p", "projector")
    texts, _ = expected(filled)
    assert [line[:5] for line in read_csv(tmp_path / "e.csv")[1:]] == texts
    lines = (tmp_path / "p" / projector.METADATA).read_text().splitlines()
    assert len(lines) == 14 and all(line.count("\t") == 4 for line in lines)
