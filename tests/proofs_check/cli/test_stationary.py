"""``proofs-check stationary``: documents, answers, exit codes, bad input."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from numerics.stationary import triple_classification
from numerics.stationary.triple_classification import TripleSearch
from proofs_check import cli
from proofs_check.schemas import schema

STATIONARY = ["stationary", "--objective"]
ROOT = "2.45628225477967493110094008228217978360915902510791"


def document(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert cli.main([*STATIONARY, *words, "--json", "-"]) == 0
    found: dict = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema("stationary"))
    return found


def test_a_hundred_digits(capsys) -> None:
    found = document(capsys, "forward", "--slice", "0,a", "--digits", "100")
    (root,) = found["roots"]
    assert found["complete"]
    assert root["mid"].startswith(ROOT)
    assert Fraction(root["rad"]) < Fraction(3, 10**100)
    assert (root["existence"], root["uniqueness"]) == ("proved", "proved")
    assert root["signature"]["d=1"] == {"positive": 1, "negative": 1, "zero": 0, "undecided": 0}
    extra = {"positive": 1, "negative": 0, "zero": 1, "undecided": 0}
    assert root["signature"]["each_extra_dimension"] == extra


def test_enclosures_of_different_digits_meet(capsys) -> None:
    roots = []
    for digits in ("5", "15", "40"):
        words = ["--slice", "0,a,-a", "--digits", digits, "--range=2,3"]
        (root,) = document(capsys, "forward", *words)["roots"]
        roots.append((Fraction(root["mid"]), Fraction(root["rad"]), int(digits)))
    best = roots[-1][0]
    for middle, radius, digits in roots:
        assert abs(middle - best) <= radius + roots[-1][1]
        assert radius <= 3 * Fraction(1, 10**digits)


def test_no_root_is_an_answer(capsys) -> None:
    found = document(capsys, "reverse", "--slice", "0,a,-a")
    assert found["roots"] == []
    assert found["status"] == "no root in the range, proved"
    found = document(capsys, "forward", "--slice", "0,a", "--range=3,6")
    assert found["status"] == "no root in the range, proved"


def test_text_names_the_truth(capsys) -> None:
    assert cli.main([*STATIONARY, "forward", "--slice", "0,a", "--range=-1,3"]) == 0
    shown = capsys.readouterr().out
    assert "a = 0 +/- 0 (the truth)" in shown
    assert "existence: proved" in shown
    assert "1 root other than the truth in the range, proved to be all" in shown


def test_undecided_parts_are_shown(capsys) -> None:
    assert cli.main([*STATIONARY, "forward", "--slice", "0,a", "--range=70,71"]) == 3
    assert "UNDECIDED 70 <= a <= 71" in capsys.readouterr().out


def test_json_file_is_written_beside_the_text(capsys, tmp_path: Path) -> None:
    target = tmp_path / "roots.json"
    words = [*STATIONARY, "kl", "--slice", "a,-a", "--json", str(target)]
    assert cli.main(words) == 0
    assert "no root" in capsys.readouterr().out
    jsonschema.validate(json.loads(target.read_text(encoding="utf-8")), schema("stationary"))


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["forward", "--slice", "0,a", "--weights", '["1/4", "3/4"]'], "slice"),
        (["forward", "--slice", "0,1"], "variable"),
        (["sideways", "--slice", "0,a"], "--objective: got sideways; allowed: one of forward,"),
        (["forward", "--slice", "0,q"], "slice"),
        (["forward", "--slice", "0,a", "--range=3,1"], "range"),
        (["forward", "--slice", "0,a", "--range=1,nan"], "range"),
        (["forward", "--slice", "0,a", "--range="], "range"),
        (["forward", "--continue-weights", "--range="], "range"),
        (["forward", "--slice", "0,a", "--range=1,2,3"], "range"),
        (["forward", "--slice", "0,a", "--weights", "[NaN, 1]"], "weights"),
        (["forward", "--slice", "0,a", "--json", "/no/such/folder/out.json"], "--json"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(capsys, words: list[str], named: str) -> None:
    assert cli.main([*STATIONARY, *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert named in captured.err


@pytest.mark.parametrize(
    "words",
    [["forward", "--slice", "0,a", "--digits", "0"], ["forward"]],
)
def test_bad_options(capsys, words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([*STATIONARY, *words])
    assert caught.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def other_document(capsys: pytest.CaptureFixture[str], name: str, *words: str) -> dict:
    assert cli.main([*STATIONARY, "forward", *words, "--json", "-"]) == 0
    found: dict = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema(name))
    return found


def test_census_of_two_is_complete(capsys) -> None:
    words = ["--census", "--components", "2", "--starts", "20"]
    found = other_document(capsys, "stationary-census", *words)
    assert found["complete"]
    (point,) = found["points"]
    assert (point["multiplicities"], point["index"], point["rank"]) == ([1, 1], 1, 1)
    for (place,), (radius,), exact in zip(
        point["places"], point["radii"], ("0", ROOT), strict=True
    ):
        assert abs(Fraction(place) - Fraction(exact)) <= Fraction(radius)


def test_census_of_three_is_not_said_to_be_complete(capsys) -> None:
    words = ["--census", "--components", "3", "--starts", "40"]
    found = other_document(capsys, "stationary-census", *words)
    assert not found["complete"]
    assert found["not_told_apart"] == []
    assert cli.main([*STATIONARY, "forward", *words]) == 0
    assert "that there are no others is not proved" in capsys.readouterr().out


def test_branch_in_the_weights(capsys) -> None:
    words = ["--continue-weights", "--range=2/5,3/5"]
    found = other_document(capsys, "stationary-branch", *words)
    assert found["complete"]
    assert found["saddle"]
    table = {point["far_weight"]: point["means"] for point in found["points"]}
    assert list(table) == ["2/5", "9/20", "1/2", "11/20", "3/5"]
    near, far = (Fraction(mean) for mean in table["1/2"])
    assert abs(near) < Fraction(1, 10**11)
    assert abs(far - Fraction(ROOT)) < Fraction(1, 10**11)
    assert Fraction(table["2/5"][0]) > 0 > Fraction(table["3/5"][0])
    assert cli.main([*STATIONARY, "forward", *words]) == 0
    assert "index 1 all along" in capsys.readouterr().out


def test_three_components_in_a_cube(capsys) -> None:
    found = other_document(capsys, "stationary-reach", "--reach", "5/2")
    assert found["complete"]
    (point,) = found["points"]
    assert [round(float(place), 4) for place in point["places"]] == [-0.0308, 2.4143, 2.4143]
    assert cli.main([*STATIONARY, "forward", "--reach", "5/2"]) == 0
    shown = capsys.readouterr().out
    assert "(-0.0307519497, 2.41426453, 2.41426453)" in shown
    assert "no others but the truth, permutations and reflections: proved" in shown
    assert "none beyond" not in shown


@pytest.mark.parametrize(("reach", "beyond"), [("13/2", False), ("7", True), ("10", True)])
def test_from_some_cube_on_there_are_none_beyond(capsys, monkeypatch, reach, beyond) -> None:
    monkeypatch.setattr(
        triple_classification, "all_triples", lambda size, _: TripleSearch(size, (), (), 1)
    )
    assert other_document(capsys, "stationary-reach", "--reach", reach)["none_beyond"] is beyond
    assert cli.main([*STATIONARY, "forward", "--reach", reach]) == 0
    assert ("none beyond: proved" in capsys.readouterr().out) is beyond


@pytest.mark.parametrize(
    "words",
    [
        ["forward", "--census"],
        ["forward", "--census", "--components", "2", "--range=1,2"],
        ["forward", "--census", "--components", "2", "--digits", "20"],
        ["kl", "--census", "--components", "2"],
        ["forward", "--continue-weights", "--range=1/4,1/3"],
        ["forward", "--continue-weights", "--range=1/4"],
        ["forward", "--continue-weights", "--components", "2"],
        ["forward", "--reach", "2", "--range=1,2"],
        ["forward", "--reach", "2", "--components", "3"],
        ["forward", "--reach", "11"],
        ["forward", "--reach", "two"],
        ["kl", "--reach", "2"],
        ["forward", "--slice", "0,a", "--starts", "3"],
    ],
)
def test_options_of_other_searches_are_refused(words: list[str], capsys) -> None:
    assert cli.main([*STATIONARY, *words]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
