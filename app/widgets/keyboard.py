"""The keyboard's way through a window: Tab goes as the eye does, Enter presses what has the focus."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)

_TAB = Qt.FocusPolicy.TabFocus


def stops(root: QWidget) -> list[QWidget]:
    """The widgets below ``root`` that Tab halts at now, in the order in which they are laid out.

    Qt goes by the order in which widgets were made, which is another one wherever parts are built
    apart, and any one for those that come later.
    """
    return [one for one in _laid_out(root) if _is_stop(one)]


def move_focus(root: QWidget, *, is_next: bool) -> bool:
    """Give the focus to the next stop, or to the one before; from the last to the first."""
    # All, since Qt asks for the next one too when the one that has the focus is being hidden.
    every = list(_laid_out(root)) if is_next else list(_laid_out(root))[::-1]
    focused = QApplication.focusWidget()
    place = every.index(focused) + 1 if focused in every else 0
    before = every[:place]
    if isinstance(focused, QWidget) and not focused.isVisible():
        before.reverse()  # the last one goes: to its neighbour, not to the other end of the window
    following = next((one for one in every[place:] + before if _is_stop(one)), None)
    if following is None:
        return False
    reason = Qt.FocusReason.TabFocusReason if is_next else Qt.FocusReason.BacktabFocusReason
    following.setFocus(reason)
    return True


def press_focused(event: QKeyEvent) -> bool:
    """Enter on a button presses it, as Space does; Qt leaves that to dialogs. Whether it was that."""
    focused = QApplication.focusWidget()
    is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    if not (is_enter and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier):
        return False
    if not isinstance(focused, QAbstractButton) or not focused.isEnabled():
        return False
    focused.click()
    return True


def _is_stop(widget: QWidget) -> bool:
    return (
        bool(widget.focusPolicy() & _TAB)
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusProxy() is None
    )


def _laid_out(widget: QWidget) -> Iterator[QWidget]:
    """The widget and all below it, as laid out."""
    yield widget
    inside = _inside(widget)
    laid: set[QWidget] = set(inside)
    for child in inside:
        yield from _laid_out(child)
    if isinstance(widget, QScrollArea | QSplitter | QStackedWidget) or _is_stop(widget):
        return
    for rest in widget.children():  # what is placed by hand, over the rest
        if isinstance(rest, QWidget) and not rest.isWindow() and rest not in laid:
            yield from _laid_out(rest)


def _inside(widget: QWidget) -> list[QWidget]:
    if isinstance(widget, QStackedWidget | QSplitter):
        parts = (widget.widget(place) for place in range(widget.count()))
        return [one for one in parts if one is not None]
    if isinstance(widget, QScrollArea):
        held = widget.widget()
        return [held] if held is not None else []
    layout = widget.layout()
    return list(_of_layout(layout)) if layout is not None else []


def _of_layout(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        if (widget := item.widget()) is not None:
            yield widget
        elif (inner := item.layout()) is not None:
            yield from _of_layout(inner)
