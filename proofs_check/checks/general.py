"""The kinds of checks a claim is made of.

- `DerivationCheck`: a derivation re-verifies, step by step (proves).
- `IdentityCheck`: a named identity of ``derive``, or a changed one, refuted at a point.
- `GeneratedCheck`: a relation at 200 and more generated mixtures (supports).
- `BallCheck`: a relation at listed exact mixtures, by enclosures (proves inequalities there).
- `FunctionCheck`: anything else that gives a `CheckResult`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.claim import Context
from proofs_check.points.witness import Witness, confirm
from proofs_check.sampling.cases import Cases
from proofs_check.statements.exact_text import signed_bound_text
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Relation
from proofs_check.verdict import (
    MORE_DIGITS,
    MORE_TIME,
    CheckResult,
    Method,
    Verdict,
    inconclusive,
    refuted,
)

#: Where a comparison stays undecided it is repeated at so many times the digits.
DIGITS_FACTORS = (2, 4)
#: What would decide a relation whose sides touch.
APART = "a proof, or the relation without strictness where the sides may be equal"

if TYPE_CHECKING:
    from derive.steps.derivation import Derivation
    from derive.steps.identity import Identity
    from proofs_check.sampling.evidence import Evidence, Trial
    from proofs_check.statements.relation import Point, RelationOutcome


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
        Name in `derive.identities.by_name`.
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
        from derive.identities.by_name import named

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

    Estimates that overlap are evidence within their error for ``=``, ``<=`` and ``>=``. For ``<``
    and ``>`` they are none: a case where the sides still touch at four times the digits is
    undecided, and one such case leaves the check ``INCONCLUSIVE``.

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
        if isinstance(outcome, str) and self.relation.comparison.is_strict:
            # Sides that are equal violate it, but only exact numbers can be seen to be equal.
            apart = self._gather(context, self.cases, apart=True)
            if apart.counterexample is None:
                return self._supported(apart, context)
            evidence, outcome = apart, self._confirmed(apart.counterexample, context)
        if isinstance(outcome, str) and not self.cases.on_line:
            # Only mixtures on a line can be confirmed: look for a counterexample there.
            on_line = self._gather(context, replace(self.cases, on_line=True))
            if on_line.counterexample is not None:
                outcome = self._confirmed(on_line.counterexample, context)
        if isinstance(outcome, str):
            reason = f"suspected counterexample at {evidence.counterexample}: {outcome}"
            return inconclusive(self.name, reason, str(self.cases), decide=MORE_DIGITS)
        return refuted(self.name, outcome, str(self.cases), evidence.cases)

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

    def _gather(self, context: Context, cases: Cases, *, apart: bool = False) -> Evidence[Mixture]:
        from proofs_check.sampling.evidence import gather_for

        return gather_for(
            context, lambda mixture: self._trial(mixture, context, apart=apart), cases.strategy()
        )

    def _trial(self, mixture: Mixture, context: Context, *, apart: bool) -> Trial:
        """Judge a case; with ``apart``, only sides that do not overlap violate the relation."""
        from proofs_check.sampling.evidence import Trial

        outcome, _ = self._judged(mixture, context)
        sides = outcome.violated
        meets = apart and sides is not None and bool(sides[0].overlaps(sides[1]))
        held = sides is None or meets
        unresolved = held and outcome.width > Fraction(self.resolution)
        margin = outcome.margin if self.relation.comparison.is_equality else -outcome.margin
        touches = self.relation.comparison.is_strict and outcome.decision == "undecided"
        return Trial(held, margin, unresolved, touches or meets)

    def _judged(self, mixture: Mixture, context: Context) -> tuple[RelationOutcome, int]:
        insistent = self.relation.comparison.is_strict
        return _judged(self.relation, mixture, context.digits, self.backend, insistent=insistent)

    def _confirmed(self, mixture: Mixture, context: Context) -> Witness | str:
        _, digits = self._judged(mixture, context)
        return confirm(self.relation, mixture, digits, context.deadline)

    def _supported(self, evidence: Evidence[Mixture], context: Context) -> CheckResult:
        from proofs_check.sampling.evidence import supported

        scope = f"{evidence.cases} generated cases: {self.cases}"
        if evidence.undecided and not evidence.shortfall:
            touching = f"{len(evidence.undecided)} of {evidence.cases} cases touch: undecided"
            reason = f"{touching}; the first at {evidence.undecided[0]}"
            return inconclusive(self.name, reason, scope, decide=APART)
        worst = evidence.worst_margin or Fraction(0)
        equality = self.relation.comparison.is_equality
        return supported(
            self.name,
            evidence,
            scope,
            str(self.cases),
            margin=signed_bound_text(worst if equality else -worst),
            digits=context.digits,
            notes=(evidence.rejections,),
        )


def _judged(
    relation: Relation, mixture: Mixture, digits: int, backend: str, *, insistent: bool
) -> tuple[RelationOutcome, int]:
    """Compare both sides by ``numerics``; at more digits if that is undecided and insisted on.

    More digits come from enclosures; a mixture that these do not take stays undecided. Returns the
    digits of the outcome, too.
    """
    from proofs_check.points.interpreter import precision
    from proofs_check.points.numerics_point import NumericsPoint

    def judge(digits: int, backend: str) -> RelationOutcome:
        with precision(max(30, digits + 10)):
            return relation.judge(NumericsPoint(mixture, digits, backend))

    outcome, reached = judge(digits, backend), digits
    for factor in DIGITS_FACTORS if insistent else ():
        if outcome.decision != "undecided":
            break
        try:
            outcome, reached = judge(factor * digits, "ball"), factor * digits
        except InputError:  # more dimensions or nodes than enclosures take
            break
    return outcome, reached


@dataclass(frozen=True)
class BallCheck:
    """A relation at listed exact mixtures, by the rigorous enclosures of ``numerics``.

    An inequality shown at every one is ``PROVED`` for these points; where enclosures overlap more
    digits are asked for, and what still touches is undecided. Enclosures cannot show an equality,
    unless both sides are exact numbers: overlapping ones support it.

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
        context = replace(context, digits=max(self.digits, context.digits))
        sign, reached = self.relation.comparison, context.digits
        outcomes = []
        for mixture in self.at:
            if context.expired:
                return inconclusive(self.name, "time ran out", self._scope, decide=MORE_TIME)
            outcome, digits = _judged(
                self.relation, mixture, context.digits, "ball", insistent=not sign.is_equality
            )
            if outcome.violated is not None:
                confirming = replace(context, digits=digits)
                return refute_at(
                    self.name, self.relation, mixture, confirming, self._scope, len(self.at)
                )
            outcomes.append(outcome)
            reached = max(reached, digits)
        undecided = sum(outcome.decision == "undecided" for outcome in outcomes)
        if undecided and not sign.is_equality:
            touching = f"{undecided} of {len(self.at)} points touch to {reached} digits: undecided"
            return inconclusive(self.name, touching, self._scope, decide=MORE_DIGITS)
        margins = [outcome.margin for outcome in outcomes]
        return CheckResult(
            self.name,
            Verdict.SUPPORTED if undecided else Verdict.PROVED,
            Method.BALL,
            self._scope,
            margin=signed_bound_text(max(margins) if sign.is_equality else min(margins)),
            digits=reached,
            cases=len(self.at),
            notes=("overlapping enclosures do not prove an equality",) if undecided else (),
        )

    @property
    def _scope(self) -> str:
        if len(self.at) == 1:
            return f"at {self.at[0]}"
        return f"at {len(self.at)} exact points"


def refute_at(
    name: str,
    relation: Relation,
    mixture: Mixture,
    context: Context,
    scope: str,
    cases: int | None = None,
) -> CheckResult:
    """Refute by a mixture that violates a relation, if other code confirms it."""
    outcome = confirm(relation, mixture, context.digits, context.deadline)
    if isinstance(outcome, str):
        return inconclusive(name, outcome, scope, decide=MORE_DIGITS)
    return refuted(name, outcome, scope, cases)


#: Digits at which the sign of a single number is looked at again.
_SIGN_DIGITS = 10


def coarse(context: Context) -> Context:
    """The context for signs of single numbers: a witness is confirmed at twice the digits."""
    return replace(context, digits=min(context.digits, _SIGN_DIGITS))


def second_look(
    name: str,
    attempts: Iterable[tuple[Relation, tuple[Mixture, ...]]],
    context: Context,
    reason: str,
    scope: str,
    *,
    decide: str,
) -> CheckResult:
    """Refute what was not proved by the first relation that fails at one of its points.

    Returns
    -------
    CheckResult
        ``REFUTED`` with the witness; ``INCONCLUSIVE`` for the given reason if all relations hold.
    """
    for relation, points in attempts:
        result = BallCheck(name, relation, points).run(context)
        if result.verdict is Verdict.REFUTED:
            return result
    return inconclusive(name, reason, scope, decide=decide)


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
        result = self.function(context)
        if not isinstance(result, CheckResult):
            kind = type(result).__name__
            raise TypeError(f"check {self.name!r}: its function returned {kind}, not CheckResult")
        return replace(result, name=self.name)


def _vanishing(identity: Identity) -> Relation:
    """``E[left - right] = 0``, entry by entry."""
    program = identity.program()

    def zero(at: Point) -> Any:
        from derive.algebra.program import kind

        value: Any = Fraction(0)
        for label in reversed(program.output.indices):
            size = at.mixture.n if kind(label) == "j" else at.mixture.dimension
            value = [value] * size
        return value

    text = f"{identity.name}: {identity.statement}"
    return Relation(text, lambda at: at.expectation(program), "=", zero)


def _line_cases() -> Cases:
    from proofs_check.sampling.cases import Cases

    return Cases(components=(1, 3), dimensions=(1, 1), separation=("1e-2", "5"), on_line=True)


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
    >>> from derive.mixtures.symmetries import time_rescaling
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
