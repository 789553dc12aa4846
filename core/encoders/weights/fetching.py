"""From an encoder's name to the files on this machine: what is to be fetched, and fetching it."""

import shutil
from pathlib import Path
from typing import Any

from core.encoders.names import EncoderName
from core.encoders.weights import checkpoints, download, hub, hub_cache, installed, needs, records
from core.encoders.weights.checkpoints import UntrustedCheckpoint
from core.encoders.weights.hub import Listing
from core.encoders.weights.needs import Need
from core.encoders.weights.records import HubFile, Plan, Record
from core.errors import DiskFull, EncoderError
from core.jobs import Job
from core.sizes import size

# Left free in any case, for what the system and other programs write meanwhile.
RESERVE_BYTES = 200 << 20


def plan(name: EncoderName, job: Job) -> Plan:
    """Ask the hub what this encoder needs; asks nothing where all of it is here.

    Raises EncoderError.
    """
    if installed.is_complete(name):
        return _as_it_is(name)
    if name.file and not Path(name.file).is_file():
        raise EncoderError(f"There is no file {name.file}.")
    folder = records.encoder_folder()
    listings: dict[str, Listing] = {}

    def listing(repo: str) -> Listing:
        if repo not in listings:
            job.checkpoint()
            listings[repo] = hub.look_up(repo)
        return listings[repo]

    def read_config(repo: str, config: str) -> dict[str, Any]:
        if config not in listing(repo).names:
            raise EncoderError(f"{repo} holds no {config}.", f"It is no model of {name.family}.")
        path = download.fetch(listing(repo).file(config, "config"), folder, Job())
        return hub_cache.read_json(path)

    wanted = needs.of(name, read_config)
    for need in wanted:
        if not need.repo:
            raise EncoderError(
                f"The weights of {name} are not on the hub.",
                f"Get the file from {need.url or 'its authors'}, and use {name.family}:{name.model}@FILE.",
            )
    files = tuple(one for need in wanted for one in _chosen(need, listing(need.repo)))
    weights = next((one for one in files if one.role == "weights"), None)
    return Plan(
        name=str(name),
        files=files,
        bytes=sum(one.bytes for one in files),
        missing_bytes=sum(one.bytes - _there(one) for one in files),
        is_pickle=checkpoints.is_pickle(weights.name if weights else name.file or "x.safetensors"),
        licence=listings[weights.repo].licence if weights else "",
        folder=folder,
    )


def install(name: EncoderName, allow_pickle: bool, job: Job) -> None:
    """Fetch what is missing, and write down what belongs to the encoder.

    Raises EncoderError, UntrustedCheckpoint, DiskFull or Cancelled; what has arrived is kept.
    """
    here = installed.find(name)
    if here is not None:
        _ask_consent_for_file(here.weights, str(name), allow_pickle)
    with download.refusals_said(records.encoder_folder()):
        if installed.is_complete(name):
            if records.record(str(name)) is None:
                shared = installed.of_others(name)
                records.keep_record(Record(str(name), "", shared, is_whole=True))
            return
        job.start("Asking the hub")
        planned = plan(name, job)
        if planned.is_pickle and here is None:
            _ask_consent(planned, allow_pickle)
        _check_room(planned)
        records.keep_record(Record(str(name), planned.licence, planned.files, is_whole=False))
        _fetch(planned, job)
        records.keep_record(Record(str(name), planned.licence, planned.files, is_whole=True))


def _fetch(planned: Plan, job: Job) -> None:
    done = planned.bytes - planned.missing_bytes
    job.start("Downloading", planned.bytes, done=done, unit="bytes")
    commits = set()
    # What is small first: it shows early whether anything is amiss.
    for file in sorted(planned.files, key=lambda one: one.role == "weights"):
        if _in_shared(file):
            continue
        path = download.fetch(file, planned.folder, job)
        commits.add((file.repo, file.commit))
        if file.role == "weights":
            _prove(path, file)
    for repo, commit in commits:
        hub_cache.set_main(planned.folder, repo, commit)


def _chosen(need: Need, listing: Listing) -> list[HubFile]:
    names = need.chosen(lambda name: name in listing.names)
    if not names:
        raise EncoderError(
            f"{need.repo} holds none of {', '.join(need.names)}.",
            "Choose another encoder; this one cannot be fetched.",
        )
    return [listing.file(one, need.role) for one in names]


def _in_shared(file: HubFile) -> bool:
    """Whether another program fetched this very file already."""
    shared = hub_cache.shared_folder()
    return hub_cache.find(shared, file.repo, file.name, file.commit) is not None


def _there(file: HubFile) -> int:
    return file.bytes if _in_shared(file) else records.bytes_there(file)


def _as_it_is(name: EncoderName) -> Plan:
    here, kept = installed.find(name), records.record(str(name))
    assert here is not None
    files, licence = (kept.files, kept.licence) if kept is not None else ((), "")
    whole = sum(one.bytes for one in files) or here.weights.stat().st_size
    is_pickle = checkpoints.is_pickle(here.weights.name)
    return Plan(str(name), files, whole, 0, is_pickle, licence, here.weights.parent)


def _ask_consent_for_file(path: Path, name: str, allow_pickle: bool) -> None:
    """A file that lies here already."""
    if allow_pickle and checkpoints.is_pickle(path.name):
        checkpoints.trust(checkpoints.inspect(path).sha256)
    checkpoints.require_trusted(path, name)


def _ask_consent(planned: Plan, allow_pickle: bool) -> None:
    """A file that is to come: its hash is stated beforehand, so consent may have been given before."""
    weights = next(one for one in planned.files if one.role == "weights")
    if not allow_pickle and not checkpoints.is_trusted(weights.etag):
        raise UntrustedCheckpoint(f"{weights.name} of {weights.repo}", planned.name)


def _check_room(planned: Plan) -> None:
    planned.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(planned.folder).free
    if planned.missing_bytes + RESERVE_BYTES > free:
        raise DiskFull(
            f"{planned.name} needs {size(planned.missing_bytes + RESERVE_BYTES)} on the disk that holds "
            f"{planned.folder}, and {size(free)} are free.",
            "Free some space there, or choose another folder for encoders; nothing was fetched.",
        )


def _prove(path: Path, file: HubFile) -> None:
    """The hash was right; is it a file with weights, too? Consent to a pickle was given before."""
    if len(file.etag) == 64:
        checkpoints.remember(path, file.etag)
    found = checkpoints.inspect(path)
    if found.kind == "pickle":
        checkpoints.trust(found.sha256)
