"""The demo: generated images with known families, duplicates and faults."""

from pathlib import Path

from core.demo import DemoTruth, truth
from core.demo import make_images as make
from core.jobs import Job


def make_images(folder: Path, job: Job | None = None) -> DemoTruth:
    """Write the demo images into ``folder``, those that are lacking; returns what is true of them."""
    return make(folder, job or Job())


def known() -> DemoTruth:
    """What is true of the demo images, without making them."""
    return truth()
