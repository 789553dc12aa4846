"""A model hub on 127.0.0.1: small, real HTTP, and as unkind as a test wants it.

It speaks what open_clip, timm and the hub's own library ask: the description of a repository
(/api/models/...), HEAD and GET of its files (/ORG/REPO/resolve/...), redirects of large ones, ranges.
"""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

_PIECE = 1 << 14


@dataclass
class Repo:
    """What the hub holds under one name."""

    files: dict[str, bytes]
    licence: str = "mit"
    is_gated: bool = False

    @property
    def commit(self) -> str:
        digest = hashlib.sha1()
        for name, content in sorted(self.files.items()):
            digest.update(name.encode() + content)
        return digest.hexdigest()


@dataclass
class Hub:
    """The hub as a test sees it: what it holds, how it misbehaves, what it was asked.

    ``cuts``: the connection is closed after so many bytes of a file, once for each entry. ``lies``: other
    bytes than those announced. ``fails``: answers with such a status before it behaves. ``stalls_after``:
    so many bytes of a file are sent, then nothing until ``goes_on`` is set.
    """

    repos: dict[str, Repo] = field(default_factory=dict)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    lies: dict[str, bytes] = field(default_factory=dict)
    fails: dict[str, list[int]] = field(default_factory=dict)
    stalls_after: dict[str, int] = field(default_factory=dict)
    goes_on: threading.Event = field(default_factory=threading.Event)
    has_stalled: threading.Event = field(default_factory=threading.Event)
    knows_ranges: bool = True
    states_hashes: bool = True
    is_portal: bool = False
    piece_pause_s: float = 0.0
    served: Counter[str] = field(default_factory=Counter)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, repo: str, files: dict[str, bytes], **facts: Any) -> Repo:
        self.repos[repo] = Repo(files, **facts)
        return self.repos[repo]


def is_large(name: str, content: bytes) -> bool:
    """Whether the hub keeps this file beside git, as it does with weights."""
    return len(content) > 4096 or name.endswith((".safetensors", ".bin"))


def etag_of(name: str, content: bytes) -> str:
    """SHA-256 of a large file, git's own hash of a small one."""
    if is_large(name, content):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def describe(name: str, repo: Repo, hub: Hub) -> dict[str, Any]:
    """The answer of /api/models/NAME."""
    siblings: list[dict[str, Any]] = []
    for file, content in repo.files.items():
        one: dict[str, Any] = {"rfilename": file}
        if hub.states_hashes:
            one |= {"size": len(content), "blobId": hashlib.sha1(content).hexdigest()}
            if is_large(file, content):
                one["lfs"] = {
                    "sha256": etag_of(file, content),
                    "size": len(content),
                    "pointerSize": 130,
                }
            else:
                one["blobId"] = etag_of(file, content)
        siblings.append(one)
    return {
        "id": name,
        "sha": repo.commit,
        "private": False,
        "gated": "auto" if repo.is_gated else False,
        "tags": [f"license:{repo.licence}"],
        "cardData": {"license": repo.licence},
        "siblings": siblings,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    hub: Hub

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the screen."""

    def do_HEAD(self) -> None:
        self._answer(has_body=False)

    def do_GET(self) -> None:
        self._answer(has_body=True)

    def _answer(self, has_body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        parts = path.strip("/").split("/")
        if self.hub.is_portal:
            self._send(200, b"<html>Please log in to Hotel WiFi</html>", has_body)
        elif parts[:2] == ["api", "models"]:
            self._describe("/".join(parts[2:4]), has_body)
        elif parts[0] == "store":
            self._content("/".join(parts[1:3]), "/".join(parts[3:]), has_body)
        elif len(parts) > 4 and parts[2] == "resolve":
            self._resolve("/".join(parts[:2]), parts[3], "/".join(parts[4:]), has_body)
        else:
            self._refuse(404, "RepoNotFound")

    def _describe(self, name: str, has_body: bool) -> None:
        if self._fails("api"):
            return
        repo = self.hub.repos.get(name)
        if repo is None:
            # As the real one answers whoever is not logged in.
            self._refuse(401, "RepoNotFound")
            return
        self._send(200, json.dumps(describe(name, repo, self.hub)).encode(), has_body)

    def _resolve(self, name: str, revision: str, file: str, has_body: bool) -> None:
        repo = self.hub.repos.get(name)
        if repo is None:
            self._refuse(401, "RepoNotFound")
        elif repo.is_gated:
            self._refuse(401, "GatedRepo")
        elif revision not in ("main", repo.commit):
            self._refuse(404, "RevisionNotFound")
        elif file not in repo.files:
            self._refuse(404, "EntryNotFound")
        elif is_large(file, repo.files[file]):
            content = repo.files[file]
            self.send_response(302)
            self.send_header("Location", f"{self.hub.url}/store/{name}/{file}")
            self.send_header("X-Repo-Commit", repo.commit)
            self.send_header("X-Linked-Etag", f'"{etag_of(file, content)}"')
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._content(name, file, has_body)

    def _content(self, name: str, file: str, has_body: bool) -> None:
        if self._fails(file):
            return
        repo = self.hub.repos[name]
        content = self.hub.lies.get(file, repo.files[file])
        start = 0
        asked = self.headers.get("Range", "")
        if asked.startswith("bytes=") and self.hub.knows_ranges:
            start = int(asked.removeprefix("bytes=").split("-")[0])
        if start and start >= len(content):
            self._refuse(416, "")
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("X-Repo-Commit", repo.commit)
        self.send_header("ETag", f'"{etag_of(file, repo.files[file])}"')
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if has_body:
            self._pour(file, content[start:], start)

    def _pour(self, file: str, body: bytes, start: int) -> None:
        cuts = self.hub.cuts.get(file)
        limit = cuts.pop(0) if cuts else len(body)
        for at in range(0, min(limit, len(body)), _PIECE):
            stall = self.hub.stalls_after.get(file)
            if stall is not None and start + at >= stall:
                self.hub.has_stalled.set()
                self.hub.goes_on.wait(20)
            piece = body[at : min(at + _PIECE, limit)]
            try:
                self.wfile.write(piece)
                self.wfile.flush()
            except OSError:  # whoever asked has gone
                self.close_connection = True
                return
            self.hub.served[file] += len(piece)
            if self.hub.piece_pause_s:
                self.hub.goes_on.wait(self.hub.piece_pause_s)
        if limit < len(body):
            self.close_connection = True

    def _fails(self, what: str) -> bool:
        fails = self.hub.fails.get(what)
        if not fails:
            return False
        self._refuse(fails.pop(0), "")
        return True

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: int, body: bytes, has_body: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if has_body:
            self.wfile.write(body)


@contextmanager
def serve(facts: Hub) -> Iterator[Hub]:
    """Answer for a hub on a free port until the end."""
    handler = type("Handler", (_Handler,), {"hub": facts})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    facts.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield facts
    finally:
        facts.goes_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Hub]:
    """A hub that HF_ENDPOINT points to; the cache that programs share is an empty folder."""
    with serve(Hub()) as facts:
        monkeypatch.setenv("HF_ENDPOINT", facts.url)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "shared"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield facts
