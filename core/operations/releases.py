"""Is there a newer version of Lookalike: one small file is asked for, over https, when the person wants that.

Where it lies is said in resources/release.json, field `feed` (or the environment variable LOOKALIKE_RELEASE_FEED):
{"version": "0.2.0", "date": "2027-01-31", "page": "https://...", "changes": ["one line each", ...]}.
The request carries nothing but the name and version of the program. Never called unless the person has agreed.
"""

import json
import os
import re
import time
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from core import version
from core.errors import ReleaseError
from core.jobs import Job
from core.records import Release as Release

if TYPE_CHECKING:
    import httpx2

FEED_VARIABLE = "LOOKALIKE_RELEASE_FEED"
NO_FEED = "This build does not know where new versions are published."
TIMEOUT_S, MOST_S = 5.0, 30.0  # without a sign; for the whole answer
MOST_BYTES = 65_536
MOST_REDIRECTS = 3
MOST_CHANGES, LONGEST_LINE = 20, 200
OWN_MACHINE = ("127.0.0.1", "::1", "localhost")  # where http will do: nobody listens on the way


@dataclass(frozen=True, slots=True)
class Origin:
    """Where this build learns of others: ``feed`` is asked, ``page`` shows downloads; empty where it was not told."""

    feed: str
    page: str

    @property
    def host(self) -> str:
        """Whom a look would ask; the feed as it stands where that is no address."""
        return _host(self.feed) or self.feed


def origin() -> Origin:
    """What was built in, or said by LOOKALIKE_RELEASE_FEED."""
    told = json.loads((files("resources") / "release.json").read_text(encoding="utf-8"))
    return Origin(os.environ.get(FEED_VARIABLE) or told["feed"], told["page"])


def look(feed: str, running: str | None = None, job: Job | None = None) -> Release:
    """Ask ``feed`` what the newest version is, and compare it with ``running`` (this one).

    Raises ReleaseError, with one sentence, where there is no connection, or no answer that can be understood.
    Takes at most TIMEOUT_S for each step of the connection; proxies of the system and the environment are used.
    """
    if not feed:
        raise ReleaseError(
            NO_FEED,
            "Look where you got it from.",
        )
    return _read(_fetch(feed, job or Job()), running or version.current(), feed)


def _fetch(feed: str, job: Job) -> bytes:
    import httpx2  # not needed by anything at the start

    patience = httpx2.Timeout(TIMEOUT_S)
    headers = {"User-Agent": f"Lookalike/{version.current()}", "Accept": "application/json"}
    address = feed
    try:
        with httpx2.Client(timeout=patience, headers=headers, follow_redirects=False) as client:
            for _ in range(MOST_REDIRECTS + 1):
                job.checkpoint()
                _must_be_safe(address, feed)
                with client.stream("GET", address) as answer:
                    if answer.has_redirect_location:
                        address = urljoin(address, answer.headers["location"])
                        continue
                    return _body(answer, feed, job)
    except httpx2.TimeoutException as error:
        raise ReleaseError(f"{_host(feed)} did not answer in time.", "Try again later.") from error
    except httpx2.ProxyError as error:
        raise ReleaseError(
            f"The proxy on the way to {_host(feed)} refused the connection.",
            "Check the proxy of this machine, and try again.",
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ReleaseError(
            f"{_host(feed)} cannot be reached.", "Check the connection and try again."
        ) from error
    raise _no_feed(feed)


def _body(answer: "httpx2.Response", feed: str, job: Job) -> bytes:
    if answer.status_code != 200:
        raise ReleaseError(
            f"{_host(feed)} answered with error {answer.status_code}.", "Try again later."
        )
    content, until_s = bytearray(), time.monotonic() + MOST_S
    for piece in answer.iter_bytes():
        job.checkpoint()
        if time.monotonic() > until_s:  # it comes in drops
            raise ReleaseError(f"{_host(feed)} did not answer in time.", "Try again later.")
        content += piece
        if len(content) > MOST_BYTES:
            raise _no_feed(feed)
    return bytes(content)


def _must_be_safe(address: str, feed: str) -> None:
    host, scheme = _host(address), address.partition(":")[0].lower()
    if host and (scheme == "https" or (scheme == "http" and host in OWN_MACHINE)):
        return
    if address == feed:
        raise ReleaseError(
            f"New versions are looked for by https only, and {feed!r} is no such address.",
            f"Correct {FEED_VARIABLE}.",
        )
    raise ReleaseError(f"{_host(feed)} points to a place that is not reached by https.")


def _read(content: bytes, running: str, feed: str) -> Release:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        raise _no_feed(feed) from None
    if not isinstance(told, dict) or not isinstance(told.get("version"), str):
        raise _no_feed(feed)
    try:
        is_newer = is_after(told["version"], running)
    except ValueError:
        raise _no_feed(feed) from None
    date = told.get("date")
    return Release(
        version=told["version"].strip(),
        is_newer=is_newer,
        date=date if isinstance(date, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", date) else "",
        page=_https(told.get("page")),
        changes=_lines(told.get("changes")),
    )


def is_after(one: str, other: str) -> bool:
    """Whether version ``one`` comes after ``other``, as PEP 440 orders them.

    Any version comes after one that is not known ("0 (not installed)"). Raises ValueError where ``one`` is none.
    """
    from packaging.version import InvalidVersion, Version

    newest = Version(one)
    try:
        return newest > Version(other)
    except InvalidVersion:
        return True


def _https(value: Any) -> str:
    """An address that may be opened in a browser; nothing where it is of another kind."""
    if not isinstance(value, str) or len(value) > 2_000:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return value if parts.scheme == "https" and parts.netloc else ""


def _lines(value: Any) -> tuple[str, ...]:
    """Lines of plain text that fit a dialog."""
    if not isinstance(value, list):
        return ()
    lines = (" ".join(one.split()) for one in value[:MOST_CHANGES] if isinstance(one, str))
    return tuple(
        line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
        for line in lines
        if line
    )


def _host(address: str) -> str:
    """ "" where it has none, or is no address."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _no_feed(feed: str) -> ReleaseError:
    return ReleaseError(
        f"{_host(feed)} did not answer as a list of versions does.",
        "A network that wants you to log in first does that; open a page in a browser, then try again.",
    )
