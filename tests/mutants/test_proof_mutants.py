"""Errors planted in oracles, scripts and checks of proofs must turn the tests red."""

from __future__ import annotations

import pytest

from tests.mutants.forked import surviving
from tests.mutants.harness import Mutant

PROOFS = "tests/proofs_check/proofs/test_proofs.py"
REGION = "tests/proofs_check/proofs/test_proofs_region.py"
ESCAPE = "tests/proofs_check/proofs/test_escape_oracles.py"
SLICE = "tests/proofs_check/proofs/test_slice_oracles.py"

MUTANTS = [
    Mutant(
        "a bound of the cover that is not compared",
        "proofs_check/proofs/kernel/oracles/escape_region.py",
        "if margins[which] < 0:",
        "if False:",
        (f"{ESCAPE}::test_refused[a bound that is missed]",),
    ),
    Mutant(
        "a cover with a gap",
        "proofs_check/proofs/kernel/oracles/escape_region.py",
        "if not tile(boxes):",
        "if False:",
        (f"{ESCAPE}::test_refused[boxes with a gap]",),
    ),
    Mutant(
        "boxes of other signs",
        "numerics/fates/escape_region.py",
        'if any(set(path) - {"0", "1"} for path in ordered):',
        "if False:",
        (f"{ESCAPE}::test_refused[boxes of other signs]",),
    ),
    Mutant(
        "a cover for any weights",
        "proofs_check/proofs/kernel/oracles/escape_region.py",
        'Term("equal", (odds, number(1 - near_weight))),',
        'Term("equal", (odds, number(near_weight))),',
        (f"{ESCAPE}::test_what_is_stated_holds_in_numbers",),
    ),
    Mutant(
        "the gradient of coincident places",
        "proofs_check/proofs/kernel/oracles/escape_region.py",
        "(*pair.groups(), distinct)",
        "pair.groups()",
        (f"{ESCAPE}::test_the_gradient_needs_distinct_places",),
    ),
    Mutant(
        "a derivative's sign that is only assumed",
        "proofs_check/proofs/kernel/oracles/slice_equation.py",
        "if not premises[0].hypotheses <= {*place.hypotheses(), apart}:",
        "if False:",
        (f"{SLICE}::test_the_order_needs_the_sign_at_every_distance",),
    ),
    Mutant(
        "a slice of unequal weights",
        "proofs_check/proofs/kernel/oracles/slice_equation.py",
        'number(Fraction(1, 2)))),\n            Term("forall", (closed(here',
        'number(Fraction(1, 3)))),\n            Term("forall", (closed(here',
        (f"{SLICE}::test_what_is_stated_holds_in_numbers",),
    ),
    Mutant(
        "a certificate's Region E without its proof",
        "proofs_check/checks/fates.py",
        "reason = missing_proof(theorem)",
        'reason = ""',
        (f"{REGION}::test_fates_without_the_proof_are_only_supported",),
    ),
    Mutant(
        "group weights of a certificate exchanged",
        "proofs_check/checks/fates.py",
        'for fate in ("converged", "escaped")\n    )  # fmt: skip',
        'for fate in ("escaped", "converged")\n    )  # fmt: skip',
        (f"{REGION}::test_certified_fates_replay_the_proof_for_their_own_weights",),
    ),
    Mutant(
        "rate bound of a run at the wrong step count",
        "proofs_check/checks/rates.py",
        "* number * least / first)",
        "* (number - 1) * least / first)",
        (
            "tests/proofs_check/checks/test_descent_steps.py::"
            "test_a_rate_that_is_too_good_is_not_supported",
        ),
    ),
    Mutant(
        "a conclusion under a temporary hypothesis",
        "proofs_check/proofs/tactics/script.py",
        "if not h.temporary}",
        "}",
        (f"{PROOFS}::test_a_conclusion_may_not_rest_on_a_temporary_hypothesis",),
    ),
]


PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
def test_mutants_are_caught(part: int) -> None:
    assert surviving("tests.mutants.test_proof_mutants", "MUTANTS", part, PARTS) == []
