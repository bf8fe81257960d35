"""Rigorous expectations in Arb balls: rounding, truncation and discretisation are enclosed."""

from __future__ import annotations

from collections.abc import Sequence

from derive.algebra.program import Program
from numerics.evaluation import scalar_backend
from numerics.numbers.balls import BALL
from numerics.quadrature.inputs import Expectations, InputSource
from numerics.workers import Effort


def expectations(
    programs: Sequence[Program],
    inputs: InputSource,
    *,
    digits: int,
    max_nodes: int | None = None,
    effort: Effort | None = None,
) -> Expectations:
    r"""Enclose the expectations of all programs.

    Parameters
    ----------
    programs : sequence of Program
    inputs : Inputs or callable
        Balls; a callable is asked again whenever the working precision (``flint.ctx.prec``) has
        been raised. Wide balls (boxes) are fine: the results enclose the values at every point.
    digits : int
        The working precision is raised until every radius is at most
        :math:`10^{-digits} \max(1, |value|)`, or more precision no longer helps (boxes).
    max_nodes : int, optional
        Refuse larger grids; default `product.MAX_NODES`, on a line `product.MAX_LINE_NODES`.
    effort : Effort, optional
        Processes and a report for product rules; without ``max_nodes`` its limit of time then takes
        the place of `product.MAX_NODES`.

    Returns
    -------
    Expectations
        ``values`` are arrays of balls that include all errors, ``errors`` their radii.

    Raises
    ------
    InputError
        If the rank exceeds 3, or a float is offered where a ball is needed.
    NodeLimitError
        If the grid needs more nodes than that.

    Examples
    --------
    >>> from flint import arb
    >>> from numerics.kernels import load_program
    >>> from numerics.quadrature.inputs import Inputs
    >>> means = [[arb(-3) / 4], [arb(17) / 8]]
    >>> problem = Inputs(means, means, [arb(1) / 2, arb(1) / 2])
    >>> loss = load_program("forward", "loss", "single")
    >>> result = expectations([loss], problem, digits=12)
    >>> print(result.values[0].item().str(10, radius=False), result.nodes < 120)
    0.8416298715 True
    """
    return scalar_backend.expectations(
        BALL, programs, inputs, digits=digits, max_nodes=max_nodes, effort=effort
    )
