"""Error bars above rank 3, judged: ``python -m benchmarks.error_bars [--quick]``.

Random hard cases of rank 4 to 8 are evaluated with `numerics.evaluate` and compared with values
that share nothing with the sampling:

- *product*: means and teacher are products of sets on lines, so that densities factorize and every
  expectation is a sum of products of one-dimensional ones (typed here, by a fine trapezoid sum);
- *plane*: means in a plane, moved by exact 1e-12 into further directions; the value is that of the
  plane, by the deterministic rule of rank 2, up to a Lipschitz bound;
- *star*: one near component and far ones in orthogonal directions; the losses of pairs add up to
  the loss, up to a bound typed here;
- *generic*: means in general position against independent plain Monte Carlo from other proposals,
  with an error bar of its own.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.evaluation.evaluate import evaluate
from proofs_check.cli.bars import counted_bar

Array = npt.NDArray[np.float64]
OBJECTIVES = ("forward", "reverse", "kl")
#: Cases of each family in the full study; the quick one has a fiftieth.
CASES = {"product": 900, "plane": 600, "star": 400, "generic": 100}
_MONTE_CARLO = 400_000
_SHIFT = 1e-12


@dataclass(frozen=True)
class Case:
    """A problem, what to ask for, and an independent value with its own error."""

    family: str
    kind: str
    objective: str
    quantity: str
    means: Any
    weights: Any
    teacher: Any
    rank: int
    truth: Callable[[], tuple[Array, Array | float]]


@dataclass(frozen=True)
class Outcome:
    """One case's comparison, entry by entry."""

    index: int
    family: str
    kind: str
    objective: str
    quantity: str
    rank: int
    entries: int
    outside: int
    met: bool
    wrong: bool
    ratio: float
    seconds: float


def judge(case: Case, digits: int, max_nodes: int, seed: int) -> Outcome:
    """Evaluate a case and compare it with its independent value."""
    start = time.perf_counter()
    result: Any = evaluate(
        case.objective,
        case.means,
        quantity=case.quantity,
        weights=case.weights,
        teacher=case.teacher,
        digits=digits,
        max_nodes=max_nodes,
        seed=seed,
    )
    seconds = time.perf_counter() - start
    truth, slack = case.truth()
    value, claimed = np.asarray(result.value), np.asarray(result.error)
    distance = np.maximum(np.abs(value - truth) - slack - 1e-13 * np.abs(truth), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(distance > 0, distance / claimed, 0.0)
    goal = 10.0**-digits * np.maximum(1.0, np.abs(value))
    return Outcome(
        seed,
        case.family,
        case.kind,
        case.objective,
        case.quantity,
        result.rank,
        value.size,
        int((ratio > 1).sum()),
        bool(result.met),
        bool(result.met and ((distance > goal).any() or (claimed > goal).any())),
        float(ratio.max()),
        seconds,
    )


# --------------------------------------------------------------------------- product mixtures


@dataclass(frozen=True)
class Line:
    """One factor: expectations on a line, by a trapezoid sum of spacing 1/100."""

    means: Array
    weights: Array
    teacher_means: Array
    teacher_weights: Array

    def tables(self, base: str) -> dict[str, Array]:
        """Expectations under the base; those with ``psi`` by component."""
        every = np.concatenate([self.means, self.teacher_means])
        x = np.arange(every.min() - 10, every.max() + 10, 0.01)

        def split(means: Array, weights: Array) -> tuple[Array, Array]:
            terms = weights[:, None] * np.exp(-((x - means[:, None]) ** 2) / 2)
            return terms.sum(axis=0) / np.sqrt(2 * np.pi), terms / terms.sum(axis=0)

        p, psi = split(self.means, self.weights)
        q, phi = split(self.teacher_means, self.teacher_weights)
        density = 0.01 * (p if base == "student" else q)
        m = self.means @ psi
        error = m - self.teacher_means @ phi
        away = x - self.means[:, None]
        deviation = self.means[:, None] - m
        parts = {
            "1": psi,
            "M": psi * error,
            "MM": psi * error**2,
            "x": psi * away,
            "xMM": psi * away * error**2,
            "uM": psi * deviation * error,
            "xuM": psi * away * deviation * error,
        }
        result = {name: np.asarray(part @ density) for name, part in parts.items()}
        result["loss"] = np.asarray((error**2) @ density)
        result["kl"] = np.asarray(np.log(q / p) @ density)
        return result


def product_loss(objective: str, lines: list[Line]) -> float:
    """Losses of independent coordinates add up."""
    base = "student" if objective == "reverse" else "teacher"
    name = "kl" if objective == "kl" else "loss"
    return float(sum(line.tables(base)[name] for line in lines))


def product_gradient(objective: str, lines: list[Line], index: Any) -> Array:
    r"""Derivatives of the loss as its definition has them, before any integration by parts.

    With ``M = m - m_T``: ``2 E_T[psi_j (M_a + (x - v_j)_a (v_j - m).M)]`` (forward), the same under
    ``p`` plus ``E_p[psi_j (x - v_j)_a |M|^2]`` (reverse), ``-E_T[psi_j (x - v_j)_a]`` (KL).
    """
    base = "student" if objective == "reverse" else "teacher"
    tables = [line.tables(base) for line in lines]
    rank = len(lines)
    result = np.zeros((len(index), rank))
    for row, own in enumerate(index):

        def product(names: dict[int, str], own: Any = own) -> float:
            return float(np.prod([tables[b][names.get(b, "1")][own[b]] for b in range(rank)]))

        for a in range(rank):
            if objective == "kl":
                result[row, a] = -product({a: "x"})
                continue
            others = [b for b in range(rank) if b != a]
            total = product({a: "M"}) + product({a: "xuM"})
            total += sum(product({a: "x", b: "uM"}) for b in others)
            result[row, a] = 2 * total
            if objective == "reverse":
                result[row, a] += product({a: "xMM"})
                result[row, a] += sum(product({a: "x", b: "MM"}) for b in others)
    return result


def _exact(values: Array, places: int = 3) -> list[Fraction]:
    return [Fraction(round(float(v) * 10**places), 10**places) for v in values]


def _weights(generator: np.random.Generator, count: int, kind: str) -> list[Fraction]:
    """Rational weights: moderate, or down to 1e-12."""
    logs = generator.uniform(-12 if kind == "tiny" else -0.7, 0, size=count)
    parts = [Fraction(max(1, round(10.0 ** (15 + log)))) for log in logs]
    return [part / sum(parts) for part in parts]


def _sides(generator: np.random.Generator, kind: str, axis: int, count: int) -> Array:
    """Means on a line: a few units, many, or both."""
    if kind == "mixed":
        kind = "far" if axis % 2 else "near"
    width = {"near": 1.5, "tiny": 3.0, "far": 12.0, "teacher": 4.0}[kind]
    values = generator.uniform(-width, width, size=count)
    if kind == "far":
        values[0] = generator.uniform(-1, 1)
    return np.asarray(np.round(values, 3))


def product_case(generator: np.random.Generator, kind: str) -> Case:
    """Draw a product mixture: rank 4, at times 5."""
    objective = str(generator.choice(OBJECTIVES))
    quantity = str(generator.choice(["loss", "gradient"]))
    rank = 5 if generator.random() < 0.15 else 4
    lines, means, weights = [], [], []
    thetas, rhos = [], []
    for axis in range(rank):
        values = _exact(_sides(generator, kind, axis, 2))
        shares = _weights(generator, 2, kind)
        count = 2 if kind == "teacher" and axis < 2 else 1
        centres = (
            _exact(generator.uniform(-4, 4, size=count)) if kind == "teacher" else [Fraction(0)]
        )
        teacher_shares = _weights(generator, count, "near")
        means.append(values)
        weights.append(shares)
        thetas.append(centres)
        rhos.append(teacher_shares)
        lines.append(
            Line(
                *(
                    np.array(list(map(float, each)))
                    for each in (values, shares, centres, teacher_shares)
                )
            )
        )
    index = list(np.ndindex(*[2] * rank))
    teacher_index = list(np.ndindex(*[len(each) for each in thetas]))

    def rows(table: list[list[Fraction]], indices: Any) -> list[list[str]]:
        return [[str(table[a][i[a]]) for a in range(rank)] for i in indices]

    def shares_of(table: list[list[Fraction]], indices: Any) -> list[str]:
        products = []
        for i in indices:
            share = Fraction(1)
            for a in range(rank):
                share *= table[a][i[a]]
            products.append(str(share))
        return products

    def truth() -> tuple[Array, float]:
        if quantity == "loss":
            return np.asarray(product_loss(objective, lines)), 1e-12
        return product_gradient(objective, lines, index), 1e-12

    return Case(
        "product",
        kind,
        objective,
        quantity,
        rows(means, index),
        shares_of(weights, index),
        {"means": rows(thetas, teacher_index), "weights": shares_of(rhos, teacher_index)},
        rank,
        truth,
    )


# --------------------------------------------------------------------------- moved planes


def plane_case(generator: np.random.Generator, kind: str) -> Case:
    """Draw means in a plane and move each by 1e-12 along further coordinates: rank 4 to 8."""
    objective = str(generator.choice(OBJECTIVES))
    quantity = str(generator.choice(["loss", "gradient"]))
    rank = int(generator.integers(4, 9))
    n = rank + 1 if rank < 7 else rank - 1
    teachers = 3 if kind == "teacher" or rank >= 7 else 1
    n = max(n, rank - teachers + 2)
    scale = {"near": 1.0, "tiny": 3.0, "far": 7.0, "teacher": 3.0, "mixed": 1.0}[kind]
    flat = generator.normal(size=(n, 2)) * scale
    if kind == "mixed":
        flat[n // 2 :] *= 8
    if kind == "far":
        flat[0] = 0
    rows = [_exact(row) for row in flat]
    thetas = [_exact(row) for row in generator.normal(size=(teachers, 2)) * 3]
    if teachers == 1:
        thetas = [[Fraction(0), Fraction(0)]]
    weights = _weights(generator, n, kind)
    shares = _weights(generator, teachers, "near")
    further = rank - 2

    def moved(table: list[list[Fraction]], first: int) -> list[list[str]]:
        result = []
        for i, row in enumerate(table):
            place = first + i
            tail = ["1e-12" if place == b else "0" for b in range(further)]
            result.append([*map(str, row), *tail])
        return result

    student, teacher = moved(rows, 0), moved(thetas, n)

    def truth() -> tuple[Array, float]:
        plane: Any = evaluate(
            objective,
            [list(map(str, row)) for row in rows],
            quantity=quantity,
            weights=[str(w) for w in weights],
            teacher={
                "means": [list(map(str, row)) for row in thetas],
                "weights": [str(w) for w in shares],
            },
            digits=11,
        )
        value = np.asarray(plane.value)
        if quantity == "gradient":
            value = np.concatenate([value, np.zeros((n, further))], axis=1)
        # Derivatives are at most of the order of the fourth power of the largest mean.
        largest = max(1.0, float(np.abs(flat).max()))
        slack = float(np.max(plane.error)) + 100 * n * _SHIFT * largest**4
        return value, slack

    return Case(
        "plane",
        kind,
        objective,
        quantity,
        student,
        [str(w) for w in weights],
        {"means": teacher, "weights": [str(w) for w in shares]},
        rank,
        truth,
    )


# --------------------------------------------------------------------------- stars


def star_case(generator: np.random.Generator, kind: str) -> Case:
    r"""Draw a star: one component near the teacher, one far along each of 4 to 8 axes.

    With ``r_j = t_j/t_0`` the forward loss ``|m|^2`` and ``log(1 + sum r)`` differ from the sum
    over ``j`` of their values with only ``0`` and ``j`` by at most ``c min(1, r_j) min(1, r_l)``,
    summed over pairs: ``c = 16 V^2`` for a square of means up to ``V``; for the logarithm
    ``log(1 + r_j r_l/(1 + r_j + r_l)) <= 2 (r_j r_l)^(1/2)``. On orthogonal axes the Gaussian means
    of such products factorize.
    """
    objective = str(generator.choice(["forward", "kl"]))
    rank = int(generator.integers(4, 9))
    low, high = {"far": (10, 14), "tiny": (6, 9), "mixed": (11, 40), "near": (9, 11)}[kind]
    sides = _exact(generator.uniform(low, high, size=rank))
    weights = _weights(generator, rank + 1, "near")
    if kind == "tiny":
        small = [Fraction(1, 10 ** int(generator.integers(4, 9))) for _ in range(rank)]
        weights = [1 - sum(small, Fraction(0)), *small]
    means = [[Fraction(0)] * rank for _ in range(rank + 1)]
    for a, side in enumerate(sides):
        means[a + 1][a] = side

    def truth() -> tuple[Array, float]:
        total = 0.0
        roots = []
        x = np.arange(-12, 52, 0.005)
        density = 0.005 * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
        for side, weight in zip(map(float, sides), map(float, weights[1:]), strict=True):
            log_ratio = np.log(weight / float(weights[0])) + side * x - side**2 / 2
            ratio = np.exp(np.minimum(log_ratio, 700))
            if objective == "kl":
                total -= float(np.log1p(ratio) @ density)
                roots.append(float(np.sqrt(ratio) @ density))
            else:
                total += float((side * ratio / (1 + ratio)) ** 2 @ density)
                roots.append(float(np.minimum(1, ratio) @ density))
        pairs = sum(a * b for i, a in enumerate(roots) for b in roots[:i])
        if objective == "kl":
            return np.asarray(total - np.log(float(weights[0]))), 2 * pairs + 1e-14
        return np.asarray(total), 16 * float(max(sides)) ** 2 * pairs + 1e-14

    return Case(
        "star",
        kind,
        objective,
        "loss",
        [list(map(str, row)) for row in means],
        [str(w) for w in weights],
        None,
        rank,
        truth,
    )


# --------------------------------------------------------------------------- Monte Carlo


def generic_case(generator: np.random.Generator, kind: str) -> Case:
    """Draw means in general position; the value is from samples of a mixture of wider Gaussians."""
    objective = str(generator.choice(OBJECTIVES))
    rank = int(generator.integers(4, 9))
    n = rank + 1
    scale = {"near": 1.0, "tiny": 2.0, "far": 3.0, "teacher": 1.5, "mixed": 1.0}[kind]
    means = generator.normal(size=(n, rank)) * scale
    if kind == "mixed":
        means[n // 2 :] *= 3
    rows = [_exact(row) for row in means]
    weights = _weights(generator, n, kind)
    theta = generator.normal(size=(2, rank)) * 2 if kind == "teacher" else np.zeros((1, rank))
    thetas = [_exact(row) for row in theta]
    shares = _weights(generator, len(thetas), "near")
    seed = int(generator.integers(2**31))
    arrays = [np.array([list(map(float, row)) for row in each]) for each in (rows, thetas)]
    numbers = [np.array(list(map(float, each))) for each in (weights, shares)]

    def truth() -> tuple[Array, float]:
        return monte_carlo(objective, arrays[0], numbers[0], arrays[1], numbers[1], seed)

    return Case(
        "generic",
        kind,
        objective,
        "loss",
        [list(map(str, row)) for row in rows],
        [str(w) for w in weights],
        {"means": [list(map(str, row)) for row in thetas], "weights": [str(w) for w in shares]},
        rank,
        truth,
    )


def monte_carlo(
    objective: str, means: Array, weights: Array, theta: Array, rho: Array, seed: int
) -> tuple[Array, float]:
    """Importance sampling from ``N(c, 1.3 I)`` at centres and midpoints; the loss and 4 sigma."""
    generator = np.random.default_rng(seed)
    base = means if objective == "reverse" else theta
    shares = weights if objective == "reverse" else rho
    middles = [(b + v) / 2 for b in base for v in means]
    centres = np.concatenate([base, np.array(middles)])
    picked = generator.integers(len(centres), size=_MONTE_CARLO)
    picked[: _MONTE_CARLO // 2] = generator.choice(len(base), size=_MONTE_CARLO // 2, p=shares)
    variance = 1.3
    x = centres[picked] + np.sqrt(variance) * generator.normal(size=(_MONTE_CARLO, means.shape[1]))
    proposal = np.full(len(centres), 0.5 / len(centres))
    proposal[: len(base)] += shares / 2

    def logs(rows: Array, parts: Array, spread: float = 1.0) -> tuple[Array, Array]:
        exponents = np.stack([((x - row) ** 2).sum(axis=1) for row in rows]) / (-2 * spread)
        exponents += np.log(parts)[:, None] - means.shape[1] / 2 * np.log(spread)
        top = exponents.max(axis=0)
        terms = np.exp(exponents - top)
        return top + np.log(terms.sum(axis=0)), terms / terms.sum(axis=0)

    log_p, psi = logs(means, weights)
    log_t, phi = logs(theta, rho)
    log_q, _ = logs(centres, proposal, variance)
    if objective == "kl":
        values = log_t - log_p
    else:
        values = ((means.T @ psi - theta.T @ phi) ** 2).sum(axis=0)
    values = values * np.exp((log_p if objective == "reverse" else log_t) - log_q)
    return np.asarray(values.mean()), 4 * float(values.std()) / np.sqrt(_MONTE_CARLO)


# --------------------------------------------------------------------------- the study

_DRAW = {
    "product": (product_case, ("near", "far", "mixed", "tiny", "teacher")),
    "plane": (plane_case, ("near", "far", "mixed", "tiny", "teacher")),
    "star": (star_case, ("near", "far", "mixed", "tiny")),
    "generic": (generic_case, ("near", "far", "mixed", "tiny", "teacher")),
}


def study(
    counts: dict[str, int],
    seed: int,
    log2_nodes: tuple[int, ...] = (13, 15, 16),
    done: Collection[tuple[str, int]] = (),
) -> Iterator[Outcome]:
    """Draw and judge cases that are not done yet; every one has its own seed."""
    for family, count in counts.items():
        draw, kinds = _DRAW[family]
        for index in range(count):
            if (family, index) in done:
                continue
            generator = np.random.default_rng([seed, sorted(_DRAW).index(family), index])
            case = draw(generator, kinds[index % len(kinds)])
            digits = int(generator.integers(2, 8))
            max_nodes = 1 << int(generator.choice(log2_nodes))
            yield judge(case, digits, max_nodes, index)


def table(outcomes: list[Outcome]) -> str:
    """Cases by family and kind: intervals, how many miss, and whether ``met`` ever lied."""
    lines = [
        "| family | kind | cases | intervals | outside | share | met | met while wrong "
        "| largest error / bar |",
        "| --- " * 9 + "|",
    ]
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.family, outcome.kind), []).append(outcome)
    for (family, kind), group in [*groups.items(), (("all", ""), outcomes)]:
        entries = sum(each.entries for each in group)
        outside = sum(each.outside for each in group)
        lines.append(
            f"| {family} | {kind} | {len(group)} | {entries} | {outside} "
            f"| {100 * outside / entries:.3f}% | {sum(each.met for each in group)} "
            f"| {sum(each.wrong for each in group)} | {max(each.ratio for each in group):.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run the study and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a fiftieth of the cases")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out", type=Path, help="keep outcomes here, one JSON line each; go on from what is there"
    )
    arguments = parser.parse_args()
    share = 50 if arguments.quick else 1
    counts = {family: count // share for family, count in CASES.items()}
    outcomes = []
    if arguments.out and arguments.out.exists():
        lines = arguments.out.read_text().splitlines()
        outcomes = [Outcome(**json.loads(line)) for line in lines]
    done = {(each.family, each.index) for each in outcomes}
    with (
        counted_bar("error bars", sum(counts.values()) - len(done)) as advance,
        arguments.out.open("a") if arguments.out else nullcontext() as file,
    ):
        for outcome in study(counts, arguments.seed, done=done):
            outcomes.append(outcome)
            advance()
            if file:
                print(json.dumps(vars(outcome)), file=file, flush=True)
    print(table(outcomes))


if __name__ == "__main__":
    main()
