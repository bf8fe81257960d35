"""``proofs-check report``: a whole run as one HTML file, or as a LaTeX appendix."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from numerics.errors import InputError
from proofs_check.cli import arguments as shared
from proofs_check.cli.bars import counted_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proofs_check.loading.find import Found
    from proofs_check.report.whole.saved import Saved

#: Options that name folders.
FOLDERS = ("out",)
FORMATS = ("html", "latex")


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``report``."""
    parser = shared.add_command(
        subparsers,
        "report",
        "Write what was checked for readers: one HTML file that needs no network, or a LaTeX "
        "appendix; from a run made for it, or from a report of verify --json.",
        "proofs-check report my_claims.py --out report\n"
        "  proofs-check report --report run.json --format latex --out appendix",
    )
    shared.add_claims(parser)
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="the folder to write into; made if missing"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="html",
        help="html: report.html; latex: appendix.tex to \\input, main.tex that compiles, and "
        "figures as PDF (default: %(default)s)",
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="report of proofs-check verify --json, instead of a run; its settings hold",
    )
    parser.add_argument(
        "--against",
        metavar="OLD.json",
        help="show what changed since an earlier --json report; exit code 1 if something got worse",
    )
    parser.add_argument("--no-figures", action="store_true", help="draw no figures")
    parser.add_argument(
        "--no-proofs", action="store_true", help="leave out proofs and derivations step by step"
    )
    shared.add_settings(parser)
    shared.add_max_seconds(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the report; returns the exit code of `verify` for the same results."""
    from proofs_check.figures.svg import require_plotting
    from proofs_check.loading.find import find
    from proofs_check.report.earlier import read as read_earlier
    from proofs_check.report.whole import files, gather
    from proofs_check.report.whole.environment import require_templates

    require_templates()
    if not arguments.no_figures:
        require_plotting()
    named = find(arguments.ids) if arguments.ids else None
    earlier = None if arguments.against is None else read_earlier(arguments.against)
    saved, found = _results(arguments, named)
    if saved.stopped and arguments.report is None:
        print("stopped early: no report was written", file=sys.stderr)
        return saved.exit_code
    said = saved.recorded.warnings(found) if arguments.report is not None else {}
    against = None
    if earlier is not None:
        name = Path(arguments.against).name
        against = files.compared(name, earlier, saved, all_claims=_is_of_all(arguments, saved))
    kind = "" if arguments.no_figures else "pdf" if arguments.format == "latex" else "svg"
    wanted = gather.Wanted(kind, not arguments.no_proofs)  # type: ignore[arg-type]
    with counted_bar("proofs and figures", gather.plan(found, wanted).size) as advance:
        report = gather.gather(
            saved,
            found,
            wanted,
            command=_command(arguments),
            against=against,
            warnings=said,
            done=advance,
        )
    for path in files.write(report, arguments.format, Path(arguments.out)):
        print(path)
    worse = against is not None and any(c.direction == "worse" for c in against.changes)
    return 1 if worse else saved.exit_code


def _results(
    arguments: argparse.Namespace, found: Sequence[Found] | None
) -> tuple[Saved, Sequence[Found]]:
    """Results, of a file or of a run, and the claims of them that are known."""
    from proofs_check.registry import all_claims
    from proofs_check.report.whole import saved as results

    if arguments.report is None:
        from proofs_check.loading.find import find

        found = find(all_claims()) if found is None else found
        return _run(found, arguments), found
    saved = results.read(arguments.report)
    if found is None:
        return saved, _built_in(saved)
    missing = [f.address for f in found if f.claim.identifier not in saved.results]
    if missing:
        raise InputError("ID", missing[0], "a claim of the report: " + ", ".join(saved.results))
    return saved.only([f.claim.identifier for f in found]), found


def _is_of_all(arguments: argparse.Namespace, saved: Saved) -> bool:
    """Whether the results are of all claims of this package, so that one not there is gone."""
    from proofs_check.registry import all_claims

    return not arguments.ids and {c.identifier for c in all_claims()} <= set(saved.results)


def _built_in(saved: Saved) -> Sequence[Found]:
    """The claims of this package; a file that a report names is not loaded unless it is asked."""
    from proofs_check.loading.find import find
    from proofs_check.registry import all_claims

    return find(
        claim
        for claim in all_claims()
        if claim.identifier in saved.results and not saved.sources[claim.identifier]
    )


def _run(found: Sequence[Found], arguments: argparse.Namespace) -> Saved:
    from proofs_check import runner
    from proofs_check.cli.verify import announce, progress_bar
    from proofs_check.report.whole.saved import of_run

    context = shared.context_of(arguments)
    with progress_bar(found) as advance:
        outcome = runner.run(found, context, jobs=arguments.jobs, report=advance, announce=announce)
    return of_run(outcome, context)


def _command(arguments: argparse.Namespace) -> str:
    """The call that makes the report again; of files only the names, for others will read it."""
    words = ["proofs-check", "report", *arguments.ids]
    for option in ("report", "against"):
        value = getattr(arguments, option)
        words += [f"--{option}", Path(value).name] if value is not None else []
    words += ["--format", arguments.format] if arguments.format != "html" else []
    words += [f"--no-{what}" for what in ("figures", "proofs") if getattr(arguments, f"no_{what}")]
    if arguments.report is None:
        words += ["--budget", arguments.budget]
        words += ["--digits", str(arguments.digits)] if arguments.digits != 15 else []
        words += ["--seed", str(arguments.seed)] if arguments.seed else []
    return shlex.join([*words, "--out", Path(arguments.out).name or "report"])
