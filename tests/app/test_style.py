"""Contrast, palette, icons and the style sheet, in both themes."""

from importlib.resources import files

import pytest
from PySide6.QtCore import qWarning
from pytestqt.qtbot import QtBot

from app.actions import TABLE
from app.photographer import calm
from app.style import icons
from app.style.palette import class_colours
from app.style.theme import Theme
from app.style.tokens import DARK, LIGHT, Tokens, contrast

BOTH = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda one: one.name)


@BOTH
@pytest.mark.parametrize("ground", ["canvas", "panel", "raised", "hover", "accent_soft"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "success"])
def test_text_holds_four_and_a_half_to_one(tokens: Tokens, ground: str, ink: str) -> None:
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


@BOTH
def test_banners_and_buttons_can_be_read(tokens: Tokens) -> None:
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    for ground in (tokens.warning_soft, tokens.danger_soft):
        assert contrast(tokens.text, ground) >= 4.5


@BOTH
def test_buttons_stand_out_from_the_card_that_they_lie_on(tokens: Tokens) -> None:
    assert contrast(tokens.outline, tokens.raised) >= 1.4
    assert contrast(tokens.outline, tokens.panel) >= 1.3


@BOTH
def test_class_colours_stand_out_from_the_ground(tokens: Tokens) -> None:
    assert min(contrast(c, tokens.canvas) for c in class_colours(tokens.name)) >= 3.0


def test_every_icon_is_there_and_can_be_drawn(qtbot: QtBot) -> None:
    names = {spec.icon for spec in TABLE if spec.icon} | {"lookalike", "back", "sort"}
    for name in names:
        image = icons.pixmap(name, "#ff0000", 20).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(20) for y in range(20)), (
            f"{name} is empty"
        )


def test_the_style_sheet_has_no_token_left_over(qtbot: QtBot) -> None:
    for choice in ("light", "dark"):
        Theme(choice).apply()
    assert "$accent" in (files("resources") / "themes" / "window.qss").read_text()


def test_screenshots_hide_one_message_of_qt_and_no_other(capsys: pytest.CaptureFixture) -> None:
    with calm():
        qWarning("This plugin does not support raise()")
        qWarning("Something else.")
    assert capsys.readouterr().err == "Something else.\n"
