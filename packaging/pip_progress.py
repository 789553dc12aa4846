"""Runs pip and says in few lines what it is doing: what is downloaded, what is installed, for how long."""

import glob
import os
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable

HEARTBEAT_S = 10.0  # between lines where there is no terminal
LARGE_MB = 10.0  # smaller downloads are not worth a line of their own
FILE = re.compile(
    r"(?P<name>[^\s/\\]+?)-(?P<version>\d[^\s/\\-]*)(?:-[^\s/\\]*)?\.(?:whl|tar\.gz|zip)"
)
SIZE = re.compile(r"\((?P<number>[\d.]+) (?P<unit>bytes|kB|MB|GB)\)")
UNITS_MB = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}


class Narrator:
    """Lines with the time since the start; on a terminal also one line that changes in place."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.status = ""
        self.is_terminal = sys.stderr.isatty()
        self._written = time.monotonic()
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """A line that stays."""
        with self._lock:
            end = "\033[K\n" if self.is_terminal else "\n"
            start = "\r" if self.is_terminal else ""
            print(f"{start}{self._clock()}{text}", end=end, file=sys.stderr, flush=True)
            self._written = time.monotonic()

    def tick(self) -> None:
        """Show the present status: in place on a terminal, as a line now and then elsewhere."""
        if not self.status:
            return
        if self.is_terminal:
            with self._lock:
                width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
                line = f"{self._clock()}  {self.status}"[:width]
                print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._written > HEARTBEAT_S:
            self.say(f"  {self.status}")

    def close(self) -> None:
        """Leave the terminal on a fresh line."""
        self.status = ""

    def _clock(self) -> str:
        return f"[{time.monotonic() - self.started:5.1f} s] "


def run_pip(python: str, arguments: list[str], log: str, narrator: Narrator) -> str:
    """`pip install` with a short account of it. Returns "" or its last lines and a sentence."""
    command = [python, "-m", "pip", "install", "--progress-bar", "off", "--no-color"]
    command += ["--no-input", "--disable-pip-version-check", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    site_packages = site_packages_of(python)
    last: deque[str] = deque(maxlen=12)
    done = threading.Event()
    reader = PipReader(narrator, site_packages)
    ticker = threading.Thread(target=tick_until, args=(done, reader), daemon=True)
    with (
        open(log, "a", encoding="utf-8") as log_file,
        subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as pip,
    ):
        ticker.start()
        try:
            for line in pip.stdout or ():
                log_file.write(line)
                if line.strip() and not line.startswith("WARNING:"):
                    last.append(line.rstrip())
                reader.read(line)
            code = pip.wait()
        except BaseException:
            pip.terminate()
            raise
        finally:
            done.set()
            ticker.join()
            narrator.status = ""
    return "" if code == 0 else explain_failure(last, log)


class PipReader:
    """Turns pip's output into the narrator's lines."""

    def __init__(self, narrator: Narrator, site_packages: str) -> None:
        self.narrator = narrator
        self.site_packages = site_packages
        self.queue: list[str] = []  # in the order in which pip installs
        self.before: set[str] = set()

    def read(self, line: str) -> None:
        """One line of pip."""
        words = line.strip()
        if words.startswith("Installing collected packages:"):
            self.before = installed(self.site_packages)
            self.queue = [name.strip() for name in words.partition(":")[2].split(",")]
            self.narrator.say(f"  Installing {counted(len(self.queue), 'package')}")
            return
        if words.startswith("WARNING: Retrying"):
            self.narrator.status = "The package index does not answer; trying again"
            return
        text, size_mb = condense(words)
        if text:
            self.narrator.status = text
            if size_mb >= LARGE_MB:
                self.narrator.say(f"  {text}")

    def look(self) -> None:
        """During the installation pip is silent; what is in place tells how far it is."""
        if self.queue:
            count = len(installed(self.site_packages) - self.before)
            index = min(count, len(self.queue) - 1)
            self.narrator.status = (
                f"Installing {self.queue[index]} ({index + 1} of {len(self.queue)})"
            )


def tick_until(done: threading.Event, reader: PipReader) -> None:
    """Keep the status line alive until pip is done."""
    while not done.wait(0.25):
        reader.look()
        reader.narrator.tick()


def condense(words: str) -> tuple[str, float]:
    """A line of pip in few words ("" where it says nothing new), and the size in MB where it gives one."""
    verb, _, rest = words.partition(" ")
    if verb == "Collecting":
        return f"Looking for {re.split(r'[ <>=!~;(]', rest)[0]}", 0.0
    verb = {"Downloading": "Downloading", "Processing": "Reading", "Using": "From the cache:"}.get(
        verb, ""
    )
    match = FILE.search(rest)
    if not verb or match is None or ".metadata" in rest:
        return "", 0.0
    size = SIZE.search(rest)
    size_mb = float(size["number"]) * UNITS_MB[size["unit"]] if size else 0.0
    shown = f" ({size_mb:.0f} MB)" if size_mb >= 1 else ""
    return f"{verb} {match['name'].replace('_', '-')} {match['version']}{shown}", size_mb


def site_packages_of(python: str) -> str:
    """Where the environment keeps its packages."""
    home = os.path.dirname(os.path.dirname(python))
    if os.name == "nt":
        return os.path.join(home, "Lib", "site-packages")
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return os.path.join(home, "lib", version, "site-packages")


def installed(site_packages: str) -> set[str]:
    """The packages whose installation is finished: pip writes RECORD last."""
    records = glob.glob(os.path.join(glob.escape(site_packages), "*.dist-info", "RECORD"))
    return {os.path.dirname(record) for record in records}


def explain_failure(lines: Iterable[str], log: str) -> str:
    """pip's last lines, and what they mean where that is plain."""
    text = "\n".join(lines)
    if "No space left" in text or "not enough space" in text:
        reason = "The disk is full."
    elif re.search(r"resol(?:ve|ution)|[Cc]onnect|[Tt]imed? ?out|No matching distribution", text):
        reason = "The package index did not answer, or has no fitting package; is there a network?"
    else:
        reason = "pip could not install the packages."
    return f"{text}\n{reason} The whole output is in {log}. The same command tries again."


def counted(number: int, noun: str) -> str:
    """ "1 package", "58 packages"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
