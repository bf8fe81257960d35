"""Losses, gradients and Hessians of any objective, by differentiating the loss."""

from __future__ import annotations

from functools import lru_cache

from derive.algebra.calculus import fold, gradient_v, stein
from derive.algebra.index import Polynomial
from derive.algebra.mixture_rules import d_log_base
from derive.algebra.program import Base
from derive.losses.objectives import Objective


def differentiate_expectation(
    integrand: Polynomial, base: Base, component: str, label: str
) -> Polynomial:
    """Integrand of ``d E_base[integrand] / d v_{component,label}``, with explicit ``x``.

    ``d E[f] = E[d f + f d log base]``: under the student's own density the expectation moves with
    the parameters.

    Examples
    --------
    >>> from derive.losses.objectives import KL
    >>> print(differentiate_expectation(KL.integrand, "teacher", "j0", "a0"))
    m[a0]*psi[j0] + psi[j0]*u[j0,a0] - psi[j0]*x[a0]
    """
    moving = integrand * d_log_base(base, component, label)
    return fold(gradient_v(integrand, component, label) + moving)


@lru_cache(maxsize=64)
def loss_integrand(objective: Objective) -> Polynomial:
    """The loss's integrand, free of ``x``."""
    return stein(fold(objective.integrand), objective.base)


@lru_cache(maxsize=64)
def gradient_with_x(objective: Objective, component: str = "j0", label: str = "a0") -> Polynomial:
    """First form of the gradient: explicit ``x``, straight from differentiation."""
    return differentiate_expectation(objective.integrand, objective.base, component, label)


@lru_cache(maxsize=64)
def gradient_integrand(objective: Objective) -> Polynomial:
    """Second (Stein) form of the gradient in ``v[j0,a0]``: free of ``x``.

    Examples
    --------
    >>> from derive.losses.objectives import KL
    >>> print(gradient_integrand(KL))
    m[a0]*psi[j0] - m_teacher[a0]*psi[j0]
    """
    return stein(gradient_with_x(objective), objective.base)


@lru_cache(maxsize=64)
def hessian_integrand(objective: Objective) -> Polynomial:
    """Integrand of ``d^2 loss / d v[j0,a0] d v[j1,a1]``, free of ``x``."""
    first = gradient_integrand(objective)
    return stein(differentiate_expectation(first, objective.base, "j1", "a1"), objective.base)


def integrand(objective: Objective, quantity: str) -> Polynomial:
    """The Stein-form integrand of ``"loss"``, ``"gradient"`` or ``"hessian"``."""
    forms = {
        "loss": loss_integrand,
        "gradient": gradient_integrand,
        "hessian": hessian_integrand,
    }
    return forms[quantity](objective)
