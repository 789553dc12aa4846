"""A folder that Hugging Face's load_dataset reads: pictures by split, metadata beside them, a card that says so.

The layout: https://huggingface.co/docs/datasets/image_dataset and, of the card,
https://huggingface.co/docs/hub/datasets-manual-configuration
"""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from typing import IO

from core.export.csv_table import list_cell
from core.export.destination import Writing
from core.export.pictures import Picture, Pictures
from core.export.placing import placing
from core.jobs import Job

METADATA, CARD = "metadata.jsonl", "README.md"
# How the parts of a split are called there.
SPLITS = {"val": "validation"}


def write(pictures: Pictures, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to the folder ``made.place``; each folder of the pictures is a split, and its metadata says of each file
    class, tags, SHA-256 and where it came from. Raises OSError, ExportError and Cancelled."""
    counts = dict.fromkeys(pictures.folders, 0)
    with placing(made.place, options["pictures"], pictures, job) as placer, ExitStack() as files:
        beside: dict[str, IO[str]] = {}
        for folder in pictures.folders:
            (made.place / folder).mkdir()
            file = open(made.place / folder / METADATA, "w", encoding="utf-8")  # noqa: SIM115
            beside[folder] = files.enter_context(file)
        for part in pictures.parts(job, "Pictures"):
            for picture, name in part:
                there = placer.put(picture, name)
                if there is None:
                    continue
                folder, _, file_name = name.rpartition("/")
                counts[folder] += 1
                text = json.dumps(_metadata(there, file_name), ensure_ascii=False)
                beside[folder].write(f"{text}\n")
    (made.place / CARD).write_text(_card(pictures, counts), encoding="utf-8")


def _metadata(one: Picture, file_name: str) -> dict[str, str]:
    # Texts only: the loader refuses splits whose metadata seem to be of other types, as empty lists do.
    return {
        "file_name": file_name,
        "label": one.label,
        "tags": list_cell(one.tags),
        "sha256": one.content,
        "source": one.path,
    }


def _card(pictures: Pictures, counts: Mapping[str, int]) -> str:
    """The card: its header names the files of each split, and what their columns are."""
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for folder in pictures.folders:
        if counts[folder]:
            lines += [
                f"  - split: {SPLITS.get(folder, folder)}",
                f"    path: {_text(folder + '/**')}",
            ]
    lines += ["  features:", "  - name: image", "    dtype: image"]
    lines += ["  - name: label", "    dtype:", "      class_label:", "        names:"]
    lines += [
        f"          '{number}': {_text(label)}" for number, label in enumerate(pictures.labels)
    ]
    for name in ("tags", "sha256", "source"):
        lines += [f"  - name: {name}", "    dtype: string"]
    total = sum(counts.values())
    lines += ["---", "", f"# {pictures.facts.get('name', 'Dataset')}", ""]
    lines += [f"{total:,} pictures in {len(pictures.labels):,} classes, exported by Lookalike."]
    lines += ["", "```python", "from datasets import load_dataset  # 3.0 or newer", ""]
    lines += ['dataset = load_dataset("path/to/this/folder")', "```", ""]
    return "\n".join(lines)


def _text(text: str) -> str:
    """A text as YAML: what JSON writes is YAML too."""
    return json.dumps(text, ensure_ascii=False)
