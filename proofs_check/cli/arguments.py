"""Parsing shared by the commands: exact JSON numbers, integers in a range, output targets."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from numerics.errors import InputError, shorten
from proofs_check import __version__
from proofs_check.exit_codes import TABLE

if TYPE_CHECKING:
    from proofs_check.claim import Context

BACKENDS = ("float64", "mpmath", "ball")
OBJECTIVES = ("forward", "reverse", "kl")
QUANTITIES = ("loss", "gradient", "hessian")
#: Digits that a run of claims may ask for; counterexamples are confirmed at twice as many.
MAX_RUN_DIGITS = 1000

Subparsers = Any  # argparse's subparsers action, whose type is private


class _OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line on standard error, and exit code 2."""

    def error(self, message: str) -> NoReturn:
        text = " ".join(message.split())
        missing = re.fullmatch(r"argument (\S+): expected one argument", text)
        if missing:
            text += f"; one that starts with - is written {missing[1]}=VALUE"
        print(f"proofs-check: error: {text} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


class Parser(_OneLineParser):
    """The top-level parser; knows the names of the commands without loading them."""

    def __init__(self, commands: Mapping[str, str]) -> None:
        width = max(map(len, commands)) + 2
        listing = "\n".join(f"  {name:<{width}}{text}" for name, text in commands.items())
        super().__init__(
            prog="proofs-check",
            description="Check convergence claims about score matching for Gaussian mixtures.",
            epilog=f"commands:\n{listing}\n\n"
            f"{TABLE}\n\n"
            "example:\n  proofs-check verify F1 --budget quick\n\n"
            "proofs-check COMMAND --help tells more.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.add_argument("--version", action="version", version=f"proofs-check {__version__}")
        self.subcommands = self.add_subparsers(
            dest="command", metavar="COMMAND", parser_class=_OneLineParser
        )


def command_parser(parser: Parser) -> Subparsers:
    """Return the object to which a command adds its parser."""
    return parser.subcommands


def add_command(
    subparsers: Subparsers, name: str, description: str, example: str
) -> argparse.ArgumentParser:
    """Add a command's parser, with an example in its help and ``--version``."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        description=description,
        epilog=f"example:\n  {example}\n\n{TABLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"proofs-check {__version__}")
    loudness = parser.add_mutually_exclusive_group()
    loudness.add_argument(
        "--quiet", action="store_true", help="nothing on standard error but an error"
    )
    loudness.add_argument(
        "--verbose",
        "-v",
        action="store_true",
        help="more detail, where there is some, and at the end what it has cost",
    )
    return parser


def add_max_seconds(parser: argparse.ArgumentParser) -> None:
    """Add ``--max-seconds`` of a command that keeps no state."""
    parser.add_argument(
        "--max-seconds", type=seconds, metavar="S", help="stop then, planning included"
    )


def add_scheduler(parser: argparse.ArgumentParser) -> None:
    """Add ``--scheduler local|ADDRESS``."""
    parser.add_argument(
        "--scheduler",
        metavar="local|ADDRESS",
        help="run on the workers of a Dask scheduler, tcp://host:8786, or start one here; same "
        "results (default: processes of this machine; needs the extra cluster)",
    )


def add_json_output(parser: argparse.ArgumentParser) -> None:
    """Add ``--json FILE|-``."""
    parser.add_argument(
        "--json",
        metavar="FILE|-",
        help="write one JSON document to a file (replaced atomically) or, for -, to standard "
        "output; all else then goes to standard error",
    )


def add_mixture(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add ``--means``, ``--weights``, and ``--teacher-mean`` or ``--teacher``."""
    parser.add_argument(
        "--means",
        required=required,
        metavar="JSON",
        help='n x d list of numbers or strings, all read exactly: [[0, "1/3"], ["1e-400", 2.5]]',
    )
    parser.add_argument(
        "--weights", metavar="JSON", help="list of n positive numbers with sum 1 (default: equal)"
    )
    teacher = parser.add_mutually_exclusive_group()
    teacher.add_argument(
        "--teacher-mean",
        metavar="JSON",
        help="one Gaussian as teacher: list of d numbers (default: the origin)",
    )
    teacher.add_argument(
        "--teacher",
        metavar="JSON",
        help='a mixture as teacher: {"means": [[0], ["5/2"]], "weights": ["1/3", "2/3"]} '
        "(default weights: equal)",
    )


def add_precision(parser: argparse.ArgumentParser, *, digits: int = 15) -> None:
    """Add ``--digits`` and ``--backend``."""
    from numerics.evaluation.request import MOST_DIGITS

    parser.add_argument(
        "--digits",
        type=integer(1, MOST_DIGITS),
        default=digits,
        metavar="N",
        help="absolute error at most 10^-N max(1, |value|); float64 gives up to 15, the others "
        f"up to {MOST_DIGITS} (default: %(default)s)",
    )
    parser.add_argument(
        "--backend",
        choices=BACKENDS,
        default="float64",
        help="arithmetic; ball gives rigorous enclosures (default: %(default)s)",
    )


def add_claims(parser: argparse.ArgumentParser) -> None:
    """Add the claims that a command is about."""
    parser.add_argument(
        "ids",
        nargs="*",
        metavar="CLAIM",
        help="F1 (see: proofs-check list); my_claims.py or pkg.module, a claims file; "
        "my_claims.py::T1, a claim in it (default: all claims of this package)",
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add ``--budget``, ``--jobs``, ``--digits`` and ``--seed`` of a run of claims."""
    parser.add_argument(
        "--budget",
        choices=("quick", "full"),
        default="quick",
        help="how much to spend (default: %(default)s)",
    )
    parser.add_argument(
        "--jobs",
        type=integer(1, 1024),
        metavar="N",
        help="processes at a time (default: one per core)",
    )
    parser.add_argument(
        "--digits",
        type=integer(1, MAX_RUN_DIGITS),
        default=15,
        metavar="N",
        help=f"digits of the evaluations, 1 to {MAX_RUN_DIGITS} (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=integer(0),
        default=0,
        metavar="N",
        help="seed of generated cases (default: %(default)s)",
    )


def context_of(arguments: argparse.Namespace) -> Context:
    """What the options of `add_settings` say to every check."""
    from proofs_check.claim import Context

    return Context(arguments.budget, arguments.digits, arguments.seed)


def add_max_nodes(parser: argparse.ArgumentParser) -> None:
    """Add ``--max-nodes``."""
    parser.add_argument(
        "--max-nodes",
        type=integer(1),
        metavar="N",
        help="refuse to use more quadrature nodes than this (default: a limit that keeps one "
        "evaluation within about a minute)",
    )


def integer(least: int, most: int | None = None) -> Callable[[str], int]:
    """Type of an integer argument within bounds, for ``add_argument``.

    Raises
    ------
    argparse.ArgumentTypeError
        When called with a text that is no such integer; names the value and what is allowed.

    Examples
    --------
    >>> integer(1)("20")
    20
    >>> integer(1)("0")
    Traceback (most recent call last):
    ...
    argparse.ArgumentTypeError: got 0; allowed: an integer, at least 1
    """
    allowed = f"an integer, at least {least}" if most is None else f"an integer, {least} to {most}"

    def parse(text: str) -> int:
        # int() alone would also take "1_0", " 7 " and digits of other scripts.
        value = int(text) if re.fullmatch(r"[+-]?[0-9]{1,20}", text) else None
        if value is None or value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f"got {shorten(text)}; allowed: {allowed}")
        return value

    return parse


def seconds(text: str) -> float:
    """Type of a positive time limit, for ``add_argument``.

    Raises
    ------
    argparse.ArgumentTypeError
        When called with a text that is no positive, finite number.

    Examples
    --------
    >>> seconds("1.5")
    1.5
    >>> seconds("-1")
    Traceback (most recent call last):
    ...
    argparse.ArgumentTypeError: got -1; allowed: a positive number
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"got {shorten(text)}; allowed: a positive number")
    return value


def read_json(text: str, argument: str, expected: type, allowed: str) -> Any:
    """Read a JSON value with every number kept as its decimal text, to be read exactly later.

    Raises
    ------
    InputError
        If the text is not JSON of the expected type, contains NaN or an infinity, or names a key
        twice; `allowed` says what is allowed.

    Examples
    --------
    >>> read_json('{"means": [[0.1]]}', "--teacher", dict, "a JSON object")
    {'means': [['0.1']]}
    """

    def refuse(constant: str) -> NoReturn:
        raise InputError(argument, constant, "finite numbers")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise InputError(argument, text, f"{allowed}, every key once")
        return dict(pairs)

    try:
        value = json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=refuse,
            object_pairs_hook=unique,
        )
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError(argument, text, f"{allowed} ({reason})") from error
    if not isinstance(value, expected):
        raise InputError(argument, text, allowed)
    return value


def read_json_list(text: str, argument: str) -> Any:
    """`read_json` of a list.

    Raises
    ------
    InputError
        If the text is not a JSON list, or contains NaN or an infinity.

    Examples
    --------
    >>> read_json_list('[[0.1], ["1/3"]]', "--means")
    [['0.1'], ['1/3']]
    >>> read_json_list("[[NaN]]", "--means")
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: --means: got NaN; allowed: finite numbers
    """
    return read_json(text, argument, list, "a JSON list")


def read_teacher(arguments: argparse.Namespace) -> Any:
    """Return the teacher given by ``--teacher`` or ``--teacher-mean`` (None: the default).

    Examples
    --------
    >>> read_teacher(argparse.Namespace(teacher='{"means": [[0], [3]]}', teacher_mean=None))
    {'means': [['0'], ['3']]}
    """
    if arguments.teacher is None:
        return read_optional_list(arguments.teacher_mean, "--teacher-mean")
    allowed = 'a JSON object with "means" and, optionally, "weights"'
    teacher = read_json(arguments.teacher, "--teacher", dict, allowed)
    if "means" not in teacher or not set(teacher) <= {"means", "weights"}:
        raise InputError("--teacher", arguments.teacher, allowed)
    return teacher


def read_optional_list(text: str | None, argument: str) -> Any:
    """`read_json_list` of a text, ``None`` of none.

    Examples
    --------
    >>> read_optional_list(None, "--weights") is None
    True
    """
    return None if text is None else read_json_list(text, argument)


def human_output(json_target: str | None) -> Any:
    """Return the stream for people: standard error when JSON goes to standard output."""
    return sys.stderr if json_target == "-" else sys.stdout
