"""What values on the command line may be: numbers, shares, parts of a picture, paths. Each reads a text, or says no."""

import argparse
import math
from pathlib import Path


def megapixels(text: str) -> float:
    """A positive number."""
    number = _number(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


def positive(text: str) -> int:
    """A whole number above 0."""
    number = int(text) if text.strip().isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


def share(text: str) -> float:
    """A number between 0 and 1."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1")
    return number


def region(text: str) -> tuple[float, float, float, float]:
    """A part of a picture, X,Y,W,H in shares of its width and height."""
    parts = [_number(part) for part in text.split(",")]
    if len(parts) != 4 or min(parts) < 0 or min(parts[2:]) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not X,Y,W,H")
    x, y, width, height = parts
    if x + width > 1.0001 or y + height > 1.0001:
        raise argparse.ArgumentTypeError(f"{text!r} reaches outside the picture (shares of 1)")
    return x, y, width, height


def path(text: str) -> Path:
    """A path that is not empty."""
    if not text:
        raise argparse.ArgumentTypeError("an empty path names nothing")
    return Path(text)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return number
