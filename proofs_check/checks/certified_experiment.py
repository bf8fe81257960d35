"""The sources' experiment with every fate certified, from its exact start."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from proofs_check.checks.certified_frequencies import ACCEPTED, DIGITS
from proofs_check.checks.fates import (
    OPEN,
    ClaimedStart,
    certificate_of,
    certified_descent,
    decided,
    proof_gap,
    recomputed,
    refuted_by,
)
from proofs_check.claim import Context
from proofs_check.verdict import CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from numerics.descent.result import Descent
    from proofs_check.certificates.checker import Accepted
    from proofs_check.certificates.file_format import Certificate


def exact_start(size: float, rank: int = 1) -> ClaimedStart:
    """The experiment's start in so many dimensions, its doubles as exact numbers; step 1/100.

    Examples
    --------
    >>> start = exact_start(4.0, 3)
    >>> len(start.means), start.step_size, abs(float(Fraction(start.means[0][0])) - 4) < 1e-6
    (5, '1/100', True)
    """
    from numerics.studies.sources_experiment import start_means

    means = start_means(size, rank=rank)
    rows = tuple(tuple(str(Fraction(float(v))) for v in row) for row in means)
    return ClaimedStart(f"M = {size:g}", rows, "1/100", (OPEN,) * len(rows), 20_000)


def _doubles(start: ClaimedStart) -> str:
    """The start in words: NumPy promises no stream of random numbers beyond its version."""
    places = "; ".join(
        ", ".join(repr(float(Fraction(place))) for place in row) for row in start.means
    )
    return f"from the doubles {places}"


#: Half the digits that tell means apart which are 1e-7 of their distance from the truth apart: with
#: fewer the separate checker would begin in vain.
_RESOLVED = 8
#: Where a start of so many dimensions lies.
_PLACES = {1: "on the line", 2: "in the plane", 3: "in three dimensions"}


@lru_cache(maxsize=4)
def _run(size: float, rank: int) -> Descent:
    return certified_descent(exact_start(size, rank), DIGITS)


@lru_cache(maxsize=4)
def _recomputed(certificate: Certificate) -> Accepted | str:
    return recomputed(certificate, _RESOLVED)


@dataclass(frozen=True)
class CertifiedExperiment:
    """From distance ``M`` so many of the five converge and the others diverge.

    The run is in ball arithmetic and ends where a theorem decides every fate; the separate checker
    recomputes it: ``PROVED`` if a proof object holds the theorem, else ``SUPPORTED``. Other fates
    than claimed refute by the start.

    Attributes
    ----------
    size : float
        ``M``.
    converged : int
    rank : int
        Dimensions of the start: its first so many coordinates.
    quick_rank : int or None
        The same at ``quick``, if not ``rank``.
    """

    size: float
    converged: int
    rank: int = 1
    quick_rank: int | None = None

    @property
    def name(self) -> str:
        """The distance and the fates."""
        where = _PLACES[self.rank]
        if self.quick_rank is not None:
            where += f" ({_PLACES[self.quick_rank]} at quick)"
        return f"M = {self.size:g} {where}: {self.converged} of 5 converge, certified"

    def run(self, context: Context) -> CheckResult:
        """Descend in balls until a theorem decides."""
        rank = self.rank
        if context.budget == "quick" and self.quick_rank is not None:
            rank = self.quick_rank
        start = exact_start(self.size, rank)
        run = _run(self.size, rank)
        fates = tuple(fate.fate for fate in run.fates)
        theorem = run.fates[0].criterion
        scope = f"one exact start (seed 0), M = {self.size:g}, n = 5, eta = 0.01, {_PLACES[rank]}"
        if "undecided" in fates or (certificate := certificate_of(run)) is None:
            reason = f"no theorem decides the fates within {run.steps} steps"
            return inconclusive(self.name, reason, scope, decide="more steps")
        right = fates.count("converged") == self.converged
        checked = _recomputed(certificate)
        if isinstance(checked, str):
            reason = f"the certificate is rejected: {checked}"
            return inconclusive(self.name, reason, scope, decide=ACCEPTED)
        if not right:
            claimed = ("converged",) * self.converged + ("escaped",) * (len(fates) - self.converged)
            named = ClaimedStart(start.label, start.means, start.step_size, claimed, start.steps)
            return refuted_by(self.name, decided(named, certificate, checked), 1)
        result = CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            scope,
            digits=run.working_digits,
            cases=1,
            notes=(
                f"{', '.join(fates)} ({theorem} from step {run.steps}; recomputed)",
                _doubles(start),
            ),
        )
        gap = proof_gap(certificate)
        return result.weakened(gap) if gap else result
