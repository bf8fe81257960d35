"""Region E: Lemma E for two groups of coincident components."""

from __future__ import annotations

from fractions import Fraction

from derive.losses.objectives import FORWARD
from numerics.fates.escape_region import FAR
from proofs_check.proofs.escape import CONCLUSIONS, escape
from proofs_check.proofs.escape_words import (
    HALF,
    I_,
    EscapeConstants,
    EscapeRegion,
    Groups,
    K,
    instance,
    log_odds,
    odds_statement,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import (
    Contracted,
    Generalise,
    Indicator,
    Instantiated,
    Linear,
)
from proofs_check.proofs.tactics.exponentials import (
    ExponentialPositive,
    ExponentialsAgree,
    NoOdds,
)
from proofs_check.proofs.tactics.language import (
    START,
    V_0,
    A,
    B,
    Descent,
    J,
    V,
    X,
    at_most,
    case,
    component,
    delta,
    entry,
    equal,
    every,
    exponential,
    following,
    mean_q,
    nonnegative,
    pi,
    positive,
    psi,
    total,
    v,
)
from proofs_check.proofs.tactics.score import error_square, k_, m
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Cases,
    Combination,
    Derived,
    Induction,
    Instance,
    Specialise,
)

_THIRD = Fraction(1, 3)
_USUAL = EscapeConstants()
_RUN = Descent(FORWARD)
_ETA = _RUN.size
_OTHER = component("h")
#: ``|v_j - v_1|^2`` at the start; the first group is where it vanishes.
_APART = total((v(V_0, J, A) - v(V_0, I_, A)) ** 2, A)
_NEAR = case(_APART, 0, 1, 0)
_FAR = 1 - _NEAR
_RATIO = exponential(Term("log_ratio", (V, X)))


def _exponent(j: Term) -> Term:
    """``x.v_j - |v_j|^2/2``: psi_j p/q is pi_j times its exponential."""
    return total(entry(X, B) * v(V, j, B) - HALF * v(V, j, B) ** 2, B)


def _inner(j: Term) -> Term:
    """``v_j.m``."""
    return total(v(V, j, B) * m(V, X, B), B)


def _integrand(j: Term) -> Term:
    """Half of what the gradient in v_j is the mean of."""
    return psi(V, j) * (m(V, X, A) + (_inner(j) - error_square(V, X)) * (entry(X, A) - v(V, j, A)))


def _mixed(of: Term, a: Term = A) -> Term:
    """Coordinate of the mean of component j's group."""
    return _NEAR * v(of, I_, a) + _FAR * v(of, K, a)


def _together(of: Term) -> Term:
    """Every component coincides with the first of its group."""
    return every(equal(v(of, J, A), _mixed(of)), J, A)


def region_e(
    *,
    near_weight: Fraction = _THIRD,
    far: Fraction = FAR,
    boxes: tuple[str, ...] | None = None,
    constants: EscapeConstants = _USUAL,
    largest_step: Fraction = HALF,
    counted: bool = True,
    shared_step: bool = True,
) -> Script:
    """Lemma E for groups of any sizes, with constants that can be changed to see the proof fail.

    Component i belongs to the near group, component l to the far one.

    Parameters
    ----------
    near_weight : Fraction
        Weight of the group near the truth; the other group has the rest.
    far : Fraction
        ``|v_2| >= far``.
    boxes : tuple of str or None
        The boxes of the cover, for example a certificate's; ``None``: regenerated.
    constants : EscapeConstants
    largest_step : Fraction
    counted : bool
        Whether a group counts as often as it has members; ``False`` is wrong.
    shared_step : bool
        Whether a group takes the step over its number of members; ``False`` is wrong.

    Examples
    --------
    >>> region_e().scope
    'n = k_1 + k_2 for all k_1, k_2, weights 1/3 and 2/3 of the groups, all d'
    """
    # a member's part of its group's weight is one over the number of members
    parts = (pi(I_) * (1 / near_weight), pi(K) * (1 / (1 - near_weight)))
    groups = Groups(
        (_NEAR, _FAR),
        (V_0,),
        parts if shared_step else (number(1), number(1)),
        ("coincident j", "indicator"),
        ("coincident for ever",),
    )
    core = escape(groups, EscapeRegion(near_weight, far, boxes), constants)
    stated = near_weight if constants.stated_weight is None else constants.stated_weight
    odds = log_odds(stated)
    zero = odds == number(0)
    hypotheses = (
        Hypothesis("coincident at 0", _together(V_0),
                   "every component coincides with i or with l"),
        Hypothesis("equal weights", every(equal(pi(J), _NEAR * pi(I_) + _FAR * pi(K)), J),
                   "the weights in each group are equal"),
        Hypothesis("near weight", equal(total(_NEAR * pi(J), J), stated),
                   f"weight {stated} of the group near the truth"),
        *(() if zero else (
            Hypothesis("log odds", odds_statement(odds, stated), "lambda = log(pi_2/pi_1)"),)),
        *core.hypotheses,
        Hypothesis("coincident", _together(V), "the same at V", temporary=True),
        Hypothesis("eta >= 0", nonnegative(_ETA), "the step size is not negative"),
        Hypothesis("largest eta", at_most(_ETA, largest_step), f"eta <= {largest_step}"),
        *_MEMBERS_HYPOTHESES,
        *core.late_hypotheses,
    )  # fmt: skip
    steps = (
        *((Step("log odds", "exp(0) = 1", odds_statement(odds, stated), NoOdds()),)
          if zero else ()),
        *_member_steps(),
        *_group_steps(parts, near_weight, counted),
        *_size_steps(core.of.steps, near_weight, largest_step),
        *core.steps,
    )  # fmt: skip
    return Script(
        "E-groups",
        "Two groups of coincident components, one near the truth: the far one escapes",
        "derived for this project",
        hypotheses,
        steps,
        ("coincident for ever", "number 1", "number 2", *CONCLUSIONS),
        core.of.words,
        f"n = k_1 + k_2 for all k_1, k_2, weights {near_weight} and {1 - near_weight} of the "
        "groups, all d",
        (
            "in words, v_1 is v_i, v_2 is v_l, k_1 and k_2 the numbers of members",
            "exact coincidence: nothing is said of groups that are perturbed",
        ),
        (instance((stated, *((1 - stated) / 2,) * 2), 4, _ETA, None if zero else odds),),
    )


_MEMBERS_HYPOTHESES = (
    Hypothesis("same mean", every(equal(v(V, J, B), v(V, _OTHER, B)), B),
               "components j and h coincide", temporary=True),
    Hypothesis("same weight", equal(pi(J), pi(_OTHER)), "and have equal weights", temporary=True),
    Hypothesis("inside", at_most(_APART, 0), "component j is of the near group", temporary=True),
    Hypothesis("outside", positive(_APART), "component j is of the far group", temporary=True),
)  # fmt: skip


def _member_steps() -> tuple[Step, ...]:
    """Coincident components of equal weight have the same gradient."""
    j, other = J, _OTHER
    same_b = equal(v(V, j, B), v(V, other, B))
    distance = entry(X, A) - v(V, j, A)
    return (
        Step("same b", "in each coordinate", same_b, Specialise((B,)), ("same mean",)),
        Step("same a", "in each coordinate", equal(v(V, j, A), v(V, other, A)), Specialise((A,)),
             ("same mean",)),
        Step("exponents", "x.v - |v|^2/2", equal(_exponent(j), _exponent(other)),
             Contracted("same b", entry(X, B) - HALF * (v(V, j, B) + v(V, other, B)), (B,)),
             ("same b",)),
        Step("exponentials", "the same",
             equal(exponential(_exponent(j)), exponential(_exponent(other))), ExponentialsAgree(),
             ("exponents",)),
        *(Step(f"density {name}", "psi p/q = pi exp(x.v - |v|^2/2)",
               equal(psi(V, i) * _RATIO, pi(i) * exponential(_exponent(i))),
               Axiom("density", (V, i, X)))
          for name, i in (("j", j), ("h", other))),
        Step("p/q > 0", "an exponential", positive(_RATIO), ExponentialPositive()),
        Step("responsibilities times p/q", "equal", equal(_RATIO * psi(V, j),
                                                         _RATIO * psi(V, other)),
             Linear(((1, "density j"), (-1, "density h"),
                     (exponential(_exponent(j)), "same weight"), (pi(other), "exponentials"))),
             ("density j", "density h", "same weight", "exponentials")),
        Step("same responsibility", "p/q divided out", equal(psi(V, j), psi(V, other)),
             Cancel("p/q > 0", "responsibilities times p/q"),
             ("p/q > 0", "responsibilities times p/q")),
        Step("v.m", "the same", equal(_inner(j), _inner(other)),
             Contracted("same b", m(V, X, B), (B,)), ("same b",)),
        Step("integrand", "of the gradient", equal(_integrand(j), _integrand(other)),
             Linear(((m(V, X, A) + (_inner(j) - error_square(V, X)) * distance,
                      "same responsibility"),
                     (psi(V, other) * distance, "v.m"),
                     (-psi(V, other) * (_inner(other) - error_square(V, X)), "same a"))),
             ("same responsibility", "v.m", "same a")),
        Step("means", "averaged", equal(mean_q(_integrand(j)), mean_q(_integrand(other))),
             Average((TEACHER,)), ("integrand",)),
        Step("gradient of j", "from the loss",
             equal(_RUN.gradient(V, j, A), 2 * mean_q(_integrand(j))), Derived()),
        Step("gradient of h", "the same",
             equal(_RUN.gradient(V, other, A), 2 * mean_q(_integrand(other))),
             Instance({j: other}), ("gradient of j",)),
        Step("same gradient", "so",
             equal(_RUN.gradient(V, j, A), _RUN.gradient(V, other, A)),
             Linear(((1, "gradient of j"), (-1, "gradient of h"), (2, "means"))),
             ("gradient of j", "gradient of h", "means")),
    )  # fmt: skip


def _side_steps(name: str, first: Term, value: int, case_name: str) -> tuple[Step, ...]:
    """The gradient of a member of one of the groups."""
    of_group = _NEAR * _RUN.gradient(V, I_, A) + _FAR * _RUN.gradient(V, K, A)
    return (
        Step(f"group {name}: indicator", "by definition", equal(_NEAR, value),
             Axiom(case_name, (_APART, number(0), number(1), number(0))), ()),
        Step(f"group {name}: mean", "so it coincides", equal(v(V, J, B), v(V, first, B)),
             Derived(), ("coincident b", f"group {name}: indicator")),
        Step(f"group {name}: means", "in all coordinates",
             every(equal(v(V, J, B), v(V, first, B)), B),
             Generalise((B,)), (f"group {name}: mean",)),
        Step(f"group {name}: weight", "and has the same weight", equal(pi(J), pi(first)), Derived(),
             ("weight of j", f"group {name}: indicator")),
        Step(f"group {name}: gradient", "and the same gradient",
             equal(_RUN.gradient(V, J, A), _RUN.gradient(V, first, A)),
             Instantiated({_OTHER: first}, "same gradient"),
             ("same gradient", f"group {name}: means", f"group {name}: weight")),
        Step(f"group {name}: member", "of its group", equal(_RUN.gradient(V, J, A), of_group),
             Linear(((1, f"group {name}: gradient"),
                     (_RUN.gradient(V, K, A) - _RUN.gradient(V, I_, A),
                      f"group {name}: indicator"))),
             (f"group {name}: gradient", f"group {name}: indicator")),
    )  # fmt: skip


def _group_steps(
    parts: tuple[Term, Term], near_weight: Fraction, counted: bool
) -> tuple[Step, ...]:
    """Each group stays together and moves by its part of the step."""
    after, now = _RUN.after(V), _RUN.at(k_)
    gradient = _RUN.gradient
    of_group = _NEAR * gradient(V, I_, A) + _FAR * gradient(V, K, A)
    numbers = (total(_NEAR, J), total(_FAR, J))
    start = _RUN.at(START)
    return (
        Step("coincident j", "component j", equal(v(V, J, A), _mixed(V)), Specialise((J, A)),
             ("coincident",)),
        Step("coincident b", "component j", equal(v(V, J, B), _mixed(V, B)), Specialise((J, B)),
             ("coincident",)),
        Step("weight of j", "component j", equal(pi(J), _NEAR * pi(I_) + _FAR * pi(K)),
             Specialise((J,)), ("equal weights",)),
        Step("indicator", "zero or one", equal(_NEAR * _NEAR, _NEAR), Indicator(_APART, number(0))),
        *_side_steps("1", I_, 1, "first case"),
        *_side_steps("2", K, 0, "second case"),
        Step("member", "in both cases", equal(gradient(V, J, A), of_group),
             Cases(_APART, number(0), "group 1: member", "group 2: member"),
             ("group 1: member", "group 2: member")),
        Step("coincident next", "all members take the same step",
             equal(v(after, J, A), _mixed(after)), Linear(((1, "coincident j"), (-_ETA, "member"))),
             ("coincident j", "member")),
        Step("coincident then", "at step k",
             equal(v(_RUN.at(following(k_)), J, A), _mixed(_RUN.at(following(k_)))),
             Instance({V: now}), ("coincident next",)),
        Step("coincident passage", "for every component", _together(_RUN.at(following(k_))),
             Generalise((J, A)), ("coincident then",)),
        Step("coincident j at 0", "at the start", equal(v(V_0, J, A), _mixed(V_0)),
             Specialise((J, A)), ("coincident at 0",)),
        Step("coincident j after 0", "no steps", equal(v(start, J, A), _mixed(start)), Derived(),
             ("coincident j at 0",)),
        Step("coincident start", "for every component", _together(start), Generalise((J, A)),
             ("coincident j after 0",)),
        Step("coincident for ever", "by induction", _together(now),
             Induction(k_, "coincident start", "coincident passage"),
             ("coincident start", "coincident passage")),
        *_sum_steps("1", _NEAR, I_, numbers[0], parts[0], near_weight, counted),
        *_sum_steps("2", _FAR, K, numbers[1], parts[1], 1 - near_weight, counted),
    )  # fmt: skip


def _sum_steps(
    name: str,
    members: Term,
    first: Term,
    number_of: Term,
    part: Term,
    weight: Fraction,
    counted: bool,
) -> tuple[Step, ...]:
    """A member's gradient is its part of the group's, the sum over the members."""
    gradient = _RUN.gradient
    rest = K if name == "1" else I_
    alien = gradient(V, first, A) - gradient(V, rest, A)
    heavy = pi(first) - pi(rest)
    sum_of = total(members * gradient(V, J, A), J)
    return (
        Step(f"members {name}", "each has the gradient of the first",
             equal(members * gradient(V, J, A), members * gradient(V, first, A)),
             Linear(((members, "member"), (alien, "indicator"))), ("member", "indicator")),
        Step(f"weights {name}", "each has the weight of the first",
             equal(members * pi(J), members * pi(first)),
             Linear(((members, "weight of j"), (heavy, "indicator"))),
             ("weight of j", "indicator")),
        Step(f"sum {name}", "as many times as there are members",
             equal(sum_of, number_of * gradient(V, first, A)), Average((J,)), (f"members {name}",)),
        Step(f"number {name}", "k pi is the weight of the group",
             equal(number_of * pi(first), weight),
             Contracted(f"weights {name}", number(1), (J,)), (f"weights {name}", "near weight")),
        Step(f"member {name}", "so its part is 1/k",
             equal(gradient(V, first, A), (part if counted else 1) * sum_of),
             Linear(((-1 * part, f"sum {name}"),
                     (-gradient(V, first, A) * (1 / weight), f"number {name}"))),
             (f"sum {name}", f"number {name}")),
    )  # fmt: skip


def _size_steps(
    steps: tuple[Term, Term], near_weight: Fraction, largest_step: Fraction
) -> tuple[Step, ...]:
    """``0 <= eta/k <= eta``."""
    alone, itself = delta(J, I_), {J: I_}
    return (
        *(Step(f"weight {name} > 0", "a weight", positive(pi(first)), Axiom("weight", (first,)))
          for name, first in (("1", I_), ("2", K))),
        Step("step size", "a product", nonnegative(steps[0]),
             Combination(((1 / near_weight, ("eta >= 0", "weight 1 > 0")),)),
             ("eta >= 0", "weight 1 > 0")),
        Step("far step", "a product", nonnegative(steps[1]),
             Combination(((1 / (1 - near_weight), ("eta >= 0", "weight 2 > 0")),)),
             ("eta >= 0", "weight 2 > 0")),
        Step("weight j > 0", "a weight", positive(pi(J)), Axiom("weight", (J,))),
        Step("no distance", "component i from itself", at_most(replaced(_APART, itself), 0),
             Combination()),
        Step("first", "i is of its group", equal(replaced(_NEAR, itself), 1),
             Instantiated(itself, "group 1: indicator"), ("group 1: indicator", "no distance")),
        Step("others", "a square", nonnegative((_NEAR - alone) ** 2),
             Combination((), ((1, _NEAR - alone),))),
        Step("among others", "i is one of them", at_most(alone * pi(J), _NEAR * pi(J)),
             Combination(((1, ("others", "weight j > 0")),)),
             ("others", "weight j > 0", "indicator", "first")),
        Step("part", "the weight of a member", at_most(pi(I_), near_weight), Average((J,)),
             ("among others", "near weight")),
        Step("largest step", "eta - eta/k is not negative", at_most(steps[0], HALF),
             Combination(((1, ("largest eta",)), (1 / near_weight, ("eta >= 0", "part")),
                          (HALF - largest_step, ()))),
             ("largest eta", "eta >= 0", "part")),
    )  # fmt: skip
