"""Two and three dimensions, far groups and many components: ``python -m benchmarks.dimensions``.

The forward loss by the library and by SciPy (``dblquad``, ``nquad``, ``cubature``); gradients in
balls at more digits; components far apart in the plane; and many components on a line.
"""

from __future__ import annotations

import math
import resource
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from benchmarks.measure import measure

MEANS = {
    "plane, 3 components": [["1", "0"], ["0", "1/2"], ["-1", "-1"]],
    "space, 4 components": [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"], ["-1", "-1", "-1"]],
    "plane, 40 apart": [["0", "0"], ["40", "0"], ["0", "40"]],
}
#: Largest coordinate of an integrand that a user would type, and the tolerance asked of SciPy.
_REACH = 9.0
_TOLERANCE = 1e-10

Case = tuple[Callable[[], Any], Callable[[Any], Any]]


def _timed(function: Callable[[], Any]) -> Callable[[], Any]:
    """Return the value and the CPU seconds of this process and its children."""

    def seconds() -> float:
        used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(usage.ru_utime + usage.ru_stime for usage in used)

    def run() -> Any:
        before = seconds()
        value = function()
        return value, seconds() - before

    return run


def library(
    backend: str, objective: str, quantity: str, name: str, digits: int, processes: int
) -> Case:
    """``numerics.evaluate``."""
    from numerics import evaluate

    def call() -> Any:
        return evaluate(
            objective,
            MEANS[name],
            quantity=quantity,
            digits=digits,
            backend=backend,
            processes=processes,
        )

    def report(result: Any) -> Any:
        value, cpu = result
        shown = value.mid if backend == "ball" else str(value.value)
        return {"value": shown, "cpu": cpu, "nodes": value.nodes}

    return _timed(call), report


def components(quantity: str, count: int, digits: int) -> Case:
    """Many components on a line, in balls."""
    from numerics import evaluate

    means = [[str(Fraction(17 * i % 101 - 50, 20))] for i in range(count)]

    def call() -> Any:
        return evaluate("forward", means, quantity=quantity, digits=digits, backend="ball")

    return _timed(call), lambda result: {"cpu": result[1], "nodes": result[0].nodes}


def scipy_method(method: str, name: str) -> Case:
    """SciPy's integrators of the loss typed from its definition, over a box of half-width 9."""
    import numpy as np
    from scipy import integrate

    means = np.array([[float(Fraction(x)) for x in row] for row in MEANS[name]])
    rank = means.shape[1]

    def many(x: Any) -> Any:
        logits = x @ means.T - (means * means).sum(axis=1) / 2
        terms = np.exp(logits - logits.max(axis=1, keepdims=True))
        m = terms @ means / terms.sum(axis=1, keepdims=True)
        gauss = np.exp(-(x * x).sum(axis=1) / 2) / (2 * math.pi) ** (rank / 2)
        return (m * m).sum(axis=1) * gauss

    def one(*x: float) -> float:
        return float(many(np.array([x]))[0])

    def call() -> Any:
        if method == "cubature":
            low, high = [-_REACH] * rank, [_REACH] * rank
            found = integrate.cubature(many, low, high, rtol=_TOLERANCE, atol=_TOLERANCE)
            return float(found.estimate)
        if method == "dblquad":
            ends = (-_REACH, _REACH)
            return integrate.dblquad(one, *ends, *ends, epsabs=_TOLERANCE, epsrel=_TOLERANCE)[0]
        options = {"epsabs": _TOLERANCE, "epsrel": _TOLERANCE}
        return integrate.nquad(one, [(-_REACH, _REACH)] * rank, opts=options)[0]

    return _timed(call), lambda result: {"value": repr(result[0]), "cpu": result[1]}


def delivered(value: str, name: str) -> str:
    """Correct digits of a forward loss."""
    import mpmath

    from numerics import evaluate

    truth: Any = evaluate("forward", MEANS[name], digits=20, backend="ball")
    with mpmath.workdps(30):
        exact = mpmath.mpf(truth.mid)
        error = abs(mpmath.mpf(value) - exact) / max(1, abs(exact))
        return f"{float(-mpmath.log10(error)):.1f}" if error else "> 20"


def comparison() -> list[str]:
    """Rows of the forward loss by several methods."""
    lines = [
        "| means | method | digits asked | wall, s | CPU, s | CPU / float64 | digits delivered |",
        "| --- " * 7 + "|",
    ]
    for name in list(MEANS)[:2]:
        rows: list[tuple[str, int, Any]] = []
        for backend, digits in (("float64", 12), ("mpmath", 15), ("ball", 15)):
            case = (backend, "forward", "loss", name, digits, 1)
            rows.append((backend, digits, measure("benchmarks.dimensions:library", *case)))
        for method in ("dblquad" if "plane" in name else "nquad", "cubature"):
            found = measure("benchmarks.dimensions:scipy_method", method, name, limit=120.0)
            rows.append((f"scipy {method}", 10, found))
        least = rows[0][2].result["cpu"]
        for method, digits, found in rows:
            if found.result is None:
                lines.append(f"| {name} | {method} | {digits} | > 120 | - | - | - |")
                continue
            cpu = found.result["cpu"]
            lines.append(
                f"| {name} | {method} | {digits} | {found.seconds:.3g} | {cpu:.3g} "
                f"| {cpu / least:.3g} | {delivered(found.result['value'], name)} |"
            )
    return lines


def balls() -> list[str]:
    """Rows of gradients and far means in balls."""
    lines = [
        "| means | what | digits | processes | nodes | wall, s | CPU, s |",
        "| --- " * 7 + "|",
    ]
    space, far = list(MEANS)[1:]
    cases = [("forward", "gradient", space, d, p) for d in (15, 30) for p in (1, 2)]
    cases += [(objective, "loss", far, 15, 1) for objective in ("forward", "reverse", "kl")]
    for objective, quantity, name, digits, processes in cases:
        found = measure(
            "benchmarks.dimensions:library",
            *("ball", objective, quantity, name, digits, processes),
            limit=300.0,
            budget=0.01,
        )
        lines.append(
            f"| {name} | {objective} {quantity} | {digits} | {processes} "
            f"| {found.result['nodes']} | {found.seconds:.3g} | {found.result['cpu']:.3g} |"
        )
    return lines


def many_components() -> list[str]:
    """Rows of many components."""
    lines = ["| n | quantity | digits | nodes | CPU, s | MB |", "| --- " * 6 + "|"]
    cases = [("gradient", count, d) for d in (15, 50) for count in (10, 20, 40, 100)]
    cases += [("hessian", count, 15) for count in (10, 20)]
    for quantity, count, digits in cases:
        found = measure("benchmarks.dimensions:components", quantity, count, digits)
        lines.append(
            f"| {count} | {quantity} | {digits} | {found.result['nodes']} "
            f"| {found.result['cpu']:.3g} | {found.megabytes:.0f} |"
        )
    return lines


def main() -> None:
    """Print the tables."""
    print("\n".join(many_components()), flush=True)
    print("\n" + "\n".join(balls()), flush=True)
    print("\n" + "\n".join(comparison()))


if __name__ == "__main__":
    main()
