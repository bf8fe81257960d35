"""Symmetries of the losses (claim F2): translation, rotation, permutation, and time as a rescaling.

Each is proved for every objective, all n and d, by substituting the transformed quantities into the
derived integrands and comparing expansions. The exponent ``|x - v_j|^2`` is treated first, since
it is what the responsibilities depend on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sympy

from derive.algebra.calculus import expand
from derive.algebra.index import IndexedFactor, Monomial, Polynomial, atom, dot, is_dummy, relabel
from derive.losses.gradients import gradient_integrand, loss_integrand
from derive.losses.objectives import OBJECTIVES, Objective
from derive.steps.derivation import ALL, Derivation, DerivationStep
from derive.steps.identity import equality_step

_MEANS = frozenset({"v", "theta"})


def _squared_distance() -> Polynomial:
    """``|x - v_{j0}|^2``, the exponent of a component's density (times -2)."""
    gap = atom("x", "a9") - atom("v", "j0", "a9")
    return dot(gap, gap)


def translated(polynomial: Polynomial, teacher: bool = True) -> Polynomial:
    """Move the point and the student's means by ``tau``, and the teacher's unless told not to.

    Examples
    --------
    >>> print(translated(atom("x", "a0") - atom("v", "j0", "a0")))
    -v[j0,a0] + x[a0]
    """

    def move(factor: IndexedFactor) -> Polynomial | None:
        head, indices = factor
        if head in ("v", "x") or (head == "theta" and teacher):
            return atom(head, *indices) + atom("tau", indices[-1])
        return None

    return expand(expand(polynomial).map_factors(move))


def rotated(polynomial: Polynomial, orthogonal: bool = True) -> Polynomial:
    """Apply one matrix ``Q`` to the point and to all means; ``Q^T Q = I`` if it is orthogonal.

    Examples
    --------
    >>> print(rotated(dot(atom("x", "a9"), atom("v", "j0", "a9"))))
    sum_a v[j0,a]*x[a]
    """

    def turn(factor: IndexedFactor) -> Polynomial | None:
        head, indices = factor
        if head in _MEANS or head == "x":
            *component, coordinate = indices
            image = atom("Q", coordinate, "a8") * atom(head, *component, "a8")
            return image.sum_over("a8")
        return None

    image = expand(polynomial).map_factors(turn)
    return _use_orthogonality(image) if orthogonal else image


def _use_orthogonality(polynomial: Polynomial) -> Polynomial:
    """``sum_a Q_ab Q_ac = delta_bc``, as long as it applies."""

    def once(monomial: Monomial) -> Monomial | None:
        for position, (head, indices) in enumerate(monomial):
            if head != "Q" or not is_dummy(indices[0]):
                continue
            for other in range(position + 1, len(monomial)):
                if monomial[other][0] == "Q" and monomial[other][1][0] == indices[0]:
                    delta = ("delta_coordinate", (indices[1], monomial[other][1][1]))
                    rest = [f for k, f in enumerate(monomial) if k not in (position, other)]
                    return (*rest, delta)
        return None

    while True:
        changed = False
        pairs = []
        for key, value in polynomial.terms.items():
            new = once(key)
            changed |= new is not None
            pairs.append((key if new is None else new, value))
        polynomial = Polynomial.collect(pairs)
        if not changed:
            return polynomial


def permuted(polynomial: Polynomial, weights: bool = True) -> Polynomial:
    """Give every component ``j`` the mean (and, unless told not to, the weight) of ``sigma(j)``.

    Free components ``j0`` become ``sigma(j0)``, written ``j0s``. A sum over all ``j`` of a function
    of ``sigma(j)`` is the sum over all ``j``, so its dummy keeps its place; where a weight stays
    behind, the moved factors are written with the suffix ``_sigma`` instead.

    Examples
    --------
    >>> print(permuted(atom("psi", "j0")))
    psi[j0s]
    >>> print(permuted((atom("pi", "j0") * atom("e", "j0")).sum_over("j0"), weights=False))
    sum_j e_sigma[j]*pi[j]
    """
    return Polynomial.collect(
        (_permuted_monomial(key, weights), value) for key, value in polynomial.terms.items()
    )


def _permuted_monomial(monomial: Monomial, weights: bool) -> Monomial:
    stays = {i for head, indices in monomial if head == "pi" and not weights for i in indices}
    names = {
        label: f"{label}s"
        for _, indices in monomial
        for label in indices
        if label[0] == "j" and not is_dummy(label) and label not in stays
    }
    marked = tuple(
        (head if head == "pi" or not stays & set(indices) else f"{head}_sigma", indices)
        for head, indices in monomial
    )
    return relabel(marked, names)


def _rotated_label(polynomial: Polynomial, label: str) -> Polynomial:
    """``sum_b Q_{label,b} polynomial_b``: the image of a covariant vector."""
    return (atom("Q", label, "a7") * polynomial.rename({label: "a7"})).sum_over("a7")


def _unnormalised(component: str = "j0") -> Polynomial:
    """``pi_j e_j`` with ``e_j = exp(-|x - v_j|^2/2)``, the numerator of a responsibility."""
    return atom("pi", component) * atom("e", component)


def _invariance(
    objective: Objective, transform: Callable[[Polynomial], Polynomial]
) -> list[DerivationStep]:
    if not _without_log(loss_integrand(objective)):
        # KL: a difference of log densities, invariant because the exponents are (first step).
        return []
    return [
        equality_step(
            f"the integrand of the {objective.name} loss is invariant",
            lambda: transform(_without_log(loss_integrand(objective))),
            lambda: expand(_without_log(loss_integrand(objective))),
        )
    ]


def _without_log(polynomial: Polynomial) -> Polynomial:
    """Terms that are not a log density (those depend on the exponents alone: the first step)."""
    return Polynomial.collect(
        (key, value)
        for key, value in polynomial.terms.items()
        if not any(head.startswith("log_") for head, _ in key)
    )


def _translated_gradient(objective: Objective, teacher: bool) -> DerivationStep:
    return equality_step(
        f"the {objective.name} gradient is invariant",
        lambda: translated(gradient_integrand(objective), teacher),
        lambda: expand(gradient_integrand(objective)),
    )


def _rotated_gradient(objective: Objective, orthogonal: bool) -> DerivationStep:
    return equality_step(
        f"the {objective.name} gradient turns with the means: grad(Q v) = Q grad(v)",
        lambda: rotated(gradient_integrand(objective), orthogonal),
        lambda: _rotated_label(expand(gradient_integrand(objective)), "a0"),
    )


def _permuted_steps(objective: Objective) -> list[DerivationStep]:
    return [
        equality_step(
            f"the {objective.name} loss has no free component: it is invariant",
            lambda: permuted(loss_integrand(objective)),
            lambda: loss_integrand(objective),
        ),
        equality_step(
            f"the {objective.name} gradient permutes with the components",
            lambda: permuted(gradient_integrand(objective)),
            lambda: gradient_integrand(objective).rename({"j0": "j0s"}),
        ),
    ]


def translation(teacher: bool = True) -> Derivation:
    """Translation invariance; with ``teacher=False`` the teacher stays behind: a false variant.

    Examples
    --------
    >>> bool(translation().verify()), bool(translation(teacher=False).verify())
    (True, False)
    """
    steps = [
        equality_step(
            "the exponent |x - v_j|^2, hence every responsibility and density ratio, is invariant",
            lambda: translated(_squared_distance(), teacher),
            lambda: expand(_squared_distance()),
        )
    ]
    for objective in OBJECTIVES.values():
        steps += _invariance(objective, partial(translated, teacher=teacher))
        steps.append(_translated_gradient(objective, teacher))
    return Derivation(
        "translation-invariance",
        "Translation invariance",
        "moving the teacher and all means by one vector changes no loss and no gradient",
        (),
        ALL,
        tuple(steps),
        "derived here",
        r"L(v+\tau;\theta+\tau) = L(v;\theta)",
    )


def rotation(orthogonal: bool = True) -> Derivation:
    """Rotation equivariance; with ``orthogonal=False`` for any matrix: a false variant.

    Examples
    --------
    >>> bool(rotation().verify()), bool(rotation(orthogonal=False).verify())
    (True, False)
    """
    steps = [
        equality_step(
            "the exponent |x - v_j|^2, hence every responsibility and density ratio, is invariant",
            lambda: rotated(_squared_distance(), orthogonal),
            lambda: expand(_squared_distance()),
        )
    ]
    for objective in OBJECTIVES.values():
        steps += _invariance(objective, partial(rotated, orthogonal=orthogonal))
        steps.append(_rotated_gradient(objective, orthogonal))
    return Derivation(
        "rotation-equivariance",
        "Rotation equivariance",
        "L(Q v) = L(v) and grad L(Q v) = Q grad L(v) for every orthogonal Q",
        ("Q^T Q = I", "the teacher turned by Q too; N(0, I) is invariant"),
        ALL,
        tuple(steps),
        "derived here",
        r"\nabla L(Qv) = Q\,\nabla L(v)",
    )


def permutation(weights: bool = True) -> Derivation:
    """Permutation equivariance; with ``weights=False`` only the means move: a false variant.

    Examples
    --------
    >>> bool(permutation().verify()), bool(permutation(weights=False).verify())
    (True, False)
    """
    steps = [
        equality_step(
            "the numerator pi_j e_j of a responsibility moves with its component",
            lambda: permuted(_unnormalised(), weights),
            lambda: _unnormalised("j0s"),
        ),
        equality_step(
            "the denominator sum_k pi_k e_k is invariant, so psi_j becomes psi_sigma(j)",
            lambda: permuted(_unnormalised().sum_over("j0"), weights),
            lambda: _unnormalised().sum_over("j0"),
        ),
    ]
    steps += [step for objective in OBJECTIVES.values() for step in _permuted_steps(objective)]
    return Derivation(
        "permutation-equivariance",
        "Permutation equivariance",
        "relabelling the components (means and weights together) permutes the gradient",
        ("weights move with their means",),
        ALL,
        tuple(steps),
        "derived here",
        r"\nabla_{j} L(v\circ\sigma) = \nabla_{\sigma(j)} L(v)",
    )


def score_error_at_time() -> Polynomial:
    """Score difference at noise time t in the papers' coordinates: ``sum psi e^-t mu - e^-t mu*``.

    ``scale`` stands for ``e^-t``.
    """
    student = (atom("psi", "j9") * atom("scale") * atom("mu", "j9", "a0")).sum_over("j9")
    return student - atom("scale") * atom("mu_star", "a0")


def _in_paper_coordinates(polynomial: Polynomial) -> Polynomial:
    """Substitute ``v_j = e^-t (mu_j - mu*)``."""

    def substitute(factor: IndexedFactor) -> Polynomial | None:
        head, indices = factor
        if head == "v":
            difference = atom("mu", *indices) - atom("mu_star", indices[1])
            return atom("scale") * difference
        return None

    return expand(expand(polynomial).map_factors(substitute))


def _step_rescales(power: int = 2) -> bool:
    """One GD step on ``mu`` with ``eta`` is one on ``v`` with ``eta e^-2t``: SymPy, chain rule."""
    mu, star, eta, s = sympy.symbols("mu mu_star eta s", positive=True)
    loss = sympy.Function("L")
    v = s * (mu - star)
    in_mu = s * ((mu - eta * sympy.diff(loss(v), mu)) - star)
    variable = sympy.Symbol("v")
    slope = sympy.diff(loss(variable), variable).subs(variable, v).doit()
    in_v = v - eta * s**power * slope
    return bool(sympy.simplify((in_mu - in_v).doit()) == 0)


def time_rescaling(power: int = 2) -> Derivation:
    """Noise time as a rescaling; ``power`` other than 2 is a false variant.

    Examples
    --------
    >>> bool(time_rescaling().verify()), bool(time_rescaling(power=1).verify())
    (True, False)
    """
    steps = (
        equality_step(
            "the exponent at time t, recentred, is |x - v_j|^2 with v_j = e^-t (mu_j - mu*)",
            _recentred_exponent,
            lambda: _in_paper_coordinates(_squared_distance()),
        ),
        equality_step(
            "the score error at time t is m(v), v_j = e^-t (mu_j - mu*)",
            score_error_at_time,
            lambda: _in_paper_coordinates(atom("m", "a0")),
        ),
        DerivationStep(
            f"a step eta in mu is a step eta e^-{power}t in v",
            "e^-t (mu - eta dL/dmu - mu*)",
            f"v - eta e^-{power}t dL/dv",
            "differentiation",
            lambda: _step_rescales(power),
            r"e^{-t}(\mu-\eta\,\partial_\mu L-\mu^*)",
            rf"v-\eta e^{{-{power}t}}\,\partial_v L",
        ),
    )
    return Derivation(
        "time-rescaling",
        "Noise time is a rescaling",
        "at noise time t, with v_i = e^-t (mu_i - mu*), the loss is the loss of v, and gradient "
        f"descent in mu with step eta is gradient descent in v with step eta e^-{power}t",
        ("Ornstein-Uhlenbeck noising of teacher and student for the same time t",),
        ALL,
        steps,
        "derived here",
        r"v_i = e^{-t}(\mu_i-\mu^*),\quad \eta_v = \eta e^{-2t}",
    )


def _recentred_exponent() -> Polynomial:
    """``|y - e^-t mu_j|^2`` at the point ``y = x + e^-t mu*``."""
    point = atom("x", "a9") + atom("scale") * atom("mu_star", "a9")
    gap = point - atom("scale") * atom("mu", "j0", "a9")
    return dot(gap, gap)
