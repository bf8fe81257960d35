"""An order of labels under which renamed copies of a product look the same.

Not trusted: `proofs_check.proofs.kernel.normal` checks that it is an order of all labels, and is
right with any; with another one for equal products it would only miss that they are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations, product
from typing import Any, Protocol, TypeVar


class _Labelled(Protocol):
    """Something in which labels occur."""

    @property
    def free(self) -> frozenset[Any]: ...


T = TypeVar("T", bound=_Labelled)


def proposed_order(
    factors: Sequence[T], kinds: Mapping[T, str], written: Callable[[T, Mapping[T, str]], str]
) -> tuple[T, ...]:
    """The order that gives the least text, of all that the labels' surroundings leave open.

    Parameters
    ----------
    factors : sequence
        Of the product.
    kinds : mapping
        Labels and their kinds; only labels of one kind change places.
    written : callable
        The text of a factor under names of the labels.
    """
    classes: dict[tuple[str, str], list[T]] = {}
    colours = _told_apart(factors, kinds, written)
    for label, kind in kinds.items():
        classes.setdefault((kind, colours[label].zfill(4)), []).append(label)
    ordered = [classes[c] for c in sorted(classes)]
    orders = (
        tuple(label for members in choice for label in members)
        for choice in product(*(permutations(members) for members in ordered))
    )

    def text(order: tuple[T, ...]) -> list[str]:
        names = {label: f"<{place} {kinds[label]}>" for place, label in enumerate(order)}
        return sorted(written(f, names) for f in factors)

    if all(len(members) == 1 for members in ordered):
        return next(orders)
    return min(orders, key=text)


def _told_apart(
    factors: Sequence[T], kinds: Mapping[T, str], written: Callable[[T, Mapping[T, str]], str]
) -> dict[T, str]:
    """Colours of the labels, refined by the factors in which they occur."""
    colours = dict(kinds)
    for _ in range(3 if len(kinds) > 1 else 0):
        seen = {
            label: repr(
                sorted(written(f, {**colours, label: "@"}) for f in factors if label in f.free)
            )
            + colours[label]
            for label in kinds
        }
        ranks = {c: str(rank) for rank, c in enumerate(sorted(set(seen.values())))}
        colours = {label: ranks[seen[label]] for label in kinds}
    return colours
