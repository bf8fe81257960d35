r"""Checks of limits: a sequence computed twice, at two precisions, and extrapolated.

No finite computation decides a limit. What is decided is a finite consequence: the limit, with
deviations of a stated form, fixes the value extrapolated from the last samples up to an uncertainty
that two extrapolations and two precisions show. `LimitCheck` supports the limit if the value is
within that uncertainty (and the uncertainty small), and refutes it if the distance exceeds it
ten times; in between nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import mpmath

from proofs_check.claim import Context
from proofs_check.verdict import CheckResult, Method, Verdict, inconclusive

Number = Any  # an mpf

#: Digits of the arithmetic with samples.
_WORKING = 40
#: A limit farther away than that many uncertainties is refuted.
DISTANCE = 10


@dataclass(frozen=True)
class Sample:
    """One term of a sequence.

    Attributes
    ----------
    small : mpf
        Variable that tends to zero; deviations are a function of it.
    value : mpf
    label : str
        Where the term was taken, for the reader.
    """

    small: Number
    value: Number
    label: str


@dataclass(frozen=True)
class Estimate:
    """An extrapolated value with its uncertainty."""

    value: Number
    uncertainty: Number


#: ``(context, digits) -> samples``, ordered towards the limit.
Samples = Callable[[Context, int], Sequence[Sample]]
Extrapolation = Callable[[Sequence[Sample]], Estimate]


def power_series(samples: Sequence[Sample]) -> Estimate:
    """Extrapolate by the polynomial through the last five (or fewer) samples.

    The uncertainty is the distance to the polynomial through one sample less.

    Examples
    --------
    >>> points = [Sample(mpmath.mpf(1) / k, 3 + mpmath.mpf(2) / k, "") for k in (4, 5, 6)]
    >>> mpmath.nstr(power_series(points).value, 5)
    '3.0'
    """
    used = list(samples[-5:])
    value, before = _at_zero(used), _at_zero(used[1:])
    return Estimate(value, abs(value - before))


def _at_zero(samples: Sequence[Sample]) -> Number:
    total = mpmath.mpf(0)
    for i, one in enumerate(samples):
        factors = (other.small / (other.small - one.small) for other in samples if other is not one)
        total += samples[i].value * mpmath.fprod(factors)
    return total


def geometric(samples: Sequence[Sample]) -> Estimate:
    """Aitken's process on the last three samples: deviations fall by an unknown constant factor.

    The uncertainty is the last change of the terms, which bounds what the process adds; where the
    terms do not settle, the sum of the last two changes.

    Examples
    --------
    >>> points = [Sample(mpmath.mpf(2) ** -k, 3 + mpmath.mpf(2) ** -k, "") for k in (4, 5, 6)]
    >>> mpmath.nstr(geometric(points).value, 5)
    '3.0'
    """
    first, second, third = (sample.value for sample in samples[-3:])
    old, new = second - first, third - second
    if 4 * abs(new) >= 3 * abs(old):  # not (yet) geometric: no gain claimed
        return Estimate(third, abs(old) + abs(new))
    return Estimate(third + new * new / (old - new), abs(new))


@dataclass(frozen=True)
class LimitCheck:
    """A sequence tends to a number.

    Attributes
    ----------
    name : str
        Name within the claim.
    samples : callable
        ``(context, digits)`` to the sequence.
    limit : callable
        The claimed limit, under mpmath's working precision.
    consequence : str
        The finite consequence that is decided, in words.
    resolution : str
        Largest uncertainty that supports anything.
    digits : pair of int
        The two precisions, the finer second.
    extrapolate : callable

    Examples
    --------
    >>> def steps(context, digits):
    ...     return [Sample(mpmath.mpf(1) / k, 1 + mpmath.mpf(1) / k, f"k={k}") for k in range(3, 9)]
    >>> check = LimitCheck("1 + 1/k", steps, lambda: mpmath.mpf(1), "the value at 1/k = 0")
    >>> print(check.run(Context()).verdict)
    SUPPORTED
    """

    name: str
    samples: Samples = field(repr=False)
    limit: Callable[[], Number] = field(repr=False)
    consequence: str
    resolution: str = "1e-2"
    digits: tuple[int, int] = (8, 10)
    extrapolate: Extrapolation = field(default=power_series, repr=False)

    def run(self, context: Context) -> CheckResult:
        """Extrapolate at both precisions and compare."""
        coarse, fine = (self.samples(context, digits) for digits in self.digits)
        with mpmath.workdps(_WORKING):
            rough, found = self.extrapolate(coarse), self.extrapolate(fine)
            rounding = abs(found.value) * mpmath.mpf(10) ** -self.digits[1]
            uncertainty = found.uncertainty + abs(found.value - rough.value) + rounding
            claimed = self.limit()
            distance = abs(found.value - claimed)
            scope = f"{self.consequence}; {fine[0].label} to {fine[-1].label}"
            shown = (
                f"extrapolated {mpmath.nstr(found.value, 10)}, claimed {mpmath.nstr(claimed, 10)}, "
                f"uncertainty {mpmath.nstr(uncertainty, 2)}"
            )
            if distance > DISTANCE * uncertainty:
                verdict = Verdict.REFUTED
                margin = f"{mpmath.nstr(distance / uncertainty, 3)} uncertainties away"
            elif distance <= uncertainty <= mpmath.mpf(self.resolution):
                verdict, margin = Verdict.SUPPORTED, mpmath.nstr(uncertainty, 2)
            else:
                return inconclusive(
                    self.name,
                    shown,
                    scope,
                    decide="terms closer to the limit, or more digits",
                )
        return CheckResult(
            self.name,
            verdict,
            Method.NUMERICAL,
            scope,
            margin=margin,
            digits=self.digits[1],
            cases=len(fine),
            notes=(shown, f"computed at {self.digits[0]} and {self.digits[1]} digits"),
        )


@dataclass(frozen=True)
class RangeCheck:
    """Every term of a sequence lies strictly between two numbers.

    Attributes
    ----------
    name, consequence : str
    samples : callable
    low, high : str
        Exact decimals.
    digits : pair of int

    Examples
    --------
    >>> def steps(context, digits):
    ...     return [Sample(mpmath.mpf(1) / k, 1 + mpmath.mpf(1) / k, f"k={k}") for k in range(3, 9)]
    >>> print(RangeCheck("bounded", "at these k", steps, "1", "1.2").run(Context()).verdict)
    REFUTED
    """

    name: str
    consequence: str
    samples: Samples = field(repr=False)
    low: str
    high: str
    digits: tuple[int, int] = (8, 10)

    def run(self, context: Context) -> CheckResult:
        """Compare every term at both precisions; their difference is the error allowed for."""
        coarse, fine = (self.samples(context, digits) for digits in self.digits)
        with mpmath.workdps(_WORKING):
            low, high = mpmath.mpf(self.low), mpmath.mpf(self.high)
            errors = [abs(a.value - b.value) for a, b in zip(coarse, fine, strict=True)]
            if not all(mpmath.isfinite(error) for error in errors):
                return inconclusive(
                    self.name,
                    "a term is not finite",
                    self.consequence,
                    decide="digits at which every term is finite",
                )
            room = [min(sample.value - low, high - sample.value) for sample in fine]
            ratio = min(r / max(e, mpmath.mpf("1e-30")) for r, e in zip(room, errors, strict=True))
            closest = min(zip(room, fine, strict=True), key=lambda pair: pair[0])
            scope = f"{self.consequence}; {fine[0].label} to {fine[-1].label}"
            shown = f"closest at {closest[1].label}: {mpmath.nstr(closest[1].value, 8)}"
            if abs(ratio) < DISTANCE:
                return inconclusive(
                    self.name,
                    shown,
                    scope,
                    decide="terms closer to the limit, or more digits",
                )
            margin = mpmath.nstr(closest[0], 3)
        return CheckResult(
            self.name,
            Verdict.SUPPORTED if ratio > 0 else Verdict.REFUTED,
            Method.NUMERICAL,
            scope,
            margin=margin,
            digits=self.digits[1],
            cases=len(fine),
            notes=(shown, f"computed at {self.digits[0]} and {self.digits[1]} digits"),
        )
