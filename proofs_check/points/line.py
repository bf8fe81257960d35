"""Mixtures on a line: all differences of means parallel, so that one coordinate matters."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import acb, arb, ctx

from numerics.numbers.exact import Vector
from proofs_check.points.interpreter import Inputs, NotConfirmedError, ball
from proofs_check.statements.mixture import Mixture

PairTable = list[list[tuple[arb, arb, arb]]]


def index_sizes(mixture: Mixture) -> dict[str, int]:
    """How many components, coordinates and teacher components an index runs over."""
    return {"j": mixture.n, "a": mixture.dimension, "t": len(mixture.teacher.means)}


def constant_input(mixture: Mixture, head: str, indices: tuple[int, ...]) -> acb:
    """Input heads of a program that do not depend on the point of integration.

    Raises
    ------
    NotConfirmedError
        For a head that is unknown.

    Examples
    --------
    >>> constant_input(Mixture.of([["1"], ["5/2"]]), "v", (1, 0))
    2.50000000000000
    """
    if head in ("delta_component", "delta_coordinate"):
        return acb(int(indices[0] == indices[1]))
    if head == "dimension":
        return acb(mixture.dimension)
    tables: dict[str, Any] = {
        "v": mixture.means,
        "theta": mixture.teacher.means,
        "pi": mixture.weights,
        "rho": mixture.teacher.weights,
    }
    if head not in tables:
        raise NotConfirmedError(f"unknown input {head!r} of a kernel")
    entry = tables[head]
    for index in indices:
        entry = entry[index]
    return acb(ball(entry))


class Line:
    """A mixture whose responsibilities depend on one coordinate ``y`` along ``direction``."""

    def __init__(self, mixture: Mixture) -> None:
        self.mixture = mixture
        self.teacher_means, self.teacher_weights = mixture.teacher
        self.direction = _common_direction(mixture.means, self.teacher_means)
        self._pair_tables: dict[Any, PairTable] = {}
        self.sizes = index_sizes(mixture)

    def along(self, vector: Vector) -> arb:
        """Coordinate of a vector along the direction."""
        length = ball(inner(self.direction, self.direction)).sqrt()
        return ball(inner(vector, self.direction)) / length

    def across(self, first: Vector, second: Vector) -> Fraction:
        """Inner product of the parts perpendicular to the direction (exact)."""
        w = self.direction
        return inner(first, second) - inner(first, w) * inner(second, w) / inner(w, w)

    def responsibilities(self, y: acb, means: Sequence[Vector], weights: Vector) -> list[acb]:
        """``psi_j = 1 / sum_k (pi_k / pi_j) exp(a_k - a_j)``; poles give non-finite balls."""
        return [
            1 / sum((ratio * (slope * y - shift).exp() for ratio, slope, shift in row), acb(0))
            for row in self._pairs(tuple(means), weights)
        ]

    def _pairs(self, means: tuple[Vector, ...], weights: Vector) -> PairTable:
        """Ratio of weights, slope and shift for each pair (j, k), at the current precision."""
        key = (means, weights, ctx.prec)
        if key not in self._pair_tables:
            self._pair_tables[key] = [
                [
                    (
                        ball(other_weight / weight),
                        self.along(tuple(a - b for a, b in zip(other, mean, strict=True))),
                        ball((inner(other, other) - inner(mean, mean)) / 2),
                    )
                    for other, other_weight in zip(means, weights, strict=True)
                ]
                for mean, weight in zip(means, weights, strict=True)
            ]
        return self._pair_tables[key]

    def log_ratio(
        self, y: acb, analytic: bool, means: Sequence[Vector], weights: Vector, centre: Vector
    ) -> acb:
        """``log sum_j pi_j exp(x.v_j - |v_j|^2/2)``, averaged over ``x`` perpendicular to the line.

        Enters kernels linearly and perpendicular to the line ``x`` is independent of all else, so
        that its mean may stand for it.
        """
        constants, slopes = self.exponents(means, centre)
        total = acb(0)
        for weight, constant, slope in zip(weights, constants, slopes, strict=True):
            relative = (slope - slopes[0]) * y + ball(constant - constants[0])
            total += ball(weight) * relative.exp()
        return total.log(analytic=analytic) + slopes[0] * y + ball(constants[0])

    def exponents(
        self, means: Sequence[Vector], centre: Vector
    ) -> tuple[list[Fraction], list[arb]]:
        """Constants and slopes in ``y`` of the exponents ``x.v_j - |v_j|^2/2``."""
        constants = [self.across(centre, mean) - inner(mean, mean) / 2 for mean in means]
        return constants, [self.along(mean) for mean in means]

    def inputs_at(self, y: acb, analytic: bool, centre: Vector) -> Inputs:
        """Input heads of a program at one (complex) point of the line."""
        student = self.mixture
        teacher = (self.teacher_means, self.teacher_weights)
        families = {"psi": (student.means, student.weights), "phi": teacher}
        responsibilities: dict[str, list[acb]] = {}

        def read(head: str, indices: tuple[int, ...]) -> acb:
            if head in families:
                if head not in responsibilities:
                    responsibilities[head] = self.responsibilities(y, *families[head])
                return responsibilities[head][indices[0]]
            if head == "log_student":
                return self.log_ratio(y, analytic, student.means, student.weights, centre)
            return self.log_ratio(y, analytic, *teacher, centre)

        return read

    def envelope_inputs(self) -> Inputs:
        """Varying inputs: responsibilities anywhere in [0, 1], logarithms in [-1, 1]."""
        share, logarithm = acb(arb(1, 1) / 2), acb(arb(0, 1))

        def read(head: str, indices: tuple[int, ...]) -> acb:
            return share if head in ("psi", "phi") else logarithm

        return read

    def log_growth(self, centre: Vector) -> tuple[arb, arb]:
        """``A, B`` with ``1 + |log_student| + |log_teacher| <= A |y| + B`` on the real line."""
        growth, offset = arb(0), arb(1)
        for means in (self.mixture.means, self.teacher_means):
            constants, slopes = self.exponents(means, centre)
            growth += sum((abs(slope) for slope in slopes), arb(0))
            offset += ball(max(abs(constant) for constant in constants))
        return growth, offset


def inner(left: Vector, right: Vector) -> Fraction:
    """Inner product of exact vectors."""
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))


def _common_direction(means: Sequence[Vector], teacher_means: Sequence[Vector]) -> Vector:
    """A rational vector to which all differences are parallel."""
    differences = [
        tuple(a - b for a, b in zip(vector, family[0], strict=True))
        for family in (means, teacher_means)
        for vector in family
    ]
    direction = next((v for v in differences if any(v)), None)
    if direction is None:
        return (Fraction(1), *(Fraction(0) for _ in means[0][1:]))
    for vector in differences:
        # parallel exactly when Cauchy-Schwarz is an equality
        if inner(vector, direction) ** 2 != inner(vector, vector) * inner(direction, direction):
            raise NotConfirmedError("differences of means span more than one dimension")
    return direction
