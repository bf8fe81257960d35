"""``proofs-check prove``: replay a proof step by step."""

from __future__ import annotations

import argparse

from numerics.errors import InputError
from proofs_check.cli import arguments as shared

FORMATS = ("text", "latex")


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``prove``."""
    parser = shared.add_command(
        subparsers,
        "prove",
        "Replay a proof: verify every step from scratch and print it with its kind and time. "
        "Exit code 0 if all steps hold, 1 if one does not.",
        "proofs-check prove R --format latex",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="the proof (default: list all)")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="latex: a fragment for an appendix, needs amsmath (default: %(default)s)",
    )
    shared.add_json_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Replay and print; exit code 1 if a step does not hold."""
    from proofs_check.output import check_target, write_json
    from proofs_check.proofs import catalogue
    from proofs_check.proofs.tactics import printing
    from proofs_check.proofs.tactics.script import replay
    from proofs_check.verdict import Verdict

    check_target(arguments.json, "--json")
    names = catalogue.names()
    stream = shared.human_output(arguments.json)
    if arguments.name is None:
        proofs = [catalogue.proof(name) for name in names]
        width = max(map(len, names)) + 2
        for proof in proofs:
            print(
                f"{proof.name:<{width}}{proof.title} [{proof.scope}; {len(proof.steps)} steps]",
                file=stream,
            )
        if arguments.json:
            listing = [{"name": p.name, "title": p.title, "scope": p.scope} for p in proofs]
            write_json({"proofs": listing}, arguments.json)
        return 0
    if arguments.name not in names:
        raise InputError("NAME", arguments.name, "one of " + ", ".join(names))
    found = replay(catalogue.proof(arguments.name))
    printer = {"text": printing.text, "latex": printing.latex}[arguments.format]
    print(printer(found), file=stream)
    if arguments.json:
        write_json(printing.data(found), arguments.json)
    return 0 if found.verdict in (Verdict.PROVED, Verdict.SUPPORTED) else 1
