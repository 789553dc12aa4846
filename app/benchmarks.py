"""Runs a benchmark of the source tree: a module of tests/benchmarks with a function ``run``."""

import importlib.util
from pathlib import Path
from typing import Any

from core.errors import UsageError

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "benchmarks"


def run(name: str, *, size: int | None, with_peers: bool) -> dict[str, Any]:
    """The figures of the benchmark ``name``. Raises UsageError where there is none."""
    known = sorted(
        path.stem.replace("_", "-") for path in FOLDER.glob("*.py") if path.stem[0] != "_"
    )
    if not known:
        raise UsageError(
            "The benchmarks come with the source tree, not with the installed program."
        )
    if name not in known:
        raise UsageError(f"There is no benchmark named {name!r}.", f"There are {', '.join(known)}.")
    path = FOLDER / f"{name.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(f"lookalike_benchmark_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    figures: dict[str, Any] = module.run(size=size, with_peers=with_peers)
    return figures
