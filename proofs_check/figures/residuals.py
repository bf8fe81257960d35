"""The residual of an identity as digits rise, beside that of a deliberately changed one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs_check.figures.style import finish
from proofs_check.statements.mixture import Mixture

if TYPE_CHECKING:
    from derive.steps.identity import Identity

#: Digits at which residuals are enclosed.
DIGITS = tuple(range(10, 101, 10))
MIXTURE = Mixture.of([["-3/4"], ["17/8"]], ["1/3", "2/3"])


def residual(identity: Identity, mixture: Mixture, digits: int) -> float:
    """Largest difference that the enclosures of both sides leave, each side integrated by itself.

    Examples
    --------
    >>> from derive.identities.by_name import named
    >>> 0 < residual(named("forward-gradient"), MIXTURE, 20) < 1e-19
    True
    """
    from derive.algebra.index import Polynomial
    from proofs_check.points.interpreter import precision
    from proofs_check.points.numerics_point import NumericsPoint

    left, right = replace(identity, terms=()), replace(identity, left=Polynomial())
    with precision(digits + 10):
        at = NumericsPoint(mixture, digits, "ball")
        sides = [_flat(at.expectation(side.program())) for side in (left, right)]
        # the right side alone enters with a minus sign
        return max(float((a + b).abs_upper()) for a, b in zip(*sides, strict=True))


def draw_residuals(axes: Any, name: str, term: str, coefficient: Fraction, label: str) -> None:
    """Residual of a named identity, and of the same with one coefficient changed."""
    from derive.identities.by_name import named

    identity = named(name)
    changed = identity.altered(term, coefficient)
    for what, text, marker in ((identity, "Lemma 2.2", "o"), (changed, label, "x")):
        values = [residual(what, MIXTURE, digits) for digits in DIGITS]
        axes.semilogy(DIGITS, values, marker=marker, label=text)
    finish(
        axes,
        "Lemma 2.2 holds to as many digits as are asked for; a changed one fails",
        "digits asked for",
        "largest difference not excluded",
    )


def _flat(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [entry for part in value for entry in _flat(part)]
    return [value]
