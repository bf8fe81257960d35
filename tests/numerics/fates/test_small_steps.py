"""Theorem E_n': its bound of the pull along the near mean at configurations, and its regions."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb

from numerics.evaluation.evaluator import Evaluator
from numerics.fates import small_steps
from numerics.fates.criteria import FateInputs, decide_fates
from numerics.numbers.balls import ball, precision


def pull_along(means: np.ndarray) -> float:
    """``-e.(grad_1 L - 2 v_1)`` in the plane, by a grid of its own."""
    axis = np.linspace(-9, 9, 361)
    x, y = np.meshgrid(axis, axis)
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    weights = np.exp(-(points**2).sum(1) / 2) / (2 * math.pi) * (axis[1] - axis[0]) ** 2
    exponents = points @ means.T - (means**2).sum(1) / 2
    psi = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    psi /= psi.sum(axis=1, keepdims=True)
    near = means[0]
    shift = psi @ means - near
    product = (shift * (psi @ means)).sum(1)
    drift = -(1 - psi[:, :1]) * near + psi[:, :1] * (shift - product[:, None] * (points - near))
    return float(-2 * (weights @ drift) @ near / np.linalg.norm(near))


def test_the_pull_along_the_near_mean_is_bounded() -> None:
    draw = random.Random(4)
    closest = 0.0
    for _ in range(25):
        n, s = draw.randint(2, 4), draw.uniform(0.02, 0.38)
        turn = draw.uniform(0, 2 * math.pi)
        near = np.array([s * math.cos(turn), s * math.sin(turn)])
        far = []
        for _ in range(n - 1):
            angle, norm = draw.uniform(0, 2 * math.pi), draw.uniform(4.2, 6.5)
            far.append([norm * math.cos(angle), norm * math.sin(angle)])
        means = np.array([near, *far])
        total = 0.0
        with precision(80):
            for row in np.array(far):
                u = (row - near) / np.linalg.norm(row - near)
                p = Fraction(float(u @ near) / s)
                a = ball(Fraction(float(np.linalg.norm(row))))
                total += float(small_steps._share(a, ball(Fraction(s)), (p, p)))
        true = pull_along(means)
        assert true <= total
        closest = max(closest, true / total)
    assert closest > 0.3  # the bound says something


@pytest.mark.parametrize("components", sorted(small_steps.REGIONS))
def test_every_region_is_proved_and_one_a_little_larger_is_not(components: int) -> None:
    for row in small_steps.REGIONS[components]:
        rho, eps, eta = (Fraction(entry, 100) for entry in row)
        assert small_steps.region_kept(components, rho, eps, eta)
        assert not small_steps.region_kept(components, rho - Fraction(1, 2), eps, eta)


def test_runs_stay_in_a_region() -> None:
    """Random starts in a region: the near component stays within eps, far norms grow."""
    generator = np.random.default_rng(2)
    gradient = Evaluator("forward", ("gradient",), n=3, dimension=1)
    rho, eps, eta = 4.65, 0.34, 0.05
    for _ in range(6):
        far = generator.choice([-1, 1], 2) * generator.uniform(rho, 5.5, 2)
        means = np.array([[generator.uniform(-eps, eps)], *[[v] for v in far]])
        for _ in range(25):
            moved = means - eta * gradient(means)["gradient"]
            assert abs(moved[0, 0]) <= eps
            assert (np.abs(moved[1:]) > np.abs(means[1:])).all()
            means = moved


def test_it_decides_where_theorem_e_n_does_not() -> None:
    near, far = (Fraction(0), Fraction(1, 100)), (Fraction(27), Fraction(27))
    fifth = (Fraction(1, 5),) * 5

    def criteria(step: Fraction, span: int) -> set[str]:
        situation = FateInputs(
            "forward", fifth, (far, far, near, far, far), step, "enclosure", [], 0, span=span
        )
        return {fate.criterion for fate in decide_fates(situation, theorems_only=True)}

    assert criteria(Fraction(1, 100), 1) == {"Theorem E_n'"}
    assert criteria(Fraction(1, 50), 1) == {"none"}
    assert criteria(Fraction(1, 100), 4) == {"none"}  # beta is below nu there


EXPONENTS = {"behind": (0.42, 0.5), "ahead": (0.5, 0.58)}


def reference_bound(a: float, eps: float) -> float:
    """Lemma V's bound with integrals by mpmath, in the order of its derivation."""

    def sides(h, b, thetas):  # type: ignore[no-untyped-def]
        def largest(function):  # type: ignore[no-untyped-def]
            return max(
                mpmath.quad(
                    lambda s, t=t: function(s) * mpmath.exp(-t * s), [-60, -mpmath.log(2), 0, 60]
                )
                for t in thetas
            )

        odds = lambda s: mpmath.exp(s)  # noqa: E731
        both = lambda s: odds(s) / (1 + odds(s)) ** 2  # noqa: E731
        kap = lambda s: (  # noqa: E731
            4 * odds(s) / 27 if odds(s) <= 0.5 else odds(s) ** 2 / (1 + odds(s)) ** 3
        )
        late = lambda f: lambda s: max(s, 0) * f(s)  # noqa: E731
        spread = mpmath.sqrt(h**2 + 2 / mpmath.pi)
        inside = mpmath.pi / mpmath.sin(0.42 * mpmath.pi) * eps / (a - eps)
        inside += largest(both) * (1 + eps**2)
        inside += eps * (largest(both) * spread + largest(late(both)) / (a - eps))
        inside += b * largest(kap) * (spread + eps) + largest(late(kap))
        return 2 * mpmath.npdf(h) * inside

    first = sides((a - eps) / 2, a + eps, EXPONENTS["behind"])
    second = sides(mpmath.sqrt(a**2 - eps**2) / 2, a, EXPONENTS["ahead"])
    b = a + eps
    return float(max(first, second) + 2 * (b**2 + eps * b) * mpmath.exp(eps**2 - a**2))


@pytest.mark.parametrize(("a", "eps"), [("4.2", "0.1"), ("5", "0.3"), ("7", "0.45")])
def test_the_bound_of_the_drift_by_other_integrals(a: str, eps: str) -> None:
    assert float(small_steps.fine_drift_bound(arb(a), Fraction(eps))) == pytest.approx(
        reference_bound(float(a), float(eps)), rel=1e-9
    )
