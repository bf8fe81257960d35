"""Corollary of Theorem R: the means themselves converge, with a rate for the last step."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.kernel import Term
from proofs_check.proofs.reverse_limits import (
    lightest,
    lightest_weight_steps,
    mean_trace,
    means_steps,
)
from proofs_check.proofs.reverse_words import ETA, RUN, Constants, R, spread
from proofs_check.proofs.tactics.arithmetic import BelowRoot, Cancel, Reciprocal
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.language import (
    D_,
    V,
    at_most,
    below,
    count,
    define,
    equal,
    following,
    inverse,
    nonnegative,
    positive,
    real,
    root,
    state,
    step,
    total_steps,
)
from proofs_check.proofs.tactics.runs import Telescope
from proofs_check.proofs.tactics.score import N, k_, square
from proofs_check.proofs.tactics.score_steps import norm_is_square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Cases,
    Combination,
    Instance,
    Lemma,
    steps_before,
)
from proofs_check.proofs.theorem_r import hypotheses, theorem_r

_AT_K = RUN.at(k_)
#: ``e = |V_0|^2/(2 eta N)``.
_rate = define(
    "|{1}|^2/(2 {0} {2})",
    square(state("V")) * inverse(2 * real("eta") * count(step("N"))),
    real("eta"),
    state("V"),
    step("N"),
    latex=r"\frac{{|{1}|^2}}{{2{0}{2}}}",
)
RATE = _rate(ETA, RUN.start, N)
LAST = lightest * square(RUN.at(N))
EXCESS = LAST - RATE


def convergence_of_means(*, dimension_factor: Fraction | int = 1) -> Script:
    """Corollary of Theorem R: ``pi_min |V_N|^2 <= e + sqrt(d e)``, ``e = |V_0|^2/(2 eta N)``.

    Parameters
    ----------
    dimension_factor : number
        ``(E tr C)^2 <= factor d E|C|^2``; below one the proof fails.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.script import replay
    >>> replay(convergence_of_means(dimension_factor=Fraction(99, 100))).failed[0].step.name
    'trace averaged'
    """
    factor = Fraction(dimension_factor)
    dimension = factor * D_
    needed = ("step size", "bound at least one", "bound at least half", "step bound")
    steps = (
        Step(
            "decrease",
            "Theorem R",
            at_most(
                square(RUN.at(following(k_))),
                square(_AT_K) - 2 * ETA * (R(_AT_K) + spread(_AT_K)),
            ),
            Lemma(theorem_r, "decrease"),
            needed,
        ),
        *means_steps(dimension),
        *lightest_weight_steps(),
        Step(
            "positive dimension",
            "the dimension",
            at_most(1, D_),
            Axiom("coordinates"),
        ),
        *_sums(),
        *_last_step(dimension, factor),
    )
    return Script(
        "R-means",
        "Under Theorem R's hypotheses the means converge to the truth, with a rate",
        "derived for this project, from Theorem R",
        (
            *(h for h in hypotheses(Constants()) if h.name in needed),
            Hypothesis("a step", positive(ETA), "the step size is positive"),
            Hypothesis("steps", positive(count(N)), "there is at least one step"),
            Hypothesis("case", at_most(RATE, LAST), "the case that is not trivial", temporary=True),
            Hypothesis("other case", below(LAST, RATE), "the trivial case", temporary=True),
        ),
        steps,
        ("means",),
        scope="all n, d, weights, initializations",
        remarks=("The last step is bounded, not the best one; the rate is not sharp.",),
    )


def _sums() -> tuple[Step, ...]:
    """``sum R + sum E|C|^2 <= N e``."""
    losses, spreads = total_steps(R(_AT_K), k_, N), total_steps(spread(_AT_K), k_, N)
    bound = 2 * count(N) * RATE - 2 * losses - 2 * spreads
    parts = (("loss", R, losses), ("spread", spread, spreads))
    return (
        Step(
            "denominator",
            "2 eta N is positive",
            positive(2 * ETA * count(N)),
            Combination(((2, ("a step", "steps")),)),
            ("a step", "steps"),
        ),
        Step(
            "reciprocal",
            "so it has a reciprocal",
            equal(2 * ETA * count(N) * inverse(2 * ETA * count(N)), 1),
            Reciprocal(),
            ("denominator",),
        ),
        Step(
            "rate",
            "2 eta N e = |V_0|^2",
            equal(2 * ETA * count(N) * RATE, square(RUN.start)),
            Combination(),
            ("reciprocal",),
        ),
        Step(
            "telescope",
            "added over the steps",
            at_most(2 * ETA * (losses + spreads), square(RUN.start) - square(RUN.at(N))),
            Telescope(N, k_),
            ("decrease",),
        ),
        norm_is_square("last square", RUN.at(N)),
        Step(
            "sums times the step",
            "with e for |V_0|^2",
            nonnegative(ETA * bound),
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
                f"{name} at k", "at step k", nonnegative(one(_AT_K)), Instance({V: _AT_K}), (name,)
            )
            for name, one, _ in parts
        ),
        *(
            Step(
                f"{name} added",
                "over the steps",
                nonnegative(added),
                Average((steps_before(k_, N),)),
                (f"{name} at k",),
            )
            for name, _, added in parts
        ),
    )


def _last_step(d: Term, factor: Fraction) -> tuple[Step, ...]:
    """From every step to the last mean."""
    losses, spreads = total_steps(R(_AT_K), k_, N), total_steps(spread(_AT_K), k_, N)
    squares = total_steps(square(_AT_K), k_, N)
    return (
        Step(
            "no increase",
            "|V|^2 does not increase",
            at_most(square(RUN.at(following(k_))), square(_AT_K)),
            Combination(
                (
                    (1, ("decrease",)),
                    (2, ("step size", "loss at k")),
                    (2, ("step size", "spread at k")),
                )
            ),
            ("decrease", "step size", "loss at k", "spread at k"),
        ),
        Step("count", "a number of steps", nonnegative(count(k_)), Axiom("steps", (k_,))),
        Step(
            "last is least",
            "so |V_N|^2 is below the average of the earlier ones",
            at_most(count(N) * square(RUN.at(N)), squares),
            Telescope(N, k_, ((1, ("count", "no increase")), (1, ("no increase",)))),
            ("count", "no increase"),
        ),
        Step(
            "each step",
            "2 s pi_min |V_k|^2 <= 2 s W, and 2 s E tr C <= d E|C|^2 + s^2",
            at_most(
                2 * EXCESS * lightest * square(V), 2 * EXCESS * R(V) + d * spread(V) + EXCESS**2
            ),
            Combination(
                ((2, ("case", "all means")), (1, ("trace",))), ((1, mean_trace(V) - EXCESS),)
            ),
            ("case", "all means", "weighted square", "trace"),
        ),
        Step(
            "at step k",
            "along the run",
            at_most(
                2 * EXCESS * lightest * square(_AT_K),
                2 * EXCESS * R(_AT_K) + d * spread(_AT_K) + EXCESS**2,
            ),
            Instance({V: _AT_K}),
            ("each step",),
        ),
        Step(
            "every step",
            "added over the steps",
            at_most(
                2 * EXCESS * lightest * squares,
                2 * EXCESS * losses + d * spreads + count(N) * EXCESS**2,
            ),
            Average((steps_before(k_, N),)),
            ("at step k",),
        ),
        Step(
            "with the rate",
            "2 s N (s + e) <= (2 s + d) N e + N s^2",
            nonnegative(count(N) * (d * RATE - EXCESS**2)),
            Combination(
                (
                    (1, ("every step",)),
                    (2, ("case", "lightest weight", "last is least")),
                    (1, ("case", "sums")),
                    (2, ("case", "spread added")),
                    (factor / 2, ("positive dimension", "sums")),
                    (factor / 2, ("sums",)),
                    (factor, ("positive dimension", "loss added")),
                    (factor, ("loss added",)),
                )
            ),
            (
                "every step",
                "case",
                "lightest weight",
                "last is least",
                "sums",
                "spread added",
                "positive dimension",
                "loss added",
            ),
        ),
        Step(
            "squared",
            "divided by N: s^2 <= d e",
            at_most(EXCESS**2, d * RATE),
            Cancel("steps", "with the rate"),
            ("steps", "with the rate"),
        ),
        Step(
            "room",
            "d e is not negative",
            nonnegative(d * RATE),
            Combination(((1, ("squared",)),), ((1, EXCESS),)),
            ("squared",),
        ),
        Step(
            "means in the first case",
            "so s <= sqrt(d e)",
            at_most(LAST, RATE + root(d * RATE)),
            BelowRoot(EXCESS, d * RATE, "squared", "room"),
            ("squared", "room"),
        ),
        norm_is_square("start square", RUN.start),
        Step(
            "rate times the denominator",
            "2 eta N e is not negative",
            nonnegative(2 * ETA * count(N) * RATE),
            Combination(((1, ("start square",)),)),
            ("start square", "rate"),
        ),
        Step(
            "rate is not negative",
            "divided by 2 eta N",
            nonnegative(RATE),
            Cancel("denominator", "rate times the denominator"),
            ("denominator", "rate times the denominator"),
        ),
        Step(
            "room in the other case",
            "d e is not negative",
            nonnegative(d * RATE),
            Combination(
                (
                    (factor, ("positive dimension", "rate is not negative")),
                    (factor, ("rate is not negative",)),
                )
            ),
            ("positive dimension", "rate is not negative"),
        ),
        Step(
            "root",
            "so its root is not negative",
            nonnegative(root(d * RATE)),
            Axiom("root sign", (d * RATE,)),
            ("room in the other case",),
        ),
        Step(
            "means in the other case",
            "s is negative",
            at_most(LAST, RATE + root(d * RATE)),
            Combination(((1, ("other case",)), (1, ("root",)))),
            ("other case", "root"),
        ),
        Step(
            "means",
            "in both cases",
            at_most(LAST, RATE + root(d * RATE)),
            Cases(RATE, LAST, "means in the first case", "means in the other case"),
            ("means in the first case", "means in the other case"),
        ),
    )
