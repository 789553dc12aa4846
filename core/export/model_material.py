"""A trained encoder to be taken away: what is known of it, and how to get at its weights when they are wanted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.encoders.base import Preprocessing
from core.export.material import Preview
from core.training import told

if TYPE_CHECKING:
    from torch import Tensor

    from core.encoders.complete import Complete

# In the metadata of a safetensors file: what it is, as JSON.
METADATA_KEY = "lookalike"
ENCODER, TRAINED = "encoder", "trained part"
_VERSION = 1


@dataclass(frozen=True)
class Facts:
    """What is known of a trained encoder, light to have. ``base`` is what it started from with the key that this had;
    ``licence`` is of the base, empty where nobody states it. ``settings`` and ``result`` are those of its run
    (``core.training``), ``made_at`` in seconds since 1970."""

    name: str
    made_at: float
    program: str
    base: str
    base_key: str
    key: str
    licence: str
    depth: str
    adapter: str
    rank: int
    dim: int
    size_px: int
    nested: tuple[int, ...] = ()
    is_from_scratch: bool = False
    imported_from: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def date(self) -> str:
        """The day of the run, by UTC."""
        return datetime.fromtimestamp(self.made_at, UTC).date().isoformat()

    def document(self, kind: str, **more: Any) -> dict[str, Any]:
        """For a file's metadata: ``kind`` is ENCODER or TRAINED. The verdict is that of where it was trained."""
        kept = {name: self.result[name] for name in told.NAMES if name in self.result}
        if "imported" in self.result:
            kept["verdict"] = self.result["imported"].get("verdict", "")
        return {
            "kind": kind,
            "version": _VERSION,
            "program": self.program,
            "name": self.name,
            "made_at": self.made_at,
            "base": self.base,
            "base_key": self.base_key,
            "key": self.key,
            "licence_of_base": self.licence,
            "depth": self.depth,
            "adapter": self.adapter,
            "rank": self.rank,
            "dim": self.dim,
            "nested": list(self.nested),
            "is_from_scratch": self.is_from_scratch,
            "settings": dict(self.settings),
            "result": kept,
            **more,
        }


@dataclass(frozen=True)
class Model:
    """One trained encoder, as writers take it.

    ``make`` puts the whole network together and compares it with the encoder at work; ``own`` reads the tensors
    that training made, by name. Both need torch, and raise EncoderError.
    """

    facts: Facts
    make: "Callable[[], Complete]"
    own: "Callable[[], dict[str, Tensor]]"
    notes: tuple[str, ...] = ()
    size_bytes: int | None = None

    @property
    def count(self) -> int:
        return 1

    def preview(self) -> Preview:
        """What the card will say first, a line a row."""
        facts, rows = self.facts, []
        for name, value in (
            ("name", facts.name),
            ("trained on", facts.date),
            ("base", facts.base),
            ("licence of the base", facts.licence or "unknown"),
            ("what was trained", facts.depth),
            ("numbers in a vector", f"{facts.dim:,}"),
            ("picture", f"{facts.size_px} x {facts.size_px} px"),
            ("measured", str(facts.result.get("verdict", ""))),
        ):
            rows.append((name, value))
        return Preview(("what", "value"), tuple(rows), 1, self.notes, self.size_bytes)


def preparation(
    way: Preprocessing, mean: Sequence[float], std: Sequence[float], input_px: Sequence[int]
) -> dict[str, Any]:
    """How a picture becomes what the network takes, for a file's metadata."""
    return {
        "size_px": way.size_px,
        "fit": way.fit,
        "share": way.share,
        "resample": way.resample,
        "mean": list(mean),
        "std": list(std),
        "input_px": list(input_px),
    }
