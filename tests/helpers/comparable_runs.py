"""Runs that are comparable with the encoder they started from, without a training; and updates that stop half-way."""

from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from core.catalogue import runs as rows
from core.encoders import run_files
from core.encoders.runs import HeadEncoder
from core.intake import encoding
from core.jobs import Cancelled, Job
from core.operations import embeddings, encoders, runs, updates
from core.project import Project
from core.training import heads
from core.training.settings import Settings

COMPARABLE = {
    "old": 0.8,
    "new": 0.9,
    "old_to_new": 0.85,
    "new_to_old": 0.82,
    "is_comparable": True,
    "sentence": "Its vectors can be compared with those of builtin.",
}


def make_run(
    project: Project, name: str, *, base: str = "builtin", bend: float = 0.3, **measured: Any
) -> None:
    """A finished run whose head moves vectors of ``base`` a little: comparable, and not the same."""
    embedding = embeddings.require(project, base)
    head = heads.ResidualHead(embedding.dim, embedding.dim, 4)
    with torch.no_grad():
        head.mean.copy_(bend / embedding.dim**0.5 * torch.linspace(-1, 1, embedding.dim))
    folder = run_files.folder(encoders.models_folder(project), name)
    folder.mkdir(parents=True)
    weights = {f"head.{key}": value for key, value in head.state_dict().items()}
    save_file(weights, folder / run_files.WEIGHTS)
    found = {**COMPARABLE, **measured}
    passed = bool(found["is_comparable"])
    card = run_files.RunCard(
        name=name, base=base, base_key=embedding.key, depth="head", dim=embedding.dim,
        feature_dim=embedding.dim, size_px=16, rank=0, head=head.shape, key=f"key of {name}",
        comparable_with=base if passed else "", comparable_key=embedding.key if passed else "",
    )  # fmt: skip
    run_files.write(encoders.models_folder(project), card)
    with project.write() as session:
        rows.add(session, name, status="candidate", settings=Settings(encoder=base).as_json())
        rows.put(session, name, result={"is_better": True, "comparable": found})


class StoppingAt(Job):
    """Cancelled after so many pictures."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def advance(self, count: int = 1) -> None:
        super().advance(count)
        if self.progress.stage == "Re-embedding" and self.progress.done >= self.count:
            self.cancel()


def half_way(project: Project, count: int = 5) -> int:
    """Promote at once and make some of the vectors; how many still wait."""
    runs.promote(project, "next", at_once=True)
    with pytest.raises(Cancelled):
        updates.go_on(project, StoppingAt(count))
    state = updates.state(project)
    assert state is not None and 0 < state.waiting < 12
    return state.waiting


def from_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors of a head come from pictures, a few at a time, as those of a trained network do."""
    monkeypatch.setattr(embeddings, "_from_base", lambda project, encoder, todo, *more: todo)
    monkeypatch.setattr(encoding, "_MOST_ROWS", 1)
    monkeypatch.setattr(encoding, "_LIGHT_PART", 2)
    monkeypatch.setattr(HeadEncoder, "is_light", True)
    monkeypatch.setattr(HeadEncoder, "batch", 2)
