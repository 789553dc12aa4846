"""A list of versions on 127.0.0.1: small, real HTTP, and as unkind as a test wants it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Feed:
    """What is answered, and what was asked: (path, user agent) each. ``stalls``: nothing is answered until the end."""

    body: bytes = b""
    status: int = 200
    location: str = ""  # of a redirect
    stalls: bool = False
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    feed: Feed

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the screen."""

    def do_GET(self) -> None:
        feed = self.feed
        feed.asked.append((self.path, self.headers.get("User-Agent", "")))
        if feed.stalls:
            feed.is_over.wait(10)
            return
        try:
            self.send_response(feed.status)
            if feed.location:
                self.send_header("Location", feed.location)
            self.send_header("Content-Length", str(len(feed.body)))
            self.end_headers()
            self.wfile.write(feed.body)
        except OSError:  # whoever asked has seen enough
            self.close_connection = True


@contextmanager
def serve() -> Iterator[Feed]:
    """Answer on a free port until the end."""
    feed = Feed()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"feed": feed}))
    server.daemon_threads = True
    feed.url = f"http://127.0.0.1:{server.server_address[1]}/release.json"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield feed
    finally:
        feed.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Feed]:
    """A feed that the program looks at, past any proxy of this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with serve() as served:
        monkeypatch.setenv("LOOKALIKE_RELEASE_FEED", served.url)
        yield served
