"""Looking for a newer version: what is asked, what is believed, and a sentence for all that goes wrong."""

import json
import socket

import pytest
from feed_server import Feed, feed
from hypothesis import given, settings
from hypothesis import strategies as st

from core import version
from core.errors import ReleaseError
from core.jobs import Cancelled, Job
from core.operations import releases
from core.operations.releases import Release

__all__ = ["feed"]  # a fixture


def told(**facts: object) -> bytes:
    return json.dumps({"version": "2.0.0", **facts}).encode()


def test_a_newer_one_is_told(feed: Feed) -> None:
    feed.body = told(
        date="2027-01-31", page="https://example.org/get", changes=["One", " Two\n lines "]
    )
    assert releases.look(feed.url, "1.9") == Release(
        "2.0.0", True, "2027-01-31", "https://example.org/get", ("One", "Two lines")
    )
    # Once, and nothing but name and version.
    assert feed.asked == [("/release.json", f"Lookalike/{version.current()}")]


@pytest.mark.parametrize("running", ["2.0.0", "2.0", "2.0.1", "10.0", "2.0.0.post1"])
def test_the_same_or_an_older_one_is_not_newer(feed: Feed, running: str) -> None:
    feed.body = told()
    assert not releases.look(feed.url, running).is_newer


@pytest.mark.parametrize("running", ["1.10.0", "2.0.0rc1", "2.0.0.dev3", version.NOT_INSTALLED])
def test_what_comes_before_it_is_older(feed: Feed, running: str) -> None:
    feed.body = told()
    assert releases.look(feed.url, running).is_newer


@settings(max_examples=40)
@given(st.tuples(*[st.integers(0, 30)] * 3), st.tuples(*[st.integers(0, 30)] * 3))
def test_versions_are_ordered_by_their_numbers(
    one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    texts = [".".join(map(str, numbers)) for numbers in (one, other)]
    assert releases.is_after(*texts) is (one > other)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Please log in</html>",
        b"[1, 2]",
        b'"2.0.0"',
        b'{"version": 2}',
        b'{"version": "the newest"}',
        b'{"versions": []}',
        b"\xff\xfe\x00",
        b"[" * 50_000,
        b'{"version": "2.0.0", "x": "' + b"x" * 70_000 + b'"}',
    ],
)
def test_junk_is_one_sentence(feed: Feed, body: bytes) -> None:
    feed.body = body
    with pytest.raises(ReleaseError, match=r"^127\.0\.0\.1 did not answer as a list of versions"):
        releases.look(feed.url, "1.0")


def test_what_is_said_beside_the_version_is_believed_with_care(feed: Feed) -> None:
    feed.body = told(
        date="soon",
        page="javascript:alert(1)",
        changes=["x" * 1000, 7, "", *["line"] * 100],
    )
    found = releases.look(feed.url, "1.0")
    assert (found.date, found.page) == ("", "")
    assert len(found.changes[0]) == releases.LONGEST_LINE
    assert len(found.changes) <= releases.MOST_CHANGES
    feed.body = told(page="http://example.org", changes="none")
    found = releases.look(feed.url, "1.0")
    assert (found.page, found.changes) == ("", ())


@pytest.mark.parametrize("status", [404, 500, 204])
def test_a_refusal_is_one_sentence(feed: Feed, status: int) -> None:
    feed.status = status
    with pytest.raises(ReleaseError, match=f"answered with error {status}"):
        releases.look(feed.url, "1.0")


def test_redirects_are_followed_to_safe_places_only(feed: Feed) -> None:
    feed.status, feed.location = 302, "http://example.org/other"
    with pytest.raises(ReleaseError, match="points to a place that is not reached by https"):
        releases.look(feed.url, "1.0")
    feed.location = "/again"
    with pytest.raises(ReleaseError, match="did not answer as a list"):
        releases.look(feed.url, "1.0")
    assert len(feed.asked) == 1 + releases.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "address", ["http://example.org/x", "ftp://example.org/x", "x", "http://["]
)
def test_an_unsafe_address_is_never_asked(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("asked"))
    assert releases.Origin(address, "").host in ("example.org", address)
    with pytest.raises(ReleaseError, match="by https only"):
        releases.look(address, "1.0")


def test_no_connection_and_no_answer(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ReleaseError, match="cannot be reached"):
        releases.look(f"http://127.0.0.1:{port}/", "1.0")
    monkeypatch.setattr(releases, "TIMEOUT_S", 0.2)
    feed.stalls = True
    with pytest.raises(ReleaseError, match="did not answer in time"):
        releases.look(feed.url, "1.0")


def test_it_can_be_cancelled(feed: Feed) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        releases.look(feed.url, "1.0", job)
    assert feed.asked == []


def test_proxies_of_the_environment_are_used(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    # The feed's own server stands in for the proxy: it is asked for the whole address of another.
    proxy = feed.url.removesuffix("/release.json")
    monkeypatch.setattr(releases, "OWN_MACHINE", ("feed.example",))
    monkeypatch.setenv("HTTP_PROXY", proxy)
    feed.body = told()
    assert releases.look("http://feed.example/release.json", "1.0").is_newer
    assert feed.asked[0][0] == "http://feed.example/release.json"
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    feed.status = 403
    with pytest.raises(ReleaseError, match=r"(proxy|cannot be reached)"):
        releases.look("https://feed.example/release.json", "1.0")


def test_this_build_may_not_know_of_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(releases.FEED_VARIABLE, raising=False)
    origin = releases.origin()
    # Either this build has one, and it is safe; or looking says where to look.
    if origin.feed:
        assert origin.feed.startswith("https://")
    else:
        with pytest.raises(ReleaseError, match="Look where you got it from"):
            releases.look(origin.feed)
    assert not origin.page or origin.page.startswith("https://")
