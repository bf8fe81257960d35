"""Coincident components: the derivation, instances of the kernels, and evaluated gradients."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import numerics
from derive.algebra.index import atom
from derive.algebra.run_program import run
from derive.losses.gradients import hessian_integrand
from derive.losses.lowering import lower_objective
from derive.losses.objectives import FORWARD, OBJECTIVES
from derive.mixtures.coincident_groups import coincident_groups, merged


def test_the_derivation_verifies_and_its_false_variant_does_not() -> None:
    assert coincident_groups().verify()
    failed = coincident_groups(counted=False).verify().failed
    assert len(failed) == 7
    assert all("numerator" not in text for text in failed)


def test_a_member_has_its_share() -> None:
    steps = [
        f"the {name} gradient of a member is the group's times its share" for name in OBJECTIVES
    ]
    true, false = coincident_groups(), coincident_groups(counted=False)
    assert [step.verify() for step in true.steps if step.description in steps] == [True] * 3
    assert set(steps) <= set(false.verify().failed)


def test_a_sum_over_members_counts_them() -> None:
    square = (atom("psi", "j0") * atom("psi", "j0") * atom("v", "j0", "a0")).sum_over("j0")
    # k (s psi)^2 = s psi^2
    expected = atom("share", "j0") * atom("psi", "j0") * atom("psi", "j0") * atom("v", "j0", "a0")
    assert merged(square) == expected.sum_over("j0")
    with pytest.raises(ValueError, match="told apart"):
        merged(hessian_integrand(FORWARD))


@pytest.mark.parametrize("quantity", ["loss", "gradient"])
def test_kernels_at_a_point_in_exact_numbers(quantity: str) -> None:
    """Responsibilities 1/5, (3/5, 1/5) split over three coincident members each, n = 7."""
    shares, places = (Fraction(1, 5), Fraction(3, 5), Fraction(1, 5)), ((1, 2), (-3, 1), (2, 5))
    counts = (1, 3, 3)
    group_of = [J for J, count in enumerate(counts) for _ in range(count)]
    program = lower_objective(FORWARD, quantity)
    found = []
    for members, divided in ((range(3), False), (group_of, True)):
        inputs = {
            "psi": lambda k, m=members, d=divided: shares[m[k[0]]] / (counts[m[k[0]]] if d else 1),
            "v": lambda k, m=members: Fraction(places[m[k[0]]][k[1]]),
        }
        found.append(run(program, {"j": len(members), "a": 2}, inputs, Fraction(0)))
    groups, components = found
    if quantity == "loss":
        assert components[()] == groups[()]
        return
    for (j, a), value in components.items():
        J = group_of[j]
        assert value == groups[J, a] / counts[J]


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_evaluated_gradients(objective: str) -> None:
    near, far = [0.1, -0.05], [1.9, 1.2]
    weights = ["1/5", "1/5", "3/10", "3/10"]
    quantities = numerics.evaluate(
        objective, [near, near, far, far], weights=weights, quantity="gradient"
    )
    group = numerics.evaluate(objective, [near, far], weights=["2/5", "3/5"], quantity="gradient")
    expected = np.asarray(group.value)[[0, 0, 1, 1]] / 2
    assert np.asarray(quantities.value) == pytest.approx(expected, abs=1e-12)


def test_members_of_unequal_weight_part() -> None:
    """The hypothesis of equal weights is needed."""
    gradient = np.asarray(
        numerics.evaluate(
            "forward", [[3.0], [3.0]], weights=["9/20", "11/20"], quantity="gradient"
        ).value
    )
    assert abs(gradient[0, 0] - gradient[1, 0]) > 0.1
