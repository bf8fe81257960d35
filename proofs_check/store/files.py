"""Writing results: whole or not at all."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numerics.errors import InputError, why
from numerics.files import write_atomically
from numerics.visible import visible

STDOUT = "-"


def check_target(target: str | None, argument: str) -> None:
    """Refuse, before any work is done, a file that cannot be written.

    Raises
    ------
    InputError
        If the folder is missing or not writable, or the target is a folder.

    Examples
    --------
    >>> check_target("/no/such/folder/result.json", "--json")
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: --json: got /no/such/folder/result.json; allowed: ...
    """
    if target is None or target == STDOUT:
        return
    allowed = "a file in an existing, writable folder, or - for standard output"
    try:
        path = Path(os.path.realpath(target))
        writable = os.access(path if path.exists() and not _regular(path) else path.parent, os.W_OK)
        usable = bool(target) and writable and path.parent.is_dir() and not path.is_dir()
    except (OSError, ValueError) as error:
        raise InputError(argument, target, allowed) from error
    if not usable:
        raise InputError(argument, target, allowed)


def check_distinct(targets: Mapping[str, str | None]) -> None:
    """Refuse two outputs that would end in the same file, one replacing the other.

    Raises
    ------
    InputError
        Names the second of them.

    Examples
    --------
    >>> check_distinct({"--json": "run.json", "--out": "run.csv"})
    >>> check_distinct({"--json": "run.json", "--junit": "./run.json"})
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: --junit: got ./run.json; allowed: another file than --json
    """
    seen: dict[str, str] = {}
    for argument, target in targets.items():
        if not target or target == STDOUT:
            continue
        try:
            path = os.path.realpath(target)
        except (OSError, ValueError):  # reported by the check of this target
            continue
        if path in seen and not _special(path):
            raise InputError(argument, target, f"another file than {seen[path]}")
        seen.setdefault(path, argument)


def write_text(text: str, target: str, argument: str) -> None:
    """Write text to a file atomically, or to standard output when the target is ``-``.

    An existing file is replaced in one step and keeps its permissions; a device or a pipe is
    written to directly.

    Raises
    ------
    InputError
        If the file cannot be written; nothing is left behind.
    """
    if target == STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        path = Path(os.path.realpath(target))
        if path.exists() and not _regular(path):
            path.write_text(text, encoding="utf-8")
        else:
            write_atomically(path, text)
    except (OSError, ValueError) as error:
        raise InputError(argument, target, f"a writable file ({why(error)})") from error


def write_bytes(content: bytes, target: str, argument: str) -> None:
    """Write a binary file atomically.

    Raises
    ------
    InputError
        If it cannot be written; nothing is left behind.
    """
    try:
        write_atomically(Path(os.path.realpath(target)), content)
    except (OSError, ValueError) as error:
        raise InputError(argument, target, f"a writable file ({why(error)})") from error


def write_json(document: Mapping[str, Any], target: str, argument: str = "--json") -> None:
    """Write one JSON document and a newline to a file or, for ``-``, to standard output."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(visible(text) + "\n", target, argument)


def _regular(path: Path) -> bool:
    return stat.S_ISREG(path.stat().st_mode)


def _special(path: str) -> bool:
    """Whether this is a device, a pipe or a folder: nothing that is replaced."""
    return os.path.exists(path) and not os.path.isfile(path)
