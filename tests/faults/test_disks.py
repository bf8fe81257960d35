"""Disks that are full at some byte: one line that names option and file, and nothing lost.

The short form: four commands. The long form is that of the kills (`tests.faults.test_kills`).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from proofs_check.cli import COMMANDS
from tests.faults import runs
from tests.faults.test_kills import KILLS

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="limits the size of files"),
]
_SHORT = ("descend-npz", "compare")
#: Commands that write no file.
READING = {"list", "explain", "derive", "check-certificate"}
_WRITING = tuple(subject.name for subject in runs.SUBJECTS if subject.files)
NAMES = _WRITING if KILLS > 1 else _SHORT
#: Bytes at which the disk is full, of the largest file that the undisturbed command writes.
SHARES = (0.3, 0.9) if KILLS > 1 else (0.6,)


@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path: Path, name: str) -> None:
    subject = runs.BY_NAME[name]
    runs.furnish(tmp_path, subject.words)
    straight = tmp_path / "straight"
    straight.mkdir()
    runs.finished(subject.command(straight))
    wanted = runs.contents(subject, straight)
    largest = max(path.stat().st_size for path in straight.rglob("*") if path.is_file())
    for number, share in enumerate(SHARES):
        folder = tmp_path / str(number)
        folder.mkdir()
        code, errors = runs.starved(subject.command(folder), int(share * largest))
        assert "Traceback" not in errors
        assert code == 2, errors
        last = errors.splitlines()[-1]
        assert re.search(r"error: --[a-z]+: got \S+; allowed: .*File too large", last), last
        runs.finished(subject.command(folder))
        assert runs.contents(subject, folder) == wanted
        assert runs.leftovers(folder) == []


def test_every_command_that_writes_is_among_them() -> None:
    assert {each.words[0] for each in runs.SUBJECTS if each.files} == set(COMMANDS) - READING
    assert 2 * len(_WRITING) >= 30


def test_a_good_file_survives_a_full_disk(tmp_path: Path) -> None:
    subject = runs.BY_NAME["compare"]
    for name in subject.files:
        (tmp_path / name).write_text("good")
    code, errors = runs.starved(subject.command(tmp_path), 3)
    assert code == 2, errors
    assert all((tmp_path / name).read_text() == "good" for name in subject.files)
