"""Migrations make the very tables of the schema, and an old catalogue still opens."""

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core.catalogue.schema import SCHEMA_VERSION, metadata
from core.catalogue.session import check_stamp
from core.operations import (
    history,
    images,
    info,
    layouts,
    neighbours,
    projects,
    regions,
    searches,
    tags,
)
from core.project import Project

KEPT = Path(__file__).parent / "old_catalogues"


@pytest.fixture(autouse=True)
def _tables_at_once() -> None:
    """Not here: every catalogue is made by the migrations."""


def test_migrations_and_schema_agree(project: Project) -> None:
    with project.read() as session:
        context = MigrationContext.configure(session, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_stamp_is_that_of_this_version(project: Project) -> None:
    assert check_stamp(project.path / "catalogue.sqlite") == SCHEMA_VERSION


def test_one_catalogue_per_version_is_kept() -> None:
    assert [path.name for path in sorted(KEPT.iterdir())] == [
        f"v{number}.lookalike" for number in range(1, SCHEMA_VERSION + 1)
    ]


@pytest.mark.parametrize("name", sorted(path.name for path in KEPT.iterdir()))
def test_old_catalogues_open_with_everything(tmp_path: Path, name: str) -> None:
    shutil.copytree(KEPT / name, tmp_path / name)
    with projects.open(tmp_path / name) as project:
        found = info.info(project)
        assert (found["images"], found["contents"]) == (13, 12)
        assert len(found["unreadable"]) == 1
        assert found["pairs"] == {"different": 1}
        assert [(one.name, one.count) for one in tags.list_tags(project)] == [("kept", 2)]
        history.undo(project)
        assert tags.list_tags(project) == []
        stored = layouts.load(project)
        assert stored is not None and len(stored.image_ids) == 13
        first = int(images.list_ids(project)[0])
        assert len(neighbours.of_image(project, first, 5)) == 5
        assert len(images.thumbnails(project, [1, 2, 3])) == 3
        saved = {one.name: one.words for one in searches.list_searches(project)}
        assert regions.state(project) == regions.RegionsState(12 if name >= "v3" else 0, 12)
        assert saved == ({"kept": "like disc-0.png, class discs"} if name >= "v3" else {})
