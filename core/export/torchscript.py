"""Trained encoders as TorchScript: runs where torch runs, without this program."""

import io
import shutil
import warnings
import zipfile
from collections.abc import Mapping

import torch

from core.encoders import complete
from core.encoders.complete import TOLERANCE, Complete
from core.errors import ExportError
from core.export import model_card, model_recipes
from core.export.destination import Writing
from core.export.model_material import Model
from core.jobs import Job

# Traced with one number of pictures and checked with others, so that none is baked in.
_TRACED, _CHECKED = 2, (1, 3, 5)
# Where in which source file each step comes from: of use to nobody else, and it names folders of this machine.
_SOURCES = ".debug_pkl"


def write(model: Model, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """The whole encoder as one program, from normalised pixels [n, 3, height, width] to unit vectors [n, dim].

    It is read back and compared with the encoder before it is kept. Raises EncoderError, ExportError, OSError.
    """
    job.start("Putting it together", 3)
    whole = model.make()
    job.advance()
    program = _trace(whole)
    job.checkpoint()
    job.advance()
    with open(made.place, "wb") as file:
        _copy(program, file)
    del program
    check(whole, str(made.place))
    job.advance()
    model_card.write(model.facts, made, model_recipes.torchscript(whole, made.target.name), whole)


def check(whole: Complete, place: str) -> float:
    """The largest difference in any number between the program in a file and the encoder, on generated pictures.

    Raises ExportError where it is more than rounding, or where the program cannot be run.
    """
    pictures = complete.squares(whole.preprocessing.size_px)
    worst = 0.0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that TorchScript is old
            program = torch.jit.load(place, map_location="cpu")  # type: ignore[no-untyped-call]
        for count in _CHECKED:
            # Once each: compiling it for that would take longest.
            with torch.inference_mode(), torch.jit.optimized_execution(False):  # type: ignore[attr-defined]
                found = program(whole.ready(pictures[:count])).numpy()
            worst = max(worst, complete.difference(found, whole.vectors(pictures[:count])))
    except RuntimeError as error:
        raise _cannot("the program that came out does not run") from error
    if worst > TOLERANCE:
        raise _cannot(f"its vectors differ by {worst:.2g} from those of the encoder")
    return worst


def _trace(whole: Complete) -> io.BytesIO:
    """The program as torch writes it."""
    example = whole.ready(complete.squares(whole.preprocessing.size_px)[:_TRACED])
    found = io.BytesIO()
    try:
        # What a trace may get wrong is what ``check`` looks for.
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            traced = torch.jit.trace(  # type: ignore[no-untyped-call]
                whole.network, example, check_trace=False
            )
            torch.jit.save(traced, found)
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        raise _cannot("its network cannot be traced") from error
    found.seek(0)
    return found


def _copy(program: io.BytesIO, file: io.BufferedWriter) -> None:
    with (
        zipfile.ZipFile(program) as written,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as kept,
    ):
        for entry in written.infolist():
            if entry.filename.endswith(_SOURCES):
                continue
            with (
                written.open(entry) as source,
                kept.open(zipfile.ZipInfo(entry.filename), "w", force_zip64=True) as target,
            ):
                shutil.copyfileobj(source, target, 1 << 20)


def _cannot(why: str) -> ExportError:
    return ExportError(
        f"This encoder cannot be written as TorchScript: {why}.", "Use safetensors instead."
    )
