"""Theorem E_n: one component near the truth stays there, all others, distinct and far, escape."""

from __future__ import annotations

from fractions import Fraction
from math import log

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.equal_weights import equal_weights, uniform_steps
from proofs_check.proofs.far_radius import (
    NU_AT,
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
    NEAR2,
    beta_near,
    entropy_at_pair_steps,
    near_bracket,
    near_bracket_steps,
)
from proofs_check.proofs.tactics.bounds import (
    Asked,
    Generalise,
    Instantiated,
    SquareRoot,
)
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialPositive
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
    define,
    delta,
    equal,
    every,
    exponential,
    following,
    least,
    nonnegative,
    pi,
    positive,
    real,
    total,
    v,
)
from proofs_check.proofs.tactics.score import k_
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Bound,
    Cancel,
    Cases,
    Derived,
    Discharge,
    Instance,
    Member,
    Specialise,
    Square,
    Squares,
    Vanishes,
)
from proofs_check.proofs.tactics.vacuity import Proposal

EPS, FAR, DRIFT = Fraction(2, 5), Fraction(11, 2), Fraction(399, 1000)
RADIUS = real("B")
_NOW, _THEN, _AFTER = RUN.at(k_), RUN.at(following(k_)), RUN.after(V)
_OTHER = delta(I_, K)
#: The least of ``|v_k|^2 - rho^2`` over the others (and of ``|v_i|^2``).
clearance = define(
    "least |v_k|^2-rho^2 ({0})",
    least(norm_square(V, K) - (1 - delta(I_, K)) * RHO**2, K),
    V, I_, RHO,
)  # fmt: skip


def _clear(of: Term) -> Term:
    return nonnegative(clearance(of, I_, RHO))


def _close(of: Term, eps: Fraction) -> Term:
    return at_most(norm_square(of, I_), eps**2)


def place_steps() -> tuple[Step, ...]:
    """``rho <= |v_j|`` for ``j`` not ``i``, and ``rho_0^2 <= |v_k|^2`` for every other k."""
    member = norm_square(V, K) - (1 - _OTHER) * RHO**2
    return (
        Step("least of all", "a member", at_most(clearance(V, I_, RHO), member),
             Member(clearance(V, I_, RHO), (K,))),
        shown("others are far", "the least is not negative",
              at_most((1 - _OTHER) * RHO**2, norm_square(V, K)),
              (1, ("least of all",)), (1, ("clear",))),
        Step("j is far", "for k = j", at_most((1 - delta(I_, J)) * RHO**2, norm_square(V, J)),
             Instance({K: J}), ("others are far",)),
        shown("|v_j| squared", "j is another", at_most(RHO**2, norm(V, J) ** 2),
              (1, ("j is far",)), using=("apart", "|v_j| and its square")),
        Step("beyond", "the root", at_most(RHO, norm(V, J)),
             SquareRoot("|v_j| squared", "|v_j| >= 0"), ("|v_j| squared", "|v_j| >= 0")),
    )  # fmt: skip


def near_steps(eps: Fraction, far: Fraction, drift: Fraction) -> tuple[Step, ...]:
    """``|v_i| <= eps`` after a step."""
    slope = RUN.gradient(V, I_, A)
    d = slope - 2 * v(V, I_, A)
    pull, along = total(d**2, A), total(v(V, I_, A) * d, A)
    far_k = at_most(number(far**2) * (1 - _OTHER), total(v(V, K, A) * v(V, K, A), A))
    return (
        shown("far squared", "rho is at least that", at_most(far**2, RHO**2),
              (1, ("rho is far", "rho is far")), (2 * far, ("rho is far",))),
        shown("far k", "for every other", at_most(number(far**2) * (1 - _OTHER), norm_square(V, K)),
              (1, ("others are far",)), (1, ("far squared",), (1 - _OTHER,))),
        shown("far k written", "every coordinate", far_k, (1, ("far k",))),
        Step("far at every k", "generalised", every(far_k, K), Generalise((K,)),
             ("far k written",)),
        Step("Lemma V", "the pull of the others", at_most(pull, ((N_ - 1) * drift) ** 2),
             Asked("near drift", (V, I_, eps, far, drift), "on paper"),
             ("uniform", "near", "far at every k")),
        shown("n - 1 >= 0", "components", nonnegative(N_ - 1), (1, ("n >= 1",))),
        shown("pull squared", "few enough", at_most(((N_ - 1) * drift) ** 2, 4 * eps**2),
              (1, ("few", "few")), (2 * drift, ("few", "n - 1 >= 0"))),
        shown("pull", "together", at_most(pull, 4 * eps**2), (1, ("Lemma V",)),
              (1, ("pull squared",))),
        Step("next v_i", "(1 - 2 eta) v_i - eta d",
             equal(norm_square(_AFTER, I_),
                   (1 - 2 * ETA) ** 2 * NEAR2 - 2 * ETA * (1 - 2 * ETA) * along + ETA**2 * pull),
             Derived()),
        shown("1 - 2 eta >= 0", "the step is at most 1/2", nonnegative(1 - 2 * ETA),
              (2, ("largest step",))),
        Step("|2 v_i + d|^2 >= 0", "a sum of squares", nonnegative(4 * NEAR2 + 4 * along + pull),
             Squares((Square(2 * v(V, I_, A) + d, (A,)),))),
        shown("near next", "|(1 - 2 eta) v_i - eta d| <= (1 - 2 eta) eps + 2 eta eps",
              _close(_AFTER, eps),
              (HALF, ("step size", "1 - 2 eta >= 0", "|2 v_i + d|^2 >= 0")),
              (1, ("1 - 2 eta >= 0", "near")), (HALF, ("step size", "pull")),
              using=("next v_i",)),
    )  # fmt: skip


def _equal_weights(formula: Term) -> Term:
    """With ``omega`` for ``u``."""
    return replaced(formula, {LOG_J: OMEGA})


def _put(name: str) -> Instantiated:
    return Instantiated({LOG_J: OMEGA}, name)


def motion_steps(gain: Term, rho_of_j: Term) -> tuple[Step, ...]:
    """``|v_j|`` grows, and every other component stays beyond rho."""
    slope = RUN.gradient(V, J, A)
    here, there = norm_square(V, J), norm_square(_AFTER, J)
    positives = ("pi_j > 0", "|v_j|^2 > 0", "floor > 0")
    d = delta(I_, J)
    goal = at_most((1 - d) * RHO**2, there)
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
        shown("next apart", "if j is another", goal, (1, ("no loss of j",)), (1, ("j is far",))),
        Step("delta >= 0", "its own square", nonnegative(d), Squares((Square(d),))),
        Step("delta = 0", "both signs", equal(d, 0), Vanishes(d), ("delta <= 0", "delta >= 0")),
        Step("next other", "so if delta <= 0", goal, Discharge("next apart", ("delta = 0",)),
             ("next apart", "delta = 0")),
        Step("times delta", "its own square", equal(d * (1 - d), 0), Derived()),
        Step("1 - delta", "divided", equal(1 - d, 0), Cancel("delta > 0", "times delta"),
             ("delta > 0", "times delta")),
        Step("square next", "a square", nonnegative(there),
             Squares((Square(v(_AFTER, J, A), (A,)),))),
        shown("next itself", "nothing is said of i", goal, (1, ("square next",)),
              using=("1 - delta",)),
        Step("next of any", "by cases", goal, Cases(d, number(0), "next other", "next itself"),
             ("next other", "next itself")),
        shown("gap of j", "the difference", at_most(0, there - (1 - d) * RHO**2),
              (1, ("next of any",))),
        Step("gap of k", "for k", at_most(0, norm_square(_AFTER, K) - (1 - _OTHER) * RHO**2),
             Instance({J: K}), ("gap of j",)),
        Step("clear next", "the least of them", _clear(_AFTER), Bound((K,), "least"),
             ("gap of k",)),
    )  # fmt: skip


def for_ever_steps(eps: Fraction) -> tuple[Step, ...]:
    """Both for every number of steps; every other grows."""
    claims = (_close(_NOW, eps), _clear(_NOW))
    both = JointInduction(k_, claims, ("near at 0", "clear at 0"), ("near then", "clear then"))
    names = (*both.starts, *both.passages)
    held = ("near for ever", "clear for ever")

    def everywhere(name: str, why: str, goal: Term, of: str) -> Step:
        return Step(name, why, goal, Instantiated({V: _NOW}, of), (of, *held))

    here, there = norm_square(_NOW, J), norm_square(_THEN, J)
    return (
        Step("near then", "at step k", _close(_THEN, eps), Instance({V: _NOW}), ("near next",)),
        Step("clear then", "at step k", _clear(_THEN), Instance({V: _NOW}), ("clear next",)),
        Step("near for ever", "by induction", claims[0], both, names),
        Step("clear for ever", "by induction", claims[1], both, names),
        everywhere("increase", "|v_j| grows at every step", below(here, there),
                   "strict growth of j"),
        everywhere("kept", "or equal", at_most(here, there), "no loss of j"),
        everywhere("start", "beyond rho", at_most((1 - delta(I_, J)) * RHO**2, here), "j is far"),
    )  # fmt: skip


def infinity_steps(gain: Term, floor: Term, gained: Term) -> tuple[Step, ...]:
    """As long as ``|v_j| <= B`` it gains at least a fixed amount a step."""
    here, there = norm_square(_NOW, J), norm_square(_THEN, J)
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
              at_most(norm_square(V, J) + 2 * ETA * gained, norm_square(_AFTER, J)),
              (1, ("growth",)), (2, ("step size", "gain below B"))),
        Step("growth below B of j", "with u = omega",
             at_most(norm_square(V, J) + 2 * ETA * least_gain, norm_square(_AFTER, J)),
             _put("growth below B"), ("growth below B", "u is omega", "rho of j")),
        Step("gain", "as long as |v_j| <= B", at_most(here + 2 * ETA * least_gain, there),
             Instantiated({V: _NOW}, "growth below B of j"),
             ("growth below B of j", "near for ever", "clear for ever")),
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


def theorem_e_n(
    *,
    eps: Fraction = EPS,
    far: Fraction = FAR,
    drift: Fraction = DRIFT,
    share: Number = Fraction(1, 8),
    largest: Fraction = HALF,
) -> Script:
    """Theorem E_n in one of its uniform regions, with what can be changed to see the proof fail.

    Parameters
    ----------
    eps, far : Fraction
        ``|v_i| <= eps`` and ``|v_k| >= rho >= far``.
    drift : Fraction
        At least Lemma V's bound there; ``(n - 1) drift <= 2 eps``.
    share : number
        The factor of ``(rho - eps)^2`` in beta.
    largest : Fraction
        Of the step sizes.

    Examples
    --------
    >>> theorem_e_n().conclusions[0]
    'near for ever'
    """
    of = near_bracket(eps, share)
    gain = pi(J) * norm_square(V, J) * FLOOR * margin(RHO, of)
    floor = exponential(Fraction(-1, 4) * RADIUS**2 - HALF * D_ * LOG_TWO)
    gained = pi(J) * RHO**2 * floor * margin(RHO, of)
    here = norm_square(_NOW, J)
    counted = RHO**2 + 2 * ETA * _equal_weights(gained) * count(k_)
    rho = below(NU_AT[RHO], beta_near(RHO, eps, share))
    d = delta(I_, J)
    hypotheses = (
        *equal_weights(),
        Hypothesis("u", equal(exponential(LOG_J) * pi(J), 1), "u = log(1/pi_j)", temporary=True),
        Hypothesis("gamma >= 0", nonnegative(GAMMA), "a number"),
        Hypothesis("gamma", at_most(N_ - 2, 2 * GAMMA * exponential(GAMMA + 1)),
                   "2 gamma e^gamma is at least (n - 2)/e"),
        Hypothesis("rho is far", at_most(far, RHO), "the radius of Lemma V, or more"),
        Hypothesis("rho", rho, "nu_j < beta at rho", temporary=True),
        Hypothesis("rho for all", every(_equal_weights(rho), J), "nu < beta at rho"),
        Hypothesis("few", at_most((N_ - 1) * drift, 2 * eps), "the pull of all others"),
        Hypothesis("eta > 0", positive(ETA), "the step size is positive"),
        Hypothesis("largest step", at_most(ETA, largest), "eta is at most 1/2"),
        Hypothesis("near at 0", _close(V_0, eps), "|v_i| is at most eps"),
        Hypothesis("clear at 0", _clear(V_0), "every other is beyond rho"),
        Hypothesis("apart", equal(d, 0), "j is another than i"),
        Hypothesis("near", _close(V, eps), "at V", temporary=True),
        Hypothesis("clear", _clear(V), "at V", temporary=True),
        Hypothesis("delta <= 0", at_most(d, 0), "j is not i", temporary=True),
        Hypothesis("delta > 0", below(0, d), "j is i", temporary=True),
        Hypothesis("bounded", at_most(here, RADIUS**2), "|v_j| <= B after k steps"),
        Hypothesis("bounded at V", at_most(norm_square(V, J), RADIUS**2), "|v_j| <= B",
                   temporary=True),
        Hypothesis("count", at_most(counted, here), "until the induction", temporary=True),
    )  # fmt: skip
    steps = (
        shown("step size", "positive", nonnegative(ETA), (1, ("eta > 0",))),
        shown("rho > 0", "it is far", positive(RHO), (1, ("rho is far",)), (far, ())),
        shown("rho >= eps", "it is far", at_most(eps, RHO), (1, ("rho is far",)),
              (far - eps, ())),
        Step("d >= 1", "a dimension", at_most(1, D_), Axiom("coordinates")),
        *uniform_steps(),
        *entropy_steps(),
        *entropy_at_pair_steps(),
        *near_bracket_steps(eps, share),
        *place_steps(),
        *log_weight_steps(),
        *growing_steps(of),
        *outward_steps(of),
        *near_steps(eps, far, drift),
        *motion_steps(gain, _equal_weights(rho)),
        *for_ever_steps(eps),
        *infinity_steps(gain, floor, gained),
    )  # fmt: skip
    return Script(
        "E-n",
        "One component near the truth stays there, all others, distinct and far, escape",
        "derived for this project (Theorem E_n)",
        hypotheses,
        steps,
        ("near for ever", "clear for ever", "increase", "time below B"),
        (
            (bracket, "half the gap of squared distances"),
            (clearance, "the least of |v_k|^2 - rho^2 over the others, and of |v_i|^2"),
        ),
        f"all n with {drift} (n - 1) <= 2 * {eps}, d, uniform weights, steps up to {largest}",
        ("Lemma V is shown on paper, and evaluated in balls: an open step",),
        (
            Proposal(
                (HALF, HALF),
                1,
                ((V_0, ((Fraction(0),), (Fraction(7),))), (I_, 0), (J, 1), (AXIS, 0), (k_, 0),
                 (RHO, Fraction(6)), (ETA, Fraction(1, 4)), (RADIUS, Fraction(8)),
                 (GAMMA, Fraction(1, 10)), (OMEGA, log(2)),
                 (LOG_TWO, log(2))),
                1e-9,
            ),
        ),
    )  # fmt: skip
