"""A FiftyOneDataset directory: metadata.json, samples.json and the pictures under data/.

The format is that of FiftyOne's own exporter (https://docs.voxel51.com/user_guide/import_datasets.html, under
FiftyOneDataset): documents as MongoDB's Extended JSON writes them, with the schema of every field.
"""

import hashlib
import json
import mimetypes
import time
from collections.abc import Mapping
from typing import Any

from core.export.destination import Writing
from core.export.pictures import Picture, Pictures
from core.export.placing import placing
from core.jobs import Job

FOLDER = "data"
# Newer programs bring a dataset of this version up to date as they open it; older ones refuse it.
VERSION = "1.0.0"
_FIELDS = "fiftyone.core.fields."
_LABEL, _GROUP = "ground_truth", "duplicate_group"


def write(pictures: Pictures, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to the folder ``made.place``. Raises OSError, ExportError and Cancelled.

    Each sample has its class as ``ground_truth``, its split and tags as tags, ``sha256``, ``source`` (where the file
    came from) and, where it is in one, the number of its ``duplicate_group``.
    """
    now_s = time.time()
    dataset_id = _object_id(str(made.target), now_s)
    (made.place / FOLDER).mkdir()
    with (
        placing(made.place, options["pictures"], pictures, job) as placer,
        open(made.place / "samples.json", "w", encoding="utf-8") as file,
    ):
        file.write('{"samples": [')
        between = "\n"
        for part in pictures.parts(job, "Pictures"):
            for picture, name in part:
                there = placer.put(picture, name)
                if there is None:
                    continue
                sample = _sample(there, name, dataset_id, now_s)
                file.write(between + json.dumps(sample, ensure_ascii=False))
                between = ",\n"
        file.write("\n]}\n")
    document = _dataset(pictures, dataset_id, now_s)
    text = json.dumps(document, ensure_ascii=False)
    (made.place / "metadata.json").write_text(text, encoding="utf-8")


def _sample(one: Picture, file: str, dataset_id: str, now_s: float) -> dict[str, Any]:
    is_known = bool(one.content)
    sample: dict[str, Any] = {
        "_id": {"$oid": _object_id(file, now_s)},
        "filepath": file,
        "tags": list(dict.fromkeys([one.split, *one.tags] if one.split else one.tags)),
        "_media_type": "image",
        "_rand": _share(file),
        "_dataset_id": {"$oid": dataset_id},
        "created_at": _moment(now_s),
        "last_modified_at": _moment(now_s),
        "metadata": None,
        _LABEL: {
            "_id": {"$oid": _object_id(f"{file} {_LABEL}", now_s)},
            "_cls": "Classification",
            "tags": [],
            "label": one.label,
        },
        "sha256": one.content or None,
        "source": one.path,
        _GROUP: one.group if one.group >= 0 else None,
    }
    if is_known:
        sample["metadata"] = {
            "_cls": "ImageMetadata",
            "size_bytes": one.size_bytes,
            "mime_type": mimetypes.guess_type(file)[0] or f"image/{one.format.lower()}",
            "width": one.width,
            "height": one.height,
            "num_channels": None,
        }
    return sample


def _dataset(pictures: Pictures, dataset_id: str, now_s: float) -> dict[str, Any]:
    """The document of the dataset, with the schema of its samples."""
    name = pictures.facts.get("name", "dataset")
    return {
        "_id": {"$oid": dataset_id},
        "name": name,
        "slug": "dataset",
        "version": VERSION,
        "created_at": _moment(now_s),
        "last_modified_at": _moment(now_s),
        "last_loaded_at": _moment(now_s),
        "sample_collection_name": f"samples.{dataset_id}",
        "persistent": False,
        "media_type": "image",
        "group_media_types": {},
        "tags": [],
        "info": {key: value for key, value in pictures.facts.items() if value},
        "app_config": {},
        "classes": {},
        "default_classes": list(pictures.labels),
        "mask_targets": {},
        "default_mask_targets": {},
        "skeletons": {},
        "sample_fields": _fields(now_s),
        "frame_fields": [],
        "saved_views": [],
        "workspaces": [],
        "annotation_runs": {},
        "brain_methods": {},
        "evaluations": {},
        "runs": {},
    }


def _fields(now_s: float) -> list[dict[str, Any]]:
    def field(name: str, kind: str, *, stored: str = "", **more: Any) -> dict[str, Any]:
        return {
            "name": name,
            "ftype": f"{_FIELDS}{kind}",
            "embedded_doc_type": None,
            "subfield": None,
            "fields": [],
            "db_field": stored or name,
            "description": None,
            "info": None,
            "read_only": False,
            "created_at": _moment(now_s),
            **more,
        }

    texts = {"subfield": f"{_FIELDS}StringField"}
    metadata = [
        field("size_bytes", "IntField"),
        field("mime_type", "StringField"),
        field("width", "IntField"),
        field("height", "IntField"),
        field("num_channels", "IntField"),
    ]
    classification = [
        field("id", "ObjectIdField", stored="_id"),
        field("tags", "ListField", **texts),
        field("label", "StringField"),
        field("confidence", "FloatField"),
        field("logits", "VectorField"),
    ]
    document = "EmbeddedDocumentField"
    return [
        field("id", "ObjectIdField", stored="_id"),
        field("filepath", "StringField"),
        field("tags", "ListField", **texts),
        field(
            "metadata",
            document,
            embedded_doc_type="fiftyone.core.metadata.ImageMetadata",
            fields=metadata,
        ),
        field("_media_type", "StringField"),
        field("_rand", "FloatField"),
        field("_dataset_id", "ObjectIdField"),
        field("created_at", "DateTimeField", read_only=True),
        field("last_modified_at", "DateTimeField", read_only=True),
        field(
            _LABEL,
            document,
            embedded_doc_type="fiftyone.core.labels.Classification",
            fields=classification,
        ),
        field("sha256", "StringField"),
        field("source", "StringField"),
        field(_GROUP, "IntField"),
    ]


def _object_id(text: str, now_s: float) -> str:
    """An id as MongoDB has them: the time in four bytes, and eight that are told from all others here."""
    return f"{int(now_s):08x}{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"


def _share(text: str) -> float:
    """A number from 0 to 1 that looks drawn, and is the same for the same text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48


def _moment(seconds: float) -> dict[str, Any]:
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return {"$date": f"{text}.{int(seconds * 1000) % 1000:03}Z"}
