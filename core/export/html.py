"""A small safe builder of HTML: whatever is not made by it is text, and is escaped."""

import html
import re
from base64 import b64encode

# What would not be seen, or would turn what follows around: written as \xNN or \uNNNN.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# Not the semicolons and signs of entities: they stand behind none of these.
_JOINTS = re.compile(r"[-_./](?=[^-_./\s])")
_VOID = frozenset({"img", "source", "meta", "link", "br"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def visible(text: str) -> str:
    """``text`` with what cannot be seen escaped, so that a name never looks like another."""

    def told(found: re.Match[str]) -> str:
        code = ord(found.group())
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

    return _UNSEEN.sub(told, text)


def escaped(text: str) -> Markup:
    """Text as HTML, also within an attribute."""
    return text if isinstance(text, Markup) else Markup(html.escape(visible(text)))


def breakable(text: str) -> Markup:
    """Text as HTML that may be broken after what joins the parts of a name."""
    return Markup(_JOINTS.sub("\\g<0><wbr>", escaped(text)))


def element(name: str, /, *children: str, **attributes: str | float | None) -> Markup:
    """An element; children that are not Markup are text. ``class_`` is the attribute class, ``aria_label`` aria-label,
    and what is None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{''.join(map(escaped, children))}</{name}>")


def joined(parts: "list[Markup] | tuple[Markup, ...]") -> Markup:
    """Several in one."""
    return Markup("".join(parts))


def data_url(kind: str, found: bytes) -> str:
    """A picture as the address of itself."""
    return f"data:{kind};base64,{b64encode(found).decode('ascii')}"
