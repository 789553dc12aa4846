"""Fits the constants of the builtin encoder on images that it draws itself; run once per version.

`python packaging/fit_builtin.py` writes resources/builtin/shape.npz: the mean of gradient pyramids
over 4,000 drawn pictures ("dead leaves" of power-law sizes, Lee, Mumford and Huang 2001, whose
statistics are near those of photographs), and a projection on their main directions, each scaled by
(variance / largest + 0.1) ** -0.25. Half-way between cosine and Mahalanobis: full whitening lifts
noise, none lets the few strongest directions drown the others. No photograph is read.
"""

import io
import math
import sys
import zipfile
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.encoders.builtin import GradientPyramid  # noqa: E402
from core.encoders.builtin_constants import SHAPE_DIM, SIZE_PX  # noqa: E402

PICTURES = 4_000
CANVAS_PX = 2 * SIZE_PX
EXPONENT, FLOOR = 0.25, 0.1
SMALLEST = 0.04  # radius of the smallest leaf, as a share of the canvas

Floats = NDArray[np.float64]


def draw(seed: int) -> NDArray[np.uint8]:
    """One picture [SIZE_PX, SIZE_PX, 3]: few large things or many small ones on a textured ground."""
    rng = np.random.default_rng(seed)
    palette = rng.uniform(0, 255, (rng.integers(2, 7), 3))
    vividness = rng.random()
    palette = palette * vividness + palette.mean(1, keepdims=True) * (1 - rng.random())
    textures = [_noise(rng, power) for power in (0.8, 1.2, 1.7)]
    canvas = _fill(rng, palette, textures, rng.exponential(12))
    count = int(np.exp(rng.uniform(np.log(2), np.log(120))))
    centre, spread = rng.uniform(-0.15, 0.15, 2), rng.uniform(0.1, 0.7)
    if count > 12:
        uniform = rng.random(count)
        radii = SMALLEST * (uniform * (1 - SMALLEST**2) + SMALLEST**2) ** -0.5
    else:
        radii = rng.uniform(0.06, 0.4, count)
    for radius in sorted(radii, reverse=True):
        place = (centre + rng.normal(0, spread, 2) + 1) * CANVAS_PX / 2
        points = [(x, y) for x, y in _outline(rng) * radius * CANVAS_PX + place]
        mask = Image.new("L", canvas.size)
        ImageDraw.Draw(mask).polygon(points, fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
        canvas.paste(_fill(rng, palette, textures, rng.exponential(10)), (0, 0), mask)
    if rng.random() < 0.3:
        canvas = canvas.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.0)))
    return np.asarray(canvas.resize((SIZE_PX, SIZE_PX), Image.Resampling.BICUBIC, reducing_gap=2.0))


def _outline(rng: np.random.Generator) -> Floats:
    """Points round a polygon, a rounded box, a blob or an ellipse of radius about 1."""
    kind = rng.integers(4)
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    if kind == 0:
        angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 8)))
    x, y = np.cos(angles), np.sin(angles)
    if kind == 1:
        roundness = rng.uniform(0.2, 1)
        x, y = np.sign(x) * abs(x) ** roundness, np.sign(y) * abs(y) ** roundness
    elif kind == 2:
        radius = np.ones_like(angles)
        for wave in range(2, 6):
            turn = rng.uniform(0, 2 * np.pi)
            radius += rng.normal(0, 0.25 / wave) * np.cos(wave * angles + turn)
        x, y = x * radius, y * radius
    points = np.stack((x, y * np.exp(-abs(rng.normal(0, 0.7)))), 1)
    # Half of all things stand or lie, as they do in the world.
    turn = rng.uniform(0, np.pi)
    if rng.random() < 0.5:
        turn = rng.normal(0, 0.12) + rng.integers(2) * np.pi / 2
    cosine, sine = math.cos(turn), math.sin(turn)
    return points @ np.array(((cosine, sine), (-sine, cosine)))


def _noise(rng: np.random.Generator, power: float) -> Floats:
    """A texture with spectrum 1 / frequency ** power and standard deviation 1."""
    frequency = np.fft.fftfreq(CANVAS_PX)
    radius = np.hypot(frequency[:, None], frequency)
    radius[0, 0] = 1 / CANVAS_PX
    spectrum = np.fft.fft2(rng.normal(size=radius.shape)) / radius**power
    texture = np.fft.ifft2(spectrum).real
    return texture / texture.std()


def _fill(
    rng: np.random.Generator, palette: Floats, textures: list[Floats], amount: float
) -> Image.Image:
    """A surface: one colour of the palette, shaded in some direction, with some texture."""
    colour = np.clip(palette[rng.integers(len(palette))] + rng.normal(0, 25, 3), 0, 255)
    ramp = np.linspace(-1, 1, CANVAS_PX)
    light = rng.uniform(0, 2 * np.pi)
    shade = 1 + 0.4 * rng.random() * (math.cos(light) * ramp + math.sin(light) * ramp[:, None])
    shift = rng.integers(0, CANVAS_PX, 2)
    texture = np.roll(textures[rng.integers(len(textures))], shift, (0, 1))
    surface = colour * shade[..., None] + (amount * texture)[..., None]
    return Image.fromarray(np.clip(surface, 0, 255).astype(np.uint8))


def fit(vectors: Floats) -> tuple[Floats, Floats]:
    """Mean [d] and whitening projection [d, SHAPE_DIM] of rows [n, d]."""
    mean = vectors.mean(0)
    centred = vectors - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / len(vectors))
    variances, directions = variances[::-1][:SHAPE_DIM], directions[:, ::-1][:, :SHAPE_DIM]
    signs = np.sign(directions[np.abs(directions).argmax(0), np.arange(SHAPE_DIM)])
    scales = (variances.clip(0) / variances[0] + FLOOR) ** -EXPONENT
    return mean, directions * signs * scales


def write(path: Path, **arrays: NDArray[np.float16]) -> None:
    """An .npz whose bytes depend on the arrays alone: numpy's own carries the time of day."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue())


def main() -> None:
    """Draw, fit, write."""
    pyramid, rows = GradientPyramid(), []
    with Pool() as pool, torch.inference_mode():
        for start in range(0, PICTURES, 500):
            pictures = np.stack(pool.map(draw, range(start, start + 500), chunksize=25))
            planes = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
            rows.append(pyramid(planes).numpy())
            print(f"{start + 500} of {PICTURES} pictures", file=sys.stderr)
    mean, whitening = fit(np.concatenate(rows).astype(np.float64))
    target = ROOT / "resources" / "builtin" / "shape.npz"
    target.parent.mkdir(parents=True, exist_ok=True)
    write(target, mean=mean.astype(np.float16), whitening=whitening.astype(np.float16))
    print(f"{target} ({target.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
