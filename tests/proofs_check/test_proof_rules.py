"""The rules of proofs that are not on the kernel yet refuse what does not follow."""

from __future__ import annotations

import pytest
import sympy

from proofs_check.proofs import certificates
from proofs_check.proofs.kernel import ProofError
from proofs_check.proofs.proof import Hypothesis, Known, Proof, Situation, Step, replay
from proofs_check.proofs.quantities import Glossary, Quantity, equal, nonnegative
from proofs_check.proofs.rules import Combination

X, Y, T = sympy.symbols("x y t")


def judge(rule, conclusion, premises=()) -> bool:
    """Whether a rule accepts a conclusion from premises, given as (name, statement) pairs."""
    known = {name: Known(statement) for name, statement in premises}
    try:
        return rule.verify(Situation(conclusion, known, {}, Glossary())).holds
    except ProofError:
        return False


class TestCombinations:
    PREMISES = (("x", nonnegative(X)), ("y", nonnegative(Y)), ("same", equal(X, Y)))

    def test_multipliers_are_nonnegative(self):
        assert judge(Combination(((2, ("x",)),)), nonnegative(2 * X), self.PREMISES)
        assert not judge(Combination(((-2, ("x",)),)), nonnegative(-2 * X), self.PREMISES)
        assert not judge(Combination((), ((-1, X),)), nonnegative(-(X**2)), self.PREMISES)

    def test_a_premise_must_be_named(self):
        assert not judge(Combination(((1, ("z",)),)), nonnegative(X), self.PREMISES)

    def test_equalities_may_be_used_both_ways(self):
        assert judge(Combination(((1, ("x",)),)), nonnegative(3 * Y - 2 * X), self.PREMISES)
        assert not judge(Combination(((1, ("x",)),)), nonnegative(3 * Y - 2 * X), self.PREMISES[:2])

    def test_an_equality_follows_from_equalities_only(self):
        assert judge(Combination(), equal(X**2, Y**2), self.PREMISES)
        assert not judge(Combination(((1, ("x",)),)), equal(0, X), self.PREMISES)


class TestPolynomials:
    @pytest.mark.parametrize(
        ("polynomial", "low", "high", "holds"),
        [
            (T**2 - 2, sympy.Rational(3, 2), sympy.oo, True),
            (T**2 - 2, sympy.Rational(7, 5), sympy.oo, False),
            (T * (T - 1), 1, 5, True),
            (T * (T - 1), 0, 1, False),
            (-T * (T - 1), 0, 1, True),
            (T**2, -1, 1, True),
            (-(T**2), -1, 1, False),
            (T**3, -sympy.oo, sympy.oo, False),
            (T**3, -sympy.oo, 0, False),
            (-(T**3), -sympy.oo, 0, True),
            (T**4 - 2 * T**2 + 1, -sympy.oo, sympy.oo, True),
            ((T - 1) ** 3, 1, 2, True),
            (sympy.Integer(-1), 0, 1, False),
            (T - 1, 1, 1, True),
            (T - 2, 1, 1, False),
        ],
    )
    def test_sign_on_an_interval(self, polynomial, low, high, holds):
        assert certificates.nonnegative_on_interval(polynomial, T, low, high) is holds

    def test_sums_of_squares(self):
        assert certificates.is_sum_of_squares(X**2 + Y**2, [(1, X), (1, Y)])
        assert not certificates.is_sum_of_squares(X**2 - Y**2, [(1, X), (-1, Y)])
        assert not certificates.is_sum_of_squares(X**2 + Y**2, [(1, X)])

    def test_membership_needs_the_right_ideal(self):
        assert certificates.is_zero(X**2 - 3, [X - sympy.sqrt(3)])
        assert not certificates.is_zero(X, [X**2])  # true of the zero set, not of the ideal


class TestProofs:
    def proof(self, *steps: Step, hypotheses=()) -> Proof:
        words = Glossary()
        words.parameter("x", "a number")
        return Proof("P", "", "", "", "", "", words, hypotheses, steps, (steps[-1].name,))

    def test_a_step_may_not_use_a_later_one(self):
        first = Step("first", "", nonnegative(X), Combination(((1, ("second",)),)), ("second",))
        second = Step("second", "", nonnegative(X), Combination(((1, ("first",)),)), ("first",))
        assert len(replay(self.proof(first, second)).failed) == 2

    def test_names_are_unique_and_conclusions_exist(self):
        step = Step("s", "", nonnegative(0), Combination())
        with pytest.raises(ValueError, match="share a name"):
            self.proof(step, step)
        with pytest.raises(ValueError, match="conclusions"):
            Proof("P", "", "", "", "", "", Glossary(), (), (step,), ("other",))

    def test_a_symbol_has_one_meaning(self):
        words = Glossary()
        words.parameter("b", "a number")
        with pytest.raises(ValueError, match="meaning already"):
            words.add(Quantity("b", "parameter", "another number", "b"))

    def test_a_step_that_is_no_polynomial_fails(self):
        quotient = nonnegative(1 / (1 + X))
        step = Step("s", "", quotient, Combination(((1, ("x",)),)), ("x",))
        found = replay(self.proof(step, hypotheses=(Hypothesis("x", nonnegative(X), ""),)))
        assert not found.outcomes[0].holds
