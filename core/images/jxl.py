"""JPEG XL by libjxl (pylibjxl, an optional package), loaded at the first such file."""

from PIL import Image

from core.images.faults import Undecodable
from core.images.limits import check_size


def open_jxl(data: bytes, limit_px: int) -> tuple[Image.Image, bool]:
    """The first frame, upright, and whether there are more. Raises Undecodable without the package."""
    try:
        import pylibjxl
    except ImportError as error:
        raise Undecodable("JPEG XL needs the pylibjxl package", "format") from error
    header = pylibjxl.probe(data)
    check_size(int(header["width"]), int(header["height"]), limit_px)
    with pylibjxl.JXL(threads=1) as decoder:
        values, metadata = decoder.decode(data, metadata=True)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    image = Image.fromarray(values)
    profile = metadata.get("icc_profile") or metadata.get("icc")
    if profile:
        image.info["icc_profile"] = bytes(profile)
    return image, bool(header.get("have_animation"))
