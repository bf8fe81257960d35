"""Constants of the theorems about clusters, for claims that are listed without loading a proof."""

from fractions import Fraction

#: Theorem A: ``D_0 exp(Lambda(|c_0|))`` is at most this.
RADIUS = Fraction(4, 31)
#: Theorem B: bounds of ``|V+|^2`` and of ``D+`` after the first step.
NORM, SIZE = Fraction(1, 7), Fraction(37, 100)
#: Theorem A': the largest ``|delta_j(0)|`` times ``exp(Lambda(|c_0|))`` is at most this.
REACH_RADIUS = Fraction(1, 20)
