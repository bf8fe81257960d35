"""The trace inequality of Theorem R: ``4 E tr C^3 <= D^2 E tr C^2`` and ``D^2 <= 2 |V|^2``."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derive.algebra.index import ONE, Polynomial, atom
from proofs_check.proofs.classical import CauchySchwarz, Popoviciu
from proofs_check.proofs.proof import Step
from proofs_check.proofs.quantities import at_most, nonnegative
from proofs_check.proofs.reverse_words import Constants, ReverseWords
from proofs_check.proofs.rules import Average, Bound, Combination, Member, Square, Squares


def trace_steps(w: ReverseWords, number: Constants) -> tuple[Step, ...]:
    """Steps up to ``D^2/4 <= M`` while ``|V|^2 <= |V_0|^2``."""
    one = w.one
    diameter, variance = sympy.sympify(number.diameter), sympy.sympify(number.variance)

    def without(*components: str) -> tuple[Polynomial, ...]:
        return tuple(ONE - atom("delta_component", "j2", other) for other in components)

    same = atom("delta_component", "j0", "j1")
    together = atom("v", "j0", "a9") + atom("v", "j1", "a9")
    excess = (
        Square(together, ("a9",), 1, (ONE - same,)),
        Square(atom("v", "j0", "a9"), ("a9",), 2, (same,)),
        Square(atom("v", "j2", "a9"), ("j2", "a9"), 2, without("j0", "j1")),
        Square(atom("v", "j2", "a9"), ("j2", "a9"), diameter - 2),
    )
    return (
        Step(
            "rows",
            "a row of C against a difference of means",
            at_most(w.gap**2, w.row_square * w.distance),
            CauchySchwarz(w.gap, w.row_square, w.distance, w.row, w.apart("a9"), over=("a9",)),
        ),
        Step(
            "diameter",
            "no distance exceeds the largest",
            at_most(w.distance, w.diameter),
            Member(),
        ),
        Step(
            "row squares",
            "(C^2)_aa is a sum of squares",
            nonnegative(w.row_square),
            Squares((Square(w.row, ("a9",)),)),
        ),
        Step(
            "range",
            "the values (C v_j)_a lie in an interval",
            at_most(w.gap**2, w.row_square * w.diameter),
            Combination(((1, ("rows",)), (1, ("row squares", "diameter")))),
            ("rows", "row squares", "diameter"),
        ),
        Step(
            "variance",
            "(C^3)_aa is the variance of (C v_j)_a under psi",
            at_most(variance * w.row_cube, w.row_square * w.diameter),
            Popoviciu(w.place, w.row_square * w.diameter),
            ("range",),
        ),
        Step(
            "traces",
            "summed over a, averaged under the student",
            at_most(variance * w.cube, w.diameter * w.spread),
            Average(("a0",), "student"),
            ("variance",),
        ),
        Step(
            "pairs",
            "2|V|^2 - |v_j - v_k|^2 is |v_j + v_k|^2 and twice the rest of |V|^2",
            at_most(w.distance, diameter * one.square),
            Squares(excess),
        ),
        Step(
            "diameter by norm",
            "so for the largest distance",
            at_most(w.diameter, diameter * one.square),
            Bound(),
            ("pairs",),
        ),
        Step(
            "quarter diameter",
            "as long as |V|^2 <= |V_0|^2",
            at_most(w.diameter / 4, w.bound),
            Combination(
                (
                    (Fraction(1, 4), ("diameter by norm",)),
                    (diameter / 4, ("within at step k",)),
                    (1, ("bound at least half",)),
                )
            ),
            ("diameter by norm", "within at step k", "bound at least half"),
        ),
    )
