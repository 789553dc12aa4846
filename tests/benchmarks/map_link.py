"""How long until the grid shows what is selected on the map, and what else follows the mouse there.

`lookalike bench map-link --size 1000000 --json` makes a catalogue of that size (`_million.py`), whose layout has two
hundred clumps, and drives a window of its own process (`_map_link.py`, 1440 x 900, offscreen where there is no
display). Each is done 8 times, after one that does not count, from the user's last event on:

- `lasso_ms`, `box_ms`: letting go of a lasso or a box about half of all points, until the grid is painted with the
  selected rows marked and one of them in sight. `lasso_cpu_ms`: the processor time that the window's thread took for
  it, which others on a busy machine lengthen less. `lasso_map_ms`: until the map's exact picture is there too.
- `subtract_ms`, `invert_ms`, `in_sight_ms`: a lasso that takes a quarter away, inverting, all in sight; the same.
- `click_ms`: a click on a point, until the grid shows that image; `filter_ms`: listing only the selected half.
- `lens_ms`: the mouse on a point until the lens has its neighbours, graph in memory.
- `gap_max_ms`: the longest that the window's thread was away at a stretch meanwhile. `load` is the machine's.

p50 and p95 each.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

SIZE = 100_000
TARGET_MS = 200.0


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """The figures at ``size`` images."""
    here = Path(__file__).resolve().parent
    sys.path.insert(0, str(here))
    import _million  # beside this file, which is loaded by its path

    kept = os.environ.get("LOOKALIKE_BENCH_CATALOGUE")  # one that was made before
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        catalogue = Path(kept) if kept else Path(folder) / "linked.lookalike"
        if not catalogue.exists():
            _million.make_catalogue(catalogue, size or SIZE)
        answer = subprocess.run(
            [sys.executable, str(here / "_map_link.py"), str(catalogue), folder],
            cwd=here.parent.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=1_200,
        )
    found = json.loads(answer.stdout.strip().splitlines()[-1])
    figures = {
        kind: {
            "p50_ms": round(float(np.median(times)), 1),
            "p95_ms": round(float(np.percentile(times, 95)), 1),
        }
        for kind, times in found["times"].items()
    }
    return {
        "images": found["images"],
        "points": found["points"],
        "selected": found["selected"],
        **{f"{kind}_ms": one for kind, one in figures.items()},
        "target_ms": TARGET_MS,
        "gap_max_ms": round(found["gap_max_ms"], 1),
        "load": round(os.getloadavg()[0], 1),
    }
