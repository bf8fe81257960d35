"""The trace inequality of Theorem R: ``4 E tr C^3 <= D^2 E tr C^2`` and ``D^2 <= 2 |V|^2``."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.reverse_words import (
    Constants,
    M,
    cube,
    cube_diagonal,
    diameter,
    distance,
    place,
    spread,
    square_diagonal,
)
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz, Popoviciu
from proofs_check.proofs.tactics.extremes import Bound, Member
from proofs_check.proofs.tactics.language import (
    A,
    B,
    J,
    K,
    V,
    X,
    at_most,
    component,
    delta,
    nonnegative,
    psi,
    v,
)
from proofs_check.proofs.tactics.score import covariance, square
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Combination, Square, Squares, student


def trace_steps(number: Constants) -> tuple[Step, ...]:
    """Steps up to ``D^2/4 <= M`` while ``|V|^2 <= |V_0|^2``."""
    last = component("l")
    same = delta(J, K)
    others = (1 - delta(last, J), 1 - delta(last, K))
    excess = (
        Square(v(V, J, A) + v(V, K, A), (A,), 1, (1 - same,)),
        Square(v(V, J, A), (A,), 2, (same,)),
        Square(v(V, last, A), (last, A), 2, others),
        Square(v(V, last, A), (last, A), number.diameter - 2),
    )
    gap = place(V, X, J, A) - place(V, X, K, A)
    row = square_diagonal(V, X, A)
    return (
        Step(
            "rows",
            "a row of C against a difference of means",
            at_most(gap**2, row * distance(V, J, K)),
            CauchySchwarz(covariance(V, X, A, B), v(V, J, B) - v(V, K, B), over=(B,)),
        ),
        Step(
            "diameter",
            "no distance exceeds the largest",
            at_most(distance(V, J, K), diameter(V)),
            Member(diameter(V), (J, K)),
        ),
        Step(
            "row squares",
            "(C^2)_aa is a sum of squares",
            nonnegative(row),
            Squares((Square(covariance(V, X, A, B), (B,)),)),
        ),
        Step(
            "range",
            "the values (C v_j)_a lie in an interval",
            at_most(gap**2, row * diameter(V)),
            Combination(((1, ("rows",)), (1, ("row squares", "diameter")))),
            ("rows", "row squares", "diameter"),
        ),
        Step(
            "variance",
            "(C^3)_aa is the variance of (C v_j)_a under psi",
            at_most(number.variance * cube_diagonal(V, X, A), row * diameter(V)),
            Popoviciu(place(V, X, J, A), J, K, psi(V, J)),
            ("range",),
        ),
        Step(
            "traces",
            "summed over a, averaged under the student",
            at_most(number.variance * cube(V), diameter(V) * spread(V)),
            Average((student(V), A)),
            ("variance",),
        ),
        Step(
            "pairs",
            "2|V|^2 - |v_j - v_k|^2 is |v_j + v_k|^2 and twice the rest of |V|^2",
            at_most(distance(V, J, K), number.diameter * square(V)),
            Squares(excess),
        ),
        Step(
            "diameter by norm",
            "so for the largest distance",
            at_most(diameter(V), number.diameter * square(V)),
            Bound((J, K)),
            ("pairs",),
        ),
        Step(
            "quarter diameter",
            "as long as |V|^2 <= |V_0|^2",
            at_most(Fraction(1, 4) * diameter(V), M),
            Combination(
                (
                    (Fraction(1, 4), ("diameter by norm",)),
                    (Fraction(number.diameter) / 4, ("within at step k",)),
                    (1, ("bound at least half",)),
                )
            ),
            ("diameter by norm", "within at step k", "bound at least half"),
        ),
    )
