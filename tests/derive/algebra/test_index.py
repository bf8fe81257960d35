"""The index polynomials: canonical form, sums, substitution."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.algebra.calculus import equal, expand, fold
from derive.algebra.index import Polynomial, atom, canonical, constant, dot, relabel
from tests.derive.reference import Instance, evaluate_polynomial

HEADS = {"psi": "j", "v": "ja", "m": "a", "moment": "aa", "x": "a", "u": "ja"}


@st.composite
def monomials(draw: st.DrawFn) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Products of up to four factors with labels from a small pool, free and summed."""
    pools = {"j": ["j0", "j#1", "j#2", "j#3"], "a": ["a0", "a#1", "a#2", "a#3"]}
    factors = []
    for head in draw(st.lists(st.sampled_from(sorted(HEADS)), min_size=1, max_size=4)):
        factors.append((head, tuple(draw(st.sampled_from(pools[k])) for k in HEADS[head])))
    return tuple(factors)


@given(monomials(), st.permutations([1, 2, 3]), st.permutations([1, 2, 3]))
def test_canonical_form_ignores_dummy_names_and_order(monomial, components, coordinates):
    names = {f"j#{k}": f"j#{p}9" for k, p in zip([1, 2, 3], components, strict=True)}
    names |= {f"a#{k}": f"a#{p}7" for k, p in zip([1, 2, 3], coordinates, strict=True)}
    shuffled = relabel(monomial, names)[::-1]
    assert canonical(shuffled) == canonical(monomial)


@given(monomials(), monomials())
def test_expand_and_fold_keep_the_value(first, second):
    polynomial = Polynomial({first: 2}) - Polynomial({second: Fraction(1, 3)})
    at = instance()
    free = {"j0": 1, "a0": 0}
    with mpmath.workdps(30):
        value = evaluate_polynomial(polynomial, at, free)
        for form in (expand(polynomial), fold(polynomial)):
            assert mpmath.almosteq(evaluate_polynomial(form, at, free), value, 1e-20, 1e-20)


@given(monomials(), monomials())
def test_product_multiplies_values(first, second):
    at, free = instance(), {"j0": 1, "a0": 0}
    left, right = Polynomial({first: 1}), Polynomial({second: 3})
    with mpmath.workdps(30):
        values = [evaluate_polynomial(p, at, free) for p in (left, right, left * right)]
        assert mpmath.almosteq(values[0] * values[1], values[2], 1e-20, 1e-20)


def instance() -> Instance:
    with mpmath.workdps(40):
        numbers = [mpmath.mpf(k) / 7 for k in (1, -4, 9, 3, -5, 11)]
        means = [numbers[0:2], numbers[2:4], numbers[4:6]]
        weights = [mpmath.mpf(1) / 2, mpmath.mpf(1) / 3, mpmath.mpf(1) / 6]
        teacher = [[mpmath.mpf(1) / 5, mpmath.mpf(0)], [mpmath.mpf(-1), mpmath.mpf(2) / 3]]
        point = [mpmath.mpf(1) / 3, mpmath.mpf(-2) / 5]
        return Instance(means, weights, teacher, [mpmath.mpf("0.25"), mpmath.mpf("0.75")], point)


def test_sum_over_an_absent_label_counts_the_range():
    assert str(constant(2).sum_over("a5")) == "2*dimension"
    assert str(constant(1).sum_over("j5")) == "components"


def test_delta_contracts_with_a_dummy_and_traces_to_the_dimension():
    identity = atom("delta_coordinate", "a0", "a1")
    assert dot(identity.rename({"a1": "a9"}), atom("m", "a9")) == atom("m", "a0")
    assert str((identity * identity).sum_over("a0", "a1")) == "dimension"


def test_responsibilities_sum_to_one_and_centred_means_average_to_zero():
    psi, u = atom("psi", "j0"), atom("u", "j0", "a0")
    assert expand(psi.sum_over("j0")) == constant(1)
    assert not expand((psi * u).sum_over("j0"))
    assert not equal((psi * psi).sum_over("j0"), constant(1))


@pytest.mark.parametrize("wrong", [Fraction(21, 20), Fraction(-1), Fraction(0)])
def test_equal_refuses_a_wrong_coefficient(wrong):
    covariance = (atom("psi", "j0") * atom("u", "j0", "a0") * atom("u", "j0", "a1")).sum_over("j0")
    assert equal(covariance, atom("moment", "a0", "a1"))
    assert not equal(wrong * covariance, atom("moment", "a0", "a1"))
