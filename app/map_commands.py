"""What the user can do with the map, one short method each; the action table names them."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from app.dialogs.map_export import ExportSpec, MapExportDialog
from app.part_commands import PartCommands

if TYPE_CHECKING:
    from app.presenters.map import MapPresenter


class MapCommands(PartCommands):
    """Turns a wish into calls of the map's presenters."""

    @property
    def _map(self) -> "MapPresenter | None":
        return self._explore.map_presenter if self._explore is not None else None

    # -- what can be done now

    def has_map(self) -> bool:
        return self._explore is not None and self._explore.map.has_points

    def has_selection(self) -> bool:
        document = self._shell.document
        return document is not None and len(document.selection) > 0

    def can_make(self) -> bool:
        return self._map is not None and self._map.layouts.can_make

    def can_make_anew(self) -> bool:
        return self.can_make() and self._map is not None and self._map.layouts.shown is not None

    def can_finish(self) -> bool:
        return self._map is not None and self._map.layouts.is_live

    def has_other_layout(self) -> bool:
        shown = self._map.layouts.shown if self._map is not None else None
        return shown is not None and len(shown.stored) > 1

    def has_lens(self) -> bool:
        return self._map is not None and self._map.lens.is_on

    def has_names(self) -> bool:
        return self._explore is not None and self._explore.map.shows_names

    def has_pictures(self) -> bool:
        return self._explore is not None and self._explore.map.bar.pictures.isChecked()

    # -- layouts

    def choose_layout(self) -> None:
        """The menu of layouts, below its button."""
        if (explore := self._explore) is not None:
            self._show()
            explore.map.bar.open_layouts()

    def next_layout(self) -> None:
        if (map_ := self._map) is not None:
            map_.layouts.choose_next()

    def set_layout(self) -> None:
        if (map_ := self._map) is not None:
            self._show()
            map_.layouts.open_settings()

    def make_anew(self) -> None:
        if (map_ := self._map) is not None:
            map_.layouts.make_anew()

    def finish(self) -> None:
        if (map_ := self._map) is not None:
            map_.layouts.finish()

    def show_facts(self) -> None:
        if (map_ := self._map) is not None:
            self._show()
            map_.layouts.show_facts()

    # -- looking

    def turn_lens(self) -> None:
        if (map_ := self._map) is not None:
            self._show()
            map_.lens.turn(not map_.lens.is_on)

    def turn_names(self) -> None:
        if (map_ := self._map) is not None:
            map_.names.turn(not self.has_names())
            self._shell.keeper.change(map_names_are_shown=self.has_names())

    def turn_pictures(self) -> None:
        if (explore := self._explore) is not None:
            explore.map.bar.pictures.toggle()

    def zoom(self, factor: float) -> None:
        if (explore := self._explore) is not None:
            explore.map.canvas.zoom(factor)

    # -- the selection

    def invert(self) -> None:
        if (map_ := self._map) is not None:
            map_.selecting.invert()

    def select_in_sight(self) -> None:
        if (map_ := self._map) is not None:
            map_.selecting.select_in_sight()

    def filter_selection(self) -> None:
        if (map_ := self._map) is not None:
            map_.selecting.filter()

    def zoom_to_selection(self) -> None:
        if (explore := self._explore) is not None:
            self._show()
            explore.map.fit_selected()

    def save_list(self) -> None:
        """The list of the selected images as CSV."""
        name, _ = QFileDialog.getSaveFileName(
            self._shell.window_, "Save the list of the selection", "images.csv", "CSV (*.csv)"
        )
        if name and self._map is not None:
            self._map.selecting.save(Path(name))

    def export(self) -> None:
        """The view of the map as PNG or SVG, through a dialog that shows it beforehand."""
        explore = self._explore
        if explore is None:
            return
        self._show()
        size = explore.map.canvas.viewport().size()
        dialog = MapExportDialog(
            self._shell.theme,
            (size.width(), size.height()),
            self._shell.window_,
            has_names=self.has_names(),
        )

        def save(spec: ExportSpec) -> None:
            kind = "SVG (*.svg)" if spec.kind == "svg" else "PNG (*.png)"
            name, _ = QFileDialog.getSaveFileName(
                dialog, "Export the map", f"map.{spec.kind}", kind
            )
            if name and explore.map_export.write(spec, Path(name)):
                dialog.accept()

        dialog.changed.connect(lambda spec: dialog.show_preview(explore.map_export.preview(spec)))
        dialog.save_wanted.connect(save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.begin()

    def _show(self) -> None:
        """What is about the map is to be seen."""
        if (explore := self._explore) is not None:
            explore.show_found()
            if not explore.is_pane_shown("map"):
                explore.show_pane("map", True)
