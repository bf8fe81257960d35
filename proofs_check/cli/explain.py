"""``proofs-check explain``: a claim's page and proofs, in the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from numerics.errors import InputError
from proofs_check.cli import arguments as shared

if TYPE_CHECKING:
    from proofs_check.loading.find import Found


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``explain``."""
    parser = shared.add_command(
        subparsers,
        "explain",
        "Print what a claim says, how its checks give that, what it leaves open, and the steps of "
        "the proofs and derivations that it rests on. Nothing is checked: see verify and prove.",
        "proofs-check explain F5\n  proofs-check explain my_claims.py::T1\n"
        "  proofs-check explain K --replay",
    )
    parser.add_argument(
        "what",
        metavar="CLAIM|PROOF",
        help="F5, a claim; my_claims.py::T1, a claim of a claims file; K, a proof; lemma-2.2, a "
        "derivation",
    )
    parser.add_argument(
        "--replay",
        action="store_true",
        help="replay the proofs, and print what the kernel proved (seconds to minutes)",
    )
    shared.add_max_seconds(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the page and the proofs."""
    from proofs_check.report import console

    lines = _lines(arguments, console.width(sys.stdout))
    console.write_lines(lines, sys.stdout, colours=not arguments.quiet)
    return 0


def _lines(arguments: argparse.Namespace, columns: int) -> Iterator[str]:
    from proofs_check.loading.find import find, names_file
    from proofs_check.loading.scripts import scripts_beside
    from proofs_check.registry import all_claims
    from proofs_check.report import explanation

    wanted = {"every_step": arguments.verbose, "replayed": arguments.replay}
    if names_file(arguments.what) or arguments.what in {c.identifier for c in all_claims()}:
        found = find([arguments.what])
        return (
            line
            for each in found
            for part in (
                explanation.claim_text(each.claim, columns),
                explanation.derived_text(each.claim, scripts_beside(each), columns, **wanted),
                _commands(each, columns),
            )
            for line in part
        )
    named = explanation.named_text(arguments.what, {}, columns, **wanted)
    if named is None:
        raise InputError(
            "CLAIM|PROOF", arguments.what, "a claim, claims file, proof or derivation that is known"
        )
    return named


def _commands(found: Found, columns: int) -> Iterator[str]:
    from proofs_check.report import console

    yield ""
    yield from console.wrapped(f"To check it: proofs-check verify {found.address}", columns)
