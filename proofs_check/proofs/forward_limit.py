"""Theorem F, second part: the limit is the truth, with a rate.

``S >= y e^2 |V|^4``, where ``e <= E_q[psi_j]`` for every component: the dissipation is not small
unless all means are near the truth. So ``|V|^2`` decreases like ``1/k``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derive.algebra.index import Polynomial, atom
from derive.algebra.vocabulary import mean
from proofs_check.proofs.classical import CauchySchwarz
from proofs_check.proofs.descent import DescentWords
from proofs_check.proofs.dynamics import AtEveryStep
from proofs_check.proofs.forward_region import FIRST_CASE, SECOND_CASE, RegionWords, excess
from proofs_check.proofs.proof import Hypothesis, Step
from proofs_check.proofs.quantities import Expression, Glossary, at_most, equal, nonnegative
from proofs_check.proofs.reasoning import Cases, CountedInduction, ResponsibilityFloor
from proofs_check.proofs.rules import Average, Combination, Square, Squares
from proofs_check.proofs.score_words import AB, PSI, distinct


@dataclass(frozen=True)
class LimitWords:
    """Symbols of the rate, with what is assumed of them."""

    floor: Expression
    share: Expression
    rate: Expression
    counter: Expression
    dimension: Expression
    moment: Expression
    mean_moment: Expression
    mean_square: Expression
    mass: Expression
    hypotheses: tuple[Hypothesis, ...]


def _moment() -> Polynomial:
    """``sum_j psi_j |v_j|^2``."""
    return (PSI * atom("v", "j0", "a9") * atom("v", "j0", "a9")).sum_over("j0", "a9")


def limit_words(
    words: Glossary, one: DescentWords, region: RegionWords, floor_power: int
) -> LimitWords:
    """Introduce the symbols and their defining hypotheses."""
    floor = words.parameter("e", "min_j pi_j exp(-P/2)", "e")
    share = words.parameter("y", "min(1/(2d), 1/(8P))", "y")
    rate = words.parameter("b", "2 eta kappa y e^2", "b")
    k = words.functional("k", "the number of steps done", "k")
    d = words.pointwise("d", atom("dimension"), "the dimension", "d")
    moment = _moment()
    p = region.bound
    value = 2 * one.step_size * region.kappa * share * floor**floor_power
    return LimitWords(
        floor,
        share,
        rate,
        k,
        d,
        words.pointwise("s", moment, "sum_j psi_j |v_j|^2", "s"),
        words.expectation("E s", "teacher", moment, "its mean", "E[s]"),
        words.expectation("E s^2", "teacher", moment * moment, "the mean of its square", "E[s^2]"),
        words.expectation("c_j", "teacher", PSI, "E_q[psi_j]", "c_j", ("j0",)),
        (
            Hypothesis("e >= 0", nonnegative(floor), "e is positive", by_definition=True),
            Hypothesis("y >= 0", nonnegative(share), "y is positive", by_definition=True),
            Hypothesis("y and d", at_most(2 * d * share, 1), "y <= 1/(2d)", by_definition=True),
            Hypothesis("y and P", at_most(8 * p * share, 1), "y <= 1/(8P)", by_definition=True),
            Hypothesis("b", equal(rate, value), "the rate", by_definition=True),
            Hypothesis("k >= 0", nonnegative(k), "a number of steps", by_definition=True),
            Hypothesis(
                "rate at k", at_most(rate * k * one.square, 1), "b k |V_k|^2 <= 1", temporary=True
            ),
        ),
    )


def limit_steps(
    words: Glossary, one: DescentWords, region: RegionWords, limit: LimitWords
) -> tuple[Step, ...]:
    """From the one-step inequality to ``b k |V_k|^2 <= 1``."""
    return (
        *_moment_steps(region, limit),
        *_floor_steps(one, region, limit),
        *_rate_bound_steps(one, region, limit),
        *_counting_steps(one, region, limit),
    )


def _moment_steps(region: RegionWords, limit: LimitWords) -> tuple[Step, ...]:
    """``y s^2 <= |m|^2 + |X|^2``."""
    mu, gap, s, y, d = region.one.mu, region.gap, limit.moment, limit.share, limit.dimension
    diagonal = excess("a0", "a0") - excess("a1", "a1")
    return (
        Step(
            "trace of X",
            "tr X = s - 2|m|^2; (tr X)^2 <= d |X|^2 by squares",
            at_most((s - 2 * mu) ** 2, d * gap),
            Squares(
                (
                    Square(diagonal, AB, Fraction(1, 2)),
                    Square(excess(*AB), (*AB, "a2"), 1, (distinct("a0", "a1"),)),
                )
            ),
        ),
        Step(
            "|m|^4 and P",
            "2 m.Cm >= 0 in the bound of the variance",
            at_most(mu**2, region.bound * mu),
            Combination(((1, ("variance and P",)), (2, ("m.Cm >= 0",)))),
            ("variance and P", "m.Cm >= 0"),
        ),
        Step(
            "s^2",
            "2 (tr X)^2 + 8|m|^4 - s^2 = (s - 4|m|^2)^2",
            at_most(s**2, 2 * d * gap + 8 * region.bound * mu),
            Combination(((2, ("trace of X",)), (8, ("|m|^4 and P",))), ((1, s - 4 * mu),)),
            ("trace of X", "|m|^4 and P"),
        ),
        Step(
            "s^2 and S",
            "times y = min(1/(2d), 1/(8P))",
            at_most(y * s**2, mu + gap),
            Combination(
                (
                    (1, ("y >= 0", "s^2")),
                    (1, ("y and d", "|X|^2 >= 0")),
                    (1, ("y and P", "|m|^2 >= 0")),
                )
            ),
            ("y >= 0", "s^2", "y and d", "|X|^2 >= 0", "y and P", "|m|^2 >= 0"),
        ),
        Step(
            "mean of s^2",
            "averaged under the teacher",
            at_most(y * limit.mean_square, region.dissipation),
            Average(base="teacher"),
            ("s^2 and S",),
        ),
        Step(
            "square of the mean",
            "the square of a mean",
            at_most(limit.mean_moment**2, limit.mean_square),
            CauchySchwarz(
                limit.mean_moment, limit.mean_square, 1, _moment(), base="teacher", cites="Jensen"
            ),
        ),
    )


def _floor_steps(one: DescentWords, region: RegionWords, limit: LimitWords) -> tuple[Step, ...]:
    """``y e^2 |V|^4 <= S``."""
    e, y, q = limit.floor, limit.share, region.one.mean_square
    ms, v2 = limit.mean_moment, one.square
    return (
        Step(
            "floor",
            "E_q[psi_j] >= pi_j exp(-|v_j|^2/2) >= min_j pi_j exp(-P/2)",
            at_most(e, limit.mass),
            ResponsibilityFloor(e, limit.mass, v2, region.bound),
            ("norm at k",),
        ),
        Step("|v_j|^2 >= 0", "a sum of squares", nonnegative(q),
             Squares((Square(atom("v", "j0", "a0"), ("a0",)),))),
        Step("floor times square", "times |v_j|^2", at_most(e * q, limit.mass * q),
             Combination(((1, ("floor", "|v_j|^2 >= 0")),)), ("floor", "|v_j|^2 >= 0")),
        Step("floor summed", "added over the components", at_most(e * v2, ms), Average(("j0",)),
             ("floor times square",)),
        Step("|V|^2 >= 0", "a sum of squares", nonnegative(v2),
             Squares((Square(atom("v", "j0", "a0"), ("j0", "a0")),))),
        Step("E s >= 0", "the mean of a sum of squares", nonnegative(ms),
             Squares((Square(atom("v", "j0", "a0"), ("j0", "a0"), 1, (PSI,)),), "teacher")),
        Step(
            "floor squared",
            "the product of E s - e|V|^2 and E s + e|V|^2",
            at_most(e**2 * v2**2, ms**2),
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
            at_most(y * e**2 * v2**2, region.dissipation),
            Combination(
                (
                    (1, ("y >= 0", "floor squared")),
                    (1, ("y >= 0", "square of the mean")),
                    (1, ("mean of s^2",)),
                )
            ),
            ("y >= 0", "floor squared", "square of the mean", "mean of s^2"),
        ),
        Step("loss and norm", "L <= E_q[s] <= |V|^2",
             at_most(region.loss, v2),
             Squares((
                 Square(atom("u", "j0", "a0"), ("j0", "a0"), 1, (PSI,)),
                 Square(atom("v", "j0", "a0"), ("j0", "j1", "a0"), 1,
                        (atom("psi", "j1"), distinct("j0", "j1"))),
             ), "teacher")),
    )  # fmt: skip


def _rate_bound_steps(
    one: DescentWords, region: RegionWords, limit: LimitWords
) -> tuple[Step, ...]:
    """``b |V|^2 <= 1``, which the counting below needs."""
    eta, kappa, p = one.step_size, region.kappa, region.bound
    e, y, b = limit.floor, limit.share, limit.rate
    return (
        Step("P squared", "a square", nonnegative(p**2), Combination((), ((1, p),))),
        Step("kappa <= 1 for P <= 1", "kappa = 1 - kappa P", at_most(kappa, 1),
             Combination(((1, ("kappa >= 0", "P >= 0")),)),
             ("kappa >= 0", "P >= 0", "kappa for P <= 1")),
        Step("kappa <= 1 for P >= 1", "kappa = 1 - P^2 w", at_most(kappa, 1),
             Combination(((1, ("P squared", "w >= 0")),)),
             ("P squared", "w >= 0", "kappa for P >= 1")),
        Step("kappa <= 1", "in both cases", at_most(kappa, 1),
             Cases("kappa <= 1 for P <= 1", "kappa <= 1 for P >= 1", FIRST_CASE, SECOND_CASE,
                   (kappa, region.inverse)),
             ("kappa <= 1 for P <= 1", "kappa <= 1 for P >= 1", "1 <= 1 + P", "1 <= 3P - 1")),
        Step("2 eta <= kappa", "as M >= 1", at_most(2 * eta, kappa),
             Combination(((1, ("largest step",)), (2, ("step size", "M >= 1")))),
             ("largest step", "step size", "M >= 1")),
        Step("2 eta kappa <= 1", "1 - kappa^2 + kappa (kappa - 2 eta)", at_most(2 * eta * kappa, 1),
             Combination(((1, ("kappa <= 1",)), (1, ("kappa >= 0", "kappa <= 1")),
                          (1, ("kappa >= 0", "2 eta <= kappa")))),
             ("kappa <= 1", "kappa >= 0", "2 eta <= kappa")),
        Step("e <= 1", "e is below E_q[psi_j] <= 1", at_most(e, 1),
             Combination(((1, ("floor",)), (1, ("responsibilities",)))),
             ("floor", "responsibilities")),
        Step("e^2 <= 1", "so is its square", at_most(e**2, 1),
             Combination(((1, ("e <= 1",)), (1, ("e >= 0", "e <= 1")))), ("e <= 1", "e >= 0")),
        Step("8 y P e^2 <= 1", "with y <= 1/(8P)", at_most(8 * y * p * e**2, 1),
             Combination(((1, ("y and P",)), (8, ("y >= 0", "P >= 0", "e^2 <= 1")))),
             ("y and P", "y >= 0", "P >= 0", "e^2 <= 1")),
        Step("b P <= 1", "together", at_most(b * p, 1),
             Combination(((1, ("2 eta kappa <= 1",)),
                          (Fraction(7, 4), ("step size", "kappa >= 0")),
                          (Fraction(1, 4), ("step size", "kappa >= 0", "8 y P e^2 <= 1")))),
             ("2 eta kappa <= 1", "step size", "kappa >= 0", "8 y P e^2 <= 1", "b")),
        Step("e^2 >= 0", "a square", nonnegative(e**2), Combination((), ((1, e),))),
        Step("b >= 0", "a product", nonnegative(b),
             Combination(((2, ("step size", "kappa >= 0", "y >= 0", "e^2 >= 0")),)),
             ("step size", "kappa >= 0", "y >= 0", "e^2 >= 0", "b")),
        Step("b |V|^2 <= 1", "inside the region", at_most(b * one.square, 1),
             Combination(((1, ("b P <= 1",)), (1, ("b >= 0", "norm at k")))),
             ("b P <= 1", "b >= 0", "norm at k")),
    )  # fmt: skip


def _counting_steps(one: DescentWords, region: RegionWords, limit: LimitWords) -> tuple[Step, ...]:
    """``b k |V_k|^2 <= 1`` by induction over k."""
    b, k, v2, after = limit.rate, limit.counter, one.square, one.following
    y = b * v2
    return (
        Step(
            "decrease",
            "with the lower bound of S",
            at_most(after, v2 - b * v2**2),
            Combination(
                (
                    (1, ("one step",)),
                    (2, ("step size", "kappa >= 0", "dissipation and norm")),
                )
            ),
            ("one step", "step size", "kappa >= 0", "dissipation and norm", "b"),
        ),
        Step(
            "rate at k + 1",
            "1 - b(k + 1)|V+|^2 >= 1 - (k + 1)(t - t^2) = (1 - k t)(1 - t) + t^2, t = b|V_k|^2",
            at_most(b * (k + 1) * after, 1),
            Combination(
                (
                    (1, ("b >= 0", "k >= 0", "decrease")),
                    (1, ("b >= 0", "decrease")),
                    (1, ("rate at k", "b |V|^2 <= 1")),
                ),
                ((1, y),),
            ),
            ("b >= 0", "k >= 0", "decrease", "rate at k", "b |V|^2 <= 1"),
        ),
        Step(
            "next rate",
            "the norm's bound at every k no longer is an assumption",
            at_most(b * (k + 1) * after, 1),
            AtEveryStep("norm at k", "rate at k + 1", "norm at every k"),
            ("rate at k + 1", "norm at every k"),
        ),
        Step("rate at 0", "trivially", at_most(0 * b, 1), Combination(((1, ()),))),
        Step(
            "limit",
            "by induction: |V_k|^2 <= 1/(b k), so all means tend to the truth",
            at_most(b * k * v2, 1),
            CountedInduction("rate at k", "rate at 0", "next rate", one.update, k),
            ("rate at 0", "next rate"),
        ),
        Step(
            "last loss",
            "L_k <= |V_k|^2",
            at_most(b * k * region.loss, 1),
            Combination(((1, ("limit",)), (1, ("b >= 0", "k >= 0", "loss and norm")))),
            ("limit", "b >= 0", "k >= 0", "loss and norm"),
        ),
        Step(
            "L >= 0",
            "the mean of a square",
            nonnegative(region.loss),
            Squares((Square(mean("a0"), ("a0",)),), "teacher"),
        ),
        Step(
            "last loss squared",
            "L_k^2 <= |V_k|^4 <= P/(b k)",
            at_most(b * k * region.loss**2, region.bound),
            Combination(
                (
                    (1, ("norm at every k",)),
                    (1, ("|V|^2 >= 0", "limit")),
                    (1, ("b >= 0", "k >= 0", "loss and norm", "|V|^2 >= 0")),
                    (1, ("b >= 0", "k >= 0", "loss and norm", "L >= 0")),
                )
            ),
            (
                "norm at every k",
                "|V|^2 >= 0",
                "limit",
                "b >= 0",
                "k >= 0",
                "loss and norm",
                "L >= 0",
            ),
        ),
    )
