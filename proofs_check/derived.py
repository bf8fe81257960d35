"""Checks that decide a statement by a derivation, and refute it at a point where that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofs_check.cases import Cases
from proofs_check.checks import GeneratedCheck
from proofs_check.claim import Context
from proofs_check.relation import Relation
from proofs_check.verdict import CheckResult, Method, Verdict

if TYPE_CHECKING:
    from derive.derivation import Derivation


@dataclass(frozen=True)
class DerivedCheck:
    """A statement with its derivation, and the same statement as a relation between numbers.

    ``PROVED`` if every step of the derivation verifies. If one does not, a mixture that violates
    the relation is looked for; without one the result is ``INCONCLUSIVE``.

    Attributes
    ----------
    name : str
        Name within the claim.
    derivation : callable
        Builds the derivation.
    relation : Relation
        A consequence that can be evaluated.
    cases : Cases
        Where counterexamples are looked for.

    Examples
    --------
    >>> from derive.symmetries import time_rescaling
    >>> same = Relation("L = L", lambda at: at.loss("kl"), "=", lambda at: at.loss("kl"))
    >>> DerivedCheck("time", time_rescaling, same, Cases()).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    name: str
    derivation: Callable[[], Derivation]
    relation: Relation
    cases: Cases

    def run(self, context: Context) -> CheckResult:
        """Verify the derivation; look for a witness where it fails."""
        found = self.derivation()
        verification = found.verify()
        if verification:
            notes = (f"{len(verification.holds)} steps verified",)
            scope = str(found.scope)
            return CheckResult(self.name, Verdict.PROVED, Method.SYMBOLIC, scope, notes=notes)
        gap = GeneratedCheck(self.name, self.relation, self.cases)
        return gap.refutation(
            context, "steps that do not verify: " + "; ".join(verification.failed)
        )
