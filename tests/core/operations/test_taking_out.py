"""Images taken out of the catalogue: left out of everything, kept in full, brought back as they were."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.catalogue.filters import Filter
from core.changes import Changes
from core.errors import TableError, UndoRefused
from core.operations import (
    duplicates,
    embeddings,
    evaluate,
    history,
    images,
    labels,
    layouts,
    neighbours,
    pairs,
    projects,
    search,
    sources,
    tags,
)
from core.project import Project


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


def id_at(project: Project, path: Path) -> int:
    image_id = images.id_of_path(project, path)
    assert image_id is not None
    return image_id


def test_what_is_out_is_left_out_everywhere(filled: Project, photos: Path, tmp_path: Path) -> None:
    copy, original = photos / "squares" / "disc-0 copy.png", photos / "discs" / "disc-0.png"
    out = [id_at(filled, copy), id_at(filled, photos / "triangles" / "triangle-0.png")]
    tags.add(filled, np.array(out), "kept")
    table = tmp_path / "pairs.csv"
    table.write_text(f"a,b,verdict\n{photos}/triangles/triangle-0.png,{original},different\n")
    pairs.import_csv(filled, table)
    changes = images.take_out(filled, out)
    assert Changes.IMAGES in changes and Changes.HISTORY in changes
    counts = images.counts(filled)
    assert (counts.images, counts.removed, counts.missing, counts.contents) == (11, 2, 0, 11)
    assert not set(out) & set(images.list_ids(filled).tolist())
    assert images.list_ids(filled, Filter(state="removed")).tolist() == sorted(out)
    assert images.list_taken_out(filled).tolist() == sorted(out)
    found = search.similar_to_images(filled, [id_at(filled, original)], k=20)
    assert len(found) == 10 and not {hit.image_id for hit in found} & set(out)
    assert [one.kind for one in duplicates.find(filled, threshold=1.0)] == []
    assert evaluate.evaluate(filled, "folders")["images"] == 11
    assert images.facets(filled).sources[0].count == 11
    # An import, a new graph and a new layout leave them out as well.
    report = sources.import_folders(filled, [photos])
    assert (report.added, report.moved, report.unchanged, report.missing) == (0, 0, 13, 0)
    assert Changes.LAYOUTS in report.changes
    stored = layouts.load(filled)
    assert stored is not None and len(stored.image_ids) == 11
    assert len(neighbours.of_image(filled, id_at(filled, original), 20)) == 10
    assert labels.export_csv(filled, tmp_path / "labels.csv") == 11
    assert pairs.export_csv(filled, tmp_path / "out.csv") == 0
    with pytest.raises(TableError):
        pairs.import_csv(filled, table)
    # Their files, pictures and what was said of them are still there.
    assert copy.exists() and images.picture(filled, out[0]).shape == (72, 96, 3)
    described = images.describe(filled, out)
    assert all(one.is_removed and one.tags == ("kept",) for one in described)
    images.bring_back(filled, out)
    assert images.counts(filled).images == 13 and not len(images.list_taken_out(filled))
    assert pairs.export_csv(filled, tmp_path / "out.csv") == 1
    again = sources.import_folders(filled, [photos])
    assert again.embedded == 0 and len(embeddings.lacking(filled, "builtin")) == 0


def test_out_stays_out_when_the_file_moves_or_changes(
    filled: Project, photos: Path, make_picture: Callable[..., Image.Image]
) -> None:
    one, two = photos / "discs" / "disc-1.png", photos / "discs" / "disc-2.png"
    images.take_out(filled, [id_at(filled, one), id_at(filled, two)])
    one.rename(photos / "moved.png")
    make_picture(99).save(two)
    sources.import_folders(filled, [photos])
    assert images.counts(filled).removed == 2 and images.counts(filled).images == 11
    (photos / "moved.png").unlink()
    two.unlink()
    sources.import_folders(filled, [photos])
    assert (images.counts(filled).removed, images.counts(filled).missing) == (2, 0)
    shutil.copy(photos / "discs" / "disc-3.png", two)
    sources.import_folders(filled, [photos])
    assert images.counts(filled).removed == 2


def test_undo_and_redo(filled: Project, photos: Path) -> None:
    ids = images.list_ids(filled)[:4]
    images.take_out(filled, ids.tolist())
    assert history.state(filled).undo_text == "Take 4 images out of the catalogue"
    history.undo(filled)
    assert images.counts(filled).removed == 0
    history.redo(filled)
    assert images.counts(filled).removed == 4
    filled.close()
    with projects.open(filled.path) as project:
        history.undo(project)
        assert images.counts(project).removed == 0
        images.take_out(project, ids)
        images.bring_back(project, ids[:1])
        history.undo(project)
        assert images.counts(project).removed == 4
        assert images.take_out(project, ids) == Changes.NONE
        assert images.bring_back(project, [4711]) == Changes.NONE
        sources.remove(project, photos)
        with pytest.raises(UndoRefused, match="changed since"):
            history.undo(project)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[one for one in Phase if one != Phase.explain],
)
@given(data=st.data())
def test_any_round_trip(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is taken out, brought back and undone: images are out exactly as was said last."""
    home = tmp_path_factory.mktemp("laws")
    (home / "photos").mkdir()
    for number in range(6):
        (home / "photos" / f"{number}.ppm").write_bytes(b"P6 2 2 255 " + bytes([number] * 12))
    with projects.create(home / "c.lookalike") as project:
        sources.import_folders(project, [home / "photos"], embed=False)
        every = images.list_ids(project).tolist()
        states = [frozenset[int]()]
        for _ in range(data.draw(st.integers(1, 8))):
            chosen = frozenset(data.draw(st.lists(st.sampled_from(every))))
            word = data.draw(st.sampled_from(("out", "back", "undo", "look")))
            if word == "undo" and len(states) > 1:
                history.undo(project)
                states.pop()
            elif word == "look":
                sources.import_folders(project, [home / "photos"], embed=False)
            elif word != "undo":
                act = images.take_out if word == "out" else images.bring_back
                now = states[-1] | chosen if word == "out" else states[-1] - chosen
                changes = act(project, sorted(chosen))
                assert (changes == Changes.NONE) == (now == states[-1])
                if now != states[-1]:
                    states.append(now)
            assert set(images.list_taken_out(project).tolist()) == states[-1]
            assert set(images.list_ids(project).tolist()) == set(every) - states[-1]
