"""``proofs-check pages``: build the claims' pages and figures from a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from numerics.errors import InputError
from proofs_check.cli import arguments as shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proofs_check.loading.find import Found
    from proofs_check.report.pages import Judged
    from proofs_check.runner import Run

#: Options that name folders.
FOLDERS = ("output",)


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``pages``."""
    parser = shared.add_command(
        subparsers,
        "pages",
        "Write a page for each claim (default: all), its figure, and an index: Markdown and SVG. "
        "Verdicts come from a report, or from a run made for it. Figures need matplotlib.",
        "proofs-check pages my_claims.py --output pages",
    )
    shared.add_claims(parser)
    parser.add_argument(
        "--output",
        "--out",
        default="docs/claims",
        metavar="FOLDER",
        help="where to; pages of other claims stay (default: %(default)s)",
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="report of proofs-check verify --json, instead of a run; its settings hold",
    )
    shared.add_settings(parser)
    shared.add_max_seconds(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the pages; returns the exit code of `verify` for the same results."""
    from proofs_check import exit_codes
    from proofs_check.figures.svg import require_plotting
    from proofs_check.loading.find import find
    from proofs_check.registry import all_claims
    from proofs_check.report import page_files

    found: Sequence[Found] = find(arguments.ids or all_claims())
    require_plotting()
    if arguments.report is None:
        outcome = _run(found, arguments)
        code, judged = outcome.exit_code, _judged(outcome, arguments)
    else:
        judged = page_files.read_report(arguments.report, found)
        found = _chosen(found, judged, all_of_them=not arguments.ids)
        code = exit_codes.of_results(judged[each.claim.identifier].result for each in found)
    if not judged:
        print("stopped early: no page was written", file=sys.stderr)
        return code
    written = page_files.write_pages(Path(arguments.output), found, judged, report=_announce)
    for each in found:
        name = each.claim.identifier
        print(f"{name:<5}{judged[name].result.verdict}")
    print(f"{len(written)} files in {arguments.output}")
    return code


def _run(found: Sequence[Found], arguments: argparse.Namespace) -> Run:
    from proofs_check import runner
    from proofs_check.cli.verify import announce_here, progress_bar

    with progress_bar(found) as advance:
        return runner.run(
            found,
            shared.context_of(arguments),
            jobs=arguments.jobs,
            report=advance,
            announce=announce_here,
        )


def _judged(outcome: Run, arguments: argparse.Namespace) -> dict[str, Judged]:
    """Results of a run; none of an interrupted one."""
    from proofs_check.report.pages import Judged, Settings

    settings = Settings(arguments.budget, arguments.digits, arguments.seed)
    results = outcome.results if outcome.complete else ()
    return {result.identifier: Judged(result, settings) for result in results}


def _announce(identifier: str) -> None:
    if sys.stderr.isatty():
        print(f"page {identifier}", file=sys.stderr)


def _chosen(
    found: Sequence[Found], judged: dict[str, Judged], *, all_of_them: bool
) -> Sequence[Found]:
    """The claims that a report holds, all of which are meant if none is named."""
    if not judged:
        raise InputError("--report", "none in it", "a report with claims in it")
    missing = [each.address for each in found if each.claim.identifier not in judged]
    if missing and not all_of_them:
        raise InputError("ID", missing[0], "a claim of the report: " + ", ".join(judged))
    present = [each for each in found if each.claim.identifier in judged]
    if not present:
        raise InputError("--report", ", ".join(judged) or "none", "claims that are known")
    return present
