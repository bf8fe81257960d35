"""A check given by a function, and what makes its word count.

A function says what it likes: its word supports at most, and that only beside a control with the
same function (`proofs_check.claim.run_part`). What it hands over to be checked can prove:

- `Enclosed`: both sides of a comparison in balls, evaluated at two precisions.
- `Certified`: the text of a trajectory certificate, recomputed by
  `proofs_check.certificates.checker`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from numerics.errors import InputError
from proofs_check.claim import Context, by_own_word
from proofs_check.statements.origin import origin_field
from proofs_check.statements.relation import Ball, as_ball, exact, flatten, shape
from proofs_check.statements.sign import Decision, Sign, SignText
from proofs_check.verdict import MORE_DIGITS, CheckResult, Method, Verdict, inconclusive

#: What would decide: sides that are enclosures, and a certificate that says what is claimed.
_STEADY = "enclosures that contain the same numbers at any digits"
_ACCEPTED = "a certificate of these fates that check-certificate accepts"


@dataclass(frozen=True)
class Enclosed:
    """Two sides that are said to compare, in balls: what decides is the runner's comparison.

    Attributes
    ----------
    statement : str
        What is compared, in plain text.
    left, right : callable, or exact number
        A function of the digits that gives balls (or nested lists of balls); it is called within
        that precision. At least one is a function. That its balls enclose what the statement says
        (rounding, truncation, the input) is the author's word: only their comparison is checked.
    sign : {"=", "<=", "<", ">=", ">"}
        How they compare.
    scope : str
        The cases it speaks about.
    """

    statement: str
    left: Any
    sign: SignText
    right: Any
    scope: str

    def sides(self, digits: int) -> list[tuple[Ball, Ball]]:
        """Both sides of every component, to some digits.

        Raises
        ------
        InputError
            For binary floats, sides of different shapes, or no sides.
        """
        from proofs_check.points.interpreter import precision

        with precision(digits):
            left, right = (
                side(digits) if callable(side) else side for side in (self.left, self.right)
            )
            if shape(left) != shape(right) or not list(flatten(left)):
                shapes = f"shapes {shape(left)} and {shape(right)}"
                raise InputError(self.statement, shapes, "sides of one shape")
            pairs = zip(flatten(left), flatten(right), strict=True)
            return [(as_ball(one), as_ball(other)) for one, other in pairs]


@dataclass(frozen=True)
class Certified:
    """The text of a certificate (`proofs_check.certificates`), to be recomputed.

    Attributes
    ----------
    text : str
        What ``descend --certify`` writes.
    fates : tuple of str
        What the claim says becomes of the components.
    """

    text: str = field(repr=False)
    fates: tuple[str, ...]


_COMPUTED = "a side that is a function of the digits"
Found = CheckResult | Enclosed | Certified


@dataclass(frozen=True)
class FunctionCheck:
    """A check given by a function.

    Attributes
    ----------
    name : str
        Name within the claim.
    function : callable
        Takes the context; gives a `CheckResult`, which is worth ``SUPPORTED`` at most, or an
        `Enclosed` or a `Certified`, which can prove.
    origin : str
        File and line where it was written.

    Examples
    --------
    >>> from flint import arb
    >>> def area(context):
    ...     return Enclosed("pi < 22/7", lambda digits: arb.pi(), "<", "22/7", "one number")
    >>> FunctionCheck("area", area).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    >>> def said(context):
    ...     return CheckResult("", Verdict.PROVED, Method.SYMBOLIC, "all n, d")
    >>> FunctionCheck("said", said).run(Context()).verdict
    <Verdict.SUPPORTED: 'SUPPORTED'>
    """

    name: str
    function: Callable[[Context], Found] = field(repr=False)
    origin: str = origin_field()

    def run(self, context: Context) -> CheckResult:
        """Call the function, and check what it gives.

        Raises
        ------
        TypeError
            If it gives something else.
        InputError
            If what is enclosed is no pair of exact numbers or balls.
        """
        found = self.function(context)
        if isinstance(found, Enclosed):
            return self._compared(found, context)
        if isinstance(found, Certified):
            return replace(_recomputed(found, context), name=self.name)
        if isinstance(found, CheckResult):
            return replace(by_own_word(found), name=self.name)
        kind = type(found).__name__
        raise TypeError(f"check {self.name!r}: its function returned {kind}, not CheckResult")

    def _compared(self, found: Enclosed, context: Context) -> CheckResult:
        """Compare both sides; those at twice the digits must agree with them."""
        sign = Sign.read(found.sign)
        sides, again = found.sides(context.digits), found.sides(2 * context.digits)
        meet = len(sides) == len(again) and all(
            old.overlaps(new)
            for before, after in zip(sides, again, strict=True)
            for old, new in zip(before, after, strict=True)
        )
        if not meet:
            reason = f"{found.statement}: the enclosures at twice the digits are others"
            return inconclusive(self.name, reason, found.scope, decide=_STEADY)
        result = _by_enclosures(self.name, found, sign, again, 2 * context.digits)
        if not callable(found.left) and not callable(found.right):
            reason = f"{found.statement}: cannot fail: both sides are numbers written by hand"
            return inconclusive(self.name, reason, found.scope, decide=_COMPUTED)
        if all(ball.is_exact() for pair in again for ball in pair):
            # numbers without an error: nothing shows that they were computed
            return by_own_word(result)
        return result


def _by_enclosures(
    name: str, found: Enclosed, sign: Sign, sides: list[tuple[Ball, Ball]], digits: int
) -> CheckResult:
    decisions = [sign.decide(left, right) for left, right in sides]
    shown: Decision = "holds"
    for decision in ("undecided", "fails"):
        if decision in decisions:
            shown = decision
    if shown == "undecided" and not sign.is_equality:
        return inconclusive(
            name, f"{found.statement}: the enclosures touch", found.scope, decide=MORE_DIGITS
        )
    if shown == "fails":
        left, right = sides[decisions.index("fails")]
        # no mixture is named: the margin stands in for a witness
        gap = exact(abs(left - right).lower())
        note = f"{found.statement} fails: {left.str(15)} against {right.str(15)}"
        return CheckResult(
            name, Verdict.REFUTED, Method.NUMERICAL, found.scope, str(gap), digits, notes=(note,)
        )
    verdict = Verdict.SUPPORTED if shown == "undecided" else Verdict.PROVED
    notes = (f"{found.statement}: compared by enclosures that the claim's function computed",)
    return CheckResult(name, verdict, Method.BALL, found.scope, digits=digits, notes=notes)


def _recomputed(found: Certified, context: Context) -> CheckResult:
    """Recompute a certificate, and replay the proof of its theorem."""
    from proofs_check.certificates.checker import RejectedError, check
    from proofs_check.certificates.file_format import MalformedError, parse_certificate
    from proofs_check.checks.fates import proof_gap

    try:
        certificate = parse_certificate(found.text)
        accepted = check(certificate, at_least=2 * context.digits)
    except (MalformedError, RejectedError) as error:
        return inconclusive("", f"the certificate is rejected: {error}", decide=_ACCEPTED)
    fates = ", ".join(certificate.fates)
    scope = f"the start of the certificate: {fates}"
    if certificate.fates != found.fates:
        other = f"the certificate is about other fates: {fates}"
        return inconclusive("", other, scope, decide=_ACCEPTED)
    note = f"by {accepted.theorem} from step {accepted.step}"
    result = CheckResult(
        "", Verdict.PROVED, Method.BALL, scope, digits=accepted.digits, cases=1, notes=(note,)
    )
    gap = proof_gap(certificate)
    return result.weakened(gap) if gap else result
