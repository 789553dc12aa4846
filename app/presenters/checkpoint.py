"""A checkpoint of the user's own: what it is, which architecture it may be of, and making an encoder of it."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.document import Document
from app.presenters.encoder_facts import PICKLE
from app.presenters.encoder_jobs import EncoderJobs
from app.views.encoders import EncodersView
from app.widgets import text
from core.encoders import names
from core.encoders.weights import checkpoints, installed
from core.encoders.weights.checkpoints import Checkpoint
from core.errors import KnownError

if TYPE_CHECKING:
    from core.project import Project

CONFIG = "open_clip_config.json"
KINDS = {
    "safetensors": "numbers only, which can do no harm",
    "numpy": "numbers only, which can do no harm",
    "pickle": "a pickle",
}


class CheckpointPresenter(QObject):
    """Asks on the page, and begins what was agreed to."""

    def __init__(
        self, document: Document, view: EncodersView, jobs: EncoderJobs, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._view, self._jobs = document, view, jobs
        self._architectures: list[str] = []
        self._found: Checkpoint | None = None
        view.checkpoint.agreed.connect(self._agree)

    def begin(self, path: Path, architectures: list[str]) -> None:
        """Look at a file, and ask which of these architectures it is of."""

        def ask(found: tuple[Checkpoint, bool, str]) -> None:
            self._found, is_trusted, whole = found
            kind, size = KINDS[self._found.kind], text.size(self._found.bytes)
            is_pickle = self._found.kind == "pickle"
            says = f"\n{CONFIG} beside it says which architecture it is of." if whole else ""
            self._view.ask_architecture(
                path,
                f"{path.parent}   ·   {size}, {kind}{says}",
                PICKLE if is_pickle and not is_trusted else "",
                whole or guess(path.stem, architectures),
                is_certain=bool(whole),
            )

        self._document.query(f"Looking at {path.name}", inspect, path, on_done=ask)

    def _agree(self, architecture: str, path: Path) -> None:
        try:
            chosen = names.parse(architecture)
            name = str(chosen if chosen.folder else names.parse(f"{architecture}@{path}"))
        except KnownError as error:
            self._view.checkpoint.show_problem(str(error))
            return
        self._view.checkpoint.calm()
        is_pickle = self._found is not None and self._found.kind == "pickle"
        self._jobs.install(name, allow_pickle=is_pickle)


def inspect(project: "Project", path: Path) -> tuple[Checkpoint, bool, str]:
    """What a file is, whether it is trusted already, its name if it is known; runs in a lane."""
    found = checkpoints.inspect(path)
    return found, checkpoints.is_trusted(found.sha256), of_folder(path)


def of_folder(path: Path) -> str:
    """The encoder that a file is together with the others of its folder; nothing if it is none."""
    if not (path.parent / CONFIG).is_file():
        return ""
    name = names.parse(f"openclip:{names.FOLDER_PREFIX}{path.parent}")
    files = installed.find(name)
    return str(name) if files is not None and files.weights.name == path.name else ""


def guess(stem: str, architectures: list[str]) -> str:
    """The architecture whose name is most like the file's; nothing where none is."""
    wanted = _plain(stem)
    inside = [one for one in architectures if _plain(one.partition(":")[2]) in wanted]
    if inside:
        return max(inside, key=len)
    plain = {_plain(one.partition(":")[2]): one for one in architectures}
    close = difflib.get_close_matches(wanted, plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else ""


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
