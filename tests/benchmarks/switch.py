"""How long until the window shows what another encoder made of the same images, from what is stored.

`lookalike bench switch --size 100000 --json` makes a catalogue (`_million.py`) with a second embedding, its
graph and its layout, opens it in a window of its own process (`_switch.py`) with one image selected, and
switches to and fro. Medians and p95 of 20 switches after two:

- `redraw_ms`: from the wish until the whole map is painted with every point at its new place (jumping).
- `first_frame_ms`, `walk_frame_ms`: the points walk for 200 ms instead (up to 100,000 of them): until the
  first picture with moved points, and how long one picture takes, p95.
- `look_alikes_ms`: from the wish until the inspector lists the look-alikes that the other encoder found.
- `gap_max_ms`: the longest that the window's thread was away at a stretch meanwhile.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

SIZE = 20_000


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """The figures at ``size`` images."""
    here = Path(__file__).resolve().parent
    sys.path.insert(0, str(here))
    import _million  # beside this file, which is loaded by its path

    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        catalogue = Path(folder) / "two.lookalike"
        _million.make_catalogue(catalogue, size or SIZE)
        _million.add_embedding(catalogue, "timm:second@bench.safetensors")
        answer = subprocess.run(
            [sys.executable, str(here / "_switch.py"), str(catalogue), folder],
            cwd=here.parent.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=600,
        )
    found = json.loads(answer.stdout.strip().splitlines()[-1])
    figures: dict[str, Any] = {"images": found["images"]}
    for name in ("redraw", "first_frame", "look_alikes"):
        figures[f"{name}_ms"] = round(float(np.median(found[name])), 1)
        figures[f"{name}_p95_ms"] = round(float(np.percentile(found[name], 95)), 1)
    figures["walk_frame_ms"] = round(float(np.percentile(found["walk"] or [0], 95)), 1)
    figures["gap_max_ms"] = round(max(found["gaps"]), 1)
    return figures
