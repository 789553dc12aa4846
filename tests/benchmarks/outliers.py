"""How well the oddest images are found: odd ones are put among real photos, and looked for.

`lookalike bench outliers --source FOLDER [--size ROUNDS] --json`. Every image of FOLDER, embedded with `builtin`; a
round (8 of each kind) puts some more among them and ranks all by oddness from the exact graph of 20 neighbours:

- `drawings`: 5 strokes on white paper, drawn by chance; `drawing`: one of them;
- `twins`: 5 of them, each with a copy (cropped by 5 %, four fifths of the size, JPEG of quality 60); `twin`: one;
- `lone`: photos of 10 classes of which only one is left; `lone_pair`: two of each. Classes are names of folders.

Ways to rank: `ours` (`core.search.oddness`); `last`, `mean` and `nearest`: distance to the 20th neighbour, to all 20 on
average, to the first; `scaled`: to the 20th, times all of its ratio to what is usual; `lof`: the local outlier factor
(Breunig et al. 2000); `ratio`: the mean distance by that of the neighbours. Figures are the AUROC of telling those that
were put in, and `found`: the share of them among as many of the oddest, means over the rounds. FOLDER has odd images of
its own, which count as ordinary here.
"""

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

ROUNDS, K, DRAWN = 8, 20, 40
Floats = NDArray[np.float32]


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """By kind and way, AUROC and the share found."""
    if source is None:
        raise SystemExit("lookalike: say where photos in folders by class lie, with --source.")
    vectors, classes, odd, copies = read(source)
    cosines = similarities(np.concatenate([vectors, odd, copies]))
    photos = np.arange(len(vectors))
    drawn, copied = len(photos) + np.arange(DRAWN), len(photos) + DRAWN + np.arange(DRAWN)
    rows: dict[str, dict[str, list[tuple[float, float]]]] = {}
    rounds = size or ROUNDS
    for number in range(rounds):
        random = np.random.default_rng(number)
        chosen = random.permutation(DRAWN)[:5]
        planted = {
            "drawing": drawn[chosen[:1]],
            "drawings": drawn[chosen],
            "twin": np.concatenate([drawn[chosen[:1]], copied[chosen[:1]]]),
            "twins": np.concatenate([drawn[chosen], copied[chosen]]),
        }
        for kind, added in planted.items():
            add(rows, kind, cosines, photos, added)
        for kind, left in (("lone", 1), ("lone_pair", 2)):
            names = random.permutation(np.unique(classes))[:10]
            kept = np.concatenate(
                [random.permutation(np.flatnonzero(classes == one))[:left] for one in names]
            )
            add(rows, kind, cosines, photos[~np.isin(classes, names)], kept)
    found: dict[str, Any] = {"images": len(photos), "rounds": rounds}
    for kind, ways in rows.items():
        found[kind] = {
            way: {"auroc": round(float(a), 4), "found": round(float(b), 4)}
            for way, pairs in ways.items()
            for a, b in [np.mean(pairs, axis=0)]
        }
    return found


def read(source: Path) -> tuple[Floats, NDArray[np.int64], Floats, Floats]:
    """(vectors of the photos, their classes, of drawings, of their copies)."""
    from core.encoders.builtin import Builtin
    from core.images.decode import DecodeTask, pixels
    from core.operations import evaluate, projects, sources

    with (
        tempfile.TemporaryDirectory(prefix="lookalike-bench-") as place,
        projects.create(Path(place) / "c.lookalike") as project,
    ):
        sources.import_folders(project, [source])
        found = evaluate.labelled(project, "folders")
    encoder = Builtin()
    task = DecodeTask(b"", **encoder.preprocessing.square())
    drawings = [draw(number) for number in range(DRAWN)]
    made = [
        encoder.encode_images(np.stack([pixels(one, task) for one in pictures]))
        for pictures in (drawings, [copy_of(one) for one in drawings])
    ]
    return found.vectors, found.classes, made[0], made[1]


def draw(number: int) -> Image.Image:
    """Some strokes of a pen on white paper."""
    random = np.random.default_rng([26, number])
    picture = Image.new("RGB", (280, 280), "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(2, 6))):
        points = [
            (float(x), float(y))
            for x, y in random.uniform(30, 250, (int(random.integers(2, 6)), 2))
        ]
        pen.line(points, fill="black", width=int(random.integers(4, 12)), joint="curve")
    return picture


def copy_of(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    part = picture.crop(
        (round(0.03 * width), round(0.03 * height), round(0.98 * width), round(0.97 * height))
    )
    held = io.BytesIO()
    part.resize((4 * width // 5, 4 * height // 5)).save(held, "JPEG", quality=60)
    return Image.open(held)


def similarities(vectors: Floats) -> Floats:
    """Cosines of all with all, rounded as the stored graph's are: some thousand photos."""
    found = (vectors @ vectors.T).astype(np.float16).astype(np.float32)
    np.fill_diagonal(found, -2)
    return found


def add(
    rows: dict[str, dict[str, list[tuple[float, float]]]],
    kind: str,
    cosines: Floats,
    ordinary: NDArray[np.int64],
    odd: NDArray[np.int64],
) -> None:
    """Rank the images of one round by every way."""
    from core.catalogue.records import Graph
    from core.search.oddness import oddness

    every = np.concatenate([ordinary, odd])
    inside = cosines[np.ix_(every, every)]
    order = np.argpartition(-inside, K, axis=1)[:, :K]
    near = np.take_along_axis(inside, order, axis=1)
    sort = np.argsort(-near, axis=1, kind="stable")
    order, near = np.take_along_axis(order, sort, axis=1), np.take_along_axis(near, sort, axis=1)
    ids = np.arange(1, len(every) + 1, dtype=np.int32)
    graph = Graph(0, K, ids, ids[order], near.astype(np.float16))
    distance = np.sqrt((2 - 2 * near).clip(min=0))
    reach = np.maximum(distance[order, -1], distance)
    density = 1 / np.maximum(reach.mean(axis=1), 1e-6)
    mean = distance.mean(axis=1)
    ways = {
        "ours": oddness(graph),
        "last": distance[:, -1],
        "scaled": distance[:, -1] ** 2 / np.median(distance[order, -1], axis=1).clip(2**-5),
        "mean": mean,
        "nearest": distance[:, 0],
        "lof": density[order].mean(axis=1) / density,
        "ratio": mean / np.maximum(mean[order].mean(axis=1), 1e-6),
    }
    is_odd = np.arange(len(every)) >= len(ordinary)
    for way, scores in ways.items():
        rows.setdefault(kind, {}).setdefault(way, []).append(measured(scores, is_odd))


def measured(scores: NDArray[Any], is_odd: NDArray[np.bool_]) -> tuple[float, float]:
    """(AUROC, share of the odd ones among as many of the highest)."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    count = int(is_odd.sum())
    area = (ranks[is_odd].sum() - count * (count + 1) / 2) / (count * (len(scores) - count))
    return float(area), float(is_odd[order[-count:]].mean())
