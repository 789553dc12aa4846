"""Camera RAW by the preview that the camera put into the file (LibRaw through rawpy, optional)."""

import io
from dataclasses import dataclass

from PIL import Image

from core.images import tiff
from core.images.faults import Undecodable
from core.images.formats import RAW_BRANDS, RAW_EXTENSIONS, RAW_STARTS, TIFF_STARTS, extension
from core.images.limits import check_size

# LibRaw's code for how the camera was held -> the orientation of EXIF.
_ORIENTATIONS = {0: 1, 3: 3, 5: 8, 6: 6}
_SIDEWAYS = (5, 6, 7, 8)
_TAIL_BYTES = 64


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture out of a RAW file: not yet decoded where it is a JPEG. Size of the RAW, upright."""

    image: Image.Image
    orientation: int
    width: int
    height: int
    note: str


def is_raw(data: bytes, raw_path: bytes) -> bool:
    """Whether LibRaw should have it. Many RAW files are TIFF files whose first page is a tiny preview."""
    if data.startswith(RAW_STARTS) or (data[4:8] == b"ftyp" and data[8:12] in RAW_BRANDS):
        return True
    if not data.startswith(TIFF_STARTS):
        return False
    if data[8:10] == b"CR" or extension(raw_path) in RAW_EXTENSIONS:
        return True
    for page in tiff.directories(data):
        if tiff.DNG_VERSION in page.tags:
            return True
        return any(
            one.first(tiff.PHOTOMETRIC, 0) in (tiff.COLOUR_FILTER, tiff.LINEAR_RAW)
            for one in (page, *tiff.sub_directories(data, page))
        )
    return False


def open_raw(data: bytes, limit_px: int) -> Preview:
    """The embedded preview, or the picture developed at half size where there is none.

    Raises Undecodable where it is neither, or the package is not there.
    """
    try:
        import rawpy
    except ImportError as error:
        raise Undecodable("camera RAW needs the rawpy package", "format") from error
    try:
        with rawpy.imread(io.BytesIO(data)) as file:
            sizes = file.sizes
            held = _ORIENTATIONS.get(int(sizes.flip), 1)
            width, height = int(sizes.width), int(sizes.height)
            if held in _SIDEWAYS:
                width, height = height, width
            try:
                thumbnail = file.extract_thumb()
            except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
                check_size(width, height, limit_px)
                if _is_cut_off(data):
                    raise Undecodable("the file is cut off", "cut off") from None
                values = file.postprocess(half_size=True, use_camera_wb=True, output_bps=8)
                if values.min() == values.max():  # LibRaw fills up what is missing and says nothing
                    raise Undecodable("the file is cut off", "cut off") from None
                image = Image.fromarray(values)
                return Preview(image, 1, width, height, "developed at half size")
    except rawpy.LibRawError as error:
        raise _fault(error) from error
    if isinstance(thumbnail.data, bytes):
        # LibRaw hands over a whole preview even where the file ends within it: the rest of it is whatever
        # lay in memory, maybe another picture.
        if thumbnail.data[-_TAIL_BYTES:] not in data:
            raise Undecodable("the file is cut off", "cut off")
        image = Image.open(io.BytesIO(thumbnail.data), formats=("JPEG",))
    else:
        image = Image.fromarray(thumbnail.data)
    return Preview(image, _how_held(image, held, width, height), width, height, "embedded preview")


def _is_cut_off(data: bytes) -> bool:
    """Whether a picture's data reach beyond the file: LibRaw develops whatever lies in memory there."""
    return data.startswith(TIFF_STARTS) and any(
        one.end() > len(data)
        for page in tiff.directories(data)
        for one in (page, *tiff.sub_directories(data, page))
    )


def _how_held(image: Image.Image, held: int, width: int, height: int) -> int:
    """The preview's own orientation, else the RAW file's unless the preview lies upright already."""
    own = image.getexif().get(0x0112, 1)
    if isinstance(own, int) and 2 <= own <= 8:
        return own
    is_upright = held in _SIDEWAYS and (image.width > image.height) == (width > height)
    return 1 if is_upright else held


def _fault(error: Exception) -> Undecodable:
    text = str(error).lower()
    if "unsupported file format" in text:
        return Undecodable("this kind of camera RAW is not read", "format")
    if "input/output" in text or "data error" in text:
        return Undecodable("the file is cut off or damaged", "cut off")
    if "memory" in text:
        return Undecodable("too large for the memory of this machine", "memory")
    return Undecodable("damaged", "damaged")
