"""What an encoder is called in the window: short, and in whole where there is room."""

from core.encoders import names
from core.errors import EncoderError


def split(name: str) -> tuple[str, str]:
    """(what it is, which weights it has) of an encoder's name; the second may be empty."""
    if name == "builtin":
        return "Built in", ""
    try:
        parsed = names.parse(name)
    except EncoderError:
        return name, ""
    if parsed.family == "run":
        return parsed.model, "your own"
    if parsed.family == "given":
        return parsed.model, "made elsewhere"
    model = parsed.hub_repo or parsed.folder or parsed.model
    short = model.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    owner = model.rpartition("/")[0] if parsed.hub_repo else ""
    file = parsed.file.replace("\\", "/").rpartition("/")[2]
    return short or model, parsed.tag or file or owner


def title(name: str) -> str:
    """The name on one line."""
    model, weights = split(name)
    return f"{model}  ·  {weights}" if weights else model


def is_random(name: str) -> bool:
    """Whether its weights are random: a start for training, no good to look through."""
    try:
        return names.parse(name).is_random
    except EncoderError:
        return False


def is_given(name: str) -> bool:
    """Whether these are vectors that were made elsewhere: no picture and no word can be embedded."""
    return names.is_given(name)


def is_own(name: str) -> bool:
    """Whether its weights are a file or folder of the user's own, which nothing here deletes."""
    try:
        parsed = names.parse(name)
    except EncoderError:
        return False
    return bool(parsed.file or parsed.folder)


def licence(name: str) -> str:
    """A licence as it writes itself."""
    return {"mit": "MIT", "apache-2.0": "Apache 2.0"}.get(name, name)
