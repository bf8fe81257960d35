"""``proofs-check list``: the claims."""

from __future__ import annotations

import argparse

from proofs_check.cli import arguments as shared


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``list``."""
    parser = shared.add_command(
        subparsers,
        "list",
        "List claims: identifier, title, source; those of a claims file are examined, too.",
        "proofs-check list\n  proofs-check list my_claims.py",
    )
    shared.add_claims(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print one line per claim."""
    from proofs_check.loading.find import find
    from proofs_check.registry import all_claims

    for found in find(arguments.ids or all_claims()):
        claim = found.claim
        counts = f"{len(claim.checks)} checks, {len(claim.controls)} controls"
        print(f"{found.address:<5} {claim.title} [{claim.source}; {counts}]")
    return 0
