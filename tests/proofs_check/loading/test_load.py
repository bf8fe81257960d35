"""Claims files: what is in them, and every fault named with file and line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from numerics.errors import InputError
from proofs_check import registry
from proofs_check.claim import Context
from proofs_check.cli import main
from proofs_check.loading.find import files_of, find
from proofs_check.loading.load import load, source_of
from proofs_check.loading.source import ClaimsFileError
from proofs_check.report.formats import document
from proofs_check.runner import run
from tests.proofs_check.commands import refusal
from tests.proofs_check.own_claims import TEXT, write


def edited(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


LAST = 'CLAIMS = (claim("Own1"), claim("Own2"))'
#: Text of a file, the line of the fault (None: the file as a whole), and what is said.
FAULTS = {
    "syntax": ("x = (\n", 1, "SyntaxError: '(' was never closed"),
    "exception": (edited(LAST, "\n\nCLAIMS = (clam('Own1'),)"), 24, "NameError: name 'clam'"),
    "in a function": (edited("return Relation", "return Relatio"), 13, "NameError: name 'Relatio'"),
    "sign": (edited('claim("Own2")', 'claim("Own2", "=<")'), 13, "sign: got '=<'; allowed"),
    "exit": ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3"),
    "missing import": ("import no_such_module\n", 1, "ModuleNotFoundError: No module named"),
    "no claims": (edited(LAST, ""), None, "no claims; allowed: a file with CLAIMS = "),
    "one claim": (edited(LAST, "CLAIMS = claim('A')"), None, "CLAIMS is of type Claim; allowed:"),
    "other things": (edited(LAST, 'CLAIMS = (claim("Own1"), 1)'), None, "CLAIMS[1] is of type int"),
    "twice": (edited("Own2", "Own1"), None, "two claims have the identifier Own1"),
    "built in": (edited("Own2", "F1"), None, "the identifier F1 is taken by a claim of"),
    "path": (edited("Own2", "../x"), None, "identifier '../x'; allowed: a letter"),
    "page": (edited("Own2", "index"), None, "identifier 'index'; allowed: a letter"),
    "no control": (edited("(control,))", "())"), 19, "a claim needs at least one check and one"),
    "runs": ("from proofs_check import runner\nrunner.run('E6')\n", 2, "run: got a run while"),
    "itself": ("from proofs_check import runner as r\nr.find([__file__])", None, "loads itself"),
    "null bytes": ("x = 1\0", None, "null bytes"),
}  # fmt: skip


@pytest.mark.parametrize("command", ["verify", "list"])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_one_line_with_its_place(tmp_path, monkeypatch, capsys, kind, command):
    text, line, said = FAULTS[kind]
    monkeypatch.chdir(tmp_path)
    write(tmp_path, text)
    shown = refusal(capsys, command, "my_claims.py")
    place = "my_claims.py" if line is None else f"my_claims.py:{line}"
    assert f"proofs-check: error: {place}" in shown
    assert said in shown


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "my_claims.py"),
        ("descend", "--from", "my_claims.py", "--objective", "own", "--means", "[[1]]",
         "--step-size", "1", "--steps", "1"),
        ("stationary", "--from", "my_claims.py", "--objective", "own", "--slice", "0,a"),
    ],
)  # fmt: skip
def test_a_file_whose_loading_does_not_end_is_ended_in_time(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "while True:\n    pass\n")
    assert main([*words, "--max-seconds", "0.3"]) == 124
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "proofs-check: time is up (--max-seconds)\n")


def test_what_is_no_file_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    os.mkfifo("pipe.py")
    for word, said in {
        "nothing.py": "nothing.py: No such file or directory",
        "pipe.py": "pipe.py: not a regular file",
        "./": "./: not a regular file",
        "my_claims.py::Own3": "my_claims.py: no claim Own3; it has Own1, Own2",
        "my_claims.py::": "my_claims.py: no claim (empty); it has Own1, Own2",
        "no_module::Own1": "no_module: ModuleNotFoundError: No module named 'no_module'",
        "json": "json: no claims; allowed",
        "Own1": "ID: got Own1; allowed: one of E1,",
    }.items():
        assert said in refusal(capsys, "list", word)


def test_two_files_with_one_identifier_are_refused_by_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    write(tmp_path, name="others.py")
    said = "others.py: the identifier Own1 is taken by my_claims.py::Own1"
    assert said in refusal(capsys, "list", "my_claims.py", "others.py")


def test_loading_twice_is_harmless_and_a_change_is_seen(tmp_path):
    path = write(tmp_path)
    assert load(path).claims is load(path).claims
    assert [found.claim.identifier for found in find([path, f"{path}::Own1"])] == ["Own1", "Own2"]
    write(tmp_path, TEXT.replace("Own2", "Own3"))
    assert [claim.identifier for claim in load(path).claims] == ["Own1", "Own3"]
    assert not any("Own" in claim.identifier for claim in registry.all_claims())


def test_modules_are_found_in_the_current_folder_and_files_import_what_lies_beside(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "own_package"
    package.mkdir()
    write(package, name="__init__.py", text="")
    write(package, name="mine.py")
    write(tmp_path, "from own_package.mine import claim\nCLAIMS = (claim('Own7'),)\n", "beside.py")
    found = find(["own_package.mine::Own2", "beside.py"])
    assert [each.address for each in found] == ["own_package.mine::Own2", "beside.py::Own7"]
    names = [Path(file).name for file in files_of(found[1:])]
    assert names == ["beside.py", "__init__.py", "mine.py"]


def test_a_claim_knows_the_file_or_module_it_stands_in(tmp_path, monkeypatch):
    path = write(tmp_path)
    assert source_of(load(path).claims[1]).path == path
    monkeypatch.syspath_prepend(str(tmp_path))
    write(tmp_path, name="imported_claims.py")
    import imported_claims  # type: ignore[import-not-found]

    (found,) = find([imported_claims.CLAIMS[0]])
    assert found.address == "imported_claims::Own1"


def test_the_run_says_which_file_a_claim_is_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    outcome = run(["my_claims.py::Own1", "E6"])
    assert outcome.exit_code == 0
    assert not outcome.here
    sources = [claim["source"] for claim in document(outcome, Context())["claims"]]
    assert sources == ["my_claims.py", None]


@pytest.mark.parametrize("word", [None, 3, ["E6", 3]])
def test_other_things_than_claims_are_refused(word):
    with pytest.raises((InputError, TypeError)):
        run(word)


def test_objectives_teachers_and_slices_are_checked(tmp_path):
    start = "from derive.losses.objectives import KL\n"
    for text, said in {
        "OBJECTIVES = (KL,)": "OBJECTIVES: the name kl is taken",
        "OBJECTIVES = KL": "OBJECTIVES is of type Objective; allowed: a tuple",
        "OBJECTIVES = ('kl',)": "OBJECTIVES[0] is of type str; allowed: Objective",
    }.items():
        with pytest.raises(ClaimsFileError, match=re.escape(said)):
            load(write(tmp_path, start + text)).objectives  # noqa: B018
    with pytest.raises(ClaimsFileError, match="TEACHERS is no mapping"):
        load(write(tmp_path, "TEACHERS = ('pair',)")).table("TEACHERS")
