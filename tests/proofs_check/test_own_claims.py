"""Claims of one's own: by the commands, from scripts, and as an assertion."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shlex
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from proofs_check import assert_claim, runner
from proofs_check.checks import IdentityCheck
from proofs_check.claim import Claim, Control
from proofs_check.cli import main
from proofs_check.cli.new_claim import KINDS
from proofs_check.loading.load import load
from proofs_check.schemas import schema
from tests.proofs_check.commands import refusal
from tests.proofs_check.own_claims import FAILING, TEXT, write

ROOT = str(Path(__file__).parents[2])


def python(*arguments: str, folder: Path, text: str | None = None) -> subprocess.CompletedProcess:
    """Run this interpreter in a folder, with a text as standard input."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        input=text,
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def command(words: str, folder: Path) -> subprocess.CompletedProcess:
    """Run a command line that begins with ``proofs-check``."""
    name, *arguments = shlex.split(words, comments=True)
    assert name == "proofs-check"
    code = "import sys; from proofs_check.cli import main; sys.exit(main())"
    return python("-c", code, *arguments, folder=folder)


def test_verify_takes_files_and_claims_of_files_and_built_in_ones(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    write(tmp_path, TEXT.replace("Own", "Other"), "others.py")
    words = ["verify", "my_claims.py", "others.py::Other2", "E6", "--json", "report.json"]
    assert main(words) == 0
    found = json.loads(Path("report.json").read_text())
    jsonschema.validate(found, schema("verify"))
    assert [(claim["id"], claim["verdict"], claim["source"]) for claim in found["claims"]] == [
        ("Own1", "PROVED", "my_claims.py"),
        ("Own2", "PROVED", "my_claims.py"),
        ("Other2", "PROVED", "others.py"),
        ("E6", "PROVED", None),
    ]
    assert (found["complete"], found["exit_code"], found["errors"]) == (True, 0, [])
    assert "4 of 4 controls REFUTED" not in capsys.readouterr().err


def test_a_false_claim_and_a_control_that_stands_give_exit_code_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, FAILING)
    for name, verdict, why in (
        ("False", "REFUTED", "False is REFUTED because of: points."),
        ("Stands", "PROVED", "Stands control is PROVED, not REFUTED: turned."),
    ):
        assert main(["verify", f"my_claims.py::{name}"]) == 1
        shown = capsys.readouterr().out
        assert f"{name}  {verdict}" in shown
        assert why in shown


def test_a_resumed_run_belongs_to_its_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    words = ["verify", "my_claims.py::Own1", "--resume", "run.json"]
    assert main(words) == 0
    assert main(words) == 0
    assert "2 checks and controls were finished by an earlier run" in capsys.readouterr().out
    write(tmp_path, TEXT + "\n# changed\n")
    assert "these sources: they have changed since" in refusal(capsys, *words)


def test_pages_say_how_they_are_made_and_it_runs(tmp_path):
    text = TEXT.replace("(check,), (control,))", '(check,), (control,), figure=Figure("P.", draw))')
    text = text.replace("import Claim, Control", "import Claim, Control, Figure")
    text = text.replace(
        "def claim(", "def draw(axes, context):\n    axes.plot([0, 1])\n\n\ndef claim("
    )
    write(tmp_path, text, "my claims.py")
    made = command("proofs-check pages 'my claims.py::Own1' --out 'my pages'", tmp_path)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "my pages"
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(files) == {"Own1.md", "Own1.svg", "index.md", "verdicts.json"}
    for path in folder.glob("*.md"):
        for link in re.findall(r"\]\(([^)]+)\)", path.read_text()):
            assert (folder / link).exists(), link
    (block,) = re.findall(r"## Made by\n\n```sh\n(.*?)```", files["Own1.md"].decode(), re.S)
    for line in block.splitlines():
        done = command(line, tmp_path)
        assert done.returncode == 0, done.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_holds_and_its_control_is_refuted(kind, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new-claim", "Mine", "--kind", kind, "--out", "new.py"]) == 0
    assert capsys.readouterr().out == "wrote new.py\n"
    text = Path("new.py").read_text()
    assert main(["new-claim", "Mine", "--kind", kind]) == 0
    assert capsys.readouterr().out == text
    assert text.split("CLAIMS = ")[1].count("\n") <= 25
    assert "lambda at" in text or kind not in ("identity", "inequality")
    assert main(["verify", "new.py"]) == 0
    assert "1 of 1 controls REFUTED, as they should be." in capsys.readouterr().out


def test_new_claim_refuses_what_is_taken(tmp_path, capsys):
    there = write(tmp_path)
    limit = ("--kind", "limit")
    assert "ID: got F1; allowed: an identifier" in refusal(capsys, "new-claim", "F1", *limit)
    assert "ID: got a b; allowed: a letter" in refusal(capsys, "new-claim", "a b", *limit)
    said = refusal(capsys, "new-claim", "Mine", *limit, "--out", there)
    assert "--out: got " in said
    assert "allowed: a file that does not exist yet" in said
    assert "invalid choice: 'guess'" in refusal(capsys, "new-claim", "Mine", "--kind", "guess")


#: A script without a guard: claims that cannot be sent, one that can, and a file.
SCRIPT = (
    TEXT
    + """
from proofs_check import runner
from proofs_check.report.formats import human

print("begins")
outcome = runner.run([*CLAIMS, "beside.py::Other1"])
print(outcome.exit_code, *(result.verdict for result in outcome.results))
print(sorted(outcome.here))
print("Own1 ran in this process" in human(outcome))
"""
)


@pytest.mark.parametrize("how", ["script", "standard input", "command"])
def test_runs_from_a_script_without_a_guard(tmp_path, how):
    write(tmp_path, TEXT.replace("Own", "Other"), "beside.py")
    arguments, text = [write(tmp_path, SCRIPT, "script.py")], None
    if how == "standard input":
        arguments, text = ["-"], SCRIPT
    elif how == "command":
        arguments = ["-c", SCRIPT]
    done = python(*arguments, folder=tmp_path, text=text)
    assert done.stdout.splitlines() == [
        "begins",
        "0 PROVED PROVED PROVED",
        "['Own1', 'Own2']",
        "True",
    ], done.stderr
    assert done.stderr == ""


def test_an_imported_claim_runs_in_a_process(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    write(tmp_path, name="claims_to_import.py")
    import claims_to_import

    outcome = runner.run(claims_to_import.CLAIMS[0], jobs=1)
    assert (outcome.exit_code, dict(outcome.here)) == (0, {})


def test_a_claim_without_functions_is_sent_whole_one_with_a_lambda_is_not():
    """Neither stands in a tuple ``CLAIMS``."""
    changed = Control("1.05 L", "5% more", IdentityCheck("I1", ("loss", Fraction(21, 20))))
    texts = ("Own5", "de Bruijn", "sum_j v_j . grad_j K = L", "", "mine")
    outcome = runner.run(Claim(*texts, (), (IdentityCheck("I1"),), (changed,)))
    assert (outcome.exit_code, dict(outcome.here)) == (0, {})
    (template,) = load("proofs_check.templates.limit").claims
    outcome = runner.run(dataclasses.replace(template, identifier="Own6"))
    assert outcome.exit_code == 0
    assert "lambda" in outcome.here["Own6"]


def test_a_claim_of_a_module_that_is_not_found_again_runs_here(tmp_path, monkeypatch):
    """Such as a test module, or one whose folder has left the search path."""
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        write(tmp_path, name="once_imported.py")
        import once_imported
    outcome = runner.run(once_imported.CLAIMS[0])
    assert outcome.exit_code == 0
    assert list(outcome.here) == ["Own1"]


def test_a_file_in_the_folder_does_not_stand_in_for_a_module(tmp_path, monkeypatch, capsys):
    """The processes search where the command does: not in the current folder first."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    for name in ("numerics.py", "psutil.py", "tempfile.py"):
        write(tmp_path, "raise SystemExit(3)", name)
    assert main(["verify", "my_claims.py::Own1"]) == 0


def test_an_error_in_a_check_is_an_error_of_the_claim_with_its_place(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = TEXT.replace("import BallCheck", "import BallCheck, FunctionCheck")
    text = text.replace("(check,)", '(check, FunctionCheck("broken", lambda context: [][0]))')
    write(tmp_path, text)
    words = ["verify", "my_claims.py::Own1", "--json", "run.json", "--junit", "run.xml"]
    assert main(words) == 2
    said = "IndexError: list index out of range (my_claims.py:19)"
    assert f"Own1 broken could not be run: {said}" in capsys.readouterr().out
    found = json.loads(Path("run.json").read_text())
    jsonschema.validate(found, schema("verify"))
    assert found["errors"] == [{"claim": "Own1", "part": "broken", "message": said}]
    assert ElementTree.parse("run.xml").find("testsuite").get("errors") == "1"


def test_an_assertion_of_a_claim(tmp_path):
    path = write(tmp_path, FAILING)
    assert_claim(write(tmp_path, name="good.py") + "::Own1")
    for claim in (f"{path}::False", load(path).claims[1]):
        with pytest.raises(AssertionError, match="REFUTED"):
            assert_claim(claim)


OWN = """
from derive.algebra.index import dot
from derive.losses.objectives import FORWARD, Objective, score_error

error = score_error()
OBJECTIVES = (
    Objective("quartic", "teacher", dot(error, error) ** 2, "E_q |m|^4", "mine"),
    Objective("twice", "teacher", 2 * FORWARD.integrand, "2 L", "mine"),
)
TEACHERS = {"pair": {"means": [["-1"], ["1"]], "weights": ["1/3", "2/3"]}, "bad": [1]}
SLICES = {"one": "0,a", "two": 2}
"""


def test_objectives_teachers_and_slices_of_a_file_on_the_command_line(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, OWN)

    def value(*words: str) -> float:
        assert main(["eval", "--means", "[[0], [1]]", *words, "--json", "-"]) == 0
        return float(json.loads(capsys.readouterr().out)["value"])

    own = ("--from", "my_claims.py")
    forward = value("--objective", "forward")
    assert value(*own, "--objective", "twice") == pytest.approx(2 * forward, rel=1e-12)
    assert value(*own, "--objective", "quartic") != pytest.approx(forward, rel=1e-3)
    pair = '{"means": [["-1"], ["1"]], "weights": ["1/3", "2/3"]}'
    mixed = value("--objective", "kl", "--teacher", pair)
    assert value(*own, "--objective", "kl", "--teacher", "pair") == mixed
    descend = ["descend", *own, "--objective", "twice", "--means", "[[1]]"]
    assert main([*descend, "--step-size", "0.1", "--steps", "3", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema("descend"))
    assert float(found["means"][0][0]) == pytest.approx(0.6**3)
    stationary = ["stationary", *own, "--objective", "twice", "--slice", "one", "--range=1,2"]
    assert main([*stationary, "--digits", "10"]) == 0
    assert "no root in the range, proved" in capsys.readouterr().out
    for words, said in {
        ("--objective", "third"): "--objective: got third; allowed: one of forward, reverse, kl, "
        "quartic, twice",
        ("--objective", "kl", "--teacher", "three"): "--teacher: got three; allowed: one of the",
        ("--objective", "kl", "--teacher", "bad"): "my_claims.py: TEACHERS['bad'] is no mapping",
    }.items():
        assert said in refusal(capsys, "eval", "--means", "[[0]]", *own, *words)
    other = [word if word != "one" else "two" for word in stationary]
    assert "my_claims.py: SLICES['two'] is no text" in refusal(capsys, *other)
    said = refusal(capsys, "eval", "--means", "[[0]]", "--objective", "twice")
    assert "or one of a claims file, with --from" in said


PROOFS = """
from dataclasses import replace
from proofs_check.proofs.identity_proofs import i2


def mine():
    return replace(i2(), name="mine")


PROOFS = (mine, replace(i2(), name="second"))
"""


def test_proofs_of_a_file_are_replayed_by_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, PROOFS)
    assert main(["prove", "my_claims.py::second"]) == 0
    assert "PROVED" in capsys.readouterr().out
    write(tmp_path, PROOFS.replace("(mine, ", "(replace(mine(), name='K'), "), "taken.py")
    write(tmp_path, "PROOFS = (1,)", "wrong.py")
    for word, said in {
        "my_claims.py": "no proof is named; its PROOFS: mine, second",
        "my_claims.py::third": "no proof third; its PROOFS: mine, second",
        "taken.py": "taken.py: PROOFS: the name K is taken",
        "wrong.py": "wrong.py: PROOFS[0] is of type int; allowed: Script",
    }.items():
        assert said in refusal(capsys, "prove", word)
