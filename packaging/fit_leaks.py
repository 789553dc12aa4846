"""Measures the cosine above which mutual neighbours count as near-duplicates in a training, on the demo images.

`python packaging/fit_leaks.py` draws the demo, imports it with the builtin encoder, and prints for each threshold: how
many of the known copies of one picture are joined (a leak that is kept together), and how many of all joined pairs
are no copies (images that are kept together for nothing). LEAK_COSINE in core/training/holdout.py is the lowest at
which nearly all joined pairs are copies.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.operations import demo, embeddings, neighbours, projects, sources  # noqa: E402

MUTUAL = 5


def main() -> None:
    """Print a line a threshold."""
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder).resolve() / "demo"
        demo.make_images(photos)
        with projects.create(Path(folder) / "c.lookalike") as project:
            sources.import_folders(project, [photos])
            graph = neighbours.load(project, embeddings.require(project, "builtin"))
            assert graph is not None
            from core.operations import images

            described = images.describe(project, images.list_ids(project).tolist())
            content = {str(Path(one.path).relative_to(photos)): one.content_id for one in described}
    known = {
        frozenset((content[a], content[b]))
        for a, b, *_ in demo.known().near_pairs
        if a in content and b in content and content[a] != content[b]
    }
    near = {
        (int(a), int(b)): float(score)
        for a, row, scores in zip(graph.content_ids, graph.neighbour_ids, graph.scores, strict=True)
        for b, score in zip(row[:MUTUAL], scores[:MUTUAL], strict=True)
        if b
    }
    mutual = {frozenset(pair): score for pair, score in near.items() if pair[::-1] in near}
    print(f"{len(known)} known pairs of copies")
    for threshold in np.arange(0.70, 0.98, 0.02):
        joined = {pair for pair, score in mutual.items() if score >= threshold}
        right = len(joined & known)
        print(
            f"{threshold:.2f}  {len(joined):5} joined, {right / max(1, len(joined)):.3f} of them copies, "
            f"{right / max(1, len(known)):.3f} of the copies joined"
        )


if __name__ == "__main__":
    main()
