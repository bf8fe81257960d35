"""Commands run in this process, as a user would see them."""

from __future__ import annotations

import pytest

from proofs_check.cli import main


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must refuse its input; returns its one line on standard error."""
    try:
        code = main(list(arguments))
    except SystemExit as stop:
        code = int(str(stop.code))
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err
