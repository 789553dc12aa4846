"""Which function writes what: looked for by kind and format, imported when it is asked for (some need torch)."""

from collections.abc import Callable, Mapping
from typing import Any

from core.export.destination import Writing
from core.jobs import Job

# Takes the material, where to write, what was chosen, and a job.
Writer = Callable[[Any, Writing, Mapping[str, str], Job], None]


def of(what: str, form: str) -> Writer:
    """The writer of a kind of thing in a format."""
    match what, form:
        case "embeddings", "csv":
            from core.export import csv_vectors

            return csv_vectors.write
        case _, "csv":
            from core.export import csv_table

            return csv_table.write
        case "report", "json":
            from core.export import report_json

            return report_json.write
        case _, "json":
            from core.export import json_table

            return json_table.write
        case _, "parquet":
            from core.export import parquet_table

            return parquet_table.write
        case _, "npy":
            from core.export import npy

            return npy.write
        case "embeddings", "safetensors":
            from core.export import safetensors_file

            return safetensors_file.write
        case _, "projector":
            from core.export import projector

            return projector.write
        case _, "npz":
            from core.export import npz

            return npz.write
        case _, "imagefolder":
            from core.export import image_folder

            return image_folder.write
        case _, "coco":
            from core.export import coco

            return coco.write
        case _, "huggingface":
            from core.export import huggingface

            return huggingface.write
        case _, "fiftyone":
            from core.export import fiftyone

            return fiftyone.write
        case "model", "safetensors":
            from core.export import model_weights

            return model_weights.write
        case "model", "adapters":
            from core.export import model_weights

            return model_weights.write_trained
        case _, "torchscript":
            from core.export import torchscript

            return torchscript.write
        case _, "onnx":
            from core.export import onnx

            return onnx.write
        case _, "html":
            from core.export import report_html

            return report_html.write
    raise AssertionError(f"nothing writes {what} as {form}")
