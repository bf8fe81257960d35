"""Theorem L: below a loss level the loss keeps falling, and what is far goes to infinity."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import log

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_radius import (
    growing_steps,
    level_bracket,
    log_weight_steps,
    margin,
    outward_steps,
    radius_hypotheses,
)
from proofs_check.proofs.far_words import (
    AXIS,
    FLOOR,
    HALF,
    LOG_TWO,
    RUN,
    bracket,
    norm,
    norm_square,
    radial,
)
from proofs_check.proofs.hessian_bound import hessian_bound
from proofs_check.proofs.hessian_words import (
    INSTANCE,
    M,
    U,
    constant_hypotheses,
    curvature,
    weight_hypotheses,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.descent_lemma import bounded
from proofs_check.proofs.level_words import GAMMA_J, L0, LOG_J, RHO, gamma_hypothesis, mean_score
from proofs_check.proofs.loss_level import (
    bracket_steps,
    convexity_steps,
    entropy_steps,
    gamma_steps,
    line_steps,
    own_density_steps,
    score_steps,
)
from proofs_check.proofs.tactics.arithmetic import BelowRoot
from proofs_check.proofs.tactics.bounds import Asked, Instantiated, RootOf
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialPositive
from proofs_check.proofs.tactics.inductions import InductionWhile
from proofs_check.proofs.tactics.language import (
    D_,
    ETA,
    START,
    V_0,
    A,
    J,
    Number,
    V,
    at_most,
    below,
    count,
    equal,
    exponential,
    following,
    nonnegative,
    pi,
    positive,
    real,
    total,
)
from proofs_check.proofs.tactics.score import forward_loss, gradient_square, k_
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Derived, Induction, Instance, Lemma, Square, Squares
from proofs_check.proofs.tactics.vacuity import Proposal

RADIUS = real("B")
_NOW, _THEN = RUN.at(k_), RUN.at(following(k_))
_AFTER = RUN.after(V)
_LOSS = forward_loss
_SHARE = Fraction(1, 8)


def _far(of: Term) -> Term:
    return norm_square(of, J)


MARGIN = margin(RHO, level_bracket())
#: What ``|v_j|^2`` gains in a step, and at least as long as ``|v_j| <= B``, by ``2 eta``.
GAIN = pi(J) * _far(V) * FLOOR * MARGIN
LEAST_FLOOR = exponential(Fraction(-1, 4) * RADIUS**2 - HALF * D_ * LOG_TWO)
LEAST = pi(J) * RHO**2 * LEAST_FLOOR * MARGIN


def descent_steps() -> tuple[Step, ...]:
    """The loss does not rise."""
    square = gradient_square(RUN, V)
    constants = (h.name for h in (*weight_hypotheses(), *constant_hypotheses()))
    return (
        Step("Hessian", "bounded where the loss is at most L_0", bounded(V, U, L0, M),
             Lemma(hessian_bound, "bound")),
        Step("descent", "the second-order bound along the step",
             at_most(_LOSS(_AFTER) + ETA * (1 - HALF * M * ETA) * square, _LOSS(V)),
             Asked("descent step", (V, ETA, L0, M, V, U), "classical result", ("Hessian",)),
             ("Hessian", "level", "step size", "eta M <= 2", *constants)),
        Step("|grad|^2 >= 0", "squares", nonnegative(square),
             Squares((Square(RUN.gradient(V, J, A), (J, A)),))),
        shown("loss falls", "eta M <= 2", at_most(_LOSS(_AFTER), _LOSS(V)),
              (1, ("descent",)), (HALF, ("step size", "eta M <= 2", "|grad|^2 >= 0"))),
        shown("level next", "so it stays below", at_most(_LOSS(_AFTER), L0),
              (1, ("loss falls",)), (1, ("level",))),
    )  # fmt: skip


def motion_steps() -> tuple[Step, ...]:
    """``|v_j|`` grows."""
    slope = RUN.gradient(V, J, A)
    positives = ("pi_j > 0", "|v_j|^2 > 0", "floor > 0")
    return (
        Step("step of v_j", "squared",
             equal(_far(_AFTER),
                   _far(V) - 2 * ETA * radial(V, J) + ETA**2 * total(slope**2, A)), Derived()),
        Step("|grad_j|^2 >= 0", "squares", nonnegative(total(slope**2, A)),
             Squares((Square(slope, (A,)),))),
        shown("growth", "the lemma, and beta - nu grows",
              at_most(_far(V) + 2 * ETA * GAIN, _far(_AFTER)),
              (2, ("step size", "lemma")), (2, ("step size", *positives, "margin")),
              (1, ("step size", "step size", "|grad_j|^2 >= 0")), using=("step of v_j",)),
        shown("strict growth", "eta > 0", below(_far(V), _far(_AFTER)),
              (1, ("growth",)), (2, ("eta > 0", *positives, "margin > 0"))),
        shown("no loss", "or equal", at_most(_far(V), _far(_AFTER)), (1, ("strict growth",))),
        shown("rho^2 next", "at V, and after", at_most(RHO**2, _far(_AFTER)),
              (1, ("squares",)), (1, ("no loss",)), using=("|v_j| and its square",)),
        shown("square next", "positive", nonnegative(_far(_AFTER)), (1, ("|v_j|^2 > 0",)),
              (1, ("no loss",))),
        Step("beyond next", "the root", at_most(RHO, norm(_AFTER, J)),
             BelowRoot(RHO, _far(_AFTER), "rho^2 next", "square next"),
             ("rho^2 next", "square next")),
    )  # fmt: skip


def for_ever_steps() -> tuple[Step, ...]:
    """Both for every number of steps."""
    level, beyond = at_most(_LOSS(_NOW), L0), at_most(RHO, norm(_NOW, J))

    def everywhere(name: str, why: str, goal: Term, of: str) -> Step:
        return Step(name, why, goal, Instantiated({V: _NOW}, of),
                    (of, "level for ever", "beyond for ever"))  # fmt: skip

    return (
        Step("level then", "at step k", at_most(_LOSS(_THEN), L0),
             Instance({V: _NOW}), ("level next",)),
        shown("level at 0", "at step 0", at_most(_LOSS(RUN.at(START)), L0), (1, ("loss at 0",))),
        Step("level for ever", "by induction", level, Induction(k_, "level at 0", "level then"),
             ("level at 0", "level then")),
        Step("decrease", "the loss never rises", at_most(_LOSS(_THEN), _LOSS(_NOW)),
             Instantiated({V: _NOW}, "loss falls"), ("loss falls", "level for ever")),
        Step("beyond then", "at step k", at_most(RHO, norm(_THEN, J)),
             Instantiated({V: _NOW}, "beyond next"), ("beyond next", "level for ever")),
        shown("start beyond", "at step 0", at_most(RHO, norm(RUN.at(START), J)),
              (1, ("beyond at 0",))),
        Step("beyond for ever", "by induction", beyond,
             Induction(k_, "start beyond", "beyond then"), ("start beyond", "beyond then")),
        everywhere("increase", "|v_j| grows at every step", below(_far(_NOW), _far(_THEN)),
                   "strict growth"),
        everywhere("kept", "or equal", at_most(_far(_NOW), _far(_THEN)), "no loss"),
    )  # fmt: skip


def infinity_steps() -> tuple[Step, ...]:
    """As long as ``|v_j| <= B`` it gains at least a fixed amount a step."""
    counted = RHO**2 + 2 * ETA * LEAST * count(k_)
    within = at_most(_far(_NOW), RADIUS**2)
    return (
        shown("exponents below B", "|v_j| <= B",
              at_most(LEAST_FLOOR.args[0], FLOOR.args[0]), (Fraction(1, 4), ("bounded at V",))),
        Step("floor below B", "the exponential grows", at_most(LEAST_FLOOR, FLOOR),
             ExponentialGrows(), ("exponents below B",)),
        Step("least floor > 0", "an exponential", positive(LEAST_FLOOR), ExponentialPositive()),
        shown("rho^2 and |v_j|^2", "beyond rho", at_most(RHO**2, _far(V)), (1, ("squares",)),
              using=("|v_j| and its square",)),
        shown("gain below B", "at least", at_most(LEAST, GAIN),
              (1, ("pi_j > 0", "|v_j|^2 > 0", "margin > 0", "floor below B")),
              (1, ("pi_j > 0", "rho^2 and |v_j|^2", "margin > 0", "least floor > 0"))),
        shown("growth below B", "at least", at_most(_far(V) + 2 * ETA * LEAST, _far(_AFTER)),
              (1, ("growth",)), (2, ("step size", "gain below B"))),
        Step("gain", "as long as |v_j| <= B", at_most(_far(_NOW) + 2 * ETA * LEAST, _far(_THEN)),
             Instantiated({V: _NOW}, "growth below B"),
             ("growth below B", "level for ever", "beyond for ever")),
        shown("|v_j(0)| > 0", "beyond rho", positive(norm(V_0, J)), (1, ("beyond at 0",)),
              (1, ("rho > 0",))),
        Step("|v_j(0)|^2 >= 0", "a square", nonnegative(_far(V_0)), Instance({V: V_0}),
             ("|v_j|^2 >= 0",)),
        Step("|v_j(0)| and its square", "a root", equal(norm(V_0, J) ** 2, _far(V_0)),
             RootOf(_far(V_0)), ("|v_j(0)|^2 >= 0",)),
        shown("count at 0", "nothing is gained",
              at_most(RHO**2 + 2 * ETA * LEAST * count(START), _far(V_0)),
              (1, ("beyond at 0", "beyond at 0")), (2, ("beyond at 0", "rho > 0")),
              using=("|v_j(0)| and its square",)),
        shown("count next", "added to what was gained before",
              at_most(RHO**2 + 2 * ETA * LEAST * count(following(k_)), _far(_THEN)),
              (1, ("gain",)), (1, ("count",))),
        Step("gained", "by induction", at_most(counted, _far(_NOW)),
             InductionWhile(k_, within, "count at 0", "count next", "kept"),
             ("count at 0", "count next", "kept")),
        shown("time below B", "the gain is at most B^2 - rho^2: |v_j| exceeds any B",
              at_most(2 * ETA * LEAST * count(k_), RADIUS**2 - RHO**2),
              (1, ("gained",)), (1, ("bounded",))),
    )  # fmt: skip


def theorem_l(
    *,
    share: Number = _SHARE,
    largest: Number = 2,
    parts: Mapping[str, Number] | None = None,
) -> Script:
    """Theorem L, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    share : number
        The factor of ``(rho - sqrt L_0)^2`` in beta.
    largest : number
        ``eta M <= largest``.
    parts : mapping of str to number, optional
        Conditions on the constants of M of which only that multiple is assumed.

    Examples
    --------
    >>> theorem_l().scope
    'all n, d, weights, steps up to 2/M'
    """
    counted = RHO**2 + 2 * ETA * LEAST * count(k_)
    hypotheses = (
        *weight_hypotheses(),
        *constant_hypotheses(parts or {}),
        Hypothesis("u", equal(exponential(LOG_J) * pi(J), 1), "u = log(1/pi_j)"),
        *radius_hypotheses(share),
        gamma_hypothesis(),
        Hypothesis("eta > 0", positive(ETA), "the step size is positive"),
        Hypothesis("largest step", at_most(ETA * M, largest), "eta is at most 2/M"),
        Hypothesis("loss at 0", at_most(_LOSS(V_0), L0), "the loss is at most L_0"),
        Hypothesis("beyond at 0", at_most(RHO, norm(V_0, J)), "|v_j| is at least rho"),
        Hypothesis("level", at_most(_LOSS(V), L0), "the loss at V", temporary=True),
        Hypothesis("beyond", at_most(RHO, norm(V, J)), "|v_j| at V", temporary=True),
        Hypothesis("bounded", at_most(_far(_NOW), RADIUS**2), "|v_j| <= B after k steps"),
        Hypothesis("bounded at V", at_most(_far(V), RADIUS**2), "|v_j| <= B", temporary=True),
        Hypothesis("count", at_most(counted, _far(_NOW)), "until the induction", temporary=True),
    )
    steps = (
        shown("step size", "positive", nonnegative(ETA), (1, ("eta > 0",))),
        shown(
            "eta M <= 2",
            "at most 2/M",
            at_most(ETA * M, 2),
            (1, ("largest step",)),
            (2 - Fraction(largest), ()),
        ),
        *entropy_steps(),
        *own_density_steps(),
        *convexity_steps(),
        *line_steps(),
        *score_steps(),
        *bracket_steps(share),
        *log_weight_steps(),
        *gamma_steps(),
        *growing_steps(level_bracket(share)),
        *outward_steps(level_bracket(share)),
        *descent_steps(),
        *motion_steps(),
        *for_ever_steps(),
        *infinity_steps(),
    )
    return Script(
        "L",
        "Below a loss level, a component beyond rho escapes whatever the others do",
        "derived for this project (Theorem L)",
        hypotheses,
        steps,
        ("decrease", "beyond for ever", "increase", "time below B"),
        (
            (bracket, "half the gap of squared distances"),
            (mean_score, "the mean of the score error"),
            (curvature, "the bound of the Hessian"),
        ),
        "all n, d, weights, steps up to 2/M",
        (
            "a component that is ever at rho or beyond escapes from then on; another stays within",
            "critical points: proof L-critical, for all weights",
        ),
        (
            Proposal(
                (HALF, HALF),
                1,
                ((V_0, ((Fraction(0),), (Fraction(6),))), (J, 1), (AXIS, 0), (k_, 0),
                 (L0, Fraction(1, 5)), (RHO, Fraction(11, 2)), (ETA, Fraction(1, 10)),
                 (RADIUS, Fraction(7)), (LOG_J, log(2)), (GAMMA_J, Fraction(1, 5)),
                 (LOG_TWO, log(2)), *INSTANCE),
                1e-9,
            ),
        ),
    )  # fmt: skip
