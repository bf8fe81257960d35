"""``python -m benchmarks.sweeps``: a sweep against the loop by hand, and how it grows.

By hand: one descent in balls with certificate after the other, as docs/certificates.md has it, in
one process. The same points by ``proofs-check sweep`` in two processes, start of processes, writing
and compacting included. Growth: points decided at their first step (reverse loss, small step), so
that what is measured is everything but the descent.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

GRID = """\
[fixed]
steps = 2000
digits = 15
[grid]
step_size = [0.1, 0.3]
distance = { linear = [3, 8], count = 22 }
spread = { log = [1e-14, 1], per_decade = 1 }
"""
CHEAP = """\
[fixed]
objective = "reverse"
step_size = 0.01
[grid]
spread = {{ linear = [0.1, 0.2], count = {0} }}
"""
SIZES = (100, 1000, 10_000, 100_000)


def by_hand(text: str) -> tuple[int, float, float]:
    """Number of points, seconds and CPU seconds of the loop."""
    from numerics.descent.certificate import make_certificate
    from numerics.descent.result import RunOptions
    from numerics.descent.run import descend
    from numerics.sweeps.spec import parse_spec

    points = list(parse_spec(text).points())
    began, cpu = time.perf_counter(), time.process_time()
    for point in points:
        run = descend(
            "forward",
            point.means,
            step_size=point.values["step_size"],
            steps=point.values["steps"],
            backend="ball",
            options=RunOptions(certify=True),
        )
        json.dumps(make_certificate(run))
    return len(points), time.perf_counter() - began, time.process_time() - cpu


def by_command(text: str, jobs: int) -> dict[str, Any]:
    """Seconds, CPU seconds of client and workers, peak memory of the client, bytes and files."""
    with TemporaryDirectory() as room:
        spec, out = Path(room, "spec.toml"), Path(room, "out")
        spec.write_text(text)
        words = ["sweep", str(spec), "--out", str(out), "--jobs", str(jobs)]
        began, before = time.perf_counter(), _children()
        process = subprocess.run(
            [sys.executable, "-m", "benchmarks.sweeps", "--client", *words],
            check=True,
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - began
        files = list(out.glob("*.parquet"))
        return {
            "seconds": seconds,
            "cpu": _children() - before,
            "megabytes": float(process.stdout.splitlines()[-1]),
            "bytes": sum(path.stat().st_size for path in files),
            "files": len(files),
        }


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def client(words: Sequence[str]) -> None:
    """Run a command and print the peak memory of this process."""
    from benchmarks.measure import peak_megabytes
    from proofs_check.cli import main

    code = main(words)
    print(peak_megabytes())
    sys.exit(code)


def main() -> None:
    """Measure and print Markdown tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweeps", description=__doc__)
    parser.add_argument("--client", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="points of the largest sweep")
    options = parser.parse_args()
    if options.client:
        client(options.client)
        return
    count, seconds, cpu = by_hand(GRID)
    found = by_command(GRID, 2)
    print("| certified fates | by hand, s (CPU) | sweep, s (CPU) | ratio | ratio of CPU |")
    print("| --- " * 5 + "|")
    print(
        f"| {count} | {seconds:.1f} ({cpu:.1f}) | {found['seconds']:.1f} ({found['cpu']:.1f}) "
        f"| {seconds / found['seconds']:.1f} | {cpu / found['cpu']:.1f} |\n"
    )
    print("| points | s | ms a point | CPU ms a point | client, MB | bytes a point | files |")
    print("| --- " * 7 + "|")
    for size in SIZES:
        if size <= options.most:
            row = by_command(CHEAP.format(size), 2)
            print(
                f"| {size} | {row['seconds']:.1f} | {1e3 * row['seconds'] / size:.2f} "
                f"| {1e3 * row['cpu'] / size:.2f} | {row['megabytes']:.0f} "
                f"| {row['bytes'] / size:.0f} | {row['files']} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
