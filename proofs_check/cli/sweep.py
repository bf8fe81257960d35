"""``proofs-check sweep``: a declared grid or sample of descents, and questions to its results."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from numerics.errors import InputError
from numerics.files import write_atomically
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import ending, outputs
from proofs_check.cli.bars import terminal_bar

if TYPE_CHECKING:
    from numerics.sweeps.run import Progress
    from numerics.sweeps.spec import Spec

EXAMPLE = """\
proofs-check sweep --example > spec.toml
  proofs-check sweep spec.toml --out results
  proofs-check sweep status results
  proofs-check sweep show results --where "fate = 'escaped' and distance < 5"
  proofs-check sweep plot results --kind fates --out fates.svg
  proofs-check sweep merge results theirs --out all"""

#: It keeps --max-seconds itself.
ENDS_IN_TIME = True

ACTIONS = ("status", "show", "plot", "merge")
#: What each form of the command takes; "run" is the form with a spec.
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "run": ("out", "scheduler", "jobs", "max_seconds"),
    "status": ("json", "max_seconds"),
    "show": ("where", "columns", "limit", "csv", "max_seconds"),
    "plot": ("kind", "out", "where", "x", "y", "max_seconds"),
    "merge": ("out", "max_seconds"),
    "example": (),
}
_SHOWN_FAILURES = 5


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``sweep``."""
    parser = shared.add_command(
        subparsers,
        "sweep",
        "Run gradient descent from every point of a declared grid or sample (SPEC.toml) and keep "
        "what becomes of it: fates, the theorem that decides, steps, rate, loss, certificate. The "
        "results are a Parquet dataset in a folder, one row a point; the same command goes on with "
        "it, a finer grid adds to it.",
        EXAMPLE,
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="SPEC.toml | status DIR | show DIR | plot DIR | merge DIR DIR",
        help="what is to be run, or what is asked of results",
    )
    parser.add_argument("--example", action="store_true", help="print a small annotated spec")
    parser.add_argument(
        "--out",
        dest="target",
        metavar="DIR|FILE",
        help="folder for the results (also of merge); of plot the figure, .svg",
    )
    _add_running(parser)
    _add_asking(parser)


def _add_running(parser: argparse.ArgumentParser) -> None:
    shared.add_scheduler(parser)
    running = parser.add_argument_group("running")
    running.add_argument(
        "--jobs",
        type=shared.integer(1, 1024),
        metavar="N",
        help="processes (default: one per core)",
    )
    running.add_argument(
        "--max-seconds",
        type=shared.seconds,
        metavar="S",
        help="stop then; what is computed is kept",
    )


def _add_asking(parser: argparse.ArgumentParser) -> None:
    asking = parser.add_argument_group("status, show and plot")
    asking.add_argument(
        "--where",
        metavar="SQL",
        help="condition on the columns: \"fate = 'escaped' and steps > 9\"",
    )
    asking.add_argument("--columns", metavar="A,B", help="columns to show (default: the main ones)")
    asking.add_argument(
        "--limit", type=shared.integer(1), metavar="N", help="rows to show (default: 20)"
    )
    asking.add_argument("--csv", action="store_true", default=None, help="show all rows as CSV")
    asking.add_argument(
        "--kind", choices=("fates", "threshold", "rates"), help="fate map, threshold, rates"
    )
    asking.add_argument("--x", metavar="COLUMN", help="of the fate map and the rates")
    asking.add_argument("--y", metavar="COLUMN", help="of the fate map")
    shared.add_json_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    form, names = _form(arguments)
    if form == "example":
        from numerics.sweeps import example

        print(example.EXAMPLE, end="")
        return exit_codes.HOLDS
    if form == "run":
        return _run_spec(arguments, Path(names[0]))
    from proofs_check.cli import sweep_results

    if form != "status" and arguments.max_seconds is not None:
        ending.limit(arguments.max_seconds)
    if form == "merge":
        with held_folder(arguments.target) as out:
            return sweep_results.merge([Path(name) for name in names], out)
    with ExitStack() as stack:
        if form == "plot":
            place = argparse.Namespace(out=arguments.target)
            stack.enter_context(outputs.held(place))
        command: Callable[[Path, argparse.Namespace], int] = getattr(sweep_results, form)
        return command(Path(names[0]), arguments)


def _form(arguments: argparse.Namespace) -> tuple[str, Sequence[str]]:
    """Which form of the command it is, and its arguments; refuses options of another form."""
    words: list[str] = arguments.words
    if arguments.example:
        form, names = "example", words
        wanted = not words
    elif words and words[0] in ACTIONS:
        form, names = words[0], words[1:]
        wanted = len(names) >= 2 if form == "merge" else len(names) == 1
    else:
        form, names, wanted = "run", words, len(words) == 1
    if not wanted:
        allowed = "SPEC.toml, status DIR, show DIR, plot DIR, merge DIR DIR..., or --example"
        raise InputError("SPEC", " ".join(words) or "nothing", allowed)
    given = {
        "out" if name == "target" else name
        for name, value in vars(arguments).items()
        if value is not None and name in {"target", *(n for o in _OPTIONS.values() for n in o)}
    }
    for name in sorted(given - set(_OPTIONS[form])):
        owners = ", ".join(other for other, own in _OPTIONS.items() if name in own)
        raise InputError(
            f"--{name.replace('_', '-')}", form, f"nothing; it is an option of {owners}"
        )
    if form in ("run", "merge", "plot") and arguments.target is None:
        what = "the figure, FILE.svg" if form == "plot" else "a folder for the results"
        raise InputError("--out", "nothing", what)
    if form == "plot" and arguments.kind is None:
        raise InputError("--kind", "nothing", "fates, threshold or rates")
    return form, names


@contextmanager
def held_folder(target: str) -> Iterator[Path]:
    """Make the folder of a dataset, and hold the lock on it."""
    with outputs.held(argparse.Namespace(out=target), ("out",)):
        yield Path(target)


def _run_spec(arguments: argparse.Namespace, path: Path) -> int:
    from numerics.execution import executor
    from numerics.sweeps.dataset import SPEC_NAME, Dataset, arrow
    from numerics.sweeps.points import versions
    from numerics.sweeps.run import run_sweep
    from proofs_check.cli.sweep_spec import read

    arrow()
    with ExitStack() as stack:
        stop = stack.enter_context(ending.stop_on_signal(arguments.max_seconds))
        spec, objectives = read(path)
        folder = stack.enter_context(held_folder(arguments.target))
        pool = stack.enter_context(executor(arguments.scheduler, arguments.jobs, versions))
        report = stack.enter_context(_bar(spec))
        dataset = Dataset(folder)
        write_atomically(folder / SPEC_NAME, spec.text)
        progress = run_sweep(
            spec,
            dataset,
            pool,
            objectives=objectives,
            stop=lambda: bool(stop()),
            report=report,
        )
        stopped = stop()
    if not (stopped or progress.points):
        raise InputError(
            f"{path.name}: conditions", "no point", "conditions that some combination satisfies"
        )
    for line in progress.failures[:_SHOWN_FAILURES]:
        print(f"not computed: {line}", file=sys.stderr)
    if len(progress.failures) > _SHOWN_FAILURES:
        print(f"and {len(progress.failures) - _SHOWN_FAILURES} more", file=sys.stderr)
    print(
        f"{progress.done} points computed, {progress.known} were there, "
        f"{len(progress.failures)} could not be computed, {progress.failed_rows} rows failed: "
        f"{folder}"
    )
    if progress.failed_rows:
        print("why: proofs-check sweep show DIR --columns point,note --where \"status = 'failed'\"")
    if stopped:
        print("stopped; the same command goes on", file=sys.stderr)
        return ending.code_of(stopped)
    nothing = progress.failed_rows and progress.failed_rows == progress.done
    return exit_codes.OPEN if progress.failures or nothing else exit_codes.HOLDS


@contextmanager
def _bar(spec: Spec) -> Iterator[Callable[[Progress], None]]:
    """A bar over the points; conditions may leave fewer."""
    with terminal_bar("sweep", spec.combinations) as update:

        def report(progress: Progress) -> None:
            if update is not None:
                done = progress.known + progress.done + len(progress.failures)
                update(completed=done, total=progress.points or spec.combinations)

        yield report
