r"""The critical spread of a far cluster, between two fates that are certified.

`numerics.studies.threshold.search` estimates it in float64; here descent in balls proves, for one
exact spread below the estimate, that all components converge (Theorem F), and for one above it that
the nearer component converges and the others escape (Lemma E, for ``n > 2`` Region E). That there
is only one change of fate in between is not claimed.
"""

from __future__ import annotations

import math
import time as clock
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from flint import arb

from numerics.descent.result import Descent, RunOptions
from numerics.descent.run import descend
from numerics.errors import InputError, check_integer
from numerics.execution import Executor, call
from numerics.numbers.balls import ball, exact_rational, precision
from numerics.numbers.exact import parse_number
from numerics.studies.threshold.search import (
    ClusterStart,
    FloatFate,
    SearchStoppedError,
    estimate,
    predicted_steps,
)

__all__ = [
    "CertifiedEnd",
    "ClusterStart",
    "Threshold",
    "find_threshold",
    "predicted_seconds",
    "read_start",
]

#: Distance in the logarithm of the certified ends from the estimate, in turn.
MARGINS = (0.018, 0.012, 0.022)
WIDEST = 0.05
LEAST_DISTANCE, MOST_DISTANCE = Fraction(2), Fraction(40)
LEAST_STEP, MOST_STEP = Fraction(1, 1000), Fraction(3, 10)
MOST_COMPONENTS = 8
MOST_DIGITS = 100
_SIGNIFICANT = 12
#: Measured once on one core; only the estimate before the start uses them.
_SECONDS_PER_STEP, _SECONDS_PER_FLOAT_STEP = 2e-3, 1.5e-4
_BITS = 120

#: What `certified_end` is told: start, end of the bracket, wanted fate, digits, most steps.
Call = tuple[ClusterStart, float, FloatFate, int, int]
Stage = Literal["search", "converging", "escaping"]


@dataclass(frozen=True)
class CertifiedEnd:
    """A spread with a proved fate.

    Attributes
    ----------
    spread : str
        ``|v_1 - v_2|``, an exact decimal.
    log_spread : (float, float)
        Bounds of its natural logarithm.
    run : Descent
        The certified run: fates, criterion, steps, working digits.
    """

    spread: str
    log_spread: tuple[float, float]
    run: Descent = field(repr=False)


@dataclass(frozen=True)
class Threshold:
    """The critical spread of a start, as far as it was found.

    Attributes
    ----------
    start : ClusterStart
    amplification : float
        ``Lambda``.
    estimate : (float, float) or None
        Float64 bracket of the logarithm of the critical spread; None if stopped before.
    converging, escaping : CertifiedEnd or None
        The certified ends; None if stopped before.
    stopped : {"completed", "stopped"}
    seconds : float
    """

    start: ClusterStart
    amplification: float
    estimate: tuple[float, float] | None
    converging: CertifiedEnd | None
    escaping: CertifiedEnd | None
    stopped: Literal["completed", "stopped"]
    seconds: float

    @property
    def log_spread(self) -> tuple[float, float] | None:
        """Bounds of the logarithms of both certified spreads, if both were certified."""
        if self.converging is None or self.escaping is None:
            return None
        return self.converging.log_spread[0], self.escaping.log_spread[1]

    @property
    def constant(self) -> tuple[float, float] | None:
        """Bounds of ``k = ln(s/2) + Lambda`` between the certified ends (``n = 2``: half of s)."""
        if self.log_spread is None:
            return None
        low, high = (end - math.log(2) + self.amplification for end in self.log_spread)
        return low, high

    @property
    def steps(self) -> int | None:
        """Steps of the longer certified run."""
        if self.converging is None or self.escaping is None:
            return None
        return max(self.converging.run.steps, self.escaping.run.steps)


def read_start(distance: object, step_size: object, components: object = 2) -> ClusterStart:
    """Read a start exactly; refuse what lies outside the range in which the command works.

    Raises
    ------
    InputError
        Naming the argument and its range.

    Examples
    --------
    >>> read_start("6", "0.1").step_size
    Fraction(1, 10)
    """
    exact = parse_number(distance, "distance")
    step = parse_number(step_size, "step_size")
    if not LEAST_DISTANCE <= exact <= MOST_DISTANCE:
        allowed = f"a distance |c_0| from {LEAST_DISTANCE} to {MOST_DISTANCE}"
        raise InputError("distance", distance, allowed)
    if not LEAST_STEP <= step <= MOST_STEP:
        raise InputError("step_size", step_size, "a step from 0.001 to 0.3")
    return ClusterStart(exact, step, check_integer("components", components, 2, MOST_COMPONENTS))


def predicted_seconds(start: ClusterStart) -> tuple[int, float]:
    """Estimate the steps of a certified run, and the seconds of search and both runs.

    Examples
    --------
    >>> steps, seconds = predicted_seconds(ClusterStart(Fraction(6), Fraction(1, 10)))
    >>> steps < 1000, seconds < 60
    (True, True)
    """
    steps = predicted_steps(start)
    return steps, 1 + steps * (2 * _SECONDS_PER_STEP + 12 * _SECONDS_PER_FLOAT_STEP)


def find_threshold(
    distance: object,
    step_size: object,
    *,
    components: object = 2,
    digits: int = 10,
    max_seconds: float | None = None,
    stop: Callable[[], bool] | None = None,
    progress: Callable[[Stage, int, int], None] | None = None,
    pool: Executor | None = None,
) -> Threshold:
    """Bracket the critical spread ``|v_1 - v_2|`` of a far cluster between two certified fates.

    Parameters
    ----------
    distance, step_size : number or str
        ``|c_0|`` from 2 to 40 and the step from 0.001 to 0.3, read exactly.
    components : int
        ``n``; beyond 2, one component is nearer to the truth than the others, which coincide.
    digits : int
        Accuracy of the certified runs, 1 to `MOST_DIGITS` (the verdicts do not depend on it).
    max_seconds, stop
        Stop early; what was found until then is returned.
    progress : callable or None
        Told the stage, its steps done and the steps expected.
    pool : Executor or None
        Certifies both fates at the same time; by default one after the other in this process.

    Raises
    ------
    InputError
        Bad input, before any work.
    ArithmeticError
        If the certified fates are not those of the search.

    Examples
    --------
    >>> found = find_threshold(3, "0.1")
    >>> low, high = found.log_spread
    >>> round(low, 1), round(high, 1), high - low < 0.05
    (-3.6, -3.6, True)
    """
    start = read_start(distance, step_size, components)
    check_integer("digits", digits, 1, MOST_DIGITS)
    if max_seconds is not None and not 0 < max_seconds < math.inf:
        raise InputError("max_seconds", max_seconds, "a positive number of seconds")
    begun = clock.monotonic()

    def enough() -> bool:
        late = max_seconds is not None and clock.monotonic() - begun > max_seconds
        return late or (stop is not None and stop())

    amplification = start.amplification
    bracket: tuple[float, float] | None = None
    converging = escaping = None
    try:
        if progress is not None:
            progress("search", 0, predicted_steps(start))
        low, high, longest = estimate(start, stop=enough)
        bracket = low, high
        budget = 4 * longest + 200
        converging_call: Call = (start, low, "converged", digits, budget)
        escaping_call: Call = (start, high, "escaped", digits, budget)
        if pool is None:
            converging = certified_end(*converging_call, enough, progress)
            escaping = certified_end(*escaping_call, enough, progress)
        else:
            converging, escaping = _at_once((converging_call, escaping_call), pool, enough)
    except SearchStoppedError:
        seconds = clock.monotonic() - begun
        return Threshold(start, amplification, bracket, converging, None, "stopped", seconds)
    if converging is None or escaping is None:
        raise ArithmeticError(f"the search's bracket {bracket} could not be certified")
    seconds = clock.monotonic() - begun
    return Threshold(start, amplification, bracket, converging, escaping, "completed", seconds)


def _at_once(
    calls: Sequence[Call], pool: Executor, stop: Callable[[], bool]
) -> list[CertifiedEnd | None]:
    """`certified_end` of both ends in processes of their own."""
    found: dict[str, CertifiedEnd | None] = {}
    tasks = [call(str(arguments[2]), certified_end, *arguments) for arguments in calls]
    for outcome in pool.run(tasks, stop):
        found[outcome.key] = outcome.result()
    if len(found) < len(tasks):
        raise SearchStoppedError
    return [found[task.key] for task in tasks]


def certified_end(
    start: ClusterStart,
    log_spread: float,
    wanted: FloatFate,
    digits: int,
    budget: int,
    stop: Callable[[], bool] | None = None,
    progress: Callable[[Stage, int, int], None] | None = None,
) -> CertifiedEnd | None:
    """Certify fates at a spread somewhat beyond the end of the search's bracket; None if in vain.

    Raises
    ------
    SearchStoppedError
        If ``stop`` asked for it.
    """
    side = -1 if wanted == "converged" else 1
    for margin in MARGINS:
        end = _end(start, log_spread + side * margin, wanted, digits, budget, stop, progress)
        if end is not None:
            return end
    return None


def _end(
    start: ClusterStart,
    log_spread: float,
    wanted: FloatFate,
    digits: int,
    budget: int,
    stop: Callable[[], bool] | None,
    progress: Callable[[Stage, int, int], None] | None,
) -> CertifiedEnd | None:
    """Certify the fates at one spread; None if they are not as wanted.

    Raises
    ------
    SearchStoppedError
        If ``stop`` asked for it.
    """
    text = _decimal(log_spread)
    stage: Stage = "converging" if wanted == "converged" else "escaping"
    expected = (budget - 200) // 4
    report = None if progress is None else (lambda step: progress(stage, step, expected))
    run = descend(
        "forward",
        start.means(Fraction(text)),
        step_size=start.step_size,
        steps=budget,
        digits=digits,
        backend="ball",
        options=RunOptions(certify=True, stop=stop, progress=report),
    )
    if run.stopped == "interrupted":
        raise SearchStoppedError
    if run.stopped != "certified":
        return None
    escaped = any(fate.fate == "escaped" for fate in run.fates)
    if escaped != (wanted == "escaped"):
        return None
    return CertifiedEnd(text, _log_bounds(Fraction(text)), run)


def _decimal(log_spread: float) -> str:
    """Decimal text near ``exp(log_spread)``, of any size."""
    with precision(_BITS):
        value = ball(Fraction(log_spread)).exp()
        text: str = value.str(_SIGNIFICANT, radius=False)
    return text


def _log_bounds(value: Fraction) -> tuple[float, float]:
    """Doubles below and above the natural logarithm of an exact number."""
    with precision(_BITS):
        logarithm: Any = arb(ball(value)).log()
        low, high = exact_rational(logarithm.lower()), exact_rational(logarithm.upper())
    down, up = float(low), float(high)
    return math.nextafter(down, -math.inf), math.nextafter(up, math.inf)
