"""What changed between two runs, and what counts as worse."""

from __future__ import annotations

import functools
import json

import jsonschema
import pytest

from proofs_check import cli, runner
from proofs_check.points.witness import Witness
from proofs_check.report.changes import compare
from proofs_check.schemas import schema
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Method, Verdict
from tests.proofs_check.demo_claims import MODULE as DEMO_MODULE

WITNESS = Witness(Mixture.of([["1"]]), "L = 2 K", "0", "1", 30)


def check(name="c", verdict=Verdict.PROVED, margin="1e-9", **options):
    method = Method.BALL if verdict is not Verdict.SUPPORTED else Method.GENERATED
    witness = WITNESS if verdict is Verdict.REFUTED else None
    return CheckResult(name, verdict, method, "all", margin, witness=witness, **options)


def control(verdict=Verdict.REFUTED, name="k"):
    return ControlResult(name, "a change", check(name, verdict))


def claim(*parts, identifier="F0"):
    checks = tuple(part for part in parts if isinstance(part, CheckResult))
    return ClaimResult(identifier, checks, tuple(p for p in parts if p not in checks), 1.0)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((check(),), (check(),), []),
        ((check(seconds=1.0),), (check(seconds=9.0),), []),
        ((check(),), (check(margin="1e-8"),), [("c", "margin", "other")]),
        (
            (check(),),
            (check(verdict=Verdict.INCONCLUSIVE),),
            [("", "verdict", "worse"), ("c", "verdict", "worse")],
        ),
        (
            (check(verdict=Verdict.SUPPORTED),),
            (check(),),
            [("", "verdict", "better"), ("c", "verdict", "better"), ("c", "method", "other")],
        ),
        ((check(), control()), (check(),), [("control: k", "presence", "worse")]),
        ((check(), control()), (check(), control(Verdict.PROVED)),
         [("control: k", "verdict", "worse")]),
        ((check(), control(Verdict.INCONCLUSIVE)), (check(), control()),
         [("control: k", "verdict", "better")]),
        ((check(), control(Verdict.INCONCLUSIVE)), (check(), control(Verdict.PROVED)),
         [("control: k", "verdict", "worse")]),
        ((check(), check("d")), (check(),), [("d", "presence", "worse")]),
        ((check(),), (check(), check("d")), [("d", "presence", "other")]),
    ],
)  # fmt: skip
def test_what_counts_as_worse(before, after, expected):
    found = compare({"F0": claim(*before)}, [claim(*after)], all_claims=True)
    assert [(change.part, change.what, change.direction) for change in found] == expected


def test_claims_that_are_new_or_gone():
    before = {"F0": claim(check()), "F1": claim(check(), identifier="F1")}
    after = [claim(check()), claim(check(), identifier="F2")]
    found = compare(before, after, all_claims=True)
    assert [(change.claim, change.before, change.after, change.direction) for change in found] == [
        ("F2", "", "PROVED", "other"),
        ("F1", "PROVED", "", "worse"),
    ]
    assert len(compare(before, after, all_claims=False)) == 1  # F1 was not asked for


def verify(monkeypatch, *words: str) -> int:
    monkeypatch.setattr(runner, "run", functools.partial(runner.run, modules=(DEMO_MODULE,)))
    return cli.main(["verify", *words])


def test_verify_against_an_earlier_report(monkeypatch, tmp_path, capsys):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    assert verify(monkeypatch, "T2", "--json", str(old)) == 0
    assert verify(monkeypatch, "T2", "--against", str(old), "--json", str(new)) == 0
    assert "Nothing changed." in capsys.readouterr().out
    document = json.loads(new.read_text())
    assert document["changes"] == []
    stronger = json.loads(old.read_text())
    check_data = {**stronger["claims"][0]["checks"][0], "name": "check 9"}
    stronger["claims"][0]["checks"].append(check_data)
    stronger["environment"]["budget"] = "full"
    old.write_text(json.dumps(stronger))
    assert verify(monkeypatch, "T2", "--against", str(old), "--json", str(new)) == 1
    output = capsys.readouterr().out
    assert "WORSE   T2 check 9: presence PROVED -> none" in output
    assert "The settings differ: --budget full then, --budget quick now." in output
    document = json.loads(new.read_text())
    jsonschema.validate(document, schema("verify"))
    assert document["changes"][0]["direction"] == "worse"


def test_an_earlier_report_that_is_none_is_refused_before_the_run(monkeypatch, tmp_path, capsys):
    path = tmp_path / "old.json"
    path.write_text("{}")
    assert verify(monkeypatch, "T8", "--against", str(path)) == 2
    assert "--against: got" in capsys.readouterr().err
