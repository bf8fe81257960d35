"""A sweep on a cluster that loses workers, scheduler and client: the rows of one run here."""

from __future__ import annotations

import os
import random
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.faults import runs
from tests.faults.cluster import Cluster
from tests.faults.test_clusters import noted
from tests.faults.test_kills import KILLS

pytest.importorskip("distributed")
pytest.importorskip("pyarrow")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals"),
]
SPEC = """
[fixed]
objective = "forward"
start = "apart"
components = 2
steps = 2000

[grid]
step_size = [0.1, 0.3]
distance = {{ linear = [3, 6], count = {count} }}
spread = {{ log = [1e-9, 1e-1], per_decade = 1 }}
"""
#: What two runs may differ in.
TIMES = {"seconds"}


def rows(folder: Path) -> list[dict[str, Any]]:
    """Rows of a dataset in the order of their keys, without times."""
    import pyarrow.parquet

    found = pyarrow.parquet.read_table(folder).to_pylist()
    return sorted(
        ({name: value for name, value in row.items() if name not in TIMES} for row in found),
        key=lambda row: str(row["key"]),
    )


def test_a_sweep_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.format(count=4 * KILLS))
    runs.finished(["sweep", str(spec), "--out", str(tmp_path / "here")])
    wanted = rows(tmp_path / "here")
    assert len({row["key"] for row in wanted}) == len(wanted) == 72 * KILLS
    cluster = Cluster(tmp_path)
    try:
        cluster.mend()
        words = ["sweep", str(spec), "--out", str(tmp_path / "there")]
        words += ["--scheduler", cluster.address]
        runs.ended(words, 4.0, signal.SIGKILL)  # the client; then all others
        troubled: list[BaseException] = []
        failing = threading.Thread(target=noted, args=(troubled, cluster, random.Random(KILLS)))
        process = runs.start(words)
        failing.start()
        _, errors = process.communicate(timeout=300)
        failing.join()
        assert not troubled
        assert process.returncode == 0, errors
    finally:
        cluster.end()
    assert rows(tmp_path / "there") == wanted
    runs.finished(words[:4])  # nothing is left to compute
    assert rows(tmp_path / "there") == wanted
