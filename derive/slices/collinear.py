"""The Hessian at collinear means ``v_j = t_j w``, for every n and d: blocks and zero modes.

On a line through the truth every vector of the problem is a multiple of ``w``. So every coordinate
index of the Hessian's integrand sits on a ``w`` or on a Kronecker delta, and for directions ``e``,
``f`` perpendicular to ``w`` the mixed blocks vanish and the others depend on ``e.f`` only. The zero
mode of a rotation follows from ``H(Av) = A grad`` for antisymmetric ``A``.
"""

from __future__ import annotations

from derive.algebra.calculus import fold, single_teacher
from derive.algebra.display import latex
from derive.algebra.index import IndexedFactor, Monomial, Polynomial, atom, text
from derive.identities.by_name import named
from derive.losses.gradients import hessian_integrand
from derive.losses.objectives import OBJECTIVES, Objective
from derive.steps.derivation import Derivation, DerivationStep, Scope


def on_line(polynomial: Polynomial) -> Polynomial:
    """Substitute ``u_j = tau_j w``, ``m = mu w`` and central moments ``kappa_k w ... w``.

    Examples
    --------
    >>> print(on_line(atom("moment", "a0", "a1") * atom("m", "a2")))
    axis[a0]*axis[a1]*axis[a2]*kappa2*mu
    """

    def substitute(factor: IndexedFactor) -> Polynomial | None:
        head, indices = factor
        if head == "u":
            return atom("tau", indices[0]) * atom("axis", indices[1])
        if head == "m":
            return atom("mu") * atom("axis", indices[0])
        if head == "moment":
            product = atom(f"kappa{len(indices)}")
            for index in indices:
                product = product * atom("axis", index)
            return product
        return None

    return single_teacher(fold(polynomial)).map_factors(substitute)


def _meet(monomial: Monomial, first: str, second: str) -> bool:
    """Whether the vectors ``first`` and ``second`` are contracted with each other."""
    places = {head: indices for head, indices in monomial if head in (first, second)}
    return len(places) == 2 and places[first] == places[second]


def perpendicular(polynomial: Polynomial, *directions: str) -> Polynomial:
    """Drop what contains ``w.e`` for a direction perpendicular to ``w``.

    Examples
    --------
    >>> from derive.algebra.index import dot
    >>> print(perpendicular(dot(atom("e", "a9"), atom("axis", "a9")), "e"))
    0
    """

    def vanishes(monomial: Monomial) -> bool:
        return any(
            head == direction and ("axis", indices) in monomial
            for head, indices in monomial
            for direction in directions
        )

    kept = {key: value for key, value in polynomial.terms.items() if not vanishes(key)}
    return Polynomial(kept)


def block(objective: Objective, first: str, second: str) -> Polynomial:
    """Return ``sum_ab first_a H[(j0,a),(j1,b)] second_b`` on the line, for any directions."""
    hessian = on_line(hessian_integrand(objective))
    return (hessian * atom(first, "a0") * atom(second, "a1")).sum_over("a0", "a1")


def mixed_block_vanishes(objective: Objective, *, assumed: bool = True) -> bool:
    """Whether ``w.H e`` vanishes; without ``e`` perpendicular to ``w`` it does not."""
    mixed = block(objective, "axis", "e")
    return not (perpendicular(mixed, "e") if assumed else mixed)


def across_blocks_agree(objective: Objective) -> bool:
    """Whether every term of ``e.H f`` carries ``e.f``: one block for all such directions."""
    across = perpendicular(block(objective, "e", "f"), "e", "f")
    return bool(across) and all(_meet(key, "e", "f") for key in across.terms)


def splitting_vanishes(objective: Objective) -> bool:
    """Whether the perpendicular block depends on the labels through psi and tau only.

    Without a Kronecker delta, coincident components of equal weight have equal rows: directions
    that split them perpendicular to the line are exact zero modes.
    """
    across = perpendicular(block(objective, "e", "f"), "e", "f")
    return bool(across) and not any(
        head == "delta_component" for key in across.terms for head, _ in key
    )


def collinear_hessian(name: str) -> Derivation:
    """Blocks and zero mode of one objective's Hessian at collinear means.

    Examples
    --------
    >>> collinear_hessian("kl").verify().holds
    (True, True, True, True)
    """
    objective = OBJECTIVES[name]
    across = perpendicular(block(objective, "e", "f"), "e", "f")
    steps = (
        DerivationStep(
            "no mixed terms between the line and a perpendicular direction",
            "w.H e",
            "0",
            "symbolic identity",
            lambda: mixed_block_vanishes(objective),
            "w^T H e",
            "0",
        ),
        DerivationStep(
            "one block for all perpendicular directions: every term carries e.f",
            "e.H[j0,j1] f",
            text(across),
            "symbolic identity",
            lambda: across_blocks_agree(objective),
            "e^T H_{j_0 j_1} f",
            latex(across),
        ),
        DerivationStep(
            "no Kronecker delta there: coincident components of equal weight have equal rows",
            "e.H[j0,j1] f - e.H[j2,j1] f for v_j0 = v_j2",
            "0",
            "symbolic identity",
            lambda: splitting_vanishes(objective),
            "e^T(H_{j_0j_1}-H_{j_2j_1})f",
            "0",
        ),
        named(f"{name}-rotation-mode").step(),
    )
    return Derivation(
        f"{name}-collinear-hessian",
        f"the {name} Hessian at collinear means",
        "at v_j = t_j w the Hessian is one n x n block along w and, for each of the d - 1 "
        "perpendicular directions, one and the same n x n block B, in which coincident components "
        "of equal weight have equal rows; at a stationary point B t = 0",
        ("single Gaussian teacher on the line", "e and f perpendicular to w", "any weights"),
        Scope("all n, d, all weights"),
        steps,
        "derived here",
        r"w^THe=0,\quad e^THf=(e\cdot f)B,\quad Bt=0",
    )
