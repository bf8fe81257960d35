"""Rules by which a step follows: identities, squares, combinations, sums and means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import sympy

from derive.algebra.index import ONE, Polynomial
from derive.algebra.program import Base
from proofs_check.proofs.certificates import (
    has_nonnegative_coefficients,
    is_nonnegative_factor,
    is_nonnegative_number,
    is_real_polynomial,
    is_zero,
    nonnegative_on_interval,
)
from proofs_check.proofs.forms import ProofError, difference, normalise, unfold, vanishes
from proofs_check.proofs.proof import Finding, Situation, StepKind, without_conclusion
from proofs_check.proofs.quantities import Expression, Glossary

if TYPE_CHECKING:
    from derive.steps.derivation import Derivation

#: An index polynomial, or an expression in the glossary's symbols that unfolds to one.
Term = Polynomial | Expression


def as_polynomial(term: Term, glossary: Glossary) -> Polynomial:
    """The index polynomial of a term."""
    return term if isinstance(term, Polynomial) else unfold(sympy.sympify(term), glossary)


@dataclass(frozen=True)
class Derived:
    """An equality that the calculus of ``derive`` decides from the meanings of the symbols."""

    kind: ClassVar[StepKind] = "symbolic identity"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Bring ``right - left`` to normal form."""
        if not situation.target.is_equality:
            raise ProofError("an identity is an equality")
        if vanishes(situation.target.expression, situation.glossary):
            return Finding(True)
        return Finding(False, "the two sides differ")


@dataclass(frozen=True)
class Replayed:
    """A derivation of ``derive``, every step of it verified again.

    Attributes
    ----------
    derivation : str or callable
        Name in `derive.catalogue`, or what builds it.
    """

    derivation: str | Callable[[], Derivation]
    kind: ClassVar[StepKind] = "symbolic identity"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Replay the derivation."""
        from derive.catalogue import derivation

        without_conclusion(situation)
        given = self.derivation
        found = derivation(given) if isinstance(given, str) else given()
        verification = found.verify()
        if verification:
            return Finding(True, f"{found.name}: {len(verification.holds)} steps, {found.scope}")
        return Finding(False, f"{found.name} does not verify: {'; '.join(verification.failed)}")


@dataclass(frozen=True)
class Calculus:
    """An identity of ordinary calculus, ``left = right``, that SymPy decides.

    Attributes
    ----------
    left, right : expression
        In symbols and functions of their own.
    """

    left: Expression
    right: Expression
    kind: ClassVar[StepKind] = "symbolic identity"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Simplify ``left - right`` after carrying out derivatives."""
        without_conclusion(situation)
        gap = sympy.simplify(sympy.expand((self.left - self.right).doit()))
        if gap == 0:
            return Finding(True, f"{self.left} = {self.right}")
        return Finding(False, f"left - right is {gap}")


@dataclass(frozen=True)
class Square:
    """``coefficient * sum over labels of weights * base^2``, nonnegative by its form.

    Attributes
    ----------
    base : Polynomial or expression
        What is squared; if it has free labels besides `over`, the statement has them too.
    over : tuple of str
        Labels that are summed.
    coefficient : number
    weights : tuple of Polynomial
        Each nonnegative by its form: weights, responsibilities, deltas, ``1 - delta``.
    """

    base: Term
    over: tuple[str, ...] = ()
    coefficient: Expression = 1
    weights: tuple[Polynomial, ...] = ()

    def polynomial(self, glossary: Glossary) -> Polynomial:
        """The index polynomial.

        Raises
        ------
        ProofError
            If it is not nonnegative by its form.
        """
        if not is_nonnegative_number(self.coefficient):
            raise ProofError(f"the coefficient {self.coefficient} of a square is negative")
        if not all(is_nonnegative_factor(weight) for weight in self.weights):
            raise ProofError("a weight of a square is not nonnegative by its form")
        total = unfold(sympy.sympify(self.coefficient), glossary)
        for weight in self.weights:
            total = total * weight
        base = as_polynomial(self.base, glossary)
        return (total * base * base).sum_over(*self.over)


@dataclass(frozen=True)
class Squares:
    """``right - left`` is a sum of squares with nonnegative weights, or the mean of one.

    Attributes
    ----------
    squares : tuple of Square
    base : {"teacher", "student"} or None
        With a base, the mean of the squares under it.
    """

    squares: tuple[Square, ...]
    base: Base | None = None
    kind: ClassVar[StepKind] = "pointwise inequality"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Compare normal forms."""
        words = situation.glossary
        if situation.target.is_equality:
            return Finding(False, "squares give no equality")
        total = Polynomial()
        for square in self.squares:
            total = total + square.polynomial(words)
        return _same(situation, normalise(total, words, self.base), "it is not the sum of squares")


@dataclass(frozen=True)
class NonnegativeFactor:
    """``right - left`` is a product of weights and responsibilities, or the mean of one.

    Attributes
    ----------
    factor : Polynomial
    base : {"teacher", "student"} or None
    """

    factor: Polynomial
    base: Base | None = None
    kind: ClassVar[StepKind] = "pointwise inequality"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Check the form of the factor, then compare."""
        if situation.target.is_equality or not is_nonnegative_factor(self.factor):
            return Finding(False, "not an inequality with a factor that is nonnegative by its form")
        found = normalise(self.factor, situation.glossary, self.base)
        return _same(situation, found, "it is not that factor")


@dataclass(frozen=True)
class Average:
    """Sum the premise over labels with nonnegative weights, and take its mean under a density.

    Attributes
    ----------
    over : tuple of str
        Labels summed over.
    base : {"teacher", "student"} or None
        Density of the mean.
    weight : Polynomial
        Nonnegative by its form.
    """

    over: tuple[str, ...] = ()
    base: Base | None = None
    weight: Polynomial = ONE
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Sum the premise and compare."""
        premise = situation.only()
        if situation.target.is_equality and not premise.is_equality:
            return Finding(False, "an equality does not follow from an inequality")
        if not is_nonnegative_factor(self.weight):
            return Finding(False, "the weight is not nonnegative by its form")
        summed = unfold(premise.expression, situation.glossary) * self.weight
        form = normalise(summed.sum_over(*self.over), situation.glossary, self.base)
        return _same(situation, form, "it is not the sum of the premise")


def _same(situation: Situation, form: object, otherwise: str) -> Finding:
    words = situation.glossary
    target = normalise(unfold(situation.target.expression, words), words)
    if not difference(target, form):  # type: ignore[arg-type]
        return Finding(True)
    return Finding(False, otherwise)


@dataclass(frozen=True)
class Combination:
    """``right - left`` is a combination of the premises with nonnegative multipliers.

    ``right - left = sum_i c_i (product of inequality premises) + sum_i c_i s_i^2``, exactly,
    wherever the premises that are equalities hold.

    Attributes
    ----------
    products : tuple of (number, tuple of str)
        Nonnegative numbers, and names of inequality premises, whose product is nonnegative.
    squares : tuple of (number, expression)
        Nonnegative numbers and what is squared.

    Examples
    --------
    >>> from proofs_check.proofs.quantities import nonnegative
    >>> from proofs_check.proofs.proof import Known
    >>> x, y = sympy.symbols("x y")
    >>> premises = {"x": Known(nonnegative(x)), "y": Known(nonnegative(y))}
    >>> situation = Situation(nonnegative(x * y + 3 * x), premises, {}, Glossary())
    >>> Combination(((1, ("x", "y")), (3, ("x",)))).verify(situation).holds
    True
    """

    products: tuple[tuple[Expression, tuple[str, ...]], ...] = ()
    squares: tuple[tuple[Expression, Expression], ...] = ()
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Decide the identity by ideal membership."""
        numbers = [number for number, _ in (*self.products, *self.squares)]
        if not all(is_nonnegative_number(number) for number in numbers):
            return Finding(False, "a multiplier is negative")
        if not all(is_real_polynomial(base) for _, base in self.squares):
            return Finding(False, "what is squared is no real polynomial")
        if situation.target.is_equality and numbers:
            return Finding(False, "an equality does not follow from inequalities")
        total = sum((c * s**2 for c, s in self.squares), sympy.Integer(0))
        for number, names in self.products:
            product = sympy.sympify(number)
            for name in names:
                product *= situation.statement(name).expression
            total += product
        equalities = [
            premise.statement.expression
            for premise in situation.premises.values()
            if premise.statement is not None and premise.statement.is_equality
        ]
        if is_zero(situation.target.expression - total, equalities):
            return Finding(True)
        return Finding(False, "the combination of premises is not the conclusion")


@dataclass(frozen=True)
class Substitution:
    """``right - left`` has nonnegative coefficients in new symbols that premises show nonnegative.

    Attributes
    ----------
    replaced : mapping of symbol to expression
        Old symbols in terms of new ones.
    new : mapping of symbol to str
        For each new symbol, the premise whose ``right - left``, in old symbols, it is.
    """

    replaced: Mapping[Expression, Expression] = field(default_factory=dict)
    new: Mapping[Expression, str] = field(default_factory=dict)
    kind: ClassVar[StepKind] = "pointwise inequality"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Check the substitution against the premises, then the coefficients."""
        shown = {symbol: situation.statement(name).expression for symbol, name in self.new.items()}
        for symbol, meaning in shown.items():
            # a new symbol with the name of an old one would lend it its sign
            old_one = symbol in situation.target.expression.free_symbols or symbol in (
                situation.glossary
            )
            if old_one and symbol not in self.replaced and not is_zero(meaning - symbol):
                return Finding(False, f"{symbol} has a meaning already")
        for old, expression in self.replaced.items():
            # every value of the old symbol is reached from nonnegative values of the new ones
            back = sympy.sympify(expression).subs(shown, simultaneous=True)
            if set(shown) & expression.free_symbols != expression.free_symbols or not is_zero(
                back - old
            ):
                return Finding(False, f"{old} is not {expression} by the premises")
        left = sympy.expand(situation.target.expression.subs(self.replaced, simultaneous=True))
        if not left.free_symbols <= set(self.new):
            return Finding(False, "symbols are left whose sign is not known")
        if situation.target.is_equality or not has_nonnegative_coefficients(left, {}):
            return Finding(False, f"a coefficient of {left} is negative")
        return Finding(True)


@dataclass(frozen=True)
class Sturm:
    """``right - left`` is a polynomial in one symbol, nonnegative on an interval.

    Attributes
    ----------
    symbol : symbol
    low, high : number
        Ends (``-oo``, ``oo``: none); each finite one must be a premise named in `bounds`.
    bounds : tuple of str
        Premises ``symbol - low >= 0`` and ``high - symbol >= 0``.
    """

    symbol: Expression
    low: Expression
    high: Expression
    bounds: tuple[str, ...] = ()
    kind: ClassVar[StepKind] = "pointwise inequality"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Check that the premises give the interval; count roots."""
        given = [situation.statement(name).expression for name in self.bounds]
        low, high = sympy.sympify(self.low), sympy.sympify(self.high)
        wanted = [self.symbol - low] if low.is_finite else []
        wanted += [high - self.symbol] if high.is_finite else []
        if not all(any(is_zero(w - g) for g in given) for w in wanted):
            return Finding(False, "the interval is not what the premises give")
        expression = situation.target.expression
        if situation.target.is_equality or not expression.free_symbols <= {self.symbol}:
            return Finding(False, f"not an inequality in {self.symbol} alone")
        if nonnegative_on_interval(expression, self.symbol, low, high):
            return Finding(True)
        return Finding(False, f"{expression} is negative somewhere on [{low}, {high}]")


@dataclass(frozen=True)
class Member:
    """A member of a family against the largest (or least) of it.

    Examples
    --------
    ``pi_j <= pi_max`` where ``pi_max`` is the largest ``pi_j``.
    """

    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Compare with the glossary's meaning."""
        left, right = situation.target.left, situation.target.right
        words = situation.glossary
        for extreme, member, sort in ((right, left, "largest"), (left, right, "least")):
            known = not situation.target.is_equality and extreme in words
            known = known and words[extreme].sort == sort
            if known and is_zero(words[extreme].expression - member):
                return Finding(True)
        return Finding(False, "neither side is the largest or least of the other")


@dataclass(frozen=True)
class Bound:
    """What bounds every member of a finite family from above (below) bounds its largest (least)."""

    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Compare premise and conclusion."""
        target, premise, words = situation.target, situation.only(), situation.glossary
        sides = ((target.left, target.right, "largest"), (target.right, target.left, "least"))
        for extreme, bound, sort in sides:
            if target.is_equality or extreme not in words or words[extreme].sort != sort:
                continue
            family = words[extreme]
            labels = {label for s in bound.free_symbols for label in words[s].labels}
            if "k" in family.over or labels & set(family.over):
                return Finding(False, "the bound may depend on the member")
            if is_zero(premise.expression - target.expression.subs(extreme, family.expression)):
                return Finding(True)
            return Finding(False, "the premise does not bound the members")
        return Finding(False, "neither side is the largest or least of a family")


@dataclass(frozen=True)
class Cancel:
    """A positive factor of an inequality, or a factor of an equality, is divided out.

    Attributes
    ----------
    factor : str
        Premise ``0 < factor``.
    product : str
        Premise whose ``right - left`` is ``factor * (right - left of the conclusion)``.
    """

    factor: str
    product: str
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Multiply the conclusion by the factor."""
        factor, product = (situation.statement(name) for name in (self.factor, self.product))
        if factor.sign != "<":
            return Finding(False, "the factor is not shown to be positive")
        if situation.target.is_equality != product.is_equality:
            return Finding(False, "the relation changes")
        if is_zero(product.expression - factor.expression * situation.target.expression):
            return Finding(True)
        return Finding(False, "the premise is not the conclusion times the factor")


@dataclass(frozen=True)
class Vanishes:
    """``X = 0`` because ``X^2 <= 0``, or because ``X <= 0`` and ``0 <= X``."""

    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Compare with the premises."""
        if not situation.target.is_equality:
            return Finding(False, "the conclusion is not an equality")
        found = situation.target.expression
        if not is_real_polynomial(found):
            return Finding(False, "what vanishes is no real polynomial")
        given = [situation.statement(name).expression for name in situation.premises]
        if any(is_zero(premise + found**2) for premise in given):
            return Finding(True)
        if all(any(is_zero(p - sign * found) for p in given) for sign in (1, -1)):
            return Finding(True)
        return Finding(False, "the premises do not show that it is zero")


@dataclass(frozen=True)
class Computed:
    """A step verified by a function of its own, for example a cover by balls.

    Attributes
    ----------
    function : callable
        Takes the situation, gives a `Finding`; must verify from scratch.
    kind : str
    cites : str
    """

    function: Callable[[Situation], Finding]
    kind: StepKind = "ball cover"
    cites: str = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Call the function."""
        return self.function(situation)


@dataclass(frozen=True)
class Argued:
    """A step that is argued and not verified: the proof can only support its statement.

    Attributes
    ----------
    reason : str
        The argument.
    """

    reason: str
    kind: ClassVar[StepKind] = "open"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Nothing is verified."""
        return Finding(True, f"argued: {self.reason}")
