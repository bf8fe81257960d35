r"""Gradient descent near a coincident cluster, to first order: the amplification law.

Where all means coincide at :math:`c`, the responsibilities are the weights, :math:`m = c`, and all
differences and central moments vanish. So gradient and Hessian there can be read off their derived
integrands (free of ``x``), for all n, d and weights:

.. math:: g_j = \alpha \pi_j c, \qquad
          H_{jk} = -\beta\, 1[j = k]\, \pi_j\, c c^T + \pi_j \pi_k (\alpha I + \beta c c^T) .

For uniform weights and deviations of sum zero a step :math:`\eta` is, to first order,

.. math:: c' = (1 - \alpha \eta/n)\, c, \qquad
          \delta_j' = \delta_j + (\beta \eta/n) (c \cdot \delta_j)\, c .
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from derive.algebra.calculus import single_teacher
from derive.algebra.index import Polynomial, atom, dot
from derive.losses.gradients import gradient_integrand, hessian_integrand
from derive.losses.objectives import OBJECTIVES
from derive.steps.derivation import ALL, Derivation, DerivationStep

_VANISHING = frozenset({"u", "moment"})
#: ``alpha, beta`` as the derivations state them; a step of each checks them.
_STATED = {"forward": (2, 4), "reverse": (2, 0), "kl": (1, 1)}


@dataclass(frozen=True)
class AmplificationLaw:
    """Coefficients of a step of gradient descent at a coincident cluster.

    Attributes
    ----------
    drift : Fraction
        ``alpha``: uniform weights, ``c' = (1 - alpha eta/n) c``.
    gain : Fraction
        ``beta``: ``delta' = delta + (beta eta/n)(c.delta) c``.
    """

    drift: Fraction
    gain: Fraction


def coincident(polynomial: Polynomial) -> Polynomial:
    """Value of an integrand free of ``x`` where all means are ``c``: it does not depend on ``x``.

    Examples
    --------
    >>> from derive.losses.objectives import KL
    >>> print(coincident(gradient_integrand(KL)))
    c[a0]*pi[j0]
    """
    kept = Polynomial.collect(
        (key, value)
        for key, value in single_teacher(polynomial).terms.items()
        if not any(head in _VANISHING for head, _ in key)
    )
    names = {"psi": "pi", "m": "c", "v": "c"}
    return Polynomial.collect(
        (
            tuple(
                (names.get(head, head), indices[1:] if head == "v" else indices)
                for head, indices in key
            ),
            value,
        )
        for key, value in kept.terms.items()
    )


def _gradient(law: AmplificationLaw) -> Polynomial:
    return law.drift * (atom("pi", "j0") * atom("c", "a0"))


def _hessian(law: AmplificationLaw) -> Polynomial:
    outer = atom("c", "a0") * atom("c", "a1")
    both = atom("pi", "j0") * atom("pi", "j1")
    alone = atom("delta_component", "j0", "j1") * atom("pi", "j0") * outer
    return both * (law.drift * atom("delta_coordinate", "a0", "a1") + law.gain * outer) - (
        law.gain * alone
    )


@lru_cache(maxsize=8)
def amplification_law(objective: str) -> AmplificationLaw:
    """Read the law's coefficients off the derived gradient and Hessian.

    Parameters
    ----------
    objective : {"forward", "reverse", "kl"}

    Raises
    ------
    ArithmeticError
        If they do not have the form in the module's docstring.

    Examples
    --------
    >>> amplification_law("forward")
    AmplificationLaw(drift=Fraction(2, 1), gain=Fraction(4, 1))
    """
    chosen = OBJECTIVES[objective]
    gradient = coincident(gradient_integrand(chosen))
    hessian = coincident(hessian_integrand(chosen))
    (drift,) = (atom("pi", "j0") * atom("c", "a0")).terms
    (alone,) = (
        atom("delta_component", "j0", "j1") * atom("pi", "j0") * atom("c", "a0") * atom("c", "a1")
    ).terms
    law = AmplificationLaw(
        gradient.terms.get(drift, Fraction(0)), -hessian.terms.get(alone, Fraction(0))
    )
    if gradient != _gradient(law) or hessian != _hessian(law):
        raise ArithmeticError(f"{objective}: no amplification law of the expected form")
    return law


def _first_order(law: AmplificationLaw) -> Polynomial:
    """First-order change of ``g_j0`` under deviations ``delta``: ``sum_k H_jk delta_k``."""
    return (_hessian(law) * atom("delta", "j1", "a1")).sum_over("j1", "a1")


def _balanced(polynomial: Polynomial) -> Polynomial:
    """Uniform weights ``pi = w``, and ``sum_k delta_k = 0``."""
    pairs = []
    for key, value in polynomial.terms.items():
        factors = [("w", ()) if head == "pi" else (head, indices) for head, indices in key]
        uses = [label for _, indices in factors for label in indices if label.startswith("j#")]
        if any(
            head == "delta" and indices[0].startswith("j#") and uses.count(indices[0]) == 1
            for head, indices in factors
        ):
            continue
        pairs.append((tuple(factors), value))
    return Polynomial.collect(pairs)


def _balanced_law(law: AmplificationLaw) -> Polynomial:
    along = dot(atom("c", "a9"), atom("delta", "j0", "a9"))
    return -law.gain * (atom("w") * along * atom("c", "a0"))


def near_a_cluster(objective: str) -> Derivation:
    """Descent near a coincident cluster: one step to first order in the differences.

    Examples
    --------
    >>> bool(near_a_cluster("kl").verify())
    True
    """
    chosen = OBJECTIVES[objective]

    def expected() -> AmplificationLaw:
        return amplification_law(objective)

    steps = (
        DerivationStep(
            "means coincide at c: psi_j = pi_j, m = c, differences and moments vanish",
            "E[gradient integrand]",
            "alpha pi_j c",
            "substitution",
            lambda: coincident(gradient_integrand(chosen)) == _gradient(expected()),
            r"\nabla_j",
            r"\alpha \pi_j c",
        ),
        DerivationStep(
            "the same in the Hessian",
            "E[Hessian integrand]",
            "-beta [j = k] pi_j c c^T + pi_j pi_k (alpha I + beta c c^T)",
            "substitution",
            lambda: coincident(hessian_integrand(chosen)) == _hessian(expected()),
            r"\nabla^2_{jk}",
            r"-\beta 1[j=k] \pi_j c c^T + \pi_j \pi_k (\alpha I + \beta c c^T)",
        ),
        DerivationStep(
            "uniform weights w = 1/n, deviations of sum zero: change of the gradient",
            "sum_k H_jk delta_k",
            "-beta w (c.delta_j) c",
            "symbolic identity",
            lambda: _balanced(_first_order(expected())) == _balanced_law(expected()),
            r"\sum_k \nabla^2_{jk} \delta_k",
            r"-\beta w (c \cdot \delta_j) c",
        ),
        DerivationStep(
            "the coefficients of this objective",
            "alpha, beta",
            f"{_STATED[objective][0]}, {_STATED[objective][1]}",
            "symbolic identity",
            lambda: expected() == AmplificationLaw(*map(Fraction, _STATED[objective])),
        ),
    )
    drift, gain = _STATED[objective]
    return Derivation(
        f"amplification-{objective}",
        f"Descent near a coincident cluster, {objective} objective",
        "c' = (1 - alpha eta/n) c, delta' = delta + (beta eta/n)(c.delta) c + O(|delta|^2), "
        f"alpha = {drift}, beta = {gain}",
        ("single Gaussian teacher at the origin", "uniform weights", "deviations of sum zero"),
        ALL,
        steps,
        "derived here",
    )
