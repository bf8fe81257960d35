"""What Lemma E and its form for groups share: from the hypotheses on two places to the escape."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derive.losses.objectives import FORWARD
from proofs_check.proofs.escape_gradient import gradient_steps, place_steps
from proofs_check.proofs.escape_motion import (
    for_ever_steps,
    infinity_steps,
    limit_steps,
    motion_steps,
    vanishing_steps,
)
from proofs_check.proofs.escape_words import (
    DELTA,
    PULL,
    RADIUS,
    EscapeConstants,
    EscapeRegion,
    Groups,
    Quantities,
    far_statement,
    log_odds,
    near_statement,
)
from proofs_check.proofs.tactics.language import (
    Descent,
    V,
    at_most,
    count,
    nonnegative,
)
from proofs_check.proofs.tactics.score import k_
from proofs_check.proofs.tactics.script import Hypothesis, Step

#: Steps that make up the theorem.
CONCLUSIONS = (
    "near for ever",
    "far for ever",
    "growth",
    "time below B",
    "G vanishes",
    "size",
    "excess",
)


@dataclass(frozen=True)
class Escape:
    """Hypotheses, steps and words; some hypotheses or steps are left to the caller.

    These are ``step size`` (0 <= eta_1), ``far step`` (0 <= eta_2), ``largest step`` (eta_1 <=
    1/2), ``member 1``, ``member 2`` (a member's gradient is its share of the group's), ``log odds``
    and ``near weight``.
    """

    of: Quantities
    growth: Fraction
    hypotheses: tuple[Hypothesis, ...]
    late_hypotheses: tuple[Hypothesis, ...]
    steps: tuple[Step, ...]


def escape(groups: Groups, region: EscapeRegion, constants: EscapeConstants) -> Escape:
    """Hypotheses and steps for two groups that move with the steps ``eta_1``, ``eta_2``."""
    run = Descent(FORWARD)
    growth = region.growth if constants.growth is None else constants.growth
    of = Quantities(run, groups, log_odds(region.near_weight))
    far, start, now = region.far, run.start, run.at(k_)
    hypotheses = (
        Hypothesis("near at 0", near_statement(of, start), "|v_1(0)| <= 0.15"),
        Hypothesis("far at 0", far_statement(of, start, far), f"|v_2(0)| >= {far}"),
        Hypothesis("near", near_statement(of, V), "|v_1| <= 0.15", temporary=True),
        Hypothesis("far", far_statement(of, V, far), f"|v_2| >= {far}", temporary=True),
    )
    late = (
        Hypothesis("B >= 0", nonnegative(RADIUS), "a length"),
        Hypothesis("within", at_most(of.far(V), RADIUS**2), "|v_2| <= B", temporary=True),
        Hypothesis("bounded", at_most(of.far(now), RADIUS**2), "|v_2| <= B after k steps"),
        Hypothesis(
            "count",
            at_most(far**2 + 2 * growth * of.steps[1] * of.floor(region) * count(k_), of.far(now)),
            "growth so far",
            temporary=True,
        ),
        Hypothesis("late", at_most(PULL * of.size(now), 2 * DELTA), "G is small: a is large"),
    )
    steps = (
        *place_steps(of, far),
        *gradient_steps(of, region, growth, constants),
        *motion_steps(of, far, growth, constants.drift),
        *for_ever_steps(of, far, growth),
        *infinity_steps(of, region, growth, constants.odds_sign),
        *vanishing_steps(of, region),
        *limit_steps(of),
    )
    return Escape(of, growth, hypotheses, late, steps)
