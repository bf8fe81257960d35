"""Theorem R: gradient descent on the reverse Fisher divergence converges from everywhere."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy

from derive.algebra.index import ONE, atom
from proofs_check.proofs.classical import CauchySchwarz
from proofs_check.proofs.descent import descent_hypotheses, differentiation_step, expansion_step
from proofs_check.proofs.dynamics import AtEveryStep, FlowBound, Induction, SumOverSteps
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import at_most, equal, nonnegative
from proofs_check.proofs.reverse_trace import trace_steps
from proofs_check.proofs.reverse_words import BOTH, PSI, Constants, ReverseWords, dissipation_signs
from proofs_check.proofs.rules import (
    Average,
    Combination,
    Derived,
    Member,
    NonnegativeFactor,
    Replayed,
    Square,
    Squares,
)

_CONCLUSIONS = ("gradient by moments", "traces", "within", "decrease", "rate", "flow rate")


def theorem_r(
    constants: Constants | None = None,
    *,
    without: tuple[str, ...] = (),
) -> Proof:
    """Theorem R, with constants that can be changed and premises left out to see it fail.

    Parameters
    ----------
    constants : Constants or None
        By default the theorem's.
    without : tuple of str
        Steps or hypotheses to leave out.

    Examples
    --------
    >>> from proofs_check.proofs.proof import replay
    >>> replay(theorem_r(Constants(step=Fraction(99, 50)))).failed[0].step.name
    'one step'
    """
    number = constants or Constants()
    w = ReverseWords()
    hypotheses = tuple(h for h in _hypotheses(w, number) if h.name not in without)
    parts: tuple[Callable[[ReverseWords, Constants], tuple[Step, ...]], ...] = (
        _gradient_steps,
        trace_steps,
        _step_bound,
        _run_steps,
        _flow_steps,
    )
    steps = tuple(step for part in parts for step in part(w, number) if step.name not in without)
    return Proof(
        "R",
        "Gradient descent on the reverse Fisher divergence converges from every initialization",
        "with M = max(1, |V_0|^2/2) and 0 <= eta <= 1/(2 pi_max M): "
        "|V_{k+1}|^2 <= |V_k|^2 - 2 eta (R_k + E_p|C|^2), min_{k<N} R_k <= |V_0|^2/(2 eta N); "
        "along the gradient flow R(t) <= |V(0)|^2/(4 t)",
        r"|V_{k+1}|^2\le|V_k|^2-2\eta(R_k+E_p|C|_F^2),\quad"
        r" \min_{k<N}R_k\le\frac{|V_0|^2}{2\eta N},\quad R(t)\le\frac{|V(0)|^2}{4t}",
        "derived for this project (brief, Theorem R)",
        "all n, d, weights, initializations",
        w.glossary,
        hypotheses,
        steps,
        tuple(name for name in _CONCLUSIONS if name not in without),
        ("The flow exists for all times: |V|^2 does not increase along it, and R is smooth.",),
    )


def _hypotheses(w: ReverseWords, number: Constants) -> tuple[Hypothesis, ...]:
    one = w.one
    return (
        *descent_hypotheses(one),
        Hypothesis("bound at least one", at_most(1, w.bound), "M >= 1"),
        Hypothesis(
            "bound at least half",
            at_most(sympy.sympify(number.diameter) / 4 * one.first, w.bound),
            "M >= |V_0|^2/2",
        ),
        Hypothesis(
            "step bound",
            at_most(sympy.sympify(number.step) * one.step_size * w.heaviest * w.bound, 1),
            "eta <= 1/(2 pi_max M)",
        ),
        Hypothesis(
            "within at step k",
            at_most(one.square, one.first),
            "the induction's assumption",
            temporary=True,
        ),
        Hypothesis("forward", nonnegative(w.time), "time runs forward"),
        Hypothesis("square at time T", nonnegative(w.at_time), "a square", True),
        Hypothesis("loss at time T", nonnegative(w.loss_at_time), "a mean of squares", True),
    )


def _gradient_steps(w: ReverseWords, number: Constants) -> tuple[Step, ...]:
    """``|grad R|^2 <= 4 pi_max (R + E tr C^3)``."""
    one, force = w.one, w.force
    jensen = CauchySchwarz(w.f, w.s, w.mass, force, ONE, PSI, "student", cites="Jensen")
    return (
        differentiation_step(),
        Step(
            "masses",
            "psi_j p is pi_j times the j-th component",
            None,
            Replayed("responsibility-mass"),
        ),
        Step(
            "gradient",
            "the gradient in Stein's form, 2 E_p[psi_j F_j]",
            equal(one.gradient, 2 * w.f),
            Derived(),
            ("differentiation",),
        ),
        Step(
            "weights",
            "the mean of a responsibility",
            equal(w.mass, w.weight),
            Derived(),
            ("masses",),
        ),
        Step(
            "mean of the square",
            "the square of a mean under the weight psi_j is at most the mean of the square",
            at_most(w.f**2, w.mass * w.s),
            jensen,
        ),
        Step(
            "second moments",
            "s_ja is the mean of a square",
            nonnegative(w.s),
            Squares((Square(force, (), 1, (PSI,)),), "student"),
        ),
        Step("heaviest", "no weight exceeds the largest", at_most(w.weight, w.heaviest), Member()),
        Step(
            "entry",
            "each entry of the gradient",
            at_most(one.gradient**2, 4 * w.heaviest * w.s),
            Combination(((4, ("mean of the square",)), (4, ("heaviest", "second moments")))),
            ("gradient", "weights", "mean of the square", "heaviest", "second moments"),
        ),
        Step(
            "gradient by moments",
            "summed: sum_j psi_j |F_j|^2 = |m|^2 + tr C^3, as sum_j psi_j (v_j - m) = 0",
            at_most(one.gradient_square, 4 * w.heaviest * (w.loss + w.cube)),
            Average(BOTH),
            ("entry",),
        ),
    )


def _step_bound(w: ReverseWords, number: Constants) -> tuple[Step, ...]:
    """``|V+|^2 <= |V|^2 - 2 eta (R + E|C|^2)`` while ``|V|^2 <= |V_0|^2``."""
    one, eta = w.one, w.one.step_size
    total = w.loss + w.spread
    gradient, decrease = sympy.sympify(number.gradient), sympy.sympify(number.decrease)
    by_bound = gradient / sympy.sympify(number.step)
    return (
        *dissipation_signs(w),
        Step(
            "moments",
            "R + E tr C^3 <= M (R + E|C|^2)",
            at_most(w.loss + w.cube, w.bound * total),
            Combination(
                (
                    (1, ("bound at least one", "loss")),
                    (1, ("quarter diameter", "spread")),
                    (Fraction(1, 4), ("traces",)),
                )
            ),
            ("bound at least one", "loss", "quarter diameter", "spread", "traces"),
        ),
        Step(
            "positive weights",
            "weights",
            nonnegative(w.weight),
            NonnegativeFactor(atom("pi", "j0")),
        ),
        Step(
            "positive heaviest",
            "the largest weight is not negative",
            nonnegative(w.heaviest),
            Combination(((1, ("positive weights",)), (1, ("heaviest",)))),
            ("positive weights", "heaviest"),
        ),
        Step(
            "gradient bound",
            "the gradient against the dissipation",
            at_most(one.gradient_square, gradient * w.heaviest * w.bound * total),
            Combination(
                (
                    (1, ("gradient by moments",)),
                    (4, ("positive heaviest", "moments")),
                    *(
                        (gradient - 4, ("positive heaviest", *larger, part))
                        for larger in ((), ("bound at least one",))
                        for part in ("loss", "spread")
                    ),
                )
            ),
            (
                "gradient by moments",
                "positive heaviest",
                "moments",
                "bound at least one",
                "loss",
                "spread",
            ),
        ),
        Step(
            "I2",
            "the radial derivative",
            equal(one.radial, 2 * total),
            Derived(),
            ("differentiation",),
        ),
        expansion_step(one),
        Step(
            "one step",
            "the step decreases |V|^2 while |V|^2 <= |V_0|^2",
            at_most(one.following, one.square - decrease * eta * total),
            Combination(
                (
                    (1, ("step size", "step size", "gradient bound")),
                    *(
                        product
                        for part in ("loss", "spread")
                        for product in (
                            (by_bound, ("step size", "step bound", part)),
                            (4 - decrease - by_bound, ("step size", part)),
                        )
                    ),
                )
            ),
            ("step size", "step bound", "gradient bound", "I2", "expansion", "loss", "spread"),
        ),
    )


def _run_steps(w: ReverseWords, number: Constants) -> tuple[Step, ...]:
    """The induction that keeps the step bound valid, and the rate."""
    one, eta, count = w.one, w.one.step_size, w.one.count
    decrease = sympy.sympify(number.decrease)
    within = "within at step k"
    return (
        Step(
            "next within",
            "then |V+|^2 <= |V_0|^2 too",
            at_most(one.following, one.first),
            Combination(
                (
                    (1, ("one step",)),
                    (1, (within,)),
                    (decrease, ("step size", "loss")),
                    (decrease, ("step size", "spread")),
                )
            ),
            ("one step", within, "step size", "loss", "spread"),
        ),
        Step("start", "at step 0", at_most(one.first, one.first), Combination()),
        Step(
            "within",
            "so |V_k|^2 <= |V_0|^2 at every step, by induction",
            at_most(one.square, one.first),
            Induction(within, "start", "next within", one.update),
            ("start", "next within"),
        ),
        Step(
            "decrease",
            "and the decrease holds at every step",
            at_most(one.following, one.square - decrease * eta * (w.loss + w.spread)),
            AtEveryStep(within, "one step", "within"),
            ("one step", "within"),
        ),
        Step(
            "telescope",
            "added over the steps",
            at_most(decrease * eta * (w.losses + w.spreads), one.first - one.last),
            SumOverSteps(count, one.update, one.last),
            ("decrease",),
        ),
        Step("least", "the least R is below each", at_most(w.least, w.loss), Member()),
        Step(
            "least of N",
            "N times the least is below the sum",
            at_most(count * w.least, w.losses),
            SumOverSteps(count),
            ("least",),
        ),
        Step(
            "spreads",
            "a sum of nonnegative numbers",
            nonnegative(w.spreads),
            SumOverSteps(count),
            ("spread",),
        ),
        Step(
            "rate",
            "the least R of N steps",
            at_most(decrease * eta * count * w.least, one.first),
            Combination(
                (
                    (1, ("telescope",)),
                    (1, ("last square",)),
                    (decrease, ("step size", "least of N")),
                    (decrease, ("step size", "spreads")),
                )
            ),
            ("telescope", "last square", "step size", "least of N", "spreads"),
        ),
    )


def _flow_steps(w: ReverseWords, number: Constants) -> tuple[Step, ...]:
    """The rate along the gradient flow."""
    one, flow = w.one, sympy.sympify(number.flow)
    return (
        Step(
            "radial rate",
            "the derivative of |V|^2 along v' = -grad R",
            equal(w.rate, -2 * one.radial),
            Derived(),
        ),
        Step(
            "decay",
            "with I2",
            at_most(w.rate, -4 * w.loss),
            Combination(((4, ("spread",)),)),
            ("radial rate", "I2", "spread"),
        ),
        Step(
            "loss decreases",
            "dR/dt = -|grad R|^2",
            at_most(w.loss_rate, 0),
            Squares((Square(one.gradient, BOTH),)),
        ),
        Step(
            "integral",
            "integrated from 0 to T, where R is at least R(T)",
            at_most(4 * w.time * w.loss_at_time, one.first - w.at_time),
            FlowBound(
                one.square,
                w.rate,
                w.loss,
                w.loss_rate,
                one.mean,
                one.gradient,
                one.first,
                w.at_time,
                w.loss_at_time,
                w.time,
                "decay",
                "loss decreases",
                "forward",
            ),
            ("decay", "loss decreases", "forward"),
        ),
        Step(
            "flow rate",
            "as |V(T)|^2 is not negative",
            at_most(flow * w.time * w.loss_at_time, one.first),
            Combination(
                (
                    (1, ("integral",)),
                    (1, ("square at time T",)),
                    (4 - flow, ("forward", "loss at time T")),
                )
            ),
            ("integral", "square at time T", "forward", "loss at time T"),
        ),
    )
