"""Two encoders compared over all images of a large catalogue: neighbours, classes, lists, maps.

`lookalike bench compare [--size N] --json`: N (default 100,000) images with two embeddings and their graphs (20
neighbours each, drawn at random, which is what caches like least) and layouts, in 800 classes (``_million``). Seconds:
`compare_s` the first time, graphs read from the catalogue; `again_s` with the graphs in memory; `agreement_s` of that
for counting neighbours; `rows_s` for the 200 images of a list with their 4,000 neighbours; `maps_s` for both layouts
laid over each other. `peak_rss_mb` of the process, `added_mb` of that for comparing.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.jobs import Job
from core.operations import (
    comparison,
    comparison_lists,
    comparison_maps,
    embeddings,
    neighbours,
    projects,
)
from core.search.agreement import agreement

OTHER = "timm:resnet18@other.safetensors"
SIZE, ROWS = 100_000, 200
_MAKE = """
import pathlib, sys
sys.path[:0] = [".", sys.argv[1]]
import _million
path = pathlib.Path(sys.argv[2])
_million.make_catalogue(path, int(sys.argv[3]))
_million.add_embedding(path, sys.argv[4])
"""


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """The figures, in seconds and megabytes."""
    size = size or SIZE
    here = Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        path = Path(folder) / "large.lookalike"
        # In a process of its own, whose memory is not counted.
        command = [sys.executable, "-c", _MAKE, str(here), str(path), str(size), OTHER]
        subprocess.run(command, cwd=here.parent.parent, check=True)
        with projects.open(path, write=False) as project:
            before = _peak_mb()
            first_s, found = _timed(lambda: comparison.compare(project, "builtin", OTHER))
            again_s, _ = _timed(lambda: comparison.compare(project, "builtin", OTHER))
            graphs = []
            for name in ("builtin", OTHER):
                embedding = embeddings.find(project, name)
                assert embedding is not None
                graph = neighbours.load(project, embedding)
                assert graph is not None
                graphs.append(graph)
            counting_s, _ = _timed(
                lambda: agreement(*graphs, found.content_ids, found.classes, found.k, Job())
            )
            rows_s, rows = _timed(
                lambda: comparison_lists.lists(
                    project, found, comparison_lists.ranked(found, "differ", ROWS)
                )
            )
            maps_s, maps = _timed(lambda: comparison_maps.maps(project, "builtin", OTHER))
            after = _peak_mb()
    assert maps.moved is not None and found.gain is not None
    return {
        "size": size,
        "contents": len(found.content_ids),
        "compare_s": round(first_s, 2),
        "again_s": round(again_s, 2),
        "agreement_s": round(counting_s, 2),
        "rows": len(rows),
        "rows_s": round(rows_s, 3),
        "maps_s": round(maps_s, 2),
        "peak_rss_mb": round(after),
        "added_mb": round(after - before),
    }


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = call()
    return time.perf_counter() - began, result


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
