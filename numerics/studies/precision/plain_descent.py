r"""Gradient descent as a user would write it, in any floating-point arithmetic.

The means are held as plain numbers, ``v_j <- v_j - eta g_j``, with ``g`` the derived gradient
summed over fixed nodes and the responsibilities from :math:`x \cdot v_j - |v_j|^2/2 + \ln\pi_j`: no
centre, no differences, no symmetry. Every arithmetic gets the same nodes, so that two runs differ
by rounding alone. (The rest of this package is more careful; this is what it is compared with.)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from numerics.descent.iteration import iterate
from numerics.errors import InputError
from numerics.fates.criteria import Fate, FateInputs, decide_fates, settled
from numerics.kernels import load_program
from numerics.kernels.handle import Handle
from numerics.kernels.numba_loop import scalar_statements
from numerics.numbers.exact import Vector
from numerics.studies.precision.number_systems import Numbers, NumberSystem

#: Nodes ``k h`` up to this distance from the teacher, and at least ``1/h``, by dimension: with
#: means up to 3 (2) apart the gradient is good to 1e-7, better than verdicts need away from a
#: threshold.
REACH = {1: 8, 2: 6}
PER_UNIT = {1: Fraction(4), 2: Fraction(8, 3)}
#: Means that start further apart get a finer grid, up to this distance.
MOST_SPREAD = {1: 100, 2: 8}
_SPREAD = {1: 3, 2: 2}
#: Largest dimension.
MOST_DIMENSIONS = 2


@dataclass(frozen=True)
class PlainRun:
    """Outcome of a run in one arithmetic.

    Attributes
    ----------
    system : str
    bits : int
    fates : tuple of Fate
        By the theorems of `numerics.fates.criteria`, applied to the computed iterate.
    steps : int
        Steps until a theorem applied, or all.
    warning : str
        What the arithmetic itself reported (overflow, an invalid operation), else empty.
    coincided : bool
        Whether distinct means were rounded to equal ones at the start.
    """

    system: str
    bits: int
    fates: tuple[Fate, ...]
    steps: int
    warning: str
    coincided: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The fates alone."""
        return tuple(fate.fate for fate in self.fates)


def plain_descent(
    objective: str,
    means: Sequence[Vector],
    system: NumberSystem,
    *,
    step_size: Fraction,
    steps: int,
    weights: Sequence[Fraction] | None = None,
) -> PlainRun:
    """Run in one arithmetic until a theorem decides the fates.

    Parameters
    ----------
    objective : {"forward", "kl"}
    means : n x d rationals, d at most 2
        Relative to the teacher's mean; rounded once.
    system : NumberSystem
    step_size : Fraction
    steps : int
        At most so many.
    weights : sequence of Fraction, optional
        Default uniform.

    Raises
    ------
    InputError
        For other objectives, and for more dimensions.

    Examples
    --------
    >>> from numerics.studies.precision.number_systems import native
    >>> start = ((Fraction(6),), (6 + Fraction(1, 10**6),))
    >>> run = plain_descent(
    ...     "forward", start, native("float64"), step_size=Fraction(1, 10), steps=500)
    >>> run.names
    ('converged', 'escaped')
    """
    n, dimension = len(means), len(means[0])
    if not covered(means):
        raise InputError(
            "means",
            f"{n} means in {dimension} dimensions",
            f"at most {MOST_DIMENSIONS} dimensions, means not too far apart ({MOST_SPREAD})",
        )
    exact_weights = tuple(weights or (Fraction(1, n),) * n)
    with system.active():
        gradient = PlainGradient(objective, means, system)
        logs = system.round([system.log(weight) for weight in exact_weights])
        eta = system.round([step_size])[0]
        start = [[system.round([entry])[0] for entry in row] for row in means]
        coincided = len(set(_exact(start, system))) < len(set(means))
        warning, done = "", steps
        situation = _situation(objective, _exact(start, system), exact_weights, step_size, 0)

        def advance(rows: list[list[Numbers]]) -> list[list[Numbers]]:
            return [
                [entry - eta * slope for entry, slope in zip(row, slopes, strict=True)]
                for row, slopes in zip(rows, gradient(rows, logs), strict=True)
            ]

        for step, rows in zip(range(steps), iterate(advance, start), strict=False):
            doubles = [[system.double(entry) for entry in row] for row in rows]
            if not all(math.isfinite(entry) for row in doubles for entry in row):
                warning, done = "overflow or invalid operation", step
                break
            if _promising(doubles):
                situation = _situation(
                    objective, _exact(rows, system), exact_weights, step_size, step
                )
                if settled(situation):
                    done = step
                    break
    fates = decide_fates(situation, theorems_only=True)
    return PlainRun(system.name, system.bits, fates, done, warning, coincided)


def covered(means: Sequence[Vector]) -> bool:
    """Whether there are nodes for these means: few dimensions, not too far apart.

    Examples
    --------
    >>> covered([(Fraction(6),), (Fraction(7),)]), covered([(Fraction(0),), (Fraction(200),)])
    (True, False)
    """
    return len(means[0]) <= MOST_DIMENSIONS and _widest(means) <= MOST_SPREAD[len(means[0])]


def _widest(means: Sequence[Vector]) -> float:
    """Largest difference of a coordinate."""
    return max(float(max(column) - min(column)) for column in zip(*means, strict=True))


class PlainGradient:
    """The derived gradient over fixed nodes, written out for one shape.

    Parameters
    ----------
    objective : {"forward", "kl"}
    means : n x d rationals
        Where the run starts; their distances choose the nodes.
    system : NumberSystem
        Active when this is made and called.
    """

    def __init__(self, objective: str, means: Sequence[Vector], system: NumberSystem) -> None:
        self.n, self.dimension, self.system = len(means), len(means[0]), system
        finer = 1
        while finer * _SPREAD[self.dimension] < _widest(means):
            finer *= 2
        points, weights = _nodes(self.dimension, finer)
        program = load_program(objective, "gradient")
        self.points = [system.round(column) for column in points]
        self.weights = system.round(weights)
        self.entries = _entries(Handle(program), self.n, self.dimension)
        self.zero = system.round([Fraction(0)])[0]
        self.half = system.round([Fraction(1, 2)])[0]

    def __call__(self, rows: list[list[Numbers]], logs: Numbers) -> list[list[Numbers]]:
        """Gradient at the means."""
        logits = []
        for j, row in enumerate(rows):
            square = sum((entry * entry for entry in row[1:]), row[0] * row[0])
            inner = [x * entry for x, entry in zip(self.points, row, strict=True)]
            logits.append(sum(inner[1:], inner[0]) + (logs[j] - square * self.half))
        top = logits[0]
        for other in logits[1:]:
            top = self.system.maximum(top, other)
        terms = [self.system.exp(each - top) for each in logits]
        total = sum(terms[1:], terms[0])
        names: dict[str, Any] = {f"psi_{j}": term / total for j, term in enumerate(terms)}
        for a in range(self.dimension):
            names[f"v_anchor_{a}"] = self.zero
            for j in range(self.n):
                names[f"v_{j}_{a}"] = names[f"v_shifted_{j}_{a}"] = rows[j][a]
        found = self.entries(names)
        return [
            [(found[j][a] * self.weights).sum() for a in range(self.dimension)]
            for j in range(self.n)
        ]


@lru_cache(maxsize=32)
def _entries(handle: Handle, n: int, dimension: int) -> Callable[[dict[str, Any]], Any]:
    """The program's statements as a function of its inputs by name."""
    code = compile("\n".join(scalar_statements(handle.program, n, dimension)), "<plain>", "exec")

    def evaluate(names: dict[str, Any]) -> list[list[Any]]:
        exec(code, {"__builtins__": {}}, names)
        return [[names[f"output_{j}_{a}"] for a in range(dimension)] for j in range(n)]

    return evaluate


@lru_cache(maxsize=8)
def _nodes(dimension: int, finer: int) -> tuple[list[list[Fraction]], list[Fraction]]:
    """Points ``k h`` (columns) and weights ``(h/sqrt(2 pi))^d exp(-|x|^2/2)``, as doubles.

    The weights enter every component alike: their rounding neither separates nor joins means.
    """
    step = 1 / (PER_UNIT[dimension] * finer)
    reach = REACH[dimension]
    last = int(reach / step)
    axis = [k * step for k in range(-last, last + 1)]
    squares = {x: x * x for x in axis}
    kept = [
        point
        for point in itertools.product(axis, repeat=dimension)
        if sum(squares[x] for x in point) <= reach**2
    ]
    scale = (float(step) / math.sqrt(2 * math.pi)) ** dimension
    weights = [scale * math.exp(-float(sum(squares[x] for x in point)) / 2) for point in kept]
    return [list(column) for column in zip(*kept, strict=True)], [Fraction(w) for w in weights]


def _exact(rows: list[list[Numbers]], system: NumberSystem) -> tuple[Vector, ...]:
    return tuple(tuple(system.exact(entry) for entry in row) for row in rows)


def _promising(doubles: list[list[float]]) -> bool:
    """Whether a theorem might apply: in doubles, before the exact test."""
    norms = [math.hypot(*row) for row in doubles]
    return sum(norm * norm for norm in norms) < 2.7 or min(norms) < 0.16


def _situation(
    objective: str,
    rows: tuple[Vector, ...],
    weights: tuple[Fraction, ...],
    step_size: Fraction,
    step: int,
) -> FateInputs:
    squares = [sum((entry * entry for entry in row), Fraction(0)) for row in rows]
    groups = list(dict.fromkeys(zip(rows, weights, strict=True)))
    return FateInputs(
        objective,
        weights,
        tuple((square, square) for square in squares),
        step_size,
        "numerical",
        [],
        step,
        tuple(groups.index(pair) for pair in zip(rows, weights, strict=True)),
    )
