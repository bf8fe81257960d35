"""``proofs-check new-claim``: a claims file to start from."""

from __future__ import annotations

import argparse
import re
from importlib.resources import files

from numerics.errors import InputError
from proofs_check.cli import arguments as shared

KINDS = ("identity", "inequality", "convergence", "limit", "frequency")
#: The identifier that the templates have.
_TEMPLATE = '"T1"'


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``new-claim``."""
    parser = shared.add_command(
        subparsers,
        "new-claim",
        "Write a claims file to start from: one claim that holds, with a control that is refuted. "
        "Change it into yours, and check it with proofs-check verify FILE.",
        "proofs-check new-claim T1 --kind inequality --out my_claims.py\n"
        "  proofs-check verify my_claims.py",
    )
    parser.add_argument("identifier", metavar="ID", help="of the claim: T1")
    parser.add_argument("--kind", choices=KINDS, required=True, help="of statement")
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="a new file (default: standard output); one that exists is not replaced",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the template."""
    from pathlib import Path

    from proofs_check.loading.find import free
    from proofs_check.store.files import STDOUT, check_target, write_text

    name = free(arguments.identifier)
    target = arguments.out or STDOUT
    check_target(target, "--out")
    if target != STDOUT and Path(target).exists():
        raise InputError("--out", target, "a file that does not exist yet")
    write_text(template(arguments.kind, name), target, "--out")
    if target != STDOUT:
        print(f"wrote {target}")
    return 0


def template(kind: str, identifier: str) -> str:
    """Return a claims file with one claim.

    Examples
    --------
    >>> '"X7"' in template("identity", "X7")
    True
    """
    text = files("proofs_check").joinpath(f"templates/{kind}.py").read_text(encoding="utf-8")
    return re.sub(re.escape(_TEMPLATE), f'"{identifier}"', text)
