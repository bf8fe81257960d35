"""What was covered by boxes for an oracle: the exact boxes, and a digest of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from numerics.fates.escape_region import CoverBox, prove_escape_region
from proofs_check.proofs.kernel.oracles.slice_equation import enclosure
from proofs_check.proofs.kernel.theorem import Record, Theorem


def escape_boxes(
    near_weight: Fraction, far: Fraction, boxes: tuple[str, ...] | None = None
) -> tuple[CoverBox, ...]:
    """The boxes of the escape region, as the oracle has them.

    Examples
    --------
    >>> len(escape_boxes(Fraction(1, 2), Fraction(31, 10)))
    132
    """
    if boxes is None:
        boxes = prove_escape_region(near_weight, 1 - near_weight, far).boxes
    return tuple(CoverBox(path, far) for path in boxes)


def _escape_lines(pair: Any, which: str, value: Fraction, *cover: Any) -> Iterator[str]:
    for box in escape_boxes(*cover):
        eps_low, eps_high, alpha_low, alpha_high = box.bounds
        yield f"eps in [{eps_low}, {eps_high}], alpha in [{alpha_low}, {alpha_high}]"


def _root_lines(
    place: Any, which: str, low: Fraction, high: Fraction, digits: int
) -> Iterator[str]:
    least, most = enclosure(low, high, digits)
    yield f"a in [{low}, {high}], the root in [{least}, {most}]"


_LINES: Final[Mapping[str, Callable[..., Iterator[str]]]] = {
    "escape region": _escape_lines,
    "slice root": _root_lines,
}


def covered(record: Record) -> tuple[str, ...]:
    """Exact boxes that an oracle's conclusion rests on, one a line; none if it rests on none."""
    name, *arguments = record.parameters
    return tuple(_LINES[name](*arguments)) if name in _LINES else ()


def digest(statement: str, boxes: Sequence[str]) -> str:
    """SHA-256 of a statement and the boxes it rests on.

    Examples
    --------
    >>> digest("0 <= 1", ["a in [0, 1]"])[:16]
    'ab4116e645ce3ed1'
    """
    return hashlib.sha256("\n".join([statement, *boxes]).encode()).hexdigest()


def oracles(theorems: Sequence[Theorem], *names: str) -> list[Record]:
    """All uses of some oracles in the derivations of theorems, each once, in a fixed order."""
    seen: dict[Theorem, None] = {}
    found: dict[str, Record] = {}
    stack = list(reversed(theorems))
    while stack:
        theorem = stack.pop()
        if theorem in seen:
            continue
        seen[theorem] = None
        record = theorem.record
        if record.rule == "oracle" and record.parameters[0] in names:
            found.setdefault(record.conclusion.key, record)
        stack += reversed(record.premises)
    return list(found.values())
