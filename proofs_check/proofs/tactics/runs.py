"""Sums along a run, and the gradient flow."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Term, Theorem
from proofs_check.proofs.kernel.rules import Product
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.closing import close
from proofs_check.proofs.tactics.language import A, Descent, J, X, at_most, mean_p, mean_q, total, v
from proofs_check.proofs.tactics.steps import Premises, _equations, _named


@dataclass(frozen=True)
class FlowBound:
    """``c T loss(V(T)) <= |V_0|^2 - |V(T)|^2`` from ``c loss <= 2 V.grad loss`` at every state.

    Attributes
    ----------
    run : Descent
    state : Term
        The variable state of the premise.
    time : Term
    speed : Fraction or int
    decay, forward : str
        Premises: the decrease, and ``0 <= T``.
    """

    run: Descent
    state: Term
    time: Term
    speed: Fraction | int
    decay: str
    forward: str
    kind: ClassVar[str] = "classical result"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Bring the premise to the oracle's form, then compare."""
        of, objective, speed = self.state, self.run.loss, number(self.speed)
        loss = objective.integrand(of, X)
        mean = mean_q(loss) if objective.base == "teacher" else mean_p(of, loss)
        along = total(v(of, J, A) * self.run.gradient(of, J, A), J, A)
        wanted = at_most(speed * mean, 2 * along)
        decay = close(wanted, ((1, (_named(premises, self.decay),), ()),), _equations(premises))
        found = kernel.oracle(
            "gradient flow", objective, of, self.run.start, self.time, speed, premises=(decay,)
        )
        found = kernel.cut(_named(premises, self.forward), found)
        found = kernel.cut(facts.by_form(speed), found)
        return close(goal, ((1, (found,), ()),), _equations(premises))


@dataclass(frozen=True)
class Telescope:
    """A sum over the steps before N: by induction over N, from premises at each step.

    Attributes
    ----------
    last : Term
        N, a variable of the goal.
    at : Term
        The step in the premises.
    products : tuple of (number, tuple of str) or None
        What the goal at N + 1 needs beside the goal at N; by default the only premise once.
    """

    last: Term
    at: Term
    products: tuple[tuple[Fraction | int, tuple[str, ...]], ...] | None = None
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Nothing is summed at N = 0; each step adds the premises."""
        start = close(replaced(goal, {self.last: Term("start")}))
        at_last = {
            name: kernel.substitute(premise, {self.at: self.last})
            for name, premise in premises.items()
        }
        at_next = replaced(goal, {self.last: Term("next", (self.last,))})
        products: list[Product] = [(1, (kernel.assume(goal),), ())]
        for value, names in self.products or ((1, tuple(premises)),):
            products.append((value, tuple(_named(at_last, name) for name in names), ()))
        passage = close(at_next, products)
        return kernel.induction(start, passage, goal, self.last)
