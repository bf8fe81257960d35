"""Lemma E, Theorem U: they replay, and every planted error makes them fail."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from numerics.fates.escape_region import DRIFT, prove_escape_region
from proofs_check.proofs.lemma_e import lemma_e
from proofs_check.proofs.tactics.script import Script
from proofs_check.proofs.theorem_u import theorem_u
from proofs_check.verdict import Verdict
from tests.proofs_check.proofs.replays import replayed, replayed_changed

MORE, LESS = Fraction(101, 100), Fraction(99, 100)


@pytest.mark.parametrize(
    ("name", "scope", "cites"),
    [
        ("E", "n = 2, uniform weights, all d", ()),
        (
            "U",
            "n = 2, uniform weights, all d, all a > 0",
            ("mean value theorem (with differentiation under the integral, derive: slice-law)",),
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
PLANTED: dict[str, tuple[Callable[..., Script], dict[str, Any], str]] = {
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
    found = replayed_changed(builder(**change))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.failed[0].step.name == step


def test_weaker_constants_replay() -> None:
    """The failures above are not failures of any change."""
    assert replayed_changed(lemma_e(growth=Fraction(1, 200))).verdict is Verdict.PROVED
    weaker = theorem_u(least_ratio=Fraction(49, 100), root=("2", "29/10"))
    assert replayed_changed(weaker).verdict is Verdict.PROVED


@pytest.mark.parametrize(("near_weight", "far"), [("2/3", "3.1"), ("4/5", "4"), ("1/10", "6")])
def test_lemma_e_for_other_weights(near_weight: str, far: str) -> None:
    found = replayed_changed(lemma_e(near_weight=Fraction(near_weight), far=Fraction(far)))
    assert found.verdict is Verdict.PROVED
    assert found.proof.scope == f"n = 2, weight {near_weight} near the truth, all d"
