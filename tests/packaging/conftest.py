"""Loads the bootstrap, which is no package: it runs before anything is installed."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ("launch", "bootstrap", "checks", "pip_progress", "system_libraries")


@pytest.fixture
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture
def bootstrap_modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The modules of packaging/, by name, as run.py sees them."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    yield {name: importlib.import_module(name) for name in MODULES}
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def launch(bootstrap_modules: dict[str, ModuleType]) -> ModuleType:
    return bootstrap_modules["launch"]


@pytest.fixture
def bootstrap(bootstrap_modules: dict[str, ModuleType]) -> ModuleType:
    return bootstrap_modules["bootstrap"]


@pytest.fixture
def pip_progress(bootstrap_modules: dict[str, ModuleType]) -> ModuleType:
    return bootstrap_modules["pip_progress"]


@pytest.fixture
def system_libraries(bootstrap_modules: dict[str, ModuleType]) -> ModuleType:
    return bootstrap_modules["system_libraries"]
