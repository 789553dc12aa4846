"""Housekeeping on the command line: source, check, merge, unreadable."""

import csv
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.operations import images, projects


@pytest.fixture
def catalogue(photos: Path, tmp_path: Path, call: Any) -> Path:
    path = tmp_path / "c.lookalike"
    report = call("import", photos, "--catalogue", path, "--no-embed", "--json").document
    assert (report["added"], report["moved"]) == (13, 0)
    return path


def spoil(catalogue: Path) -> None:
    with projects.open(catalogue) as project, project.write() as session:
        session.exec_driver_sql(
            "INSERT INTO embeddings VALUES (1, 'builtin', 'key', 4, 'float16', 0, 7, 0)"
        )


def test_check(call: Any, catalogue: Path) -> None:
    document = call("check", "--catalogue", catalogue, "--json").document
    assert document["problems"] == [] and document["space"]["total"] > 10_000
    assert document.keys() == {"problems", "repaired", "space", "freed_bytes", "notes"}
    assert "The catalogue is sound." in call("check", "--catalogue", catalogue).out
    spoil(catalogue)
    found = call("check", "--catalogue", catalogue, "--json")
    assert found.code == 1 and found.err.startswith("lookalike: 1 problem is left in ")
    (problem,) = json.loads(found.out)["problems"]
    assert problem["kind"] == "vectors" and problem["sentence"]
    assert "problem     The list of the vectors" in call("check", "--catalogue", catalogue).out
    mended = call("check", "--catalogue", catalogue, "--repair", "--compact", "--json").document
    assert mended["problems"] == [] and mended["repaired"] >= 1
    assert call("check", "--catalogue", catalogue).code == 0
    assert call("check", "--catalogue", catalogue.parent / "none").code == 1


def test_a_damaged_database_is_rescued(call: Any, catalogue: Path) -> None:
    spare = (catalogue / "catalogue.sqlite").read_bytes()
    with (catalogue / "catalogue.sqlite").open("r+b") as file:
        for page in range(2, len(spare) // 4096, 9):
            file.seek(page * 4096)
            file.write(os.urandom(4096))
    broken = call("check", "--catalogue", catalogue)
    assert broken.code == 1 and "Traceback" not in broken.err
    mended = call("check", "--catalogue", catalogue, "--repair")
    assert (mended.code, mended.err) == (0, "") or "Nothing can be read" in mended.err
    if mended.code == 0:
        assert "the old file is" in mended.out
        assert call("check", "--catalogue", catalogue).code == 0


def test_sources(call: Any, catalogue: Path, photos: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    photos.rename(moved)
    away = call("import", photos, "--catalogue", catalogue, "--no-embed")
    assert away.code == 1
    assert away.err == (
        f"lookalike: The folder {photos} is not there now; its 13 images are left as they are. "
        "Connect its drive, or re-bind the source.\n"
    )
    answer = call("source", "--catalogue", catalogue, "--json", "rebind", photos, moved)
    assert answer.document == [{"path": str(moved), "images": 13, "watched": False}]
    assert "13 of 13 images lie at the new place" in answer.err
    watched = call("source", "--catalogue", catalogue, "watch", moved)
    assert "(watched)" in watched.out
    assert call("source", "--catalogue", catalogue, "watch", photos).code == 1
    left = call("source", "--catalogue", catalogue, "--json", "unwatch", moved).document
    assert not left[0]["watched"]
    assert call("source", "--catalogue", catalogue, "--json", "remove", moved).document == []


def test_merge(call: Any, catalogue: Path, photos: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.lookalike"
    extra = tmp_path / "extra"
    shutil.copytree(photos / "discs", extra)
    call("import", extra, "--catalogue", other, "--no-embed")
    call("tag", "--catalogue", other, "--add", "theirs", extra / "disc-1.png")
    document = call("merge", "--catalogue", catalogue, other, "--json").document
    assert (document["images"], document["contents"], document["tags"]) == (4, 0, 1)
    assert document["conflicts"] == document["not_taken"] == []
    assert "already" in call("merge", "--catalogue", catalogue, other).out
    assert call("info", "--catalogue", catalogue, "--json").document["images"] == 17
    refused = call("merge", "--catalogue", catalogue, catalogue)
    assert refused.code == 1 and "that is open" in refused.err


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_unreadable(call: Any, catalogue: Path, photos: Path, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(photos) + b"/discs/caf\xe9 = 1.jpg")
    Path(odd).write_bytes(b"")
    call("import", photos, "--catalogue", catalogue, "--no-embed")
    document = call("unreadable", "--catalogue", catalogue, "--json").document
    assert [one["path"] for one in document["unreadable"]] == [
        f"{photos}/discs/broken.jpg",
        f"{photos}/discs/caf\\xe9 = 1.jpg",
    ]
    assert document["unreadable"][1]["kind"] == "empty"
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/faults\xff.csv")
    written = call("unreadable", "--catalogue", catalogue, "--export", strange, "--json").document
    assert written["file"] == f"{tmp_path}/faults\\xff.csv"
    target = tmp_path / "faults.csv"
    exported = call("unreadable", "--catalogue", catalogue, "--export", target, "--json").document
    assert exported["rows"] == 2
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [one["path"] for one in rows] == [one["path"] for one in document["unreadable"]]
    assert rows[1]["size_bytes"] == "0" and rows[1]["modified"].startswith("20")
    assert rows[0].keys() == {"path", "kind", "reason", "size_bytes", "modified"}
    # The file is put right without looking changed; only a retry sees it.
    broken = photos / "discs" / "broken.jpg"
    status = broken.stat()
    good = (photos / "discs" / "disc-1.png").read_bytes()
    broken.write_bytes(good)
    os.utime(broken, ns=(status.st_atime_ns, status.st_mtime_ns))
    again = call("unreadable", "--catalogue", catalogue, "--retry", broken, "--json")
    assert len(again.document["unreadable"]) == 1 and "1 can be read now" in again.err
    Path(odd).unlink()
    assert (
        call("unreadable", "--catalogue", catalogue, "--retry", "--json").document["unreadable"]
        == []
    )
    assert call("unreadable", "--catalogue", catalogue, "--retry", photos / "x").code == 1
    limit = call("unreadable", "--catalogue", catalogue, "--limit-megapixels", 400, "--json")
    assert limit.document["limit_megapixels"] == 400
    assert call("unreadable", "--catalogue", catalogue, "--limit-megapixels", 0).code == 2
    assert call("unreadable", "--catalogue", catalogue, "--limit-megapixels", 1e9).code == 1


def test_what_was_taken_out_is_counted(call: Any, catalogue: Path) -> None:
    with projects.open(catalogue) as project:
        images.take_out(project, images.list_ids(project)[:2])
    document = call("info", "--catalogue", catalogue, "--json").document
    assert (document["images"], document["removed"], document["missing"]) == (11, 2, 0)
    assert document["space"]["total"] > 0
    assert "2 taken out" in call("info", "--catalogue", catalogue).out


def test_a_note_is_told_once(call: Any, catalogue: Path, photos: Path) -> None:
    shutil.rmtree(photos)
    photos.mkdir()
    assert call("import", photos, "--catalogue", catalogue, "--no-embed").err.count("empty") == 1
