"""The signs that compare two sides: what each means, for exact numbers and for enclosures."""

from __future__ import annotations

import operator
from enum import Enum
from typing import Any, Literal

from numerics.errors import InputError

#: How a sign is written; `Sign` gives the meaning, and its members are these.
SignText = Literal["=", "<=", "<", ">=", ">"]
#: What enclosures say: the sign holds, fails, or both are possible.
Decision = Literal["holds", "fails", "undecided"]


class Sign(Enum):
    """How two sides compare.

    Examples
    --------
    >>> Sign.read(">="), Sign.AT_MOST.flipped, Sign.AT_MOST.negated
    (<Sign.AT_LEAST: '>='>, <Sign.AT_LEAST: '>='>, <Sign.GREATER: '>'>)
    >>> Sign.read("==")
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: sign: got '=='; allowed: one of =, <=, <, >=, >
    """

    EQUAL = "="
    AT_MOST = "<="
    LESS = "<"
    AT_LEAST = ">="
    GREATER = ">"

    def __str__(self) -> str:
        return self.value

    @classmethod
    def read(cls, text: object, allowed: tuple[Sign, ...] | None = None) -> Sign:
        """Return the sign that is written so.

        Parameters
        ----------
        text : object
            Anything but one of the texts above, to the letter, is refused.
        allowed : tuple of Sign, optional
            The signs that the caller knows what to do with; by default all.

        Raises
        ------
        InputError
            If it is no sign, or none of those allowed.
        """
        known = tuple(cls) if allowed is None else allowed
        for sign in known:
            if type(text) is str and text == sign.value:
                return sign
        raise InputError("sign", repr(text), f"one of {', '.join(map(str, known))}")

    @property
    def is_equality(self) -> bool:
        """Whether it asks for equal sides."""
        return self is Sign.EQUAL

    @property
    def is_strict(self) -> bool:
        """Whether equal sides violate it."""
        return self in (Sign.LESS, Sign.GREATER)

    @property
    def flipped(self) -> Sign:
        """The sign that says the same with the sides exchanged."""
        return _FLIPPED.get(self, self)

    @property
    def negated(self) -> Sign:
        """The sign that holds exactly where this one fails.

        Raises
        ------
        ValueError
            For ``=``, whose negation is no sign.
        """
        if self.is_equality:
            raise ValueError("the negation of = is not one of the signs")
        return _NEGATED[self]

    @property
    def latex(self) -> str:
        """The sign in LaTeX."""
        return {Sign.AT_MOST: r"\le", Sign.AT_LEAST: r"\ge"}.get(self, self.value)

    def decide(self, left: Any, right: Any) -> Decision:
        """Compare exact numbers, or balls: decided only if all their members agree.

        Balls that have a single point in common touch: that decides ``<=`` and ``>=``, not ``<``
        and ``>``. An equality of balls holds only if both are the same exact number.

        Examples
        --------
        >>> from flint import arb
        >>> low = arb(0, 1)
        >>> high = low + 2 * low.rad()  # begins where the other ends
        >>> [sign.decide(low, high) for sign in (Sign.AT_MOST, Sign.LESS, Sign.GREATER)]
        ['holds', 'undecided', 'fails']
        """
        holds, fails = _COMPARISONS[self]
        if holds(left, right):
            return "holds"
        return "fails" if fails(left, right) else "undecided"

    def gap(self, left: Any, right: Any) -> Any:
        """By how much it holds: the side that should be larger less the other.

        Examples
        --------
        >>> Sign.AT_MOST.gap(1, 3), Sign.AT_LEAST.gap(1, 3)
        (2, -2)
        """
        return left - right if self in (Sign.AT_LEAST, Sign.GREATER) else right - left


_FLIPPED = {
    Sign.AT_MOST: Sign.AT_LEAST,
    Sign.AT_LEAST: Sign.AT_MOST,
    Sign.LESS: Sign.GREATER,
    Sign.GREATER: Sign.LESS,
}
_NEGATED = {
    Sign.AT_MOST: Sign.GREATER,
    Sign.GREATER: Sign.AT_MOST,
    Sign.LESS: Sign.AT_LEAST,
    Sign.AT_LEAST: Sign.LESS,
}
#: The comparison and its negation; python-flint's comparisons of balls hold for all members.
_COMPARISONS = {
    Sign.EQUAL: (operator.eq, operator.ne),
    Sign.AT_MOST: (operator.le, operator.gt),
    Sign.LESS: (operator.lt, operator.ge),
    Sign.AT_LEAST: (operator.ge, operator.lt),
    Sign.GREATER: (operator.gt, operator.le),
}
