"""Fates by certificates: decided, refuted, undecided; starts as exact texts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from proofs_check.certificates.file_format import Certificate
from proofs_check.checks.fates import (
    OPEN,
    CertifiedFates,
    ClaimedStart,
    GeneratedFates,
    certificate_of,
    certified_descent,
    decide,
    exact_exponential,
    proof_gap,
)
from proofs_check.claim import Context
from proofs_check.proofs.tactics import script
from proofs_check.verdict import Method, Verdict
from tests.proofs_check.proofs.replays import shipped_once

NEAR = ClaimedStart("near", (("3/2",), ("1",)), "1/10", ("converged", "converged"))
APART = ClaimedStart("apart", (("0",), ("7/2",)), "1/10", ("converged", "escaped"))


@pytest.fixture(autouse=True)
def _proofs_are_replayed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With those of tests about the same proofs (`tests.scheduling.TOGETHER`)."""
    monkeypatch.setattr(script, "replay", shipped_once)


def check(*starts: ClaimedStart) -> CertifiedFates:
    return CertifiedFates("fates", lambda: starts)


def test_fates_as_claimed_are_proved_and_recomputed_at_twice_the_digits() -> None:
    result = check(NEAR, APART).run(Context(digits=20))
    assert result.verdict is Verdict.PROVED
    assert result.method is Method.BALL
    assert result.cases == 2
    assert result.digits is not None
    assert result.digits >= 40
    assert "Lemma E" in " ".join(result.notes)


@pytest.mark.parametrize(
    "start",
    [
        replace(NEAR, fates=("converged", "escaped")),
        replace(APART, fates=("converged", "converged")),
        replace(APART, fates=("escaped", "converged")),
        replace(APART, objective="reverse"),
    ],
)
def test_other_fates_refute_with_the_exact_start(start: ClaimedStart) -> None:
    result = check(NEAR, start).run(Context())
    assert result.verdict is Verdict.REFUTED
    assert result.witness is not None
    assert result.witness.mixture.means == tuple(
        tuple(Fraction(entry) for entry in row) for row in start.means
    )
    assert result.witness.left != result.witness.right


def test_a_theorem_without_a_proof_of_the_fates_neither_proves_nor_refutes() -> None:
    """Proof K bounds the least loss; that the means converge is not among its steps."""
    both = replace(APART, objective="kl", fates=("converged", "converged"))
    assert check(both).run(Context()).verdict is Verdict.SUPPORTED
    other = replace(both, fates=("converged", "escaped"))
    assert check(other).run(Context()).verdict is Verdict.INCONCLUSIVE


def test_a_start_that_no_theorem_decides_is_inconclusive() -> None:
    slow = replace(APART, means=(("0",), ("5/2",)), steps=3)
    result = check(NEAR, slow).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "3 steps" in result.notes[0]
    assert isinstance(decide(slow), str)


def test_time_running_out_is_inconclusive() -> None:
    result = check(NEAR).run(Context(deadline=0.0))
    assert result.verdict is Verdict.INCONCLUSIVE


def test_full_takes_its_own_starts() -> None:
    both = CertifiedFates("fates", lambda: (NEAR,), lambda: (NEAR, APART))
    assert both.run(Context()).cases == 1
    assert both.run(Context(budget="full")).cases == 2


def generated(least: int, most: int) -> GeneratedFates:
    """Starts (0, k/200), claimed to converge."""
    from hypothesis import strategies as st

    def strategy() -> st.SearchStrategy[ClaimedStart]:
        return st.integers(least, most).map(
            lambda k: replace(NEAR, label="drawn", means=(("0",), (f"{k}/200",)))
        )

    return GeneratedFates("drawn", "(0, a)", strategy)


def test_generated_starts_support() -> None:
    result = generated(1, 220).run(Context())
    assert result.verdict is Verdict.SUPPORTED
    assert result.cases is not None
    assert result.cases >= 200


def test_a_generated_start_with_another_fate_is_shrunk_and_refutes() -> None:
    result = generated(480, 600).run(Context())
    assert result.verdict is Verdict.REFUTED
    assert result.witness is not None
    # one escapes from 2.4563 on
    assert Fraction("2.456") < result.witness.mixture.means[1][0] < Fraction("2.6")


def test_exponentials_are_rounded_not_guessed() -> None:
    text = exact_exponential(Fraction(-3, 100), 30)
    partial = sum(Fraction(-3, 100) ** k / _factorial(k) for k in range(25))
    assert abs(Fraction(text) - partial) < Fraction(1, 10**30)


def _factorial(k: int) -> int:
    return 1 if k == 0 else k * _factorial(k - 1)


@pytest.fixture(scope="module")
def three() -> Certificate:
    run = certified_descent(ClaimedStart("three", (("6.1",), ("6",), ("5.95",)), "0.1", ()), 15)
    certificate = certificate_of(run)
    assert certificate is not None
    return certificate


def test_theorem_e_n_counts_for_what_its_proof_says(three: Certificate) -> None:
    """One step size from the step on, weights as in the theorem, all dimensions of the means."""
    assert three.theorem == "Theorem E_n"
    assert proof_gap(three) == ""
    same = {"starts": (0, three.step), "sizes": (*three.sizes, Fraction(1, 2))}
    assert proof_gap(replace(three, **same)) == ""
    changes = same | {"starts": (0, three.step + 1)}
    assert "one step size" in proof_gap(replace(three, **changes))
    flat = {
        "means": tuple((*row, Fraction(0)) for row in three.means),
        "teacher_mean": (*three.teacher_mean, Fraction(0)),
    }
    assert "span" in proof_gap(replace(three, **flat))
    moved = flat | {"teacher_mean": (*three.teacher_mean, Fraction(1))}
    assert "span" not in proof_gap(replace(three, **moved))
    start = ClaimedStart("flat", (("6.1", "0"), ("6", "0"), ("5.95", "0")), "0.1",
                         ("escaped", "escaped", "converged"))  # fmt: skip
    found = CertifiedFates("flat", lambda: (start,)).run(Context())
    assert found.verdict is Verdict.SUPPORTED
    assert "span" in " ".join(found.notes)


LEVEL = ClaimedStart("level", (("3/10",), ("2",), ("6",)), "1/10", (OPEN, OPEN, "escaped"), 1)
COINCIDENT = ClaimedStart(
    "groups", (("0",), ("4",), ("4",)), "1/10", ("converged", *("escaped",) * 2)
)


@pytest.mark.parametrize(
    ("start", "theorem", "by_dimension"),
    [
        (NEAR, "Theorem F", False),
        (APART, "Lemma E", False),
        (COINCIDENT, "Region E", False),
        (LEVEL, "Theorem L", True),
    ],
)
def test_a_later_step_size_or_dimension_counts_for_no_theorem_that_has_one(
    start: ClaimedStart, theorem: str, by_dimension: bool
) -> None:
    flat = replace(start, means=tuple((*row, "0") for row in start.means))
    later = replace(start, step_size="0:1/10,60:1/20")
    for other, said in ((flat, "span" if by_dimension else ""), (later, "one step size")):
        certificate = certificate_of(certified_descent(other, 15))
        assert certificate is not None
        assert certificate.theorem == theorem
        gap = proof_gap(certificate)
        assert said in gap
        assert bool(gap) == bool(said)
