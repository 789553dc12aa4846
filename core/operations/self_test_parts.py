"""The parts of the self-test that a bundle may lack: what is imported late, read as a file, or compiled elsewhere."""

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import KnownError
from core.jobs import Job
from core.operations import (
    embeddings,
    encoders,
    exports,
    history,
    images,
    info,
    neighbours,
    projects,
    search,
    tags,
    training,
)
from core.project import Project
from core.training.settings import Settings

Expect = Callable[[bool, str], None]
# Small enough to be made in no time; their weights are random.
PICTURES, WORDS = "timm:test_vit", "openclip:ViT-S-32-alt"
# What is taken away, and read back below: each by another library.
FORMATS = (
    ("embeddings", "npy"),
    ("embeddings", "parquet"),
    ("embeddings", "safetensors"),
    ("neighbours", "npz"),
    ("layout", "csv"),
    ("tags", "coco"),
    ("report", "html"),
)


@contextmanager
def nobodys_places(folder: Path) -> Iterator[None]:
    """Settings, and what is measured of encoders, of nobody: a test leaves nothing in the user's folders."""
    ours = {
        "LOOKALIKE_CONFIG_DIR": str(folder / "config"),
        "LOOKALIKE_DATA_DIR": str(folder / "data"),
    }
    kept = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def migrate(folder: Path, expect: Expect) -> None:
    """A catalogue of the first version opens with everything, and an edit of then can be taken back."""
    packed = (resources.files("resources") / "self_test" / "v1.zip").read_bytes()
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        archive.extractall(folder)
    look_at_old(folder / "v1.lookalike", expect)


def look_at_old(catalogue: Path, expect: Expect) -> None:
    """What the catalogue of the first version held is there, once."""
    with projects.open(catalogue) as project:
        found = info.info(project)
        expect(
            (found["images"], found["contents"], found["pairs"]) == (13, 12, {"different": 1}),
            "an old catalogue lost something when it was brought up to date",
        )
        expect(
            [(one.name, one.count) for one in tags.list_tags(project)] == [("kept", 2)],
            "an old catalogue lost its tags",
        )
        history.undo(project)
        expect(tags.list_tags(project) == [], "an edit of an old catalogue could not be undone")


def encode(project: Project, folder: Path, expect: Expect, job: Job) -> int:
    """Pictures by a network, words by another, and every kind of text tower; returns how many were encoded."""
    embeddings.embed(project, PICTURES, job)
    count = embeddings.count(project, PICTURES)
    contents = info.info(project)["contents"]
    expect(count == contents, f"a network encoded {count} of {contents} pictures")
    neighbours.build(project, encoder=PICTURES, job=job)
    hits = search.similar_to_images(
        project, [int(images.list_ids(project)[0])], k=3, encoder=PICTURES
    )
    expect(len(hits) == 3, "the vectors of a network find nothing")
    words = encoders.load(project, WORDS).encode_words(["a red disc", "a tree"])
    expect(
        len(words) == 2 and bool(np.allclose(np.linalg.norm(words, axis=1), 1, atol=1e-3)),
        "words give no vectors",
    )
    from core.encoders import text_kinds  # torch, open_clip

    text_kinds.try_all(folder)
    return count


def index(expect: Expect) -> None:
    """faiss finds what comparing every row finds."""
    import faiss

    rows = np.random.default_rng(0).normal(size=(500, 16)).astype(np.float32)
    flat = faiss.IndexFlatIP(16)
    flat.add(rows)
    _, found = flat.search(rows[:20], 1)
    best = (rows[:20] @ rows.T).argmax(axis=1)
    expect(bool((found[:, 0] == best).all()), "the search index is wrong")


def learn(project: Project, expect: Expect, job: Job) -> dict[str, Any]:
    """A short training of a head, which brings torch's optimisers; returns what it measured."""
    trained = training.train(project, Settings(steps=20, seed=1), name="self-test", job=job)
    after: dict[str, Any] = trained.document["after"]
    expect(np.isfinite(after["recall@1"]), "a training measured nothing")
    return after


def take_away(project: Project, folder: Path, expect: Expect, job: Job) -> list[str]:
    """Export in every library's format, and read it back; returns the names of the files."""
    count = len(images.list_ids(project))
    names = []
    for what, form in FORMATS:
        suffix = exports.what(what).format(form).suffix
        out = folder / f"{what}-{form}{suffix}"
        exports.export(project, exports.Request(what, form, out), job)
        expect(reads_back(out, form, count), f"{what} as {form} cannot be read back")
        names.append(out.name)
    return names


def reads_back(out: Path, form: str, count: int) -> bool:
    """Whether the file holds what was to be written: a row an image where it has rows."""
    match form:
        case "npy":
            return bool(len(np.load(out)) == count)
        case "parquet":
            import pyarrow.parquet as parquet

            return bool(parquet.read_table(out).num_rows == count)
        case "safetensors":
            from safetensors.numpy import load_file

            return bool(len(load_file(out)["embeddings"]) == count)
        case "npz":
            return bool(np.load(out)["shape"][0] == count)
        case "csv":
            return len(out.read_text(encoding="utf-8").splitlines()) > count
        case "coco":
            return len(json.loads(out.read_text(encoding="utf-8"))["images"]) == count
        case "html":
            text = out.read_text(encoding="utf-8")
            is_whole = text.rstrip().endswith("</html>") and len(text) > 10_000
            return is_whole and "not installed" not in text  # it tells the versions of libraries
    raise KnownError(f"Nothing reads {form} back.")
