"""Checks of the sources' experiment: fates, the loss's slope, the critical distance.

Every number comes from `numerics.studies.sources_experiment`, in float64; what follows supports or
refutes numerically (`Method.NUMERICAL`), with its margin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from proofs_check.claim import Context
from proofs_check.verdict import CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from numerics.studies.sources_experiment import Experiment, Row

#: Digits that a float64 run is trusted to (see `numerics.studies.sources_experiment`).
DIGITS = 6
#: Distances at which a mean counts as converged and as escaped.
NEAR, FAR = 0.15, 3.1


def line_run(size: float) -> Experiment:
    """Return the whole run on the line: 20,000 steps."""
    return _run(size, 1, 20_000)


@lru_cache(maxsize=8)
def _run(size: float, rank: int, steps: int) -> Experiment:
    from numerics.studies.sources_experiment import run, start_means

    return run(size, steps=steps, means=start_means(size, rank=rank))


def converged_components(rows: Sequence[Row]) -> int | None:
    """Return how many means converge; None if the run does not say.

    All, if they are near the truth at the end and their norms did not grow over the second half; or
    some, if the others are far at the end and moved outwards all through the second half.
    """
    last = rows[-1]
    half = [row for row in rows if 2 * row.step >= last.step]
    near = [norm <= NEAR for norm in last.norms]
    if all(near):
        shrinking = sum(n * n for n in half[0].norms) >= sum(n * n for n in last.norms)
        return len(near) if shrinking else None
    for i, is_near in enumerate(near):
        norms = [row.norms[i] for row in half]
        growing = all(a <= b for a, b in pairwise(norms))
        if not is_near and not (norms[-1] >= FAR and growing):
            return None
    return sum(near) or None


@dataclass(frozen=True)
class FatesOfTheExperiment:
    """From distance ``M``, so many of the five components converge and the others diverge.

    The run is on the line; `OffTheLine` says what that leaves out.

    Attributes
    ----------
    size : float
        ``M``.
    converged : int
    """

    size: float
    converged: int

    @property
    def name(self) -> str:
        """The distance and the fates."""
        return f"M = {self.size:g}: {self.converged} of 5 converge"

    def run(self, context: Context) -> CheckResult:
        """Take 20,000 steps."""
        rows = line_run(self.size).rows
        found = converged_components(rows)
        scope = f"one start (seed 0), M = {self.size:g}, n = 5, eta = 0.01, {rows[-1].step} steps"
        if found is None:
            return inconclusive(
                self.name, f"undecided: norms {rows[-1].norms}", scope, decide="more steps"
            )
        last = rows[-1].norms
        gap = min(NEAR - norm if norm <= NEAR else norm - FAR for norm in last)
        norms = ", ".join(f"{norm:.4f}" for norm in last)
        verdict = Verdict.SUPPORTED if found == self.converged else Verdict.REFUTED
        return CheckResult(
            self.name,
            verdict,
            Method.NUMERICAL,
            scope,
            margin=f"{gap:.3f}",
            digits=DIGITS,
            cases=1,
            notes=(f"{found} of 5 converge; distances from the truth at the end: {norms}",),
        )


@dataclass(frozen=True)
class OffTheLine:
    """Deviations across the centre stay small, and the means along it are those of the line.

    Attributes
    ----------
    size : float
        ``M``.
    largest : float
        Bound of the deviations across.
    """

    size: float
    largest: float = 1e-5

    @property
    def name(self) -> str:
        """The distance."""
        return f"M = {self.size:g}: deviations across the centre stay below {self.largest:g}"

    def run(self, context: Context) -> CheckResult:
        """Compare with the run in three dimensions (two at ``quick``)."""
        import numpy as np

        rank, steps = (2, 1500) if context.budget == "quick" else (3, 20_000)
        whole = _run(self.size, rank, steps)
        across = float(np.abs(whole.means[:, 1:]).max())
        along = float(np.abs(whole.means[:, :1] - _run(self.size, 1, steps).means).max())
        worst = max(across, along)
        scope = f"one start (seed 0), d = {rank}, {steps} steps"
        if not math.isfinite(across + along):
            return inconclusive(self.name, "a mean is not finite", scope, decide="a smaller step")
        verdict = Verdict.SUPPORTED if worst <= self.largest else Verdict.REFUTED
        notes = (f"largest deviation across {across:.1e}, difference along {along:.1e}",)
        return CheckResult(
            self.name, verdict, Method.NUMERICAL, scope, f"{worst:.1e}", DIGITS, 1, notes=notes
        )


@dataclass(frozen=True)
class TwoPrecisions:
    """float64 follows the same run at many digits: the means differ by less than a bound.

    Attributes
    ----------
    size : float
    largest : float
        Bound of the difference of any mean.
    """

    size: float
    largest: float = 1e-5

    @property
    def name(self) -> str:
        """The distance."""
        return f"M = {self.size:g}: float64 against 30 digits"

    def run(self, context: Context) -> CheckResult:
        """Run past the split in mpmath and compare."""
        import numpy as np

        from numerics.descent.run import descend
        from numerics.studies.sources_experiment import STEP_SIZE, start_means

        steps = 150 if context.budget == "quick" else 1000
        start = start_means(self.size, rank=1)
        precise = descend(
            "forward", start, step_size=STEP_SIZE, steps=steps, digits=20, backend="mpmath"
        )
        found = precise.centred_means.astype(float)
        difference = float(np.abs(found - _run(self.size, 1, steps).means).max())
        scope = f"one start (seed 0) on the line, {steps} steps"
        if not math.isfinite(difference):
            return inconclusive(self.name, "a mean is not finite", scope, decide="a smaller step")
        verdict = Verdict.SUPPORTED if difference <= self.largest else Verdict.REFUTED
        spread = float(np.ptp(found))
        notes = (
            f"largest difference of a mean {difference:.1e}, when they are {spread:.2f} apart; "
            f"{precise.working_digits} working digits",
        )
        return CheckResult(
            self.name,
            verdict,
            Method.NUMERICAL,
            scope,
            f"{difference:.1e}",
            precise.working_digits,
            1,
            notes=notes,
        )


@dataclass(frozen=True)
class LossSlope:
    """The least-squares slope of ``ln L`` against a logarithm of the time, on a window of steps.

    Attributes
    ----------
    name : str
        Name within the claim.
    expected : float
        The slope.
    within : float
        Its tolerance.
    first : int
        First step of the window; the last is 20,000.
    against : {"tau", "tau ln tau"}
        Whose logarithm is the abscissa.
    """

    name: str
    expected: float
    within: float
    first: int
    against: str = "tau"

    def run(self, context: Context) -> CheckResult:
        """Fit the slope."""
        fitted = self.fitted()
        scope = f"M = 6, seed 0, steps {self.first} to 20000, against ln({self.against})"
        miss = abs(fitted - self.expected)
        if not math.isfinite(miss):
            return inconclusive(
                self.name,
                "the slope is not finite",
                scope,
                decide="a run whose loss stays positive",
            )
        verdict = Verdict.SUPPORTED if miss <= self.within else Verdict.REFUTED
        notes = (f"fitted {fitted:.4f}, claimed {self.expected:g} within {self.within:g}",)
        return CheckResult(
            self.name,
            verdict,
            Method.NUMERICAL,
            scope,
            f"{abs(self.within - miss):.3f}",
            DIGITS,
            notes=notes,
        )

    def fitted(self) -> float:
        """Return the slope of the run from M = 6."""
        rows = [row for row in line_run(6.0).rows if row.step >= self.first]
        return slope_of(rows, SCALES[self.against])


#: Abscissas of a log-log fit, as functions of tau.
SCALES: dict[str, Callable[[float], float]] = {
    "tau": math.log,
    "tau ln tau": lambda tau: math.log(tau * math.log(tau)),
}


def slope_of(rows: Sequence[Row], scale: Callable[[float], float]) -> float:
    """Return the least-squares slope of ``ln L`` against ``scale(tau)``.

    Examples
    --------
    >>> from numerics.studies.sources_experiment import Row
    >>> rows = [Row(step, 3.0 / step, ()) for step in (100, 200, 400)]
    >>> round(slope_of(rows, math.log), 12)
    -1.0
    """
    import numpy as np

    from numerics.studies.sources_experiment import STEP_SIZE

    places = [scale(STEP_SIZE * row.step) for row in rows]
    return float(np.polyfit(places, [math.log(row.loss) for row in rows], 1)[0])


@dataclass(frozen=True)
class CriticalDistance:
    """The distance above which a component is lost follows from the amplification of the spread.

    The critical ``M`` at spread 1e-7 fixes the constant of ``ln spread + Lambda(M) = k``; the law
    then says where it is at 1e-5 and at 1e-9. Each prediction is tested on both sides.

    Attributes
    ----------
    name : str
    exponent : callable or None
        ``Lambda(M)``; by default the derived one.
    within : float
        Distance from the predicted ``M`` at which fates are tested.
    """

    name: str
    exponent: Callable[[float], float] | None = None
    within: float = 0.015

    def run(self, context: Context) -> CheckResult:
        """Find the critical M at 1e-7, predict, test."""
        from numerics.studies.sources_experiment import log_amplification

        exponent = self.exponent or log_amplification
        critical = critical_size(1e-7)
        constant = exponent(critical) + math.log(1e-7)
        scope = "n = 5, eta = 0.01, on the line, seed 0, spreads 1e-5, 1e-7, 1e-9"
        notes = [f"critical M = {critical:.4f} at spread 1e-7"]
        refuted = False
        for spread in (1e-5, 1e-9):
            predicted = _solve(exponent, constant - math.log(spread), critical)
            below = all_converge(predicted - self.within, spread)
            above = all_converge(predicted + self.within, spread)
            refuted = refuted or not below or above
            notes.append(
                f"spread {spread:g}: predicted {predicted:.4f}; all converge {self.within:g} "
                f"below: {below}, above: {above}"
            )
        return CheckResult(
            self.name,
            Verdict.REFUTED if refuted else Verdict.SUPPORTED,
            Method.NUMERICAL,
            scope,
            f"{self.within:g}",
            DIGITS,
            4,
            notes=tuple(notes),
        )


@lru_cache(maxsize=8)
def critical_size(spread: float, low: float = 2.5, high: float = 6.5) -> float:
    """Bisect for the largest ``M`` from which all five converge, to 0.002."""
    while high - low > 0.002:
        middle = (low + high) / 2
        low, high = (middle, high) if all_converge(middle, spread) else (low, middle)
    return (low + high) / 2


@lru_cache(maxsize=256)
def all_converge(size: float, spread: float) -> bool:
    """Whether all five converge from ``M`` on the line; a run that stays open counts as not."""
    import numpy as np

    from numerics.studies.sources_experiment import run, start_means

    def settled(means: np.ndarray) -> bool:
        norms = np.abs(means)
        split = norms.min() <= NEAR and ((norms <= NEAR) | (norms >= FAR)).all()
        return bool((norms**2).sum() <= 1.0 or split)

    means = start_means(size, spread=spread, rank=1)
    found = run(size, steps=8000, means=means, until=settled)
    return bool((found.means**2).sum() <= 1.0)


def _solve(function: Callable[[float], float], value: float, start: float) -> float:
    """Solve by secants from a nearby point.

    Examples
    --------
    >>> round(_solve(lambda size: size**2, 9.0, 2.8), 6)
    3.0
    """
    before, place = start, start + 0.1
    miss = function(before) - value
    while abs(place - before) > 1e-6:
        now = function(place) - value
        before, miss, place = place, now, place - now * (place - before) / (now - miss)
    return place
