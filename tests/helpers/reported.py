"""A catalogue of which there is something to tell in every part of a report, made up without a training or a search."""

import csv
from pathlib import Path
from typing import Any

import derived
import made_links
import numpy as np

from core.catalogue import contents, removals, revisions
from core.catalogue import runs as rows
from core.catalogue.removals import Outcome, Record
from core.operations import images as operations
from core.operations import labels, pairs, tags
from core.project import Project
from core.training.settings import Settings

RESULT: dict[str, Any] = {
    "before": {"recall@1": 0.5, "map@r": 0.25, "intervals": {"recall@1": [0.4, 0.6], "map@r": [0.2, 0.3]}},
    "after": {"recall@1": 0.75, "map@r": 0.5, "intervals": {"recall@1": [0.65, 0.85], "map@r": [0.4, 0.6]}},
    "difference": {
        "recall@1": {"value": 0.25, "low": 0.1, "high": 0.4},
        "map@r": {"value": 0.25, "low": 0.15, "high": 0.35},
    },
    "held_out": 40, "steps": 3, "seconds": 1.5, "device": "cpu", "stopped_because": "all 3 steps were done",
    "verdict": "Better: on 40 held-out images, R@1 went from 0.500 to 0.750.", "is_better": True,
    "by_class": [
        {"class": "discs", "queries": 20, "before": 0.5, "after": 0.9},
        {"class": "squares", "queries": 20, "before": 0.5, "after": 0.6},
    ],
}  # fmt: skip
CURVES = {"loss": [3.0, 2.0, 1.5], "recall": [[0.5, 0.75], [0.6, 0.8], [0.7, 0.9]], "map_at_r": [0.25, 0.5],
          "measured_at": [1, 3], "best_step": 3}  # fmt: skip


def fill(project: Project, scratch: Path) -> None:
    """Vectors, neighbours, a map, links, verdicts, labels with a split, tags, a run and a removal."""
    derived.derive(project)
    with project.read() as session:
        ids = [int(one) for one in contents.in_use(session)]
    made_links.keep(
        project,
        made_links.made([(ids[0], ids[1], 0.9), (ids[1], ids[2], 0.8), (ids[4], ids[5], 0.6)]),
        made_links.made([(ids[6], ids[7], 1.0)], "pixels"),
    )
    pairs.judge(project, ids[0], ids[1], "duplicate")
    pairs.judge(project, ids[8], ids[9], "different")
    every = operations.describe(project, operations.list_ids(project).tolist())
    with (scratch / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        told = csv.writer(file)
        told.writerow(("path", "label", "split"))
        # Two files of the same bytes, one for training and one for testing.
        told.writerows(
            (one.path, one.folder_class, "test" if "copy" in one.name else "train") for one in every
        )
    labels.apply_labels(project, scratch / "labels.csv")
    tags.add(project, np.array([one.id for one in every[:5]], dtype=np.int64), "kept")
    with project.write() as session:
        rows.add(session, "first", status="candidate", settings=Settings(seed=7).as_json())
        rows.put(session, "first", result=RESULT, curves=CURVES)
        rows.add(session, "second", status="running", settings=Settings().as_json())
        number = removals.begin(session, "uid", "trash", {}, 1_700_000_000.0)
        path, digest = b"/gone/one.png", bytes(32)
        kept = removals.add(
            session, number, [Record(None, path, digest, 1_234, 0, None, path, "going")]
        )
        removals.settle(session, [Outcome(kept[0], "gone", None)])
        removals.end(session, number)
        revisions.next_revision(session)
