"""``proofs-check precision`` as a user meets it."""

from __future__ import annotations

import csv
import json
import math
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.cli import main, precision
from proofs_check.report import precision_table as precision_files
from tests.proofs_check.commands import refusal

SCHEMA = json.loads(files("proofs_check").joinpath("schemas/precision.json").read_text())
STUDY = ["precision", "--distance", "6", "--family", "along"]
ADVISE = ["precision", "--advise", "--means", '[["6.0000005"], ["5.9999995"]]']


def document(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    assert main([*arguments, "--json", "-"]) == code
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, SCHEMA)
    return found


def test_study_with_table_and_resume(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out, kept = tmp_path / "s.csv", tmp_path / "s.json"
    arguments = [*STUDY, "--spread", "1e-4,1e-12"]
    found = document(capsys, *arguments, "--out", str(out), "--resume", str(kept))
    assert [case["fates"] for case in found["cases"]] == [
        ["escaped", "converged"],
        ["converged", "converged"],
    ]
    assert found["stopped"] == ""
    assert [case["limited_by"] for case in found["cases"]] == ["spread", "amplification"]
    for case in found["cases"]:
        assert case["certified"]
        assert case["fixed"]["float64"] == "right"
        assert case["needed_bits"] <= case["rule_bits"]
    rows = list(csv.DictReader(out.open()))
    assert [row["fates"] for row in rows] == ["escaped converged", "converged converged"]
    assert rows[0]["float64"] == "right"
    assert rows[0]["rule_digits"] == str(found["cases"][0]["rule_digits"])
    before = kept.read_bytes()
    again = document(capsys, *arguments, "--resume", str(kept))
    assert again["cases"] == found["cases"]
    assert kept.read_bytes() == before  # nothing was done again
    wider = [*STUDY, "--spread", "1e-4,1e-3", "--resume", str(kept), "--max-seconds", "0.001"]
    assert main(wider) == 124
    assert "time is up" in capsys.readouterr().err
    assert kept.read_bytes() == before


def test_parquet(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from pyarrow import parquet

    out = tmp_path / "s.parquet"
    found = document(capsys, *STUDY, "--spread", "1e-3", "--out", str(out))
    table = parquet.read_table(out).to_pylist()
    assert len(table) == 1
    assert table[0]["needed_bits"] == found["cases"][0]["needed_bits"]
    assert table[0]["double-double"] == "right"
    assert [path.name for path in tmp_path.iterdir()] == ["s.parquet"]


def test_figure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With matplotlib (the extra ``plot``), a figure; without, a refusal before any work."""
    figure = tmp_path / "s.svg"
    arguments = [*STUDY, "--spread", "1e-3", "--figure", str(figure)]
    if find_spec("matplotlib") is None:
        assert "matplotlib" in refusal(capsys, *arguments)
        return
    document(capsys, *arguments)
    assert figure.read_text().startswith("<?xml")
    assert [path.name for path in tmp_path.iterdir()] == ["s.svg"]


def test_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*STUDY, "--spread", "1e-3", "--components", "3", "--seed", "7"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].startswith("| spread is | n | distance |")
    assert lines[2].startswith("| along | 3 | 6 | 0.001 | ")
    assert "float64 wrong without a warning: 0 of 1 cases" in lines[3]
    assert captured.err.startswith("1 of 1 cases to do, typically ")


def test_silent_errors_are_marked() -> None:
    row = {
        "family": "across",
        "components": 2,
        "distance": "18",
        "spread": "1/1000",
        "fates": ["converged", "converged"],
        "certified": True,
        "amplification": 51.0,
        "rule_digits": 24.0,
        "needed_digits": None,
        "fixed": {"float64": "wrong", "long double": "undecided", "double-double": "right"},
        "float64_silently_wrong": True,
    }
    assert precision_files.table([row]).endswith("| 24.0 | - | -! | ? | + |")


def test_advice(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, *ADVISE, "--step-size", "0.1")["advice"]
    assert found["digits"] == 8
    assert found["float64_is_enough"]
    assert found["fates"] == ["escaped", "converged"]
    assert found["certified"]
    assert main([*ADVISE, "--steps", "20", "--max-seconds", "100"]) == 0
    text = capsys.readouterr().out
    alone = "by the rule alone: no trial was judged"
    lines = text.splitlines()
    assert lines[0] == "whether the components split is not decided (not certified)"
    assert lines[2] == f"digits: 8 (float64 is enough, {alone})"
    assert "more steps may decide" in lines[-1]


def test_advice_says_first_whether_they_split_and_by_what_margin(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = document(capsys, *ADVISE)["advice"]
    assert found["split"] is True
    assert "the components split: 0 escapes, 1 converges" in found["outcome"][0]
    assert found["margin_log10"] > 0
    closer = ["precision", "--advise", "--means", '[["6.0000001"], ["5.9999999"]]']
    below = document(capsys, *closer)["advice"]
    assert below["split"] is False
    assert below["margin_log10"] < 0
    assert below["critical_spread_log10"] == found["critical_spread_log10"]
    apart = document(capsys, *ADVISE[:3], "[[1], [40]]", "--weights", '["1/3", "2/3"]')["advice"]
    assert apart["margin_log10"] is apart["critical_spread_log10"] is None


@given(st.lists(st.tuples(st.integers(12, 80), st.integers(12, 80)), min_size=1, max_size=5))
def test_the_word_about_the_rule_follows_from_the_rows(bits: list[tuple[int, int]]) -> None:
    rows = [
        {
            "float64_silently_wrong": False,
            "needed_bits": needed,
            "needed_digits": round(needed * math.log10(2), 2),
            "rule_bits": rule,
            "rule_digits": round(rule * math.log10(2) - 0.2, 2),
        }
        for needed, rule in bits
    ]
    text = precision.summary(rows)
    over = sum(row["needed_digits"] > row["rule_digits"] for row in rows)
    assert (f"in {over} of {len(rows)}" in text) == (over > 0)
    assert ("in none of" in text) == (over == 0)
    assert ("in whole bits, as an arithmetic has them, in none" in text) == (
        over > 0 and all(needed <= rule for needed, rule in bits)
    )


def test_options_that_are_not_read_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    two = refusal(capsys, *STUDY, "--step-size", "0.1,0.2")
    assert "--step-size: got 0.1,0.2;" in two
    many = refusal(capsys, "precision", "--family", "across", "--components", "2,5")
    assert "--components: got 2,5; allowed: 2 to 4 with the family across" in many


def test_bad_input(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "--means" in refusal(capsys, "precision", "--advise")
    assert "--means" in refusal(capsys, "precision", "--advise", "--means", "[[1], [NaN]]")
    assert "--weights" in refusal(capsys, *ADVISE, "--weights", '["1/2", "1/3"]')
    assert "--step-size" in refusal(capsys, *ADVISE, "--step-size", "-1")
    assert "--steps" in refusal(capsys, *ADVISE, "--steps", "10000000000")
    assert "--distance" in refusal(capsys, *ADVISE, "--distance", "4")
    assert "--means" in refusal(capsys, *STUDY, "--means", "[[1]]")
    assert "--distance" in refusal(capsys, "precision", "--distance", "4,x")
    assert "--spread" in refusal(capsys, "precision", "--spread", "0")
    assert "--spread: got 10;" in refusal(capsys, "precision", "--spread", "10")
    assert '--spread: got "";' in refusal(capsys, "precision", "--spread", "")
    assert "--components" in refusal(capsys, "precision", "--components", "5/2")
    assert "--step-size" in refusal(capsys, *STUDY, "--step-size", "2")
    assert "--out" in refusal(capsys, *STUDY, "--out", str(tmp_path / "s.xlsx"))
    assert "--figure" in refusal(capsys, *STUDY, "--figure", str(tmp_path / "s.gif"))
    other = tmp_path / "other.json"
    other.write_text("{}")
    assert "--resume" in refusal(capsys, *STUDY, "--resume", str(other))
    other.write_text('{"belongs": {"sources": "0"}, "cases": {}}')
    assert "this version" in refusal(capsys, *STUDY, "--resume", str(other))
    mixture = '{"means": [[0], [3]]}'
    assert "--teacher-mean" in refusal(capsys, *ADVISE, "--teacher", mixture)


@pytest.mark.parametrize(
    ("module", "option", "name"),
    [("pyarrow", "--out", "s.parquet"), ("matplotlib.figure", "--figure", "s.svg")],
)
def test_missing_optional_packages_are_named(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    module: str,
    option: str,
    name: str,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    assert module.partition(".")[0] in refusal(capsys, *STUDY, option, str(tmp_path / name))
