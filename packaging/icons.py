"""Draws the program's icon, from its one SVG, in every form that a system wants: `python packaging/icons.py FOLDER`.

What it writes below FOLDER:

    hicolor/SIZExSIZE/apps/lookalike.png, hicolor/scalable/apps/lookalike.svg   Linux (freedesktop.org icon theme)
    lookalike.ico                                                               Windows
    lookalike.icns                                                              macOS
"""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SOURCE = Path(__file__).resolve().parents[1] / "resources" / "icons" / "lookalike.svg"
NAME = "lookalike"
LINUX_PX = (16, 22, 24, 32, 48, 64, 128, 256, 512)
WINDOWS_PX = (16, 20, 24, 32, 40, 48, 64, 128, 256)
MAC_PX = (16, 32, 64, 128, 256, 512, 1024)


def render(size_px: int) -> "Image.Image":
    """The icon of ``size_px`` x ``size_px`` pixels, RGBA, its ground transparent."""
    from PIL import Image
    from PySide6.QtCore import QByteArray, QRectF, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    drawn = QImage(size_px, size_px, QImage.Format.Format_ARGB32_Premultiplied)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(SOURCE.read_bytes())).render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    pixels = drawn.convertToFormat(
        QImage.Format.Format_RGBA8888
    )  # rows of 4-byte pixels: no padding
    return Image.frombytes("RGBA", (size_px, size_px), bytes(pixels.constBits()))


def write_linux(folder: Path) -> list[Path]:
    """Write the icon theme's files below ``folder``/hicolor; returns them."""
    written = []
    for size_px in LINUX_PX:
        place = folder / "hicolor" / f"{size_px}x{size_px}" / "apps" / f"{NAME}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        render(size_px).save(place, optimize=True)
        written.append(place)
    scalable = folder / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"
    scalable.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SOURCE, scalable)
    return [*written, scalable]


def write_windows(place: Path) -> None:
    """Write the ``.ico`` with every size."""
    *smaller, largest = (render(size_px) for size_px in WINDOWS_PX)
    # Pillow would scale the largest down; each size is drawn instead, so that small ones stay sharp.
    sizes = [(size_px, size_px) for size_px in WINDOWS_PX]
    largest.save(place, append_images=smaller, sizes=sizes)


def write_mac(place: Path) -> None:
    """Write the ``.icns`` with every size."""
    *smaller, largest = (render(size_px) for size_px in MAC_PX)
    largest.save(place, append_images=smaller)


def write_all(folder: Path) -> list[Path]:
    """Write every form below ``folder``; returns the files."""
    written = write_linux(folder)
    for name, write in ((f"{NAME}.ico", write_windows), (f"{NAME}.icns", write_mac)):
        write(folder / name)
        written.append(folder / name)
    return written


def main(arguments: Sequence[str]) -> int:
    """Write into the folder that is named; returns the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python packaging/icons.py FOLDER\n")
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(*write_all(Path(arguments[0])), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
