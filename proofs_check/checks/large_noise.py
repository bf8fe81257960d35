"""Checks of claim F3: descent at large noise (Theorem F, S1's Theorem 2.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from proofs_check.checks.descent_steps import square_decreases, squared_norm
from proofs_check.claim import Context
from proofs_check.statements.exact_text import signed_bound_text
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Ball, Point, Relation, as_ball
from proofs_check.verdict import CheckResult, Verdict, inconclusive

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from proofs_check.sampling.evidence import Trial


def theorem_f_step(factor: Fraction = Fraction(1)) -> Relation:
    """One step of Theorem F with the largest step at ``P = |V|^2``, its decrease times a factor.

    Examples
    --------
    >>> theorem_f_step().text
    'Theorem F: |V+|^2 <= |V|^2 - 2 eta kappa L, eta = kappa/(2 max(1, P/2))'
    """

    def lost(at: Point) -> Ball:
        kappa, eta = exact_constants(squared_norm(at.mixture))
        return as_ball(2 * factor * eta * kappa) * at.loss("forward")

    times = "2" if factor == 1 else str(2 * factor)
    text = f"Theorem F: |V+|^2 <= |V|^2 - {times} eta kappa L, eta = kappa/(2 max(1, P/2))"
    return square_decreases(
        "forward", lambda mixture: exact_constants(squared_norm(mixture))[1], lost, text
    )


def exact_constants(square: Fraction) -> tuple[Fraction, Fraction]:
    """``kappa`` and the largest step of Theorem F at ``P = square``.

    Examples
    --------
    >>> exact_constants(Fraction(1))
    (Fraction(1, 2), Fraction(1, 4))
    """
    from numerics.fates.criteria import theorem_f_step as largest_step

    eta = largest_step(square)
    if eta is None:
        raise ValueError(f"|V|^2 = {square} is outside Theorem F's region")
    return eta * 2 * max(Fraction(1), square / 2), eta


#: Where one step of Theorem F is nearly as bad as its bound, and three more places.
STEPS = (
    Mixture.of([["1/50"]]),
    Mixture.of([["1"], ["-1/2"]]),
    Mixture.of([["8/5"], ["1/10"]], ["3/4", "1/4"]),
    Mixture.of([["1"], ["-1"], ["1/3"]], ["1/2", "1/3", "1/6"]),
)


@dataclass(frozen=True)
class Init:
    """A generated initialization inside a region, and a step size.

    Attributes
    ----------
    n, dimension, seed : int
        The means' direction is Gaussian with this seed.
    size : Fraction
        ``|V|`` or ``max |v_j|`` as a share of its largest value.
    step : Fraction
        The step as a share of its largest value.
    uniform : bool
        Uniform weights; else any.
    """

    n: int
    dimension: int
    seed: int
    size: Fraction
    step: Fraction
    uniform: bool


@dataclass(frozen=True)
class LossHistory:
    """What a run in float64 shows.

    Attributes
    ----------
    squares, losses : tuple of float
        ``|V_k|^2`` and ``L_k`` for ``k = 0, ..., N``.
    """

    squares: tuple[float, ...]
    losses: tuple[float, ...]


def initial_means(init: Init, *, largest: float, by_norm: bool) -> Any:
    """Means with ``|V|`` (or ``max |v_j|``) equal to ``init.size * largest``."""
    import numpy as np

    draw = np.random.default_rng(init.seed)
    means = draw.normal(size=(init.n, init.dimension)) + draw.normal(size=init.dimension)
    norm = np.linalg.norm(means) if by_norm else np.linalg.norm(means, axis=1).max()
    return means * (float(init.size) * largest / norm)


def initial_weights(init: Init) -> tuple[Fraction, ...]:
    """Uniform weights, or any with least ratio 1/10."""
    import random

    draw = random.Random(init.seed)
    parts = [1 if init.uniform else draw.randint(1, 10) for _ in range(init.n)]
    return tuple(Fraction(part, sum(parts)) for part in parts)


def descend(init: Init, means: Any, step: float, steps: int) -> LossHistory:
    """Run gradient descent on the forward loss; quadrature to 4 digits (6 up to rank 2)."""
    from numerics.descent.iteration import descent
    from numerics.evaluation.evaluator import Evaluator

    digits = 6 if min(init.n - 1, init.dimension) <= 2 else 4
    evaluate = Evaluator(
        "forward",
        ("loss", "gradient"),
        n=init.n,
        dimension=init.dimension,
        weights=initial_weights(init),
        digits=digits,
    )
    path = islice(descent(evaluate, means, step), steps + 1)
    pairs = [(float((place**2).sum()), float(found["loss"])) for place, found in path]
    squares, losses = zip(*pairs, strict=True)
    return LossHistory(squares, losses)


@dataclass(frozen=True)
class GlobalConvergence:
    """Descent from generated initializations with ``|V| < phi`` obeys Theorem F at every step.

    ``|V_{k+1}|^2 <= |V_k|^2 - 2 eta kappa L_k`` and ``min L <= P/(2 eta kappa N)`` along the run,
    while the loss is above a thousandth of ``P``. The margin is 1 less the largest
    ``2 eta kappa L`` over the decrease of ``|V|^2``: the closer to 0, the sharper.

    Attributes
    ----------
    name : str
    components, dimensions : pair of int
    """

    name: str
    components: tuple[int, int] = (1, 8)
    dimensions: tuple[int, int] = (1, 4)
    #: Steps by the rank of the differences.
    steps: tuple[int, ...] = field(default=(60, 60, 40, 4, 8), repr=False)

    def run(self, context: Context) -> CheckResult:
        """Draw initializations and run them."""
        found = _gathered(self.name, self._trial, self._strategy(), context, self._family)
        # gathered is the largest ratio less 1, which is negative where the bound holds
        gap = found.margin and found.margin.removeprefix("-")
        return replace(found, margin=gap)

    @property
    def _family(self) -> str:
        return f"n = {self.components[0]}..{self.components[1]}, d = {self.dimensions[0]}.." + (
            f"{self.dimensions[1]}, |V| from 0.03 to 1.61, any weights, step up to the largest"
        )

    def _strategy(self) -> SearchStrategy[Init]:
        return _inits(self.components, self.dimensions, any_weights=True)

    def _trial(self, init: Init) -> Trial:
        from proofs_check.sampling.evidence import Trial

        means = initial_means(init, largest=1.61, by_norm=True)
        kappa, largest = map(float, exact_constants(Fraction(float((means**2).sum()))))
        eta = float(init.step) * largest
        count = self.steps[min(init.n - 1, init.dimension)]
        run = descend(init, means, eta, count)
        ratios = [
            2 * eta * kappa * loss / (before - after) if after < before else math.inf
            for before, after, loss in zip(run.squares, run.squares[1:], run.losses, strict=False)
            if loss > 1e-3 * run.squares[0]
        ]
        bound = run.squares[0] / (2 * eta * kappa * count)
        slack = max([*ratios, min(run.losses) / bound]) - 1
        if not math.isfinite(slack):
            return Trial(False)
        return Trial(slack <= 0, Fraction(slack))


@dataclass(frozen=True)
class LargeNoiseTheorem:
    """S1's Theorem 2.1 as stated, constant 1: ``L_N <= n^3 d^2/(eta N)^(1/2)``.

    Uniform weights, every ``|v_i| <= 1/(3n)`` (at the boundary and inside), ``eta = 1/(n^4 d^2)``.
    Beside it the bound that Theorem F gives, ``(n d e^P (1 + P)/(9 eta N))^(1/2)``, ``P = 1/(9n)``;
    the margin is the largest share of the latter that was reached.

    Attributes
    ----------
    name : str
    steps : int
    """

    name: str
    steps: int = 3

    def run(self, context: Context) -> CheckResult:
        """Draw initializations and run them."""
        family = "n = 2..8, d = 1..4, max |v_i| from 1/(150n) to 1/(3n), uniform weights"
        inits = _inits((2, 8), (1, 4), any_weights=False)
        result = _gathered(self.name, self._trial, inits, context, family)
        if result.verdict is not Verdict.SUPPORTED:
            return result
        factors = [f"{sharper_factor(n, d):.0f} at n = {n}, d = {d}" for n, d in ((2, 1), (8, 4))]
        note = f"Theorem F's bound of L_N is smaller by a factor of {' and '.join(factors)}"
        return CheckResult(
            result.name,
            result.verdict,
            result.method,
            result.scope,
            margin=result.margin,
            digits=result.digits,
            cases=result.cases,
            notes=(*result.notes, note),
        )

    def _trial(self, init: Init) -> Trial:
        from proofs_check.sampling.evidence import Trial

        n, d = init.n, init.dimension
        means = initial_means(init, largest=1 / (3 * n), by_norm=False)
        eta = 1 / (n**4 * d**2)
        run = descend(init, means, eta, self.steps)
        ours = 0.0
        for k, loss in enumerate(run.losses[1:], 1):
            ours = max(ours, loss * math.sqrt(eta * k) / large_noise_constant(n, d))
        return Trial(ours <= 1 <= n**3 * d**2 / large_noise_constant(n, d), Fraction(ours))


def large_noise_constant(n: int, dimension: int) -> float:
    """``C`` in ``L_N <= C/(eta N)^(1/2)`` from Theorem F.

    For uniform weights and every ``|v_i| <= 1/(3n)``:
    ``L_N^2 <= P/(b N)`` with ``P = 1/(9n)``, ``b = 2 eta kappa y e^2``, ``kappa = 1/(1 + P)``,
    ``y = 1/(2d)``, ``e = exp(-P/2)/n``.

    Examples
    --------
    >>> round(large_noise_constant(2, 1), 3)
    0.498
    """
    p = 1 / (9 * n)
    return math.sqrt(p * n**2 * dimension * math.exp(p) * (1 + p))


def sharper_factor(n: int, dimension: int) -> float:
    """By how much S1's bound, with constant 1, exceeds Theorem F's.

    Examples
    --------
    >>> round(sharper_factor(2, 1))
    16
    """
    return n**3 * dimension**2 / large_noise_constant(n, dimension)


def _inits(
    components: tuple[int, int], dimensions: tuple[int, int], *, any_weights: bool
) -> SearchStrategy[Init]:
    from hypothesis import strategies as st

    return st.builds(
        Init,
        st.integers(*components),
        st.integers(*dimensions),
        st.integers(0, 10**6),
        st.integers(1, 50).map(lambda k: Fraction(k, 50)),
        st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 10)]),
        st.booleans() if any_weights else st.just(True),
    )


def _gathered(
    name: str, trial: Any, strategy: SearchStrategy[Init], context: Context, family: str
) -> CheckResult:
    from proofs_check.sampling.evidence import gather_for, supported

    evidence = gather_for(context, trial, strategy)
    scope = f"{evidence.cases} generated initializations: {family}"
    if evidence.counterexample is not None:
        return inconclusive(
            name,
            f"fails in float64 at {evidence.counterexample}",
            scope,
            decide="ball arithmetic there",
        )
    return supported(
        name,
        evidence,
        scope,
        family,
        margin=signed_bound_text(evidence.worst_margin or Fraction(0)),
        digits=4,
        notes=("float64; quadrature to 4 to 6 digits, above rank 3 by fixed random points",),
    )
