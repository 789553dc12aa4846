"""Weights of encoders: what they would cost, getting them, taking them away again."""

from pathlib import Path

from core.encoders import names
from core.encoders.names import EncoderName
from core.encoders.weights import checkpoints, hub_cache, installed, records
from core.encoders.weights.checkpoints import Checkpoint
from core.encoders.weights.records import HubFile, Plan
from core.errors import EncoderError
from core.jobs import Job

__all__ = ["HubFile", "Plan", "folder", "install", "partial_bytes", "plan", "remove", "trust"]


def plan(name: str, job: Job | None = None) -> Plan:
    """What installing an encoder would bring, as the hub states it now; nothing is fetched yet.

    Asks nobody where all of it is here. Raises EncoderError where it cannot be told, saying why.
    """
    from core.encoders.weights import fetching

    return fetching.plan(_with_weights(name), job or Job())


def install(name: str, *, allow_pickle: bool = False, job: Job | None = None) -> None:
    """Fetch the files of an encoder that are missing; for a checkpoint FILE, look whether it is one.

    A download that was stopped, cut off or killed goes on from where it was. Weights that can carry
    code are refused (UntrustedCheckpoint) unless ``allow_pickle``; that consent is remembered by the
    file's hash. In the end it is loaded once, which proves that it can be used and tells its key.
    Raises EncoderError, DiskFull or Cancelled.
    """
    from core.encoders import registry
    from core.encoders.weights import fetching

    job, parsed = job or Job(), _with_weights(name)
    fetching.install(parsed, allow_pickle, job)
    job.start("Trying it")
    try:
        registry.load(parsed)
    except EncoderError:
        kept = records.record(str(parsed))
        if kept is not None and not kept.files:
            records.take_away(kept)  # a checkpoint of the user's own, of another architecture say
        raise


def remove(name: str) -> int:
    """Delete what was fetched for an encoder, save what another one needs; returns the bytes freed.

    Also a download that was not finished. Raises EncoderError where there is nothing of ours.
    """
    parsed = _with_weights(name)
    kept = records.record(str(parsed))
    if kept is None:
        raise _not_removable(parsed)
    try:
        return records.take_away(kept)
    except OSError as error:
        raise EncoderError(
            f"{error.filename} cannot be removed: {error.strerror}.",
            "Close what uses it, and try again.",
        ) from error


def folder() -> Path:
    """Where weights are kept: the folder that the user chose, or one among their data."""
    return records.encoder_folder()


def partial_bytes(name: str) -> int:
    """How much is there of a download that was not finished; 0 where there is none."""
    return installed.partial_bytes(str(names.parse(name)))


def trust(file: Path) -> Checkpoint:
    """Remember that the user trusts a file with weights, by its hash. Raises EncoderError."""
    found = checkpoints.inspect(file)
    if found.kind == "pickle":
        checkpoints.trust(found.sha256)
    return found


def _not_removable(name: EncoderName) -> EncoderError:
    files = None if name.file or name.folder else installed.find(name)
    if files is None:
        return EncoderError(f"{name} is not installed.")
    folder = records.encoder_folder()
    for other in records.records():
        for one in other.files:
            if hub_cache.find(folder, one.repo, one.name, one.commit) == files.weights:
                return EncoderError(
                    f"{name} has the same weights as {other.name}, for which they were fetched.",
                    f"To free their space remove {other.name}.",
                )
    return EncoderError(
        f"{name} was not fetched by Lookalike; it lies in {files.weights.parent}.",
        "Remove it there, if no other program needs it.",
    )


def _with_weights(name: str) -> EncoderName:
    parsed = names.parse(name)
    if parsed.family in ("builtin", "run", "given"):
        raise EncoderError(f"{name} needs nothing from the hub.")
    if parsed.is_random:
        raise EncoderError(
            f"{name} has random weights: there is nothing to fetch.",
            f"Name published ones; lookalike encoders --search {parsed.model} lists them.",
        )
    return parsed
