"""Exact student mixtures and teachers: the cases a claim is checked on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from numerics.mixtures.problem import StudentTeacher, Teacher
from numerics.numbers.exact import Vector
from proofs_check.statements.exact_text import fraction_text


@dataclass(frozen=True)
class Mixture:
    """A student mixture of unit-covariance Gaussians, and its teacher, in exact numbers.

    Attributes
    ----------
    means : tuple of tuple of Fraction
        ``n x d``; the frame is the claim's: with ``teacher_means`` empty the teacher is
        ``N(0, I)``.
    weights : tuple of Fraction
        Positive, sum exactly 1.
    teacher_means, teacher_weights : tuple
        The teacher's components; empty for ``N(0, I)``.
    parameters : tuple of (str, Fraction)
        Values of the parameters of the family that it belongs to, if any.

    Raises
    ------
    ValueError
        If shapes differ or the weights do not sum to 1 exactly.

    Examples
    --------
    >>> Mixture.of([["0"], ["5/2"]]).weights
    (Fraction(1, 2), Fraction(1, 2))
    >>> print(Mixture.of([["0"], ["5/2"]], ["1/3", "2/3"]))
    means ((0), (5/2)), weights (1/3, 2/3)
    """

    means: tuple[Vector, ...]
    weights: Vector
    teacher_means: tuple[Vector, ...] = ()
    teacher_weights: Vector = ()
    parameters: tuple[tuple[str, Fraction], ...] = ()

    def __post_init__(self) -> None:
        vectors = (*self.means, *self.teacher_means)
        if not self.means or any(len(vector) != self.dimension for vector in vectors):
            raise ValueError("means must be a non-empty n x d table, teacher means k x d")
        for weights, means in (
            (self.weights, self.means),
            (self.teacher_weights, self.teacher_means),
        ):
            if len(weights) != len(means) or any(weight <= 0 for weight in weights):
                raise ValueError("one positive weight per component is needed")
            if weights and sum(weights) != 1:
                raise ValueError("weights must sum to 1 exactly")

    @classmethod
    def of(
        cls,
        means: Any,
        weights: Any = None,
        teacher_means: Any = (),
        teacher_weights: Any = None,
    ) -> Mixture:
        """Read a mixture's numbers or texts (`numerics.mixtures.problem.StudentTeacher`)."""
        teacher = list(teacher_means)
        mixture = {"means": teacher, "weights": teacher_weights} if teacher else None
        given = StudentTeacher.from_user(list(means), weights, mixture)
        return cls(given.means, given.weights, *(given.teacher if teacher else ()))

    @property
    def teacher(self) -> Teacher:
        """Means and weights of the teacher, written out for ``N(0, I)`` too."""
        if self.teacher_means:
            return Teacher(self.teacher_means, self.teacher_weights)
        return Teacher.from_user(None, self.dimension)

    @property
    def given(self) -> StudentTeacher:
        """Student and teacher as numerics takes them."""
        return StudentTeacher(self.means, self.weights, self.teacher)

    @property
    def n(self) -> int:
        """Number of components of the student."""
        return len(self.means)

    @property
    def dimension(self) -> int:
        """Dimension ``d`` of the space."""
        return len(self.means[0])

    def __str__(self) -> str:
        parts = [f"{name} = {fraction_text(value)}" for name, value in self.parameters]
        parts += [f"means {_table(self.means)}", f"weights {_row(self.weights)}"]
        if self.teacher_means:
            parts.append(f"teacher means {_table(self.teacher_means)}")
            parts.append(f"teacher weights {_row(self.teacher_weights)}")
        return ", ".join(parts)

    def to_data(self) -> dict[str, Any]:
        """Return the exact numbers as nested lists of texts."""
        data: dict[str, Any] = {
            "means": [[fraction_text(entry) for entry in mean] for mean in self.means],
            "weights": [fraction_text(weight) for weight in self.weights],
        }
        if self.teacher_means:
            data["teacher"] = {
                "means": [[fraction_text(entry) for entry in mean] for mean in self.teacher_means],
                "weights": [fraction_text(weight) for weight in self.teacher_weights],
            }
        if self.parameters:
            data["parameters"] = {name: fraction_text(value) for name, value in self.parameters}
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Mixture:
        """Read what `to_data` gives.

        Examples
        --------
        >>> mixture = Mixture.of([["0"], ["5/2"]], None, [["1"]])
        >>> Mixture.from_data(mixture.to_data()) == mixture
        True
        """
        teacher = data.get("teacher", {"means": (), "weights": None})
        given = cls.of(data["means"], data["weights"], teacher["means"], teacher["weights"])
        named = data.get("parameters", {})
        return replace(given, parameters=tuple((name, Fraction(x)) for name, x in named.items()))


def _row(values: Vector) -> str:
    return "(" + ", ".join(fraction_text(value) for value in values) + ")"


def _table(values: tuple[Vector, ...]) -> str:
    return "(" + ", ".join(_row(value) for value in values) + ")"


def coordinates(means: Sequence[Vector]) -> list[Fraction]:
    """Return the coordinates of means in one dimension.

    Examples
    --------
    >>> coordinates(Mixture.of([["1/2"], ["-1"]]).means)
    [Fraction(1, 2), Fraction(-1, 1)]
    """
    if any(len(mean) != 1 for mean in means):
        raise ValueError("means in one dimension are needed")
    return [entry for (entry,) in means]
