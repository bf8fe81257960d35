"""Rules of proofs that are not on the kernel yet: derivations replayed, and combinations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import sympy

from proofs_check.proofs.certificates import is_nonnegative_number, is_real_polynomial, is_zero
from proofs_check.proofs.proof import Finding, Situation, StepKind, without_conclusion
from proofs_check.proofs.quantities import Expression

if TYPE_CHECKING:
    from derive.derivation import Derivation


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
    >>> from proofs_check.proofs.quantities import Glossary, nonnegative
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
