"""``proofs-check reproduce``: repeat a source's experiment; figure, data, fates and slopes."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from numerics.errors import InputError
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import ending
from proofs_check.cli.bars import stepped_bar

if TYPE_CHECKING:
    from numerics.studies.sources_experiment import Experiment

SIZES = (4.0, 6.0)

#: Options that name folders.
FOLDERS = ("output",)

#: It keeps --max-seconds itself.
ENDS_IN_TIME = True


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``reproduce``."""
    parser = shared.add_command(
        subparsers,
        "reproduce",
        "Repeat the experiment of claim X1 in three dimensions with the exact population gradient: "
        "five components, M = 4 and M = 6, spread 1e-7, step 0.01. Writes X1.svg (norms and "
        "log-log loss) and X1-M4.csv, X1-M6.csv. 20,000 steps of both take some ten minutes on one "
        "core. Ctrl-C and --max-seconds keep X1-M*.state in the folder; the same command goes on.",
        "proofs-check reproduce X1 --output experiment",
    )
    parser.add_argument("experiment", choices=("X1",), metavar="X1")
    parser.add_argument(
        "--output", default=".", metavar="DIR", help="folder for the files (default: here)"
    )
    parser.add_argument(
        "--steps",
        type=shared.integer(1, 10**7),
        default=20_000,
        metavar="N",
        help="default: %(default)s",
    )
    parser.add_argument(
        "--seed", type=shared.integer(0), default=0, metavar="N", help="of z (default: %(default)s)"
    )
    parser.add_argument(
        "--max-seconds", type=shared.seconds, metavar="S", help="stop then and keep the state"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run both distances, write the files, print what became of the components."""
    from proofs_check.figures.svg import require_plotting
    from proofs_check.store.files import check_target, write_text

    require_plotting()
    folder = Path(arguments.output)
    check_target(str(folder / "X1.svg"), "--output")  # before minutes of work
    runs: dict[float, Experiment] = {}
    with ending.stop_on_signal(arguments.max_seconds) as stop:
        for size in SIZES:
            runs[size] = _one(size, arguments, folder, stop)
            if runs[size].stopped:
                print(
                    f"{runs[size].stopped} after {runs[size].step} of {arguments.steps} steps at "
                    f"M = {size:g}; the same command goes on from the state in {folder}",
                    file=sys.stderr,
                )
                return ending.code_of(runs[size].stopped)
    for size, found in runs.items():
        write_text(_csv(found), str(folder / f"X1-M{size:g}.csv"), "--output")
    write_text(_figure(runs), str(folder / "X1.svg"), "--output")
    for size in SIZES:
        _state(folder, size).unlink(missing_ok=True)
    for found in runs.values():
        print("\n".join(_described(found)))
    print(f"X1.svg, X1-M4.csv and X1-M6.csv in {folder}")
    return exit_codes.HOLDS if all(map(_decided, runs.values())) else exit_codes.OPEN


def _decided(found: Experiment) -> bool:
    from proofs_check.checks.experiment import converged_components

    return converged_components(found.rows) is not None


def _one(
    size: float, arguments: argparse.Namespace, folder: Path, stop: Callable[[], str]
) -> Experiment:
    from numerics.studies.sources_experiment import run as run_experiment

    with stepped_bar(f"M = {size:g}", arguments.steps) as progress:
        try:
            return run_experiment(
                size,
                steps=arguments.steps,
                seed=arguments.seed,
                state=_state(folder, size),
                progress=progress,
                stop=stop,
            )
        except InputError as error:
            argument = "--output" if error.argument == "state" else error.argument
            raise InputError(argument, error.value, error.allowed) from error


def _state(folder: Path, size: float) -> Path:
    return folder / f"X1-M{size:g}.state"


def _csv(found: Experiment) -> str:
    from numerics.studies.sources_experiment import STEP_SIZE

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [f"norm_{i}" for i in range(len(found.rows[0].norms))]
    writer.writerow(["step", "tau", "loss", *names])
    for row in found.rows:
        tau = round(STEP_SIZE * row.step, 10)
        writer.writerow([row.step, tau, repr(row.loss), *map(repr, row.norms)])
    return text.getvalue()


def _figure(runs: dict[float, Experiment]) -> str:
    from proofs_check.figures.svg import draw_svg
    from proofs_check.figures.x1 import draw_runs

    return draw_svg(lambda axes: draw_runs(axes, runs), columns=2)


def _described(found: Experiment) -> Iterator[str]:
    """Fates, and the slopes of the second half of a run that diverges."""
    from proofs_check.checks.experiment import FAR, NEAR, SCALES, converged_components, slope_of

    count = converged_components(found.rows)
    last = found.rows[-1]
    fates = f"{count} of {len(last.norms)} converge"
    if count is None:
        fates = (
            f"undecided: some norm is neither within {NEAR} and shrinking nor beyond {FAR} and "
            "growing; more steps decide"
        )
    norms = ", ".join(f"{norm:.5f}" for norm in last.norms)
    yield f"M = {found.size:g}: {fates} ({found.step} steps; numerical criterion)"
    yield f"    distances from the truth {norms}; loss {last.loss:.6g}"
    late = [row for row in found.rows if 4 * row.step >= last.step and row.step >= 200]
    if count is not None and count < len(last.norms) and len(late) > 2:
        slopes = (f"{slope_of(late, scale):.3f} against {name}" for name, scale in SCALES.items())
        yield f"    slope of the loss from step {late[0].step} on: {', '.join(slopes)}"
