"""The three objectives side by side."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from numerics.errors import InputError
from numerics.studies.three_objectives import common_step, compare
from proofs_check.cli import main
from proofs_check.schemas import schema


def test_fates_and_rates_of_one_start() -> None:
    found = compare([["3"], ["4"]], steps=4000)
    runs = {run.objective: run for run in found.runs}
    assert runs["forward"].fates == ("converged", "escaped")
    assert runs["forward"].criterion == "Lemma E"
    assert runs["reverse"].fates == runs["kl"].fates == ("converged", "converged")
    assert all(run.certified for run in runs.values())
    assert runs["forward"].rate is not None
    assert 1 < runs["forward"].rate < 1.6  # 1/(tau ln tau), corrections included


def test_end_game_constants() -> None:
    found = compare([["1"], ["-1/2"]], steps=4000)
    for run, constant in zip(found.runs, (4 / 64, 4 / 64, 4 / 16), strict=True):
        assert run.rate == pytest.approx(2, abs=0.1)
        tau = float(found.step_size) * found.steps
        assert run.loss * tau**2 == pytest.approx(constant, rel=0.05)


def test_means_that_float64_cannot_tell_apart() -> None:
    found = compare([["6"], ["6.000000000001"]], steps=4000)
    forward, reverse, kl = found.runs
    assert forward.fates == reverse.fates == kl.fates == ("converged", "converged")
    assert reverse.loss < 1e-40
    assert kl.rate is None


def test_the_common_step_is_within_both_bounds() -> None:
    assert common_step([[Fraction(1, 2)]], [Fraction(1)]) == Fraction(1, 4)
    far = common_step([[Fraction(6)], [Fraction(6)]], [Fraction(1, 2)] * 2)
    assert far == Fraction(1, 36)


def test_too_few_steps_are_refused() -> None:
    with pytest.raises(InputError, match="at least 100"):
        compare([["1"]], steps=10)


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, report = tmp_path / "table.md", tmp_path / "report.json"
    arguments = ["compare", "--means", '[["1"], ["-1/2"]]', "--steps", "200"]
    assert main([*arguments, "--output", str(output), "--json", str(report)]) == 0
    document = json.loads(report.read_text())
    jsonschema.validate(document, schema("compare"))
    assert [run["objective"] for run in document["starts"][0]["runs"]] == [
        "forward",
        "reverse",
        "kl",
    ]
    lines = output.read_text().splitlines()
    assert len(lines) == 5
    assert lines[0].count("|") == lines[2].count("|")
    assert output.read_text() in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--weights", "[1]"], "--means"),
        (["--means", "[[1]]", "--steps", "5"], "--steps"),
        (["--means", "[[1], [2, 3]]"], "--means"),
        (["--json", "-", "--output", "-"], "--output"),
    ],
)
def test_bad_input(arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["compare", *arguments])
    except SystemExit as stop:
        code = int(str(stop.code))
    assert code == 2
    error = capsys.readouterr().err
    assert word in error
    assert len(error.splitlines()) == 1
