"""Hypotheses as predicates, and further evidence."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from proofs_check.checks import BallCheck, GeneratedCheck, IdentityCheck
from proofs_check.claim import Claim, Context, Control, FurtherEvidence, Hypothesis, run_part
from proofs_check.points.witness import Witness
from proofs_check.report.pages import _statement
from proofs_check.sampling import Cases
from proofs_check.statements import Mixture, Relation
from proofs_check.store.results import check_from_data, check_to_data
from proofs_check.verdict import CheckResult, ClaimResult, Method, Verdict, inconclusive

LINE = Cases((1, 2), (1, 1), ("1e-2", "5"))


def size(at):
    return max(abs(entry) for mean in at.mixture.means for entry in mean)


NEAR = Hypothesis("every |v_j| <= 1", lambda at: size(at) <= 1)
#: True within every |v_j| <= 1, false farther out: K <= L.
ORDER = Relation(
    "K <= L", lambda at: at.loss("kl"), "<=", lambda at: at.loss("forward"), tight=False
)


def run(check, *hypotheses, drops=(), control=False) -> CheckResult:
    changed = Control("c", "a change", check, drops)
    judged = Claim("T1", "", "", "", "", hypotheses, (replace(check, name="n"),), (changed,))
    part = judged.controls[0] if control else judged.checks[0]
    result = run_part(judged, part, Context())
    return result.result if control else result


def test_draws_satisfy_the_hypotheses_and_the_rejected_share_is_said():
    result = run(GeneratedCheck("order", ORDER, LINE), NEAR)
    assert result.verdict is Verdict.SUPPORTED
    said = re.match(r"([\d.]+)% of (\d+) draws rejected \((\d+) by", result.notes[0])
    share, drawn, count = said.groups()
    assert int(drawn) - int(count) == result.cases
    assert float(share) == pytest.approx(100 * int(count) / int(drawn), rel=0.01)


def test_without_the_hypothesis_the_same_relation_is_refuted():
    check = GeneratedCheck("order", ORDER, LINE)
    result = run(check, NEAR, drops=(NEAR.text,), control=True)
    assert result.verdict is Verdict.REFUTED
    assert max(abs(entry) for (entry,) in result.witness.mixture.means) > 1


def test_a_counterexample_is_shown_to_satisfy_the_hypotheses():
    far = Hypothesis("K >= 1/10", lambda at: at.loss("kl") >= "1/10")
    wrong = Relation("K <= L/4", lambda at: at.loss("kl"), "<=", lambda at: at.loss("forward") / 4)
    result = run(GeneratedCheck("wrong", wrong, LINE), far)
    assert result.verdict is Verdict.REFUTED
    assert ", where K >= 1/10 holds: " in result.notes[0]
    assert Witness.from_data(result.witness.to_data()) == result.witness


@pytest.mark.parametrize(
    ("hypothesis", "note"),
    [
        (Hypothesis("any", lambda at: True), "hypothesis 'any' never binds: it rejected no draw"),
        (Hypothesis("none", lambda at: False), "too few cases: 100% of"),
    ],
    ids=lambda part: getattr(part, "text", ""),
)
def test_a_hypothesis_that_never_binds_or_rejects_all_is_said(hypothesis, note):
    check = GeneratedCheck("order", ORDER, Cases((1, 2), (1, 1), ("1e-3", "1/4")))
    notes = run(check, hypothesis).notes
    assert any(note in said for said in notes)


def test_a_listed_point_outside_the_hypotheses_decides_nothing():
    check = BallCheck("order", ORDER, (Mixture.of([["2"]]),))
    assert run(check, NEAR).verdict is Verdict.INCONCLUSIVE
    assert run(check).verdict is Verdict.PROVED


def test_a_page_says_which_hypotheses_are_enforced():
    check = IdentityCheck("I1")
    claim = Claim("T1", "", "s", "", "", ("in words", NEAR), (check,), (Control("c", "x", check),))
    text = "\n".join(_statement(claim))
    assert "Hypothesis: in words\n" in text
    assert "(every case satisfies it)" in text


PROVED = CheckResult("p", Verdict.PROVED, Method.SYMBOLIC, "all n, d")
SUPPORTED = CheckResult("s", Verdict.SUPPORTED, Method.GENERATED, "200 cases")
REFUTED = CheckResult("r", Verdict.REFUTED, Method.NUMERICAL, "one case")


@pytest.mark.parametrize(
    ("decides", "supports", "verdict"),
    [
        ((PROVED,), (SUPPORTED,), "PROVED"),
        ((PROVED,), (inconclusive("i", "too hard"),), "PROVED"),
        ((PROVED,), (REFUTED,), "REFUTED"),
        ((PROVED, SUPPORTED), (), "SUPPORTED"),
        ((SUPPORTED,), (PROVED,), "SUPPORTED"),
        ((inconclusive("i", "too hard"),), (PROVED,), "INCONCLUSIVE"),
        ((), (SUPPORTED,), "SUPPORTED"),
    ],
)
def test_further_evidence_lowers_a_verdict_only_by_refuting(decides, supports, verdict):
    marked = tuple(replace(found, supports=True) for found in supports)
    result = ClaimResult("X", (*decides, *marked), (), 0.0)
    assert result.verdict is Verdict(verdict)
    for found in marked:
        assert check_from_data(check_to_data(found)).supports


def test_a_claim_needs_a_check_that_decides():
    check = FurtherEvidence(IdentityCheck("I1"))
    with pytest.raises(ValueError, match="at least one check"):
        Claim("T1", "", "", "", "", (), (check,), (Control("c", "x", IdentityCheck("I1")),))


def test_the_example_of_contributing_is_proved_as_it_says():
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1)
    names: dict[str, object] = {}
    exec(block, names)
    (claim,) = names["CLAIMS"]
    checks = tuple(run_part(claim, part, Context()) for part in claim.checks)
    controls = tuple(run_part(claim, part, Context()) for part in claim.controls)
    result = ClaimResult(claim.identifier, checks, controls, 0.0)
    assert result.verdict is Verdict.PROVED
    assert [found.verdict.value for found in checks] == ["PROVED", "SUPPORTED"]
    assert all(control.refuted for control in controls)
