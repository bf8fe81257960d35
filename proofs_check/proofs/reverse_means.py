"""Corollary of Theorem R: the means themselves converge, with a rate for the last step."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derive.algebra.index import atom
from proofs_check.proofs.descent import differentiation_step
from proofs_check.proofs.dynamics import LastIsLeast, SumOverSteps
from proofs_check.proofs.lemma import Lemma
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import Expression, at_most, equal, nonnegative, positive
from proofs_check.proofs.reverse_limits import MeansWords, means_steps
from proofs_check.proofs.rules import Bound, Cancel, Combination, NonnegativeFactor
from proofs_check.proofs.theorem_r import theorem_r

_SCOPE = "all n, d, weights, initializations"
_SOURCE = "derived for this project, from Theorem R"
_THEOREM_CITES = "Jensen, Cauchy-Schwarz, Popoviciu"


def _weight_signs(w: MeansWords) -> tuple[Step, ...]:
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
    w = MeansWords()
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
        *means_steps(w, factor * w.dimension),
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


def _hypotheses(w: MeansWords, rate: Expression, excess: Expression) -> tuple[Hypothesis, ...]:
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


def _sums(w: MeansWords, rate: Expression) -> tuple[Step, ...]:
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
    w: MeansWords, rate: Expression, excess: Expression, factor: Expression
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
