"""The truth is the only stationary point of the reverse loss."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derive.algebra.index import ONE, atom
from derive.algebra.vocabulary import covariance
from proofs_check.proofs.classical import CauchySchwarz
from proofs_check.proofs.descent import differentiation_step
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import Expression, at_most, equal, nonnegative, positive
from proofs_check.proofs.reverse_words import BOTH, ReverseWords, dissipation_signs
from proofs_check.proofs.rules import (
    Average,
    Cancel,
    Combination,
    Derived,
    Member,
    Replayed,
    Square,
    Squares,
    Vanishes,
)


class MeansWords(ReverseWords):
    """The words of Theorem R, and those of the means themselves."""

    def __init__(self) -> None:
        super().__init__()
        words, v = self.glossary, self.one.mean
        trace = covariance("a9", "a9").sum_over("a9")
        self.trace_at = words.pointwise("tr C", trace, "trace of C", r"\operatorname{tr}C")
        self.square_at = words.pointwise(
            "|C|^2",
            (covariance("a8", "a9") * covariance("a8", "a9")).sum_over("a8", "a9"),
            "tr C^2",
            "|C|_F^2",
        )
        self.dimension = words.pointwise("d", atom("dimension"), "the dimension")
        self.trace = words.expectation(
            "E tr C", "student", trace, "E_p of tr C", r"E_p\operatorname{tr}C"
        )
        self.trace_square = words.expectation(
            "E (tr C)^2",
            "student",
            trace * trace,
            "E_p of (tr C)^2",
            r"E_p(\operatorname{tr}C)^2",
        )
        self.lightest = words.least(
            "pi_min", self.weight, ("j0",), "the least weight", r"\pi_{\min}"
        )
        self.weighted = words.total(
            "W", self.weight * v**2, BOTH, "sum_j pi_j |v_j|^2", r"\textstyle\sum_j\pi_j|v_j|^2"
        )


def means_steps(w: MeansWords, dimension: Expression) -> tuple[Step, ...]:
    """``pi_min |V|^2 <= W = R + E tr C`` and ``(E tr C)^2 <= d E|C|^2``."""
    v = w.one.mean
    same = atom("delta_coordinate", "a0", "a1")
    return (
        Step(
            "masses",
            "psi_j p is pi_j times the j-th component",
            None,
            Replayed("responsibility-mass"),
        ),
        Step("lightest", "no weight is below the least", at_most(w.lightest, w.weight), Member()),
        Step("squares", "v_ja^2", nonnegative(v**2), Squares((Square(v),))),
        Step(
            "one mean",
            "each coordinate of each mean",
            at_most(w.lightest * v**2, w.weight * v**2),
            Combination(((1, ("lightest", "squares")),)),
            ("lightest", "squares"),
        ),
        Step(
            "all means",
            "summed",
            at_most(w.lightest * w.one.square, w.weighted),
            Average(BOTH),
            ("one mean",),
        ),
        Step(
            "weighted square",
            "E_p[sum_j psi_j |v_j|^2] = E_p[|m|^2 + tr C]",
            equal(w.weighted, w.loss + w.trace),
            Derived(),
            ("masses",),
        ),
        Step(
            "trace at x",
            "the trace against the Frobenius norm",
            at_most(w.trace_at**2, w.dimension * w.square_at),
            CauchySchwarz(
                w.trace_at,
                w.dimension,
                w.square_at,
                same,
                covariance("a0", "a1"),
                over=("a0", "a1"),
            ),
        ),
        Step(
            "trace averaged",
            "averaged under the student",
            at_most(w.trace_square, dimension * w.spread),
            Average((), "student"),
            ("trace at x",),
        ),
        Step(
            "mean trace",
            "the square of a mean is at most the mean of the square",
            at_most(w.trace**2, w.trace_square),
            CauchySchwarz(
                w.trace,
                w.trace_square,
                sympy.Integer(1),
                w.trace_at,
                ONE,
                base="student",
                cites="Jensen",
            ),
        ),
        Step(
            "trace",
            "together",
            at_most(w.trace**2, dimension * w.spread),
            Combination(((1, ("mean trace",)), (1, ("trace averaged",)))),
            ("mean trace", "trace averaged"),
        ),
        *dissipation_signs(w),
    )


def no_other_stationary_point(*, domination: Fraction | int = 4) -> Proof:
    """The truth is the only stationary point of the reverse loss.

    Parameters
    ----------
    domination : number
        ``domination (R + E|C|^2)^2 <= |V|^2 |grad R|^2``; above four the proof fails.
    """
    w = MeansWords()
    one, total = w.one, w.loss + w.spread
    constant = sympy.sympify(domination)
    hypotheses = (
        Hypothesis("stationary", equal(one.gradient_square, 0), "the gradient vanishes"),
        Hypothesis("lightest weight", positive(w.lightest), "the weights are positive", True),
    )
    steps = (
        differentiation_step(),
        Step(
            "I2",
            "the radial derivative",
            equal(one.radial, 2 * total),
            Derived(),
            ("differentiation",),
        ),
        Step(
            "radial",
            "the radial derivative is a scalar product",
            at_most(one.radial**2, one.square * one.gradient_square),
            CauchySchwarz(
                one.radial, one.square, one.gradient_square, one.mean, one.gradient, over=BOTH
            ),
        ),
        Step(
            "domination",
            "the gradient dominates the dissipation",
            at_most(constant * total**2, one.square * one.gradient_square),
            Combination(((1, ("radial",)),), ((4 - constant, total),)),
            ("radial", "I2"),
        ),
        Step(
            "square of the dissipation",
            "at a stationary point",
            at_most(total**2, 0),
            Combination(((1 / constant, ("domination",)),)),
            ("domination", "stationary"),
        ),
        Step("dissipation", "so", equal(total, 0), Vanishes(), ("square of the dissipation",)),
        *means_steps(w, w.dimension),
        Step(
            "spread at most zero",
            "R is not negative",
            at_most(w.spread, 0),
            Combination(((1, ("loss",)),)),
            ("loss", "dissipation"),
        ),
        Step(
            "no spread",
            "so E|C|^2 vanishes",
            equal(w.spread, 0),
            Vanishes(),
            ("spread at most zero", "spread"),
        ),
        Step(
            "square of the trace",
            "and with it the trace",
            at_most(w.trace**2, 0),
            Combination(((1, ("trace",)),)),
            ("trace", "no spread"),
        ),
        Step("no trace", "so", equal(w.trace, 0), Vanishes(), ("square of the trace",)),
        Step(
            "weighted means",
            "W = R + E tr C = 0",
            nonnegative(w.lightest * -one.square),
            Combination(((1, ("all means",)),)),
            ("all means", "weighted square", "no trace", "no spread", "dissipation"),
        ),
        Step(
            "truth",
            "divided by the least weight: every mean is at the truth",
            at_most(one.square, 0),
            Cancel("lightest weight", "weighted means"),
            ("lightest weight", "weighted means"),
        ),
    )
    return Proof(
        "R-stationary",
        "The truth is the only stationary point of the reverse loss",
        "4 (R + E_p|C|^2)^2 <= |V|^2 |grad R|^2; if grad R = 0 then V = 0",
        r"4(R+E_p|C|_F^2)^2\le|V|^2|\nabla R|^2,\quad \nabla R=0\Rightarrow V=0",
        "derived for this project (brief, claim R3)",
        "all n, d, weights",
        w.glossary,
        hypotheses,
        steps,
        ("domination", "truth"),
    )
