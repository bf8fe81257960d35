"""``--from FILE``: objectives, teachers and slices of a claims file, by name."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.cli import arguments as shared

if TYPE_CHECKING:
    from derive.losses.objectives import Objective
    from proofs_check.loading.load import ClaimsFile


def add_objective(parser: Any, *, required: bool = True, text: str = "", where: Any = None) -> None:
    """Add ``--objective``, and ``--from`` to the parser (or to its group ``where``)."""
    own = "forward, reverse, kl, or one of the OBJECTIVES of --from"
    parser.add_argument("--objective", metavar="NAME", required=required, help=f"{own}{text}")
    (where or parser).add_argument(
        "--from",
        dest="from_file",
        metavar="FILE",
        help="claims file (or module) with OBJECTIVES, TEACHERS (named by --teacher) or SLICES",
    )


def objective(arguments: argparse.Namespace) -> str | Objective:
    """Return the objective that is named, one of ``derive`` or of the claims file.

    Raises
    ------
    InputError
        If there is none of this name, or the file cannot be used.

    Examples
    --------
    >>> objective(argparse.Namespace(objective="kl", from_file=None))
    'kl'
    """
    file = _file(arguments)
    name: str = arguments.objective
    if name in shared.OBJECTIVES:
        return name
    own = {} if file is None else file.objectives
    if name not in own:
        hint = "" if file is not None else ", or one of a claims file, with --from my_claims.py"
        allowed = ", ".join((*shared.OBJECTIVES, *own))
        raise InputError("--objective", name, f"one of {allowed}{hint}")
    return own[name]


def teacher(arguments: argparse.Namespace) -> Any:
    """Return the teacher of the options, which may be named in the claims file.

    Examples
    --------
    >>> teacher(argparse.Namespace(teacher=None, teacher_mean="[1]", from_file=None))
    ['1']
    """
    file = _file(arguments)
    named = file is not None and arguments.teacher is not None
    if not named or arguments.teacher.lstrip().startswith("{"):
        return shared.read_teacher(arguments)
    assert file is not None
    found = _entry(file, "TEACHERS", arguments.teacher, "--teacher")
    if not isinstance(found, Mapping) or not {"means"} <= set(found) <= {"means", "weights"}:
        place = f"TEACHERS[{arguments.teacher!r}]"
        raise file.fault(f'{place} is no mapping with "means" and, optionally, "weights"')
    return dict(found)


def slice_text(arguments: argparse.Namespace) -> Any:
    """Return the slice of the options, which may be named in the claims file.

    Examples
    --------
    >>> slice_text(argparse.Namespace(slice="0,a", from_file=None))
    '0,a'
    """
    file = _file(arguments)
    if file is None or not arguments.slice.isidentifier() or arguments.slice == "a":
        return arguments.slice
    found = _entry(file, "SLICES", arguments.slice, "--slice")
    if not isinstance(found, str):
        raise file.fault(f"SLICES[{arguments.slice!r}] is no text such as '0,a'")
    return found


def _entry(file: ClaimsFile, table: str, name: str, option: str) -> Any:
    known = file.table(table)
    if name not in known:
        names = ", ".join(known) or "none"
        raise InputError(option, name, f"one of the {table} of {file.source.name}: {names}")
    return known[name]


def _file(arguments: argparse.Namespace) -> ClaimsFile | None:
    if arguments.from_file is None:
        return None
    from proofs_check.loading.load import load

    return load(arguments.from_file)
