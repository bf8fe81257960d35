"""Theorem A: from an exponentially small radius descent with steps to n/4 reaches Theorem F.

With ``g = 1/(1 - h)``, ``h`` the step over n, the number ``D exp(g |c|^2 + p(|c|))`` does not
increase while ``|V|^2 >= 1``; ``p`` is bounded, ``|c|`` shrinks by a factor a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.cluster_drift import (
    CENTRE,
    TOTAL,
    cluster_steps,
)
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_tactics import (
    Absurd,
    Certificate,
    ExponentialBeyond,
    ExponentialOfNumber,
    Minkowski,
)
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
    cluster_hypotheses,
    deviation,
    spread,
)
from proofs_check.proofs.kernel import Term, Theorem
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.bounds import (
    ExponentialGrows,
    ExponentialSign,
    InductionWhile,
    Instantiated,
    NoOdds,
    RootOf,
    SquareRoot,
)
from proofs_check.proofs.tactics.language import (
    N_,
    START,
    V_0,
    A,
    J,
    V,
    at_most,
    below,
    count,
    define,
    equal,
    exponential,
    following,
    inverse,
    least_steps,
    nonnegative,
    positive,
    root,
    step,
    term,
    total,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step, Tactic
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Bound,
    Cases,
    Derived,
    Discharge,
    Instance,
    Member,
    Premises,
    Reciprocal,
    Square,
    Squares,
)

F = Fraction
RADIUS, CONTRACTION, LARGEST, TIME = F(1, 40), F(9, 5), F(1, 4), F(18, 5)
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
#: Steps: an earlier one, any, the last one.
I_, M_, LAST = step("i"), step("m"), step("K")
E_K, E_0, B_0 = energy(H, RUN.at(M_)), energy(H, V_0), distance(V_0)


def _shown(name: str, why: str, goal: Term, *products: object, using: tuple[str, ...] = ()) -> Step:
    """A step by a certificate; what it uses is read off its products."""
    names = dict.fromkeys(n for _, used, *_ in products for n in used)  # type: ignore[misc]
    rows = tuple((c, used, tuple(rest[0]) if rest else ()) for c, used, *rest in products)  # type: ignore[misc]
    return Step(name, why, goal, Certificate(rows), tuple(dict.fromkeys((*names, *using))))


def theorem_a(
    *,
    radius: Fraction = RADIUS,
    contraction: Fraction = CONTRACTION,
    largest: Fraction = LARGEST,
    time: Fraction = TIME,
) -> Script:
    """Theorem A, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    radius : Fraction
        ``D_0 exp(|c_0|^2/(1 - h)) <= radius``.
    contraction : Fraction
        ``|c+| <= (1 - contraction h) |c|`` while outside.
    largest : Fraction
        ``h <= largest``: steps up to ``n`` times that.
    time : Fraction
        ``|V|^2 <= 1`` by step k if ``16 n |c_0|^2 exp(-time h k) < 15``.

    Examples
    --------
    >>> theorem_a().scope
    'all n, d, uniform weights, D_0 <= exp(-|c_0|^2/(1 - eta/n))/40, steps to n/4'
    """
    invariant = 2 * radius
    kept = ("uniform", "h >= 0")
    hypotheses = (
        *(
            Hypothesis(h.name, h.formula, h.meaning, temporary=h.name not in kept)
            for h in cluster_hypotheses()
        ),
        Hypothesis("largest h", at_most(H, largest), "eta = h n <= n/4"),
        Hypothesis(
            "radius",
            at_most(width(V_0) * exponential(inverse(1 - H) * centre_square(V_0)), radius),
            "the radius: the exponent is that of the linear growth",
        ),
        Hypothesis("outside", at_most(1, square(V)), "not yet in the region", temporary=True),
        Hypothesis("within", at_most(energy(H, V), invariant), "the invariant", temporary=True),
        Hypothesis("outside so far", at_most(1, _least(M_)), "|V_i|^2 >= 1 up to step m"),
        Hypothesis("condition", _outside(M_), "the same", temporary=True),
        Hypothesis("energy at k", at_most(E_K, energy(H, V_0)), "so far", temporary=True),
        Hypothesis(
            "distance at k", at_most(_scaled(M_, contraction), B_0), "so far", temporary=True
        ),
        Hypothesis(
            "time",
            below(16 * N_ * centre_square(V_0), 15 * exponential(time * H * count(LAST))),
            "K is large enough",
        ),
        Hypothesis("not outside", below(term(-1), -_least(LAST)), "the other case", temporary=True),
        Hypothesis(
            "i < k + 1", below(count(I_), count(following(M_))), "an earlier step", temporary=True
        ),
    )
    steps = (
        *cluster_steps(),
        *_number_steps(largest),
        *_state_steps(invariant),
        *_centre_steps(contraction),
        *_energy_steps(contraction),
        *_run_steps(radius, contraction, time),
    )
    return Script(
        "A",
        "From an exponentially small radius all components converge",
        "derived for this project (brief, second part, Theorem A, with the exponent |c|^2/(1 - h))",
        hypotheses,
        steps,
        ("D along the run", "c along the run", "entry"),
        (
            (width, "the root of the sum of |v_j - c|^2"),
            (distance, "the distance of the centre c, the mean of the v_j, from the truth"),
            (square, "the sum of all |v_j|^2"),
        ),
        scope="all n, d, uniform weights, D_0 <= exp(-|c_0|^2/(1 - eta/n))/40, steps to n/4",
        remarks=(
            "entry: one of the steps up to k has |V|^2 <= 1; from that step on Theorem F, with any "
            "step size up to 1/4",
        ),
    )


def _least(k: Term) -> Term:
    """``min_(i <= k) |V_i|^2``."""
    return least_steps(square(RUN.at(I_)), I_, following(k))


def _outside(k: Term) -> Term:
    """``-min_(i <= k) |V_i|^2 <= -1``."""
    return at_most(-_least(k), term(-1))


def _scaled(k: Term, contraction: Fraction) -> Term:
    """``|c_k| exp(contraction h k)``."""
    return distance(RUN.at(k)) * exponential(contraction * H * count(k))


def _number_steps(largest: Fraction) -> tuple[Step, ...]:
    """``1 <= g <= 4/3``."""
    return (
        _shown("1 - h > 0", "h <= 1/4", positive(1 - H), (1, ("largest h",)), (1 - largest, ())),
        Step("g", "its reciprocal", equal((1 - H) * GAMMA, 1), Reciprocal(), ("1 - h > 0",)),
        Step("g^2", "a square", nonnegative(GAMMA**2), Squares((Square(GAMMA),))),
        _shown(
            "g >= 0", "g = g^2 (1 - h)", nonnegative(GAMMA), (1, ("1 - h > 0", "g^2")), using=("g",)
        ),
        _shown("g >= 1", "g - 1 = g h", at_most(1, GAMMA), (1, ("g >= 0", "h >= 0")), using=("g",)),
        _shown(
            "g <= 4/3",
            "g h <= g/4",
            at_most(GAMMA, F(4, 3)),
            (F(4, 3), ("g >= 0", "largest h")),
            using=("g",),
        ),
        _shown(
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
        _shown(
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
        _shown(
            f"slack >= 0{name}",
            "a positive number times a square",
            nonnegative(slack(of)),
            (1, (f"5 + 4 |c| > 0{name}", f"slack^2{name}")),
            using=(f"1/(5 + 4 |c|){name}",),
        ),
    )


def _state_steps(invariant: Fraction) -> tuple[Step, ...]:
    """At a state outside the region and within the invariant: the Key Lemma applies."""
    return (
        *_roots(V, ""),
        *_roots(AFTER, " after"),
        _shown(
            "p >= 0", "a product", nonnegative(potential(V)), (F(5, 2), ("|c| >= 0", "slack >= 0"))
        ),
        _shown(
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
        _shown(
            "D and |c|",
            "so D is small against |c|",
            at_most(W_ * POWER, invariant),
            (1, ("within",)),
            (1, ("D >= 0", "power")),
            (1, ("D >= 0", "exp(|c|^2)")),
            using=("|c|^2",),
        ),
        _shown(
            "D (1 + |c|^2)",
            "the power is larger",
            at_most(4 * W_ * (1 + B_**2), 4 * invariant),
            (4, ("D and |c|",)),
            (F(3, 2), ("D >= 0",), (B_**2,)),
            (F(1, 4), ("D >= 0",), (B_**3,)),
            (F(1, 64), ("D >= 0",), (B_**4,)),
        ),
        _shown(
            "small at V",
            "the Key Lemma's condition",
            at_most(4 * W_ * (1 + B_**2), 1),
            (1, ("D (1 + |c|^2)",)),
            (1 - 4 * invariant, ()),
        ),
        _shown(
            "4 D <= 1",
            "|c|^2 >= 0",
            at_most(4 * W_, 1),
            (1, ("small at V",)),
            (4, ("D >= 0",), (B_,)),
        ),
        _shown("D^2 within", "trivially", at_most(D2, W_**2), using=("D^2",)),
        _shown("|c|^2 within", "trivially", at_most(C2, B_**2), using=("|c|^2",)),
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
        _shown(
            "16 D^2 <= 1",
            "D <= 1/4",
            at_most(16 * W_**2, 1),
            (4, ("D >= 0", "4 D <= 1")),
            (1, ("4 D <= 1",)),
        ),
        _shown(
            "16 n |c|^2",
            "outside, the centre is far",
            at_most(15, 16 * N_ * centre_square(V)),
            (16, ("outside",)),
            (1, ("16 D^2 <= 1",)),
            using=("D and c at V", "D^2"),
        ),
        _shown(
            "15/n",
            "divided by n",
            at_most(15 * U, 16 * B_**2),
            (1, ("u >= 0", "16 n |c|^2")),
            using=("1/n", "|c|^2"),
        ),
        _shown(
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


def _centre_steps(contraction: Fraction) -> tuple[Step, ...]:
    """``|c+| <= (1 - 9/5 h) |c|``."""
    kept, moved = (1 - 2 * H) * centre(V, A), centre(AFTER, A) - (1 - 2 * H) * centre(V, A)
    bound = (1 - 2 * H) * B_ + H * SIGMA2 * PULLED
    centre_at = replaced(CENTRE, _AT)
    share = 2 - contraction
    return (
        _shown(
            "S >= 0",
            "a sum",
            nonnegative(PULLED),
            (F(33, 5), ("|c| >= 0",)),
            (F(39, 5), ("D >= 0",)),
            (F(24, 5), ("D >= 0",), (B_,)),
        ),
        _shown(
            "S^2",
            "what the Key Lemma gives",
            at_most(centre_at, PULLED**2),
            (F(33, 5) ** 2 - F(128, 3), (), (B_,)),
            (F(66, 5) * F(39, 5), ("|c| >= 0", "D >= 0")),
            (F(66, 5) * F(24, 5), ("|c| >= 0", "D >= 0"), (B_,)),
            *_difference(),
        ),
        _shown(
            "kept",
            "a part of c",
            at_most(total(kept**2, A), ((1 - 2 * H) * B_) ** 2),
            using=("|c|^2",),
        ),
        _shown(
            "kept >= 0",
            "h <= 1/2",
            nonnegative((1 - 2 * H) * B_),
            (1, ("1 - 2 h >= 0", "|c| >= 0")),
        ),
        _shown(
            "moved",
            "with S",
            at_most(total(moved**2, A), (H * SIGMA2 * PULLED) ** 2),
            (1, ("moved after",)),
            (1, ("S^2",), (H * SIGMA2,)),
        ),
        _shown(
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
        _shown(
            "c after",
            "the centre after the step",
            at_most(B_AFTER**2, bound**2),
            (1, ("c after by Minkowski",)),
            using=("|c|^2 after",),
        ),
        _shown(
            "bound >= 0", "a sum", nonnegative(bound), (1, ("kept >= 0",)), (1, ("moved >= 0",))
        ),
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
        _shown(
            "sigma^2 S",
            "so the centre is hardly pulled",
            at_most(SIGMA2 * PULLED, share * B_),
            (F(1, 15), ("sigma^2 and |c|", "S >= 0")),
            (1, ("pull of the spread", "|c| >= 0")),
        ),
        _shown(
            "contraction",
            "the centre approaches the truth",
            at_most(B_AFTER, (1 - contraction * H) * B_),
            (1, ("|c| after",)),
            (1, ("h >= 0", "sigma^2 S")),
        ),
        _shown(
            "gain of the centre",
            "what |c+|^2 has beyond the linear part",
            at_most(B_AFTER**2, (1 - 2 * H) ** 2 * B_**2 + 2 * H * B_ * SIGMA2 * PULLED),
            (1, ("c after",)),
            (1, ("moved >= 0", "h >= 0", "sigma^2 S")),
            (4 - share, ("moved >= 0", "h >= 0", "|c| >= 0")),
        ),
    )


def _difference() -> tuple[object, ...]:
    """``(39/5 + 24/5 b^2)^2 - 8 (2 alpha + 5/6)^2 - 80/3``, times ``D^2``."""
    return (
        (F(39, 5) ** 2 - 8 * F(61, 30) ** 2 - F(80, 3), (), (W_,)),
        (2 * F(39, 5) * F(24, 5) - 16 * F(61, 30) * F(5, 3), (), (W_ * B_,)),
        (F(24, 5) ** 2 - 8 * F(5, 3) ** 2, (), (W_ * B_**2,)),
    )


def _energy_steps(contraction: Fraction) -> tuple[Step, ...]:
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
        _shown(
            "grown >= 0",
            "a sum",
            nonnegative(grown),
            (1, ("D >= 0",)),
            (4, ("h >= 0", "D >= 0"), (B_,)),
            (2, ("h >= 0", "y at V >= 0")),
        ),
        _shown(
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
        _shown(
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
        _shown(
            "D after and exp",
            "together",
            at_most(W_AFTER, W_ * exponential(rate)),
            (1, ("D after",)),
            (1, ("2 h y",)),
            (1, ("D >= 0", "tangent")),
        ),
        _shown(
            "slacks",
            "1/(5 + 4 b) falls in b",
            at_most(B_AFTER, B_),
            (1, ("contraction",)),
            (contraction, ("h >= 0", "|c| >= 0")),
        ),
        _shown(
            "order of slacks",
            "as |c+| <= |c|",
            at_most(i, j),
            (4, ("slacks", "slack >= 0", "slack >= 0 after")),
            using=("1/(5 + 4 |c|)", "1/(5 + 4 |c|) after"),
        ),
        _shown(
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
        _shown(
            "scalar by slack",
            "divided by (5 + 4 b)^2",
            at_most(scalar, F(25, 2) * contraction * i**2),
            (1, ("scalar",), (i,)),
            using=("1/(5 + 4 |c|)",),
        ),
        _shown(
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
        _shown(
            "sigma^2 S squared",
            "sigma^2 <= 16/15 |c|^2 D^2",
            at_most(F(8, 3) * SIGMA2 * PULLED, pull),
            (F(8, 45), ("sigma^2 and |c|", "S >= 0")),
        ),
        _shown(
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
        _shown(
            "energy",
            "D exp(w) does not increase",
            at_most(energy(H, AFTER), energy(H, V)),
            (1, ("exp(w+) >= 0", "D after and exp")),
            (1, ("D >= 0", "exponentials")),
            using=("product",),
        ),
    )


def _run_steps(radius: Fraction, contraction: Fraction, time: Fraction) -> tuple[Step, ...]:
    """Along the run: as long as it is outside, and until it enters."""
    now, after = RUN.at(M_), RUN.at(following(M_))
    rise = contraction * H
    growth = exponential(rise * count(M_))
    linear = exponential(GAMMA * centre_square(V))
    pot = potential(V)
    outside = at_most(1, square(now))
    double = exponential(2 * contraction * H * count(LAST))
    single = exponential(contraction * H * count(LAST))
    end = RUN.at(LAST)
    linear_growth = at_most(
        width(now) * exponential(GAMMA * centre_square(now)),
        2 * width(V_0) * exponential(GAMMA * centre_square(V_0)),
    )
    approach = at_most(distance(after), (1 - rise) * distance(now))
    return (
        _shown(
            "p <= 5/8",
            "4 b < 5 + 4 b",
            at_most(pot, POTENTIAL_MOST),
            (F(25, 8), ("slack >= 0",)),
            using=("1/(5 + 4 |c|)",),
        ),
        Step(
            "exp(p)",
            "the exponential grows",
            at_most(exponential(pot), exponential(POTENTIAL_MOST)),
            ExponentialGrows(),
            ("p <= 5/8",),
        ),
        Step(
            "exp(5/8)",
            "a number",
            at_most(exponential(POTENTIAL_MOST), 2),
            ExponentialOfNumber(POTENTIAL_MOST),
        ),
        Step(
            "exp(w)",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(weight(H, V)), linear * exponential(pot)),
            Axiom("exponential of a sum", (GAMMA * centre_square(V), pot)),
        ),
        Step("exp(g |c|^2) >= 0", "a square", nonnegative(linear), ExponentialSign()),
        _shown(
            "E from above",
            "p is bounded",
            at_most(energy(H, V), 2 * W_ * linear),
            (1, ("D >= 0", "exp(g |c|^2) >= 0", "exp(p)")),
            (1, ("D >= 0", "exp(g |c|^2) >= 0", "exp(5/8)")),
            using=("exp(w)",),
        ),
        Step(
            "1 <= exp(p)",
            "1 + p <= exp(p)",
            at_most(1 + pot, exponential(pot)),
            Axiom("tangent", (pot,)),
        ),
        _shown(
            "E from below",
            "p >= 0",
            at_most(W_ * linear, energy(H, V)),
            (1, ("D >= 0", "exp(g |c|^2) >= 0", "1 <= exp(p)")),
            (1, ("D >= 0", "exp(g |c|^2) >= 0", "p >= 0")),
            using=("exp(w)",),
        ),
        Step(
            "E at 0 from above",
            "at the start",
            replaced(at_most(energy(H, V), 2 * W_ * linear), {V: V_0}),
            Instance({V: V_0}),
            ("E from above",),
        ),
        _shown(
            "E at 0",
            "the radius",
            at_most(E_0, 2 * radius),
            (1, ("E at 0 from above",)),
            (2, ("radius",)),
        ),
        _shown("k < k + 1", "one more step", below(count(M_), count(following(M_))), (1, ())),
        Step(
            "least at k",
            "a member",
            at_most(_least(M_), square(now)),
            Discharged(Member(_least(M_), (M_,)), "k < k + 1"),
            ("k < k + 1",),
        ),
        _shown(
            "outside at k",
            "outside up to k",
            outside,
            (1, ("least at k",)),
            (1, ("condition",)),
        ),
        _shown(
            "within at k",
            "the invariant",
            at_most(E_K, 2 * radius),
            (1, ("energy at k",)),
            (1, ("E at 0",)),
        ),
        Step(
            "energy after k",
            "one step",
            at_most(energy(H, after), E_K),
            Instantiated({V: now}, "energy"),
            ("energy", "outside at k", "within at k"),
        ),
        _shown(
            "energy at k + 1",
            "together",
            at_most(energy(H, after), E_0),
            (1, ("energy after k",)),
            (1, ("energy at k",)),
        ),
        _shown("energy at step 0", "the start", at_most(energy(H, RUN.at(START)), E_0)),
        Step(
            "i < k + 2",
            "i < k + 1",
            below(count(I_), count(following(following(M_)))),
            Certificate(((1, ("i < k + 1",), ()), (1, (), ()))),
            ("i < k + 1",),
        ),
        Step(
            "member i",
            "a member",
            at_most(_least(following(M_)), square(RUN.at(I_))),
            Discharged(Member(_least(following(M_)), (I_,)), "i < k + 2"),
            ("i < k + 2",),
        ),
        Step("0 <= k", "a number of steps", nonnegative(count(M_)), Axiom("steps", (M_,))),
        _shown("0 < k + 1", "one more", positive(count(following(M_))), (1, ("0 <= k",)), (1, ())),
        Step(
            "least falls",
            "the least of more",
            at_most(_least(following(M_)), _least(M_)),
            Discharged(Bound((I_,), "least_steps", (following(M_),)), "0 < k + 1"),
            ("member i", "0 < k + 1"),
        ),
        _shown(
            "outside is lost once",
            "the least falls",
            at_most(-_least(M_), -_least(following(M_))),
            (1, ("least falls",)),
        ),
        Step(
            "energy along the run",
            "by induction, as long as the run is outside",
            at_most(E_K, E_0),
            InductionWhile(
                M_, _outside(M_), "energy at step 0", "energy at k + 1", "outside is lost once"
            ),
            ("energy at step 0", "energy at k + 1", "outside is lost once"),
        ),
        Step(
            "E at k from below",
            "at step k",
            replaced(at_most(W_ * linear, energy(H, V)), {V: now}),
            Instance({V: now}),
            ("E from below",),
        ),
        _shown(
            "D while outside",
            "the linear growth, up to the factor 2",
            linear_growth,
            (1, ("E at k from below",)),
            (1, ("energy along the run",)),
            (1, ("E at 0 from above",)),
        ),
        _shown(
            "within along the run",
            "the invariant",
            at_most(E_K, 2 * radius),
            (1, ("energy along the run",)),
            (1, ("E at 0",)),
        ),
        Step(
            "c while outside",
            "the centre approaches the truth",
            approach,
            Instantiated({V: now}, "contraction"),
            ("contraction", "outside at k", "within along the run"),
        ),
        Step(
            "c at k >= 0", "a root", nonnegative(distance(now)), Instance({V: now}), ("|c| >= 0",)
        ),
        Step(
            "tangent of the rise",
            "1 - t <= exp(-t)",
            at_most(1 - rise, exponential(-rise)),
            Axiom("tangent", (-rise,)),
        ),
        Step("exp(t) >= 0", "a square", nonnegative(exponential(rise)), ExponentialSign()),
        Step("exp(h k) >= 0", "a square", nonnegative(growth), ExponentialSign()),
        Step(
            "exp(t) exp(-t)",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(rise - rise), exponential(rise) * exponential(-rise)),
            Axiom("exponential of a sum", (rise, -rise)),
        ),
        Step("exp(0)", "exp(0) = 1", equal(exponential(term(0)), 1), NoOdds()),
        Step(
            "exp at k + 1",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(rise * count(M_) + rise), growth * exponential(rise)),
            Axiom("exponential of a sum", (rise * count(M_), rise)),
        ),
        _shown(
            "distance at k + 1",
            "(1 - t) exp(t) <= 1",
            at_most(_scaled(following(M_), contraction), B_0),
            (1, ("exp(h k) >= 0", "exp(t) >= 0", "c while outside")),
            (1, ("exp(h k) >= 0", "exp(t) >= 0", "c at k >= 0", "tangent of the rise")),
            (1, ("distance at k",)),
            using=("exp at k + 1", "exp(t) exp(-t)", "exp(0)"),
        ),
        _shown(
            "distance at step 0",
            "the start",
            at_most(_scaled(START, contraction), B_0),
            using=("exp(0)",),
        ),
        Step(
            "distance along the run",
            "by induction, as long as the run is outside",
            at_most(_scaled(M_, contraction), B_0),
            InductionWhile(
                M_, _outside(M_), "distance at step 0", "distance at k + 1", "outside is lost once"
            ),
            ("distance at step 0", "distance at k + 1", "outside is lost once"),
        ),
        Step(
            "far at k",
            "outside",
            at_most(15, 16 * N_ * centre_square(now)),
            Instantiated({V: now}, "16 n |c|^2"),
            ("16 n |c|^2", "outside at k", "within along the run"),
        ),
        Step(
            "far at K",
            "at the last step",
            at_most(15, 16 * N_ * centre_square(end)),
            Instance({M_: LAST}),
            ("far at k",),
        ),
        Step(
            "distance at K",
            "at the last step",
            at_most(_scaled(LAST, contraction), B_0),
            Instance({M_: LAST}),
            ("distance along the run",),
        ),
        Step(
            "c at K >= 0", "a root", nonnegative(distance(end)), Instance({V: end}), ("|c| >= 0",)
        ),
        Step(
            "c at K",
            "its square",
            equal(distance(end) ** 2, centre_square(end)),
            Instance({V: end}),
            ("|c|^2",),
        ),
        Step(
            "c at 0",
            "its square",
            equal(B_0**2, centre_square(V_0)),
            Instance({V: V_0}),
            ("|c|^2",),
        ),
        Step("c at 0 >= 0", "a root", nonnegative(B_0), Instance({V: V_0}), ("|c| >= 0",)),
        Step("exp(h K) >= 0", "a square", nonnegative(single), ExponentialSign()),
        Step(
            "exp(2 h K)",
            "exp(2 t) = exp(t)^2",
            equal(double, single**2),
            Axiom(
                "exponential of a sum",
                (contraction * H * count(LAST), contraction * H * count(LAST)),
            ),
        ),
        _shown(
            "scaled squares",
            "both are not negative",
            at_most(centre_square(end) * single**2, centre_square(V_0)),
            (1, ("distance at K", "c at 0 >= 0")),
            (1, ("distance at K", "c at K >= 0", "exp(h K) >= 0")),
            using=("c at K", "c at 0"),
        ),
        _shown(
            "too far",
            "outside for so long",
            at_most(15 * exponential(time * H * count(LAST)), 16 * N_ * centre_square(V_0)),
            (16, ("n > 0", "scaled squares")),
            (1, ("far at K",), (single,)),
            using=("exp(2 h K)",),
        ),
        Step(
            "entry from outside",
            "this cannot be",
            at_most(_least(LAST), 1),
            Absurd("time", "too far"),
            ("time", "too far"),
        ),
        _shown(
            "entry from inside", "nothing to show", at_most(_least(LAST), 1), (1, ("not outside",))
        ),
        Step(
            "entry",
            "the run enters the region by step K",
            at_most(_least(LAST), 1),
            Cases(-_least(LAST), term(-1), "entry from outside", "entry from inside"),
            ("entry from outside", "entry from inside"),
        ),
        _shown("restated", "the same", _outside(M_), (1, ("outside so far",))),
        Step(
            "D along the run",
            "under the condition as stated",
            linear_growth,
            Discharge("D while outside", ("restated",)),
            ("D while outside", "restated"),
        ),
        Step(
            "c along the run",
            "the same",
            approach,
            Discharge("c while outside", ("restated",)),
            ("c while outside", "restated"),
        ),
    )


@dataclass(frozen=True)
class Discharged:
    """Another tactic, and then a hypothesis that a premise shows is cut.

    Attributes
    ----------
    tactic : Tactic
    shown : str
    """

    tactic: Tactic
    shown: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Prove without the premise, then cut."""
        rest = {name: p for name, p in premises.items() if name != self.shown}
        return kernel.cut(premises[self.shown], self.tactic.prove(goal, rest))
