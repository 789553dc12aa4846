"""Shared libraries that wheels and the build bring along: what each is, and under which licence.

A wheel's own metadata rarely say what its `.libs` folder holds. Names are matched without version and hash; what is
not in the table is reported, so that nothing ships which nobody has looked up.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import licences

GCC = "GPL-3.0-or-later WITH GCC-exception-3.1"
NVIDIA = "LicenseRef-NVIDIA-CUDA-EULA"
LGPL3 = "LGPL-3.0-only"


@dataclass(frozen=True, slots=True)
class Library:
    """A project whose libraries are found by their names. ``files`` are regular expressions of whole stems."""

    name: str
    licence: str
    page: str
    files: tuple[str, ...]


LIBRARIES: tuple[Library, ...] = (
    # Inside wheels.
    Library("Qt", LGPL3, "https://www.qt.io/", (r"libQt6\w+", r"Qt6\w+", r"Qt\w+")),
    Library("ICU", "Unicode-3.0", "https://icu.unicode.org/", (r"libicu\w+", r"icu\w+")),
    Library("FFmpeg (built without GPL parts)", "LGPL-2.1-or-later", "https://ffmpeg.org/",
            (r"libavcodec", r"libavformat", r"libavutil", r"libswscale", r"libswresample",
             r"opencv_videoio_ffmpeg\w*")),
    Library("libvpx", "BSD-3-Clause", "https://www.webmproject.org/", (r"libvpx",)),
    Library("libaom", "BSD-2-Clause", "https://aomedia.org/", (r"libaom",)),
    Library("libavif", "BSD-2-Clause", "https://github.com/AOMediaCodec/libavif", (r"libavif",)),
    Library("OpenSSL", "OpenSSL OR Apache-2.0", "https://www.openssl.org/", (r"libssl", r"libcrypto")),
    Library("libdrm", "MIT", "https://dri.freedesktop.org/", (r"libdrm\w*",)),
    Library("OpenBLAS (with LAPACK)", "BSD-3-Clause", "https://www.openblas.net/",
            (r"libopenblas\w*", r"libscipy_openblas\w*", r"openblas\w*")),
    Library("GCC runtime (gfortran, quadmath, gomp, libstdc++)", GCC, "https://gcc.gnu.org/",
            (r"libgfortran", r"libquadmath", r"libgomp", r"libgcc_s", r"libstdc\+\+")),
    Library("LLVM OpenMP", "Apache-2.0 WITH LLVM-exception", "https://openmp.llvm.org/",
            (r"libomp\w*", r"libiomp5\w*")),
    Library("libheif (built without x265)", LGPL3, "https://github.com/strukturag/libheif", (r"libheif",)),
    Library("libde265", LGPL3, "https://github.com/strukturag/libde265", (r"libde265",)),
    Library("LibRaw", "LGPL-2.1-only OR CDDL-1.0", "https://www.libraw.org/", (r"libraw\w*",)),
    Library("JasPer", "JasPer-2.0", "https://jasper-software.github.io/jasper/", (r"libjasper",)),
    Library("libjpeg-turbo", "IJG AND BSD-3-Clause", "https://libjpeg-turbo.org/", (r"libjpeg", r"jpeg\d+")),
    Library("Little CMS", "MIT", "https://www.littlecms.com/", (r"liblcms2",)),
    Library("libpng", "libpng-2.0", "http://www.libpng.org/", (r"libpng\d*",)),
    Library("LibTIFF", "libtiff", "https://libtiff.gitlab.io/libtiff/", (r"libtiff",)),
    Library("libwebp", "BSD-3-Clause", "https://developers.google.com/speed/webp/",
            (r"libwebp\w*", r"libsharpyuv")),
    Library("OpenJPEG", "BSD-2-Clause", "https://www.openjpeg.org/", (r"libopenjp2",)),
    Library("FreeType", "FTL", "https://freetype.org/", (r"libfreetype",)),
    Library("HarfBuzz", "MIT", "https://harfbuzz.github.io/", (r"libharfbuzz",)),
    Library("Brotli", "MIT", "https://github.com/google/brotli", (r"libbrotli\w+",)),
    Library("XZ Utils (liblzma)", "0BSD", "https://tukaani.org/xz/", (r"liblzma",)),
    Library("Zstandard", "BSD-3-Clause", "https://facebook.github.io/zstd/", (r"libzstd",)),
    Library("X.Org libraries", "MIT", "https://www.x.org/",
            (r"libX[\w-]+", r"libxcb[\w-]*", r"libICE", r"libSM", r"libxkbcommon[\w-]*")),
    Library("zlib", "Zlib", "https://zlib.net/", (r"libz",)),
    Library("Apache Arrow and Parquet", "Apache-2.0", "https://arrow.apache.org/",
            (r"libarrow\w*", r"libparquet\w*")),
    Library("PyTorch", "BSD-3-Clause", "https://pytorch.org/",
            (r"libtorch\w*", r"libc10\w*", r"libshm\w*", r"libaoti_custom_ops", r"libbackend_with_compiler",
             r"libjitbackend_test")),
    Library("PySide and Shiboken", LGPL3, "https://doc.qt.io/qtforpython-6/",
            (r"libpyside6\w*", r"libshiboken6\w*")),
    # From the system on which the bundle is built.
    Library("Python", "PSF-2.0", "https://www.python.org/", (r"libpython[\d.]+\w*", r"python\d+")),
    Library("SQLite", "blessing", "https://sqlite.org/", (r"libsqlite3",)),
    Library("libmpdec", "BSD-2-Clause", "https://www.bytereef.org/mpdecimal/", (r"libmpdec\w*",)),
    Library("libffi", "MIT", "https://sourceware.org/libffi/", (r"libffi\w*",)),
    Library("bzip2", "bzip2-1.0.6", "https://sourceware.org/bzip2/", (r"libbz2",)),
    Library("Expat", "MIT", "https://libexpat.github.io/", (r"libexpat",)),
    Library("libuuid", "BSD-3-Clause", "https://github.com/util-linux/util-linux", (r"libuuid",)),
    Library("libmd, libbsd", "BSD-3-Clause AND ISC", "https://www.hadrons.org/software/libbsd/",
            (r"libmd", r"libbsd")),
    Library("GLib", "LGPL-2.1-or-later", "https://docs.gtk.org/glib/",
            (r"libglib", r"libgobject", r"libgio", r"libgmodule", r"libgthread")),
    Library("PCRE2", "BSD-3-Clause", "https://www.pcre.org/", (r"libpcre2-\d+",)),
    Library("Wayland", "MIT", "https://wayland.freedesktop.org/", (r"libwayland-\w+",)),
    Library("Fontconfig", "HPND", "https://www.freedesktop.org/wiki/Software/fontconfig/", (r"libfontconfig",)),
    # In a CUDA build only: its licence lists what may go along with a program. See problems().
    Library("NVIDIA CUDA", NVIDIA, "https://docs.nvidia.com/cuda/eula/",
            (r"libcuda\w*", r"libnv\w+", r"libcu(dnn|blas|fft|rand|solver|sparse|pti|file)\w*")),
    # Not free to be given away by us.
    Library("GNU Readline", "GPL-3.0-or-later", "https://tiswww.case.edu/php/chet/readline/rltop.html",
            (r"libreadline",)),
    Library("x264, x265", "GPL-2.0-or-later", "https://www.videolan.org/", (r"libx26[45]",)),
)  # fmt: skip
_SHARED = re.compile(r"\.(so|dll|dylib|pyd)(\.\d[\w.]*)?$")
_MODULE = re.compile(r"\.(cpython-\d+|cp\d+|abi3)[\w-]*\.(so|pyd)$|\.pyd$")
# Behind the first, a name goes on with what a build tool added: version, hash, `.so.6`.
_TAIL = re.compile(r"(-r0)?([-.][0-9a-f]{4,})*([-.]\d[\d.a-z]*)?$")
# What a wheel's own folder holds beside its `.libs` is of that wheel, and under its licence.
_BORROWED = re.compile(r"\.(libs|dylibs)(/|$)")


def library_of(file_name: str) -> Library | None:
    """Whose shared library this file is; None where it is not in the table."""
    stem = _SHARED.sub("", file_name)
    for candidate in (stem, _TAIL.sub("", stem), re.split(r"[-.]", stem)[0]):
        for library in LIBRARIES:
            if any(re.fullmatch(one, candidate) for one in library.files):
                return library
    return None


def is_shared(file_name: str) -> bool:
    """Whether it is a shared library, and no extension module of Python (which is of its package)."""
    return bool(_SHARED.search(file_name)) and not _MODULE.search(file_name)


def borrowed(names: Iterable[str]) -> list[str]:
    """Of a wheel's files (POSIX paths), the shared libraries of others that it holds."""
    return sorted(
        name
        for name in names
        if is_shared(name.rpartition("/")[2]) and _BORROWED.search(name.rpartition("/")[0])
    )


def problems(names: Iterable[str], *, is_cuda: bool = False) -> list[str]:
    """Sentences on the shared libraries that may not ship, or that nobody has looked up."""
    allowed = licences.ALLOWED | ({NVIDIA} if is_cuda else set())
    result = []
    for name in sorted(set(names)):
        library = library_of(name)
        if library is None:
            result.append(
                f"{name} is not known: look it up, and add it to packaging/bundled_libraries.py."
            )
        elif not licences.permits(library.licence, allowed):
            result.append(
                f"{name} is of {library.name}, under {library.licence}: it may not be in the bundle."
            )
    return result


def problems_of_bundle(folder: Path, *, is_cuda: bool = False) -> list[str]:
    """The same of a built bundle: what the build took from the system, and what wheels borrow from others."""
    inner = [
        one for one in folder.iterdir() if one.is_dir() and one.name.endswith((".libs", ".dylibs"))
    ]
    names = (
        path.name
        for place in (folder, *inner)
        for path in place.iterdir()
        if path.is_file() and is_shared(path.name)
    )
    return problems(names, is_cuda=is_cuda)
