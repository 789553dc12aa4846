"""`run.py check`: format, lint, types, import rules and tests, all of them even where one fails."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

# mypy shares the work out, and gives up where its processes start slowly: on a busy machine.
IN_PROCESSES = ("--num-workers", "2")
NOT_STARTED = "Failed to establish connection with worker"


def run(root: str, program: Callable[[str, str], str], test_command: list[str]) -> int:
    """Run every step with a heading and its time. Returns 1 where any failed, else 0."""
    python = program(root, "python")
    quiet = [
        ("Format", [python, "-m", "ruff", "format", "--check", "."]),
        ("Lint", [python, "-m", "ruff", "check", "."]),
        ("Types", [python, "-m", "mypy", *IN_PROCESSES]),
        ("Import rules", [program(root, "lint-imports")]),
    ]
    results = []
    try:
        # At the same time, since only the types use more than one core for long.
        with ThreadPoolExecutor(len(quiet)) as pool:
            running = [(title, pool.submit(_in_silence, root, command)) for title, command in quiet]
            for title, future in running:
                code, said, took_s = future.result()
                if code and NOT_STARTED in said:
                    alone = [one for one in dict(quiet)[title] if one not in IN_PROCESSES]
                    code, said, took_s = _in_silence(root, alone)
                print(f"\n== {title} ==\n{said}", end="", flush=True)
                results.append((title, code, took_s))
        print("\n== Tests ==", flush=True)
        started = time.monotonic()
        code = subprocess.call(test_command, cwd=root)
        results.append(("Tests", code, time.monotonic() - started))
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    print("\n== Result ==")
    for title, code, took_s in results:
        print(f"{title:<14}{'passed' if code == 0 else 'FAILED':<8}{took_s:6.1f} s")
    return 1 if any(code for _, code, _ in results) else 0


def _in_silence(root: str, command: list[str]) -> tuple[int, str, float]:
    """The exit code of a command, what it printed, and the seconds it took."""
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout, time.monotonic() - started
