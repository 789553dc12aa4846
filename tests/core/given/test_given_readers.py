"""Files of vectors: what each kind gives back, the shapes that others write, and what is refused."""

import csv
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from safetensors.numpy import save_file

from core.errors import TableError
from core.given import owners, reader
from core.given.records import VectorFile
from core.jobs import Job

ROWS, DIM = 37, 5
Write = Callable[[Path, np.ndarray, Sequence[str]], object]


def vectors(kind: str = "float16") -> np.ndarray:
    rows = np.random.default_rng(3).normal(size=(ROWS, DIM))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(kind)


NAMES = [f"a, b/{number:02} \N{LATIN SMALL LETTER E WITH ACUTE}.jpg" for number in range(ROWS)]
HASHES = [f"{number:064x}" for number in range(ROWS)]


def everything(file: VectorFile) -> tuple[np.ndarray, list[str], list[str], dict[int, str]]:
    """(rows, paths, hashes, faults) of a file, read as it is read."""
    parts, paths, hashes, faults, count = [], [], [], {}, 0
    for block in file.blocks(Job()):
        assert len(block.paths) in (0, len(block.vectors))
        assert len(block.hashes) in (0, len(block.vectors))
        parts.append(block.vectors)
        paths += block.paths
        hashes += block.hashes
        faults |= {count + at: why for at, why in block.faults.items()}
        count += len(block.vectors)
    return np.concatenate(parts), paths, hashes, faults


# -- every kind, as this program and others write it


def _npz(path: Path, rows: np.ndarray, names: Sequence[str]) -> None:
    np.savez_compressed(path, embeddings=rows, paths=np.array(names), sha256=np.array(HASHES))


def _tensors(path: Path, rows: np.ndarray, names: Sequence[str]) -> None:
    told = {"paths": json.dumps(list(names)), "content": "\n".join(HASHES)}
    save_file({"embeddings": rows, "other": np.zeros(3, np.float32)}, path, told)


def _parquet(path: Path, rows: np.ndarray, names: Sequence[str]) -> None:
    flat = arrow.array(rows.reshape(-1))
    lists = arrow.FixedSizeListArray.from_arrays(flat, rows.shape[1])
    table = arrow.table({"path": list(names), "content": HASHES, "embedding": lists})
    parquet.write_table(table, path, row_group_size=10)


def _parquet_lists(path: Path, rows: np.ndarray, names: Sequence[str]) -> None:
    table = {"Image_Path": list(names), "hash": [bytes.fromhex(one) for one in HASHES]}
    lists = arrow.array([list(one) for one in rows], arrow.large_list(arrow.float32()))
    parquet.write_table(arrow.table(table | {"vec": lists}), path)


def _parquet_columns(path: Path, rows: np.ndarray, names: Sequence[str]) -> None:
    numbers = {f"d{at}": rows[:, at] for at in range(DIM)}
    parquet.write_table(
        arrow.table({"path": list(names), "sha256": HASHES, "year": [2020] * ROWS} | numbers), path
    )


def _csv(path: Path, rows: np.ndarray, names: Sequence[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["path", "content", "class", *(f"embedding_{at}" for at in range(DIM))])
        for name, sha256, row in zip(names, HASHES, rows.tolist(), strict=True):
            out.writerow([name, sha256, "007", *row])


def _csv_lists(path: Path, rows: np.ndarray, names: Sequence[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(["", "filename", "sha256", "embedding"])
        for number, (name, row) in enumerate(zip(names, rows, strict=True)):
            out.writerow([number, name, HASHES[number], str(np.array(row, np.float64).tolist())])


def _json_rows(path: Path, rows: np.ndarray, names: Sequence[str]) -> None:
    path.write_text(json.dumps([
        {"path": name, "sha256": sha256, "embedding": row}
        for name, sha256, row in zip(names, HASHES, rows.tolist(), strict=True)
    ], indent=1))  # fmt: skip


def _json_lines(path: Path, rows: np.ndarray, names: Sequence[str]) -> None:
    lines = (
        json.dumps({"file": name, "hash": sha256, "vector": row})
        for name, sha256, row in zip(names, HASHES, rows.tolist(), strict=True)
    )
    path.write_text("\n".join(lines) + "\n")


KINDS: dict[str, tuple[str, Write]] = {
    "npz": ("v.npz", _npz),
    "safetensors": ("v.safetensors", _tensors),
    "parquet": ("v.parquet", _parquet),
    "parquet of lists": ("v.parquet", _parquet_lists),
    "parquet of columns": ("v.parquet", _parquet_columns),
    "csv": ("v.csv", _csv),
    "csv of lists": ("v.csv", _csv_lists),
    "json": ("v.json", _json_rows),
    "json lines": ("v.jsonl", _json_lines),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_back_the_same_bits_in_the_same_order(kind: str, tmp_path: Path) -> None:
    name, write = KINDS[kind]
    path = tmp_path / name
    for numbers in ("float32", "float16") if kind != "parquet of lists" else ("float32",):
        rows = vectors(numbers)
        write(path, rows, NAMES)
        file = reader.open_file(path)
        assert file.dim == DIM and file.rows in (None, ROWS)
        for _ in range(2):  # a file is read as often as it is asked for
            found, paths, hashes, faults = everything(file)
            assert np.array_equal(found.astype(np.float32), rows.astype(np.float32))
            assert (paths, hashes, faults) == (NAMES, HASHES, {})


@pytest.mark.parametrize("kind", ["<f2", "<f4", ">f8", "|i1", "<u4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_any_real_number_and_order(kind: str, order: Any, tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(ROWS, DIM)) * 50
    saved = np.asarray(np.abs(rows), order=order).astype(kind)
    np.save(tmp_path / "v.npy", saved)
    found, paths, *_ = everything(reader.open_file(tmp_path / "v.npy"))
    assert np.array_equal(found, saved) and paths == []


def test_tensors_of_brain_floats(tmp_path: Path) -> None:
    rows = vectors("float32")
    upper = (rows.view(np.uint32) >> 16).astype(np.uint16)
    head = json.dumps(
        {"x": {"dtype": "BF16", "shape": [ROWS, DIM], "data_offsets": [0, upper.nbytes]}}
    ).encode()
    path = tmp_path / "v.safetensors"
    path.write_bytes(len(head).to_bytes(8, "little") + head + upper.tobytes())
    file = reader.open_file(path)
    assert file.kind == "bfloat16"
    assert np.abs(everything(file)[0] - rows).max() < 0.01


def test_names_with_their_vectors_and_rows_without_a_header(tmp_path: Path) -> None:
    rows = vectors("float32")
    path = tmp_path / "v.json"  # as some programs keep what they computed, by file name
    path.write_text(
        json.dumps({name: [row] for name, row in zip(NAMES, rows.tolist(), strict=True)})
    )
    found, paths, hashes, _ = everything(reader.open_file(path))
    assert np.array_equal(found.astype(np.float32), rows) and paths == NAMES and hashes == []
    path = tmp_path / "v.tsv"
    path.write_text("".join(
        "\t".join([f"{number}.png", *map(repr, row)]) + "\n" for number, row in enumerate(rows.tolist())
    ))  # fmt: skip
    found, paths, _, _ = everything(reader.open_file(path))
    assert np.array_equal(found.astype(np.float32), rows) and paths[1] == "1.png"


def test_rows_that_hold_no_vector_are_told_one_by_one(tmp_path: Path) -> None:
    good = [1.0, 2.0]
    lists = arrow.array([good, None, [1.0], good, [], [1.0, None]], arrow.list_(arrow.float32()))
    parquet.write_table(arrow.table({"embedding": lists}), tmp_path / "v.parquet")
    found, _, _, faults = everything(reader.open_file(tmp_path / "v.parquet"))
    assert faults == {1: "it is empty", 2: "it has 1 numbers, not 2", 4: "it is empty"}
    assert np.array_equal(found[3], good) and np.isnan(found[5, 1])
    (tmp_path / "v.jsonl").write_text(
        '{"path": "a", "embedding": [1, 2]}\n{"path": "b"}\n{"path": "c", "embedding": "no"}\n'
        '{"path": "d", "embedding": [1, NaN]}\n{"path": "e", "embedding": [1, 2, 3]}'
    )
    found, _, _, faults = everything(reader.open_file(tmp_path / "v.jsonl"))
    assert list(faults) == [1, 2, 4] and np.isnan(found[3, 1])
    (tmp_path / "v.csv").write_text('path,embedding\na,"[0.1 0.2]"\nb,"[0.1 ... 0.2]"\nc,x\nd,\n')
    faults = everything(reader.open_file(tmp_path / "v.csv"))[3]
    assert faults == {1: "it is cut short", 2: "it is no list of numbers", 3: "it is empty"}
    (tmp_path / "w.csv").write_text("path,e_0,e_1\na,1,2\nb,1\nc,nan,inf\nd,3,4\n")
    file = reader.open_file(tmp_path / "w.csv")
    found, paths, _, _ = everything(file)
    assert paths == ["a", "c", "d"] and not np.isfinite(found[1]).any()
    assert file.notes == ["1 line has another number of cells than the first and cannot be read."]


# -- whose they are


def test_the_table_beside(tmp_path: Path) -> None:
    path = tmp_path / "v.npy"
    assert owners.beside(path) is None
    (tmp_path / "v.txt").write_text("a b.jpg\nc,d.jpg\n")
    beside = owners.beside(path)
    assert beside is not None and owners.read(beside, Job()).paths == ["a b.jpg", "c,d.jpg"]
    (tmp_path / "v.npy.csv").write_text("path,content\na.jpg," + HASHES[1] + "\n")
    beside = owners.beside(path)
    assert beside is not None and beside.name == "v.npy.csv"
    said = owners.read(beside, Job())
    assert (said.paths, said.hashes) == (["a.jpg"], [HASHES[1]])
    (tmp_path / "bare.csv").write_text("\n".join(HASHES))
    (tmp_path / "odd.csv").write_text("what,where\n1,there/a.jpg\n2,there/b.png\n")
    assert owners.read(tmp_path / "odd.csv", Job()).paths == ["there/a.jpg", "there/b.png"]
    for words in ("a,b\n1,2\n", "path,x\na\n"):
        (tmp_path / "none.csv").write_text(words)
        with pytest.raises(TableError):
            owners.read(tmp_path / "none.csv", Job())


# -- what is refused, in one sentence


class _Bomb:
    """Runs something where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("harm.txt"),))


def _saved(rows: Any, **more: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, rows, **more)
    return out.getvalue()


def _zipped(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def _tensor(head: Any, data: bytes = b"") -> bytes:
    raw = head if isinstance(head, bytes) else json.dumps(head).encode()
    return len(raw).to_bytes(8, "little") + raw + data


def _other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("note.txt", "no arrays")
    return out.getvalue()


_OBJECTS = np.array([_Bomb(), 1], dtype=object)
_ONE = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
HOSTILE: dict[str, bytes] = {
    "empty.npy": b"",
    "objects.npy": _saved(_OBJECTS, allow_pickle=True),
    "pickle.pkl": pickle.dumps({"a.jpg": [1.0]}),
    "pickle.npy": pickle.dumps(_Bomb()),
    "weights.pt": _other_zip(),
    "short.npy": _saved(np.ones((9, 4)))[:-8],
    "head.npy": _saved(np.ones((9, 4)))[:40],
    "deep.npy": b"\x93NUMPY\x01\x00" + (9_000).to_bytes(2, "little") + b"(" * 9_000,
    "huge.npy": b"\x93NUMPY\x01\x00v\x00" + repr(
        {"descr": "<f8", "fortran_order": False, "shape": (1 << 60, 1 << 60)}
    ).ljust(117).encode() + b"\n",
    "flat.npy": _saved(np.ones(9)),
    "cube.npy": _saved(np.ones((3, 3, 3))),
    "none.npy": _saved(np.ones((0, 4))),
    "narrow.npy": _saved(np.ones((4, 1))),
    "wide.npy": _saved(np.ones((1, 20_000), np.float16)),
    "complex.npy": _saved(np.ones((4, 4), complex)),
    "words.npy": _saved(np.array([["a", "b"]])),
    "record.npy": _saved(np.zeros(4, [("a", "f4"), ("b", "f4")])),
    "no.npz": _other_zip(),
    "cut.npz": _zipped(embeddings=np.ones((9, 4)))[:-30],
    "bits.npz": _zipped(embeddings=np.ones((900, 40)))[:5_000] + b"\0" * 3_000,
    "objects.npz": _zipped(embeddings=np.ones((2, 4)), paths=_OBJECTS),
    "count.npz": _zipped(embeddings=np.ones((3, 4)), paths=np.array(["a", "b"])),
    "many.npz": _zipped(first=np.ones((3, 4)), second=np.ones((3, 4))),
    "lying.safetensors": (1 << 60).to_bytes(8, "little") + b"{",
    "words.safetensors": _tensor(b"not json at all"),
    "list.safetensors": _tensor([1]),
    "short.safetensors": _tensor({"embeddings": _ONE}, b"\0" * 8),
    "ends.safetensors": _tensor({"embeddings": _ONE | {"data_offsets": [0, 4]}}, b"\0" * 16),
    "minus.safetensors": _tensor({"embeddings": _ONE | {"shape": [-2, 2]}}, b"\0" * 16),
    "weights.safetensors": _tensor({"a.weight": _ONE, "b.weight": _ONE}, b"\0" * 16),
    "count.safetensors": _tensor({"embeddings": _ONE, "__metadata__": {"paths": "[\"a\"]"}}, b"\0" * 16),
    "no.parquet": b"PAR1 and nothing more PAR1",
    "text.parquet": b"path,embedding\n",
    "bytes.csv": bytes(range(256)) * 4,
    "labels.csv": b"path,label\na.jpg,cat\n",
    "words.csv": b"path,e_0,e_1\na.jpg,1,2\nb.jpg,one,two\n",
    "deep.json": b"[" * 100_000,
    "coco.json": b'{"images": [], "categories": []}',
    "ints.json": b"[1, 2]",
    "nulls.json": b"[null]",
    "cut.json": b'[{"path": "a", "embedding": [1, 2]}, {"path": "b", "embe',
    "book.xlsx": _other_zip(),
    "data.h5": b"\x89HDF\r\n\x1a\n" + b"\0" * 64,
    "v.npy.gz": b"\x1f\x8b" + b"\0" * 64,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_a_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    with pytest.raises(TableError) as caught:
        everything(reader.open_file(path))
    assert str(path) in caught.value.sentence and "\n" not in str(caught.value)
    assert caught.value.sentence.endswith(".") and len(caught.value.sentence) < 400
    assert "ints" not in caught.value.sentence.replace(str(path), "")
    assert "NoneType" not in caught.value.sentence
    assert not (tmp_path / "harm.txt").exists()


def test_places_that_are_no_files(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere.npy", Path("/dev/null")):
        with pytest.raises(TableError):
            reader.open_file(place)
