"""One-dimensional reference integrals, typed from the definitions, by FLINT's adaptive integrator.

Losses are ``E|m|^2`` and ``E[-log sum]``; gradients carry the factor ``x - v_j`` that
differentiating the responsibilities gives. The production code uses neither the integrator nor
these forms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import flint
from flint import acb, arb

from numerics.numbers.balls import ball, precision


def integral(
    objective: str,
    quantity: str,
    means: Sequence[Fraction],
    weights: Sequence[Fraction],
    digits: int,
    component: int = 0,
) -> arb:
    """Enclose a loss, or the gradient's entry of one component, for means on the real line."""
    with precision(int(digits * 3.33) + 200):
        v, w = [acb(ball(x)) for x in means], [acb(ball(x)) for x in weights]
        integrand = _integrand(objective, quantity, v, w, component)
        reach = int((2 * 2.3026 * (digits + 30)) ** 0.5) + 3
        student = objective == "reverse"
        low = int(min(means)) - 1 - reach if student else -reach
        high = int(max(means)) + 1 + reach if student else reach
        goal = arb(10) ** (-digits)
        value = acb.integral(
            integrand, low, high, abs_tol=goal, rel_tol=goal, eval_limit=10**7, depth_limit=10**5
        )
        assert value.is_finite(), "the reference integral failed"
        assert value.real.rad() < arb(10) ** (5 - digits), "the reference lost its accuracy"
        return arb(value.real, goal)


def _integrand(
    objective: str, quantity: str, v: list[acb], w: list[acb], j: int
) -> Callable[[acb, bool], acb]:
    root = (2 * acb.pi()).sqrt()

    def terms(z: acb) -> list[acb]:
        return [wi * (z * vi - vi * vi / 2).exp() for vi, wi in zip(v, w, strict=True)]

    def evaluate(z: acb, analytic: bool) -> acb:
        gauss = (-z * z / 2).exp() / root
        t = terms(z)
        total = sum(t, acb(0))
        if objective == "kl" and quantity == "loss":
            return -total.log(analytic=analytic) * gauss
        psi = [ti / total for ti in t]
        m = sum((p * x for p, x in zip(psi, v, strict=True)), acb(0))
        density = gauss * total if objective == "reverse" else gauss
        if quantity == "loss":
            return m * m * density
        gap = z - v[j]
        if objective == "kl":
            return -psi[j] * gap * density
        if objective == "forward":
            return 2 * psi[j] * (m + (v[j] - m) * m * gap) * density
        return psi[j] * (gap * m * m + 2 * m + 2 * (v[j] - m) * m * gap) * density

    return evaluate


def contains(value: arb, reference: arb) -> bool:
    """Whether an enclosure contains a much narrower one."""
    with flint.ctx.workprec(8000):
        return bool(value.contains(reference))
