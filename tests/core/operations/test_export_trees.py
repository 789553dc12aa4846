"""Trees of pictures taken away, and read back by what people read them with."""

import csv
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from kept_folders import put_back
from PIL import Image

from core.catalogue import labels as label_rows
from core.errors import ExportError
from core.export import placing
from core.jobs import Job
from core.operations import exports, images, labels, projects, sources, tags
from core.operations.exports import Request
from core.project import Project

TREES = ("imagefolder", "huggingface", "fiftyone")
is_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")


@pytest.fixture
def filled(kept: Path, fill_photos: Any) -> Iterator[Project]:
    """The photos with two tags."""

    def fill(folder: Path) -> None:
        with projects.create(folder / "test.lookalike") as new:
            sources.import_folders(new, [fill_photos(folder / "photos")], embed=False)
            ids = images.list_ids(new)
            tags.add(new, ids[:3], "sharp")
            tags.add(new, ids[2:4], "a;b")

    folder = put_back(kept, "trees", fill)
    with projects.open(folder / "test.lookalike") as opened:
        yield opened


def split(project: Project, *, but_last: bool = False) -> None:
    """Every third image for testing, the others for training."""
    ids = images.list_ids(project)
    parts = {int(one): "test" if place % 3 == 2 else "train" for place, one in enumerate(ids)}
    if but_last:
        parts[int(ids[-1])] = ""
    with project.write() as session:
        label_rows.put_split(session, "labels", parts)


def export(project: Project, out: Path, form: str, what: str = "dataset", **options: str) -> Job:
    job = Job()
    exports.export(project, Request(what, form, out, options=options), job)
    return job


def files_of(out: Path) -> dict[str, str]:
    """SHA-256 of each picture of a tree by its path below it."""
    return {
        one.relative_to(out).as_posix(): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(out.rglob("*"))
        if one.is_file() and one.suffix not in (".csv", ".json", ".jsonl", ".md")
    }


def told(project: Project) -> list[Any]:
    return images.describe(project, images.list_ids(project).tolist())


def index_of(out: Path) -> list[dict[str, str]]:
    with (out / "index.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_image_folder_by_class_opens_in_torchvision(filled: Project, tmp_path: Path) -> None:
    from core.encoders import torchvision_ops

    torchvision_ops.prepare()
    from torchvision.datasets import ImageFolder

    out = tmp_path / "tree"
    shown = exports.preview(filled, Request("dataset", "imagefolder", out))
    assert shown.size_bytes is not None and shown.size_bytes > sum(
        i.size_bytes for i in told(filled)
    )
    export(filled, out, "imagefolder")
    read = ImageFolder(str(out))
    assert read.classes == ["discs", "squares", "triangles"] and len(read) == 13
    by_file = {one["file"]: one for one in index_of(out)}
    assert sorted(by_file) == [Path(one).relative_to(out).as_posix() for one, _ in read.samples]
    assert files_of(out) == {name: one["content"] for name, one in by_file.items()}
    for path, code in read.samples:
        row = by_file[Path(path).relative_to(out).as_posix()]
        assert row["label"] == read.classes[code]
        assert Path(path).stat().st_mtime_ns == Path(row["path"]).stat().st_mtime_ns
    assert shown.rows[0][0] in by_file and [row[0] for row in shown.rows] == list(by_file)


def test_splits_lie_above_classes_and_what_has_none_is_told(
    filled: Project, tmp_path: Path
) -> None:
    split(filled, but_last=True)
    shown = exports.preview(filled, Request("tags", "imagefolder"))
    assert shown.notes == ("Pictures in no split: 1. They lie in the folder unsplit.",)
    export(filled, tmp_path / "c", "imagefolder", "tags")
    rows = index_of(tmp_path / "c")
    assert len(files_of(tmp_path / "c")) == len(rows) == 13
    for row in rows:
        assert row["file"] == f"{row['split'] or 'unsplit'}/{row['label']}/{Path(row['path']).name}"
    export(filled, tmp_path / "s", "imagefolder", by="split")
    assert {Path(one).parent.name for one in files_of(tmp_path / "s")} == {"train", "test", "unsplit"}  # fmt: skip
    export(filled, tmp_path / "t", "imagefolder", by="tag")
    rows = index_of(tmp_path / "t")
    assert [one["file"].split("/")[0] for one in rows[:5]] == ["sharp", "sharp", "a;b", "a;b", "untagged"]  # fmt: skip
    # The first by name has a folder; all of them stand in the table.
    assert rows[2]["tags"] == '["a;b", "sharp"]'


def test_hugging_face_metadata_name_every_file(filled: Project, tmp_path: Path) -> None:
    split(filled)
    out = tmp_path / "hf"
    export(filled, out, "huggingface")
    by_path = {one.path: one for one in told(filled)}
    files = files_of(out)
    seen = {}
    for part in ("train", "test"):
        for line in (out / part / "metadata.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            assert all(isinstance(value, str) for value in row.values())
            one = by_path[row["source"]]
            assert (row["label"], row["sha256"]) == (one.class_name, one.sha256)
            seen[f"{part}/{row['file_name']}"] = row["sha256"]
    assert seen == files and len(files) == 13
    card = (out / "README.md").read_text(encoding="utf-8")
    assert '- split: train\n    path: "train/**"' in card and "'1': \"squares\"" in card


@pytest.mark.skipif(find_spec("datasets") is None, reason="Hugging Face's library is not here")
def test_hugging_face_reads_it(filled: Project, tmp_path: Path) -> None:
    from datasets import load_dataset

    split(filled)
    export(filled, tmp_path / "hf", "huggingface")
    parts = load_dataset(str(tmp_path / "hf"), cache_dir=str(tmp_path / "cache"))
    by_path = {one.path: one for one in told(filled)}
    found = [one for part in ("train", "test") for one in parts[part]]
    assert len(parts) == 2 and len(found) == 13
    for row in found:
        one = by_path[row["source"]]
        assert parts["train"].features["label"].int2str(row["label"]) == one.class_name
        assert row["image"].size == (one.width, one.height) and row["sha256"] == one.sha256


@pytest.mark.skipif(find_spec("fiftyone") is None, reason="FiftyOne is not here")
def test_fiftyone_reads_it(filled: Project, tmp_path: Path) -> None:
    import fiftyone

    split(filled)
    export(filled, tmp_path / "fo", "fiftyone")
    found = fiftyone.Dataset.from_dir(
        str(tmp_path / "fo"), dataset_type=fiftyone.types.FiftyOneDataset
    )
    by_path = {one.path: one for one in told(filled)}
    assert len(found) == 13
    for sample in found:
        assert sample.ground_truth.label == by_path[sample.source].class_name
        assert Path(sample.filepath).is_file()


def test_fiftyone_samples_name_every_file(filled: Project, tmp_path: Path) -> None:
    split(filled)
    out = tmp_path / "fo"
    export(filled, out, "fiftyone")
    samples = json.loads((out / "samples.json").read_text(encoding="utf-8"))["samples"]
    document = json.loads((out / "metadata.json").read_text(encoding="utf-8"))
    assert document["default_classes"] == ["discs", "squares", "triangles"]
    known = {one["db_field"] for one in document["sample_fields"]}
    by_path = {one.path: one for one in told(filled)}
    assert {one["filepath"]: one["sha256"] for one in samples} == files_of(out)
    assert len({one["_id"]["$oid"] for one in samples}) == 13
    for sample in samples:
        assert set(sample) <= known
        one = by_path[sample["source"]]
        assert sample["ground_truth"]["label"] == one.class_name
        assert sample["tags"][1:] == list(one.tags) and sample["tags"][0] in ("train", "test")
        assert (sample["metadata"]["width"], sample["metadata"]["height"]) == (96, 72)
        assert sample["metadata"]["size_bytes"] == one.size_bytes
    groups = [one["duplicate_group"] for one in samples]
    assert sorted(groups, key=str) == [0, 0] + [None] * 11  # the copy and what it is one of


def test_coco_names_images_and_goes_back_as_labels(filled: Project, tmp_path: Path) -> None:
    split(filled)
    out = tmp_path / "coco.json"
    export(filled, out, "coco")
    document = json.loads(out.read_text(encoding="utf-8"))
    name = {one["id"]: one["name"] for one in document["categories"]}
    label = {one["image_id"]: name[one["category_id"]] for one in document["annotations"]}
    root = Path(document["info"]["image_root"])
    by_path = {one.path: one for one in told(filled)}
    for image, note in zip(document["images"], document["annotations"], strict=True):
        path = root / image["file_name"]
        one = by_path[str(path)]
        with Image.open(path) as picture:
            assert picture.size == (image["width"], image["height"])
        assert label[image["id"]] == one.class_name and image["split"] in ("train", "test")
        assert image["sha256"] == one.sha256 and note["bbox"] == [0, 0, 96, 72]
    assert len(document["images"]) == 13
    export(filled, tmp_path / "splits.json", "coco", "splits")
    with projects.create(tmp_path / "other.lookalike") as other:
        sources.import_folders(other, [root], embed=False)
        report = labels.apply_labels(other, out)
        assert (report.kept, report.classes, report.left_out) == (13, 3, [])


@pytest.mark.parametrize("form", TREES)
def test_links_are_the_very_files_and_symbolic_ones_where_they_cannot_be(
    filled: Project, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = export(filled, tmp_path / "hard", form, pictures="link")
    for one in files_of(tmp_path / "hard"):
        assert (tmp_path / "hard" / one).stat().st_nlink > 1
    assert any("Hard links: 13" in note for note in job.notes)

    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(placing.os, "link", refuse)
    export(filled, tmp_path / "soft", form, pictures="link")
    assert all((tmp_path / "soft" / one).is_symlink() for one in files_of(tmp_path / "soft"))
    monkeypatch.setattr(placing.os, "symlink", refuse)
    job = export(filled, tmp_path / "copy", form, pictures="link")
    assert any("nothing can be linked there: 13" in note for note in job.notes)
    trees = [files_of(tmp_path / name) for name in ("hard", "soft", "copy")]
    assert trees[0] == trees[1] == trees[2] and len(trees[0]) == 13


@pytest.mark.parametrize("form", TREES)
def test_what_is_gone_or_changed_is_told(filled: Project, tmp_path: Path, form: str) -> None:
    by_name = {one.name: Path(one.path) for one in told(filled)}
    by_name["disc-1.png"].unlink()
    os.utime(by_name["disc-2.png"], ns=(1, 1))  # touched, and still the same
    by_name["disc-3.png"].write_bytes(by_name["disc-2.png"].read_bytes() + b"more")
    out = tmp_path / "out"
    job = Job()
    written = exports.export(filled, Request("dataset", form, out), job)
    assert written.count == len(files_of(out)) == 12
    with (out / "not-exported.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["path", "reason"], [str(by_name["disc-1.png"]), "no such file or directory"]]
    notes = " ".join(job.notes)
    assert "could not be read and are left out: 1," in notes and "disc-1.png" in notes
    assert "changed since they were read: 1," in notes and "disc-3.png" in notes
    assert files_of(out)[next(one for one in files_of(out) if one.endswith("disc-3.png"))]
    # Once the catalogue knows that it is gone, it is told beforehand.
    sources.import_folders(filled, [by_name["disc-1.png"].parent.parent], embed=False)
    shown = exports.preview(filled, Request("dataset", form))
    assert shown.count == 12
    assert shown.notes == ("Images that were gone at the last look, which are left out: 1.",)


def test_where_no_picture_can_be_read_nothing_is_written(filled: Project, tmp_path: Path) -> None:
    (root,) = sources.list_sources(filled)
    Path(root.path).rename(tmp_path / "elsewhere")
    shown = exports.preview(filled, Request("dataset", "imagefolder"))
    assert shown.notes == (
        f"{root.path} is not there now. Pictures of it, which cannot be read: 13.",
    )
    with pytest.raises(ExportError, match="None of the pictures"):
        export(filled, tmp_path / "out", "imagefolder")
    assert not (tmp_path / "out").exists()


@is_linux
@pytest.mark.parametrize("form", TREES)
def test_odd_and_equal_names_all_arrive(
    project: Project, make_picture: Any, tmp_path: Path, form: str
) -> None:
    names = (
        b"a/x.png", b"a/X.png", b"a/sub/x.png", b"a/CON.png", b"a/co:lon?.png", b"a/tail. .png", b"a/.dot.png",
        b"a/caf\xe9.png", b"a/cafe\xcc\x81.png", b"a/caf\xc3\xa9.png", b"a/noending", b"b:1/x.png", b"b?1/x.png",
        b"B_1/x.png", b"index.csv/x.png",
    )  # fmt: skip
    for number, name in enumerate(names):
        path = tmp_path / "odd" / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        make_picture(number).save(path, "PNG")
    sources.import_folders(project, [tmp_path / "odd"], embed=False)
    count = len(images.list_ids(project))
    assert count == len(names)
    export(project, tmp_path / "out", form)
    files = files_of(tmp_path / "out")
    assert len(files) == count == len({one.casefold() for one in files})
    assert all(one.isprintable() and not set(one) & set('<>:"\\|?*') for one in files)
    assert all(one.endswith(".png") for one in files)
    assert set(files.values()) == {one.sha256 for one in told(project)}
    # The same names at another time.
    export(project, tmp_path / "again", form)
    assert files_of(tmp_path / "again") == files
    if form == "imagefolder":
        assert {one.split("/")[0] for one in files} == {
            "a",
            "sub",
            "b_1",
            "b_1-2",
            "B_1-3",
            "index-2.csv",
        }


def test_only_chosen_pictures_go(filled: Project, tmp_path: Path) -> None:
    ids = images.list_ids(filled)[[1, 3]]
    request = Request("dataset", "huggingface", tmp_path / "out", image_ids=ids)
    assert exports.export(filled, request).count == 2
    assert set(files_of(tmp_path / "out").values()) == {
        one.sha256 for one in images.describe(filled, ids.tolist())
    }
    with pytest.raises(ExportError, match="None of the chosen"):
        exports.preview(filled, Request("dataset", "coco", filter_text="class:none"))
