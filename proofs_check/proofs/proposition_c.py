"""Proposition C: deviations parallel to the centre grow as in the linear law, up to a factor 2."""

from __future__ import annotations

from proofs_check.proofs.cluster_line import one_dimension_steps
from proofs_check.proofs.cluster_potential import SPREAD
from proofs_check.proofs.cluster_run import DELTA_0, M_, RISE
from proofs_check.proofs.cluster_words import RUN
from proofs_check.proofs.tactics.language import D_, V_0, at_most
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Lemma
from proofs_check.proofs.theorem_a import NOTATION, theorem_a, two_means

#: Hypotheses of Theorem A that the growth does not rest on.
_ENTRY = ("time",)


def proposition_c() -> Script:
    """Proposition C: Theorem A's exponent is that of the growth itself.

    Examples
    --------
    >>> proposition_c().conclusions
    ('growth from above', 'growth from below', 'growth on the line')
    """
    now = RUN.at(M_)
    given = tuple(h for h in theorem_a().hypotheses if not h.temporary and h.name not in _ENTRY)
    return Script(
        "C",
        "The deviations grow as in the linear law, up to a factor of 2",
        "derived for this project (Proposition C, with 1/2 for 2/5)",
        (*given, Hypothesis("d <= 1", at_most(D_, 1), "one dimension")),
        (
            Step(
                "growth from above",
                "Theorem A",
                at_most(SPREAD.with_growth(now), RISE * DELTA_0),
                Lemma(theorem_a, "D along the run"),
            ),
            Step(
                "growth from below",
                "Theorem A's steps, the inequalities of Minkowski the other way round",
                at_most(SPREAD.with_growth(V_0), RISE * SPREAD.with_growth(now)),
                Lemma(theorem_a, "D from below"),
            ),
            *one_dimension_steps(),
            Step(
                "growth on the line",
                "there every mean is parallel to the centre",
                at_most(SPREAD.with_growth(V_0), RISE * SPREAD.with_growth(now)),
                Lemma(theorem_a, "D from below"),
                ("parallel",),
            ),
        ),
        ("growth from above", "growth from below", "growth on the line"),
        NOTATION,
        scope="all n >= 2, d, uniform weights, Theorem A's starts, steps to n/4; from below: "
        "parallel to c_0",
        remarks=(
            "both hold for every N, and Lambda_N rises to Lambda: with r_0 = D_0 exp(Lambda) the "
            "quotient of D exp(Lambda) at any step outside and at the start is between 1/2 and 2",
        ),
        instances=(two_means(),),
    )
