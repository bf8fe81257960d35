"""Exact rationals: reading a user's numbers and deciding ranks without a tolerance.

Every number enters as a `fractions.Fraction`, so that a difference of ``1e-300`` between two means
counts, and limits are checked on the *text*, before a huge integer could be built.
"""

from __future__ import annotations

import decimal
import math
import numbers
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np

from numerics.errors import InputError, shorten

#: A vector of exact rationals.
Vector = tuple[Fraction, ...]

#: Largest absolute decimal exponent, and longest text, of a number.
MAX_EXPONENT = 10_000
MAX_LENGTH = 20_000
#: Most numbers, components times coordinates, of a mixture.
MAX_ENTRIES = 10_000
_MAX_BITS = 70_000  # about MAX_LENGTH decimal digits

_ALLOWED = (
    'a finite number, or a string such as "0.25", "1/3" or "1e-400" '
    f"(at most {MAX_LENGTH} characters, decimal exponent at most {MAX_EXPONENT} in size)"
)
_DECIMAL = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?", re.ASCII)
_RATIONAL = re.compile(r"([+-]?)(\d+)\s*/\s*(\d+)", re.ASCII)
_EXACT = 10**6  # more bits than any float has
_EASY_BITS = 10_000  # of integers that Python prints
_PIECE = 4_000  # Python refuses to convert longer decimal texts to int in one go


def parse_number(value: object, argument: str = "number") -> Fraction:
    """Read one number exactly.

    Integers, `Fraction`, `Decimal`, floats (their exact binary value, any NumPy width), mpmath's
    ``mpf`` and strings (decimal, exponent form, rational) are read without rounding.

    Parameters
    ----------
    value : object
        The number or its text.
    argument : str
        Name used in the error message.

    Returns
    -------
    Fraction
        The exact value.

    Raises
    ------
    InputError
        For anything else: ``nan``, infinities, booleans, complex numbers, ``"1/0"``, and numbers
        beyond the stated limits of length and exponent.

    Examples
    --------
    >>> parse_number("1/3"), parse_number("-2.5e-1"), parse_number(0.5)
    (Fraction(1, 3), Fraction(-1, 4), Fraction(1, 2))
    """
    result: Fraction | None = None
    if isinstance(value, str):
        result = _parse_text(value)
    elif isinstance(value, bool | np.bool_):
        result = None
    elif isinstance(value, decimal.Decimal):
        if value.is_finite() and len(value.as_tuple().digits) <= MAX_LENGTH:
            adjusted = value.adjusted() if value else 0
            if abs(adjusted) <= MAX_EXPONENT and abs(int(value.as_tuple().exponent)) <= MAX_LENGTH:
                result = Fraction(value)
    elif isinstance(value, numbers.Rational):
        result = Fraction(int(value.numerator), int(value.denominator))
    elif isinstance(value, float | np.floating):
        if np.isfinite(value):
            result = Fraction(*value.as_integer_ratio())
    elif hasattr(value, "_mpf_"):
        result = _parse_mpf(value)
    if result is None or _bits(result) > _MAX_BITS:
        raise InputError(argument, _show(value), _ALLOWED)
    return result


def _show(value: object) -> str:
    """Text of a bad value that never needs a huge decimal conversion."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, numbers.Rational) and _bits(value) > _MAX_BITS:
        return f"a rational of {_bits(value)} bits"
    try:
        return shorten(value)
    except ValueError:
        return f"a {type(value).__name__}"


def _bits(value: numbers.Rational) -> int:
    return max(int(value.numerator).bit_length(), int(value.denominator).bit_length())


def _parse_mpf(value: Any) -> Fraction | None:
    """Exact value of an mpmath real (``(-1)^sign * mantissa * 2^exponent``), None if not finite."""
    if abs(int(value._mpf_[2])) > _MAX_BITS:
        return None
    try:
        return rational_of_mpf(value)
    except ArithmeticError:
        return None


def _integer(digits: str) -> int:
    """``int(digits)`` for texts of any length."""
    result = 0
    for start in range(0, len(digits), _PIECE):
        piece = digits[start : start + _PIECE]
        result = result * 10 ** len(piece) + int(piece)
    return result


def _parse_text(text: str) -> Fraction | None:
    """Value of a decimal or rational text, or None if it is malformed or beyond the limits."""
    if len(text) > MAX_LENGTH:
        return None
    text = text.strip()
    rational = _RATIONAL.fullmatch(text)
    if rational:
        sign, numerator, denominator = rational.groups()
        bottom = _integer(denominator)
        if bottom == 0:
            return None
        return Fraction(_integer(numerator) * (-1 if sign == "-" else 1), bottom)
    plain = _DECIMAL.fullmatch(text)
    if not plain:
        return None
    sign, whole, part, exponent = plain.groups()
    part = part or ""
    if not whole and not part:
        return None
    # The text of the exponent is measured first: int("9" * 10**4) must not even be tried.
    if exponent and len(exponent.lstrip("+-").lstrip("0")) > len(str(MAX_EXPONENT)):
        return None
    power = int(exponent) if exponent else 0
    if abs(power) > MAX_EXPONENT:
        return None
    mantissa = _integer(whole + part) * (-1 if sign == "-" else 1)
    return Fraction(mantissa) * Fraction(10) ** (power - len(part))


def _items(value: object, argument: str, allowed: str) -> list[object]:
    """Return the entries of a list, tuple or array (or what NumPy reads as one); refuse others."""
    if hasattr(value, "__array__") and not isinstance(value, np.ma.MaskedArray):
        value = np.asarray(value)  # a masked array keeps its mask: masked entries are refused
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            raise InputError(argument, _show(value[()]), allowed)
        return list(value)
    if not isinstance(value, list | tuple):
        raise InputError(argument, _show(value), allowed)
    return list(value)


def parse_vector(value: object, argument: str = "vector", *, length: int | None = None) -> Vector:
    """Read a non-empty list of numbers, of the given length if one is given.

    Examples
    --------
    >>> parse_vector(["1/2", 3], "teacher")
    (Fraction(1, 2), Fraction(3, 1))
    """
    wanted = "a non-empty list of numbers"
    if length is not None:
        wanted = "a list of one number" if length == 1 else f"a list of {length} numbers"
    entries = _items(value, argument, wanted)
    if not entries or (length is not None and len(entries) != length):
        raise InputError(argument, _entries(len(entries)), wanted)
    return tuple(parse_number(entry, f"{argument}[{i}]") for i, entry in enumerate(entries))


def _entries(count: int) -> str:
    return "one entry" if count == 1 else f"{count or 'no'} entries"


def parse_means(value: object, argument: str = "means") -> tuple[Vector, ...]:
    """Read an ``n x d`` nested list or array of numbers, exactly.

    Parameters
    ----------
    value : sequence of sequences of numbers
        ``n >= 1`` rows (components) of ``d >= 1`` entries (coordinates).
    argument : str
        Name used in error messages, which also give the position of a bad entry.

    Returns
    -------
    tuple of tuple of Fraction
        The rows.

    Raises
    ------
    InputError
        If the list is empty, flat or ragged, or an entry is not a finite number.

    Examples
    --------
    >>> parse_means([["1/3"], ["1e-2"]])
    ((Fraction(1, 3),), (Fraction(1, 100),))
    """
    allowed = "a non-empty list of n rows of d numbers each, for example [[0, 1], [2, 3]]"
    rows = _items(value, argument, allowed)
    if not rows:
        raise InputError(argument, "an empty list", allowed)
    if (size := len(rows) * len(_items(rows[0], f"{argument}[0]", allowed))) > MAX_ENTRIES:
        raise InputError(argument, f"{size} numbers", f"at most {MAX_ENTRIES} numbers")
    parsed: list[Vector] = []
    for i, row in enumerate(rows):
        entries = _items(row, f"{argument}[{i}]", allowed)
        if not entries or (parsed and len(entries) != len(parsed[0])):
            expected = f"{_entries(len(parsed[0]))}, like {argument}[0]" if parsed else allowed
            raise InputError(f"{argument}[{i}]", _entries(len(entries)), expected)
        parsed.append(
            tuple(parse_number(entry, f"{argument}[{i}][{k}]") for k, entry in enumerate(entries))
        )
    return tuple(parsed)


def parse_weights(value: object, n: int, argument: str = "weights") -> Vector:
    """Read ``n`` positive weights that sum to one; None means uniform.

    Exact weights (strings, integers, fractions) must sum to exactly 1. If any entry is a binary
    float, a sum within ``n`` roundings of 1 (``2**-52`` each, of coarser types ``2**-23`` in
    float32 and ``2**-10`` in float16) is accepted: the weights are read exactly and then divided by
    it.

    Examples
    --------
    >>> parse_weights(None, 2)
    (Fraction(1, 2), Fraction(1, 2))
    >>> sum(parse_weights([0.1, 0.2, 0.7], 3))
    Fraction(1, 1)
    >>> sum(parse_weights(np.array([0.1, 0.2, 0.7], dtype=np.float32), 3))
    Fraction(1, 1)
    """
    if value is None:
        return (Fraction(1, n),) * n
    weights = parse_vector(value, argument, length=n)
    for i, weight in enumerate(weights):
        if weight <= 0:
            raise InputError(f"{argument}[{i}]", _show(weight), "a positive number")
    total = sum(weights, Fraction(0))
    if total == 1:
        return weights
    bits = min(map(_rounding_bits, _items(value, argument, "")))
    if abs(total - 1) <= n * Fraction(1, 2**bits) and bits < _EXACT:
        return tuple(weight / total for weight in weights)
    excess = total - 1
    about = f"{float(abs(excess)):.3g}" if abs(excess) < 10**300 else "a huge number"
    numbers_ = "one number that" if n == 1 else f"{n} positive numbers whose sum"
    floats = f" (for floats: within {n} * 2^-{min(bits, 52)})"
    raise InputError(
        argument,
        f"weights whose sum is 1 {'+' if excess > 0 else '-'} {about}",
        f"{numbers_} is exactly 1{floats}",
    )


def _rounding_bits(entry: object) -> int:
    """``-log2`` of the rounding that a weight of this type may carry; `_EXACT` for exact ones."""
    if isinstance(entry, np.floating):
        return min(int(np.finfo(type(entry)).nmant), 52)
    return 52 if isinstance(entry, float) or hasattr(entry, "_mpf_") else _EXACT


def dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    """Exact scalar product.

    Examples
    --------
    >>> dot([Fraction(1, 2), Fraction(3)], [Fraction(2), Fraction(1, 3)])
    Fraction(2, 1)
    """
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))


def subtract(left: Sequence[Fraction], right: Sequence[Fraction]) -> Vector:
    """Exact difference of two vectors."""
    return tuple(a - b for a, b in zip(left, right, strict=True))


def orthogonal_basis(vectors: Iterable[Sequence[Fraction]]) -> list[Vector]:
    """Orthogonal rational basis of the span of some vectors; its length is their exact rank.

    Gram-Schmidt over the rationals, the longest remaining vector first (so that the first axes
    carry the largest extents). Directions only matter, so each basis vector is returned as a
    primitive integer vector divided by a power of two that brings its largest entry into [1, 2):
    no float overflows on it, and a coordinate axis comes out as a unit vector.

    Examples
    --------
    >>> zero, half = Fraction(0), Fraction(1, 2)
    >>> basis = orthogonal_basis([(half, half), (half, half), (zero, half)])
    >>> [tuple(map(str, axis)) for axis in basis]
    [('1', '1'), ('-1', '1')]
    """
    remaining = {tuple(vector) for vector in vectors}
    basis: list[Vector] = []
    rest = sorted((v for v in remaining if any(v)), key=lambda v: (-dot(v, v), v))
    while rest:
        axis = _primitive(rest[0])
        basis.append(axis)
        norm = dot(axis, axis)
        projected = {_reject(vector, axis, norm) for vector in rest[1:]}
        rest = sorted((v for v in projected if any(v)), key=lambda v: (-dot(v, v), v))
        if len(basis) == len(axis):
            break
    return basis


def _reject(vector: Vector, axis: Vector, norm: Fraction) -> Vector:
    """Remove a vector's part along an axis."""
    factor = dot(vector, axis) / norm
    return tuple(a - factor * b for a, b in zip(vector, axis, strict=True))


def _primitive(vector: Vector) -> Vector:
    """Positive or negative multiple: coprime integers over a power of two, largest in [1, 2)."""
    scale = lcm(*(entry.denominator for entry in vector))
    integers = [int(entry * scale) for entry in vector]
    divisor = gcd(*integers)
    if len(vector) == 1 or sum(1 for entry in integers if entry) == 1:
        divisor *= 1 if max(integers, key=abs) > 0 else -1  # coordinate axes point upwards
    integers = [entry // divisor for entry in integers]
    power = Fraction(1, 2 ** (max(map(abs, integers)).bit_length() - 1))
    return tuple(entry * power for entry in integers)


def log10_fraction(value: Fraction) -> float:
    """Return ``log10`` of a positive rational of any size (for planning digits, never for a bound).

    Examples
    --------
    >>> round(log10_fraction(Fraction(1, 10**400)), 9)
    -400.0
    """
    return (math.log2(value.numerator) - math.log2(value.denominator)) / math.log2(10)


def dyadic(mantissa: int, exponent: int) -> Fraction:
    """Return ``mantissa 2^exponent``.

    Examples
    --------
    >>> dyadic(3, -2)
    Fraction(3, 4)
    """
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def rational_of_mpf(value: Any) -> Fraction:
    """Return the exact value of an mpmath real.

    Raises
    ------
    ArithmeticError
        If it is not finite.

    Examples
    --------
    >>> import mpmath
    >>> rational_of_mpf(mpmath.mpf("-0.75"))
    Fraction(-3, 4)
    """
    sign, mantissa, exponent, _ = value._mpf_
    if not mantissa and exponent:  # mpmath's code for nan and the infinities
        raise ArithmeticError(f"not a finite number: {value}")
    return dyadic(-int(mantissa) if sign else int(mantissa), int(exponent))


def rounded(value: Fraction, significant: int, *, up: bool) -> tuple[int, int]:
    """Round a positive rational to decimal digits, up or to the nearest.

    Returns
    -------
    (int, int)
        Mantissa of exactly ``significant`` digits, and decimal exponent.

    Examples
    --------
    >>> rounded(Fraction(2, 3), 2, up=False), rounded(Fraction(1000001), 3, up=True)
    ((67, -2), (101, 4))
    """
    # digits(numerator) - digits(denominator) is the decimal exponent to within one
    guess = (value.numerator.bit_length() - value.denominator.bit_length()) * 30103 // 100000
    exponent = guess - significant - 1
    while True:
        scaled = value / Fraction(10) ** exponent
        mantissa = -((-scaled.numerator) // scaled.denominator) if up else round(scaled)
        if mantissa < 10**significant:
            return mantissa, exponent
        exponent += 1


def decimal_text(value: Fraction, digits: int = 20) -> str:
    """Return a rational as decimal text with at most ``digits`` significant digits.

    Examples
    --------
    >>> decimal_text(Fraction(1, 10) * 3), decimal_text(Fraction(1, 3), 5)
    ('0.3', '0.33333')
    """
    with localcontext() as context:
        context.prec = digits
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        return f"{quotient:f}" if -8 < quotient.adjusted() < digits else str(quotient)


def rational_text(value: Fraction) -> str:
    """``p/q`` or ``p`` of any length (Python's own conversion stops at 4300 digits).

    Examples
    --------
    >>> rational_text(Fraction(-1, 3)), len(rational_text(Fraction(10) ** 9999))
    ('-1/3', 10000)
    """
    if _bits(value) < _EASY_BITS:
        return str(value)
    from flint import fmpz

    numerator = str(fmpz(value.numerator))
    return numerator if value.denominator == 1 else f"{numerator}/{fmpz(value.denominator)}"


def to_float(value: Fraction) -> float:
    """Return the nearest double, infinite beyond the range of doubles.

    Examples
    --------
    >>> to_float(Fraction(10) ** 400)
    inf
    """
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf
