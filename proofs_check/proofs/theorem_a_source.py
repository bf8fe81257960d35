"""Corollary of Theorem A: the radius that S1 states, for every n, d and distance of the truth."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_constants import RADIUS
from proofs_check.proofs.cluster_energy import SPREAD
from proofs_check.proofs.cluster_geometry import geometry_steps
from proofs_check.proofs.cluster_growth import (
    GAMMA,
    GAP,
    P_,
    S,
    T,
    decay,
    growth,
    growth_hypotheses,
    growth_steps,
)
from proofs_check.proofs.cluster_product import REST
from proofs_check.proofs.cluster_run import DELTA_0, LAST
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_state import MANY, distance, number_steps, width
from proofs_check.proofs.cluster_tactics import ExponentialOfNumber, Minkowski, shown
from proofs_check.proofs.cluster_words import H, centre, centre_square, spread, uniform
from proofs_check.proofs.tactics.bounds import Generalise, Instantiated, RootOf, SquareRoot
from proofs_check.proofs.tactics.exponentials import (
    ExponentialGrows,
    ExponentialSign,
    LogarithmBound,
    LogarithmOf,
)
from proofs_check.proofs.tactics.language import (
    D_,
    N_,
    V_0,
    A,
    J,
    X,
    at_most,
    below,
    count,
    entry,
    equal,
    every,
    exponential,
    logarithm,
    nonnegative,
    positive,
    real,
    term,
    total,
    v,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    Average,
    Axiom,
    Lemma,
    Specialise,
    Square,
    Squares,
)
from proofs_check.proofs.tactics.vacuity import Proposal
from proofs_check.proofs.theorem_a import LARGEST, TIME, least_so_far, theorem_a

F = Fraction
#: ``rho``, the radius of the ball, and ``M``, the distance of its centre ``x`` from the truth.
RHO, FAR = real("rho"), real("M")
SUM_0, CENTRE2, WIDTH = spread(V_0), centre_square(V_0), width(V_0)


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
    away = v(V_0, J, A) - entry(X, A)
    shift = centre(V_0, A) - entry(X, A)
    cube = exponent * N_ * D_ * FAR**3
    source = exponential(cube)
    linear = exponential(GAMMA * CENTRE2)
    ball = at_most(total(away**2, A), RHO**2)
    sizes = Step("d >= 1", "there is a coordinate", at_most(1, D_), Axiom("coordinates"))
    hypotheses = (
        uniform(),
        Hypothesis("n >= 2", at_most(2, N_), "more than one component"),
        Hypothesis("h >= 0", nonnegative(H), "the step size is h n"),
        Hypothesis("largest h", at_most(H, LARGEST), "eta = h n <= n/4"),
        Hypothesis("rho >= 0", nonnegative(RHO), "a radius"),
        Hypothesis("M >= 0", nonnegative(FAR), "a distance"),
        Hypothesis("ball", every(ball, J), "all means are within rho of x"),
        Hypothesis(
            "far", at_most(total(entry(X, A) ** 2, A), FAR**2), "the truth is within M of x"
        ),
        Hypothesis("source", at_most(factor * N_ * D_ * RHO * source, 1), "S1's radius"),
        Hypothesis(
            "time",
            below(16 * N_ * CENTRE2, 15 * exponential(TIME * H * count(LAST))),
            "K is large enough",
        ),
        Hypothesis(
            "many", at_most(decay(MANY, H), REST), "L is large; it is used for nothing else"
        ),
        *growth_hypotheses(),
    )
    steps = (
        *geometry_steps()[:5],
        *number_steps(LARGEST),
        *growth_steps(LARGEST),
        sizes,
        Step("in the ball", "each mean", ball, Specialise((J,)), ("ball",)),
        Step(
            "sum in the ball",
            "over j",
            at_most(total(away**2, J, A), N_ * RHO**2),
            Average((J,)),
            ("in the ball",),
        ),
        Step(
            "|c - x|^2 >= 0",
            "a square",
            nonnegative(total(shift**2, A)),
            Squares((Square(shift, (A,)),)),
        ),
        Step(
            "D^2 >= 0",
            "a sum of squares",
            nonnegative(SUM_0),
            Squares((Square(v(V_0, J, A) - centre(V_0, A), (J, A)),)),
        ),
        Step(
            "|c|^2 >= 0", "a square", nonnegative(CENTRE2), Squares((Square(centre(V_0, A), (A,)),))
        ),
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
            at_most(total(shift**2, A), RHO**2),
            (1, ("u >= 0", "sum in the ball")),
            (1, ("u >= 0", "D^2 >= 0")),
            using=("1/n",),
        ),
        Step(
            "|c|^2",
            "the root's square",
            equal(distance(V_0) ** 2, CENTRE2),
            RootOf(CENTRE2),
            ("|c|^2 >= 0",),
        ),
        Step("D^2", "the root's square", equal(WIDTH**2, SUM_0), RootOf(SUM_0), ("D^2 >= 0",)),
        Step("D >= 0", "a root", nonnegative(WIDTH), RootOf(SUM_0), ("D^2 >= 0",)),
        Step(
            "c from x",
            "Minkowski's inequality",
            at_most(total((entry(X, A) + shift) ** 2, A), (FAR + RHO) ** 2),
            Minkowski(
                ((entry(X, A), FAR, "far", "M >= 0"), (shift, RHO, "c - x", "rho >= 0")), (A,)
            ),
            ("far", "M >= 0", "c - x", "rho >= 0"),
        ),
        shown(
            "c and M",
            "so the centre is within M + rho",
            at_most(CENTRE2, (FAR + RHO) ** 2),
            (1, ("c from x",)),
        ),
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
        *_growth_at_start(),
        Step(
            "entry",
            "Theorem A",
            at_most(least_so_far(LAST), 1),
            Lemma(theorem_a, "entry", {DELTA_0: term(RADIUS)}),
            ("start", "same radius"),
        ),
    )
    return Script(
        "A-source",
        "The source's exponentially small initialization is enough",
        "arXiv:2511.22069, Theorem 3.2, as reported; a corollary of Theorem A",
        hypotheses,
        steps,
        ("start", "entry"),
        (
            (width, "the root of the sum of |v_j - c|^2"),
            (centre_square, "the square of the centre's distance from the truth"),
            (square, "the sum of all |v_j|^2"),
        ),
        scope="all n >= 2, d, M, uniform weights, radius exp(-106 n d M^3)/(108 n d), steps to n/4",
        remarks=(
            "the means start within the radius of x, the truth at a distance of at most M from it",
            "from the step of entry on Theorem F: every component converges",
        ),
        instances=(_two_means(),),
    )


def _growth_at_start() -> tuple[Step, ...]:
    """``D_0 exp(Lambda_N(|c_0|^2)) <= radius`` for every N, as ``Lambda_N(s) <= g s``."""
    one, none = logarithm(1), growth(P_, H, term(0))
    grown = growth(P_, H, CENTRE2)
    return (
        shown("1 > 0", "a number", positive(term(1)), (1, ())),
        Step("exp(ln(1))", "the logarithm", equal(exponential(one), 1), LogarithmOf(), ("1 > 0",)),
        Step(
            "exp(0) >= 1",
            "its tangent",
            at_most(1, exponential(term(0))),
            Axiom("tangent", (term(0),)),
        ),
        Step(
            "ln(1)",
            "exp(ln(1)) <= exp(0)",
            at_most(one, 0),
            LogarithmBound("exp(0) >= 1"),
            ("exp(0) >= 1", "exp(ln(1))"),
        ),
        Step("p >= 0", "a number of steps", nonnegative(count(P_)), Axiom("steps", (P_,))),
        shown("Lambda_N(0)", "N times ln(1)", at_most(none, 0), (1, ("p >= 0", "ln(1)"))),
        shown("0 >= 0", "trivially", nonnegative(term(0))),
        shown("c - 0", "trivially", at_most(CENTRE2 - term(0), CENTRE2)),
        Step(
            "Lambda_N from 0",
            "the difference of two",
            at_most(grown, none + GAMMA * CENTRE2),
            Instantiated({S: CENTRE2, T: term(0), GAP: CENTRE2}, "growth and |c|^2"),
            ("growth and |c|^2", "|c|^2 >= 0", "0 >= 0", "c - 0"),
        ),
        shown(
            "Lambda_N <= g |c|^2",
            "Lambda_N(0) = 0",
            at_most(grown, GAMMA * CENTRE2),
            (1, ("Lambda_N from 0",)),
            (1, ("Lambda_N(0)",)),
        ),
        Step(
            "exp(Lambda_N)",
            "the exponential grows",
            at_most(exponential(grown), exponential(GAMMA * CENTRE2)),
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
        Step(
            "start",
            "for every N",
            every(at_most(SPREAD.with_growth(V_0), RADIUS), P_),
            Generalise((P_,)),
            ("start for N",),
        ),
        shown("same radius", "trivially", at_most(term(RADIUS), RADIUS)),
    )


def _two_means() -> Proposal:
    """Two components, the truth a tenth away from where they start."""
    place, half = F(1, 10), F(1, 400)
    start = ((place - half,), (place + half,))
    numbers = ((H, F(1, 8)), (RHO, F(1, 300)), (FAR, place), (LAST, 1), (MANY, 14), (V_0, start))
    return Proposal((F(1, 2), F(1, 2)), 1, (*numbers, (X, (place,))))


#: What the exponent of S1's radius leaves.
TENTH = F(1, 10)
