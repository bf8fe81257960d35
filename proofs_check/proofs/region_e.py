"""Region E: Lemma E for two groups of coincident components."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy

from numerics.fates.escape_region import FAR
from proofs_check.proofs.escape_core import CONCLUSIONS, EscapeConstants, escape, what_happens
from proofs_check.proofs.escape_cover import EscapeRegion
from proofs_check.proofs.escape_rules import JointInduction
from proofs_check.proofs.group_rules import Group, MemberGradient
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import Expression, Glossary, at_most, equal, nonnegative
from proofs_check.proofs.rules import Combination, Replayed

_HALF = Fraction(1, 2)
_THIRD = Fraction(1, 3)
_USUAL = EscapeConstants()


@dataclass(frozen=True)
class _GroupWords:
    """Symbols of one group: those of the rule, and its place before and after."""

    number: int
    group: Group
    step: Expression
    member_start: Expression
    start: Expression
    member_next: Expression
    following: Expression


def region_e(
    *,
    near_weight: Fraction = _THIRD,
    far: Fraction = FAR,
    boxes: tuple[str, ...] | None = None,
    constants: EscapeConstants = _USUAL,
    largest_step: Fraction = _HALF,
    counted: bool = True,
    shared_step: bool = True,
) -> Proof:
    """Lemma E for groups of any sizes, with constants that can be changed to see the proof fail.

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
    words = Glossary()
    core = escape(words, EscapeRegion(near_weight, far, boxes), constants)
    w = core.words
    eta = words.parameter("eta", "the step size of every component", r"\eta")
    groups = tuple(
        _group_words(words, number, step) for number, step in ((1, w.eta), (2, w.eta_far))
    )
    hypotheses = (
        *core.hypotheses,
        Hypothesis("eta >= 0", nonnegative(eta), "the step size is not negative"),
        Hypothesis("largest eta", at_most(eta, largest_step), f"eta <= {largest_step}"),
        *(hypothesis for g in groups for hypothesis in _hypotheses(g, eta, shared_step)),
        *core.late_hypotheses,
    )
    return Proof(
        "E-groups",
        "Two groups of coincident components, one near the truth: the far one escapes",
        f"k_1 components of equal weights, {near_weight} together, coincide at v_1, k_2 of equal "
        f"weights, {1 - near_weight} together, at v_2. If |v_1| <= 0.15, |v_2| >= {float(far)} and "
        f"0 < eta <= {largest_step} then the members of each group coincide at every later step, "
        "each group moves by eta_i = eta/k_i times the gradient of the group as one component, and "
        f"{what_happens(w.growth, far)}",
        rf"|v_1|\le0.15,\ |v_2|\ge{float(far)},\ 0<\eta\le\tfrac12\ \Rightarrow\ |v_1|\le0.15\ "
        r"\text{for ever},\ |v_2|\nearrow\infty",
        "derived for this project",
        f"n = k_1 + k_2 for all k_1, k_2, weights {near_weight} and {1 - near_weight} of the "
        "groups, all d",
        words,
        hypotheses,
        (*_group_steps(groups, largest_step, counted), *core.steps),
        (*(f"coincident {g.number} for ever" for g in groups), *CONCLUSIONS),
        ("exact coincidence: nothing is said of groups that are perturbed",),
    )


def _group_words(words: Glossary, i: int, step: Expression) -> _GroupWords:
    new = words.parameter
    of = f"of any member j of group {i}"
    group = Group(
        new(f"k_{i}", f"the number of members of group {i}"),
        new(f"s_{i}", f"the weight of a member of group {i} over pi_{i}"),
        new(f"v_{i}j", f"any coordinate {of}", f"v_{{{i}j}}"),
        new(f"v_{i}", f"the same of group {i} as one component"),
        new(f"grad_{i}j", f"the same of the gradient of L in the mean {of}", rf"\nabla_{{{i}j}}L"),
        new(f"grad_{i}", "the same of the gradient in v_i, the groups taken as single components",
            rf"\nabla_{i}L"),
    )  # fmt: skip
    return _GroupWords(
        i,
        group,
        step,
        new(f"v_{i}j(0)", "at the start", f"v_{{{i}j}}(0)"),
        new(f"v_{i}(0)", "at the start"),
        new(f"v_{i}j+", "at step k + 1", f"v_{{{i}j}}'"),
        new(f"v_{i}+", "at step k + 1", f"v_{i}'"),
    )


def _hypotheses(g: _GroupWords, eta: Expression, shared_step: bool) -> tuple[Hypothesis, ...]:
    i, group = g.number, g.group
    share = group.share if shared_step else sympy.Integer(1)
    equalities = (
        (f"eta_{i}", equal(g.step, share * eta), f"eta_{i} = eta/k_{i}"),
        (f"member's step {i}", equal(g.member_next, group.member - eta * group.pull),
         "gradient descent in all components"),
        (f"group's step {i}", equal(g.following, group.mean - g.step * group.force),
         f"gradient descent of single components with step eta_{i}"),
        (f"k_{i} >= 1", at_most(1, group.count), "a number of components"),
        (f"s_{i} >= 0", nonnegative(group.share), "a share"),
    )  # fmt: skip
    return (
        Hypothesis(f"coincident {i} at 0", equal(g.member_start, g.start), f"group {i} coincides"),
        Hypothesis(f"coincident {i}", equal(group.member, group.mean), "the same", temporary=True),
        Hypothesis(
            f"equal weights {i}",
            equal(group.count * group.share, 1),
            f"the weights in group {i} are equal",
        ),
        *(Hypothesis(name, what, why, by_definition=True) for name, what, why in equalities),
    )


def _group_steps(
    groups: tuple[_GroupWords, ...], largest_step: Fraction, counted: bool
) -> tuple[Step, ...]:
    """Each group stays together and takes the step ``eta/k``, which is at most eta."""
    numbers = [g.number for g in groups]
    together = tuple(f"coincident {i}" for i in numbers)
    alike = (*together, *(f"equal weights {i}" for i in numbers))
    rules = tuple(g.group for g in groups)
    starts, passages = (
        tuple(f"coincident {i} {when}" for i in numbers) for when in ("at 0", "next")
    )
    first: dict[Expression, Expression] = {}
    following: dict[Expression, Expression] = {}
    for g in groups:
        first |= {g.group.member: g.member_start, g.group.mean: g.start}
        following |= {g.group.member: g.member_next, g.group.mean: g.following}
    induction = JointInduction(together, starts, passages, first, following)
    near, far = groups
    return (
        Step("coincident groups", "the gradient of coincident components, from the loss", None,
             Replayed("coincident-groups")),
        *(Step(f"gradient {g.number}", "the member's share of the group's",
               equal(g.group.pull, g.group.share * g.group.force),
               MemberGradient(g.group, rules, counted), alike)
          for g in groups),
        *(Step(f"coincident {g.number} next", "all members take the group's step",
               equal(g.member_next, g.following), Combination(), _step_premises(g.number))
          for g in groups),
        *(Step(f"coincident {g.number} for ever", "by induction",
               equal(g.group.member, g.group.mean), induction, (*starts, *passages))
          for g in groups),
        Step("step size", "a product", nonnegative(near.step),
             Combination(((1, ("eta >= 0", "s_1 >= 0")),)), ("eta >= 0", "s_1 >= 0", "eta_1")),
        Step("far step", "a product", nonnegative(far.step),
             Combination(((1, ("eta >= 0", "s_2 >= 0")),)), ("eta >= 0", "s_2 >= 0", "eta_2")),
        Step("largest step", "eta - eta/k = (k - 1) eta/k",
             at_most(near.step, _HALF),
             Combination(((1, ("largest eta",)), (1, ("eta >= 0", "s_1 >= 0", "k_1 >= 1")),
                          (_HALF - largest_step, ()))),
             ("largest eta", "eta >= 0", "s_1 >= 0", "k_1 >= 1", "eta_1", "equal weights 1")),
    )  # fmt: skip


def _step_premises(i: int) -> tuple[str, ...]:
    return (
        f"gradient {i}",
        f"coincident {i}",
        f"member's step {i}",
        f"group's step {i}",
        f"eta_{i}",
    )
