"""Readers: whatever labels come in becomes the same table, and what is none is said so."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import TableError
from core.jobs import Job
from core.labelling import delimited, reader, roles
from core.labelling.table import Role, Table

WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\x85"),
    min_size=1,
    max_size=12,
).map(str.strip)


def read(folder: Path, name: str, data: str | bytes) -> Table:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return reader.read(path, Job())


def roles_of(table: Table, **given: Role) -> dict[str, str]:
    return {one.name: one.role for one in roles.assign(table, given)}


@given(
    rows=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=20),
    delimiter=st.sampled_from(delimited.DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_every_delimiter_and_encoding_reads_the_same(
    rows: list[tuple[str, str, str]], delimiter: str, encoding: str, end: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(("image file", "my label", "further words"))
    writer.writerows(rows)
    raw = text.getvalue().encode(encoding)
    if encoding in ("utf-16-le", "utf-16-be") and b"\0" not in raw[:4096]:
        return  # not to be told from one-byte text
    table = delimited.read(Path("x.csv"), raw, Job())
    assert table.names == ["image file", "my label", "further words"]
    assert list(zip(*table.values, strict=True)) == [
        tuple(cell.strip() for cell in row) for row in rows if any(row)
    ]
    assert not table.broken


def test_old_encodings_are_read_and_noted(tmp_path: Path) -> None:
    table = read(tmp_path, "a.csv", "path;label\nK\xfche.jpg;K\xe4se \u20ac\n".encode("cp1252"))
    assert table.column("label") == ["Käse €"]
    assert "Windows-1252" in table.notes[0]


def test_rows_that_are_cut_short_or_too_long_are_listed(tmp_path: Path) -> None:
    table = read(tmp_path, "a.csv", "path,label\na.jpg,x\nb.jpg\nc.jpg,x,y\n\nd.jpg,x,\n")
    assert table.column("path") == ["a.jpg", "d.jpg"]
    assert table.lines.tolist() == [2, 6]
    assert [(line, path) for line, path, _ in table.broken] == [(3, "b.jpg"), (4, "c.jpg")]


def test_a_table_without_a_first_line_of_names(tmp_path: Path) -> None:
    rows = "".join(f"train/pears/p{n}.jpg, {n % 3}, {n}.5\n" for n in range(12))
    table = read(tmp_path, "train.txt", rows)
    assert not table.has_header and table.rows == 12 and table.lines[0] == 1
    assert roles_of(table) == {"column 1": "path", "column 2": "label", "column 3": "field"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"path,label\n", "holds no rows"),
        (b"PK\x03\x04zip", "Save it as CSV"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\1", "not a table"),
        (b'{"images": [], "annotations": [], "categories": []}', "no annotations"),
        (b'{"a": 1}', "not a COCO file"),
        (b"{broken", "not JSON"),
    ],
)
def test_what_is_no_table_is_said_so(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(TableError, match=words):
        read(tmp_path, "a.csv", data)


def test_a_damaged_parquet_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="Parquet"):
        read(tmp_path, "a.parquet", b"PAR1 this is not one PAR1")
    with pytest.raises(TableError, match="cannot be read"):
        reader.read(tmp_path / "nowhere.csv", Job())


@pytest.mark.parametrize(
    ("names", "row", "expected"),
    [
        (["path", "label", "split"], ["a.jpg", "x", "train"], ["path", "label", "split"]),
        (["", "filename", "class"], ["0", "a.jpg", "x"], ["ignore", "path", "label"]),
        (["id", "breed"], ["00ab3", "boxer"], ["path", "label"]),
        (["image_id", "file_name", "species"], ["7", "a.png", "x"], ["field", "path", "label"]),
        (["class_id", "class_name", "image"], ["3", "x", "a.jpg"], ["field", "label", "path"]),
        (["Image Path (str)", "Text Path", "fold"], ["a.jpg", "a.txt", "4"],
         ["path", "field", "field"]),
        (["img", "labels", "subset"], ["a.jpg", "x;y", "Validation"], ["path", "tags", "split"]),
        (["url", "keywords", "set"], ["http://h/a.jpg", "x|y", "holiday"],
         ["path", "tags", "field"]),
    ],
)  # fmt: skip
def test_roles_are_guessed(
    tmp_path: Path, names: list[str], row: list[str], expected: list[str]
) -> None:
    table = read(tmp_path, "a.csv", ",".join(names) + "\n" + ",".join(row) + "\n")
    assert [one.role for one in roles.assign(table)] == expected


def test_roles_that_are_said_go_before_guesses(tmp_path: Path) -> None:
    table = read(tmp_path, "a.csv", "path,old,label\na.jpg,b.jpg,x\n")
    assert roles_of(table, old="path") == {"path": "field", "old": "path", "label": "label"}
    assert roles_of(table, label="ignore")["label"] == "ignore"
    with pytest.raises(TableError, match="no column 'nothing'"):
        roles_of(table, nothing="tags")
    with pytest.raises(TableError, match="Two columns"):
        roles_of(table, path="path", old="path")


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("7", "number"), ("-1.5e3", "number"), ("007", "text"), ("1,5", "text"),
     ("12345678901234567890", "text"), ("0.5", "number"), ("nan", "text"), ("0", "number")],
)  # fmt: skip
def test_codes_are_no_numbers(cell: str, kind: str) -> None:
    assert roles.number_kind([cell, "", "1"]) == kind


@pytest.mark.parametrize(
    ("cell", "tags"),
    [("", []), ("a", ["a"]), ("a; b;;a", ["a", "b"]), ("a, b", ["a", "b"]),
     ('["x y", "z"]', ["x y", "z"]), ("['x', 'y']", ["x", "y"]), ("a,b|c", ["a,b", "c"])],
)  # fmt: skip
def test_tags_in_a_cell(cell: str, tags: list[str]) -> None:
    assert roles.split_tags(cell) == tags


def test_parquet_with_lists_pictures_numbers_and_names_of_classes(tmp_path: Path) -> None:
    picture = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    features = {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}
    schema = arrow.schema(
        [("image", picture), ("label", arrow.int64()), ("tags", arrow.list_(arrow.string())),
         ("price", arrow.float64()), ("vector", arrow.list_(arrow.float32()))],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"image": {"bytes": b"", "path": "a.jpg"}, "label": 1, "tags": ["x", "y"], "price": 0.1,
         "vector": [1.0]},
        {"image": {"bytes": b"", "path": "b.jpg"}, "label": -1, "tags": None, "price": None,
         "vector": None},
    ]  # fmt: skip
    parquet.write_table(arrow.Table.from_pylist(rows, schema), tmp_path / "a.parquet")
    table = reader.read(tmp_path / "a.parquet", Job())
    assert table.column("image") == ["a.jpg", "b.jpg"]
    assert table.column("label") == ["dog", ""]
    assert roles.split_tags(table.column("tags")[0]) == ["x", "y"]
    assert table.column("price") == ["0.1", ""]
    assert roles_of(table) == {
        "image": "path", "label": "label", "tags": "tags", "price": "field", "vector": "ignore",
    }  # fmt: skip


def coco(**more: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"},
                   {"id": 3, "file_name": "c.jpg"}, {"id": 4}],
        "categories": [{"id": 5, "name": "cat"}, {"id": 9, "name": "dog"}],
        "annotations": [
            {"image_id": 1, "category_id": 5, "area": 10.0},
            {"image_id": 1, "category_id": 5, "area": 10.0},
            {"image_id": 1, "category_id": 9, "bbox": [0, 0, 5, 5]},
            {"image_id": 2, "category_id": 5},
            {"image_id": 2, "caption": "a cat"},
        ],
        **more,
    }  # fmt: skip


def test_coco_the_largest_is_the_class_and_all_are_tags(tmp_path: Path) -> None:
    table = read(tmp_path, "a.json", json.dumps(coco()))
    assert table.column("file_name") == ["a.jpg", "b.jpg", "c.jpg"]
    assert table.column("category") == ["dog", "cat", ""]
    assert [roles.split_tags(cell) for cell in table.column("categories")] == [
        ["cat", "dog"], ["cat"], [],
    ]  # fmt: skip
    assert len(table.broken) == 1 and not table.has_removals
    assert any("1 images have no annotation" in note for note in table.notes)
    one_each = coco(annotations=[{"image_id": 1, "category_id": 5}])
    assert "categories" not in read(tmp_path, "b.json", json.dumps(one_each)).names


def test_captions_alone_are_refused(tmp_path: Path) -> None:
    captions = {"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"caption": "x"}]}
    with pytest.raises(TableError, match="no annotations with categories"):
        read(tmp_path, "a.json", json.dumps(captions))


def make_tree(root: Path, *names: str) -> None:
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number, 40, 200)).save(path)


def test_a_tree_of_folders_with_splits_and_others(tmp_path: Path) -> None:
    make_tree(tmp_path, "train/cats/1.png", "valid/dogs/brown/2.png", "icons/cats/3.png")
    table = reader.read(tmp_path, Job())
    found = dict(
        zip(table.column("file"), zip(table.column("folder"), table.column("split"), strict=True),
            strict=True)
    )  # fmt: skip
    assert found == {
        "train/cats/1.png": ("cats", "train"),
        "valid/dogs/brown/2.png": ("brown", "val"),
        "icons/cats/3.png": ("cats", ""),
    }
    assert roles_of(table) == {"file": "path", "folder": "label", "split": "split"}


def test_a_folder_named_test_alone_among_others_is_a_class(tmp_path: Path) -> None:
    make_tree(tmp_path, "test/1.png", "exam/2.png")
    table = reader.read(tmp_path, Job())
    assert table.names == ["file", "folder"]
    with pytest.raises(TableError, match="no sub-folders"):
        reader.read(tmp_path / "test", Job())


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_metadata_beside_the_images(tmp_path: Path, kind: str) -> None:
    make_tree(tmp_path, "train/0.png", "train/1.png", "test/0.png")
    rows = [{"file_name": "0.png", "label": "cat", "note": "x"},
            {"file_name": "9.png", "label": "dog", "note": "y"}]  # fmt: skip
    if kind == "csv":
        with (tmp_path / "train" / "metadata.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    else:
        lines = "\n".join(json.dumps(row) for row in rows)
        (tmp_path / "train" / "metadata.jsonl").write_text(lines)
    table = reader.read(tmp_path, Job())
    assert dict(zip(table.column("file"), table.column("label"), strict=True)) == {
        "train/0.png": "cat", "train/1.png": "", "test/0.png": "",
    }  # fmt: skip
    assert table.broken[0][1] == "train/9.png"
    assert roles_of(table) == {"file": "path", "split": "split", "label": "label", "note": "field"}
