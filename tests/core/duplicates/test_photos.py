"""Real photos, edited as people edit them: found again, and nothing else.

LOOKALIKE_PHOTOS names a folder of photos in folders by class; without it the test is skipped. The photos are of the
half that nothing was tuned on (``_duplicate_truth.is_held``), but for a smaller set than the benchmark's.
"""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from core.operations import duplicates, imports, links
from core.project import Project

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import _duplicate_truth
from _duplicate_scores import Found, Judge

FOLDER = os.environ.get("LOOKALIKE_PHOTOS", "")

pytestmark = [
    pytest.mark.photos,
    pytest.mark.skipif(not Path(FOLDER or "-").is_dir(), reason="LOOKALIKE_PHOTOS is not set"),
]

ORIGINALS, OTHERS = 40, 120


def test_edits_are_found_and_bursts_are_not(project: Project, tmp_path: Path) -> None:
    source = Path(FOLDER)
    held = [
        one
        for one in _duplicate_truth.photos(source)
        if _duplicate_truth.is_held(one.relative_to(source).as_posix())
    ]
    truth = _duplicate_truth.make(source, tmp_path / "files", ORIGINALS, OTHERS, held)
    imports.import_folders(project, [tmp_path / "files"])
    links.update(project)
    pairs = duplicates.find(project)
    names = [Path(path).name for one in pairs for path in (one.a, one.b)]
    rows = truth.rows(names).reshape(-1, 2)
    found = Found.of(rows[:, 0], rows[:, 1], np.array([one.score for one in pairs]))
    figures = Judge(truth).figures(found)["without_small_crops_and_captions"]
    # Of so few a single false pair weighs much: the benchmark is what says 0.99.
    assert figures["precision"] >= 0.97
    assert figures["recall"] >= 0.90
