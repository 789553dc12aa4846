"""The demo: generated images with known families, duplicates and faults."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from core.demo import DemoItem, DemoTruth, render, truth
from core.demo import make_images as make
from core.jobs import Job
from core.parallel import Workers, worker_count

# Drawn together: a copy comes right after its original and is made from its pixels.
_CHUNK = 8
_TELL_EVERY_S = 3.0


def make_images(
    folder: Path, job: Job | None = None, *, on_drawn: Callable[[], object] = lambda: None
) -> DemoTruth:
    """Write the demo images into ``folder``, those that are lacking; returns what is true of them.

    ``on_drawn`` is called every few seconds, from the calling thread, between two files.
    """
    workers: Workers[tuple[DemoItem, ...], list[bytes]] = Workers(
        _draw, worker_count(), slot_bytes=1, timeout_s=300
    )

    def spread(function: object, items: Sequence[DemoItem]) -> Iterator[bytes]:
        told_s = time.monotonic() - _TELL_EVERY_S / 2  # the first ones soon
        for outcome in workers.map(_chunks(items)):
            if time.monotonic() - told_s > _TELL_EVERY_S:
                on_drawn()
                told_s = time.monotonic()
            if outcome.result is None:
                raise outcome.error or AssertionError("drawing failed")
            yield from outcome.result

    try:
        return make(folder, job or Job(), spread)
    finally:
        workers.close()


def _chunks(items: Sequence[DemoItem]) -> Iterable[tuple[DemoItem, ...]]:
    return (tuple(items[start : start + _CHUNK]) for start in range(0, len(items), _CHUNK))


def _draw(items: tuple[DemoItem, ...]) -> tuple[list[bytes], None]:
    return [render(item) for item in items], None


def known() -> DemoTruth:
    """What is true of the demo images, without making them."""
    return truth()
