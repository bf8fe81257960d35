"""Exact confidence intervals of a probability from a count (Clopper and Pearson)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb

#: Ends are multiples of this, rounded outwards.
GRAIN = 10_000


def clopper_pearson(successes: int, trials: int, level: Fraction) -> tuple[Fraction, Fraction]:
    """Two-sided interval that covers the probability at least with the confidence ``level``.

    The lower end ``p`` satisfies ``P(X >= successes | p) <= (1 - level)/2`` exactly (rational
    arithmetic, no rounding), the upper end likewise.

    Parameters
    ----------
    successes, trials : int
        The count.
    level : Fraction
        Confidence, for example 99/100.

    Raises
    ------
    ValueError
        If the count or the level is impossible.

    Examples
    --------
    >>> clopper_pearson(98, 100, Fraction(95, 100))
    (Fraction(581, 625), Fraction(1247, 1250))
    >>> clopper_pearson(0, 10, Fraction(1, 2))[0]
    Fraction(0, 1)
    """
    if not 0 <= successes <= trials or trials < 1 or not 0 < level < 1:
        raise ValueError(f"no interval for {successes} of {trials} at level {level}")
    tail = (1 - level) / 2
    low = _largest(lambda p: upper_tail(successes, trials, p) <= tail) if successes else 0
    failures = trials - successes
    high = _largest(lambda p: upper_tail(failures, trials, p) <= tail) if failures else 0
    return Fraction(low, GRAIN), 1 - Fraction(high, GRAIN)


def upper_tail(least: int, trials: int, probability: Fraction) -> Fraction:
    """``P(X >= least)`` for a binomial ``X``, exactly.

    Examples
    --------
    >>> upper_tail(2, 2, Fraction(1, 3)), upper_tail(0, 5, Fraction(1, 3))
    (Fraction(1, 9), Fraction(1, 1))
    """
    p, whole = probability.numerator, probability.denominator
    q = whole - p
    # the shorter tail, over the common denominator whole^trials
    if 2 * least > trials:
        count = sum(comb(trials, k) * p**k * q ** (trials - k) for k in range(least, trials + 1))
        return Fraction(count, whole**trials)
    count = sum(comb(trials, k) * p**k * q ** (trials - k) for k in range(least))
    return 1 - Fraction(count, whole**trials)


def _largest(holds: Callable[[Fraction], bool]) -> int:
    """Largest multiple of the grain at which a condition that holds at 0 still holds."""
    low, high = 0, GRAIN
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(Fraction(middle, GRAIN)) else (low, middle)
    return low
