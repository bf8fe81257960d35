"""Region E: the proof for groups replays for every region certificates use; planted errors fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy

from numerics.fates.escape_region import DRIFT, escape_radius, prove_escape_region
from proofs_check.checks.fates import CertifiedFates, ClaimedStart, RegionE, decide, missing_proof
from proofs_check.claim import Context
from proofs_check.proofs.catalogue import proof
from proofs_check.proofs.escape_core import EscapeConstants
from proofs_check.proofs.escape_cover import CoverSymbols, EscapeCover, EscapeRegion
from proofs_check.proofs.escape_rules import JointInduction, ReducedPlace, given_number
from proofs_check.proofs.group_rules import Group, MemberGradient
from proofs_check.proofs.proof import Hypothesis, Known, Proof, Situation, replay
from proofs_check.proofs.quantities import Glossary, Statement, at_most, equal, nonnegative
from proofs_check.proofs.region_e import region_e
from proofs_check.verdict import Verdict

MORE, LESS = Fraction(101, 100), Fraction(99, 100)
THIRD = Fraction(1, 3)
FOUND = prove_escape_region(THIRD, 2 * THIRD)


def test_the_proof_replays_and_says_what_it_rests_on() -> None:
    found = replay(proof("E-groups"))
    assert found.verdict is Verdict.PROVED
    assert not found.cites
    assert set(found.proof.conclusions) == set(found.rests_on)
    assert found.rests_on["coincident 2 for ever"] == (
        "coincident 1 at 0",
        "equal weights 1",
        "coincident 2 at 0",
        "equal weights 2",
    )
    assert {"near weight", "far weight", "largest eta"} <= set(found.rests_on["time below B"])


@pytest.mark.parametrize("near", ["2/3", "3/4", "4/5", "1/5", "9/10", "1/10", "1/100", "11/20"])
def test_other_weights_at_their_radius(near: str) -> None:
    weight = Fraction(near)
    far = escape_radius(weight, 1 - weight)
    assert far is not None
    assert replay(region_e(near_weight=weight, far=far)).verdict is Verdict.PROVED


def _without(number: int) -> dict[str, Any]:
    return {"boxes": FOUND.boxes[:number] + FOUND.boxes[number + 1 :]}


def _constants(**changes: Any) -> dict[str, Any]:
    return {"constants": replace(EscapeConstants(), **changes), "boxes": FOUND.boxes}


#: Each: changed arguments, step that must be the first to fail.
PLANTED: dict[str, tuple[dict[str, Any], str]] = {
    "a box left out": (_without(70), "outward"),
    "the box at infinity left out": (_without(0), "outward"),
    "sign of the log-odds in y": (_constants(odds_sign=-1), "y"),
    "log-odds of the exchanged weights": (_constants(stated_weight=2 * THIRD), "outward"),
    "growth 1% too good": (_constants(growth=FOUND.least_outward * MORE), "outward"),
    "drift 1% too small": (_constants(drift=DRIFT * LESS), "drift"),
    "without the part across the difference": (_constants(covariance_term=False), "v_2.grad_2 L"),
    "radius 2.7": ({"boxes": FOUND.boxes, "far": Fraction(27, 10)}, "outward"),
    "multiplicity dropped in the gradient": (
        {"counted": False, "boxes": FOUND.boxes},
        "gradient 1",
    ),
    "multiplicity dropped in the step": (
        {"shared_step": False, "boxes": FOUND.boxes},
        "coincident 1 next",
    ),
    "step 1% too large": ({"largest_step": MORE / 2, "boxes": FOUND.boxes}, "largest step"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_planted_error_fails(planted: str) -> None:
    changes, step = PLANTED[planted]
    found = replay(region_e(**changes))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.failed[0].step.name == step


def test_weaker_constants_replay() -> None:
    """The failures above are not failures of any change."""
    weaker = _constants(growth=FOUND.least_outward * LESS)
    assert replay(region_e(**weaker)).verdict is Verdict.PROVED
    assert replay(region_e(boxes=FOUND.boxes, largest_step=LESS / 2)).verdict is Verdict.PROVED


def _situation(
    conclusion: Statement, *premises: Statement, hypotheses: tuple[Hypothesis, ...] = ()
) -> Situation:
    known = {str(number): Known(statement) for number, statement in enumerate(premises)}
    return Situation(conclusion, known, {h.name: h for h in hypotheses}, Glossary())


def test_a_member_needs_all_groups_together_and_of_equal_weights() -> None:
    groups = tuple(Group(*sympy.symbols(f"k{i} s{i} x{i} X{i} g{i} G{i}")) for i in (1, 2))
    rule = MemberGradient(groups[0], groups)
    first, second = groups
    together = [equal(g.member, g.mean) for g in groups]
    alike = [equal(g.count * g.share, 1) for g in groups]
    conclusion = equal(first.pull, first.share * first.force)
    assert rule.verify(_situation(conclusion, *together, *alike)).holds
    for missing in range(4):
        given = [*together, *alike]
        del given[missing]
        assert not rule.verify(_situation(conclusion, *given)).holds
    # an inequality is not an equality, and the share is the group's own
    near = at_most(first.member, first.mean)
    assert not rule.verify(_situation(conclusion, near, together[1], *alike)).holds
    for wrong in (first.force, second.share * first.force, first.share * second.force):
        assert not rule.verify(_situation(equal(first.pull, wrong), *together, *alike)).holds


def test_the_cover_is_for_the_premises_weights() -> None:
    names = sympy.symbols("alpha eps G f q q+ pi_1 pi_2")
    words = CoverSymbols(*names)
    region = EscapeRegion(Fraction(1, 2))
    rule = EscapeCover("outward", Fraction(1, 100), words, region)
    near, least = sympy.Rational(3, 20), sympy.Rational(59, 20)
    sides = [
        nonnegative(words.eps),
        at_most(least * words.eps, 1),
        at_most(words.alpha, near),
        at_most(-words.alpha, near),
    ]
    half = [equal(pi, Fraction(1, 2)) for pi in (words.near_weight, words.far_weight)]
    assert rule.verify(_situation(rule.statement, *sides, *half)).holds
    assert not rule.verify(_situation(rule.statement, *sides)).holds
    assert not rule.verify(_situation(rule.statement, *sides[1:], *half)).holds
    third = [equal(words.near_weight, THIRD), equal(words.far_weight, 2 * THIRD)]
    assert not rule.verify(_situation(rule.statement, *sides, *third)).holds
    assert given_number(_situation(rule.statement, at_most(near, 1)), near) is None


def test_the_place_of_equal_responsibilities_is_derived() -> None:
    y, a, eps, alpha, odds = sympy.symbols("y a eps alpha l")
    rule = ReducedPlace(y, a, eps, alpha, odds)
    inverse = equal(eps * a, 1)
    assert rule.verify(_situation(equal(y, a / 2 + alpha - odds * eps), inverse)).holds
    assert not rule.verify(_situation(equal(y, a / 2 + alpha - odds * eps))).holds
    for wrong in (a / 2 + alpha + odds * eps, a / 2 - alpha - odds * eps, a + alpha - odds * eps):
        assert not rule.verify(_situation(equal(y, wrong), inverse)).holds


@pytest.mark.parametrize(
    ("claim", "conclusion", "holds"),
    [(equal, equal, True), (at_most, at_most, True), (at_most, equal, False)],
)
def test_induction_keeps_the_relation(
    claim: Callable[[Any, Any], Statement], conclusion: Callable[[Any, Any], Statement], holds: bool
) -> None:
    x, start, after = sympy.symbols("x x0 x1")
    hypothesis = Hypothesis("claim", claim(x, 1), "", temporary=True)
    rule = JointInduction(("claim",), ("0",), ("1",), {x: start}, {x: after})
    premises = (claim(start, 1), claim(after, 1))
    found = rule.verify(_situation(conclusion(x, 1), *premises, hypotheses=(hypothesis,)))
    assert found.holds is holds


THREE = ClaimedStart(
    "two coincide far away",
    (("0",), ("7/2",), ("7/2",)),
    "1/10",
    ("converged", "escaped", "escaped"),
)


def test_certified_fates_replay_the_proof_for_their_own_weights() -> None:
    found = decide(THREE)
    assert not isinstance(found, str)
    assert found.theorem == "Region E"
    assert found.region is not None
    assert (found.region.near_weight, found.region.far) == (THIRD, Fraction(31, 10))
    assert missing_proof(found.region) == ""
    result = CertifiedFates("fates", lambda: (THREE,)).run(Context())
    assert result.verdict is Verdict.PROVED
    other = replace(THREE, fates=("converged",) * 3)
    assert CertifiedFates("fates", lambda: (other,)).run(Context()).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"boxes": FOUND.boxes[1:]}, "'outward'"),
        ({"near_weight": 2 * THIRD}, "two groups"),
        ({"near": Fraction(1, 5)}, "3/20"),
        ({"far": Fraction(27, 10)}, "'outward'"),
    ],
)
def test_a_region_that_the_proof_does_not_hold(changes: dict[str, Any], reason: str) -> None:
    region = RegionE(THIRD, 2 * THIRD, Fraction(3, 20), Fraction(31, 10), FOUND.boxes)
    assert reason in missing_proof(replace(region, **changes))


def test_a_theorem_without_a_proof_object_is_missing() -> None:
    assert missing_proof("Lemma E") == ""
    assert missing_proof("Region E") == "not in the catalogue"


def test_fates_without_the_proof_are_only_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(**arguments: Any) -> Proof:
        return region_e(**arguments, counted=False)

    monkeypatch.setattr("proofs_check.proofs.region_e.region_e", wrong)
    missing_proof.cache_clear()
    try:
        result = CertifiedFates("fates", lambda: (THREE,)).run(Context())
        other = replace(THREE, fates=("converged",) * 3)
        refuted = CertifiedFates("fates", lambda: (other,)).run(Context())
    finally:
        missing_proof.cache_clear()
    assert result.verdict is Verdict.SUPPORTED
    assert refuted.verdict is Verdict.INCONCLUSIVE
    assert "weights 1/3, 2/3 and radius 31/10" in " ".join(result.notes)
    assert "'gradient 1'" in " ".join(result.notes)
