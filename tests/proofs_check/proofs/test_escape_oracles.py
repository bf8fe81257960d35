"""Lemma E's oracles: what they state is true, and degenerate arguments are refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from numerics.fates.escape_region import prove_escape_region
from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import ProofError, Term
from proofs_check.proofs.kernel.oracles.escape_region import Pair
from proofs_check.proofs.kernel.terms import Sort
from proofs_check.proofs.tactics.language import (
    A,
    J,
    K,
    V,
    component,
    coordinate,
    delta,
    entry,
    nonnegative,
    number,
    psi,
    real,
    state,
    v,
)
from proofs_check.proofs.tactics.semantics import Model

HALF, FAR = Fraction(1, 2), Fraction(31, 10)
FIRST, AXIS, ODDS = component("1"), coordinate("b"), real("l")
PAIR = Pair(V, FIRST, K, J, delta(J, FIRST), delta(J, K), AXIS, number(0))
#: Three components, the last two in one group.
TRIPLE = PAIR._replace(far_members=1 - delta(J, FIRST), log_odds=ODDS)
BOXES = prove_escape_region().boxes


def ask(**changes: Any) -> kernel.Theorem:
    given = {
        "pair": PAIR, "which": "outward", "value": Fraction(1, 100), "near_weight": HALF,
        "far": FAR, "boxes": None,
    } | changes  # fmt: skip
    return kernel.oracle("escape region", *given.values())


REFUSED: dict[str, dict[str, Any]] = {
    "a float": {"value": 0.01},
    "a truth value": {"value": True},
    "a bound that is missed": {"value": Fraction(2, 100)},
    "a drift that is missed": {"which": "drift", "value": Fraction(29, 100)},
    "a negative drift": {"which": "drift", "value": Fraction(-1)},
    "an unknown bound": {"which": "inward"},
    "a weight of zero": {"near_weight": Fraction(0)},
    "a weight of one": {"near_weight": Fraction(1)},
    "a weight beyond one": {"near_weight": Fraction(3, 2)},
    "a negative weight": {"near_weight": Fraction(-1, 2)},
    "a far radius that is near": {"far": Fraction(3, 20)},
    "a negative radius": {"far": -FAR},
    "a far radius that is too small": {"far": Fraction(26, 10)},
    "no boxes": {"boxes": ()},
    "boxes with a gap": {"boxes": BOXES[1:]},
    "boxes that count twice": {"boxes": (*BOXES, BOXES[0])},
    "boxes of other signs": {"boxes": ("0", "2")},
    "a list of boxes": {"boxes": list(BOXES)},
    "no groups": {"pair": tuple(PAIR)},
    "a member for a place": {"pair": PAIR._replace(near=J)},
    "a state that depends on the member": {
        "pair": PAIR._replace(state=Term("descended", (v(V, J, A), V), PAIR.loss))
    },
    "odds that depend on the member": {"pair": PAIR._replace(log_odds=v(V, J, A))},
    "a coordinate for a component": {"pair": PAIR._replace(near=A)},
    "a fixed index": {"pair": PAIR._replace(member=Term("bound", (), (0, Sort.COMPONENT)))},
    "a loose variable": {
        "pair": PAIR._replace(log_odds=v(V, FIRST, Term("dummy", (), (0, Sort.COORDINATE))))
    },
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        ask(**changes)


def test_weaker_bounds_are_shown_with_a_tag() -> None:
    found = ask(value=Fraction(-1), boxes=BOXES)
    assert found.record.tags == {
        f"cover: {len(BOXES)} boxes, |v_1| <= 3/20, |v_2| >= 31/10, weight 1/2 "
        "(reduction: derive escape-integrals, coincident-groups)"
    }
    assert len(found.record.hypotheses) == 7


def test_the_groups_may_depend_on_other_variables_without_capture() -> None:
    """Coordinates of the arguments stay free."""
    members = delta(J, FIRST) * entry(Term("free", (), ("x", Sort.POINT)), A)
    found = ask(pair=PAIR._replace(near_members=members))
    assert A in found.record.conclusion.free


def _values(means: np.ndarray[Any, Any], odds: float) -> dict[Term, Any]:
    return {V: means, FIRST: 0, K: len(means) - 1, AXIS: 0, ODDS: odds, A: means.shape[1] - 1}


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("pair", [PAIR, TRIPLE], ids=["two", "three"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_stated_holds_in_numbers(pair: Pair, dimension: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    weight = HALF if pair is PAIR else Fraction(1, 3)
    odds = float(np.log(float((1 - weight) / weight)))
    count = 2 if pair is PAIR else 3
    direction, side = random.normal(size=(2, dimension))
    near = 0.15 * random.uniform() * side / np.linalg.norm(side)
    far = (3.1 + random.exponential(0.5)) * direction / np.linalg.norm(direction)
    means = np.array([near, *[far] * (count - 1)])
    weights = np.array([float(weight), *[float(1 - weight) / (count - 1)] * (count - 1)])
    model = Model(weights, dimension, 60)
    values = _values(means, odds)
    bounds = {"outward": Fraction(1, 200), "drift": Fraction(3, 10), "pull": HALF}
    found = [ask(pair=pair, which=w, value=b, near_weight=weight) for w, b in bounds.items()]
    gradients = [kernel.oracle("escape gradient", pair, which, A) for which in ("far", "both")]
    for theorem in (*found, *gradients):
        for hypothesis in theorem.record.hypotheses:
            assert model.holds(hypothesis, values, lambda _: iter(()), 1e-9)
    for theorem in found:
        assert model.gap(theorem.record.conclusion, values) > -1e-9
    for theorem in gradients:
        assert abs(model.gap(theorem.record.conclusion, values)) < 1e-5


def test_the_gradient_needs_distinct_places() -> None:
    found = kernel.oracle("escape gradient", PAIR, "far", A)
    assert any(h.op == "below" for h in found.record.hypotheses)
    for bad in ((PAIR, "near", A), (PAIR, "far", J), (tuple(PAIR), "far", A)):
        with pytest.raises(ProofError):
            kernel.oracle("escape gradient", *bad)


@pytest.mark.parametrize("at", [Fraction(0), Fraction(7, 10), Fraction(-3), Fraction(1, 10**9), 30])
def test_exponentials_are_told_from_numbers(at: Fraction) -> None:
    value = Fraction(float(np.exp(float(at))))
    for bound in (value * Fraction(999, 1000), value * Fraction(1001, 1000)):
        left, right = kernel.oracle("exponential", at, bound).record.conclusion.args
        assert (left == number(bound)) is (bound < value)
        assert number(bound) in (left, right)


def test_exponentials_that_are_not_decided() -> None:
    assert kernel.oracle("exponential", 0, 1).record.tags == {"cover: 1 <= exp(0)"}
    with pytest.raises(ProofError, match="beyond"):
        kernel.oracle("exponential", Fraction(10**30), 1)
    with pytest.raises(ProofError, match="exact"):
        kernel.oracle("exponential", 0.5, 1)
    with pytest.raises(ProofError, match="exact"):
        kernel.oracle("exponential", 1, psi(V, J))
    with pytest.raises(ProofError):
        kernel.oracle("exponential", state("W"), nonnegative(1))
