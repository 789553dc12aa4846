"""Trained encoders as ONNX: runs in ONNX Runtime and many others. Needs the extra lookalike[onnx]."""

import contextlib
import importlib.util
import io
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch

from core.encoders import complete
from core.encoders.complete import TOLERANCE, Complete
from core.errors import ExportError
from core.export import model_card, model_recipes
from core.export.destination import Writing
from core.export.model_material import Model
from core.jobs import Job

# torch writes with the first, the result is checked with the second.
_NEEDS = ("onnx", "onnxruntime")
# The newest that torch's exporter by traces writes without converting.
_OPSET = 17
_PIXELS, _VECTORS = "pixels", "vectors"
_TRACED, _CHECKED = 2, (1, 3, 5)


def write(model: Model, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """The whole encoder, from normalised "pixels" [n, 3, height, width] to unit "vectors" [n, dim], n free.

    It is run by ONNX Runtime and compared with the encoder before it is kept. Raises EncoderError, ExportError,
    OSError.
    """
    require()
    job.start("Putting it together", 3)
    whole = model.make()
    job.advance()
    _export(whole, made.place)
    job.checkpoint()
    job.advance()
    check(whole, made.place)
    job.advance()
    model_card.write(model.facts, made, model_recipes.onnx(whole, made.target.name), whole)


def require() -> None:
    """Raises ExportError, in one sentence, where a package is missing."""
    if any(importlib.util.find_spec(one) is None for one in _NEEDS):
        raise ExportError(
            "ONNX needs the packages onnx and onnxruntime, which are not here.",
            'Install them with pip install "lookalike[onnx]", or use torchscript.',
        )


def check(whole: Complete, place: Path) -> float:
    """The largest difference in any number between the file, run by ONNX Runtime, and the encoder.

    Raises ExportError where it is more than rounding, or where the file cannot be run.
    """
    import onnxruntime

    pictures = complete.squares(whole.preprocessing.size_px)
    own = vars(onnxruntime.capi.onnxruntime_pybind11_state).values()
    failures: tuple[type[Exception], ...] = (
        RuntimeError,
        *(one for one in own if isinstance(one, type) and issubclass(one, Exception)),
    )
    worst = 0.0
    try:
        quiet = onnxruntime.SessionOptions()
        quiet.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            str(place), quiet, providers=["CPUExecutionProvider"]
        )
        for count in _CHECKED:
            planes = whole.ready(pictures[:count]).numpy()
            (found,) = session.run([_VECTORS], {_PIXELS: planes})
            worst = max(worst, complete.difference(found, whole.vectors(pictures[:count])))
    except failures as error:
        raise _cannot("ONNX Runtime does not run what came out") from error
    if worst > TOLERANCE:
        raise _cannot(f"its vectors differ by {worst:.2g} from those of the encoder")
    return worst


def _export(whole: Complete, place: Path) -> None:
    example = whole.ready(complete.squares(whole.preprocessing.size_px)[:_TRACED])
    try:
        with (
            warnings.catch_warnings(),
            _in_plain_steps(),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            # That this exporter is old, and what a trace may get wrong, which is what ``check`` looks for.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                whole.network,
                (example,),
                str(place),
                dynamo=False,
                opset_version=_OPSET,
                input_names=[_PIXELS],
                output_names=[_VECTORS],
                dynamic_axes={_PIXELS: {0: "n"}, _VECTORS: {0: "n"}},
            )
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        raise _cannot("its network holds steps that ONNX has not") from error


@contextlib.contextmanager
def _in_plain_steps() -> Iterator[None]:
    """Without torch's attention in one step, which no other program knows."""
    was_fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was_fast)


def _cannot(why: str) -> ExportError:
    return ExportError(
        f"This encoder cannot be written as ONNX: {why}.", "Use torchscript instead."
    )
