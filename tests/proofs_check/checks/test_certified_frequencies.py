"""Frequencies and the sources' experiment, by fates that are certified one by one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from proofs_check.checks import certified_experiment, certified_frequencies, fates
from proofs_check.checks.certified_experiment import CertifiedExperiment, exact_start
from proofs_check.checks.certified_frequencies import CertifiedFrequency
from proofs_check.checks.fates import certified_descent, missing_proof
from proofs_check.checks.frequencies import Family
from proofs_check.claim import Context
from proofs_check.verdict import Method, Verdict

FAR = Family(2, 1, Fraction(1), Fraction(10), draws=8)
CLOSE = Family(2, 1, Fraction(1, 1000), Fraction(3), draws=8)


def test_every_draw_is_certified_and_counted():
    found = CertifiedFrequency("far", (FAR,), "1/4", recompute=4).run(Context())
    assert (found.verdict, found.method, found.cases) == (
        Verdict.SUPPORTED,
        Method.STATISTICAL,
        8,
    )
    assert "8 of 8 certified, 8 with the claimed fates" in found.notes[0]
    assert "2 certificates recomputed" in found.notes[0]


def test_few_draws_do_not_support_a_high_probability():
    found = CertifiedFrequency("far", (FAR,), "9/10").run(Context())
    assert found.verdict is Verdict.INCONCLUSIVE


def test_draws_that_all_converge_refute_that_one_does():
    claimed = CertifiedFrequency("close", (CLOSE,), "9/10")
    assert claimed.run(Context()).verdict is Verdict.REFUTED
    every = replace(claimed, converged=None, bound="1/4")
    assert every.run(Context()).verdict is Verdict.SUPPORTED


def test_a_draw_that_no_theorem_decides_counts_against():
    found = CertifiedFrequency("short", (FAR,), "1/4", steps=1).run(Context())
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "0 of 8 certified" in found.notes[0]


@pytest.mark.parametrize("converged", [1, None])
def test_a_certificate_that_is_rejected_ends_the_check(monkeypatch, converged):
    monkeypatch.setattr(certified_frequencies, "recomputed", lambda *given: "too wide")
    claimed = CertifiedFrequency("rejected", (FAR,), "1/4", converged=converged, recompute=8)
    found = claimed.run(Context())
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "rejected: too wide" in found.notes[0]


def test_theorems_without_a_proof_refute_nothing_and_are_named(monkeypatch):
    monkeypatch.setattr(fates, "missing_proof", lambda theorem: "none")
    three = Family(3, 1, Fraction(1), Fraction(10), draws=6)
    claimed = CertifiedFrequency("three", (three,), "1/10", recompute=100)
    supported = claimed.run(Context())
    assert supported.verdict is Verdict.SUPPORTED
    assert "no proof object holds Theorem E_n" in supported.notes[-1]
    all_of_them = replace(claimed, converged=None, bound="95/100").run(Context())
    assert all_of_them.verdict is Verdict.INCONCLUSIVE
    assert "6 of 6 certified, 0 with the claimed fates" in all_of_them.notes[0]


def test_theorem_e_n_for_small_steps_is_none_without_a_region():
    assert "no region" in missing_proof("Theorem E_n'")


@pytest.fixture
def short(monkeypatch):
    """The experiment from so near that a few steps decide."""
    start = replace(exact_start(4.0), means=(("1/2",), ("1/3",), ("1/4",), ("1/5",), ("1/6",)))
    monkeypatch.setattr(
        certified_experiment, "_run", lambda size, rank: certified_descent(start, 6)
    )
    certified_experiment._recomputed.cache_clear()
    yield
    certified_experiment._recomputed.cache_clear()


@pytest.mark.usefixtures("short")
def test_the_experiment_is_proved_or_refuted_by_its_certificate():
    assert CertifiedExperiment(4.0, 5).run(Context()).verdict is Verdict.PROVED
    refuted = CertifiedExperiment(4.0, 4).run(Context())
    assert refuted.verdict is Verdict.REFUTED
    assert refuted.witness is not None


@pytest.mark.usefixtures("short")
def test_a_rejected_certificate_concludes_nothing(monkeypatch):
    monkeypatch.setattr(certified_experiment, "recomputed", lambda *given: "too wide")
    for claimed in (4, 5):
        found = CertifiedExperiment(4.0, claimed).run(Context())
        assert found.verdict is Verdict.INCONCLUSIVE


def test_the_exact_start_is_that_of_the_doubles():
    from numerics.studies.sources_experiment import start_means

    for rank in (1, 3):
        rows = start_means(6.0, rank=rank)
        found = [[float(Fraction(text)) for text in row] for row in exact_start(6.0, rank).means]
        assert found == rows.tolist()


def test_quick_may_have_fewer_dimensions(monkeypatch):
    asked = []

    def noted(size, rank):
        asked.append(rank)
        return certified_descent(replace(exact_start(4.0, rank), steps=1), 6)

    monkeypatch.setattr(certified_experiment, "_run", noted)
    check = CertifiedExperiment(4.0, 5, rank=2, quick_rank=1)
    scopes = [check.run(Context(budget=budget)).scope for budget in ("quick", "full")]
    assert asked == [1, 2]
    assert [scope.endswith(place) for scope, place in zip(scopes, ("line", "plane"), strict=True)]
    assert "in the plane (on the line at quick)" in check.name
