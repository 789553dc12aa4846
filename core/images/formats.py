"""Which files count as images, by extension and by first bytes, and what others seem to be."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# What Pillow opens without calling other programs (so no EPS), and what people keep beside it: the
# latter are named as unreadable rather than passed over.
_PILLOW_EXTENSIONS = frozenset(
    _words(
        ".apng .avif .avifs .blp .bmp .bw .cur .dcx .dds .dib .fit .fits .flc .fli .ftc .ftu .gbr .gif .icb"
        " .icns .ico .im .j2c .j2k .jfif .jp2 .jpc .jpe .jpeg .jpf .jpg .jpx .mpo .msp .pbm .pcx .pfm"
        " .pgm .png .pnm .ppm .psd .pxr .qoi .ras .rgb .rgba .sgi .tga .tif .tiff .vda .vst .webp .xbm"
        " .xpm"
    )
)
_HEIF_EXTENSIONS = frozenset((".heic", ".heics", ".heif", ".heifs", ".hif"))
_JXL_EXTENSIONS = frozenset((".jxl",))
RAW_EXTENSIONS = frozenset(
    _words(
        ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .gpr .iiq .kdc .mef .mos .mrw .nef"
        " .nrw .orf .pef .ptx .raf .raw .rw2 .rwl .sr2 .srf .srw .x3f"
    )
)
READ_EXTENSIONS = _PILLOW_EXTENSIONS | _HEIF_EXTENSIONS | _JXL_EXTENSIONS | RAW_EXTENSIONS
UNREAD_EXTENSIONS = {
    ".svg": "SVG drawings are not read",
    ".svgz": "SVG drawings are not read",
    ".eps": "PostScript drawings are not read",
    ".ai": "Illustrator drawings are not read",
    ".wmf": "Windows metafiles are not read",
    ".emf": "Windows metafiles are not read",
    ".xcf": "GIMP files are not read",
    ".kra": "Krita files are not read",
    ".psb": "large Photoshop files are not read",
    ".exr": "OpenEXR is not read",
    ".hdr": "Radiance HDR is not read",
    ".jxr": "JPEG XR is not read",
    ".wdp": "JPEG XR is not read",
    ".hdp": "JPEG XR is not read",
    ".djvu": "DjVu is not read",
    ".pcd": "Photo CD is not read",
}
EXTENSIONS = READ_EXTENSIONS | UNREAD_EXTENSIONS.keys()

# The formats Pillow may try, so that a hostile file cannot reach an exotic plugin by its first bytes.
PILLOW_FORMATS = _words(
    "JPEG PNG WEBP GIF TIFF BMP AVIF JPEG2000 PPM ICO ICNS TGA PSD PCX DCX DDS DIB CUR SGI SUN QOI XBM"
    " XPM MSP FITS IM FLI BLP FTEX GBR PIXAR"
)
# What a format's files are usually called; another image extension is worth a note.
_USUAL_EXTENSIONS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "AVIF": (".avif", ".avifs", ".heif", ".hif"),
    "HEIF": (*_HEIF_EXTENSIONS, ".avif"),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp", ".dib"),
    "JXL": (".jxl",),
}

SNIFFED_BYTES = 32
JXL_STARTS = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")
TIFF_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
# RAW files that no other decoder could take for its own; the rest look like TIFF.
RAW_STARTS = (
    b"FUJIFILMCCD-RAW",
    b"FOVb",
    b"\x00MRM",
    b"IIRO",
    b"IIRS",
    b"MMOR",
    b"IIU\x00",
    b"II\x1a\x00\x00\x00HEAPCCDR",
)
_STARTS = (
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"8BPS", b"qoif"),
    *(b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51\xff\x52", b"\x76\x2f\x31\x01"),
    *(*TIFF_STARTS, *JXL_STARTS, *RAW_STARTS),
)
AVIF_BRANDS = (b"avif", b"avis")
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
# Containers that say only in their list of further brands what they hold.
OPEN_BRANDS = (b"mif1", b"msf1", b"mif2")
RAW_BRANDS = (b"crx ",)
_BRANDS = (*AVIF_BRANDS, *HEIF_BRANDS, *OPEN_BRANDS, *RAW_BRANDS)
_BMP_HEADERS = tuple(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))

# What is often found under an image's name and is none.
_OTHERS = (
    (b"%PDF", "a PDF document, not an image"),
    (b"PK\x03\x04", "a ZIP archive, not an image"),
    (b"Rar!", "a RAR archive, not an image"),
    (b"7z\xbc\xaf", "a 7-Zip archive, not an image"),
    (b"\x1f\x8b", "a compressed archive, not an image"),
    (b"SQLite format 3", "a database, not an image"),
    (b"\x7fELF", "a program, not an image"),
    (b"MZ", "a program, not an image"),
    (b"ID3", "a sound, not an image"),
    (b"\x1aE\xdf\xa3", "a video, not an image"),
    (b"%!PS", "PostScript drawings are not read"),
    (b"gimp xcf", "GIMP files are not read"),
    (b"\x76\x2f\x31\x01", "OpenEXR is not read"),
    (b"#?RADIANCE", "Radiance HDR is not read"),
    (b"II\xbc", "JPEG XR is not read"),
)
_VIDEO_BRANDS = (b"iso", b"mp4", b"avc", b"qt ", b"M4V", b"3gp", b"3g2", b"MSN")


def extension(raw_path: bytes) -> str:
    """The lower-case extension with its dot, or ""."""
    name = raw_path.rpartition(b"/")[2]
    dot = name.rfind(b".")
    return name[dot:].lower().decode("ascii", "replace") if dot > 0 else ""


def has_image_extension(raw_name: bytes) -> bool:
    """Whether the name ends like an image file's."""
    return extension(raw_name) in EXTENSIONS


def has_image_start(start: bytes) -> bool:
    """Whether the first ``SNIFFED_BYTES`` of a file are those of an image."""
    if start.startswith(_STARTS):
        return True
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return True
    if start[4:8] == b"ftyp" and start[8:12] in _BRANDS:
        return True
    # BMP: the magic is two letters only, so the reserved words and a plausible header size count too.
    return (
        start[:2] == b"BM" and start[6:10] == b"\x00\x00\x00\x00" and start[14:18] in _BMP_HEADERS
    )


def why_unread(raw_path: bytes) -> str | None:
    """The reason for a format known by its extension that has no decoder here."""
    return UNREAD_EXTENSIONS.get(extension(raw_path))


def usual_extension(format_name: str) -> str:
    """What the names of a format's files usually end in, "" where that cannot be told."""
    return _USUAL_EXTENSIONS.get(format_name, ("",))[0]


def misnamed(name: str, format_name: str) -> str:
    """A note where a file's name promises another image format than it holds, else "".

    Not part of what a content is noted with: two files with the same bytes may be named differently.
    """
    usual = _USUAL_EXTENSIONS.get(format_name)
    named = extension(name.encode("utf-8", "replace"))
    if usual is None or named in usual or named not in EXTENSIONS:
        return ""
    return f"named {named}, holds {format_name}"


def what_it_is(data: bytes) -> str | None:
    """A reason for a file that is no image at all, by its content."""
    for start, reason in _OTHERS:
        if data.startswith(start):
            return reason
    if data[4:8] == b"ftyp" and data[8:11] in _VIDEO_BRANDS:
        return "a video, not an image"
    if data[:4] == b"RIFF" and data[8:12] in (b"AVI ", b"WAVE"):
        return "a video or a sound, not an image"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return "SVG drawings are not read"
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page, not an image"
    return "text, not an image" if _is_text(data[:1024]) else None


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return len(text) > 3 and all(sign.isprintable() or sign in "\r\n\t\f" for sign in text)
