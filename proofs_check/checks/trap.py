"""How long a region traps gradient EM: the rate at which the time grows with the means' size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from proofs_check.claim import Context
from proofs_check.verdict import MORE_TIME, CheckResult, Method, Verdict, inconclusive

#: Digits of the two flows that are compared.
DIGITS = (5, 7)
_RECORDED = 120
_TOLERANCE = 1 / 400


@lru_cache(maxsize=64)
def trapped_time(distance: float, digits: int) -> float:
    """Logarithm of the time at which the KL flow from ``(0, a, -a)`` has moved ``a`` by one.

    Examples
    --------
    >>> round(trapped_time(6.0, 5), 2)
    4.46
    """
    import numerics

    guess = distance**2 / 8
    taus = [math.exp(guess - 3 + 6 * k / _RECORDED) for k in range(_RECORDED + 1)]
    run = numerics.flow(
        "kl",
        [[0], [distance], [-distance]],
        tau_end=taus[-1],
        digits=digits,
        record=taus,
    )
    for before, after in pairwise(run.points):
        near, far = (float(p.centred_means[1][0]) for p in (after, before))
        if near <= distance - 1:
            share = (far - distance + 1) / (far - near)
            return math.log(before.tau) + share * math.log(after.tau / before.tau)
    raise ArithmeticError(f"the means have not moved by one at tau = {taus[-1]:.3g}")


@dataclass(frozen=True)
class TrappedTimes:
    """``a T(a) ~ exp(rate a^2)``, ``T(a)`` the time in which the KL flow moves ``a`` by one.

    The rate between successive distances, ``ln(b T(b)/(a T(a)))/(b^2 - a^2)``, must be within 1/400
    of the claimed one at the largest two, and the times of two flows at different tolerances must
    agree to a tenth of that. A statement about a limit: it is supported, or contradicted by this
    finite consequence.

    Attributes
    ----------
    name : str
        Name within the claim.
    rate : Fraction
        Claimed rate.
    distances : tuple of int
        Values of ``a``, increasing.
    """

    name: str
    rate: Fraction
    distances: tuple[int, ...] = (6, 8, 10)

    def run(self, context: Context) -> CheckResult:
        """Measure the times and compare rates."""
        times: dict[int, float] = {}
        change = 0.0
        for distance in self.distances:
            if context.expired:
                return inconclusive(self.name, "time ran out", decide=MORE_TIME)
            rough, fine = (trapped_time(float(distance), digits) for digits in DIGITS)
            change = max(abs(rough - fine), change)  # in this order a nan stays
            times[distance] = fine + math.log(distance)
        rates = [(times[b] - times[a]) / (b * b - a * a) for a, b in pairwise(self.distances)]
        last, allowed = rates[-1], _TOLERANCE
        a, b = self.distances[-2:]
        if not 2 * change / (b * b - a * a) <= allowed / 10 or not math.isfinite(last):
            return inconclusive(
                self.name,
                f"two tolerances differ by {change:.2e} in ln T",
                decide="a smaller tolerance of the flow",
            )
        gap = abs(last - float(self.rate))
        holds = gap <= allowed
        shown = ", ".join(f"{rate:.5f}" for rate in rates)
        return CheckResult(
            self.name,
            Verdict.SUPPORTED if holds else Verdict.REFUTED,
            Method.NUMERICAL,
            f"a = {', '.join(map(str, self.distances))}",
            margin=f"{allowed - gap:.2e}",
            digits=DIGITS[1],
            cases=len(self.distances),
            notes=(f"rates {shown} against {float(self.rate):.5f}, tolerance {allowed:.1e}",),
        )
