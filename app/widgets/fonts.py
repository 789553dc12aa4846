"""The fonts of what is drawn by hand."""

from PySide6.QtGui import QFont


def sized(font: QFont, size_px: int, *, is_strong: bool = False) -> QFont:
    """The same font in another size: of normal weight, or strong."""
    made = QFont(font)
    made.setPixelSize(size_px)
    made.setWeight(QFont.Weight.DemiBold if is_strong else QFont.Weight.Normal)
    return made
