"""Theorem E_n: one component near the truth stays there, all others, distinct and far, escape."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import log

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.equal_weights import equal_weights, uniform_steps
from proofs_check.proofs.far_radius import (
    NU_AT,
    Bracket,
    growing_steps,
    log_weight_steps,
    margin,
    outward_steps,
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
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.level_words import LOG_J, OMEGA, RHO
from proofs_check.proofs.loss_level import entropy_steps
from proofs_check.proofs.near_bracket import (
    GAMMA,
    beta_near,
    entropy_at_pair_steps,
    near_bracket,
    near_bracket_steps,
)
from proofs_check.proofs.near_pace import (
    AFTER,
    FIRST,
    M_STEP,
    NOW,
    THEN,
    drift_steps,
    falling_hypotheses,
    falling_steps,
    keeping_steps,
    limit_hypotheses,
    limit_steps,
    pace_hypotheses,
    pace_steps,
    place_steps,
    pull_steps,
)
from proofs_check.proofs.near_pace import (
    RADIUS as LIMIT,
)
from proofs_check.proofs.near_words import (
    APART,
    EPS,
    LEAST_FAR,
    clear_of,
    clearance,
    close_to,
    drift,
    grown,
    near_hypotheses,
)
from proofs_check.proofs.tactics.arithmetic import Cancel, Vanishes
from proofs_check.proofs.tactics.bounds import (
    Instantiated,
    Linear,
    SquareRoot,
)
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialPositive
from proofs_check.proofs.tactics.extremes import Bound
from proofs_check.proofs.tactics.inductions import InductionWhile, JointInduction
from proofs_check.proofs.tactics.language import (
    D_,
    ETA,
    I_,
    N_,
    START,
    V_0,
    A,
    J,
    K,
    Number,
    V,
    at_most,
    below,
    count,
    delta,
    equal,
    every,
    exponential,
    following,
    nonnegative,
    pi,
    positive,
    real,
    total,
)
from proofs_check.proofs.tactics.score import k_
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Cases,
    Combination,
    Derived,
    Discharge,
    Instance,
    Specialise,
    Square,
    Squares,
)
from proofs_check.proofs.tactics.vacuity import Proposal

FAR = LEAST_FAR
RADIUS = real("B")
_GROWN = grown(NOW)


def beyond_steps() -> tuple[Step, ...]:
    """``rho <= |v_j|`` for ``j`` not ``i``."""
    return (
        Step("j is far", "for k = j", at_most((1 - delta(I_, J)) * RHO**2, norm_square(V, J)),
             Instance({K: J}), ("others are far",)),
        shown("|v_j| squared", "j is another", at_most(RHO**2, norm(V, J) ** 2),
              (1, ("j is far",)), using=("apart", "|v_j| and its square")),
        Step("beyond", "the root", at_most(RHO, norm(V, J)),
             SquareRoot("|v_j| squared", "|v_j| >= 0"), ("|v_j| squared", "|v_j| >= 0")),
    )  # fmt: skip


def _equal_weights(formula: Term) -> Term:
    """With ``omega`` for ``u``."""
    return replaced(formula, {LOG_J: OMEGA})


def _put(name: str) -> Instantiated:
    return Instantiated({LOG_J: OMEGA}, name)


def motion_steps(gain: Term, rho_of_j: Term) -> tuple[Step, ...]:
    """``|v_j|`` grows, and every other component stays beyond rho."""
    slope = RUN.gradient(V, J, A)
    here, there = norm_square(V, J), norm_square(AFTER, J)
    positives = ("pi_j > 0", "|v_j|^2 > 0", "floor > 0")
    d = delta(I_, J)
    goal = nonnegative((1 - d) * (there - norm_square(V_0, J)))
    return (
        Step("uniform j", "for this j", equal(N_ * pi(J), 1), Specialise((J,)), ("uniform",)),
        Step("step of v_j", "squared",
             equal(there, here - 2 * ETA * radial(V, J) + ETA**2 * total(slope**2, A)),
             Derived()),
        Step("|grad_j|^2 >= 0", "squares", nonnegative(total(slope**2, A)),
             Squares((Square(slope, (A,)),))),
        shown("growth", "the lemma, and beta - nu grows", at_most(here + 2 * ETA * gain, there),
              (2, ("step size", "lemma")), (2, ("step size", *positives, "margin")),
              (1, ("step size", "step size", "|grad_j|^2 >= 0")), using=("step of v_j",)),
        shown("strict growth", "eta > 0", below(here, there),
              (1, ("growth",)), (2, ("eta > 0", *positives, "margin > 0"))),
        shown("no loss", "or equal", at_most(here, there), (1, ("strict growth",))),
        Step("u is omega", "equal weights", equal(exponential(OMEGA) * pi(J), 1), Derived(),
             ("log n", "uniform j")),
        Step("rho of j", "for this j", rho_of_j, Specialise((J,)), ("rho for all",)),
        *(Step(f"{name} of j", "with u = omega", _equal_weights(goal), _put(name),
               (name, "u is omega", "rho of j"))
          for name, goal in (("strict growth", below(here, there)),
                             ("no loss", at_most(here, there)))),
        Step("grown j", "for k = j", nonnegative((1 - d) * (here - norm_square(V_0, J))),
             Instance({K: J}), ("grown k",)),
        shown("next apart", "if j is another", goal, (1, ("no loss of j",), (1 - d,)),
              (1, ("grown j",))),
        Step("delta >= 0", "its own square", nonnegative(d), Squares((Square(d),))),
        Step("delta = 0", "both signs", equal(d, 0), Vanishes(d), ("delta <= 0", "delta >= 0")),
        Step("next other", "so if delta <= 0", goal, Discharge("next apart", ("delta = 0",)),
             ("next apart", "delta = 0")),
        Step("times delta", "its own square", equal(d * (1 - d), 0), Derived()),
        Step("1 - delta", "divided", equal(1 - d, 0), Cancel("delta > 0", "times delta"),
             ("delta > 0", "times delta")),
        Step("itself", "nothing is said of i", equal(goal.args[1], 0),
             Linear(((there - norm_square(V_0, J), "1 - delta"),)), ("1 - delta",)),
        shown("next itself", "the same", goal, using=("itself",)),
        Step("next of any", "by cases", goal, Cases(d, number(0), "next other", "next itself"),
             ("next other", "next itself")),
        Step("gain of k", "for k",
             nonnegative(APART * (norm_square(AFTER, K) - norm_square(V_0, K))),
             Instance({J: K}), ("next of any",)),
        Step("grown next", "the least of them", grown(AFTER), Bound((K,), "least"),
             ("gain of k",)),
        Step("nothing gained", "at step 0", nonnegative(APART * (norm_square(V_0, K)
                                                                 - norm_square(V_0, K))),
             Combination()),
        Step("grown at 0", "the least of them", grown(V_0), Bound((K,), "least"),
             ("nothing gained",)),
    )  # fmt: skip


def for_ever_steps() -> tuple[Step, ...]:
    """Both for every number of steps; every other grows."""
    claims = (close_to(NOW), _GROWN)
    both = JointInduction(k_, claims, ("near at 0", "grown at 0"), ("near then", "grown then"))
    names = (*both.starts, *both.passages)
    held = ("near for ever", "grown for ever")

    def everywhere(name: str, why: str, goal: Term, of: str) -> Step:
        return Step(name, why, goal, Instantiated({V: NOW}, of), (of, *held))

    here, there = norm_square(NOW, J), norm_square(THEN, J)
    return (
        Step("near then", "at step k", close_to(THEN), Instance({V: NOW}), ("near next",)),
        Step("grown then", "at step k", grown(THEN), Instance({V: NOW}), ("grown next",)),
        Step("near for ever", "by induction", claims[0], both, names),
        Step("grown for ever", "by induction", claims[1], both, names),
        everywhere("increase", "|v_j| grows at every step", below(here, there),
                   "strict growth of j"),
        everywhere("kept", "or equal", at_most(here, there), "no loss of j"),
        everywhere("start", "beyond rho", at_most((1 - delta(I_, J)) * RHO**2, here), "j is far"),
    )  # fmt: skip


def infinity_steps(gain: Term, floor: Term, gained: Term) -> tuple[Step, ...]:
    """As long as ``|v_j| <= B`` it gains at least a fixed amount a step."""
    here, there = norm_square(NOW, J), norm_square(THEN, J)
    least_gain = _equal_weights(gained)
    first = RHO**2 + 2 * ETA * least_gain * count(START)
    return (
        shown("exponents below B", "|v_j| <= B", at_most(floor.args[0], FLOOR.args[0]),
              (Fraction(1, 4), ("bounded at V",))),
        Step("floor below B", "the exponential grows", at_most(floor, FLOOR), ExponentialGrows(),
             ("exponents below B",)),
        Step("least floor > 0", "an exponential", positive(floor), ExponentialPositive()),
        shown("rho^2 and |v_j|^2", "beyond rho", at_most(RHO**2, norm_square(V, J)),
              (1, ("squares",)), using=("|v_j| and its square",)),
        shown("gain below B", "at least", at_most(gained, gain),
              (1, ("pi_j > 0", "|v_j|^2 > 0", "margin > 0", "floor below B")),
              (1, ("pi_j > 0", "rho^2 and |v_j|^2", "margin > 0", "least floor > 0"))),
        shown("growth below B", "at least",
              at_most(norm_square(V, J) + 2 * ETA * gained, norm_square(AFTER, J)),
              (1, ("growth",)), (2, ("step size", "gain below B"))),
        Step("growth below B of j", "with u = omega",
             at_most(norm_square(V, J) + 2 * ETA * least_gain, norm_square(AFTER, J)),
             _put("growth below B"), ("growth below B", "u is omega", "rho of j")),
        Step("gain", "as long as |v_j| <= B", at_most(here + 2 * ETA * least_gain, there),
             Instantiated({V: NOW}, "growth below B of j"),
             ("growth below B of j", "near for ever", "grown for ever")),
        Step("first", "at step 0",
             at_most((1 - delta(I_, J)) * RHO**2, norm_square(RUN.at(START), J)),
             Instance({k_: START}), ("start",)),
        shown("count at 0", "nothing is gained", at_most(first, norm_square(V_0, J)),
              (1, ("first",)), using=("apart",)),
        shown("count next", "added to what was gained before",
              at_most(RHO**2 + 2 * ETA * least_gain * count(following(k_)), there),
              (1, ("gain",)), (1, ("count",))),
        Step("gained", "by induction", at_most(RHO**2 + 2 * ETA * least_gain * count(k_), here),
             InductionWhile(k_, at_most(here, RADIUS**2), "count at 0", "count next", "kept"),
             ("count at 0", "count next", "kept")),
        shown("time below B", "the gain is at most B^2 - rho^2: |v_j| exceeds any B",
              at_most(2 * ETA * least_gain * count(k_), RADIUS**2 - RHO**2),
              (1, ("gained",)), (1, ("bounded",))),
    )  # fmt: skip


@dataclass(frozen=True)
class Keeping:
    """What keeps the near component within eps.

    Attributes
    ----------
    most : Term
        At least the pull of all others at step 0.
    hypotheses : tuple of Hypothesis
        Of the radii and of the pull.
    radii : tuple of Step
        What follows for the radii.
    steps : tuple of Step
        ``|v_i| <= eps`` after a step.
    """

    most: Term
    hypotheses: tuple[Hypothesis, ...]
    radii: tuple[Step, ...]
    steps: tuple[Step, ...]


def by_size(far: Fraction = FAR, few: Number = 2) -> Keeping:
    """The pull of all others is at most twice eps."""
    return Keeping(
        2 * EPS,
        (
            *(h for h in near_hypotheses() if h.name.startswith("eps")),
            Hypothesis("rho is far", at_most(far, RHO), "the radius of Lemma V, or more"),
            Hypothesis("few", at_most(FIRST, few * EPS), "the pull of all others"),
        ),
        (
            shown("rho > 0", "it is far", positive(RHO), (1, ("rho is far",)), (far, ())),
            shown("rho >= eps", "it is far", at_most(EPS, RHO), (1, ("rho is far",)),
                  (1, ("eps <= 1/2",)), (far - HALF, ())),
        ),
        keeping_steps(),
    )  # fmt: skip


def kept_hypotheses(keeping: Keeping, share: Number, largest: Fraction) -> tuple[Hypothesis, ...]:
    """What both theorems assume: the weights, the radii, the step size, the start."""
    here = norm_square(NOW, J)
    rho = below(NU_AT[RHO], beta_near(RHO, share))
    counted = RHO**2 + 2 * ETA * _equal_weights(_gained(near_bracket(share))) * count(k_)
    d = delta(I_, J)
    return (
        *equal_weights(),
        Hypothesis("u", equal(exponential(LOG_J) * pi(J), 1), "u = log(1/pi_j)", temporary=True),
        Hypothesis("gamma >= 0", nonnegative(GAMMA), "a number"),
        Hypothesis("gamma", at_most(N_ - 2, 2 * GAMMA * exponential(GAMMA + 1)),
                   "2 gamma e^gamma is at least (n - 2)/e"),
        Hypothesis("rho", rho, "nu_j < beta at rho", temporary=True),
        Hypothesis("rho for all", every(_equal_weights(rho), J), "nu < beta at rho"),
        Hypothesis("eta > 0", positive(ETA), "the step size is positive"),
        Hypothesis("largest step", at_most(ETA, largest), "eta is at most 1/2"),
        *keeping.hypotheses,
        Hypothesis("near at 0", close_to(V_0), "|v_i| is at most eps"),
        Hypothesis("clear at 0", clear_of(V_0), "every other is beyond rho"),
        Hypothesis("apart", equal(d, 0), "j is another than i"),
        Hypothesis("near", close_to(V), "at V", temporary=True),
        Hypothesis("grown", grown(V), "at V", temporary=True),
        Hypothesis("delta <= 0", at_most(d, 0), "j is not i", temporary=True),
        Hypothesis("delta > 0", below(0, d), "j is i", temporary=True),
        Hypothesis("bounded", at_most(here, RADIUS**2), "|v_j| <= B after k steps"),
        Hypothesis("bounded at V", at_most(norm_square(V, J), RADIUS**2), "|v_j| <= B",
                   temporary=True),
        Hypothesis("count", at_most(counted, here), "until the induction", temporary=True),
        *falling_hypotheses(),
        *pace_hypotheses(),
        *limit_hypotheses(),
    )  # fmt: skip


def _floor() -> Term:
    return exponential(Fraction(-1, 4) * RADIUS**2 - HALF * D_ * LOG_TWO)


def _gained(of: Bracket) -> Term:
    return pi(J) * RHO**2 * _floor() * margin(RHO, of)


def kept_steps(keeping: Keeping, share: Number) -> tuple[Step, ...]:
    """All of the proof."""
    of = near_bracket(share)
    gain = pi(J) * norm_square(V, J) * FLOOR * margin(RHO, of)
    rho = below(NU_AT[RHO], beta_near(RHO, share))
    return (
        shown("step size", "positive", nonnegative(ETA), (1, ("eta > 0",))),
        *keeping.radii,
        Step("d >= 1", "a dimension", at_most(1, D_), Axiom("coordinates")),
        *uniform_steps(),
        *entropy_steps(),
        *entropy_at_pair_steps(),
        *near_bracket_steps(share),
        *place_steps(),
        *beyond_steps(),
        *log_weight_steps(),
        *growing_steps(of),
        *outward_steps(of),
        *falling_steps(),
        *drift_steps(),
        *pull_steps(),
        *keeping.steps,
        *motion_steps(gain, _equal_weights(rho)),
        *for_ever_steps(),
        *infinity_steps(gain, _floor(), _gained(of)),
        *pace_steps(keeping.most),
        *limit_steps(),
    )  # fmt: skip


#: What both show.
CONCLUSIONS = (
    "near for ever", "clear for ever", "increase", "time below B", "approach", "limit",
)  # fmt: skip
WORDS = (
    (bracket, "half the gap of squared distances"),
    (clearance, "the least of |v_k|^2 - r^2 over the others, and of |v_i|^2"),
    (drift, "the sum of E(|v_k|) over the others"),
)
REMARKS = ("any step can be taken for the first: m steps, then k more",)


def instance(
    far: Fraction, *further: tuple[Term, Fraction], eps: Fraction, eta: Fraction
) -> Proposal:
    """One of two near the truth, the other far from it."""
    return Proposal(
        (HALF, HALF), 1,
        ((V_0, ((Fraction(1, 10),), (far,))), (I_, 0), (J, 1), (AXIS, 0), (k_, 0), (M_STEP, 0),
         (EPS, eps), (RHO, Fraction(6)), (ETA, eta), (RADIUS, far + 1), (LIMIT, Fraction(6)),
         (GAMMA, Fraction(1, 10)), (OMEGA, log(2)), (LOG_TWO, log(2)), *further),
        1e-9,
    )  # fmt: skip


def theorem_e_n(
    *,
    far: Fraction = FAR,
    share: Number = Fraction(1, 8),
    largest: Fraction = HALF,
    few: Number = 2,
) -> Script:
    """Theorem E_n, with what can be changed to see the proof fail.

    Parameters
    ----------
    far : Fraction
        ``|v_k| >= rho >= far``.
    share : number
        The factor of ``(rho - eps)^2`` in beta.
    largest : Fraction
        Of the step sizes.
    few : number
        ``E_i(V_0) <= few eps``.

    Examples
    --------
    >>> theorem_e_n().conclusions[0]
    'near for ever'
    """
    keeping = by_size(far, few)
    return Script(
        "E-n",
        "One component near the truth tends to it, all others, distinct and far, escape",
        "derived for this project (Theorem E_n)",
        kept_hypotheses(keeping, share, largest),
        kept_steps(keeping, share),
        CONCLUSIONS,
        WORDS,
        "all n, d, uniform weights, steps up to 1/2",
        REMARKS,
        (instance(Fraction(7), eps=Fraction(2, 5), eta=Fraction(1, 4)),),
    )
