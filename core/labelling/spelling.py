"""The ways in which a path may be written in a table, as the catalogue would show it."""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from core.images.scan import display

_ADDRESS = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://")


def spellings(text: str, encoding: str = "") -> list[tuple[str, str]]:
    """(folder, name) pairs that ``text`` may mean, likeliest first, "/" between folders, composed (NFC).

    As it stands; with backslashes as separators; a ``file:`` or web address as the path in it, with
    what is percent-encoded decoded; in a table of an old encoding also the very bytes, escaped as the
    catalogue shows names that are not UTF-8.
    """
    text = text.strip().strip("\"'")
    if text.isascii() and "\\" not in text and "%" not in text and ":" not in text:
        folder, _, name = text.rpartition("/")
        return [(folder or ("/" if text.startswith("/") else ""), name)]
    found = [text]
    address = _ADDRESS.match(text)
    if address:
        found = [_path_of_address(text, address.group(1).lower())]
    elif "%" in text:
        found.append(display(unquote_to_bytes(text)))
    if encoding and not text.isascii():
        raw = text.encode(encoding, "ignore")
        found.append(display(raw))
    for one in list(found):
        if "\\" in one:
            # Last: a name with an escaped byte, as the catalogue shows it, holds one too.
            found.append(one.replace("\\", "/"))
    result = []
    for one in dict.fromkeys(found):
        folder, _, name = unicodedata.normalize("NFC", one).rpartition("/")
        result.append((folder or ("/" if one.startswith("/") else ""), name))
    return result


def _path_of_address(text: str, scheme: str) -> str:
    rest = text[len(scheme) + 3 :]
    if scheme != "file":
        rest = rest.partition("?")[0].partition("#")[0]
    host, _, path = rest.partition("/")
    path = display(unquote_to_bytes("/" + path))
    if re.match(r"/[a-zA-Z]:[/\\]", path):  # file:///C:/Users
        return path[1:]
    if scheme == "file" and not host:
        return path
    return f"//{host}{path}" if host and host != "localhost" else path
