"""The growth of deviations parallel to the centre from below: that of the linear law, up to a half.

The linear law turns none of such a deviation away, and ``D exp(Lambda_N)/F`` does not fall while
``D exp(Lambda_N) F`` does not rise.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift import MOVED_BY_Y, TURNED_BY_C
from proofs_check.proofs.cluster_drift_words import DRIFT_RATE, TOTAL
from proofs_check.proofs.cluster_exponent import exponential_of_three
from proofs_check.proofs.cluster_growth import GAMMA, GAP, P_, S, T, growth
from proofs_check.proofs.cluster_line import line_steps, parallel_steps
from proofs_check.proofs.cluster_potential import (
    AT,
    BOTTOM,
    LINEAR,
    PULLED,
    RHO,
    W_,
    W_AFTER,
    Potential,
)
from proofs_check.proofs.cluster_state import AFTER, B_, B_AFTER, C2_AFTER
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    C2,
    D2,
    S2,
    SIGMA2,
    C,
    H,
    centre,
    deviation,
)
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Contracted, Instantiated, SquareRoot
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialSign
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    at_most,
    equal,
    exponential,
    following,
    logarithm,
    nonnegative,
    positive,
    term,
    total,
)
from proofs_check.proofs.tactics.minkowski import Minkowski
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Axiom, Cases

F = Fraction
#: What the centre's pull costs, and the part of the exponent that is counted.
PULL_COST = 2 * H * B_ * SIGMA2 * PULLED
FIRST = logarithm(1 + 4 * H * C2)


def lower_steps(of: Potential) -> tuple[Step, ...]:
    """``D exp(Lambda_(N + 1)) F+ <= D+ exp(Lambda_N+) F``."""
    return (
        *line_steps(),
        *parallel_steps(),
        *_spread_steps(),
        *_centre_steps(),
        *_exponent_steps(of),
    )


def _spread_steps() -> tuple[Step, ...]:
    """``(1 + 4 h |c|^2) D (1 - rho) <= D+``."""
    y = replaced(TOTAL, AT)
    turned_by, rest = TURNED_BY_C, MOVED_BY_Y
    after = deviation(AFTER, J, A)
    grown = (1 + 4 * H * C2) * W_
    return (
        shown(
            "turned by c from below",
            "parallel to c",
            at_most((1 + 4 * H * C2) ** 2 * S2, total(turned_by**2, A)),
            (8, ("h >= 0", "parallel")),
            (16, ("parallel", "|c|^2 >= 0"), (H,)),
        ),
        Step(
            "all turned by c from below",
            "over j",
            at_most((1 + 4 * H * C2) ** 2 * D2, total(turned_by**2, J, A)),
            Average((J,)),
            ("turned by c from below",),
        ),
        Step(
            "turned, by what follows",
            "one step of descent",
            equal(total((after - rest) ** 2, J, A), total(turned_by**2, J, A)),
            Contracted("deviation after", after - rest + turned_by, (J, A)),
            ("deviation after",),
        ),
        Step(
            "moved by Y at V",
            "the Key Lemma",
            replaced(at_most(total(rest**2, J, A), (2 * H * TOTAL) ** 2), AT),
            Instantiated(AT, "moved by Y"),
            (
                *("moved by Y", "D >= 0", "|c| >= 0", "D^2 within", "|c|^2 within"),
                *("small at V", "h >= 0"),
            ),
        ),
        shown(
            "moved back",
            "the same",
            at_most(total((-rest) ** 2, J, A), (2 * H * y) ** 2),
            (1, ("moved by Y at V",)),
        ),
        shown(
            "2 h y at V >= 0", "a product", nonnegative(2 * H * y), (2, ("h >= 0", "y at V >= 0"))
        ),
        shown(
            "D+ within",
            "trivially",
            at_most(total(after**2, J, A), W_AFTER**2),
            using=("D^2 after",),
        ),
        Step(
            "turned by Minkowski",
            "the sum of both",
            at_most(total((after - rest) ** 2, J, A), (W_AFTER + 2 * H * y) ** 2),
            Minkowski(
                (
                    (after, W_AFTER, "D+ within", "D >= 0 after"),
                    (-rest, 2 * H * y, "moved back", "2 h y at V >= 0"),
                ),
                (J, A),
            ),
            ("D+ within", "D >= 0 after", "moved back", "2 h y at V >= 0"),
        ),
        shown(
            "grown squared",
            "together",
            at_most(grown**2, (W_AFTER + 2 * H * y) ** 2),
            (1, ("all turned by c from below",)),
            (1, ("turned by Minkowski",)),
            using=("turned, by what follows", "D^2"),
        ),
        shown(
            "D+ + 2 h y >= 0",
            "a sum",
            nonnegative(W_AFTER + 2 * H * y),
            (1, ("D >= 0 after",)),
            (1, ("2 h y at V >= 0",)),
        ),
        Step(
            "linear growth from below",
            "the root",
            at_most(grown, W_AFTER + 2 * H * y),
            SquareRoot("grown squared", "D+ + 2 h y >= 0"),
            ("grown squared", "D+ + 2 h y >= 0"),
        ),
        shown(
            "D+ from below",
            "2 h y = (1 + 4 h |c|^2) D rho",
            at_most(grown * (1 - RHO), W_AFTER),
            (1, ("linear growth from below",)),
            using=("share", "|c|^2", "sigma^2 by n"),
        ),
    )


def _centre_steps() -> tuple[Step, ...]:
    """``Lambda_(N + 1)(|c|^2) <= ln(1 + 4 h |c|^2) + Lambda_N(|c+|^2) + `` the centre's cost."""
    moved = centre(AFTER, A) - (1 - 2 * H) * C
    pull = H * SIGMA2 * PULLED
    orbit = (1 - 2 * H) ** 2 * C2
    loss = 2 * (1 - 2 * H) * B_ * pull
    later, more = growth(P_, H, C2_AFTER), growth(following(P_), H, C2)
    return (
        shown(
            "moved back, c", "the same", at_most(total((-moved) ** 2, A), pull**2), (1, ("moved",))
        ),
        shown(
            "c+ within",
            "trivially",
            at_most(total(centre(AFTER, A) ** 2, A), B_AFTER**2),
            using=("|c|^2 after",),
        ),
        Step(
            "q c by Minkowski",
            "the sum of both",
            at_most(total((centre(AFTER, A) - moved) ** 2, A), (B_AFTER + pull) ** 2),
            Minkowski(
                (
                    (centre(AFTER, A), B_AFTER, "c+ within", "|c| >= 0 after"),
                    (-moved, pull, "moved back, c", "moved >= 0"),
                ),
                (A,),
            ),
            ("c+ within", "|c| >= 0 after", "moved back, c", "moved >= 0"),
        ),
        shown(
            "q |c| squared",
            "c+ less what it was moved by",
            at_most(((1 - 2 * H) * B_) ** 2, (B_AFTER + pull) ** 2),
            (1, ("q c by Minkowski",)),
            using=("|c|^2",),
        ),
        shown(
            "|c+| + pull >= 0",
            "a sum",
            nonnegative(B_AFTER + pull),
            (1, ("|c| >= 0 after",)),
            (1, ("moved >= 0",)),
        ),
        Step(
            "q |c|",
            "the root",
            at_most((1 - 2 * H) * B_, B_AFTER + pull),
            SquareRoot("q |c| squared", "|c+| + pull >= 0"),
            ("q |c| squared", "|c+| + pull >= 0"),
        ),
        shown(
            "loss of the centre",
            "what |c+|^2 lacks of the linear part",
            at_most(orbit - C2_AFTER, loss),
            (2, ("kept >= 0", "q |c|")),
            (1, (), ((1 - 2 * H) * B_ - B_AFTER,)),
            using=("|c|^2", "|c|^2 after"),
        ),
        shown("loss >= 0", "a product", nonnegative(loss), (2, ("kept >= 0", "moved >= 0"))),
        Step(
            "growth of the orbit",
            "the loss costs g times as much",
            at_most(growth(P_, H, orbit), later + GAMMA * loss),
            Instantiated({S: orbit, T: C2_AFTER, GAP: loss}, "growth and |c|^2"),
            (
                *("growth and |c|^2", "|c|^2 >= 0 after", "q^2 |c|^2 >= 0", "loss >= 0"),
                *("loss of the centre", "h >= 0", "largest h"),
            ),
        ),
        shown(
            "g times the loss",
            "g (1 - h) = 1",
            at_most(GAMMA * loss, PULL_COST),
            (2, ("g >= 0", "h >= 0", "moved >= 0", "|c| >= 0")),
            using=("g",),
        ),
        shown(
            "exponents from below",
            "all together",
            at_most(more, FIRST + later + PULL_COST),
            (1, ("growth of the orbit",)),
            (1, ("g times the loss",)),
            using=("first factor at V",),
        ),
    )


def _exponent_steps(of: Potential) -> tuple[Step, ...]:
    """The exponents, where ``F+ >= 0``; else there is nothing to show."""
    later, more = growth(P_, H, C2_AFTER), growth(following(P_), H, C2)
    right = FIRST + later + PULL_COST
    f, f_after = of.f(V), of.f(AFTER)
    cost = RHO + PULL_COST
    goal = at_most(W_ * exponential(more) * f_after, W_AFTER * exponential(later) * f)
    lead = exponential(FIRST) * exponential(later)
    pulled = exponential(PULL_COST)
    return (
        Step(
            "exponentials from below",
            "the exponential grows",
            at_most(exponential(more), exponential(right)),
            ExponentialGrows(),
            ("exponents from below",),
        ),
        *exponential_of_three(
            right,
            (FIRST, later, PULL_COST),
            ("exp of first and later", "exp with the pull", "exp of the right side"),
        ),
        Step(
            "tangent of the pull",
            "1 - t <= exp(-t)",
            at_most(1 - PULL_COST, exponential(-PULL_COST)),
            Axiom("tangent", (-PULL_COST,)),
        ),
        Step(
            "exp of no pull",
            "exp(s + t) = exp(s) exp(t)",
            equal(
                exponential(PULL_COST - PULL_COST), exponential(PULL_COST) * exponential(-PULL_COST)
            ),
            Axiom("exponential of a sum", (PULL_COST, -PULL_COST)),
        ),
        Step("exp(pull) >= 0", "a square", nonnegative(exponential(PULL_COST)), ExponentialSign()),
        Step("exp(first) >= 0", "a square", nonnegative(exponential(FIRST)), ExponentialSign()),
        shown(
            "exp(pull)",
            "(1 - t) exp(t) <= 1",
            at_most(pulled * (1 - PULL_COST), 1),
            (1, ("exp(pull) >= 0", "tangent of the pull")),
            using=("exp of no pull", "exp(0) = 1"),
        ),
        shown("pull >= 0", "a product", nonnegative(PULL_COST), (2, ("|c| >= 0", "moved >= 0"))),
        shown(
            "rho >= 0",
            "a product",
            nonnegative(RHO),
            *(
                (2 * c, ("h >= 0", "share >= 0", "|c| >= 0", "D >= 0"), (B_**k,))
                for k, c in enumerate(LINEAR)
            ),
            *(
                (2 * c, ("h >= 0", "share >= 0", "u >= 0"), (W_ * B_**k,))
                for k, c in enumerate(DRIFT_RATE)
            ),
            using=("|c|^2",),
        ),
        shown(
            "F (1 - cost) >= 0",
            "F+ >= 0",
            nonnegative(f * (1 - cost)),
            (1, ("F times the cost",)),
            (1, ("F+ >= 0",)),
        ),
        shown("F > 0", "F_0 > 0", positive(f), (1, ("F_0",)), (BOTTOM, ())),
        Step(
            "1 - cost >= 0",
            "divided",
            at_most(cost, 1),
            Cancel("F > 0", "F (1 - cost) >= 0"),
            ("F > 0", "F (1 - cost) >= 0"),
        ),
        shown(
            "1 - rho >= 0",
            "less than the cost",
            at_most(RHO, 1),
            (1, ("1 - cost >= 0",)),
            (1, ("pull >= 0",)),
        ),
        shown(
            "F+ by both costs",
            "(1 - s)(1 - t) >= 1 - s - t",
            at_most(f_after, f * (1 - RHO) * (1 - PULL_COST)),
            (1, ("F times the cost",)),
            (1, ("F >= 0", "rho >= 0", "pull >= 0")),
        ),
        shown(
            "F+ and exp(pull)",
            "(1 - t) exp(t) <= 1",
            at_most(exponential(PULL_COST) * f_after, f * (1 - RHO)),
            (1, ("exp(pull) >= 0", "F+ by both costs")),
            (1, ("F >= 0", "1 - rho >= 0", "exp(pull)")),
        ),
        shown(
            "D exp(Lambda) F+ from below",
            "the exponents",
            at_most(W_ * exponential(more) * f_after, W_ * lead * exponential(PULL_COST) * f_after),
            (1, ("D >= 0", "F+ >= 0", "exponentials from below")),
            using=("exp of the right side",),
        ),
        shown(
            "lower step where F+ >= 0",
            "together",
            goal,
            (1, ("D exp(Lambda) F+ from below",)),
            (1, ("D >= 0", "exp(first) >= 0", "exp(Lambda+) >= 0", "F+ and exp(pull)")),
            (1, ("exp(Lambda+) >= 0", "F >= 0", "D+ from below")),
            using=("growth of one step",),
        ),
        shown(
            "lower step where F+ < 0",
            "one side is negative",
            goal,
            (1, ("D >= 0", "exp(Lambda) of more >= 0", "F+ < 0")),
            (1, ("D >= 0 after", "exp(Lambda+) >= 0", "F >= 0")),
        ),
        Step(
            "lower step",
            "D exp(Lambda)/F does not fall",
            goal,
            Cases(term(0), f_after, "lower step where F+ >= 0", "lower step where F+ < 0"),
            ("lower step where F+ >= 0", "lower step where F+ < 0"),
        ),
    )
