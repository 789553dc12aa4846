"""The view of the map as a file: drawn anew at any size, as PNG or SVG, written whole or not at all."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSaveFile
from PySide6.QtGui import QImage

from app.dialogs.map_export import ExportSpec
from app.document import Document
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.map.view import MapView
from app.widgets.map_picture import picture, svg
from core.errors import ImageError, KnownError

PREVIEW_UP_TO = 300_000  # points
PREVIEW_SIDE_PX = 1_000


class MapExport(QObject):
    """Draws what is in sight for the dialog and for the file."""

    def __init__(
        self,
        document: Document,
        view: MapView,
        theme: Theme,
        thumbnails: Thumbnails,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self._theme, self._thumbnails = theme, thumbnails

    def preview(self, spec: ExportSpec) -> QImage | None:
        """How it will look, smaller; None where there are too many points to draw it by the way."""
        if len(self._view.points) > PREVIEW_UP_TO:
            return None
        share = min(1.0, PREVIEW_SIDE_PX / max(spec.width_px, spec.height_px))
        width, height = (max(64, round(one * share)) for one in (spec.width_px, spec.height_px))
        return self._picture(spec, width, height)

    def write(self, spec: ExportSpec, path: Path) -> bool:
        """Write it; says what went wrong. Whether it was written."""
        try:
            data = self._svg(spec) if spec.kind == "svg" else self._png(spec)
            _save(path, data)
        except KnownError as error:
            self._document.report(error)
            return False
        self._document.say(f"The map was written to {path}.")
        return True

    def _picture(self, spec: ExportSpec, width_px: int, height_px: int) -> QImage:
        view = self._view
        return picture(
            view.points, view.canvas.frame(), width_px, height_px,
            theme=self._theme,
            regions=view.canvas.item.regions if spec.has_names else None,
            has_legend=spec.has_legend,
            thumbnails=self._thumbnails,
            has_pictures=spec.has_pictures,
        )  # fmt: skip

    def _png(self, spec: ExportSpec) -> bytes:
        image = self._picture(spec, spec.width_px, spec.height_px)
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        is_made = not image.isNull() and image.save(buffer, "PNG")  # type: ignore[call-overload]
        if not is_made:
            raise ImageError("There is not enough memory for a picture of that size.")
        return bytes(data.data())

    def _svg(self, spec: ExportSpec) -> bytes:
        view = self._view
        return svg(
            view.points, view.canvas.frame(), spec.width_px, spec.height_px,
            theme=self._theme,
            regions=view.canvas.item.regions if spec.has_names else None,
            has_legend=spec.has_legend,
            thumbnails=self._thumbnails,
            has_pictures=spec.has_pictures,
        ).encode("utf-8")  # fmt: skip


def _save(path: Path, data: bytes) -> None:
    """Raises ImageError where the file cannot be written."""
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        raise ImageError(f"{path} cannot be written: {file.errorString().lower()}.")
    file.write(data)
    if not file.commit():
        raise ImageError(f"{path} cannot be written: {file.errorString().lower()}.")
