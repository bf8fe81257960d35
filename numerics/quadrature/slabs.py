r"""Product rules in balls by slabs: every moment of many nodes at once, as products of matrices.

On a line of a product grid ``t_j/t_0 = c_j e_j(k)``: ``c_j`` belongs to the line (the outer
axes), ``e_j(k)`` to the node ``k`` of the innermost one. The Gaussian weight is ``W w(k)``.
With the total :math:`\tau = \sum_j c_j e_j(k)` (a product of matrices) a monomial of degree
``P`` in the responsibilities is :math:`\psi^\beta = c^\beta\, e^\beta(k)\, \tau^{-P}`, hence

.. math:: \sum_{\text{lines}} \sum_k W w(k)\, \psi^\beta
          = \sum_{\text{lines}} W c^\beta \Big[\sum_k \tau^{-P} \cdot w(k)\, e^\beta(k)\Big],

and the bracket is a product of a matrix (lines by nodes: one power of ``tau`` for each node,
whatever ``beta``) and a table (nodes by monomials, the same for all lines). Lower degrees follow
from :math:`\psi^\alpha = \psi^\alpha (\sum_j \psi_j)^{P-|\alpha|}`. All terms are positive, so
nothing cancels. A mixture teacher has a total of its own; a logarithm multiplies the matrix.

The lines are cut into slabs and the slabs into tasks, by the grid alone; tasks are added in their
order, so that the result does not depend on how many processes share them.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flint import arb, arb_mat

from derive.algebra.program import Base
from numerics.execution import Effort
from numerics.execution.ordered import run_parts
from numerics.kernels.straight_line import moment_variables
from numerics.numbers.arithmetic import BallArithmetic as Dump
from numerics.numbers.balls import precision
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature import product
from numerics.quadrature.inputs import Inputs, converted
from numerics.quadrature.windows import Window

#: Smaller grids are walked line by line: their tables would cost as much.
FEWEST_NODES = 16_384
#: Lines of a slab; nodes by which their common ends are rounded outwards; nodes of a task.
_LINES = 16
_ROUND = 8
_TASK_NODES = 40_000
#: Fewer bits are never carried.
FEWEST_BITS = 64
#: Below this many predicted seconds no process is started.
_ALONE = 2.0

Numbers = tuple[int, ...]
#: Numbers of a line on the outer axes, first and last node.
Piece = tuple[Numbers, int, int]


@dataclass(frozen=True)
class Slab:
    """Lines of one window with common first and last node, and the bits that matter there."""

    window: int
    lines: tuple[Numbers, ...]
    begin: int
    end: int
    bits: int

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.lines) * (self.end - self.begin + 1)


@dataclass(frozen=True)
class MonomialGroup:
    """Monomials that share the matrix of powers.

    Attributes
    ----------
    logarithm : int
        0: none, 1: the student's, 2: the teacher's.
    degree, teacher_degree : int
        ``P`` in the student's responsibilities, and the same of the teacher's.
    monomials : tuple of (tuple of int, tuple of int)
        Exponents of ``psi_0, ...`` (sum ``P``) and ``phi_0, ...``.
    """

    logarithm: int
    degree: int
    teacher_degree: int
    monomials: tuple[tuple[Numbers, Numbers], ...]


@dataclass(frozen=True)
class SlabTask:
    """All that a process needs; balls are dumped exactly."""

    exponents: tuple[Numbers, ...]
    inputs: Inputs
    base: Base
    windows: tuple[Window, ...]
    bits: int


def slab_sum(
    arithmetic: ScalarArithmetic,
    exponents: tuple[Numbers, ...],
    inputs: Inputs,
    base: Base,
    grid: product.Grid,
    bits: int,
    effort: Effort,
) -> tuple[list[arb], int]:
    """Sums of ``weight * monomial`` for the exponents of a moment rule, and the number of nodes.

    Every grid point within ``grid.radius - SLACK`` of a centre (in boxes: every grid point) is
    summed, and some others.
    """
    slabs = list(cut(arithmetic, inputs, base, grid, bits))
    total = sum(slab.nodes for slab in slabs)
    tasks = list(_tasks(slabs))
    job = SlabTask(exponents, converted(inputs, _dump), base, grid.windows, bits)
    finished = 0

    def done(number: int) -> None:
        nonlocal finished
        finished += sum(slab.nodes for slab in tasks[number])
        if effort.progress is not None:
            effort.progress(finished, total)

    alone = total * seconds_per_node(len(exponents), bits) < _ALONE
    parts = run_parts(SlabWorker, job, tasks, 1 if alone else effort.processes, done)
    groups, _ = _plan(exponents, len(inputs.weights), _teachers(inputs))
    sums = [[arb(0)] * len(group.monomials) for group in groups]
    for part in parts:
        loaded = iter(part)
        sums = [[value + _load(next(loaded)) for value in group] for group in sums]
    return _combined(exponents, sums, len(inputs.weights), _teachers(inputs)), total


def seconds_per_node(monomials: int, bits: int) -> float:
    """Predict CPU seconds for a node on the machine of docs/performance.md (it only chooses)."""
    return (0.7e-6 + 0.02e-6 * monomials) * (1 + bits / 500)


# -- slabs


def cut(
    arithmetic: ScalarArithmetic, inputs: Inputs, base: Base, grid: product.Grid, bits: int
) -> Iterator[Slab]:
    """Yield slabs that hold every node to be summed, once."""
    for number, window in enumerate(grid.windows):
        order = product.walk_order(window.plans)
        centres = product.centre_intervals(arithmetic, inputs, base, order)
        points = [product.axis_points(window.plans[axis]) for axis in order]
        last = len(points[-1]) - 1
        pieces = product.lines_in_balls(points, centres, window.radius)
        for block in _blocks(pieces):
            for begin, end, lines in _ranges(block, last):
                spared = _spared_bits(lines, points, centres)
                kept = max(bits - spared, min(bits, FEWEST_BITS))
                yield Slab(number, lines, begin, end, kept)


def _blocks(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Cut into blocks of whole neighbouring lines, `_LINES` at most."""
    block: list[Piece] = []
    lines: set[Numbers] = set()
    for piece in pieces:
        numbers = piece[0]
        if numbers not in lines and (
            len(lines) == _LINES or (block and numbers[:-1] != block[-1][0][:-1])
        ):
            yield block
            block, lines = [], set()
        block.append(piece)
        lines.add(numbers)
    if block:
        yield block


def _ranges(block: Sequence[Piece], last: int) -> Iterator[tuple[int, int, tuple[Numbers, ...]]]:
    """Disjoint common ranges of the pieces of a block, and the lines that have one in each.

    A line may have two pieces: ranges that overlapped would count nodes twice.
    """
    rounded = sorted(
        (begin // _ROUND * _ROUND, min((end // _ROUND + 1) * _ROUND - 1, last), numbers)
        for numbers, begin, end in block
    )
    merged: list[tuple[int, int, set[Numbers]]] = []
    for begin, end, numbers in rounded:
        if merged and begin <= merged[-1][1]:
            first, least, lines = merged[-1]
            merged[-1] = (first, max(least, end), lines | {numbers})
        else:
            merged.append((begin, end, {numbers}))
    for begin, end, lines in merged:
        yield begin, end, tuple(sorted(lines))


def _spared_bits(
    lines: Sequence[Numbers],
    points: Sequence[Sequence[float]],
    centres: Sequence[product.Centre],
) -> int:
    """Bits that do not matter: the weight on the lines is at most ``exp(-distance^2/2)``."""
    square = min(
        sum(
            max(low - axis[k], axis[k] - high, 0.0) ** 2
            for (low, high), axis, k in zip(centre, points, numbers, strict=False)
        )
        for numbers in lines
        for centre in centres
    )
    return int(square / (2 * math.log(2)))


def _tasks(slabs: Sequence[Slab]) -> Iterator[tuple[Slab, ...]]:
    """Cut into tasks of about equal work."""
    task: list[Slab] = []
    for slab in slabs:
        task.append(slab)
        if sum(part.nodes for part in task) >= _TASK_NODES:
            yield tuple(task)
            task = []
    if task:
        yield tuple(task)


# -- monomials


def _teachers(inputs: Inputs) -> int:
    return len(inputs.teacher.weights) if inputs.teacher else 0


def _split(alpha: Numbers, components: int, teachers: int) -> tuple[int, Numbers, Numbers]:
    """``(logarithm, exponents of psi_1 ..., exponents of phi_1 ...)`` of a moment's exponents."""
    first = moment_variables(components, teachers).index("log_student")
    logarithms = alpha[first:]
    if sum(logarithms) > 1:
        raise ValueError("a monomial of degree above 1 in the logarithms")
    logarithm = logarithms.index(1) + 1 if any(logarithms) else 0
    return logarithm, alpha[: components - 1], alpha[components - 1 : first]


@lru_cache(maxsize=64)
def _plan(
    exponents: tuple[Numbers, ...], components: int, teachers: int
) -> tuple[tuple[MonomialGroup, ...], dict[tuple[int, int], int]]:
    """Groups of monomials of the highest degrees, and where those of a kind are."""
    split = [_split(alpha, components, teachers) for alpha in exponents]
    degrees: dict[tuple[int, int], int] = {}
    for logarithm, psi, phi in split:
        key = logarithm, sum(phi)
        degrees[key] = max(degrees.get(key, 0), sum(psi))
    found: dict[tuple[int, int], dict[tuple[Numbers, Numbers], None]] = {k: {} for k in degrees}
    for logarithm, psi, phi in split:
        key = logarithm, sum(phi)
        for beta, _ in _homogeneous(psi, degrees[key]):
            found[key][beta, (0, *phi) if teachers else ()] = None
    groups = tuple(
        MonomialGroup(logarithm, degrees[logarithm, q], q, tuple(monomials))
        for (logarithm, q), monomials in found.items()
    )
    return groups, {key: number for number, key in enumerate(found)}


def _homogeneous(psi: Numbers, degree: int) -> Iterator[tuple[Numbers, int]]:
    """Exponents and coefficients of ``psi^alpha (psi_0 + ... + psi_(n-1))^(degree - |alpha|)``."""
    rest = degree - sum(psi)
    for chosen in itertools.combinations_with_replacement(range(len(psi) + 1), rest):
        added = [chosen.count(j) for j in range(len(psi) + 1)]
        coefficient = math.factorial(rest) // math.prod(map(math.factorial, added))
        yield tuple(map(operator.add, (0, *psi), added)), coefficient


def _combined(
    exponents: tuple[Numbers, ...], sums: Sequence[Sequence[arb]], components: int, teachers: int
) -> list[arb]:
    """Moments of the exponents asked for from those of the highest degrees."""
    groups, number = _plan(exponents, components, teachers)
    positions = [{m: i for i, m in enumerate(group.monomials)} for group in groups]
    moments = []
    for alpha in exponents:
        logarithm, psi, phi = _split(alpha, components, teachers)
        at = number[logarithm, sum(phi)]
        total = arb(0)
        for beta, coefficient in _homogeneous(psi, groups[at].degree):
            place = positions[at][beta, (0, *phi) if teachers else ()]
            total += coefficient * sums[at][place]
        moments.append(total)
    return moments


# -- one process


class SlabWorker:
    """Sums of a task's slabs, with the tables of every window kept."""

    def __init__(self, job: SlabTask) -> None:
        self.job = job
        with precision(job.bits):
            self.inputs = converted(job.inputs, _load)
        self.teachers = _teachers(self.inputs)
        self.groups, _ = _plan(job.exponents, len(self.inputs.weights), self.teachers)
        self.windows: dict[int, _Tables] = {}

    def __call__(self, task: Sequence[Slab]) -> list[str]:
        """Sums of the task in the order of the groups' monomials, dumped."""
        totals = [[arb(0)] * len(group.monomials) for group in self.groups]
        for slab in task:
            if slab.window not in self.windows:
                with precision(self.job.bits):
                    self.windows[slab.window] = _Tables(self, self.job.windows[slab.window])
            with precision(slab.bits):
                part = self.windows[slab.window].sums(slab)
            with precision(self.job.bits):
                totals = [list(map(operator.add, *pair)) for pair in zip(totals, part, strict=True)]
        return [_dump(value) for group in totals for value in group]


class _Tables:
    """Tables of one window, and its slabs' sums."""

    def __init__(self, worker: SlabWorker, window: Window) -> None:
        from numerics.numbers.balls import BALL

        inputs, base, bits = worker.inputs, worker.job.base, worker.job.bits
        self.groups, self.bits = worker.groups, bits
        self.components, self.teachers = len(inputs.weights), worker.teachers
        self.order = product.walk_order(window.plans)
        self.axes = [
            product.tabulate(BALL, inputs, base, window.plans[axis], axis) for axis in self.order
        ]
        self.walk = product.Walk(BALL, inputs, base, window.plans[self.order[-1]], self.order)
        # The base's density is the weight times one total or the other, or the weight itself.
        self.own = int(base == "student"), int(base == "teacher" and self.teachers > 0)
        self.recipes = [_Recipe.of(group) for group in self.groups]
        inner = self.axes[-1]
        variables = [list(column) for column in zip(*inner.factors, strict=True)]
        self.rows = [
            list(zip(*recipe.columns(inner.weights, variables), strict=True))
            for recipe in self.recipes
        ]
        self.points = [
            [arb(x) * first[self.order[-1]] for x in inner.points] for first in self.walk.firsts
        ]
        self.kept: dict[tuple[int, int], tuple[Any, Any]] = {}

    def sums(self, slab: Slab) -> list[list[arb]]:
        """Sums of every group."""
        reads_logarithm = any(group.logarithm for group in self.groups)
        heads = [self.walk.at(self.axes[:-1], numbers, reads_logarithm) for numbers in slab.lines]
        weights = [weight for weight, _, _ in heads]
        variables = [list(column) for column in zip(*(terms for _, terms, _ in heads), strict=True)]
        exponentials, tables = self._matrices(slab.begin, slab.end)
        totals = [
            (
                arb_mat([row[family] for row in map(self._families, zip(*variables, strict=True))])
                * matrix
            ).entries()
            for family, matrix in enumerate(exponentials)
        ]
        powers = [_Powers(total) for total in totals]
        count = slab.end - slab.begin + 1
        result = []
        for group, recipe, table in zip(self.groups, self.recipes, tables, strict=True):
            entries = powers[0](self.own[0] - group.degree)
            if self.teachers:
                other = powers[1](self.own[1] - group.teacher_degree)
                entries = _product(entries, other)
            if group.logarithm:
                family = group.logarithm - 1
                constants = [values[family] for _, _, values in heads]
                points = self.points[family][slab.begin : slab.end + 1]
                entries = _product(entries, _logarithms(totals[family], constants, points))
            matrix = arb_mat(len(heads), count, entries or [arb(1)] * (len(heads) * count))
            inner = (matrix * table).entries()
            width = len(group.monomials)
            result.append(
                [
                    sum(map(operator.mul, column, inner[number::width]), arb(0))
                    for number, column in enumerate(recipe.columns(weights, variables))
                ]
            )
        return result

    def _matrices(self, begin: int, end: int) -> tuple[list[Any], list[Any]]:
        """Exponentials and groups' tables at the nodes of a slab, kept."""
        if (begin, end) not in self.kept:
            factors = self.axes[-1].factors[begin : end + 1]
            families = list(zip(*map(self._families, factors), strict=True))
            exponentials = [
                arb_mat([list(row) for row in zip(*family, strict=True)]) for family in families
            ]
            tables = [arb_mat([list(row) for row in rows[begin : end + 1]]) for rows in self.rows]
            self.kept[begin, end] = exponentials, tables
        return self.kept[begin, end]

    def _families(self, terms: Sequence[arb]) -> list[list[arb]]:
        """``t_j/t_0`` of the student, then of the teacher, each with the leading 1."""
        split = self.components - 1
        own = [[arb(1), *terms[:split]]]
        return [*own, [arb(1), *terms[split:]]] if self.teachers else own


def _logarithms(
    totals: Sequence[arb], constants: Sequence[arb], points: Sequence[arb]
) -> list[arb]:
    """``log total + (line's part) + (node's part)``, line by line."""
    count, result = len(points), list[arb]()
    for line, constant in enumerate(constants):
        row = totals[line * count : (line + 1) * count]
        result += [
            value.log() + (constant + point) for value, point in zip(row, points, strict=True)
        ]
    return result


class _Powers:
    """Integer powers of a list of balls, each formed once; the power 0 is the empty list."""

    def __init__(self, values: list[arb]) -> None:
        self.known: dict[int, list[arb]] = {0: [], 1: values}

    def __call__(self, exponent: int) -> list[arb]:
        if exponent not in self.known:
            if exponent == -1:
                one = arb(1)
                self.known[-1] = [one / value for value in self.known[1]]
            else:
                sign = 1 if exponent > 0 else -1
                half = abs(exponent) // 2
                self.known[exponent] = _product(
                    self(sign * half), self(sign * (abs(exponent) - half))
                )
        return self.known[exponent]


def _product(left: list[arb], right: list[arb]) -> list[arb]:
    """Entry by entry; an empty list stands for ones."""
    if not left or not right:
        return left or right
    return list(map(operator.mul, left, right))


@dataclass(frozen=True)
class _Recipe:
    """Monomials in ``t_j/t_0`` and ``T_t/T_0`` by one multiplication each.

    Attributes
    ----------
    steps : tuple of (int, int)
        Number of an earlier monomial (0 is the start) and of the variable that multiplies it.
    chosen : tuple of int
        Numbers of the monomials asked for.
    """

    steps: tuple[tuple[int, int], ...]
    chosen: tuple[int, ...]

    @classmethod
    def of(cls, group: MonomialGroup) -> _Recipe:
        """Recipe of a group, every monomial from the one with its last variable once less."""
        wanted = [(*beta[1:], *gamma[1:]) for beta, gamma in group.monomials]
        number: dict[Numbers, int] = {tuple(0 for _ in wanted[0]): 0}
        steps: list[tuple[int, int]] = []

        def place(exponents: Numbers) -> int:
            if exponents not in number:
                last = max(i for i, e in enumerate(exponents) if e)
                lower = (*exponents[:last], exponents[last] - 1, *exponents[last + 1 :])
                steps.append((place(lower), last))
                number[exponents] = len(steps)
            return number[exponents]

        chosen = tuple([place(exponents) for exponents in wanted])
        return cls(tuple(steps), chosen)

    def columns(self, start: list[arb], variables: Sequence[list[arb]]) -> list[list[arb]]:
        """``start * monomial`` for many points at once: a list over points for each monomial."""
        known = [start]
        for lower, variable in self.steps:
            known.append(list(map(operator.mul, known[lower], variables[variable])))
        return [known[number] for number in self.chosen]


# -- exact text


def _dump(value: arb) -> str:
    return _DUMP.dump(value)


def _load(text: str) -> arb:
    value: arb = _DUMP.load(text)
    return value


_DUMP = Dump(1)
