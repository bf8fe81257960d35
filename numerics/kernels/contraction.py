r"""Weighted sums of a kernel over nodes as products of matrices.

`SummedKernel` contracts the expanded output (see `expand`) with the node axis as one more summed
index: each term in the cheapest order (exact search over pairings), sub-products shared among
terms, and every contraction that is a product of matrices left to BLAS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from derive.algebra.program import Assignment, Program
from numerics.kernels.arrays import NODE, Array, ArrayCode, Operand, look
from numerics.kernels.expand import expanded

_NODES = 2048  # typical number, to compare contraction orders
_BLAS = 12  # multiplications of a matrix product that cost as much as one elementwise
_PASS = 4  # an elementwise operation is bound by memory
_WEIGHTS = "weights"


def _matrix_product(left: Array, right: Array, count: int) -> Array:
    """Sum over the last axes of one array and the first ones of the other."""
    split = left.ndim - count
    inner = math.prod(right.shape[:count])
    product = left.reshape(-1, inner) @ right.reshape(inner, -1)
    return np.asarray(product.reshape(left.shape[:split] + right.shape[count:]))


@dataclass(frozen=True)
class _ContractionPlan:
    cost: float
    split: tuple[int, int] | None


class SummedKernel(ArrayCode):
    """``sum_k w_k f(x_k)`` for a program's output ``f``.

    Parameters
    ----------
    program : Program
        One that `expanded` accepts.
    components, coordinates, dimension : int
        As for `numerics.kernels.arrays.ArrayKernel`.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> kernel = SummedKernel(load_program("forward", "loss"), 2, 1, 1)
    >>> psi = np.array([[0.5, 1.0], [0.5, 0.0]])          # two components, two nodes
    >>> v = np.array([[1.0], [3.0]])
    >>> inputs = {"psi": psi, "v": v, "v_shifted": v - v[0], "v_anchor": v[0]}
    >>> kernel(inputs, np.array([0.25, 0.75]))            # 0.25 * 4 + 0.75 * 1
    array(1.75)
    """

    more_heads = frozenset({_WEIGHTS})
    functions = MappingProxyType({"matrix_product": _matrix_product})

    def __init__(self, program: Program, components: int, coordinates: int, dimension: int) -> None:
        polynomial = expanded(program)
        if polynomial is None:
            raise ValueError(f"{program.name}: too many terms")
        super().__init__(polynomial, components, coordinates, 1, dimension, np.float64)

    def __call__(self, inputs: Mapping[str, Array], weights: Array) -> Array:
        """Return the weighted sum, of the output's shape."""
        given = {**inputs, _WEIGHTS: weights}
        total = self._run(*[self._input(head, given) for head in self._arguments])
        return total.reshape(self.shape)

    def _compile(self, statement: Assignment) -> None:
        """Append one statement: the output as a sum over nodes, the others at every node."""
        if statement is not self.program.output:
            super()._compile(statement)
            return
        target = self._kept(statement.indices)
        parts = []
        for term in statement.terms:
            coefficient, operands = self._operands(term)
            operand = self._planned([*operands, Operand(_WEIGHTS, (NODE,))], set(target))
            turned = look(self._name(operand.name), operand.labels, target)
            parts.append((coefficient, self._emit(turned)))
        self._emit(self._name(self._add(parts)) if parts else "0.0", statement.target)

    def _planned(self, operands: list[Operand], keep: set[str]) -> Operand:
        """Emit a product in the cheapest order, summed over all labels but some."""
        operands = [self._reduce(o, frozenset()) for o in operands]
        full = (1 << len(operands)) - 1
        plans: dict[int, _ContractionPlan] = {}
        labels: dict[int, frozenset[str]] = {}
        for subset in range(1, full + 1):
            inside = [o for i, o in enumerate(operands) if subset >> i & 1]
            outside = [o for i, o in enumerate(operands) if not subset >> i & 1]
            needed = keep.union(*(o.labels for o in outside))
            own = frozenset().union(*(o.labels for o in inside))
            labels[subset] = own & needed
            if len(inside) == 1:
                plans[subset] = _ContractionPlan(0.0, None)
                labels[subset] = own  # a sum over a label of one operand alone is taken in a merge
                continue
            best = _ContractionPlan(float("inf"), None)
            left = (subset - 1) & subset
            while left > subset ^ left:
                right = subset ^ left
                cost = plans[left].cost + plans[right].cost
                cost += self._merge_cost(labels[left], labels[right], labels[subset])
                best = min(best, _ContractionPlan(cost, (left, right)), key=lambda plan: plan.cost)
                left = (left - 1) & subset
            plans[subset] = best

        def emit(subset: int) -> Operand:
            split = plans[subset].split
            if split is None:
                return operands[subset.bit_length() - 1]
            return self._merge(emit(split[0]), emit(split[1]), labels[subset])

        result = emit(full)
        return self._reduce(result, set(result.labels) - keep)  # of a single operand

    def _merge_cost(
        self, left: frozenset[str], right: frozenset[str], out: frozenset[str]
    ) -> float:
        size = 1.0
        for label in left | right:
            size *= _NODES if label == NODE else self._size(label)
        shared = (left & right) - out
        if shared and not (left & right & out):
            return size / _BLAS
        return _PASS * size

    def _merge(self, left: Operand, right: Operand, out: frozenset[str]) -> Operand:
        both = set(left.labels) & set(right.labels)
        left, right = (self._reduce(o, set(o.labels) - out - both) for o in (left, right))
        if (left.name, left.labels) > (right.name, right.labels):
            left, right = right, left
        batch, shared = both & out, both - out
        if NODE in left.labels and NODE in out and NODE not in batch:
            left, right = right, left  # the node axis is the last one of the right factor
        if shared and not batch:
            return self._matrix_product(left, right, shared)
        labels = tuple(x for x in dict.fromkeys((*left.labels, *right.labels)) if x in out)
        labels = (*(x for x in labels if x != NODE), *((NODE,) if NODE in labels else ()))
        return self._multiply(left, right, labels, shared)

    def _matrix_product(self, left: Operand, right: Operand, shared: Set[str]) -> Operand:
        """Emit ``left (rows x shared) @ right (shared x columns)``."""
        inner = tuple(x for x in left.labels if x in shared)
        rows = tuple(x for x in left.labels if x not in shared)
        columns = tuple(x for x in right.labels if x not in shared)
        one = look(self._name(left.name), left.labels, (*rows, *inner))
        two = look(self._name(right.name), right.labels, (*inner, *columns))
        return Operand(self._emit(f"matrix_product({one}, {two}, {len(inner)})"), (*rows, *columns))
