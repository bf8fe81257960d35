"""The kinds of checks a claim is made of.

- `DerivationCheck`: a derivation re-verifies, step by step (proves).
- `IdentityCheck`: a named identity of ``derive``, or a changed one, refuted at a point.
- `GeneratedCheck`: a relation at 200 and more generated mixtures (supports).
- `BallCheck`: a relation at listed exact mixtures, by enclosures (proves inequalities there).
- `FunctionCheck`: anything else that gives a `CheckResult`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs_check.claim import Context
from proofs_check.mixture import Mixture
from proofs_check.relation import Relation
from proofs_check.text import bound_text, decimal_text
from proofs_check.verdict import (
    MORE_CASES,
    MORE_DIGITS,
    MORE_TIME,
    CheckResult,
    Method,
    Verdict,
    inconclusive,
)
from proofs_check.witness import Witness, confirm

if TYPE_CHECKING:
    from derive.identity import Identity
    from proofs_check.cases import Cases
    from proofs_check.evidence import Evidence, Trial
    from proofs_check.relation import Point


@dataclass(frozen=True)
class DerivationCheck:
    """``PROVED`` if and only if every step of a derivation re-verifies.

    A step that fails proves nothing about the statement: the result is ``INCONCLUSIVE``.

    Attributes
    ----------
    derivation : str
        Name in `derive.catalogue`.
    scope : str
        The scope that the claim needs, up to a comma or semicolon of the derivation's; a narrower
        derivation only supports it.

    Examples
    --------
    >>> DerivationCheck("I1").run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    derivation: str
    scope: str = "all n, d"

    @property
    def name(self) -> str:
        """The derivation's name."""
        return self.derivation

    def run(self, context: Context) -> CheckResult:
        """Re-verify the derivation."""
        from derive.catalogue import derivation

        found = derivation(self.derivation)
        verification = found.verify()
        scope = str(found.scope)
        if not verification:
            failed = "; ".join(verification.failed) or "it has no steps"
            return inconclusive(
                self.name,
                f"steps that do not verify: {failed}",
                scope,
                decide="a derivation whose steps verify",
            )
        result = CheckResult(
            self.name,
            Verdict.PROVED,
            Method.SYMBOLIC,
            scope,
            notes=(f"{len(verification.holds)} steps verified",),
        )
        # "all n, d = 1" and "n = 25" begin like "all n, d" and "n = 2", and are narrower
        if scope == self.scope or scope.startswith((f"{self.scope},", f"{self.scope};")):
            return result
        return result.weakened(f"derived for {scope} only, the claim is about {self.scope}")


@dataclass(frozen=True)
class IdentityCheck:
    """A named identity of ``derive``, as it stands or with one coefficient changed.

    It is decided symbolically. Where it fails, a mixture at which both sides differ is looked for
    and confirmed in ball arithmetic.

    Attributes
    ----------
    identity : str
        Name in `derive.identities`.
    altered : pair of str and Fraction, or None
        Name of a term and its changed coefficient.
    cases : Cases or None
        Where a counterexample is looked for; by default mixtures on a line.

    Examples
    --------
    >>> IdentityCheck("I1").run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    identity: str
    altered: tuple[str, Fraction] | None = None
    cases: Cases | None = None

    @property
    def name(self) -> str:
        """The identity's name, with the change."""
        if self.altered is None:
            return self.identity
        return f"{self.identity} [{self.altered[0]} -> {self.altered[1]}]"

    def run(self, context: Context) -> CheckResult:
        """Decide the identity; look for a witness where it fails."""
        from derive.identities import named

        identity = named(self.identity)
        if self.altered is not None:
            identity = identity.altered(*self.altered)
        if identity.holds():
            return CheckResult(self.name, Verdict.PROVED, Method.SYMBOLIC, str(identity.scope()))
        gap = GeneratedCheck(self.name, _vanishing(identity), self.cases or _line_cases())
        return gap.refutation(context, "the identity does not verify")


@dataclass(frozen=True)
class GeneratedCheck:
    """A relation at generated mixtures: ``SUPPORTED``, or refuted by a shrunk exact one.

    Attributes
    ----------
    name : str
        Name within the claim.
    relation : Relation
        What should hold.
    cases : Cases
        Where mixtures come from.
    resolution : str
        Cases whose enclosures are wider than this, relative to ``max(1, |sides|)``, decide
        nothing; they are not counted, and their share is reported.
    backend : {"float64", "mpmath", "ball"}
        Used for the search; a counterexample is confirmed by other code.
    """

    name: str
    relation: Relation
    cases: Cases
    resolution: str = "1e-9"
    backend: str = "float64"

    def run(self, context: Context) -> CheckResult:
        """Draw cases; confirm a counterexample if there is one."""
        evidence = self._gather(context, self.cases)
        if evidence.counterexample is None:
            return self._supported(evidence, context)
        outcome = self._confirmed(evidence.counterexample, context)
        if isinstance(outcome, str) and not self.cases.on_line:
            # Only mixtures on a line can be confirmed: look for a counterexample there.
            on_line = self._gather(context, replace(self.cases, on_line=True))
            if on_line.counterexample is not None:
                outcome = self._confirmed(on_line.counterexample, context)
        if isinstance(outcome, str):
            reason = f"suspected counterexample at {evidence.counterexample}: {outcome}"
            return inconclusive(self.name, reason, str(self.cases), decide=MORE_DIGITS)
        return _refuted(self.name, outcome, str(self.cases), evidence.cases)

    def refutation(self, context: Context, failed: str) -> CheckResult:
        """Refute a statement whose proof failed: ``REFUTED`` by a point, else ``INCONCLUSIVE``."""
        result = self.run(context)
        if result.verdict is Verdict.REFUTED:
            return result
        reason = f"{failed}, but no counterexample was confirmed"
        return inconclusive(
            self.name,
            "; ".join((reason, *result.notes)),
            result.scope,
            decide="a proof of the step that fails, or a point that violates it",
        )

    def _gather(self, context: Context, cases: Cases) -> Evidence[Mixture]:
        from proofs_check.evidence import gather

        return gather(
            lambda mixture: self._trial(mixture, context),
            cases.strategy(),
            cases=context.cases,
            seed_value=context.seed,
            deadline=context.deadline,
        )

    def _trial(self, mixture: Mixture, context: Context) -> Trial:
        from proofs_check.evidence import Trial
        from proofs_check.interpreter import precision
        from proofs_check.points import NumericsPoint

        with precision(max(30, 2 * context.digits)):
            at = NumericsPoint(mixture, context.digits, self.backend)
            outcome = self.relation.judge(at)
        unresolved = outcome.violated is None and outcome.width > Fraction(self.resolution)
        margin = outcome.margin if self.relation.sign == "=" else -outcome.margin
        return Trial(outcome.violated is None, margin, unresolved)

    def _confirmed(self, mixture: Mixture, context: Context) -> Witness | str:
        return confirm(self.relation, mixture, context.digits, context.deadline)

    def _supported(self, evidence: Evidence[Mixture], context: Context) -> CheckResult:
        share = decimal_text(100 * evidence.rejected_share, 3)
        notes = (f"{share}% of {evidence.cases + evidence.rejected} draws rejected",)
        scope = f"{evidence.cases} generated cases: {self.cases}"
        if not evidence.enough:
            reason = "time ran out" if evidence.expired else "too few cases"
            return inconclusive(self.name, f"{reason}: {notes[0]}", scope, decide=MORE_CASES)
        worst = evidence.worst_margin or Fraction(0)
        return CheckResult(
            self.name,
            Verdict.SUPPORTED,
            Method.GENERATED,
            scope,
            margin=_margin(worst if self.relation.sign == "=" else -worst),
            digits=context.digits,
            cases=evidence.cases,
            notes=notes,
        )


@dataclass(frozen=True)
class BallCheck:
    """A relation at listed exact mixtures, by the rigorous enclosures of ``numerics``.

    An inequality shown at every one is ``PROVED`` for these points. Enclosures cannot show an
    equality: overlapping ones support it.

    Attributes
    ----------
    name : str
        Name within the claim.
    relation : Relation
        What should hold.
    at : tuple of Mixture
        The points; all differences of means parallel.
    digits : int
        Fewest digits: sides far below 1 need more than a run asks for.
    """

    name: str
    relation: Relation
    at: tuple[Mixture, ...]
    digits: int = 1

    def run(self, context: Context) -> CheckResult:
        """Evaluate the relation at each point."""
        from proofs_check.interpreter import precision
        from proofs_check.points import NumericsPoint

        context = replace(context, digits=max(self.digits, context.digits))
        margins, certified = [], True
        for mixture in self.at:
            if context.expired:
                return inconclusive(self.name, "time ran out", self._scope, decide=MORE_TIME)
            with precision(context.digits + 10):
                outcome = self.relation.judge(NumericsPoint(mixture, context.digits, "ball"))
            if outcome.violated is not None:
                return self._refute(mixture, context)
            certified = certified and outcome.certified
            margins.append(outcome.margin)
        equality = self.relation.sign == "="
        if not certified and not equality:
            return inconclusive(
                self.name, "the enclosures do not decide the sign", self._scope, decide=MORE_DIGITS
            )
        return CheckResult(
            self.name,
            Verdict.SUPPORTED if equality else Verdict.PROVED,
            Method.BALL,
            self._scope,
            margin=_margin(max(margins) if equality else min(margins)),
            digits=context.digits,
            cases=len(self.at),
            notes=("overlapping enclosures do not prove an equality",) if equality else (),
        )

    @property
    def _scope(self) -> str:
        if len(self.at) == 1:
            return f"at {self.at[0]}"
        return f"at {len(self.at)} exact points"

    def _refute(self, mixture: Mixture, context: Context) -> CheckResult:
        outcome = confirm(self.relation, mixture, context.digits, context.deadline)
        if isinstance(outcome, str):
            return inconclusive(self.name, outcome, self._scope, decide=MORE_DIGITS)
        return _refuted(self.name, outcome, self._scope, len(self.at))


@dataclass(frozen=True)
class FunctionCheck:
    """A check given by a function.

    Attributes
    ----------
    name : str
        Name within the claim.
    function : callable
        Takes the context, gives a `CheckResult`.
    """

    name: str
    function: Callable[[Context], CheckResult] = field(repr=False)

    def run(self, context: Context) -> CheckResult:
        """Call the function."""
        return replace(self.function(context), name=self.name)


def _refuted(name: str, witness: Witness, scope: str, cases: int) -> CheckResult:
    return CheckResult(
        name,
        Verdict.REFUTED,
        Method.BALL,
        scope,
        digits=witness.digits,
        cases=cases,
        notes=(str(witness),),
        witness=witness,
    )


def _vanishing(identity: Identity) -> Relation:
    """``E[left - right] = 0``, entry by entry."""
    program = identity.program()

    def zero(at: Point) -> Any:
        from derive.program import kind

        value: Any = Fraction(0)
        for label in reversed(program.output.indices):
            size = at.mixture.n if kind(label) == "j" else at.mixture.dimension
            value = [value] * size
        return value

    text = f"{identity.name}: {identity.statement}"
    return Relation(text, lambda at: at.expectation(program), "=", zero)


def _line_cases() -> Cases:
    from proofs_check.cases import Cases

    return Cases(components=(1, 3), dimensions=(1, 1), separation=("1e-2", "5"), on_line=True)


def _margin(value: Fraction) -> str:
    return "-" + bound_text(-value) if value < 0 else bound_text(value)
