"""The command line: documents, exit codes, and one-line errors for bad input."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from proofs_check import cli, registry, runner
from proofs_check.schemas import names, schema
from tests.proofs_check.demo_claims import MODULE as DEMO_MODULE

ROOT = Path(__file__).parents[3]
MEANS = '[[0], ["5/2"]]'
EVAL = ["eval", "--objective", "forward", "--means"]


def document(capsys, *words: str) -> dict:
    assert cli.main(list(words)) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
@pytest.mark.parametrize("quantity", ["loss", "gradient", "hessian"])
def test_eval_documents_follow_the_schema(capsys, backend, quantity):
    words = [*EVAL, MEANS, "--quantity", quantity, "--backend", backend, "--json", "-"]
    found = document(capsys, *words)
    jsonschema.validate(found, schema("eval"))
    number = found["mid" if backend == "ball" else "value"]
    shapes = {"loss": None, "gradient": (2, 1), "hessian": (2, 2)}
    if shapes[quantity]:
        assert (len(number), len(number[0])) == shapes[quantity]


STATIONARY = ["stationary", "--objective", "forward", "--slice"]


@pytest.mark.parametrize(
    ("words", "roots"),
    [(["0,a"], 1), (["0,a", "--range=0.1,2"], 0), (["0,a,-a", "--range=-1,3", "--digits", "8"], 2)],
)
def test_stationary_documents_follow_the_schema(capsys, words, roots):
    found = document(capsys, *STATIONARY, *words, "--json", "-")
    jsonschema.validate(found, schema("stationary"))
    assert (len(found["roots"]), found["complete"]) == (roots, True)


def test_the_backends_agree_to_the_printed_error(capsys):
    words = [*EVAL, '[["-0.75"], [2.125]]', "--json", "-"]
    ball = document(capsys, *words, "--backend", "ball", "--digits", "40")
    exact = Fraction(ball["mid"])
    for backend, digits in (("float64", "15"), ("mpmath", "30"), ("float64", "5")):
        found = document(capsys, *words, "--backend", backend, "--digits", digits)
        assert abs(Fraction(found["value"]) - exact) <= Fraction(found["error"])
        assert found["met"]
        assert Fraction(found["error"]) < Fraction(1, 10 ** int(digits) - 1)


TEACHER = '{"means": [["-1"], [2]], "weights": [0.25, "3/4"]}'


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
def test_eval_with_a_mixture_teacher(capsys, backend):
    words = [*EVAL, '[["-3/4"], ["17/8"]]', "--teacher", TEACHER, "--json", "-"]
    ball = document(capsys, *words, "--backend", "ball", "--digits", "50")
    found = document(capsys, *words, "--backend", backend)
    jsonschema.validate(found, schema("eval"))
    value, error = (
        Fraction(found[key])
        for key in (("mid", "rad") if backend == "ball" else ("value", "error"))
    )
    assert abs(value - Fraction(ball["mid"])) <= error < Fraction(1, 10**14)


def test_a_mixture_of_one_is_the_single_teacher(capsys):
    words = [*EVAL, MEANS, "--backend", "ball", "--json", "-"]
    mixture = document(capsys, *words, "--teacher", '{"means": [["1/3"]]}')
    assert mixture["mid"] == document(capsys, *words, "--teacher-mean", '["1/3"]')["mid"]


def test_numbers_are_read_as_their_decimal_text(capsys):
    texts = document(capsys, *EVAL, '[["0.1"]]', "--backend", "ball", "--json", "-")
    plain = document(capsys, *EVAL, "[[0.1]]", "--backend", "ball", "--json", "-")
    assert texts["mid"] == plain["mid"]
    assert Fraction(plain["mid"]) == Fraction(1, 100)


BAD = [
    ([*EVAL, "[[NaN]]"], "NaN"),
    ([*EVAL, "[[Infinity]]"], "Infinity"),
    ([*EVAL, '[["nan"]]'], "nan"),
    ([*EVAL, "[[1], [2, 3]]"], "means"),
    ([*EVAL, "[]"], "means"),
    ([*EVAL, "[[]]"], "means"),
    ([*EVAL, "[[true]]"], "means"),
    ([*EVAL, '[["1/0"]]'], "1/0"),
    ([*EVAL, '[["1e-100000"]]'], "exponent"),
    ([*EVAL, "[[1"], "--means"),
    ([*EVAL, "[" * 100_000], "--means"),
    ([*EVAL, "1"], "--means"),
    ([*EVAL, "[[1], [2]]", "--weights", "[0.5, 0.6]"], "weights"),
    ([*EVAL, "[[1], [2]]", "--weights", "[1.5, -0.5]"], "--weights[1]: got -1/2;"),
    ([*EVAL, "[[1], [2]]", "--weights", "[1]"], "weights"),
    ([*EVAL, "[[1]]", "--teacher-mean", "[1, 2]"], "--teacher-mean: got 2 entries"),
    ([*EVAL, "[[1]]", "--teacher", "[1]"], 'a JSON object with "means"'),
    ([*EVAL, "[[1]]", "--teacher", '{"mean": [[1]]}'], "--teacher: got"),
    ([*EVAL, "[[1]]", "--teacher", "{"], "--teacher: got {"),
    ([*EVAL, "[[1]]", "--teacher", '{"means": [[0]], "means": [[1]]}'], "every key once"),
    ([*EVAL, "[[1]]", "--teacher", '{"means": [[NaN]]}'], "--teacher: got NaN"),
    ([*EVAL, "[[1]]", "--teacher", '{"means": [[1], ["x"]]}'], "--teacher.means[1][0]: got x;"),
    ([*EVAL, "[[1]]", "--teacher", '{"means": [[1, 2]]}'], "--teacher.means: got means with 2"),
    (
        [*EVAL, "[[1]]", "--teacher", '{"means": [[1], [2]], "weights": ["1/2", "1/3"]}'],
        "--teacher.weights: got weights whose sum",
    ),
    ([*EVAL, "[[1]]", "--teacher", '{"means": [[1]]}', "--teacher-mean", "[1]"], "not allowed"),
    ([*EVAL, "[[1]]", "--digits", "0"], "--digits"),
    ([*EVAL, "[[1]]", "--digits", "many"], "--digits"),
    ([*EVAL, "[[1]]", "--digits", "1_0"], "an integer, 1 to 10000"),
    ([*EVAL, "[[1]]", "--digits", "\u0661\u0665"], "--digits"),
    ([*EVAL, '[["\u0661"]]'], "--means[0][0]"),
    ([*EVAL, "[[1]]", "--digits", "16"], "mpmath"),
    ([*EVAL, "[[1]]", "--digits", "10000000", "--backend", "mpmath"], "10000"),
    ([*EVAL, "[[1]]", "--backend", "gpu"], "--backend"),
    ([*EVAL, "[[1]]", "--max-nodes", "-3"], "--max-nodes"),
    ([*EVAL, MEANS, "--max-nodes", "2"], "nodes"),
    ([*EVAL, "[[1]]", "--json", "/no/such/folder/x.json"], "--json"),
    (["eval", "--means", "[[1]]"], "--objective"),
    (["eval", "--objective", "other", "--means", "[[1]]"], "--objective"),
    ([*STATIONARY, "0,1"], "slice"),
    ([*STATIONARY, "0,a", "--weights", '["1/3", "2/3"]'], "slice"),
    ([*STATIONARY, "0,a", "--range=3,1"], "range"),
    ([*STATIONARY, "0,a", "--range=1,1e300"], "--range"),
    ([*STATIONARY, "0,a", "--range=3"], "--range: got 3;"),
    ([*STATIONARY, "0,a", "--digits", "100000"], "--digits"),
    (["derive", "nothing-of-the-kind"], "NAME"),
    (["verify", "Z9"], "Z9"),
    (["verify", "T2", "--jobs", "0"], "--jobs"),
    (["verify", "T2", "--seed", "-1"], "--seed"),
    (["verify", "T2", "--budget", "huge"], "--budget"),
    (["verify", "F2", "--junit", "-", "--json", "-"], "--junit"),
    (["verify", "T2", "--junit", "/no/such/folder/x.xml"], "--junit"),
    (["verify", "F2", "--json", "x", "--junit", "./x"], "--junit: got ./x; allowed: another file"),
    (["compare", "--output", "x", "--json", "x"], "--json: got x; allowed: another file"),
    (["sing"], "sing"),
    ([], "COMMAND"),
    (["--loud"], "--loud"),
]


@pytest.mark.parametrize(("words", "named"), BAD, ids=[" ".join(w)[-60:] for w, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(capsys, words, named):
    try:
        code = cli.main(words)
    except SystemExit as stop:  # argparse's way out
        code = stop.code
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("proofs-check: error: ")
    assert named in captured.err


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help_with_an_example_and_a_version(capsys, command):
    for option in ("--help", "--version"):
        with pytest.raises(SystemExit) as stop:
            cli.main([command, option])
        assert stop.value.code == 0
    printed = capsys.readouterr().out
    assert f"example:\n  proofs-check {command}" in printed
    assert "proofs-check 0." in printed


def verify(monkeypatch, *words: str) -> int:
    """Run ``verify`` on the demonstration claims, which the child processes must import."""
    monkeypatch.setattr(runner, "run", functools.partial(runner.run, modules=(DEMO_MODULE,)))
    return cli.main(["verify", *words])


def test_verify_with_json_on_standard_output_prints_nothing_else(capsys, monkeypatch):
    assert verify(monkeypatch, "T2", "--json", "-") == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    jsonschema.validate(found, schema("verify"))
    assert [claim["id"] for claim in found["claims"]] == ["T2"]
    assert "T2  PROVED" in captured.err


def test_verify_replaces_files_and_reports_controls_that_hold(capsys, monkeypatch, tmp_path):
    report, junit = tmp_path / "report.json", tmp_path / "report.xml"
    report.write_text("old")
    assert verify(monkeypatch, "T6", "--json", str(report), "--junit", str(junit)) == 1
    assert "should be REFUTED" in capsys.readouterr().out
    jsonschema.validate(json.loads(report.read_text()), schema("verify"))
    suite = ElementTree.parse(junit).getroot().find("testsuite")
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("T6", "2", "1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "report.xml"]


def test_verify_with_junit_on_standard_output_prints_nothing_else(capsys, monkeypatch):
    assert verify(monkeypatch, "T2", "--junit", "-") == 0
    captured = capsys.readouterr()
    assert ElementTree.fromstring(captured.out).find("testsuite").get("name") == "T2"
    assert "T2  PROVED" in captured.err


def test_strict_changes_nothing(capsys, monkeypatch):
    assert verify(monkeypatch, "T4") == 3
    assert verify(monkeypatch, "T4", "--strict") == 3


def test_list_names_every_claim(capsys):
    assert cli.main(["list"]) == 0
    printed = capsys.readouterr().out
    assert all(claim.identifier in printed for claim in registry.all_claims())


@pytest.mark.parametrize("style", ["text", "latex", "python"])
def test_derive_prints_every_format(capsys, style):
    assert cli.main(["derive", "I1", "--format", style]) == 0
    assert "log_teacher" in capsys.readouterr().out or style != "text"


def test_the_python_format_runs(capsys, tmp_path):
    assert cli.main(["derive", "lemma-2.2", "--format", "python"]) == 0
    script = tmp_path / "script.py"
    script.write_text(capsys.readouterr().out)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.splitlines()
    assert all(line.startswith("True ") for line in done.stdout.splitlines())


def test_a_reader_that_goes_away_is_no_error():
    code = "import sys; from proofs_check.cli import main; sys.exit(main())"
    words = [*EVAL, "[[0, 0], [1, 0], [0, 1]]", "--quantity", "hessian"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    process.stdout.close()
    error = process.stderr.read()
    process.wait(timeout=300)
    assert "Traceback" not in error
    assert "Exception" not in error


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device /dev/full")
@pytest.mark.parametrize("words", [["list"], [*EVAL, MEANS], [*EVAL, MEANS, "--json", "-"]])
def test_a_full_disk_is_one_line_and_exit_code_2(words):
    code = "import sys; from proofs_check.cli import main; sys.exit(main())"
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "No space left" in done.stderr


def test_eval_and_list_start_without_the_heavy_libraries():
    code = (
        "import sys; from proofs_check.cli import main\n"
        f"main(['list']); main({[*EVAL, MEANS]!r})\n"
        "print(sorted({'sympy', 'hypothesis', 'rich', 'scipy'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_schemas_are_valid_schemas():
    for name in names():
        jsonschema.Draft202012Validator.check_schema(schema(name))
