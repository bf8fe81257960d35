"""Completion in the shell, by argcomplete: commands, options, claims, proofs, files.

The shell calls the program with ``_ARGCOMPLETE`` in the environment (docs/terminal.md says how to
switch that on); only the module of the command in the line is loaded.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module

from numerics.errors import InputError
from proofs_check.cli.arguments import Parser, command_parser

#: The variable by which the shell asks.
ASKED = "_ARGCOMPLETE"


def complete(commands: Mapping[str, str], module: Callable[[str], str]) -> None:
    """Print what can follow the line in ``COMP_LINE``, and end the process.

    Parameters
    ----------
    commands : mapping
        Commands and what they do.
    module : callable
        Takes a command, returns the name of its module in this package.

    Raises
    ------
    InputError
        If argcomplete is not installed; names the extra that brings it.
    """
    try:
        import argcomplete
    except ImportError as error:
        remedy = "an installed argcomplete: pip install 'proofs-check[shell]'"
        raise InputError("argcomplete", "not installed", remedy) from error
    words = os.environ.get("COMP_LINE", "").split()
    parser = Parser(commands)
    subparsers = command_parser(parser)
    for command, text in commands.items():
        if command in words[1:]:
            import_module(f"proofs_check.cli.{module(command)}").add_parser(subparsers)
            suggest(subparsers.choices[command], command)
        else:
            subparsers.add_parser(command, help=text)
    argcomplete.autocomplete(parser)


def suggest(parser: argparse.ArgumentParser, command: str) -> None:
    """Say what the arguments of a command's parser may be, where that is not for it to know."""
    from argcomplete.completers import FilesCompleter

    lists = {
        "CLAIM": claim_names,
        "CLAIM|PROOF": lambda: (*claim_names(), *proof_names()),
        "FIGURE": lambda: (*figure_names(), *claim_names()),
        "NAME": {"derive": derivation_names}.get(command, proof_names),
    }
    for action in parser._actions:
        names = lists.get(str(action.metavar))
        if names is not None and not action.option_strings:
            files = FilesCompleter(["py"]) if command != "derive" else None
            action.completer = _Names(names, files)  # type: ignore[attr-defined]


class _Names:
    """Names that begin as the word does, and files."""

    def __init__(
        self, names: Callable[[], tuple[str, ...]], files: Callable[..., list[str]] | None
    ):
        self.names = names
        self.files = files

    def __call__(self, prefix: str, **others: object) -> list[str]:
        found = [name for name in self.names() if name.startswith(prefix)]
        return found if self.files is None else found + list(self.files(prefix))


def claim_names() -> tuple[str, ...]:
    """Identifiers of the claims of this package, from the names of their files.

    Examples
    --------
    >>> "F10" in claim_names()
    True
    """
    folder = import_module("proofs_check.claims").__path__
    return tuple(found.name.split("_")[0].upper() for found in pkgutil.iter_modules(folder))


def figure_names() -> tuple[str, ...]:
    """Names of the figures that belong to no claim."""
    from proofs_check.figures.gallery import FIGURES

    return tuple(FIGURES)


def proof_names() -> tuple[str, ...]:
    """Names of the proofs of this package."""
    from proofs_check.proofs import catalogue

    return catalogue.names()


def derivation_names() -> tuple[str, ...]:
    """Names of the derivations."""
    from derive import catalogue

    return catalogue.names()
