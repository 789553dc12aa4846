"""Trained encoders as safetensors: the whole of one, or only what was trained."""

import json
import os
from collections.abc import Mapping
from typing import Any

from safetensors.torch import save_file
from torch import Tensor

from core.encoders import complete
from core.export import model_card, model_recipes
from core.export.destination import Writing
from core.export.model_material import ENCODER, METADATA_KEY, TRAINED, Model, preparation
from core.jobs import Job
from core.training.checkpoint import system_errors


def write(model: Model, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """The whole encoder in one file, adapters merged, and a card beside it. Raises EncoderError, OSError."""
    job.start("Putting it together", 2)
    whole = model.make()
    job.advance()
    about = model.facts.document(
        ENCODER,
        root=whole.root,
        architecture=whole.architecture,
        preprocessing=preparation(whole.preprocessing, whole.mean, whole.std, whole.input_px),
        heads=whole.head_shapes,
        proof=complete.proof(whole),
    )
    _save(complete.weights(whole), about, made)
    job.advance()
    model_card.write(model.facts, made, model_recipes.safetensors(whole, made.target.name), whole)


def write_trained(model: Model, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Only what was trained: the head, and factors of adapters or the network, for its base. Raises EncoderError,
    OSError."""
    job.start("Writing", 1)
    tensors = model.own()
    _save(tensors, model.facts.document(TRAINED), made)
    job.advance()
    model_card.write(
        model.facts, made, model_recipes.trained(model.facts, made.target.name, tensors)
    )


def _save(tensors: dict[str, Tensor], about: dict[str, Any], made: Writing) -> None:
    # One key, since safetensors writes several in no order: the same encoder gives the same bytes.
    metadata = {METADATA_KEY: json.dumps(about, sort_keys=True, ensure_ascii=False)}
    # safetensors makes files that nobody else may read; this one is to be as readable as any other.
    with open(made.place, "wb") as file:
        mode = os.fstat(file.fileno()).st_mode
    with system_errors():
        save_file(tensors, made.place, metadata)
    os.chmod(made.place, mode & 0o777)
