"""``proofs-check list``: the claims."""

from __future__ import annotations

import argparse

from proofs_check.cli import arguments as shared


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``list``."""
    shared.add_command(
        subparsers, "list", "List the claims: identifier, title, source.", "proofs-check list"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one line per claim."""
    from proofs_check.registry import all_claims

    for claim in all_claims():
        counts = f"{len(claim.checks)} checks, {len(claim.controls)} controls"
        print(f"{claim.identifier:<5}{claim.title} [{claim.source}; {counts}]")
    return 0
