"""``proofs-check list``: the claims."""

from __future__ import annotations

import argparse
import sys

from proofs_check.cli import arguments as shared

#: Narrowest output whose table counts checks and controls.
_WITH_COUNTS = 60


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``list``."""
    parser = shared.add_command(
        subparsers,
        "list",
        "List claims: identifier, title, numbers of checks and controls, and with -v the source; "
        "those of a claims file are examined, too.",
        "proofs-check list\n  proofs-check list -v my_claims.py",
    )
    shared.add_claims(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a table of the claims."""
    from proofs_check.loading.find import find
    from proofs_check.registry import all_claims
    from proofs_check.report import console

    width = console.width(sys.stdout)
    columns = ("claim", "title", "checks", "controls")[: 4 if width >= _WITH_COUNTS else 2]
    rows = []
    for found in find(arguments.ids or all_claims()):
        claim = found.claim
        title = f"{claim.title}\n[{claim.source}]" if arguments.verbose else claim.title
        counts = (str(len(claim.checks)), str(len(claim.controls)))
        rows.append((found.address, title, *counts)[: len(columns)])
    for line in console.table(columns, rows, ("checks", "controls"), width):
        print(line)
    return 0
