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
from numerics.stationary import pair_classification
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


def _equal_weights(pair: object) -> Pair:
    if type(pair) is not Pair:
        raise ProofError("no groups are given")
    if pair.checked().log_odds != number(0):
        raise ProofError("the groups are not of equal weight")
    return pair


def _weights(pair: Pair) -> tuple[Term, ...]:
    """Formulas: the groups, each of weight 1/2."""
    weight = _total(pair.near_members * Term("pi", (pair.member,)), pair.member)
    return *pair.groups(), Term("equal", (weight, number(Fraction(1, 2))))


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
        If the search finds another zero there, or leaves boxes undecided.
    """
    pair = _equal_weights(pair)
    least, gap, up = (
        _exact(x, name)
        for x, name in ((least, "the least distance"), (gap, "the distance"), (up, "the place"))
    )
    if not pair_classification.NEAR_GAP <= least < gap or not up > 0:
        raise ProofError("the region is not one that is searched")
    _reduction_is_derived()
    _verified("forward-crossing", "slice-0-a")
    boxes = _only_on_the_slice(gap, up)
    square = pair.dot("apart", "apart")
    hypotheses = (
        *_weights(pair),
        Term("equal", (pair.outward, number(0))),
        Term("equal", (pair.pull, -2 * pair.alpha)),
        *_between(number(least**2), square, number(gap**2)),
        *_between(number(0), pair.middle, number(up)),
    )
    tag = (
        f"cover: {boxes} boxes, two equal weights, {least} <= a <= {gap}, 0 <= c <= {up} "
        "(reduction: derive escape-integrals, coincident-groups, forward-crossing)"
    )
    return Term("equal", (pair.alpha, number(0))), tag, hypotheses


def pair_cone(
    pair: Pair, gap: Fraction, low: Fraction, high: Fraction
) -> tuple[Term, str, tuple[Term, ...]]:
    """``F < 0`` where ``gap <= a`` and ``low a <= c <= high a``.

    Raises
    ------
    ProofError
        If a box of the cover is not decided.
    """
    pair = _equal_weights(pair)
    gap, low, high = (
        _exact(x, name)
        for x, name in ((gap, "the distance"), (low, "the slope"), (high, "the slope"))
    )
    if not (gap > 0 and 0 < low < high < 1):
        raise ProofError("the region is no cone between the means")
    _reduction_is_derived()
    with precision(pair_classification.BITS):
        found = pair_classification.between(arb(0), gap, low, high)
    if not found.holds:
        raise ProofError(f"not shown: {found.statement} where {found.region}")
    a, middle = pair.distance, pair.middle
    hypotheses = (
        *_weights(pair),
        Term("at_most", (number(gap**2), pair.dot("apart", "apart"))),
        *_between(low * a, middle, high * a),
    )
    tag = (
        f"cover: F < 0 for two equal weights, {found.region} "
        "(reduction: derive escape-integrals, coincident-groups)"
    )
    return Term("below", (pair.outward, number(0))), tag, hypotheses
