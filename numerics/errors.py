"""Errors that a user can cause, each naming argument, value and what is allowed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from numerics.visible import visible


class InputError(ValueError):
    """A bad argument: names the argument, the value given and what is allowed.

    Examples
    --------
    >>> str(InputError("digits", 0, "an integer from 1 to 10000"))
    'digits: got 0; allowed: an integer from 1 to 10000'
    """

    def __init__(self, argument: str, value: object, allowed: str) -> None:
        self.argument = argument
        self.value = value
        self.allowed = allowed
        super().__init__(visible(f"{argument}: got {shorten(value)}; allowed: {allowed}"))


class NodeLimitError(InputError):
    """The predicted number of quadrature nodes exceeds the limit."""

    def __init__(self, predicted: int, limit: int, hint: str = "") -> None:
        self.predicted = predicted
        self.limit = limit
        raising = f"raise the limit with max_nodes / --max-nodes{hint}"
        allowed = f"at most {limit} quadrature nodes ({raising})"
        count = predicted if predicted < 10**15 else f"about {Decimal(predicted):.2e}"
        super().__init__("max_nodes", f"{count} nodes predicted", allowed)


def check_integer(argument: str, value: object, least: int, most: int) -> int:
    """Return an integer from ``least`` to ``most``; refuse all else (a truth value is none)."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InputError(argument, value, f"an integer from {least} to {most}")
    return value


def why(error: Exception) -> str:
    """What went wrong, in words: for a file the system's, else the error's own.

    Examples
    --------
    >>> why(FileNotFoundError(2, "No such file or directory", "run.json")), why(KeyError("steps"))
    ('No such file or directory', "no entry 'steps'")
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"no entry {error}" if isinstance(error, KeyError) else str(error)


def shorten(value: object, width: int = 80) -> str:
    """Text of a value on one line, at most ``width`` characters; of an empty one the quotes."""
    try:
        text = str(value) if isinstance(value, str | Fraction) else repr(value)
    except ValueError:  # more digits than Python prints
        text = f"a very long {type(value).__name__}"
    except RecursionError:
        text = f"a {type(value).__name__} that is nested too deep to be shown"
    text = " ".join(text.split())
    if not text:
        return '""'
    return text if len(text) <= width else text[: width - 3] + "..."
