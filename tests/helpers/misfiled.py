"""Two folders of pictures, some of which lie in the wrong one."""

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"blue": (40, 60, 200), "red": (200, 40, 40)}


def make(root: Path) -> Path:
    """Twelve blue pictures and twelve red ones, 27 in all: ``blue/odd.png`` and ``blue/odder.png`` are red too,
    ``red/copy.png`` is a copy of ``red/red-0.png``."""
    for place, (name, colour) in enumerate(COLOURS.items()):
        (root / name).mkdir(parents=True)
        for number in range(12 + 2 * place):
            noise = np.random.default_rng(100 * place + number).normal(0, 14, (6, 6, 3))
            cells = (np.array(colour) + noise).clip(0, 255).astype(np.uint8)
            picture = Image.fromarray(cells).resize((60, 60), Image.Resampling.NEAREST)
            to = {12: "blue/odd", 13: "blue/odder"}.get(number, f"{name}/{name}-{number}")
            picture.save(root / f"{to}.png")
    shutil.copy(root / "red" / "red-0.png", root / "red" / "copy.png")
    return root
