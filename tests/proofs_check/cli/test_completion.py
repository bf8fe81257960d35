"""Completion in the shell, asked as the shell asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proofs_check.cli import COMMANDS, completion
from tests.proofs_check.commands import refusal
from tests.proofs_check.report.test_pages import shipped_claims

ROOT = str(Path(__file__).parents[3])


def suggestions(line: str, folder: Path) -> set[str]:
    answer = folder / "answer"
    subprocess.run(
        [sys.executable, "-m", "proofs_check"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": ROOT,
            "_ARGCOMPLETE": "1",
            "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
            "COMP_LINE": line,
            "COMP_POINT": str(len(line)),
            "COMP_TYPE": "9",
        },
        timeout=300,
        check=True,
    )
    return {found.strip() for found in answer.read_text().split("\v") if found.strip()}


@pytest.mark.parametrize(
    ("line", "some", "none"),
    [
        ("proofs-check ", set(COMMANDS), {"F1"}),
        ("proofs-check verify F1", {"F1", "F10"}, {"F2", "K"}),
        ("proofs-check verify my", {"my_claims.py"}, {"mine.txt"}),
        ("proofs-check explain ", {"F1", "K", "my_claims.py"}, set()),
        ("proofs-check prove K", {"K", "K-stationary"}, {"I1"}),
        ("proofs-check derive lem", {"lemma-2.2"}, {"K"}),
        ("proofs-check verify F1 --budget ", {"quick", "full"}, {"F1"}),
        ("proofs-check check-certificate mi", {"mine.txt"}, set()),
    ],
)
def test_what_is_suggested(tmp_path, line, some, none):
    for name in ("my_claims.py", "mine.txt"):
        (tmp_path / name).touch()
    found = suggestions(line, tmp_path)
    assert some <= found
    assert not none & found


def test_the_names_are_those_of_the_claims():
    assert set(completion.claim_names()) == {c.identifier for c in shipped_claims()}


def test_without_argcomplete_the_extra_is_named(monkeypatch, capsys):
    monkeypatch.setenv(completion.ASKED, "1")
    monkeypatch.setitem(sys.modules, "argcomplete", None)
    assert "proofs-check[shell]" in refusal(capsys, "list")
