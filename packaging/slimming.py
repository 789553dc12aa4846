"""What of the libraries does not go into the bundle, and why; read by the spec, the table of sizes and the tests."""

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Extras that a bundle holds beside what every installation has: who installs a package cannot add these.
BUNDLED_EXTRAS = ("raw", "jxl")


@dataclass(frozen=True)
class Rule:
    """Files that stay out, by patterns of their place in the bundle (``/`` between folders)."""

    name: str
    why: str
    patterns: tuple[str, ...]
    but: tuple[str, ...] = ()  # these stay in all the same
    only_cpu: bool = False  # for a torch without CUDA beside a torchvision that was built for it

    def holds(self, place: str) -> bool:
        """Whether it keeps the file at ``place`` out."""
        return _fits(place, self.patterns) and not _fits(place, self.but)


RULES = (
    Rule(
        "torch: programs", "its own tests and a compiler of messages; nothing starts them", ("torch/bin/*",),
        ("torch/bin/torch_shm_manager",),
    ),
    Rule("torch: tests", "tests of its C++ half", ("torch/test/*",)),
    Rule(
        "torch: for building extensions", "headers, CMake files and static libraries",
        ("torch/include/*", "torch/share/*", "torch/lib/*.a", "torch/lib/*.lib", "torch/utils/benchmark/*"),
    ),
    Rule(
        "torchvision: operators of its CUDA build",
        "beside a torch for processors they cannot be loaded; core/encoders does without",
        ("torchvision/_C.*", "libcudart*"),
        only_cpu=True,
    ),
    Rule(
        "torchvision: reading of pictures", "Pillow reads them here; these libraries bring codecs and nvJPEG",
        (
            "torchvision/image.*", "torchvision/video_reader.*", "torchvision.libs/*", "libjpeg.5980*", "libnvjpeg*",
        ),
        ("torchvision/io/*",),
    ),
    Rule(
        "pyarrow: servers and clouds", "Flight, S3, Google, Azure, HDFS: vectors are read from files here",
        (
            "pyarrow/libarrow_flight*", "pyarrow/libarrow_python_flight*", "pyarrow/_flight*", "pyarrow/flight*",
            "pyarrow/libarrow_s3*", "pyarrow/_s3fs*", "pyarrow/_gcsfs*", "pyarrow/_azurefs*", "pyarrow/_hdfs*",
            "libarrow_flight*", "libarrow_s3*", "libarrow_python_flight*",
        ),
    ),
    Rule(
        "pyarrow: formats and engines", "ORC, Gandiva, encryption, Substrait's Python: not Parquet, CSV or JSON",
        (
            "pyarrow/_orc*", "pyarrow/*gandiva*", "pyarrow/_substrait*", "pyarrow/*_encryption*",
            "libgandiva*",
        ),
    ),
    Rule(
        "pyarrow: for building extensions", "headers and Cython sources",
        ("pyarrow/include/*", "pyarrow/src/*", "pyarrow/tests/*", "pyarrow/includes/*", "pyarrow/*.p[yx][xid]"),
        ("pyarrow/*.py", "pyarrow/*.pyd"),
    ),
    Rule(
        "Qt: screens of machines without a desktop", "embedded systems and remote frame buffers",
        (
            "PySide6/Qt/plugins/platforms/libqeglfs*", "PySide6/Qt/plugins/platforms/libqlinuxfb*",
            "PySide6/Qt/plugins/platforms/libqvnc*", "PySide6/Qt/plugins/platforms/libqvkkhrdisplay*",
            "PySide6/Qt/plugins/platforms/libqminimal*", "PySide6/Qt/plugins/egldeviceintegrations/*",
            "PySide6/Qt/plugins/generic/*", "PySide6/Qt/lib/libQt6Egl*",
        ),
    ),
    Rule(
        "Qt: the GTK theme", "it loads the system's GTK, which does not fit libraries from elsewhere; we have our own",
        ("PySide6/Qt/plugins/platformthemes/libqgtk3*",),
    ),
    Rule(
        "Qt: QML, Quick and the keyboard on screen", "the window is made of widgets",
        (
            "PySide6/Qt/qml/*", "PySide6/qml/*", "PySide6/*/libQt6Quick*", "PySide6/*/libQt6Qml*",
            "PySide6/*/libQt6VirtualKeyboard*", "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboard*",
            "PySide6/Qt/plugins/platforminputcontexts/qtvirtualkeyboard*", "PySide6/*Qt6Quick*", "PySide6/*Qt6Qml*",
            "PySide6/*Qt6VirtualKeyboard*", "PySide6/QtQuick*", "PySide6/QtQml*", "PySide6/libpyside6qml*",
        ),
    ),
    Rule("Qt: translations", "every text of the program is its own, in English", ("PySide6/*translations/*",)),
    Rule(
        "Qt: picture formats that Pillow reads", "the window draws JPEG and SVG; PDF is written, not read",
        (
            "PySide6/*plugins/imageformats/*pdf*", "PySide6/*plugins/imageformats/*tiff*",
            "PySide6/*plugins/imageformats/*tga*", "PySide6/*plugins/imageformats/*wbmp*",
            "PySide6/*plugins/imageformats/*icns*", "PySide6/*libQt6Pdf*",
        ),
    ),
    Rule(
        "OpenCV: classifiers and video on Windows", "faces are not looked for, and no video is read",
        ("cv2/data/*", "cv2/opencv_videoio_ffmpeg*"), ("cv2/data/__init__.py",),
    ),
    Rule("types", "stubs for type checkers", ("*.pyi", "*/py.typed")),
    Rule(
        "tests and examples of libraries", "nothing of them runs in the program",
        (
            "*/tests/*", "numpy/*/examples/*", "pyqtgraph/examples/*", "sympy/*/benchmarks/*", "*/__pycache__/*",
            "torch/testing/_internal/data/*", "*/direct_url.json", "*/RECORD", "*/REQUESTED", "*/INSTALLER",
        ),
    ),
)  # fmt: skip

# Modules that nothing here needs, and that a library would take along where it finds them.
LEFT_OUT_MODULES = (
    *("pip", "setuptools", "pkg_resources", "wheel", "_distutils_hack", "ensurepip", "idlelib", "lib2to3"),
    *("tkinter", "_tkinter", "turtle", "turtledemo", "curses", "_curses", "_curses_panel", "test"),
    # GNU readline and gdbm: under the GPL, and of use in a terminal's Python only.
    *("readline", "_gdbm", "_dbm"),
    *("IPython", "jedi", "notebook", "matplotlib", "pandas", "scipy", "sklearn", "numba", "llvmlite"),
    *("tensorboard", "tensorflow", "jax", "flax", "keras", "triton", "onnxscript", "pytest", "hypothesis", "hf_xet"),
    *("mypy", "mypyc", "expecttest", "hatchling", "editables", "PyInstaller", "caffe2", "accelerate"),
    *("pyarrow.flight", "pyarrow.orc", "pyarrow.substrait", "pyarrow.tests", "pyarrow.conftest"),
    *("torch.utils.tensorboard", "torch.utils.benchmark", "torchvision.prototype"),
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtDesigner", "PySide6.QtSql"),
    *("pyqtgraph.examples", "pyqtgraph.opengl", "pyqtgraph.jupyter", "sympy.testing", "cv2.gapi"),
)  # fmt: skip

# What OpenCLIP's text towers and tokenisers are made of; what these import of other families comes with them.
TEXT_FAMILIES = (
    *(
        "auto",
        "bert",
        "roberta",
        "xlm_roberta",
        "mt5",
        "t5",
        "m2m_100",
        "nllb",
        "clip",
        "siglip",
        "siglip2",
    ),
    *("gemma", "encoder_decoder"),
)
FAMILY = re.compile(
    r"^\s*from (?:\.\.|transformers\.models\.|\.+models\.)(?P<name>\w+)[\w.]* import", re.M
)

# Linux libraries that travel with us although the system may have them: Python's own, and small ones of X11 that
# Debian and Fedora do not install with a desktop; each with Debian's package, which has its licence text. All others
# are the system's, as elf.PACKAGES names them.
CARRIED = {
    "libpython3*": "",  # its own text is beside it
    "libssl.so*": "libssl3*", "libcrypto.so*": "libssl3*", "libsqlite3.so*": "libsqlite3-0",
    "libffi.so*": "libffi[0-9]", "libbz2.so*": "libbz2-1.0", "liblzma.so*": "liblzma5", "libmpdec.so*": "libmpdec[0-9]",
    "libxcb-cursor.so*": "libxcb-cursor0", "libxcb-icccm.so*": "libxcb-icccm4", "libxcb-image.so*": "libxcb-image0",
    "libxcb-keysyms.so*": "libxcb-keysyms1", "libxcb-render-util.so*": "libxcb-render-util0",
    "libxcb-util.so*": "libxcb-util1",
}  # fmt: skip
SYSTEM_FOLDERS = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
SYSTEM_RULE = Rule(
    "libraries of the system",
    "the package names them as what it depends on; two copies of them in one process clash",
    (),
)  # fmt: skip


def rule_of(place: str, origin: str = "", *, is_mixed: bool = False) -> Rule | None:
    """The rule that keeps a file out: ``place`` in the bundle, ``origin`` where it comes from. None: it goes in.

    ``is_mixed``: torchvision was built for CUDA and torch was not, as the package index has it for Linux.
    """
    place = place.replace(os.sep, "/")
    if origin.startswith(SYSTEM_FOLDERS) and ".so" in origin:
        name = place.rpartition("/")[2]
        return None if _fits(name, CARRIED) else SYSTEM_RULE
    rules = (rule for rule in RULES if is_mixed or not rule.only_cpu)
    return next((rule for rule in rules if rule.holds(place)), None)


def families(models: str, wanted: Iterable[str] = TEXT_FAMILIES) -> list[str]:
    """The folders of transformers' ``models`` that the wanted families need, themselves among them, sorted."""
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in found or not os.path.isdir(os.path.join(models, name)):
            continue
        found.add(name)
        # "auto" names all families, and imports each where it is asked for.
        waiting += [] if name == "auto" else _imported(os.path.join(models, name))
    return sorted(found)


def _imported(folder: str) -> Iterator[str]:
    for entry in os.scandir(folder):
        # Those that begin so are what the others were generated from; nothing imports them.
        if entry.name.endswith(".py") and not entry.name.startswith("modular_"):
            with open(entry.path, encoding="utf-8") as file:
                yield from (match["name"] for match in FAMILY.finditer(file.read()))


def _fits(place: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(place, pattern) for pattern in patterns)
