"""What follows from Theorem R: the means converge; the truth is the only stationary point."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derive.index import ONE, atom
from derive.vocabulary import covariance
from proofs_check.proofs.classical import CauchySchwarz
from proofs_check.proofs.descent import differentiation_step
from proofs_check.proofs.dynamics import LastIsLeast, SumOverSteps
from proofs_check.proofs.lemma import Lemma
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import (
    Expression,
    at_most,
    equal,
    nonnegative,
    positive,
)
from proofs_check.proofs.reverse_words import BOTH, ReverseWords, dissipation_signs
from proofs_check.proofs.rules import (
    Average,
    Bound,
    Cancel,
    Combination,
    Derived,
    Member,
    NonnegativeFactor,
    Replayed,
    Square,
    Squares,
    Vanishes,
)
from proofs_check.proofs.theorem_r import theorem_r

_SCOPE = "all n, d, weights, initializations"
_SOURCE = "derived for this project, from Theorem R"
_THEOREM_CITES = "Jensen, Cauchy-Schwarz, Popoviciu"


class _Words(ReverseWords):
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


def _means_steps(w: _Words, dimension: Expression) -> tuple[Step, ...]:
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


def _weight_signs(w: _Words) -> tuple[Step, ...]:
    """Weights, their least, and the dimension are not negative."""
    return (
        Step(
            "positive weights",
            "weights",
            nonnegative(w.weight),
            NonnegativeFactor(atom("pi", "j0")),
        ),
        Step(
            "positive lightest",
            "so is the least",
            nonnegative(w.lightest),
            Bound(),
            ("positive weights",),
        ),
        Step(
            "positive dimension",
            "the dimension",
            nonnegative(w.dimension),
            NonnegativeFactor(atom("dimension")),
        ),
    )


def convergence_of_means(*, dimension_factor: Fraction | int = 1) -> Proof:
    """Corollary of Theorem R: ``pi_min |V_N|^2 <= e + sqrt(d e)``, ``e = |V_0|^2/(2 eta N)``.

    Parameters
    ----------
    dimension_factor : number
        ``(E tr C)^2 <= factor d E|C|^2``; below one the proof fails.

    Examples
    --------
    >>> from proofs_check.proofs.proof import replay
    >>> replay(convergence_of_means(dimension_factor=Fraction(99, 100))).failed[0].step.name
    'trace averaged'
    """
    w = _Words()
    rate = w.glossary.parameter("e", "|V_0|^2/(2 eta N)", r"\varepsilon")
    excess = w.glossary.parameter("s", "pi_min |V_N|^2 - e")
    factor = sympy.sympify(dimension_factor)
    steps = (
        differentiation_step(),
        Step(
            "decrease",
            "Theorem R",
            at_most(w.one.following, w.one.square - 2 * w.one.step_size * (w.loss + w.spread)),
            Lemma(theorem_r, "decrease", _THEOREM_CITES),
            ("step size", "bound at least one", "bound at least half", "step bound"),
        ),
        *_means_steps(w, factor * w.dimension),
        *_weight_signs(w),
        *_sums(w, rate),
        *_last_step(w, rate, excess, factor),
    )
    return Proof(
        "R-means",
        "Under Theorem R's hypotheses the means converge to the truth, with a rate",
        "with e = |V_0|^2/(2 eta N): pi_min |V_N|^2 <= e + sqrt(d e) "
        "(that is, (pi_min |V_N|^2 - e)^2 <= d e where the left side is not below e)",
        r"\pi_{\min}|V_N|^2\le\varepsilon+\sqrt{d\,\varepsilon},\quad"
        r" \varepsilon=\frac{|V_0|^2}{2\eta N}",
        _SOURCE,
        _SCOPE,
        w.glossary,
        _hypotheses(w, rate, excess),
        steps,
        ("means",),
        ("The last step is bounded, not the best one; the rate is not sharp.",),
    )


def _hypotheses(w: _Words, rate: Expression, excess: Expression) -> tuple[Hypothesis, ...]:
    needed = {"bound at least one", "bound at least half", "step bound", "step size", "last square"}
    one, count = w.one, w.one.count
    return (
        *(h for h in theorem_r().hypotheses if h.name in needed),
        Hypothesis("a step", positive(one.step_size), "the step size is positive"),
        Hypothesis("steps", positive(count), "there is at least one step"),
        Hypothesis(
            "rate", equal(2 * one.step_size * count * rate, one.first), "the meaning of e", True
        ),
        Hypothesis("excess", equal(excess, w.lightest * one.last - rate), "the meaning of s", True),
        Hypothesis("case", nonnegative(excess), "pi_min |V_N|^2 >= e, else nothing is to be shown"),
    )


def _sums(w: _Words, rate: Expression) -> tuple[Step, ...]:
    """``sum R + sum E|C|^2 <= N e``."""
    one, eta, count = w.one, w.one.step_size, w.one.count
    bound = 2 * count * rate - 2 * w.losses - 2 * w.spreads
    return (
        Step(
            "telescope",
            "added over the steps",
            at_most(2 * eta * (w.losses + w.spreads), one.first - one.last),
            SumOverSteps(count, one.update, one.last),
            ("decrease",),
        ),
        Step(
            "sums times the step",
            "with e for |V_0|^2",
            nonnegative(eta * bound),
            Combination(((1, ("telescope",)), (1, ("last square",)))),
            ("telescope", "last square", "rate"),
        ),
        Step(
            "sums",
            "divided by the step size",
            nonnegative(bound),
            Cancel("a step", "sums times the step"),
            ("a step", "sums times the step"),
        ),
        *(
            Step(
                f"{name} added", "over the steps", nonnegative(total), SumOverSteps(count), (name,)
            )
            for name, total in (("loss", w.losses), ("spread", w.spreads))
        ),
    )


def _last_step(
    w: _Words, rate: Expression, excess: Expression, factor: Expression
) -> tuple[Step, ...]:
    """From every step to the last mean."""
    one, count = w.one, w.one.count
    dimension, last = factor * w.dimension, w.lightest * w.one.last
    return (
        Step(
            "no increase",
            "|V|^2 does not increase",
            at_most(one.following, one.square),
            Combination(
                ((1, ("decrease",)), (2, ("step size", "loss")), (2, ("step size", "spread")))
            ),
            ("decrease", "step size", "loss", "spread"),
        ),
        Step(
            "last is least",
            "so |V_N|^2 is below every earlier one",
            at_most(one.last, one.square),
            LastIsLeast(one.update, one.last),
            ("no increase",),
        ),
        Step(
            "each step",
            "2 s pi_min |V_N|^2 <= 2 s W, and 2 s E tr C <= d E|C|^2 + s^2",
            at_most(2 * excess * last, 2 * excess * w.loss + dimension * w.spread + excess**2),
            Combination(
                (
                    (2, ("case", "all means")),
                    (2, ("case", "positive lightest", "last is least")),
                    (1, ("trace",)),
                ),
                ((1, w.trace - excess),),
            ),
            ("case", "all means", "weighted square", "positive lightest", "last is least", "trace"),
        ),
        Step(
            "every step",
            "added over the steps",
            at_most(
                2 * excess * count * last,
                2 * excess * w.losses + dimension * w.spreads + count * excess**2,
            ),
            SumOverSteps(count),
            ("each step",),
        ),
        Step(
            "with the rate",
            "2 s N (s + e) <= (2 s + d) N e + N s^2",
            nonnegative(count * (dimension * rate - excess**2)),
            Combination(
                (
                    (1, ("every step",)),
                    (1, ("case", "sums")),
                    (2, ("case", "spread added")),
                    (factor / 2, ("positive dimension", "sums")),
                    (factor, ("positive dimension", "loss added")),
                )
            ),
            (
                "every step",
                "case",
                "sums",
                "spread added",
                "positive dimension",
                "loss added",
                "excess",
            ),
        ),
        Step(
            "means",
            "divided by N: s^2 <= d e",
            at_most(excess**2, dimension * rate),
            Cancel("steps", "with the rate"),
            ("steps", "with the rate"),
        ),
    )


def no_other_stationary_point(*, domination: Fraction | int = 4) -> Proof:
    """The truth is the only stationary point of the reverse loss.

    Parameters
    ----------
    domination : number
        ``domination (R + E|C|^2)^2 <= |V|^2 |grad R|^2``; above four the proof fails.
    """
    w = _Words()
    one, total = w.one, w.loss + w.spread
    constant = sympy.sympify(domination)
    hypotheses = (
        Hypothesis("stationary", equal(one.gradient_square, 0), "the gradient vanishes"),
        Hypothesis("lightest weight", positive(w.lightest), "the weights are positive", True),
    )
    steps = (
        differentiation_step(),
        Step("I2", "the radial derivative", equal(one.radial, 2 * total), Derived()),
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
        *_means_steps(w, w.dimension),
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
