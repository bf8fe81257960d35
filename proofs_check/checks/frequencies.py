"""Checks of probabilities over random starts: counts, exact intervals, and their refutation.

Starts are drawn in float64, followed by `numerics.ensembles.fates` until their fates are decided,
and counted. An interval is exact for the draws (Clopper and Pearson); that each start's fate is
right is numerical, so nothing here proves.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from proofs_check.claim import Context
from proofs_check.cpu_time import OutOfTimeError
from proofs_check.sampling.confidence import clopper_pearson
from proofs_check.statements.exact_text import decimal_text
from proofs_check.verdict import MORE_TIME, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from numerics.ensembles.fates import EnsembleFates

#: Confidence of every interval.
LEVEL = Fraction(999, 1000)
FULL_DRAWS = 1000


@dataclass(frozen=True)
class Family:
    """Starts ``v_i ~ N(v_0, sigma^2 I)``, ``|v_0| = distance``.

    Attributes
    ----------
    n, d : int
    sigma, distance : Fraction
    draws : int
        At ``quick``; at ``full`` there are 1,000.

    Examples
    --------
    >>> print(Family(2, 3, Fraction(1, 4), Fraction(10)))
    n = 2, d = 3, sigma = 1/4, M_0 = 10
    """

    n: int
    d: int
    sigma: Fraction
    distance: Fraction
    draws: int = 200

    def __str__(self) -> str:
        return f"n = {self.n}, d = {self.d}, sigma = {self.sigma}, M_0 = {self.distance}"

    def starts(self, context: Context) -> npt.NDArray[np.float64]:
        """Draw the starts; they depend on the seed and the family only."""
        import numpy as np

        count = self.draws if context.budget == "quick" else FULL_DRAWS
        label = zlib.crc32(f"{self.n} {self.d} {self.sigma} {self.distance}".encode())
        generator = np.random.default_rng([context.seed, label])
        means = float(self.sigma) * generator.standard_normal((count, self.n, self.d))
        means[:, :, 0] += float(self.distance)
        return means


def families(
    sizes: Sequence[tuple[int, int]],
    sigmas: Sequence[str],
    distances: Sequence[int],
    draws: int = 200,
) -> tuple[Family, ...]:
    """All combinations of ``(n, d)``, sigma and distance.

    Examples
    --------
    >>> len(families([(2, 1), (3, 2)], ["1/4", "1"], [5, 10, 100]))
    12
    """
    return tuple(
        Family(n, d, Fraction(sigma), Fraction(distance), draws)
        for n, d in sizes
        for sigma in sigmas
        for distance in distances
    )


def interval(count: int, undecided: int, total: int) -> tuple[Fraction, Fraction]:
    """Exact interval of a probability; an undecided start fails for the lower end only.

    Examples
    --------
    >>> low, high = interval(9, 1, 10)
    >>> round(float(low), 3), high
    (0.347, Fraction(1, 1))
    """
    low, _ = clopper_pearson(count, total, LEVEL)
    _, high = clopper_pearson(count + undecided, total, LEVEL)
    return low, high


@lru_cache(maxsize=512)
def fates(family: Family, context: Context) -> EnsembleFates:
    """Fates of a family's starts under gradient flow.

    Raises
    ------
    OutOfTimeError
        If the time is up: how many are open then depends on the machine.
    """
    from numerics.ensembles.fates import flow_fates

    found = flow_fates(family.starts(context), expired=lambda: context.expired)
    if context.expired:
        raise OutOfTimeError
    return found


@dataclass(frozen=True)
class Frequency:
    """So many components converge, the others escape, with at least (or at most) a probability.

    ``SUPPORTED`` if the interval of every family lies on the claimed side; ``REFUTED`` if that of
    one lies on the other side; else ``INCONCLUSIVE``. An undecided start counts as a failure for
    the lower end and as a success for the upper end.

    Attributes
    ----------
    name : str
        Name within the claim.
    families : tuple of Family
        At ``quick``.
    bound : str
        The probability.
    converged : int or None
        How many converge; None: all.
    further : tuple of Family
        What ``full`` examines as well.
    """

    name: str
    families: tuple[Family, ...]
    bound: str
    converged: int | None = 1
    further: tuple[Family, ...] = ()

    def run(self, context: Context) -> CheckResult:
        """Draw, follow, count."""
        chosen = self.families
        if context.budget == "full":
            chosen = tuple(dict.fromkeys((*self.families, *self.further)))
        lows, highs, notes, cases = [], [], list[str](), 0
        bound = Fraction(self.bound)
        for family in chosen:
            try:
                found = fates(family, context)
            except OutOfTimeError as error:
                return inconclusive(self.name, str(error), decide=MORE_TIME)
            wanted = family.n if self.converged is None else self.converged
            count, total = found.count(wanted), len(found.converged)
            low, high = interval(count, found.undecided, total)
            lows.append(low)
            highs.append(high)
            cases += total
            notes.append(_note(family, count, total, found.undecided, low, high))
        scope = f"{len(chosen)} families, {cases} starts, 99.9% intervals"
        refuted = min(highs) < bound
        if not refuted and min(lows) < bound:
            return inconclusive(
                self.name,
                "; ".join(notes),
                scope,
                decide="more starts: an interval holds the bound (--budget full)",
            )
        verdict = Verdict.REFUTED if refuted else Verdict.SUPPORTED
        margin = decimal_text(bound - min(highs) if refuted else min(lows) - bound, 3)
        return CheckResult(
            self.name, verdict, Method.STATISTICAL, scope, margin, 4, cases, notes=tuple(notes)
        )


def _note(
    family: Family, count: int, total: int, undecided: int, low: Fraction, high: Fraction
) -> str:
    open_starts = f", {undecided} undecided" if undecided else ""
    return f"{family}: {count} of {total}{open_starts}, in [{float(low):.4f}, {float(high):.4f}]"


@dataclass(frozen=True)
class SameFates:
    """At most a share of the starts changes its fate under a finer integration, or under descent.

    Attributes
    ----------
    name : str
        Name within the claim.
    families : tuple of Family
    step_size : float or None
        Step of the descent to compare with; None: the flow at a tenth of the tolerance and 0.6 of
        the spacing of nodes.
    largest_share : str
        Share of starts that may differ.
    """

    name: str
    families: tuple[Family, ...]
    step_size: float | None = None
    largest_share: str = "1/50"

    def run(self, context: Context) -> CheckResult:
        """Follow every start twice."""
        from numerics.ensembles.fates import descent_fates, flow_fates

        worst, notes, cases = Fraction(0), [], 0
        for family in self.families:
            starts = family.starts(context)
            try:
                first = fates(family, context)
            except OutOfTimeError as error:
                return inconclusive(self.name, str(error), decide=MORE_TIME)
            if self.step_size is None:
                second = flow_fates(starts, tolerance=3e-5, resolution=0.6)
            else:
                steps = int(400 / self.step_size)
                second = descent_fates(starts, step_size=self.step_size, steps=steps)
            different = int((first.converged != second.converged).sum())
            share = Fraction(different, len(starts))
            worst = max(worst, share)
            cases += len(starts)
            notes.append(f"{family}: {different} of {len(starts)} differ")
        limit = Fraction(self.largest_share)
        verdict = Verdict.SUPPORTED if worst <= limit else Verdict.REFUTED
        scope = f"{len(self.families)} families, {cases} starts"
        margin = decimal_text(abs(limit - worst), 3)
        return CheckResult(
            self.name, verdict, Method.NUMERICAL, scope, margin, 4, cases, notes=tuple(notes)
        )
