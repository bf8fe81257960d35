"""Corollary of Theorem A: a radius for each component, ``exp(-Lambda(M))/(8 sqrt(n))``."""

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
from proofs_check.proofs.cluster_constants import BALL_FACTOR, RADIUS
from proofs_check.proofs.cluster_growth import GAMMA, GAP, P_, S, T, growth
from proofs_check.proofs.cluster_potential import SPREAD
from proofs_check.proofs.cluster_product import (
    SMALL_STEPS,
    Z,
    polynomial,
    product_hypotheses,
    product_steps,
)
from proofs_check.proofs.cluster_run import LAST
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
from proofs_check.proofs.tactics.bounds import Instantiated, RootOf, SquareRoot
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialSign
from proofs_check.proofs.tactics.language import (
    N_,
    V_0,
    A,
    X,
    at_most,
    equal,
    every,
    exponential,
    nonnegative,
    root,
    term,
    total,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Axiom, Instance, Specialise
from proofs_check.proofs.tactics.vacuity import Proposal

F = Fraction
LEAST = SMALL_STEPS.product
ROOT, AWAY = root(N_), root(total(SHIFT**2, A))
#: ``exp(Lambda_N(M^2))``, and its first two terms for many N.
GROWN = exponential(growth(P_, H, FAR**2))
ENOUGH, FIRST = exponential(growth(MANY, H, FAR**2)), 1 + LEAST[1] * FAR**2
#: What ``|c|^2`` has beyond ``M^2`` at most, and its part of the growth.
BEYOND = 2 * FAR * AWAY + AWAY**2
RISE, MORE = GAMMA * BEYOND, exponential(GAMMA * BEYOND)
#: ``rho M`` is at most one over this.
PRODUCT = 21


def theorem_a_radius(*, factor: Fraction | int = BALL_FACTOR) -> Script:
    """All means within ``exp(-Lambda(M))/(factor sqrt(n))`` of a point within M of the truth.

    ``D^2 <= n (rho^2 - |c - x|^2)``: what the centre moves towards larger growth the spread loses.

    Parameters
    ----------
    factor : number
        8.

    Examples
    --------
    >>> theorem_a_radius().conclusions
    ('start', 'entry')
    """
    return Script(
        "A-radius",
        "A radius for each component is enough",
        "derived for this project (Theorem A's corollary, with 8 for 9)",
        (
            *start_hypotheses(),
            *product_hypotheses(),
            *ball_hypotheses(),
            Hypothesis(
                "radius",
                every(at_most(factor * RHO * ROOT * GROWN, 1), P_),
                "rho and the growth that the linear law gives at M, in any number of steps",
            ),
        ),
        (
            *start_steps(),
            *product_steps(),
            *ball_steps(),
            *_radius_steps(factor),
            *_centre_steps(),
            *_growth_steps(),
            *_start_steps(factor),
            *entry_steps(),
        ),
        ("start", "entry"),
        NOTATION,
        scope="all n >= 2, d, M, uniform weights, radius exp(-Lambda(M))/(8 sqrt(n)), steps to n/4",
        remarks=(
            "the means start within rho of x, the truth at a distance of at most M from it",
            "Lambda_N rises with N to Lambda, and Lambda(M) <= M^2/(1 - h)",
            CONVERGENCE,
        ),
        instances=(_two_means(),),
    )


def _radius_steps(factor: Fraction | int) -> tuple[Step, ...]:
    """``21 rho M <= 1`` and ``2 factor^2 rho^2 <= 1``, as the growth at M is at least 1 + M^2."""
    scaled = factor * RHO * ROOT * GROWN
    most = F(factor) ** 2
    second = LEAST[1]
    return (
        Step("root of n", "its square", equal(ROOT**2, N_), RootOf(N_), ("n > 0",)),
        Step("root of n >= 0", "a root", nonnegative(ROOT), RootOf(N_), ("n > 0",)),
        Step("exp(Lambda) at M >= 0", "a square", nonnegative(GROWN), ExponentialSign()),
        Step("radius for N", "for each N", at_most(scaled, 1), Specialise((P_,)), ("radius",)),
        shown(
            "radius >= 0",
            "a product",
            nonnegative(scaled),
            (factor, ("rho >= 0", "root of n >= 0", "exp(Lambda) at M >= 0")),
        ),
        shown(
            "radius squared",
            "between 0 and 1",
            at_most(most * N_ * RHO**2 * GROWN**2, 1),
            (1, ("radius for N",)),
            (1, ("radius for N", "radius >= 0")),
            using=("root of n",),
        ),
        Step(
            "radius squared for L",
            "for many factors",
            at_most(most * N_ * RHO**2 * ENOUGH**2, 1),
            Instance({P_: MANY}),
            ("radius squared",),
        ),
        shown("M^2 >= 0", "a square", nonnegative(FAR**2), (1, (), (FAR,))),
        shown("g M^2 >= 0", "a product", nonnegative(GAMMA * FAR**2), (1, ("g >= 0",), (FAR,))),
        shown(
            "M^2 and g", "g (1 - h) = 1", equal((1 - H) * (GAMMA * FAR**2), FAR**2), using=("g",)
        ),
        Step(
            "U at M",
            "many factors of the product",
            at_most(polynomial(LEAST, FAR**2), ENOUGH),
            Instantiated({S: FAR**2, Z: GAMMA * FAR**2, P_: MANY}, "product from below, in s"),
            (
                *("product from below, in s", "h >= 0", "largest h", "many"),
                *("g M^2 >= 0", "M^2 and g"),
            ),
        ),
        shown(
            "1 + M^2",
            "the first two terms",
            at_most(FIRST, ENOUGH),
            (1, ("U at M",)),
            (LEAST[2], (), (FAR**2,)),
            (LEAST[3], ("M^2 >= 0",), (FAR**2,)),
        ),
        Step("exp(Lambda_L) >= 0", "a square", nonnegative(ENOUGH), ExponentialSign()),
        shown(
            "rho and 1 + M^2",
            "n >= 2",
            at_most(2 * most * RHO**2 * FIRST**2, 1),
            (1, ("radius squared for L",)),
            (most, ("n >= 2",), (RHO * ENOUGH,)),
            (2 * most, ("1 + M^2", "exp(Lambda_L) >= 0"), (RHO,)),
            (2 * most, ("1 + M^2",), (RHO,)),
            (2 * most * second, ("1 + M^2",), (RHO * FAR,)),
        ),
        shown(
            "rho",
            "M^2 >= 0",
            at_most(2 * most * RHO**2, 1),
            (1, ("rho and 1 + M^2",)),
            (4 * most * second, (), (RHO * FAR,)),
            (2 * most * second**2, (), (RHO * FAR**2,)),
        ),
        shown(
            "rho M squared",
            "(1 + t)^2 >= 4 t",
            at_most((PRODUCT * RHO * FAR) ** 2, 1),
            (1, ("rho and 1 + M^2",)),
            (2 * most, (), (RHO * (1 - second * FAR**2),)),
            (8 * most * second - PRODUCT**2, (), (RHO * FAR,)),
        ),
        shown("1 >= 0", "a number", nonnegative(term(1)), (1, ())),
        Step(
            "rho M",
            "the root",
            at_most(PRODUCT * RHO * FAR, 1),
            SquareRoot("rho M squared", "1 >= 0"),
            ("rho M squared", "1 >= 0"),
        ),
    )


def _centre_steps() -> tuple[Step, ...]:
    """``D^2 + n |c - x|^2 <= n rho^2``, and ``|c|^2 <= M^2 + 2 M |c - x| + |c - x|^2``."""
    shift = total(SHIFT**2, A)
    away = ("|c - x|^2 >= 0",)
    return (
        Step("|c - x|^2", "the root's square", equal(AWAY**2, shift), RootOf(shift), away),
        Step("|c - x| >= 0", "a root", nonnegative(AWAY), RootOf(shift), away),
        shown("c - x", "the same", at_most(shift, AWAY**2), using=("|c - x|^2",)),
        shown(
            "D^2 and c - x",
            "the squares add up",
            at_most(SUM_0 + N_ * AWAY**2, N_ * RHO**2),
            (1, ("sum in the ball",)),
            using=("1/n", "|c - x|^2"),
        ),
        *centre_steps(AWAY, "|c - x| >= 0"),
        shown("beyond M", "the same", at_most(CENTRE2 - FAR**2, BEYOND), (1, ("c and M",))),
        shown(
            "beyond M >= 0",
            "a sum of products",
            nonnegative(BEYOND),
            (2, ("M >= 0", "|c - x| >= 0")),
            (1, (), (AWAY,)),
        ),
    )


def _growth_steps() -> tuple[Step, ...]:
    """``exp(Lambda_N(|c|^2)) <= exp(Lambda_N(M^2)) X`` with ``X^2 (1 - 2 g w) <= 1``."""
    grown, at_far = growth(P_, H, CENTRE2), growth(P_, H, FAR**2)
    return (
        Step(
            "Lambda from M",
            "the difference of two",
            at_most(grown, at_far + RISE),
            Instantiated({S: CENTRE2, T: FAR**2, GAP: BEYOND}, "growth and |c|^2"),
            ("growth and |c|^2", "|c|^2 >= 0", "M^2 >= 0", "beyond M >= 0", "beyond M"),
        ),
        Step(
            "exp(Lambda_N)",
            "the exponential grows",
            at_most(exponential(grown), exponential(at_far + RISE)),
            ExponentialGrows(),
            ("Lambda from M",),
        ),
        Step(
            "product",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(at_far + RISE), GROWN * MORE),
            Axiom("exponential of a sum", (at_far, RISE)),
        ),
        Step(
            "X^2",
            "exp(2 t) = exp(t)^2",
            equal(exponential(2 * RISE), MORE**2),
            Axiom("exponential of a sum", (RISE, RISE)),
        ),
        Step(
            "1/X^2",
            "exp(t) exp(-t) = exp(0)",
            equal(exponential(2 * RISE - 2 * RISE), exponential(2 * RISE) * exponential(-2 * RISE)),
            Axiom("exponential of a sum", (2 * RISE, -2 * RISE)),
        ),
        Step(
            "tangent of 1/X^2",
            "1 - t <= exp(-t)",
            at_most(1 - 2 * RISE, exponential(-2 * RISE)),
            Axiom("tangent", (-2 * RISE,)),
        ),
        Step("X >= 0", "a square", nonnegative(MORE), ExponentialSign()),
        shown(
            "X from above",
            "X^2 times its reciprocal",
            at_most(MORE**2 * (1 - 2 * RISE), 1),
            (1, ("tangent of 1/X^2",), (MORE,)),
            using=("X^2", "1/X^2", "exp(0) = 1"),
        ),
        shown(
            "2 g w",
            "g <= 4/3",
            at_most(2 * RISE, F(8, 3) * BEYOND),
            (2, ("g <= 4/3", "beyond M >= 0")),
        ),
    )


def _start_steps(factor: Fraction | int) -> tuple[Step, ...]:
    """``D exp(Lambda_N(|c|^2)) <= 4/31``."""
    spare = (F(factor) * RADIUS) ** 2
    # (spare - 1) rho^2 - linear rho |c - x| + bent |c - x|^2 without what rho M and rho^2 take
    linear = spare * F(16, 3) / PRODUCT
    bent = 1 - spare * F(4, 3) / F(factor) ** 2
    tilt = linear / (2 * bent)
    return (
        shown(
            "what the spread loses",
            "a polynomial in rho, M and |c - x|",
            at_most(RHO**2 - AWAY**2, spare * RHO**2 * (1 - F(8, 3) * BEYOND)),
            (spare * F(16, 3) / PRODUCT, ("rho >= 0", "|c - x| >= 0", "rho M")),
            (spare * F(4, 3) / F(factor) ** 2, ("rho",), (AWAY,)),
            (bent, (), (AWAY - tilt * RHO,)),
            (spare - 1 - bent * tilt**2, (), (RHO,)),
        ),
        shown(
            "size squared",
            "together",
            at_most((WIDTH * GROWN * MORE) ** 2, RADIUS**2),
            (1, ("D^2 and c - x",), (GROWN * MORE,)),
            (1, ("n > 0", "what the spread loses"), (GROWN * MORE,)),
            (spare, ("n > 0", "2 g w"), (RHO * GROWN * MORE,)),
            (spare, ("n > 0", "X from above"), (RHO * GROWN,)),
            (RADIUS**2, ("radius squared",)),
            using=("D^2",),
        ),
        shown("4/31 >= 0", "a number", nonnegative(term(RADIUS)), (RADIUS, ())),
        Step(
            "size",
            "the root",
            at_most(WIDTH * GROWN * MORE, RADIUS),
            SquareRoot("size squared", "4/31 >= 0"),
            ("size squared", "4/31 >= 0"),
        ),
        shown(
            "start for N",
            "the radius",
            at_most(SPREAD.with_growth(V_0), RADIUS),
            (1, ("D >= 0", "exp(Lambda_N)")),
            (1, ("size",)),
            using=("product",),
        ),
    )


def _two_means() -> Proposal:
    """Two components, the truth at a distance of 1 from the middle between them."""
    place, half = F(1), F(1, 100)
    start = ((place - half,), (place + half,))
    numbers = ((H, F(1, 8)), (RHO, half), (FAR, place), (LAST, 4), (MANY, 14), (V_0, start))
    return Proposal((F(1, 2), F(1, 2)), 1, (*numbers, (X, (place,))))
