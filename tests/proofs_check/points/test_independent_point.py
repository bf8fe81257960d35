"""The independent evaluation against mpmath's quadrature of formulas typed here."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import arb, ctx

from derive.algebra.program import Assignment, Factor, Program, Term
from numerics.kernels import load_program
from proofs_check.points import tensor_rule
from proofs_check.points.independent_point import IndependentPoint
from proofs_check.points.interpreter import NotConfirmedError, precision
from proofs_check.points.numerics_point import NumericsPoint
from proofs_check.points.witness import Witness, confirm
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Relation, dot, exact, flatten, scaled

LINES = [
    Mixture.of([["0"], ["2"]]),
    Mixture.of([["3/10"], ["2"], ["-5"]], ["1/10", "1/5", "7/10"]),
    Mixture.of([["7/4"], ["7/4"]]),
    Mixture.of([["-1"], ["1/2"]], ["1/4", "3/4"], [["0"], ["3"]], ["2/3", "1/3"]),
]


def density(x, means, weights):
    return mpmath.fsum(w * mpmath.npdf(x, v) for (v,), w in zip(means, weights, strict=True))


def mean_of_posterior(x, means, weights):
    parts = [(v, w * mpmath.npdf(x, v)) for (v,), w in zip(means, weights, strict=True)]
    return mpmath.fsum(v * p for v, p in parts) / mpmath.fsum(p for _, p in parts)


def reference(mixture: Mixture, objective: str):
    """Losses straight from the densities, d = 1."""

    def number(table):
        return [[mpmath.mpf(a.numerator) / a.denominator for a in row] for row in table]

    student = number(mixture.means), number([mixture.weights])[0]
    teacher = (
        (number(mixture.teacher_means), number([mixture.teacher_weights])[0])
        if mixture.teacher_means
        else ([[mpmath.mpf(0)]], [mpmath.mpf(1)])
    )

    def integrand(x):
        q, p = density(x, *teacher), density(x, *student)
        if objective == "kl":
            return q * mpmath.log(q / p)
        gap = mean_of_posterior(x, *student) - mean_of_posterior(x, *teacher)
        return (q if objective == "forward" else p) * gap**2

    return mpmath.quad(integrand, mpmath.linspace(-16, 16, 33))


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize("mixture", LINES, ids=str)
def test_losses_contain_the_reference(mixture, objective):
    with mpmath.workdps(30), precision(20):
        value = IndependentPoint(mixture, 20).loss(objective)
        expected = arb(mpmath.nstr(reference(mixture, objective), 28))
        assert abs(value - expected) < arb("1e-20")
        assert exact(value.rad()) <= Fraction(1, 10**20) * max(1, exact(abs(value).upper()))


def test_a_tilted_line_in_the_plane_agrees_with_its_rotation():
    tilted = Mixture.of([["3/5", "4/5"], ["9/5", "12/5"]], ["1/3", "2/3"])
    straight = Mixture.of([["1", "0"], ["3", "0"]], ["1/3", "2/3"])
    with precision(20):
        for objective in ("forward", "reverse", "kl"):
            left = IndependentPoint(tilted, 20).loss(objective)
            right = IndependentPoint(straight, 20).loss(objective)
            assert left.overlaps(right)


def test_the_part_of_the_means_across_the_line_counts():
    """KL to one Gaussian is half the squared distance; a shift across adds its half square."""
    with precision(25):
        kl = IndependentPoint(Mixture.of([["3", "4"]]), 25).loss("kl")
        assert kl.overlaps(arb(25) / 2)
        flat = IndependentPoint(Mixture.of([["0", "0"], ["2", "0"]]), 25).loss("kl")
        lifted = IndependentPoint(Mixture.of([["0", "3"], ["2", "3"]]), 25).loss("kl")
        assert (lifted - flat).overlaps(arb(9) / 2)


def simplex(size: int) -> Mixture:
    return Mixture.of([[int(a == b) for a in range(size)] for b in range(size + 1)])


def test_directions_that_span_four_dimensions_are_refused():
    with pytest.raises(NotConfirmedError, match="more than three dimensions"):
        IndependentPoint(simplex(4), 10).loss("forward")


SPANS = [
    (simplex(2), 20),
    (Mixture.of([["1/2", "3"], ["2", "1"]], ["1/5", "4/5"], [["0", "0"], ["1", "1/3"]]), 6),
    (Mixture.of([["1", "0", "2"], ["1/3", "1", "2"], ["0", "-1", "2"]], ["1/4", "1/2", "1/4"]), 6),
]


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize(("mixture", "digits"), SPANS, ids=lambda part: str(part)[:30])
def test_grids_agree_with_numerics_in_two_dimensions(mixture, digits, objective):
    with precision(30):
        here = IndependentPoint(mixture, digits)
        there = NumericsPoint(mixture, digits, "ball")
        for quantity in ("loss",) if digits == 20 else ("loss", "gradient"):
            values = list(flatten(getattr(here, quantity)(objective)))
            others = list(flatten(getattr(there, quantity)(objective)))
            assert all(a.overlaps(b) for a, b in zip(values, others, strict=True))
            assert all(exact(a.rad()) <= Fraction(1, 10**digits) for a in values)


def test_grids_agree_with_numerics_in_three_dimensions():
    with precision(30):
        here = IndependentPoint(simplex(3), 4).loss("forward")
        assert here.overlaps(NumericsPoint(simplex(3), 4, "ball").loss("forward"))
        assert exact(here.rad()) <= Fraction(1, 10**4)


def test_a_hessian_in_the_plane_agrees_with_numerics():
    with precision(30):
        here = IndependentPoint(simplex(2), 6).hessian("kl", rows=(0, 3))
        there = NumericsPoint(simplex(2), 6, "ball").hessian("kl", rows=(0, 3))
    assert all(a.overlaps(b) for a, b in zip(flatten(here), flatten(there), strict=True))


@pytest.mark.parametrize("step", [4, 8])
def test_the_bound_of_the_error_is_a_bound(monkeypatch, step):
    """With a grid far too coarse the enclosure is wide, and still contains the value."""
    rule = tensor_rule.TensorRule(simplex(2), 12)
    program = load_program("forward", "loss")
    (fine,) = rule.expect(program, [()])
    coarse = tensor_rule.TensorRule(simplex(2), 12)
    monkeypatch.setattr(tensor_rule, "_FINER", Fraction(1, step))
    (wide,) = coarse.expect(program, [()])
    assert exact(wide.rad()) > 1000 * exact(fine.rad())
    assert wide.overlaps(fine)
    assert abs(exact(wide.mid()) - exact(fine.mid())) <= exact(wide.rad())


def test_an_error_in_a_kernel_keeps_its_own_type():
    broken = Assignment("output", (), (Term(Fraction(1), (Factor("nonsense", ()),)),))
    with pytest.raises(NotConfirmedError, match="nonsense"):
        IndependentPoint(LINES[0], 10).expectation(Program("broken", "teacher", (broken,)))


def test_it_gives_up_at_the_deadline():
    with pytest.raises(NotConfirmedError, match="out of time"):
        IndependentPoint(LINES[1], 50, deadline=0.0).loss("reverse")


def test_the_precision_is_restored_after_an_error():
    before = ctx.prec
    with pytest.raises(ZeroDivisionError), precision(300):
        raise ZeroDivisionError
    assert ctx.prec == before


def relation(factor: str) -> Relation:
    return Relation(
        f"v.grad K = {factor} L",
        lambda at: dot(at.means, at.gradient("kl")),
        "=",
        lambda at: scaled(Fraction(factor), at.loss("forward")),
    )


def test_a_false_relation_is_confirmed_at_twice_the_digits():
    witness = confirm(relation("1.000001"), LINES[0], 12)
    assert isinstance(witness, Witness)
    assert witness.digits == 24
    assert witness.mixture is LINES[0]


def test_a_true_relation_is_not():
    assert "not violated" in confirm(relation("1"), LINES[0], 12)


def test_a_point_that_cannot_be_evaluated_confirms_nothing():
    assert "not confirmed" in confirm(relation("2"), simplex(4), 12)


def test_a_counterexample_in_the_plane_is_confirmed():
    witness = confirm(relation("1.000001"), simplex(2), 8)
    assert isinstance(witness, Witness)
    assert witness.digits == 16
    assert "not violated" in confirm(relation("1"), simplex(2), 8)
