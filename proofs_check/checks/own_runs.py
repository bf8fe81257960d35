"""Runs of one's own iterations: their limits, rates and fates, as evidence.

A run is a start and a map (`numerics.descent.own_map`). `own_sequence` makes samples for
`proofs_check.checks.limits.LimitCheck` and `RangeCheck`; `DecayCheck` tells geometric from
polynomial decay; `OwnFates` looks where components are in the end.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Literal

from numerics.errors import InputError
from proofs_check.checks.limits import Number, Sample, Samples
from proofs_check.claim import Context
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import MORE_TIME, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from numerics.descent.own_map import Place, Step

#: Growth of the local exponent of ``k`` when ``k`` doubles: 2 for geometric decay, 1 for a power.
GEOMETRIC_FROM, POWER_TO = 1.6, 1.3
#: Distances may grow by so much where a run has arrived: rounding.
_SLACK = 1e-12
#: A distance below this share of the first one is rounding, in float64.
FLOOR = 1e-11

Kind = Literal["geometric", "polynomial"]


@dataclass(frozen=True)
class OwnRun:
    """A start, a map, and how far it is run.

    Attributes
    ----------
    step : callable
        The map: takes a `numerics.descent.own_map.Place`, returns the next one.
    start : Mixture
        Exact means, weights and teacher.
    quick, full : int
        Steps by budget.
    backend : {"float64", "mpmath", "ball"}

    Raises
    ------
    InputError
        Naming what cannot be used.
    """

    step: Step = field(repr=False)
    start: Mixture
    quick: int
    full: int = 0
    backend: str = "float64"

    def __post_init__(self) -> None:
        if not callable(self.step):
            raise InputError("step", repr(self.step), "a function from a Place to the next one")
        if not isinstance(self.start, Mixture):
            raise InputError("start", repr(self.start), "a Mixture")
        for name, least in (("quick", 8), ("full", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InputError(name, repr(value), f"an integer of at least {least}")
        if self.backend not in ("float64", "mpmath", "ball"):
            raise InputError("backend", repr(self.backend), '"float64", "mpmath" or "ball"')

    def steps(self, context: Context) -> int:
        """Steps that the budget allows."""
        return max(self.quick, self.full) if context.budget == "full" else self.quick

    def places(self, context: Context, digits: int) -> Iterator[Place]:
        """The iterates, the start first, until the steps or the time are used up."""
        from numerics.descent.iteration import iterate
        from numerics.descent.own_map import Place

        teacher = self.start.teacher
        start = Place.of(
            self.start.means,
            self.start.weights,
            {"means": teacher.means, "weights": teacher.weights},
            backend=self.backend,
            digits=digits,
        )
        for place in islice(iterate(self.step, start), self.steps(context) + 1):
            if context.expired:
                return
            yield place


def own_sequence(
    run: OwnRun,
    term: Callable[[Place], Any],
    small: Callable[[int], Any] = lambda k: 1 / k,
    samples: int = 6,
) -> Samples:
    """Samples of a run at its last steps, each 1.25 times as far as the one before.

    Parameters
    ----------
    run : OwnRun
    term : callable
        The number that tends to the limit, at a place.
    small : callable
        What tends to 0, of the number of steps: deviations should be a power series in it.
    samples : int
        How many. Where deviations are no power series (logarithms), two make an extrapolation
        whose stated uncertainty, the whole of the last deviation, can be trusted.

    Examples
    --------
    >>> from numerics.descent.own_map import gradient_step
    >>> halving = OwnRun(gradient_step("kl", "1/2"), Mixture.of([["1"]]), 8)
    >>> [s.label for s in own_sequence(halving, lambda at: at.means[0, 0])(Context(), 10)][-2:]
    ['k = 6', 'k = 8']
    """

    def found(context: Context, digits: int) -> Sequence[Sample]:
        import mpmath

        last = run.steps(context)
        wanted = sorted({max(1, round(last / 1.25**back)) for back in range(samples)})
        result = []
        for place in run.places(context, digits):
            if place.index in wanted:
                value = _number(term(place))
                small_part = mpmath.mpf(small(place.index))
                result.append(Sample(small_part, value, f"k = {place.index}"))
        return result

    return found


def _number(value: Any) -> Number:
    """A backend's number as an mpf (of a ball, the midpoint)."""
    import mpmath

    if hasattr(value, "mid"):
        from numerics.numbers.balls import exact_rational

        exact = exact_rational(value.mid())
        return mpmath.mpf(exact.numerator) / exact.denominator
    return mpmath.mpf(value)


@dataclass(frozen=True)
class DecayCheck:
    """How fast a distance falls along a run: like ``q^k``, or like ``k^-p``.

    From the last quarter, half and whole of the run follow two local exponents of ``k``; when ``k``
    doubles the exponent doubles for geometric decay, and stays for a power. The rate, ``q`` or
    ``p``, is then compared with what is claimed. No finite run decides a rate: the result is
    ``SUPPORTED``; ``REFUTED`` if the decay is of the other kind, or the rate outside its range by
    more than it still changes.

    Attributes
    ----------
    name : str
        Name within the claim.
    run_of : OwnRun
    distance : callable
        The nonnegative number that falls, at a place.
    kind : {"geometric", "polynomial"}
    between : pair of numbers or None
        Range of the rate: the factor a step for geometric decay, else the exponent.
    digits : int

    Raises
    ------
    InputError
        Naming what cannot be used.

    Examples
    --------
    >>> from numerics.descent.own_map import gradient_step
    >>> halving = OwnRun(gradient_step("kl", "1/2"), Mixture.of([["1"]]), 30)
    >>> size = lambda at: abs(at.means[0, 0])
    >>> check = DecayCheck("halving", halving, size, "geometric", (0.4, 0.6))
    >>> check.run(Context()).verdict
    <Verdict.SUPPORTED: 'SUPPORTED'>
    """

    name: str
    run_of: OwnRun
    distance: Callable[[Place], Any] = field(repr=False)
    kind: Kind
    between: tuple[float, float] | None = None
    digits: int = 13

    def __post_init__(self) -> None:
        if not isinstance(self.run_of, OwnRun):
            raise InputError("run_of", repr(self.run_of), "an OwnRun")
        if self.kind not in ("geometric", "polynomial"):
            raise InputError("kind", repr(self.kind), '"geometric" or "polynomial"')
        if not callable(self.distance):
            raise InputError("distance", repr(self.distance), "a function of a place")
        if self.between is not None and not 0 <= self.between[0] < self.between[1]:
            raise InputError("between", repr(self.between), "two numbers from 0 up, in order")

    def run(self, context: Context) -> CheckResult:
        """Run the iteration, and look at how fast the distance falls."""
        from numerics.numbers.balls import precision

        scope = f"{self.run_of.steps(context)} steps from {self.run_of.start}"
        logarithms: list[float] = []
        with precision(4 * self.digits + 40):
            for place in self.run_of.places(context, self.digits):
                value = float(_number(self.distance(place)))
                if not (math.isfinite(value) and value > 0):
                    break
                logarithms.append(math.log(value))
                if self._is_rounding(logarithms):
                    break
        if context.expired:
            return inconclusive(self.name, "time ran out", scope, decide=MORE_TIME)
        last = (len(logarithms) - 1) // 4 * 4
        if last < 8:
            reason = f"only {len(logarithms)} steps before the distance is 0, or rounding"
            return inconclusive(
                self.name, reason, scope, decide="a start farther away, more digits"
            )
        return self._judged(logarithms, last, scope)

    def _is_rounding(self, logarithms: list[float]) -> bool:
        floor = FLOOR if self.run_of.backend == "float64" else 10.0 ** -(self.digits - 3)
        return logarithms[-1] < logarithms[0] + math.log(floor)

    def _judged(self, logarithms: list[float], last: int, scope: str) -> CheckResult:
        early = (logarithms[last // 4] - logarithms[last // 2]) / math.log(2)
        late = (logarithms[last // 2] - logarithms[last]) / math.log(2)
        if not (early > 0 and late > 0):
            return inconclusive(
                self.name, "the distance does not fall", scope, decide="more steps, if it falls"
            )
        growth = late / early
        shown = f"exponents of k: {early:.4g} up to {last // 2} steps, {late:.4g} up to {last}"
        seen = "geometric" if growth >= GEOMETRIC_FROM else ""
        seen = "polynomial" if growth <= POWER_TO else seen
        if not seen:
            return inconclusive(self.name, f"{shown}: neither kind", scope, decide="more steps")
        before, rate = _rates(logarithms, last, seen, early, late)
        notes = (shown, f"{seen} decay, rate {rate:.6g}", f"in {self.run_of.backend}")
        verdict, margin = Verdict.SUPPORTED, f"{abs(rate - before):.2g}"
        if seen != self.kind:
            verdict = Verdict.REFUTED
        elif self.between is not None:
            low, high = self.between
            outside = max(low - rate, rate - high)
            if outside > abs(rate - before):
                verdict = Verdict.REFUTED
            elif outside > 0:
                reason = f"rate {rate:.4g} at an end of its range; {shown}"
                return inconclusive(self.name, reason, scope, decide="more steps")
        return CheckResult(
            self.name,
            verdict,
            Method.NUMERICAL,
            scope,
            margin=margin,
            digits=self.digits,
            cases=last,
            notes=notes,
        )


def _rates(
    logarithms: list[float], last: int, seen: str, early: float, late: float
) -> tuple[float, float]:
    """The rate in the first and in the second part: the factor a step, or the exponent."""
    if seen == "polynomial":
        return early, late
    quarter, half = last // 4, last // 2
    first = (logarithms[half] - logarithms[quarter]) / (half - quarter)
    return math.exp(first), math.exp((logarithms[last] - logarithms[half]) / (last - half))


@dataclass(frozen=True)
class OwnFates:
    """Where the components of a run are after its last step: evidence for their fates.

    Attributes
    ----------
    name : str
        Name within the claim.
    run_of : OwnRun
    fates : tuple of {"converged", "escaped"}
        As claimed, for every component.
    near, far : float
        Converged: within ``near`` of a mean of the teacher all through the last quarter of the
        run, and no farther at its end. Escaped: beyond ``far`` of all, at growing distances.

    Examples
    --------
    >>> from numerics.descent.own_map import gradient_step
    >>> halving = OwnRun(gradient_step("kl", "1/2"), Mixture.of([["1"]]), 30)
    >>> OwnFates("halving", halving, ("converged",)).run(Context()).verdict
    <Verdict.SUPPORTED: 'SUPPORTED'>
    """

    name: str
    run_of: OwnRun
    fates: tuple[str, ...]
    near: float = 1e-3
    far: float = 10.0

    def __post_init__(self) -> None:
        allowed = ("converged", "escaped")
        if len(self.fates) != self.run_of.start.n or not set(self.fates) <= set(allowed):
            raise InputError("fates", repr(self.fates), f"one of {allowed} for every component")
        if not 0 < self.near < self.far:
            raise InputError("near", repr(self.near), f"a positive number below far = {self.far}")

    def run(self, context: Context) -> CheckResult:
        """Run the iteration and look at its end."""
        scope = f"{self.run_of.steps(context)} steps from {self.run_of.start}"
        last = self.run_of.steps(context) // 4 + 1
        ends = deque(self.run_of.places(context, context.digits), maxlen=last)
        if len(ends) < last or context.expired:
            return inconclusive(self.name, "time ran out", scope, decide=MORE_TIME)
        place = ends[-1]
        # not only where it is, but where it is going: the last quarter of the run
        quarter = [self._distances(end) for end in ends]
        distances = quarter[-1]
        found = [self._fate(list(way)) for way in zip(*quarter, strict=True)]
        shown = ", ".join(f"{distance:.4g}" for distance in distances)
        notes = (f"distances from the teacher's means: {shown}", f"in {self.run_of.backend}")
        if "" in found:
            return inconclusive(self.name, "; ".join(notes), scope, decide="more steps")
        agree = tuple(found) == self.fates
        return CheckResult(
            self.name,
            Verdict.SUPPORTED if agree else Verdict.REFUTED,
            Method.NUMERICAL,
            scope,
            margin=shown,
            cases=place.index,
            notes=notes,
        )

    def _distances(self, place: Place) -> list[float]:
        """Of every component from the nearest mean of the teacher."""
        thetas = [[float(x) for x in row] for row in self.run_of.start.teacher.means]
        rows = [[float(_number(x)) for x in row] for row in place.means]
        return [min(math.dist(row, theta) for theta in thetas) for row in rows]

    def _fate(self, way: Sequence[float]) -> str:
        if max(way) <= self.near and way[-1] <= way[0] + _SLACK:
            return "converged"
        grows = all(before <= after for before, after in pairwise(way))
        return "escaped" if min(way) >= self.far and grows else ""
