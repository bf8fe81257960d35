"""Exact counterexamples, and their confirmation by code that did not find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from proofs_check.statements.mixture import Mixture

if TYPE_CHECKING:
    from proofs_check.statements.relation import Point, Relation


@dataclass(frozen=True)
class Witness:
    """A rational point at which a statement fails, confirmed in ball arithmetic.

    Attributes
    ----------
    mixture : Mixture
        The exact point.
    statement : str
        The statement that fails there.
    left, right : str
        Enclosures of both sides of the failing component, as printed by Arb.
    digits : int
        Digits of the confirmation: twice those of the search, on a line.
    hypotheses : tuple of str
        What the claim assumes as predicates: found to hold there by the same evaluation.
    """

    mixture: Mixture
    statement: str
    left: str
    right: str
    digits: int
    hypotheses: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f", where {' and '.join(self.hypotheses)} holds" if self.hypotheses else ""
        sides = f"{self.left} against {self.right}"
        return f"at {self.mixture}{where}: {self.statement} fails: {sides}"

    def to_data(self) -> dict[str, Any]:
        """Return plain data for the JSON report."""
        data: dict[str, Any] = {
            "statement": self.statement,
            "mixture": self.mixture.to_data(),
            "left": self.left,
            "right": self.right,
            "digits": self.digits,
        }
        return {**data, "hypotheses": list(self.hypotheses)} if self.hypotheses else data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Witness:
        """Read what `to_data` gives."""
        return cls(
            Mixture.from_data(data["mixture"]),
            data["statement"],
            data["left"],
            data["right"],
            data["digits"],
            tuple(str(text) for text in data.get("hypotheses", ())),
        )


class Assumed(Protocol):
    """A hypothesis: a predicate with its text (`proofs_check.claim.Hypothesis`)."""

    @property
    def text(self) -> str:
        """The hypothesis in plain text."""
        ...

    def met(self, at: Point) -> bool:
        """Whether it (certainly) holds at a point."""
        ...


def confirm(
    relation: Relation,
    mixture: Mixture,
    digits: int,
    deadline: float | None = None,
    hypotheses: Sequence[Assumed] = (),
) -> Witness | str:
    """Re-evaluate a suspected counterexample at twice the digits with independent code.

    The kernels are interpreted by `proofs_check.points.independent_point` (adaptive complex
    integration; a grid with a proved error where means span two or three dimensions, to fewer
    digits), which shares no code with the evaluation in ``numerics`` (trapezoid rule, compiled
    kernels). Hypotheses, and the relation's own condition, must be seen to hold there, too.

    Returns
    -------
    Witness or str
        The confirmed witness, or the reason why the statement may still hold there.

    Examples
    --------
    >>> from proofs_check.statements.relation import Relation
    >>> two = Relation("L = 2 K", lambda at: at.loss("forward"), "=", lambda at: 2 * at.loss("kl"))
    >>> print(confirm(two, Mixture.of([["1"]]), 10))
    L = 2 K is not violated at means ((1)), weights (1) to 20 digits
    """
    from proofs_check.points.independent_point import IndependentPoint
    from proofs_check.points.interpreter import NotConfirmedError, precision

    wanted = 2 * digits
    try:
        with precision(wanted):
            at = IndependentPoint(mixture, wanted, deadline=deadline)
            unmet = [known.text for known in hypotheses if not known.met(at)]
            if not relation.applies(at):
                unmet.append(f"the condition of {relation.text}")
            if unmet:
                return f"not confirmed: {unmet[0]} is not shown to hold at {mixture}"
            outcome = relation.judge(at)
    except NotConfirmedError as error:
        return f"not confirmed: {error}"
    if outcome.violated is None:
        return f"{relation.text} is not violated at {mixture} to {at.digits} digits"
    left, right = outcome.violated
    shown = min(wanted, 30)
    texts = tuple(known.text for known in hypotheses)
    return Witness(mixture, relation.text, left.str(shown), right.str(shown), at.digits, texts)
