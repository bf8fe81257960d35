"""All zeros in a region, with proof: one subdivision, whatever operator decides the boxes.

Every box ends in one of three ways: *excluded* (proved free of zeros), *zero* (exactly one lies in
it or in a somewhat larger box) or *undecided*, which is reported with its reason and never dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from numerics.validated.interval import Box, Interval, centre, inside, meet

Piece = TypeVar("Piece")
Decision = TypeVar("Decision")


@dataclass(frozen=True)
class Zero:
    """A proved zero.

    Attributes
    ----------
    enclosure : Box
        Contains it.
    isolation : Box
        Contains it and no other zero.
    met : bool
        Whether the enclosure has been refined as far as was asked.
    """

    enclosure: Box
    isolation: Box
    met: bool = False

    @property
    def centre(self) -> tuple[Fraction, ...]:
        """Middle of the enclosure."""
        return centre(self.enclosure)


@dataclass(frozen=True)
class Undecided:
    """A box about which nothing is proved, and why."""

    box: Box
    reason: str

    @property
    def interval(self) -> Interval:
        """The box of a single variable."""
        (side,) = self.box
        return side


def subdivide(
    pieces: Iterable[Piece],
    decide: Callable[[Piece], list[Piece] | Decision],
    *,
    breadth_first: bool = False,
) -> Iterator[Decision]:
    """Yield a decision about every part of some pieces.

    Parameters
    ----------
    pieces : iterable of Piece
    decide : callable
        Returns a decision, or a list of the parts to be decided instead.
    breadth_first : bool
        Take the pieces in the order in which they arose; else the last one first.

    Examples
    --------
    >>> list(subdivide([8], lambda size: f"{size} left" if size < 3 else [size // 4, size // 2]))
    ['2 left', '1 left', '2 left']
    """
    pending = deque(pieces)
    while pending:
        outcome = decide(pending.popleft() if breadth_first else pending.pop())
        if isinstance(outcome, list):
            pending.extend(outcome)
        else:
            yield outcome


def only_zero(box: Box, image: Box | None) -> Zero | None:
    """Return the zero that an image in the interior of a box proves."""
    return Zero(image, box) if image is not None and inside(image, box) else None


def locate(
    box: Box, image: Box | None, operator: Callable[[Box], Box | None]
) -> tuple[Zero, ...] | None:
    """Decide a box by its image under an operator, which contains all zeros in the box.

    An image in the interior proves exactly one zero; one on a side shows on a larger box only. The
    result is the zero that may lie in the box, if there is one; None if the box is not decided.
    """
    if image is None:
        return None
    if meet(image, box) is None:
        return ()
    wider = tuple(side.inflated() for side in box)
    zero = only_zero(box, image) or only_zero(wider, operator(wider))
    if zero is None:
        return None
    return (zero,) if meet(zero.enclosure, box) is not None else ()


def find_zeros(
    whole: Piece,
    decide: Callable[[Piece], list[Piece] | tuple[Zero | Undecided, ...]],
    *,
    refine: Callable[[Zero], Zero] = lambda zero: zero,
    order: Callable[[Zero], Any] = lambda zero: zero.centre,
    breadth_first: bool = False,
) -> tuple[tuple[Zero, ...], tuple[Undecided, ...]]:
    """Gather the zeros of all parts of a piece, each once and in order, and what stays undecided.

    Of several enclosures of one zero the first in the order is kept.
    """
    found = subdivide([whole], decide, breadth_first=breadth_first)
    leaves = [leaf for decided in found for leaf in decided]
    zeros = sorted((refine(leaf) for leaf in leaves if isinstance(leaf, Zero)), key=order)
    return _distinct(zeros), tuple(leaf for leaf in leaves if isinstance(leaf, Undecided))


def _distinct(zeros: Sequence[Zero]) -> tuple[Zero, ...]:
    """Drop repetitions: a zero whose enclosure lies where another one is the only zero."""
    kept: list[Zero] = []
    for zero in zeros:
        if not any(
            inside(zero.enclosure, other.isolation) or inside(other.enclosure, zero.isolation)
            for other in kept
        ):
            kept.append(zero)
    return tuple(kept)
