"""``proofs-check eval``: a loss, gradient or Hessian, at any precision."""

from __future__ import annotations

import argparse
from typing import Any

from proofs_check.cli import arguments as shared
from proofs_check.cli import from_file

EXAMPLE = (
    "proofs-check eval --objective forward --quantity gradient "
    "--means '[[0], [\"5/2\"]]' --digits 50 --backend mpmath"
)


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``eval``."""
    parser = shared.add_command(
        subparsers,
        "eval",
        "Evaluate a population loss, its gradient or its Hessian, with its error.",
        EXAMPLE,
    )
    from_file.add_objective(parser)
    parser.add_argument("--quantity", choices=shared.QUANTITIES, default="loss")
    shared.add_mixture(parser)
    shared.add_precision(parser)
    shared.add_max_nodes(parser)
    shared.add_max_seconds(parser)
    shared.add_json_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print."""
    from numerics.evaluation.evaluate import evaluate
    from proofs_check.cli.bars import terminal_bar
    from proofs_check.store.files import check_target, write_json

    check_target(arguments.json, "--json")
    with terminal_bar("nodes") as update:
        result = evaluate(
            from_file.objective(arguments),
            shared.read_json_list(arguments.means, "--means"),
            quantity=arguments.quantity,
            weights=shared.read_optional_list(arguments.weights, "--weights"),
            teacher=from_file.teacher(arguments),
            digits=arguments.digits,
            backend=arguments.backend,
            max_nodes=arguments.max_nodes,
            progress=update and (lambda done, total: update(completed=done, total=total)),
        )
    document = _document(result, arguments)
    if arguments.json is not None:
        write_json(document, arguments.json)
    if arguments.json != "-":
        _print(document)
    return 0


def _document(result: Any, arguments: argparse.Namespace) -> dict[str, Any]:
    from proofs_check.store.versions import versions

    return {
        **_numbers(result, arguments.digits),
        "objective": arguments.objective,
        "quantity": arguments.quantity,
        "digits": arguments.digits,
        "backend": arguments.backend,
        "met": bool(result.met),
        "nodes": int(result.nodes),
        "rank": int(result.rank),
        "versions": versions(),
    }


def _numbers(result: Any, digits: int) -> dict[str, Any]:
    if hasattr(result, "balls"):
        return {"mid": result.mid, "rad": result.rad}
    values, errors = _texts(result.value, result.error, digits + 2)
    return {"value": values, "error": errors}


def _texts(value: Any, error: Any, significant: int) -> tuple[Any, Any]:
    """Decimal texts; the error includes the rounding of the printed value and is rounded up."""
    from proofs_check.statements.exact_text import (
        bound_text,
        decimal_text,
        exact_rational,
        rounding_of,
    )

    if getattr(value, "ndim", 0):
        pairs = [_texts(a, b, significant) for a, b in zip(value, error, strict=True)]
        return [a for a, _ in pairs], [b for _, b in pairs]
    exact = exact_rational(value)
    total = exact_rational(error) + rounding_of(exact, significant)
    return decimal_text(exact, significant), bound_text(total)


def _print(document: dict[str, Any]) -> None:
    print("{objective} {quantity} ({digits} digits, {backend}, rank {rank})".format(**document))
    middle, radius = ("mid", "rad") if "mid" in document else ("value", "error")
    for line in _lines(document[middle], document[radius]):
        print(line)
    if not document["met"]:
        print("note: the error is larger than asked for")


def _lines(value: Any, error: Any) -> list[str]:
    """One line per number, with its indices (components and coordinates count from 1)."""
    from proofs_check.statements.exact_text import with_error

    if isinstance(value, str):
        return [with_error(value, error)]
    return [
        f"[{row},{column}] {with_error(entry, radius)}"
        for row, (entries, radii) in enumerate(zip(value, error, strict=True), 1)
        for column, (entry, radius) in enumerate(zip(entries, radii, strict=True), 1)
    ]
