"""The words and the constants of Theorem R and of what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derive.algebra.index import Polynomial, atom, dot
from derive.algebra.vocabulary import centred, covariance, covariance_times, mean
from derive.losses.objectives import REVERSE
from proofs_check.proofs.descent import COMPONENTS_AND_COORDINATES, DescentWords, descent_words
from proofs_check.proofs.proof import Step
from proofs_check.proofs.quantities import Glossary, nonnegative
from proofs_check.proofs.rules import Square, Squares

BOTH = COMPONENTS_AND_COORDINATES
PSI = atom("psi", "j0")


@dataclass(frozen=True)
class Constants:
    """The constants of Theorem R; changed ones make the proof fail.

    Attributes
    ----------
    gradient : number
        ``|grad R|^2 <= gradient pi_max M (R + E|C|^2)``.
    step : number
        ``step eta pi_max M <= 1``.
    decrease : number
        ``|V+|^2 <= |V|^2 - decrease eta (R + E|C|^2)``.
    flow : number
        ``flow t R(t) <= |V(0)|^2``.
    diameter : number
        ``|v_i - v_k|^2 <= diameter |V|^2``.
    variance : number
        ``variance tr C^3 <= D^2 tr C^2``.
    """

    gradient: Fraction | int = 4
    step: Fraction | int = 2
    decrease: Fraction | int = 2
    flow: Fraction | int = 4
    diameter: Fraction | int = 2
    variance: Fraction | int = 4


class ReverseWords:
    """The symbols, collected in `glossary`; those of one step of descent are in `one`."""

    def __init__(self) -> None:
        words = self.glossary = Glossary()
        self.one: DescentWords = descent_words(words, REVERSE, "R")
        own = covariance_times(lambda b: centred("j0", b), "a0")
        self.force = mean("a0") + own
        square = (covariance("a8", "a9") * covariance("a8", "a9")).sum_over("a8", "a9")
        cube = (covariance("a7", "a8") * covariance("a8", "a9") * covariance("a7", "a9")).sum_over(
            "a7", "a8", "a9"
        )
        average = words.expectation
        self.loss = average(
            "R", "student", dot(mean(), mean()), "the reverse Fisher divergence E_p|m|^2"
        )
        self.spread = average(
            "E|C|^2", "student", square, "E_p of tr C^2, C the posterior covariance", r"E_p|C|_F^2"
        )
        self.cube = average(
            "E tr C^3", "student", cube, "E_p of tr C^3", r"E_p\operatorname{tr}C^3"
        )
        self._of_the_gradient()
        self._of_the_trace()
        self._of_the_run()

    def _of_the_gradient(self) -> None:
        words, force = self.glossary, self.force
        average = words.expectation
        meaning = "F_ja = m_a + (C (v_j - m))_a"
        self.f = average(
            "f_ja", "student", PSI * force, f"E_p[psi_j F_ja], {meaning}", "f_{ja}", BOTH
        )
        self.s = average(
            "s_ja", "student", PSI * force * force, "E_p[psi_j F_ja^2]", "s_{ja}", BOTH
        )
        self.mass = average("p_j", "student", PSI, "E_p[psi_j]", "p_j", ("j0",))
        self.weight = words.pointwise("pi_j", atom("pi", "j0"), "the weights", r"\pi_j", ("j0",))
        self.heaviest = words.largest(
            "pi_max", self.weight, ("j0",), "the largest weight", r"\pi_{\max}"
        )
        self.bound = words.parameter("M", "max(1, |V_0|^2/2), or any larger number")

    def _of_the_trace(self) -> None:
        words = self.glossary
        row = covariance("a0", "a9")

        def apart(label: str) -> Polynomial:
            return atom("v", "j0", label) - atom("v", "j1", label)

        self.apart, self.row = apart, row
        pair = ("j0", "j1")
        self.place = words.pointwise(
            "y_ja", dot(row, atom("v", "j0", "a9")), "(C v_j)_a", "y_{ja}", BOTH
        )
        self.gap = words.pointwise(
            "z_jka", dot(row, apart("a9")), "(C (v_j - v_k))_a", "z_{jka}", (*pair, "a0")
        )
        self.row_square = words.pointwise(
            "(C^2)_aa", dot(row, row), "diagonal of C^2", "(C^2)_{aa}", ("a0",)
        )
        cubed = (row * covariance("a9", "a8") * covariance("a0", "a8")).sum_over("a8", "a9")
        self.row_cube = words.pointwise("(C^3)_aa", cubed, "diagonal of C^3", "(C^3)_{aa}", ("a0",))
        self.distance = words.pointwise(
            "|v_j-v_k|^2", dot(apart("a9"), apart("a9")), "squared distances", r"|v_j-v_k|^2", pair
        )
        self.diameter = words.largest(
            "D^2", self.distance, pair, "the largest squared distance of two means", "D^2"
        )

    def _of_the_run(self) -> None:
        words, one = self.glossary, self.one
        self.losses = words.series(
            "sum R", self.loss, "the sum of R over the first N steps", r"\textstyle\sum_k R_k"
        )
        self.spreads = words.series(
            "sum E|C|^2",
            self.spread,
            "the sum of E|C|^2 over the first N steps",
            r"\textstyle\sum_k E|C|_F^2",
        )
        self.least = words.least(
            "min R", self.loss, ("k",), "the least R of the first N steps", r"\min_k R_k"
        )
        self.rate = words.total(
            "d|V|^2/dt",
            -2 * one.mean * one.gradient,
            BOTH,
            "derivative of |V|^2 along the flow",
            r"\tfrac{d}{dt}|V|^2",
        )
        self.loss_rate = words.total(
            "dR/dt", -(one.gradient**2), BOTH, "derivative of R along the flow", r"\tfrac{d}{dt}R"
        )
        self.time = words.parameter("T", "a time of the gradient flow v' = -grad R")
        self.at_time = words.parameter("|V(T)|^2", "|V|^2 at time T", "|V(T)|^2")
        self.loss_at_time = words.parameter("R(T)", "R at time T")


def dissipation_signs(w: ReverseWords) -> tuple[Step, ...]:
    """``0 <= R`` and ``0 <= E|C|^2``."""
    return (
        Step(
            "loss",
            "R is the mean of a square",
            nonnegative(w.loss),
            Squares((Square(mean("a0"), ("a0",)),), "student"),
        ),
        Step(
            "spread",
            "E|C|^2 is the mean of a sum of squares",
            nonnegative(w.spread),
            Squares((Square(covariance("a0", "a1"), ("a0", "a1")),), "student"),
        ),
    )
