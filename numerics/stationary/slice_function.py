r"""The gradient along a slice as a function of one number, in balls, with its derivative.

At a point, and on narrow intervals, value and derivative are the rigorous gradient and Hessian
entries. On wide ones a Hessian over a box overestimates a hundredfold, so the derivative
comes from a Chebyshev model of the value. Its bound in the complex plane: for means
``v_j = beta_j b``, substitute ``x = y/b`` for real ``b > 0``; for fixed real ``y`` the terms
``pi_j exp(x v_j - v_j^2/2)`` have the phases :math:`-\beta_j^2\, \mathrm{Im}(b^2)/2` only. So with
:math:`\theta = \max|\beta_j^2 - \beta_k^2| \, |\mathrm{Im}\, b^2|/2 < \pi` the responsibilities are
analytic in ``b`` and :math:`\sum|\psi_j| \le S = \sec(\theta/2)` (`numerics.quadrature.majorant`),
and for ``arg b = phi``, :math:`|\phi| < \pi/4`, the Gaussian weight integrates to at most
:math:`(\cos 2\phi)^{-1/2}` (base "teacher") or :math:`(\cos 2\phi)^{-1/2} \max_j
\exp(\beta_j^2 (\mathrm{Im}\, b^2)^2/(2\, \mathrm{Re}\, b^2))` (base "student").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb

from derive.algebra.program import Program
from numerics.evaluation.expectation import expectation
from numerics.mixtures.problem import EnclosedProblem
from numerics.numbers.balls import BALL, ball, exact_rational, precision
from numerics.quadrature.majorant import Sizes, majorant
from numerics.validated.chebyshev import ChebyshevModel, Point, build, needed_degree
from numerics.validated.roots import NoEnclosureError

#: Width of the intervals on which models are built, and the width below which none is used.
CELL = Fraction(1, 2)
NARROW = Fraction(1, 4096)
#: Largest degree of a model, and digits up to which the size of ``g`` on a cell is looked for.
MAX_DEGREE, MAX_SIZE_DIGITS = 300, 120


@dataclass
class SliceFunction:
    """``g``: one gradient component along ``v_i = alpha_i + beta_i a``.

    Attributes
    ----------
    gradient, hessian : Program
        The objective's kernels.
    components : sequence of (Fraction, Fraction)
        ``(alpha_i, beta_i)``.
    weights : sequence of Fraction
    representative : int
        Component whose gradient is ``g``.
    truth : Fraction or None
        Where all means vanish; models need it (then the means are ``beta_i (a - truth)``).
    """

    gradient: Program
    hessian: Program
    components: Sequence[tuple[Fraction, Fraction]]
    weights: Sequence[Fraction]
    representative: int
    truth: Fraction | None
    evaluations: int = 0
    _models: dict[int, ChebyshevModel | None] = field(default_factory=dict)

    def problem(self, point: Point, *, columns: int = 1) -> EnclosedProblem:
        """Means at a point (or over a box) at the current precision; further columns are zero."""

        def means() -> list[list[arb]]:
            place, rest = point(), [arb(0)] * (columns - 1)
            return [[ball(alpha) + ball(beta) * place, *rest] for alpha, beta in self.components]

        # Components that move together coincide: then there is nothing to integrate.
        return EnclosedProblem(means, self.weights, int(len(set(self.components)) > 1))

    def at(self, point: Point, digits: int) -> arb:
        """Enclose ``g`` at a point given at any precision."""
        self.evaluations += 1
        found = expectation(self.gradient, self.problem(point), digits, "ball").balls
        return arb(found[self.representative][0])

    def value(self, point: arb, digits: int) -> arb:
        """Enclose ``g(point)``."""
        return self.at(lambda: point, digits)

    def derivative(self, box: arb, digits: int) -> arb:
        """Enclose ``g'`` on a box."""
        if bool(2 * box.rad() > ball(NARROW)):
            modelled = self._from_models(box)
            if modelled is not None:
                return modelled
        return self._direct(box, digits)

    def _direct(self, box: arb, digits: int) -> arb:
        self.evaluations += 1
        found = expectation(self.hessian, self.problem(lambda: box), digits, "ball").balls
        row = found[self.representative][0]
        return arb(
            sum((row[i][0] * ball(beta) for i, (_, beta) in enumerate(self.components)), arb(0))
        )

    def _from_models(self, box: arb) -> arb | None:
        """Union of the models' enclosures over the cells that meet the box."""
        low, high = exact_rational(box.lower()), exact_rational(box.upper())
        total: arb | None = None
        for number in range(math.floor(low / CELL), math.floor(high / CELL) + 1):
            model = self._model(number)
            if model is None:
                return None
            start, end = max(low, number * CELL), min(high, (number + 1) * CELL)
            piece = model.slope(start, end)
            total = piece if total is None else total.union(piece)
        return total

    def _model(self, number: int) -> ChebyshevModel | None:
        if number not in self._models:
            self._models[number] = self._build(number)
        return self._models[number]

    def _build(self, number: int) -> ChebyshevModel | None:
        """Model on one cell; ``None`` near the truth, or where no bound is known."""
        half = CELL / 2
        middle = number * CELL + half
        if self.truth is None or "log_student" in self.gradient.inputs:
            return None
        ellipse = self._ellipse(abs(middle - self.truth), half)
        if ellipse is None:
            return None
        rho, bound = ellipse
        tolerance = 1e-3 * max(self._size(end) for end in (middle - half, middle, middle + half))
        top = float(bound.abs_upper())
        if not tolerance or needed_degree(top, float(rho), float(half), tolerance) > MAX_DEGREE:
            raise NoEnclosureError(
                "too far from the truth: g is too small to be enclosed on boxes", CELL
            )
        return build(self.at, middle, half, bound=bound, rho=rho, tolerance=tolerance)

    def _size(self, place: Fraction) -> float:
        """Rough size of ``g``, 0.0 if below all digits tried; only tolerances depend on it."""
        digits = 15
        while digits <= MAX_SIZE_DIGITS:
            value = self.at(lambda: ball(place), digits)
            if not value.contains(0):
                return float(value.abs_upper())
            digits += 15
        return 0.0

    def _ellipse(self, distance: Fraction, half: Fraction) -> tuple[Fraction, arb] | None:
        """``(rho, bound of |g|)`` for the ellipse around a cell at a distance from the truth."""
        squares = [beta * beta for _, beta in self.components]
        gap = float(max(squares) - min(squares))
        room = float(distance) - float(half)
        if room <= 0:
            return None
        height = 0.4 * room
        if gap:
            height = min(height, 2.6 / (gap * (float(distance) + float(half) + height)))
        ratio = height / float(half)
        rho = Fraction(ratio + math.hypot(ratio, 1.0)).limit_denominator(10**6)
        with precision(64):
            bound = self._bound(distance, half, rho, squares)
        return None if bound is None else (rho, bound)

    def _bound(
        self, distance: Fraction, half: Fraction, rho: Fraction, squares: Sequence[Fraction]
    ) -> arb | None:
        """Proved bound of ``|g|`` on the ellipse (see the module), ``None`` if it is too large."""
        wide, high = half * (rho + 1 / rho) / 2, half * (rho - 1 / rho) / 2
        nearest, farthest = distance - wide, distance + wide
        imaginary = 2 * farthest * high  # bounds |Im b^2|
        if nearest <= high:
            return None
        theta = ball((max(squares) - min(squares)) * imaginary / 2)
        if not bool(theta < arb.pi() * 9 / 10):
            return None
        slope = ball(high / nearest) ** 2  # bounds tan^2 phi
        factor = ((1 + slope) / (1 - slope)).sqrt()
        if self.gradient.base == "student":
            real = nearest**2 - high**2  # at least this is Re b^2
            factor *= ball(max(squares) * imaginary**2 / (2 * real)).exp()
        largest = ball(max(abs(beta) for _, beta in self.components) * farthest)
        sizes = Sizes(len(self.components), [largest], 1)
        kernel: arb = majorant(BALL, self.gradient, sizes, 1 / (theta / 2).cos())
        return arb((kernel * factor).abs_upper())
