"""Balls that mix with exact numbers, and with nothing else.

python-flint takes a float for an exact number and refuses a `Fraction`. The quantities of a point
are balls of this kind instead: ``int``, `Fraction`, `Decimal` and texts such as ``"1/10"`` mix with
them, and a binary float (of Python, NumPy or mpmath, real or complex) is refused by name.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpz

from numerics.errors import InputError
from numerics.numbers.balls import ball
from numerics.numbers.exact import parse_number

_ALLOWED = 'an int, Fraction, Decimal, text such as "1/10", or a ball'
_OPERATORS = ("add", "sub", "mul", "truediv", "pow")
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def is_inexact(value: object) -> bool:
    """Whether a value is a binary float: of Python, NumPy or mpmath, real or complex.

    Examples
    --------
    >>> is_inexact(0.5), is_inexact(0.5j), is_inexact(np.float32(1)), is_inexact(1)
    (True, True, True, False)
    """
    if isinstance(value, float | complex | np.inexact):
        return True
    if isinstance(value, arb) or type(value).__module__.startswith("flint"):
        return False  # balls offer mpmath their midpoints
    return hasattr(value, "_mpf_") or hasattr(value, "_mpc_")


def refuse_inexact(value: object) -> None:
    """Refuse a binary float by name.

    Raises
    ------
    InputError
        If it is one.
    """
    if is_inexact(value):
        shown = f"{value!r}, a binary {type(value).__name__}"
        raise InputError("number in a relation", shown, _ALLOWED)


class MixingBall(arb):
    """An Arb ball whose operators take exact numbers, and refuse binary floats by name.

    Examples
    --------
    >>> third = mixing("1/3")
    >>> bool(third * 3 == 1), (third + Fraction(2, 3)).overlaps(arb(1)), bool(third < "0.34")
    (False, True, True)
    >>> 0.5 * third
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: number in a relation: got 0.5, a binary float; allowed: an int, ...
    """

    __slots__ = ()
    __hash__ = arb.__hash__

    @property
    def _mpf_(self) -> Any:
        # with it, mpmath would take the midpoint for the number
        raise AttributeError("_mpf_")


def mixing(value: Any) -> MixingBall:
    """Enclose an exact number; a ball keeps its value.

    Raises
    ------
    InputError
        For a binary float, and for what is no number.

    Examples
    --------
    >>> mixing(Decimal("0.25")) == Fraction(1, 4)
    True
    """
    if isinstance(value, MixingBall):
        return value
    operand = _operand(value)
    if operand is NotImplemented:
        raise InputError("number in a relation", repr(value), _ALLOWED)
    return MixingBall(operand)


def mixed(value: Any) -> Any:
    """`mixing` of every entry of nested lists."""
    return [mixed(entry) for entry in value] if isinstance(value, list) else mixing(value)


def _operand(value: Any) -> Any:
    """What python-flint takes for an exact number, or ``NotImplemented``."""
    refuse_inexact(value)
    if isinstance(value, bool):
        return NotImplemented
    if isinstance(value, arb | int):
        return value
    if isinstance(value, numbers.Rational):
        return ball(Fraction(int(value.numerator), int(value.denominator)))
    if isinstance(value, fmpq | fmpz):
        return arb(value)
    if isinstance(value, str | Decimal):
        return ball(parse_number(value, "number in a relation"))
    return NotImplemented


def _kept(result: Any) -> Any:
    """Results stay of this kind: what is computed from them refuses floats too."""
    if isinstance(result, tuple):
        return tuple(_kept(entry) for entry in result)
    return MixingBall(result) if type(result) is arb else result


def _operator(name: str) -> Callable[..., Any]:
    original = getattr(arb, name)

    def operate(self: MixingBall, other: Any) -> Any:
        operand = _operand(other)
        if operand is NotImplemented:
            # other types of python-flint (complex balls, series) know what to do with a ball
            operand = other
        return _kept(original(self, operand))

    operate.__name__ = name
    return operate


def _method(name: str) -> Callable[..., Any]:
    original = getattr(arb, name)

    def call(self: MixingBall, *arguments: Any, **options: Any) -> Any:
        for argument in arguments:
            refuse_inexact(argument)
        return _kept(original(self, *arguments, **options))

    call.__name__ = name
    return call


def _complete() -> None:
    """Give `MixingBall` the operators and methods of a ball."""
    for name in _OPERATORS:
        for full in (f"__{name}__", f"__r{name}__"):
            setattr(MixingBall, full, _operator(full))
    for name in _COMPARISONS:
        setattr(MixingBall, f"__{name}__", _operator(f"__{name}__"))
    unary = ["__neg__", "__pos__", "__abs__"]
    for name, found in vars(arb).items():
        public = not name.startswith("_") and not isinstance(found, staticmethod | classmethod)
        if callable(found) and (public or name in unary):
            mixes = name in ("min", "max")  # of two numbers, as operators are
            setattr(MixingBall, name, _operator(name) if mixes else _method(name))


_complete()
