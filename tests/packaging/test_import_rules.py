"""What import-linter cannot see: heavy libraries are reached only through imports inside operations' functions."""

import ast
from collections import deque
from pathlib import Path

import pytest

HEAVY = {
    "cv2",
    "torch",
    "torchvision",
    "open_clip",
    "timm",
    "transformers",
    "huggingface_hub",
    "faiss",
    "pyarrow",
    "scipy",
    "sklearn",
}


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(statement: ast.stmt) -> set[str]:
    """The modules that an import statement names; `from a import b` may mean a.b."""
    if isinstance(statement, ast.Import):
        return {alias.name for alias in statement.names}
    if isinstance(statement, ast.ImportFrom) and statement.module:
        return {statement.module} | {f"{statement.module}.{each.name}" for each in statement.names}
    return set()


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def top_level_imports(body: list[ast.stmt]) -> set[str]:
    """What is imported as soon as the module is: not in functions, not for the type checker."""
    found: set[str] = set()
    for statement in body:
        found |= imported(statement)
        if isinstance(statement, ast.If | ast.Try | ast.With | ast.ClassDef):
            if is_for_types_only(statement):
                continue
            inner = [part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.stmt)]
            found |= top_level_imports(inner)
    return found


def lazy_imports(tree: ast.Module) -> set[str]:
    """What is imported inside functions."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.stmt):
                    found |= imported(inner)
    return found


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Every module of the program, parsed."""
    root = Path(__file__).parents[2]
    paths = [path for room in ("app", "core") for path in (root / room).rglob("*.py")]
    return {module_name(path, root): ast.parse(path.read_bytes()) for path in paths}


@pytest.fixture(scope="module")
def heavy_modules(trees: dict[str, ast.Module]) -> dict[str, str]:
    """Our modules whose import brings a heavy library along: {module: what it imports to that effect}."""
    tops = {name: top_level_imports(tree.body) for name, tree in trees.items()}
    users: dict[str, set[str]] = {}
    found: dict[str, str] = {}
    for name, imports in tops.items():
        for each in imports:
            if each.split(".")[0] in HEAVY:
                found[name] = each
            # Importing a.b.c runs a and a.b too.
            parts = each.split(".")
            for count in range(1, len(parts) + 1):
                users.setdefault(".".join(parts[:count]), set()).add(name)
    queue = deque(found)
    while queue:
        module = queue.popleft()
        for user in users.get(module, set()) - found.keys():
            found[user] = module
            queue.append(user)
    return found


def test_light_rooms_stay_light(heavy_modules: dict[str, str]) -> None:
    light = (
        *("app", "core.operations", "core.catalogue", "core.images", "core.demo"),
        *("core.intake", "core.labelling"),
    )
    alone = (
        "core.project",
        "core.settings",
        "core.jobs",
        "core.parallel",
        "core.worker",
        "core.history",
    )
    wrong = {
        name: through
        for name, through in heavy_modules.items()
        if name in (*light, *alone, "core") or name.startswith(tuple(f"{room}." for room in light))
    }
    assert wrong == {}


def test_only_operations_import_heavy_rooms_inside_functions(
    trees: dict[str, ast.Module], heavy_modules: dict[str, str]
) -> None:
    wrong = {
        name: bad
        for name, tree in trees.items()
        if not name.startswith("core.operations.") and name not in heavy_modules
        if (bad := {each for each in lazy_imports(tree) if each in heavy_modules})
    }
    assert wrong == {}


def test_imports_are_absolute(trees: dict[str, ast.Module]) -> None:
    wrong = [
        name
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert wrong == []
