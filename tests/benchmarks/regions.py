"""How many parts of photos find the photo they were cut from, and where in it.

`lookalike bench regions --source FOLDER [--size PHOTOS] [--encoder NAME] --json`: 300 crops of the photos (all, or
so many, evenly spread), of 25 to 60 % of the area, of sides up to 4:3 apart from the photo's, at a random place,
made JPEGs of quality 85 and of 512 px at most, seed 7. Each is asked for as a file; its photo is the only right answer.

- `builtin_whole`: the crop's vector against those of whole photos; `builtin_tiles`: against those of parts as well;
- `network_whole`, `network_tiles`: the same by another encoder. Unless one is named, it is a small network that
  learns here, by this program's `train`, from the photos' folders (`network` says which, and how well it finds
  classes);
- `network_patches`: its feature maps, pooled over the same windows, in place of encoding each of them.

`recall@1`, `recall@10`; `iou` of the box with the true place, mean over the crops whose photo is among the first ten
(without parts, the box is the whole photo). `at_scale`: questions for a part among 100,000 contents made of the
photos' tiles with noise of a length of 0.35 added (`p50_ms`, `p95_ms`: both steps of the search, without encoding the
crop and looking up what the images found are called; `recall@10` of the two steps against comparing all), one thread.
"""

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
CROPS, SEED, MOST_PX, QUALITY = 300, 7, 512, 85
AREA, ASPECT = (0.25, 0.6), 4 / 3
SCALE, NOISE, QUESTIONS = 100_000, 0.35, 100
NETWORK = {"encoder": "small:conv5-64", "depth": "whole", "batch": 64, "steps": 240, "patience": 0}


def run(
    *, size: int | None, with_peers: bool, source: Path | None = None, encoder: str | None = None
) -> dict[str, Any]:
    """The figures of every arm."""
    from core.errors import UsageError
    from core.operations import images, projects, regions, sources
    from core.search.tiles import boxes

    if source is None:
        raise UsageError("Name a folder of photos with --source.")
    found: dict[str, Any] = {"parts": len(boxes())}
    with tempfile.TemporaryDirectory() as folder:
        gallery = _some(source, Path(folder) / "photos", size)
        with projects.create(Path(folder) / "c.lookalike") as project:
            sources.import_folders(project, [gallery])
            ids = images.list_ids(project)
            crops = _make_crops(project, ids, Path(folder) / "crops")
            found |= {"photos": len(ids), "crops": len(crops)}
            found["builtin_whole"] = _measure(project, crops, None, in_parts=False)
            found["tiles_s"] = _timed(lambda: regions.build(project))
            found["builtin_tiles"] = _measure(project, crops, None, in_parts=True)
            _tell("builtin", found)
            found |= _by_network(project, crops, encoder)
            found["at_scale"] = _at_scale(project, Path(folder))
    return found


def _some(source: Path, target: Path, size: int | None) -> Path:
    """The folder itself, or links to ``size`` of its photos."""
    if size is None:
        return source.absolute()
    files = sorted(one for one in source.absolute().rglob("*") if one.suffix.lower() == ".jpg")
    for place in np.linspace(0, len(files) - 1, min(size, len(files))).astype(int):
        link = target / files[place].relative_to(source.absolute())
        link.parent.mkdir(parents=True, exist_ok=True)
        link.write_bytes(files[place].read_bytes())
    return target


def _make_crops(
    project: Any, ids: NDArray[np.int64], folder: Path
) -> list[tuple[Path, int, tuple[float, ...]]]:
    """(file, content it was cut from, where) of every crop."""
    from core.operations import images

    folder.mkdir()
    random = np.random.default_rng(SEED)
    crops = []
    for number, image_id in enumerate(random.choice(ids, min(CROPS, len(ids)), replace=False)):
        (described,) = images.describe(project, [int(image_id)])
        area = random.uniform(*AREA)
        shape = np.exp(random.uniform(-np.log(ASPECT), np.log(ASPECT)))
        width = min(1.0, float(np.sqrt(area * shape)))
        height = min(1.0, area / width)
        x, y = random.uniform(0, 1 - width), random.uniform(0, 1 - height)
        picture = Image.fromarray(images.picture(project, int(image_id), 4096))
        w, h = picture.size
        cut = picture.crop(
            (round(x * w), round(y * h), round((x + width) * w), round((y + height) * h))
        )
        cut.thumbnail((MOST_PX, MOST_PX), Image.Resampling.LANCZOS)
        path = folder / f"{number:03}.jpg"
        cut.save(path, quality=QUALITY)
        crops.append((path, described.content_id, (x, y, width, height)))
    return crops


def _measure(
    project: Any, crops: list[Any], encoder: str | None, *, in_parts: bool
) -> dict[str, float]:
    from core.operations import search
    from core.search import question as asking
    from core.search.question import Question

    region = (0.0, 0.0, 1.0, 1.0) if in_parts else None
    ranks, overlaps = [], []
    for path, content_id, box in crops:
        question = Question((asking.of_file(path, region=region),), k=10, encoder=encoder)
        hits = search.ask(project, question)
        rank = next((at for at, one in enumerate(hits) if one.content_id == content_id), 10)
        ranks.append(rank)
        if rank < 10:
            overlaps.append(iou(hits[rank].box or (0.0, 0.0, 1.0, 1.0), box))
    return _figures(np.array(ranks), overlaps)


def _figures(ranks: NDArray[np.int64], overlaps: list[float]) -> dict[str, float]:
    return {
        "recall@1": round(float((ranks < 1).mean()), 4),
        "recall@10": round(float((ranks < 10).mean()), 4),
        "iou": round(float(np.mean(overlaps)), 4) if overlaps else 0.0,
    }


def iou(a: Any, b: Any) -> float:
    """Shared area of two boxes (x, y, width, height) over that of both together."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    return float(shared / (a[2] * a[3] + b[2] * b[3] - shared))


def _by_network(project: Any, crops: list[Any], encoder: str | None) -> dict[str, Any]:
    from core.operations import embeddings, regions, training
    from core.training.settings import Settings

    found: dict[str, Any] = {"network": {"encoder": encoder}}
    if encoder is None:
        result = training.train(project, Settings(**NETWORK), name="parts").document  # type: ignore[arg-type]
        encoder = "run:parts"
        found["network"] = {
            "encoder": NETWORK["encoder"], "steps": result["steps"],
            "seconds": result["seconds"], "recall@1": result["after"]["recall@1"],
        }  # fmt: skip
        _tell("trained", found)
    embeddings.embed(project, encoder)
    found["network_whole"] = _measure(project, crops, encoder, in_parts=False)
    found["network_tiles_s"] = _timed(lambda: regions.build(project, encoder))
    found["network_tiles"] = _measure(project, crops, encoder, in_parts=True)
    found["network_patches"] = _by_patches(project, crops, encoder)
    return found


def _by_patches(project: Any, crops: list[Any], encoder: str) -> dict[str, float] | None:
    """Feature maps of whole photos pooled over the windows, against that of the crop pooled as a whole."""
    from core.catalogue import embeddings as rows
    from core.operations.embeddings import require, squares
    from core.operations.questions import loaded
    from core.search.tiles import boxes, unit

    embedding = require(project, encoder)
    model = loaded(project, embedding)
    if not model.has_patches:
        return None
    with project.read() as session:
        content_ids = [int(one) for one in rows.owners(session, embedding.id) if one]
    parts, ids, waiting = [], [], []
    with contextlib.closing(squares(project, model.preprocessing, content_ids, ahead=64)) as found:
        for content_id, square in found:
            if square is not None:
                ids.append(content_id)
                waiting.append(square)
            if len(waiting) == 64:
                parts.append(_pooled(model.encode_patches(np.stack(waiting)), boxes()))
                waiting = []
    if waiting:
        parts.append(_pooled(model.encode_patches(np.stack(waiting)), boxes()))
    gallery = unit(np.concatenate(parts))
    owners = np.array(ids)
    ranks, overlaps = [], []
    for path, content_id, box in crops:
        maps = model.encode_patches(_square(path, model.preprocessing)[None])
        query = unit(_pooled(maps, boxes()[:1]))[0, 0]
        scores = gallery @ query
        own = int(np.flatnonzero(owners == content_id)[0])
        best = scores.max(axis=1)
        ranks.append(int((best > best[own]).sum()))
        if ranks[-1] < 10:
            overlaps.append(iou(boxes()[int(scores[own].argmax())], box))
    return _figures(np.array(ranks), overlaps)


def _square(path: Path, preprocessing: Any) -> NDArray[np.uint8]:
    from core.images.decode import DecodeTask, decode

    _, square = decode(DecodeTask(os.fsencode(path), **preprocessing.square(), only_pixels=True))
    assert square is not None
    return square


def _pooled(maps: Floats, boxes: Any) -> Floats:
    """Means of maps [n, rows, columns, d] over boxes, cells counted by the share that lies inside: [n, boxes, d]."""
    count = maps.shape[1], maps.shape[2]
    pooled = []
    for x, y, width, height in boxes:
        across, down = (
            np.clip(
                np.minimum((np.arange(cells) + 1) / cells, start + length)
                - np.maximum(np.arange(cells) / cells, start), 0, None,
            )
            for cells, start, length in ((count[1], x, width), (count[0], y, height))
        )  # fmt: skip
        weights = np.outer(down, across)
        pooled.append(np.einsum("nrcd,rc->nd", maps, weights / weights.sum()))
    return np.stack(pooled, axis=1).astype(np.float32)


def _at_scale(project: Any, folder: Path) -> dict[str, Any]:
    """Times of the search itself, on tiles made of those of the photos."""
    from core.catalogue import tiles as rows
    from core.operations.embeddings import require
    from core.operations.regions import MOST_BYTES
    from core.parallel import limit_threads
    from core.search.tiles import Tiles, unit
    from core.search.vectors import Vectors

    with project.read() as session:
        tile_set = rows.of_embedding(session, require(project, None).id)
    assert tile_set is not None
    count, dim = len(tile_set.boxes), tile_set.dim
    real = project.tile_vectors(tile_set).read(0, tile_set.contents * count).astype(np.float32)
    random = np.random.default_rng(SEED)
    vectors = Vectors(folder / "scale", dim)
    real = real.reshape(-1, count, dim)
    for start in range(0, SCALE, 4096):
        part = real[np.arange(start, min(SCALE, start + 4096)) % len(real)]
        noise = random.standard_normal(part.shape, dtype=np.float32) * (NOISE / np.sqrt(dim))
        vectors.write(start * count, unit(part + noise).reshape(-1, dim))
    limit_threads(1)
    begun = time.perf_counter()
    stored = Tiles.open(SCALE, count, vectors, most_bytes=MOST_BYTES)
    opened_s = time.perf_counter() - begun
    times, recalls = [], []
    for number in random.integers(0, len(real), QUESTIONS):
        tile = real[number, random.integers(1, count)]
        query = unit(tile + random.standard_normal(dim).astype(np.float32) * NOISE / np.sqrt(dim))
        begun = time.perf_counter()
        first = stored.look(query)
        chosen = np.sort(np.argpartition(-first, 1000)[:1000])
        scores, _ = stored.compare(chosen, query)
        best = chosen[np.argsort(-scores)[:10]]
        times.append(1000 * (time.perf_counter() - begun))
        if len(recalls) < 20:
            exact = Tiles.open(SCALE, count, vectors, most_bytes=0).look(query)
            recalls.append(len(set(best) & set(np.argsort(-exact)[:10])) / 10)
    return {
        "contents": SCALE,
        "p50_ms": round(float(np.percentile(times, 50)), 1),
        "p95_ms": round(float(np.percentile(times, 95)), 1),
        "recall@10": round(float(np.mean(recalls)), 4),
        "open_s": round(opened_s, 2),
        "kept_mb": round(stored.coarse.nbytes / 1e6, 1) if stored.coarse is not None else 0,
        "disk_mb": round(SCALE * count * dim * 2 / 1e6, 1),
    }


def _timed(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return round(time.perf_counter() - begun, 1)


def _tell(what: str, found: dict[str, Any]) -> None:
    sys.stderr.write(f"{what}: {found}\n")
