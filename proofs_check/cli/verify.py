"""``proofs-check verify``: check claims and controls, and print verdicts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from numerics.errors import InputError
from proofs_check.cli import arguments as shared


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``verify``."""
    parser = shared.add_command(
        subparsers,
        "verify",
        "Check claims (default: all) and their controls. Exit code 1: a claim is refuted or a "
        "control is not (with --strict also: a claim is inconclusive).",
        "proofs-check verify F1 R1 --budget quick --json report.json",
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="claims (see: proofs-check list)")
    shared.add_settings(parser)
    parser.add_argument("--strict", action="store_true", help="fail on INCONCLUSIVE too")
    shared.add_json_output(parser)
    parser.add_argument("--junit", metavar="FILE|-", help="write JUnit XML to a file")


def run(arguments: argparse.Namespace) -> int:
    """Run the claims and report."""
    from proofs_check import registry, report, runner
    from proofs_check.claim import Context
    from proofs_check.output import STDOUT, check_target, write_json, write_text

    check_target(arguments.json, "--json")
    check_target(arguments.junit, "--junit")
    if STDOUT == arguments.junit == arguments.json:
        raise InputError("--junit", STDOUT, "a file, when --json writes to standard output")
    identifiers = arguments.ids or [claim.identifier for claim in registry.all_claims()]
    claims = [registry.get(identifier) for identifier in identifiers]
    context = Context(arguments.budget, arguments.digits, arguments.seed)
    parts = sum(len(claim.parts) for claim in claims)
    with progress_bar(identifiers, parts) as advance:
        outcome = runner.run(identifiers, context, jobs=arguments.jobs, report=advance)
    document = STDOUT if arguments.junit == STDOUT else arguments.json
    print(report.human(outcome), file=shared.human_output(document))
    if arguments.json is not None:
        write_json(report.document(outcome, context), arguments.json)
    if arguments.junit is not None:
        write_text(report.junit(outcome, strict=arguments.strict), arguments.junit, "--junit")
    return report.exit_code(outcome, strict=arguments.strict)


@contextmanager
def progress_bar(
    identifiers: Sequence[str], parts: int
) -> Iterator[Callable[[str, str], None] | None]:
    """Show a bar with an estimate of the time left on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Estimate

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Estimate())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(" ".join(identifiers)[:40], total=parts)
        yield lambda identifier, part: bar.update(
            task, advance=1, description=f"{identifier} {part}"[:40]
        )
