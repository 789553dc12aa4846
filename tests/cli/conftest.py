"""One call of the command line, in this process, with what it printed."""

import json
from typing import Any

import pytest

from app import cli


class Answer:
    """What one call printed and returned."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The one sentence of a known error."""
        assert self.code == 1 and self.out == ""
        (line,) = self.err.strip().splitlines()
        assert line.startswith("lookalike: ") and line.endswith(".")
        return line


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        try:
            code = cli.main([str(one) for one in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return run
