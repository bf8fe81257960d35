"""Lemma E: one of two components escapes."""

from __future__ import annotations

import math
from fractions import Fraction

import sympy

from numerics.escape_region import DRIFT, FAR, NEAR, prove_escape_region
from proofs_check.proofs.escape_rules import JointInduction
from proofs_check.proofs.escape_steps import (
    everywhere,
    gradient_steps,
    infinity_steps,
    limit_steps,
    motion_steps,
    place_steps,
)
from proofs_check.proofs.escape_words import (
    NEAR_RADIUS,
    definitions,
    escape_words,
    infinity_hypotheses,
)
from proofs_check.proofs.proof import Hypothesis, Proof, Rule, Step
from proofs_check.proofs.quantities import Glossary, Statement, at_most, nonnegative
from proofs_check.proofs.rules import Replayed

_HALF = Fraction(1, 2)


def found_growth(near_weight: Fraction, far: Fraction) -> Fraction:
    """What the cover finds for ``-v_2.grad_2 L/(a G)``, rounded down to two digits.

    Examples
    --------
    >>> found_growth(Fraction(1, 2), FAR)
    Fraction(1, 100)
    """
    least = prove_escape_region(near_weight, 1 - near_weight, far).least_outward
    scale = Fraction(10) ** (1 - math.floor(math.log10(least)))
    return Fraction(math.floor(least * scale)) / scale


def lemma_e(
    *,
    near_weight: Fraction = _HALF,
    far: Fraction = FAR,
    growth: Fraction | None = None,
    drift: Fraction = DRIFT,
    boxes: tuple[str, ...] | None = None,
    largest_step: Fraction = Fraction(1, 2),
    covariance_term: bool = True,
) -> Proof:
    """Lemma E, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    near_weight : Fraction
        Weight of the component near the truth.
    far : Fraction
        ``|v_2| >= far``.
    growth : Fraction or None
        ``v_2.grad_2 L <= -growth a G``; ``None``: what the cover finds, rounded down.
    drift : Fraction
        Bound of ``|grad_1 L - 2 v_1|``.
    boxes : tuple of str or None
        The boxes of the cover; ``None``: regenerated.
    largest_step : Fraction
    covariance_term : bool
        Whether the part of the means across their difference enters ``v_2 . grad_2 L``.

    Examples
    --------
    >>> lemma_e().scope
    'n = 2, uniform weights, all d'
    """
    words = Glossary()
    rate = found_growth(near_weight, far) if growth is None else growth
    odds = abs(math.log((1 - near_weight) / near_weight))
    w = escape_words(words, rate, Fraction(math.ceil(1000 * odds), 1000))
    first = (
        words.parameter("|v_1(0)|^2", "at the start", "|v_1(0)|^2"),
        words.parameter("|v_2(0)|^2", "at the start", "|v_2(0)|^2"),
    )
    radius = sympy.Rational(far.numerator, far.denominator)
    least = far - NEAR
    hypotheses = (
        Hypothesis("near at 0", at_most(first[0], NEAR_RADIUS**2), "|v_1(0)| <= 0.15"),
        Hypothesis("far at 0", at_most(radius**2, first[1]), f"|v_2(0)| >= {far}"),
        Hypothesis("near", at_most(w.near, NEAR_RADIUS**2), "|v_1| <= 0.15", temporary=True),
        Hypothesis("far", at_most(radius**2, w.far), f"|v_2| >= {far}", temporary=True),
        Hypothesis("step size", nonnegative(w.eta), "the step size is not negative"),
        Hypothesis("far step", nonnegative(w.eta_far), "the far component's step is not negative"),
        Hypothesis("largest step", at_most(w.eta, largest_step), f"eta <= {largest_step}"),
        *definitions(w),
    )
    near, far_map = {w.near: w.near_next, w.far: w.far_next}, {w.near: first[0], w.far: first[1]}

    def induction(statement: Statement) -> tuple[Statement, Rule]:
        return statement, JointInduction(
            ("near", "far"), ("near at 0", "far at 0"), ("near next", "far next"), far_map, near
        )

    step = 2 * rate
    weights = "uniform weights" if near_weight == _HALF else f"weight {near_weight} near the truth"
    steps = (
        Step("reduction", "the gradient as two integrals, from the loss", None,
             Replayed("escape-integrals")),
        *place_steps(w, radius),
        *gradient_steps(w, far, near_weight, drift, boxes, covariance_term),
        *motion_steps(w, radius, drift),
        Step("near for ever", "by induction", *induction(at_most(w.near, NEAR_RADIUS**2)),
             ("near at 0", "far at 0", "near next", "far next")),
        Step("far for ever", "by induction", *induction(at_most(radius**2, w.far)),
             ("near at 0", "far at 0", "near next", "far next")),
        everywhere("growth", "|v_2| grows for ever",
                    at_most(w.far + 2 * rate * w.eta_far * w.a * w.size, w.far_next),
                    "growth so far"),
        *infinity_steps(words, w, least, near_weight, radius, far_map, near),
        *limit_steps(words, w),
    )  # fmt: skip
    hypotheses = (*hypotheses, *infinity_hypotheses(words, w, radius))
    return Proof(
        "E",
        "One component near the truth, one far away: the far one escapes",
        f"if |v_1| <= 0.15, |v_2| >= {float(far)} and 0 < eta <= {largest_step} then at every "
        f"later step |v_1| <= 0.15 and |v_2|^2 grows by at least {step} eta a G, G = 2 a^2 phi(y), "
        "a = |v_2 - v_1|, y = a/2 + alpha - l/a; as long as |v_2| <= B at most (B^2 - far^2)/("
        f"{step} eta g) steps pass, g = 2 a0^3 phi(B + |l|/a0), a0 = far - 0.15, so |v_2| tends to "
        "infinity; and |v_1| to zero, for once G/2 <= 2 delta the excess of |v_1| over delta "
        "shrinks by the factor 1 - 2 eta. The two may take different steps eta, eta_2: the same "
        "holds for two groups of coincident components",
        rf"|v_1|\le0.15,\ |v_2|\ge{float(far)},\ 0<\eta\le\tfrac12\ \Rightarrow\ |v_1|\le0.15\ "
        r"\text{for ever},\ |v_2|\nearrow\infty",
        "derived for this project (brief, Lemma E)",
        f"n = 2, {weights}, all d",
        words,
        hypotheses,
        steps,
        ("near for ever", "far for ever", "growth", "time below B", "size", "excess"),
        ("a > 0, as |v_2| > |v_1|; eps = 1/a",),
    )
