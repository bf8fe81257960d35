"""Constants of the theorems about clusters, for claims that are listed without loading a proof."""

from fractions import Fraction

#: Theorem A: ``D_0 exp(Lambda(|c_0|))`` is at most this.
RADIUS = Fraction(4, 31)
#: While outside ``|c+| <= (1 - this h) |c|``, and ``exp(this h K)`` says when the run is inside.
CONTRACTION, TIME = Fraction(15, 8), Fraction(15, 4)
#: Theorem B: bounds of ``|V+|^2`` and of ``D+`` after the first step.
NORM, SIZE = Fraction(1, 7), Fraction(37, 100)
#: Theorem A': the largest ``|delta_j(0)|`` times ``exp(Lambda(|c_0|))`` is at most this.
REACH_RADIUS = Fraction(1, 20)
#: The same two for it.
REACH_CONTRACTION = Fraction(19, 10)
#: ``exp(-Lambda(M))/(this sqrt(n))`` is a radius for each component, M its distance.
BALL_FACTOR = 8
#: ``(1 + 4 h |c_0|^2)^-m`` over this is a radius where ``|c_0|^2 (1 - 2 h)^(2 m) <= 1``.
LARGE_STEP_FACTOR = 30
