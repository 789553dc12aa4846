"""What is on screen is fetched, newest wish first, and kept for a while: rows and thumbnails."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

V = TypeVar("V")
# Fetch these keys, then call back with what was found (in the window's thread).
Fetch = Callable[[list[int], Callable[[dict[int, Any]], None]], None]


class _Signals(QObject):
    arrived = Signal()


class LazyCache(Generic[V]):
    """Values by key, least recently used dropped first. ``want`` replaces all earlier wishes."""

    def __init__(self, fetch: Fetch, capacity: int, batch: int = 24, in_flight: int = 2) -> None:
        self._fetch = fetch
        self._capacity = capacity
        self._batch = batch
        self._allowed = in_flight
        self._values: OrderedDict[int, V | None] = OrderedDict()
        self._stale: set[int] = set()
        self._wanted: list[int] = []
        self._in_flight: set[int] = set()
        self._batches = 0
        self._age = 0
        self._signals = _Signals()
        self.arrived = self._signals.arrived

    def get(self, key: int) -> V | None:
        """The value, or None where it is not here (yet, or at all)."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def is_known(self, key: int) -> bool:
        """Whether it was fetched already, even if nothing was found."""
        return key in self._values

    def want(self, keys: Iterable[int]) -> None:
        """Fetch those of ``keys`` that are not here; earlier wishes not yet begun are dropped."""
        self._wanted = [k for k in keys if k not in self._values or k in self._stale]
        self._pump()

    def put(self, key: int, value: V) -> None:
        """Keep a value that came another way."""
        self._values[key] = value
        self._stale.discard(key)
        self._trim()

    def refresh(self) -> None:
        """What is here may be out of date: show it until the new one comes."""
        self._stale = set(self._values)

    def clear(self) -> None:
        """Forget everything, what is under way too."""
        self._age += 1
        self._values.clear()
        self._stale.clear()
        self._wanted = []
        self._in_flight.clear()
        self._batches = 0

    @property
    def is_idle(self) -> bool:
        return not self._batches and not self._wanted

    def _pump(self) -> None:
        while self._wanted and self._batches < self._allowed:
            batch = [k for k in self._wanted if k not in self._in_flight][: self._batch]
            self._wanted = [k for k in self._wanted if k not in self._in_flight][len(batch) :]
            if not batch:
                return
            self._in_flight.update(batch)
            self._batches += 1
            self._fetch(batch, self._receiver(batch))

    def _receiver(self, batch: list[int]) -> Callable[[dict[int, Any]], None]:
        age = self._age

        def receive(found: dict[int, Any]) -> None:
            if age != self._age:
                return
            self._batches -= 1
            self._in_flight.difference_update(batch)
            for key in batch:
                self._values[key] = found.get(key)
                self._values.move_to_end(key)
                self._stale.discard(key)
            self._trim()
            self._signals.arrived.emit()
            # Let the window paint what came before the next batch is asked for.
            QTimer.singleShot(0, self._signals, self._pump)

        return receive

    def _trim(self) -> None:
        while len(self._values) > self._capacity:
            key, _ = self._values.popitem(last=False)
            self._stale.discard(key)
