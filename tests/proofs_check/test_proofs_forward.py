"""Lemma E, Theorem U: they replay, and every planted error makes them fail."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import pytest
import sympy

from numerics.escape_region import DRIFT, prove_escape_region
from proofs_check.proofs.catalogue import proof
from proofs_check.proofs.escape_rules import (
    GaussianFloor,
    JointInduction,
    LogOddsBound,
    SquareRoot,
)
from proofs_check.proofs.kernel import ProofError
from proofs_check.proofs.law_rules import ByParts, Chebyshev, MeanSign
from proofs_check.proofs.lemma_e import lemma_e
from proofs_check.proofs.proof import Hypothesis, Known, Proof, Replay, Situation, replay
from proofs_check.proofs.quantities import Glossary, Statement, at_most, equal, nonnegative
from proofs_check.proofs.theorem_u import theorem_u
from proofs_check.verdict import Verdict

MORE, LESS = Fraction(101, 100), Fraction(99, 100)


@lru_cache(maxsize=8)
def replayed(name: str) -> Replay:
    return replay(proof(name))


@pytest.mark.parametrize(
    ("name", "scope", "cites"),
    [
        ("E", "n = 2, uniform weights, all d", ()),
        (
            "U",
            "n = 2, uniform weights, all d, all a > 0",
            ("Chebyshev's covariance inequality",),
        ),
    ],
)
def test_proof_replays(name: str, scope: str, cites: tuple[str, ...]) -> None:
    found = replayed(name)
    assert not found.failed
    assert not found.gaps
    assert found.verdict is Verdict.PROVED
    assert not found.open_steps
    assert found.proof.scope == scope
    assert found.cites == cites


def _without(boxes: tuple[str, ...], number: int) -> tuple[str, ...]:
    return boxes[:number] + boxes[number + 1 :]


#: Each: builder, changed argument, step that must be the first to fail.
PLANTED: dict[str, tuple[Callable[..., Proof], dict[str, Any], str]] = {
    "E: a box left out": (
        lemma_e, {"boxes": _without(prove_escape_region().boxes, 70)}, "outward"),
    "E: the box at infinity left out": (
        lemma_e, {"boxes": _without(prove_escape_region().boxes, 0)}, "outward"),
    "E: drift 1% too small": (lemma_e, {"drift": DRIFT * LESS}, "drift"),
    "E: growth 1% above what the cover finds": (lemma_e, {"growth": Fraction(11, 1000)}, "outward"),
    "E: far radius 2.8": (
        lemma_e, {"far": Fraction(14, 5), "growth": Fraction(1, 1000)}, "outward"),
    "E: step 1% too large": (
        lemma_e, {"largest_step": MORE / 2}, "1 - 2 eta >= 0"),
    "E: without the part across the difference": (
        lemma_e, {"covariance_term": False}, "v_2.grad_2 L"),
    "U: a r'/r 1% too slow": (theorem_u, {"slowest": LESS}, "r falls slowly"),
    "U: least r 1% too large": (theorem_u, {"least_ratio": MORE / 2}, "r from below"),
    "U: by parts without the Gaussian": (
        theorem_u, {"gaussian_term": False}, "parts with s"),
    "U: root 1% further out": (theorem_u, {"root": ("2.48", "2.83")}, "digits"),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_planted_error_fails(planted: str) -> None:
    builder, change, step = PLANTED[planted]
    found = replay(builder(**change))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.failed[0].step.name == step


def test_weaker_constants_replay() -> None:
    """The failures above are not failures of any change."""
    assert replay(lemma_e(growth=Fraction(1, 200))).verdict is Verdict.PROVED
    assert replay(theorem_u(least_ratio=Fraction(49, 100))).verdict is Verdict.PROVED


@pytest.mark.parametrize(("near_weight", "far"), [("2/3", "3.1"), ("4/5", "4"), ("1/10", "6")])
def test_lemma_e_for_other_weights(near_weight: str, far: str) -> None:
    found = replay(lemma_e(near_weight=Fraction(near_weight), far=Fraction(far)))
    assert found.verdict is Verdict.PROVED
    assert found.proof.scope == f"n = 2, weight {near_weight} near the truth, all d"


def test_log_odds_are_bounded_in_balls() -> None:
    log_odds, near, far = sympy.symbols("l pi_1 pi_2")
    rule = LogOddsBound(log_odds, near, far)
    weights = {"near": equal(near, Fraction(1, 4)), "far": equal(far, Fraction(3, 4))}
    assert rule.verify(_situation(at_most(log_odds, Fraction(11, 10)), weights)).holds
    assert not rule.verify(_situation(at_most(log_odds, Fraction(109, 100)), weights)).holds
    assert rule.verify(_situation(at_most(-log_odds, 0), weights)).holds
    assert not rule.verify(_situation(at_most(2 * log_odds, 3), weights)).holds
    assert not rule.verify(_situation(at_most(log_odds, 2), {"near": weights["near"]})).holds


def _situation(
    conclusion: Statement | None,
    premises: dict[str, Statement],
    hypotheses: tuple[Hypothesis, ...] = (),
    rests_on: dict[str, set[str]] | None = None,
    words: Glossary | None = None,
) -> Situation:
    known = {
        name: Known(statement, frozenset((rests_on or {}).get(name, ())))
        for name, statement in premises.items()
    }
    return Situation(conclusion, known, {h.name: h for h in hypotheses}, words or Glossary())


X, Y, P, K = sympy.symbols("x y P kappa")


def test_square_root_needs_a_nonnegative_right_side() -> None:
    rule = SquareRoot("squares", "sign")
    squares = at_most(X**2, Y**2)
    good = {"squares": squares, "sign": nonnegative(Y)}
    assert rule.verify(_situation(at_most(X, Y), good)).holds
    assert rule.verify(_situation(at_most(-X, Y), good)).holds
    wrong = {"squares": squares, "sign": nonnegative(X)}
    assert not rule.verify(_situation(at_most(X, Y), wrong)).holds


def test_joint_induction_refuses_moving_hypotheses() -> None:
    after, start, side = sympy.symbols("x1 x0 s")
    claim = Hypothesis("claim", at_most(X, 1), "", temporary=True)
    moving = Hypothesis("moving", at_most(X + side, 3), "")
    fixed = Hypothesis("fixed", at_most(side, 3), "")
    premises = {"start": at_most(start, 1), "next": at_most(after, 1)}

    def verdict(used: str, throughout: tuple[str, ...] = ()) -> bool:
        rule = JointInduction(("claim",), ("start",), ("next",), {X: start}, {X: after}, throughout)
        rests_on = {"next": {"claim", used}}
        hypotheses = (claim, moving, fixed)
        return rule.verify(_situation(at_most(X, 1), premises, hypotheses, rests_on)).holds

    assert verdict("fixed")
    assert not verdict("moving")
    assert verdict("moving", ("moving",))


def _slice_situation(conclusion: Statement) -> Situation:
    return _situation(conclusion, {}, words=theorem_u().glossary)


def test_chebyshev_needs_opposite_monotone_functions() -> None:
    u, r, q, t, z = sympy.symbols("u r q t z")
    means = {r: "r", q: "q", t: "t", z: "z"}
    rule = Chebyshev(z, q, r, means, u)
    assert rule.verify(_slice_situation(at_most(z, q * r))).holds
    assert not rule.verify(_slice_situation(at_most(q * r, z))).holds
    # s^2 and s tanh s rise together, and z is not the mean of their product
    together = Chebyshev(z, q, t, means, u)
    assert not together.verify(_slice_situation(at_most(z, q * t))).holds


def test_signs_and_parts_of_means() -> None:
    from derive.slice_law import S

    u, r, q, t, z = sympy.symbols("u r q t z")
    means = {r: "r", q: "q", t: "t", z: "z"}
    sign = MeanSign(means, u)
    assert sign.verify(_slice_situation(at_most(r, 1))).holds
    assert not sign.verify(_slice_situation(at_most(r, Fraction(99, 100)))).holds
    parts = ByParts(S, means, u)
    assert parts.verify(_slice_situation(equal(1, t + u * q))).holds
    assert not parts.verify(_slice_situation(equal(1, t + Fraction(101, 100) * u * q))).holds


def test_a_rule_gives_a_symbol_no_other_meaning() -> None:
    u, r = sympy.symbols("u r")
    with pytest.raises(ProofError, match="r means mean of sech"):
        MeanSign({r: "q"}, u).verify(_slice_situation(nonnegative(r)))


def test_gaussian_floor_needs_its_range() -> None:
    floor, size, a, place, bound = sympy.symbols("g G a y B")
    rule = GaussianFloor(floor, size, a, place, bound, Fraction(59, 20))
    premises = {
        "a": at_most(Fraction(59, 20), a),
        "low": at_most(-place, bound),
        "high": at_most(place, bound),
    }
    conclusion = at_most(floor, a * size)
    assert rule.verify(_situation(conclusion, premises)).holds
    del premises["low"]
    assert not rule.verify(_situation(conclusion, premises)).holds
    negative = GaussianFloor(floor, size, a, place, bound, Fraction(-1))
    below = {"a": at_most(-1, a), "low": at_most(-place, bound), "high": at_most(place, bound)}
    assert not negative.verify(_situation(conclusion, below)).holds
