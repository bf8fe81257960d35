"""Commands run in this process, as a user would see them."""

from __future__ import annotations

from importlib import import_module

import pytest

from proofs_check.cli import COMMANDS, _module, main
from proofs_check.cli.arguments import Parser, command_parser


def options(command: str) -> set[str]:
    """The long options that a command declares."""
    commands = command_parser(Parser(COMMANDS))
    import_module(f"proofs_check.cli.{_module(command)}").add_parser(commands)
    declared = commands.choices[command]._actions
    return {word for each in declared for word in each.option_strings if word.startswith("--")}


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
