"""Tables as Parquet: typed columns, lists of texts, vectors as lists of one length."""

import json
from collections.abc import Mapping
from typing import Any

from core.export.destination import Writing
from core.export.material import Column, Part, Table
from core.jobs import Job

# A reader decompresses one group of rows at a time.
_GROUP_BYTES = 32 << 20
_GROUP_ROWS = 1 << 20
_LEVEL = 1  # of zstd: measured, 3 makes it a hundredth smaller and takes a third longer
FACTS_KEY = b"lookalike"


def write(table: Table, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to ``made.place``; the facts are JSON in the schema's metadata, under ``lookalike``.
    Raises OSError and Cancelled."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    kinds = {one.name: _kind(one, options) for one in table.columns}
    facts = {FACTS_KEY: json.dumps(dict(table.facts), ensure_ascii=False).encode()}
    schema = arrow.schema(list(kinds.items()), metadata=facts)
    vectors = [one for one in table.columns if one.kind == "vector"]
    # Bytes of numbers of one place lie together, and compress: the low ones of float16 as float32 are zeros.
    split = [f"{one.name}.list.element" for one in vectors]
    with parquet.ParquetWriter(
        made.place,
        schema,
        compression="zstd",
        compression_level=_LEVEL,
        use_dictionary=[_leaf(one) for one in table.columns if one.kind in ("text", "texts")],
        use_byte_stream_split=split or False,
        write_statistics=[_leaf(one) for one in table.columns if one.kind != "vector"],
    ) as writer:
        held: list[Any] = []
        held_bytes = held_rows = 0
        for part in table.parts(job):
            held.append(_batch(part, schema, kinds))
            held_bytes += held[-1].nbytes
            held_rows += held[-1].num_rows
            if held_bytes >= _GROUP_BYTES or held_rows >= _GROUP_ROWS:
                writer.write_table(arrow.Table.from_batches(held), row_group_size=held_rows)
                held, held_bytes, held_rows = [], 0, 0
        if held:
            writer.write_table(arrow.Table.from_batches(held), row_group_size=held_rows)


def _leaf(column: Column) -> str:
    is_list = column.kind in ("texts", "vector")
    return f"{column.name}.list.element" if is_list else column.name


def _kind(column: Column, options: Mapping[str, str]) -> Any:
    import pyarrow as arrow

    match column.kind:
        case "text":
            return arrow.string()
        case "texts":
            return arrow.list_(arrow.string())
        case "int":
            return arrow.int64()
        case "bool":
            return arrow.bool_()
        case "float":
            return arrow.float64()
        case "vector":
            number = arrow.float16() if options.get("precision") == "float16" else arrow.float32()
            return arrow.list_(number, column.dim)


def _batch(part: Part, schema: Any, kinds: Mapping[str, Any]) -> Any:
    import pyarrow as arrow

    arrays = []
    for name, kind in kinds.items():
        values = part[name]
        if arrow.types.is_fixed_size_list(kind):
            flat = arrow.array(values.reshape(-1), kind.value_type)
            arrays.append(arrow.FixedSizeListArray.from_arrays(flat, kind.list_size))
        else:
            arrays.append(arrow.array(values, kind))
    return arrow.RecordBatch.from_arrays(arrays, schema=schema)
