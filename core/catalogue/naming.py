"""Names as people order them: letters without case, numbers by their value."""

import re

_DIGITS = re.compile(r"\d+")


def name_key(name: str) -> str:
    """A text whose plain order is the natural order of names: "img9" before "Img10"."""
    return _DIGITS.sub(_number_key, name.casefold())


def _number_key(digits: re.Match[str]) -> str:
    """The number, led by how many digits it has; so that longer is larger."""
    plain = digits.group().lstrip("0") or "0"
    return f"{min(len(plain), 99):02d}{plain}"
