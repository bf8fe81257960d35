"""Expectations at any precision for mpmath users, with an error estimate.

Numbers come in and go out as ``mpmath.mpf``; the loops run in gmpy2's MPFR numbers, which are
mpmath's arithmetic without its overhead. Truncation and discretisation are bounded by the same
formulas as in the ball backend, rounding is estimated: honest, but not a proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.algebra.program import Program
from numerics.evaluation import scalar_backend
from numerics.numbers.mpfr import MP
from numerics.quadrature.inputs import Expectations, InputSource


def expectations(
    programs: Sequence[Program],
    inputs: InputSource,
    *,
    digits: int,
    max_nodes: int | None = None,
) -> Expectations:
    r"""Evaluate the expectations of all programs.

    Parameters
    ----------
    programs : sequence of Program
    inputs : Inputs or callable
        mpf numbers (or exact rationals); a callable is asked under the working precision.
    digits : int
        Absolute error :math:`10^{-digits} \max(1, |value|)`.
    max_nodes : int, optional
        Refuse larger grids; default `product.MAX_NODES`, on a line `product.MAX_LINE_NODES`.

    Returns
    -------
    Expectations
        mpf values at working precision (above ``digits``) and error estimates.

    Raises
    ------
    InputError
        If the rank exceeds 3.
    NodeLimitError
        If the grid needs more nodes than that.

    Examples
    --------
    >>> import mpmath
    >>> from fractions import Fraction
    >>> from numerics.kernels import load_program
    >>> from numerics.quadrature.inputs import Inputs
    >>> means = [[Fraction(-3, 4)], [Fraction(17, 8)]]
    >>> problem = Inputs(means, means, [Fraction(1, 2), Fraction(1, 2)])
    >>> loss = load_program("forward", "loss", "single")
    >>> result = expectations([loss], problem, digits=12)
    >>> mpmath.nstr(result.values[0].item(), 10), result.errors[0].item() < 1e-12
    ('0.8416298715', True)
    """
    return scalar_backend.expectations(MP, programs, inputs, digits=digits, max_nodes=max_nodes)
