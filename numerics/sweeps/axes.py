"""Axes of a sweep: the values that one parameter, or several together, take in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.errors import InputError, check_integer
from numerics.numbers.exact import decimal_text, parse_number
from numerics.sweeps.parameters import PARAMETERS, plain, read_parameter

#: Values of an axis that is listed or spaced; points of a spec.
MOST_VALUES = 1_000_000
MOST_POINTS = 10**9
#: Digits of values between the ends of a logarithmic axis, and of drawn ones.
SIGNIFICANT = 12
_CONTEXT = Context(prec=40, Emax=10**8, Emin=-(10**8), rounding=ROUND_HALF_EVEN)
_ROUNDED = Context(prec=SIGNIFICANT, Emax=10**8, Emin=-(10**8), rounding=ROUND_HALF_EVEN)
_SPACED = (
    'a list of values, or {linear = ["1", "2"], count = 11}, {log = ["1e-12", "1"], count = 13}, '
    '{log = ["1e-12", "1"], per_decade = 1} or, for integers, {range = [0, 99]}'
)
_DRAWN = '{uniform = ["1", "2"]}, {log_uniform = ["1e-12", "1"]} or {choice = [...]}'


@dataclass(frozen=True)
class Axis:
    """Parameters and the values that they take together.

    Attributes
    ----------
    names : tuple of str
    rows : sequence of tuples
        One value per name in each; an array, a list or a range of draws.
    """

    names: tuple[str, ...]
    rows: Any

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, index: int) -> dict[str, Any]:
        """Return the values at an index."""
        return dict(zip(self.names, self.rows[index], strict=True))


def read_axis(name: str, value: object, where: str) -> Axis:
    """Read the values of one parameter.

    Raises
    ------
    InputError
        Naming the place in the spec, the value and what is allowed.

    Examples
    --------
    >>> [str(s) for (s,) in read_axis("spread", {"log": ["1e-2", 1], "count": 3}, "grid").rows]
    ['1/100', '1/10', '1']
    """
    if name not in PARAMETERS:
        raise InputError(where, name, "one of the parameters " + ", ".join(PARAMETERS))
    values = value if isinstance(value, list) else _spaced(value, where)
    if not values:
        raise InputError(where, "no value", _SPACED)
    if len(values) > MOST_VALUES:
        raise InputError(where, f"{len(values)} values", f"at most {MOST_VALUES}")
    listed = isinstance(value, list)
    rows = [
        (read_parameter(name, entry, f"{where}[{i}]" if listed else where),)
        for i, entry in enumerate(values)
    ]
    seen: dict[Any, int] = {}
    for i, row in enumerate(rows):
        if seen.setdefault(row, i) != i:
            if listed:
                raise InputError(f"{where}[{i}]", str(plain(row[0])), "each value once")
            allowed = f"fewer values, or further ends: to {SIGNIFICANT} digits two are equal"
            raise InputError(where, f"{len(rows)} values", allowed)
    return Axis((name,), rows)


def zipped(table: Mapping[str, object], where: str) -> Axis:
    """Read parameters whose values go together, the first with the first and so on."""
    axes = [read_axis_repeating(name, value, f"{where}.{name}") for name, value in table.items()]
    lengths = {axis.names[0]: len(axis) for axis in axes}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        shown = ", ".join(f"{name}: {count}" for name, count in lengths.items()) or "no parameter"
        raise InputError(where, shown, "parameters with equally many values, one or more")
    rows = [sum(row, ()) for row in zip(*(axis.rows for axis in axes), strict=True)]
    return Axis(tuple(lengths), rows)


def read_axis_repeating(name: str, value: object, where: str) -> Axis:
    """Read an axis of a zip, whose values may repeat."""
    if not isinstance(value, list):
        return read_axis(name, value, where)
    rows = [(read_parameter(name, v, f"{where}[{i}]"),) for i, v in enumerate(value)]
    return Axis((name,), rows)


@dataclass(frozen=True)
class Draws:
    """Rows of drawn parameters: each is made when it is asked for, from the seed and its number.

    Attributes
    ----------
    seed, count : int
    drawn : tuple of (name, kind, ends or values)
    """

    seed: int
    count: int
    drawn: tuple[tuple[str, str, tuple[Any, ...]], ...]

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        row = [
            self._value(kind, values, np.random.default_rng([self.seed, number, position]))
            for position, (_, kind, values) in enumerate(self.drawn)
        ]
        return (*row, number)

    def _value(self, kind: str, values: tuple[Any, ...], generator: Any) -> Any:
        if kind == "choice":
            return values[int(generator.integers(len(values)))]
        share = Fraction(int(generator.integers(2**53)), 2**53)
        low, high = values
        if kind == "log_uniform":
            return geometric(low, high, share)
        return Fraction(decimal_text(low + (high - low) * share, SIGNIFICANT))


def sampled(table: Mapping[str, object], where: str) -> Axis:
    """Read a sample: ``seed``, ``draws`` and parameters that are drawn.

    Examples
    --------
    >>> axis = sampled({"seed": 1, "draws": 5, "distance": {"uniform": ["2", "4"]}}, "sample")
    >>> axis.names, len(axis), 2 <= axis.at(3)["distance"] <= 4
    (('distance', 'draw'), 5, True)
    """
    rest = dict(table)
    seed = check_integer(f"{where}.seed", rest.pop("seed", 0), 0, 2**63 - 1)
    if "draws" not in rest:
        raise InputError(f"{where}.draws", "nothing", "the number of draws")
    count = check_integer(f"{where}.draws", rest.pop("draws"), 1, MOST_POINTS)
    drawn = tuple((name, *_distribution(name, d, f"{where}.{name}")) for name, d in rest.items())
    return Axis((*rest, "draw"), Draws(seed, count, drawn))


def _distribution(name: str, value: object, where: str) -> tuple[str, tuple[Any, ...]]:
    if name not in PARAMETERS or name == "draw":
        raise InputError(where, name, "one of the parameters " + ", ".join(PARAMETERS))
    if not isinstance(value, dict) or len(value) != 1:
        raise InputError(where, value, _DRAWN)
    (kind, entries), place = next(iter(value.items())), f"{where}.{next(iter(value))}"
    if kind == "choice":
        chosen = tuple(row[0] for row in read_axis_repeating(name, entries, place).rows)
        if not chosen:
            raise InputError(place, "no value", "one value or more")
        return kind, chosen
    if kind not in ("uniform", "log_uniform"):
        raise InputError(where, kind, _DRAWN)
    low, high = _ends(entries, place, positive=kind == "log_uniform")
    for end in (low, high):
        read_parameter(name, end, place)
    return kind, (low, high)


def _spaced(value: object, where: str) -> list[object]:
    """Values of a range, a linear or a logarithmic axis."""
    if not isinstance(value, dict):
        raise InputError(where, value, _SPACED)
    kinds = [kind for kind in ("range", "linear", "log") if kind in value]
    others = set(value) - {"range", "linear", "log", "count", "per_decade", "step"}
    if len(kinds) != 1 or others:
        raise InputError(where, value, _SPACED)
    kind = kinds[0]
    if kind == "range":
        return _range(value, where)
    low, high = _ends(value[kind], f"{where}.{kind}", positive=kind == "log")
    if kind == "log" and "per_decade" in value:
        each = check_integer(f"{where}.per_decade", value["per_decade"], 1, 1000)
        decades = Decimal(_context_decimal(high / low)).log10(_CONTEXT)
        count = int((decades * each + Decimal("1e-9")).to_integral_value("ROUND_FLOOR")) + 1
        if count > MOST_VALUES:
            raise InputError(where, f"{count} values", f"at most {MOST_VALUES}")
        return [geometric(low, 10 * low, Fraction(i, each)) for i in range(count)]
    count = check_integer(f"{where}.count", value.get("count"), 2, MOST_VALUES)
    shares = [Fraction(i, count - 1) for i in range(count)]
    if kind == "log":
        return [geometric(low, high, share) for share in shares]
    return [low + (high - low) * share for share in shares]


def _range(value: Mapping[str, Any], where: str) -> list[object]:
    ends = value["range"]
    if not isinstance(ends, list) or len(ends) != 2 or not all(type(end) is int for end in ends):
        raise InputError(f"{where}.range", ends, "[first, last], two integers")
    step = check_integer(f"{where}.step", value.get("step", 1), 1, 10**9)
    if not 0 <= (ends[1] - ends[0]) // step < MOST_VALUES:
        raise InputError(f"{where}.range", ends, f"first <= last, at most {MOST_VALUES} values")
    return list(range(ends[0], ends[1] + 1, step))


def _ends(value: object, where: str, *, positive: bool) -> tuple[Fraction, Fraction]:
    if not isinstance(value, list) or len(value) != 2:
        raise InputError(where, value, "[least, largest], two numbers")
    low, high = (parse_number(end, f"{where}[{i}]") for i, end in enumerate(value))
    if low >= high or (positive and low <= 0):
        raise InputError(where, value, "0 < least < largest" if positive else "least < largest")
    return low, high


def geometric(low: Fraction, high: Fraction, share: Fraction) -> Fraction:
    """``low (high/low)^share``: exact at the ends and powers of ten from them, else to 12 digits.

    Examples
    --------
    >>> geometric(Fraction(1, 3), Fraction(100, 3), Fraction(1, 2))
    Fraction(10, 3)
    >>> geometric(Fraction(1, 1000), Fraction(10), Fraction(1, 2))
    Fraction(1, 10)
    """
    if share in (0, 1):
        return high if share else low
    logarithm = _CONTEXT.ln(_context_decimal(high / low))
    part = _CONTEXT.divide(_CONTEXT.multiply(logarithm, share.numerator), share.denominator)
    decades = round(logarithm / _CONTEXT.ln(Decimal(10)))
    if (decades * share).denominator == 1 and Fraction(10) ** decades == high / low:
        return low * Fraction(10) ** int(decades * share)
    value = _CONTEXT.multiply(_context_decimal(low), _CONTEXT.exp(part))
    return Fraction(_ROUNDED.plus(value))


def _context_decimal(value: Fraction) -> Decimal:
    return _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))
