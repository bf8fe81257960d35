"""What a descent opens and checks before its first step: options, trajectory file, checkpoint."""

from __future__ import annotations

import math
from typing import Any

from numerics.checkpoint import Checkpoint, checkpoint_path, load_checkpoint
from numerics.descent import RunOptions
from numerics.descent_problem import DescentProblem
from numerics.errors import InputError
from numerics.fates import Basis
from numerics.trajectory import Recorder, check_output, columns

_DEFAULT_ROWS = 1000


def recording_interval(problem: DescentProblem, options: RunOptions) -> int:
    """Check what concerns files and times; return the recording interval."""
    if options.certify and problem.backend != "ball":
        raise InputError("certify", f"backend {problem.backend}", "the ball backend")
    if options.certify and problem.mixture:
        raise InputError("certify", "a mixture teacher", "one Gaussian: the theorems are about it")
    if options.out is None and options.resume:
        raise InputError("resume", "no --out", "a run with --out, whose checkpoint lies beside it")
    if options.out is not None:
        check_output(options.out)
    if options.max_seconds is not None and not 0 < options.max_seconds < math.inf:
        raise InputError("max_seconds", options.max_seconds, "a positive number of seconds")
    if options.every is None:
        return max(1, -(-problem.steps // _DEFAULT_ROWS))
    if isinstance(options.every, bool) or options.every < 1:
        raise InputError("every", options.every, "an integer of at least 1")
    return options.every


def identity(problem: DescentProblem, every: int) -> dict[str, Any]:
    """Return plain data that a checkpoint must agree with."""
    return {**problem.identity(), "every": every}


def saved_state(problem: DescentProblem, options: RunOptions, every: int) -> Checkpoint | None:
    """Load the checkpoint of a run that is to be resumed; None for a new one."""
    if options.out is None or not options.resume:
        return None
    return load_checkpoint(checkpoint_path(options.out), identity(problem, every))


def open_recorder(
    problem: DescentProblem, options: RunOptions, saved: Checkpoint | None
) -> Recorder | None:
    """Open the trajectory file, behind what a resumed run has written; None without one."""
    if options.out is None:
        return None
    header = columns(
        problem.components, problem.dimension, problem.backend == "ball", problem.clustered
    )
    exact_text = problem.backend != "float64"
    resume_at = None if saved is None else saved.trajectory_bytes
    if saved is None:
        checkpoint_path(options.out).unlink(missing_ok=True)  # it belongs to the part replaced now
    return Recorder(options.out, header, exact_text, resume_at)


def basis(problem: DescentProblem) -> Basis:
    """Say what the criteria of a run's fates are evaluated on."""
    if problem.backend == "ball":
        return "enclosure"
    return "sampled" if problem.reduction.rank > 3 else "numerical"
