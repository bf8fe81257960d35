"""Student and teacher in exact form, read once; and the frame that integration runs in.

Translation puts the teacher's (first) mean at the origin. The responsibilities depend on ``x`` only
through its projection on ``span{v_i - v_k}`` (and the differences of the teacher's means), so every
expectation is an integral over ``rank`` dimensions; all decisions here are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from numerics.errors import InputError
from numerics.numbers.exact import (
    Vector,
    dot,
    orthogonal_basis,
    parse_means,
    parse_vector,
    parse_weights,
    subtract,
)

_LINE: tuple[Vector, ...] = ((Fraction(1),),)


class Teacher(NamedTuple):
    """Teacher mixture ``sum_t rho_t N(theta_t, I)``; one component is the single Gaussian.

    Examples
    --------
    >>> Teacher.from_user(["1/2", 0], dimension=2).means
    ((Fraction(1, 2), Fraction(0, 1)),)
    """

    means: tuple[Vector, ...]
    weights: Vector

    @classmethod
    def from_user(cls, value: object, dimension: int, argument: str = "teacher") -> Teacher:
        """Read None (standard Gaussian at the origin), a mean vector, a mapping, or a `Teacher`."""
        if value is None:
            return cls(((Fraction(0),) * dimension,), (Fraction(1),))
        if isinstance(value, Teacher):
            teacher = value
        elif isinstance(value, Mapping):
            unknown = [key for key in value if key not in ("means", "weights")]
            if "means" not in value or unknown:
                raise InputError(
                    argument,
                    f"a mapping with keys {sorted(map(str, value))}",
                    'a mapping with keys "means" and (optionally) "weights"',
                )
            means = parse_means(value["means"], f"{argument}.means")
            weights = parse_weights(value.get("weights"), len(means), f"{argument}.weights")
            teacher = cls(means, weights)
        else:
            teacher = cls((parse_vector(value, argument, length=dimension),), (Fraction(1),))
        if len(teacher.means[0]) != dimension:
            raise InputError(
                f"{argument}.means",
                f"means with {len(teacher.means[0])} coordinates",
                f"{dimension} coordinates, like the student's means",
            )
        return teacher

    def merged(self) -> Teacher:
        """Return the same density without repeated means: their weights are added up.

        Examples
        --------
        >>> Teacher.from_user({"means": [[1], [2], [1]]}, 1).merged().weights
        (Fraction(2, 3), Fraction(1, 3))
        """
        shares: dict[Vector, Fraction] = {}
        for mean, weight in zip(self.means, self.weights, strict=True):
            shares[mean] = shares.get(mean, Fraction(0)) + weight
        return Teacher(tuple(shares), tuple(shares.values()))


@dataclass(frozen=True)
class Frame:
    """Orthogonal rational axes adapted to a problem.

    The first ``rank`` axes span all differences. One more axis follows if the student has a
    constant part perpendicular to them. Everything perpendicular to all axes is *silent*: means
    have no component there, so gradients vanish and Hessians are one ``n x n`` block times the
    identity.

    Attributes
    ----------
    axes : tuple of Vector
        Orthogonal, not normalised (a backend divides by the root of ``squared_lengths``).
    rank : int
        Dimension of the integrals.
    dimension : int
        Dimension ``d`` of the ambient space.
    """

    axes: tuple[Vector, ...]
    rank: int
    dimension: int

    @cached_property
    def squared_lengths(self) -> Vector:
        """``|e_k|^2`` of every axis; exact."""
        return tuple(dot(axis, axis) for axis in self.axes)

    @property
    def silent(self) -> bool:
        """Whether some direction is perpendicular to all axes."""
        return len(self.axes) < self.dimension

    def project(self, vector: Sequence[Fraction]) -> Vector:
        """Coefficients ``(v.e_k)/|e_k|^2``; times ``|e_k|`` they are orthonormal coordinates.

        Examples
        --------
        >>> one = Fraction(1)
        >>> Frame(((one, one),), 1, 2).project((Fraction(3), Fraction(1)))
        (Fraction(2, 1),)
        """
        if self.axes == _LINE:
            return tuple(vector)
        return tuple(
            dot(vector, axis) / norm
            for axis, norm in zip(self.axes, self.squared_lengths, strict=True)
        )


@dataclass(frozen=True)
class StudentTeacher:
    """A student mixture and its teacher in exact numbers, in the user's coordinates.

    Attributes
    ----------
    means : n x d rationals
    weights : n rationals
    teacher : Teacher

    Examples
    --------
    >>> given = StudentTeacher.from_user([["1/2"], [2]], None, {"means": [[1], [2], [1]]})
    >>> given.n, given.mixture, given.merged().teacher.weights
    (2, True, (Fraction(2, 3), Fraction(1, 3)))
    """

    means: tuple[Vector, ...]
    weights: Vector
    teacher: Teacher

    @staticmethod
    def from_user(means: object, weights: object = None, teacher: object = None) -> StudentTeacher:
        """Read a user's input.

        Parameters
        ----------
        means : nested list or array, n x d
            Student means; entries as `numerics.numbers.exact.parse_number` reads them.
        weights : list or None
            Student weights; None is uniform.
        teacher : None, vector, mapping or Teacher
            None is ``N(0, I)``, a vector the mean of one Gaussian, a mapping
            ``{"means": ..., "weights": ...}`` a mixture.

        Raises
        ------
        InputError
            Naming argument, value and what is allowed.
        """
        rows = parse_means(means)
        shares = parse_weights(weights, len(rows))
        return StudentTeacher(rows, shares, Teacher.from_user(teacher, len(rows[0])))

    def merged(self) -> StudentTeacher:
        """Return the same densities without repeated means of the teacher."""
        return StudentTeacher(self.means, self.weights, self.teacher.merged())

    @property
    def n(self) -> int:
        """Number of student components."""
        return len(self.means)

    @property
    def dimension(self) -> int:
        """Number of coordinates ``d``."""
        return len(self.means[0])

    @property
    def mixture(self) -> bool:
        """Whether the teacher has more than one component."""
        return len(self.teacher.means) > 1


@dataclass(frozen=True)
class Problem(StudentTeacher):
    """Student and teacher centred: the teacher's first mean is the origin, none stands twice.

    Examples
    --------
    >>> problem = Problem.from_user([[0, 0, 1], [3, 4, 1]], None, None)
    >>> problem.rank, len(problem.frame.axes), problem.frame.silent
    (1, 2, True)
    """

    @staticmethod
    def from_user(means: object, weights: object = None, teacher: object = None) -> Problem:
        """Read a user's input (`StudentTeacher.from_user`) and centre it."""
        return Problem.centred(StudentTeacher.from_user(means, weights, teacher))

    @classmethod
    def centred(cls, given: StudentTeacher) -> Problem:
        """Centre what has been read."""
        teacher = given.teacher.merged()
        origin = teacher.means[0]
        return cls(
            tuple(subtract(row, origin) for row in given.means),
            given.weights,
            Teacher(tuple(subtract(row, origin) for row in teacher.means), teacher.weights),
        )

    @property
    def teacher_kind(self) -> str:
        """``"single"`` or ``"mixture"``."""
        return "mixture" if self.mixture else "single"

    @cached_property
    def frame(self) -> Frame:
        """Axes adapted to the differences of the means."""
        student, teacher = self.means, self.teacher.means
        differences = [subtract(row, student[0]) for row in student[1:]]
        differences += list(teacher[1:])  # the first teacher mean is the origin
        if self.dimension == 1:  # nothing to orthogonalise
            spread = any(entry for (entry,) in differences)
            return Frame(_LINE if spread or student[0][0] else (), int(spread), 1)
        axes = orthogonal_basis(differences)
        rank = len(axes)
        perpendicular = student[0]
        for axis in axes:
            factor = dot(perpendicular, axis) / dot(axis, axis)
            perpendicular = tuple(a - factor * b for a, b in zip(perpendicular, axis, strict=True))
        if any(perpendicular):
            axes += orthogonal_basis([perpendicular])
        return Frame(tuple(axes), rank, self.dimension)

    @property
    def rank(self) -> int:
        """Exact rank ``dim span({v_i - v_k}, {theta_a - theta_b})``."""
        return self.frame.rank


@dataclass(frozen=True)
class EnclosedProblem:
    """A student known as balls only, a box or a point at any precision.

    Attributes
    ----------
    means : callable
        Gives the means, ``n x d`` balls, at the current precision.
    weights : tuple of Fraction
    rank : int
        The first ``rank`` coordinates span the differences, the teacher's too: in the others all
        means agree.
    teacher : callable or None
        Gives the means of a mixture as teacher, like ``means``; None is ``N(0, I)``.
    teacher_weights : tuple of Fraction
    """

    means: Callable[[], Sequence[Sequence[Any]]]
    weights: Sequence[Fraction]
    rank: int
    teacher: Callable[[], Sequence[Sequence[Any]]] | None = None
    teacher_weights: Sequence[Fraction] = ()
