"""`run.py check`: format, lint, types, import rules and tests, all of them even where one fails."""

import subprocess
import sys
import time
from collections.abc import Callable


def run(root: str, program: Callable[[str, str], str], test_command: list[str]) -> int:
    """Run every step with a heading and its time. Returns 1 where any failed, else 0."""
    python = program(root, "python")
    steps = [
        ("Format", [python, "-m", "ruff", "format", "--check", "."]),
        ("Lint", [python, "-m", "ruff", "check", "."]),
        ("Types", [python, "-m", "mypy"]),
        ("Import rules", [program(root, "lint-imports")]),
        ("Tests", test_command),
    ]
    results = []
    for title, command in steps:
        print(f"\n== {title} ==", flush=True)
        started = time.monotonic()
        try:
            code = subprocess.call(command, cwd=root)
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            return 130
        results.append((title, code, time.monotonic() - started))
    print("\n== Result ==")
    for title, code, took_s in results:
        print(f"{title:<14}{'passed' if code == 0 else 'FAILED':<8}{took_s:6.1f} s")
    return 1 if any(code for _, code, _ in results) else 0
