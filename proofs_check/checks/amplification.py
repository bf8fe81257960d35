"""Checks of the amplification law and of the threshold law, on certified descents."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from proofs_check.checks.fates import ClaimedStart
from proofs_check.claim import Context
from proofs_check.points.witness import Witness
from proofs_check.statements.exact_text import bound_text, fraction_text
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import as_ball
from proofs_check.verdict import (
    MORE_DIGITS,
    MORE_TIME,
    CheckResult,
    Method,
    Verdict,
    inconclusive,
    refuted,
)


def growth_terms(distance: Fraction, share: Fraction) -> Iterator[Fraction]:
    """``(beta eta/n) |c_k|^2`` for k = 0, 1, ..., exactly, with the derived law of the centre.

    Parameters
    ----------
    distance : Fraction
        ``|c_0|``.
    share : Fraction
        ``eta/n``.

    Examples
    --------
    >>> [str(term) for term in islice(growth_terms(Fraction(2), Fraction(1, 4)), 3)]
    ['4', '1', '1/4']
    """
    from derive.limits.amplification import amplification_law

    law = amplification_law("forward")
    term, decay = law.gain * share * distance**2, (1 - law.drift * share) ** 2
    while True:
        yield term
        term *= decay


@dataclass(frozen=True)
class Cluster:
    """A cluster far from the truth: one component apart from coincident others.

    Attributes
    ----------
    distance : int
        ``|c_0|``.
    step_size : Fraction
    spread : Fraction
        ``|v_1 - v_2|``.
    steps : int
        Steps over which the growth is compared.
    components : int
    """

    distance: int
    step_size: Fraction
    spread: Fraction
    steps: int
    components: int = 2

    @property
    def means(self) -> list[list[Fraction]]:
        """Exact initial means, ``n x 1``."""
        from numerics.studies.threshold.search import ClusterStart

        start = ClusterStart(Fraction(self.distance), self.step_size, self.components)
        return start.means(self.spread)

    def growth(self, digits: int) -> Any:
        """Enclose the factor by which descent has grown the first component's deviation."""
        from numerics.descent.run import descend

        run = descend(
            "forward",
            self.means,
            step_size=self.step_size,
            steps=self.steps,
            backend="ball",
            digits=digits,
        )
        first = self.spread * (self.components - 1) / self.components
        with run.arithmetic.context():
            if run.clusters:
                (cluster,) = run.clusters
                deviation = cluster.deviations[0, 0]
            else:
                column = run.centred_means[:, 0]
                deviation = column[0] - sum(column) / self.components
            return abs(deviation) / as_ball(first)

    def law(self, gain: Fraction) -> Fraction:
        """``prod_k (1 + gain (beta eta/n) |c_k|^2)``, exactly, with the derived law."""
        terms = growth_terms(Fraction(self.distance), self.step_size / self.components)
        return math.prod((1 + gain * x for x in islice(terms, self.steps)), start=Fraction(1))

    def __str__(self) -> str:
        step, spread = fraction_text(self.step_size), fraction_text(self.spread)
        return (
            f"n = {self.components}, |c_0| = {self.distance}, step {step}, spread {spread}, "
            f"{self.steps} steps"
        )


@dataclass(frozen=True)
class AmplificationCheck:
    """Exact descent grows a tiny spread by the law's factor, within a relative tolerance.

    Both sides are enclosed: the descent in balls, the law as an exact product. ``PROVED`` for the
    listed clusters; a cluster whose enclosures lie apart by more than the tolerance refutes, after
    a second run at twice the digits.

    Attributes
    ----------
    name : str
        Name within the claim.
    clusters : tuple of Cluster
    gain : Fraction
        Factor on the law's ``beta``; 1 is the law.
    tolerance : Fraction

    Examples
    --------
    >>> cluster = Cluster(4, Fraction(1, 10), Fraction(1, 10**20), 5)
    >>> AmplificationCheck("law", (cluster,)).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    name: str
    clusters: tuple[Cluster, ...]
    gain: Fraction = Fraction(1)
    tolerance: Fraction = Fraction(1, 1000)

    def run(self, context: Context) -> CheckResult:
        """Compare growth and law at every cluster."""
        worst = Fraction(0)
        for cluster in self.clusters:
            if context.expired:
                return inconclusive(self.name, "time ran out", decide=MORE_TIME)
            low, high = self._gap(cluster, context.digits)
            if low > self.tolerance:
                return self._refuted(cluster, 2 * context.digits)
            if high > self.tolerance:
                return inconclusive(
                    self.name, f"enclosures too wide at {cluster}", decide=MORE_DIGITS
                )
            worst = max(worst, high)
        return CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            f"{len(self.clusters)} exact clusters, "
            f"|c_0| = {self._range('distance')}, relative tolerance {self.tolerance}",
            margin=bound_text(worst),
            digits=context.digits,
            cases=len(self.clusters),
            notes=tuple(str(cluster) for cluster in self.clusters[:4]),
        )

    def _range(self, attribute: str) -> str:
        values = [getattr(cluster, attribute) for cluster in self.clusters]
        return f"{min(values)}..{max(values)}"

    def _gap(self, cluster: Cluster, digits: int) -> tuple[Fraction, Fraction]:
        """Bounds of ``|growth/law - 1|``."""
        from proofs_check.points.interpreter import precision
        from proofs_check.statements.relation import exact

        growth = cluster.growth(digits)
        with precision(digits + 10):
            gap = abs(growth / as_ball(cluster.law(self.gain)) - 1)
            return exact(gap.lower()), exact(gap.upper())

    def _refuted(self, cluster: Cluster, digits: int) -> CheckResult:
        low, high = self._gap(cluster, digits)
        if low <= self.tolerance:
            return inconclusive(
                self.name, f"not confirmed at {digits} digits: {cluster}", decide=MORE_DIGITS
            )
        gap = f"between {bound_text(low)} and {bound_text(high)}"
        witness = Witness(
            Mixture.of(cluster.means),
            f"{cluster}: growth is the law's, times {self.gain} for beta",
            f"|growth/law - 1|: {gap}",
            f"at most {self.tolerance}",
            digits,
        )
        return refuted(self.name, witness, str(cluster), 1)


def spread_at(
    k: Fraction, distance: int, step_size: Fraction, fates: Sequence[str], gain: float = 1.0
) -> ClaimedStart:
    """Two components with ``ln(spread/2) = k - gain Lambda``: a start of the threshold law.

    ``Lambda`` and the exponential are rounded to float64; the start is exact.

    Examples
    --------
    >>> start = spread_at(Fraction(5, 2), 6, Fraction(1, 10), ("converged", "converged"))
    >>> start.label
    'n = 2, |c_0| = 6, step 1/10, ln(spread/2) = -14.983'
    """
    from numerics.studies.threshold.search import ClusterStart

    cluster = ClusterStart(Fraction(distance), step_size)
    log_half = float(k) - gain * cluster.amplification
    mantissa = math.exp(math.log(10) * (log_half / math.log(10) % 1))
    power = math.floor(log_half / math.log(10))
    spread = 2 * Fraction(mantissa) * Fraction(10) ** power
    return ClaimedStart(
        f"n = 2, |c_0| = {distance}, step {fraction_text(step_size)}, "
        f"ln(spread/2) = {log_half:.3f}",
        tuple((fraction_text(row[0]),) for row in cluster.means(spread)),
        fraction_text(step_size),
        tuple(fates),
        steps=100_000,
    )
