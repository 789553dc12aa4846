"""Why a file gave no picture: the kinds of faults, and what a decoder raised put into plain words."""

import errno
import struct

from PIL import UnidentifiedImageError

from core.images.formats import (
    READ_EXTENSIONS,
    SNIFFED_BYTES,
    extension,
    has_image_start,
    what_it_is,
    why_unread,
)


class Undecodable(Exception):
    """The file cannot be decoded; the text is the reason in a few plain words.

    ``kind`` is one of "empty", "cut off", "damaged", "format" (no decoder), "limit" (too many pixels or
    bytes), "memory", "permission", "gone", "changed", "disk" (it cannot be read from the disk) and
    "loop" (a link that leads to itself). Survives pickling.
    """

    def __init__(self, reason: str, kind: str = "damaged") -> None:
        super().__init__(reason)
        self.kind = kind


_CUT_OFF = ("truncated", "not enough image data", "end of file", "unexpected end", "too short")
_TOO_LARGE = ("insufficient memory", "bad_alloc", "cannot allocate", "memory allocation")
_NOT_MADE_FOR = ("unsupported", "unimplemented", "not supported", "not configured", "unknown pixel")
# What decoders say that a person may understand; anything else is merely "damaged".
_LONGEST_WORDS = 80
_SAYS_NOTHING = ("when reading image file", "decoder error", "cannot load", "raster image", "<")


def from_os(error: OSError) -> Undecodable:
    """A failure of the file system, which ``retry`` may mend."""
    number = error.errno
    if number in (errno.ENOENT, errno.ENOTDIR):
        return Undecodable("the file is gone", "gone")
    if number in (errno.EACCES, errno.EPERM):
        return Undecodable("no permission to read it", "permission")
    if number == errno.ELOOP:
        return Undecodable("the link leads to itself", "loop")
    return Undecodable((error.strerror or str(error) or "it cannot be read").lower(), "disk")


def from_decoder(error: Exception, data: bytes, raw_path: bytes) -> Undecodable:
    """A plain reason for what a decoder raised on ``data``. Decoders raise almost anything."""
    if isinstance(error, Undecodable):
        return error
    if isinstance(error, MemoryError):
        return Undecodable("too large for the memory of this machine", "memory")
    if not any(data[:4096]):
        return Undecodable("it holds nothing but zero bytes", "damaged")
    if isinstance(error, UnidentifiedImageError):
        reason = what_it_is(data) or why_unread(raw_path)
        if reason:
            return Undecodable(reason, "format")
        if has_image_start(data[:SNIFFED_BYTES]):
            return Undecodable("damaged", "damaged")
        if extension(raw_path) in READ_EXTENSIONS:
            return Undecodable(
                "its content is not that of an image: damaged, or encrypted", "damaged"
            )
        return Undecodable("no decoder recognises it", "format")
    text = str(error).strip().rstrip(".")
    lowered = text.lower()
    if any(one in lowered for one in _CUT_OFF) or isinstance(error, EOFError | struct.error):
        return Undecodable("the file is cut off", "cut off")
    if any(one in lowered for one in _TOO_LARGE):
        return Undecodable("too large for the memory of this machine", "memory")
    if any(one in lowered for one in _SAYS_NOTHING) or not _is_readable(error, text):
        return Undecodable("damaged", "damaged")
    if any(one in lowered for one in _NOT_MADE_FOR):
        return Undecodable(f"this kind of image is not read ({text})", "format")
    return Undecodable(f"damaged ({text})", "damaged")


def _is_readable(error: Exception, text: str) -> bool:
    is_plain = isinstance(error, OSError | SyntaxError | ValueError | RuntimeError)
    return is_plain and 0 < len(text) <= _LONGEST_WORDS and text.isprintable()
