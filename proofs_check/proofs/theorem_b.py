"""Theorem B: after one step of n/2 a polynomial radius is enough for all components to converge."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derive.losses.objectives import FORWARD
from proofs_check.proofs.cluster_constants import NORM, SIZE
from proofs_check.proofs.cluster_drift import CENTRE, cluster_steps
from proofs_check.proofs.cluster_drift_words import BOUNDS, DRIFT_RATE, TOTAL
from proofs_check.proofs.cluster_end import CONCLUSIONS, later_hypotheses, later_steps
from proofs_check.proofs.cluster_errors import ALPHA
from proofs_check.proofs.cluster_moments import PULL_MOST
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_tactics import Certificate, shown
from proofs_check.proofs.cluster_words import (
    BETA,
    HALF,
    SIGMA2,
    H,
    R,
    centre_square,
    cluster_hypotheses,
    spread,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.bounds import (
    Instantiated,
)
from proofs_check.proofs.tactics.language import (
    N_,
    Descent,
    V,
    at_most,
    equal,
    nonnegative,
    term,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Derived

F = Fraction
#: The first step, and the state after it.
FIRST_STEP = Descent(FORWARD, HALF * N_)
AFTER = FIRST_STEP.after(V)
_LOOK = {BETA: (*(F(k, 12) for k in range(1, 13)), F(2))}


#: What ``y`` leaves when ``sigma^2`` is replaced by ``r^2/2``, by powers of ``b``.
_HALVED = tuple((HALF * c, ("r >= 0", "2 sigma^2"), (BETA**k,)) for k, c in enumerate(DRIFT_RATE))


def _in_r(bounds: Mapping[str, Term]) -> Term:
    """The bounds with ``r^2/2`` for ``sigma^2``."""
    return Term("add", tuple(_put(bound) for bound in bounds.values()))


def _put(bound: Term) -> Term:
    return _exchanged(bound, SIGMA2, HALF * R**2)


def _exchanged(of: Term, old: Term, new: Term) -> Term:
    if of == old:
        return new
    return Term(of.op, tuple(_exchanged(a, old, new) for a in of.args), of.data)


def theorem_b(
    *,
    slope: Fraction | int = 2,
    radius: Fraction | int = 4,
    norm: Fraction = NORM,
    size: Fraction = SIZE,
) -> Script:
    """Theorem B, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    slope, radius : number
        The starts: ``radius r (1 + slope b^2) <= 1``.
    norm : number
        ``|V+|^2`` after the first step is at most this.
    size : number
        The same for ``D`` after the step.

    Examples
    --------
    >>> theorem_b().conclusions
    ('norm after the step', 'one step afterwards', 'rate afterwards', 'limit afterwards')
    """
    start = Hypothesis(
        "radius", at_most(radius * R * (1 + slope * BETA**2), 1), "the radius: polynomial in |c|"
    )
    given = tuple(
        Hypothesis(h.name, h.formula, h.meaning, temporary=h.name in ("small", "h >= 0"))
        for h in cluster_hypotheses()
    )
    half = term(HALF)
    in_r = _in_r(BOUNDS)
    after_step = (1 + 2 * BETA**2) * R + in_r
    at_half = {H: half}
    steps = (
        *cluster_steps(),
        shown(
            "small radius",
            "r is small against b",
            at_most(4 * R * (1 + BETA**2), 1),
            (1, ("radius",)),
            (F(radius) - 4, ("r >= 0",)),
            (F(radius) * F(slope) - 4, ("r >= 0",), (BETA,)),
        ),
        shown("half", "the step is n/2: h = 1/2", nonnegative(half), (HALF, ())),
        Step(
            "D after the step",
            "the Key Lemma at h = 1/2",
            at_most(spread(AFTER), ((1 + 2 * BETA**2) * R + TOTAL) ** 2),
            Instantiated(at_half, "D after a step"),
            ("D after a step", "small radius", "half"),
        ),
        Step(
            "c after the step",
            "the Key Lemma at h = 1/2: the centre's linear part vanishes",
            at_most(centre_square(AFTER), F(1, 4) * SIGMA2**2 * CENTRE),
            Instantiated(at_half, "c after a step"),
            ("c after a step", "small radius", "half"),
        ),
        *_scalar_steps(in_r, after_step, F(size), F(norm)),
        *later_steps(AFTER, F(norm), "norm after the step"),
    )
    return Script(
        "B",
        "One large step makes a polynomial radius enough",
        "derived for this project (Theorem B)",
        (*given, start, *later_hypotheses(F(norm))),
        steps,
        ("norm after the step", *CONCLUSIONS),
        (
            (spread, "the sum of |v_j - c|^2"),
            (centre_square, "the square of the centre c, the mean of the v_j"),
            (square, "the sum of all |v_j|^2"),
        ),
        scope="all n, d, uniform weights, D_0 <= 1/(4 (1 + 2|c_0|^2)), first step n/2",
        remarks=("r and b bound D_0 and |c_0|: take them equal",),
    )


def _scalar_steps(in_r: Term, after_step: Term, size: Fraction, norm: Fraction) -> tuple[Step, ...]:
    """From the two bounds at h = 1/2 to ``|V+|^2 <= norm``."""
    powers = {"radius": 3, "r >= 0": 3, "b >= 0": 6}
    signs = ("radius", "r >= 0", "b >= 0")
    centre_bound = F(1, 8) * R**4 * CENTRE
    return (
        Step(
            "y in r",
            "sigma^2 <= r^2/2",
            at_most(TOTAL, in_r),
            Certificate(_HALVED),
            ("r >= 0", "2 sigma^2"),
        ),
        Step(
            "size of D",
            "a polynomial in r and b",
            at_most(after_step, size),
            PolynomialCertificate(powers, {R: 3, BETA: 6}, _LOOK),
            signs,
        ),
        shown(
            "size of D with y",
            "together",
            at_most((1 + 2 * BETA**2) * R + TOTAL, size),
            (1, ("y in r",)),
            (1, ("size of D",)),
        ),
        shown(
            "(1 + 2 b^2) r + y >= 0",
            "a sum",
            nonnegative((1 + 2 * BETA**2) * R + TOTAL),
            (1, ("r >= 0",)),
            (2, ("r >= 0",), (BETA,)),
            (1, ("y >= 0",)),
        ),
        shown(
            "D^2 after the step",
            "its square",
            at_most(spread(AFTER), size**2),
            (1, ("D after the step",)),
            (1, ("size of D with y", "(1 + 2 b^2) r + y >= 0")),
            (size, ("size of D with y",)),
        ),
        shown(
            "n sigma^4",
            "n sigma^2 = D^2 <= r^2",
            at_most(N_ * SIGMA2**2, HALF * R**4),
            (1, ("sigma^2 >= 0", "spread")),
            (HALF, ("2 sigma^2",), (R,)),
            using=("1/n",),
        ),
        shown(
            "CENTRE >= 0",
            "a sum of squares",
            nonnegative(CENTRE),
            (8, (), ((2 * ALPHA + PULL_MOST) * R,)),
            (F(128, 3), (), (BETA,)),
            (F(80, 3), (), (R,)),
        ),
        shown(
            "n |c|^2 after the step",
            "times n",
            at_most(N_ * centre_square(AFTER), centre_bound),
            (1, ("n > 0", "c after the step")),
            (F(1, 4), ("n sigma^4", "CENTRE >= 0")),
        ),
        Step(
            "size of c",
            "a polynomial in r and b",
            at_most(centre_bound, norm - size**2),
            PolynomialCertificate(
                {"radius": 3, "r >= 0": 6, "b >= 0": 8}, {R: 6, BETA: 8}, {BETA: (F(1, 4), F(1, 2))}
            ),
            signs,
        ),
        Step(
            "D and c",
            "the squares add up",
            equal(square(AFTER), spread(AFTER) + N_ * centre_square(AFTER)),
            Derived(),
            ("1/n",),
        ),
        shown(
            "norm after the step",
            "together",
            at_most(square(AFTER), norm),
            (1, ("D^2 after the step",)),
            (1, ("n |c|^2 after the step",)),
            (1, ("size of c",)),
            using=("D and c",),
        ),
    )
