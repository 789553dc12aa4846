"""The map, vectors to positions, against umap-learn.

`lookalike bench layout [--size N] [--source FOLDER] [--with-peers] --json`: N (default 20,000) vectors of 512 numbers
drawn from a seed as encoders make them (``_rows.Synthetic``), stored as a catalogue stores them; with `--source`
those of the `builtin` encoder, 2,048 numbers, of pieces of photos below FOLDER (``_rows.Pieces``). umap gets the same
rows as one fp32 array, `metric="cosine"`, `n_neighbors=15`.

Every run is a process of its own that is given all cores: from the moment it is begun to the moment when positions
are there, with its imports, the reading of its rows and the neighbours (ours exact, k = 15; umap's by nearest-neighbour
descent). Then the same once more in that process: what a program that keeps running needs. Medians of three turns,
ours and umap's one after the other; of one turn for more than 30,000 rows; LOOKALIKE_LAYOUT_TURNS says otherwise.

- `s`, `warm_s`, and what they are made of: `import_s`, `graph_s`, `layout_s`, `graph_warm_s`, `layout_warm_s`.
- `umap_s`, `umap_warm_s`; `speedup_vs_umap`, `warm_speedup`.
- `trustworthiness`, `continuity` (k = 15, 4,000 rows sampled; Venna and Kaski 2001), `near_share` (of the 15 nearest on
  the map, how many are among the nearest hundredth by vectors), and umap's.
- `peak_rss_mb`, `umap_peak_rss_mb`: the most that the process took up to its first positions.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]

SIZE, K, SAMPLE, TURNS = 20_000, 15, 4_000, 3
_ONE_TURN_ABOVE = 30_000
_TIMES = ("s", "warm_s")
_PARTS = ("import_s", "graph_s", "layout_s", "graph_warm_s", "layout_warm_s")


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """Medians of the turns; None for the peer's figures where it is not asked for or not there."""
    from core.layout.quality import quality
    from core.parallel import cores, limit_threads
    from core.search.vectors import Vectors

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count, dim = _store(folder, size or SIZE, source, with_peers)
        names = ["ours", "umap"] if with_peers else ["ours"]
        runs: dict[str, list[dict[str, Any]]] = {one: [] for one in names}
        turns = TURNS if count <= _ONE_TURN_ABOVE else 1
        for turn in range(int(os.environ.get("LOOKALIKE_LAYOUT_TURNS", turns))):
            for one in names:
                found = _apart(one, folder, count, dim)
                if found is None:
                    sys.stderr.write(
                        "lookalike: umap-learn is not installed; its figures are null.\n"
                    )
                    names.remove(one)
                    continue
                runs[one].append(found)
                sys.stderr.write(f"turn {turn + 1}, {one}: {found['s']:.1f} s\n")
        limit_threads(cores())
        vectors, owners = Vectors(folder / "v", dim), np.arange(1, count + 1, dtype=np.int32)
        figures: dict[str, Any] = {
            "size": count,
            "dim": dim,
            "vectors": "synthetic" if source is None else "builtin, pieces of photos",
            "threads": cores(),
            "turns": len(runs["ours"]),
        }
        for one, before in (("ours", ""), ("umap", "umap_")):
            done = runs.get(one)
            for key in (*_TIMES, "peak_rss_mb", *(_PARTS if one == "ours" else ())):
                figures[before + key] = round(median(r[key] for r in done), 3) if done else None
            found = None
            if done:
                at = np.load(folder / f"{one}.npy")
                found = quality(vectors, owners, at, k=K, sample=SAMPLE)
            for key in ("trustworthiness", "continuity", "near_share"):
                figures[before + key] = round(getattr(found, key), 5) if found else None
        for key, mine, theirs in (
            ("speedup_vs_umap", "s", "umap_s"),
            ("warm_speedup", "warm_s", "umap_warm_s"),
        ):
            is_there = figures[theirs] is not None
            figures[key] = round(figures[theirs] / figures[mine], 3) if is_there else None
        return figures


def _store(folder: Path, count: int, source: Path | None, with_peers: bool) -> tuple[int, int]:
    """(rows stored, their numbers), as a catalogue has them, and as one array for the peer."""
    from _rows import Pieces, Synthetic, photos

    from core.search.vectors import Vectors

    if source is None:
        dim, blocks = Synthetic().dim, Synthetic().blocks(count)
    else:
        pieces = Pieces(photos(source))
        dim, blocks = pieces.encoder.dim, (rows for rows, _ in pieces.blocks(count))
    vectors, done = Vectors(folder / "v", dim), 0
    for rows in blocks:
        vectors.write(done, rows)
        done += len(rows)
    if with_peers:
        np.save(folder / "rows.npy", vectors.read(0, done).astype(np.float32))
    return done, dim


def _apart(name: str, folder: Path, count: int, dim: int) -> dict[str, Any] | None:
    """What a process of its own measured; None where the peer is not there."""
    from core.parallel import cores

    threads = {
        one: str(cores()) for one in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")
    }
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, name, str(folder), str(count), str(dim)],
        env=os.environ | threads,
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode == 3:
        return None
    if done.returncode:
        raise SystemExit(f"lookalike: the run of {name} failed.")
    found: dict[str, Any] = json.loads(done.stdout)
    found["s"] = found.pop("ended") - began
    found["import_s"] = found.pop("imported") - began
    return found


def _ours(folder: Path, count: int, dim: int) -> dict[str, Any]:
    from core.jobs import Job
    from core.layout.base import Material
    from core.layout.methods import method, settled
    from core.layout.umap import Umap
    from core.parallel import cores, limit_threads
    from core.search.knn import knn_graph
    from core.search.vectors import Vectors

    imported = time.time()
    limit_threads(cores())
    figures: dict[str, Any] = {"imported": imported}

    def once(suffix: str) -> None:
        began = time.perf_counter()
        vectors, owners = Vectors(folder / "v", dim), np.arange(1, count + 1, dtype=np.int32)
        ids, cosines = knn_graph(vectors, owners, K, Job())
        figures[f"graph{suffix}_s"] = time.perf_counter() - began
        material = Material(
            vectors,
            owners,
            ids - 1,
            cosines.astype(np.float32),
            settings=settled(method("umap"), {}),
        )
        layout = Umap(material)
        layout.start()
        while layout.step():
            pass
        np.save(folder / "ours.npy", layout.positions())
        figures[f"layout{suffix}_s"] = time.perf_counter() - began - figures[f"graph{suffix}_s"]

    return _twice(figures, once)


def _umap(folder: Path, count: int, dim: int) -> dict[str, Any]:
    try:
        from umap import UMAP
    except ImportError:
        raise SystemExit(3) from None
    figures: dict[str, Any] = {"imported": time.time()}

    def once(suffix: str) -> None:
        rows = np.load(folder / "rows.npy")
        np.save(folder / "umap.npy", UMAP(metric="cosine", n_neighbors=K).fit_transform(rows))

    return _twice(figures, once)


def _twice(figures: dict[str, Any], once: Any) -> dict[str, Any]:
    from _photos import Memory

    with Memory() as memory:
        once("")
    figures["ended"] = time.time()
    figures["peak_rss_mb"] = memory.peak_bytes / 1e6
    began = time.perf_counter()
    once("_warm")
    figures["warm_s"] = time.perf_counter() - began
    return figures


if __name__ == "__main__":
    which, where, rows_there, numbers = sys.argv[1:]
    carry_out = {"ours": _ours, "umap": _umap}[which]
    print(json.dumps(carry_out(Path(where), int(rows_there), int(numbers))))
