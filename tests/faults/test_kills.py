"""Kills and signals at random moments: the files that come out are those of an undisturbed run.

The short form kills four commands once each. The long form kills every command eight times:
``PROOFS_CHECK_TEST_MULTIPLIER=8 pytest -m faults tests/faults`` (docs/reliability.md).
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from proofs_check.cli import COMMANDS
from proofs_check.cli.sweep import ACTIONS
from tests.faults import runs

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals"),
]
#: Of each command.
KILLS = int(float(os.environ.get("PROOFS_CHECK_TEST_MULTIPLIER", "1")))
_SHORT = ("descend-certify-npz", "verify", "reproduce", "precision")
NAMES = tuple(runs.BY_NAME) if KILLS > 1 else _SHORT
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all commands' folders."""
    return tmp_path_factory.mktemp("faults")


def test_every_command_and_every_form_of_a_sweep_is_among_them() -> None:
    assert {subject.words[0] for subject in runs.SUBJECTS} == set(COMMANDS)
    sweeps = {subject.words[1] for subject in runs.SUBJECTS if subject.words[0] == "sweep"}
    assert sweeps == {*ACTIONS, "{}/../spec.toml"}
    assert 8 * len(runs.SUBJECTS) >= 200


@pytest.mark.parametrize("name", NAMES)
def test_killed_and_resumed_is_undisturbed(room: Path, name: str) -> None:
    subject = runs.BY_NAME[name]
    runs.furnish(room, subject.words)
    straight = room / f"{name}-straight"
    straight.mkdir()
    length = runs.timed(subject.command(straight))
    wanted = runs.contents(subject, straight)
    assert runs.leftovers(straight) == []
    killed, pace = 0, 1.0
    for number, moment in enumerate(runs.moments(len(name), 5 * KILLS, length)):
        if killed >= KILLS:
            break
        folder = room / f"{name}-{number}"
        folder.mkdir()
        for share in (1.0, 0.7):  # most are killed a second time, on their way on
            code, errors = runs.ended(
                subject.command(folder), pace * share * moment, signal.SIGKILL
            )
            assert "Traceback" not in errors
            killed += code == -signal.SIGKILL
            if code != -signal.SIGKILL:
                pace *= 0.7  # the undisturbed run was slower, beside other work
            if code != -signal.SIGKILL or killed >= KILLS:
                break
        if name == "new-claim" and (folder / "claims.py").exists():
            continue  # it replaces no file: there is the whole one
        runs.finished(subject.command(folder))
        assert runs.contents(subject, folder) == wanted
        assert runs.leftovers(folder) == []
    print(f"{name}: {killed} kills, {length:.1f} s undisturbed")
    assert killed >= KILLS


def _family(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def wait_for_its_start(process: subprocess.Popen[str]) -> None:
    """Wait until a command handles signals: before its first line Python itself answers.

    On a machine that does much else that can take seconds.
    """
    status, end = Path(f"/proc/{process.pid}/status"), time.monotonic() + 300
    while process.poll() is None and time.monotonic() < end and status.exists():
        caught = re.search(r"^SigCgt:\s*(\w+)$", status.read_text(), re.MULTILINE)
        if caught is None or int(caught[1], 16) >> (signal.SIGTERM - 1) & 1:
            break
        time.sleep(0.02)


@pytest.mark.parametrize("name", NAMES)
def test_a_signal_ends_a_command_with_one_line(room: Path, name: str) -> None:
    subject = runs.BY_NAME[name]
    runs.furnish(room, subject.words)
    folder = room / f"{name}-signal"
    folder.mkdir()
    for number, end in enumerate(ENDS[: max(1, min(3, KILLS))]):  # on what the one before left
        process = runs.start(subject.command(folder))
        seconds = 1.0 + 0.7 * number
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
        wait_for_its_start(process)
        family = [] if process.poll() is not None else _family(process.pid)
        process.send_signal(end)  # nothing where it has ended
        output, errors = process.communicate(timeout=300)
        assert "Traceback" not in errors + output
        assert process.returncode in (128 + end, *runs.DONE)
        _, alive = psutil.wait_procs(family, timeout=60)
        assert not alive
        if name == "new-claim" and (folder / "claims.py").exists():
            return  # it replaces no file
    runs.finished(subject.command(folder))


@pytest.mark.parametrize("moment", [0.02, 0.05, 0.1, 0.15])
@pytest.mark.parametrize("end", ENDS)
def test_no_traceback_while_the_program_starts(moment: float, end: signal.Signals) -> None:
    code, errors = runs.ended(["list"], moment, end)
    # before its first line Python itself answers: by default it dies silently, of SIGINT too
    if code in (128 + end, 0):
        assert "Traceback" not in errors


def test_two_writers(tmp_path: Path) -> None:
    words = ["descend", *runs.NEAR_FAR, "--steps", "100000000", "--out", str(tmp_path / "run.csv")]
    first = runs.start(words)
    checkpoint = tmp_path / "run.csv.checkpoint"
    while not checkpoint.exists():
        assert first.poll() is None
        time.sleep(0.1)
    try:
        for more in ((), ("--resume",), ("--overwrite",)):
            second = runs.start([*words, *more])
            _, errors = second.communicate(timeout=300)
            assert second.returncode == 2
            assert f"process {first.pid} (" in errors
            assert errors.count("\n") == 1
    finally:
        first.kill()
        first.communicate()
    third = runs.start(words)  # the lock of the dead is taken over; its run is not forgotten
    _, errors = third.communicate(timeout=300)
    assert third.returncode == 2
    assert "--resume" in errors
    left = json.loads(checkpoint.read_text())["step"]  # by the first, on a slow machine not 0
    fourth = runs.start([*words, "--resume"])
    while json.loads(checkpoint.read_text())["step"] <= left:
        assert fourth.poll() is None
        time.sleep(0.1)
    fourth.send_signal(signal.SIGTERM)
    _, errors = fourth.communicate(timeout=300)
    assert fourth.returncode == 143, errors
    assert "--resume continues" in errors
