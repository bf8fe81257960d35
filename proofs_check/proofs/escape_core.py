"""What Lemma E and its form for groups share: from the hypotheses on two means to the escape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import sympy

from numerics.fates.escape_region import DRIFT, NEAR
from proofs_check.proofs.escape_cover import EscapeRegion
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
    EscapeWords,
    definitions,
    escape_words,
    infinity_hypotheses,
    weight_hypotheses,
)
from proofs_check.proofs.proof import Hypothesis, Step
from proofs_check.proofs.quantities import Expression, Glossary, Statement, at_most
from proofs_check.proofs.rules import Replayed

#: Steps that make up the theorem.
CONCLUSIONS = ("near for ever", "far for ever", "growth", "time below B", "size", "excess")


@dataclass(frozen=True)
class EscapeConstants:
    """Constants of the proof, which can be changed to see it fail.

    Attributes
    ----------
    growth : Fraction or None
        ``v_2.grad_2 L <= -growth a G``; ``None``: what the cover finds, rounded down.
    drift : Fraction
        Bound of ``|grad_1 L - 2 v_1|``.
    covariance_term : bool
        Whether the part of the means across their difference enters ``v_2 . grad_2 L``.
    odds_sign : int
        Sign of ``-l/a`` in the point of equal responsibilities; -1 is wrong.
    stated_weight : Fraction or None
        Weight near the truth that the theorem is about; ``None``: the one that the cover is for.
    """

    growth: Fraction | None = None
    drift: Fraction = DRIFT
    covariance_term: bool = True
    odds_sign: int = 1
    stated_weight: Fraction | None = None


@dataclass(frozen=True)
class Escape:
    """Hypotheses and steps; the steps' sizes are left to hypotheses or steps of the caller.

    These are ``step size`` (0 <= eta_1), ``far step`` (0 <= eta_2), ``largest step`` (eta_1 <=
    1/2).
    """

    words: EscapeWords
    hypotheses: tuple[Hypothesis, ...]
    late_hypotheses: tuple[Hypothesis, ...]
    steps: tuple[Step, ...]


def escape(words: Glossary, region: EscapeRegion, constants: EscapeConstants) -> Escape:
    """Hypotheses and steps for two means that move by ``-eta_1 grad_1 L``, ``-eta_2 grad_2 L``."""
    growth = region.growth if constants.growth is None else constants.growth
    odds = abs(math.log(region.far_weight / region.near_weight))
    w = escape_words(words, growth, Fraction(math.ceil(1000 * odds), 1000))
    first = (
        words.parameter("|v_1(0)|^2", "at the start", "|v_1(0)|^2"),
        words.parameter("|v_2(0)|^2", "at the start", "|v_2(0)|^2"),
    )
    far = region.far
    radius = sympy.Rational(far.numerator, far.denominator)
    stated = region.near_weight if constants.stated_weight is None else constants.stated_weight
    hypotheses = (
        Hypothesis("near at 0", at_most(first[0], NEAR_RADIUS**2), "|v_1(0)| <= 0.15"),
        Hypothesis("far at 0", at_most(radius**2, first[1]), f"|v_2(0)| >= {far}"),
        Hypothesis("near", at_most(w.near, NEAR_RADIUS**2), "|v_1| <= 0.15", temporary=True),
        Hypothesis("far", at_most(radius**2, w.far), f"|v_2| >= {far}", temporary=True),
        *weight_hypotheses(w, stated),
        *definitions(w),
    )
    following = {w.near: w.near_next, w.far: w.far_next}
    start: dict[Expression, Expression] = {w.near: first[0], w.far: first[1]}
    steps = (
        Step("reduction", "the gradient as two integrals, from the loss", None,
             Replayed("escape-integrals")),
        *place_steps(w, radius),
        *gradient_steps(w, region, constants.drift, constants.covariance_term),
        *motion_steps(w, radius, constants.drift),
        _for_ever("near for ever", at_most(w.near, NEAR_RADIUS**2), start, following),
        _for_ever("far for ever", at_most(radius**2, w.far), start, following),
        everywhere("growth", "|v_2| grows for ever",
                    at_most(w.far + 2 * growth * w.eta_far * w.a * w.size, w.far_next),
                    "growth so far"),
        *infinity_steps(words, w, far - NEAR, radius, start, following, constants.odds_sign),
        *limit_steps(words, w),
    )  # fmt: skip
    return Escape(w, hypotheses, infinity_hypotheses(words, w, radius), steps)


def _for_ever(
    name: str,
    statement: Statement,
    start: dict[Expression, Expression],
    following: dict[Expression, Expression],
) -> Step:
    starts, passages = ("near at 0", "far at 0"), ("near next", "far next")
    rule = JointInduction(("near", "far"), starts, passages, start, following)
    return Step(name, "by induction", statement, rule, (*starts, *passages))


def what_happens(growth: Fraction, far: Fraction) -> str:
    """The conclusions in words."""
    step = 2 * growth
    return (
        f"at every later step |v_1| <= 0.15 and |v_2|^2 grows by at least {step} eta_2 a G, G = 2 "
        "a^2 phi(y), a = |v_2 - v_1|, y = a/2 + alpha - l/a; as long as |v_2| <= B at most (B^2 - "
        f"{float(far)}^2)/({step} eta_2 g) steps pass, g = 2 a0^3 phi(B + |l|/a0), a0 = "
        f"{float(far)} - 0.15, so |v_2| tends to infinity; and |v_1| to zero, for once G/2 <= "
        "2 delta the excess of |v_1| over delta shrinks by the factor 1 - 2 eta_1"
    )
