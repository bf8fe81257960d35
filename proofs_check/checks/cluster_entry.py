"""Checks of Theorems A and A' along whole runs, in balls, from the edge of the radius."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs_check.checks.amplification import growth_terms
from proofs_check.claim import Context
from proofs_check.points.witness import Witness
from proofs_check.proofs.cluster_constants import (
    RADIUS,
    REACH_CONTRACTION,
    REACH_RADIUS,
    TIME,
)
from proofs_check.statements.exact_text import fraction_text
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Ball, as_ball
from proofs_check.verdict import (
    MORE_DIGITS,
    MORE_TIME,
    CheckResult,
    Method,
    Verdict,
    inconclusive,
    refuted,
)

#: The growth's exponent is summed until what is left of it is less than this.
_LEFT = Fraction(1, 10**12)


@dataclass(frozen=True)
class Entry:
    """What a theorem says about where a cluster that starts in a small ball arrives, and when.

    Attributes
    ----------
    name : str
    size : callable
        Of the deviations.
    radius : Fraction
        ``size exp(Lambda(|c_0|))`` is at most this.
    deadline : callable
        ``(n, |c_0|)`` to the number that ``exp(rate h K)`` reaches by step K.
    rate : Fraction
    excess : callable
        ``(|c|, deviations)`` to numbers that are at most 0 at one of the steps up to K.
    reached : str
        The same in words.
    """

    name: str
    size: Callable[[list[Ball]], Ball]
    radius: Fraction
    deadline: Callable[[int, Fraction], Fraction]
    rate: Fraction
    excess: Callable[[Ball, list[Ball]], list[Ball]]
    reached: str


def _largest(deviations: list[Ball]) -> Ball:
    found = abs(deviations[0])
    for other in deviations[1:]:
        found = found.max(abs(other))
    return found


def _square(deviations: list[Ball]) -> Ball:
    return sum((x**2 for x in deviations), as_ball(0))


THEOREM_A = Entry(
    "Theorem A",
    lambda deviations: _square(deviations).sqrt(),
    RADIUS,
    lambda n, distance: 16 * n * distance**2 / 15,
    TIME,
    lambda centre, deviations: [_square(deviations) + len(deviations) * centre**2 - 1],
    "|V|^2 <= 1",
)
THEOREM_A_PRIME = Entry(
    "Theorem A'",
    _largest,
    REACH_RADIUS,
    lambda n, distance: 4 * distance,
    REACH_CONTRACTION,
    lambda centre, deviations: [4 * centre - 1, 10 * _largest(deviations) - 1],
    "|c| <= 1/4 and Delta <= 1/10",
)


@dataclass(frozen=True)
class EdgeStart:
    """A cluster on a line at the edge of a theorem's radius.

    Attributes
    ----------
    distance : Fraction
        ``|c_0|``.
    share : Fraction
        ``h``: the step is ``h n``.
    directions : tuple of int
        The deviations up to a factor; their sum is 0.
    factor : Fraction
        On the radius.
    """

    distance: Fraction
    share: Fraction
    directions: tuple[int, ...] = (1, -1)
    factor: Fraction = Fraction(1)

    @property
    def n(self) -> int:
        """Number of components."""
        return len(self.directions)

    def means(self, entry: Entry) -> list[list[Fraction]]:
        """Exact means, ``n x 1``, with ``size exp(Lambda) <= factor * radius``.

        Examples
        --------
        >>> first, second = EdgeStart(Fraction(2), Fraction(1, 4)).means(THEOREM_A)
        >>> first[0] + second[0] == 4 and 0 < first[0] - second[0] < Fraction(1, 10)
        True
        """
        from proofs_check.points.interpreter import precision
        from proofs_check.statements.relation import exact

        with precision(20):
            size = entry.size([as_ball(x) for x in self.directions])
            scale = as_ball(self.factor * entry.radius) / size / self._product()
            step = exact(scale.lower())
        # twelve digits of it, rounded down
        places = 12 + len(str(step.denominator // step.numerator))
        step = Fraction(math.floor(step * 10**places), 10**places)
        return [[self.distance + step * x] for x in self.directions]

    def _product(self) -> Ball:
        """``exp(Lambda(|c_0|))`` from above."""
        terms = growth_terms(self.distance, self.share)
        first, term = next(terms), next(terms)
        decay, product = term / first, 1 + as_ball(first)
        while (left := term / (1 - decay)) > _LEFT:
            product *= 1 + as_ball(term)
            term = next(terms)
        return product * as_ball(left).exp()

    def last(self, entry: Entry) -> int:
        """The least K by which the theorem says that the run has arrived."""
        from proofs_check.points.interpreter import precision

        with precision(20):
            wanted = as_ball(entry.deadline(self.n, self.distance))
            return next(
                k for k in range(10**6) if wanted < as_ball(entry.rate * self.share * k).exp()
            )

    def __str__(self) -> str:
        times = "" if self.factor == 1 else f"{fraction_text(self.factor)} times "
        return (
            f"n = {self.n}, |c_0| = {fraction_text(self.distance)}, "
            f"step {fraction_text(self.share)} n, at the edge of {times}the radius"
        )


@dataclass(frozen=True)
class EntryCheck:
    """A run from the edge of a theorem's radius arrives by step K, in balls.

    ``PROVED`` for the listed starts. A start whose run is provably elsewhere at every step up to K
    refutes, after a second run at twice the digits.

    Attributes
    ----------
    name : str
        Name within the claim.
    entry : Entry
        The theorem.
    starts : tuple of EdgeStart

    Examples
    --------
    >>> start = EdgeStart(Fraction(2), Fraction(1, 4))
    >>> EntryCheck("runs", THEOREM_A, (start,)).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    name: str
    entry: Entry
    starts: tuple[EdgeStart, ...]

    def run(self, context: Context) -> CheckResult:
        """Follow every start."""
        for start in self.starts:
            if context.expired:
                return inconclusive(self.name, "time ran out", decide=MORE_TIME)
            found = self._arrives(start, context.digits)
            if found is False and self._arrives(start, 2 * context.digits) is False:
                return self._refuted(start, 2 * context.digits)
            if found is not True:
                return inconclusive(
                    self.name, f"enclosures too wide at {start}", decide=MORE_DIGITS
                )
        shown = tuple(str(start) for start in self.starts)
        return CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            f"{self.entry.name}: {len(self.starts)} exact starts",
            digits=context.digits,
            cases=len(self.starts),
            notes=shown,
        )

    def _arrives(self, start: EdgeStart, digits: int) -> bool | None:
        """Whether the run arrives by step K; None where the enclosures do not say."""
        from numerics.descent.result import RunOptions
        from numerics.descent.run import descend

        last = start.last(self.entry)
        states: dict[int, list[Ball]] = {}

        def observe(step: int, means: Any) -> None:
            if step <= last:
                states[step] = [row[0] for row in means]

        run = descend(
            "forward",
            start.means(self.entry),
            step_size=start.share * start.n,
            steps=max(1, last),
            backend="ball",
            digits=digits,
            options=RunOptions(every=1, observe=observe),
        )
        with run.arithmetic.context():
            each = [self._excess(means) for means in states.values()]
            if any(all(value <= 0 for value in values) for values in each):
                return True
            return False if all(any(value > 0 for value in values) for values in each) else None

    def _excess(self, means: list[Ball]) -> list[Ball]:
        centre = sum(means, as_ball(0)) / len(means)
        return self.entry.excess(abs(centre), [x - centre for x in means])

    def _refuted(self, start: EdgeStart, digits: int) -> CheckResult:
        last = start.last(self.entry)
        witness = Witness(
            Mixture.of(start.means(self.entry)),
            f"{start}: {self.entry.reached} by step {last}",
            f"steps 0 to {last} in balls: at none",
            "claimed: at one",
            digits,
        )
        return refuted(self.name, witness, str(start), 1)
