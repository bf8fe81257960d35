"""The truth is the only stationary point of the KL loss."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derive.algebra.index import atom, dot
from derive.algebra.vocabulary import covariance, mean
from derive.losses.objectives import KL
from proofs_check.proofs.classical import CauchySchwarz
from proofs_check.proofs.descent import (
    COMPONENTS_AND_COORDINATES,
    descent_words,
    differentiation_step,
)
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import Glossary, at_most, equal, nonnegative, positive
from proofs_check.proofs.rules import (
    Average,
    Cancel,
    Combination,
    Derived,
    Member,
    Square,
    Squares,
    Vanishes,
)


def no_other_stationary_point(*, domination: Fraction | int = 1) -> Proof:
    """``L^2 <= |V|^2 |grad K|^2``, so that grad K = 0 at the truth only.

    Parameters
    ----------
    domination : number
        ``domination L^2 <= |V|^2 |grad K|^2``; above one the proof fails.

    Examples
    --------
    >>> from proofs_check.proofs.proof import replay
    >>> replay(no_other_stationary_point(domination=Fraction(101, 100))).failed[0].step.name
    'domination'
    """
    both, psi = COMPONENTS_AND_COORDINATES, atom("psi", "j0")
    words = Glossary()
    one = descent_words(words, KL, "K")
    v, constant = one.mean, sympy.sympify(domination)
    loss = words.expectation("L", "teacher", dot(mean(), mean()), "E_q|m|^2")
    trace = words.expectation(
        "E tr C",
        "teacher",
        covariance("a9", "a9").sum_over("a9"),
        "E_q of tr C",
        r"E_q\operatorname{tr}C",
    )
    dimension = words.pointwise("d", atom("dimension"), "the dimension")
    mass = words.expectation("c_j", "teacher", psi, "E_q[psi_j]", "c_j", ("j0",))
    lightest = words.least("c_min", mass, ("j0",), "the least c_j", r"c_{\min}")
    weighted = words.total(
        "W", mass * v**2, both, "sum_j c_j |v_j|^2", r"\textstyle\sum_jc_j|v_j|^2"
    )
    hypotheses = (
        Hypothesis("stationary", equal(one.gradient_square, 0), "the gradient vanishes"),
        Hypothesis("least mass", positive(lightest), "responsibilities are positive", True),
    )
    steps = (
        differentiation_step(),
        Step(
            "I1", "de Bruijn's identity", equal(one.radial, loss), Derived(), ("differentiation",)
        ),
        Step(
            "radial",
            "the radial derivative is a scalar product",
            at_most(one.radial**2, one.square * one.gradient_square),
            CauchySchwarz(one.radial, one.square, one.gradient_square, v, one.gradient, over=both),
        ),
        Step(
            "domination",
            "the gradient dominates the score error",
            at_most(constant * loss**2, one.square * one.gradient_square),
            Combination(((1, ("radial",)),), ((1 - constant, loss),)),
            ("radial", "I1"),
        ),
        Step(
            "square of the loss",
            "at a stationary point",
            at_most(loss**2, 0),
            Combination(((1 / constant, ("domination",)),)),
            ("domination", "stationary"),
        ),
        Step("no loss", "so", equal(loss, 0), Vanishes(), ("square of the loss",)),
        Step(
            "trace",
            "E_q tr C = E_q[x.m] by Stein's identity, and E_q|x|^2 = d",
            at_most(trace**2, dimension * loss),
            CauchySchwarz(
                trace, dimension, loss, atom("x", "a0"), mean("a0"), base="teacher", over=("a0",)
            ),
        ),
        Step(
            "square of the trace",
            "with L = 0",
            at_most(trace**2, 0),
            Combination(((1, ("trace",)),)),
            ("trace", "no loss"),
        ),
        Step("no trace", "so", equal(trace, 0), Vanishes(), ("square of the trace",)),
        Step(
            "weighted square",
            "E_q[sum_j psi_j |v_j|^2] = E_q[|m|^2 + tr C]",
            equal(weighted, loss + trace),
            Derived(),
        ),
        Step("squares", "v_ja^2", nonnegative(v**2), Squares((Square(v),))),
        Step("lightest", "no mass is below the least", at_most(lightest, mass), Member()),
        Step(
            "one mean",
            "each coordinate of each mean",
            at_most(lightest * v**2, mass * v**2),
            Combination(((1, ("lightest", "squares")),)),
            ("lightest", "squares"),
        ),
        Step(
            "all means",
            "summed",
            at_most(lightest * one.square, weighted),
            Average(both),
            ("one mean",),
        ),
        Step(
            "weighted means",
            "W = L + E tr C = 0",
            nonnegative(lightest * -one.square),
            Combination(((1, ("all means",)),)),
            ("all means", "weighted square", "no trace", "no loss"),
        ),
        Step(
            "truth",
            "divided by the least mass: every mean is at the truth",
            at_most(one.square, 0),
            Cancel("least mass", "weighted means"),
            ("least mass", "weighted means"),
        ),
    )
    return Proof(
        "K-stationary",
        "The truth is the only stationary point of the KL loss",
        "L^2 <= |V|^2 |grad K|^2; if grad K = 0 then V = 0",
        r"L^2\le|V|^2|\nabla K|^2,\quad \nabla K=0\Rightarrow V=0",
        "derived for this project, from I1",
        "all n, d, weights",
        words,
        hypotheses,
        steps,
        ("domination", "truth"),
    )
