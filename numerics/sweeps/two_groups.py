r"""Certified descents of two groups of coincident components on a line through the truth, quickly.

The same trajectory, regions and certificates as `numerics.descent.run.descend` with ``certify``
gives, for the start that sweeps have most of; other starts are left to it. What is shared:

- *The integrands' polynomials.* With ``psi`` the responsibility of the second group every entry of
  gradient, Hessian and loss is a polynomial in ``psi`` and the two means. The compiled kernel, run
  once on polynomials (python-flint's, exact), gives its coefficients; a step then multiplies a
  matrix of constants with a vector of monomials, and the result with the moments of ``psi``.
- *The moments.* One quadrature a step, at the midpoint (`numerics.quadrature.two_components`),
  serves gradient and Hessian. Over the box of the iterate the moments differ by at most
  :math:`p\,\delta L/4 + p\,\delta D/5`, because :math:`0 \le \sigma' \le 1/4` and
  :math:`E|x| < 4/5`.

Radii are those of the mean-value form (`numerics.descent.mean_value`): the norm of
:math:`I - \eta H` over the box, for two coordinates in closed form.
"""

from __future__ import annotations

import math
import operator
import time as clock
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import Ordering, arb, arb_mat, fmpq, fmpq_mpoly_ctx

from derive.algebra.program import Base
from numerics.descent.certificate import in_trail
from numerics.descent.clusters import distance_squared
from numerics.descent.mean_value import WITHOUT_LOGARITHM
from numerics.descent.problem import DescentProblem, MeansMap
from numerics.descent.result import Descent
from numerics.descent.working_digits import (
    checked_digits,
    more_digits,
    predicted_amplification,
)
from numerics.fates.criteria import (
    FateInputs,
    decide_fates,
    settled,
    theorem_f_step,
    theorem_r_step,
)
from numerics.fates.escape_region import FAR, NEAR
from numerics.kernels import load_program
from numerics.kernels.straight_line import compile_kernel
from numerics.numbers.arithmetic import Arithmetic, Array, digits_to_bits, make_arithmetic
from numerics.numbers.balls import BALL, precision
from numerics.numbers.exact import log10_fraction
from numerics.quadrature import residues
from numerics.quadrature import two_components as pair
from numerics.quadrature.inputs import Inputs
from numerics.quadrature.residue_plan import PairPlan, plan_pair

#: With more working digits near-coincident means are better held as centre and deviations.
MOST_DIGITS = 80
_HESSIAN_BITS = 80
_GUARD_BITS = 24
#: Digits to spare for coefficients of the size of the means' powers, and for many steps.
_SPARE_DIGITS = 3
#: Digits of the distance of the means, at least.
_RESOLVED = 6
#: By how many digits errors may grow when the spread is of the size of the means.
_BEYOND = 3
#: Relative room of what is decided in floats before it is decided exactly.
_ROOM = 1e-6
_HIGHEST = 6  # power of a mean in a monomial, and of psi

Weights = tuple[Fraction, ...]


@dataclass(frozen=True)
class _Form:
    """Entries of a quantity as polynomials: constants times monomials in the means times moments.

    Attributes
    ----------
    base : {"teacher", "student"}
    indices : tuple of index tuples
        Of the entries.
    constants : tuple of arb_mat
        Of every entry: a row for every power of ``psi``, a column for every monomial.
    exponents : tuple of (int, int)
        Of the monomials.
    power : int
        Highest power of ``psi``.
    """

    base: Base
    indices: tuple[tuple[int, ...], ...]
    constants: tuple[Any, ...]
    exponents: tuple[tuple[int, int], ...]
    power: int

    def values(self, means: Sequence[Any], powers: Sequence[Any]) -> list[Any]:
        """Evaluate at the means, with ``powers[p]`` the expectation of ``psi^p``."""
        first, second = _powers(means[0]), _powers(means[1])
        monomials = [first[i] * second[k] for i, k in self.exponents]
        column = arb_mat(len(monomials), 1, monomials)
        row = arb_mat(1, self.power + 1, powers[: self.power + 1])
        return [(row * (constants * column))[0, 0] for constants in self.constants]


def _powers(value: Any) -> list[Any]:
    found = [arb(1), value]
    for _ in range(_HIGHEST - 1):
        found.append(found[-1] * value)
    return found


@lru_cache(maxsize=256)
def _form(objective: str, quantity: str, weights: Weights, bits: int) -> _Form:
    """The polynomials of a quantity, constants at a working precision."""
    program = load_program(objective, quantity)
    kernel = compile_kernel([program], 2, 1, frozenset())
    ring = fmpq_mpoly_ctx.get(("psi", "first", "second"), Ordering.lex)
    psi, first, second = ring.gens()
    one, zero = ring.constant(1), ring.constant(0)

    def constant(numerator: int, denominator: int) -> Any:
        return ring.constant(fmpq(numerator, denominator))

    shares = [constant(weight.numerator, weight.denominator) for weight in weights]
    given = (one, zero, None, one, [[first], [second]], shares, constant)
    zeros = [zero for _ in kernel.entries]
    totals = kernel.explicit([(one, [1 - psi, psi], None)], zeros, given)
    terms: list[dict[tuple[int, ...], Fraction]] = []
    for total, (_, _, coefficient) in zip(totals, kernel.entries, strict=True):
        terms.append(
            {
                tuple(map(int, exponents)): coefficient * Fraction(int(c.p), int(c.q))
                for exponents, c in total.to_dict().items()
            }
        )
    exponents = sorted({(i, k) for found in terms for _, i, k in found})
    power = max((p for found in terms for p, _, _ in found), default=0)
    with precision(bits):
        constants = tuple(
            arb_mat(
                [
                    [BALL.constant(found.get((p, i, k), Fraction(0))) for i, k in exponents]
                    for p in range(power + 1)
                ]
            )
            for found in terms
        )
    indices = tuple(index for _, index, _ in kernel.entries)
    return _Form(program.base, indices, constants, tuple(exponents), power)


@lru_cache(maxsize=4096)
def _plan(target: float, separation: float, power: int) -> PairPlan:
    """Plans for rounded separations, so that steps and points share them, and the weights."""
    return plan_pair(target, separation, power, residues.pole_cost(BALL, power))


def _rounded_up(value: float) -> float:
    """The next of 32 numbers an octave: a plan for it serves the value, as its bound will say."""
    return float(2.0 ** (math.ceil(32 * math.log2(value)) / 32)) if value > 1e-6 else 1e-6


def applies(problem: DescentProblem) -> bool:
    """Whether a problem is of the kind that is done here.

    Examples
    --------
    >>> from numerics.descent.problem import plan_descent
    >>> run = {"step_size": "0.1", "steps": 9, "backend": "ball"}
    >>> applies(plan_descent("forward", [[6], [5]], **run))
    True
    >>> applies(plan_descent("forward", [[6], [5], [4]], **run))
    False
    """
    reduction = problem.reduction
    return (
        problem.objective in WITHOUT_LOGARITHM
        and not problem.mixture
        and len(reduction.weights) == 2
        and (reduction.span, reduction.rank) == (1, 1)
        and reduction.symmetry.representative == (0, 1)
    )


class OtherRunError(ArithmeticError):
    """The run is one for `numerics.descent.run.descend`: very close or far means, or wide balls."""


def certified_descent(problem: DescentProblem) -> tuple[Descent, float] | None:
    """Follow the exact iterates to the first step at which a theorem decides the fates.

    Returns
    -------
    Descent and float, or None
        As `numerics.descent.run.descend` with ``certify``, and ``|grad L|^2/L`` per unit of
        ``tau`` at the last iterate, in floats; None if no theorem decides within the steps.

    Raises
    ------
    OtherRunError
        If this is not the way to do it.

    Examples
    --------
    >>> from numerics.descent.problem import plan_descent
    >>> means = [["6.0000005"], ["5.9999995"]]
    >>> problem = plan_descent("forward", means, step_size="0.1", steps=400, backend="ball")
    >>> run, rate = certified_descent(problem)
    >>> [fate.fate for fate in run.fates], run.fates[0].criterion, run.steps
    (['escaped', 'converged'], 'Lemma E', 68)
    """
    began = clock.monotonic()
    attempts: tuple[int, ...] = ()
    try:
        digits = _first_digits(problem)
        while digits <= MOST_DIGITS:
            arithmetic = make_arithmetic("ball", digits)
            with arithmetic.context():
                found = _Descent(problem, arithmetic).run()
            if found is None:
                return None
            if not isinstance(found, int):
                run, rate = found
                return replace(run, attempts=attempts, seconds=clock.monotonic() - began), rate
            attempts, digits = (*attempts, digits), found
    except (ArithmeticError, ValueError) as error:  # too far, or too wide, for the rule
        raise OtherRunError(str(error)) from error
    raise OtherRunError(f"{digits} digits")


def _first_digits(problem: DescentProblem) -> int:
    """Working digits to begin with: what is asked for, and by how much errors may grow.

    The amplification law says by how much a spread grows (an estimate, which costs a second attempt
    where it is too low); it stops growing where it is of the size of the means.
    """
    reduction, scale = problem.reduction, math.exp(-float(problem.paper.time))
    square = distance_squared(reduction, 0, 1)
    gap = -log10_fraction(square) / 2 - math.log10(scale)
    growth = predicted_amplification(
        reduction, problem.objective_name, problem.schedule, problem.steps, scale
    )
    growth = min(growth / math.log(10), max(gap, 0.0) + _BEYOND)
    return max(math.ceil(problem.digits + growth) + _SPARE_DIGITS, math.ceil(gap) + _RESOLVED)


class _Descent:
    """One attempt at some working digits: two exact midpoints and a bound of the error's norm."""

    def __init__(self, problem: DescentProblem, arithmetic: Arithmetic) -> None:
        self.problem, self.arithmetic = problem, arithmetic
        reduction = problem.reduction
        self.bits = digits_to_bits(arithmetic.digits) + _GUARD_BITS
        self.target = -arithmetic.digits * math.log(10)
        objective = str(problem.objective)
        self.gradient, self.hessian, self.loss = (
            _form(objective, quantity, reduction.weights, bits)
            for quantity, bits in (
                ("gradient", self.bits),
                ("hessian", _HESSIAN_BITS),
                ("loss", self.bits),
            )
        )
        self.base = self.gradient.base
        self.weights = [arithmetic.number(weight) for weight in reduction.weights]
        self.largest_weight = max(problem.weights)
        self.counts = reduction.multiplicities
        with precision(_HESSIAN_BITS):
            self.roots = [arb(count).sqrt() for count in self.counts]
        paper = problem.paper
        self.steps = [paper.centred_step(value, arithmetic) for value in problem.schedule.values]
        self.map = MeansMap(problem, arithmetic)
        self.nodes = 0

    def run(self) -> tuple[Descent, float] | int | None:
        """The outcome; the digits to try next; or None: no theorem within the steps."""
        problem = self.problem
        rows = problem.reduction.coordinates(problem.paper.scale(self.arithmetic), self.arithmetic)
        means, error = self._split([rows[0][0], rows[1][0]], arb(0))
        trail: list[tuple[int, Array]] = []
        for step in range(problem.steps + 1):
            done = self._looks_settled(means, step) and settled(self._situation(means, error, step))
            if in_trail(step, done):
                trail.append((step, self.map.centred(self._coordinates(means, error))))
            if done:
                return self._conclude(means, error, step, tuple(trail))
            if step < problem.steps:
                means, error = self._advance(means, error, problem.schedule.stretch(step))
                if not error < 1:
                    return checked_digits(2 * self.arithmetic.digits)
        return None

    def _advance(self, means: list[Any], error: Any, stretch: int) -> tuple[list[Any], Any]:
        """Midpoints and the error's bound one step later."""
        powers = self._moments(means)
        gradient = self.gradient.values(means, powers)
        step = self.steps[stretch]
        moved = [
            mean - step * entry / count
            for mean, entry, count in zip(means, gradient, self.counts, strict=True)
        ]
        with precision(_HESSIAN_BITS):
            spread = self._expansion(means, error, powers, step) * error
        return self._split(moved, spread)

    def _split(self, values: list[Any], spread: Any) -> tuple[list[Any], Any]:
        """Exact midpoints, and a bound of the norm of all errors."""
        first, second = values
        bound = self.roots[0] * first.rad() + self.roots[1] * second.rad() + spread
        return [first.mid(), second.mid()], arb(bound.abs_upper())

    def _moments(self, means: Sequence[Any]) -> list[Any]:
        """``E[psi^p]`` at exact means, ``p = 0 .. 6``, under the kernels' Gaussian."""
        problem = pair.reduced(BALL, self._inputs(means), self.base)
        power = self.hessian.power - (self.base == "student")
        plan = _plan(self.target, _rounded_up(problem.floats[0]), power)
        with precision(self.bits):
            error = residues.bound(plan, problem, power)
            found = residues.moments(plan, problem, power, self.bits, error)
        self.nodes = plan.nodes + plan.poles
        powers = [arb(1), *found]
        return (
            powers if self.base == "teacher" else [arb(1), *(self.weights[1] * m for m in powers)]
        )

    def _inputs(self, means: Sequence[Any]) -> Inputs:
        rows = [[mean] for mean in means]
        return Inputs(rows, rows, self.weights, arb(0), 1, None)

    def _box(self, means: Sequence[Any], error: Any) -> list[Any]:
        return [arb(mean, error / root) for mean, root in zip(means, self.roots, strict=True)]

    def _widened(self, means: Sequence[Any], error: Any, powers: Sequence[Any]) -> list[Any]:
        """The moments at all points of the box."""
        first, second = self._box(means, error)
        separation, logit = pair.plain_logit(first, second, self.base)
        change = logit.rad() / 4 + separation.rad() / 5
        return [value + arb(0, p * change) for p, value in enumerate(powers)]

    def _expansion(self, means: Sequence[Any], error: Any, powers: Sequence[Any], step: Any) -> Any:
        """Bound of ``|I - step H|`` over the box, in the norm of all components."""
        widened = self._widened(means, error, powers)
        first, mixed, second = self.hessian.values(self._box(means, error), widened)
        left = 1 - step * first / self.counts[0]
        right = 1 - step * second / self.counts[1]
        off = step * mixed / (self.roots[0] * self.roots[1])
        half = (left - right) / 2
        radius = arb((half * half + off * off).abs_upper()).sqrt()
        return arb((abs((left + right) / 2) + radius).abs_upper())

    def _coordinates(self, means: Sequence[Any], error: Any) -> Array:
        rows = np.empty((2, 1), dtype=object)
        rows[:, 0] = self._box(means, error)
        return rows

    def _looks_settled(self, means: Sequence[Any], step: int) -> bool:
        """Whether a theorem may apply: in floats, with room, to save exact comparisons."""
        squares = [float(mean) ** 2 for mean in means]
        total = (1 - _ROOM) * sum(map(operator.mul, self.counts, squares))
        if self.problem.objective == "reverse":
            limit: Fraction | None = theorem_r_step(Fraction(total), self.largest_weight)
        elif min(squares) < 1.01 * NEAR**2 and max(squares) > 0.99 * FAR**2:
            return True
        else:
            limit = theorem_f_step(Fraction(total)) if total < 3 else None
        if limit is None:
            return False
        largest = self.problem.largest_centred_step(step, self.arithmetic)
        return (1 - _ROOM) * float(largest) <= float(limit)

    def _situation(self, means: Sequence[Any], error: Any, step: int) -> FateInputs:
        problem, arithmetic = self.problem, self.arithmetic
        coordinates = self._coordinates(means, error)
        return FateInputs(
            problem.objective_name,
            problem.weights,
            problem.squared_distances(coordinates, arithmetic),
            problem.largest_centred_step(step, arithmetic),
            "enclosure",
            [],
            step,
            problem.reduction.class_of,
            span=1,
        )

    def _conclude(
        self, means: list[Any], error: Any, step: int, trail: tuple[tuple[int, Array], ...]
    ) -> tuple[Descent, float] | int:
        problem, arithmetic = self.problem, self.arithmetic
        coordinates = self._coordinates(means, error)
        powers = self._moments(means)
        loss = self.loss.values(self._box(means, error), self._widened(means, error, powers))[0]
        user = self.map.user(coordinates)
        more = more_digits(np.append(user, loss), arithmetic, Fraction(1, 10**problem.digits))
        if more:
            return more
        run = Descent(
            problem=problem,
            fates=decide_fates(self._situation(means, error, step), theorems_only=True),
            means=user,
            centred_means=self.map.centred(coordinates),
            loss=loss,
            steps=step,
            stopped="certified",
            tau=problem.schedule.total(step),
            working_digits=arithmetic.digits,
            attempts=(),
            nodes=self.nodes,
            checkpoint=None,
            seconds=0.0,
            arithmetic=arithmetic,
            trail=trail,
        )
        gradient = self.gradient.values(means, powers)
        square = sum(float(g) ** 2 / count for g, count in zip(gradient, self.counts, strict=True))
        return run, square / float(loss) * math.exp(-2 * float(problem.paper.time))
