"""Names of encoders: FAMILY:MODEL[@TAG|@FILE], taken apart and put together."""

import os
import re
from dataclasses import dataclass
from typing import Literal

from core.encoders import builtin_constants
from core.errors import EncoderError

Family = Literal["builtin", "openclip", "small", "timm", "run", "given"]
FAMILIES: tuple[Family, ...] = ("builtin", "openclip", "small", "timm", "run", "given")
HUB_PREFIX = "hf-hub:"
FOLDER_PREFIX = "local-dir:"
GIVEN_PREFIX = "given:"
SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".npz", ".ckpt")
_REMEDY = (
    "Use builtin, openclip:MODEL@TAG, timm:MODEL@TAG, small:MODEL, "
    "a checkpoint as openclip:MODEL@FILE, or run:NAME."
)
_LONGEST_GIVEN = 64


@dataclass(frozen=True, slots=True)
class EncoderName:
    """One encoder's name, taken apart.

    ``model`` is an architecture ("ViT-B-32"), "hf-hub:ORG/REPO", "local-dir:FOLDER" (OpenCLIP only: a
    folder with open_clip_config.json and weights), a run's name, or ("given") the name of vectors that were made
    elsewhere, which nothing here can make more of. ``tag`` names published weights,
    ``file`` is the absolute path of a checkpoint; both empty: random weights, or those that
    "hf-hub:", "local-dir:" and "run" stand for.
    """

    family: Family
    model: str = ""
    tag: str = ""
    file: str = ""

    @property
    def is_random(self) -> bool:
        """Whether its weights are random: a base for training from scratch, no good for a search."""
        has_own = self.model.startswith((HUB_PREFIX, FOLDER_PREFIX))
        return self.family in ("openclip", "small", "timm") and not (
            self.tag or self.file or has_own
        )

    @property
    def hub_repo(self) -> str:
        """ORG/REPO of an "hf-hub:" model, else empty."""
        return self.model.removeprefix(HUB_PREFIX) if self.model.startswith(HUB_PREFIX) else ""

    @property
    def folder(self) -> str:
        """The folder of a "local-dir:" model, else empty."""
        is_folder = self.model.startswith(FOLDER_PREFIX)
        return self.model.removeprefix(FOLDER_PREFIX) if is_folder else ""

    def __str__(self) -> str:
        if self.family == "builtin":
            return self.family
        weights = self.tag or self.file
        return f"{self.family}:{self.model}" + (f"@{weights}" if weights else "")


def parse(text: str) -> EncoderName:
    """Take a name apart; files and folders become absolute. Raises EncoderError where it is none."""
    if text == builtin_constants.NAME:
        return EncoderName("builtin")
    if not text.isprintable():  # line breaks, and bytes of a path that are no text
        raise EncoderError(
            f"{text!r} holds characters that an encoder's name cannot have.",
            "Rename the folder or file that it is of.",
        )
    family, colon, rest = text.partition(":")
    known = next((one for one in FAMILIES if one == family and one != "builtin"), None)
    if known is None or not colon or not rest:
        raise EncoderError(f"There is no encoder named {text!r}.", _REMEDY)
    if known == "run":
        return EncoderName(known, rest)
    if known == "given":
        return EncoderName(known, check_given(rest))
    if rest.startswith(FOLDER_PREFIX):
        if known != "openclip":
            raise EncoderError(f"{text!r}: only OpenCLIP's models are folders.", _REMEDY)
        folder = rest.removeprefix(FOLDER_PREFIX)
        if not folder:
            raise EncoderError(f"{text!r} names no folder.", _REMEDY)
        return EncoderName(known, FOLDER_PREFIX + os.path.abspath(os.path.expanduser(folder)))
    model, at, weights = rest.partition("@")
    if not model or (at and not weights):
        raise EncoderError(f"{text!r} is not a whole name.", _REMEDY)
    if model.startswith(HUB_PREFIX):
        if known == "small":
            raise EncoderError(f"{text!r}: no small network is on the hub.", _REMEDY)
        if model.count("/") != 1 or at:
            raise EncoderError(f"{text!r} names no model of the hub.", "Use hf-hub:ORG/REPO.")
        return EncoderName(known, model)
    if at and is_file(weights):
        return EncoderName(known, model, file=os.path.abspath(os.path.expanduser(weights)))
    if known == "small" and weights:
        raise EncoderError(
            f"{text!r}: small networks have no published weights.",
            "Use small:MODEL, or small:MODEL@FILE with weights of your own.",
        )
    return EncoderName(known, model, tag=weights)


def check_given(name: str) -> str:
    """The name, if vectors that were made elsewhere can have it. Raises EncoderError."""
    is_plain = re.fullmatch(r"\w[\w .+-]*", name) is not None and not name.endswith((" ", "."))
    if not is_plain or len(name) > _LONGEST_GIVEN:
        raise EncoderError(
            f"{name!r} cannot be the name of vectors.",
            f"Use letters, digits, spaces and . + - _, at most {_LONGEST_GIVEN} of them.",
        )
    return name


def is_given(name: str) -> bool:
    """Whether these vectors were made elsewhere: there is no encoder that could make more."""
    return name.startswith(GIVEN_PREFIX)


def is_name(text: str) -> bool:
    """Whether this is an encoder's name, known or not."""
    try:
        parse(text)
    except EncoderError:
        return False
    return True


def is_file(weights: str) -> bool:
    """Whether what follows the "@" means a file rather than a tag."""
    has_separator = "/" in weights or os.sep in weights
    return has_separator or weights.lower().endswith(SUFFIXES) or os.path.isfile(weights)
