"""Rules of Lemma E: the reduced gradient, roots, joint induction, the Gaussian factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import sympy

from numerics.fates.escape_region import NEAR
from numerics.numbers.balls import ball, precision
from proofs_check.proofs.certificates import is_zero
from proofs_check.proofs.proof import Finding, Situation, StepKind, without_conclusion
from proofs_check.proofs.quantities import Expression, Statement


def is_given_zero(situation: Situation, expression: Expression) -> bool:
    """Whether a premise is the equality ``expression = 0``."""
    given = [situation.statement(name) for name in situation.premises]
    found = [statement.expression for statement in given if statement.is_equality]
    return any(is_zero(zero - expression) or is_zero(zero + expression) for zero in found)


def given_number(situation: Situation, symbol: Expression) -> Fraction | None:
    """The number that a premise says a symbol is."""
    for name in situation.premises:
        statement = situation.statement(name)
        if statement.is_equality and statement.left == symbol and statement.right.is_Rational:
            return Fraction(int(statement.right.p), int(statement.right.q))
    return None


@dataclass(frozen=True)
class ReducedProduct:
    """``symbol = x.y`` for two vectors of the reduction to two integrals.

    Attributes
    ----------
    symbol : symbol
    vectors : pair of str
        Names in `derive.two_components.escape_integrals.reduced_vectors`.
    size, outward, pull, across : symbol
        ``G``, the two integrals, ``|p|^2``.
    """

    symbol: Expression
    vectors: tuple[str, str]
    size: Expression
    outward: Expression
    pull: Expression
    across: Expression
    kind: ClassVar[StepKind] = "symbolic identity"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Multiply the components; ``u`` and ``p`` are perpendicular."""
        from derive.two_components.escape_integrals import reduced_vectors

        table = reduced_vectors(self.size, self.outward, self.pull)
        first, second = (table[name] for name in self.vectors)
        product = first[0] * second[0] + first[1] * second[1] * self.across
        names = {symbol: sympy.Symbol(symbol.name) for symbol in product.free_symbols}
        target = situation.target
        if (
            target.is_equality
            and is_zero(target.left - self.symbol)
            and is_zero(target.right - product.subs(names))
        ):
            return Finding(True)
        return Finding(False, f"the derivation gives {product}")


@dataclass(frozen=True)
class ReducedPlace:
    """``y``, the point ``x(t)`` of the reduction at ``t = 0``: both responsibilities are equal.

    The premise ``eps a = 1`` is needed.

    Attributes
    ----------
    place, a, eps, alpha, log_odds : symbol
        ``place`` is ``y``; the others are those of `derive.two_components.escape_integrals`.
    """

    place: Expression
    a: Expression
    eps: Expression
    alpha: Expression
    log_odds: Expression
    kind: ClassVar[StepKind] = "symbolic identity"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Compare with the substitution of the reduction."""
        from derive.two_components.escape_integrals import (
            ALPHA,
            EPS,
            GAMMA,
            LOG_ODDS,
            A,
            T,
            X,
            in_logistic_variable,
        )

        target = situation.target
        if not is_given_zero(situation, self.eps * self.a - 1):
            return Finding(False, "eps = 1/a is not at hand")
        point = (in_logistic_variable(X) * 2 / EPS**3).subs(T, 0)
        point = point.subs(GAMMA, ALPHA * EPS).subs(EPS, 1 / A)
        point = point.subs({A: self.a, ALPHA: self.alpha, LOG_ODDS: self.log_odds})
        gap = sympy.cancel(target.right.subs(self.eps, 1 / self.a) - point)
        if target.is_equality and is_zero(target.left - self.place) and gap == 0:
            return Finding(True)
        return Finding(False, f"the derivation gives {sympy.expand(point)}")


@dataclass(frozen=True)
class SquareRoot:
    """``x <= y`` from ``x^2 <= y^2`` and ``0 <= y``.

    Attributes
    ----------
    squares, sign : str
        The two premises.
    """

    squares: str
    sign: str
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Compare."""
        target = situation.target
        squares, sign = situation.statement(self.squares), situation.statement(self.sign)
        if any(statement.is_equality for statement in (target, squares, sign)):
            return Finding(False, "an equality among inequalities")
        if is_zero(squares.expression - (target.right**2 - target.left**2)) and is_zero(
            sign.expression - target.right
        ):
            return Finding(True)
        return Finding(False, "the premises are not x^2 <= y^2 and 0 <= y")


def _says(statement: Statement, expression: Expression, claim: Statement) -> bool:
    """Whether a statement is the claim with this ``right - left``: the relation counts, too."""
    return statement.sign == claim.sign and is_zero(statement.expression - expression)


@dataclass(frozen=True)
class JointInduction:
    """Statements that hold at the start and together pass from each step to the next.

    Attributes
    ----------
    assumptions : tuple of str
        Temporary hypotheses: the statements at step k.
    starts, passages : tuple of str
        Premises, in the same order: at the start, and at step k + 1.
    first, following : mapping of symbol to symbol
        What the symbols are at the start, and at the next step.
    throughout : tuple of str
        Hypotheses that are made for every step.
    """

    assumptions: tuple[str, ...]
    starts: tuple[str, ...]
    passages: tuple[str, ...]
    first: Mapping[Expression, Expression]
    following: Mapping[Expression, Expression]
    throughout: tuple[str, ...] = ()
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""

    @property
    def discharges(self) -> tuple[str, ...]:
        """The temporary hypotheses."""
        return self.assumptions

    def verify(self, situation: Situation) -> Finding:
        """Compare; the other hypotheses must be definitions, or made for every step."""
        claims = [situation.hypotheses[name] for name in self.assumptions]
        if not all(claim.temporary for claim in claims):
            return Finding(False, "an assumption is no temporary hypothesis")
        target = situation.target
        if not any(_says(target, claim.statement.expression, claim.statement) for claim in claims):
            return Finding(False, "the conclusion is none of the assumptions")
        for names, renamed in ((self.starts, self.first), (self.passages, self.following)):
            for name, claim in zip(names, claims, strict=True):
                expected = claim.statement.expression.subs(dict(renamed), simultaneous=True)
                if not _says(situation.statement(name), expected, claim.statement):
                    return Finding(False, f"{name!r} is not the assumption there")
        moving = set(self.following)
        for name in self.passages:
            for used in situation.premises[name].rests_on - set(self.assumptions):
                hypothesis = situation.hypotheses[used]
                fixed = not (hypothesis.statement.expression.free_symbols & moving)
                if not (hypothesis.by_definition or fixed or used in self.throughout):
                    return Finding(False, f"{used!r} may fail at a later step")
        if any(situation.premises[name].rests_on & set(self.assumptions) for name in self.starts):
            return Finding(False, "the start rests on an assumption")
        return Finding(True)


@dataclass(frozen=True)
class AtAllSteps:
    """A statement that rests on temporary hypotheses, after those were shown for every step.

    Attributes
    ----------
    assumptions : tuple of str
        The temporary hypotheses.
    statement : str
        Premise: the statement.
    shown : tuple of str
        Premises: what shows the hypotheses, in the same order.
    """

    assumptions: tuple[str, ...]
    statement: str
    shown: tuple[str, ...]
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""

    @property
    def discharges(self) -> tuple[str, ...]:
        """The temporary hypotheses."""
        return self.assumptions

    def verify(self, situation: Situation) -> Finding:
        """Compare statements."""
        for assumption, name in zip(self.assumptions, self.shown, strict=True):
            wanted = situation.hypotheses[assumption].statement
            if not _says(situation.statement(name), wanted.expression, wanted):
                return Finding(False, f"{name!r} does not show {assumption!r}")
            if situation.premises[name].rests_on & set(self.assumptions):
                return Finding(False, f"{name!r} is not shown yet")
        target, given = situation.target, situation.statement(self.statement)
        if target.sign != given.sign or not is_zero(target.expression - given.expression):
            return Finding(False, "the conclusion is not the statement")
        return Finding(True)


@dataclass(frozen=True)
class LogOddsBound:
    """``|log(pi_2/pi_1)|`` is at most a number, in balls; premises say what the weights are.

    Attributes
    ----------
    log_odds, near_weight, far_weight : symbol
        ``l``, ``pi_1``, ``pi_2``.
    """

    log_odds: Expression
    near_weight: Expression
    far_weight: Expression
    kind: ClassVar[StepKind] = "ball cover"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Enclose the logarithm."""
        expression = situation.target.expression
        sign = expression.coeff(self.log_odds)
        bound = sympy.expand(expression - sign * self.log_odds)
        if situation.target.is_equality or abs(sign) != 1 or not bound.is_Rational:
            return Finding(False, "the conclusion does not bound the logarithm")
        near, far = (given_number(situation, pi) for pi in (self.near_weight, self.far_weight))
        if near is None or far is None or near <= 0 or far <= 0:
            return Finding(False, "the premises do not give the weights")
        with precision(64):
            value = ball(far / near).log()
            holds = bool(int(sign) * value + ball(Fraction(int(bound.p), int(bound.q))) >= 0)
        return Finding(holds, f"log(pi_2/pi_1) = {value.str(6)}")


@dataclass(frozen=True)
class GaussianFloor:
    """``a G`` from below, ``G = 2 a^2 phi(y)`` with ``y`` the point of equal responsibilities.

    Premises ``a0 <= a``, ``y <= B`` and ``-y <= B``; the conclusion ``floor <= a G`` with
    ``floor = 2 a0^3 phi(B)``.

    Attributes
    ----------
    floor, size, a, place : symbol
        ``place`` is ``y``.
    bound : expression
        ``B``.
    least : Fraction
        ``a0``.
    """

    floor: Expression
    size: Expression
    a: Expression
    place: Expression
    bound: Expression
    least: Fraction
    kind: ClassVar[StepKind] = "pointwise inequality"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Write ``log(a G/floor)`` as a sum of terms that the premises show nonnegative."""
        target = situation.target
        if target.is_equality or not is_zero(target.expression - (self.a * self.size - self.floor)):
            return Finding(False, "the conclusion is not floor <= a G")
        if not self.least > 0:
            return Finding(False, "a is not bounded below by a positive number")
        wanted = (
            self.a - sympy.sympify(self.least),
            self.bound - self.place,
            self.bound + self.place,
        )
        given = [situation.statement(name).expression for name in situation.premises]
        if not all(any(is_zero(w - g) for g in given) for w in wanted):
            return Finding(False, "the premises do not bound a and y")
        a, low = sympy.symbols("a a0", positive=True)
        y, b = sympy.symbols("y B", real=True)
        density = sympy.exp(-(y**2) / 2)
        ratio = 2 * a**3 * density / (2 * low**3 * density.subs(y, b))
        # B^2 - y^2 = (B - y)(B + y), and log increases
        expected = 3 * (sympy.log(a) - sympy.log(low)) + (b - y) * (b + y) / 2
        gap = sympy.expand(sympy.expand_log(sympy.log(ratio), force=True) - expected)
        return Finding(bool(gap == 0), "")


@dataclass(frozen=True)
class VanishingSize:
    """``G = 2 a^2 phi(y) -> 0`` as ``a`` grows, uniformly in ``y >= a/2 - near - odds/a``."""

    near: Fraction = NEAR
    odds: Fraction = Fraction(0)
    kind: ClassVar[StepKind] = "symbolic identity"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Take the limit of the bound where ``y`` is least."""
        without_conclusion(situation)
        a = sympy.Symbol("a", positive=True)
        place = a / 2 - sympy.sympify(self.near) - sympy.sympify(self.odds) / a
        limit = sympy.limit(a**2 * sympy.exp(-(place**2) / 2), a, sympy.oo)
        return Finding(bool(limit == 0), "")
