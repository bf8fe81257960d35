r"""How many digits a descent works at, and why: near-coincident means must stay distinct.

Means are carried as plain numbers at enough digits. With ``digits``
wanted and distinct means a relative distance ``rho = min |v_i - v_k| / max |v_i|`` apart, the
spread itself is carried to ``digits`` digits by ``digits + log10(1/rho)`` working digits. For the
forward loss and KL a far cluster's spread along its centre is amplified by ``exp(Lambda)``
(amplification law); what is amplified is the *relative* error of that spread, so the same rule
holds with ``rho`` measured along the centre; where that is far smaller (or zero), it suffices that
rounding amplified by ``exp(Lambda)`` stays below ``10^-digits``. The smaller of the two joins.

In a cluster (`numerics.descent.clusters`, ball backend) ``rho`` is relative to the cluster's own
largest distance, since its deviations are held with relative precision: how close it is costs no
digits. If the amplification law expects it to come apart, its means must then be plain numbers
whose differences are still relatively accurate: about ``digits`` more, however close it started.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.descent.clusters import LINK_DIGITS, Clusters, distance_squared
from numerics.descent.schedule import StepSchedule
from numerics.errors import InputError
from numerics.mixtures.reduction import Reduction
from numerics.numbers.arithmetic import Arithmetic, Array
from numerics.numbers.exact import log10_fraction, to_float
from numerics.quadrature.float_sums import MOST_DIGITS as DOUBLE_DIGITS

GUARD_DIGITS = 10
#: In balls in two and three dimensions of integration, where every digit costs nodes, and a run
#: whose radius is too large is repeated.
FEW_GUARD_DIGITS = 4
#: float64 must hold the smallest spread to at least 10 bits.
FLOAT_RESOLUTION = Fraction(1, 2**42)
FLOAT_DIGITS = 15
MOST_DIGITS = 10_000
_NO_AMPLIFICATION = ("reverse",)


@dataclass(frozen=True)
class WorkingDigits:
    """Working digits of a descent and their reasons.

    Attributes
    ----------
    total : int
    spread : Fraction or None
        Smallest relative distance of distinct means (None for a single distinct one), squared.
    spread_digits, amplification_digits, guard_digits, handover_digits : int
        What was added to the digits asked for.
    clusters : tuple of tuple of int
        Distinct components held as centre and deviations.
    """

    total: int
    spread_squared: Fraction | None
    spread_digits: int
    amplification_digits: int
    guard_digits: int
    clusters: Clusters = ()
    handover_digits: int = 0

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
        if self.handover_digits:
            parts.append(f"{self.handover_digits} for a cluster that comes apart")
        parts.append(f"{self.guard_digits} guard")
        form = "means"
        if self.clusters:
            count = len(self.clusters)
            form = f"{count} cluster{'s' * (count > 1)} as centre and deviations, other means"
        return f"{form} stored at {self.total} working digits ({' + '.join(parts)}); {spread}"


def plan_digits(
    reduction: Reduction,
    objective: str,
    schedule: StepSchedule,
    steps: int,
    time: Fraction,
    backend: str,
    digits: int,
    clusters: Clusters = (),
) -> WorkingDigits:
    """Choose the working digits, or refuse float64 where it cannot tell distinct means apart.

    Parameters
    ----------
    time : Fraction
        Noise time ``t``: the means of the reduction are ``e^t v``.
    clusters : tuple of tuple of int
        Distinct components that are held as centre and deviations.

    Raises
    ------
    InputError
        If float64 cannot hold the smallest spread (the message names the digits mpmath needs), or
        more than `MOST_DIGITS` working digits would be needed.
    """
    scale = math.exp(-float(time))
    spreads = _smallest_spreads(reduction, scale, clusters)
    # The evaluator's errors are absolute: tiny means need their own size in digits, too.
    spread_digits = _digits_of(spreads.largest, time) if spreads.largest else 0
    amplification_digits = 0
    if spreads.relative is not None:
        spread_digits = max(spread_digits, _digits_of(spreads.relative))
        if spreads.apart is not None:
            spread_digits = max(spread_digits, _digits_of(spreads.apart, time))
        along_digits = _digits_of(spreads.along) if spreads.along else MOST_DIGITS
        if along_digits > spread_digits:
            log_growth = predicted_amplification(reduction, objective, schedule, steps, scale)
            growth_digits = math.ceil(log_growth / math.log(10))
            amplification_digits = max(0, min(along_digits, growth_digits) - spread_digits)
    handover_digits = 0
    if clusters:
        log_growth = predicted_amplification(reduction, objective, schedule, steps, scale)
        final = _widest(reduction, clusters, time) + log_growth / math.log(10)
        if final > -(digits + LINK_DIGITS):
            handover_digits = digits + LINK_DIGITS
    extra_digits = spread_digits + amplification_digits + handover_digits
    guard_digits = GUARD_DIGITS
    if backend == "ball" and reduction.rank > 1:
        spare = DOUBLE_DIGITS - digits - extra_digits  # sums in doubles are faster by far
        guard_digits = min(FEW_GUARD_DIGITS, spare) if spare >= 0 else FEW_GUARD_DIGITS
    total = digits + extra_digits + guard_digits
    relative = spreads.smallest
    if backend == "float64":
        unresolved = relative is not None and relative < FLOAT_RESOLUTION**2
        if unresolved or (amplification_digits and extra_digits > FLOAT_DIGITS - 3):
            if reduction.rank > 3:
                raise InputError(
                    "means",
                    f"a smallest relative distance of {_describe_spread(relative, 0)}",
                    f"at least {float(FLOAT_RESOLUTION):.1e}: differences that span "
                    f"{reduction.rank} > 3 dimensions are for float64 alone",
                )
            raise InputError(
                "backend",
                "float64",
                f"for these means a backend that tells them apart: mpmath with about {total} "
                f"working digits (--backend mpmath --digits {digits} chooses them); their smallest "
                "relative distance is "
                f"{_describe_spread(relative, amplification_digits)}",
            )
        return WorkingDigits(FLOAT_DIGITS, relative, spread_digits, 0, 0)
    if total > MOST_DIGITS:
        raise InputError(
            "means", f"{total} working digits needed", f"at most {MOST_DIGITS} working digits"
        )
    return WorkingDigits(
        total,
        relative,
        spread_digits,
        amplification_digits,
        guard_digits,
        clusters,
        handover_digits,
    )


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


@dataclass(frozen=True)
class _Spreads:
    """Squared distances of distinct means; None where there is no pair.

    Attributes
    ----------
    smallest : Fraction or None
        Smallest distance over the means' size.
    relative : Fraction or None
        The same, in a cluster over the cluster's largest distance.
    along : Fraction or None
        Likewise, of the distances' components along the centre.
    apart : Fraction or None
        Smallest distance of means in no common cluster.
    largest : Fraction
        Largest square of a mean, or of a cluster's centre.
    """

    smallest: Fraction | None
    relative: Fraction | None
    along: Fraction | None
    apart: Fraction | None
    largest: Fraction


def _smallest_spreads(reduction: Reduction, scale: float, clusters: Clusters) -> _Spreads:
    """Measure the distances that the working digits must resolve.

    Along the centre only pairs less than 1 apart in ``v`` count. A pair that an exact symmetry ties
    together has no component along the centre to lose; a pair whose component vanishes without one
    returns 0 there.
    """
    near = 1 / Fraction(scale) ** 2 if scale else None
    rows, squares = reduction.products, reduction.squared_lengths

    def inner(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
        return sum((a * b / q for a, b, q in zip(left, right, squares, strict=True)), Fraction(0))

    centre = _mean(rows, reduction.weights)
    length = inner(centre, centre)
    home = {i: number for number, members in enumerate(clusters) for i in members}
    totals = [sum((reduction.weights[i] for i in m), Fraction(0)) for m in clusters]
    centres = [
        _mean([rows[i] for i in m], [reduction.weights[i] / total for i in m])
        for m, total in zip(clusters, totals, strict=True)
    ]
    places = [*centres, *(row for i, row in enumerate(rows) if i not in home)]
    largest = max(inner(place, place) for place in places)
    size = max(inner(row, row) for row in rows)
    widest = [max(distance_squared(reduction, i, k) for i in m for k in m) for m in clusters]
    found: list[Fraction] = []
    relative: list[Fraction] = []
    along: list[Fraction] = []
    apart: list[Fraction] = []
    symmetry = reduction.symmetry
    for i, left in enumerate(rows):
        for k, right in enumerate(rows[:i]):
            square = distance_squared(reduction, i, k)
            if not square:
                continue
            together = i in home and home[i] == home.get(k)
            reference = widest[home[i]] if together else size
            found.append(square / size)
            relative.append(square / reference)
            if not together:
                apart.append(square)
            tied = symmetry.representative[i] == symmetry.representative[k]
            if length and (near is None or square < near) and not tied:
                difference = [a - b for a, b in zip(left, right, strict=True)]
                along.append(inner(difference, centre) ** 2 / length / reference)
    least = min(relative, default=None)
    return _Spreads(
        min(found, default=None),
        least,
        min(along, default=least),
        min(apart, default=None),
        largest,
    )


def _widest(reduction: Reduction, clusters: Clusters, time: Fraction) -> float:
    """Decimal logarithm of the largest distance in a cluster, in ``v``."""
    squares = (distance_squared(reduction, i, k) for m in clusters for i in m for k in m if i != k)
    return log10_fraction(max(squares)) / 2 - float(time) / math.log(10)


def _mean(rows: Sequence[Sequence[Fraction]], weights: Sequence[Fraction]) -> list[Fraction]:
    """Weighted sum of rational vectors."""
    return [
        sum((w * entry for w, entry in zip(weights, column, strict=True)), Fraction(0))
        for column in zip(*rows, strict=True)
    ]


#: Sizes that are only estimated are cut here: their products are floats or infinite, never errors.
_MOST = 1e300


def _capped(size: Fraction) -> float:
    return min(to_float(size), _MOST)


def predicted_amplification(
    reduction: Reduction, objective: str, schedule: StepSchedule, steps: int, scale: float
) -> float:
    """Estimate ``Lambda = sum ln(1 + gain |c_k|^2)`` of the amplification law (uniform weights).

    A plan for the number of digits, never part of a result.
    """
    if objective in _NO_AMPLIFICATION or reduction.teacher_weights:  # a law of one Gaussian
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
        centre += _capped(entry * entry / square)
    centre = min(centre, _MOST) * scale * scale
    total = 0.0
    for step in range(min(steps, 100_000)):
        rate = factor * _capped(schedule.at(step)) * scale * scale / components
        if centre < 1e-6:
            break
        total += math.log1p(min(factor * rate * centre, _MOST))
        centre = min(centre * (1.0 - rate) * (1.0 - rate), _MOST)
    return total
