"""A question to a large catalogue: exact, balanced and fast, and faiss's own indexes at equal recall.

`lookalike bench search [--size N] [--with-peers] [--source FOLDER] --json`: N (default 1,000,000) rows of 512 numbers
drawn from a seed (``_rows.Synthetic``). With `--source`: N (100,000) vectors of the builtin encoder, 2,048 numbers, of
pieces cut out of the photos there (``_rows.Pieces``); questions are pieces of photos of which there are no rows.
Nothing is kept. One thread; the index is built with one a core.

- `modes`: of each the recall of the ten nearest, on 400 questions that are not among the rows, times, and bytes beside
  the stored rows. `exact` compares all rows. `probes`, `shortlist`, `fine_dim` are what the index chose for itself;
  `said` is the recall that it had measured on the rows themselves.
- `filtered`: balanced among a tenth and a hundredth of the rows, drawn at random: recall, and how many came (of 10).
- `recall@50`: of the same effort scaled up for 50.
- `peers`: of each, for each mode, the setting of least time among those with at least its recall (else of most recall),
  and all of its settings as `sweep`: [parameter, recall, p50_ms]. The times of the rows of this table and of the modes
  are taken in turns, question by question, with those of the mode (`mode_p50_ms`). Without `--with-peers` there are
  none. HNSW takes its 10 minutes for a million rows: of more than 200,000 it is made only where LOOKALIKE_BENCH_HNSW
  is set.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.search.vectors import Vectors

sys.path.insert(0, str(Path(__file__).parent))

SIZE, REAL_SIZE, QUESTIONS, EXACT, TIMED = 1_000_000, 100_000, 400, 20, 200
Floats = NDArray[np.float32]
Ask = Callable[[Floats, int], NDArray[np.int64]]


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """Figures of the modes, and of the peers where they are asked for."""
    import faiss
    import torch

    from core.parallel import cores, limit_threads
    from core.search.adaptive import build, calibrate, files

    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as place:
        limit_threads(cores())
        vectors, owners, queries = _stored(Path(place), size, source)
        made = build.build(vectors, owners, key="bench", generation=0, job=_Told())
        cache = Path(place) / "cache"
        cache.mkdir()
        files.save(cache, 1, made)
        index = files.load(cache, 1)
        assert index is not None
        nobody = np.full(len(queries), -1)
        true = calibrate.exact_answers(vectors, owners, nobody, queries, Job(), 50)
        torch.set_num_threads(1)
        faiss.omp_set_num_threads(1)
        ours = _Ours(index, vectors, true)
        figures = ours.figures()
        if with_peers:
            figures["peers"] = _peers(ours, cores())
        return figures


class _Told(Job):
    """Says on standard error what is being done."""

    def start(self, stage: str, total: int | None = None, **named: Any) -> None:
        sys.stderr.write(f"{stage}\n")
        super().start(stage, total, **named)


def _stored(
    place: Path, size: int | None, source: Path | None
) -> tuple[Vectors, NDArray[np.int32], Floats]:
    """(rows on the disk, their owners, questions)."""
    import _rows

    if source is None:
        drawn = _rows.Synthetic()
        vectors, done = Vectors(place / "1-0", drawn.dim), 0
        for block in drawn.blocks(size or SIZE):
            vectors.write(done, block)
            done += len(block)
        queries = drawn.block(QUESTIONS, 0)
    else:
        files = _rows.photos(source)
        held = files[:: _rows.HELD_OUT]
        rows = _rows.Pieces([one for one in files if one not in set(held)])
        vectors, done = Vectors(place / "1-0", rows.encoder.dim), 0
        for block, _ in rows.blocks(size or REAL_SIZE):
            vectors.write(done, block)
            done += len(block)
        asked = _rows.Pieces(held, _rows.SEED + 1).blocks(QUESTIONS)
        queries = np.concatenate([block for block, _ in asked])
    return vectors, np.arange(1, done + 1, dtype=np.int32), queries


class _Ours:
    """The index with the questions and their true answers."""

    def __init__(self, index: Any, vectors: Vectors, true: Any) -> None:
        from core.search.mapped import MappedRows

        self.index, self.vectors, self.true = index, vectors, true
        self.count = index.card.rows
        self.rows = MappedRows(vectors, self.count)

    def ask(self, mode: str) -> Ask:
        """A function of (question, k) by this mode."""
        from core.search import exact
        from core.search.adaptive.index import Effort

        if mode == "exact":

            def compare(query: Floats, k: int) -> NDArray[np.int64]:
                found = exact.cosines(self.vectors, 0, self.count, query, threads=1)
                best = np.argpartition(-found, k)[:k]
                return best[np.argsort(-found[best], kind="stable")]

            return compare
        figures = self.index.card.figures(mode)
        effort = Effort(figures.probes, figures.shortlist)
        return lambda query, k: self.index.search(self.rows, query, k, effort)[0]

    def recall(self, found: list[NDArray[np.int64]], k: int = 10) -> float:
        """The share of the k nearest that was found; of equal ones any counts."""
        from core.search.adaptive.calibrate import recall_of

        scores = np.full((len(found), k), -2.0, dtype=np.float32)
        for row, numbers in enumerate(found):
            kept = self.rows.gather(np.sort(numbers[:k])).astype(np.float32)
            scores[row, : len(kept)] = kept @ self.true.queries[row]
        return round(recall_of(scores, self.true.scores[: len(found), :k]), 4)

    def figures(self) -> dict[str, Any]:
        card, queries = self.index.card, self.true.queries
        modes, asks = [], {one: self.ask(one) for one in ("exact", "balanced", "fast")}
        for mode, ask in asks.items():
            number = EXACT if mode == "exact" else len(queries)
            for query in queries[: min(50, number)]:
                ask(query, 10)  # warm: what is asked for is in memory
            found, times = _timed({mode: ask}, queries[:number])
            row = {"mode": mode, **_times(times[mode]), "recall@10": self.recall(found[mode])}
            row["index_bytes"] = 0 if mode == "exact" else card.index_bytes
            if mode != "exact":
                one = card.figures(mode)
                row |= {"probes": one.probes, "shortlist": one.shortlist, "said": one.recall}
                row["recall@50"] = self.recall([ask(query, 50) for query in queries], 50)
            modes.append(row)
            sys.stderr.write(f"{row}\n")
        return {
            "size": self.count,
            "dim": card.dim,
            "order": card.order,
            "lists": card.lists,
            "fine_dim": card.fine_dim,
            "build_s": card.build_s,
            "questions": len(queries),
            "modes": modes,
            "filtered": [self._filtered(share) for share in (0.1, 0.01)],
        }

    def _filtered(self, share: float) -> dict[str, Any]:
        from core.search.adaptive.calibrate import exact_answers, recall_of
        from core.search.adaptive.index import Effort

        allowed = np.random.default_rng(3).random(self.count) < share
        queries = self.true.queries[:100]
        owners = allowed.astype(np.int32)
        true = exact_answers(self.vectors, owners, np.full(100, -1), queries, Job())
        one = self.index.card.figures("balanced")
        scores, times, fewest = np.full((100, 10), -2.0, dtype=np.float32), [], 10
        for row, query in enumerate(queries):
            began = time.perf_counter()
            effort = Effort(one.probes, one.shortlist)
            cosines = self.index.search(self.rows, query, 10, effort, allowed)[1]
            times.append(1e3 * (time.perf_counter() - began))
            scores[row, : len(cosines)] = cosines
            fewest = min(fewest, len(cosines))
        recall = round(recall_of(scores, true.scores), 4)
        return {"share": share, **_times(times), "recall@10": recall, "came": fewest}


def _timed(
    asks: dict[str, Ask], queries: Floats
) -> tuple[dict[str, list[NDArray[np.int64]]], dict[str, list[float]]]:
    """(what each found, milliseconds of each question), in turns."""
    found: dict[str, list[NDArray[np.int64]]] = {name: [] for name in asks}
    times: dict[str, list[float]] = {name: [] for name in asks}
    for query in queries:
        for name, ask in asks.items():
            began = time.perf_counter()
            found[name].append(ask(query, 10))
            times[name].append(1e3 * (time.perf_counter() - began))
    return found, times


def _times(times: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(float(np.median(times)), 3),
        "p95_ms": round(float(np.quantile(times, 0.95)), 3),
    }


def _peers(ours: _Ours, threads: int) -> list[dict[str, Any]]:
    import _faiss_peers
    import faiss

    rows: list[dict[str, Any]] = []
    queries = ours.true.queries
    for peer in _faiss_peers.every(ours.vectors, ours.count, ours.index.card.lists, threads):
        faiss.omp_set_num_threads(1)
        number = EXACT if peer.name.startswith("flat") else TIMED
        sweep = []
        for value in peer.values:
            found, times = _timed({"": _with(peer.ask, value)}, queries[:number])
            sweep.append((value, ours.recall(found[""]), round(float(np.median(times[""])), 3)))
            if sweep[-1][1] >= 0.9995:
                break
        for mode in ("balanced", "fast"):
            mine = ours.ask(mode)
            target = ours.recall([mine(query, 10) for query in queries[:number]])
            fitting = [one for one in sweep if one[1] >= target]
            best = (
                min(fitting, key=lambda one: one[2])
                if fitting
                else max(sweep, key=lambda one: one[1])
            )
            asks = {"mine": mine, "theirs": _with(peer.ask, best[0])}
            _, times = _timed(asks, queries[:number])
            rows.append(
                {
                    "peer": peer.name,
                    "mode": mode,
                    peer.parameter: best[0],
                    **_times(times["theirs"]),
                    "recall@10": best[1],
                    "has_reached": bool(fitting),
                    "mode_recall@10": target,
                    "mode_p50_ms": _times(times["mine"])["p50_ms"],
                    "times_as_long": round(
                        float(np.median(times["theirs"]) / np.median(times["mine"])), 2
                    ),
                    "index_bytes": peer.bytes,
                    "build_s": peer.build_s,
                    "sweep": sweep,
                }
            )
            sys.stderr.write(f"{ {**rows[-1], 'sweep': len(sweep)} }\n")
        faiss.omp_set_num_threads(threads)
    return rows


def _with(ask: Callable[[Floats, int], NDArray[np.int64]], value: int) -> Ask:
    return lambda query, k: ask(query, value)
