"""What the user can do on the page Export, one short method each; the action table names them."""

from app.part_commands import PartCommands


class ExportingCommands(PartCommands):
    """Turns a wish into calls of the page."""

    def is_shown(self) -> bool:
        return self._explore is not None and self._explore.page == "export"

    def are_selected(self) -> bool:
        """Whether there are images to be taken away."""
        document = self._shell.document
        return document is not None and len(document.selection) > 0

    def show(self) -> None:
        """The page, with what was chosen last."""
        if self._explore is not None:
            self._explore.show_export()

    def show_selected(self) -> None:
        """The page, for the images that are selected."""
        if self._explore is not None:
            self._explore.exporting.show_selected()

    def show_pairs(self) -> None:
        """The page, for pairs."""
        if self._explore is not None:
            self._explore.exporting.show_kind("pairs")

    def show_model(self, run: str) -> None:
        """The page, for a trained encoder."""
        if self._explore is not None:
            self._explore.exporting.show_kind("model", run=run)

    def make(self, what: str) -> None:
        """What an export lacks: go where it is made, or make it."""
        explore, document = self._explore, self._shell.document
        if explore is None or document is None:
            return
        if what == "encoders":
            explore.show_encoders()
        elif what == "neighbours":
            explore.exporting.build_neighbours()
        elif what == "map":
            explore.show_found()
            explore.show_browser()
            explore.show_pane("map", True)
        elif what == "duplicates":
            explore.show_duplicates()
        elif what == "insight":
            explore.show_insight()
        elif what == "train":
            explore.training.show()
        elif what == "add-folder":
            explore.add_folder_wanted.emit()
