r"""The sources' experiment: a far cluster with a tiny spread, under exact population descent.

Five components in three dimensions start at ``v_i = (M, 0, 0) + 1e-7 z_i`` with standard normal
``z_i`` and take 20,000 steps of size 0.01. The gradient is the exact population gradient (product
trapezoid rule in the span of the differences, float64).

*Why float64 is enough.* Early on the dynamics multiply the spread along the centre by ``exp(Lambda)
<= exp(M^2)``, and with it whatever rounding has put into the differences of the means. What matters
is rounding *relative to the spread*: a step rounds each mean to about ``M 2^-53``, so over ``k``
steps the spread is off by about ``sqrt(k) M 2^-53 / 1e-7``, 2e-7 for ``M = 6`` and ``k = 1000``.
The run is, to first order, the exact run of a start whose ``z_i`` differ in the seventh digit, and
fates that do not change when ``z_i`` does (within its seventh digit) are right. The quadrature is
held to the same standard: its error is at most ``1e-6`` of the spread until that exceeds 1e-3.

*The line.* Deviations across the centre are not amplified: the reflection of a direction across
``(1, 0, 0)`` is a symmetry, so means on the line stay on it, and deviations of 1e-7 across it stay
about that small (measured by the run in three dimensions). ``start_means(rank=1)`` leaves them out:
the same run to some 1e-7, with one-dimensional integrals.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from numerics.descent.gradient_source import Planned
from numerics.descent.iteration import iterate
from numerics.descent.saving import SaveTimes
from numerics.documents import read_document
from numerics.ensembles.one_gaussian import Array
from numerics.errors import InputError, why
from numerics.evaluation.evaluator import Evaluator
from numerics.files import write_atomically
from numerics.kernels.library import source_digest
from numerics.locks import locked
from numerics.studies import amplification

COMPONENTS, DIMENSION = 5, 3
_QUANTITIES = ("gradient", "loss")
SPREAD, STEP_SIZE, STEPS = 1e-7, 0.01, 20_000
#: Quadrature error allowed, relative to the spread of the means, and bounds of it.
_RELATIVE, _FINEST, _COARSEST = 1e-6, 2e-16, 1e-9


@dataclass(frozen=True)
class Row:
    """One recorded iterate: step, loss before the step, norms of the means."""

    step: int
    loss: float
    norms: tuple[float, ...]


@dataclass(frozen=True)
class Experiment:
    """A run.

    Attributes
    ----------
    size : float
        The initial distance ``M``.
    rows : tuple of Row
        About 40 per decade of steps, the first and the last among them.
    means : array
        The last iterate, ``5 x 3``.
    step : int
        Steps taken.
    stopped : {"", "interrupted", "max-seconds"}
        Why it ended before the last step.
    """

    size: float
    rows: tuple[Row, ...]
    means: Array
    step: int
    stopped: str = ""


def start_means(size: float, seed: int = 0, *, spread: float = SPREAD, rank: int = 3) -> Array:
    """Return the initial means ``(M, 0, 0) + spread z_i``, or their first ``rank`` coordinates.

    Examples
    --------
    >>> start_means(6.0).shape, bool(abs(start_means(6.0)[:, 0] - 6).max() < 1e-6)
    ((5, 3), True)
    """
    means = spread * np.random.default_rng(seed).standard_normal((COMPONENTS, DIMENSION))
    means[:, 0] += size
    return np.asarray(means[:, :rank])


def recorded(step: int, last: int) -> bool:
    """Whether an iterate is recorded: the first hundred thinned, then 40 per decade, and the last.

    Examples
    --------
    >>> [step for step in range(1001, 1200) if recorded(step, 20000)]
    [1060, 1123, 1189]
    """
    if step in (0, last):
        return True
    place = 40 * np.log10(step)
    return int(place) != int(40 * np.log10(step - 1)) if step > 1 else True


def run(
    size: float,
    *,
    steps: int = STEPS,
    seed: int = 0,
    step_size: float = STEP_SIZE,
    means: Array | None = None,
    state: Path | None = None,
    until: Callable[[Array], bool] = lambda means: False,
    progress: Callable[[int], None] = lambda step: None,
    stop: Callable[[], str] = lambda: "",
) -> Experiment:
    """Run the experiment.

    Parameters
    ----------
    size : float
        ``M``.
    steps, seed, step_size
        The sources' by default.
    means : array or None
        Another start, ``n x d`` with ``d <= 3``.
    state : Path or None
        File in which the run is kept from the start on; it goes on from there, bit for bit.
    until : callable
        Ends the run early at an iterate.
    progress : callable
        Called with the step, now and then.
    stop : callable
        Says why to stop here, or nothing.

    Raises
    ------
    InputError
        If the state is of another run, or damaged.

    Examples
    --------
    >>> found = run(4.0, steps=3)
    >>> found.step, [row.step for row in found.rows]
    (3, [0, 1, 2, 3])
    """
    start = start_means(size, seed) if means is None else np.array(means, dtype=np.float64)
    name = _name(start, steps, step_size)
    gradient = _Gradient(start.shape)
    if state is None:
        return _run(size, 0, start, [], gradient, steps, step_size, until, progress, stop)
    with locked("state", state):
        kept = _State(state, name)
        first, place, rows = kept.load(start, gradient) if state.exists() else (0, start, [])
        return _run(
            size, first, place, rows, gradient, steps, step_size, until, progress, stop, kept
        )


def _run(
    size: float,
    first: int,
    start: Array,
    rows: list[Row],
    gradient: _Gradient,
    steps: int,
    step_size: float,
    until: Callable[[Array], bool],
    progress: Callable[[int], None],
    stop: Callable[[], str],
    kept: _State | None = None,
) -> Experiment:
    """Go on from an iterate."""
    stopped = ""
    reported = time.monotonic()
    path = iterate(lambda before: before - step_size * gradient(before), start)
    for step, place in enumerate(path, first):
        if kept is not None and kept.due(step):
            kept.save(step, place, rows, gradient)
        ended = step == steps or until(place)
        if (ended or recorded(step, steps)) and not (rows and rows[-1].step == step):
            norms = tuple(float(norm) for norm in np.linalg.norm(place, axis=1))
            rows.append(Row(step, gradient.loss(place), norms))
        if not ended:
            stopped = stop()
        if ended or stopped:
            break
        now = time.monotonic()
        if now - reported > 0.2:
            progress(step)
            reported = now
    if kept is not None:
        kept.save(step, place, rows, gradient)
    return Experiment(size, tuple(rows), place, step, stopped)


class _Gradient:
    """Gradient and loss with a quadrature error that follows the spread while that grows."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.goal = 0.0
        self.evaluators: dict[str, Planned] = {}

    def __call__(self, means: Array) -> Array:
        goal = self._goal(means)
        if goal > 30 * self.goal:  # the spread of a cluster that stays together shrinks again
            self._aim(goal)
        found: Array = self.evaluators["gradient"](means)
        return found

    def _aim(self, goal: float) -> None:
        self.goal = goal
        n, dimension = self.shape
        self.evaluators = {
            quantity: Planned(
                Evaluator("forward", (quantity,), n=n, dimension=dimension, goal=goal), quantity
            )
            for quantity in _QUANTITIES
        }

    def dump(self) -> dict[str, Any]:
        """Say what the next value depends on besides the means: accuracy, and plans at hand."""
        anchors = {name: planned.anchor for name, planned in self.evaluators.items()}
        texts = {name: None if a is None else _texts(a) for name, a in anchors.items()}
        return {"goal": self.goal.hex(), "anchors": texts}

    def restore(self, data: dict[str, Any]) -> None:
        """Take up what `dump` said."""
        goal = float.fromhex(data["goal"])
        if goal:
            self._aim(goal)
        for name, planned in self.evaluators.items():
            anchor = data["anchors"].get(name)
            planned.restore(None if anchor is None else _array(anchor, self.shape))

    def loss(self, means: Array) -> float:
        """Loss at the same accuracy as the gradient."""
        if not self.evaluators:
            self(means)
        return float(self.evaluators["loss"](means))

    def _goal(self, means: Array) -> float:
        spread = float(np.ptp(means, axis=0).max())
        return max(_FINEST, min(_COARSEST, _RELATIVE * spread))


def _name(start: Array, steps: int, step_size: float) -> str:
    """Digest of everything a run depends on."""
    text = json.dumps([_texts(start), steps, step_size.hex(), source_digest()])
    return hashlib.sha256(text.encode()).hexdigest()


def _texts(values: Array) -> list[list[str]]:
    return [[entry.hex() for entry in row] for row in values.tolist()]


def _array(texts: list[list[str]], shape: tuple[int, ...]) -> Array:
    values = np.array([[float.fromhex(entry) for entry in row] for row in texts])
    if values.shape != shape or not np.isfinite(values).all():
        raise ValueError(f"{shape[0]} x {shape[1]} finite numbers expected")
    return values


class _State:
    """The file that a run is kept in."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.times = SaveTimes()
        self.fresh = True

    def due(self, step: int) -> bool:
        """Whether to save: at once, then as `numerics.descent.saving` has it."""
        return self.fresh or self.times.due(step)

    def save(self, step: int, means: Array, rows: list[Row], gradient: _Gradient) -> None:
        """Write the file; rows are those before this iterate's, or with it."""
        began = time.monotonic()
        document = {
            "run": self.name,
            "step": step,
            "means": _texts(means),
            "rows": [[r.step, r.loss.hex(), [norm.hex() for norm in r.norms]] for r in rows],
            "gradient": gradient.dump(),
        }
        try:
            write_atomically(self.path, json.dumps(document).encode() + b"\n")
        except OSError as error:
            raise InputError("state", str(self.path), f"a writable file ({why(error)})") from error
        self.fresh = False
        self.times.saved(step, began)

    def load(self, start: Array, gradient: _Gradient) -> tuple[int, Array, list[Row]]:
        """Read the file, and make the gradient go on from it."""
        try:
            document = read_document(self.path, _schema())
            if document["run"] != self.name:
                raise ValueError("it is of other steps, another start or another version")
            rows = [
                Row(step, float.fromhex(loss), tuple(map(float.fromhex, norms)))
                for step, loss, norms in document["rows"]
            ]
            means = _array(document["means"], start.shape)
            gradient.restore(document["gradient"])
        except (ValueError, OverflowError) as error:
            allowed = f"the state of this very run ({error}); or remove it to begin anew"
            raise InputError("state", str(self.path), allowed) from error
        self.fresh = False
        return document["step"], means, rows


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    source = files("numerics").joinpath("studies/experiment_schema.json")
    loaded: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return loaded


def log_amplification(size: float, *, step_size: float = STEP_SIZE, n: int = COMPONENTS) -> float:
    """Return ``Lambda``: the logarithm of what the spread along the centre is multiplied by.

    Examples
    --------
    >>> round(log_amplification(4.0), 3), round(log_amplification(6.0), 3)
    (15.544, 33.754)
    """
    return amplification.log_amplification(size, Fraction(step_size), n)
