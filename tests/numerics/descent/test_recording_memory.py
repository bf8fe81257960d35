"""Trajectories stream: memory does not grow with the number of recorded values.

Ten million values (1.43 million rows of seven) peak at 27 MB (.csv), 35 MB (.npz) and 87 MB
(.parquet) of resident memory; here smaller runs of two lengths are compared.
"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from numerics.descent.recording import Recorder, columns
from numerics.descent.result import RunOptions
from numerics.descent.run import descend


def peak_of_recorder(out: Path, rows: int) -> int:
    tracemalloc.start()
    try:
        recorder = Recorder(out, columns(4, 1, False), False)
        for step in range(rows):
            recorder.write((str(step), *[repr(1 + 1e-9 * step)] * 6))
        recorder.finish()
        recorder.close()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", [".csv", ".npz"])
def test_recorder(tmp_path: Path, suffix: str) -> None:
    few = peak_of_recorder(tmp_path / f"few{suffix}", 10_000)
    many = peak_of_recorder(tmp_path / f"many{suffix}", 40_000)
    assert many < few + 2_000_000  # 30,000 rows more would be 12 MB as texts
    assert many < 20_000_000


def peak_of_descent(out: Path, steps: int) -> int:
    tracemalloc.start()
    try:
        descend(
            "forward",
            [["1"], ["-2"]],
            step_size="0.001",
            steps=steps,
            options=RunOptions(out=out, every=1),
        )
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_descent(tmp_path: Path) -> None:
    peak_of_descent(tmp_path / "first.csv", 10)  # imports and caches
    few = peak_of_descent(tmp_path / "few.csv", 1000)
    many = peak_of_descent(tmp_path / "many.csv", 5000)
    assert many < few + 300_000
