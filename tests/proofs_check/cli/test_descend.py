"""``proofs-check descend`` as a user meets it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from proofs_check.cli import main
from tests.proofs_check.commands import refusal

SCHEMA = json.loads(files("proofs_check").joinpath("schemas/descend.json").read_text())
NEAR_FAR = ["descend", "--objective", "forward", "--means", '[["0.1"], [5]]', "--step-size", "0.1"]


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert main([*arguments, "--json", "-"]) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, SCHEMA)
    return document


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
def test_escape(capsys: pytest.CaptureFixture[str], backend: str) -> None:
    document = outcome(capsys, *NEAR_FAR, "--steps", "12", "--backend", backend)
    assert document["fates"] == ["converged", "escaped"]
    assert document["criterion"]["name"] == "Lemma E"
    assert document["criterion"]["basis"] == ("enclosure" if backend == "ball" else "numerical")
    assert document["steps"] == 12
    assert Fraction(document["tau"]) == Fraction(12, 10)
    if backend == "ball":
        for row in document["means"]["rad"]:
            assert all(Fraction(entry) < Fraction(1, 10**14) for entry in row)


def test_near_coincident_means_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """1e-300 apart: the means agree in all digits, the deviations are relatively accurate."""
    means = json.dumps([["6." + "0" * 299 + "1"], ["6"]])
    document = outcome(
        capsys,
        *["descend", "--objective", "forward", "--means", means, "--step-size", "0.1"],
        *["--steps", "30", "--backend", "ball"],
    )
    assert document["working_digits"] == 25
    assert document["means"]["mid"][0] == document["means"]["mid"][1]
    (cluster,) = document["clusters"]
    assert cluster["components"] == [0, 1]
    (first,), (second,) = cluster["deviations"]["mid"]
    (radius,), _ = cluster["deviations"]["rad"]
    assert Fraction(first) == -Fraction(second)
    assert 0 < Fraction(radius) < Fraction(first) * Fraction(1, 10**14)


def test_reverse_converges_from_the_same_start(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*NEAR_FAR, "--steps", "200"]
    arguments[2] = "reverse"
    arguments[6] = "0.05"
    document = outcome(capsys, *arguments)
    assert document["fates"] == ["converged", "converged"]
    assert document["criterion"]["name"] == "Theorem R"
    assert document["reached"] == [False, False]  # "will converge", not "has arrived"


@pytest.mark.parametrize(
    ("spread", "backend", "fates"),
    [
        ("5e-7", "float64", {"converged", "escaped"}),
        ("5e-10", "float64", {"converged"}),
        ("5e-13", "mpmath", {"converged"}),
    ],
)
def test_threshold(
    capsys: pytest.CaptureFixture[str], spread: str, backend: str, fates: set[str]
) -> None:
    half = Fraction(spread)
    means = json.dumps([[str(6 + half)], [str(6 - half)]])
    document = outcome(
        capsys, *NEAR_FAR[:4], means, *NEAR_FAR[5:], "--steps", "400", "--backend", backend
    )
    assert set(document["fates"]) == fates


def test_float64_refuses_what_it_cannot_hold(capsys: pytest.CaptureFixture[str]) -> None:
    error = refusal(
        capsys, *NEAR_FAR[:4], '[["6.0000000000005"], ["5.9999999999995"]]', *NEAR_FAR[5:],
        "--steps", "10",
    )  # fmt: skip
    assert "mpmath" in error
    assert "working digits" in error


def test_paper_coordinates_and_normalization(capsys: pytest.CaptureFixture[str]) -> None:
    document = outcome(
        capsys, "descend", "--objective", "kl", "--means", '[["1/3", 1], [2, 3]]', "--weights",
        '["1/4", "3/4"]', "--teacher-mean", "[1, 0]", "--time", "0.5", "--step-size", "0.5",
        "--steps", "3",
    )  # fmt: skip
    assert document["time"] == "1/2"
    assert document["teacher_mean"] == ["1", "0"]
    assert document["weights"] == ["1/4", "3/4"]
    assert float(document["step_size"][0]["in_v"]) == pytest.approx(0.5 * 2.718281828459045**-1)
    assert "negative log-likelihood" in document["normalization"]
    scale = 2.718281828459045**-0.5
    for row, centred in zip(document["means"], document["centred_means"], strict=True):
        expected = [scale * (float(row[0]) - 1), scale * float(row[1])]
        assert [float(entry) for entry in centred] == pytest.approx(expected)


@pytest.mark.parametrize("backend", ["float64", "ball"])
def test_mixture_teacher(capsys: pytest.CaptureFixture[str], backend: str) -> None:
    arguments = [
        "descend", "--objective", "reverse", "--means", '[["-4"], ["5"], ["9/2"]]',
        "--teacher", '{"means": [["3"], ["-2"], ["3"]], "weights": ["1/4", "1/2", "1/4"]}',
        "--step-size", "0.2", "--steps", "40", "--backend", backend, "--digits", "12",
    ]  # fmt: skip
    document = outcome(capsys, *arguments)
    assert document["teacher"] == {"means": [["3"], ["-2"]], "weights": ["1/2", "1/2"]}
    assert document["teacher_mean"] == ["1/2"]
    assert document["nearest_teacher"] == [1, 0, 0]
    assert document["certificate"] is None
    means = document["means"]["mid"] if backend == "ball" else document["means"]
    for (mean,), distance, target in zip(means, document["distances"], (-2, 3, 3), strict=True):
        found = distance["mid"] if backend == "ball" else distance
        assert abs(abs(Fraction(mean) - target) - Fraction(found)) < Fraction(1, 10**11)
    assert main(arguments) == 0
    assert "distance" in (text := capsys.readouterr().out)
    assert text.count("from teacher component 0") == 2


TEACHER = '{"means": [["-2"], ["3"]]}'


def test_a_local_optimum_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        *("descend", "--objective", "reverse", "--means", '[["1"], ["2"]]', "--step-size", "0.2"),
        *("--steps", "420", "--teacher", TEACHER),
    ]
    assert main([*command, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, SCHEMA)
    assert found["fates"] == ["local optimum"] * 2
    assert found["criterion"]["name"] == "local optimum"
    assert found["criterion"]["basis"] == "numerical"
    assert main(command) == 0
    text = capsys.readouterr().out
    assert "component 1: local optimum, mean [3.101" in text
    assert "components 0, 1 local optimum: gradient of norm" in text
    assert text.count("gradient of norm") == 1


def test_an_undecided_run_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*NEAR_FAR[:4], "[[2], [1]]", "--step-size", "0.2", "--steps", "5"]) == 0
    assert "at least 8 recorded steps" in capsys.readouterr().out
    certify = ["--backend", "ball", "--certify", "--steps", "3", "--step-size", "0.1"]
    assert main([*NEAR_FAR[:4], "[[3], [2.5]]", *certify]) == 3
    assert "no certificate: Theorem F needs |V|^2 below 2.618 (here 11" in capsys.readouterr().err


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
def test_no_digit_is_printed_beyond_the_error(
    capsys: pytest.CaptureFixture[str], backend: str
) -> None:
    command = [
        *("descend", "--objective", "kl", "--means", '[["-1"], ["1"]]', "--step-size", "0.5"),
        *("--steps", "200", "--teacher", TEACHER, "--digits", "12", "--backend", backend),
    ]
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    # the loss vanishes: nothing but noise is left of it
    nothing = "0 +/- " if backend == "ball" else "below 1e-12"
    assert f"loss = {nothing}" in lines[0]
    assert f"distance {nothing}" in lines[1]
    for text, error in re.findall(r"(-?[0-9.e-]+) \+/- ([0-9.e-]+)", "\n".join(lines[:3])):
        if text != "0":
            assert Decimal(text).as_tuple().exponent >= Decimal(error).adjusted()


@pytest.mark.parametrize("scale", [1, 9])
def test_a_sampled_run_says_how_little_it_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], scale: int
) -> None:
    """Rank 4: loss and means carry the sampling error, which covers what more points find."""
    means = json.dumps([[0] * 4] + [[scale * (i == a) for a in range(4)] for i in range(4)])
    command = ["descend", "--objective", "forward", "--means", means, "--step-size", "1e-3"]
    command += ["--steps", "1"]
    rows = tmp_path / "run.csv"
    found = outcome(capsys, *command, "--out", str(rows))
    finer = outcome(capsys, *command, "--max-nodes", "131072")
    allowed = Fraction(found["loss_error"]) + Fraction(finer["loss_error"])
    assert 0 < abs(Fraction(found["loss"]) - Fraction(finer["loss"])) <= allowed
    assert found["digits"] < 8
    allowed = Fraction(found["means_error"]) + Fraction(finer["means_error"])
    for row, other in zip(found["means"], finer["means"], strict=True):
        assert all(abs(Fraction(a) - Fraction(b)) <= allowed for a, b in zip(row, other))
    assert main(command) == 0
    text = capsys.readouterr().out
    assert f"sampled: about {found['digits']} digits" in text
    value, error = re.search(r"loss = (\S+) \+/- (\S+)", text).groups()
    assert Decimal(error) >= Decimal(found["loss_error"])
    assert Decimal(value).as_tuple().exponent >= Decimal(error).adjusted()
    assert "loss_error" in rows.read_text().splitlines()[0]


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize("backend", ["float64", "mpmath"])
def test_no_loss_is_printed_below_zero(
    capsys: pytest.CaptureFixture[str], objective: str, backend: str
) -> None:
    for teacher in ([[-10], [10]], [[-10]]):
        assert main([
            *("descend", "--objective", objective, "--means", '[["-9"]]', "--steps", "150"),
            *("--teacher", json.dumps({"means": teacher}), "--step-size", "0.1"),
            *("--backend", backend),
        ]) == 0  # fmt: skip
        assert "loss = -" not in capsys.readouterr().out


def test_trajectory_and_json_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, result = tmp_path / "run.csv", tmp_path / "run.json"
    result.write_text("old")
    code = main(
        [*NEAR_FAR, "--steps", "25", "--every", "10", "--out", str(out), "--json", str(result)]
    )
    assert code == 0
    text = capsys.readouterr().out
    assert "escaped" in text
    assert "Lemma E" in text
    document = json.loads(result.read_text())
    jsonschema.validate(document, SCHEMA)
    rows = out.read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["step", "0", "10", "20", "25"]
    assert rows[-1].split(",")[3:] == [row[0] for row in document["means"]]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["run.csv", "run.json"]


def test_max_seconds_and_resume(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [*NEAR_FAR, "--steps", "2000", "--every", "100", "--out"]
    outcome(capsys, *command, str(tmp_path / "whole.csv"))
    parts = tmp_path / "parts.csv"
    first = outcome(capsys, *command, str(parts), "--max-seconds", "0.05", code=124)
    assert first["stopped"] == "max-seconds"
    assert first["out"] is None
    assert first["checkpoint"] == str(parts) + ".checkpoint"
    last = outcome(capsys, *command, str(parts), "--resume")
    assert last["stopped"] == "completed"
    assert parts.read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_ctrl_c_saves_a_checkpoint(tmp_path: Path) -> None:
    out = tmp_path / "run.csv"
    command = [*NEAR_FAR, "--steps", "100000000", "--every", "1", "--out", str(out), "--json", "-"]
    code = f"import sys; from proofs_check.cli import main; sys.exit(main({command!r}))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    part = tmp_path / "run.csv.part"
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and not (part.exists() and part.stat().st_size > 10_000):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    text, errors = process.communicate(timeout=300)
    assert process.returncode == 130, errors
    document = json.loads(text)
    jsonschema.validate(document, SCHEMA)
    assert document["stopped"] == "interrupted"
    assert "--resume continues" in errors
    names = sorted(entry.name for entry in tmp_path.iterdir())
    assert names == ["run.csv.checkpoint", "run.csv.part"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        (["--steps", "0"], "steps"),
        (["--steps", "ten"], "steps"),
        (["--steps", "10", "--step-size", "0"], "--step-size"),
        (["--steps", "10", "--step-size", "-1e-3"], "--step-size=VALUE"),
        (["--steps", "10", "--step-size=-0.1"], "--step-size"),
        (["--steps", "10", "--step-size", "nan"], "--step-size"),
        (["--steps", "10", "--means", "[[NaN], [1]]"], "means"),
        (["--steps", "10", "--means", "[[1], [1, 2]]"], "means"),
        (["--steps", "10", "--means", "[]"], "means"),
        (["--steps", "10", "--means", '[["1/0"]]'], "means"),
        (["--steps", "10", "--weights", "[0.5, 0.6]"], "weights"),
        (["--steps", "10", "--teacher-mean", "[1, 2]"], "--teacher-mean"),
        (["--steps", "10", "--teacher", "[1]"], "--teacher"),
        (["--steps", "10", "--teacher", '{"means": [[1, 2]]}'], "--teacher.means"),
        (
            [
                "--steps",
                "9",
                "--backend",
                "ball",
                "--certify",
                "--teacher",
                '{"means": [[1], [2]]}',
            ],
            "--certify: got a mixture teacher",
        ),
        (["--steps", "10", "--time", "-1"], "time"),
        (["--steps", "10", "--digits", "0"], "digits"),
        (["--steps", "10", "--digits", "20"], "digits"),
        (["--steps", "10", "--backend", "quad"], "backend"),
        (["--steps", "10", "--every", "0"], "every"),
        (["--steps", "10", "--max-seconds", "nan"], "max-seconds"),
        (["--steps", "10", "--max-seconds", "0"], "max-seconds"),
        (["--steps", "10", "--out", "run.txt"], "out"),
        (["--steps", "10", "--out", "/no/such/folder/run.csv"], "out"),
        (["--steps", "10", "--resume"], "resume"),
        (["--steps", "10", "--max-nodes", "0"], "--max-nodes"),
        (["--steps", "10", "--max-nodes", "9"], "--max-nodes"),
        (["--steps", "10", "--json", "/no/such/folder/run.json"], "json"),
    ],
)
def test_bad_input(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: list[str],
    named: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert named in refusal(capsys, *NEAR_FAR, *changes)
    assert list(tmp_path.iterdir()) == []


def test_resume_needs_its_own_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run.csv"
    command = [*NEAR_FAR, "--steps", "100000", "--out", str(out)]
    assert "No such file" in refusal(capsys, *command, "--resume")
    outcome(capsys, *command, "--max-seconds", "0.01", code=124)
    checkpoint = tmp_path / "run.csv.checkpoint"
    content = checkpoint.read_bytes()
    other = [*NEAR_FAR, "--steps", "100000", "--out", str(out), "--digits", "9", "--resume"]
    assert "same digits" in refusal(capsys, *other)
    checkpoint.write_bytes(content[: len(content) // 2])
    assert "truncated" in refusal(capsys, *command, "--resume")
    checkpoint.write_bytes(b"PK\x03\x04 something else")
    assert "resume" in refusal(capsys, *command, "--resume")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "run.csv.checkpoint",
        "run.csv.part",
    ]


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["descend", "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert "example:" in text
    assert "--resume continues it bit for bit" in text
