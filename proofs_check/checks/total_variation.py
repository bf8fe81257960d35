"""Total variation: by samples in more than one dimension, and along descents."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs_check.claim import Context
from proofs_check.sampling.cases import Cases
from proofs_check.statements.exact_text import decimal_text
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import MORE_TIME, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from proofs_check.sampling.evidence import Trial

#: Two-sided confidence of one sampled value.
CONFIDENCE = 1 - 1e-6


@dataclass(frozen=True)
class SampledVariation:
    """``TV(p, N(0, I)) <= factor sqrt(R)`` at generated mixtures, by samples and Hoeffding's bound.

    A case fails if the lower end of its confidence interval exceeds the bound.

    Attributes
    ----------
    name : str
        Name within the claim.
    factor : Fraction
    cases : Cases
    samples : int
    """

    name: str
    factor: Fraction
    cases: Cases
    samples: int = 20_000

    def run(self, context: Context) -> CheckResult:
        """Draw mixtures, sample the total variation and evaluate the loss."""
        from proofs_check.sampling.evidence import gather_for, supported

        evidence = gather_for(
            context, lambda mixture: self.trial(mixture, context.seed), self.cases.strategy()
        )
        scope = f"{evidence.cases} generated cases: {self.cases}"
        if evidence.counterexample is not None:
            return inconclusive(
                self.name,
                f"suspected at {evidence.counterexample}",
                scope,
                decide="an exact total variation there: sampling only suspects",
            )
        worst = -(evidence.worst_margin or Fraction(0))
        return supported(
            self.name,
            evidence,
            scope,
            str(self.cases),
            margin=f"{decimal_text(worst, 3)}, each with confidence 1 - 1e-6",
            notes=(f"{self.samples} draws for each; half-width {self._half_width():.2g}",),
        )

    def trial(self, mixture: Mixture, seed: int) -> Trial:
        """Judge one mixture; the margin is how far the interval's lower end is below the bound."""
        import numpy as np

        from numerics.evaluation.evaluate import evaluate
        from numerics.studies.total_variation import sample_total_variation
        from proofs_check.sampling.evidence import Trial

        result: Any = evaluate("reverse", mixture.means, weights=mixture.weights, digits=6)
        bound = float(self.factor) * math.sqrt(result.value + result.error)
        value, error = sample_total_variation(
            np.array(mixture.means, dtype=float),
            np.array(mixture.weights, dtype=float),
            self.samples,
            seed,
            CONFIDENCE,
        )
        gap = bound - (value - error)
        return Trial(gap >= 0, -Fraction(gap))

    def _half_width(self) -> float:
        return math.sqrt(math.log(2 / (1 - CONFIDENCE)) / (2 * self.samples))


@dataclass(frozen=True)
class VariationRun:
    """A descent in one dimension from an exact start.

    Attributes
    ----------
    mixture : Mixture
        Start and teacher.
    step_size : str
    steps : int
    objective : {"forward", "reverse", "kl"}
    """

    mixture: Mixture
    step_size: str
    steps: int
    objective: str = "reverse"

    def ends(self, backend: str, digits: int, steps: int | None = None) -> Mixture:
        """Return student and teacher after the steps, in floats or mpmath, as exact numbers."""
        from numerics.descent.run import descend
        from proofs_check.statements.exact_text import exact_rational

        means, weights = self.mixture.teacher
        run = descend(
            self.objective,
            self.mixture.means,
            step_size=self.step_size,
            steps=self.steps if steps is None else steps,
            weights=self.mixture.weights,
            teacher={"means": means, "weights": weights},
            backend=backend,
            digits=digits,
        )
        table = tuple(tuple(exact_rational(entry) for entry in row) for row in run.means)
        return Mixture(
            table, self.mixture.weights, self.mixture.teacher_means, self.mixture.teacher_weights
        )

    def __str__(self) -> str:
        return f"{self.objective} from {self.mixture}, step {self.step_size}, {self.steps} steps"


@dataclass(frozen=True)
class VariationVanishes:
    """Along descents the total variation falls below a bound: a finite consequence of its limit 0.

    Float64 and mpmath at twice the digits run the same descent; the total variation of both last
    iterates is enclosed.

    Attributes
    ----------
    name : str
        Name within the claim.
    runs : tuple of VariationRun
    below : Fraction
    """

    name: str
    runs: tuple[VariationRun, ...]
    below: Fraction

    def run(self, context: Context) -> CheckResult:
        """Descend, and compare both precisions with the bound."""
        scope = "; ".join(map(str, self.runs))
        values: list[tuple[Any, Any]] = []
        notes = []
        for run in self.runs:
            if context.expired:
                return inconclusive(self.name, "time ran out", scope, decide=MORE_TIME)
            pair = tuple(
                self._variation(run.ends(backend, digits))
                for backend, digits in (("float64", 10), ("mpmath", 20))
            )
            values.append((pair[0], pair[1]))
            notes.append(f"TV <= {float(pair[1].upper()):.4g} after {run}")
        if not all(value.is_finite() for pair in values for value in pair):
            return inconclusive(
                self.name,
                "a total variation is not finite",
                scope,
                decide="a descent whose means stay finite",
            )
        limit = float(self.below)
        uppers = [max(float(value.upper()) for value in pair) for pair in values]
        lowers = [min(float(value.lower()) for value in pair) for pair in values]
        if max(uppers) <= limit:
            verdict, margin = Verdict.SUPPORTED, limit - max(uppers)
        elif max(lowers) > limit:
            verdict, margin = Verdict.REFUTED, max(lowers) - limit
        else:
            return inconclusive(
                self.name, "the precisions disagree", scope, decide="more digits than 20"
            )
        return CheckResult(
            self.name,
            verdict,
            Method.NUMERICAL,
            f"TV <= {self.below} at the last iterate: {scope}",
            margin=f"{margin:.3g}",
            digits=20,
            cases=len(self.runs),
            notes=tuple(notes),
        )

    def _variation(self, mixture: Mixture) -> Any:
        from proofs_check.points.numerics_point import NumericsPoint

        return NumericsPoint(mixture, 10, "ball").total_variation()
