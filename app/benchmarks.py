"""Runs a benchmark of the source tree: a module of tests/benchmarks with a function ``run``."""

import importlib.util
import inspect
from pathlib import Path
from typing import Any

from core.errors import UsageError

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "benchmarks"


def run(name: str, *, size: int | None, with_peers: bool, **others: Any) -> dict[str, Any]:
    """The figures of the benchmark ``name``. ``others`` are what only some take; None: not said.

    Raises UsageError where there is no such benchmark, or where it does not take what was said.
    """
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
    said = {key: value for key, value in others.items() if value is not None}
    if strange := sorted(said.keys() - inspect.signature(module.run).parameters.keys()):
        raise UsageError(f"The benchmark {name} takes no --{strange[0]}.")
    figures: dict[str, Any] = module.run(size=size, with_peers=with_peers, **said)
    return figures
