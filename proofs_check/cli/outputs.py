"""The files that a command is told to write: no two the same, and none that another one writes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from numerics.errors import InputError, why
from proofs_check.store.files import STDOUT, check_distinct

#: Options whose values are files that a command writes.
WRITTEN = ("resume", "out", "output", "figure", "certificate", "json", "junit", "record")


@contextmanager
def held(arguments: argparse.Namespace, folders: tuple[str, ...] = ()) -> Iterator[None]:
    """Hold the locks on all that a command writes.

    Parameters
    ----------
    arguments : Namespace
        The parsed command.
    folders : tuple of str
        Names of the options that name folders; those are made.

    Raises
    ------
    InputError
        If two options name the same file, another command is writing one of them, or a folder
        cannot be made.
    """
    named = {name: _path(getattr(arguments, name, None)) for name in WRITTEN}
    check_distinct({f"--{name}": path for name, path in named.items()})
    with ExitStack() as stack:
        for name, path in named.items():
            if path and path != STDOUT:
                stack.enter_context(_held(f"--{name}", Path(path), name in folders))
        yield


@contextmanager
def _held(option: str, path: Path, folder: bool) -> Iterator[None]:
    from numerics.locks import locked

    made: list[Path] = []
    if folder:
        try:
            made = [each for each in (path, *path.parents) if not each.exists()]
            path.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise InputError(option, str(path), f"a folder ({why(error)})") from error
    try:
        with locked(option, path, folder=folder):
            yield
    finally:
        with suppress(OSError):  # something came of it
            for each in made:
                each.rmdir()


def _path(value: object) -> str | None:
    """The file an option names; ``descend --resume`` is a switch."""
    return str(value) if isinstance(value, (str, Path)) else None
