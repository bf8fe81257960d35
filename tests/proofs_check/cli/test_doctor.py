"""What the doctor says, and that it can find something wrong."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from proofs_check.cli import doctor, main
from proofs_check.schemas import schema

ROOT = Path(__file__).parents[3]


def test_it_passes_here_and_its_document_follows_the_schema(capsys):
    assert main(["doctor", "--json", "-"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    jsonschema.validate(found, schema("doctor"))
    assert [each["name"] for each in found["self_test"]] == list(doctor.TESTS)
    assert "all passed" in captured.err


def test_a_missing_extra_comes_with_the_line_that_installs_it(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "TESTS", {})
    monkeypatch.setitem(doctor.EXTRAS, "plot", (("no-such-distribution",), "figures"))
    assert main(["doctor"]) == 0
    assert "plot     missing; pip install 'proofs-check[plot]'" in capsys.readouterr().out


def wrong_gradient(objective, means, *, quantity="loss", **options):
    from numerics.evaluation.evaluate import evaluate

    kept = evaluate(objective, means, quantity=quantity, **options)
    other = evaluate("reverse", means, quantity="loss", **options)
    return kept if quantity == "gradient" else other


@pytest.mark.parametrize(
    ("place", "wrong", "name"),
    [
        ("numerics.evaluate", wrong_gradient, "float64"),
        ("proofs_check.certificates.checker.check", lambda certificate: certificate, "certificate"),
        ("proofs_check.claim.run_part", lambda claim, part, context: {}["lost"], "control"),
    ],
)
def test_a_fault_is_found(monkeypatch, capsys, place, wrong, name):
    monkeypatch.setattr(place, wrong)
    monkeypatch.setattr(doctor, "TESTS", {name: doctor.TESTS[name]})
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert f"{name}: FAILED" in out
    assert "something is wrong" in out


def test_the_extras_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, (packages, _) in doctor.EXTRAS.items():
        declared = project["optional-dependencies"][name]
        assert sorted(packages) == sorted(each.split(">=")[0] for each in declared)
    assert set(doctor.EXTRAS) == set(project["optional-dependencies"]) - {"test", "docs"}
