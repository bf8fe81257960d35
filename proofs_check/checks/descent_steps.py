"""Statements about one step of gradient descent, as relations that can be evaluated.

Steps are exact functions of the mixture, so that a counterexample is an exact mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from proofs_check.checks.general import BallCheck
from proofs_check.claim import Control
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Ball, Nested, Point, Relation, as_ball, dot, scaled

if TYPE_CHECKING:
    from derive.algebra.program import Program

StepSize = Callable[[Mixture], Fraction]


def squared_norm(mixture: Mixture) -> Fraction:
    """``|V|^2``, the unweighted sum of squares of the means.

    Examples
    --------
    >>> squared_norm(Mixture.of([["1", "2"], ["0", "1/2"]]))
    Fraction(21, 4)
    """
    return sum((entry**2 for mean in mixture.means for entry in mean), Fraction(0))


def reverse_bound(mixture: Mixture) -> Fraction:
    """Theorem R's largest step, ``1/(2 pi_max max(1, |V|^2/2))``.

    Examples
    --------
    >>> reverse_bound(Mixture.of([["2"], ["2"]]))
    Fraction(1, 4)
    """
    return 1 / (2 * max(mixture.weights) * max(Fraction(1), squared_norm(mixture) / 2))


def reverse_bound_by_mean_weight(mixture: Mixture) -> Fraction:
    """The same with ``1/n`` for ``pi_max``: too large unless the weights are equal.

    Examples
    --------
    >>> reverse_bound_by_mean_weight(Mixture.of([["1"], ["1"]], ["9/10", "1/10"]))
    Fraction(1, 1)
    """
    return reverse_bound(mixture) * max(mixture.weights) * mixture.n


def times(factor: Fraction, step: StepSize) -> StepSize:
    """A step size multiplied by a number."""
    return lambda mixture: factor * step(mixture)


def constant_step(value: Fraction) -> StepSize:
    """The same step size for every mixture."""
    return lambda mixture: value


def after(at: Point, objective: str, step: StepSize) -> Nested:
    """The means after one step."""
    eta = step(at.mixture)
    return [
        [v - as_ball(eta) * g for v, g in zip(mean, gradient, strict=True)]
        for mean, gradient in zip(at.means, at.gradient(objective), strict=True)
    ]


@lru_cache(maxsize=1)
def _dissipation() -> Program:
    """Integrand ``|m|^2 + |C|_F^2`` under the student: half the right side of I2."""
    from derive.identities.by_name import named
    from derive.losses.lowering import lower

    total = named("I2").right * Fraction(1, 2)
    return lower(total, "reverse-dissipation/single", "student", ())


def dissipation(at: Point) -> Ball:
    """``R + E_p|C|_F^2``."""
    return at.expectation(_dissipation())


def dissipation_by_gradient(at: Point) -> Ball:
    """``sum_j v_j . grad_j R / 2``: the same by I2, and cheaper where the means span a plane."""
    return as_ball(Fraction(1, 2)) * dot(at.means, at.gradient("reverse"))


def square_decreases(
    objective: str, step: StepSize, lost: Callable[[Point], Ball], text: str
) -> Relation:
    """``|V+|^2 <= |V|^2 - lost`` after one step."""

    def left(at: Point) -> Nested:
        moved = after(at, objective, step)
        return dot(moved, moved)

    return Relation(text, left, "<=", lambda at: as_ball(squared_norm(at.mixture)) - lost(at))


def no_growth(objective: str, step: StepSize, size: str) -> Relation:
    """``|V|^2`` does not grow in one step."""
    text = f"|V|^2 does not grow, eta {size}"
    return square_decreases(objective, step, lambda at: as_ball(0), text)


def reverse_decrease(
    decrease: Fraction = Fraction(2),
    step: StepSize = reverse_bound,
    size: str = "at the bound",
    lost: Callable[[Point], Ball] = dissipation,
) -> Relation:
    """``|V+|^2 <= |V|^2 - decrease eta (R + E_p|C|_F^2)`` after one step of reverse descent."""
    return square_decreases(
        "reverse",
        step,
        lambda at: as_ball(decrease * step(at.mixture)) * lost(at),
        f"|V+|^2 <= |V|^2 - {decrease} eta (R + E_p|C|^2), eta {size}",
    )


def first_rate(text: str, objective: str, speed: StepSize) -> Relation:
    """A rate of the least loss after one step: ``speed L_0 <= |V_0|^2``."""
    return Relation(
        text,
        lambda at: scaled(speed(at.mixture), at.loss(objective)),
        "<=",
        lambda at: as_ball(squared_norm(at.mixture)),
    )


def gradient_bound(constant: Fraction) -> Relation:
    """``|grad K|^2 <= constant L``."""

    def left(at: Point) -> Nested:
        gradient = at.gradient("kl")
        return dot(gradient, gradient)

    return Relation(
        f"|grad K|^2 <= {constant} L",
        left,
        "<=",
        lambda at: scaled(constant, at.loss("forward")),
    )


def largest_mean_decreases(objective: str, step: StepSize, size: str) -> Relation:
    """``|v_i+| <= max_k |v_k|`` for every i, after one step."""

    def largest(at: Point) -> Nested:
        squares = [sum((x**2 for x in mean), Fraction(0)) for mean in at.mixture.means]
        return [as_ball(max(squares))] * at.mixture.n

    return Relation(
        f"max_i |v_i| does not increase under {objective} descent, eta {size}",
        lambda at: [dot(mean, mean) for mean in after(at, objective, step)],
        "<=",
        largest,
    )


def weighted_square_decreases(objective: str, step: StepSize, size: str) -> Relation:
    """``sum_i pi_i |v_i|^2`` does not increase in one step."""

    def weighted(at: Point, means: Nested) -> Nested:
        pairs = zip(at.weights, means, strict=True)
        return sum((weight * dot(mean, mean) for weight, mean in pairs), as_ball(0))

    return Relation(
        f"sum_i pi_i |v_i|^2 does not increase under {objective} descent, eta {size}",
        lambda at: weighted(at, after(at, objective, step)),
        "<=",
        lambda at: weighted(at, at.means),
    )


def other_sizes(objective: str, step: StepSize, size: str) -> tuple[Control, Control]:
    """Controls: sizes of the means that, unlike ``|V|``, do grow in a step."""
    return (
        Control(
            "max |v_i| for |V|",
            "the largest mean in place of the sum of squares",
            BallCheck(
                "largest mean",
                largest_mean_decreases(objective, step, size),
                (Mixture.of([["-1/10"], ["9/100"], ["9/100"]]),),
            ),
        ),
        Control(
            "sum pi_i |v_i|^2 for |V|^2",
            "the weighted sum in place of the sum of squares",
            BallCheck(
                "weighted sum",
                weighted_square_decreases(objective, step, size),
                (Mixture.of([["1/100"], ["-1/10"]], ["9/10", "1/10"]),),
            ),
        ),
    )
