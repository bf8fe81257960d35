"""Lemma E: one of two components escapes."""

from __future__ import annotations

from fractions import Fraction

from numerics.fates.escape_region import DRIFT, FAR
from proofs_check.proofs.escape_core import CONCLUSIONS, EscapeConstants, escape, what_happens
from proofs_check.proofs.escape_cover import EscapeRegion
from proofs_check.proofs.proof import Hypothesis, Proof
from proofs_check.proofs.quantities import Glossary, at_most, nonnegative

_HALF = Fraction(1, 2)


def lemma_e(
    *,
    near_weight: Fraction = _HALF,
    far: Fraction = FAR,
    growth: Fraction | None = None,
    drift: Fraction = DRIFT,
    boxes: tuple[str, ...] | None = None,
    largest_step: Fraction = _HALF,
    covariance_term: bool = True,
) -> Proof:
    """Lemma E, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    near_weight : Fraction
        Weight of the component near the truth.
    far : Fraction
        ``|v_2| >= far``.
    growth, drift, covariance_term
        See `EscapeConstants`.
    boxes : tuple of str or None
        The boxes of the cover; ``None``: regenerated.
    largest_step : Fraction

    Examples
    --------
    >>> lemma_e().scope
    'n = 2, uniform weights, all d'
    """
    words = Glossary()
    region = EscapeRegion(near_weight, far, boxes)
    core = escape(words, region, EscapeConstants(growth, drift, covariance_term))
    w = core.words
    hypotheses = (
        *core.hypotheses,
        Hypothesis("step size", nonnegative(w.eta), "the near component's step is not negative"),
        Hypothesis("far step", nonnegative(w.eta_far), "the far component's step is not negative"),
        Hypothesis("largest step", at_most(w.eta, largest_step), f"eta_1 <= {largest_step}"),
        *core.late_hypotheses,
    )
    weights = "uniform weights" if near_weight == _HALF else f"weight {near_weight} near the truth"
    return Proof(
        "E",
        "One component near the truth, one far away: the far one escapes",
        f"if |v_1| <= 0.15, |v_2| >= {float(far)} and 0 < eta_1 <= {largest_step}, 0 < eta_2, then "
        f"{what_happens(w.growth, far)}. Gradient descent is eta_1 = eta_2 = eta",
        rf"|v_1|\le0.15,\ |v_2|\ge{float(far)},\ 0<\eta_1\le\tfrac12\ \Rightarrow\ |v_1|\le0.15\ "
        r"\text{for ever},\ |v_2|\nearrow\infty",
        "derived for this project (brief, Lemma E)",
        f"n = 2, {weights}, all d",
        words,
        hypotheses,
        core.steps,
        CONCLUSIONS,
        ("a > 0, as |v_2| > |v_1|; eps = 1/a",),
    )
