"""Reads Parquet files, those of Hugging Face data sets with their names of classes included."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import TableError
from core.jobs import Job
from core.labelling.table import Role, Table, unique_names

_STEP_ROWS = 65_536
# A list longer than this in one cell is a vector, no set of tags.
_LONGEST_LIST = 100


def read(path: Path, job: Job) -> Table:
    """The table of a Parquet file. Raises TableError where it cannot be read."""
    # Heavy, and needed for this kind of file only.
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        with parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            classes = _class_names(schema.metadata)
            given = [one.name for one in schema]
            names = unique_names(given)
            values: list[list[str]] = [[] for _ in names]
            kinds = [_kind(arrow, one.type) for one in schema]
            job.start("Reading", file.metadata.num_rows)
            wanted = [
                f"{one.name}.path" if kind == "picture" else one.name
                for one, kind in zip(schema, kinds, strict=True)
                if kind != "other"
            ]
            for batch in file.iter_batches(_STEP_ROWS, columns=wanted):
                for cells, name, kind in zip(values, given, kinds, strict=True):
                    if kind != "other":
                        cells.extend(_texts(arrow, batch.column(name), kind, classes.get(name)))
                job.advance(len(batch))
            rows = file.metadata.num_rows
    except (arrow.ArrowException, OSError, KeyError) as error:
        raise TableError(f"{path} cannot be read as Parquet: {_first_line(error)}") from error
    roles: dict[str, Role] = {}
    for cells, name, kind in zip(values, names, kinds, strict=True):
        if kind == "other":
            cells.extend([""] * rows)
            roles[name] = "ignore"
    return Table(
        path=path,
        format="Parquet",
        names=names,
        values=values,
        lines=np.arange(1, rows + 1, dtype=np.int64),
        base=path.absolute().parent,
        roles=roles,
    )


def _kind(arrow: Any, type_: Any) -> str:
    """plain, list, picture (a structure with a path, as data sets keep images) or other."""
    types = arrow.types
    if types.is_dictionary(type_):
        type_ = type_.value_type
    if types.is_struct(type_):
        return "picture" if type_.get_field_index("path") >= 0 else "other"
    if types.is_list(type_) or types.is_large_list(type_):
        inner = type_.value_type
        return "list" if types.is_string(inner) or types.is_large_string(inner) else "other"
    if types.is_nested(type_) or types.is_binary(type_) or types.is_large_binary(type_):
        return "other"
    return "plain"


def _texts(arrow: Any, column: Any, kind: str, classes: list[str] | None) -> list[str]:
    """The cells of one batch as text; "" where there is none."""
    if kind == "picture":
        column = column.field(column.type.get_field_index("path"))
    if kind == "list":
        return [
            json.dumps(cell[:_LONGEST_LIST], ensure_ascii=False) if cell else ""
            for cell in column.to_pylist()
        ]
    if arrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if classes is not None and arrow.types.is_integer(column.type):
        return [_class(classes, cell) for cell in column.to_pylist()]
    if arrow.types.is_floating(column.type):
        return ["" if cell is None or cell != cell else repr(cell) for cell in column.to_pylist()]
    # Equal texts of a batch become one string.
    encoded = column.cast(arrow.string()).dictionary_encode()
    words = [word.strip() for word in encoded.dictionary.to_pylist()]
    return ["" if code is None else words[code] for code in encoded.indices.to_pylist()]


def _class(classes: list[str], code: int | None) -> str:
    if code is None or code < 0:
        return ""
    return classes[code] if code < len(classes) else str(code)


def _class_names(metadata: dict[bytes, bytes] | None) -> dict[str, list[str]]:
    """Names of the classes of whole-number columns, which Hugging Face keeps beside the schema."""
    try:
        features = json.loads((metadata or {}).get(b"huggingface", b"{}"))["info"]["features"]
        return {
            name: [str(one) for one in feature["names"]]
            for name, feature in features.items()
            if isinstance(feature, dict) and isinstance(feature.get("names"), list)
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else "it is damaged"
    return text if text.endswith(".") else f"{text}."
