"""Where the files of the hub's repositories lie on this machine: the layout that the hub's library,
open_clip and timm share. Only looks at folders; needs no network and no library.

    models--ORG--REPO/blobs/HASH               the file itself, named by its hash
    models--ORG--REPO/snapshots/COMMIT/NAME    a link to it (a file where links are not allowed)
    models--ORG--REPO/refs/main                the commit that "main" was when it was last fetched
"""

import json
import os
import re
import threading
from pathlib import Path
from typing import Any

from core.errors import EncoderError

_MAIN = "main"
_REPO = re.compile(r"[A-Za-z0-9][\w\-.]*(/[A-Za-z0-9][\w\-.]*)?", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def shared_folder() -> Path:
    """The cache that other programs of this user share; only ever read from."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser()
    if os.environ.get("HF_HOME"):
        return Path(os.environ["HF_HOME"]).expanduser() / "hub"
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(caches).expanduser() / "huggingface" / "hub"


def repo_folder(root: Path, repo: str) -> Path:
    """The folder of a repository. Raises EncoderError for what cannot be one's name."""
    if not _REPO.fullmatch(repo) or ".." in repo or "--" in repo:
        raise EncoderError(f"{repo!r} names no model of the hub.", "Use hf-hub:ORG/REPO.")
    return root / ("models--" + repo.replace("/", "--"))


def repos(root: Path) -> set[str]:
    """The repositories of which something lies in this cache."""
    try:
        there = os.listdir(root)
    except OSError:
        return set()
    return {
        one.removeprefix("models--").replace("--", "/")
        for one in there
        if one.startswith("models--")
    }


def is_hash(text: str) -> bool:
    """Whether this is a SHA-1 or SHA-256 in hexadecimal digits."""
    return _HASH.fullmatch(text) is not None


def is_plain(name: str) -> bool:
    """Whether a file's name stays inside its repository."""
    parts = name.split("/")
    return bool(name) and "\\" not in name and not any(part in ("", ".", "..") for part in parts)


def snapshot(root: Path, repo: str, commit: str) -> Path:
    """The folder of one commit, whether it is there or not."""
    return repo_folder(root, repo) / "snapshots" / commit


def main_commit(root: Path, repo: str) -> str:
    """The commit that "main" stands for here, or empty where nothing was fetched."""
    try:
        commit = (repo_folder(root, repo) / "refs" / _MAIN).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
    return commit if is_hash(commit) else ""


def set_main(root: Path, repo: str, commit: str) -> None:
    """Let "main" be this commit, whose files are all there."""
    write_whole(repo_folder(root, repo) / "refs" / _MAIN, commit)


def find(root: Path, repo: str, name: str, commit: str = "") -> Path | None:
    """A file of a repository (``commit`` empty: of main), or None where it is not there."""
    commit = commit or main_commit(root, repo)
    if not commit or not is_plain(name):
        return None
    path = snapshot(root, repo, commit) / name
    return path if path.is_file() else None


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises EncoderError where the file holds something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} cannot be read: {error}.", "Install it again.") from error
    if not isinstance(found, dict):
        raise EncoderError(f"{path} describes no model.")
    return found


def write_whole(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
