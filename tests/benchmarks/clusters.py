"""How long clusters take, and how near they come to classes.

`lookalike bench clusters --size N [--with-peers] --json`: a catalogue of N made-up images (`_million.py`; 2,048 numbers
each, all zeros) whose graph is drawn from one seed: runs of 20 to 2,000 images, neighbours a few places along the run,
one link of twenty to anywhere. In a fresh process: `graph_s` to read the graph, `first_s` from there to named clusters
with typical images, of which `tree_s` is the tree of all grains; `grain_s` the same at another grain, `again_s` the
clusters of before once more; `load_s` the clusters made last, after opening the catalogue again and reading its graph;
`clusters`, `on_their_own` (a share), `longest_gap_ms` the longest that another thread had to wait meanwhile, and
`peak_rss_mb`. With peers, `hdbscan_s`: scikit-learn's HDBSCAN (Campello et al. 2013) on 5,000 vectors of as many
numbers, and `ours_s`: an exact graph and our clusters of the same.

`lookalike bench clusters --source FOLDER --json`: photos in folders by class, embedded with `builtin`. By way
(`shared`, `distance`) and grain: `clusters`, `on_their_own`, and against classes `rand` (adjusted, Hubert and Arabie
1985) and `v` (V-measure, Rosenberg and Hirschberg 2007) of those in clusters, and the same of all where the others are
given to the nearest cluster (`rand_all`, `v_all`).
"""

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED, K, PEER_ROWS, PEER_DIM = 20_26, 20, 5_000, 64


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """Times of a catalogue of ``size``, or agreement with the classes of ``source``."""
    if source is not None:
        return agreement(source)
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as place:
        path = Path(place) / "c.lookalike"
        words = [sys.executable, str(Path(__file__)), str(path)]
        _call([*words, "make", str(size or 100_000)])
        found = json.loads(_call([*words, "measure"]))
        found |= json.loads(_call([*words, "load"]))
    if with_peers:
        found |= _peer()
    return {"size": size or 100_000, **found}


def _call(words: list[str]) -> str:
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    sys.stderr.write(done.stdout)
    return done.stdout


def make(path: Path, size: int) -> None:
    """The catalogue, with a graph that has clusters in it."""
    from _million import make_catalogue

    from core.catalogue import embeddings, neighbours
    from core.catalogue.records import Graph
    from core.project import Project

    make_catalogue(path, size)
    with Project.open(path) as project, project.write() as session:
        (embedding,) = embeddings.every(session)
        owners, state = embeddings.living(session, embedding.id)
        ids = owners[owners != 0]
        rows, scores = _links(len(ids))
        neighbours.store(session, Graph(embedding.id, K, ids, ids[rows], scores), made_from=state)


def _links(count: int) -> tuple[NDArray[np.int32], NDArray[np.float16]]:
    random = np.random.default_rng(SEED)
    lengths = np.exp(random.uniform(np.log(20), np.log(2_000), count // 20 + 1)).astype(np.int64)
    lengths = lengths[: np.searchsorted(np.cumsum(lengths), count) + 1]
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)[:count]
    length = np.minimum(np.repeat(lengths, lengths)[:count], count - first)
    rows = np.empty((count, K), dtype=np.int32)
    for start in range(0, count, 65_536):
        some = np.arange(start, min(count, start + 65_536))[:, None]
        steps = np.cumsum(random.integers(1, 4, (len(some), K)), axis=1)
        steps *= random.choice((-1, 1), steps.shape)
        near = first[some] + (some - first[some] + steps) % length[some]
        is_far = random.random(steps.shape) < 0.05
        rows[start : start + len(some)] = np.where(
            is_far, random.integers(0, count, steps.shape), near
        )
    scores = 1 - 0.5 * random.random((count, K), dtype=np.float32) ** 1.2
    return rows, np.sort(scores, axis=1)[:, ::-1].astype(np.float16)


def measure(path: Path) -> dict[str, Any]:
    """In a fresh process: the first clusters, and those of another grain."""
    from core.operations import clustering, clusters, graphs
    from core.project import Project

    found: dict[str, Any] = {}
    with Project.open(path) as project:
        found["graph_s"] = _timed(lambda: graphs.stored(project))[0]
        gaps: list[float] = []
        done = threading.Event()
        watching = threading.Thread(target=_watch, args=(gaps, done))
        watching.start()
        trees: list[float] = []
        truly_made = clustering._tree

        def tree(*given: Any) -> Any:
            seconds, made = _timed(lambda: truly_made(*given))
            trees.append(seconds)
            return made

        clustering._tree = tree
        found["first_s"], first = _timed(lambda: clusters.build(project))
        found["tree_s"] = trees[0]
        found["grain_s"], _ = _timed(lambda: clusters.build(project, grain=7))
        found["again_s"], _ = _timed(lambda: clusters.build(project))
        done.set()
        watching.join()
    found["clusters"] = len(first.names)
    found["on_their_own"] = round(first.on_their_own / max(1, len(first.image_ids)), 4)
    found["longest_gap_ms"] = round(1000 * max(gaps, default=0))
    found["peak_rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return found


def load(path: Path) -> dict[str, Any]:
    """In a fresh process: the clusters that were made last."""
    from core.operations import clusters
    from core.project import Project

    with Project.open(path, write=False) as project:
        seconds, found = _timed(lambda: clusters.load(project))
    assert found is not None
    return {"load_s": seconds}


def _timed(call: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    made = call()
    return round(time.perf_counter() - start, 3), made


def _watch(gaps: list[float], done: threading.Event) -> None:
    before = time.perf_counter()
    while not done.is_set():
        time.sleep(0.002)
        now = time.perf_counter()
        gaps.append(now - before)
        before = now


def _peer() -> dict[str, Any]:
    try:
        from sklearn.cluster import HDBSCAN
    except ImportError:
        sys.stderr.write("scikit-learn is not installed.\n")
        return {"hdbscan_s": None, "ours_s": None}
    from core.catalogue.records import Graph
    from core.clustering.forest import spanning_forest
    from core.clustering.hierarchy import chosen, condensed, hierarchy

    random = np.random.default_rng(SEED)
    centres = random.standard_normal((100, PEER_DIM))
    rows = np.repeat(centres, PEER_ROWS // 100, axis=0)
    rows = (rows + 0.7 * random.standard_normal(rows.shape)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    def ours() -> Any:
        cosines = rows @ rows.T
        np.fill_diagonal(cosines, -2)
        near = np.argpartition(-cosines, K, axis=1)[:, :K]
        order = np.argsort(-np.take_along_axis(cosines, near, axis=1), axis=1)
        near = np.take_along_axis(near, order, axis=1)
        scores = np.take_along_axis(cosines, near, axis=1).astype(np.float16)
        ids = np.arange(1, len(rows) + 1, dtype=np.int32)
        graph = Graph(1, K, ids, ids[near], scores)
        return chosen(condensed(hierarchy(spanning_forest(graph)), 10))

    peer = HDBSCAN(min_cluster_size=10, min_samples=5, copy=True)
    return {"hdbscan_s": _timed(lambda: peer.fit(rows))[0], "ours_s": _timed(ours)[0]}


def agreement(source: Path) -> dict[str, Any]:
    """How near clusters come to the classes of photos."""
    from core.operations import projects, sources

    with (
        tempfile.TemporaryDirectory(prefix="lookalike-bench-") as place,
        projects.create(Path(place) / "c.lookalike") as project,
    ):
        sources.import_folders(project, [source])
        return compare(project)


def compare(project: Any) -> dict[str, Any]:
    """Clusters of every grain against the folders."""
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    from core.catalogue import queries
    from core.operations import clusters

    ids = clusters.build(project).image_ids
    with project.read() as session:
        index = project.index(session)
        codes, _ = queries.class_codes(session, index, "folders")
        classes = codes[index.columns.rows_of(ids)]
    known = classes >= 0
    found: dict[str, Any] = {"images": int(known.sum()), "classes": len(np.unique(classes[known]))}
    for by in ("shared", "distance"):
        found[by] = []
        for grain in range(clusters.COARSEST, clusters.FINEST + 1):
            alone = clusters.build(project, grain=grain, by=by)
            every = clusters.build(project, grain=grain, by=by, nearest=True)
            one = {"grain": grain, "clusters": len(alone.names)}
            one["on_their_own"] = round(alone.on_their_own / max(1, len(alone.codes)), 4)
            # What is still in no cluster is one by itself.
            numbers = len(every.names) + np.arange(len(every.codes))
            whole = np.where(every.codes >= 0, every.codes, numbers)
            for end, mine, some in (
                ("", alone.codes, known & (alone.codes >= 0)),
                ("_all", whole, known),
            ):
                pair = classes[some], mine[some]
                one[f"rand{end}"] = round(float(adjusted_rand_score(*pair)), 4)
                one[f"v{end}"] = round(float(v_measure_score(*pair)), 4)
            found[by].append(one)
    return found


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root), str(Path(__file__).parent)]
    catalogue, what = Path(sys.argv[1]), sys.argv[2]
    if what == "make":
        make(catalogue, int(sys.argv[3]))
    else:
        print(json.dumps({"measure": measure, "load": load}[what](catalogue)))
