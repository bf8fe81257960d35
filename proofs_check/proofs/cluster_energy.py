"""One step of descent of a cluster that is still outside ``|V|^2 < 1``.

The centre approaches the truth, and ``D exp(g |c|^2 + p(|c|))`` does not increase, where
``g = 1/(1 - h)``.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift import CENTRE
from proofs_check.proofs.cluster_parts import TOTAL
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_tactics import ExponentialBeyond, Minkowski, Row, shown
from proofs_check.proofs.cluster_words import (
    BETA,
    C2,
    D2,
    RUN,
    SIGMA2,
    H,
    R,
    U,
    centre,
    centre_square,
    deviation,
    spread,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.bounds import Instantiated, RootOf, SquareRoot
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialSign
from proofs_check.proofs.tactics.language import (
    N_,
    A,
    J,
    V,
    at_most,
    define,
    equal,
    exponential,
    inverse,
    nonnegative,
    positive,
    root,
    total,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Derived,
    Reciprocal,
    Square,
    Squares,
)

F = Fraction
#: ``|c|`` and ``D`` of a state.
distance = define("|c|({})", root(centre_square(V)), V)
width = define("D({})", root(spread(V)), V)
B_, W_ = distance(V), width(V)
AFTER = RUN.after(V)
B_AFTER, W_AFTER = distance(AFTER), width(AFTER)
GAMMA = inverse(1 - H)
POTENTIAL_MOST = F(5, 8)
#: ``p = 5/2 b/(5 + 4 b)``, concave, at most 5/8.
slack = define("1/(5+4|c|)({})", inverse(5 + 4 * B_), V, latex=r"(5+4|c|({}))^{{-1}}")
potential = define("p({})", F(5, 2) * B_ * slack(V), V)
weight = define("w({1})", inverse(1 - H) * centre_square(V) + potential(V), H, V, latex="w({1})")
energy = define("E({1})", W_ * exponential(weight(H, V)), H, V, latex=r"\mathcal{{E}}({1})")
PULLED = F(33, 5) * B_ + W_ * (F(39, 5) + F(24, 5) * B_**2)
LINEAR_RATE = F(122, 75) + F(7, 3) * B_**2
SQUARE_RATE = 13 + F(247, 6) * B_**2 + F(61, 2) * B_**4
#: ``2 h y <= x D``.
GROWTH = 2 * H * B_ * (W_ * LINEAR_RATE + F(16, 15) * W_**2 * B_ * SQUARE_RATE)
POWER = (1 + F(1, 4) * B_**2) ** 4
_AT = {R: W_, BETA: B_}


def number_steps(largest: Fraction) -> tuple[Step, ...]:
    """``1 <= g <= 4/3``."""
    return (
        shown("1 - h > 0", "h <= 1/4", positive(1 - H), (1, ("largest h",)), (1 - largest, ())),
        Step("g", "its reciprocal", equal((1 - H) * GAMMA, 1), Reciprocal(), ("1 - h > 0",)),
        Step("g^2", "a square", nonnegative(GAMMA**2), Squares((Square(GAMMA),))),
        shown(
            "g >= 0", "g = g^2 (1 - h)", nonnegative(GAMMA), (1, ("1 - h > 0", "g^2")), using=("g",)
        ),
        shown("g >= 1", "g - 1 = g h", at_most(1, GAMMA), (1, ("g >= 0", "h >= 0")), using=("g",)),
        shown(
            "g <= 4/3",
            "g h <= g/4",
            at_most(GAMMA, F(4, 3)),
            (F(4, 3), ("g >= 0", "largest h")),
            (F(4, 3) * (F(1, 4) - largest), ("g >= 0",)),
            using=("g",),
        ),
        shown(
            "1 - 2 h >= 0",
            "h <= 1/4",
            nonnegative(1 - 2 * H),
            (2, ("largest h",)),
            (1 - 2 * largest, ()),
        ),
    )


def _roots(of: Term, name: str) -> tuple[Step, ...]:
    """``|c|`` and ``D`` of a state as roots."""
    return (
        Step(
            f"|c|^2 >= 0{name}",
            "a sum of squares",
            nonnegative(centre_square(of)),
            Squares((Square(centre(of, A), (A,)),)),
        ),
        Step(
            f"D^2 >= 0{name}",
            "a sum of squares",
            nonnegative(spread(of)),
            Squares((Square(deviation(of, J, A), (J, A)),)),
        ),
        Step(
            f"|c|^2{name}",
            "the root's square",
            equal(distance(of) ** 2, centre_square(of)),
            RootOf(centre_square(of)),
            (f"|c|^2 >= 0{name}",),
        ),
        Step(
            f"D^2{name}",
            "the root's square",
            equal(width(of) ** 2, spread(of)),
            RootOf(spread(of)),
            (f"D^2 >= 0{name}",),
        ),
        Step(
            f"|c| >= 0{name}",
            "a root",
            nonnegative(distance(of)),
            RootOf(centre_square(of)),
            (f"|c|^2 >= 0{name}",),
        ),
        Step(
            f"D >= 0{name}",
            "a root",
            nonnegative(width(of)),
            RootOf(spread(of)),
            (f"D^2 >= 0{name}",),
        ),
        shown(
            f"5 + 4 |c| > 0{name}",
            "a sum",
            positive(5 + 4 * distance(of)),
            (4, (f"|c| >= 0{name}",)),
            (5, ()),
        ),
        Step(
            f"1/(5 + 4 |c|){name}",
            "its reciprocal",
            equal((5 + 4 * distance(of)) * slack(of), 1),
            Reciprocal(),
            (f"5 + 4 |c| > 0{name}",),
        ),
        Step(
            f"slack^2{name}", "a square", nonnegative(slack(of) ** 2), Squares((Square(slack(of)),))
        ),
        shown(
            f"slack >= 0{name}",
            "a positive number times a square",
            nonnegative(slack(of)),
            (1, (f"5 + 4 |c| > 0{name}", f"slack^2{name}")),
            using=(f"1/(5 + 4 |c|){name}",),
        ),
    )


def state_steps(invariant: Fraction) -> tuple[Step, ...]:
    """At a state outside the region and within the invariant: the Key Lemma applies."""
    return (
        *_roots(V, ""),
        *_roots(AFTER, " after"),
        shown(
            "p >= 0", "a product", nonnegative(potential(V)), (F(5, 2), ("|c| >= 0", "slack >= 0"))
        ),
        shown(
            "|c|^2 <= w",
            "g >= 1",
            at_most(centre_square(V), weight(H, V)),
            (1, ("g >= 1", "|c|^2 >= 0")),
            (1, ("p >= 0",)),
        ),
        Step(
            "exp(|c|^2)",
            "the exponential grows",
            at_most(exponential(centre_square(V)), exponential(weight(H, V))),
            ExponentialGrows(),
            ("|c|^2 <= w",),
        ),
        Step(
            "power",
            "the exponential is above its tangent, four times",
            at_most((1 + F(1, 4) * centre_square(V)) ** 4, exponential(centre_square(V))),
            ExponentialBeyond(centre_square(V), "|c|^2 >= 0"),
            ("|c|^2 >= 0",),
        ),
        shown(
            "D and |c|",
            "so D is small against |c|",
            at_most(W_ * POWER, invariant),
            (1, ("within",)),
            (1, ("D >= 0", "power")),
            (1, ("D >= 0", "exp(|c|^2)")),
            using=("|c|^2",),
        ),
        shown(
            "D (1 + |c|^2)",
            "the power is larger",
            at_most(4 * W_ * (1 + B_**2), 4 * invariant),
            (4, ("D and |c|",)),
            (F(3, 2), ("D >= 0",), (B_**2,)),
            (F(1, 4), ("D >= 0",), (B_**3,)),
            (F(1, 64), ("D >= 0",), (B_**4,)),
        ),
        shown(
            "small at V",
            "the Key Lemma's condition",
            at_most(4 * W_ * (1 + B_**2), 1),
            (1, ("D (1 + |c|^2)",)),
            (1 - 4 * invariant, ()),
        ),
        shown(
            "4 D <= 1",
            "|c|^2 >= 0",
            at_most(4 * W_, 1),
            (1, ("small at V",)),
            (4, ("D >= 0",), (B_,)),
        ),
        shown("D^2 within", "trivially", at_most(D2, W_**2), using=("D^2",)),
        shown("|c|^2 within", "trivially", at_most(C2, B_**2), using=("|c|^2",)),
        Step(
            "spread after",
            "the Key Lemma",
            replaced(at_most(spread(AFTER), ((1 + 4 * H * BETA**2) * R + 2 * H * TOTAL) ** 2), _AT),
            Instantiated(_AT, "D after a step"),
            (
                "D after a step",
                "D >= 0",
                "|c| >= 0",
                "D^2 within",
                "|c|^2 within",
                "small at V",
                "h >= 0",
            ),
        ),
        Step(
            "moved after",
            "the Key Lemma",
            replaced(at_most(_moved(), H**2 * SIGMA2**2 * CENTRE), _AT),
            Instantiated(_AT, "c after a step"),
            (
                "c after a step",
                "D >= 0",
                "|c| >= 0",
                "D^2 within",
                "|c|^2 within",
                "small at V",
                "h >= 0",
            ),
        ),
        Step(
            "D and c at V",
            "the squares add up",
            equal(square(V), spread(V) + N_ * centre_square(V)),
            Derived(),
            ("1/n",),
        ),
        shown(
            "16 D^2 <= 1",
            "D <= 1/4",
            at_most(16 * W_**2, 1),
            (4, ("D >= 0", "4 D <= 1")),
            (1, ("4 D <= 1",)),
        ),
        shown(
            "16 n |c|^2",
            "outside, the centre is far",
            at_most(15, 16 * N_ * centre_square(V)),
            (16, ("outside",)),
            (1, ("16 D^2 <= 1",)),
            using=("D and c at V", "D^2"),
        ),
        shown(
            "15/n",
            "divided by n",
            at_most(15 * U, 16 * B_**2),
            (1, ("u >= 0", "16 n |c|^2")),
            using=("1/n", "|c|^2"),
        ),
        shown(
            "sigma^2 and |c|",
            "sigma^2 = D^2/n",
            at_most(15 * SIGMA2, 16 * B_**2 * W_**2),
            (1, ("15/n", "D^2 >= 0")),
            using=("D^2",),
        ),
    )


def _moved() -> Term:
    return total((centre(AFTER, A) - (1 - 2 * H) * centre(V, A)) ** 2, A)


_POWERS = {"D and |c|": 2, "D >= 0": 3, "|c| >= 0": 15}
_SIGNS = ("D and |c|", "D >= 0", "|c| >= 0")


def approach_steps(contraction: Fraction) -> tuple[Step, ...]:
    """``|c+| <= (1 - 9/5 h) |c|``."""
    kept, moved = (1 - 2 * H) * centre(V, A), centre(AFTER, A) - (1 - 2 * H) * centre(V, A)
    bound = (1 - 2 * H) * B_ + H * SIGMA2 * PULLED
    centre_at = replaced(CENTRE, _AT)
    share = 2 - contraction
    return (
        shown(
            "S >= 0",
            "a sum",
            nonnegative(PULLED),
            (F(33, 5), ("|c| >= 0",)),
            (F(39, 5), ("D >= 0",)),
            (F(24, 5), ("D >= 0",), (B_,)),
        ),
        shown(
            "S^2",
            "what the Key Lemma gives",
            at_most(centre_at, PULLED**2),
            (F(33, 5) ** 2 - F(128, 3), (), (B_,)),
            (F(66, 5) * F(39, 5), ("|c| >= 0", "D >= 0")),
            (F(66, 5) * F(24, 5), ("|c| >= 0", "D >= 0"), (B_,)),
            *_difference(),
        ),
        shown(
            "kept",
            "a part of c",
            at_most(total(kept**2, A), ((1 - 2 * H) * B_) ** 2),
            using=("|c|^2",),
        ),
        shown(
            "kept >= 0",
            "h <= 1/2",
            nonnegative((1 - 2 * H) * B_),
            (1, ("1 - 2 h >= 0", "|c| >= 0")),
        ),
        shown(
            "moved",
            "with S",
            at_most(total(moved**2, A), (H * SIGMA2 * PULLED) ** 2),
            (1, ("moved after",)),
            (1, ("S^2",), (H * SIGMA2,)),
        ),
        shown(
            "moved >= 0",
            "a product",
            nonnegative(H * SIGMA2 * PULLED),
            (1, ("h >= 0", "sigma^2 >= 0", "S >= 0")),
        ),
        Step(
            "c after by Minkowski",
            "the sum of both",
            at_most(total((kept + moved) ** 2, A), bound**2),
            Minkowski(
                (
                    (kept, (1 - 2 * H) * B_, "kept", "kept >= 0"),
                    (moved, H * SIGMA2 * PULLED, "moved", "moved >= 0"),
                ),
                (A,),
            ),
            ("kept", "kept >= 0", "moved", "moved >= 0"),
        ),
        shown(
            "c after",
            "the centre after the step",
            at_most(B_AFTER**2, bound**2),
            (1, ("c after by Minkowski",)),
            using=("|c|^2 after",),
        ),
        shown("bound >= 0", "a sum", nonnegative(bound), (1, ("kept >= 0",)), (1, ("moved >= 0",))),
        Step(
            "|c| after",
            "the root",
            at_most(B_AFTER, bound),
            SquareRoot("c after", "bound >= 0"),
            ("c after", "bound >= 0"),
        ),
        Step(
            "pull of the spread",
            "a polynomial in D and |c|",
            at_most(F(16, 15) * B_ * W_**2 * PULLED, share),
            PolynomialCertificate(
                {"D and |c|": 1, "D >= 0": 3, "|c| >= 0": 8},
                {W_: 4, B_: 12},
                {B_: tuple(F(k, 4) for k in range(1, 16))},
            ),
            _SIGNS,
        ),
        shown(
            "sigma^2 S",
            "so the centre is hardly pulled",
            at_most(SIGMA2 * PULLED, share * B_),
            (F(1, 15), ("sigma^2 and |c|", "S >= 0")),
            (1, ("pull of the spread", "|c| >= 0")),
        ),
        shown(
            "contraction",
            "the centre approaches the truth",
            at_most(B_AFTER, (1 - contraction * H) * B_),
            (1, ("|c| after",)),
            (1, ("h >= 0", "sigma^2 S")),
        ),
        shown(
            "gain of the centre",
            "what |c+|^2 has beyond the linear part",
            at_most(B_AFTER**2, (1 - 2 * H) ** 2 * B_**2 + 2 * H * B_ * SIGMA2 * PULLED),
            (1, ("c after",)),
            (1, ("moved >= 0", "h >= 0", "sigma^2 S")),
            (4 - share, ("moved >= 0", "h >= 0", "|c| >= 0")),
        ),
    )


def _difference() -> tuple[Row, ...]:
    """``(39/5 + 24/5 b^2)^2 - 8 (2 alpha + 5/6)^2 - 80/3``, times ``D^2``."""
    return (
        (F(39, 5) ** 2 - 8 * F(61, 30) ** 2 - F(80, 3), (), (W_,)),
        (2 * F(39, 5) * F(24, 5) - 16 * F(61, 30) * F(5, 3), (), (W_ * B_,)),
        (F(24, 5) ** 2 - 8 * F(5, 3) ** 2, (), (W_ * B_**2,)),
    )


def energy_steps(contraction: Fraction) -> tuple[Step, ...]:
    """``E+ <= E``."""
    y = replaced(TOTAL, _AT)
    grown = (1 + 4 * H * B_**2) * W_ + 2 * H * y
    rate = 4 * H * B_**2 + GROWTH
    i, j = slack(V), slack(AFTER)
    weight_after = weight(H, AFTER)
    power = (5 + 4 * B_) ** 2
    pull = F(128, 45) * B_**2 * W_**2 * PULLED
    scalar = 2 * W_ * LINEAR_RATE + F(32, 15) * W_**2 * B_ * SQUARE_RATE + pull
    return (
        Step(
            "y at V >= 0",
            "the Key Lemma's bound",
            replaced(nonnegative(TOTAL), _AT),
            Instantiated(_AT, "y >= 0"),
            ("y >= 0", "D >= 0", "|c| >= 0", "D^2 within", "|c|^2 within", "small at V", "h >= 0"),
        ),
        shown(
            "grown >= 0",
            "a sum",
            nonnegative(grown),
            (1, ("D >= 0",)),
            (4, ("h >= 0", "D >= 0"), (B_,)),
            (2, ("h >= 0", "y at V >= 0")),
        ),
        shown(
            "D after squared",
            "its root",
            at_most(W_AFTER**2, grown**2),
            (1, ("spread after",)),
            using=("D^2 after",),
        ),
        Step(
            "D after",
            "the root",
            at_most(W_AFTER, grown),
            SquareRoot("D after squared", "grown >= 0"),
            ("D after squared", "grown >= 0"),
        ),
        shown(
            "2 h y",
            "sigma^2 <= 16/15 |c|^2 D^2",
            at_most(grown, W_ * (1 + rate)),
            *(
                (F(2, 15) * c, ("h >= 0", "D >= 0", "sigma^2 and |c|"), (B_**e,))
                for c, e in ((F(13), 0), (F(247, 6), 1), (F(61, 2), 2))
            ),
        ),
        Step(
            "tangent",
            "1 + t <= exp(t)",
            at_most(1 + rate, exponential(rate)),
            Axiom("tangent", (rate,)),
        ),
        shown(
            "D after and exp",
            "together",
            at_most(W_AFTER, W_ * exponential(rate)),
            (1, ("D after",)),
            (1, ("2 h y",)),
            (1, ("D >= 0", "tangent")),
        ),
        shown(
            "slacks",
            "1/(5 + 4 b) falls in b",
            at_most(B_AFTER, B_),
            (1, ("contraction",)),
            (contraction, ("h >= 0", "|c| >= 0")),
        ),
        shown(
            "order of slacks",
            "as |c+| <= |c|",
            at_most(i, j),
            (4, ("slacks", "slack >= 0", "slack >= 0 after")),
            using=("1/(5 + 4 |c|)", "1/(5 + 4 |c|) after"),
        ),
        shown(
            "fall of p",
            "p is concave",
            at_most(F(25, 2) * contraction * H * B_ * i**2, potential(V) - potential(AFTER)),
            (F(25, 2), ("slacks", "slack >= 0", "order of slacks")),
            (F(25, 2), ("contraction",), (i,)),
            using=("1/(5 + 4 |c|)", "1/(5 + 4 |c|) after"),
        ),
        Step(
            "scalar",
            "a polynomial in D and |c|",
            at_most(power * scalar, F(25, 2) * contraction),
            PolynomialCertificate(
                _POWERS, {W_: 4, B_: 17}, {B_: tuple(F(k, 6) for k in range(1, 20))}
            ),
            _SIGNS,
        ),
        shown(
            "scalar by slack",
            "divided by (5 + 4 b)^2",
            at_most(scalar, F(25, 2) * contraction * i**2),
            (1, ("scalar",), (i,)),
            using=("1/(5 + 4 |c|)",),
        ),
        shown(
            "g |c+|^2",
            "g (1 - h) = 1",
            at_most(
                GAMMA * B_AFTER**2,
                GAMMA * B_**2 - 4 * H * B_**2 + F(8, 3) * H * B_ * SIGMA2 * PULLED,
            ),
            (1, ("g >= 0", "gain of the centre")),
            (2, ("g <= 4/3", "|c| >= 0", "moved >= 0")),
            using=("g",),
        ),
        shown(
            "sigma^2 S squared",
            "sigma^2 <= 16/15 |c|^2 D^2",
            at_most(F(8, 3) * SIGMA2 * PULLED, pull),
            (F(8, 45), ("sigma^2 and |c|", "S >= 0")),
        ),
        shown(
            "exponents",
            "all together",
            at_most(rate + weight_after, weight(H, V)),
            (1, ("g |c+|^2",)),
            (1, ("fall of p",)),
            (1, ("h >= 0", "|c| >= 0", "scalar by slack")),
            (1, ("h >= 0", "|c| >= 0", "sigma^2 S squared")),
            using=("|c|^2", "|c|^2 after"),
        ),
        Step(
            "exponentials",
            "the exponential grows",
            at_most(exponential(rate + weight_after), exponential(weight(H, V))),
            ExponentialGrows(),
            ("exponents",),
        ),
        Step(
            "product",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(rate + weight_after), exponential(rate) * exponential(weight_after)),
            Axiom("exponential of a sum", (rate, weight_after)),
        ),
        Step("exp(w+) >= 0", "a square", nonnegative(exponential(weight_after)), ExponentialSign()),
        shown(
            "energy",
            "D exp(w) does not increase",
            at_most(energy(H, AFTER), energy(H, V)),
            (1, ("exp(w+) >= 0", "D after and exp")),
            (1, ("D >= 0", "exponentials")),
            using=("product",),
        ),
    )
