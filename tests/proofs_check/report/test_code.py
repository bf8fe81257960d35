"""Results are of one text: a report of a run of other claims, or of other code, is not theirs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from proofs_check.cli import main
from proofs_check.loading.find import find
from proofs_check.schemas import schema
from tests.proofs_check import own_claims
from tests.proofs_check.report.report_case import report_file

HELPER = "from helper import FACTOR\n" + own_claims.TEXT.replace(
    "return sum(", "return FACTOR * sum("
)
LAZY = own_claims.TEXT.replace(
    "    return sum(", "    from lazy_helper import FACTOR\n\n    return FACTOR * sum("
)
#: A claims file, and an edit of it or of what lies beside it, with the same names of checks.
EDITS = {
    "statement": (own_claims.TEXT, "my_claims.py", ("2 K < sum", "3 K < sum")),
    "relation": (own_claims.TEXT, "my_claims.py", ("2 * at.loss", "3 * at.loss")),
    "title": (own_claims.TEXT, "my_claims.py", ('"small"', '"large"')),
    "helper": (HELPER, "helper.py", ("1", "3")),
    "lazy helper": (LAZY, "lazy_helper.py", ("1", "3")),
}


def write(folder: Path, text: str) -> None:
    own_claims.write(folder, text)
    for name in ("helper", "lazy_helper"):
        sys.modules.pop(name, None)
        own_claims.write(folder, "FACTOR = 1\n", f"{name}.py")


def shown(command: str, *words: str) -> int:
    further = ["--no-proofs", "--no-figures"] if command == "report" else []
    return main([command, *words, *further])


@pytest.mark.parametrize("command", ["report", "pages"])
@pytest.mark.parametrize("edit", EDITS)
def test_a_run_of_another_text_is_refused(tmp_path, capsys, command, edit):
    text, name, change = EDITS[edit]
    write(tmp_path, text)
    path = str(tmp_path / "my_claims.py")
    saved = report_file(tmp_path / "run.json", find([path]))
    words = [f"{path}::Own1", "--report", saved, "--out", str(tmp_path / "out")]
    assert shown(command, *words) == 0
    edited = tmp_path / name
    edited.write_text(edited.read_text().replace(*change), encoding="utf-8")
    capsys.readouterr()
    assert shown(command, *words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{name} changed since that run" in line
    assert "Own1" in line


def test_a_changed_text_is_a_change_against_the_earlier_run(tmp_path, capsys):
    path, saved = own_claims.write(tmp_path), str(tmp_path / "run.json")
    assert main(["verify", path, "--json", saved]) == 0
    document = json.loads(Path(saved).read_text(encoding="utf-8"))
    jsonschema.validate(document, schema("verify"))
    assert set(document["claims"][0]["code"]["files"]) == {"my_claims.py"}
    own_claims.write(tmp_path, own_claims.TEXT.replace("2 K < sum", "2 K < the sum"))
    new = str(tmp_path / "new.json")
    capsys.readouterr()
    assert main(["verify", path, "--against", saved, "--json", new]) == 0
    assert "Own1: text " in capsys.readouterr().out
    document = json.loads(Path(new).read_text(encoding="utf-8"))
    jsonschema.validate(document, schema("verify"))
    assert {change["what"] for change in document["changes"]} == {"text"}


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("command", ["report", "pages"])
def test_results_of_other_code_of_this_package_say_so(tmp_path, command, older):
    saved = Path(report_file(tmp_path / "run.json", find(["E6"])))
    document = json.loads(saved.read_text(encoding="utf-8"))
    if older:
        del document["environment"]["sources"], document["claims"][0]["code"]
    else:
        document["environment"]["sources"] = "0" * 64
    saved.write_text(json.dumps(document), encoding="utf-8")
    assert shown(command, "E6", "--report", str(saved), "--out", str(tmp_path)) == 0
    said = "does not say which code it is of" if older else "Results are of other code"
    names = ["report.html"] if command == "report" else ["E6.md", "index.md"]
    for name in names:
        assert (tmp_path / name).read_text(encoding="utf-8").count(said) == 2 // len(names)


@pytest.mark.parametrize("command", ["report", "pages", "verify"])
@pytest.mark.parametrize(("field", "value"), [("verdict", "PROVED"), ("method", "symbolic")])
def test_a_verdict_that_the_checks_do_not_give_is_refused(tmp_path, capsys, command, field, value):
    saved = Path(report_file(tmp_path / "run.json", find(["E6"])))
    document = json.loads(saved.read_text(encoding="utf-8"))
    document["claims"][0][field] = value
    saved.write_text(json.dumps(document), encoding="utf-8")
    option = "--against" if command == "verify" else "--report"
    words = [] if command == "verify" else ["--out", str(tmp_path / "out")]
    assert main([command, "E6", option, str(saved), *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{field} {value}, but its checks give" in line
