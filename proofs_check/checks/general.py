"""The kinds of checks a claim is made of.

- `DerivationCheck`: a derivation re-verifies, step by step (proves).
- `IdentityCheck`: a named identity of ``derive``, or a changed one, refuted at a point.
- `GeneratedCheck`: a relation at 200 and more generated mixtures (supports).
- `BallCheck`: a relation at listed exact mixtures, by enclosures (proves inequalities there).
- `DerivedCheck`: a derivation, and the same statement as a relation.

Under a claim's hypotheses that are predicates, no case counts that does not satisfy them. A
relation that held is put to the tests of `proofs_check.checks.can_fail`: what could not have failed
is ``INCONCLUSIVE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.checks.can_fail import Judged, says_nothing, sees_nothing, why_not
from proofs_check.claim import Context, Hypothesis
from proofs_check.points.witness import Witness, confirm
from proofs_check.sampling.cases import Cases
from proofs_check.statements.exact_text import decimal_text, signed_bound_text
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.origin import origin_field
from proofs_check.statements.relation import Relation, RelationError
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
#: What would decide a relation that could not have failed.
ANOTHER = "a relation, or cases, that could fail"
#: Share of the cases in which a change of 5% must be seen.
TELLING = Fraction(1, 2)
#: Share of rejected draws from which on a reader is told.
NEARLY_ALL = Fraction(9, 10)

if TYPE_CHECKING:
    from derive.steps.derivation import Derivation
    from derive.steps.identity import Identity
    from proofs_check.points.numerics_point import NumericsPoint
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
    origin: str = origin_field()

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


@lru_cache(maxsize=16)
def derived(name: str, scope: str) -> CheckResult:
    """The result of `DerivationCheck`; it depends on nothing, so once per process is enough.

    Examples
    --------
    >>> print(derived("I1", "all n, d").verdict)
    PROVED
    """
    return DerivationCheck(name, scope=scope).run(Context())


@dataclass(frozen=True)
class IdentityCheck:
    """An identity, named in ``derive`` or one's own, as it stands or with one coefficient changed.

    It is decided symbolically. Where it fails, a mixture at which both sides differ is looked for
    and confirmed in ball arithmetic.

    Attributes
    ----------
    identity : str or Identity
        Name in `derive.identities.by_name`, or a `derive.steps.identity.Identity`.
    altered : pair of str and Fraction, or None
        Name of a term and its changed coefficient.
    cases : Cases or None
        Where a counterexample is looked for; by default mixtures on a line, with two components of
        the teacher where the identity is about mixture teachers.

    Examples
    --------
    >>> IdentityCheck("I1").run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    identity: str | Identity
    altered: tuple[str, Fraction] | None = None
    cases: Cases | None = None
    origin: str = origin_field()

    @property
    def name(self) -> str:
        """The identity's name, with the change."""
        plain = self.identity if isinstance(self.identity, str) else self.identity.name
        return (
            plain if self.altered is None else f"{plain} [{self.altered[0]} -> {self.altered[1]}]"
        )

    def unaltered(self) -> Identity:
        """The identity as it stands.

        Raises
        ------
        InputError
            For anything that is not one; a class derived from `Identity` could decide otherwise.
        """
        from derive.identities.by_name import named
        from derive.steps.identity import Identity

        if isinstance(self.identity, str):
            return named(self.identity)
        if type(self.identity) is not Identity:
            kind = f"a {type(self.identity).__name__}"
            raise InputError("identity", kind, "a name, or a derive.steps.identity.Identity")
        return self.identity

    def run(self, context: Context) -> CheckResult:
        """Decide the identity; look for a witness where it fails."""
        identity = self.unaltered()
        if self.altered is not None:
            identity = identity.altered(*self.altered)
        if identity.holds():
            return self._proved(identity)
        cases = self.cases or _line_cases(identity.teacher == "mixture")
        gap = GeneratedCheck(self.name, _vanishing(identity), cases)
        return gap.refutation(context, "the identity does not verify")

    def _proved(self, identity: Identity) -> CheckResult:
        """``PROVED``; of one's own identity the reader sees what was compared."""
        scope = str(identity.scope())
        if isinstance(self.identity, str):
            return CheckResult(self.name, Verdict.PROVED, Method.SYMBOLIC, scope)
        if not identity.left - identity.right:
            reason = "cannot fail: both sides are the same expression"
            return inconclusive(self.name, reason, scope, decide=ANOTHER)
        step = identity.step()
        notes = (f"verified: {step.left} = {step.right}",)
        return CheckResult(self.name, Verdict.PROVED, Method.SYMBOLIC, scope, notes=notes)


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
    origin: str = origin_field()

    def run(self, context: Context) -> CheckResult:
        """Draw cases; confirm a counterexample if there is one."""
        evidence, seen = self._gather(context, self.cases)
        if evidence.counterexample is None:
            return self._supported(evidence, seen, context)
        outcome = self._confirmed_simply(evidence.counterexample, context)
        if isinstance(outcome, str) and self.relation.comparison.is_strict:
            # Sides that are equal violate it, but only exact numbers can be seen to be equal.
            apart, seen = self._gather(context, self.cases, apart=True)
            if apart.counterexample is None:
                return self._supported(apart, seen, context)
            evidence, outcome = apart, self._confirmed_simply(apart.counterexample, context)
        suspected = evidence.counterexample
        assert suspected is not None
        if isinstance(outcome, str) and self._spans(suspected):
            outcome = self._confirmed(suspected, context)
        if isinstance(outcome, str):
            reason = f"suspected counterexample at {suspected}: {outcome}"
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

    def _gather(
        self, context: Context, cases: Cases, *, apart: bool = False
    ) -> tuple[Evidence[Mixture], list[Judged]]:
        from proofs_check.sampling.evidence import gather_for

        seen: list[Judged] = []
        evidence = gather_for(
            context,
            lambda mixture: self._trial(mixture, context, seen, apart=apart),
            cases.strategy(),
        )
        return evidence, seen

    def _trial(
        self, mixture: Mixture, context: Context, seen: list[Judged], *, apart: bool
    ) -> Trial:
        """Judge a case; with ``apart``, only sides that do not overlap violate the relation."""
        from proofs_check.sampling.evidence import Trial

        at = _point(mixture, context.digits, self.backend)
        excluded = _excluded(self.relation, context.hypotheses, at)
        if excluded:
            return Trial(True, rejected=True, reason=excluded)
        outcome, _ = self._judged(at)
        sides = outcome.violated
        meets = apart and sides is not None and bool(sides[0].overlaps(sides[1]))
        held = sides is None or meets
        unresolved = held and outcome.width > Fraction(self.resolution)
        if held and not unresolved:
            seen.append(Judged.at(at, outcome))
        margin = outcome.margin if self.relation.comparison.is_equality else -outcome.margin
        touches = self.relation.comparison.is_strict and outcome.decision == "undecided"
        return Trial(held, margin, unresolved, touches or meets)

    def _judged(self, at: NumericsPoint) -> tuple[RelationOutcome, int]:
        return _judged(self.relation, at, insistent=self.relation.comparison.is_strict)

    def _confirmed(self, mixture: Mixture, context: Context) -> Witness | str:
        _, digits = self._judged(_point(mixture, context.digits, self.backend))
        return confirm(self.relation, mixture, digits, context.deadline, context.hypotheses)

    def _confirmed_simply(self, mixture: Mixture, context: Context) -> Witness | str:
        """Confirm a counterexample, or one on a line: that is easier to read, and to confirm."""
        if not self._spans(mixture):
            return self._confirmed(mixture, context)
        on_line, _ = self._gather(context, replace(self.cases, on_line=True))
        if on_line.counterexample is None:
            return "none is found where all differences of means are parallel"
        return self._confirmed(on_line.counterexample, context)

    @staticmethod
    def _spans(mixture: Mixture) -> bool:
        """Whether differences of means span more than a line."""
        from proofs_check.points.tensor_rule import directions

        return len(directions(mixture)) > 1

    def _supported(
        self, evidence: Evidence[Mixture], seen: Sequence[Judged], context: Context
    ) -> CheckResult:
        from proofs_check.sampling.evidence import supported

        scope = f"{evidence.cases} generated cases: {self.cases}"
        if evidence.undecided and not evidence.shortfall:
            touching = f"{len(evidence.undecided)} of {evidence.cases} cases touch: undecided"
            reason = f"{touching}; the first at {evidence.undecided[0]}"
            return inconclusive(self.name, reason, scope, decide=APART)
        if not evidence.shortfall:
            reason = self._no_evidence(seen)
            if reason:
                return inconclusive(self.name, reason, scope, decide=ANOTHER)
        worst = evidence.worst_margin or Fraction(0)
        equality = self.relation.comparison.is_equality
        return supported(
            self.name,
            evidence,
            scope,
            str(self.cases),
            margin=signed_bound_text(worst if equality else -worst),
            digits=context.digits,
            notes=(evidence.rejections, *self._remarks(evidence, seen, context)),
        )

    def _no_evidence(self, seen: Sequence[Judged]) -> str:
        """Why cases at which the relation held are no evidence; empty if they are."""
        from proofs_check.sampling.evidence import ENOUGH_CASES

        empty = {case.mixture for case in says_nothing(seen)}
        telling = [case for case in seen if case.mixture not in empty]
        if telling and len(telling) < ENOUGH_CASES:
            return f"{_silent(len(empty), len(seen))}: too few cases are left"
        blind = sees_nothing(self.relation, telling)
        if len(telling) - blind < TELLING * len(telling):
            return _blind(blind, len(telling))
        return why_not(self.relation, telling or seen)

    def _remarks(
        self, evidence: Evidence[Mixture], seen: Sequence[Judged], context: Context
    ) -> Iterator[str]:
        """What a reader must know of hypotheses, and of cases that say nothing."""
        for known in context.hypotheses:
            if not evidence.reasons.get(_by_hypothesis(known)):
                yield f"hypothesis {known.text!r} never binds: it rejected no draw"
        if self.relation.given is not None and not evidence.reasons.get(_BY_CONDITION):
            yield "the relation's condition never binds: it rejected no draw"
        if evidence.reasons and evidence.rejected_share >= NEARLY_ALL:
            yield "nearly all draws are rejected: a family nearer to the hypotheses is wanted"
        silent = len(says_nothing(seen))
        if silent:
            yield _silent(silent, len(seen))


def _blind(blind: int, cases: int) -> str:
    return (
        f"in {blind} of {cases} cases both sides are so small that a change of 5% would not be "
        'seen: other cases, or backend="ball" and more digits'
    )


_BY_CONDITION = "the relation's condition"


def _by_hypothesis(known: Hypothesis) -> str:
    return f"hypothesis {known.text!r}"


def _silent(silent: int, cases: int) -> str:
    share = decimal_text(Fraction(100 * silent, cases), 3)
    return (
        f"in {silent} of {cases} cases ({share}%) the relation says nothing: a condition inside "
        "it, which given= would count?"
    )


def _point(mixture: Mixture, digits: int, backend: str) -> NumericsPoint:
    from proofs_check.points.numerics_point import NumericsPoint

    with _working(digits):
        return NumericsPoint(mixture, digits, backend)


def _working(digits: int) -> AbstractContextManager[None]:
    """The precision at which sides are put together from what is evaluated to some digits."""
    from proofs_check.points.interpreter import precision

    return precision(max(30, digits + 10))


def _excluded(relation: Relation, hypotheses: Sequence[Hypothesis], at: NumericsPoint) -> str:
    """What keeps a point from counting; empty if nothing does."""
    with _working(at.digits):
        for known in hypotheses:
            if not known.met(at):
                return _by_hypothesis(known)
        return "" if relation.applies(at) else _BY_CONDITION


def _judged(
    relation: Relation, at: NumericsPoint, *, insistent: bool
) -> tuple[RelationOutcome, int]:
    """Compare both sides by ``numerics``; at more digits if that is undecided and insisted on.

    More digits come from enclosures; a mixture that these do not take stays undecided. Returns the
    digits of the outcome, too.
    """

    def judge(at: NumericsPoint) -> RelationOutcome:
        with _working(at.digits):
            return relation.judge(at)

    outcome, reached = judge(at), at.digits
    for factor in DIGITS_FACTORS if insistent else ():
        if outcome.decision != "undecided":
            break
        try:
            digits = factor * at.digits
            outcome, reached = judge(_point(at.mixture, digits, "ball")), digits
        except RelationError:
            raise
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
    origin: str = origin_field()

    def run(self, context: Context) -> CheckResult:
        """Evaluate the relation at each point."""
        context = replace(context, digits=max(self.digits, context.digits))
        sign, reached = self.relation.comparison, context.digits
        seen: list[Judged] = []
        for mixture in self.at:
            if context.expired:
                return inconclusive(self.name, "time ran out", self._scope, decide=MORE_TIME)
            at = _point(mixture, context.digits, "ball")
            excluded = _excluded(self.relation, context.hypotheses, at)
            if excluded == _BY_CONDITION:
                continue
            if excluded:
                reason = f"{excluded} is not shown to hold at {mixture}"
                return inconclusive(self.name, reason, self._scope, decide="points that satisfy it")
            outcome, digits = _judged(self.relation, at, insistent=not sign.is_equality)
            if outcome.violated is not None:
                confirming = replace(context, digits=digits)
                return refute_at(
                    self.name, self.relation, mixture, confirming, self._scope, len(self.at)
                )
            seen.append(Judged.at(at, outcome))
            reached = max(reached, digits)
        return self._held(seen, reached)

    def _held(self, seen: Sequence[Judged], digits: int) -> CheckResult:
        """What is shown where the relation holds, or is undecided, at all points that count."""
        sign, scope = self.relation.comparison, self._scope
        if not seen:
            reason = "the relation's condition is not shown to hold at any point"
            return inconclusive(self.name, reason, scope, decide="points at which it holds")
        undecided = sum(case.outcome.decision == "undecided" for case in seen)
        if undecided and not sign.is_equality:
            touching = f"{undecided} of {len(seen)} points touch to {digits} digits: undecided"
            return inconclusive(self.name, touching, scope, decide=MORE_DIGITS)
        reason = why_not(self.relation, seen, closely=False)
        if reason:
            return inconclusive(self.name, reason, scope, decide=ANOTHER)
        margins = [case.outcome.margin for case in seen]
        notes = ["overlapping enclosures do not prove an equality"] if undecided else []
        if len(seen) < len(self.at):
            notes.append(f"the relation's condition holds at {len(seen)} of these points")
        return CheckResult(
            self.name,
            Verdict.SUPPORTED if undecided else Verdict.PROVED,
            Method.BALL,
            scope,
            margin=signed_bound_text(max(margins) if sign.is_equality else min(margins)),
            digits=digits,
            cases=len(seen),
            notes=tuple(notes),
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
    outcome = confirm(relation, mixture, context.digits, context.deadline, context.hypotheses)
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


def _line_cases(mixture_teacher: bool) -> Cases:
    from proofs_check.sampling.cases import Cases

    teacher = (2, 2) if mixture_teacher else None
    return Cases((1, 3), (1, 1), ("1e-2", "5"), on_line=True, teacher=teacher)


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
    origin: str = origin_field()

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
