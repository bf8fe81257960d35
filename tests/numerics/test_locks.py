"""Locks: one writer, named; what dead ones left is removed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from numerics.errors import InputError
from numerics.locks import locked, temporary_folder

HOLD = """
import sys, time
from pathlib import Path
from numerics.locks import locked
with locked("--out", Path(sys.argv[1]), folder=sys.argv[2] == "folder"):
    print("held", flush=True)
    time.sleep(600)
"""


def holder(path: Path, kind: str = "file") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), kind],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_another_process_is_named_and_its_death_frees(tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "folder" else tmp_path / "run.csv"
    process = holder(path, kind)
    try:
        with (
            pytest.raises(InputError, match=f"--out: got .*; .* process {process.pid} "),
            locked("--out", path, folder=kind == "folder"),
        ):
            pass
    finally:
        process.kill()
        process.communicate()
    with locked("--out", path, folder=kind == "folder"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_thread_is_another_writer(tmp_path: Path) -> None:
    refused: list[InputError] = []

    def second() -> None:
        try:
            with locked("--json", tmp_path / "run.json"):
                pass
        except InputError as error:
            refused.append(error)

    with locked("--out", tmp_path / "run.json"), locked("--out", tmp_path / "run.json"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert [error.argument for error in refused] == ["--json"]


def test_names_of_one_file_are_one_lock(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "run.csv")
    process = holder(tmp_path / "run.csv")
    try:
        with pytest.raises(InputError), locked("--out", tmp_path / "link"):
            pass
    finally:
        process.kill()
        process.communicate()


def test_leftovers_of_this_file_alone_are_removed(tmp_path: Path) -> None:
    for name in (
        ".run.csv.ab12cd_9.part",
        ".other.csv.ab12cd_9.part",
        "mine.part",
        ".run.csv.part",
    ):
        (tmp_path / name).touch()
    with locked("--out", tmp_path / "run.csv"):
        pass
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".other.csv.ab12cd_9.part", ".run.csv.part", "mine.part"]
    with locked("--output", tmp_path, folder=True):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".run.csv.part", "mine.part"]


def test_devices_and_missing_folders_are_not_locked(tmp_path: Path) -> None:
    with locked("--json", Path("/dev/null")), locked("--json", tmp_path / "no" / "run.json"):
        assert list(tmp_path.iterdir()) == []


def test_folders_of_the_dead_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead, living = tmp_path / "proofs-check-room-dead", tmp_path / "proofs-check-room-living"
    for folder in (dead, living):
        folder.mkdir()
        (folder / "notes").touch()
    process = holder(living, "folder")
    for folder in (dead, living):
        os.utime(folder, (0, 0))
    try:
        with temporary_folder() as own:
            assert own.parent == tmp_path
            assert not dead.exists()
            assert (living / "notes").exists()
    finally:
        process.kill()
        process.communicate()
    assert not own.exists()
