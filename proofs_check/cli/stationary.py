"""``proofs-check stationary``: the stationary points on a slice, with proof."""

from __future__ import annotations

import argparse
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from numerics.errors import InputError
from numerics.numbers.exact import rational_text
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import from_file
from proofs_check.statements.exact_text import with_error

#: Digits that a run may ask for.
MAX_DIGITS = 2000
EXAMPLE = """proofs-check stationary --objective forward --slice "0,a" --digits 50 --range=0.1,10
  proofs-check stationary --objective forward --census --components 4 --dimension 2
  proofs-check stationary --objective forward --continue-weights --range=1/10,9/10
  proofs-check stationary --objective forward --reach 7"""
DEFAULT_RANGE, DEFAULT_STARTS, DEFAULT_DIGITS = "0.1,10", 200, 15
#: Options that belong to a slice, and to a census.
_OF_SLICES, _OF_CENSUS = ("weights", "digits"), ("components", "dimension", "starts", "seed")
#: The search that each of the exclusive options asks for.
_SEARCHES = ("slice", "census", "continue_weights", "reach")


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``stationary``."""
    parser = shared.add_command(
        subparsers,
        "stationary",
        "Find all stationary points on a slice v_i = (alpha_i + beta_i a) u, |u| = 1, in any "
        "dimension. A slice is accepted only if a derived identity makes all gradient components "
        "multiples of one scalar g(a). Each root is proved to exist and to be unique, the rest of "
        "the range is proved to hold none, or is reported as undecided. The truth (all means at "
        "the teacher's) is stationary too: it is labelled when it lies in the range. With "
        "--census: stationary points of N components with equal weights, found from many starts "
        "and proved. With --continue-weights: the point of two components followed to unequal "
        "weights. With --reach: all stationary points of three components of equal weight on a "
        "line with |v_j| at most R, and what stays undecided.",
        EXAMPLE,
    )
    from_file.add_objective(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--slice", metavar="TEXT", help='for example "0,a" or "0,a,-a"')
    what.add_argument("--census", action="store_true", help="search without a slice")
    what.add_argument(
        "--continue-weights", action="store_true", help="n = 2, from equal weights on"
    )
    what.add_argument(
        "--reach",
        metavar="R",
        help="n = 3 on a line, |v_j| at most R (a multiple of 1/2, up to 10)",
    )
    parser.add_argument(
        "--weights", metavar="JSON", help="list of n positive numbers with sum 1 (default: equal)"
    )
    parser.add_argument(
        "--range",
        metavar="LO,HI",
        help="range of a, ends included; write --range=LO,HI (default: 0.1,10); with "
        "--continue-weights of the far component's weight (default: 1/10,9/10)",
    )
    parser.add_argument(
        "--digits",
        type=shared.integer(1, MAX_DIGITS),
        metavar="N",
        help=f"radius of a root at most 10^-N max(1, |a|) (default: {DEFAULT_DIGITS})",
    )
    census = parser.add_argument_group("census")
    census.add_argument("--components", type=shared.integer(2, 6), metavar="N")
    census.add_argument("--dimension", type=shared.integer(1, 2), metavar="D", help="default: 1")
    census.add_argument("--starts", type=shared.integer(1, 10**6), metavar="N", help="default: 200")
    census.add_argument("--seed", type=shared.integer(0, 2**32 - 1), metavar="N", help="default: 0")
    shared.add_max_seconds(parser)
    shared.add_json_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Search and print."""
    from proofs_check.cli import stationary_modes as modes
    from proofs_check.store.files import check_target, write_json

    check_target(arguments.json, "--json")
    _check_options(arguments)
    if arguments.census:
        document, show = _census(arguments), modes.print_census
    elif arguments.continue_weights:
        document = modes.branch_document(
            modes.DEFAULT_WEIGHTS if arguments.range is None else arguments.range
        )
        show = modes.print_branch
    elif arguments.reach is not None:
        document, show = modes.reach_document(arguments.reach), modes.print_reach
    else:
        document, show = _on_slice(arguments), _print
    if arguments.json is not None:
        write_json(document, arguments.json)
    if arguments.json != "-":
        show(document)
    return exit_codes.OPEN if open_questions(document) else exit_codes.HOLDS


def open_questions(document: dict[str, Any]) -> bool:
    """Whether part of a range is undecided, or a candidate was not proved."""
    if "undecided" in document:
        return not document["complete"]
    return bool(document.get("unproved") or document.get("not_told_apart"))


def _check_options(arguments: argparse.Namespace) -> None:
    """Refuse options that the chosen search would not read."""
    chosen = next(name for name in _SEARCHES if getattr(arguments, name) not in (None, False))
    search = f"--{chosen.replace('_', '-')}"
    unread: tuple[str, ...] = ()
    if arguments.slice is None:
        unread = _OF_SLICES
        if arguments.objective != "forward":
            raise InputError("objective", arguments.objective, f"forward, with {search}")
    if chosen in ("census", "reach"):
        unread = (*unread, "range")
    for name in (*unread, *(() if arguments.census else _OF_CENSUS)):
        value = getattr(arguments, name)
        if value is not None:
            raise InputError(name, value, f"nothing, with {search}")
    if arguments.census and arguments.components is None:
        raise InputError("components", "nothing", "a number from 2 to 6, with --census")


def _census(arguments: argparse.Namespace) -> dict[str, Any]:
    from proofs_check.cli.stationary_modes import census_document

    return census_document(
        arguments.components,
        arguments.dimension or 1,
        arguments.starts or DEFAULT_STARTS,
        arguments.seed or 0,
    )


def _on_slice(arguments: argparse.Namespace) -> dict[str, Any]:
    from numerics.stationary.slice_points import stationary_points

    report = stationary_points(
        from_file.objective(arguments),
        from_file.slice_text(arguments),
        weights=shared.read_optional_list(arguments.weights, "--weights"),
        search_range=(DEFAULT_RANGE if arguments.range is None else arguments.range).split(","),
        digits=arguments.digits or DEFAULT_DIGITS,
    )
    return _document(report)


def _document(report: Any) -> dict[str, Any]:
    from proofs_check.store.versions import versions

    return {
        "objective": report.objective,
        "slice": report.slice,
        "weights": [rational_text(weight) for weight in report.weights],
        "range": _interval(report.range),
        "digits": report.digits,
        "identity": report.identity,
        "status": _status(report),
        "complete": report.complete,
        "roots": [_root(point) for point in report.points],
        "excluded": [
            {**_interval(part.interval), "reason": part.reason} for part in report.excluded
        ],
        "undecided": [
            {**_interval(part.interval), "reason": part.reason} for part in report.undecided
        ],
        "evaluations": report.evaluations,
        "versions": versions(),
    }


def _status(report: Any) -> str:
    found = sum(not point.truth for point in report.points)
    if not report.complete:
        return f"{found} root(s) found; part of the range is undecided"
    others = " other than the truth" if len(report.points) > found else ""
    if not found:
        return f"no root{others} in the range, proved"
    return f"{found} root{'s' if found > 1 else ''}{others} in the range, proved to be all"


def _interval(interval: Any) -> dict[str, str]:
    """Ends as exact text where short, else rounded outwards to 12 decimals."""
    return {"low": _end(interval.low, down=True), "high": _end(interval.high, down=False)}


def _end(value: Fraction, *, down: bool) -> str:
    plain = rational_text(value)
    if len(plain) <= 8:
        return plain
    scaled = value * 10**12
    return f"{Decimal(floor(scaled) if down else ceil(scaled)).scaleb(-12):f}"


def _root(point: Any) -> dict[str, Any]:
    along, across = _inertia(point.along), _inertia(point.across)
    return {
        "mid": point.mid,
        "rad": point.rad,
        "met": point.met,
        "truth": point.truth,
        "within_range": "undecided" if point.within_range is None else point.within_range,
        "existence": "proved",
        "existence_method": point.existence,
        "uniqueness": "proved",
        "uniqueness_method": point.uniqueness,
        "isolated_in": _interval(point.isolation),
        "signature": {"d=1": along, "each_extra_dimension": across},
    }


def _inertia(inertia: Any) -> dict[str, int]:
    return {
        "positive": inertia.positive,
        "negative": inertia.negative,
        "zero": inertia.zero,
        "undecided": inertia.undecided,
    }


def _print(document: dict[str, Any]) -> None:
    ends = document["range"]
    print(f"{document['objective']} loss: {document['identity']}")
    print(f"range {ends['low']} <= a <= {ends['high']}: {document['status']}")
    for root in document["roots"]:
        _print_root(root)
    for part in document["excluded"]:
        print(f"excluded {part['low']} <= a <= {part['high']}: {part['reason']}")
    for part in document["undecided"]:
        print(f"UNDECIDED {part['low']} <= a <= {part['high']}: {part['reason']}")


def _print_root(root: dict[str, Any]) -> None:
    label = " (the truth)" if root["truth"] else ""
    print(f"root a = {with_error(root['mid'], root['rad'])}{label}")
    where = root["isolated_in"]
    print("  existence: proved")
    print(f"  uniqueness: proved for {where['low']} <= a <= {where['high']}")
    signature = root["signature"]
    print(f"  Hessian, d = 1: {_signs(signature['d=1'])}")
    print(f"  Hessian, each further dimension adds: {_signs(signature['each_extra_dimension'])}")
    if root["within_range"] == "undecided":
        print("  note: on the edge of the range, up to its radius")
    if not root["met"]:
        print("  note: the radius is larger than asked for")


def _signs(counts: dict[str, int]) -> str:
    shown = [f"{counts[name]} {name}" for name in ("positive", "negative", "zero")]
    return ", ".join(shown + ([f"{counts['undecided']} undecided"] if counts["undecided"] else []))
