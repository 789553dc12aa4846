"""Updates that are refused, stopped or killed: one sentence, and nothing lost."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from comparable_runs import COMPARABLE, from_pictures, make_run

from core.catalogue import embeddings as stored
from core.catalogue import runs as rows
from core.encoders import run_files
from core.errors import UsageError
from core.operations import (
    check,
    embeddings,
    encoders,
    galleries,
    projects,
    runs,
    search,
    sources,
    updates,
)
from core.project import Project


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    """Twelve contents, embedded by the fake, and a run that is comparable with it."""
    sources.import_folders(project, [photos])
    make_run(project, "next")
    return project


@pytest.fixture
def no_base(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors come from pictures."""
    from_pictures(monkeypatch)


def test_what_cannot_be_updated_to(filled: Project) -> None:
    make_run(filled, "bent", is_comparable=False, old_to_new=0.61, new_to_old=0.72)
    with pytest.raises(UsageError, match=r"0\.610 from .* 0\.720 from .* 0\.800") as caught:
        runs.promote(filled, "bent", at_once=True)
    assert "\n" not in str(caught.value)
    make_run(filled, "plain")
    with filled.write() as session:
        rows.put(session, "plain", result={"is_better": True})
    with pytest.raises(UsageError, match="not trained to stay comparable"):
        runs.promote(filled, "plain", at_once=True)
    with filled.write() as session:
        rows.put(session, "plain", result={"is_better": False, "comparable": COMPARABLE})
    with pytest.raises(UsageError, match="not measured to be better"):
        runs.promote(filled, "plain", at_once=True)
    models = encoders.models_folder(filled)
    card = run_files.read(models, "next")
    assert card is not None
    run_files.write(models, replace(card, comparable_key="of another version"))
    with pytest.raises(UsageError, match="are not in this catalogue"):
        runs.promote(filled, "next", at_once=True)
    run_files.write(models, replace(card, dim=7))
    with pytest.raises(UsageError, match="vectors of 7 numbers"):
        runs.promote(filled, "next", at_once=True)
    assert encoders.name_of(filled, None) == "builtin" and updates.state(filled) is None
    runs.promote(filled, "plain", anyway=True)  # as ever
    assert updates.state(filled) is None and embeddings.count(filled, None) == 12


def test_a_chain_goes_one_step_at_a_time(filled: Project) -> None:
    runs.promote(filled, "next", at_once=True)
    make_run(filled, "other")
    with pytest.raises(UsageError, match=r"update to run:next is not complete"):
        runs.promote(filled, "other", at_once=True)
    updates.go_on(filled)
    make_run(filled, "third", base="run:next")
    runs.promote(filled, "third", at_once=True)
    assert updates.state(filled) == updates.State("run:third", "run:next", 12, False)
    with pytest.raises(UsageError, match="trained on 'next' and needs it"):
        runs.discard(filled, "next")
    runs.rollback(filled)
    assert encoders.name_of(filled, None) == "run:next"
    runs.rollback(filled)
    assert encoders.name_of(filled, None) == "builtin"


def test_images_that_only_the_present_default_knows_are_not_hidden(
    filled: Project, photos: Path, make_picture: Any
) -> None:
    make_run(filled, "default")
    runs.promote(filled, "default")
    make_picture(501).save(photos / "discs" / "later.png")
    sources.import_folders(filled, [photos])
    with filled.write() as session:  # as if builtin had not seen it
        old = stored.find(session, "builtin")
        assert old is not None
        owners = stored.owners(session, old.id)
        stored.reset(session, old.id)
        stored.append_owners(session, old, owners[:-1].tolist())
    with pytest.raises(UsageError, match="1 contents have a vector of run:default"):
        runs.promote(filled, "next", at_once=True)


def test_whoever_stopped_it_is_believed(filled: Project) -> None:
    runs.promote(filled, "next", at_once=True)
    updates.stop(filled)
    state = updates.state(filled)
    assert state is not None and state.is_stopped
    updates.go_on(filled)
    assert updates.state(filled) is None


def test_files_that_are_away_stay_found_by_their_old_vectors(
    filled: Project, no_base: None, photos: Path
) -> None:
    runs.promote(filled, "next", at_once=True)
    (photos / "squares" / "square-1.png").rename(photos / "away")
    updates.go_on(filled)
    state = updates.state(filled)
    assert state is not None and state.waiting == 1
    assert len(search.similar_to_images(filled, [1], k=20)) == 12
    (photos / "away").rename(photos / "squares" / "square-1.png")
    updates.go_on(filled)
    assert updates.state(filled) is None


SCRIPT = """
import sys, time
sys.path[:0] = sys.argv[2:]
from conftest import FakeEncoder
from core.encoders.runs import HeadEncoder
from core.intake import encoding
from core.operations import embeddings, projects, updates

embeddings._from_base = lambda project, encoder, todo, *more: todo
encoding._MOST_ROWS, encoding._LIGHT_PART = 1, 1
encode, HeadEncoder.is_light, HeadEncoder.batch = HeadEncoder.encode_images, True, 1

def slowly(self, pixels):
    time.sleep(0.15)
    return encode(self, pixels)

HeadEncoder.encode_images = slowly
from pathlib import Path
with projects.open(Path(sys.argv[1])) as project:
    project.keep("encoder:builtin", FakeEncoder)
    print("begun", flush=True)
    updates.go_on(project)
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
def test_a_kill_in_the_middle_costs_nothing(
    tmp_path: Path, photos: Path, fake_encoder: type[Any]
) -> None:
    path = tmp_path / "c.lookalike"
    with projects.create(path) as project:
        project.keep("encoder:builtin", fake_encoder)
        sources.import_folders(project, [photos])
        make_run(project, "next")
        runs.promote(project, "next", at_once=True)
    tests = Path(__file__).parents[2]
    command = [
        sys.executable,
        "-c",
        SCRIPT,
        str(path),
        str(tests),
        str(tests / "helpers"),
        str(tests.parent),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        until_s = time.monotonic() + 60
        while _made(path) < 4:
            assert time.monotonic() < until_s and process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    copy = tmp_path / "copy.lookalike"
    shutil.copytree(path, copy, ignore=shutil.ignore_patterns("writer.lock"))
    with projects.open(path) as project:
        project.keep("encoder:builtin", fake_encoder)
        state = updates.state(project)
        assert state is not None and 0 < state.waiting <= 8 and not state.is_stopped
        assert len(search.similar_to_images(project, [1], k=20)) == 12
        with project.read() as session:
            owners = galleries.of(project, session, embeddings.require(project, None)).owners
        assert sorted(owners.tolist()) == list(range(1, 13))
        updates.go_on(project)
        assert updates.state(project) is None and embeddings.count(project, None) == 12
        assert not check.check(project).problems
    with projects.open(copy) as project:  # and by the import that comes next, from where it was
        project.keep("encoder:builtin", fake_encoder)
        assert len(embeddings.lacking(project, "run:next")) == state.waiting


def _made(path: Path) -> int:
    with projects.open(path, write=False) as project:
        return next(
            one.rows for one in embeddings.list_embeddings(project) if one.encoder == "run:next"
        )
