"""Demo images: a collection drawn by code whose families, duplicates and faults are known."""

from core.demo.images import make_images, render
from core.demo.truth import VERSION, DemoItem, DemoTruth, items, truth

__all__ = ["VERSION", "DemoItem", "DemoTruth", "items", "make_images", "render", "truth"]
