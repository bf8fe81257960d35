r"""Principal parts of the powers of a responsibility at its poles, in exact rational numbers.

For two components a responsibility along the line through the means is the logistic function
:math:`\sigma(y) = 1/(1 + e^{-y})` of ``y = D x + L``. Its poles are ``y = i pi (2q + 1)``, and near
every one of them, with ``y`` measured from the pole, it is :math:`1/(1 - e^{-y})`. From
:math:`\sigma' = \sigma - \sigma^2` follow all powers:

.. math:: \sigma^{p+1} = \sigma^p - \frac1p \frac{d}{dy} \sigma^p .

`derive.two_components.residues` proves both and compares the table with SymPy's series. Nothing but
the standard library is imported: evaluation reads the table from here.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache


@lru_cache(maxsize=64)
def principal_part(power: int) -> tuple[Fraction, ...]:
    r"""Coefficients of :math:`y^{-1}, y^{-2}, \ldots, y^{-p}` in :math:`(1 - e^{-y})^{-p}`.

    Parameters
    ----------
    power : int
        ``p >= 1``.

    Returns
    -------
    tuple of Fraction
        ``p`` numbers.

    Raises
    ------
    ValueError
        If ``power < 1``.

    Examples
    --------
    >>> [str(value) for value in principal_part(3)]
    ['1', '3/2', '1']
    """
    if power < 1:
        raise ValueError("a power of at least 1 has a pole")
    if power == 1:
        return (Fraction(1),)
    previous = principal_part(power - 1)
    part = [*previous, Fraction(0)]
    for order, coefficient in enumerate(previous, 1):  # d/dy y^-m = -m y^-(m+1)
        part[order] += coefficient * order / (power - 1)
    return tuple(part)
