"""Region E: the proof for groups replays for every region certificates use; planted errors fail."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from numerics.fates.escape_region import DRIFT, escape_radius, prove_escape_region
from proofs_check.checks.fates import CertifiedFates, ClaimedStart, RegionE, decide, missing_proof
from proofs_check.claim import Context
from proofs_check.proofs.escape_words import EscapeConstants
from proofs_check.proofs.region_e import region_e
from proofs_check.proofs.tactics.script import Script
from proofs_check.verdict import Verdict
from tests.proofs_check.proofs.replays import replayed, replayed_changed

MORE, LESS = Fraction(101, 100), Fraction(99, 100)
THIRD = Fraction(1, 3)
NAMES = ("E-groups",)
FOUND = prove_escape_region(THIRD, 2 * THIRD)


def test_the_proof_replays_and_says_what_it_rests_on() -> None:
    found = replayed("E-groups")
    assert found.verdict is Verdict.PROVED
    assert not found.cites
    assert set(found.proof.conclusions) == set(found.rests_on)
    assert found.rests_on["coincident for ever"] == ("coincident at 0", "equal weights")
    assert {"near weight", "log odds", "largest eta"} <= set(found.rests_on["time below B"])
    kinds = {tag.split(":")[0] for tag in found.tags}
    assert kinds == {"cover", "derive"}
    assert found.instance().startswith("all hold for n = ")


@pytest.mark.parametrize("near", ["2/3", "1/5", "9/10", "1/100", "11/20"])
def test_other_weights_at_their_radius(near: str) -> None:
    weight = Fraction(near)
    far = escape_radius(weight, 1 - weight)
    assert far is not None
    assert replayed_changed(region_e(near_weight=weight, far=far)).verdict is Verdict.PROVED


def _without(number: int) -> dict[str, Any]:
    return {"boxes": FOUND.boxes[:number] + FOUND.boxes[number + 1 :]}


def _constants(**changes: Any) -> dict[str, Any]:
    return {"constants": replace(EscapeConstants(), **changes), "boxes": FOUND.boxes}


#: Each: changed arguments, step that must be the first to fail.
PLANTED: dict[str, tuple[dict[str, Any], str]] = {
    "a box left out": (_without(70), "outward"),
    "the box at infinity left out": (_without(0), "outward"),
    "sign of the log-odds in y": (_constants(odds_sign=-1), "y"),
    "weights exchanged": (_constants(stated_weight=2 * THIRD), "number 1"),
    "growth 1% too good": (_constants(growth=FOUND.least_outward * MORE), "outward"),
    "drift 1% too small": (_constants(drift=DRIFT * LESS), "drift"),
    "without the part across the difference": (_constants(covariance_term=False), "v_2.grad_2 L"),
    "radius 2.7": ({"boxes": FOUND.boxes, "far": Fraction(27, 10)}, "outward"),
    "multiplicity dropped in the gradient": ({"counted": False, "boxes": FOUND.boxes}, "member 1"),
    "multiplicity dropped in the step": (
        {"shared_step": False, "boxes": FOUND.boxes},
        "step size",
    ),
    "step 1% too large": ({"largest_step": MORE / 2, "boxes": FOUND.boxes}, "largest step"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_planted_error_fails(planted: str) -> None:
    changes, step = PLANTED[planted]
    found = replayed_changed(region_e(**changes))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.failed[0].step.name == step


def test_weaker_constants_replay() -> None:
    """The failures above are not failures of any change."""
    weaker = _constants(growth=FOUND.least_outward * LESS)
    assert replayed_changed(region_e(**weaker)).verdict is Verdict.PROVED
    assert (
        replayed_changed(region_e(boxes=FOUND.boxes, largest_step=LESS / 2)).verdict
        is Verdict.PROVED
    )


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
    def wrong(**arguments: Any) -> Script:
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
    assert "'member 1'" in " ".join(result.notes)
