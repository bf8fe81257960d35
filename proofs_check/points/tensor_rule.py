"""Expectations of kernels in two and three coordinates, by a trapezoidal rule with a proved error.

Interprets a `derive.algebra.program.Program` at the nodes of a grid in an orthogonal frame of the
differences of means; nothing is shared with the quadrature in ``numerics``. Perpendicular to the
frame a kernel is linear in ``x``, so that the mean stands for it.

With one coordinate complex, ``z_i = x + i b`` and ``|b| <= a_i``, the terms of a mixture differ in
phase by at most ``a_i D_i``, ``D_i`` the spread of its means in that coordinate, so that with
``a_i D_i <= 2`` each responsibility is at most ``1/cos 1`` and a kernel at most ``H G``,
``G = A (1 + a_i) prod_k (1 + |z_k|)``. Then the infinite rule with step ``h_i`` errs by at most
``2 M/(exp(2 pi a_i/h_i) - 1)`` in this coordinate (L. N. Trefethen and J. A. C. Weideman, SIAM
Review 56, 2014, Theorem 5.1), ``M <= H exp(a_i^2/2) E[G]``; sums (of steps below 2) and integrals
of ``(1 + |z|) phi(z)`` over a coordinate are at most 4. What lies beyond the grid is at most
``4^(r-1) H A (erfc(W/sqrt 2) + 2 phi(W))`` in each coordinate.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from flint import acb, arb

from derive.algebra.program import Program
from numerics.numbers.exact import Vector
from proofs_check.cpu_time import passed
from proofs_check.points.interpreter import (
    Inputs,
    Interpreter,
    NotConfirmedError,
    ProductPlan,
    ball,
    precision,
)
from proofs_check.points.line import constant_input, index_sizes, inner
from proofs_check.statements.mixture import Mixture

#: Most digits by rank: what a grid of that many dimensions reaches in seconds to minutes.
DIGITS = {2: 60, 3: 15}
_NODES = 4_000_000
#: Half the difference of phases that is allowed.
_PHASE = Fraction(1)
#: Makes up for the rounding of spreads to floats.
_SAFE = Fraction(999, 1000)
_WIDEST = Fraction(4)
#: By how much the steps are finer than those that should do.
_FINER = Fraction(1)
_LOOK = 256  # nodes between looks at the time


def directions(mixture: Mixture) -> list[Vector]:
    """Orthogonal rational vectors that span the differences of means, of the teacher's too.

    Examples
    --------
    >>> len(directions(Mixture.of([["0", "0"], ["1", "0"], ["1", "2"]])))
    2
    >>> len(directions(Mixture.of([["0", "0"], ["1", "1"], ["2", "2"]])))
    1
    """
    found: list[Vector] = []
    for family in (mixture.means, mixture.teacher[0]):
        for mean in family[1:]:
            rest = tuple(a - b for a, b in zip(mean, family[0], strict=True))
            for known in found:
                share = inner(rest, known) / inner(known, known)
                rest = tuple(a - share * b for a, b in zip(rest, known, strict=True))
            if any(rest):
                found.append(rest)
    return found


def digits_for(mixture: Mixture, digits: int) -> int:
    """Digits that are confirmed at a mixture, of those asked for."""
    return min(digits, DIGITS.get(len(directions(mixture)), digits))


@dataclass(frozen=True)
class _Family:
    """Means and weights in coordinates: exponents ``slope . z + constant`` about a centre."""

    slopes: list[list[arb]]
    constants: list[arb]
    weights: list[arb]

    def spread(self, coordinate: int) -> float:
        """Largest difference of slopes in a coordinate, rounded up."""
        column = [slope[coordinate] for slope in self.slopes]
        return max(1e-9, *(float(abs(a - b).upper()) for a in column for b in column))


class TensorRule:
    """Expectations at one mixture whose differences of means span two or three dimensions.

    Parameters
    ----------
    mixture : Mixture
        The exact point.
    digits : int
        Values have radius about ``10**-digits``.
    deadline : float or None
        Value of `proofs_check.cpu_time.cpu_seconds` after which it gives up.

    Raises
    ------
    NotConfirmedError
        If the grid would be too large, or time runs out.
    """

    def __init__(self, mixture: Mixture, digits: int, deadline: float | None = None) -> None:
        self.mixture = mixture
        self.digits = digits
        self.deadline = deadline
        self.teacher_means, self.teacher_weights = mixture.teacher
        self.frame = directions(mixture)
        if len(self.frame) > max(DIGITS):
            raise NotConfirmedError("differences of means span more than three dimensions")
        self.sizes = index_sizes(mixture)

    def expect(self, program: Program, entries: Sequence[tuple[int, ...]]) -> list[arb]:
        """Expectations of some entries of a program."""
        student = program.base == "student"
        means = self.mixture.means if student else self.teacher_means
        weights = self.mixture.weights if student else self.teacher_weights
        with precision(self.digits + 10):
            totals = [arb(0)] * len(entries)
            for mean, weight in zip(means, weights, strict=True):
                values = self._about(program, entries, mean)
                totals = [t + ball(weight) * v for t, v in zip(totals, values, strict=True)]
        return totals

    def _about(
        self, program: Program, entries: Sequence[tuple[int, ...]], centre: Vector
    ) -> list[arb]:
        """Expectations under ``N(centre, I)``: the sum over the grid, and a bound of its error."""
        plan = ProductPlan(program, self.sizes, partial(constant_input, self.mixture))
        student = self._family(self.mixture.means, self.mixture.weights, centre)
        teacher = self._family(self.teacher_means, self.teacher_weights, centre)
        rank = len(self.frame)
        widths = [
            min(_WIDEST, 2 * _SAFE * _PHASE / Fraction(max(student.spread(i), teacher.spread(i))))
            for i in range(rank)
        ]
        names = [(program.output.target, entry) for entry in entries]
        heights = Interpreter(plan, _envelope())
        height = max((abs(heights.value(name)).upper() for name in names), key=float)
        growth = _growth((student, teacher), max(widths)) if program.log_degree else arb(1)
        bound = (height * growth + 1).upper()
        size = math.log(10) * (self.digits + 3) + float(bound.log().upper()) + 4 * rank
        window = math.ceil(math.sqrt(2 * size)) + 1
        steps = [_step(a, size) for a in widths]
        counts = [math.ceil(window / step) for step in steps]
        if math.prod(2 * count + 1 for count in counts) > _NODES:
            raise NotConfirmedError("the grid is too large: means far apart in several directions")
        error = sum(
            (_beyond(step * count, rank) + _between(a, step, rank))
            for a, step, count in zip(widths, steps, counts, strict=True)
        )
        totals = [acb(0)] * len(names)
        for weight, inputs in self._nodes(steps, counts, student, teacher):
            kernel = Interpreter(plan, inputs)
            totals = [
                total + weight * kernel.value(name)
                for total, name in zip(totals, names, strict=True)
            ]
        cell = math.prod((ball(step) for step in steps), start=arb(1))
        off = arb(0, (error * bound).abs_upper())
        return [(total * cell).real + off for total in totals]

    def _family(self, means: Sequence[Vector], weights: Vector, centre: Vector) -> _Family:
        """Exponents ``x.v - |v|^2/2`` at ``x = centre + z``, ``z`` in the frame."""
        lengths = [ball(inner(axis, axis)).sqrt() for axis in self.frame]
        return _Family(
            [
                [
                    ball(inner(mean, a)) / length
                    for a, length in zip(self.frame, lengths, strict=True)
                ]
                for mean in means
            ],
            [ball(inner(mean, centre) - inner(mean, mean) / 2) for mean in means],
            [ball(weight) for weight in weights],
        )

    def _nodes(
        self, steps: Sequence[Fraction], counts: Sequence[int], student: _Family, teacher: _Family
    ) -> Iterator[tuple[arb, Inputs]]:
        """Densities (without the cell) and inputs at the nodes."""
        axes = [
            _axis(i, step, count, (student, teacher))
            for i, (step, count) in enumerate(zip(steps, counts, strict=True))
        ]
        starts = [
            [w * c.exp() for w, c in zip(family.weights, family.constants, strict=True)]
            for family in (student, teacher)
        ]
        for number, node in enumerate(itertools.product(*axes)):
            if number % _LOOK == 0 and passed(self.deadline):
                raise NotConfirmedError("out of time")
            density = math.prod((at.density for at in node), start=arb(1))
            terms = [
                [
                    math.prod((at.factors[which][k] for at in node), start=start)
                    for k, start in enumerate(starts[which])
                ]
                for which in (0, 1)
            ]
            yield density, _Inputs(terms).read


@dataclass(frozen=True)
class _Place:
    """A coordinate of a node: its density, and the factors ``exp(slope z)`` of both families."""

    density: arb
    factors: tuple[list[arb], list[arb]]


def _axis(
    coordinate: int, step: Fraction, count: int, families: tuple[_Family, _Family]
) -> list[_Place]:
    norm = 1 / (2 * arb.pi()).sqrt()
    places = []
    for k in range(-count, count + 1):
        z = ball(k * step)
        factors = tuple(
            [(slope[coordinate] * z).exp() for slope in family.slopes] for family in families
        )
        places.append(_Place((-z * z / 2).exp() * norm, (factors[0], factors[1])))
    return places


class _Inputs:
    """Responsibilities and logarithms at a node, from the terms of both mixtures."""

    def __init__(self, terms: list[list[arb]]) -> None:
        self.terms = terms
        self.sums: list[arb | None] = [None, None]

    def total(self, which: int) -> arb:
        """The sum of a mixture's terms."""
        found = self.sums[which]
        if found is None:
            found = sum(self.terms[which], arb(0))
            self.sums[which] = found
        return found

    def read(self, head: str, indices: tuple[int, ...]) -> acb:
        """Value of an input head."""
        which = 0 if head in ("psi", "log_student") else 1
        total = self.total(which)
        if head in ("psi", "phi"):
            return acb(self.terms[which][indices[0]] / total)
        return acb(total.log())


def _step(width: Fraction, size: float) -> Fraction:
    """A step that leaves about ``exp(-size)``; what it leaves is bounded afterwards."""
    wanted = 2 * math.pi * float(width) / (size + float(width) ** 2)
    return Fraction(wanted).limit_denominator(2**20) / _FINER


def _envelope() -> Inputs:
    """Responsibilities in the disc of radius ``1/cos 1``, logarithms in the unit disc."""
    radius = (1 / ball(_PHASE).cos()).upper()
    share, logarithm = acb(arb(0, radius), arb(0, radius)), acb(arb(0, 1), arb(0, 1))

    def read(head: str, indices: tuple[int, ...]) -> acb:
        return share if head in ("psi", "phi") else logarithm

    return read


def _growth(families: Sequence[_Family], width: Fraction) -> arb:
    """``A`` with ``1 + |logarithms| <= A (1 + a_i) prod (1 + |z_k|)`` where one ``z_i`` is complex.

    ``|log sum_k w_k e_k| <= max_k |Re exponent| + |log cos 1| + phase``, and a phase is at most
    ``a_i`` times the largest slope.
    """
    total = arb(1)
    for family in families:
        slopes = [abs(entry).upper() for slope in family.slopes for entry in slope]
        largest = max(slopes, key=float)
        constants = max((abs(constant).upper() for constant in family.constants), key=float)
        total += constants + 2 + largest * (1 + ball(width))
    return total


def _between(width: Fraction, step: Fraction, rank: int) -> arb:
    """Error of the infinite rule in one coordinate, relative to the bound of the kernel."""
    a = ball(width)
    mean = arb(4) ** rank * (1 + a)
    return 2 * mean * (a * a / 2).exp() / ((2 * arb.pi() * a / ball(step)).exp() - 1)


def _beyond(window: Fraction, rank: int) -> arb:
    """What lies beyond the grid in one coordinate, relative to the bound of the kernel."""
    end = ball(window)
    density = (-end * end / 2).exp() / (2 * arb.pi()).sqrt()
    return arb(4) ** (rank - 1) * ((end / arb(2).sqrt()).erfc() + 2 * density)
