"""What the user can do about trainings, one short method each; the action table names them."""

from typing import TYPE_CHECKING

from app.shell import Shell

if TYPE_CHECKING:
    from app.presenters.training import TrainingPresenter


class TrainingCommands:
    """Turns a wish into calls of the open document's presenter."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    @property
    def _training(self) -> "TrainingPresenter | None":
        explore = self._shell.explore
        return explore.training if explore is not None else None

    # -- what can be done now

    def is_shown(self) -> bool:
        explore = self._shell.explore
        return explore is not None and explore.page == "train"

    def can_set_up(self) -> bool:
        document = self._shell.document
        return document is not None and document.is_writable

    def can_start(self) -> bool:
        training = self._training
        return self.is_shown() and training is not None and training.can_start

    def is_running(self) -> bool:
        training = self._training
        return training is not None and training.teaching.is_running

    def can_end(self) -> bool:
        training = self._training
        return (
            training is not None
            and training.teaching.is_running
            and (training.teaching.state in ("", "paused"))
        )

    def is_paused(self) -> bool:
        training = self._training
        return training is not None and training.teaching.is_paused

    def can_roll_back(self) -> bool:
        training = self._training
        if training is None or not self.can_set_up():
            return False
        return bool(training.listed.back_to) and not training.fate.is_busy

    def can_pin(self) -> bool:
        document, explore = self._shell.document, self._shell.explore
        if document is None or explore is None or not self.can_set_up():
            return False
        return len(document.selection) > 0 and explore.page in ("browser", "full")

    # -- doing it

    def show(self) -> None:
        if (training := self._training) is not None:
            training.show()

    def set_up(self) -> None:
        if (training := self._training) is not None:
            training.read()
            training.show_new()

    def start(self) -> None:
        if (training := self._training) is not None:
            training.start()

    def pause(self) -> None:
        if (training := self._training) is not None:
            training.teaching.toggle_pause()

    def stop_and_keep(self) -> None:
        if (training := self._training) is not None:
            training.teaching.stop_and_keep()

    def cancel(self) -> None:
        if (training := self._training) is not None:
            training.teaching.cancel()

    def roll_back(self) -> None:
        if (training := self._training) is not None:
            training.roll_back()

    def pin(self) -> None:
        document, training = self._shell.document, self._training
        if document is not None and training is not None:
            training.setting_up.pin(document.selection.ids[:6].tolist())
