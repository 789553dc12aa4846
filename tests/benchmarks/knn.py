"""The exact neighbour graph against faiss's flat index, and an update of it against a build from nothing.

`lookalike bench knn [--size N] [--source FOLDER] --json`: N (default 100,000) unit vectors, stored as a catalogue
stores them (float16 rows in segment files), k = 20. Synthetic ones are drawn from a fixed seed: 512 numbers, a cluster
for every 100 rows, each in one of 200 families; cosines are 0.6 in the mean within a cluster and 0.25 within a family;
the rows are in no order. With `--source` they are the `builtin` encoder's vectors, 2,048 numbers, of pieces
of the photos below FOLDER (``_rows.Pieces``).

Two turns of each, one after the other, with as many threads as there are cores; medians:

- `s`: `core.search.knn.knn_graph`, reading the rows included. `precision`: in which products are made here, by
  measurement ("bf16" where that is faster). `peak_rss_mb`: the most that the process took in the first turn, before
  anything of the peer was there; `base_rss_mb`: what it had before, with the imports.
- `whole_s`: the same with the product of every pair, none ruled out by leading numbers (`sieve="none"`);
  `speedup_vs_whole`, and `is_equal`: whether it is the very same graph.
- `faiss_flat_s`: IndexFlatIP over the same rows in fp32, added and searched with k + 1. `speedup_vs_faiss_flat`.
- `product_s`: half of all products alone, tile by tile in that precision, which no graph by brute force can do without;
  one that rules pairs out before can.
- `recall`: share of faiss's k nearest (self left out, by fp32 over the stored rows) that the graph has; of equal ones
  (within 1e-6) any counts.
- `falling`: s, whole_s, speedup_vs_whole and is_equal, one turn, of as many rows whose numbers fall off as those of
  encoders do (``_rows.Synthetic``), which leading numbers serve best; not with `--source`.
- `update_s`: the graph of all rows from that of 99 % of them; `update_is_equal`: whether it is the very same;
  `update_share`: of the time of the build.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.search.vectors import Vectors

sys.path.insert(0, str(Path(__file__).parent))
from _photos import Memory

SIZE, DIM, K, TURNS, SEED = 100_000, 512, 20, 2, 7
PER_CLUSTER, FAMILIES = 100, 200
_FAMILY, _WITHIN = 0.25, 0.6
_PART = 20_000


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """Medians of the turns. faiss is no peer to install: the program brings it."""
    from core.parallel import cores, limit_threads
    from core.search import knn, products

    with tempfile.TemporaryDirectory() as folder:
        vectors, count, where = _stored(Path(folder), size or SIZE, source)
        import faiss
        import torch

        limit_threads(cores())
        owners = np.arange(1, count + 1, dtype=np.int32)
        way = products.fastest(vectors.dim, count)
        base, peak = _rss_mb(), 0.0
        ours, wholes, theirs, alone = [], [], [], []
        for turn in range(TURNS):
            began = time.perf_counter()
            with Memory() as memory:
                ids, cosines = knn.knn_graph(vectors, owners, K, Job(), way=way)
            ours.append(time.perf_counter() - began)
            peak = peak or round(memory.peak_bytes / 1e6, 1)
            seconds, is_same = _whole(vectors, owners, way, (ids, cosines))
            wholes.append(seconds)
            rows = vectors.read(0, count).astype(np.float32)
            began = time.perf_counter()
            flat = faiss.IndexFlatIP(vectors.dim)
            flat.add(rows)
            scores, found = flat.search(rows, K + 1)
            theirs.append(time.perf_counter() - began)
            del flat
            alone.append(_products_s(rows, way))
            if turn == 0:
                recall = _recall(rows, ids, scores, found)
            del rows
        update_s, is_equal = _update(vectors, owners, (ids, cosines))
        return {
            "size": count,
            "dim": vectors.dim,
            "k": K,
            "vectors": where,
            "threads": torch.get_num_threads(),
            "s": round(median(ours), 3),
            "whole_s": round(median(wholes), 3),
            "speedup_vs_whole": round(median(wholes) / median(ours), 3),
            "is_equal": is_same,
            "faiss_flat_s": round(median(theirs), 3),
            "speedup_vs_faiss_flat": round(median(theirs) / median(ours), 3),
            "product_s": round(median(alone), 3),
            "ratio_to_product": round(median(ours) / median(alone), 3),
            "recall": recall,
            "falling": None if source is not None else _falling(Path(folder), count),
            "precision": way.precision,
            "device": way.device,
            "base_rss_mb": base,
            "peak_rss_mb": peak,
            "update_s": round(update_s, 3),
            "update_share": round(update_s / median(ours), 4),
            "update_is_equal": is_equal,
        }


def _stored(folder: Path, count: int, source: Path | None) -> tuple[Vectors, int, str]:
    if source is not None:
        from _rows import Pieces, photos

        pieces = Pieces(photos(source))
        vectors, done = Vectors(folder / "vectors", pieces.encoder.dim), 0
        for rows, _ in pieces.blocks(count):
            vectors.write(done, rows)
            done += len(rows)
        return vectors, done, "builtin, pieces of photos"
    vectors = Vectors(folder / "vectors", DIM)
    random = np.random.default_rng(SEED)
    families = _unit(random.standard_normal((FAMILIES, DIM)))
    clusters = max(1, count // PER_CLUSTER)
    own = _unit(random.standard_normal((clusters, DIM)))
    home = families[random.integers(0, FAMILIES, clusters)]
    # The squares of the parts are the cosines that rows have in common.
    centres = np.sqrt(_FAMILY) * home + np.sqrt(_WITHIN - _FAMILY) * own
    for start in range(0, count, _PART):
        size = min(_PART, count - start)
        noise = _unit(random.standard_normal((size, DIM)))
        rows = centres[random.integers(0, clusters, size)] + np.sqrt(1 - _WITHIN) * noise
        vectors.write(start, _unit(rows).astype(np.float32))
    return vectors, count, "synthetic clusters"


def _whole(
    vectors: Vectors, owners: NDArray[np.int32], way: Any, graph: tuple[NDArray[Any], NDArray[Any]]
) -> tuple[float, bool]:
    """Seconds of the graph by all products of whole rows, and whether it is the same."""
    from core.search.knn import knn_graph

    began = time.perf_counter()
    whole = knn_graph(vectors, owners, K, Job(), way=way, sieve="none")
    seconds = time.perf_counter() - began
    return seconds, all(np.array_equal(a, b) for a, b in zip(graph, whole, strict=True))


def _falling(folder: Path, count: int) -> dict[str, Any]:
    """Both ways with rows like an encoder's."""
    from _rows import Synthetic

    from core.search.knn import knn_graph
    from core.search.products import fastest

    vectors, done = Vectors(folder / "falling", DIM), 0
    for rows in Synthetic().blocks(count):
        vectors.write(done, rows)
        done += len(rows)
    owners, way = np.arange(1, count + 1, dtype=np.int32), fastest(DIM, count)
    began = time.perf_counter()
    graph = knn_graph(vectors, owners, K, Job(), way=way)
    seconds = time.perf_counter() - began
    whole_s, is_equal = _whole(vectors, owners, way, graph)
    return {
        "s": round(seconds, 3),
        "whole_s": round(whole_s, 3),
        "speedup_vs_whole": round(whole_s / seconds, 3),
        "is_equal": is_equal,
    }


def _unit(rows: NDArray[Any]) -> NDArray[Any]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _products_s(rows: NDArray[np.float32], way: Any) -> float:
    """Seconds of half the products, with nothing done to them."""
    from core.parallel import map_in_streams
    from core.search import products

    operand = way.operand(rows)
    step = way.tile_rows
    tiles = [(i, j) for i in range(0, len(rows), step) for j in range(i, len(rows), step)]

    def multiply(tile: tuple[int, int]) -> None:
        products.product(operand[tile[0] :][:step], operand[tile[1] :][:step])

    began = time.perf_counter()
    for _ in map_in_streams(multiply, tiles, count=None if way.device == "cpu" else 1):
        pass
    return time.perf_counter() - began


def _recall(
    rows: NDArray[np.float32],
    ids: NDArray[np.int32],
    scores: NDArray[np.float32],
    found: NDArray[np.int64],
) -> float:
    """Of content ids, which are row numbers and one."""
    hit = total = 0
    for start in range(0, len(rows), 1_024):
        part = slice(start, start + 1_024)
        mine = ids[part].astype(np.int64) - 1
        own = np.arange(start, start + len(mine))[:, None]
        is_self = found[part] == own
        last = np.where(is_self, -9, scores[part])
        last.sort(axis=1)
        reached = last[:, ::-1][:, mine.shape[1] - 1]  # the k-th best of the others
        exact = np.einsum("nd,nkd->nk", rows[part], rows[mine])
        is_there = (mine[:, :, None] == found[part][:, None, :]).any(axis=2)
        hit += int(np.count_nonzero(is_there | (exact >= reached[:, None] - 1e-6)))
        total += mine.size
    return hit / total


def _update(
    vectors: Vectors, owners: NDArray[np.int32], whole: tuple[NDArray[Any], NDArray[Any]]
) -> tuple[float, bool]:
    """Seconds of bringing the graph of all but 1 % up to date, and whether it is that of a full build."""
    from core.search.knn import knn_graph
    from core.search.knn_update import Known, updated_graph

    before = owners.copy()
    before[-max(1, len(owners) // 100) :] = 0
    known = Known(before[before != 0], *knn_graph(vectors, before, K, Job()))
    began = time.perf_counter()
    updated = updated_graph(vectors, owners, K, known, Job())
    seconds = time.perf_counter() - began
    is_equal = updated is not None and all(
        np.array_equal(a, b) for a, b in zip(updated, whole, strict=True)
    )
    return seconds, is_equal


def _rss_mb() -> float:
    import psutil

    return round(psutil.Process().memory_info().rss / 1e6, 1)
