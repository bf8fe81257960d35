"""Corollary of Theorem A: the radius that S1 states, for every n, d and distance of the truth."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_ball import (
    FAR,
    RHO,
    SHIFT,
    ball_hypotheses,
    ball_steps,
    centre_steps,
)
from proofs_check.proofs.cluster_constants import RADIUS
from proofs_check.proofs.cluster_growth import GAMMA, P_, growth, growth_from_zero
from proofs_check.proofs.cluster_potential import SPREAD
from proofs_check.proofs.cluster_run import LAST
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_state import MANY
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import H
from proofs_check.proofs.corollary_a import (
    CENTRE2,
    CONVERGENCE,
    NOTATION,
    SUM_0,
    WIDTH,
    entry_steps,
    start_hypotheses,
    start_steps,
)
from proofs_check.proofs.tactics.bounds import SquareRoot
from proofs_check.proofs.tactics.exponential_bounds import ExponentialOfNumber
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialSign
from proofs_check.proofs.tactics.language import (
    D_,
    N_,
    V_0,
    A,
    X,
    at_most,
    equal,
    exponential,
    nonnegative,
    term,
    total,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Axiom
from proofs_check.proofs.tactics.vacuity import Proposal

F = Fraction


def theorem_a_source(*, exponent: int = 106, factor: Fraction | int = 108) -> Script:
    """S1's radius ``exp(-106 n d M^3)/(108 n d)``, with constants that can be changed.

    Parameters
    ----------
    exponent : int
        106.
    factor : number
        108.

    Examples
    --------
    >>> theorem_a_source().conclusions
    ('start', 'entry')
    """
    cube = exponent * N_ * D_ * FAR**3
    source = exponential(cube)
    linear = exponential(GAMMA * CENTRE2)
    hypotheses = (
        *start_hypotheses(),
        *ball_hypotheses(),
        Hypothesis("source", at_most(factor * N_ * D_ * RHO * source, 1), "S1's radius"),
    )
    steps = (
        *start_steps(),
        Step("d >= 1", "there is a coordinate", at_most(1, D_), Axiom("coordinates")),
        *ball_steps(),
        shown(
            "D^2 and n",
            "the centre is the best point",
            at_most(SUM_0, N_ * RHO**2),
            (1, ("sum in the ball",)),
            (1, ("n > 0", "|c - x|^2 >= 0")),
            using=("1/n",),
        ),
        shown(
            "c - x",
            "the mean of the v_j - x",
            at_most(total(SHIFT**2, A), RHO**2),
            (1, ("u >= 0", "sum in the ball")),
            (1, ("u >= 0", "D^2 >= 0")),
            using=("1/n",),
        ),
        *centre_steps(RHO, "rho >= 0"),
        shown("n rho >= 0", "a product", nonnegative(N_ * RHO), (1, ("n > 0", "rho >= 0"))),
        shown(
            "D^2 and n^2",
            "n >= 1",
            at_most(WIDTH**2, (N_ * RHO) ** 2),
            (1, ("D^2 and n",)),
            (1, ("n > 0", "n >= 1"), (RHO,)),
            using=("D^2",),
        ),
        Step(
            "D <= n rho",
            "the root",
            at_most(WIDTH, N_ * RHO),
            SquareRoot("D^2 and n^2", "n rho >= 0"),
            ("D^2 and n^2", "n rho >= 0"),
        ),
        shown(
            "n d >= 1", "n, d >= 1", at_most(1, N_ * D_), (1, ("n > 0", "d >= 1")), (1, ("n >= 1",))
        ),
        shown("M^3 >= 0", "a product", nonnegative(FAR**3), (1, ("M >= 0",), (FAR,))),
        shown(
            "exponent >= 0",
            "n d >= 1",
            nonnegative(cube),
            (exponent, ("n d >= 1", "M^3 >= 0")),
            (exponent, ("M^3 >= 0",)),
        ),
        Step("exp >= 1", "its tangent", at_most(1 + cube, source), Axiom("tangent", (cube,))),
        Step("exp(106 n d M^3) >= 0", "a square", nonnegative(source), ExponentialSign()),
        shown(
            "rho <= 1/108",
            "n d >= 1 and exp >= 1",
            at_most(factor * RHO, 1),
            (1, ("source",)),
            (factor, ("rho >= 0", "n d >= 1", "exp(106 n d M^3) >= 0")),
            (factor, ("rho >= 0", "exp >= 1")),
            (factor, ("rho >= 0", "exponent >= 0")),
        ),
        Step(
            "cubic",
            "a polynomial in M and rho",
            at_most(F(4, 3) * (FAR + RHO) ** 2, exponent * FAR**3 + TENTH),
            PolynomialCertificate(
                {"rho <= 1/108": 2, "rho >= 0": 1, "M >= 0": 3},
                {RHO: 2, FAR: 3},
                {FAR: tuple(F(k, 360) for k in range(1, 12))},
            ),
            ("rho <= 1/108", "rho >= 0", "M >= 0"),
        ),
        shown(
            "exponents",
            "n d >= 1 and g <= 4/3",
            at_most(GAMMA * CENTRE2, cube + TENTH),
            (1, ("g <= 4/3", "|c|^2 >= 0")),
            (F(4, 3), ("c and M",)),
            (1, ("cubic",)),
            (exponent, ("n d >= 1", "M^3 >= 0")),
        ),
        Step(
            "exponentials",
            "the exponential grows",
            at_most(linear, exponential(cube + TENTH)),
            ExponentialGrows(),
            ("exponents",),
        ),
        Step(
            "product",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(cube + TENTH), source * exponential(TENTH)),
            Axiom("exponential of a sum", (cube, term(TENTH))),
        ),
        Step(
            "exp(1/10)",
            "a number",
            at_most(exponential(TENTH), F(27, 10)),
            ExponentialOfNumber(TENTH),
        ),
        Step("exp(g |c|^2) >= 0", "a square", nonnegative(linear), ExponentialSign()),
        shown(
            "radius",
            "with the exponent |c|^2/(1 - h)",
            at_most(WIDTH * linear, RADIUS),
            (1, ("D >= 0", "exponentials")),
            (1, ("D >= 0", "exp(106 n d M^3) >= 0", "exp(1/10)")),
            (F(27, 10), ("D <= n rho", "exp(106 n d M^3) >= 0")),
            (F(27, 10), ("n rho >= 0", "d >= 1", "exp(106 n d M^3) >= 0")),
            (F(27, 10) / factor, ("source",)),
            (RADIUS - F(27, 10) / factor, ()),
            using=("product",),
        ),
        *growth_from_zero(CENTRE2, "|c|^2", "|c|^2 >= 0"),
        Step(
            "exp(Lambda_N)",
            "the exponential grows",
            at_most(exponential(growth(P_, H, CENTRE2)), linear),
            ExponentialGrows(),
            ("Lambda_N <= g |c|^2",),
        ),
        shown(
            "start for N",
            "the radius",
            at_most(SPREAD.with_growth(V_0), RADIUS),
            (1, ("D >= 0", "exp(Lambda_N)")),
            (1, ("radius",)),
        ),
        *entry_steps(),
    )
    return Script(
        "A-source",
        "The source's exponentially small initialization is enough",
        "arXiv:2511.22069, Theorem 3.2, as reported; a corollary of Theorem A",
        hypotheses,
        steps,
        ("start", "entry"),
        NOTATION,
        scope="all n >= 2, d, M, uniform weights, radius exp(-106 n d M^3)/(108 n d), steps to n/4",
        remarks=(
            "the means start within the radius of x, the truth at a distance of at most M from it",
            CONVERGENCE,
        ),
        instances=(_two_means(),),
    )


def _two_means() -> Proposal:
    """Two components, the truth a tenth away from where they start."""
    place, half = F(1, 10), F(1, 400)
    start = ((place - half,), (place + half,))
    numbers = ((H, F(1, 8)), (RHO, F(1, 300)), (FAR, place), (LAST, 1), (MANY, 14), (V_0, start))
    return Proposal((F(1, 2), F(1, 2)), 1, (*numbers, (X, (place,))))


#: What the exponent of S1's radius leaves.
TENTH = F(1, 10)
