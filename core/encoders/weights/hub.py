"""Asking a model hub what a repository holds: names, sizes, hashes, licence. One call per repository."""

import os
from dataclasses import dataclass

import httpx2
from huggingface_hub import HfApi, constants, get_hf_file_metadata, hf_hub_url
from huggingface_hub.errors import (
    DisabledRepoError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from core.encoders.weights import hub_cache
from core.encoders.weights.needs import Role
from core.encoders.weights.records import HubFile
from core.errors import EncoderError

TIMEOUT_S = 10.0
_MAIN = "main"
_LATER = "Try again later."


@dataclass(frozen=True, slots=True)
class Listing:
    """A repository at one commit. ``licence`` is as its page states it, empty where it does not.

    ``hashes`` tells hash and size of those files of which the hub states them.
    """

    repo: str
    commit: str
    licence: str
    names: frozenset[str]
    hashes: dict[str, tuple[str, int]]

    def file(self, name: str, role: Role) -> HubFile:
        """A file that is in ``names``. Raises EncoderError where it cannot be checked or fetched."""
        etag, size = self.hashes.get(name) or _describe(self.repo, self.commit, name)
        return HubFile(role, self.repo, self.commit, name, etag, size)


def url(file: HubFile) -> str:
    """The address of a file."""
    return hf_hub_url(file.repo, file.name, revision=file.commit, endpoint=endpoint())


def endpoint() -> str:
    """The address of the hub: HF_ENDPOINT, or the usual one."""
    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def look_up(repo: str) -> Listing:
    """What a repository holds now. Raises EncoderError where that cannot be told, saying why."""
    hub_cache.repo_folder(hub_cache.shared_folder(), repo)
    try:
        found = HfApi(endpoint=endpoint()).model_info(
            repo, revision=_MAIN, files_metadata=True, timeout=TIMEOUT_S
        )
    except PROBLEMS as error:
        raise explain(error, repo) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _no_hub(repo) from error
    commit, card = found.sha or "", found.card_data
    if not hub_cache.is_hash(commit):
        raise _no_hub(repo)
    licence = str((card.get("license_name") or card.get("license") or "") if card else "")
    hashes, names = {}, set()
    for one in found.siblings or []:
        if not hub_cache.is_plain(one.rfilename):
            continue
        names.add(one.rfilename)
        etag, size = (one.lfs.sha256, one.lfs.size) if one.lfs else (one.blob_id, one.size)
        if etag and size is not None and hub_cache.is_hash(etag):
            hashes[one.rfilename] = (etag, size)
    return Listing(repo, commit, licence, frozenset(names), hashes)


def _describe(repo: str, commit: str, name: str) -> tuple[str, int]:
    """Hash and size of one file, for hubs whose lists lack them."""
    address = hf_hub_url(repo, name, revision=commit, endpoint=endpoint())
    try:
        found = get_hf_file_metadata(address, timeout=TIMEOUT_S, endpoint=endpoint())
    except PROBLEMS as error:
        raise explain(error, repo, name) from error
    if found.size is None or not found.etag or not hub_cache.is_hash(found.etag):
        raise EncoderError(
            f"{endpoint()} does not state the size and hash of {name} in {repo}, so that it cannot be checked.",
            "Get the file another way, and use it as FAMILY:MODEL@FILE.",
        )
    return found.etag, found.size


# What the hub's library raises where the hub, the network or the name is to blame.
PROBLEMS = (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled, HFValidationError)


def explain(error: Exception, repo: str, name: str = "") -> EncoderError:
    """One sentence for what went wrong, and what to do about it."""
    what = f"{name} of {repo}" if name else repo
    if isinstance(error, OfflineModeIsEnabled):
        return EncoderError(
            f"{what} cannot be fetched: HF_HUB_OFFLINE forbids to ask the network.", "Unset it."
        )
    if isinstance(error, HFValidationError):
        return EncoderError(f"{repo!r} names no model of the hub.", "Use hf-hub:ORG/REPO.")
    if isinstance(error, httpx2.InvalidURL):
        return EncoderError(f"{endpoint()} is no address of a hub.", "Correct HF_ENDPOINT.")
    if isinstance(error, HfHubHTTPError):
        return _refusal(error, repo, name)
    return EncoderError(
        f"The model hub {endpoint()} cannot be reached.",
        "Check the connection and try again, or get the file another way and use it as "
        "FAMILY:MODEL@FILE; everything else goes on working.",
    )


def _refusal(error: HfHubHTTPError, repo: str, name: str) -> EncoderError:
    status = error.response.status_code
    page = f"{endpoint()}/{repo}"
    if isinstance(error, GatedRepoError) or status == 403:
        return EncoderError(
            f"{repo} is given only to people who agreed to its terms.",
            f"Agree to them at {page}, and put your access token into HF_TOKEN.",
        )
    if isinstance(error, DisabledRepoError):
        return EncoderError(f"{repo} was closed by the hub.", "Choose another encoder.")
    if isinstance(error, EntryNotFoundError | RevisionNotFoundError) and name:
        return EncoderError(f"{repo} holds no {name} any more.", "Look at " + page + ".")
    if isinstance(error, RepositoryNotFoundError) or status in (401, 404):
        return EncoderError(
            f"There is no public model {repo} on {endpoint()}.",
            "Check its name; for a private one put your access token into HF_TOKEN.",
        )
    if status == 429:
        return EncoderError(f"{endpoint()} was asked too often.", "Wait a few minutes, try again.")
    return EncoderError(f"{endpoint()} answered with error {status}.", _LATER)


def _no_hub(repo: str) -> EncoderError:
    return EncoderError(
        f"{endpoint()} did not answer as a model hub does when asked for {repo}.",
        "A network that wants you to log in first does that; open a page in a browser, then try again.",
    )
