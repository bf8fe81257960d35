"""Every hyperplane that contains all means of a critical point contains the truth."""

from __future__ import annotations

from fractions import Fraction

from derive.losses.objectives import FORWARD
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics.bounds import Contracted
from proofs_check.proofs.tactics.language import (
    I_,
    A,
    B,
    Descent,
    J,
    V,
    X,
    equal,
    every,
    mean_q,
    psi,
    real,
    state,
    total,
    v,
)
from proofs_check.proofs.tactics.score import covariance, m
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import TEACHER, Derived, Specialise
from proofs_check.proofs.tactics.vacuity import Proposal

_HALF = Fraction(1, 2)
_RUN = Descent(FORWARD)
#: Any vector, as a component of another state, and its product with every mean.
_NORMAL = v(state("W"), I_, A)
_HEIGHT = real("h")
_SCORE, _ACROSS = m(V, X, A), total(covariance(V, X, A, B) * m(V, X, B), B)


def critical_plane(*, stationary: bool = True, one_plane: bool = True) -> Script:
    """The lemma, with what can be changed to see the proof fail.

    Parameters
    ----------
    stationary : bool
        Whether the gradient is assumed to vanish.
    one_plane : bool
        Whether all means are assumed to lie in the hyperplane, or only one of them.

    Examples
    --------
    >>> critical_plane().scope
    'all n, d, weights, every critical point'
    """
    slope = _RUN.gradient(V, J, A)
    zero = equal(slope, 0) if stationary else equal(slope, slope)
    height = equal(total(_NORMAL * v(V, J if one_plane else I_, A), A), _HEIGHT)
    hypotheses = (
        Hypothesis("stationary", every(zero, J, A), "the gradient vanishes"),
        Hypothesis("plane", every(height, J), "w.v_j is the same for all means, w any vector"),
    )
    along = total(_NORMAL * _SCORE, A) - total(_NORMAL * _ACROSS, A)
    steps = (
        Step("gradients", "their sum: x drops out",
             equal(total(slope, J), 2 * mean_q(_SCORE - _ACROSS)), Derived()),
        Step("no gradient", "at every component", equal(slope, 0), Specialise((J, A)),
             ("stationary",)),
        Step("no sum", "of gradients", equal(mean_q(_SCORE - _ACROSS), 0),
             Contracted("no gradient", number(_HALF), (J,)), ("no gradient", "gradients")),
        Step("no sum along w", "times w", equal(mean_q(along), 0),
             Contracted("no sum", _NORMAL, (A,)), ("no sum",)),
        Step("height", "of a mean", equal(total(_NORMAL * v(V, J, A), A), _HEIGHT),
             Specialise((J,)), ("plane",)),
        Step("w.m", "a mean of them", equal(total(_NORMAL * _SCORE, A), _HEIGHT),
             Contracted("height", psi(V, J), (J,)), ("height",)),
        Step("w C", "they do not vary",
             equal(total(_NORMAL * covariance(V, X, A, B), A), 0),
             Contracted("height", psi(V, J) * v(V, J, B), (J,)), ("height", "w.m")),
        Step("w.C m", "nor this", equal(total(_NORMAL * _ACROSS, A), 0),
             Contracted("w C", m(V, X, B), (B,)), ("w C",)),
        Step("at x", "together", equal(along, _HEIGHT), Derived(), ("w.m", "w.C m")),
        Step("through the truth", "averaged", equal(_HEIGHT, 0),
             Contracted("at x", number(1), (TEACHER,)), ("at x", "no sum along w")),
    )  # fmt: skip
    return Script(
        "P-critical",
        "Every hyperplane that contains all means of a critical point contains the truth",
        "derived for this project",
        hypotheses,
        steps,
        ("through the truth",),
        ((m, "the score error"), (covariance, "the posterior covariance of the means")),
        "all n, d, weights, every critical point",
        ("hence the affine hull of the means contains the truth",),
        (_instance(),),
    )


def _instance() -> Proposal:
    """The truth, in any plane through it."""
    truth, normal = ((Fraction(0),), (Fraction(0),)), ((Fraction(1),), (Fraction(2),))
    values = ((V, truth), (state("W"), normal), (I_, 0), (_HEIGHT, Fraction(0)))
    return Proposal((_HALF, _HALF), 1, values)
