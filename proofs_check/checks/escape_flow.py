r"""Checks of the escape law of the gradient flow itself: two equal components, in any dimension.

`FlowStays`: a region that contains ``(0, v_2)`` and that the flow does not leave, where the first
mean is slaved to the second. `FlowLaw`: how fast the loss falls there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from proofs_check.checks.escape import pace_relation
from proofs_check.checks.general import derived, second_look
from proofs_check.claim import Context
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from numerics.fates.slaved_flow import FlowRegion
    from proofs_check.statements.relation import Ball, Point, Relation

#: Where ``alpha/G`` settles, roughly: places where a bound is looked at that is not shown.
_SETTLED = 0.0982
_PLACES = (6, 8, 10, 12)


def _derived() -> bool:
    """Whether the reduction to integrals is derived."""
    names = ("escape-integrals", "escape-loss", "escape-across")
    return all(derived(name, "n = 2").verdict is Verdict.PROVED for name in names)


def _scope(region: FlowRegion) -> str:
    return (
        "n = 2, equal weights, any d, v_1 = alpha u + p, v_2 = v_1 + a u, p perpendicular to u, "
        f"alpha + a >= {region.far}, 0 <= alpha <= {region.slaved} G, |p| <= {region.across} G, "
        "G = 2 a^2 phi(a/2 + alpha)"
    )


@dataclass(frozen=True)
class FlowStays:
    """The gradient flow of two equal components does not leave a region.

    ``alpha + a`` grows there, ``0 <= alpha <= slaved G`` and ``|p| <= across G``: on each edge the
    flow points inwards.

    Attributes
    ----------
    far, slaved, across : Fraction

    Examples
    --------
    >>> print(FlowStays(Fraction(6), Fraction(3, 20)).run(Context()).verdict)
    PROVED
    """

    far: Fraction = Fraction(6)
    slaved: Fraction = Fraction(3, 20)
    across: Fraction = Fraction(1, 25)

    @property
    def name(self) -> str:
        """The region."""
        return (
            f"the flow keeps alpha + a >= {self.far}, 0 <= alpha <= {self.slaved} G, "
            f"|p| <= {self.across} G"
        )

    def run(self, context: Context) -> CheckResult:
        """Verify the edges in balls."""
        from numerics.fates.slaved_flow import FlowRegion, escape_law

        region = FlowRegion(self.far, self.slaved, self.across)
        scope, law = _scope(region), escape_law(region)
        if not (law.holds and _derived()):
            reason = "the flow is not shown to point inwards on every edge"
            return inconclusive(self.name, reason, scope, decide="a start farther out")
        notes = (f"{law.pieces} pieces of 1/a, down to 0",)
        return CheckResult(self.name, Verdict.PROVED, Method.BALL, scope, notes=notes)


@dataclass(frozen=True)
class FlowLaw:
    r"""The flow stays in that region, and the loss along it is of order 1/(tau ln tau).

    With ``1/L = c s ln s`` the derivative of ``s`` in time is ``|grad L|^2/(c L^2 (ln s + 1))``. If
    that is at most 1 in the region, then ``s <= s_0 + tau`` and ``L >= 1/(c s ln s)``; if at least
    1, the opposite inequalities hold.

    Attributes
    ----------
    side : {"at most", "at least"}
    constant : Fraction
        ``c``.
    far, slaved, across : Fraction

    Examples
    --------
    >>> print(FlowLaw("at most", Fraction(2)).run(Context()).verdict)
    PROVED
    """

    side: Literal["at most", "at least"]
    constant: Fraction
    far: Fraction = Fraction(6)
    slaved: Fraction = Fraction(3, 20)
    across: Fraction = Fraction(1, 25)

    @property
    def name(self) -> str:
        """The law with its constant."""
        sign = {"at most": "<=", "at least": ">="}[self.side]
        return f"the flow: ds/dtau {sign} 1 for 1/L = {self.constant} s ln s"

    def run(self, context: Context) -> CheckResult:
        """Verify the inequality in balls; look for a violation where it fails."""
        from numerics.fates.slaved_flow import FlowRegion, escape_law

        region = FlowRegion(self.far, self.slaved, self.across)
        scope = _scope(region)
        if self.side == "at most":
            law = escape_law(region, slow=self.constant)
        else:
            law = escape_law(region, fast=self.constant)
        if law.holds and _derived():
            notes = (f"{law.pieces} pieces of 1/a, down to 0",)
            return CheckResult(self.name, Verdict.PROVED, Method.BALL, scope, notes=notes)
        return second_look(
            self.name,
            ((self._relation(), (place,)) for place in self._places()),
            context,
            "not shown in balls",
            scope,
            decide="sharper enclosures, or a place in the region that violates it",
        )

    def _places(self) -> Iterator[Mixture]:
        """On the slice, where the flow is fastest, or near where ``v_1`` settles."""
        import math

        for far in _PLACES:
            if far >= self.far:
                size = 2 * far**2 * math.exp(-(far**2) / 8) / math.sqrt(2 * math.pi)
                share = 0.0 if self.side == "at most" else _SETTLED
                near = Fraction(round(share * size * 10**12), 10**12)
                yield Mixture.of([[str(near)], [str(far)]])

    def _relation(self) -> Relation:
        def speed(at: Point) -> Ball:
            first, second = (row[0] for row in at.gradient("forward"))
            return (first * first + second * second) / at.loss("forward") ** 2

        return pace_relation(self.name, self.side, self.constant, speed)
