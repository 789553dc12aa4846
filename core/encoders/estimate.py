"""How fast an encoder would be on this machine, from a trial of the machine and not of the encoder.

The trial itself (``core.encoders.trial``) needs torch; what it found is kept in ``machine.json`` in the user's data
folder, so that a list can tell speeds without importing anything heavy.
"""

import json
import os
import platform
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from core import settings
from core.encoders.known import Work

_VERSION = 1
# What convolutions move, as multiples of what the rest writes: fitted on five small networks.
_MOVED = 2


@dataclass(frozen=True, slots=True)
class Rates:
    """What one device does in one precision: GFLOP/s of matrix products, of dense and of grouped
    convolutions, and million values a second that simple operations write."""

    device: str
    precision: str
    products: float
    dense: float
    grouped: float
    values: float

    def images_per_s(self, work: Work) -> float:
        """Pictures a second, decoded already: the parts of the work take their times one after another.

        The count leaves out what convolutions themselves read and write, which in networks of small
        ones is what takes the time: each is followed by some two simple operations on as many values.
        """
        convolutional = (work.dense + work.grouped) / max(work.gflops, 1e-9)
        spent_s = (
            work.products / self.products
            + work.dense / self.dense
            + work.grouped / self.grouped
            + work.values * (1 + _MOVED * convolutional) / self.values
        )
        return 1 / max(spent_s, 1e-9)


def images_per_s(work: Work) -> float | None:
    """Pictures a second on the fastest device and precision of this machine, or None before the trial.

    A precision may turn out not to be good enough for an encoder; that is known once it has embedded.
    """
    kept = read()
    return max(one.images_per_s(work) for one in kept) if kept else None


def read() -> list[Rates]:
    """What the trial found, or nothing where there was none on this machine with this torch."""
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
        if kept["version"] != _VERSION or kept["machine"] != _machine():
            return []
        return [Rates(**one) for one in kept["rates"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def write(rates: list[Rates]) -> None:
    """Keep what the trial found, whole or not at all. A folder that cannot be written keeps nothing."""
    path = _path()
    text = {
        "version": _VERSION,
        "machine": _machine(),
        "rates": [asdict(one) for one in rates],
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}.new")
        beside.write_text(json.dumps(text, indent=1), encoding="utf-8")
        beside.replace(path)
    except OSError:
        return  # the next list asks for another trial


def _machine() -> str:
    """What the figures hold for: the data folder may move to another computer with its user."""
    parts = (platform.node(), platform.machine(), os.cpu_count(), metadata.version("torch"))
    return " ".join(map(str, parts))


def _path() -> Path:
    return settings.data_folder() / "machine.json"
