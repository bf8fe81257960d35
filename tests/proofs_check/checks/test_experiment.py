"""Checks of the experiment: fates by norms, slopes, and the command that reproduces it."""

from __future__ import annotations

import csv
import math

import pytest

from numerics.studies.sources_experiment import Row
from proofs_check import cli
from proofs_check.checks import experiment as experiment_checks
from proofs_check.checks.experiment import (
    SCALES,
    CriticalDistance,
    LossSlope,
    OffTheLine,
    TwoPrecisions,
    converged_components,
    slope_of,
)
from proofs_check.claim import Context
from proofs_check.verdict import Verdict


def rows(*norms):
    return [Row(100 * k, 1.0, norm) for k, norm in enumerate(norms)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (rows((3, 3), (1, 1), (0.1, 0.14)), 2),
        (rows((3, 3), (0.1, 0.1), (0.1, 0.12)), None),  # all near, but they grew
        (rows((6, 6), (0.1, 4.5), (0.05, 5.0)), 1),
        (rows((6, 6), (0.1, 5.5), (0.05, 5.0)), None),  # the far one comes back
        (rows((6, 6), (0.1, 2.5), (0.05, 3.0)), None),  # it is not far yet
        (rows((6, 6), (5.0, 4.5), (5.1, 5.0)), None),  # none is near
        (rows((6, 6, 6), (0.1, 4.5, 0.2), (0.1, 5.0, 0.1)), 2),
    ],
)
def test_fates_by_norms(found, expected):
    assert converged_components(found) == expected


@pytest.mark.parametrize("power", [0.5, 1.0, 1.2])
def test_slopes_are_recovered(power):
    times = [0.01 * step for step in range(5000, 20001, 500)]
    law = [Row(round(100 * t), (t * math.log(t)) ** -power, ()) for t in times]
    assert slope_of(law, SCALES["tau ln tau"]) == pytest.approx(-power, abs=1e-9)
    assert slope_of(law, SCALES["tau"]) < -power


def test_the_slope_check_compares_with_its_tolerance(monkeypatch):
    monkeypatch.setattr(LossSlope, "fitted", lambda self: -1.07)
    near = LossSlope("s", -1.0, 0.15, 1000).run(Context())
    far = LossSlope("s", -1.2, 0.1, 1000).run(Context())
    assert (near.verdict, near.margin) == (Verdict.SUPPORTED, "0.080")
    assert (far.verdict, far.margin) == (Verdict.REFUTED, "0.030")


def test_the_critical_distance_refutes_an_exponent_that_is_off(monkeypatch):
    """With fates that follow the law exactly, only the law's own exponent predicts them."""

    def exponent(size: float) -> float:
        return 0.95 * size**2

    def fates(size: float, spread: float) -> bool:
        return exponent(size) + math.log(spread) < 2.3

    monkeypatch.setattr(experiment_checks, "all_converge", fates)
    experiment_checks.critical_size.cache_clear()
    try:
        right = CriticalDistance("law", exponent).run(Context())
        wrong = CriticalDistance("square", lambda size: size**2 - 0.2 * size).run(Context())
    finally:
        experiment_checks.critical_size.cache_clear()
    assert (right.verdict, wrong.verdict) == (Verdict.SUPPORTED, Verdict.REFUTED)


def test_the_run_off_the_line_and_at_many_digits():
    off = OffTheLine(4.0).run(Context())
    precise = TwoPrecisions(6.0).run(Context())
    assert (off.verdict, precise.verdict) == (Verdict.SUPPORTED, Verdict.SUPPORTED)
    assert 0 < float(off.margin) < 1e-6
    assert 0 < float(precise.margin) < 1e-7
    assert OffTheLine(4.0, largest=1e-9).run(Context()).verdict is Verdict.REFUTED


def test_reproduce_writes_figure_and_data_and_resumes(tmp_path, capsys):
    folder = tmp_path / "experiment"
    words = ["reproduce", "X1", "--output", str(folder), "--steps", "40"]
    assert cli.main([*words, "--max-seconds", "1e-9"]) == 124
    assert "goes on from the state" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["X1-M4.state"]
    assert cli.main(words) == 3  # 40 steps decide no fate
    output = capsys.readouterr().out
    assert "M = 4: undecided: some norm is neither" in output
    assert "more steps decide (40 steps; numerical criterion)" in output
    assert sorted(path.name for path in folder.iterdir()) == ["X1-M4.csv", "X1-M6.csv", "X1.svg"]
    with (folder / "X1-M6.csv").open() as file:
        table = list(csv.DictReader(file))
    assert table[0]["step"] == "0"
    assert table[-1]["step"] == "40"
    assert float(table[0]["norm_4"]) == pytest.approx(6.0, abs=1e-6)
    assert float(table[-1]["tau"]) == 0.4
    assert 0 < float(table[-1]["loss"]) < float(table[0]["loss"]) == pytest.approx(36.0, rel=1e-6)


def test_reproduce_refuses_other_names(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["reproduce", "X2"])
    assert caught.value.code == 2
    assert "X1" in capsys.readouterr().err
