"""The recycle bin of Windows: where a file went, by its $I file.

A file of the bin is $R and six letters with the old ending; its $I file of the same letters tells the old
path. Layout after the Windows forensics literature (J. Metz, "Windows Recycle.Bin file formats"): a version
(1 up to Windows 8.1, 2 since), the size, the time, and the path in UTF-16, of 260 units or with its length before it.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

_HEAD = struct.Struct("<QQQ")  # version, size in bytes, time as a FILETIME
_FIXED_UNITS = 260


def parse(content: bytes) -> tuple[str, int, int] | None:
    """(old path, size in bytes, time of deletion as a FILETIME) of a $I file; None where it is none."""
    if len(content) < _HEAD.size + 4:
        return None
    version, size, time = _HEAD.unpack_from(content)
    if version == 1:
        text = content[_HEAD.size : _HEAD.size + 2 * _FIXED_UNITS]
    elif version == 2:
        (units,) = struct.unpack_from("<I", content, _HEAD.size)
        text = content[_HEAD.size + 4 : _HEAD.size + 4 + 2 * units]
        if len(text) != 2 * units:
            return None
    else:
        return None
    path = text[: len(text) // 2 * 2].decode("utf-16-le", "surrogatepass").partition("\0")[0]
    return path, size, time


def folders(path: bytes) -> list[Path]:
    """The folders of the bin on the drive of ``path``: one a user, of which ours are readable."""
    anchor = Path(os.fsdecode(path)).anchor
    bin_ = Path(anchor) / "$Recycle.Bin"
    try:
        return [one for one in bin_.iterdir() if one.is_dir()]
    except OSError:
        return []


def candidates(path: bytes, bins: list[Path] | None = None) -> Iterator[bytes]:
    """Files of the bin that came from ``path``, the last first."""
    wanted = os.fsdecode(path).replace("/", "\\").casefold()
    found: list[tuple[int, bytes]] = []
    for folder in folders(path) if bins is None else bins:
        try:
            infos = list(folder.glob("$I*"))
        except OSError:  # another user's
            continue
        for info in infos:
            try:
                told = parse(info.read_bytes())
            except OSError:
                continue
            if told is not None and told[0].casefold() == wanted:
                file = info.with_name("$R" + info.name[2:])
                found.append((told[2], os.fsencode(file)))
    yield from (file for _, file in sorted(found, reverse=True))


def forget(trashed: bytes) -> None:
    """A file left the bin: its $I file has nothing to tell any more."""
    file = Path(os.fsdecode(trashed))
    info = file.with_name("$I" + file.name[2:])
    if file.name.startswith("$R") and not os.path.lexists(file):
        info.unlink(missing_ok=True)
