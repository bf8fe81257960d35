"""Oracle of the stationary points of two groups of coincident components, by covers of balls.

In the words of `proofs_check.proofs.kernel.oracles.escape_region`: where both gradients vanish,
``F = 0`` and ``Q = -2 alpha``, and both depend on ``a`` and ``alpha`` alone. On a line they are
``L_{v_2}`` and ``L_{v_1} + L_{v_2} - 2 v_1``, whose zeros
`numerics.stationary.pair_classification` encloses in ``a`` and the crossing point ``c = y``.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from flint import arb

from numerics.numbers.balls import precision
from numerics.stationary import pair_classification, pair_weights
from numerics.validated.krawczyk import Search
from proofs_check.proofs.kernel.oracles.escape_region import (
    Pair,
    _exact,
    _reduction_is_derived,
    _total,
    _verified,
)
from proofs_check.proofs.kernel.oracles.slice_equation import _root
from proofs_check.proofs.kernel.terms import ProofError, Term, number

#: The exact root on the slice is told to that many digits from the search's enclosure.
_DIGITS = 12
_RANGE = Fraction(2), Fraction(3)
#: Widest piece of the odds on which the cone is covered.
_PIECE = Fraction(1, 10)


def _checked(pair: object) -> Pair:
    if type(pair) is not Pair:
        raise ProofError("no groups are given")
    return pair.checked()


def _weights(pair: Pair, bound: Fraction) -> tuple[Term, ...]:
    """Formulas: the groups, ``exp(l)`` the quotient of their weights, ``|l| <= bound``."""
    near, far = (
        _total(members * Term("pi", (pair.member,)), pair.member)
        for members in (pair.near_members, pair.far_members)
    )
    odds = pair.log_odds
    return (
        *pair.groups(),
        Term("equal", (Term("exponential", (odds,)) * near, far)),
        *_between(number(-bound), odds, number(bound)),
    )


def _vanishing(pair: Pair, least: Fraction, gap: Fraction, up: Fraction) -> tuple[Term, ...]:
    """Formulas: ``F = 0``, ``Q = -2 alpha``, ``least <= a <= gap``, ``0 <= c <= up``."""
    return (
        Term("equal", (pair.outward, number(0))),
        Term("equal", (pair.pull, -2 * pair.alpha)),
        *_between(number(least**2), pair.dot("apart", "apart"), number(gap**2)),
        *_between(number(0), pair.middle, number(up)),
    )


def _region(least: object, gap: object, up: object) -> tuple[Fraction, Fraction, Fraction]:
    found = (
        _exact(least, "the least distance"), _exact(gap, "the distance"), _exact(up, "the place")
    )  # fmt: skip
    if not pair_classification.NEAR_GAP <= found[0] < found[1] or not found[2] > 0:
        raise ProofError("the region is not one that is searched")
    return found


def _between(low: Term, value: Term, high: Term) -> tuple[Term, Term]:
    return Term("at_most", (low, value)), Term("at_most", (value, high))


@cache
def _search(gap: Fraction, up: Fraction) -> Search:
    """All zeros of the compact part.

    Raises
    ------
    ProofError
        If a box is not decided.
    """
    with precision(pair_classification.BITS):
        found = pair_classification.compact_part(arb(0), gap, up)
    if not found.complete:
        raise ProofError(f"{len(found.undecided)} boxes are not decided")
    return found


@cache
def _only_on_the_slice(gap: Fraction, up: Fraction) -> int:
    """Check that the only zero is the one with ``alpha = 0``; the number of boxes.

    The slice's root makes both gradients vanish at ``c = a/2``; it lies where the search has shown
    exactly one zero.
    """
    found = _search(gap, up)
    if len(found.zeros) != 1:
        raise ProofError(f"{len(found.zeros)} stationary points, not one")
    place, distance = found.zeros[0].isolation
    least, most = _root(*_RANGE, _DIGITS)
    inside = distance.low <= least and most <= distance.high
    if not (inside and place.low <= least / 2 and most / 2 <= place.high):
        raise ProofError("the stationary point is not that of the slice")
    return found.boxes


def pair_points(
    pair: Pair, least: Fraction, gap: Fraction, up: Fraction
) -> tuple[Term, str, tuple[Term, ...]]:
    """``alpha = 0`` where ``F = 0``, ``Q = -2 alpha``, ``least <= a <= gap``, ``0 <= c <= up``.

    Raises
    ------
    ProofError
        If the weights may differ, the search finds another zero, or leaves boxes undecided.
    """
    pair, (least, gap, up) = _checked(pair), _region(least, gap, up)
    if pair.log_odds != number(0):
        raise ProofError("the groups are not of equal weight")
    _reduction_is_derived()
    _verified("forward-crossing", "slice-0-a")
    boxes = _only_on_the_slice(gap, up)
    tag = (
        f"cover: {boxes} boxes, two equal weights, {least} <= a <= {gap}, 0 <= c <= {up} "
        "(reduction: derive escape-integrals, coincident-groups, forward-crossing)"
    )
    hypotheses = (*_weights(pair, Fraction(0)), *_vanishing(pair, least, gap, up))
    return Term("equal", (pair.alpha, number(0))), tag, hypotheses


@cache
def _one_for_all_odds(bound: Fraction, gap: Fraction, up: Fraction) -> None:
    with precision(pair_classification.BITS):
        piece = pair_weights.undecided_piece(-bound, bound, gap, up)
    if piece is not None:
        raise ProofError(f"not decided for {float(piece.low):g} <= l <= {float(piece.high):g}")


def pair_unique(
    pair: Pair,
    state: Term,
    which: str,
    bound: Fraction,
    least: Fraction,
    gap: Fraction,
    up: Fraction,
) -> tuple[Term, str, tuple[Term, ...]]:
    """``alpha``, or ``a``, is the same at two states where ``F = 0``, ``Q = -2 alpha``.

    Where ``|l| <= bound``, ``least <= a <= gap``, ``0 <= c <= up`` at both.

    Raises
    ------
    ProofError
        If for some odds two zeros are not excluded.
    """
    pair, (least, gap, up) = _checked(pair), _region(least, gap, up)
    other = pair._replace(state=state).checked()
    bound = _exact(bound, "the bound of the odds")
    if bound < 0:
        raise ProofError("the bound of the odds is negative")
    values = {"alpha": (pair.alpha, other.alpha), "distance": (pair.distance, other.distance)}
    if type(which) is not str or which not in values:
        raise ProofError(f"no value {which!r} of a point")
    _reduction_is_derived()
    _verified("forward-crossing")
    _one_for_all_odds(bound, gap, up)
    tag = (
        f"cover: one point for each |l| <= {bound}, {least} <= a <= {gap}, 0 <= c <= {up} "
        "(reduction: derive escape-integrals, coincident-groups, forward-crossing)"
    )
    hypotheses = (
        *_weights(pair, bound),
        *other.groups(),
        *_vanishing(pair, least, gap, up),
        *_vanishing(other, least, gap, up),
    )
    return Term("equal", values[which]), tag, hypotheses


@cache
def _cone(bound: Fraction, gap: Fraction, low: Fraction, high: Fraction) -> str:
    """The region where ``F < 0`` is shown."""
    for piece in pair_weights.pieces(-bound, bound, _PIECE):
        with precision(pair_classification.BITS):
            found = pair_classification.between(piece.ball(), gap, low, high)
        if not found.holds:
            raise ProofError(f"not shown: {found.statement} where {found.region}")
    return found.region


def pair_cone(
    pair: Pair, bound: Fraction, gap: Fraction, low: Fraction, high: Fraction
) -> tuple[Term, str, tuple[Term, ...]]:
    """``F < 0`` where ``|l| <= bound``, ``gap <= a`` and ``low a <= c <= high a``.

    Raises
    ------
    ProofError
        If a box of the cover is not decided.
    """
    pair = _checked(pair)
    bound, gap, low, high = (
        _exact(x, name)
        for x, name in (
            (bound, "the bound of the odds"), (gap, "the distance"), (low, "the slope"),
            (high, "the slope"),
        )
    )  # fmt: skip
    if not (bound >= 0 and gap > 0 and 0 < low < high < 1):
        raise ProofError("the region is no cone between the means")
    _reduction_is_derived()
    tag = (
        f"cover: F < 0 where |l| <= {bound}, {_cone(bound, gap, low, high)} "
        "(reduction: derive escape-integrals, coincident-groups)"
    )
    a, middle = pair.distance, pair.middle
    hypotheses = (
        *_weights(pair, bound),
        Term("at_most", (number(gap**2), pair.dot("apart", "apart"))),
        *_between(low * a, middle, high * a),
    )
    return Term("below", (pair.outward, number(0))), tag, hypotheses
