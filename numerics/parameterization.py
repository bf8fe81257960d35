r"""How many digits a descent works at, and why: near-coincident means must stay distinct.

Means are carried as plain numbers at enough digits (not as stored differences). With ``digits``
wanted and distinct means a relative distance ``rho = min |v_i - v_k| / max |v_i|`` apart, the
spread itself is carried to ``digits`` digits by ``digits + log10(1/rho)`` working digits. For the
forward loss and KL a far cluster's spread along its centre is amplified by ``exp(Lambda)``
(amplification law); what is amplified is the *relative* error of that spread, so the same rule
holds with ``rho`` measured along the centre; where that is far smaller (or zero), it suffices that
rounding amplified by ``exp(Lambda)`` stays below ``10^-digits``. The smaller of the two joins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.arithmetic import Arithmetic, Array
from numerics.errors import InputError
from numerics.rationals import log10_fraction
from numerics.reduction import Reduction
from numerics.schedule import StepSchedule

GUARD_DIGITS = 10
#: float64 must hold the smallest spread to at least 10 bits.
FLOAT_RESOLUTION = Fraction(1, 2**42)
FLOAT_DIGITS = 15
MOST_DIGITS = 10_000
_NO_AMPLIFICATION = ("reverse",)


@dataclass(frozen=True)
class Parameterization:
    """Working digits of a descent and their reasons.

    Attributes
    ----------
    working_digits : int
    spread : Fraction or None
        Smallest relative distance of distinct means (None for a single distinct one), squared.
    spread_digits, amplification_digits, guard_digits : int
        What was added to the digits asked for.
    """

    working_digits: int
    spread_squared: Fraction | None
    spread_digits: int
    amplification_digits: int
    guard_digits: int

    def describe(self, backend: str, requested: int) -> str:
        """Return one sentence for the output."""
        if self.spread_squared is None:
            spread = "all means coincide (kept together exactly)"
        else:
            exponent = log10_fraction(self.spread_squared) / 2
            spread = f"smallest relative distance of distinct means about 1e{exponent:.1f}"
        if backend == "float64":
            return f"means stored at double precision; {spread}"
        parts = [f"{requested} requested", f"{self.spread_digits} for the spread"]
        if self.amplification_digits:
            parts.append(
                f"{self.amplification_digits} for the spread along the centre, which is amplified"
            )
        parts.append(f"{self.guard_digits} guard")
        return (
            f"means stored at {self.working_digits} working digits ({' + '.join(parts)}); {spread}"
        )


def plan_digits(
    reduction: Reduction,
    objective: str,
    schedule: StepSchedule,
    steps: int,
    time: Fraction,
    backend: str,
    digits: int,
) -> Parameterization:
    """Choose the working digits, or refuse float64 where it cannot tell distinct means apart.

    Parameters
    ----------
    time : Fraction
        Noise time ``t``: the means of the reduction are ``e^t v``.

    Raises
    ------
    InputError
        If float64 cannot hold the smallest spread (the message names the digits mpmath needs), or
        more than `MOST_DIGITS` working digits would be needed.
    """
    scale = math.exp(-float(time))
    spread, along, largest = _smallest_spreads(reduction, scale)
    # The evaluator's errors are absolute: tiny means need their own size in digits, too.
    spread_digits = _digits_of(largest, time) if largest else 0
    amplification_digits = 0
    if spread is not None and along is not None and largest:
        spread_digits = max(_digits_of(spread / largest), _digits_of(spread, time))
        along_digits = _digits_of(along / largest) if along else MOST_DIGITS
        if along_digits > spread_digits:
            log_growth = _amplification(reduction, objective, schedule, steps, scale)
            growth_digits = math.ceil(log_growth / math.log(10))
            amplification_digits = max(0, min(along_digits, growth_digits) - spread_digits)
    extra_digits = spread_digits + amplification_digits
    total = digits + extra_digits + GUARD_DIGITS
    relative = spread / largest if spread is not None and largest else None
    if backend == "float64":
        unresolved = relative is not None and relative < FLOAT_RESOLUTION**2
        if unresolved or (amplification_digits and extra_digits > FLOAT_DIGITS - 3):
            raise InputError(
                "backend",
                "float64",
                f"for these means a backend that tells them apart: mpmath with about {total} "
                f"working digits (--backend mpmath --digits {digits} chooses them); their smallest "
                "relative distance is "
                f"{_describe_spread(relative, amplification_digits)}",
            )
        return Parameterization(FLOAT_DIGITS, relative, spread_digits, 0, 0)
    if total > MOST_DIGITS:
        raise InputError(
            "means", f"{total} working digits needed", f"at most {MOST_DIGITS} working digits"
        )
    return Parameterization(total, relative, spread_digits, amplification_digits, GUARD_DIGITS)


def more_digits(values: Array, arithmetic: Arithmetic, limit: Fraction) -> int:
    """Return working digits that would bring the largest radius below ``limit``; 0 if it is.

    The final radius is proportional to the rounding errors as long as it is small.
    """
    radius = max(arithmetic.radius(entry) for entry in values.flat)
    if radius <= limit:
        return 0
    return checked_digits(arithmetic.digits + math.ceil(log10_fraction(radius / limit)) + 5)


def checked_digits(digits: int) -> int:
    """Return the working digits, or raise InputError beyond `MOST_DIGITS`."""
    if digits > MOST_DIGITS:
        raise InputError(
            "steps", f"{digits} working digits needed", f"a run that needs at most {MOST_DIGITS}"
        )
    return digits


def _describe_spread(relative: Fraction | None, amplification_digits: int) -> str:
    text = "0" if relative is None else f"1e{log10_fraction(relative) / 2:.1f}"
    if amplification_digits:
        text += f", along the centre {amplification_digits} more digits"
    return text


def _digits_of(squared: Fraction, time: Fraction = Fraction(0)) -> int:
    return max(0, math.ceil(-log10_fraction(squared) / 2 + float(time) / math.log(10)))


def _smallest_spreads(
    reduction: Reduction, scale: float
) -> tuple[Fraction | None, Fraction | None, Fraction]:
    """Smallest squared distance of distinct means, the same along the centre, largest square.

    Along the centre only pairs in one cluster (less than 1 apart in ``v``) count. A pair that an
    exact symmetry ties together has no component along the centre to lose; a pair whose component
    vanishes without one returns 0 there.
    """
    cluster = 1 / Fraction(scale) ** 2 if scale else None
    rows = reduction.products
    squares = reduction.squared_lengths

    def inner(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
        return sum((a * b / q for a, b, q in zip(left, right, squares, strict=True)), Fraction(0))

    centre = [
        sum((w * row[a] for w, row in zip(reduction.weights, rows, strict=True)), Fraction(0))
        for a in range(reduction.span)
    ]
    length = inner(centre, centre)
    smallest: Fraction | None = None
    along: Fraction | None = None
    symmetry = reduction.symmetry
    for i, left in enumerate(rows):
        for k, right in enumerate(rows[:i]):
            difference = [a - b for a, b in zip(left, right, strict=True)]
            square = inner(difference, difference)
            if square:
                smallest = square if smallest is None else min(smallest, square)
            tied = symmetry.representative[i] == symmetry.representative[k]
            if length and square and (cluster is None or square < cluster) and not tied:
                component = inner(difference, centre) ** 2 / length
                along = component if along is None else min(along, component)
    if smallest is not None and along is None:
        along = smallest
    return smallest, along, max(inner(row, row) for row in rows)


def _amplification(
    reduction: Reduction, objective: str, schedule: StepSchedule, steps: int, scale: float
) -> float:
    """Estimate ``Lambda = sum ln(1 + gain |c_k|^2)`` of the amplification law (uniform weights).

    A plan for the number of digits, never part of a result.
    """
    if objective in _NO_AMPLIFICATION:
        return 0.0
    components = sum(reduction.multiplicities)
    factor = 1.0 if objective == "kl" else 2.0
    squares = reduction.squared_lengths
    centre = 0.0
    for a, square in enumerate(squares):
        entry = sum(
            (w * row[a] for w, row in zip(reduction.weights, reduction.products, strict=True)),
            Fraction(0),
        )
        centre += float(entry * entry / square)
    centre *= scale * scale
    total = 0.0
    for step in range(min(steps, 100_000)):
        rate = factor * float(schedule.at(step)) * scale * scale / components
        if centre < 1e-6:
            break
        total += math.log1p(factor * rate * centre)
        centre *= (1.0 - rate) ** 2
    return total
