r"""Plans for the residue-corrected trapezoid rule: two components, one Gaussian, any height.

The integrals are the moments :math:`I_p = \int \varphi(x) \sigma(Dx + L)^p\,dx`, ``phi`` the
standard normal density, ``sigma`` the logistic function, ``D > 0``. The integrand has poles of
order ``p`` at :math:`z_q = (-L \pm i\pi(2q+1))/D`. With the ``k`` lowest pairs of poles accounted
for by residues, the line :math:`\mathrm{Im}\,z = a` may lie anywhere above them and below the next:
:math:`(2k-1)\pi/D < a < (2k+1)\pi/D`.

*The function on the line.* With :math:`t = e^{-(Dx + L)} > 0` and :math:`\theta = Da - 2\pi k`, so
that :math:`|\theta| < \pi`, :math:`\sigma(D(x+ia) + L) = 1/(1 + t e^{-i\theta})` and

.. math:: |1 + t e^{-i\theta}|^2 = 1 + t(t + 2\cos\theta) = \sin^2\theta + (t + \cos\theta)^2 .

Hence :math:`|\sigma| \le G`, with ``G = 1`` if :math:`|\theta| \le \pi/2` and
:math:`G = 1/|\sin\theta|` otherwise. At :math:`\theta = 0` (``a = 2 pi k/D``) the function is
periodic, real and between 0 and 1.

*Discretisation.* :math:`|\varphi(x + ia)| = \varphi(x) e^{a^2/2}`, so on both lines
:math:`\mathrm{Im}\,z = \pm a` the integral of the modulus is at most :math:`M = e^{a^2/2} G^p`, and
the corrected sum over all nodes ``kh`` is off by at most :math:`2M/(e^{2\pi a/h} - 1)`
(`derive.two_components.residues`). *Truncation.* The nodes beyond ``T = K h`` on both sides
contribute at most :math:`2\int_T^\infty \varphi = \mathrm{erfc}(T/\sqrt2)`, since :math:`0 < \sigma
< 1`.

With ``k = 0`` this is the plain rule with a sharper ``M``. Floats only choose; the ball backend
evaluates the bounds in balls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from numerics.quadrature.trapezoid import tail_reach

#: Bits kept of the step: few, so that neighbouring problems share their tables of weights.
STEP_BITS = 7


@dataclass(frozen=True)
class PairPlan:
    """Grid ``k * step``, ``|k| <= last``, and the line that justifies it.

    Attributes
    ----------
    step : float
        A dyadic number of few bits, so exact.
    last : int
        Number of the last node.
    height : float
        ``a``, an exact binary number where the bound uses it.
    poles : int
        Number ``k`` of poles below the line.
    """

    step: float
    last: int
    height: float
    poles: int

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return 2 * self.last + 1


def plan_pair(target_log: float, separation: float, power: int, pole_cost: float) -> PairPlan:
    r"""Choose height, step and number of poles for an error of ``exp(target_log)`` in every moment.

    With :math:`N(a) = \ln(4/\epsilon) + a^2/2 + p \ln G` the step is :math:`h = 2\pi a/N(a)`, and
    without the poles' cost the best height is :math:`\sqrt{2 \ln(4/\epsilon)}`. A pole costs as
    much as ``pole_cost`` nodes, and to have any as much as two more; these balance where
    :math:`a^2 = 2 c T/(T + D\,\mathrm{cost})`, ``c`` the logarithm and ``T`` the truncation.

    Parameters
    ----------
    target_log : float
        Logarithm of the absolute error wanted; half of it goes to the truncation.
    separation : float
        ``D > 0``.
    power : int
        Highest moment, at least 1.
    pole_cost : float
        Cost of one pole in nodes.

    Examples
    --------
    >>> plan = plan_pair(math.log(1e-50), 2.875, 4, 6.0)
    >>> 75 < plan.nodes < 105, 3 <= plan.poles <= 7
    (True, True)
    >>> plan_pair(math.log(1e-15), 1e-3, 4, 6.0).poles
    0
    """
    separation = max(separation, 1e-280)
    needed = max(math.log(4.0) - target_log, 1.0)
    reach = tail_reach(max(math.log(2.0) - target_log, 0.0))
    best = math.sqrt(2 * needed * reach / (reach + separation * pole_cost))
    middle = int(best * separation / (2 * math.pi))
    highest = int((math.sqrt(2 * needed) * separation / math.pi + 1) / 2)  # more cannot help
    plans = [
        _plan(needed, reach, separation, power, poles)
        for poles in sorted({0, middle, min(middle + 1, highest)})
    ]
    return min(plans, key=lambda plan: plan.nodes + pole_cost * (plan.poles + 2 * (plan.poles > 0)))


def _plan(needed: float, reach: float, separation: float, power: int, poles: int) -> PairPlan:
    """The largest step for a given number of poles."""
    height, exponent = _height(needed, separation, power, poles)
    mantissa, binary = math.frexp(2 * math.pi * height / exponent)
    step = math.ldexp(math.floor(mantissa * 2**STEP_BITS), binary - STEP_BITS)
    return PairPlan(step, math.ceil(reach / step), height, poles)


def _height(needed: float, separation: float, power: int, poles: int) -> tuple[float, float]:
    """``(a, N(a))`` with the largest ``a/N(a)`` between two poles."""
    ideal = math.sqrt(2 * needed)
    turn = math.pi / separation
    low, high = (2 * poles - 0.5) * turn, (2 * poles + 0.5) * turn  # where the majorant is 1
    if ideal <= high:
        height = max(ideal, low)
        return height, needed + height * height / 2
    # Between `high` and the next pole: a/N(a) is largest about where the gap's angle eta to the
    # pole balances p D a/eta against what is left of the exponent.
    top = (2 * poles + 1) * turn
    rest = needed - top * top / 2
    angle = power * separation * top / rest if rest > 0 else math.pi / 2
    angle = min(max(angle, 1e-6), math.pi / 2)
    height = top - angle / separation
    loss = -power * math.log(math.sin(angle))
    choices = [
        (height, needed + height * height / 2 + loss),
        (high, needed + high * high / 2),
    ]
    return max(choices, key=lambda choice: choice[0] / choice[1])
