"""The gradient of the forward loss: trapezoid rules against adaptive quadrature."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from benchmarks.measure import Measurement, measure

MEANS = {2: ["-0.75", "2.125"], 3: ["-0.75", "2.125", "0.5"], "far": ["0", "12"]}
DIGITS = (15, 50, 200, 1000)
METHODS = ("ball", "ball, warm", "mpmath", "mpmath.quad", "acb.integral", "scipy.quad")
#: Multiplications per node that no method on a uniform grid can avoid, see docs/performance.md.
MINIMAL_MULTIPLICATIONS: dict[int | str, int] = {2: 6, 3: 16}

Case = tuple[Callable[[], Any], Callable[[Any], Any]]


def library(backend: str, family: int | str, digits: int) -> Case:
    """``numerics.evaluate`` on a backend."""
    from numerics import evaluate

    means = [[mean] for mean in MEANS[family]]

    def run() -> Any:
        result = evaluate("forward", means, quantity="gradient", digits=digits, backend=backend)
        if backend == "ball":
            assert result.mid  # decimals are made when read; a call is timed with them
        return result

    def report(result: Any) -> Any:
        import mpmath

        with mpmath.workdps(digits + 10):
            if backend == "ball":
                values = [row[0] for row in result.mid]
            else:
                values = [mpmath.nstr(row[0], digits + 8) for row in result.value]
            return {"values": values, "nodes": result.nodes}

    return run, report


def warm(family: int | str, digits: int) -> Case:
    """An `Evaluator` on balls, again and again at the same means: nothing read, nothing printed."""
    from flint import arb

    from numerics import Evaluator
    from numerics.numbers.balls import precision

    n = len(MEANS[family])
    bits = math.ceil(digits * math.log2(10)) + 30
    evaluator = Evaluator("forward", ("gradient",), n=n, dimension=1, digits=digits, backend="ball")
    with precision(bits):
        means = [[arb(mean)] for mean in MEANS[family]]

    def run() -> Any:
        return evaluator(means)["gradient"]

    def report(result: Any) -> Any:
        with precision(bits):
            values = [row[0].str(digits + 8, radius=False, more=True) for row in result]
        return {"values": values, "nodes": evaluator.nodes}

    return run, report


def mpmath_quad(family: int | str, digits: int) -> Case:
    """``mpmath.quad`` over the whole line, split at 0, one integral per component."""
    import mpmath

    def run() -> Any:
        with mpmath.workdps(digits):
            means = [mpmath.mpf(mean) for mean in MEANS[family]]

            def integrand(x: Any, j: int) -> Any:
                return _gradient_integrand(means, x, j, mpmath.exp)

            norm = mpmath.sqrt(2 * mpmath.pi)
            ends = [-mpmath.inf, 0, mpmath.inf]
            return [
                mpmath.quad(lambda x, j=j: integrand(x, j), ends) / norm for j in range(len(means))
            ]

    def report(result: Any) -> Any:
        with mpmath.workdps(digits + 10):
            return {"values": [mpmath.nstr(value, digits + 8) for value in result]}

    return run, report


def acb_integral(family: int | str, digits: int) -> Case:
    """Arb's rigorous adaptive integrator on a window that holds the Gaussian's mass."""
    from flint import acb, arb, ctx

    def run() -> Any:
        saved = ctx.prec
        ctx.prec = math.ceil(digits * math.log2(10)) + 30
        try:
            means = [acb(arb(mean)) for mean in MEANS[family]]
            half = math.ceil(math.sqrt(2 * math.log(10) * (digits + 2))) + 1
            goal = arb(10) ** (-digits - 1)
            norm = (2 * arb.pi()).sqrt()
            return [
                acb.integral(
                    lambda x, _, j=j: _gradient_integrand(means, x, j, lambda z: z.exp()),
                    acb(-half),
                    acb(half),
                    abs_tol=goal,
                    rel_tol=goal,
                ).real
                / norm
                for j in range(len(means))
            ]
        finally:
            ctx.prec = saved

    def report(result: Any) -> Any:
        saved = ctx.prec
        ctx.prec = math.ceil(digits * math.log2(10)) + 30
        try:
            return {"values": [value.str(digits + 8, radius=False, more=True) for value in result]}
        finally:
            ctx.prec = saved

    return run, report


def scipy_quad(family: int | str, digits: int) -> Case:
    """``scipy.integrate.quad`` over the whole line."""
    from scipy.integrate import quad

    means = [float(mean) for mean in MEANS[family]]

    def run() -> Any:
        return [
            quad(
                lambda x, j=j: (
                    _gradient_integrand(means, x, j, math.exp, safe=True) / math.sqrt(2 * math.pi)
                ),
                -math.inf,
                math.inf,
                epsabs=1e-14,
                epsrel=1e-14,
                limit=200,
            )[0]
            for j in range(len(means))
        ]

    return run, lambda result: {"values": [repr(float(value)) for value in result]}


def _gradient_integrand(
    means: list[Any], x: Any, j: int, exp: Callable[[Any], Any], safe: bool = False
) -> Any:
    """What a user would type: ``2 psi_j ((1 - (v_j - m) m) m + C (v_j - 2m)) exp(-x^2/2)``."""
    powers = [x * v - v * v / 2 for v in means]
    if safe:  # floats overflow where mpmath and Arb do not
        powers = [power - max(powers) for power in powers]
    terms = [exp(power) for power in powers]
    total = sum(terms[1:], terms[0])
    psi = [term / total for term in terms]
    m = sum((p * v for p, v in zip(psi[1:], means[1:], strict=True)), psi[0] * means[0])
    c = sum(
        (p * (v - m) * (v - m) for p, v in zip(psi[1:], means[1:], strict=True)),
        psi[0] * (means[0] - m) * (means[0] - m),
    )
    v = means[j]
    return 2 * psi[j] * ((1 - (v - m) * m) * m + c * (v - 2 * m)) * exp(-x * x / 2)


def limit(family: int | str, digits: int) -> Case:
    """One call, a warm evaluator and one Arb multiplication, in turn: the best of each."""
    from flint import arb, ctx

    ctx.prec = math.ceil(digits * math.log2(10)) + 30
    left, right = arb(2).sqrt(), arb(3).sqrt()
    call, warmed = library("ball", family, digits)[0], warm(family, digits)[0]
    repeat = range(1000)

    def thousand() -> None:
        for _ in repeat:
            left * right

    cases = {"call": call, "warm": warmed, "multiplication": thousand}
    best = dict.fromkeys(cases, math.inf)

    def run() -> Any:
        for name, case in cases.items():
            start = time.perf_counter()
            case()
            best[name] = min(best[name], time.perf_counter() - start)
        return call().nodes

    def report(nodes: int) -> Any:
        each = best["multiplication"] / len(repeat)
        floor = nodes * MINIMAL_MULTIPLICATIONS[family] * each
        return {
            "nodes": nodes,
            "multiplication_ns": 1e9 * each,
            "call": best["call"] / floor,
            "warm": best["warm"] / floor,
        }

    return run, report


def limit_table(quick: bool = False) -> list[dict[str, Any]]:
    """Distance to the limit."""
    rows = []
    for family in MINIMAL_MULTIPLICATIONS:
        for digits in DIGITS[:2] if quick else DIGITS:
            found = measure("benchmarks.gradient:limit", family, digits, budget=2.0)
            rows.append({"n": family, "digits": digits, **(found.result or {})})
    return rows


def run_case(method: str, family: int | str, digits: int) -> Measurement:
    """Measure one method on one problem."""
    if method in ("ball", "mpmath"):
        return measure("benchmarks.gradient:library", method, family, digits)
    case = {
        "ball, warm": "warm",
        "mpmath.quad": "mpmath_quad",
        "acb.integral": "acb_integral",
        "scipy.quad": "scipy_quad",
    }
    return measure(f"benchmarks.gradient:{case[method]}", family, digits)


def delivered(values: list[str], family: int | str, digits: int) -> float:
    """Correct digits: ``-log10`` of the largest error relative to ``max(1, |value|)``."""
    import mpmath

    from numerics import evaluate

    means = [[mean] for mean in MEANS[family]]
    truth: Any = evaluate(
        "forward", means, quantity="gradient", digits=2 * digits + 10, backend="ball"
    )
    with mpmath.workdps(2 * digits + 20):
        exact = [mpmath.mpf(row[0]) for row in truth.mid]
        errors = [
            abs(mpmath.mpf(value) - true) / max(1, abs(true))
            for value, true in zip(values, exact, strict=True)
        ]
        worst = max(errors)
        return float(-mpmath.log10(worst)) if worst else float(2 * digits)


def table(quick: bool = False) -> list[dict[str, Any]]:
    """All rows: method, problem, digits, seconds, delivered digits, ratio to ``mpmath.quad``."""
    rows: list[dict[str, Any]] = []
    for family in (2, 3, "far"):
        for digits in DIGITS[:2] if quick or family == "far" else DIGITS:
            for method in METHODS:
                if method == "scipy.quad" and digits > 15:
                    continue
                rows.append(_row(method, family, digits))
    return rows


def _row(method: str, family: int | str, digits: int) -> dict[str, Any]:
    start = time.perf_counter()
    found = run_case(method, family, digits)
    row: dict[str, Any] = {
        "method": method,
        "problem": family,
        "digits": digits,
        "seconds": found.seconds,
        "megabytes": round(found.megabytes, 1),
        "wall": round(time.perf_counter() - start, 1),
    }
    if found.result is not None:
        row["delivered"] = round(delivered(found.result["values"], family, digits), 1)
        row["nodes"] = found.result.get("nodes")
    return row
