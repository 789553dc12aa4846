"""What it costs to take embeddings and neighbours away, against a plain copy of the same bytes on the same disk.

`lookalike bench export [--size N] [--source CATALOGUE] --json`: a catalogue of N (default 1,000,000) images of 970,000
contents, 512 numbers a vector, drawn from a seed (`_million.py`); path order and the order of the rows have nothing to
do with one another, which is the worst case. With `--source` a catalogue that is there already is read instead.

Each format is written by the command line in a process of its own, whose memory (with its children's, mapped files
included) is looked at every 20 ms:

- `s`: writing it, all included, until it is safe on the disk; `wall_s`: the process from start to end; `cpu_s`: its
  processor time, start included, which other work on the machine changes less.
- `mb`, `mb_per_s`: size of all that was written (files beside it too).
- `copy_s`: writing as many bytes of one of the files just written to another name, until they are safe on the disk;
  `ratio`: s / copy_s.
- `peak_rss_mb`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

SIZE, DIM = 1_000_000, 512
CASES = (
    ("embeddings", "npy", "float32"),
    ("embeddings", "npy", "float16"),
    ("embeddings", "safetensors", "float32"),
    ("embeddings", "parquet", "float32"),
    ("embeddings", "parquet", "float16"),
    ("embeddings", "csv", "float32"),
    ("embeddings", "projector", "float32"),
    ("neighbours", "npz", None),
    ("neighbours", "parquet", None),
    ("neighbours", "csv", None),
)
_LOOK_S = 0.02
_BLOCK_BYTES = 16 << 20


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """Figures by what and format."""
    here = os.environ.get(
        "LOOKALIKE_BENCH_FOLDER"
    )  # a disk with room, where the usual one has none
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-", dir=here) as folder:
        catalogue = source
        if catalogue is None:
            import _million

            catalogue = Path(folder) / "million.lookalike"
            _million.make_catalogue(catalogue, size or SIZE, with_vectors=True, dim=DIM)
        figures: dict[str, Any] = {"size": size or SIZE, "dim": DIM}
        wanted = os.environ.get("LOOKALIKE_BENCH_FORMATS", "")
        for what, form, precision in CASES:
            name = "-".join(filter(None, (what, form, precision)))
            if wanted and name not in wanted.split(","):
                continue
            out = Path(folder) / f"out.{form}"
            figures[name] = measured(catalogue, what, form, precision, out)
            print(f"{name}: {figures[name]}", file=sys.stderr)
        return figures


def measured(
    catalogue: Path, what: str, form: str, precision: str | None, out: Path
) -> dict[str, float]:
    """One format, written and removed again."""
    call = [sys.executable, "-m", "app", "export", "--catalogue", str(catalogue)]
    call += ["--what", what, "--format", form, "--out", str(out), "--json"]
    call += ["--precision", precision] if precision else []
    began = time.monotonic()
    root = Path(__file__).resolve().parent.parent.parent
    process = subprocess.Popen(call, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    peak, cpu_s = 0, 0.0
    while process.poll() is None:
        rss, cpu = of_tree(process.pid)
        peak, cpu_s = max(peak, rss), max(cpu_s, cpu)
        time.sleep(_LOOK_S)
    wall_s = time.monotonic() - began
    assert process.stdout is not None
    told = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{what} as {form}: the export failed with {process.returncode}")
    answer = json.loads(told)
    files = [file for one in answer["files"] for file in every_file(Path(one))]
    copy_s = copied_s(files, out.with_name("copy"))
    for one in answer["files"]:
        shutil.rmtree(one) if Path(one).is_dir() else Path(one).unlink()
    mb = answer["bytes"] / 1e6
    return {
        "s": round(answer["seconds"], 2),
        "wall_s": round(wall_s, 2),
        "cpu_s": round(cpu_s, 2),
        "mb": round(mb, 1),
        "mb_per_s": round(mb / answer["seconds"], 1),
        "copy_s": round(copy_s, 2),
        "ratio": round(answer["seconds"] / copy_s, 2),
        "peak_rss_mb": round(peak / 1e6, 1),
    }


def of_tree(pid: int) -> tuple[int, float]:
    """(bytes in memory, seconds of processor time so far) of a process and all below it."""
    rss, cpu_s = 0, 0.0
    try:
        tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0, 0.0
    for one in tree:
        try:
            rss += one.memory_info().rss
            cpu_s += sum(one.cpu_times()[:2])
        except psutil.Error:
            continue  # it has ended meanwhile
    return rss, cpu_s


def every_file(path: Path) -> list[Path]:
    """The files of a folder, or the file."""
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def copied_s(files: list[Path], target: Path) -> float:
    """Seconds to write the bytes of these files one after another, until they are safe on the disk."""
    began = time.monotonic()
    with target.open("wb") as out:
        for one in files:
            with one.open("rb") as file:
                shutil.copyfileobj(file, out, _BLOCK_BYTES)
        out.flush()
        os.fsync(out.fileno())
    seconds = time.monotonic() - began
    target.unlink()
    return seconds
