"""``proofs-check threshold``: the critical spread of a far cluster, between certified fates."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from numerics.numbers.exact import rational_text
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import ending
from proofs_check.cli.bars import terminal_bar
from proofs_check.statements.exact_text import outward
from proofs_check.store.files import STDOUT, check_target, write_json
from proofs_check.store.versions import versions

if TYPE_CHECKING:
    from numerics.execution import Executor
    from numerics.studies.threshold.certified import CertifiedEnd, Threshold

EXAMPLE = "proofs-check threshold --distance 6 --step-size 0.1"

#: It keeps --max-seconds itself.
ENDS_IN_TIME = True


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``threshold``."""
    parser = shared.add_command(
        subparsers,
        "threshold",
        "Gradient descent on the forward loss from a cluster whose centre c_0 is far from the "
        "truth: the spread |v_1 - v_2| along c_0 below which all components converge and above "
        "which a component escapes. Prints bounds of its natural logarithm, at most 0.05 apart, "
        "whose fates are both proved. With more than two components, one is nearer to the truth "
        "than the others, which coincide.",
        EXAMPLE,
    )
    parser.add_argument(
        "--distance", required=True, metavar="C", help="|c_0|, from 2 to 40, read exactly"
    )
    parser.add_argument(
        "--step-size", required=True, metavar="ETA", help="from 0.001 to 0.3, read exactly"
    )
    parser.add_argument(
        "--components",
        type=shared.integer(2, 8),
        default=2,
        metavar="N",
        help="components, of equal weight (default: %(default)s)",
    )
    parser.add_argument(
        "--digits",
        type=shared.integer(1, 100),
        default=10,
        metavar="N",
        help="accuracy of the certified runs, 10^-N (default: %(default)s)",
    )
    parser.add_argument(
        "--max-seconds", type=shared.seconds, metavar="S", help="stop then; print what is known"
    )
    shared.add_scheduler(parser)
    shared.add_json_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    from numerics.studies.threshold.certified import find_threshold, predicted_seconds, read_start

    check_target(arguments.json, "--json")
    start = read_start(arguments.distance, arguments.step_size, arguments.components)
    steps, cost = predicted_seconds(start)
    print(f"about {steps} steps for each of two proofs, {cost:.0f} s", file=sys.stderr)
    interrupted = False
    with (
        ending.stop_on_signal(arguments.max_seconds) as stop,
        _progress() as progress,
        _pool(arguments.scheduler) as pool,
    ):
        found = find_threshold(
            arguments.distance,
            arguments.step_size,
            components=arguments.components,
            digits=arguments.digits,
            max_seconds=arguments.max_seconds,
            stop=lambda: stop() == "interrupted",
            progress=progress,
            pool=pool,
        )
        interrupted = stop() == "interrupted"
    document = describe(found)
    if arguments.json is not None:
        write_json(document, arguments.json)
    if arguments.json != STDOUT:
        print(_summary(document))
    if found.stopped == "stopped":
        print("stopped before both fates were proved", file=sys.stderr)
    if interrupted or found.stopped == "stopped":
        return ending.code_of("interrupted" if interrupted else "max-seconds")
    return exit_codes.HOLDS if found.converging and found.escaping else exit_codes.OPEN


def describe(found: Threshold) -> dict[str, Any]:
    """Return the JSON document of a threshold."""
    log_spread, constant = found.log_spread, found.constant
    return {
        "distance": rational_text(found.start.distance),
        "step_size": rational_text(found.start.step_size),
        "components": found.start.components,
        "log_spread": _interval(log_spread),
        "lambda": found.amplification,
        "steps": found.steps,
        "k": _interval(constant),
        "estimate": _interval(found.estimate),
        "converging": _end(found.converging),
        "escaping": _end(found.escaping),
        "stopped": found.stopped,
        "seconds": round(found.seconds, 3),
        "versions": versions(),
    }


def _pool(scheduler: str | None) -> AbstractContextManager[Executor | None]:
    """What certifies both fates at once; without a scheduler this process does."""
    if scheduler is None:
        return nullcontext()
    from numerics.execution import executor
    from proofs_check.run.identity import identity

    return executor(scheduler, identity=identity)


def _interval(ends: tuple[float, float] | None) -> dict[str, float] | None:
    return None if ends is None else {"lo": ends[0], "hi": ends[1]}


def _end(end: CertifiedEnd | None) -> dict[str, Any] | None:
    if end is None:
        return None
    run = end.run
    return {
        "spread": end.spread,
        "log_spread": _interval(end.log_spread),
        "fates": [fate.fate for fate in run.fates],
        "criterion": run.fates[0].criterion,
        "basis": run.fates[0].basis,
        "steps": run.steps,
        "digits": run.problem.digits,
        "working_digits": run.working_digits,
        "discarded_working_digits": list(run.attempts),
        "seconds": round(run.seconds, 3),
    }


def _summary(document: dict[str, Any]) -> str:
    lines = []
    if document["log_spread"] is not None:
        lines.append(f"ln |v_1 - v_2| at the threshold: {_between(document['log_spread'])}")
    elif document["estimate"] is not None:
        lines.append(f"estimate, not proved: {_between(document['estimate'])}")
    for name in ("converging", "escaping"):
        end = document[name]
        if end is not None:
            lines.append(
                f"spread {end['spread']}: {', '.join(end['fates'])} ({end['criterion']}, proved; "
                f"step {end['steps']}, {end['working_digits']} working digits)"
            )
    lines.append(f"Lambda = {document['lambda']:.6f} (amplification law)")
    if document["k"] is not None:
        lines.append(f"k = ln(|v_1 - v_2|/2) + Lambda: {_between(document['k'])}")
    return "\n".join(lines)


def _between(ends: dict[str, float]) -> str:
    low, high = outward(ends["lo"], ends["hi"])
    return f"between {low} and {high}"


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """Show the search's stages; their expected lengths are corrected on the way."""
    with terminal_bar("search") as update:
        if update is None:
            yield None
            return
        yield lambda stage, done, expected: update(
            description=stage, completed=done, total=max(expected, done)
        )
