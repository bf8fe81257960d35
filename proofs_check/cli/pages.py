"""``proofs-check pages``: build the claims' pages and figures from a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from numerics.errors import InputError
from proofs_check.cli import arguments as shared

if TYPE_CHECKING:
    from proofs_check.report.pages import Judged


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``pages``."""
    parser = shared.add_command(
        subparsers,
        "pages",
        "Write a page for each claim (default: all), its figure, and an index: Markdown and SVG. "
        "Verdicts come from a report, or from a run made for it. Figures need matplotlib.",
        "proofs-check pages --budget quick --output docs/claims",
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="claims (see: proofs-check list)")
    parser.add_argument(
        "--output",
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


def run(arguments: argparse.Namespace) -> int:
    """Write the pages; returns the exit code of `verify` for the same results."""
    from proofs_check import registry
    from proofs_check.figures.svg import require_plotting
    from proofs_check.report import page_files

    for identifier in arguments.ids:
        registry.get(identifier)
    require_plotting()
    if arguments.report is None:
        judged, code = _judge(arguments)
    else:
        judged, code = _chosen(page_files.read_report(arguments.report), arguments.ids), 0
    if not judged and arguments.report is not None:
        raise InputError("--report", arguments.report, "a report with claims in it")
    if not judged:
        print("stopped early: no page was written", file=sys.stderr)
        return code
    written = page_files.write_pages(Path(arguments.output), judged, report=_announce)
    for identifier, found in judged.items():
        print(f"{identifier:<5}{found.result.verdict}")
    print(f"{len(written)} files in {arguments.output}")
    return code


def _judge(arguments: argparse.Namespace) -> tuple[dict[str, Judged], int]:
    """Run the claims; nothing is returned of an interrupted run."""
    from proofs_check import registry, runner
    from proofs_check.claim import Context
    from proofs_check.cli.verify import progress_bar
    from proofs_check.report import formats as report
    from proofs_check.report.pages import Judged, Settings

    names = arguments.ids or [claim.identifier for claim in registry.all_claims()]
    context = Context(arguments.budget, arguments.digits, arguments.seed)
    parts = sum(len(registry.get(name).parts) for name in names)
    with progress_bar(names, parts) as advance:
        outcome = runner.run(names, context, jobs=arguments.jobs, report=advance)
    settings = Settings(context.budget, context.digits, context.seed)
    results = () if outcome.stopped else outcome.results
    judged = {result.identifier: Judged(result, settings) for result in results}
    return judged, report.exit_code(outcome)


def _announce(identifier: str) -> None:
    if sys.stderr.isatty():
        print(f"page {identifier}", file=sys.stderr)


def _chosen(found: dict[str, Judged], identifiers: list[str]) -> dict[str, Judged]:
    for identifier in identifiers:
        if identifier not in found:
            raise InputError("ID", identifier, "a claim of the report: " + ", ".join(found))
    return {name: found[name] for name in identifiers or found}
