"""From a state with small ``|V|^2`` on, Theorem F: the steps that end the proofs about clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import ClassVar

from derive.losses.objectives import FORWARD
from proofs_check.proofs import kernel
from proofs_check.proofs.forward_limit import FLOOR, SHARE
from proofs_check.proofs.forward_region import ETA, ONE, M, P, dissipation, kappa
from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.arithmetic import Reciprocal
from proofs_check.proofs.tactics.closing import close
from proofs_check.proofs.tactics.language import (
    D_,
    V_0,
    Descent,
    at_most,
    count,
    equal,
    following,
    inverse,
    least_steps,
    nonnegative,
    positive,
    term,
)
from proofs_check.proofs.tactics.score import N, forward_loss, k_, square
from proofs_check.proofs.tactics.script import Hypothesis, Step, replay
from proofs_check.proofs.tactics.steps import Axiom, Combination, Premises, _as, _equations
from proofs_check.proofs.theorem_f import theorem_f


@cache
def _theorem_f() -> Mapping[str, Theorem]:
    return replay(theorem_f()).theorems


@dataclass(frozen=True)
class ByTheoremF:
    """A conclusion of Theorem F for particular values; what it assumes is shown by premises.

    Attributes
    ----------
    conclusion : str
    values : mapping of Term to Term
    """

    conclusion: str
    values: Mapping[Term, Term]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Substitute, cut, compare; relations between numbers are decided."""
        found = _theorem_f()
        if self.conclusion not in found:
            raise ProofError("Theorem F does not replay")
        theorem = kernel.substitute(found[self.conclusion], self.values)
        shown = {premise.record.conclusion: premise for premise in premises.values()}
        for hypothesis in sorted(theorem.record.hypotheses, key=lambda h: h.key):
            if hypothesis in shown:
                theorem = kernel.cut(shown[hypothesis], theorem)
            elif not any(f.op == "free" for f in hypothesis.free):
                theorem = kernel.cut(facts.algebraic_sign(hypothesis), theorem)
        equations = _equations(premises)
        return close(goal, ((1, (theorem,), ()),), equations) if equations else _as(theorem, goal)


def later_hypotheses(bound: Fraction) -> tuple[Hypothesis, ...]:
    """``0 <= eta``, ``2 eta <= kappa``, and of ``y`` in the rate."""
    least = kappa_of(bound)
    return (
        Hypothesis("later step", nonnegative(ETA), "the later step size is not negative"),
        Hypothesis("largest later step", at_most(2 * ETA, least), f"eta <= {least / 2}"),
        Hypothesis("share >= 0", nonnegative(SHARE), "y is not negative"),
        Hypothesis("share", at_most((D_ + 4 * term(bound)) * SHARE, 1), "y <= 1/(d + 4P)"),
    )


def kappa_of(bound: Fraction) -> Fraction:
    """``kappa`` for ``P <= 1``."""
    return 1 / (1 + bound)


def later_steps(first: Term, bound: Fraction, norm: str) -> tuple[Step, ...]:
    """Theorem F from a state with ``|V|^2 <= bound <= 1``, which the step `norm` shows.

    Parameters
    ----------
    first : Term
        The state.
    bound : Fraction
    norm : str
    """
    p, run = term(bound), Descent(FORWARD, ETA, first)
    values = {V_0: first, P: p, M: ONE}
    k = replaced(kappa(1), values)
    first_case, second = inverse(1 + p), 1 - p**2 * inverse(3 * p - 1)
    sizes = ("later step", "largest step of F", norm)
    now, after = run.at(k_), run.at(following(k_))
    floor = replaced(FLOOR, values)
    share = ("share >= 0", "share")
    losses = least_steps(forward_loss(now), k_, N)
    rate = kappa_of(bound)
    return (
        Step("P <= 1", "the first case of kappa", at_most(p, 1), Combination(((1 - bound, ()),))),
        Step("1 + P > 0 here", "a number", positive(1 + p), Combination(((1 + bound, ()),))),
        Step(
            "1/(1 + P) here",
            "its reciprocal",
            equal((1 + p) * first_case, 1),
            Reciprocal(),
            ("1 + P > 0 here",),
        ),
        Step(
            "kappa by case",
            "kappa = 1/(1 + P)",
            equal(k, first_case),
            Axiom("first case", (p, ONE, first_case, second)),
            ("P <= 1",),
        ),
        Step(
            "kappa here",
            f"kappa = {rate}",
            equal(k, rate),
            Combination(),
            ("kappa by case", "1/(1 + P) here"),
        ),
        Step(
            "largest step of F",
            "with M = 1",
            replaced(at_most(2 * M * ETA, kappa(1)), values),
            Combination(((1, ("largest later step",)),)),
            ("largest later step", "kappa here"),
        ),
        Step(
            "one step afterwards",
            "Theorem F",
            at_most(square(after), square(now) - 2 * ETA * rate * dissipation(now)),
            ByTheoremF("one step at k", values),
            (*sizes, "kappa here"),
        ),
        Step(
            "rate afterwards",
            "Theorem F",
            at_most(2 * ETA * rate * count(N) * losses, bound),
            ByTheoremF("rate", values),
            (*sizes, "kappa here"),
        ),
        Step(
            "limit afterwards",
            "Theorem F: all components converge to the truth",
            at_most(2 * ETA * rate * SHARE * floor**2 * (count(k_) + 4) * square(now), 1),
            ByTheoremF("limit", values),
            (*sizes, *share, "kappa here"),
        ),
    )


#: Names of the conclusions of `later_steps`.
CONCLUSIONS = ("one step afterwards", "rate afterwards", "limit afterwards")
