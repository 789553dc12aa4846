"""Makes a catalogue of a million images without a million files, for benchmarks of scale.

All of it is drawn from one seed. What a catalogue of that size holds is there: a dozen sources, some two
thousand folders with the names of eight hundred classes, file names of several cameras, dates of twenty
years, exact duplicates (3 %), labels from outside (20 %), tags, missing images and images taken out,
vectors' owners, a neighbour graph, a layout, and thumbnails for the images that come first in path order.
The vectors themselves are a sparse file of zeros unless they are asked for.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.catalogue import embeddings, layouts, neighbours
from core.catalogue.naming import name_key
from core.catalogue.records import Graph, Layout
from core.images.thumbnails import ThumbnailStore
from core.operations import encoders
from core.project import Project
from core.search.vectors import SEGMENT_ROWS

SEED = 20_26
SOURCES = 12
FOLDERS = 2_000
CLASSES = 800
K = 20
THUMBNAILS = 40_000
_BATCH = 50_000
_FIRST_S, _LAST_S = 1_104_537_600, 1_767_225_600  # 2005 to 2026
_FORMATS = np.array(["JPEG", "PNG", "WEBP", "HEIF", "TIFF"])
_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "HEIF": ".heic", "TIFF": ".tif"}
_TAGS = ("keep", "sharp", "to sort", "family", "print", "night", "snow", "sea", "studio", "scan")


def make_files(folder: Path, count: int) -> None:
    """``count`` small JPEG files in folders of 1,000, each of its own bytes."""
    picture = Image.fromarray(np.random.default_rng(SEED).integers(0, 255, (16, 16, 3), np.uint8))
    folder.mkdir(parents=True)
    picture.save(folder / "first.jpg", quality=80)
    data = (folder / "first.jpg").read_bytes()
    (folder / "first.jpg").unlink()
    for number in range(count):
        part = folder / f"roll {number // 1_000:04}"
        if number % 1_000 == 0:
            part.mkdir()
        # Bytes after the end of a JPEG are allowed, and make it a content of its own.
        (part / f"IMG_{number:06}.jpg").write_bytes(data + number.to_bytes(4, "big"))


def make_catalogue(
    path: Path,
    size: int,
    *,
    files: Path | None = None,
    with_vectors: bool = False,
    dim: int | None = None,
) -> None:
    """A catalogue of ``size`` images at ``path``; those of its first source are the files in ``files``.

    Vectors have ``dim`` numbers: by default 64 where they are drawn, else 2,048.
    """
    dim = dim or (64 if with_vectors else 2_048)
    with Project.create(path) as project:
        key = encoders.key_of(project, "builtin")
    places = path.parent / "sources"
    connection = sqlite3.connect(path / "catalogue.sqlite", isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    random = np.random.default_rng(SEED)
    contents = _draw_contents(connection, random, size)
    real = sorted(files.rglob("*.jpg")) if files is not None else []
    _draw_images(connection, random, size, contents, places, files, real)
    _draw_words(connection, random, size)
    connection.execute("COMMIT")
    connection.close()
    with Project.open(path) as project:
        _add_derived(project, random, contents, key, dim, with_vectors=with_vectors)
        _add_thumbnails(project, random)


def add_embedding(path: Path, encoder: str) -> None:
    """Another embedding of a catalogue made here, with a graph and a layout of its own."""
    with Project.open(path) as project:
        with project.read() as session:
            count = len(embeddings.owners(session, embeddings.every(session)[0].id))
        ids = np.arange(1, count + 1)
        random = np.random.default_rng(SEED + 1)
        _add_derived(project, random, ids, f"key of {encoder}", 64, with_vectors=False,
                     encoder=encoder)  # fmt: skip


def _draw_contents(
    connection: sqlite3.Connection, random: np.random.Generator, size: int
) -> NDArray[np.int64]:
    """Rows of contents; returns the content of every image, 3 % of them shared."""
    count = max(1, int(size * 0.97))
    formats = _FORMATS[random.choice(len(_FORMATS), count, p=[0.8, 0.1, 0.05, 0.04, 0.01])]
    hashes, fingerprints = random.bytes(32 * count), random.bytes(8 * count)
    sides = random.integers(600, 6_000, (count, 2)).tolist()
    rows = (
        (
            number + 1, hashes[32 * number : 32 * number + 32], *sides[number],
            str(formats[number]), 1, fingerprints[8 * number : 8 * number + 8], time.time(),
        )
        for number in range(count)
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO contents (id, sha256, width, height, format, frames, perceptual_hash, added_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    shared = random.integers(1, count + 1, size - count)
    return np.concatenate([np.arange(1, count + 1), shared])


def _draw_images(
    connection: sqlite3.Connection,
    random: np.random.Generator,
    size: int,
    contents: NDArray[np.int64],
    places: Path,
    files: Path | None,
    real: list[Path],
) -> None:
    roots = [files if number == 0 and files is not None else places / f"disk {number:02}"
             for number in range(SOURCES)]  # fmt: skip
    for number, root in enumerate(roots):
        root.mkdir(parents=True, exist_ok=True)
        connection.execute(
            "INSERT INTO sources (id, path, raw_path, ignored, added_at, scanned_at)"
            " VALUES (?, ?, ?, 0, ?, ?)",
            (number + 1, str(root), os.fsencode(root), time.time(), time.time()),
        )
    rows = _image_rows(connection, random, size, contents, files, real)
    connection.executemany(
        "INSERT INTO images (id, source_id, folder_id, content_id, name, name_key, raw_path,"
        " mtime_ns, size_bytes, missing_since, removed_at, added_at, revision)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        rows,
    )
    connection.execute("INSERT INTO facts (key, value) VALUES ('revision', '1')")


def _image_rows(
    connection: sqlite3.Connection,
    random: np.random.Generator,
    size: int,
    contents: NDArray[np.int64],
    files: Path | None,
    real: list[Path],
) -> Iterator[tuple[Any, ...]]:
    """First the real files, then drawn ones; their folders are inserted as they are met."""
    now, folder_ids = time.time(), {}

    def folder_id(source_id: int, relative: str) -> int:
        key = (source_id, relative)
        if key not in folder_ids:
            folder_ids[key] = len(folder_ids) + 1
            connection.execute(
                "INSERT INTO folders (id, source_id, path, raw_path, name) VALUES (?, ?, ?, ?, ?)",
                (folder_ids[key], source_id, relative, relative.encode(),
                 relative.rpartition("/")[2]),
            )  # fmt: skip
        return folder_ids[key]

    for number, file in enumerate(real[:size]):
        assert files is not None
        status, relative = file.stat(), file.parent.relative_to(files).as_posix()
        yield (
            number + 1, 1, folder_id(1, relative), int(contents[number]), file.name,
            name_key(file.name), f"{relative}/{file.name}".encode(), status.st_mtime_ns,
            status.st_size, None, None, now,
        )  # fmt: skip
    first = min(size, len(real))
    for start in range(first, size, _BATCH):
        count = min(size, start + _BATCH) - start
        folders = random.integers(0, FOLDERS, count).tolist()
        cameras = random.integers(0, 4, count).tolist()
        suffixes = list(_SUFFIXES.values())
        kinds = random.choice(5, count, p=[0.8, 0.1, 0.05, 0.04, 0.01]).tolist()
        times = random.integers(_FIRST_S, _LAST_S, count).tolist()
        sizes = np.exp(random.normal(14.2, 1.1, count)).astype(np.int64).tolist()
        fates = random.random(count).tolist()
        for place in range(count):
            number, folder = start + place, folders[place]
            stem = (f"IMG_{number:07}", f"DSC{number}", f"scan {number} a", f"{number:x}")
            name = stem[cameras[place]] + suffixes[kinds[place]]
            source_id = 2 + folder % (SOURCES - 1)
            relative = f"{2005 + folder % 20}/class {folder % CLASSES}/roll {folder}"
            relative = relative if folder % 3 else f"class {folder % CLASSES}"
            fate = fates[place]
            yield (
                number + 1, source_id, folder_id(source_id, relative), int(contents[number]), name,
                name_key(name), f"{relative}/{name}".encode(), times[place] * 10**9, sizes[place],
                now if fate < 0.005 else None, now if fate > 0.999 else None, now,
            )  # fmt: skip


def _draw_words(connection: sqlite3.Connection, random: np.random.Generator, size: int) -> None:
    """Labels from outside for a fifth of the images, and tags for a twentieth."""
    connection.executemany(
        "INSERT INTO classes (id, name) VALUES (?, ?)",
        ((number + 1, f"label {number}") for number in range(300)),
    )
    labelled = np.flatnonzero(random.random(size) < 0.2) + 1
    classes = random.integers(1, 301, len(labelled))
    connection.executemany(
        "INSERT INTO image_classes (image_id, class_id) VALUES (?, ?)",
        zip(labelled.tolist(), classes.tolist(), strict=True),
    )
    connection.executemany("INSERT INTO tags (id, name) VALUES (?, ?)", enumerate(_TAGS, start=1))
    for tag_id in range(1, len(_TAGS) + 1):
        tagged = np.flatnonzero(random.random(size) < 0.005) + 1
        connection.executemany(
            "INSERT INTO image_tags (tag_id, image_id) VALUES (?, ?)",
            ((tag_id, image_id) for image_id in tagged.tolist()),
        )


def _add_derived(
    project: Project,
    random: np.random.Generator,
    contents: NDArray[np.int64],
    key: str,
    dim: int,
    *,
    with_vectors: bool,
    encoder: str = "builtin",
) -> None:
    """An embedding of every content, its graph and its layout, as if they had been made."""
    ids = np.arange(1, int(contents.max()) + 1, dtype=np.int32)
    with project.write() as session:
        embedding = embeddings.add(session, encoder=encoder, key=key, dim=dim, precision="float16")
        embeddings.append_owners(session, embedding, ids.tolist())
    store = project.vectors(embedding)
    store.folder.mkdir(parents=True, exist_ok=True)
    for segment, start in enumerate(range(0, len(ids), SEGMENT_ROWS)):
        count = min(len(ids), start + SEGMENT_ROWS) - start
        if with_vectors:
            rows = random.standard_normal((count, dim), dtype=np.float32)
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            store.write(start, rows)
        else:
            with (store.folder / f"{segment:06}.f16").open("wb") as file:
                file.truncate(count * dim * 2)
    with project.read() as session:
        owners, state = embeddings.living(session, embedding.id)
    living = owners[owners != 0]
    others = random.choice(living, (len(living), K))
    scores = np.sort(random.random((len(living), K), dtype=np.float32), axis=1)[:, ::-1]
    graph = Graph(embedding.id, K, living, others, scores.astype(np.float16))
    angle, centres = random.random(len(living)) * 6.283, random.normal(0, 0.35, (200, 2))
    spread = np.stack([np.cos(angle), np.sin(angle)], axis=1) * random.random((len(living), 1))
    positions = (centres[random.integers(0, 200, len(living))] + 0.05 * spread).clip(-1, 1)
    layout = Layout(0, embedding.id, "pca", "{}", living, positions.astype(np.float32))
    with project.write(durable=True) as session:
        neighbours.store(session, graph, made_from=state)
        layouts.store(session, layout, made_from=state)


def _add_thumbnails(project: Project, random: np.random.Generator) -> None:
    """Thumbnails for the contents of the images first in path order, 64 pictures in turn."""
    from io import BytesIO

    from core.catalogue import contents as content_rows
    from core.catalogue.filters import Filter, Sort
    from core.operations import images

    pictures = []
    for _ in range(64):
        coarse = Image.fromarray(random.integers(0, 255, (6, 8, 3), np.uint8))
        out = BytesIO()
        coarse.resize((256, 192), Image.Resampling.BICUBIC).save(out, "JPEG", quality=85)
        pictures.append(out.getvalue())
    ids = images.list_ids(project, Filter(), Sort())[:THUMBNAILS]
    wanted = images.content_ids(project, ids).tolist()
    with project.read() as session:
        hashes = list(content_rows.hashes(session, wanted).values())
    store: ThumbnailStore = project.thumbnails
    store.put((sha, pictures[place % 64]) for place, sha in enumerate(hashes))
