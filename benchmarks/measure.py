"""Run one case in a process of its own: best time, peak memory, and what it returns."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measurement:
    """Best seconds over several runs, peak resident memory, and the function's result.

    ``seconds`` is ``None`` when the case did not end within the time limit.
    """

    seconds: float | None
    megabytes: float
    result: Any


def best_of(function: Callable[[], Any], budget: float) -> tuple[float, Any]:
    """Call a function until the budget is spent (at least once); best time and last result."""
    best, spent, result = float("inf"), 0.0, None
    while spent < budget:
        start = time.perf_counter()
        result = function()
        elapsed = time.perf_counter() - start
        best, spent = min(best, elapsed), spent + elapsed
    return best, result


def measure(case: str, *arguments: Any, limit: float = 60.0, budget: float = 0.5) -> Measurement:
    """Measure ``module:function`` with JSON arguments in a fresh process.

    The function prepares a case and returns ``(run, report)``; ``run()`` is timed, and ``report``
    turns its result into plain data.
    """
    request = json.dumps([case, list(arguments), budget])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.measure", request],
            capture_output=True,
            text=True,
            timeout=limit,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return Measurement(None, 0.0, None)
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"{case}{arguments}: {error.stderr.strip()}") from error
    data = json.loads(done.stdout)
    return Measurement(data["seconds"], data["megabytes"], data["result"])


def main(request: str) -> None:
    """Measure in this process and print one JSON object."""
    case, arguments, budget = json.loads(request)
    module, function = case.split(":")
    run, report = getattr(import_module(module), function)(*arguments)
    run()  # imports, compiled kernels and caches are not what is measured
    seconds, result = best_of(run, budget)
    data = {"seconds": seconds, "megabytes": peak_megabytes(), "result": report(result)}
    print(json.dumps(data))


def peak_megabytes() -> float:
    """Peak resident memory of this process."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would include the parent's peak at the fork
        line = next(s for s in status.read_text().splitlines() if s.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


if __name__ == "__main__":
    main(sys.argv[1])
