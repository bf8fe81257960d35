r"""Gradient descent on the exact population loss, with recording, checkpoints and fates.

``v_j <- v_j - eta e^-2t grad_{v_j} loss(v)`` in orthonormal coordinates of the span of the centred
means (see `numerics.mixtures.reduction`), in the arithmetic of a backend. float64 and mpmath
iterates are approximations at the working digits that `numerics.descent.working_digits` chose; ball
iterates enclose the exact iterates (`numerics.descent.mean_value`; near-coincident means as
`numerics.descent.cluster_step` has them), and the whole run is repeated at more digits until the
final radius is below ``10^-digits``.
"""

from __future__ import annotations

import math
import time as clock
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from numerics.descent.certificate import in_trail
from numerics.descent.checkpoint import (
    Checkpoint,
    State,
    checkpoint_path,
    dump_anchors,
    dump_array,
    load_anchors,
    load_trail,
    save_checkpoint,
)
from numerics.descent.cluster_step import ClusterStep
from numerics.descent.final_fates import final_fates, stands_at
from numerics.descent.gradient_source import plain_steps, unseen
from numerics.descent.iteration import iterate
from numerics.descent.problem import DescentProblem, MeansMap, plan_descent
from numerics.descent.recording import (
    Recorder,
    basis,
    identity,
    open_recorder,
    recording_interval,
    saved_state,
)
from numerics.descent.result import ClusterMeans, Descent, RunOptions, SourceFactory, Stopped
from numerics.descent.saving import SaveTimes
from numerics.descent.working_digits import checked_digits, more_digits
from numerics.errors import InputError, why
from numerics.evaluation.alternatives import FEW_NODES, with_alternative
from numerics.fates.criteria import FateInputs, monitored, settled
from numerics.files import remove_leftovers
from numerics.locks import locked
from numerics.numbers.arithmetic import Array, make_arithmetic
from numerics.numbers.exact import decimal_text, to_float

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

_PROGRESS_SECONDS = 0.1
_HOPELESS_RADIUS = Fraction(1, 1000)


def descend(
    objective: str | Objective,
    means: object,
    *,
    step_size: object,
    steps: int,
    weights: object = None,
    teacher: object = None,
    time: object = 0,
    digits: int = 15,
    backend: str = "float64",
    seed: int = 0,
    max_nodes: int | None = None,
    options: RunOptions | None = None,
) -> Descent:
    """Run gradient descent on a population loss and say what becomes of each component.

    Parameters
    ----------
    objective : str or Objective
        ``"forward"``, ``"reverse"``, ``"kl"`` or a user's own.
    means : n x d nested list or array
        Initial means ``mu_i``; numbers or exact strings.
    step_size : number, str or StepSchedule
        Step ``eta`` in ``mu`` or a schedule ``"0:0.1,1000:0.05"``.
    steps : int
    weights, teacher, time
        Student weights (uniform); the teacher as in `numerics.evaluate`: a mean ``mu*`` (origin)
        or a mixture ``{"means": ..., "weights": ...}``; noise time ``t`` (0).
    digits, backend
        Accuracy asked for and arithmetic.
    seed : int
        Randomization of the quasi-Monte Carlo nodes where the rank exceeds 3.
    options : RunOptions or None

    Raises
    ------
    InputError
        Bad input, before any work; or a step size that makes the iterates overflow.

    Examples
    --------
    >>> run = descend("kl", [[1], [-2]], step_size="0.5", steps=20)
    >>> [fate.fate for fate in run.fates], run.fates[0].criterion
    (['converged', 'converged'], 'Theorem K')
    """
    problem = plan_descent(
        objective,
        means,
        step_size=step_size,
        steps=steps,
        weights=weights,
        teacher=teacher,
        time=time,
        digits=digits,
        backend=backend,
        seed=seed,
        max_nodes=max_nodes,
    )
    from numerics.descent.gradient_source import evaluator_source

    try:
        return run_descent(problem, evaluator_source, options or RunOptions())
    except InputError as error:
        if backend != "float64" or max_nodes is not None:
            raise
        if error.argument not in ("means", "max_nodes"):
            raise

        def one_step(other: str) -> object:
            return descend(
                objective,
                means,
                step_size="1e-30",  # from here: the iterates of a diverging run are another matter
                steps=1,
                weights=weights,
                teacher=teacher,
                time=time,
                digits=digits,
                backend=other,
                max_nodes=FEW_NODES,
            )

        size = problem.n * problem.dimension
        raise with_alternative(error, size, one_step) from error


def run_descent(
    problem: DescentProblem, make_source: SourceFactory, options: RunOptions
) -> Descent:
    """Run a planned descent with gradients from ``make_source``."""
    every = recording_interval(problem, options)
    deliver = options.deliver or (lambda outcome: None)
    if options.out is None:
        outcome = _DescentRun(problem, make_source, options, every, None).outcome()
        deliver(outcome)
        return outcome
    with locked("out", options.out):
        remove_leftovers(options.out.parent, checkpoint_path(options.out).name)
        saved = saved_state(problem, options, every)
        run = _DescentRun(problem, make_source, options, every, saved)
        try:
            recorder = run.recorder = open_recorder(problem, options, saved)
            outcome = run.outcome()
            assert recorder is not None
            if outcome.finished:
                recorder.finish()
            deliver(outcome)
            if outcome.finished:
                recorder.clear()
            return outcome
        except OSError as error:
            allowed = (
                f"a place with room for it ({why(error)}); --resume goes on from what is saved"
            )
            raise InputError("out", str(options.out), allowed) from error
        finally:
            run.close()


class _DescentRun:
    """One call of `run_descent`: the loop, and what it reports on the way."""

    recorder: Recorder | None = None

    def __init__(
        self,
        problem: DescentProblem,
        make_source: SourceFactory,
        options: RunOptions,
        every: int,
        saved: Checkpoint | None,
    ) -> None:
        self.problem = problem
        self.make_source = make_source
        self.options = options
        self.every = every
        self.earlier_seconds = saved.seconds if saved else 0.0
        self.attempts = saved.attempts if saved else ()
        self.saved = saved
        self.trail: list[tuple[int, Array]] = []
        self.started = self.last_report = clock.monotonic()
        self.save_times = SaveTimes()
        self.nothing_to_keep = saved is None  # until there is a state other than the first
        self._hold(saved.working_digits if saved else problem.working_digits.total)

    def _hold(self, working_digits: int) -> None:
        """Choose the numbers that the iterates are held in."""
        self.arithmetic = make_arithmetic(self.problem.backend, working_digits)
        with self.arithmetic.context():
            self.source = self.make_source(self.problem, self.arithmetic)

    def outcome(self) -> Descent:
        """Run at the working digits, then at more until they suffice."""
        found = self.attempt(self.saved)
        while isinstance(found, int):
            self.attempts = (*self.attempts, self.arithmetic.digits)
            self._hold(found)
            found = self.attempt(None)
        return found

    def close(self) -> None:
        """Close the trajectory; of a run that never got anywhere nothing stays."""
        if self.recorder is None:
            return
        if self.nothing_to_keep:
            self.recorder.clear()
        self.recorder.close()

    def attempt(self, saved: Checkpoint | None) -> Descent | int:
        """Run at the working digits; return the outcome, or the digits to try next."""
        arithmetic = self.arithmetic
        with arithmetic.context():
            self.map = MeansMap(self.problem, arithmetic)
            self.stepper = (
                ClusterStep(self.problem, self.source, arithmetic) if arithmetic.rigorous else None
            )
            state = State.initial(self.problem, arithmetic)
            plain = state.coordinates
            if self.stepper is not None:
                state.coordinates = self.stepper.start()
            if saved is None:
                self.trail = []
                self._begin_file(state)
            else:
                # of clusters that are held by their centres until they are not
                shapes = (state.coordinates.shape, plain.shape)
                state = State.restore(saved, arithmetic, shapes)
                means = self.map.centred(plain)
                self.trail = load_trail(saved.trail, arithmetic, means.shape)
                self.source.restore(load_anchors(saved.anchors, arithmetic, plain.shape))
                self.save_times.saved(state.step, clock.monotonic())
            return self._follow(state)

    def _follow(self, start: State) -> Descent | int:
        """Follow the iterates to the last step, an interruption, or too large a radius."""
        arithmetic, steps = self.arithmetic, self.problem.steps
        if not arithmetic.finite(start.coordinates):
            raise InputError("means", "an entry beyond 1e150", "entries up to 1e150")
        for state in iterate(self._stepping(), start):
            if state is not start:
                if not arithmetic.finite(state.coordinates):
                    return self._overflow(state.step)
                stopped = self._pause(state)
                if stopped is not None and state.step < steps:
                    return self._conclude(state, stopped)
            certified = self.options.certify and settled(self._situation(state))
            last = certified or state.step == steps
            if last:
                self._save(state)  # what follows, the conversion of the rows too, can be repeated
            more = self._visit(state, last)
            if more:
                return more
            if last:
                return self._conclude(state, "certified" if certified else "completed")
        return checked_digits(2 * arithmetic.digits)

    def _stepping(self) -> Callable[[State], State | None]:
        """One step of enclosures (None: too wide), or as many plain ones as nobody looks at."""
        representative, factors = self.problem.step_factors(self.arithmetic)
        schedule, steps = self.problem.schedule, self.problem.steps
        seen = self.recorder is not None or self.options.observe is not None
        every = self.every if seen else None

        def advance(state: State) -> State | None:
            number, done = schedule.stretch(state.step), 1
            if self.stepper is not None:
                moved = self.stepper.advance(state.coordinates, factors[number], number)
            else:
                ahead = min(unseen(state.step, schedule, every), steps - state.step)
                moved, done = plain_steps(
                    self.source, state.coordinates, factors[number], representative, ahead
                )
            return None if moved is None else State(state.step + done, moved, state.history)

        return advance

    def _visit(self, state: State, last: bool) -> int:
        """Record and monitor an iterate; return the digits to restart with, or 0."""
        step, arithmetic = state.step, self.arithmetic
        if self.options.certify and in_trail(step, last):
            self.trail.append((step, self.map.centred(self._plain(state))))
        if step % self.every == 0 or last:
            if self.recorder is not None:
                self.recorder.write(self._row(state))
            if self.options.observe is not None:
                self.options.observe(step, self.map.centred(self._plain(state)))
        if not (last or monitored(step)):
            return 0
        coordinates = self._plain(state)
        norms = self.problem.squared_distances(coordinates, arithmetic)
        state.history.append((step, tuple(math.sqrt(to_float(low)) for low, _ in norms)))
        if not arithmetic.rigorous:
            return 0
        relative = self._relative_radius(state)
        if last:
            means = np.append(self.map.user(coordinates), relative)
            return more_digits(means, arithmetic, Fraction(1, 10**self.problem.digits))
        if more_digits(np.append(coordinates, relative), arithmetic, _HOPELESS_RADIUS):
            return checked_digits(2 * arithmetic.digits)
        return 0

    def _plain(self, state: State) -> Array:
        """Coordinates of the distinct components, however the state holds them."""
        return state.coordinates if self.stepper is None else self.stepper.means(state.coordinates)

    def _loss(self, state: State) -> Any:
        source = self.source if self.stepper is None else self.stepper
        return source.loss(state.coordinates)

    def _relative_radius(self, state: State) -> Any:
        """Enclosure of 0 as wide as the worst relative error of a difference in a cluster."""
        if self.stepper is None:
            return 0
        return arb(0, self.stepper.relative_error(state.coordinates))

    def _overflow(self, step: int) -> int:
        if self.arithmetic.rigorous:
            return checked_digits(2 * self.arithmetic.digits)
        self.nothing_to_keep = True  # more steps change nothing
        raise InputError(
            "step_size",
            self.problem.schedule.text(),
            f"a step for which the iterates stay finite (they overflow at step {step})",
        )

    def _pause(self, state: State) -> Stopped | None:
        """Report progress, save now and then, and say whether to stop here."""
        options = self.options
        now = clock.monotonic()
        if options.progress is not None and now - self.last_report > _PROGRESS_SECONDS:
            options.progress(state.step)
            self.last_report = now
        if self.recorder is not None and self.save_times.due(state.step):
            self._save(state)
        if options.stop is not None and options.stop():
            return "interrupted"
        if options.max_seconds is not None and now - self.started > options.max_seconds:
            return "max-seconds"
        return None

    def _row(self, state: State) -> tuple[str, ...]:
        arithmetic = self.arithmetic
        digits = max(arithmetic.digits, self.problem.digits)
        loss = self._loss(state)
        means = self.map.user(self._plain(state))
        radii: tuple[str, ...] = ()
        if arithmetic.rigorous:
            # a printed radius covers the rounding of its own midpoint, too
            texts = (arithmetic.radius_text(entry, digits) for entry in means.flat)
            radii = (arithmetic.radius_text(loss, digits), max(texts, key=Fraction))
        elif basis(self.problem) == "sampled":
            radii = (f"{self.source.errors()[1]:.3g}",)
        return (
            str(state.step),
            decimal_text(self.problem.schedule.total(state.step)),
            arithmetic.text(loss, digits),
            *(arithmetic.text(entry, digits) for entry in means.flat),
            *radii,
            *(arithmetic.text(entry, digits) for entry in self._deviations(state)),
        )

    def _deviations(self, state: State) -> list[Any]:
        if not self.problem.clusters or self.stepper is None:
            return []
        found = self.stepper.layout.deviations(state.coordinates)
        rows = [found[self.problem.reduction.class_of[i]] for i in self.problem.clustered]
        return list(self.map.offsets(np.array(rows, dtype=object)).flat)

    def _begin_file(self, state: State) -> None:
        """Save the first state, then drop the rows of an earlier attempt, which it has none of."""
        if self.recorder is not None:
            self._save(state, trajectory_bytes=len(self.recorder.header))
            self.recorder.restart()

    def _save(self, state: State, trajectory_bytes: int | None = None) -> Path | None:
        if self.recorder is None:
            return None
        arithmetic = self.arithmetic
        began = clock.monotonic()
        path = checkpoint_path(self.recorder.out)
        checkpoint = Checkpoint(
            problem=identity(self.problem, self.every, self.options.certify),
            working_digits=arithmetic.digits,
            step=state.step,
            coordinates=dump_array(state.coordinates, arithmetic),
            anchors=dump_anchors(self.source.anchors(), arithmetic),
            history=tuple(
                (step, tuple(norm.hex() for norm in norms)) for step, norms in state.history
            ),
            trajectory_bytes=(
                self.recorder.sync() if trajectory_bytes is None else trajectory_bytes
            ),
            seconds=self._seconds(),
            attempts=self.attempts,
            trail=tuple((step, dump_array(means, arithmetic)) for step, means in self.trail),
            nodes=self._nodes(),
        )
        save_checkpoint(path, checkpoint)
        self.nothing_to_keep = self.nothing_to_keep and state.step == 0
        self.save_times.saved(state.step, began)
        return path

    def _nodes(self) -> int:
        """Nodes of the last gradient, which an earlier run may have evaluated."""
        return self.source.nodes() or (self.saved.nodes if self.saved else 0)

    def _seconds(self) -> float:
        return self.earlier_seconds + clock.monotonic() - self.started

    def _conclude(self, state: State, stopped: Stopped) -> Descent | int:
        problem, arithmetic = self.problem, self.arithmetic
        # Saved before the loss below, which an uninterrupted run does not evaluate here.
        finished = stopped in ("completed", "certified")
        checkpoint = None if finished else self._save(state)
        loss = self._loss(state)
        loss_error = None if arithmetic.rigorous else self.source.errors()[1]
        coordinates = self._plain(state)
        if finished and arithmetic.rigorous:
            more = more_digits(
                arithmetic.array([[loss]]), arithmetic, Fraction(1, 10**problem.digits)
            )
            if more:
                return more
        situation = self._situation(state)
        if self.options.certify:
            situation = replace(situation, loss=arithmetic.bounds(loss))
        fates = final_fates(
            situation,
            lambda: stands_at(problem, self.map.centred(coordinates), arithmetic),
            certify=self.options.certify,
            finished=finished,
            loss=self._loss_text(loss, loss_error),
        )
        return Descent(
            problem=problem,
            fates=fates,
            means=self.map.user(coordinates),
            centred_means=self.map.centred(coordinates),
            loss=loss,
            steps=state.step,
            stopped=stopped,
            tau=problem.schedule.total(state.step),
            working_digits=arithmetic.digits,
            attempts=self.attempts,
            nodes=self._nodes(),
            checkpoint=checkpoint,
            seconds=self._seconds(),
            trail=tuple(self.trail),
            clusters=self._clusters(state),
            loss_error=loss_error,
            means_error=self._means_error(state),
            arithmetic=arithmetic,
        )

    def _loss_text(self, loss: Any, error: Any) -> str:
        """The loss in three digits, or what it is below."""
        low, high = map(to_float, self.arithmetic.bounds(loss))
        margin = float(error or 0)
        return f"{(low + high) / 2:.3g}" if low > margin else f"below {abs(high) + 2 * margin:.1e}"

    def _means_error(self, state: State) -> float | None:
        """About how far sampled gradients have led the means astray; None for quadratures."""
        problem, arithmetic = self.problem, self.arithmetic
        if basis(problem) != "sampled":
            return None
        largest = 0.0
        for coordinates in (State.initial(problem, arithmetic).coordinates, state.coordinates):
            self.source.gradient(coordinates)
            largest = max(largest, float(self.source.errors()[0]))
        tau = to_float(problem.schedule.total(state.step))
        scale = float(problem.paper.scale(arithmetic))  # a step eta e^-2t in v is eta e^-t in mu
        return tau * scale * largest * math.sqrt(problem.reduction.span)

    def _clusters(self, state: State) -> tuple[ClusterMeans, ...]:
        """Clusters that are still held as centre and deviations."""
        if self.stepper is None or not self.stepper.layout.split(state.coordinates):
            return ()
        layout, class_of = self.stepper.layout, self.problem.reduction.class_of
        found = []
        for number, members in enumerate(self.problem.clusters):
            chosen = [i for i, distinct in enumerate(class_of) if distinct in members]
            rows = state.coordinates[[class_of[i] for i in chosen]]
            centre = layout.centre(state.coordinates, number)[None, :]
            turned = self.map.turned(np.concatenate([centre, rows]))
            found.append(ClusterMeans(tuple(chosen), turned[0], turned[1:]))
        return tuple(found)

    def _situation(self, state: State) -> FateInputs:
        problem, arithmetic = self.problem, self.arithmetic
        nearest = problem.nearest(self._plain(state), arithmetic)
        return FateInputs(
            problem.objective_name,
            problem.weights,
            tuple(bounds for _, bounds in nearest),
            problem.largest_centred_step(state.step, arithmetic),
            basis(problem),
            state.history,
            state.step,
            problem.reduction.class_of,
            problem.mixture,
            tuple(index for index, _ in nearest),
            problem.teacher.weights,
            problem.reduction.span,
        )
