"""The Poincare disk: moving about in the hyperbolic plane without bending what is near.

Points are complex numbers inside the unit circle; distances are those of the plane of curvature -1.
Formulas: J. W. Anderson, Hyperbolic Geometry, 2nd edition (Springer 2005), chapters 2 and 4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RIM = 1.0 - 1e-7  # float32 tells no more from 1
FARTHEST = 1.0 - 1e-9  # of a view's middle
Points = NDArray[np.complex128]


@dataclass(frozen=True)
class Isometry:
    """z -> turn * (z + shift) / (1 + conj(shift) * z): every isometry that keeps orientation.

    ``turn`` has length 1 and ``shift`` lies in the disk.
    """

    turn: complex = 1.0 + 0.0j
    shift: complex = 0.0 + 0.0j

    def __call__(self, points: Points) -> Points:
        """Carry points [n] of the closed disk."""
        moved = self.turn * (points + self.shift) / (1.0 + np.conj(self.shift) * points)
        return np.asarray(moved)

    def of(self, point: complex) -> complex:
        """Carry one point."""
        return self.turn * (point + self.shift) / (1.0 + self.shift.conjugate() * point)

    def after(self, first: "Isometry") -> "Isometry":
        """The isometry that carries by ``first`` and then by this one."""
        # Of [[a, b], [conj b, conj a]], which such maps multiply as.
        turn, shift = self.turn, self.shift
        stretch = 1.0 + shift * (first.turn * first.shift).conjugate()
        joint = turn * first.turn * stretch / stretch.conjugate()
        moved = first.turn.conjugate() * (shift + first.turn * first.shift) / stretch
        return Isometry(joint / abs(joint), _inside(moved))

    def inverse(self) -> "Isometry":
        """The isometry that carries back."""
        return Isometry(self.turn.conjugate(), -self.turn * self.shift)


def _inside(point: complex) -> complex:
    length = abs(point)
    return point if length < FARTHEST else point * (FARTHEST / length)


def translation(start: complex, end: complex) -> Isometry:
    """The translation along the geodesic from ``start`` to ``end``, both inside the disk."""
    to_middle = Isometry(shift=-_inside(start))
    return Isometry(shift=_inside(end)).after(to_middle)


def between(start: complex, end: complex, share: float) -> complex:
    """The point that lies ``share`` of the way along the geodesic."""
    away = Isometry(shift=-_inside(start)).of(_inside(end))
    length = abs(away)
    if length < 1e-15:
        return start
    reach = np.tanh(share * np.arctanh(min(length, FARTHEST)))
    return Isometry(shift=_inside(start)).of(complex(away / length * reach))


def distance(first: Points, second: Points) -> NDArray[np.float64]:
    """Hyperbolic distances of points inside the disk, pair by pair."""
    apart = np.abs(first - second) / np.abs(1.0 - np.conj(first) * second)
    return np.asarray(2.0 * np.arctanh(np.minimum(apart, RIM)))


def carried(view: Isometry, places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Positions [n, 2] in the disk as a view shows them; those on the rim or beyond are put just inside."""
    points = places[:, 0] + 1j * places[:, 1].astype(np.float64)
    length = np.abs(points)
    points = np.where(length > RIM, points / np.maximum(length, RIM) * RIM, points)
    moved = view(points)
    shown = np.empty((len(places), 2), dtype=np.float32)
    shown[:, 0], shown[:, 1] = moved.real, moved.imag
    return shown


def ring(view: Isometry, radius: float, count: int = 181) -> Points:
    """The circle of points at a hyperbolic distance from the origin of the layout, as a view shows it; closed."""
    turn = np.exp(1j * np.linspace(0.0, 2.0 * np.pi, count))
    return view(np.tanh(radius / 2.0) * turn)


def spoke(view: Isometry, angle: float, count: int = 65) -> Points:
    """The geodesic through the origin of the layout at an angle, from rim to rim, as a view shows it."""
    along = np.tanh(np.linspace(-6.0, 6.0, count) / 1.0)
    return view(along * np.exp(1j * angle))
