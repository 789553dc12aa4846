"""How long from the user's wish until the window shows what was found, for every kind of search.

`lookalike bench queries --size 100000 --json` makes a catalogue (`_million.py`) whose embedding has the dimension
of the built-in encoder, 2,048: clustered vectors drawn from one seed, a tenth of their length noise, ten tiles of
128 numbers for each content, thumbnails for all, an index as an import makes it. Its first 64 images have files, of
1,600 x 1,200 pixels. A window of its own process (`_queries.py`) asks each kind of search 20 times, after two
that do not count, one kind after the other and round again:

- `p50_ms`, `p95_ms`: from the call that the key or the button makes until the grid is painted with the new listing,
  thumbnails not waited for; `pictures_p95_ms`: until all thumbnails on screen are there.
- `cpu_p50_ms`: the processor time that this took in all threads of the window's process, which others on a busy
  machine lengthen less. `load` is the machine's, at the end.
- The words are read by a stand-in that gives fixed vectors: what an encoder of words takes comes on top.
- `gap_max_ms`: the longest that the window's thread was away at a stretch meanwhile.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

SIZE, FILES = 20_000, 64
TARGET_MS = 100.0
BLOCK = 8_192


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """The figures at ``size`` images."""
    here = Path(__file__).resolve().parent
    sys.path.insert(0, str(here))
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        catalogue = Path(folder) / "asked.lookalike"
        made = make(catalogue, Path(folder) / "files", size or SIZE)
        answer = subprocess.run(
            [sys.executable, str(here / "_queries.py"), str(catalogue), folder],
            cwd=here.parent.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=1_800,
        )
    found = json.loads(answer.stdout.strip().splitlines()[-1])
    kinds = {kind: _figures(times) for kind, times in found["times"].items()}
    return {
        "images": found["images"],
        **made,
        "told": found["told"],
        "kinds": kinds,
        "missed": sorted(kind for kind, one in kinds.items() if one["p95_ms"] > TARGET_MS),
        "gap_max_ms": round(found["gap_max_ms"], 1),
        "load": round(os.getloadavg()[0], 1),
    }


def _figures(times: dict[str, list[float]]) -> dict[str, float]:
    return {
        "p50_ms": round(float(np.median(times["listed"])), 1),
        "p95_ms": round(float(np.percentile(times["listed"], 95)), 1),
        "cpu_p50_ms": round(float(np.median(times["cpu"])), 1),
        "pictures_p95_ms": round(float(np.percentile(times["pictured"], 95)), 1),
    }


def make(catalogue: Path, files: Path, size: int) -> dict[str, Any]:
    """The catalogue with vectors, tiles and index; says what of it took how long."""
    import _million  # beside this file, which is loaded by its path

    from core.operations import indexes
    from core.project import Project

    _make_files(files)
    _million.THUMBNAILS = size
    _million.make_catalogue(catalogue, size, files=files)
    with Project.open(catalogue) as project:
        _write_vectors(project)
        begun_s = time.monotonic()
        indexes.build(project, least_rows=0)
        build_s = time.monotonic() - begun_s
        measured = indexes.measured(project)
    assert measured is not None
    return {"index_build_s": round(build_s, 1), "index_bytes": measured.index_bytes}


def _make_files(folder: Path) -> None:
    random = np.random.default_rng(7)
    folder.mkdir(parents=True)
    for number in range(FILES):
        coarse = Image.fromarray(random.integers(0, 255, (12, 16, 3), np.uint8))
        picture = coarse.resize((1_600, 1_200), Image.Resampling.BICUBIC)
        picture.filter(ImageFilter.GaussianBlur(2)).save(folder / f"{number:03}.jpg", quality=90)


def _write_vectors(project: Any) -> None:
    """Rows about 1,000 centres that lie in 64 dimensions, and tiles about their rows."""
    from core.catalogue import embeddings, tiles
    from core.search.tiles import DIM, boxes, shorten, unit

    random = np.random.default_rng(3)
    with project.read() as session:
        (embedding,) = embeddings.every(session)
        owners = embeddings.owners(session, embedding.id)
    dim, parts = embedding.dim, boxes()
    plane = random.standard_normal((64, dim), dtype=np.float32)
    centres = unit(random.standard_normal((1_000, 64), dtype=np.float32) @ plane)
    basis = np.linalg.qr(random.standard_normal((dim, DIM)))[0].astype(np.float32)
    with project.write() as session:
        tile_set = tiles.add(session, embedding.id, parts, basis, sampled=512)
        tiles.append(session, tile_set, owners.tolist())
    for start in range(0, len(owners), BLOCK):
        count = min(len(owners), start + BLOCK) - start
        near = unit(random.standard_normal((count, 64), dtype=np.float32) @ plane)
        rows = centres[random.integers(0, len(centres), count)] + 0.45 * near
        rows += 0.1 * unit(random.standard_normal((count, dim), dtype=np.float32))
        rows = unit(rows)
        project.vectors(embedding).write(start, rows)
        short = shorten(rows, basis)[:, None]
        noise = random.standard_normal((count, len(parts), DIM), dtype=np.float32)
        cut = unit(short + 0.5 / np.sqrt(DIM) * noise)
        project.tile_vectors(tile_set).write(start * len(parts), cut.reshape(-1, DIM))
