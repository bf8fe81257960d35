"""The pytest plugin: items, reports, selection, and that it costs nothing where it is not used."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.proofs_check.own_claims import FAILING, TEXT, write

ROOT = str(Path(__file__).parents[2])
#: Where the package is not installed from this folder its entry point may be missing.
INSTALLED = any(point.name == "proofs-check" for point in entry_points(group="pytest11"))
PLUGIN = [] if INSTALLED else ["-p", "proofs_check.pytest_plugin"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run pytest in a folder."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGIN, *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("where", [("-n", "2"), ("--proofs-check-scheduler", "local")])
def test_checks_and_controls_are_items_with_verdict_and_witness(tmp_path, where):
    write(tmp_path, FAILING)
    done = run(tmp_path, "--proofs-check", "my_claims.py", "--junitxml", "out.xml", *where)
    assert done.returncode == 1, done.stdout
    assert "2 failed, 2 passed" in done.stdout
    assert "check    REFUTED       points: ball" in done.stdout
    assert "at means ((0), (2)), weights (1/2, 1/2): 2 K > sum_j w_j |v_j|^2 fails" in done.stdout
    assert "control  PROVED        turned: ball" in done.stdout
    assert "<- should be REFUTED" in done.stdout
    cases = {
        f"{case.get('classname')}::{case.get('name')}": case
        for case in ElementTree.parse(tmp_path / "out.xml").getroot().iter("testcase")
    }
    assert set(cases) == {
        "my_claims.False::points",
        "my_claims.False::turned",
        "my_claims.Stands::points",
        "my_claims.Stands::turned",
    }
    failed = {name for name, case in cases.items() if case.find("failure") is not None}
    assert failed == {"my_claims.False::points", "my_claims.Stands::turned"}
    verdict = cases["my_claims.False::points"].find("properties/property[@name='verdict']")
    assert verdict.get("value") == "REFUTED"


def collected(folder: Path, *arguments: str) -> list[str]:
    done = run(folder, "--collect-only", *arguments)
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_items_are_selected_by_id_keyword_and_configuration(tmp_path):
    write(tmp_path)
    ids = [f"my_claims.py::Own{k}::{part}" for k in (1, 2) for part in ("points", "turned")]
    assert collected(tmp_path, "--proofs-check", "my_claims.py") == ids
    assert collected(tmp_path, "--proofs-check", "my_claims.py::Own2::turned") == ids[3:]
    assert collected(tmp_path, "--proofs-check", "-k", "Own1 and control") == ids[1:2]
    assert collected(tmp_path) == []
    tests = tmp_path / "tests"
    tests.mkdir()
    write(tests, "def test_nothing():\n    assert True\n", "test_one.py")
    write(
        tmp_path, "[pytest]\ntestpaths = tests\nproofs_check_claims = my_claims.py\n", "pytest.ini"
    )
    assert collected(tmp_path) == ["tests/test_one.py::test_nothing", *ids]
    assert collected(tmp_path, "tests") == ["tests/test_one.py::test_nothing"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = (\n", "my_claims.py:1: SyntaxError: '(' was never closed"),
        ("CLAIM = ()\n", "my_claims.py: no claims; allowed: a file with CLAIMS = "),
        (TEXT.replace("Own2", "F1"), "my_claims.py: the identifier F1 is taken"),
    ],
)
def test_a_fault_in_the_file_is_one_line(tmp_path, text, said):
    write(tmp_path, text)
    done = run(tmp_path, "--proofs-check", "my_claims.py")
    assert done.returncode == 2
    assert said in done.stdout
    assert "Traceback" not in done.stdout


def test_nothing_heavy_is_imported_where_it_is_not_used():
    code = (
        "import sys, pytest\n"
        "before = set(sys.modules)\n"
        "import proofs_check.pytest_plugin\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout.strip() == "['proofs_check']"
