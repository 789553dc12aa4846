"""Teaches a very small OpenCLIP model the words of the demo images, for pictures of the window and for trying it.

    python packaging/demo_words.py PHOTOS FOLDER

PHOTOS are the demo images, FOLDER gets the model: `openclip:local-dir:FOLDER` names it. It has seen no other
picture and no other word, so it finds by heart; of what search by words can do it says nothing.
"""

import colorsys
import json
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy

from core.encoders import torchvision_ops
from core.search.words import TEMPLATES

SIZE_PX, SEED, BATCH, STEPS = 64, 7, 64, 500
# What else a folder's pictures may be called.
KINDS = {
    "butterflies": "animals", "fish": "animals", "ladybirds": "animals",
    "daisies": "flowers", "tulips": "flowers", "cacti": "plants", "trees": "plants", "leaves": "plants",
    "mushrooms": "plants", "sailing boats": "the sea", "lighthouses": "the sea", "sunsets": "the sky",
    "planets": "the sky", "hot-air balloons": "the sky", "houses": "buildings",
    "cities at night": "buildings", "origami": "paper",
}  # fmt: skip
HUES = (
    (15, "red"),
    (45, "orange"),
    (70, "yellow"),
    (165, "green"),
    (255, "blue"),
    (290, "purple"),
    (340, "pink"),
)
CONFIG = {
    "embed_dim": 64,
    "vision_cfg": {
        "image_size": SIZE_PX,
        "layers": 3,
        "width": 96,
        "head_width": 32,
        "patch_size": 16,
    },
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 64, "heads": 4, "layers": 2},
}


def main(photos: Path, folder: Path) -> None:
    """Train, and write the folder."""
    torchvision_ops.prepare()
    import open_clip

    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # the same weights every time
    files, squares = read(photos)
    words = [
        captions(file.parent.name, square) for file, square in zip(files, squares, strict=True)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"model_cfg": CONFIG, "preprocess_cfg": {"resize_mode": "squash"}}
    (folder / "open_clip_config.json").write_text(json.dumps(whole, indent=1))
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    tokenizer = open_clip.get_tokenizer("ViT-B-32", context_length=16)
    teach(model, tokenizer, squares, words)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")


def read(photos: Path) -> tuple[list[Path], np.ndarray]:
    """The readable pictures, and their squares uint8 [n, side, side, 3]."""
    files, squares = [], []
    for file in sorted(photos.rglob("*.*")):
        try:
            with Image.open(file) as picture:
                side = (SIZE_PX + 8, SIZE_PX + 8)
                squares.append(
                    np.asarray(picture.convert("RGB").resize(side, Image.Resampling.BICUBIC))
                )
        except (OSError, SyntaxError, Image.DecompressionBombError):
            continue
        files.append(file)
    return files, np.stack(squares)


def captions(folder: str, square: np.ndarray) -> list[str]:
    """What a picture may be called: its folder's name, the kind of thing, the colour it has most of."""
    middle = square[SIZE_PX // 4 : -SIZE_PX // 4, SIZE_PX // 4 : -SIZE_PX // 4].reshape(-1, 3)
    counts: Counter[str] = Counter()
    for red, green, blue in middle[::7] / 255:
        hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
        if saturation > 0.35 and value > 0.3:
            counts[next((name for end, name in HUES if hue * 360 < end), "red")] += 1
    colour = counts.most_common(1)[0][0] if counts else "grey"
    names = [folder, folder, f"{colour} {folder}"]
    if folder in KINDS:
        names += [KINDS[folder], f"{folder}, {KINDS[folder]}"]
    return names


def teach(
    model: torch.nn.Module, tokenizer: object, squares: np.ndarray, words: list[list[str]]
) -> None:
    """Contrastive learning as CLIP's, with flips and small shifts; captions that are the same are no opposites."""
    random = np.random.default_rng(SEED)
    pixels = torch.from_numpy(squares).permute(0, 3, 1, 2).float() / 255
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None]
    std = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]
    pixels = (pixels - mean) / std
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.5e-3, STEPS + 1)
    model.train()
    told_s = time.monotonic()
    for step in range(STEPS):
        rows = random.choice(len(words), BATCH, replace=False)
        top, left = random.integers(0, 8, 2)
        batch = pixels[rows][:, :, top : top + SIZE_PX, left : left + SIZE_PX]
        if random.random() < 0.5:
            batch = batch.flip(3)
        said = [words[row][random.integers(len(words[row]))] for row in rows]
        templates = [TEMPLATES[random.integers(len(TEMPLATES))] for _ in rows]
        texts = tokenizer(
            [one.replace("{}", name) for one, name in zip(templates, said, strict=True)]
        )
        images, told, scale = model(batch, texts)[:3]
        same = torch.tensor([[one in words[row] for one in said] for row in rows]).float()
        target = same / same.sum(1, keepdim=True)
        back = same.T / same.T.sum(1, keepdim=True)
        scores = scale * images @ told.T
        loss = (cross_entropy(scores, target) + cross_entropy(scores.T, back)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if time.monotonic() - told_s > 10 or step == STEPS - 1:
            told_s = time.monotonic()
            print(f"step {step + 1} of {STEPS}, loss {loss.item():.3f}", file=sys.stderr)
    model.eval()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
