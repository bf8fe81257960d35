"""How commands end: the net, signals, time, and what is kept when a file cannot be written."""

from __future__ import annotations

import json
import re
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from numerics.descent import recording
from proofs_check.cli import ending, evaluate, main
from tests.proofs_check.commands import refusal

RUN = [
    "descend",
    "--objective",
    "kl",
    "--means",
    "[[1],[2]]",
    "--step-size",
    "0.1",
    "--steps",
    "50",
]
EVAL = ["eval", "--objective", "kl", "--means", "[[1]]"]
CERTIFY = [
    "descend", "--objective", "forward", "--means", '[["1.5"],[1]]', "--step-size", "0.1",
    "--steps", "9", "--backend", "ball", "--certify",
]  # fmt: skip


def test_the_last_net(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(evaluate, "run", lambda arguments: {}["missing"])
    assert main(EVAL) == 70
    (line,) = capsys.readouterr().err.splitlines()
    found = re.search(
        r"a fault of this program: KeyError: 'missing'; its traceback is in (\S+)$", line
    )
    assert found
    file = Path(found[1])
    assert "Traceback" in file.read_text()
    file.unlink()


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 143, "terminated"),
        (signal.SIGHUP, 129, "hung up"),
    ],
)
def test_signals(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
    code: int,
    word: str,
) -> None:
    before = signal.getsignal(number)
    monkeypatch.setattr(evaluate, "run", lambda arguments: signal.raise_signal(number))
    assert main(EVAL) == code
    assert capsys.readouterr().err == f"proofs-check: {word}\n"
    assert signal.getsignal(number) is before


def test_a_signal_in_a_finalizer_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    class Finalized:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    def run(arguments: object) -> int:
        Finalized()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            time.sleep(0.01)
        return 0

    monkeypatch.setattr(evaluate, "run", run)
    assert main(EVAL) == 143


def test_an_interruption_within_compiled_code_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(arguments: object) -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise SystemError("returned a result with an exception set") from None
        return 0

    monkeypatch.setattr(evaluate, "run", run)
    assert main(EVAL) == 143


def test_what_does_not_stop_by_itself_is_interrupted() -> None:
    def command() -> None:
        with ending.signals(), ending.stop_on_signal() as stop:
            assert stop() == ""
            signal.raise_signal(signal.SIGTERM)
            threading.Event().wait(30)

    with pytest.raises(KeyboardInterrupt):
        command()
    assert ending.exit_code() == 143


def test_time_is_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(evaluate, "run", lambda arguments: threading.Event().wait(30))
    assert main([*EVAL, "--max-seconds", "0.05"]) == 124
    assert capsys.readouterr().err == "proofs-check: time is up (--max-seconds)\n"


def test_an_unfinished_run_is_not_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run.csv"
    command = [*RUN, "--out", str(out)]
    assert main([*command, "--max-seconds", "1e-9"]) == 124
    capsys.readouterr()
    kept = (tmp_path / "run.csv.checkpoint").read_bytes()
    line = refusal(capsys, *command)
    assert re.search(
        r"--out: .*run\.csv; .*step 1 of 50.*--resume goes on.*--overwrite drops", line
    )
    assert (tmp_path / "run.csv.checkpoint").read_bytes() == kept
    assert main([*command, "--overwrite"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["run.csv"]


@pytest.mark.parametrize("suffix", ["npz", "parquet"])
def test_rows_outlive_a_failed_conversion(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    whole, out = tmp_path / f"whole.{suffix}", tmp_path / f"run.{suffix}"
    assert main([*RUN, "--out", str(whole)]) == 0
    capsys.readouterr()
    name = f"_write_{suffix}"
    with pytest.MonkeyPatch.context() as patch:

        def fail(part: Path, target: Path, exact_text: bool) -> None:
            target.write_bytes(b"half")
            raise OSError(28, "No space left on device", str(target))

        patch.setattr(recording, name, fail)
        line = refusal(capsys, *RUN, "--out", str(out), "--json", str(tmp_path / "run.json"))
    assert "--out: " in line
    assert "No space left on device" in line
    assert not out.exists()
    assert not (tmp_path / f"run.{suffix}.tmp").exists()
    assert main([*RUN, "--out", str(out), "--resume"]) == 0
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([whole.name, out.name])


def test_a_certificate_outlives_its_full_disk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, certificate = str(tmp_path / "run.csv"), tmp_path / "certificate"
    with pytest.MonkeyPatch.context() as patch:

        def fail(path: Path, content: str) -> None:
            raise OSError(28, "No space left on device", str(path))

        patch.setattr("proofs_check.store.files.write_atomically", fail)
        line = refusal(capsys, *CERTIFY, "--out", out, "--certificate", str(certificate))
    assert "--certificate: " in line
    assert main([*CERTIFY, "--out", out, "--certificate", str(certificate), "--resume"]) == 0
    resumed = certificate.read_bytes()
    assert main([*CERTIFY, "--certificate", str(certificate)]) == 0
    assert certificate.read_bytes() == resumed
    assert json.loads(resumed)["checkpoints"]


def test_quiet_and_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["descend", "--objective", "kl", "--means", "[[9]]", "--step-size", "1e-9", "--steps"]
    assert main([*words, "1000000", "--max-seconds", "1e-9", "--quiet"]) == 124
    assert capsys.readouterr().err == ""
    assert main([*EVAL, "--verbose"]) == 0
    assert re.fullmatch(
        r"proofs-check: \S+ s of CPU, \d+ MB, exit code 0\n", capsys.readouterr().err
    )


def test_what_a_kill_left_of_a_checkpoint_is_removed(tmp_path: Path) -> None:
    for name in (".run.csv.checkpoint.5sa7pqn_.part", ".run.csv.5sa7pqn_.part", "run.csv.part"):
        (tmp_path / name).touch()
    assert main([*RUN, "--out", str(tmp_path / "run.csv")]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["run.csv"]


@pytest.mark.parametrize("inside", [0, 3])
def test_a_signal_while_python_reports_is_raised_soon_after(inside, monkeypatch):
    """Raised inside of the report it would be reported itself, with a traceback, and lost."""
    reported = []

    def before(unraisable, depth=inside):
        if depth:
            return before(unraisable, depth - 1)
        signal.raise_signal(signal.SIGTERM)
        return reported.append(unraisable.exc_type)

    class Faulty:
        def __del__(self):
            raise ValueError

    def command():
        Faulty()
        reported.append("went on")
        time.sleep(5)

    monkeypatch.setattr(sys, "unraisablehook", before)
    with pytest.raises(KeyboardInterrupt), ending.signals():
        command()
    assert reported == [ValueError, "went on"]
    assert ending.exit_code() == 143
