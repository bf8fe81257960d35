"""``proofs-check check-certificate``: recompute a certificate, trusting only its problem."""

from __future__ import annotations

import argparse
from pathlib import Path

from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import ending

EXAMPLE = "proofs-check check-certificate run.certificate"


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``check-certificate``."""
    parser = shared.add_command(
        subparsers,
        "check-certificate",
        "Recompute every step and every box of a certificate that descend --certify wrote. Only "
        "its initial means, weights, teacher mean, time and step sizes are trusted. Exit code 0: "
        "accepted, 1: rejected, 2: not a certificate.",
        EXAMPLE,
    )
    parser.add_argument("file", metavar="FILE")
    shared.add_max_seconds(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    from proofs_check.certificates.checker import RejectedError, check
    from proofs_check.certificates.file_format import MalformedError, read_certificate

    try:
        accepted = check(read_certificate(Path(arguments.file)))
    except MalformedError as error:
        ending.say(f"error: {arguments.file}: {error}")
        return exit_codes.ERROR
    except RejectedError as error:
        print(f"rejected: {error}")
        return exit_codes.FAILS
    print(
        f"accepted: {accepted.theorem} applies from step {accepted.step} on "
        f"(recomputed with {accepted.digits} digits)"
    )
    return exit_codes.HOLDS
