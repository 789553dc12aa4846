"""Which files count as images, by extension and by first bytes."""

# What Pillow opens without calling other programs (so no EPS), and what people keep beside it: the
# latter are named as unreadable rather than passed over.
READ_EXTENSIONS = frozenset(
    (
        *(
            ".apng",
            ".avif",
            ".avifs",
            ".blp",
            ".bmp",
            ".cur",
            ".dcx",
            ".dds",
            ".dib",
            ".fit",
            ".fits",
        ),
        *(".flc", ".fli", ".ftc", ".ftu", ".gbr", ".pxr"),
        *(".gif", ".icb", ".icns", ".ico", ".im", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc", ".jpe"),
        *(".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".msp", ".pbm", ".pcd", ".pcx", ".pfm", ".pgm"),
        *(".png", ".pnm", ".ppm", ".psd", ".qoi", ".ras", ".rgb", ".rgba", ".sgi", ".bw", ".tga"),
        *(".tif", ".tiff", ".vda", ".vst", ".webp", ".xbm", ".xpm"),
    )
)
UNREAD_EXTENSIONS = {
    ".svg": "SVG drawings are not read",
    ".svgz": "SVG drawings are not read",
    ".heic": "HEIC is not read yet",
    ".heif": "HEIF is not read yet",
    ".hif": "HEIF is not read yet",
    ".jxl": "JPEG XL is not read yet",
    ".cr2": "camera RAW is not read yet",
    ".cr3": "camera RAW is not read yet",
    ".nef": "camera RAW is not read yet",
    ".arw": "camera RAW is not read yet",
    ".dng": "camera RAW is not read yet",
    ".orf": "camera RAW is not read yet",
    ".rw2": "camera RAW is not read yet",
    ".raf": "camera RAW is not read yet",
    ".pef": "camera RAW is not read yet",
    ".exr": "OpenEXR is not read",
    ".hdr": "Radiance HDR is not read",
}
EXTENSIONS = READ_EXTENSIONS | UNREAD_EXTENSIONS.keys()

# The formats Pillow may try, so that a hostile file cannot reach an exotic plugin by its first bytes.
PILLOW_FORMATS = (
    "JPEG",
    "PNG",
    "WEBP",
    "GIF",
    "TIFF",
    "BMP",
    "AVIF",
    "JPEG2000",
    "PPM",
    "ICO",
    "ICNS",
    "TGA",
    "PSD",
    "PCX",
    "DCX",
    "DDS",
    "DIB",
    "CUR",
    "SGI",
    "SUN",
    "QOI",
    "XBM",
    "XPM",
    "MSP",
    "PCD",
    "FITS",
    "IM",
    "FLI",
    "BLP",
    "FTEX",
    "GBR",
    "PIXAR",
)

SNIFFED_BYTES = 32
_STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x00\x0cjP  \r\n\x87\n",
    b"\xff\x4f\xff\x51\xff\x52",
    b"\xff\x0a",
    b"\x00\x00\x00\x0cJXL \r\n\x87\n",
    b"8BPS",
    b"qoif",
    b"\x76\x2f\x31\x01",
)
_FTYP_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1")


def has_image_extension(raw_name: bytes) -> bool:
    """Whether the name ends like an image file's."""
    dot = raw_name.rfind(b".")
    return dot > 0 and raw_name[dot:].lower().decode("ascii", "replace") in EXTENSIONS


def has_image_start(start: bytes) -> bool:
    """Whether the first ``SNIFFED_BYTES`` of a file are those of an image."""
    if start.startswith(_STARTS):
        return True
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return True
    if start[4:8] == b"ftyp" and start[8:12] in _FTYP_BRANDS:
        return True
    # BMP: the magic is two letters only, so the reserved words and a plausible header size count too.
    return (
        start[:2] == b"BM" and start[6:10] == b"\x00\x00\x00\x00" and start[14:18] in _BMP_HEADERS
    )


_BMP_HEADERS = tuple(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))


def why_unread(raw_path: bytes) -> str | None:
    """The reason for a format known by its extension that has no decoder here."""
    dot = raw_path.rfind(b".")
    return UNREAD_EXTENSIONS.get(raw_path[dot:].lower().decode("ascii", "replace"))
