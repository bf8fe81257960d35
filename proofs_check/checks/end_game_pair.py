r"""The end game of two equal components, for the flow itself: ``L tau^2`` has the limit 1/16.

With the midpoint ``c``, half the difference ``y`` and ``q = |y|^2``, six inequalities hold where
``|c|^2 + q``, half of ``|v_1|^2 + |v_2|^2``, is at most 1/5: ``(|c|^2)' <= -|c|^2``,

.. math::
    (|c|^2 + q)' \le -\tfrac14|c|^2 - q^2, \qquad 4q^2 - 12q^3 - 5|c|^2q \le -q' \le 4q^2, \qquad
    q^2 (1 - 2q) \le L \le q^2 + |c|^2 .

So ``|c|^2 + q`` falls, strictly but at the truth: the flow stays there, and both means converge.
Along it ``1/q <= 1/q_0 + 4 tau``; since ``|c|^2 <= |c_0|^2 e^{-tau}``, the integral of
``5 |c|^2/q`` is at most ``5 |c_0|^2 (1/q_0 + 4)``, and ``12 q <= 12/5`` is at most ``O(1/tau)`` in
the end: ``1/q = 4 tau - O(log tau)``, and ``L tau^2`` tends to 1/16.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb, prod
from typing import TYPE_CHECKING, Any

from proofs_check.checks.general import derived, second_look
from proofs_check.claim import Context
from proofs_check.points.interpreter import ball
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import CheckResult, Method, Verdict

if TYPE_CHECKING:
    from proofs_check.statements.relation import Ball, Point, Relation

Expression = Any

#: ``|c|^2 + q`` at most.
RADIUS = Fraction(1, 5)
#: ``|c|^2 + q`` falls at least as fast as that times ``|c|^2``, and ``q^2``.
INWARDS = Fraction(1, 4)
#: Places where an inequality is looked at that is not shown; all satisfy ``|c|^2 + q <= 1/5``.
_PLACES = (
    ((Fraction(-1, 10),), (Fraction(1, 10),)),
    ((Fraction(-1, 50),), (Fraction(1, 50),)),
    ((Fraction(3, 10),), (Fraction(2, 5),)),
    ((Fraction(1, 10), Fraction(1, 10)), (Fraction(-1, 10), Fraction(1, 5))),
)


def bernstein(polynomial: Expression, variables: Sequence[Expression]) -> list[Fraction]:
    r"""Bernstein coefficients of a polynomial on the unit box.

    The polynomial is a convex combination of them at every point of the box: if none is negative,
    it is not negative there. With ``a_j`` the power coefficients they are
    :math:`\sum_{j \le i} \prod_k \binom{i_k}{j_k} / \binom{n_k}{j_k} a_j`.

    Parameters
    ----------
    polynomial : Expr
        With rational coefficients.
    variables : sequence of Symbol

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> [str(value) for value in bernstein(1 - 2 * x + 2 * x**2, [x])]
    ['1', '0', '1']
    """
    import sympy

    found = sympy.Poly(polynomial, *variables)
    degrees = [max(0, found.degree(variable)) for variable in variables]  # of zero: -oo
    terms = [(powers, Fraction(int(v.p), int(v.q))) for powers, v in found.terms()]

    def coefficient(index: tuple[int, ...]) -> Fraction:
        return sum(
            (
                value
                * prod(
                    Fraction(comb(i, j), comb(n, j))
                    for i, j, n in zip(index, powers, degrees, strict=True)
                )
                for powers, value in terms
            ),
            Fraction(0),
        )

    return [coefficient(index) for index in product(*(range(n + 1) for n in degrees))]


@dataclass(frozen=True)
class _Inequality:
    """One of the six, as the polynomial that must not be negative and as a relation at a point."""

    text: str
    gap: Expression
    relation: Relation


@dataclass(frozen=True)
class PairEndGame:
    """Six inequalities along the flow of two equal components near the truth.

    They give ``1/(q tau) -> pace`` and ``L tau^2 -> 1/pace^2``.

    Attributes
    ----------
    pace : Fraction
        ``-q'`` is between ``pace q^2`` and that less ``12 q^3 + 5 |c|^2 q``.
    decay : Fraction
        ``|c|^2`` falls at least like ``e^{-decay tau}``.
    excess : Fraction
        The loss is at most ``excess q^2 + |c|^2``.

    Examples
    --------
    >>> print(PairEndGame().run(Context()).verdict)
    PROVED
    """

    pace: Fraction = Fraction(4)
    decay: Fraction = Fraction(1)
    excess: Fraction = Fraction(1)

    @property
    def name(self) -> str:
        """The inequalities that depend on constants."""
        pace, decay, excess = (
            "" if value == 1 else f"{value} " for value in (self.pace, self.decay, self.excess)
        )
        return (
            f"the flow: {pace}q^2 - 12 q^3 - 5 |c|^2 q <= -q' <= {pace}q^2, (|c|^2)' <= "
            f"-{decay}|c|^2, q^2 - 2 q^3 <= L <= {excess}q^2 + |c|^2"
        )

    def run(self, context: Context) -> CheckResult:
        """Show the inequalities by exact coefficients; look for a violation where that fails."""
        scope = (
            f"n = 2, equal weights, any d, v_1 != v_2, from |v_1|^2 + |v_2|^2 <= {2 * RADIUS} on"
        )
        found = derived("end-game-pair", "n = 2, all d")
        inequalities = list(self._inequalities())
        missing = [entry for entry in inequalities if not _holds(entry.gap)]
        if found.verdict is Verdict.PROVED and not missing:
            limit = f"so L tau^2 -> {1 / self.pace**2} where both means converge and differ"
            return CheckResult(
                self.name, Verdict.PROVED, Method.SYMBOLIC, scope, notes=(limit, *found.notes)
            )
        points = [
            Mixture.of([[str(entry) for entry in mean] for mean in place]) for place in _PLACES
        ]
        return second_look(
            self.name,
            ((entry.relation, (point,)) for entry in missing for point in points),
            context,
            "not shown: " + "; ".join(entry.text for entry in missing),
            scope,
            decide="sharper bounds, or a place that violates one of them",
        )

    def _inequalities(self) -> Iterator[_Inequality]:
        from derive.two_components import end_game_pair as of
        from proofs_check.statements.relation import Relation

        pace, decay, excess = (_rational(value) for value in (self.pace, self.decay, self.excess))
        q, c2 = of.Q, of.C2

        def entry(text: str, gap: Expression, left: Any, sign: Any, right: Any) -> _Inequality:
            return _Inequality(text, gap, Relation(f"{self.name}: {text}", left, sign, right))

        yield entry(
            f"(|c|^2 + q)' <= -{INWARDS} |c|^2 - q^2",
            (2 - _rational(INWARDS)) * c2 + of.turn("lower") + of.pace("lower") - q**2,
            lambda at: _motion(at)[0] + _motion(at)[1], "<=",
            lambda at: -ball(INWARDS) * _squares(at)[1] - _squares(at)[0] ** 2,
        )  # fmt: skip
        yield entry(
            "|c|^2 falls",
            (2 - decay) * c2 + of.turn("lower"),
            lambda at: _motion(at)[1], "<=", lambda at: -ball(self.decay) * _squares(at)[1],
        )  # fmt: skip
        yield entry(
            "-q' from above",
            pace * q**2 - of.pace("upper"),
            lambda at: -_motion(at)[0], "<=", lambda at: ball(self.pace) * _squares(at)[0] ** 2,
        )  # fmt: skip
        yield entry(
            "-q' from below",
            of.pace("lower") - (pace * q**2 - 12 * q**3 - 5 * c2 * q),
            lambda at: -_motion(at)[0], ">=", self._least_pace,
        )  # fmt: skip
        yield entry(
            "L from below",
            c2 + of.excess("lower") - q**2 * (1 - 2 * q),
            lambda at: at.loss("forward"), ">=",
            lambda at: _squares(at)[0] ** 2 * (1 - 2 * _squares(at)[0]),
        )  # fmt: skip
        yield entry(
            "L from above",
            excess * q**2 - of.excess("upper"),
            lambda at: at.loss("forward"), "<=",
            lambda at: ball(self.excess) * _squares(at)[0] ** 2 + _squares(at)[1],
        )  # fmt: skip

    def _least_pace(self, at: Point) -> Ball:
        q, c2 = _squares(at)
        return ball(self.pace) * q**2 - 12 * q**3 - 5 * c2 * q


def _rational(value: Fraction) -> Expression:
    import sympy

    return sympy.Rational(value.numerator, value.denominator)


def _holds(gap: Expression) -> bool:
    """Whether a polynomial is not negative for ``q, |c|^2`` up to `RADIUS`, ``s^2 <= |c|^2 q``."""
    import sympy

    from derive.two_components.end_game_pair import C2, S2, Q

    share = sympy.Symbol("theta")
    radius = _rational(RADIUS)
    box = sympy.expand(gap.subs(S2, share * C2 * Q).subs({Q: radius * Q, C2: radius * C2}))
    return all(value >= 0 for value in bernstein(box, (Q, C2, share)))


def _parts(at: Point) -> tuple[list[Ball], list[Ball]]:
    """``y`` and ``c``."""
    first, second = at.means
    pairs = list(zip(first, second, strict=True))
    return [(b - a) / 2 for a, b in pairs], [(a + b) / 2 for a, b in pairs]


def _squares(at: Point) -> tuple[Ball, Ball]:
    """``q`` and ``|c|^2``."""
    from proofs_check.statements.relation import dot

    half, centre = _parts(at)
    return dot(half, half), dot(centre, centre)


def _motion(at: Point) -> tuple[Ball, Ball]:
    """``q'`` and ``(|c|^2)'`` along the flow."""
    from proofs_check.statements.relation import dot

    first, second = at.gradient("forward")
    half, centre = _parts(at)
    pairs = list(zip(first, second, strict=True))
    return -dot(half, [b - a for a, b in pairs]), -dot(centre, [a + b for a, b in pairs])
