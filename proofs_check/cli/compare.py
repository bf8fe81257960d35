"""``proofs-check compare``: forward, reverse and KL descent from the same starts."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli.bars import counted_bar
from proofs_check.statements.exact_text import fraction_text
from proofs_check.store.files import STDOUT, check_target, write_json, write_text

if TYPE_CHECKING:
    from numerics.studies.three_objectives import ComparedRun, Comparison

#: Starts of the table: name, means, weights.
STARTS: tuple[tuple[str, Any, Any], ...] = (
    ("near the truth", [["1/2"], ["-1"]], None),
    ("far, apart", [["3"], ["4"]], None),
    ("far, spread 1e-4", [["6"], ["6.0001"]], None),
    ("far, spread 1e-12", [["6"], ["6.000000000001"]], None),
    ("coincident, unequal weights", [["3"], ["3"]], ["9/20", "11/20"]),
    ("on both sides", [["5"], ["-5"], ["0"]], None),
    ("at right angles", [["4", "0"], ["0", "4"]], None),
    ("three in a plane", [["2", "1"], ["-1", "2"], ["1", "-3"]], ["1/5", "1/2", "3/10"]),
)
MAX_STEPS = 10_000_000
_HEADER = "| start | objective | fates | decided by | at step | loss at the end | rate | nodes |"


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``compare``."""
    parser = shared.add_command(
        subparsers,
        "compare",
        "Descent on the forward, reverse and KL loss from the same starts with the same step: "
        "fates, rates, cost of a gradient. Without --means: the starts of "
        "docs/results/comparison.md.",
        "proofs-check compare --output comparison.md",
    )
    parser.add_argument("--means", metavar="JSON", help="n x d centred means, instead")
    parser.add_argument("--weights", metavar="JSON", help="of --means (default: uniform)")
    parser.add_argument(
        "--step-size", metavar="ETA", help="default: 1/k within Theorem R's bound, at most 1/4"
    )
    parser.add_argument(
        "--steps",
        type=shared.integer(100, MAX_STEPS),
        default=5000,
        metavar="N",
        help="steps of each descent (default: %(default)s)",
    )
    shared.add_max_seconds(parser)
    parser.add_argument("--output", metavar="FILE|-", help="write the table (Markdown) to a file")
    shared.add_json_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    from numerics.studies.three_objectives import compare

    check_target(arguments.json, "--json")
    check_target(arguments.output, "--output")
    if STDOUT == arguments.output == arguments.json:
        raise InputError("--output", STDOUT, "a file, when --json writes to standard output")
    starts = _starts(arguments)
    found = []
    with counted_bar("starts", len(starts)) as advance:
        for name, means, weights in starts:
            comparison = compare(
                means, weights=weights, step_size=arguments.step_size, steps=arguments.steps
            )
            found.append((name, comparison))
            advance()
    text = table(found)
    if arguments.output is not None:
        write_text(text, arguments.output, "--output")
    if arguments.json is not None:
        write_json(document(found), arguments.json)
    if STDOUT not in (arguments.json, arguments.output):
        print(text, end="")
    fates = {fate for _, each in found for run_ in each.runs for fate in run_.fates}
    return exit_codes.OPEN if "undecided" in fates else exit_codes.HOLDS


def _starts(arguments: argparse.Namespace) -> Sequence[tuple[str, Any, Any]]:
    if arguments.means is None:
        if arguments.weights is not None:
            raise InputError("--weights", arguments.weights, "together with --means")
        return STARTS
    means = shared.read_json_list(arguments.means, "--means")
    weights = shared.read_optional_list(arguments.weights, "--weights")
    return (("given", means, weights),)


def table(found: Sequence[tuple[str, Comparison]]) -> str:
    """Return the Markdown table of named comparisons."""
    lines = [_HEADER, "|" + " --- |" * (_HEADER.count("|") - 1)]
    for name, comparison in found:
        start = f"{name}: {_means(comparison)}, step {fraction_text(comparison.step_size)}"
        for run_ in comparison.runs:
            rate = "-" if run_.rate is None else f"{run_.rate:.2f}"
            decided = run_.criterion + ("" if run_.certified else " (numerical)")
            cells = (
                start,
                run_.objective,
                _fates(run_),
                decided,
                str(run_.step),
                _loss(run_),
                rate,
                str(run_.nodes),
            )
            lines.append("| " + " | ".join(cells) + " |")
            start = ""
    return "\n".join(lines) + "\n"


def _loss(run_: ComparedRun) -> str:
    """The loss, unless its digits in float64 are noise."""
    from numerics.studies.three_objectives import least_loss

    least = least_loss(run_.objective)
    return f"{run_.loss:.2e}" if run_.loss >= least else f"below {least:.0e}"


def _fates(run_: ComparedRun) -> str:
    names = dict.fromkeys(run_.fates)
    if len(names) == 1:
        return f"all {run_.fates[0]}"
    return ", ".join(f"{run_.fates.count(name)} {name}" for name in names)


def _means(comparison: Comparison) -> str:
    rows = [", ".join(_short(entry) for entry in row) for row in comparison.means]
    text = "; ".join(rows)
    if len(set(comparison.weights)) > 1:
        text += " (" + ", ".join(fraction_text(weight) for weight in comparison.weights) + ")"
    return text


def _short(value: Fraction) -> str:
    near = round(value)
    gap = value - near
    if gap and abs(gap) < Fraction(1, 1000):
        sign = "+" if gap > 0 else "-"
        return f"{fraction_text(Fraction(near))} {sign} {float(abs(gap)):g}"
    return fraction_text(value)


def document(found: Sequence[tuple[str, Comparison]]) -> dict[str, Any]:
    """Return the JSON document of named comparisons."""
    from proofs_check.store.versions import versions

    return {
        "starts": [
            {
                "name": name,
                "means": [[fraction_text(entry) for entry in row] for row in comparison.means],
                "weights": [fraction_text(weight) for weight in comparison.weights],
                "step_size": fraction_text(comparison.step_size),
                "steps": comparison.steps,
                "runs": [
                    {
                        "objective": run_.objective,
                        "fates": list(run_.fates),
                        "criterion": run_.criterion,
                        "certified": run_.certified,
                        "step": run_.step,
                        "loss": repr(run_.loss),
                        "rate": run_.rate,
                        "nodes": run_.nodes,
                    }
                    for run_ in comparison.runs
                ],
            }
            for name, comparison in found
        ],
        "versions": versions(),
    }
