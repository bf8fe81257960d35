"""Theorem A for steps below n/2: the same radius, with other bounds of the growth from n/4 on.

As h tends to 1/2 the product of the factors comes down to two of them, so that the potential falls
only like ``1/|c|``; Theorem B has h = 1/2.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from proofs_check.proofs.cluster_constants import CONTRACTION
from proofs_check.proofs.cluster_energy_run import least_so_far
from proofs_check.proofs.cluster_potential import FOR_LARGE_STEPS, SPREAD
from proofs_check.proofs.cluster_product import LARGE_STEPS, SMALL_STEPS
from proofs_check.proofs.cluster_run import DELTA_0, LAST, M_, RISE
from proofs_check.proofs.cluster_state import MANY, distance
from proofs_check.proofs.cluster_words import RUN, H
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.language import (
    V_0,
    at_most,
    below,
    following,
    term,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Cases, Lemma
from proofs_check.proofs.tactics.vacuity import Proposal
from proofs_check.proofs.theorem_a import NOTATION, theorem_a

#: What is shown for all these steps.
CONCLUSIONS = ("D along the run", "c along the run", "entry")
SOURCE = "derived for this project (Theorem A, with larger steps)"


def theorem_a_steps() -> Script:
    """Theorem A for ``h < 1/2``: by cases, at ``h = 1/4``.

    Examples
    --------
    >>> theorem_a_steps().scope
    'all n >= 2, d, uniform weights, D_0 <= 4/31 exp(-Lambda(|c_0|)), steps below n/2'
    """
    now, after = RUN.at(M_), RUN.at(following(M_))
    goals = (
        at_most(SPREAD.with_growth(now), RISE * DELTA_0),
        at_most(distance(after), (1 - CONTRACTION * H) * distance(now)),
        at_most(least_so_far(LAST), 1),
    )
    small = theorem_a()
    ranges = {h.name for h in SMALL_STEPS.hypotheses()}
    used = {name for step in _needed(theorem_a(of=FOR_LARGE_STEPS)) for name in step.uses}
    kept = {h.name for h in small.hypotheses if not h.temporary} & used - ranges
    middle = term(SMALL_STEPS.largest)
    return Script(
        "A-steps",
        "From an exponentially small radius all components come near the truth, steps below n/2",
        SOURCE,
        (
            *(h for h in small.hypotheses if h.name in kept),
            Hypothesis("largest h", below(H, LARGE_STEPS.largest), "eta = h n < n/2"),
            Hypothesis("small steps", at_most(H, middle), "a case", temporary=True),
            Hypothesis("large steps", below(middle, H), "the other", temporary=True),
        ),
        tuple(
            step
            for name, goal in zip(CONCLUSIONS, goals, strict=True)
            for step in _by_cases(name, goal, middle)
        ),
        CONCLUSIONS,
        NOTATION,
        scope="all n >= 2, d, uniform weights, D_0 <= 4/31 exp(-Lambda(|c_0|)), steps below n/2",
        remarks=small.remarks,
        instances=(_two_means(),),
    )


def large_steps() -> Script:
    """Theorem A for ``1/4 < h < 1/2``: only what the conclusions rest on.

    Steps that are those of Theorem A, with the same premises, are taken from there.

    Examples
    --------
    >>> large_steps().conclusions
    ('D along the run', 'c along the run', 'entry')
    """
    small, large = theorem_a(), theorem_a(of=FOR_LARGE_STEPS)
    same = {h.name for h in small.hypotheses if h in large.hypotheses}
    own = {step.name: step for step in small.steps}
    steps = []
    for step in _needed(large):
        if own.get(step.name) == step and same.issuperset(step.uses):
            same.add(step.name)
            step = replace(step, tactic=Lemma(theorem_a, step.name), uses=())
        steps.append(step)
    return replace(
        large,
        name="A-upper",
        title="From an exponentially small radius all come near the truth, steps of n/4 to n/2",
        source=SOURCE,
        steps=tuple(steps),
        conclusions=CONCLUSIONS,
        scope="all n >= 2, d, uniform weights, D_0 <= 4/31 exp(-Lambda(|c_0|)), n/4 < steps < n/2",
        instances=(_two_means(),),
    )


def _needed(script: Script) -> tuple[Step, ...]:
    """The steps that the conclusions rest on."""
    names = set(CONCLUSIONS)
    for step in reversed(script.steps):
        if step.name in names:
            names.update(step.uses)
    return tuple(step for step in script.steps if step.name in names)


def _by_cases(name: str, goal: Term, middle: Term) -> tuple[Step, ...]:
    return (
        Step(f"{name}, small steps", "Theorem A", goal, Lemma(theorem_a, name)),
        Step(
            f"{name}, large steps",
            "the same proof, where the growth's first factors are larger",
            goal,
            Lemma(large_steps, name),
        ),
        Step(
            name,
            "in both cases",
            goal,
            Cases(H, middle, f"{name}, small steps", f"{name}, large steps"),
            (f"{name}, small steps", f"{name}, large steps"),
        ),
    )


def _two_means() -> Proposal:
    """Two components, the truth at a distance of 1, a step of a third of n."""
    start = ((Fraction(999, 1000),), (Fraction(1001, 1000),))
    numbers = ((H, Fraction(1, 3)), (LAST, 4), (M_, 0), (MANY, 14), (DELTA_0, Fraction(1, 16)))
    return Proposal((Fraction(1, 2), Fraction(1, 2)), 1, (*numbers, (V_0, start)))
