"""Files with weights: of what kind, whether they are whole, and whether they may be opened. No torch.

A safetensors file holds numbers and nothing else. A pickle can carry code: it is opened only where the
user said that they trust where it comes from, and even then with weights alone.
"""

import hashlib
import json
import os
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from core import settings
from core.encoders.weights import hub_cache
from core.errors import EncoderError

Kind = Literal["safetensors", "pickle", "numpy"]
_PIECE = 1 << 20
_LONGEST_HEADER = 100_000_000  # as safetensors itself allows
_KEPT_HASHES = 500


class UntrustedCheckpoint(EncoderError):
    """A pickle that the user has not said they trust."""

    def __init__(self, what: str, name: str = "NAME") -> None:
        super().__init__(
            f"{what} is a pickle, which can carry harmful code.",
            f"If you trust where it comes from: lookalike encoders install {name} --allow-pickle.",
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file with weights."""

    path: Path
    kind: Kind
    bytes: int
    sha256: str


def is_pickle(name: str) -> bool:
    """Whether a file of this name holds a pickle."""
    return not name.lower().endswith((".safetensors", ".npz", ".npy"))


def inspect(path: Path) -> Checkpoint:
    """Say what a file is. Raises EncoderError where it is missing, cut short or no weights at all."""
    try:
        size = path.stat().st_size
        kind = _kind(path, size)
        return Checkpoint(path, kind, size, sha256_of(path))
    except FileNotFoundError as error:
        raise EncoderError(f"There is no file {path}.") from error
    except OSError as error:
        raise EncoderError(f"{path} cannot be read: {error.strerror}.") from error


def require_trusted(path: Path, name: str = "NAME") -> Checkpoint:
    """Inspect a file that the encoder ``name`` is made of, before it is opened.

    Raises UntrustedCheckpoint for a pickle nobody vouched for.
    """
    found = inspect(path)
    if found.kind == "pickle" and not is_trusted(found.sha256):
        raise UntrustedCheckpoint(str(path), name)
    return found


def stated_licence(path: Path) -> str:
    """The licence that a safetensors file states in its metadata, or empty."""
    if path.suffix.lower() != ".safetensors":
        return ""
    try:
        with open(path, "rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            header = json.loads(file.read(min(length, _LONGEST_HEADER)))
        stated = header.get("__metadata__", {})
        return str(stated.get("license") or stated.get("licence") or "")
    except (OSError, ValueError, AttributeError, struct.error):
        return ""


def is_trusted(sha256: str) -> bool:
    """Whether the user said that they trust the file with this hash."""
    return sha256 in _read_list(_trusted_path())


def trust(sha256: str) -> None:
    """Remember that the user trusts the file with this hash."""
    path = _trusted_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        known = _read_list(path)
        if sha256 not in known:
            hub_cache.write_whole(path, json.dumps([*known, sha256], indent=1))


def sha256_of(path: Path) -> str:
    """The hash of a file, computed once as long as its size and time stay."""
    real = path.resolve()
    about = real.stat()
    stamp = [about.st_size, about.st_mtime_ns]
    kept = _read_table(_hashes_path()).get(str(real))
    if isinstance(kept, list) and kept[:2] == stamp:
        return str(kept[2])
    digest = hashlib.sha256()
    with open(real, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    remember(path, digest.hexdigest())
    return digest.hexdigest()


def remember(path: Path, sha256: str) -> None:
    """Keep the hash of a file that was checked just now."""
    real = path.resolve()
    about = real.stat()
    kept = _hashes_path()
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(kept.with_suffix(".lock")):
            table = _read_table(kept)
            table.pop(str(real), None)
            table[str(real)] = [about.st_size, about.st_mtime_ns, sha256]
            newest = dict(list(table.items())[-_KEPT_HASHES:])
            hub_cache.write_whole(kept, json.dumps(newest, indent=1))
    except OSError:
        return  # a disk that is full or read-only: it is computed again next time


def _kind(path: Path, size: int) -> Kind:
    if path.suffix.lower() == ".safetensors":
        _check_safetensors(path, size)
        return "safetensors"
    with open(path, "rb") as file:
        start = file.read(8)
    if path.suffix.lower() in (".npz", ".npy"):
        is_whole = zipfile.is_zipfile(path) or start.startswith(b"\x93NUMPY")
        if not is_whole:
            raise _broken(path)
        return "numpy"
    if start.startswith(b"PK"):
        _check_archive(path)
    elif not start.startswith(b"\x80"):  # how every pickle of protocol 2 and later begins
        raise _broken(path)
    return "pickle"


def _check_safetensors(path: Path, size: int) -> None:
    """Follow https://github.com/huggingface/safetensors#format: a length, a header, then the numbers."""
    with open(path, "rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(_LONGEST_HEADER, size - 8):
            raise _broken(path)
        text = file.read(length)
    try:
        header = json.loads(text)
        ends = [one["data_offsets"][1] for key, one in header.items() if key != "__metadata__"]
        is_whole = 8 + length + max(ends, default=0) == size
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise _broken(path) from error
    if not is_whole:
        raise _broken(path)


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {os.path.basename(one) for one in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, EOFError) as error:
        raise _broken(path) from error
    if "constants.pkl" in names:
        raise EncoderError(
            f"{path} is a program of TorchScript, not a file with weights.",
            "Use the same weights as safetensors, or save its state_dict.",
        )
    if "data.pkl" not in names:
        raise _broken(path)


def _broken(path: Path) -> EncoderError:
    return EncoderError(
        f"{path} is no file with weights, or was cut short.", "Get it again, best as safetensors."
    )


def _trusted_path() -> Path:
    return settings.data_folder() / "encoders" / "trusted.json"


def _hashes_path() -> Path:
    return settings.data_folder() / "encoders" / "hashes.json"


def _read_list(path: Path) -> list[str]:
    found = _read(path)
    return [str(one) for one in found] if isinstance(found, list) else []


def _read_table(path: Path) -> dict[str, Any]:
    found = _read(path)
    return found if isinstance(found, dict) else {}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
