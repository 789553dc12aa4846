"""Opens whatever vectors come in: the kind of file is told by its first bytes."""

from pathlib import Path

from core.errors import TableError
from core.given.archive import NpzFile
from core.given.arrays import PICKLED, NpyFile
from core.given.delimited import CsvFile
from core.given.objects import JsonFile
from core.given.parquet import ParquetFile
from core.given.records import VectorFile, shown
from core.given.tensors import TensorFile

EXTENSIONS = (
    ".npy",
    ".npz",
    ".parquet",
    ".safetensors",
    ".csv",
    ".tsv",
    ".json",
    ".jsonl",
    ".ndjson",
)
_MAGIC_BYTES = 16
_KINDS = "Vectors come as .npy, .npz, Parquet, safetensors, CSV or JSON."
_PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib")
_REFUSED = (
    (b"\x89HDF\r\n", "an HDF5 file", "Save its array with numpy.save."),
    (b"\x1f\x8b", "compressed", "Unpack it first."),
    (b"SQLite format 3", "a database", _KINDS),
)


def open_file(path: Path) -> VectorFile:
    """The vectors in a file, opened. Raises TableError where it cannot be read or is of no known kind."""
    try:
        if path.is_dir():
            raise TableError(f"{shown(path)} is a folder.", "Name the file with the vectors.")
        if path.exists() and not path.is_file():  # its end may never come
            raise TableError(f"{shown(path)} is a pipe or a device.", "Save the vectors as a file.")
        with path.open("rb") as file:
            start = file.read(_MAGIC_BYTES)
        return _opened(path, start)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TableError(f"{shown(path)} cannot be read: {reason}.") from error


def _opened(path: Path, start: bytes) -> VectorFile:
    suffix = path.suffix.lower()
    if not start:
        raise TableError(f"{shown(path)} is empty.", _KINDS)
    if start.startswith(b"\x93NUMPY"):
        return NpyFile(path)
    is_pickle = start[0] == 0x80 and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    if is_pickle or (suffix in _PICKLES):
        raise TableError(f"{shown(path)} is a pickle, which can carry harmful code and is not read.",
                         "Save the vectors with numpy.save, as Parquet or as safetensors.")  # fmt: skip
    if start.startswith(b"PK\x03\x04"):
        if suffix not in (".npz", ".zip"):
            raise TableError(f"{shown(path)} is an archive of another kind.", _KINDS)
        return NpzFile(path)
    if start.startswith(b"PAR1"):
        return ParquetFile(path)
    for magic, what, remedy in _REFUSED:
        if start.startswith(magic):
            raise TableError(f"{shown(path)} is {what}.", remedy)
    if suffix == ".safetensors" or (start[8:9] == b"{" and b"\0" in start[:8]):
        return TensorFile(path)
    if suffix in (".npy", ".npz", ".parquet"):
        raise TableError(
            f"{shown(path)} is no {suffix} file, or it is damaged.",
            PICKLED if suffix != ".parquet" else _KINDS,
        )
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if suffix in (".json", ".jsonl", ".ndjson") or text[:1] == b"{":
        return JsonFile(path)
    return CsvFile(path)
