"""``proofs-check verify``: check claims and controls, and print verdicts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from numerics.errors import InputError
from numerics.visible import visible
from proofs_check.cli import arguments as shared
from proofs_check.cli import ending
from proofs_check.cli.bars import terminal_bar

if TYPE_CHECKING:
    from proofs_check.loading.find import Found
    from proofs_check.run.plan import Plan

#: It keeps --max-seconds itself.
ENDS_IN_TIME = True


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``verify``."""
    parser = shared.add_command(
        subparsers,
        "verify",
        "Check claims and their controls. Exit code 0: every claim is PROVED or SUPPORTED and "
        "every control refuted; 1: a claim is refuted or a control stands; 2: an error in a claim "
        "or in the call; 3: something is inconclusive; 124: the time was up. Prints a table, and "
        "in full what is open or wrong; -v: every check and control.",
        "proofs-check verify F1 R1 --budget quick --json report.json\n"
        "  proofs-check verify my_claims.py other_claims.py::T2",
    )
    shared.add_claims(parser)
    shared.add_settings(parser)
    shared.add_scheduler(parser)
    parser.add_argument(
        "--strict",
        action="store_true",
        help="has no effect: an inconclusive claim gives exit code 3 in any case",
    )
    parser.add_argument(
        "--max-seconds",
        type=shared.seconds,
        metavar="S",
        help="stop the whole run then (exit code 124); what is finished counts",
    )
    parser.add_argument(
        "--resume",
        metavar="FILE",
        help="keep what is finished in FILE, and go on from there if it exists; settings, sources "
        "and versions must be the same",
    )
    parser.add_argument(
        "--against",
        metavar="OLD.json",
        help="print what changed since an earlier --json report; exit code 1 if a verdict is "
        "weaker, a control is no longer refuted, or something is gone",
    )
    shared.add_json_output(parser)
    parser.add_argument("--junit", metavar="FILE|-", help="write JUnit XML to a file")


def run(arguments: argparse.Namespace) -> int:
    """Run the claims and report."""
    from proofs_check import registry, runner
    from proofs_check.loading.find import files_of, find
    from proofs_check.report import earlier as report_file
    from proofs_check.report import formats as report
    from proofs_check.run.resume import Progress
    from proofs_check.store.files import STDOUT, check_target, write_json, write_text

    for target, option in ((arguments.json, "--json"), (arguments.junit, "--junit")):
        check_target(target, option)
    if STDOUT == arguments.junit == arguments.json:
        raise InputError("--junit", STDOUT, "a file, when --json writes to standard output")
    with ending.within(arguments.max_seconds) as left:  # loading a file runs what stands in it
        found = find(arguments.ids or registry.all_claims())
    earlier = None if arguments.against is None else report_file.read(arguments.against)
    context = shared.context_of(arguments)
    progress = None
    if arguments.resume is not None:
        check_target(_no_stream(arguments.resume), "--resume")
        progress = Progress(arguments.resume, context, files=files_of(found))
    with progress_bar(found) as advance:
        outcome = runner.run(
            found,
            context,
            jobs=arguments.jobs,
            report=advance,
            announce=announce,
            max_seconds=left(),
            progress=progress,
            scheduler=arguments.scheduler,
        )
    human = shared.human_output(STDOUT if arguments.junit == STDOUT else arguments.json)
    report.show(outcome, human, details=arguments.verbose, colours=not arguments.quiet)
    changes = None
    if earlier is not None:
        changes = report_file.changes(earlier, outcome, all_claims=not arguments.ids)
        print(
            visible(report_file.describe(changes, earlier, context, outcome.recorded)), file=human
        )
    if arguments.json is not None:
        write_json(report.document(outcome, context, changes), arguments.json)
    if arguments.junit is not None:
        write_text(report.junit(outcome), arguments.junit, "--junit")
    worse = any(change.direction == "worse" for change in changes or ())
    return 1 if worse else outcome.exit_code


def announce(plan: Plan) -> None:
    """Say on standard error what the run will take."""
    if plan.tasks:
        print(f"proofs-check: {plan}", file=sys.stderr)
    announce_here(plan)


def announce_here(plan: Plan) -> None:
    """Say on standard error which claims run in this process."""
    for name, reason in plan.here.items():
        print(visible(f"proofs-check: {name} runs in this process: {reason}"), file=sys.stderr)


def _no_stream(target: str) -> str:
    if target == "-":
        raise InputError("--resume", target, "a file")
    return target


@contextmanager
def progress_bar(found: Sequence[Found]) -> Iterator[Callable[[str, str], None] | None]:
    """Show a bar with an estimate of the time left on standard error, on a terminal only."""
    parts = sum(len(each.claim.parts) for each in found)
    with terminal_bar(" ".join(each.claim.identifier for each in found)[:40], parts) as update:
        if update is None:
            yield None
            return
        yield lambda identifier, part: update(
            advance=1, description=visible(f"{identifier} {part}")[:40]
        )
