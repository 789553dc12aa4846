"""Trained encoders that come back as files: exported from one catalogue, and at work in another."""

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.catalogue import journal
from core.catalogue import runs as stored
from core.catalogue.files import explain_os_error
from core.encoders import builtin_constants, names, run_files
from core.encoders.base import Encoder
from core.encoders.run_files import RunCard
from core.errors import EncoderError, KnownError, UsageError
from core.images.scan import printable
from core.jobs import Job
from core.operations import encoders, runs
from core.project import Project
from core.training import told
from core.training.records import Run
from core.training.settings import DEPTHS, Settings

if TYPE_CHECKING:
    from torch import Tensor

    from core.encoders.complete import Complete

_KEY, _ENCODER, _VERSION = "lookalike", "encoder", 1
_LATEST = 253_402_300_800  # the end of the year 9999, in seconds since 1970


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself, as far as it is used. ``name`` is that of its run, ``key`` and ``base_key`` hold
    where it was trained; the rest as in ``core.export.model_material.Facts``."""

    name: str
    key: str
    base_key: str
    root: str
    depth: str
    adapter: str
    rank: int
    nested: tuple[int, ...]
    is_from_scratch: bool
    made_at: float
    licence: str
    program: str
    heads: tuple[dict[str, Any], ...]
    preprocessing: dict[str, Any]
    proof: Any
    settings: Settings
    result: dict[str, Any]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "About":
        """Raises KeyError, TypeError, ValueError, AttributeError or UsageError for what makes no sense."""
        settings = replace(Settings.from_dict(dict(said["settings"])), encoder=str(said["root"]))
        made_at = told.number(said["made_at"])
        if said["depth"] not in DEPTHS or not said["heads"] or not 0 <= made_at < _LATEST:
            raise ValueError
        return cls(
            name=run_files.check_name(str(said["name"])),
            key=str(said["key"]),
            base_key=str(said["base_key"]),
            root=str(said["root"]),
            depth=str(said["depth"]),
            adapter=str(said["adapter"]),
            rank=int(said["rank"]),
            nested=tuple(int(one) for one in said["nested"]),
            is_from_scratch=bool(said["is_from_scratch"]),
            made_at=made_at,
            licence=str(said["licence_of_base"]),
            program=str(said["program"]),
            heads=tuple(dict(one) for one in said["heads"]),
            preprocessing=dict(said["preprocessing"]),
            proof=said["proof"],
            settings=settings.checked(),
            result=told.checked(said["result"]),
        )


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read: what it says of itself, and the encoder, put together and found to be the same."""

    about: About
    whole: "Complete"


def load(path: Path | str) -> Encoder:
    """The encoder of a file that was exported as safetensors, ready. Raises EncoderError."""
    from core.encoders import complete

    found = read(Path(path))
    return complete.encoder(found.whole, f"run:{found.about.name}", found.about.key)


def read(path: Path) -> Read:
    """Read such a file and make sure that what is put together here gives the vectors it gave where it was written.

    Raises EncoderError, in one sentence, for any other file and for one that gives other vectors here.
    """
    from core.encoders import complete
    from core.encoders.weights import checkpoints

    checkpoints.inspect(path)
    said, tensors = _contents(path)
    shown = printable(str(path))
    try:
        about = About.of(said)
        _check_shapes(about.heads, tensors)
        encoders.check_name(about.root)
        if names.parse(about.root).family in ("run", "given"):
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError, KnownError) as error:
        raise EncoderError(f"{shown} does not say what it is, or says what cannot be.") from error
    whole = complete.put_together(about.root, about.heads, tensors)
    if _preparation(whole) != about.preprocessing:
        raise EncoderError(
            f"The network {about.root} takes its pictures otherwise here than where {shown} was written.",
            f"It was written by Lookalike {about.program}.",
        )
    if not complete.is_proven(whole, about.proof):
        raise EncoderError(
            f"{shown} gives other vectors here than where it was written, so it is not used.",
            "Export it again, or use the version of Lookalike that wrote it.",
        )
    return Read(about, whole)


def import_run(project: Project, path: Path, *, name: str = "", job: Job | None = None) -> Run:
    """Bring a trained encoder in from a file that was exported as safetensors: a run of this catalogue, under its own
    name or another. It is no default, and was not measured here.

    Raises UsageError for a name that is taken, EncoderError for a file that is no such encoder, DiskFull.
    """
    job = job or Job()
    job.start("Reading", 2)
    found = read(path)
    job.advance()
    name = run_files.check_name(name or found.about.name)
    folder = run_files.folder(encoders.models_folder(project), name)
    with ExitStack() as undone:
        with project.write(durable=True) as session:
            taken = {one["run"].casefold(): one["run"] for one in stored.every(session)}
            if name.casefold() in taken:
                raise UsageError(
                    f"There is a run named {taken[name.casefold()]!r} already.",
                    "Choose another name, or discard it.",
                )
            try:
                if folder.exists():
                    shutil.rmtree(folder)  # what a kill left
                folder.mkdir(parents=True)
                undone.callback(shutil.rmtree, folder, ignore_errors=True)
                _keep(encoders.models_folder(project), name, found)
            except OSError as error:
                raise explain_os_error(project.path, error) from error
            stored.add(session, name, status="candidate", settings=found.about.settings.as_json())
            stored.put(session, name, result=_result(found, path))
            journal.append(session, "model import", run=name, file=printable(str(path)))
        undone.pop_all()
    project.let_go(f"encoder:run:{name}")
    job.advance()
    return runs.find(project, name)


def _contents(path: Path) -> "tuple[dict[str, Any], dict[str, Tensor]]":
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get(_KEY, "null"))
            if isinstance(about, dict) and about.get("kind") != _ENCODER:
                raise EncoderError(
                    f"{printable(str(path))} holds only what was trained, without its base.",
                    "Export the whole encoder: --what model --format safetensors.",
                )
            if not isinstance(about, dict) or about.get("version") != _VERSION:
                raise EncoderError(
                    f"{printable(str(path))} is no encoder that this version of Lookalike exported."
                )
            return about, {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError) as error:
        raise EncoderError(f"{printable(str(path))} cannot be read: {error}.") from error


def _check_shapes(shapes: Sequence[dict[str, Any]], tensors: "Mapping[str, Tensor]") -> None:
    """Raises ValueError where heads would be larger than the tensors that they are for."""
    for number, shape in enumerate(shapes):
        begin = f"heads.{number}."
        matrix = tensors.get(f"{begin}axes", tensors.get(f"{begin}weight"))
        sides = {int(shape["in_dim"]), int(shape["dim"])}
        if matrix is None or sides != set(matrix.shape):
            raise ValueError
        if "hidden" in shape and shape["hidden"] != len(tensors[f"{begin}inner.bias"]):
            raise ValueError


def _preparation(whole: "Complete") -> dict[str, Any]:
    from core.export.model_material import preparation

    return preparation(whole.preprocessing, whole.mean, whole.std, whole.input_px)


def _keep(models: Path, name: str, found: Read) -> None:
    """Weights first, then what they are of."""
    from core.encoders import complete
    from core.encoders import runs as trained
    from core.training import checkpoint

    about, whole = found.about, found.whole
    tensors = complete.weights(whole)
    shapes = tuple(whole.head_shapes)
    # On the encoder that is always here one head is kept as one that was trained here is: its vectors can be had
    # from stored ones.
    is_plain = whole.root == builtin_constants.NAME and len(shapes) == 1
    is_plain = is_plain and whole.architecture == builtin_constants.key() == about.base_key
    if is_plain:
        tensors = {
            "head." + key.removeprefix("heads.0."): one
            for key, one in tensors.items()
            if key.startswith("heads.0.")
        }
    facts = f"import {name} {whole.root} {shapes} {_preparation(whole)}"
    checkpoint.write(run_files.folder(models, name) / run_files.WEIGHTS, tensors, {"run": name})
    run_files.write(
        models,
        RunCard(
            name=name,
            base=whole.root,
            base_key=builtin_constants.key() if is_plain else about.base_key,
            depth="head" if is_plain else about.depth,
            dim=whole.dim,
            feature_dim=int(shapes[0]["in_dim"]),
            size_px=whole.preprocessing.size_px,
            rank=about.rank,
            head=shapes[-1],
            key=trained.key_of(about.key, facts, tensors),
            is_from_scratch=about.is_from_scratch,
            adapter=about.adapter,
            nested=about.nested,
            heads=() if is_plain else shapes,
        ),
    )


def _result(found: Read, path: Path) -> dict[str, Any]:
    """What was measured where it was trained, and that this was not here."""
    about = found.about
    said = str(about.result.get("verdict", ""))
    there = f" Where it was trained: {said}" if said else ""
    return {
        **about.result,
        "is_better": False,
        "verdict": f"Brought in from {printable(path.name)}, and not measured here.{there}",
        "imported": {
            "file": printable(path.name),
            "name": about.name,
            "made_at": about.made_at,
            "licence": about.licence,
            "program": about.program,
            "key": about.key,
            "verdict": said,
        },
    }
