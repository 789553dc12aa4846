"""The lane in which a map's points are drawn off the window's thread."""

from collections.abc import Callable

from app.document import Document
from app.widgets.points_drawing import Drawing
from app.widgets.points_item import Lane


def lane_of(document: Document) -> Lane:
    """Draws in the reads lane; a drawing that fails is reported, and the last one stays."""

    def draw(task: Callable[[], Drawing], take: Callable[[Drawing | None], None]) -> None:
        def fail(error: BaseException) -> None:
            take(None)
            document.report(error)

        document.read(lambda _: task(), on_done=take, on_failed=fail)

    return draw
