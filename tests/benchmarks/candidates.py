"""How long it takes to find which pairs are to be compared, and how many of the planted ones are among them.

`lookalike bench candidates --size N --json`: a catalogue with fingerprints and a graph of N contents, drawn from one
seed. A fifth are near copies in clusters of 2 to 6: the hash of the first in any orientation with up to 8 bits changed,
30 to 95 % of its codes with a turn and a scale in common, nine of ten in its row of neighbours. A tenth are parts of
others: another hash, 15 to 60 % of the codes, one of five among the neighbours. One of a hundred is in a clump of a
thousand that are alike but for two bits and a tenth of the codes. The rest is random; a third of all codes are drawn
from 50,000 that are common (a Zipf law), and neighbours are anybody. In a fresh process: `load_s` to read fingerprints
and graph, `s` from there to the candidates in order of promise, `cpu_s`, `peak_rss_mb` of the whole process, of which
`data_mb` are fingerprints and graph; `pairs` and `pairs_per_content`; `recall_copies`, `recall_parts`: planted pairs
that are candidates; `clump_joined`: members of clumps that hang together by candidates with their clump, and
`clump_pairs` a member. Without --size: 10,000, 100,000 and 1,000,000.

`python tests/benchmarks/candidates.py FIGURES.json PICTURE.svg` draws them.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED, K, COMMON, CLUMP = 20_26, 20, 50_000, 1_000
SIZES = (10_000, 100_000, 1_000_000)


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """Figures of one size, or of three."""
    if size is not None:
        return _measured(size)
    return {"seed": SEED, "sizes": [_measured(one) for one in SIZES]}


def _measured(size: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as place:
        words = [sys.executable, str(Path(__file__)), str(Path(place) / "c.lookalike")]
        _call([*words, "make", str(size)])
        return {"size": size, **json.loads(_call([*words, "measure"]))}


def _call(words: list[str]) -> str:
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def make(path: Path, size: int) -> None:
    """The catalogue, and beside it what is planted."""
    from core.catalogue import embeddings, links, neighbours
    from core.catalogue.records import Graph
    from core.duplicates import fingerprints
    from core.operations import projects

    drawn = np.random.default_rng(SEED)
    copies, parts, clumps = _planted(drawn, size)
    ids = np.arange(1, size + 1, dtype=np.int32)
    rows = _rows(drawn, size, copies, parts, clumps)
    others, scores = _graph(drawn, size, copies, parts, clumps)
    with projects.create(path) as project, project.write() as session:
        links.store_fingerprints(session, fingerprints.SCHEME, ids, rows)
        made = embeddings.add(session, encoder="builtin", key="bench", dim=8, precision="fp32")
        graph = Graph(made.id, K, ids, others + np.int32(1), scores)
        neighbours.store(session, graph, made_from="bench")
    np.savez(path.with_suffix(".npz"), copies=copies, parts=parts, clumps=clumps)


def _planted(
    drawn: np.random.Generator, size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(first, copy) [n, 2], (whole, part) [n, 2] and clumps [n, CLUMP], rows of none in common but the firsts."""
    order = drawn.permutation(size)
    count = max(1, size // 100 // CLUMP)
    clumps, order = order[: count * CLUMP].reshape(count, CLUMP), order[count * CLUMP :]
    copied, order = order[: size // 5], order[size // 5 :]
    starts = np.cumsum(drawn.integers(2, 7, size))
    first = np.searchsorted(starts, np.arange(len(copied)), "right")
    head = np.concatenate([[0], starts])[first]
    is_copy = head != np.arange(len(copied))
    copies = np.stack([copied[head[is_copy]], copied[is_copy]], axis=1)
    cut, order = order[: size // 10], order[size // 10 :]
    return copies, np.stack([drawn.choice(order, len(cut)), cut], axis=1), clumps


def _rows(
    drawn: np.random.Generator,
    size: int,
    copies: NDArray[np.int64],
    parts: NDArray[np.int64],
    clumps: NDArray[np.int64],
) -> NDArray[np.uint8]:
    """Fingerprints uint8 [size, BYTES]."""
    from core.duplicates.hamming import oriented
    from core.duplicates.local import BITS, CODES, NO_FLIP

    hashes = drawn.integers(0, 2**64, size, dtype=np.uint64)
    codes = drawn.integers(0, 2**32, (size, CODES), dtype=np.uint32)
    common = drawn.integers(0, 2**32, COMMON, dtype=np.uint32)
    is_common = drawn.random((size, CODES)) < 1 / 3
    codes[is_common] = common[drawn.zipf(1.3, int(is_common.sum())) % COMMON]
    rest = np.stack(
        [drawn.integers(0, top, (size, CODES), dtype=np.uint8) for top in (BITS, 256, 40)], axis=2
    )
    rest[:, :, 0][np.arange(CODES) >= drawn.integers(24, CODES + 1, size)[:, None]] = NO_FLIP
    in_clump = np.stack(
        [np.repeat(clumps[:, :1], CLUMP - 1, axis=1), clumps[:, 1:]], axis=2
    ).reshape(-1, 2)
    for pairs, low, high, most in (
        (copies, 0.3, 0.95, 9),
        (parts, 0.15, 0.6, 0),
        (in_clump, 0.9, 0.9, 3),
    ):
        one, other = pairs.T
        if most:
            turned = np.stack(oriented(hashes[one]))
            which = drawn.integers(0, 8 if most > 3 else 1, len(one))
            found = turned[which, np.arange(len(one))]
            for step in range(most - 1):
                changes = drawn.integers(0, most, len(one)) > step
                bit = drawn.integers(0, 64, len(one)).astype(np.uint64)
                found = np.where(changes, found ^ np.uint64(1) << bit, found)
            hashes[other] = found
        kept = drawn.random((len(one), CODES)) < drawn.uniform(low, high, len(one))[:, None]
        place = drawn.permuted(np.tile(np.arange(CODES), (len(one), 1)), axis=1)
        theirs = np.take_along_axis(codes[one], place, axis=1)
        more = np.take_along_axis(rest[one], place[:, :, None], axis=1)
        # One code in four differs in its least sure bit.
        is_turned = drawn.random(theirs.shape) < 0.25
        theirs = np.where(is_turned, theirs ^ np.uint32(1) << (more[:, :, 0] & 31), theirs)
        turn, scale = drawn.integers(0, 256, len(one)), drawn.integers(-8, 9, len(one))
        angles = more[:, :, 1] + turn[:, None] + drawn.integers(-4, 5, theirs.shape)
        scales = (more[:, :, 2] + scale[:, None] + drawn.integers(-1, 2, theirs.shape)).clip(0, 60)
        codes[other] = np.where(kept, theirs, codes[other])
        new = np.stack([more[:, :, 0], angles % 256, scales], axis=2).astype(np.uint8)
        rest[other] = np.where(kept[:, :, None], new, rest[other])
    whole = np.repeat(hashes[:, None], 2, axis=1).astype("<u8").view(np.uint8).reshape(size, 16)
    found = np.concatenate([codes.astype("<u4")[:, :, None].view(np.uint8), rest], axis=2)
    return np.concatenate([whole, found.reshape(size, -1)], axis=1)


def _graph(
    drawn: np.random.Generator,
    size: int,
    copies: NDArray[np.int64],
    parts: NDArray[np.int64],
    clumps: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.float16]]:
    """(rows of the neighbours, their cosines) [size, K]."""
    others = drawn.integers(0, size, (size, K), dtype=np.int32)
    scores = np.sort(0.2 + 0.4 * drawn.random((size, K), dtype=np.float32), axis=1)[:, ::-1].copy()
    for pairs, share in ((copies, 0.9), (parts, 0.2)):
        some = pairs[drawn.random(len(pairs)) < share]
        one, other = some[:, 0], some[:, 1]
        place = drawn.integers(0, 4, len(some))
        others[other, 0], scores[other, 0] = one, 0.93
        others[one, place], scores[one, place] = other, 0.9
    for clump in clumps:
        others[clump] = drawn.choice(clump, (CLUMP, K))
        scores[clump] = np.sort(0.97 + 0.03 * drawn.random((CLUMP, K)), axis=1)[:, ::-1]
    return others, scores.astype(np.float16)


def measure(path: Path) -> dict[str, Any]:
    """In a fresh process: from the stored fingerprints and graph to candidates in order."""
    from core.catalogue import neighbours
    from core.catalogue.links import pair_keys
    from core.duplicates.clumps import clumps as joined_by
    from core.duplicates.gathering import gathered
    from core.jobs import Job
    from core.operations import fingerprints
    from core.project import Project

    with Project.open(path, write=False) as project:
        began = time.perf_counter()
        ids, rows = fingerprints.load(project)
        with project.read() as session:
            graph = neighbours.load(session, 1)
        assert graph is not None
        load_s = time.perf_counter() - began
        data = sum(one.nbytes for one in (ids, rows, graph.neighbour_ids, graph.scores))
        began, cpu = time.perf_counter(), time.process_time()
        found = gathered(ids, rows, np.ones(len(ids), dtype=bool), [graph], Job()).ordered()
        s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    planted = np.load(path.with_suffix(".npz"))
    keys = np.sort(found.keys)

    def recall(pairs: NDArray[np.int64]) -> float:
        wanted = pair_keys(pairs[:, 0] + 1, pairs[:, 1] + 1)
        places = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
        return round(float((keys[places] == wanted).mean()), 4)

    clump_of = np.zeros(len(ids) + 1, dtype=np.int64)
    for number, clump in enumerate(planted["clumps"]):
        clump_of[clump + 1] = number + 1
    a, b = keys >> 32, keys & 0xFFFFFFFF
    inside = (clump_of[a] == clump_of[b]) & (clump_of[a] > 0)
    firsts = joined_by(a[inside], b[inside])[1]
    _, counts = np.unique(firsts, return_counts=True)
    of_clumps = planted["clumps"].size
    largest = np.sort(counts)[::-1][: len(planted["clumps"])].sum()
    return {
        "s": round(s, 2),
        "cpu_s": round(cpu_s, 2),
        "load_s": round(load_s, 2),
        "peak_rss_mb": round(peak),
        "data_mb": round(data / 2**20),
        "pairs": len(found),
        "pairs_per_content": round(len(found) / len(ids), 2),
        "recall_copies": recall(planted["copies"]),
        "recall_parts": recall(planted["parts"]),
        "clump_joined": round(float(largest / of_clumps), 4),
        "clump_pairs": round(float(inside.sum() / of_clumps), 1),
    }


def picture(figures: dict[str, Any]) -> str:
    """Time of the processor for each million contents, and recall, over the number of contents."""
    from _curves_svg import Curve, Panel, svg

    sizes = figures["sizes"]

    def points(key: str, scale: float) -> list[tuple[float, float]]:
        return [(one["size"], scale * one[key] / one["size"] * 1e6) for one in sizes]

    seconds = points("cpu_s", 1 / 60)
    base = seconds[0][1] / np.log2(sizes[0]["size"])
    n_log_n = [(one["size"], float(base * np.log2(one["size"]))) for one in sizes]
    return svg(
        [
            Panel(
                "Finding candidates",
                "contents",
                "processor minutes for each million",
                [Curve("measured", seconds), Curve("N log N from the first", n_log_n, True)],
            ),
            Panel(
                "Planted copies (solid) and parts (dashed) found",
                "contents",
                "recall",
                [
                    Curve("near copies", [(one["size"], one["recall_copies"]) for one in sizes]),
                    Curve("parts", [(one["size"], one["recall_parts"]) for one in sizes], True),
                ],
            ),
        ]
    )


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root), str(Path(__file__).parent)]
    given = Path(sys.argv[1])
    if given.suffix == ".json":
        drawing = picture(json.loads(given.read_text(encoding="utf-8")))
        Path(sys.argv[2]).write_text(drawing, encoding="utf-8")
    elif sys.argv[2] == "make":
        make(given, int(sys.argv[3]))
    else:
        print(json.dumps(measure(given)))
