"""Families of mixtures that checks draw from, described without loading Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from proofs_check.sampling.drawing import WeightKind
    from proofs_check.statements.mixture import Mixture


@dataclass(frozen=True)
class Cases:
    """The family of mixtures a check draws from, with its description.

    Attributes
    ----------
    components, dimensions, separation, weight, on_line
        As in `mixtures`.
    teacher : pair of int or None
        Number of components of a drawn mixture teacher; ``None`` for the standard Gaussian.

    Examples
    --------
    >>> print(Cases(components=(2, 3), weight="uniform"))
    n = 2..3, d = 1..3, separations 1e-12..20, uniform weights
    """

    components: tuple[int, int] = (1, 4)
    dimensions: tuple[int, int] = (1, 3)
    separation: tuple[str, str] = ("1e-12", "20")
    weight: WeightKind = "any"
    on_line: bool = False
    teacher: tuple[int, int] | None = None

    def strategy(self) -> SearchStrategy[Mixture]:
        """Hypothesis strategy of the family."""
        from proofs_check.sampling.drawing import mixtures, teachers

        students = mixtures(
            self.components,
            self.dimensions,
            self.separation,
            self.weight,
            on_line=self.on_line,
        )
        if self.teacher is None:
            return students
        components = self.teacher
        return students.flatmap(lambda student: teachers(student, components))

    def __str__(self) -> str:
        parts = [
            _range("n", self.components),
            _range("d", self.dimensions),
            "separations {}..{}".format(*self.separation),
            f"{self.weight} weights",
        ]
        if self.on_line:
            parts.append("means on a line")
        if self.teacher is not None:
            parts.append(_range("teacher components", self.teacher))
        return ", ".join(parts)


def _range(name: str, bounds: tuple[int, int]) -> str:
    low, high = bounds
    return f"{name} = {low}" if low == high else f"{name} = {low}..{high}"
