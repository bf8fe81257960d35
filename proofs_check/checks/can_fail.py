"""Could it have failed? A relation that held at every case is put to three tests.

- With arbitrary numbers in place of what is evaluated it must fail somewhere: ``L <= L + 1`` and
  sums of squares that are nonnegative hold whatever the quantities are.
- With 5% less room it must fail at one of the same cases (``=``: one side 1.05 times itself). A
  bound that is not tight (``tight=False``), or one side of which is zero, has no 5%: there the
  flipped sign must fail.
- Some cases must say something: where a condition inside the relation leaves the same exact number
  on both sides, or nothing is evaluated, a case is no evidence.

No case is evaluated again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import CodeType
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.statements.exact_text import decimal_text
from proofs_check.statements.relation import exact, flatten
from proofs_check.statements.sign import Sign

if TYPE_CHECKING:
    from proofs_check.points.numerics_point import NumericsPoint
    from proofs_check.statements.mixture import Mixture
    from proofs_check.statements.relation import Ball, Relation, RelationOutcome

#: By how much the side that should be larger is lowered.
SHARE = Fraction(1, 20)
#: Cases, and draws of arbitrary numbers at each, in which a failure is looked for.
_CASES, _DRAWS = 12, 8
CANNOT_FAIL = "cannot fail"


@dataclass(frozen=True)
class Judged:
    """A case at which a relation was judged.

    Attributes
    ----------
    mixture : Mixture
        The case.
    outcome : RelationOutcome
        What the first evaluation said.
    asked : int
        Number of quantities that were evaluated for it.
    inexact : bool
        Whether none of these is an exact number.
    """

    mixture: Mixture
    outcome: RelationOutcome
    asked: int
    inexact: bool

    @classmethod
    def at(cls, point: NumericsPoint, outcome: RelationOutcome) -> Judged:
        """Keep what matters of a point at which a relation was judged."""
        values = point.memory.values.values()
        inexact = all(not ball.is_exact() for value in values for ball in flatten(value))
        return cls(point.mixture, outcome, len(point.memory.values), inexact)

    @property
    def same(self) -> bool:
        """Whether both sides are the same exact number, in every component."""
        return all(
            left.is_exact() and right.is_exact() and bool(left == right)
            for left, right in self.outcome.sides
        )


def says_nothing(cases: Sequence[Judged]) -> list[Judged]:
    """Cases in which a relation says nothing: nothing is evaluated there, though elsewhere it is.

    Or quantities that are not exact leave the same exact number on both sides.
    """
    if not any(case.asked for case in cases):
        return []
    return [case for case in cases if not case.asked or (case.inexact and case.same)]


def sees_nothing(relation: Relation, cases: Sequence[Judged]) -> int:
    """Number of cases whose sides are so small, or so uncertain, that 5% would not be seen there.

    Examples
    --------
    >>> from proofs_check.points.numerics_point import NumericsPoint
    >>> from proofs_check.statements import Mixture, Relation
    >>> same = Relation("L = 4 K", lambda at: at.loss("forward"), "=", lambda at: 4 * at.loss("kl"))
    >>> small = NumericsPoint(Mixture.of([["1e-9"], ["-1e-9"]]), 15, "float64")
    >>> sees_nothing(same, [Judged.at(small, same.judge(small))])
    1
    """
    return sum(not any(_tells(relation, pair) for pair in case.outcome.sides) for case in cases)


def _tells(relation: Relation, pair: tuple[Ball, Ball]) -> bool:
    left, right = pair
    if bool(left == 0) or bool(right == 0):  # of an exact zero there is no 5%
        return True
    if relation.comparison.is_equality:
        return not left.overlaps(right * (1 + SHARE))
    return not left.overlaps(right) or not left.overlaps(right * (1 - SHARE))


def why_not(relation: Relation, cases: Sequence[Judged], *, closely: bool = True) -> str:
    """Why a relation that held at some cases could not have failed there; empty if it could.

    Parameters
    ----------
    relation : Relation
        What held.
    cases : sequence of Judged
        Where; at least one.
    closely : bool
        Whether 5% must make a difference. Where an order is proved it need not.

    Examples
    --------
    >>> from proofs_check.points.numerics_point import NumericsPoint
    >>> from proofs_check.statements import Mixture, Relation
    >>> def why(relation):
    ...     at = NumericsPoint(Mixture.of([["0"], ["2"]]), 15, "float64")
    ...     return why_not(relation, [Judged.at(at, relation.judge(at))])
    >>> why(Relation("L <= L + 1", lambda at: at.loss("kl"), "<=", lambda at: at.loss("kl") + 1))
    'cannot fail: holds with arbitrary numbers in place of what is evaluated'
    >>> why(Relation("K <= 5 L", lambda at: at.loss("kl"), "<=", lambda at: 5 * at.loss("forward")))
    'would hold with 5% less room, too: ...; a bound that is not tight says tight=False'
    """
    if _same_function(relation.left, relation.right):
        return f"{CANNOT_FAIL}: both sides are the same function"
    if any(case.asked for case in cases):
        if len(says_nothing(cases)) == len(cases):
            return f"{CANNOT_FAIL}: says nothing at any case"
        if not _fails_for_arbitrary_numbers(relation, [case.mixture for case in cases[:_CASES]]):
            return f"{CANNOT_FAIL}: holds with arbitrary numbers in place of what is evaluated"
    if closely or relation.comparison.is_equality:
        return _too_far(relation, [pair for case in cases for pair in case.outcome.sides])
    return ""


def written_alike(left: Any, right: Any) -> bool:
    """Whether two functions have the same code, whatever the values are that it uses.

    Examples
    --------
    >>> def times(factor): return lambda at: factor * at.loss("kl")
    >>> written_alike(times(1), times(2)), written_alike(times(1), lambda at: at.loss("kl"))
    (True, False)
    """
    code, other = getattr(left, "__code__", None), getattr(right, "__code__", None)
    if code is None or other is None:
        return bool(left is right)
    return bool(code == other or _parts(code) == _parts(other))


def _parts(code: CodeType) -> tuple[Any, ...]:
    """What is executed, without the place where it is written."""
    constants = tuple(
        _parts(c) if isinstance(c, CodeType) else (type(c), c) for c in code.co_consts
    )
    return (code.co_code, code.co_names, constants)


def _same_function(left: Any, right: Any) -> bool:
    """Whether two functions are written alike, and hold the same values."""
    if left is right:
        return True
    if not written_alike(left, right) or left.__defaults__ != right.__defaults__:
        return False
    cells = ((function.__closure__ or ()) for function in (left, right))
    held = [[cell.cell_contents for cell in closure] for closure in cells]
    return all(
        a is b or (callable(a) and _same_function(a, b)) or (not callable(a) and bool(a == b))
        for a, b in zip(*held, strict=True)
    )


def _fails_for_arbitrary_numbers(relation: Relation, mixtures: Sequence[Mixture]) -> bool:
    from proofs_check.points.arbitrary_point import ArbitraryPoint
    from proofs_check.points.interpreter import precision

    for seed in range(_DRAWS):
        for place, mixture in enumerate(mixtures):
            # 0 is the seed of positive numbers of moderate size
            at = ArbitraryPoint(mixture, seed and 1 + seed * _CASES + place)
            try:
                with precision(60):
                    if relation.judge(at).decision == "fails":
                        return True
            except (ArithmeticError, InputError):  # such a number has no root, or is no step
                continue
    return False


def _too_far(relation: Relation, sides: Sequence[tuple[Ball, Ball]]) -> str:
    """Why a slightly stronger relation holds at the same cases; empty if it fails there."""
    sign = relation.comparison
    if sign.is_equality:
        if any(_apart(left, right) for left, right in sides):
            return ""
        return f"{CANNOT_FAIL}: holds with one side 5% larger, too"
    pairs = [
        (left, right) if sign in (Sign.AT_MOST, Sign.LESS) else (right, left)
        for left, right in sides
    ]
    in_kind = not relation.tight or all(bool(a == 0) or bool(b == 0) for a, b in pairs)
    if in_kind:
        if any(bool(low < high) for low, high in pairs):
            return ""
        return "holds with the opposite sign, too: the sides are not told apart at any case"
    if any(bool(low > high - abs(high) * SHARE) for low, high in pairs):
        return ""
    nearest = min(_distances(pairs), default=None)
    how = "" if nearest is None else f" (the nearest case leaves {decimal_text(100 * nearest, 2)}%)"
    return (
        f"would hold with 5% less room, too: no case comes so near{how}; a bound that is not tight "
        "says tight=False"
    )


def _apart(left: Ball, right: Ball) -> bool:
    """Whether an equality is lost if the right side is 5% larger; of zeros, larger by 1/20."""
    if left.contains(0) and right.contains(0):
        return not left.overlaps(right + SHARE)
    return not left.overlaps(right * (1 + SHARE))


def _distances(pairs: Sequence[tuple[Ball, Ball]]) -> Iterator[Fraction]:
    """By which share of itself the larger side is larger."""
    for low, high in pairs:
        size = abs(exact(high.mid()))
        if size:
            yield (exact(high.mid()) - exact(low.mid())) / size
