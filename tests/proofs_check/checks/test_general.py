"""Checks: what they conclude from true, false and undecidable statements."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest

from derive import catalogue
from derive.steps.derivation import ALL, Derivation, DerivationStep, Scope
from numerics.errors import InputError
from numerics.kernels import load_program
from numerics.validated.inertia import Inertia
from proofs_check.checks import slices as stationary_checks
from proofs_check.checks.general import BallCheck, DerivationCheck, GeneratedCheck, IdentityCheck
from proofs_check.checks.slices import SliceInertia
from proofs_check.claim import Context
from proofs_check.sampling.cases import Cases
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Relation, dot, scaled
from proofs_check.verdict import Method, Verdict

LINE = Cases(components=(1, 2), dimensions=(1, 1), separation=("1e-2", "5"))


def order(factor: str, sign: str = "<=") -> Relation:
    """K <= factor L; true near the truth for factor 1, false far away."""
    return Relation(
        f"K {sign} {factor} L",
        lambda at: at.loss("kl"),
        sign,
        lambda at: scaled(Fraction(factor), at.loss("forward")),
    )


def planted(monkeypatch, scope=ALL, *, good: bool):
    step = DerivationStep("planted", "1", "1" if good else "2", "symbolic identity", lambda: good)
    derivation = Derivation("planted", "planted", "1 = 1", (), scope, (step,), "tests")
    monkeypatch.setattr(catalogue, "derivation", lambda name: derivation)
    return DerivationCheck("planted").run(Context())


def test_a_derivation_proves_only_when_every_step_verifies(monkeypatch):
    assert planted(monkeypatch, good=True).verdict is Verdict.PROVED
    failed = planted(monkeypatch, good=False)
    assert failed.verdict is Verdict.INCONCLUSIVE
    assert "planted" in failed.notes[0]


def test_an_instance_does_not_prove_the_general_statement(monkeypatch):
    result = planted(monkeypatch, Scope.instance(n=2, d=1), good=True)
    assert result.verdict is Verdict.SUPPORTED
    assert "instance n = 2, d = 1 only" in result.notes[-1]


def test_a_narrower_scope_that_begins_alike_does_not_prove(monkeypatch):
    assert planted(monkeypatch, Scope("all n, d = 1"), good=True).verdict is Verdict.SUPPORTED
    general = planted(monkeypatch, Scope("all n, d, all weights"), good=True)
    assert general.verdict is Verdict.PROVED


@pytest.mark.parametrize("factor", ["21/20", "-1"])
def test_a_changed_coefficient_is_refuted_at_an_exact_point(factor):
    from derive.identities.by_name import named

    term = named("lemma-2.2").terms[-1]
    changed = (term.name, term.coefficient * Fraction(factor))
    result = IdentityCheck("lemma-2.2", changed).run(Context())
    assert result.verdict is Verdict.REFUTED
    assert result.witness.digits == 30


def test_a_false_inequality_is_refuted_with_a_shrunk_point():
    result = GeneratedCheck("K < L", order("1"), LINE).run(Context())
    assert result.verdict is Verdict.REFUTED
    assert result.witness.mixture.n == 2  # one component has K = L/2


def test_a_suspicion_off_the_line_is_settled_on_a_line():
    cases = Cases(components=(3, 3), dimensions=(2, 2), separation=("1e-2", "5"))
    result = GeneratedCheck("2 K = L", equality("2"), cases).run(Context())
    assert result.verdict is Verdict.REFUTED


def equality(factor: str) -> Relation:
    return Relation(
        f"{factor} v.grad K = L",
        lambda at: scaled(Fraction(factor), dot(at.means, at.gradient("kl"))),
        "=",
        lambda at: at.loss("forward"),
    )


def test_too_little_time_is_inconclusive_not_supported():
    result = GeneratedCheck("I1", equality("1"), LINE).run(Context(deadline=0.0))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "time ran out" in result.notes[0]


def test_cases_that_decide_nothing_do_not_count():
    check = GeneratedCheck("I1", equality("1"), LINE, resolution="1e-300")
    result = check.run(Context(digits=5))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "rejected" in result.notes[0]


def test_balls_prove_an_inequality_at_a_point_and_refute_it_at_another():
    near, far = Mixture.of([["0"], ["1"]]), Mixture.of([["0"], ["5"]])
    proved = BallCheck("near", order("1", "<"), (near,)).run(Context())
    assert (proved.verdict, proved.method) == (Verdict.PROVED, Method.BALL)
    assert BallCheck("far", order("1", "<"), (near, far)).run(Context()).verdict is Verdict.REFUTED


def test_overlapping_balls_only_support_an_equality():
    result = BallCheck("I1", equality("1"), (Mixture.of([["0"], ["2"]]),)).run(Context(digits=40))
    assert result.verdict is Verdict.SUPPORTED
    assert Fraction(result.margin) < Fraction(1, 10**38)


def test_equal_sides_decide_no_strict_inequality():
    single = Mixture.of([["1"]])
    check = BallCheck("2K < L", order("1/2", "<"), (single,))
    assert check.run(Context()).verdict is not Verdict.PROVED


def test_floats_are_refused_as_sides():
    relation = Relation("float", lambda at: 0.5, "=", lambda at: at.loss("kl"))
    with pytest.raises(InputError, match=r"written at .*test_general.*0\.5, a binary float"):
        BallCheck("float", relation, (Mixture.of([["1"]]),)).run(Context())


@pytest.mark.parametrize("below", [0, 1])
def test_enclosures_decide_for_a_mixture_teacher(below):
    program = load_program("forward", "loss", "mixture")
    relation = Relation(f"{below} < L", lambda at: below, "<", lambda at: at.expectation(program))
    mixture = Mixture.of([["0"], ["5/2"]], None, [["0"], ["2"]])
    result = BallCheck("a bound", relation, (mixture,)).run(Context())
    assert result.verdict is (Verdict.REFUTED if below else Verdict.PROVED)


def test_estimates_for_a_mixture_teacher_never_prove():
    program = load_program("forward", "loss", "mixture")
    positive = Relation("0 < L", lambda at: 0, "<", lambda at: at.expectation(program))
    means = [[int(a == b) for a in range(4)] for b in range(5)]
    mixture = Mixture.of(means, None, [[0] * 4, [2] * 4])
    with pytest.raises(InputError, match="4 dimensions"):
        BallCheck("positive", positive, (mixture,)).run(Context())


def test_undecided_signs_prove_no_signature(monkeypatch):
    unknown = SimpleNamespace(
        mid="2.456", rad="1e-3", along=Inertia(1, 1, 0, 1), across=Inertia(1, 1, 1, 0)
    )
    report = SimpleNamespace(complete=True, points=(unknown,))
    monkeypatch.setattr(stationary_checks, "_points", lambda *arguments: report)
    check = SliceInertia("0,a,-a", along=(1, 1), across=(1, 1))
    assert check.run(Context()).verdict is not Verdict.PROVED
