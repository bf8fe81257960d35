"""``proofs-check descend``: gradient descent on a population loss, and each component's fate."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs_check.cli.arguments import read_json_list

from proofs_check.environment import versions
from proofs_check.output import STDOUT, check_target, write_json

if TYPE_CHECKING:
    from numerics.arithmetic import Arithmetic, Array
    from numerics.descent import Descent

_EXAMPLE = """\
example:
  proofs-check descend --objective forward --means '[["6.0000005"], ["5.9999995"]]' \\
      --step-size 0.1 --steps 400 --out run.csv --every 10 --json -

The teacher is N(mu*, I) (--teacher-mean), seen through noise of time t (--time):
v = e^-t (mu - mu*), and a step eta in mu is a step eta e^-2t in v. Ctrl-C and --max-seconds save a
checkpoint OUT.checkpoint (and the trajectory so far, OUT.part); the same command with --resume
continues it bit for bit.
"""
_INTERRUPTED = 130


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "descend",
        help="run gradient descent on a population loss and report each component's fate",
        description="Gradient descent with the exact population gradient. Fates are converged, "
        "escaped or undecided, with the criterion that decided.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--objective", required=True, choices=("forward", "reverse", "kl"))
    add("--means", required=True, metavar="JSON", help="n x d list; strings are exact numbers")
    add("--weights", metavar="JSON", help="n positive numbers of sum 1 (default: uniform)")
    add("--teacher-mean", metavar="JSON", help="d numbers, mu* (default: the origin)")
    add("--time", default="0", metavar="T", help="noise time t >= 0 (default: 0)")
    add(
        "--step-size",
        required=True,
        metavar="ETA",
        help='step in mu, or a schedule "0:0.1,1000:0.05" (from step 1000 on 0.05)',
    )
    add("--steps", required=True, type=int, metavar="N")
    add("--digits", type=int, default=15, metavar="N", help="accuracy asked for (default: 15)")
    add("--backend", default="float64", choices=("float64", "mpmath", "ball"))
    add("--every", type=int, metavar="K", help="record every K steps (default: about 1000 rows)")
    add("--max-seconds", type=float, metavar="S", help="stop then and save a checkpoint")
    add("--out", metavar="FILE", help="trajectory: .npz, .csv or .parquet")
    add("--resume", action="store_true", help="continue from OUT.checkpoint")
    add("--json", metavar="FILE", help='result as one JSON document; "-" is standard output')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    from numerics.descent import RunOptions
    from numerics.dynamics import descend

    check_target(arguments.json, "--json")
    with _stop_on_signal() as stop, _progress(arguments.steps) as progress:
        result = descend(
            arguments.objective,
            read_json_list(arguments.means, "--means"),
            step_size=arguments.step_size,
            steps=arguments.steps,
            weights=_optional(arguments.weights, "--weights"),
            teacher_mean=_optional(arguments.teacher_mean, "--teacher-mean"),
            time=arguments.time,
            digits=arguments.digits,
            backend=arguments.backend,
            options=RunOptions(
                out=None if arguments.out is None else Path(arguments.out),
                every=arguments.every,
                resume=arguments.resume,
                max_seconds=arguments.max_seconds,
                stop=stop,
                progress=progress,
            ),
        )
    document = describe(result, arguments.out)
    if arguments.json is not None:
        write_json(document, arguments.json)
    if arguments.json != STDOUT:
        print(_summary(document))
    if result.stopped != "completed":
        print(_unfinished(result), file=sys.stderr)
    return _INTERRUPTED if result.stopped == "interrupted" else 0


def describe(result: Descent, out: str | None = None) -> dict[str, Any]:
    """Return the JSON document of a descent: numbers as decimal strings."""
    problem, arithmetic = result.problem, result.arithmetic
    with arithmetic.context():
        stretches = [
            {
                "from_step": start,
                "in_mu": str(value),
                "in_v": _number(problem.paper.centred_step(value, arithmetic), arithmetic, 15),
            }
            for start, value in zip(problem.schedule.starts, problem.schedule.values, strict=True)
        ]
        distances = [
            _number(arithmetic.norm(row), arithmetic, problem.digits)
            for row in result.centred_means
        ]
        means = _matrix(result.means, arithmetic, problem.digits)
        centred_means = _matrix(result.centred_means, arithmetic, problem.digits)
        loss = _number(result.loss, arithmetic, problem.digits)
    first = result.fates[0]
    return {
        "objective": problem.objective_name,
        "fates": [fate.fate for fate in result.fates],
        "criterion": {
            "name": first.criterion,
            "statement": first.statement,
            "basis": first.basis,
        },
        "reached": [fate.reached for fate in result.fates],
        "distances": distances,
        "means": means,
        "centred_means": centred_means,
        "loss": loss,
        "steps": result.steps,
        "steps_requested": problem.steps,
        "stopped": result.stopped,
        "tau": result.tau_text,
        "digits": problem.digits,
        "working_digits": result.working_digits,
        "discarded_working_digits": list(result.attempts),
        "backend": problem.backend,
        "parameterization": result.parameterization,
        "step_size": stretches,
        "normalization": problem.normalization,
        "time": str(problem.paper.time),
        "teacher_mean": [str(entry) for entry in problem.paper.teacher_mean],
        "weights": [str(weight) for weight in problem.weights],
        "rank": problem.reduction.rank,
        "nodes": result.nodes,
        "seed": problem.seed if problem.reduction.rank > 3 else None,
        "out": out if result.stopped == "completed" else None,
        "checkpoint": None if result.checkpoint is None else str(result.checkpoint),
        "seconds": round(result.seconds, 3),
        "versions": versions(),
    }


def _number(value: Any, arithmetic: Arithmetic, digits: int) -> str | dict[str, str]:
    text = arithmetic.text(value, digits)
    if not arithmetic.rigorous:
        return text
    return {"mid": text, "rad": arithmetic.radius_text(value, digits)}


def _matrix(values: Array, arithmetic: Arithmetic, digits: int) -> Any:
    mid = [[arithmetic.text(entry, digits) for entry in row] for row in values]
    if not arithmetic.rigorous:
        return mid
    rad = [[arithmetic.radius_text(entry, digits) for entry in row] for row in values]
    return {"mid": mid, "rad": rad}


def _optional(text: str | None, argument: str) -> Any:
    return None if text is None else read_json_list(text, argument)


def _summary(document: dict[str, Any]) -> str:
    criterion = document["criterion"]
    means, enclosed = document["means"], isinstance(document["means"], dict)
    rows = means["mid"] if enclosed else means
    lines = [
        f"{document['steps']} of {document['steps_requested']} steps, tau = {document['tau']}, "
        f"loss = {_short(document['loss'])}",
        *(
            f"component {i}: {fate}, mean [{', '.join(row)}], distance {_short(distance)}"
            for i, (fate, row, distance) in enumerate(
                zip(document["fates"], rows, document["distances"], strict=True)
            )
        ),
        f"criterion: {criterion['name']} ({criterion['basis']}): {criterion['statement']}",
        f"normalization: {document['normalization']}",
        f"parameterization: {document['parameterization']}",
    ]
    if document["out"]:
        lines.append(f"trajectory: {document['out']}")
    return "\n".join(lines)


def _short(number: str | dict[str, str]) -> str:
    return number if isinstance(number, str) else f"{number['mid']} +- {number['rad']}"


def _unfinished(result: Descent) -> str:
    reason = {"max-seconds": "time is up", "interrupted": "interrupted"}[result.stopped]
    if result.checkpoint is None:
        return f"{reason} after {result.steps} steps; without --out nothing is saved to resume from"
    return f"{reason} after {result.steps} steps; {result.checkpoint} saved, --resume continues"


@contextmanager
def _stop_on_signal() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C (or SIGTERM) into a request to stop; a second interrupts at once."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    received: list[int] = []

    def handle(number: int, frame: object) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    previous = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def _progress(steps: int) -> Iterator[Callable[[int], None] | None]:
    """Show a bar with an estimate on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("descend", total=steps)
        yield lambda step: bar.update(task, completed=step)
