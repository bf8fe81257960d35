"""Where a stationary point of two components can be: on a line, in a compact part."""

from __future__ import annotations

from numerics.stationary.pair_classification import NEAR_GAP
from proofs_check.proofs.cluster_tactics import Absurd, Row, shown
from proofs_check.proofs.escape_words import I_
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.pair_regions import ALPHA, EPS, LENGTH, PairRegion
from proofs_check.proofs.pair_score import GAP, OF, RUN, Crossing, W
from proofs_check.proofs.tactics.bounds import Asked, Contracted
from proofs_check.proofs.tactics.language import (
    A,
    J,
    Operand,
    V,
    at_most,
    below,
    equal,
    exponential,
    nonnegative,
    pi,
    term,
    total,
    v,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    Cases,
    Combination,
    Derived,
    Discharge,
    Specialise,
)

#: What the oracles know of the groups and of their weights.
KNOWN = ("two components", "place", "log odds of groups", "odds low", "odds high")
#: What they know of a stationary point in the compact part.
LOCATED = ("F", "Q", "|w|^2 from below", "|w|^2 from above", "c >= 0", "c from above")


def line_steps(at: Crossing) -> tuple[Step, ...]:
    """``F = 0``, ``Q = -2 alpha``, and ``v_1`` is a multiple of w."""
    pair, first = at.pair, v(V, I_, A)
    outward, pull = OF.outward(V), OF.pull(V)
    both = pair.gradient("near", A) + pair.gradient("far", A)
    weights = (total(members * pi(J), J) for members in (pair.near_members, pair.far_members))
    near, far = weights
    return (
        Step("log odds of groups", "each has one member",
             equal(exponential(at.odds) * near, far), Derived(), ("log odds",)),
        Step("no first gradient", "stationary", equal(RUN.gradient(V, I_, A), 0),
             Specialise((I_, A)), ("stationary",)),
        Step("no gradients", "of either", equal(both, 0), Combination(),
             ("no first gradient", "no second gradient")),
        Step("F", "w.grad_2/a", equal(outward, 0), Contracted("no second gradient", EPS * W, (A,)),
             ("no second gradient",)),
        Step("Q", "w.(grad_1 + grad_2 - 2 v_1)/a", equal(pull, -2 * ALPHA),
             Contracted("no gradients", EPS * W, (A,)), ("no gradients",)),
        Step("grad_1 + grad_2", "x drops out", equal(both, 2 * first + EPS * pull * W),
             Asked("escape gradient", (pair, "both", A), "symbolic identity"),
             ("two components", "place", "apart")),
        Step("line", "v_1 is along w", equal(first, EPS * ALPHA * W), Combination(),
             ("grad_1 + grad_2", "no gradients", "Q")),
    )  # fmt: skip


def case_steps(at: Crossing, region: PairRegion) -> tuple[Step, ...]:
    """``|w|^2 > 2``, ``a <= gap``, ``c <= up``: elsewhere it would move."""
    return (
        *_apart_steps(region),
        *_cone_steps(at, region),
        *_short_steps(at, region),
        *_low_steps(at, region),
        shown("|w|^2 from below", "the searched region", at_most(NEAR_GAP**2, GAP),
              (1, ("distinct",)), (region.least - NEAR_GAP**2, ())),
        shown("|w|^2 from above", "the searched region", at_most(GAP, region.gap**2),
              (1, ("a from above", "a from above")), (2, ("a from above", "a >= 0")),
              using=("a^2",)),
    )  # fmt: skip


def _both(
    name: str, goal: Term, left: Term, right: Operand, first: str, second: str
) -> tuple[Step, ...]:
    cases = Cases(left, term(right), first, second)
    return (Step(name, "in both cases", goal, cases, (first, second)),)


def _everywhere(name: str, goal: Term, left: Term, right: Operand, cases: str) -> tuple[Step, ...]:
    """Both cases, and the means are not close."""
    near = f"{name} if not close"
    return (
        *_both(near, goal, left, right, f"{cases} 1", f"{cases} 2"),
        Step(name, "they are not", goal, Discharge(near, ("distinct",)), (near, "distinct")),
    )


def _apart_steps(region: PairRegion) -> tuple[Step, ...]:
    goal = below(region.least, GAP)
    return (
        shown("distinct 1", "excluded", goal, (1, ("apart",)), (region.least, ("not so close",))),
        shown("distinct 2", "the other case", goal, (1, ("not close",))),
        *_both("distinct", goal, GAP, region.least, "distinct 1", "distinct 2"),
    )


def _cone_steps(at: Crossing, region: PairRegion) -> tuple[Step, ...]:
    """Not stationary in the cone beyond the compact part."""
    gap, low, high, outward = region.gap, region.right_slope, region.up_slope, OF.outward(V)
    return (
        shown("|w|^2 beyond", "a is at least gap", at_most(gap**2, GAP), (1, ("long", "long")),
              (2 * gap, ("long",)), using=("a^2",)),
        shown("c beyond", "not flat", at_most(low * LENGTH, at.middle), (1, ("not flat",))),
        Step("F < 0", "a cover of balls", below(outward, 0),
             Asked("pair cone", (at.pair, region.odds, gap, low, high)),
             (*KNOWN, "|w|^2 beyond", "c beyond", "in the cone")),
        Step("F >= 0", "stationary", nonnegative(outward), Combination(), ("F",)),
        Step("not in the cone", "it would move", at_most(1, 0), Absurd("F < 0", "F >= 0"),
             ("F < 0", "F >= 0")),
    )  # fmt: skip


def _steep(
    name: str, at: Crossing, region: PairRegion, up: tuple[Row, ...], steep: tuple[Row, ...]
) -> tuple[Step, ...]:
    """Absurd, where ``c >= up`` and ``c >= up_slope a``."""
    parts = f"{name}: up", f"{name}: steep"
    return (
        shown(parts[0], "a case", at_most(region.up, at.middle), *up),
        shown(parts[1], "a case", at_most(region.up_slope * LENGTH, at.middle), *steep),
        Step(name, "it would move", at_most(1, 0), Discharge("not so steep", parts),
             ("not so steep", *parts)),
    )  # fmt: skip


def _short_steps(at: Crossing, region: PairRegion) -> tuple[Step, ...]:
    """``a <= gap``."""
    up, slope, gap = region.up, region.up_slope, region.gap
    goal = at_most(LENGTH, gap)

    def excluded(name: str, absurd: str) -> Step:
        return shown(name, "excluded", goal, (1, (absurd, "a >= 0")), (gap, ()))

    return (
        *_steep("beyond the cone: absurd", at, region,
                ((1, ("beyond the cone",)), (slope, ("long",)), (slope * gap - up, ())),
                ((1, ("beyond the cone",)),)),
        excluded("not flat 1", "not in the cone"),
        excluded("not flat 2", "beyond the cone: absurd"),
        excluded("beyond 1", "not so flat"),
        *_both("beyond 2", goal, at.middle, slope * LENGTH, "not flat 1", "not flat 2"),
        shown("short 1", "the case", goal, (1, ("short",))),
        *_both("short 2", goal, at.middle, region.right_slope * LENGTH, "beyond 1", "beyond 2"),
        *_everywhere("a from above", goal, LENGTH, gap, "short"),
    )  # fmt: skip


def _low_steps(at: Crossing, region: PairRegion) -> tuple[Step, ...]:
    """``c <= up``."""
    up, slope, gap, goal = region.up, region.up_slope, region.gap, at_most(at.middle, region.up)
    return (
        *_steep("high: absurd", at, region, ((1, ("high",)),),
                ((1, ("high",)), (slope, ("a from above",)), (up - slope * gap, ()))),
        shown("low 1", "the case", goal, (1, ("low",))),
        shown("low 2", "excluded", goal, (1, ("high: absurd", "c >= 0")), (up, ())),
        *_everywhere("c from above", goal, at.middle, up, "low"),
    )  # fmt: skip
