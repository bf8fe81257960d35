"""Theorem F, second part: the limit is the truth, with a rate.

``S >= y e^2 |V|^4``, where ``e <= E_q[psi_j]`` for every component: the dissipation is not small
unless all means are near the truth. So ``|V|^2`` decreases like ``1/k``.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.forward_region import ETA, GAP, ONE, RUN, P, S, excess
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics.arithmetic import Cancel, Exponential, Positive
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.extremes import Bound, Member
from proofs_check.proofs.tactics.language import (
    C_,
    D_,
    START,
    A,
    B,
    J,
    K,
    V,
    X,
    at_most,
    count,
    define,
    delta,
    exponential,
    following,
    least,
    mean_q,
    nonnegative,
    pi,
    positive,
    psi,
    real,
    total,
    v,
)
from proofs_check.proofs.tactics.score import forward_loss, k_, square
from proofs_check.proofs.tactics.score_steps import HALF, mean_square, mu, score
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Cases,
    Combination,
    Discharge,
    Induction,
    Instance,
    Oracle,
    Square,
    Squares,
)

#: ``s = sum_j psi_j |v_j|^2``, ``e = min_j pi_j exp(-P/2)``, and ``y``, at most 1/(d + 4P).
moment = define("s", total(psi(V, J) * v(V, J, A) ** 2, J, A), V, X)
MEAN_MOMENT = mean_q(moment(V, X))
MEAN_SQUARE = mean_q(moment(V, X) ** 2)
MASS = mean_q(psi(V, J))
FLOOR = define("e", least(pi(J) * exponential(-HALF * real("P")), J), real("P"), latex="e")(P)
SHARE = real("y")
COUNT = count(k_)
_AT_K = RUN.at(k_)


def rate(k: Term, floor_power: int) -> Term:
    """``b = 2 eta kappa y e^2``."""
    return 2 * ETA * k * SHARE * FLOOR**floor_power


def rate_at(b: Term, k: Term) -> Term:
    """``b (k + 4) |V_k|^2 <= 1``."""
    return at_most(b * (count(k) + 4) * square(RUN.at(k)), 1)


def decay_at(b: Term, k: Term) -> Term:
    """``(1 + b k P) |V_k|^2 <= P``."""
    return at_most((1 + b * count(k) * P) * square(RUN.at(k)), P)


def limit_hypotheses(b: Term) -> tuple[Hypothesis, ...]:
    """What is assumed of ``y``, and of the induction."""
    return (
        Hypothesis("y >= 0", nonnegative(SHARE), "y is not negative"),
        Hypothesis("y and d", at_most((D_ + 4 * P) * SHARE, 1), "y <= 1/(d + 4P)"),
        Hypothesis("P > 0", positive(P), "the usual case", temporary=True),
        Hypothesis("P <= 0", at_most(P, 0), "the start is the truth", temporary=True),
        Hypothesis("rate at k", rate_at(b, k_), "b (k + 4) |V_k|^2 <= 1", temporary=True),
        Hypothesis("decay at k", decay_at(b, k_), "(1 + b k P) |V_k|^2 <= P", temporary=True),
    )


def limit_steps(k: Term, b: Term) -> tuple[Step, ...]:
    """From the one-step inequality to ``b (k + 4) |V_k|^2 <= 1``."""
    return (*_moment_steps(), *_floor_steps(), *_rate_bound_steps(k, b), *_counting_steps(k, b))


def _moment_steps() -> tuple[Step, ...]:
    """``y s^2 <= |m|^2 + |X|^2``."""
    s, y = moment(V, X), SHARE
    diagonal = excess(V, X, A, A) - excess(V, X, B, B)
    return (
        Step(
            "trace of X",
            "tr X = s - 2|m|^2; (tr X)^2 <= d |X|^2 by squares",
            at_most((s - 2 * mu) ** 2, D_ * GAP),
            Squares(
                (
                    Square(diagonal, (A, B), HALF),
                    Square(excess(V, X, A, B), (A, B, C_), 1, (1 - delta(A, B),)),
                )
            ),
        ),
        Step(
            "|m|^4 and P",
            "2 m.Cm >= 0 in the bound of the variance",
            at_most(mu**2, P * mu),
            Combination(((1, ("variance and P",)), (2, ("m.Cm >= 0",)))),
            ("variance and P", "m.Cm >= 0"),
        ),
        Step("d >= 1", "there is a coordinate", at_most(1, D_), Axiom("coordinates", ())),
        Step(
            "d >= 0", "so", nonnegative(D_), Combination(((1, ("d >= 1",)), (1, ()))), ("d >= 1",)
        ),
        Step(
            "s^2",
            "Cauchy-Schwarz: s = tr X + 2|m|^2, (tr X)^2 <= d |X|^2, |m|^4 <= P |m|^2",
            at_most(4 * D_ * P * s**2, 4 * D_ * P * (D_ + 4 * P) * (mu + GAP)),
            Combination(
                (
                    (4, ("d >= 0", "P >= 0", "trace of X")),
                    (16, ("P >= 0", "P >= 0", "trace of X")),
                    (4, ("d >= 0", "d >= 0", "|m|^4 and P")),
                    (16, ("d >= 0", "P >= 0", "|m|^4 and P")),
                ),
                ((1, 4 * P * (s - 2 * mu) - 2 * D_ * mu),),
            ),
            ("d >= 0", "P >= 0", "trace of X", "|m|^4 and P"),
        ),
        Step(
            "s^2 times y",
            "y <= 1/(d + 4P)",
            nonnegative(4 * D_ * P * (mu + GAP - y * s**2)),
            Combination(
                (
                    (1, ("y >= 0", "s^2")),
                    (4, ("d >= 0", "P >= 0", "|m|^2 >= 0", "y and d")),
                    (4, ("d >= 0", "P >= 0", "|X|^2 >= 0", "y and d")),
                )
            ),
            ("y >= 0", "s^2", "d >= 0", "P >= 0", "|m|^2 >= 0", "|X|^2 >= 0", "y and d"),
        ),
        Step(
            "4 d P > 0",
            "a product",
            positive(4 * D_ * P),
            Combination(((4, ("P > 0",)), (4, ("P >= 0", "d >= 1")))),
            ("P > 0", "P >= 0", "d >= 1"),
        ),
        Step(
            "s^2 and S for P > 0",
            "4 d P divided out",
            at_most(y * s**2, mu + GAP),
            Cancel("4 d P > 0", "s^2 times y"),
            ("4 d P > 0", "s^2 times y"),
        ),
        Step(
            "s >= 0",
            "a sum of squares",
            nonnegative(s),
            Squares((Square(v(V, J, A), (J, A), 1, (psi(V, J),)),)),
        ),
        Step(
            "s <= |V|^2",
            "responsibilities are at most 1",
            at_most(s, square(V)),
            Squares((Square(v(V, J, A), (J, K, A), 1, (psi(V, K), 1 - delta(J, K))),)),
        ),
        Step(
            "s^2 and S for P <= 0",
            "s^2 <= P s",
            at_most(y * s**2, mu + GAP),
            Combination(
                (
                    (1, ("|m|^2 >= 0",)),
                    (1, ("|X|^2 >= 0",)),
                    (1, ("y >= 0", "s >= 0", "norm at k")),
                    (1, ("y >= 0", "s >= 0", "s <= |V|^2")),
                    (1, ("y >= 0", "s >= 0", "P <= 0")),
                )
            ),
            ("|m|^2 >= 0", "|X|^2 >= 0", "y >= 0", "s >= 0", "norm at k", "s <= |V|^2", "P <= 0"),
        ),
        Step(
            "s^2 and S",
            "in both cases",
            at_most(y * s**2, mu + GAP),
            Cases(P, number(0), "s^2 and S for P <= 0", "s^2 and S for P > 0"),
            ("s^2 and S for P <= 0", "s^2 and S for P > 0"),
        ),
        Step(
            "mean of s^2",
            "averaged under the teacher",
            at_most(y * MEAN_SQUARE, S),
            Average((TEACHER,)),
            ("s^2 and S",),
        ),
        Step(
            "square of the mean",
            "the square of a mean",
            at_most(MEAN_MOMENT**2, MEAN_SQUARE),
            CauchySchwarz(s),
        ),
    )


def _floor_steps() -> tuple[Step, ...]:
    """``y e^2 |V|^4 <= S``."""
    e, y, q = FLOOR, SHARE, mean_square(V, J)
    v2, each = square(V), pi(J) * exponential(-HALF * P)
    own = pi(J) * exponential(-HALF * q)
    return (
        Step(
            "|v_j|^2 >= 0", "a sum of squares", nonnegative(q), Squares((Square(v(V, J, A), (A,)),))
        ),
        Step(
            "|v_j|^2 <= |V|^2",
            "the others are not negative",
            at_most(q, v2),
            Squares((Square(v(V, K, A), (K, A), 1, (1 - delta(J, K),)),)),
        ),
        Step(
            "|v_j|^2 <= P",
            "inside the region",
            at_most(-HALF * P, -HALF * q),
            Combination(((HALF, ("|v_j|^2 <= |V|^2",)), (HALF, ("norm at k",)))),
            ("|v_j|^2 <= |V|^2", "norm at k"),
        ),
        Step(
            "exponentials",
            "the exponential increases",
            at_most(exponential(-HALF * P), exponential(-HALF * q)),
            Exponential(),
            ("|v_j|^2 <= P",),
        ),
        Step("weights", "weights", positive(pi(J)), Axiom("weight", (J,))),
        Step("least", "e is the least", at_most(e, each), Member(e, (J,))),
        Step(
            "floor of a responsibility",
            "E_q[psi_j] >= pi_j exp(-|v_j|^2/2)",
            at_most(own, MASS),
            Oracle("floor", (V, J)),
        ),
        Step(
            "floor",
            "E_q[psi_j] >= pi_j exp(-|v_j|^2/2) >= min_j pi_j exp(-P/2)",
            at_most(e, MASS),
            Combination(
                (
                    (1, ("least",)),
                    (1, ("weights", "exponentials")),
                    (1, ("floor of a responsibility",)),
                )
            ),
            ("least", "weights", "exponentials", "floor of a responsibility"),
        ),
        Step(
            "floor times square",
            "times |v_j|^2",
            at_most(e * q, MASS * q),
            Combination(((1, ("floor", "|v_j|^2 >= 0")),)),
            ("floor", "|v_j|^2 >= 0"),
        ),
        Step(
            "floor summed",
            "added over the components",
            at_most(e * v2, MEAN_MOMENT),
            Average((J,)),
            ("floor times square",),
        ),
        Step(
            "|V|^2 >= 0",
            "a sum of squares",
            nonnegative(v2),
            Squares((Square(v(V, J, A), (J, A)),)),
        ),
        Step(
            "E s >= 0",
            "the mean of a sum of squares",
            nonnegative(MEAN_MOMENT),
            Squares((Square(v(V, J, A), (J, A), 1, (psi(V, J),)),), TEACHER),
        ),
        Step(
            "each floor", "an exponential is positive", nonnegative(each), Positive(), ("weights",)
        ),
        Step("e >= 0", "so is the least", nonnegative(e), Bound((J,), "least"), ("each floor",)),
        Step(
            "floor squared",
            "the product of E s - e|V|^2 and E s + e|V|^2",
            at_most(e**2 * v2**2, MEAN_MOMENT**2),
            Combination(
                (
                    (1, ("floor summed", "E s >= 0")),
                    (1, ("floor summed", "e >= 0", "|V|^2 >= 0")),
                )
            ),
            ("floor summed", "E s >= 0", "e >= 0", "|V|^2 >= 0"),
        ),
        Step(
            "dissipation and norm",
            "so S is bounded below by the norm",
            at_most(y * e**2 * v2**2, S),
            Combination(
                (
                    (1, ("y >= 0", "floor squared")),
                    (1, ("y >= 0", "square of the mean")),
                    (1, ("mean of s^2",)),
                )
            ),
            ("y >= 0", "floor squared", "square of the mean", "mean of s^2"),
        ),
        Step(
            "loss and norm",
            "L <= E_q[s] <= |V|^2",
            at_most(forward_loss(V), v2),
            Squares(
                (
                    Square(v(V, J, A) - score(A), (J, A), 1, (psi(V, J),)),
                    Square(v(V, J, A), (J, K, A), 1, (psi(V, K), 1 - delta(J, K))),
                ),
                TEACHER,
            ),
        ),
    )


def _rate_bound_steps(k: Term, b: Term) -> tuple[Step, ...]:
    """``b |V|^2 <= 1``, which the counting below needs."""
    e, y = FLOOR, SHARE
    return (
        Step(
            "kappa <= 1 for P <= 1",
            "kappa = 1 - kappa P",
            at_most(k, 1),
            Combination(((1, ("kappa >= 0", "P >= 0")),)),
            ("kappa >= 0", "P >= 0", "kappa for P <= 1"),
        ),
        Step(
            "kappa <= 1 for P > 1",
            "kappa = 1 - P^2 w",
            at_most(k, 1),
            Combination(((1, ("P >= 0", "P >= 0", "w >= 0")),)),
            ("P >= 0", "w >= 0", "kappa for P > 1"),
        ),
        Step(
            "kappa <= 1",
            "in both cases",
            at_most(k, 1),
            Cases(P, ONE, "kappa <= 1 for P <= 1", "kappa <= 1 for P > 1"),
            ("kappa <= 1 for P <= 1", "kappa <= 1 for P > 1"),
        ),
        Step(
            "2 eta <= kappa",
            "as M >= 1",
            at_most(2 * ETA, k),
            Combination(((1, ("largest step",)), (2, ("step size", "M >= 1")))),
            ("largest step", "step size", "M >= 1"),
        ),
        Step(
            "2 eta kappa <= 1",
            "1 - kappa^2 + kappa (kappa - 2 eta)",
            at_most(2 * ETA * k, 1),
            Combination(
                (
                    (1, ("kappa <= 1",)),
                    (1, ("kappa >= 0", "kappa <= 1")),
                    (1, ("kappa >= 0", "2 eta <= kappa")),
                )
            ),
            ("kappa <= 1", "kappa >= 0", "2 eta <= kappa"),
        ),
        Step(
            "e <= 1",
            "e is below E_q[psi_j] <= 1, for any j",
            at_most(e, 1),
            Combination(((1, ("floor",)), (1, ("responsibilities",)))),
            ("floor", "responsibilities"),
        ),
        Step(
            "e^2 <= 1",
            "so is its square",
            at_most(e**2, 1),
            Combination(((1, ("e <= 1",)), (1, ("e >= 0", "e <= 1")))),
            ("e <= 1", "e >= 0"),
        ),
        Step(
            "4 y P e^2 <= 1",
            "with y <= 1/(d + 4P)",
            at_most(4 * y * P * e**2, 1),
            Combination(
                (
                    (1, ("y and d",)),
                    (1, ("d >= 0", "y >= 0")),
                    (4, ("y >= 0", "P >= 0", "e^2 <= 1")),
                )
            ),
            ("y and d", "d >= 0", "y >= 0", "P >= 0", "e^2 <= 1"),
        ),
        Step(
            "b P <= 1/4",
            "together",
            at_most(b * P, Fraction(1, 4)),
            Combination(
                (
                    (Fraction(1, 4), ("2 eta kappa <= 1",)),
                    (HALF, ("step size", "kappa >= 0", "4 y P e^2 <= 1")),
                )
            ),
            ("2 eta kappa <= 1", "step size", "kappa >= 0", "4 y P e^2 <= 1"),
        ),
        Step("e^2 >= 0", "a square", nonnegative(e**2), Combination((), ((1, e),))),
        Step(
            "b >= 0",
            "a product",
            nonnegative(b),
            Combination(((2, ("step size", "kappa >= 0", "y >= 0", "e^2 >= 0")),)),
            ("step size", "kappa >= 0", "y >= 0", "e^2 >= 0"),
        ),
        Step(
            "b |V|^2 <= 1",
            "inside the region",
            at_most(b * square(V), 1),
            Combination(((1, ("b P <= 1/4",)), (1, ("b >= 0", "norm at k")), (Fraction(3, 4), ()))),
            ("b P <= 1/4", "b >= 0", "norm at k"),
        ),
    )


def _counting_steps(k: Term, b: Term) -> tuple[Step, ...]:
    """``b (k + 4) |V_k|^2 <= 1`` and ``(1 + b k P) |V_k|^2 <= P`` by induction over k."""
    v2, v2_k, after = square(V), square(_AT_K), square(RUN.at(following(k_)))
    loss = forward_loss(_AT_K)
    return (
        Step(
            "decrease",
            "with the lower bound of S",
            at_most(square(RUN.after(V)), v2 - b * v2**2),
            Combination(
                (
                    (1, ("one step",)),
                    (2, ("step size", "kappa >= 0", "dissipation and norm")),
                )
            ),
            ("one step", "step size", "kappa >= 0", "dissipation and norm"),
        ),
        *along_the_run(
            ("decrease", at_most(after, v2_k - b * v2_k**2)),
            ("b |V|^2 <= 1", at_most(b * v2_k, 1)),
            ("b >= 0", nonnegative(b)),
            ("b P <= 1/4", at_most(b * P, Fraction(1, 4))),
        ),
        Step("k >= 0", "a number of steps", nonnegative(COUNT), Axiom("steps", (k_,))),
        Step("|V_k|^2 >= 0", "at step k", nonnegative(v2_k), Instance({V: _AT_K}), ("|V|^2 >= 0",)),
        Step(
            "rate at k + 1",
            "1 - b(k + 5)|V+|^2 >= 1 - (k + 5)(t - t^2) = (1 - (k + 4) t)(1 - t) + t^2, "
            "t = b|V_k|^2",
            rate_at(b, following(k_)),
            Combination(
                (
                    (1, ("b >= 0 at k", "k >= 0", "decrease at k")),
                    (5, ("b >= 0 at k", "decrease at k")),
                    (1, ("rate at k", "b |V|^2 <= 1 at k")),
                ),
                ((1, b * v2_k),),
            ),
            ("b >= 0 at k", "k >= 0", "decrease at k", "rate at k", "b |V|^2 <= 1 at k"),
        ),
        Step(
            "rate at 0",
            "4 b P <= 1",
            rate_at(b, START),
            Combination(((4, ("b P <= 1/4 at k",)), (4, ("b >= 0 at k", "start")))),
            ("b P <= 1/4 at k", "b >= 0 at k", "start"),
        ),
        Step(
            "limit",
            "by induction: |V_k|^2 <= 1/(b (k + 4)), so all means tend to the truth",
            rate_at(b, k_),
            Induction(k_, "rate at 0", "rate at k + 1"),
            ("rate at 0", "rate at k + 1"),
        ),
        Step(
            "decay at k + 1",
            "P - (w - b w^2)(A + b P) = (P - w A)(1 - b w) + b^2 w^2 P, w = |V_k|^2, A = 1 + b k P",
            decay_at(b, following(k_)),
            Combination(
                (
                    (1, ("decrease at k",)),
                    (1, ("b >= 0 at k", "k >= 0", "P >= 0", "decrease at k")),
                    (1, ("b >= 0 at k", "P >= 0", "decrease at k")),
                    (1, ("decay at k", "b |V|^2 <= 1 at k")),
                    (1, ("P >= 0", *("b >= 0 at k", "|V_k|^2 >= 0") * 2)),
                )
            ),
            (
                "b >= 0 at k",
                "k >= 0",
                "P >= 0",
                "decrease at k",
                "decay at k",
                "b |V|^2 <= 1 at k",
                "|V_k|^2 >= 0",
            ),
        ),
        Step(
            "decay at 0",
            "the start",
            decay_at(b, START),
            Combination(((1, ("start",)),)),
            ("start",),
        ),
        Step(
            "decay",
            "by induction: |V_k|^2 <= P/(1 + b k P)",
            decay_at(b, k_),
            Induction(k_, "decay at 0", "decay at k + 1"),
            ("decay at 0", "decay at k + 1"),
        ),
        Step(
            "loss at k",
            "L_k <= |V_k|^2",
            at_most(loss, v2_k),
            Instance({V: _AT_K}),
            ("loss and norm",),
        ),
        Step(
            "last loss",
            "L_k <= |V_k|^2",
            at_most(b * (COUNT + 4) * loss, 1),
            Combination(
                (
                    (1, ("limit",)),
                    (1, ("b >= 0 at k", "k >= 0", "loss at k")),
                    (4, ("b >= 0 at k", "loss at k")),
                )
            ),
            ("limit", "b >= 0 at k", "k >= 0", "loss at k"),
        ),
        Step(
            "L >= 0",
            "the mean of a square",
            nonnegative(forward_loss(V)),
            Squares((Square(score(A), (A,)),), TEACHER),
        ),
        Step("L_k >= 0", "at step k", nonnegative(loss), Instance({V: _AT_K}), ("L >= 0",)),
        Step(
            "last loss squared",
            "L_k^2 <= |V_k|^4 <= P/(b (k + 4))",
            at_most(b * (COUNT + 4) * loss**2, P),
            Combination(
                (
                    (1, ("norm at every k",)),
                    (1, ("|V_k|^2 >= 0", "limit")),
                    (1, ("b >= 0 at k", "k >= 0", "loss at k", "|V_k|^2 >= 0")),
                    (1, ("b >= 0 at k", "k >= 0", "loss at k", "L_k >= 0")),
                    (4, ("b >= 0 at k", "loss at k", "|V_k|^2 >= 0")),
                    (4, ("b >= 0 at k", "loss at k", "L_k >= 0")),
                )
            ),
            (
                *("norm at every k", "|V_k|^2 >= 0", "limit", "b >= 0 at k", "k >= 0"),
                *("loss at k", "L_k >= 0"),
            ),
        ),
    )


def along_the_run(*claims: tuple[str, Term]) -> tuple[Step, ...]:
    """Steps shown at any state of the region, at step k of the run."""
    steps: list[Step] = []
    for name, goal in claims:
        here = f"{name} if |V_k|^2 <= P"
        steps += [
            Step(here, "at step k", goal, Instance({V: _AT_K}), (name,)),
            Step(
                f"{name} at k",
                "where the norm's bound is shown",
                goal,
                Discharge(here, ("norm at every k",)),
                (here, "norm at every k"),
            ),
        ]
    return tuple(steps)
