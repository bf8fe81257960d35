"""Runs of descent from generated starts against a rate that a theorem gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from proofs_check.checks.descent_steps import StepSize, squared_norm
from proofs_check.claim import Context
from proofs_check.sampling.cases import Cases
from proofs_check.statements.exact_text import bound_text, decimal_text
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import CheckResult, inconclusive

if TYPE_CHECKING:
    from proofs_check.sampling.evidence import Trial

#: What rounding in float64 may add, relative to the bound; the evaluations are good to 1e-13.
ROUNDING = 1e-9


@dataclass(frozen=True)
class RateCheck:
    """``speed(eta) N min_{k<N} loss_k <= |V_0|^2`` for every N, and ``|V_k|^2`` does not increase.

    Runs in float64 from generated starts: the result is ``SUPPORTED``, its margin how close the
    bound came to being attained (1 is equality).

    Attributes
    ----------
    name : str
        Name within the claim.
    descent, measured : str
        The objective that is descended, and the one whose loss is bounded.
    step : callable
        Step size of a start, kept during its run.
    speed : callable
        The factor of the bound, from the step size.
    cases : Cases
        Where starts come from.
    steps : dict
        Steps per run, by budget.
    """

    name: str
    descent: str
    measured: str
    step: StepSize
    speed: Callable[[Fraction], Fraction]
    cases: Cases
    steps: tuple[int, int] = (25, 250)

    def run(self, context: Context) -> CheckResult:
        """Draw starts and descend from each."""
        from proofs_check.sampling.evidence import gather_for, supported

        steps = self.steps[0] if context.budget == "quick" else self.steps[1]
        evidence = gather_for(
            context, lambda mixture: self._trial(mixture, steps), self.cases.strategy()
        )
        scope = f"{evidence.cases} generated starts, {steps} steps each: {self.cases}"
        if evidence.counterexample is not None:
            reason = f"the float64 run from {evidence.counterexample} exceeds the bound"
            return inconclusive(self.name, reason, scope, decide="the same run in ball arithmetic")
        worst = evidence.worst_margin or Fraction(0)
        return supported(
            self.name,
            evidence,
            scope,
            str(self.cases),
            margin=bound_text(max(Fraction(0), 1 - worst)),
            digits=13,
            notes=(f"the bound is attained to {decimal_text(worst, 4)}",),
        )

    def _trial(self, mixture: Mixture, steps: int) -> Trial:
        from proofs_check.sampling.evidence import Trial

        share, grows = self.closest(mixture, steps)
        return Trial(share <= 1 + ROUNDING and not grows, Fraction(share))

    def closest(self, mixture: Mixture, steps: int) -> tuple[float, bool]:
        """Largest ``speed N min loss / |V_0|^2`` of a run, and whether ``|V|^2`` ever grew."""
        eta = self.step(mixture)
        first = float(squared_norm(mixture))
        share, grows, least = 0.0, False, float("inf")
        before = first
        for number, (loss, square) in enumerate(
            run(self.descent, self.measured, mixture, eta, steps), 1
        ):
            least = min(least, loss)
            share = max(share, float(self.speed(eta)) * number * least / first)
            grows = grows or square > before * (1 + ROUNDING)
            before = square
        return share, grows


def run(
    descent: str, measured: str, start: Mixture, eta: Fraction, steps: int
) -> Iterator[tuple[float, float]]:
    """Descend in float64; for every step, the measured loss before it and ``|V|^2`` after it.

    Examples
    --------
    >>> [loss for loss, _ in run("kl", "forward", Mixture.of([["1"]]), Fraction(1, 2), 3)]
    [1.0, 0.25, 0.0625]
    """
    import numpy as np

    from numerics.descent.iteration import iterate
    from numerics.evaluation.evaluator import Evaluator

    shape: Any = {"n": start.n, "dimension": start.dimension, "weights": start.weights}
    gradient = Evaluator(descent, ("gradient",), **shape)
    loss = Evaluator(measured, ("loss",), **shape)
    means = np.array([[float(entry) for entry in mean] for mean in start.means])
    path = iterate(lambda place: place - float(eta) * gradient(place)["gradient"], means)
    for place, following in islice(pairwise(path), steps):
        yield float(loss(place)["loss"]), float((following**2).sum())
