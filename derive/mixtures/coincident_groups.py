r"""Coincident components of equal weight: the gradient is that of their groups, divided.

``k_J`` components of a group ``J`` share one mean and have equal weights ``pi_j = s_J p_J``, with
``p_J`` the group's weight and ``s_J = 1/k_J``. `merged` writes a polynomial of components in the
quantities of the groups, each taken as one component of the summed weight: a responsibility is
``psi_j = s_J psi_J``, and a sum over components is a sum over groups of ``k_J`` equal terms. Labels
``j`` of a merged polynomial number the groups. For all n, d, weights and multiplicities at once,

    the losses are those of the groups,      grad_j = s_J grad_J,

so every member takes the same step, ``1/k_J`` of the group's: coincident components stay together.
"""

from __future__ import annotations

from collections import Counter

from derive.algebra.calculus import expand
from derive.algebra.index import IndexedFactor, Monomial, Polynomial, atom, is_dummy, labels_of
from derive.losses.gradients import gradient_integrand, loss_integrand
from derive.losses.objectives import OBJECTIVES, Objective
from derive.steps.derivation import ALL, Derivation, DerivationStep
from derive.steps.identity import equality_step

#: Heads that stand for ``s_J`` and ``k_J``.
SHARE, SIZE = "share", "size"
_WEIGHTED = frozenset({"psi", "pi"})


def merged(polynomial: Polynomial, counted: bool = True) -> Polynomial:
    """Write a polynomial of coincident components in the quantities of their groups.

    Parameters
    ----------
    polynomial : Polynomial
        In the components' quantities; free labels ``j0`` stand for any member of group ``j0``.
    counted : bool
        Whether a group counts as often as it has members; ``False`` is a false variant.

    Raises
    ------
    ValueError
        If the polynomial tells members of a group apart (a Kronecker delta) or counts components.

    Examples
    --------
    >>> print(merged(atom("m", "a0")))
    sum_j psi[j]*v[j,a0]
    >>> print(merged(atom("psi", "j0")))
    psi[j0]*share[j0]
    """
    return Polynomial.collect(
        (_merged_monomial(key, counted), value) for key, value in expand(polynomial).terms.items()
    )


def _merged_monomial(monomial: Monomial, counted: bool) -> Monomial:
    if any(head in ("delta_component", "components") for head, _ in monomial):
        raise ValueError("the members of a group are told apart")
    factors = list(monomial)
    factors += [(SHARE, indices) for head, indices in monomial if head in _WEIGHTED]
    if counted:
        factors += [
            (SIZE, (label,)) for label in labels_of(monomial) if label[0] == "j" and is_dummy(label)
        ]
    return _without_whole_groups(factors)


def _without_whole_groups(factors: list[IndexedFactor]) -> Monomial:
    """Use ``k_J s_J = 1``."""
    left = Counter(factors)
    for _, indices in [factor for factor in left if factor[0] == SIZE]:
        pairs = min(left[SIZE, indices], left[SHARE, indices])
        left[SIZE, indices] -= pairs
        left[SHARE, indices] -= pairs
    return tuple(left.elements())


def _unnormalised() -> Polynomial:
    """``pi_j e_j`` with ``e_j = exp(-|x - v_j|^2/2)``, the numerator of a responsibility."""
    return atom("pi", "j0") * atom("e", "j0")


def _objective_steps(objective: Objective, counted: bool) -> tuple[DerivationStep, ...]:
    def gradient() -> Polynomial:
        return expand(gradient_integrand(objective))

    return (
        equality_step(
            f"the {objective.name} loss of the components is that of the groups",
            lambda: merged(loss_integrand(objective), counted),
            lambda: expand(loss_integrand(objective)),
        ),
        equality_step(
            f"the {objective.name} gradient of a member is the group's times its share",
            lambda: merged(gradient(), counted),
            lambda: atom(SHARE, "j0") * gradient(),
        ),
    )


def coincident_groups(counted: bool = True) -> Derivation:
    """Gradients of coincident components; with ``counted=False`` multiplicities are dropped.

    Examples
    --------
    >>> bool(coincident_groups().verify()), bool(coincident_groups(counted=False).verify())
    (True, False)
    """
    steps = [
        equality_step(
            "a member's numerator: its weight is its share of the group's weight",
            lambda: merged(_unnormalised(), counted),
            lambda: atom(SHARE, "j0") * _unnormalised(),
        ),
        equality_step(
            "the denominator, the density over N(x; 0, I), is that of the groups: so psi_j = "
            "s_J psi_J, and the student's density is that of the groups",
            lambda: merged(_unnormalised().sum_over("j0"), counted),
            lambda: _unnormalised().sum_over("j0"),
        ),
        equality_step(
            "the score error is that of the groups",
            lambda: merged(atom("m", "a0"), counted),
            lambda: expand(atom("m", "a0")),
        ),
    ]
    for objective in OBJECTIVES.values():
        steps += _objective_steps(objective, counted)
    return Derivation(
        "coincident-groups",
        "Coincident components of equal weight move as one",
        "k_J coincident components of equal weight s_J p_J, s_J = 1/k_J: every loss is that of the "
        "groups as single components of weight p_J, and the gradient of a member is s_J times that "
        "of its group; so gradient descent with step eta moves each member, and the group, by "
        "eta/k_J times the group's gradient",
        ("in each group equal means and equal weights",),
        ALL,
        tuple(steps),
        "derived here",
        r"\nabla_j L = \tfrac{1}{k_J}\nabla_J L",
    )
