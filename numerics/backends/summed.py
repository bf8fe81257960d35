r"""Weighted sums of a kernel over nodes as products of matrices.

`SummedKernel` contracts the expanded output (see `expand`) with the node axis as one more summed
index: each term in the cheapest order (exact search over pairings), sub-products shared among
terms, and every contraction that is a product of matrices left to BLAS.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from derive.program import Assignment, Program, kind
from numerics.backends.expand import expanded
from numerics.backends.float64 import NODE_HEADS, Array

_NODE = "*"
_NODES = 2048  # typical number, to compare contraction orders
_BLAS = 12  # multiplications of a matrix product that cost as much as one elementwise
_PASS = 4  # an elementwise operation is bound by memory
_WEIGHTS = "weights"
Labels = tuple[str, ...]


@dataclass(frozen=True)
class _NamedValue:
    """A value to be computed once: its name and the labels of its axes (the node axis last)."""

    name: str
    labels: Labels


@dataclass(frozen=True)
class _ContractionPlan:
    cost: float
    split: tuple[int, int] | None


class SummedKernel:
    """``sum_k w_k f(x_k)`` for a program's output ``f``.

    Parameters
    ----------
    program : Program
        One that `expanded` accepts.
    components, coordinates, dimension : int
        As for `numerics.backends.float64.ArrayKernel`.

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

    def __init__(self, program: Program, components: int, coordinates: int, dimension: int) -> None:
        polynomial = expanded(program)
        if polynomial is None:
            raise ValueError(f"{program.name}: too many terms")
        self.sizes = {"j": components, "a": coordinates, "t": 1}
        self.inputs = polynomial.inputs
        self._constants = {
            "delta_component": np.eye(components),
            "delta_coordinate": np.eye(coordinates),
            "dimension": np.array(float(dimension)),
        }
        self._at_nodes = set(NODE_HEADS) | {_WEIGHTS}
        self._made: dict[str, Labels] = {}
        self._steps: list[tuple[str, Callable[..., Array], tuple[str, ...]]] = []
        for statement in polynomial.statements[:-1]:
            self._define(statement)
        self.shape = tuple(self._size(label) for label in polynomial.output.indices)
        self._terms: list[tuple[float, str, tuple[int, ...]]] = []
        self._output(polynomial.output)

    def __call__(self, inputs: Mapping[str, Array], weights: Array) -> Array:
        """Return the weighted sum, of the output's shape."""
        values = {**self._constants, **inputs, _WEIGHTS: weights}
        for name, function, sources in self._steps:
            values[name] = function(*[values[source] for source in sources])
        total = np.zeros(self.shape)
        for coefficient, name, axes in self._terms:
            total += coefficient * values[name].transpose(axes)
        return total

    def _size(self, label: str) -> int:
        return _NODES if label == _NODE else self.sizes[kind(label)]

    def _labels(self, head: str, indices: Labels) -> Labels:
        return (*indices, _NODE) if head in self._at_nodes else indices

    def _define(self, statement: Assignment) -> None:
        """Emit an intermediate statement (a posterior mean: sums of products, of one shape)."""
        parts = []
        for term in statement.terms:
            operands = [_NamedValue(f.head, self._labels(f.head, f.indices)) for f in term.factors]
            node = self._contract(operands, statement.indices)
            parts.append((float(term.coefficient), node.name, _NODE in node.labels))
        at_nodes = any(flag for _, _, flag in parts)

        def add(*arrays: Array) -> Array:
            total: Array = np.zeros(())
            for (coefficient, _, flag), array in zip(parts, arrays, strict=True):
                part = array if flag or not at_nodes else array[..., None]
                total = total + (part if coefficient == 1 else coefficient * part)
            return total

        self._steps.append((statement.target, add, tuple(name for _, name, _ in parts)))
        if at_nodes:
            self._at_nodes.add(statement.target)

    def _output(self, output: Assignment) -> None:
        for term in output.terms:
            coefficient = term.coefficient
            present = {label for factor in term.factors for label in factor.indices}
            for label in term.sums:
                if label not in present:
                    coefficient *= Fraction(self._size(label))
            operands = [_NamedValue(f.head, self._labels(f.head, f.indices)) for f in term.factors]
            operands.append(_NamedValue(_WEIGHTS, (_NODE,)))
            node = self._contract(operands, output.indices)
            axes = tuple(node.labels.index(label) for label in output.indices)
            self._terms.append((float(coefficient), node.name, axes))

    # -- contraction

    def _contract(self, operands: list[_NamedValue], free: Labels) -> _NamedValue:
        """Emit a product, summed over all labels that are not free."""
        at_nodes = any(_NODE in o.labels for o in operands)
        keep = set(free)
        if at_nodes and not any(o.name == _WEIGHTS for o in operands):
            keep.add(_NODE)
        operands = [self._diagonal(o) for o in operands]
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

        def emit(subset: int) -> _NamedValue:
            split = plans[subset].split
            if split is None:
                return operands[subset.bit_length() - 1]
            return self._merge(emit(split[0]), emit(split[1]), labels[subset])

        result = emit(full)
        if set(result.labels) - keep:  # a single operand with labels to sum
            result = self._reduce(result, keep)
        return result

    def _merge_cost(
        self, left: frozenset[str], right: frozenset[str], out: frozenset[str]
    ) -> float:
        size = 1.0
        for label in left | right:
            size *= self._size(label)
        shared = (left & right) - out
        if shared and not (left & right & out):
            return size / _BLAS
        return _PASS * size

    def _merge(self, left: _NamedValue, right: _NamedValue, out: frozenset[str]) -> _NamedValue:
        both = set(left.labels) & set(right.labels)
        left, right = (
            self._reduce(node, set(out) | both) if set(node.labels) - out - both else node
            for node in (left, right)
        )
        if (left.name, left.labels) > (right.name, right.labels):
            left, right = right, left
        batch = both & out
        shared = tuple(x for x in left.labels if x in both and x not in out)
        if _NODE in left.labels and _NODE in out and _NODE not in batch:
            left, right = right, left  # the node axis is the last one of the right factor
        if shared and not batch:
            return self._matrix_product(left, right, shared)
        labels = tuple(x for x in dict.fromkeys((*left.labels, *right.labels)) if x in out)
        labels = (*(x for x in labels if x != _NODE), *((_NODE,) if _NODE in labels else ()))
        spec = _spec(left.labels, right.labels, labels)
        key = f"({spec[1]}:{left.name},{right.name})"
        text = spec[0]
        if shared:
            return self._emit(key, labels, lambda a, b: np.einsum(text, a, b), left, right)
        one, two = _view(left.labels, labels), _view(right.labels, labels)
        return self._emit(
            key, labels, lambda a, b: a.transpose(one[0])[one[1]] * b.transpose(two[0])[two[1]],
            left, right,
        )  # fmt: skip

    def _matrix_product(self, left: _NamedValue, right: _NamedValue, shared: Labels) -> _NamedValue:
        """Emit ``left (rows x shared) @ right (shared x columns)``."""
        rows = tuple(x for x in left.labels if x not in shared)
        columns = tuple(x for x in right.labels if x not in shared)
        order_left = tuple(left.labels.index(x) for x in (*rows, *shared))
        order_right = tuple(right.labels.index(x) for x in (*shared, *columns))
        count, split = len(shared), len(rows)

        def multiply(a: Array, b: Array) -> Array:
            a, b = a.transpose(order_left), b.transpose(order_right)
            inner = math.prod(a.shape[split:])
            product = a.reshape(-1, inner) @ b.reshape(inner, -1)
            return np.asarray(product.reshape(a.shape[:split] + b.shape[count:]))

        labels = (*rows, *columns)
        key = f"({_spec(left.labels, right.labels, labels)[1]}:{left.name},{right.name})"
        return self._emit(key, labels, multiply, left, right)

    def _reduce(self, node: _NamedValue, keep: set[str]) -> _NamedValue:
        labels = tuple(x for x in node.labels if x in keep)
        axes = tuple(i for i, x in enumerate(node.labels) if x not in keep)
        key = f"(sum{axes}:{node.name})"
        return self._emit(key, labels, lambda a: np.asarray(a.sum(axis=axes)), node)

    def _diagonal(self, node: _NamedValue) -> _NamedValue:
        labels = tuple(dict.fromkeys(node.labels))
        if labels == node.labels:
            return node
        text = _spec(node.labels, (), labels)[0].replace(",", "")
        return self._emit(f"({text}:{node.name})", labels, lambda a: np.einsum(text, a), node)

    def _emit(
        self, key: str, labels: Labels, function: Callable[..., Array], *sources: _NamedValue
    ) -> _NamedValue:
        """Add a step unless an equal one (up to the names of labels) exists."""
        if key not in self._made:
            self._made[key] = labels
            self._steps.append((key, function, tuple(source.name for source in sources)))
        return _NamedValue(key, labels)


def _spec(left: Labels, right: Labels, out: Labels) -> tuple[str, str]:
    """An einsum text with letters in order of appearance, and the same as a key for sharing."""
    letters: dict[str, str] = {}
    for label in (*left, *right):
        letters.setdefault(label, chr(ord("a") + len(letters)))
    words = ("".join(letters[label] for label in part) for part in (left, right, out))
    one, two, three = words
    text = f"{one},{two}->{three}"
    return text, text


def _view(own: Labels, wanted: Labels) -> tuple[tuple[int, ...], tuple[slice | None, ...]]:
    order = tuple(own.index(label) for label in wanted if label in own)
    return order, tuple(slice(None) if label in own else None for label in wanted)
