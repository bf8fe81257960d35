"""Theorem R: gradient descent on the reverse Fisher divergence converges from everywhere."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs_check.proofs.reverse_trace import trace_steps
from proofs_check.proofs.reverse_words import (
    ETA,
    RUN,
    TIME,
    Constants,
    M,
    R,
    cube,
    diameter,
    dissipation_signs,
    force,
    heaviest,
    mean_force,
    mean_force_square,
    spread,
)
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.extremes import Member
from proofs_check.proofs.tactics.language import (
    START,
    A,
    J,
    V,
    X,
    at_most,
    count,
    equal,
    following,
    least_steps,
    mean_p,
    nonnegative,
    pi,
    positive,
    psi,
    total_steps,
)
from proofs_check.proofs.tactics.runs import FlowBound, Telescope
from proofs_check.proofs.tactics.score import (
    N,
    covariance,
    expansion,
    gradient_square,
    k_,
    m,
    radial,
    square,
    step_size,
)
from proofs_check.proofs.tactics.score_steps import norm_is_square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Combination,
    Derived,
    Discharge,
    Induction,
    Instance,
    Square,
    Squares,
    steps_before,
    student,
)

_CONCLUSIONS = ("gradient by moments", "traces", "within", "decrease", "rate", "flow rate")
_AT_K = RUN.at(k_)
_DISSIPATED = R(V) + spread(V)


def theorem_r(
    constants: Constants | None = None,
    *,
    without: tuple[str, ...] = (),
) -> Script:
    """Theorem R, with constants that can be changed and premises left out to see it fail.

    Parameters
    ----------
    constants : Constants or None
        By default the theorem's.
    without : tuple of str
        Steps or hypotheses to leave out.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.script import replay
    >>> replay(theorem_r(Constants(step=Fraction(99, 50)))).failed[0].step.name
    'one step'
    """
    number = constants or Constants()
    parts: tuple[Callable[[Constants], tuple[Step, ...]], ...] = (
        _gradient_steps,
        trace_steps,
        _step_bound,
        _run_steps,
        _flow_steps,
    )
    return Script(
        "R",
        "Gradient descent on the reverse Fisher divergence converges from every initialization",
        "derived for this project (Theorem R)",
        tuple(h for h in hypotheses(number) if h.name not in without),
        tuple(step for part in parts for step in part(number) if step.name not in without),
        tuple(name for name in _CONCLUSIONS if name not in without),
        (
            (m, "the score error"),
            (covariance, "the posterior covariance of the means"),
            (R, "the reverse Fisher divergence E_p|m|^2"),
            (square, "the sum of all |v_j|^2"),
            (heaviest.data, "the largest weight"),
            (diameter, "the largest squared distance of two means"),
        ),
        "all n, d, weights, initializations",
        ("The flow exists for all times: |V|^2 does not increase along it, and R is smooth.",),
    )


def hypotheses(number: Constants) -> tuple[Hypothesis, ...]:
    """What Theorem R assumes."""
    start, half = square(RUN.start), Fraction(number.diameter) / 4
    return (
        step_size(RUN),
        Hypothesis("bound at least one", at_most(1, M), "M >= 1"),
        Hypothesis("bound at least half", at_most(half * start, M), "M >= |V_0|^2/2"),
        Hypothesis(
            "step bound", at_most(number.step * ETA * heaviest * M, 1), "eta <= 1/(2 pi_max M)"
        ),
        Hypothesis(
            "within at step k",
            at_most(square(V), start),
            "the induction's assumption",
            temporary=True,
        ),
        Hypothesis("forward", nonnegative(TIME), "time runs forward"),
    )


def _gradient_steps(number: Constants) -> tuple[Step, ...]:
    """``|grad R|^2 <= 4 pi_max (R + E tr C^3)``."""
    gradient = RUN.gradient(V, J, A)
    f, s, mass = mean_force(V, J, A), mean_force_square(V, J, A), mean_p(V, psi(V, J))
    return (
        Step(
            "gradient",
            "the gradient in Stein's form, 2 E_p[psi_j F_j]",
            equal(gradient, 2 * f),
            Derived(),
        ),
        Step("weights", "the mean of a responsibility", equal(mass, pi(J)), Derived()),
        Step(
            "mean of the square",
            "the square of a mean under the weight psi_j is at most the mean of the square",
            at_most(f**2, mass * s),
            CauchySchwarz(force(V, X, J, A), weights=(psi(V, J),), over=(student(V),)),
        ),
        Step(
            "second moments",
            "s_ja is the mean of a square",
            nonnegative(s),
            Squares((Square(force(V, X, J, A), weights=(psi(V, J),)),), student(V)),
        ),
        Step(
            "heaviest",
            "no weight exceeds the largest",
            at_most(pi(J), heaviest),
            Member(heaviest, (J,)),
        ),
        Step(
            "entry",
            "each entry of the gradient",
            at_most(gradient**2, 4 * heaviest * s),
            Combination(((4, ("mean of the square",)), (4, ("heaviest", "second moments")))),
            ("gradient", "weights", "mean of the square", "heaviest", "second moments"),
        ),
        Step(
            "gradient by moments",
            "summed: sum_j psi_j |F_j|^2 = |m|^2 + tr C^3, as sum_j psi_j (v_j - m) = 0",
            at_most(gradient_square(RUN, V), 4 * heaviest * (R(V) + cube(V))),
            Average((J, A)),
            ("entry",),
        ),
    )


def _step_bound(number: Constants) -> tuple[Step, ...]:
    """``|V+|^2 <= |V|^2 - 2 eta (R + E|C|^2)`` while ``|V|^2 <= |V_0|^2``."""
    gradient, decrease = Fraction(number.gradient), Fraction(number.decrease)
    by_bound = gradient / Fraction(number.step)
    return (
        *dissipation_signs(),
        Step(
            "moments",
            "R + E tr C^3 <= M (R + E|C|^2)",
            at_most(R(V) + cube(V), M * _DISSIPATED),
            Combination(
                (
                    (1, ("bound at least one", "loss")),
                    (1, ("quarter diameter", "spread")),
                    (Fraction(1, 4), ("traces",)),
                )
            ),
            ("bound at least one", "loss", "quarter diameter", "spread", "traces"),
        ),
        Step("positive weights", "weights", positive(pi(J)), Axiom("weight", (J,))),
        Step(
            "positive heaviest",
            "the largest weight is not negative",
            nonnegative(heaviest),
            Combination(((1, ("positive weights",)), (1, ("heaviest",)))),
            ("positive weights", "heaviest"),
        ),
        Step(
            "gradient bound",
            "the gradient against the dissipation",
            at_most(gradient_square(RUN, V), gradient * heaviest * M * _DISSIPATED),
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
        Step("I2", "the radial derivative", equal(radial(RUN, V), 2 * _DISSIPATED), Derived()),
        expansion(RUN),
        Step(
            "one step",
            "the step decreases |V|^2 while |V|^2 <= |V_0|^2",
            at_most(square(RUN.after(V)), square(V) - decrease * ETA * _DISSIPATED),
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


def _run_steps(number: Constants) -> tuple[Step, ...]:
    """The induction that keeps the step bound valid, and the rate."""
    decrease = number.decrease
    start, after = square(RUN.start), square(RUN.at(following(k_)))
    dissipated = R(_AT_K) + spread(_AT_K)
    losses, spreads = total_steps(R(_AT_K), k_, N), total_steps(spread(_AT_K), k_, N)
    least = least_steps(R(_AT_K), k_, N)
    return (
        Step(
            "next within",
            "then |V+|^2 <= |V_0|^2 too",
            at_most(square(RUN.after(V)), start),
            Combination(
                (
                    (1, ("one step",)),
                    (1, ("within at step k",)),
                    (decrease, ("step size", "loss")),
                    (decrease, ("step size", "spread")),
                )
            ),
            ("one step", "within at step k", "step size", "loss", "spread"),
        ),
        Step("start", "at step 0", at_most(square(RUN.at(START)), start), Combination()),
        Step(
            "passage",
            "from step k to k + 1",
            at_most(after, start),
            Instance({V: _AT_K}),
            ("next within",),
        ),
        Step(
            "within",
            "so |V_k|^2 <= |V_0|^2 at every step, by induction",
            at_most(square(_AT_K), start),
            Induction(k_, "start", "passage"),
            ("start", "passage"),
        ),
        Step(
            "one step at k",
            "the decrease at step k",
            at_most(after, square(_AT_K) - decrease * ETA * dissipated),
            Instance({V: _AT_K}),
            ("one step",),
        ),
        Step(
            "decrease",
            "and the decrease holds at every step",
            at_most(after, square(_AT_K) - decrease * ETA * dissipated),
            Discharge("one step at k", ("within",)),
            ("one step at k", "within"),
        ),
        Step(
            "telescope",
            "added over the steps",
            at_most(decrease * ETA * (losses + spreads), start - square(RUN.at(N))),
            Telescope(N, k_),
            ("decrease",),
        ),
        Step("least", "the least R is below each", at_most(least, R(_AT_K)), Member(least, (k_,))),
        Step(
            "least of N",
            "N times the least is below the sum",
            at_most(count(N) * least, losses),
            Average((steps_before(k_, N),)),
            ("least",),
        ),
        Step(
            "spread at k",
            "at step k",
            nonnegative(spread(_AT_K)),
            Instance({V: _AT_K}),
            ("spread",),
        ),
        Step(
            "spreads",
            "a sum of nonnegative numbers",
            nonnegative(spreads),
            Average((steps_before(k_, N),)),
            ("spread at k",),
        ),
        norm_is_square("last square", RUN.at(N)),
        Step(
            "rate",
            "the least R of N steps",
            at_most(decrease * ETA * count(N) * least, start),
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


def _flow_steps(number: Constants) -> tuple[Step, ...]:
    """The rate along the gradient flow."""
    flow = number.flow
    late = RUN.flow(TIME)
    return (
        Step(
            "decay",
            "d|V|^2/dt = -2 V.grad R <= -4 R along the flow, by I2",
            at_most(4 * R(V), 2 * radial(RUN, V)),
            Combination(((4, ("spread",)),)),
            ("I2", "spread"),
        ),
        Step(
            "integral",
            "integrated from 0 to T, where R is at least R(T)",
            at_most(4 * TIME * R(late), square(RUN.start) - square(late)),
            FlowBound(RUN, V, TIME, 4, "decay", "forward"),
            ("decay", "forward"),
        ),
        norm_is_square("square at time T", late),
        Step("loss at time T", "a mean of squares", nonnegative(R(late)), Instance({V: late}),
             ("loss",)),
        Step(
            "flow rate",
            "as |V(T)|^2 is not negative",
            at_most(flow * TIME * R(late), square(RUN.start)),
            Combination(
                (
                    (1, ("integral",)),
                    (1, ("square at time T",)),
                    (4 - flow, ("forward", "loss at time T")),
                )
            ),
            ("integral", "square at time T", "forward", "loss at time T"),
        ),
    )  # fmt: skip
