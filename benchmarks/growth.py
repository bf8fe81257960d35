"""How time grows with digits, components, rank, steps and closeness: fitted exponents.

Closeness is the exponent of the spread of near-coincident means, 60 certified steps from distance
6, held as centre and deviations at 20 digits, and as plain numbers at full digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from benchmarks.measure import measure

Case = tuple[Callable[[], Any], Callable[[Any], Any]]
#: Means for n components on a line, and for ranks 1 to 3.
LINE = [["-0.75"], ["2.125"], ["0.5"], ["1.25"], ["-1.5"], ["0.125"], ["1.75"], ["-0.25"]]
BY_RANK = {
    1: [["0", "0", "0"], ["1", "0", "0"], ["2", "0", "0"], ["-1", "0", "0"]],
    2: [["0", "0", "0"], ["1", "0", "0"], ["0", "2", "0"], ["-1", "1", "0"]],
    3: [["0", "0", "0"], ["1", "0", "0"], ["0", "2", "0"], ["0", "0", "1"]],
}
SERIES = {
    "digits (ball, n = 2)": [("ball", 2, digits) for digits in (50, 100, 200, 400, 800)],
    "components (ball, 50 digits)": [("ball", n, 50) for n in (2, 3, 4, 6, 8)],
    "rank (float64, 8 digits)": [("rank", rank, 8) for rank in (1, 2, 3)],
    "steps (float64, n = 2)": [("steps", 2, steps) for steps in (100, 300, 1000, 3000)],
    "closeness 1e-k (ball, n = 2)": [("cluster", k, 60) for k in (100, 200, 400, 800)],
    "closeness 1e-k (ball, plain means)": [("plain", k, 60) for k in (100, 200, 400, 800)],
}


def descent(kind: str, closeness: int, steps: int) -> Case:
    """A certified descent of two near-coincident means."""
    from dataclasses import replace

    from numerics.descent.gradient_source import evaluator_source
    from numerics.descent.problem import plan_descent
    from numerics.descent.result import RunOptions
    from numerics.descent.run import run_descent

    means = [["6"], ["6." + "0" * (closeness - 1) + "1"]]
    options: dict[str, Any] = {"step_size": "0.1", "steps": steps, "backend": "ball"}
    problem = plan_descent("forward", means, digits=20, **options)
    if kind == "plain":
        exact = plan_descent("forward", means, digits=closeness + 20, **options)
        problem = replace(problem, clusters=(), working_digits=exact.working_digits)
    return (
        lambda: run_descent(problem, evaluator_source, RunOptions()),
        lambda result: {"nodes": result.nodes},
    )


def gradient(kind: str, size: int, amount: int) -> Case:
    """One evaluation (or one descent) of a series."""
    if kind in ("cluster", "plain"):
        return descent(kind, size, amount)
    if kind == "steps":
        from numerics.descent.run import descend

        return (
            lambda: descend("forward", LINE[:2], step_size="0.05", steps=amount),
            lambda _: None,
        )
    from numerics import evaluate

    means = BY_RANK[size] if kind == "rank" else LINE[:size]
    backend = "float64" if kind == "rank" else "ball"

    def run() -> Any:
        return evaluate("forward", means, quantity="gradient", digits=amount, backend=backend)

    return run, lambda result: {"nodes": result.nodes}


def exponent(sizes: list[float], seconds: list[float]) -> float:
    """Least-squares slope of log time against log size."""
    x, y = [math.log(s) for s in sizes], [math.log(t) for t in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)


def table(quick: bool = False) -> list[dict[str, Any]]:
    """One row per series: sizes, seconds, fitted exponent."""
    rows = []
    for name, cases in SERIES.items():
        chosen = cases[:3] if quick else cases
        found = [measure("benchmarks.growth:gradient", *case) for case in chosen]
        sizes = [float(c[2] if "digits (" in name or "steps" in name else c[1]) for c in chosen]
        seconds = [m.seconds for m in found if m.seconds is not None]
        rows.append(
            {
                "series": name,
                "sizes": sizes,
                "seconds": seconds,
                "nodes": [m.result["nodes"] if m.result else None for m in found],
                "megabytes": max(m.megabytes for m in found),
                "exponent": exponent(sizes[: len(seconds)], seconds),
            }
        )
    return rows
