"""How much of each kind there is to be exported: told truly, and without reading any of it."""

from pathlib import Path

import pytest

from core.catalogue import runs
from core.operations import images, layouts, pairs, projects, sources
from core.operations.export_standing import standing


def test_it_tells_what_there_is_and_what_is_lacking(
    photos: Path, tmp_path: Path, fake_encoder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_WORKERS", "0")
    with projects.create(tmp_path / "photos.lookalike") as project:
        empty = standing(project)
        assert empty.images == empty.judged == 0 and empty.embedding is None
        project.keep("encoder:builtin", fake_encoder)
        sources.import_folders(project, [photos], embed=False)
        bare = standing(project)
        assert (bare.images, bare.copies, bare.encoders, bare.neighbours) == (13, 1, (), 0)
        sources.import_folders(project, [photos])
        a, b = sorted(set(images.content_ids(project, images.list_ids(project)).tolist()))[:2]
        pairs.judge(project, a, b, "similar")
        now = standing(project)
        assert now.embedding is not None and now.embedding.rows == 12
        assert [one.encoder for one in now.encoders] == ["builtin"]
        assert now.neighbours and now.layouts == tuple(layouts.available(project))
        assert (now.judged, now.found, now.splits, now.runs) == (1, 0, (), ())
        with project.write() as session:
            for name, status in (("old", "promoted"), ("new", "candidate"), ("broken", "failed")):
                runs.add(session, name, status=status, settings="{}")
        assert standing(project).runs == ("new", "old")
        # Of an encoder that has no vectors there is nothing, whatever the default has.
        other = standing(project, "timm:resnet18@none")
        assert other.embedding is None and other.neighbours == 0 and other.encoders
