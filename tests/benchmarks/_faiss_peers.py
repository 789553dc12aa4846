"""faiss's indexes as somebody would use them by hand, for the benchmark of search: each with one parameter to sweep."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
import torch
from numpy.typing import NDArray

from core.search.mapped import MappedRows
from core.search.vectors import Vectors

Floats = NDArray[np.float32]
Ask = Callable[[Floats, int], NDArray[np.int64]]

_SQ: Any = faiss.ScalarQuantizer
_faiss: Any = faiss

PROBES = (1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256)
K = 10
GRAPH_ROWS = 200_000
_PART = 20_000


@dataclass(frozen=True, slots=True)
class Peer:
    """``ask(query, parameter)`` gives the ten nearest rows; ``bytes``: of the index, its rows included where it has
    them."""

    name: str
    parameter: str
    values: tuple[int, ...]
    ask: Ask
    bytes: int
    build_s: float


def every(vectors: Vectors, count: int, lists: int, threads: int) -> Iterator[Peer]:
    """Each peer when it is built, so that one can be let go before the next. The lists are trained once, on full rows,
    and every row's list is found once, for all that have lists; that time counts for each."""
    faiss.omp_set_num_threads(threads)
    flat = faiss.IndexScalarQuantizer(vectors.dim, _SQ.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    began = time.perf_counter()
    for _, block in vectors.blocks(count, _PART):
        flat.add(block)
    yield Peer(
        "flat (fp16)", "none", (0,), _plain(flat), flat.ntotal * vectors.dim * 2, _since(began)
    )
    del flat
    quantizer, assigned, shared_s = _lists(vectors, count, lists)
    rows = MappedRows(vectors, count)
    for name, make, is_refined in (
        ("IVF-SQ (fp16)", _sq(_SQ.QT_fp16), False),
        ("IVF-SQ (8 bits), re-ranked", _sq(_SQ.QT_8bit), True),
        ("IVF-PQ (64 bytes), re-ranked", _pq, True),
        ("IVF-PQ fast-scan (64 bytes), re-ranked", _four_bits, True),
    ):
        began = time.perf_counter()
        index = make(quantizer, vectors.dim, lists)
        _fill(index, vectors, count, assigned)
        if make is _four_bits:
            index = _faiss.IndexIVFPQFastScan(index)  # packs the same codes
        build_s = shared_s + _since(began)
        # 100 rows are compared in full after 8 bits, as ours are, 400 after coarser codes.
        shortlist = 100 if "SQ" in name else 400
        ask = _refined(index, rows, shortlist) if is_refined else _plain(index)
        yield Peer(name, "probes", PROBES, ask, _size(index), build_s)
        del index, ask
    if count > GRAPH_ROWS and not os.environ.get("LOOKALIKE_BENCH_HNSW"):
        return
    began = time.perf_counter()
    graph = faiss.IndexHNSWSQ(vectors.dim, _SQ.QT_fp16, 16, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = 40
    graph.train(vectors.read(0, min(count, _PART)).astype(np.float32))
    for start, block in vectors.blocks(count, _PART):
        graph.add(block)
        sys.stderr.write(f"HNSW: {start + len(block)} rows in {_since(began):.0f} s\n")
    values = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512)
    yield Peer("HNSW16 (fp16)", "efSearch", values, _graph(graph), _size(graph), _since(began))


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 1)


def _size(index: Any) -> int:
    writer = _faiss.VectorIOWriter()
    _faiss.write_index(index, writer)
    return int(writer.data.size())


def _lists(vectors: Vectors, count: int, lists: int) -> tuple[Any, NDArray[np.int64], float]:
    began = time.perf_counter()
    random = np.random.default_rng(1)
    drawn = np.sort(random.permutation(count)[: 50 * lists])
    sample = MappedRows(vectors, count).gather(drawn).astype(np.float32)
    means = faiss.Kmeans(vectors.dim, lists, niter=8, seed=1, min_points_per_centroid=1)
    means.train(sample)
    quantizer = faiss.IndexFlatL2(vectors.dim)
    quantizer.add(np.asarray(means.centroids))
    assigned = np.empty(count, dtype=np.int64)
    for start, block in vectors.blocks(count, _PART):
        assigned[start : start + len(block)] = quantizer.search(block, 1)[1][:, 0]
    return quantizer, assigned, _since(began)


def _sq(kind: int) -> Callable[[Any, int, int], Any]:
    return lambda quantizer, dim, lists: _faiss.IndexIVFScalarQuantizer(
        quantizer, dim, lists, kind, faiss.METRIC_L2, False
    )


def _pq(quantizer: Any, dim: int, lists: int) -> Any:
    return _faiss.IndexIVFPQ(quantizer, dim, lists, 64, 8)


def _four_bits(quantizer: Any, dim: int, lists: int) -> Any:
    return _faiss.IndexIVFPQ(quantizer, dim, lists, 128, 4)


def _fill(index: Any, vectors: Vectors, count: int, assigned: NDArray[np.int64]) -> None:
    if hasattr(index, "pq"):
        index.pq.cp.niter = 8
    index.train(vectors.read(0, min(count, _PART)).astype(np.float32))
    for start, block in vectors.blocks(count, _PART):
        part = np.ascontiguousarray(assigned[start : start + len(block)])
        numbers = np.arange(start, start + len(block), dtype=np.int64)
        pointers = [faiss.swig_ptr(one) for one in (block, numbers, part)]
        index.add_core(len(block), *pointers)


def _plain(index: Any) -> Ask:
    def ask(query: Floats, value: int) -> NDArray[np.int64]:
        if value:
            index.nprobe = value
        found: NDArray[np.int64] = index.search(query[None], K)[1][0]
        return found

    return ask


def _graph(index: Any) -> Ask:
    def ask(query: Floats, value: int) -> NDArray[np.int64]:
        index.hnsw.efSearch = value
        found: NDArray[np.int64] = index.search(query[None], K)[1][0]
        return found

    return ask


def _refined(index: Any, rows: MappedRows, shortlist: int) -> Ask:
    def ask(query: Floats, value: int) -> NDArray[np.int64]:
        index.nprobe = value
        found = index.search(query[None], shortlist)[1][0]
        found = np.sort(found[found >= 0])
        cosines = torch.mv(torch.from_numpy(rows.gather(found)).float(), torch.from_numpy(query))
        best: NDArray[np.int64] = found[np.argsort(-cosines.numpy(), kind="stable")[:K]]
        return best

    return ask
