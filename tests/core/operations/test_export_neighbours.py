"""The stored graph taken away in every format, and read back by the libraries that people use."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from derived import derive
from scipy import sparse

from core.catalogue import listing
from core.errors import EncoderError
from core.operations import exports, images, neighbours
from core.operations.exports import Request
from core.project import Project

COLUMNS = ["path", "neighbour", "rank", "score", "content"]


def export(project: Project, out: Path, form: str, **more: object) -> exports.Exported:
    return exports.export(project, Request("neighbours", form, out, **more))  # type: ignore[arg-type]


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("few", [20_000, 0])
def test_every_format_says_what_the_program_shows(
    imported: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """With the texts of few images read for themselves, and with those of all read once."""
    monkeypatch.setattr(listing, "_FEW_IMAGES", few)
    monkeypatch.setattr(listing, "_FEW_ROWS", few)
    derive(imported, k=3)
    told = images.describe(imported, images.list_ids(imported).tolist())
    wanted = [
        [one.path, hit.path, rank, hit.score, one.sha256]
        for one in told
        for rank, hit in enumerate(neighbours.of_image(imported, one.id, 3), start=1)
    ]
    assert len(wanted) == 3 * 13 and sum(row[3] == 1 for row in wanted) == 2  # one copy of another
    table = export(imported, tmp_path / "n.parquet", "parquet")
    assert table.count == len(wanted) and table.notes == ()
    read = parquet.read_table(tmp_path / "n.parquet")
    assert read.column_names == COLUMNS
    rows = [list(one.values()) for one in read.to_pylist()]
    assert [[*row[:3], round(row[3], 6), row[4]] for row in rows] == wanted
    assert json.loads(read.schema.metadata[b"lookalike"])["k"] == "3"

    export(imported, tmp_path / "n.csv", "csv")
    head, *lines = read_csv(tmp_path / "n.csv")
    assert head == COLUMNS
    assert [[*row[:2], int(row[2]), round(float(row[3]), 6), row[4]] for row in lines] == wanted

    export(imported, tmp_path / "n.npz", "npz")
    matrix = sparse.load_npz(tmp_path / "n.npz")
    assert matrix.format == "csr" and matrix.shape == (13, 13) and matrix.nnz == len(wanted)
    assert matrix.data.dtype == np.float32 and matrix.indices.dtype == np.int32
    paths = [one.path for one in told]
    assert read_csv(tmp_path / "n.npz.csv") == [
        ["path", "content"],
        *([one.path, one.sha256] for one in told),
    ]
    places = [
        [paths[row], paths[column], round(float(score), 6)]
        for row, column, score in zip(*_coordinates(matrix), strict=True)
    ]
    assert places == [[row[0], row[1], row[3]] for row in wanted]
    assert (
        abs(
            matrix @ np.ones(13)
            - np.bincount([paths.index(row[0]) for row in wanted], [row[3] for row in wanted])
        ).max()
        < 1e-5
    )


def _coordinates(matrix: sparse.csr_matrix) -> tuple[list[int], list[int], list[float]]:
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return rows.tolist(), matrix.indices.tolist(), matrix.data.tolist()


def test_only_images_that_are_exported_are_neighbours(imported: Project, tmp_path: Path) -> None:
    derive(imported, k=3)
    written = export(imported, tmp_path / "n.csv", "csv", filter_text="class:squares")
    assert written.notes == ("Only images that are exported count as neighbours.",)
    lines = read_csv(tmp_path / "n.csv")[1:]
    assert lines and all("/squares/" in row[0] and "/squares/" in row[1] for row in lines)
    export(imported, tmp_path / "n.npz", "npz", filter_text="class:squares")
    assert sparse.load_npz(tmp_path / "n.npz").shape == (5, 5)
    one = images.list_ids(imported)[:1]
    assert export(imported, tmp_path / "n.parquet", "parquet", image_ids=one).count == 0
    assert parquet.read_table(tmp_path / "n.parquet").num_rows == 0
    export(imported, tmp_path / "n.npz", "npz", image_ids=one)
    assert sparse.load_npz(tmp_path / "n.npz").toarray().tolist() == [[0.0]]


def test_images_that_came_after_the_graph_are_counted(imported: Project, tmp_path: Path) -> None:
    derive(imported, k=3)
    with imported.write() as session:
        session.exec_driver_sql(
            "UPDATE neighbour_blocks SET content_ids = substr(content_ids, 1, 40),"
            " neighbour_ids = substr(neighbour_ids, 1, 120), scores = substr(scores, 1, 60)"
        )
    written = export(imported, tmp_path / "n.csv", "csv")
    assert "2 images are not in the stored graph" in written.notes[0]


def test_without_a_graph_there_is_a_remedy(imported: Project, tmp_path: Path) -> None:
    embedding = derive(imported)
    with imported.write() as session:
        session.exec_driver_sql("DELETE FROM neighbour_graphs")
    with pytest.raises(
        EncoderError, match=f"no stored neighbours by {embedding.encoder} yet"
    ) as caught:
        export(imported, tmp_path / "n.csv", "csv")
    assert caught.value.remedy == "Run neighbours." and not (tmp_path / "n.csv").exists()
