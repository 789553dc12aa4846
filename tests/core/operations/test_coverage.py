"""How much each encoder has seen, and letting go of what it made."""

from pathlib import Path

import numpy as np
import pytest

from core.catalogue import contents
from core.errors import EncoderError, UsageError
from core.intake.batches import Embedder
from core.operations import coverage, embeddings, layouts, neighbours, sources
from core.project import Project

OTHER = "timm:resnet18@other.safetensors"


class Other:
    name = OTHER
    key = "another key"
    dim = 8


def embed_some(project: Project, count: int) -> None:
    with project.read() as session:
        ids = [int(one) for one in contents.in_use(session)][:count]
    rows = np.random.default_rng(1).normal(size=(count, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    embedder = Embedder.open(project, Other)  # type: ignore[arg-type]
    with project.write() as session:
        embedder.append(project, session, ids, rows)


def test_images_are_counted_and_exact_duplicates_with_them(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos])
    embed_some(project, 11)
    found = coverage.count(project)
    assert found.images == 13
    assert found.seen["builtin"] == 13
    assert found.seen[OTHER] == 12  # the first content has two images


def test_what_is_let_go_of_is_gone_and_can_be_made_again(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos])
    embed_some(project, 12)
    neighbours.build(project, encoder=OTHER)
    layouts.build(project, encoder=OTHER)
    folder = project.vectors(embeddings.require(project, OTHER)).folder
    coverage.forget(project, OTHER)
    assert OTHER not in coverage.count(project).seen
    assert layouts.load(project, OTHER) is None
    assert not list(folder.glob("*.f16"))
    with pytest.raises(EncoderError):
        embeddings.require(project, OTHER)
    embed_some(project, 5)
    assert embeddings.require(project, OTHER).rows == 5


def test_those_of_the_default_stay(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos])
    with pytest.raises(UsageError):
        coverage.forget(project, "builtin")
    assert coverage.count(project).seen == {"builtin": 13}
