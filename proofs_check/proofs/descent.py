"""What the proofs about descent share: the words of one step, and the steps that expand it."""

from __future__ import annotations

from dataclasses import dataclass

from derive.algebra.index import atom
from derive.losses.gradients import gradient_integrand
from derive.losses.objectives import Objective
from proofs_check.proofs.dynamics import AT_END, AT_START, COUNT, Update
from proofs_check.proofs.proof import Hypothesis, Step
from proofs_check.proofs.quantities import Expression, Glossary, equal, nonnegative
from proofs_check.proofs.rules import Derived, Replayed

COMPONENTS_AND_COORDINATES = ("j0", "a0")


@dataclass(frozen=True)
class DescentWords:
    """Symbols of one step ``v <- v - eta g`` of gradient descent.

    Attributes
    ----------
    mean, gradient : symbol
        ``v_ja`` and ``g_ja``, the derivative of the loss.
    square, following, first, last : symbol
        ``|V|^2``, the same after the step, at step 0, and after N steps.
    gradient_square, radial : symbol
        ``|grad|^2`` and ``sum_j v_j . grad_j``.
    step_size, count : symbol
        ``eta`` and ``N``.
    """

    mean: Expression
    gradient: Expression
    square: Expression
    following: Expression
    first: Expression
    last: Expression
    gradient_square: Expression
    radial: Expression
    step_size: Expression
    count: Expression

    @property
    def update(self) -> Update:
        """How the square of the means changes in a step."""
        moved = self.mean - self.step_size * self.gradient
        return Update(self.square, self.following, self.first, self.mean, moved)


def descent_words(words: Glossary, objective: Objective, letter: str) -> DescentWords:
    """Introduce the words of descent on an objective, whose loss has the given letter."""
    both = COMPONENTS_AND_COORDINATES
    v = words.pointwise("v_ja", atom("v", *both), "the means", "v_{ja}", both)
    g = words.expectation(
        "g_ja",
        objective.base,
        gradient_integrand(objective),
        f"the derivative of {letter} in v_ja, by differentiation",
        "g_{ja}",
        both,
    )
    eta = words.parameter("eta", "the step size", r"\eta")
    return DescentWords(
        v,
        g,
        words.total("|V|^2", v**2, both, "the sum of |v_j|^2 at step k", r"|V_k|^2"),
        words.total("|V+|^2", (v - eta * g) ** 2, both, "the same at step k + 1", r"|V_{k+1}|^2"),
        words.parameter("|V_0|^2", AT_START, r"|V_0|^2"),
        words.parameter("|V_N|^2", AT_END, r"|V_N|^2"),
        words.total(f"|grad {letter}|^2", g**2, both, "the sum of g_ja^2", rf"|\nabla {letter}|^2"),
        words.total(
            f"v.grad {letter}", v * g, both, "the sum of v_ja g_ja", rf"V\cdot\nabla {letter}"
        ),
        eta,
        words.parameter("N", COUNT, "N"),
    )


def descent_hypotheses(symbols: DescentWords) -> tuple[Hypothesis, ...]:
    """What every run of descent satisfies."""
    return (
        Hypothesis("step size", nonnegative(symbols.step_size), "the step size is not negative"),
        Hypothesis(
            "count", nonnegative(symbols.count), "the number of steps is not negative", True
        ),
        Hypothesis("last square", nonnegative(symbols.last), "a square", True),
    )


def expansion_step(symbols: DescentWords) -> Step:
    """``|V+|^2 = |V|^2 - 2 eta V.grad + eta^2 |grad|^2``."""
    eta = symbols.step_size
    right = symbols.square - 2 * eta * symbols.radial + eta**2 * symbols.gradient_square
    return Step(
        "expansion",
        "one step of descent moves |V|^2 by the radial derivative and the squared gradient",
        equal(symbols.following, right),
        Derived(),
    )


def differentiation_step() -> Step:
    """The rules of differentiation, proved from the density."""
    return Step(
        "differentiation",
        "the rules by which losses are differentiated follow from the density",
        None,
        Replayed("density-rules"),
    )
