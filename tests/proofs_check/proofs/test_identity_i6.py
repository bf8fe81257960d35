"""Identity I6 replays, holds in numbers, and fails with any coefficient changed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.identities.by_name import named
from derive.identities.distances import bracket
from proofs_check.proofs.identity_i6 import i6
from proofs_check.proofs.tactics.printing import statements
from proofs_check.proofs.tactics.vacuity import instance
from proofs_check.verdict import Verdict
from tests.proofs_check.proofs.replays import replayed, replayed_changed


def test_i6_is_proved_for_every_component_and_state():
    found = replayed("I6")
    assert found.verdict is Verdict.PROVED
    assert found.tags == ("derive: gradient of forward",)
    (shown,) = statements(found)
    assert "E_q[psi_j(V,x) (x_a - v_ja(V)) B_j]" in shown


@pytest.mark.parametrize("name", bracket())
@pytest.mark.parametrize("factor", [Fraction(101, 100), Fraction(0), Fraction(-1)])
def test_i6_fails_with_a_term_changed_dropped_or_of_the_wrong_sign(name, factor):
    value, _ = bracket()[name]
    found = replayed_changed(i6((name, value * factor)))
    assert [outcome.step.name for outcome in found.failed] == ["I6"]


def test_i6_holds_in_numbers():
    theorem = replayed_changed(i6()).theorems["I6"]
    for seed in range(3):
        found = instance(
            theorem.record.hypotheses, others=theorem.record.conclusion.free, tries=50, seed=seed
        )
        assert found is not None
        assert found.model.holds(
            theorem.record.conclusion, found.values, lambda sort: iter(()), 2e-5
        )


def test_a_false_variant_has_an_exact_witness():
    from proofs_check.checks import IdentityCheck
    from proofs_check.claim import Context

    assert named("I6").holds()
    found = IdentityCheck("I6", ("constant", Fraction(-21, 10))).run(Context())
    assert found.verdict is Verdict.REFUTED
