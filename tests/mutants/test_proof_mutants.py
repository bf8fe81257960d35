"""Errors planted in the rules of proofs must turn the tests red."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.harness import Mutant, copy_of_the_packages, plant, run

RULES = "tests/proofs_check/proofs/test_proof_rules.py"
PROOFS = "tests/proofs_check/proofs/test_proofs.py"
REGION = "tests/proofs_check/proofs/test_proofs_region.py"

MUTANTS = [
    Mutant(
        "combination with negative multipliers",
        "proofs_check/proofs/rules.py",
        "if not all(is_nonnegative_number(number) for number in numbers):",
        "if not all(True for number in numbers):",
        (f"{RULES}::TestCombinations", f"{PROOFS}::test_other_planted_errors_fail"),
    ),
    Mutant(
        "combination that is not compared with the conclusion",
        "proofs_check/proofs/rules.py",
        "if is_zero(situation.target.expression - total, equalities):",
        "if is_zero(total - total, equalities):",
        (f"{PROOFS}::test_every_step_notices_a_changed_conclusion[K]",),
    ),
    Mutant(
        "squares with weights of any sign",
        "proofs_check/proofs/rules.py",
        "if not all(is_nonnegative_factor(weight) for weight in self.weights):",
        "if not all(True for weight in self.weights):",
        (f"{RULES}::TestSquares",),
    ),
    Mutant(
        "weights under the teacher",
        "proofs_check/proofs/forms.py",
        'if base == "student":\n                reduced = average_of',
        "if base:\n                reduced = average_of",
        (f"{RULES}::TestIdentities",),
    ),
    Mutant(
        "induction under hypotheses that may fail later",
        "proofs_check/proofs/dynamics.py",
        'return Finding(False, "a hypothesis of the passage may fail at a later step")',
        "return Finding(True)",
        (f"{RULES}::TestSequences",),
    ),
    Mutant(
        "a conclusion under a temporary hypothesis",
        "proofs_check/proofs/proof.py",
        "        if hypothesis.temporary\n",
        "        if False\n",
        (f"{PROOFS}::test_a_conclusion_may_not_rest_on_a_temporary_hypothesis",),
    ),
    Mutant(
        "a premise that was not established",
        "proofs_check/proofs/proof.py",
        "        if finding.holds:\n            known[step.name]",
        "        if True:\n            known[step.name]",
        (f"{RULES}::TestProofs", f"{PROOFS}::test_a_failing_proof_gives_exit_code_one"),
    ),
    Mutant(
        "Popoviciu with the wrong fraction",
        "proofs_check/proofs/classical.py",
        "wanted = bound - 4 * variance(f)",
        "wanted = bound - 5 * variance(f)",
        (f"{PROOFS}::test_a_proof_replays[R]",),
    ),
    Mutant(
        "a cited instance that is not evaluated",
        "proofs_check/proofs/classical.py",
        "if low < 0 or (statement.is_equality and _is_nonzero(gap)):",
        "if False:",
        (f"{RULES}::TestClassicalResults",),
    ),
    Mutant(
        "an induction that turns an inequality into an equality",
        "proofs_check/proofs/escape_rules.py",
        "return statement.sign == claim.sign and is_zero(",
        "return is_zero(",
        (f"{REGION}::test_induction_keeps_the_relation",),
    ),
    Mutant(
        "a cover for other weights",
        "proofs_check/proofs/escape_cover.py",
        "if tuple(weights) != (region.near_weight, region.far_weight):",
        "if False:",
        (f"{REGION}::test_planted_error_fails[log-odds of the exchanged weights]",),
    ),
    Mutant(
        "groups of unequal weights",
        "proofs_check/proofs/group_rules.py",
        "if not is_given_zero(situation, group.count * group.share - 1):",
        "if False:",
        (f"{REGION}::test_a_member_needs_all_groups_together_and_of_equal_weights",),
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
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_mutant_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    root = copy_of_the_packages(tmp_path)
    plant(root, mutant)
    done = run(root, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests)
    assert done.returncode == 1, done.stdout[-2000:]
