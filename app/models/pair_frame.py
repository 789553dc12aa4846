"""Where two pictures lie beside each other: one zoom and one place for both, the same detail at the same place."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

MARGIN_PX = 16.0
MOST_ZOOM = 32.0  # screen pixels per pixel of a picture
LEAST_ZOOM = 0.5  # or what fits, where that is less
TINY = 1e-9
IDENTITY = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)


def over(a_px: QSizeF, b_px: QSizeF, transform: NDArray[np.float32]) -> QTransform:
    """Takes a pixel of B to the pixel of A that shows the same, of ``transform`` [2, 3] from A to B in shares.

    Where that cannot be turned round B is stretched over A.
    """
    (xx, xy, dx), (yx, yy, dy) = (map(float, line) for line in transform)
    shares = QTransform(xx, yx, xy, yy, dx, dy)  # Qt multiplies rows
    back, is_possible = shares.inverted()
    if not is_possible or abs(shares.determinant()) < TINY:
        back = QTransform()
    to_shares = QTransform.fromScale(1 / b_px.width(), 1 / b_px.height())
    return to_shares * back * QTransform.fromScale(a_px.width(), a_px.height())


@dataclass(frozen=True, slots=True)
class PairFrame:
    """What is in sight of a pair in two panes of the same size.

    ``to_a`` takes pixels of B to pixels of A. ``factor`` is the zoom, 1 where all fits; ``centre`` the middle
    of the panes, in pixels of A. Where ``is_aligned``, B is laid over A; else each stands as it is, and what
    A shows in its middle B shows in its own.
    """

    a_px: QSizeF
    b_px: QSizeF
    to_a: QTransform
    pane_px: QSizeF
    factor: float = 1.0
    centre: QPointF = field(default_factory=QPointF)
    is_aligned: bool = True

    @classmethod
    def of(
        cls, a_px: QSizeF, b_px: QSizeF, transform: NDArray[np.float32], pane_px: QSizeF,
        *, is_aligned: bool = True,
    ) -> "PairFrame":  # fmt: skip
        """All of both, as large as fits."""
        made = cls(a_px, b_px, over(a_px, b_px, transform), pane_px, is_aligned=is_aligned)
        return replace(made, centre=made.whole(0).center())

    # -- what is where

    def whole(self, side: int) -> QRectF:
        """What there is to see in the pane of a side, in the plane that it shows."""
        a = QRectF(QPointF(), self.a_px)
        if not self.is_aligned:
            return a if side == 0 else QRectF(QPointF(), self.b_px)
        return a.united(self.to_a.mapRect(QRectF(QPointF(), self.b_px)))

    def fitting(self, side: int) -> float:
        """Screen pixels per pixel of the plane at which all of it fits the pane."""
        whole = self.whole(side)
        wide = max(1.0, self.pane_px.width() - 2 * MARGIN_PX)
        high = max(1.0, self.pane_px.height() - 2 * MARGIN_PX)
        return min(wide / max(TINY, whole.width()), high / max(TINY, whole.height()))

    def scale(self, side: int = 0) -> float:
        """Screen pixels per pixel of the plane now."""
        return self.fitting(side) * self.factor

    def base(self, side: int) -> QTransform:
        """From the plane of a pane to the pane."""
        scale = self.scale(side)
        middle = self._middle(side)
        return (
            QTransform.fromTranslate(-middle.x(), -middle.y())
            * QTransform.fromScale(scale, scale)
            * QTransform.fromTranslate(self.pane_px.width() / 2, self.pane_px.height() / 2)
        )

    def placed(self, picture: int, side: int) -> QTransform:
        """From pixels of a picture (0 is A) to the pane of a side: its own, or the other's to compare in place."""
        base = self.base(side)
        if self.is_aligned or side == 0:
            return base if picture == 0 else self.to_a * base
        return base if picture == 1 else self._to_b() * base

    # -- going about

    def fit(self) -> "PairFrame":
        """All of both again."""
        return replace(self, factor=1.0, centre=self.whole(0).center())

    def resized(self, pane_px: QSizeF) -> "PairFrame":
        """The same in panes of another size: what fitted fits."""
        return replace(self, pane_px=pane_px)

    def aligned(self, is_aligned: bool) -> "PairFrame":
        """B laid over A, or each as it is."""
        return replace(self, is_aligned=is_aligned).fit()

    def zoomed(self, by: float, about: QPointF | None = None, side: int = 0) -> "PairFrame":
        """Larger or smaller, with what lies at ``about`` of a pane staying there."""
        fitting = self.fitting(0)
        least, most = min(1.0, LEAST_ZOOM / fitting), max(1.0, MOST_ZOOM / fitting)
        factor = min(most, max(least, self.factor * by))
        if about is None:  # a corner, (0, 0), counts as false
            about = QPointF(self.pane_px.width() / 2, self.pane_px.height() / 2)
        held = self.base(side).inverted()[0].map(about)
        larger = replace(self, factor=factor)
        scale = larger.scale(side)
        middle = QPointF(
            held.x() - (about.x() - self.pane_px.width() / 2) / scale,
            held.y() - (about.y() - self.pane_px.height() / 2) / scale,
        )
        return larger._centred(middle, side)

    def moved(self, by: QPointF, side: int = 0) -> "PairFrame":
        """Dragged by so many pixels of the screen in the pane of a side."""
        scale = self.scale(side)
        return self._centred(self._middle(side) - by / scale, side)

    def _centred(self, middle: QPointF, side: int) -> "PairFrame":
        middle = self._kept_in(middle, side)
        is_of_b = side == 1 and not self.is_aligned
        return replace(self, centre=self.to_a.map(middle) if is_of_b else middle)

    def _middle(self, side: int) -> QPointF:
        """The middle of a pane in its plane."""
        if side == 0 or self.is_aligned:
            return self._kept_in(self.centre, side)
        return self._kept_in(self._to_b().map(self.centre), side)

    def _kept_in(self, middle: QPointF, side: int) -> QPointF:
        """Not so far that the pane shows more emptiness than it must."""
        whole, scale = self.whole(side), self.scale(side)

        def kept(wanted: float, low: float, high: float, pane: float) -> float:
            room = pane / scale / 2 - MARGIN_PX / scale
            if high - low <= 2 * room:
                return (low + high) / 2
            return min(high - room, max(low + room, wanted))

        return QPointF(
            kept(middle.x(), whole.left(), whole.right(), self.pane_px.width()),
            kept(middle.y(), whole.top(), whole.bottom(), self.pane_px.height()),
        )

    def _to_b(self) -> QTransform:
        back, is_possible = self.to_a.inverted()
        return back if is_possible else QTransform()
