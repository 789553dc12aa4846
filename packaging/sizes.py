"""What each dependency costs in the bundle, what was left out and what that saved: the page docs/packages.md.

`python packaging/sizes.py WORK TARGET.json [PAGE.md]` is run by packaging/package.py, with the Python that has
PyInstaller. The words of the page are packaging/packages_page.md.
"""

import json
import os
import subprocess
import sys
import tarfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import slimming

# Folders of the bundle that are of one dependency; all others are called as their folder is.
PARTS = {
    "torch": ("torch", "functorch", "torchgen", "sympy", "mpmath", "networkx", "jinja2"),
    "PySide6 (Qt)": ("PySide6", "shiboken6"),
    "pyarrow": ("pyarrow",),
    "opencv": ("cv2", "opencv_python_headless"),
    "faiss": ("faiss", "faiss_cpu"),
    "numpy": ("numpy",),
    "Pillow, HEIF, RAW, JPEG XL": ("PIL", "pillow", "pi_heif", "_pi_heif", "rawpy", "pylibjxl", "tifffile"),
    "transformers, tokenizers": ("transformers", "tokenizers", "regex", "safetensors", "hf_xet", "huggingface_hub"),
    "open_clip, timm, torchvision": ("open_clip", "timm", "torchvision", "ftfy", "wcwidth"),
    "SQLAlchemy, Alembic": ("sqlalchemy", "alembic", "mako"),
    "Python": ("base_library", "lib-dynload", "libpython3", "libssl", "libcrypto", "libsqlite3", "python3"),
    "Lookalike": ("app", "core", "resources", "launcher"),
}  # fmt: skip
PACKED = "Python modules in the archive"
REST = "others"
LEVEL = 3  # of zstd, for shares only: the sum is scaled to the package's size
PAGE = Path(__file__).resolve().parent / "packages_page.md"


def weigh(bundle: Path) -> dict[str, tuple[int, int]]:
    """(bytes, bytes packed on their own) of each part of the bundle."""
    parts: dict[str, list[Path]] = defaultdict(list)
    for root, _, names in os.walk(bundle):
        for name in names:
            path = Path(root, name)
            if not path.is_symlink():
                parts[part_of(path.relative_to(bundle).as_posix())].append(path)
    return {
        name: (sum(path.stat().st_size for path in paths), packed(bundle, paths))
        for name, paths in parts.items()
    }


def part_of(place: str) -> str:
    """The part that a file of the bundle belongs to, by its path."""
    if "/" not in place:  # the program, which has the archive of modules in it
        return PACKED
    top = place.removeprefix("_internal/").split("/")[0]
    stem = (
        top.split(".")[0] if ".libs" in top or "/" not in place.removeprefix("_internal/") else top
    )
    stem = stem.split("-")[0] if ".dist-info" in top else stem
    for name, folders in PARTS.items():
        if stem in folders or stem.lower() in folders or top in folders:
            return name
    return REST


def packed(bundle: Path, paths: Sequence[Path]) -> int:
    """What zstd makes of these files, in bytes; 0 where it is not installed."""
    command = ["zstd", f"-{LEVEL}", "--quiet", "--stdout"]
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as zstd:
            assert zstd.stdin is not None and zstd.stdout is not None
            return _through(
                bundle, paths, cast("BinaryIO", zstd.stdin), cast("BinaryIO", zstd.stdout)
            )
    except FileNotFoundError:
        return 0


def _through(bundle: Path, paths: Sequence[Path], into: BinaryIO, out: BinaryIO) -> int:
    # A thread counts what comes out, so that neither side waits for the other for ever.
    counted: list[int] = []
    counter = threading.Thread(target=lambda: counted.append(sum(map(len, _blocks(out)))))
    counter.start()
    with tarfile.open(fileobj=into, mode="w|") as tar:
        for path in paths:
            tar.add(path, path.relative_to(bundle).as_posix())
    into.close()
    counter.join()
    return counted[0]


def _blocks(out: BinaryIO) -> Iterator[bytes]:
    while block := out.read(1 << 20):
        yield block


def modules(program: Path) -> dict[str, int]:
    """Bytes of each top-level package in the program's archive of modules, as packed there."""
    from PyInstaller.archive.readers import CArchiveReader

    sizes: dict[str, int] = defaultdict(int)
    for name, (_, _, length) in (
        CArchiveReader(str(program)).open_embedded_archive("PYZ.pyz").toc.items()
    ):
        sizes[name.split(".")[0]] += length
    return dict(sizes)


def table(work: Path) -> dict[str, Any]:
    """Everything that the page tells, as JSON tells it too."""
    bundle = work / "bundle" / "lookalike"
    program = next(path for path in bundle.glob("lookalike*") if path.is_file())
    facts: dict[str, Any] = json.loads((work / "facts.json").read_text(encoding="utf-8"))
    dropped = json.loads(next(work.rglob("dropped.json")).read_text(encoding="utf-8"))
    strips = work / "stripped.json"
    stripped = json.loads(strips.read_text(encoding="utf-8"))["bytes"] if strips.exists() else 0
    weighed = weigh(bundle)
    total = sum(alone for _, alone in weighed.values())
    scale = facts.get("deb_mb", total / 1e6) * 1e6 / total if total else 1.0
    left_out: dict[str, list[int]] = {}
    for one in dropped["files"]:
        count = left_out.setdefault(one["rule"], [0, 0])
        count[0] += 1
        count[1] += one["bytes"]
    return {
        **facts,
        "stripped_bytes": stripped,
        "bundle_bytes": sum(size for size, _ in weighed.values()),
        "parts": {
            name: {"bytes": size, "packed_bytes": round(alone * scale)}
            for name, (size, alone) in sorted(weighed.items(), key=lambda item: -item[1][0])
        },
        "modules": dict(sorted(modules(program).items(), key=lambda item: -item[1])),
        "left_out": {
            name: {"files": count, "bytes": size} for name, (count, size) in left_out.items()
        },
        "families_left_out": dropped["families"],
        "families_bytes": dropped["families_bytes"],
    }


def page(found: dict[str, Any]) -> str:
    """The page of the documents, of facts that tell of the .deb and of the archive."""
    costs = [
        f"| {_titled(name, found)} | {one['bytes'] / 1e6:,.1f} | {one['packed_bytes'] / 1e6:,.1f} |"
        for name, one in found["parts"].items()
    ]
    packed_sum = sum(one["packed_bytes"] for one in found["parts"].values())
    costs.append(
        f"| **together** | **{found['bundle_bytes'] / 1e6:,.1f}** | **{packed_sum / 1e6:,.1f}** |"
    )
    why = {rule.name: rule.why for rule in (*slimming.RULES, slimming.SYSTEM_RULE)}
    dropped = [
        f"| {name} | {why[name]} | {one['files']:,} | {one['bytes'] / 1e6:,.1f} |"
        for name, one in sorted(found["left_out"].items(), key=lambda item: -item[1]["bytes"])
    ]
    families = f"{found['families_left_out']} families"
    mb = found["families_bytes"] / 1e6
    why_families = "OpenCLIP's text towers need few of its networks"
    dropped.append(f"| transformers: networks | {why_families} | {families} | {mb:,.1f} |")
    mb = found["stripped_bytes"] / 1e6
    dropped.append(f"| symbols | `strip`, where what it makes is sound |  | {mb:,.1f} |")
    values = {
        "GLIBC": found.get("needs_glibc", "?"), "VERSION": found["version"],
        "DEB": f"{found['deb_mb']:,.1f}", "UNPACKED": f"{found['deb_unpacked_mb']:,.1f}",
        "TAR": f"{found['tar_mb']:,.1f} MB",
        "SELF_TEST": found.get("self_test_s", "?"), "LOAD": found.get("self_test_load", "?"),
        "COSTS": "\n".join(costs), "DROPPED": "\n".join(dropped),
    }  # fmt: skip
    text = PAGE.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def _titled(name: str, found: dict[str, Any]) -> str:
    if name != PACKED:
        return name
    largest = list(found["modules"].items())[:6]
    return f"{PACKED} ({', '.join(f'{module} {size / 1e6:.1f}' for module, size in largest)}, …)"


def main(arguments: Sequence[str]) -> int:
    """Write the JSON, and the page where one is named; returns the exit code."""
    if len(arguments) not in (2, 3):
        sys.stderr.write("Usage: python packaging/sizes.py WORK TARGET.json [PAGE.md]\n")
        return 2
    found = table(Path(arguments[0]))
    Path(arguments[1]).write_text(json.dumps(found, indent=1), encoding="utf-8")
    if len(arguments) == 3:
        Path(arguments[2]).write_text(page(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
