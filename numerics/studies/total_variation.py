r"""Total variation between two Gaussian mixtures: enclosed on a line, sampled in space.

.. math:: TV(p, q) = \tfrac12 \int |p - q| = E_q (1 - p/q)_+ .

*On a line.* With :math:`\varphi` the standard normal density, ``p - q = phi f``,

.. math:: f(x) = \sum_j \pi_j e^{x v_j - v_j^2/2} - \sum_t \rho_t e^{x \theta_t - \theta_t^2/2} .

A cell in which an enclosure of ``f`` (a Taylor form) has no zero contributes ``|P - Q|`` of
that cell, a difference of error functions; other cells are halved. What is undecided at the last
level contributes between ``|P - Q|`` and its width times a bound of ``|p - q|``, of second order in
the width at a simple zero. Both ends follow from ``erfc``. Every number is a ball.

*In space.* Independent draws from ``q``, of which ``(1 - p/q)_+`` lies in ``[0, 1]``: Hoeffding's
inequality gives a rigorous confidence interval for any number of draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from numerics.errors import InputError
from numerics.numbers.balls import ball, precision

#: Width of the cells at the start.
_CELL = Fraction(1, 2)
_MOST_CELLS = 20_000
#: Terms of the Taylor forms.
_ORDER = 12

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _SignedMixture:
    """Centres and weights with signs: the student's positive, the teacher's negative."""

    centres: list[arb]
    shares: list[arb]

    def expansion(self, middle: arb, radius: arb) -> tuple[arb, arb]:
        """Value of ``f`` at a point, and a bound of how far ``f`` is from it within the radius.

        Taylor coefficients ``sum shares v^k e^(x v - v^2/2)/k!``, whose terms cancel at the exact
        midpoint where student and teacher nearly agree, and Lagrange's remainder. As ``sum shares
        = 0`` the constant term is ``sum shares expm1``, of full relative accuracy near the truth.
        """
        grown = [(middle * v - v * v / 2).expm1() for v in self.centres]
        value = sum((s * g for s, g in zip(self.shares, grown, strict=True)), arb(0))
        powers, reach, scale = list(self.shares), arb(0), arb(1)
        for k in range(1, _ORDER):
            powers = [p * v for p, v in zip(powers, self.centres, strict=True)]
            scale = scale * radius / k
            term = sum((p + p * g for p, g in zip(powers, grown, strict=True)), arb(0))
            reach += abs(term) * scale
        scale = scale * radius / _ORDER
        whole = arb(middle, radius.abs_upper())
        for p, v in zip(powers, self.centres, strict=True):
            reach += abs(p * v * (whole * v - v * v / 2).exp()) * scale
        return value, reach.abs_upper()

    def mass(self, left: arb, right: arb) -> arb:
        """``P - Q`` of an interval."""
        root = arb(2).sqrt()
        total = arb(0)
        for centre, share in zip(self.centres, self.shares, strict=True):
            low, high = (left - centre) / root, (right - centre) / root
            if bool(low > 0):  # far tails: complements keep their relative accuracy
                total += share * (low.erfc() - high.erfc()) / 2
            else:
                total += share * (high.erf() - low.erf()) / 2
        return total


def enclose_total_variation(
    means: Sequence[Fraction],
    weights: Sequence[Fraction],
    teacher_means: Sequence[Fraction] = (Fraction(0),),
    teacher_weights: Sequence[Fraction] = (Fraction(1),),
    digits: int = 10,
) -> arb:
    """Enclose the total variation of two mixtures of unit Gaussians on a line.

    Parameters
    ----------
    means, weights
        The student.
    teacher_means, teacher_weights
        The teacher; default ``N(0, 1)``.
    digits : int
        The radius is at most about ``10^-digits``.

    Raises
    ------
    InputError
        If the cells become too many.

    Examples
    --------
    >>> half = Fraction(1, 2)
    >>> print(enclose_total_variation([Fraction(1)], [Fraction(1)]).str(8, radius=False))
    0.38292492
    >>> print(enclose_total_variation([-half, half], [half, half]).upper() < 0.07)
    True
    """
    with precision(int(3.4 * digits) + 80):
        family = _SignedMixture(
            [ball(x) for x in (*means, *teacher_means)],
            [ball(w) for w in weights] + [-ball(w) for w in teacher_weights],
        )
        reach = Fraction(math.ceil(math.sqrt(2 * digits * math.log(10)) + 3))
        low, high = min((*means, *teacher_means)) - reach, max((*means, *teacher_means)) + reach
        # Beyond the ends each density has less than this: every centre is at least `reach` inside.
        tails = 2 * (ball(reach) / arb(2).sqrt()).erfc()
        lower, upper = _sum_cells(family, low, high, digits)
        total = ((lower + upper + tails) / 2) / 2
        return arb(total, ((upper + tails - lower) / 4).abs_upper())


def _sum_cells(
    family: _SignedMixture, low: Fraction, high: Fraction, digits: int
) -> tuple[arb, arb]:
    """Bounds of ``int |p - q|`` over an interval; cells of unknown sign are halved."""
    negligible = arb(10) ** -digits / ball(high - low)  # a height of |p - q| that is good enough
    width = Fraction(1, 10 ** (digits // 2 + 1))
    count = math.ceil((high - low) / _CELL)
    cells = [(low + k * _CELL, low + (k + 1) * _CELL) for k in range(count)]
    lower = upper = arb(0)
    spent = 0
    while cells:
        spent += 1
        if spent > _MOST_CELLS:
            raise InputError("digits", digits, "fewer digits for these means")
        left, right = cells.pop()
        a, b = ball(left), ball(right)
        value, sign = _range(family, left, right)
        most = value.abs_upper() * (-_nearest_square(left, right) / 2).exp()
        if sign:
            mass = abs(family.mass(a, b))
            lower, upper = lower + mass, upper + mass
        elif right - left > width and not bool(most < negligible):
            middle = (left + right) / 2
            cells += [(left, middle), (middle, right)]
        else:
            lower += family.mass(a, b).abs_lower()
            upper += most * (b - a) / (2 * arb.pi()).sqrt()
    return lower, upper


def _range(family: _SignedMixture, left: Fraction, right: Fraction) -> tuple[arb, bool]:
    """Enclose ``f`` on a cell, and say whether its sign is certain there."""
    value, reach = family.expansion(ball((left + right) / 2), ball((right - left) / 2))
    return arb(value, reach), bool(abs(value) > reach)


def _nearest_square(left: Fraction, right: Fraction) -> arb:
    """Smallest ``x^2`` on a cell."""
    nearest = max(left, -right, Fraction(0))
    return ball(nearest * nearest)


def sample_total_variation(
    means: Array,
    weights: Array,
    samples: int,
    seed: int,
    confidence: float = 0.999,
    teacher: tuple[Array, Array] | None = None,
) -> tuple[float, float]:
    """Estimate the total variation in ``d`` dimensions, and the half-width of its interval.

    Parameters
    ----------
    means, weights : arrays, n x d and n
    samples : int
        Draws from the teacher.
    seed : int
    confidence : float
        Two-sided, by Hoeffding's inequality: ``sqrt(ln(2/(1 - confidence))/(2 samples))``.
    teacher : pair of arrays, optional
        Means and weights of the teacher; default ``N(0, I)``.

    Examples
    --------
    >>> value, error = sample_total_variation(np.array([[1.0, 0.0]]), np.ones(1), 20_000, 0)
    >>> bool(abs(value - 0.38292492) < error < 0.014)
    True
    """
    theta, rho = teacher if teacher else (np.zeros((1, means.shape[1])), np.ones(1))
    generator = np.random.default_rng(seed)
    picked = generator.choice(len(rho), size=samples, p=rho)
    x = theta[picked] + generator.standard_normal((samples, means.shape[1]))
    ratio = np.exp(_log_density(x, means, weights) - _log_density(x, theta, rho))
    value = float(np.maximum(0.0, 1.0 - ratio).mean())
    return value, math.sqrt(math.log(2 / (1 - confidence)) / (2 * samples))


def _log_density(x: Array, means: Array, weights: Array) -> Any:
    """Logarithm of a mixture's density at points ``N x d``, up to the common constant."""
    squares = ((x[:, None, :] - means[None, :, :]) ** 2).sum(axis=2)
    logits = np.log(weights) - squares / 2
    top = logits.max(axis=1)
    return top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
