"""``proofs-check threshold`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from proofs_check.cli import main
from proofs_check.schemas import schema
from tests.proofs_check.commands import refusal

NEAR = ["threshold", "--distance", "3", "--step-size", "0.2"]


def document(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert main([*arguments, "--json", "-"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema("threshold"))
    return found


def test_document(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, *NEAR)
    ends = found["log_spread"]
    assert 0 < ends["hi"] - ends["lo"] <= 0.05
    assert found["converging"]["fates"] == ["converged", "converged"]
    assert found["escaping"]["fates"] == ["converged", "escaped"]
    assert found["steps"] >= found["escaping"]["steps"]
    assert found["converging"]["criterion"] == "Theorem F"
    assert found["escaping"]["criterion"] == "Lemma E"
    assert found["k"]["lo"] == pytest.approx(ends["lo"] - 0.693147180559945 + found["lambda"])


def test_text_and_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "threshold.json"
    assert main([*NEAR, "--json", str(target)]) == 0
    captured = capsys.readouterr()
    assert "ln |v_1 - v_2| at the threshold: between" in captured.out
    assert "proved" in captured.out
    assert "steps for each of two proofs" in captured.err  # the cost, before the start
    jsonschema.validate(json.loads(target.read_text(encoding="utf-8")), schema("threshold"))


def test_digits_are_those_of_the_certified_runs(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, *NEAR, "--digits", "30")
    assert found["converging"]["digits"] == 30
    assert found["converging"]["working_digits"] > 40


def test_time_limit(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--distance", "40", "--step-size", "0.001", "--max-seconds", "0.05"]
    found = document(capsys, "threshold", *words, code=124)
    assert found["stopped"] == "stopped"
    assert found["log_spread"] is None
    assert found["lambda"] > 1000


@pytest.mark.parametrize(
    "arguments",
    [
        ["--distance", "1", "--step-size", "0.1"],
        ["--distance", "6", "--step-size", "0.5"],
        ["--distance", "six", "--step-size", "0.1"],
        ["--distance", "6", "--step-size", "-0.1"],
        ["--distance", "6"],
        ["--distance", "6", "--step-size", "0.1", "--components", "1"],
        ["--distance", "6", "--step-size", "0.1", "--digits", "0"],
        ["--distance", "6", "--step-size", "0.1", "--max-seconds", "0"],
        ["--distance", "6", "--step-size", "0.1", "--json", "/no/such/folder/x.json"],
    ],
)
def test_bad_input(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert refusal(capsys, "threshold", *arguments)
