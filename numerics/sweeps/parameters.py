"""The parameters of a point of a sweep: how each is read, and what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numerics.descent.schedule import parse_schedule
from numerics.errors import InputError, check_integer
from numerics.numbers.exact import parse_means, parse_number, parse_weights, rational_text

#: Start families: what the numbers ``distance`` and ``spread`` mean.
STARTS = {
    "apart": "one component nearer to the truth than the others, which coincide, by the spread; "
    "their mean at the distance",
    "spaced": "components equally spaced over the spread, on the line through the truth; their "
    "mean at the distance",
    "normal": "the point at the distance plus the spread times standard normal numbers, drawn for "
    "(seed, draw)",
    "means": "the means as listed",
}
OBJECTIVES = ("forward", "reverse", "kl")
MOST_COMPONENTS, MOST_DIMENSION, MOST_STEPS = 500, 500, 10**9
MOST_DIGITS = 1000
UNIFORM = "uniform"

Reader = Callable[[object, str], Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes
    ----------
    read : callable
        ``read(value, name)`` returns text, an integer, a Fraction, or tuples of Fractions.
    default : object
        Value where a spec says nothing.
    meaning : str
        One line for the documentation, with what is allowed.
    starts : tuple of str
        The start families it matters to; empty: all.
    """

    read: Reader
    default: object
    meaning: str
    starts: tuple[str, ...] = ()


def _choice(allowed: tuple[str, ...]) -> Reader:
    def read(value: object, name: str) -> str:
        if value not in allowed:
            raise InputError(name, value, "one of " + ", ".join(f'"{word}"' for word in allowed))
        return str(value)

    return read


def _integer(least: int, most: int) -> Reader:
    return lambda value, name: check_integer(name, value, least, most)


def _at_least_zero(value: object, name: str) -> Fraction:
    number = parse_number(value, name)
    if number < 0:
        raise InputError(name, value, 'a number of at least 0, such as 6, "1/3" or 1e-400')
    return number


def _objective(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(name, value, '"forward", "reverse", "kl", or the name of an own one')
    return value


def _step_size(value: object, name: str) -> str:
    try:
        return parse_schedule(value, lambda number, _: parse_number(number, name)).text()
    except InputError as error:
        raise InputError(name, value, error.allowed) from None


def _weights(value: object, name: str) -> tuple[Fraction, ...] | str:
    if value == UNIFORM:
        return UNIFORM
    if not isinstance(value, list) or not value:
        raise InputError(name, value, '"uniform", or a list of positive numbers with sum 1')
    return parse_weights(value, len(value), name)


def _means(value: object, name: str) -> tuple[tuple[Fraction, ...], ...]:
    if not isinstance(value, list) or not value:
        raise InputError(name, value, 'a list of n lists of d numbers, such as [["6.1"], [6]]')
    return parse_means(value, name)


_DRAWN = ("normal",)
_PLACED = ("apart", "spaced", "normal")
PARAMETERS: Mapping[str, Parameter] = {
    "objective": Parameter(
        _objective, "forward", '"forward", "reverse", "kl", or one of the OBJECTIVES of `from`'
    ),
    "start": Parameter(
        _choice(tuple(STARTS)), "apart", "start family: " + ", ".join(f'"{s}"' for s in STARTS)
    ),
    "components": Parameter(_integer(1, MOST_COMPONENTS), 2, f"n, 1 to {MOST_COMPONENTS}", _PLACED),
    "dimension": Parameter(_integer(1, MOST_DIMENSION), 1, f"d, 1 to {MOST_DIMENSION}", _PLACED),
    "weights": Parameter(_weights, UNIFORM, '"uniform", or a list of n numbers with sum 1'),
    "means": Parameter(_means, None, 'n lists of d numbers (start "means")', ("means",)),
    "distance": Parameter(
        _at_least_zero, Fraction(6), "of the start from the truth, at least 0", _PLACED
    ),
    "spread": Parameter(_at_least_zero, Fraction(1), "of the start, at least 0", _PLACED),
    "step_size": Parameter(
        _step_size, "1/10", 'a number, or a schedule "0:0.1,1000:0.05" (0.05 from step 1000 on)'
    ),
    "steps": Parameter(_integer(1, MOST_STEPS), 4000, f"steps at most, 1 to {MOST_STEPS}"),
    "time": Parameter(_at_least_zero, Fraction(0), "noise time t, at least 0"),
    "digits": Parameter(
        _integer(1, MOST_DIGITS), 10, f"accuracy 10^-digits, 1 to {MOST_DIGITS} (floats: 15)"
    ),
    "certify": Parameter(
        _choice(("auto", "always", "never")),
        "auto",
        '"auto": fates are proved where a theorem may apply and the means lie on a line; "always": '
        'in up to three dimensions, too (slow); "never": float64',
    ),
    "certificate": Parameter(
        _choice(("digest", "full")), "digest", '"digest": its SHA-256; "full": its text, too'
    ),
    "seed": Parameter(
        _integer(0, 2**63 - 1), 0, "an integer of at least 0, of drawn starts", _DRAWN
    ),
    "draw": Parameter(
        _integer(0, 2**63 - 1), 0, "an integer of at least 0, number of a drawn start", _DRAWN
    ),
}


def read_parameter(name: str, value: object, where: str) -> Any:
    """Read one value of a parameter; ``where`` is its place in the spec.

    Raises
    ------
    InputError
        Naming the place, the value and what is allowed.

    Examples
    --------
    >>> read_parameter("spread", "1e-400", "fixed.spread") < read_parameter("spread", 1, "")
    True
    """
    if name not in PARAMETERS:
        raise InputError(where, name, "one of the parameters " + ", ".join(PARAMETERS))
    if isinstance(value, bool):
        raise InputError(where, value, PARAMETERS[name].meaning)
    return PARAMETERS[name].read(value, where)


def plain(value: Any) -> Any:
    """A parameter's value as JSON data, numbers as exact text.

    Examples
    --------
    >>> plain(Fraction(1, 3)), plain(((Fraction(1, 2),),)), plain("kl"), plain(3)
    ('1/3', [['1/2']], 'kl', 3)
    """
    if isinstance(value, Fraction):
        return rational_text(value)
    return [plain(entry) for entry in value] if isinstance(value, tuple) else value
