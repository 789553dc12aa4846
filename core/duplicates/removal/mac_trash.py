"""The trash of macOS: it does not say where a file came from, so its name, length and bytes must tell."""

import os
from collections.abc import Iterator


def trashes(path: bytes, home: bytes | None = None) -> list[bytes]:
    """The trash folders that a file at ``path`` may have gone to: the home's, and that of its volume."""
    found = [os.path.join(home if home is not None else os.path.expanduser(b"~"), b".Trash")]
    parts = path.split(b"/")
    if parts[:2] == [b"", b"Volumes"] and len(parts) > 3:
        user = str(os.getuid() if hasattr(os, "getuid") else 0).encode()
        found.append(b"/".join((*parts[:3], b".Trashes", user)))
    return [one for one in found if os.path.isdir(one)]


def candidates(path: bytes, size_bytes: int, home: bytes | None = None) -> Iterator[bytes]:
    """Files in the trash that may have been ``path``: of its length, with its name or one made from it
    ("a.jpg" becomes "a 10.31.05.jpg" where there is one already), the last first."""
    name = os.path.basename(path)
    stem, ending = os.path.splitext(name)
    for folder in trashes(path, home):
        found = []
        try:
            entries = list(os.scandir(folder))
        except PermissionError:  # the system asks the person before it lets a program look
            continue
        for entry in entries:
            fits = entry.name == name or (
                entry.name.startswith(stem) and entry.name.endswith(ending)
            )
            if fits and entry.is_file(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                if status.st_size == size_bytes:
                    found.append((status.st_ctime_ns, entry.path))
        yield from (file for _, file in sorted(found, reverse=True))
