"""The three objectives from the same start: fates, end-game rate, cost of a gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.descent.result import Descent, RunOptions
from numerics.descent.run import descend
from numerics.errors import InputError
from numerics.fates.criteria import theorem_r_step
from numerics.mixtures.problem import StudentTeacher
from numerics.numbers.exact import parse_number

Means = tuple[tuple[Fraction, ...], ...]

OBJECTIVES = ("forward", "reverse", "kl")
#: The rate is measured over the last factor of ten in the number of steps.
_DECADE = 10
_CERTIFIED_COMPONENTS = 2
_CERTIFIED_STEPS = 300
_FEWEST_STEPS = 100
_MPMATH_STEPS = 500


@dataclass(frozen=True)
class ComparedRun:
    """One objective from one start.

    Attributes
    ----------
    objective : str
    fates : tuple of str
        Of every component: converged, escaped, undecided or (numerically) a local optimum.
    criterion : str
        What decided them: a theorem, ``window`` (numerical), or ``none``.
    certified : bool
        Whether a theorem decided them on enclosures of the iterate.
    step : int
        Step of the descent from which it applies.
    loss : float
        After all steps; from a certified iterate on continued in float64.
    rate : float or None
        ``-d ln loss/d ln tau`` over the last nine tenths of the steps; None where the loss is
        too small for float64 (KL: a difference of logarithms).
    nodes : int
        Quadrature nodes of the last gradient, in float64.
    """

    objective: str
    fates: tuple[str, ...]
    criterion: str
    certified: bool
    step: int
    loss: float
    rate: float | None
    nodes: int


@dataclass(frozen=True)
class Comparison:
    """The three objectives from one start, with one step size.

    Attributes
    ----------
    means : tuple of tuple of Fraction
    weights : tuple of Fraction
    step_size : Fraction
    steps : int
    runs : tuple of ComparedRun
        In the order of `OBJECTIVES`.
    """

    means: Means
    weights: tuple[Fraction, ...]
    step_size: Fraction
    steps: int
    runs: tuple[ComparedRun, ...]


def common_step(means: Sequence[Sequence[Fraction]], weights: Sequence[Fraction]) -> Fraction:
    """Largest ``1/k`` within Theorem R's bound and at most 1/4 (Theorem F's bound at ``|V| = 1``).

    Examples
    --------
    >>> common_step([[Fraction(6)], [Fraction(6)]], [Fraction(1, 2)] * 2)
    Fraction(1, 36)
    """
    total = sum((entry * entry for row in means for entry in row), Fraction(0))
    return Fraction(1, max(4, math.ceil(1 / theorem_r_step(total, max(weights)))))


def compare(
    means: object,
    *,
    weights: object = None,
    step_size: object = None,
    steps: int = 20_000,
    objectives: Sequence[str] = OBJECTIVES,
) -> Comparison:
    """Run descent on several objectives from one start, with one step size.

    Fates are certified in ball arithmetic where a theorem can decide them within 300 steps; where
    none does, float64 and its criteria are asked. The rate is measured in float64, from the
    certified iterate on (means that float64 could not tell apart at the start have separated).

    Parameters
    ----------
    means : n x d nested list
        Centred initial means, exact.
    weights : list, optional
        Uniform by default.
    step_size : number, optional
        Of all descents; by default `common_step`.
    steps : int
        Steps of each descent, at least 100.
    objectives : sequence of str

    Raises
    ------
    InputError
        Bad input.

    Examples
    --------
    >>> found = compare([["3"], ["4"]], steps=2000)
    >>> [(run.objective, run.fates) for run in found.runs][:2]
    [('forward', ('converged', 'escaped')), ('reverse', ('converged', 'converged'))]
    """
    given = StudentTeacher.from_user(means, weights)
    rows, shares = given.means, given.weights
    eta = common_step(rows, shares) if step_size is None else parse_number(step_size, "step_size")
    if steps < _FEWEST_STEPS:
        raise InputError("steps", steps, f"an integer of at least {_FEWEST_STEPS}")
    runs = tuple(_run(name, rows, shares, eta, steps) for name in objectives)
    return Comparison(rows, shares, eta, steps, runs)


def _run(
    objective: str,
    means: Means,
    weights: tuple[Fraction, ...],
    step_size: Fraction,
    steps: int,
) -> ComparedRun:
    certified = _certified(objective, means, weights, step_size, steps)
    done = 0 if certified is None else certified.steps
    start = means if certified is None else certified.centred_means.astype(float)
    early = _descend(objective, start, weights, step_size, max(1, steps // _DECADE - done))
    late = _descend(objective, early.centred_means, weights, step_size, steps - steps // _DECADE)
    found = late if certified is None else certified
    losses = [float(run.loss) for run in (early, late)]
    return ComparedRun(
        objective,
        tuple(fate.fate for fate in found.fates),
        found.fates[0].criterion,
        certified is not None,
        found.steps if certified is not None else steps,
        losses[-1],
        _rate(losses[0], losses[1]) if min(losses) > least_loss(objective) else None,
        late.nodes,
    )


def _rate(early: float, late: float) -> float:
    return math.log(early / late) / math.log(_DECADE)


def least_loss(objective: str) -> float:
    """Smallest loss whose float64 value has a few correct digits.

    Examples
    --------
    >>> least_loss("kl")
    1e-12
    """
    return 1e-12 if objective == "kl" else 1e-290


def _descend(
    objective: str, means: object, weights: object, step_size: Fraction, steps: int
) -> Descent:
    """Descend in float64; where it cannot tell the means apart, in mpmath until it can."""

    def run(start: object, length: int, backend: str) -> Descent:
        return descend(
            objective, start, step_size=step_size, steps=length, weights=weights, backend=backend
        )

    try:
        return run(means, steps, "float64")
    except InputError as error:
        if error.argument != "backend":
            raise
    apart = run(means, min(steps - 1, _MPMATH_STEPS), "mpmath")
    return run(apart.centred_means.astype(float), steps - apart.steps, "float64")


def _certified(
    objective: str,
    means: Means,
    weights: tuple[Fraction, ...],
    step_size: Fraction,
    steps: int,
) -> Descent | None:
    """A descent whose fates a theorem decides on enclosures, or nothing."""
    several = len(set(means)) > _CERTIFIED_COMPONENTS and len(means[0]) > 1
    if objective == "forward" and several:
        return None  # enclosures in several dimensions cost seconds a step
    run = descend(
        objective,
        means,
        step_size=step_size,
        steps=min(steps, _CERTIFIED_STEPS),
        weights=weights,
        backend="ball",
        options=RunOptions(certify=True),
    )
    return run if run.stopped == "certified" else None
