"""Probabilities over random starts, each draw's fate decided by a theorem in ball arithmetic.

A draw is an exact start: its coordinates are the doubles that were drawn. Gradient descent from it
runs in balls until a theorem decides every fate. Only such draws count for the probability; one
that no theorem decides counts against it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs_check.checks.fates import (
    OPEN,
    ClaimedStart,
    certificate_of,
    certified_descent,
    proof_gap,
    recomputed,
)
from proofs_check.checks.frequencies import Family, interval
from proofs_check.claim import Context
from proofs_check.statements.exact_text import decimal_text
from proofs_check.verdict import MORE_TIME, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Digits of the runs: fates need few.
DIGITS = 6
#: What would decide where a certificate was rejected.
ACCEPTED = "a certificate that is accepted"


class RejectedDrawError(Exception):
    """The separate checker rejects the certificate of a draw."""


@dataclass
class _Counted:
    """What became of a family's draws so far."""

    converged: Counter[int]
    open: int = 0
    recomputed: int = 0

    def bounds(self, wanted: int) -> tuple[Fraction, Fraction]:
        """Ends of the exact interval; an open draw is a failure for the lower one only."""
        total = sum(self.converged.values()) + self.open
        return interval(self.converged[wanted], self.open, total)


@dataclass(frozen=True)
class CertifiedFrequency:
    """So many components converge, the others escape, with at least a probability.

    Under gradient descent with a fixed step from random starts. ``SUPPORTED`` if the interval of
    every family lies above the bound; ``REFUTED`` if that of one lies below, and proof objects hold
    all theorems that its fates rest on. A certificate that is rejected ends the check.

    Attributes
    ----------
    name : str
        Name within the claim.
    families : tuple of Family
        At ``quick``.
    bound : str
        The probability.
    step_size : str
        Of the descent.
    converged : int or None
        How many converge; None: all.
    further : tuple of Family
        What ``full`` examines as well.
    recompute : int
        Of so many certificates one is recomputed by `proofs_check.certificates.checker`; at
        ``full`` all are.
    steps : int
        A draw that no theorem decides within so many steps is open.

    Examples
    --------
    >>> far = Family(2, 1, Fraction(1), Fraction(10), draws=5)
    >>> CertifiedFrequency("five", (far,), "1/10").run(Context()).verdict
    <Verdict.SUPPORTED: 'SUPPORTED'>
    """

    name: str
    families: tuple[Family, ...]
    bound: str
    step_size: str = "1/4"
    converged: int | None = 1
    further: tuple[Family, ...] = ()
    recompute: int = 10
    steps: int = 2000

    def run(self, context: Context) -> CheckResult:
        """Draw, certify, count."""
        chosen, every = self.families, self.recompute
        if context.budget == "full":
            chosen, every = (*self.families, *self.further), 1
        bound, bounds, notes, cases = Fraction(self.bound), [], list[str](), 0
        gaps: dict[str, None] = {}
        for family in chosen:
            wanted = family.n if self.converged is None else self.converged
            counted = _Counted(Counter())
            for number, start in enumerate(self._starts(family, context)):
                if context.expired:
                    return inconclusive(self.name, "time ran out", decide=MORE_TIME)
                try:
                    gaps |= dict.fromkeys(_count(counted, start, again=number % every == 0))
                except RejectedDrawError as error:
                    return inconclusive(self.name, str(error), decide=ACCEPTED)
            low, high = counted.bounds(wanted)
            bounds.append((low, high))
            cases += family.draws
            notes.append(_note(family, counted, wanted, low, high))
        refuted = min(high for _, high in bounds) < bound
        least = min(low for low, _ in bounds)
        scope = (
            f"{len(chosen)} families, {cases} exact starts, step {self.step_size}, fates certified "
            "or counted against, 99.9% intervals"
        )
        if not refuted and least < bound:
            reason = "; ".join(notes)
            return inconclusive(self.name, reason, scope, decide="more starts")
        if refuted and gaps:
            reason = "; ".join((*notes, *gaps))
            return inconclusive(self.name, reason, scope, decide="proofs of the theorems used")
        verdict = Verdict.REFUTED if refuted else Verdict.SUPPORTED
        gap = bound - min(high for _, high in bounds) if refuted else least - bound
        return CheckResult(
            self.name,
            verdict,
            Method.STATISTICAL,
            scope,
            decimal_text(gap, 3),
            DIGITS,
            cases,
            notes=(*notes, *gaps),
        )

    def _starts(self, family: Family, context: Context) -> Sequence[ClaimedStart]:
        """The draws as exact starts, of which nothing is claimed."""
        return [
            ClaimedStart(
                str(family),
                tuple(tuple(str(Fraction(float(entry))) for entry in row) for row in means),
                self.step_size,
                (OPEN,) * family.n,
                self.steps,
            )
            for means in family.starts(context)[: family.draws]
        ]


def _count(counted: _Counted, start: ClaimedStart, *, again: bool) -> list[str]:
    """Certify one draw and count it; the gaps of the theorems that its certificate rests on."""
    run = certified_descent(start, DIGITS)
    certificate = certificate_of(run)
    if certificate is None or "undecided" in certificate.fates:
        counted.open += 1
        return []
    if again:
        found = recomputed(certificate, DIGITS)
        if isinstance(found, str):
            raise RejectedDrawError(f"{start.label}: the certificate is rejected: {found}")
        counted.recomputed += 1
    counted.converged[certificate.fates.count("converged")] += 1
    gap = proof_gap(certificate)
    return [gap] if gap else []


def _note(family: Family, counted: _Counted, wanted: int, low: Fraction, high: Fraction) -> str:
    certified = sum(counted.converged.values())
    return (
        f"{family}: {certified} of {family.draws} certified, {counted.converged[wanted]} with the "
        f"claimed fates, in [{float(low):.4f}, {float(high):.4f}]; {counted.recomputed} "
        "certificates recomputed"
    )
