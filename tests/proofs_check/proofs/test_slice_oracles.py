"""Theorem U's oracles: what they state is true, and degenerate arguments are refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from derive.losses.objectives import FORWARD
from proofs_check.proofs import kernel
from proofs_check.proofs.escape_words import I_ as FIRST
from proofs_check.proofs.escape_words import K
from proofs_check.proofs.kernel import ProofError, Term
from proofs_check.proofs.kernel.oracles.gradients import kernel_objective
from proofs_check.proofs.kernel.oracles.slice_equation import Slice
from proofs_check.proofs.tactics.language import A, J, V, at_most, state, v
from proofs_check.proofs.tactics.script import replay
from proofs_check.proofs.tactics.semantics import Model
from proofs_check.proofs.theorem_u import theorem_u

W = state("W")
SLICE = Slice(V, FIRST, K)
SHOWN = replay(theorem_u())
_LOSS = kernel_objective(FORWARD)
KNOWN = {outcome.step.name: outcome.theorem for outcome in SHOWN.outcomes}


def _values(distance: float, dimension: int) -> dict[Term, Any]:
    direction = np.random.default_rng(dimension).normal(size=dimension)
    far = distance * direction / np.linalg.norm(direction)
    means = np.array([np.zeros(dimension), far])
    further = np.array([np.zeros(dimension), 1.3 * far])
    return {V: means, W: further, FIRST: 0, K: 1, A: dimension - 1, J: 1}


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("distance", [0.5, 1.7, 2.6])
def test_what_is_stated_holds_in_numbers(distance: float, dimension: int) -> None:
    model = Model(np.array([0.5, 0.5]), dimension, 60)
    values = _values(distance, dimension)
    gradient = [kernel.oracle("slice gradient", SLICE, j, A) for j in (FIRST, K)]
    for theorem in gradient:
        assert all(
            model.holds(h, values, lambda _: iter(()), 1e-9) for h in theorem.record.hypotheses
        )
        assert abs(model.gap(theorem.record.conclusion, values)) < 1e-5
    for name in ("r at V and W", "a r at V and W"):
        theorem = KNOWN[name]
        assert theorem is not None
        assert all(
            model.holds(h, values, lambda _: iter(()), 1e-9) for h in theorem.record.hypotheses
        )
        assert model.gap(theorem.record.conclusion, values) > 0
    # a dr/da as a difference
    change = 1e-3
    ratios = [
        model.value(SLICE.ratio, {**values, V: (1 + sign * change) * values[V]})
        for sign in (1, -1)
    ]  # fmt: skip
    slope = (ratios[0] - ratios[1]) / (2 * change)
    assert abs(slope - model.value(SLICE.change, values)) < 1e-4


def test_the_first_component_is_at_the_truth_and_weights_are_equal() -> None:
    """Without one of the hypotheses the statement is false."""
    theorem = kernel.oracle("slice gradient", SLICE, K, A)
    model = Model(np.array([0.5, 0.5]), 1, 60)
    moved = _values(1.5, 1)
    moved[V] = moved[V] + 0.3
    assert abs(model.gap(theorem.record.conclusion, moved)) > 1e-2
    uneven = Model(np.array([0.3, 0.7]), 1, 60)
    assert abs(uneven.gap(theorem.record.conclusion, _values(1.5, 1))) > 1e-2
    assert len(theorem.record.hypotheses) == 3


BAD: dict[str, tuple[Any, ...]] = {
    "another component": ("slice gradient", SLICE, J, A),
    "no coordinate": ("slice gradient", SLICE, K, K),
    "no slice": ("slice gradient", tuple(SLICE), K, A),
    "a state for a component": ("slice gradient", SLICE._replace(first=V), K, A),
    "a float": ("slice root", SLICE, "digits", 2.0, Fraction(3), 10),
    "text": ("slice root", SLICE, "digits", "2", "3", 10),
    "an empty range": ("slice root", SLICE, "digits", Fraction(3), Fraction(3), 10),
    "a range turned round": ("slice root", SLICE, "digits", Fraction(3), Fraction(2), 10),
    "a range with the truth": ("slice root", SLICE, "digits", Fraction(0), Fraction(3), 10),
    "a negative range": ("slice root", SLICE, "digits", Fraction(-3), Fraction(-2), 10),
    "a range without the root": ("slice root", SLICE, "digits", Fraction(2), Fraction(12, 5), 10),
    "too many digits": ("slice root", SLICE, "digits", Fraction(2), Fraction(3), 10**9),
    "no digits": ("slice root", SLICE, "digits", Fraction(2), Fraction(3), 0),
    "true digits": ("slice root", SLICE, "digits", Fraction(2), Fraction(3), True),
    "another statement": ("slice root", SLICE, "least", Fraction(2), Fraction(3), 10),
    "existence of a fixed state": (
        "slice root",
        SLICE._replace(state=Term("descended", (v(V, J, A), V), _LOSS)),
        "exists", Fraction(2), Fraction(3), 10,
    ),
}  # fmt: skip


@pytest.mark.parametrize("given", BAD.values(), ids=BAD)
def test_refused(given: tuple[Any, ...]) -> None:
    with pytest.raises(ProofError):
        kernel.oracle(*given)


def test_the_order_needs_the_sign_at_every_distance() -> None:
    rises, falls = KNOWN["rises"], KNOWN["falls"]
    assert rises is not None
    assert falls is not None

    def order(which: str, premise: kernel.Theorem, place: Slice = SLICE) -> kernel.Theorem:
        return kernel.oracle("slice order", place, W, which, premises=(premise,))

    assert order("rises", rises).record.tags
    assert order("falls", falls).record.tags
    assumed = kernel.assume(rises.record.conclusion)
    more = kernel.cut(kernel.assume(rises.record.conclusion), rises)
    bad = {"falls": [rises, assumed], "rises": [falls, assumed, more], "other": [rises]}
    for which, premises in bad.items():
        for premise in premises:
            with pytest.raises(ProofError):
                order(which, premise)
    with pytest.raises(ProofError):
        order("rises", kernel.substitute(rises, {V: W}))
    at_step = Slice(Term("descended", (v(W, J, A), W), _LOSS), FIRST, K)
    with pytest.raises(ProofError, match="no variable"):
        order("rises", kernel.substitute(rises, {V: at_step.state}), at_step)


def test_uniqueness_is_about_the_distance_only() -> None:
    found = SHOWN.theorems["one root"]
    assert found.record.conclusion.op == "equal"
    assert len(found.record.hypotheses) == 8
    assert SHOWN.theorems["existence"].record.conclusion == at_most(1, 0)
    assert {"equation", "converse 1", "converse 2"} <= set(SHOWN.theorems)
