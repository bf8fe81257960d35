"""Progress bars: on a terminal only, on standard error."""

from __future__ import annotations

import io
import sys

import pytest

from proofs_check.cli.bars import counted_bar, stepped_bar, terminal_bar


class Terminal(io.StringIO):
    """A standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_bars_are_drawn_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with counted_bar("pieces", 2) as advance:
        advance()
        advance()
    with stepped_bar("steps", 10) as progress:
        progress(10)
    assert "pieces" in terminal.getvalue()
    assert "2/2" in terminal.getvalue()
    assert "10/10" in terminal.getvalue()


def test_nothing_is_shown_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with counted_bar("pieces", 1) as advance, stepped_bar("steps", 1) as progress:
        advance()
        progress(1)
    with terminal_bar("search") as update:
        assert update is None
    assert capsys.readouterr() == ("", "")
