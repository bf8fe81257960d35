"""A family of mixtures over a box of parameters, evaluated like a single mixture.

The quantities have the names of `proofs_check.statements.relation.Point`, so that the relation of a
check at points serves over a box. They are numbers over the box
(`numerics.validated.slope_numbers`): arithmetic, ``abs``, ``min``, ``max``, ``exp`` and the like.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from derive.losses.objectives import OBJECTIVES, Objective
from derive.losses.parameter_derivatives import objective_integrand, program_integrand
from numerics.errors import InputError
from numerics.evaluation.over_boxes import BoxExpectations, Integrand
from numerics.validated.interval import Interval
from numerics.validated.slope_numbers import Frame, SlopeNumber
from proofs_check.statements.family import Family

if TYPE_CHECKING:
    from derive.algebra.program import Program


class BoxPoint:
    """What a relation sees of a family over a box.

    Parameters
    ----------
    family : Family
    frame : Frame
        The box and its base set.
    digits : int
        Accuracy of the integration.

    Examples
    --------
    >>> from fractions import Fraction
    >>> pair = Family(lambda t: [[t], [-t]], ("t",))
    >>> at = BoxPoint(pair, Frame({"t": Interval(Fraction(1), Fraction(9, 8))}), 10)
    >>> at.gradient("kl")[0][0].range > 0
    True
    """

    def __init__(self, family: Family, frame: Frame, digits: int) -> None:
        self.family, self.frame, self.digits = family, frame, digits
        entries = family.entries(frame)
        self._entries = entries
        around = entries
        if frame.touching is not None:
            around = family.entries(Frame(_hull(frame)))
        self._expectations = BoxExpectations(entries, around, digits)
        self.parameters = {name: frame.parameter(name) for name in family.names}
        self.means = [list(row) for row in entries.means]
        self.weights = list(entries.weights)

    def loss(self, objective: str | Objective) -> SlopeNumber:
        """Loss of an objective."""
        value: SlopeNumber = self._of(objective, "loss").item()
        return value

    def gradient(self, objective: str | Objective) -> list[list[SlopeNumber]]:
        """Gradient in the means, ``n x d``."""
        result: list[list[SlopeNumber]] = self._of(objective, "gradient").tolist()
        return result

    def hessian(
        self, objective: str | Objective, rows: Sequence[int] | None = None
    ) -> list[list[SlopeNumber]]:
        """Hessian in the means, ``nd x nd``, or its principal submatrix in some rows."""
        full = self._of(objective, "hessian")
        size = len(self.means) * len(self.means[0])
        table = full.reshape(size, size)
        chosen = range(size) if rows is None else rows
        return [[table[row, column] for column in chosen] for row in chosen]

    def expectation(self, program: Program) -> Any:
        """Expectation of a lowered integrand, nested in the order of its free labels."""
        return self._expectations.expectation(_of_program(program)).tolist()

    def elsewhere(self, mixture: Any) -> NoReturn:
        """Refused: over a box there is no other mixture."""
        raise InputError("relation", "at.elsewhere", "quantities of the family itself over a box")

    @property
    def mixture(self) -> NoReturn:
        """Refused: over a box the numbers are not exact."""
        raise InputError("relation", "at.mixture", "at.parameters, at.means, at.weights over a box")

    def total_variation(self) -> NoReturn:
        """Refused: not evaluated over boxes."""
        raise InputError("relation", "at.total_variation", "losses, gradients and expectations")

    def _of(self, objective: str | Objective, quantity: str) -> Any:
        return self._expectations.expectation(_of_objective(objective, quantity))


def _hull(frame: Frame) -> dict[str, Interval]:
    """A box that contains a frame's box, its base set and the segments between them."""
    return {
        name: Interval(min(side.low, base.low), max(side.high, base.high))
        for name, side, base in (
            (name, side, frame.base_box[name]) for name, side in frame.box.items()
        )
    }


@lru_cache(maxsize=128)
def _of_objective(objective: str | Objective, quantity: str) -> Integrand:
    if isinstance(objective, str):
        if objective not in OBJECTIVES:
            raise InputError("objective", objective, "one of " + ", ".join(sorted(OBJECTIVES)))
        objective = OBJECTIVES[objective]
    polynomial, free = objective_integrand(objective, quantity)
    return Integrand(polynomial, free, objective.base)


@lru_cache(maxsize=128)
def _of_program(program: Program) -> Integrand:
    return Integrand(program_integrand(program), program.output.indices, program.base)
