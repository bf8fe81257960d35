"""Gradients and Hessians against derivatives of the loss typed from the definition."""

from __future__ import annotations

import mpmath
import pytest

from derive.algebra.index import atom, dot
from derive.losses.gradients import (
    gradient_integrand,
    gradient_with_x,
    hessian_integrand,
    loss_integrand,
)
from derive.losses.objectives import FORWARD, KL, OBJECTIVES, REVERSE, Objective
from tests.derive.reference import Instance, evaluate_polynomial, responsibilities, terms

MEANS = [["-3/4"], ["17/8"], ["1/2"]]
WEIGHTS = ["1/2", "1/5", "3/10"]
TEACHERS = {"single": ([["0"]], ["1"]), "mixture": ([["0"], ["3/2"]], ["2/3", "1/3"])}


def number(text: str) -> mpmath.mpf:
    numerator, _, denominator = text.partition("/")
    return mpmath.mpf(numerator) / mpmath.mpf(denominator or 1)


def setting(teacher: str):
    theta, rho = TEACHERS[teacher]
    read = lambda rows: [[number(x) for x in row] for row in rows]  # noqa: E731
    return read(MEANS), [number(w) for w in WEIGHTS], read(theta), [number(w) for w in rho]


def integrate(f) -> mpmath.mpf:
    """Trapezoid rule on a grid far finer and wider than 20 digits need."""
    h = mpmath.mpf(1) / 24
    return h * mpmath.fsum(f(k * h) for k in range(-24 * 14, 24 * 14 + 1))


def density(means, weights, x) -> mpmath.mpf:
    return sum(terms(means, weights, [x])) / mpmath.sqrt(2 * mpmath.pi)


def typed_loss(objective: Objective, means, weights, theta, rho) -> mpmath.mpf:
    """The three losses from their definitions, n = 3, d = 1."""

    def error(x):
        student = responsibilities(means, weights, [x])
        teacher = responsibilities(theta, rho, [x])
        return sum(p * v[0] for p, v in zip(student, means, strict=True)) - sum(
            p * v[0] for p, v in zip(teacher, theta, strict=True)
        )

    if objective is FORWARD:
        return integrate(lambda x: density(theta, rho, x) * error(x) ** 2)
    if objective is REVERSE:
        return integrate(lambda x: density(means, weights, x) * error(x) ** 2)
    ratio = lambda x: mpmath.log(density(theta, rho, x) / density(means, weights, x))  # noqa: E731
    return integrate(lambda x: density(theta, rho, x) * ratio(x))


def expectation(polynomial, base, means, weights, theta, rho, free) -> mpmath.mpf:
    def integrand(x):
        at = Instance(means, weights, theta, rho, [x])
        centre = (means, weights) if base == "student" else (theta, rho)
        return density(*centre, x) * evaluate_polynomial(polynomial, at, free)

    return integrate(integrand)


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=lambda o: o.name)
def test_loss_and_both_gradient_forms(objective, teacher):
    with mpmath.workdps(25):
        means, weights, theta, rho = setting(teacher)
        loss = typed_loss(objective, means, weights, theta, rho)
        derived = expectation(
            loss_integrand(objective), objective.base, means, weights, theta, rho, {}
        )
        assert mpmath.almosteq(derived, loss, 1e-20, 1e-20)
        slope = central_difference(objective, means, weights, theta, rho, 1)
        for form in (gradient_with_x(objective), gradient_integrand(objective)):
            value = expectation(
                form, objective.base, means, weights, theta, rho, {"j0": 1, "a0": 0}
            )
            assert abs(value - slope) < 1e-12


def central_difference(objective, means, weights, theta, rho, component) -> mpmath.mpf:
    """Fourth-order central difference of the typed loss: error O(h^4) ~ 1e-13."""
    h = mpmath.mpf("5e-4")

    def moved(steps):
        shifted = [list(v) for v in means]
        shifted[component][0] += steps * h
        return typed_loss(objective, shifted, weights, theta, rho)

    return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * h)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=lambda o: o.name)
def test_hessian_is_the_derivative_of_the_gradient(objective):
    with mpmath.workdps(25):
        means, weights, theta, rho = setting("mixture")
        h = mpmath.mpf("1e-4")

        def gradient(steps):
            shifted = [list(v) for v in means]
            shifted[2][0] += steps * h
            return expectation(
                gradient_integrand(objective), objective.base, shifted, weights, theta, rho,
                {"j0": 1, "a0": 0},
            )  # fmt: skip

        slope = (8 * (gradient(1) - gradient(-1)) - (gradient(2) - gradient(-2))) / (12 * h)
        places = {"j0": 1, "a0": 0, "j1": 2, "a1": 0}
        value = expectation(
            hessian_integrand(objective), objective.base, means, weights, theta, rho, places
        )
        assert abs(value - slope) < 1e-11


def test_a_planted_sign_changes_the_gradient():
    wrong = Objective(
        "wrong",
        "teacher",
        dot(atom("m", "a9") + atom("m_teacher", "a9"), atom("m", "a9") + atom("m_teacher", "a9")),
        "a sign planted in the score error",
        "test",
    )
    assert gradient_integrand(wrong) != gradient_integrand(FORWARD)
    assert KL.base == "teacher"


@pytest.mark.parametrize(
    "integrand",
    [
        atom("C", "a8", "a8").sum_over("a8"),  # printed so, written "moment"
        atom("psi", "a8").sum_over("a8"),
        atom("moment", "a8").sum_over("a8"),
        atom("m", "j8").sum_over("j8"),
        atom("v", "a8", "j8").sum_over("a8").sum_over("j8"),
        atom("rho", "j8").sum_over("j8"),
    ],
)
def test_an_objective_of_quantities_that_do_not_exist(integrand) -> None:
    with pytest.raises(ValueError, match=r"no quantity .* known: psi"):
        Objective("mine", "teacher", integrand, "", "")


def test_an_objective_with_free_labels() -> None:
    with pytest.raises(ValueError, match="free labels a0"):
        Objective("mine", "teacher", atom("m", "a0"), "", "")
