"""Machine-precision backend: a `Program` as NumPy array operations, all nodes at once.

The node axis is last. The same code runs in any NumPy float type: `numerics.evaluate` uses
``np.longdouble`` where that is wider than 64 bits (Linux on x86), descent uses ``np.float64``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from derive.algebra.program import INPUT_HEADS, Assignment, Program, Term, kind
from numerics.errors import InputError
from numerics.kernels.handle import written
from numerics.kernels.shifted import SHIFTED, centred

Array = npt.NDArray[Any]
FloatType = type[np.floating[Any]]

#: Means larger than this are refused: their fourth powers must stay inside the range of floats.
MAX_MAGNITUDE = 1e60
#: Label of the node axis, which is the last one.
NODE = "*"
_PADDED = frozenset({"v", "theta", "v_shifted", "theta_shifted", "v_anchor", "theta_anchor"})
_TYPICAL_NODES = 64  # for comparing contraction orders only
#: Inputs with a value at every node.
NODE_HEADS = frozenset({"psi", "phi", "log_student", "log_teacher"})
_CHUNK_BYTES = 1 << 20  # intermediates of one chunk of nodes; about a level-2 cache


def wide_dtype() -> FloatType:
    """Return ``np.longdouble`` if it really is wider than double precision, else ``np.float64``."""
    return np.longdouble if np.finfo(np.longdouble).eps < 1e-18 else np.float64


def lower_dtype(dtype: FloatType) -> FloatType:
    """Return the next narrower float type (in which a sum is repeated to measure rounding)."""
    return np.float32 if np.dtype(dtype) == np.float64 else np.float64


def to_array(rows: Any, dtype: FloatType, argument: str = "means") -> Array:
    """Round nested lists of rationals to an array, once.

    Raises
    ------
    InputError
        If an entry exceeds `MAX_MAGNITUDE`.

    Examples
    --------
    >>> to_array([Fraction(1, 4), Fraction(10) ** -400], np.float64)
    array([0.25, 0.  ])
    """
    array = np.array(rows, dtype=object)
    flat = [_round(entry, dtype, argument) for entry in array.ravel()]
    return np.array(flat, dtype=dtype).reshape(array.shape)


def _round(value: Fraction, dtype: FloatType, argument: str) -> Any:
    if abs(value) > MAX_MAGNITUDE:
        raise InputError(
            argument,
            f"an entry above {MAX_MAGNITUDE:g} in size (relative to the teacher)",
            f'entries up to {MAX_MAGNITUDE:g} with backend "float64"',
        )
    high = float(value)
    if dtype is np.float64:
        return high
    return dtype(high) + dtype(float(value - Fraction(high)))


def log_array(weights: Sequence[Fraction], dtype: FloatType) -> Array:
    """Logarithms of positive rationals of any size, in the given type.

    Examples
    --------
    >>> round(float(log_array([Fraction(1, 10**400)], np.float64)[0]), 9)
    -921.034037198
    """
    logs = []
    for weight in weights:
        shift = weight.numerator.bit_length() - weight.denominator.bit_length()
        mantissa = _round(weight / Fraction(2) ** shift, dtype, "weights")
        logs.append(np.log(dtype(mantissa)) + shift * np.log(dtype(2)))
    return np.array(logs, dtype=dtype)


# --------------------------------------------------------------------------- kernels


@dataclass(frozen=True)
class Operand:
    """A named array and the labels of its axes (labels of size one have been dropped)."""

    name: str
    labels: tuple[str, ...]


class ArrayCode:
    """A program written out as one function of arrays.

    Sums are contracted pairwise, and axes of size one are dropped, so that the one-dimensional case
    costs no index arithmetic. Equal contractions are computed once.

    Parameters
    ----------
    program : Program
        Rewritten by `centred`.
    components, coordinates, teachers, dimension, dtype
        As for `ArrayKernel`.
    """

    #: Inputs beyond those of the program.
    more_heads: frozenset[str] = frozenset()
    #: Functions that the text may call.
    functions: Mapping[str, Callable[..., Array]] = MappingProxyType({})

    def __init__(
        self,
        program: Program,
        components: int,
        coordinates: int,
        teachers: int,
        dimension: int,
        dtype: FloatType,
    ) -> None:
        self.program = program
        self.heads = program.inputs
        self._arguments = (*self.heads, *self.more_heads)
        self.sizes = {"j": components, "a": coordinates, "t": teachers}
        self.dimension, self.dtype = dimension, dtype
        self.shape = tuple(self._size(label) for label in program.output.indices)
        inputs = (*INPUT_HEADS, *(name for pair in SHIFTED.values() for name in pair))
        self._nodes_at = {head: head in NODE_HEADS for head in inputs}
        self._nodes_at |= dict.fromkeys(self.more_heads, True)
        self._known: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._lines: list[str] = []
        self._namespace: dict[str, Any] = {"einsum": np.einsum, **self.functions}
        self._floats = 1  # numbers per node held by all intermediates
        self._constants = {
            "delta_component": np.eye(components, dtype=dtype),
            "delta_coordinate": np.eye(coordinates, dtype=dtype),
            "dimension": np.array(dimension, dtype=dtype),
        }
        for statement in program.statements:
            self._compile(statement)
        self._run = self._function()

    def _input(self, head: str, inputs: Mapping[str, Array]) -> Array:
        """Return an input array without its axes of size one."""
        array = inputs.get(head)
        if array is not None:
            pass
        elif head in self._constants:
            array = self._constants[head]
        else:  # differences not supplied: take the means themselves and the anchor 0
            original = head.partition("_")[0]
            array = inputs[original] if head.endswith("shifted") else np.zeros(0, self.dtype)
        if head in _PADDED and array.shape[-1] < self.sizes["a"]:
            missing = self.sizes["a"] - array.shape[-1]
            array = np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, missing)])
        if 1 not in array.shape:
            return array
        nodes = array.shape[-1:] if self._nodes_at[head] else ()
        own = array.shape[:-1] if self._nodes_at[head] else array.shape
        return array.reshape((*[size for size in own if size != 1], *nodes))

    # -- compilation

    def _size(self, label: str) -> int:
        return self.sizes[kind(label)]

    def _cost(self, labels: Iterable[str]) -> int:
        cost = 1
        for label in labels:
            cost *= _TYPICAL_NODES if label == NODE else self._size(label)
        return cost

    def _kept(self, labels: Sequence[str]) -> tuple[str, ...]:
        return tuple(label for label in labels if self._size(label) != 1)

    def _function(self) -> Callable[..., Array]:
        """Compile the lines: one function of the inputs, since a step's overhead counts."""
        arguments = ", ".join(self._name(head) for head in self._arguments)
        output = self._name(self.program.output.target)
        lines = [f"def kernel({arguments}):", *self._lines, f"return {output}"]
        name = f"array kernel {self.program.name}"
        function: Callable[..., Array] = written("\n    ".join(lines), name, **self._namespace)[
            "kernel"
        ]
        return function

    def _name(self, name: str) -> str:
        """Return the generated variable of a head, statement or step."""
        return self._names.setdefault(name, f"x{len(self._names)}")

    def _value(self, value: object) -> str:
        """Return a generated constant."""
        name = f"c{len(self._namespace)}"
        self._namespace[name] = value
        return name

    def _emit(self, expression: str, target: str | None = None) -> str:
        """Append ``target = expression``; without a target, of a name of its own, once."""
        if target is None and expression in self._known:
            return self._known[expression]
        name = f"#{len(self._lines)}" if target is None else target
        self._lines.append(f"{self._name(name)} = {expression}")
        self._known.setdefault(expression, name)
        return name

    def _compile(self, statement: Assignment) -> None:
        """Append the steps of one statement: its terms, added up in groups of equal shape."""
        target = self._kept(statement.indices)
        groups: dict[tuple[str, ...], list[tuple[Fraction, str]]] = {}
        for term in statement.terms:
            coefficient, operand = self._contract(term)
            order = tuple(x for x in (*target, NODE) if x in operand.labels)
            name = operand.name
            if order != operand.labels:
                axes = tuple(operand.labels.index(label) for label in order)
                name = self._emit(f"{self._name(name)}.transpose({axes})")
            groups.setdefault(order, []).append((coefficient, name))
        nodes = any(NODE in labels for labels in groups)
        full = (*target, NODE) if nodes else target
        parts = []
        for labels in sorted(groups, key=self._cost):
            parts.append(look(self._name(self._add(groups[labels])), labels, full))
        missing = set(full) - {label for labels in groups for label in labels}
        # Without terms: zero, of the shape that `missing` gives it.
        nothing = np.zeros((1,) * len(full), dtype=self.dtype)
        sum_of_parts = " + ".join(parts) or self._value(nothing)
        if missing:  # repeated along axes that no term has
            sizes = tuple(self._size(label) if label in missing else 1 for label in full)
            sum_of_parts = f"({sum_of_parts}) * {self._value(np.ones(sizes, dtype=self.dtype))}"
        self._emit(sum_of_parts, statement.target)
        self._nodes_at[statement.target] = nodes
        self._floats += self._cost(target) * (1 + len(groups)) if nodes else 0

    def _add(self, parts: list[tuple[Fraction, str]]) -> str:
        """Emit ``sum coefficient * array`` for arrays of one shape."""
        if len(parts) == 1 and parts[0][0] == 1:
            return parts[0][1]
        text = ""
        for coefficient, name in parts:
            # Divided in the working type: 1/3 is not a double.
            size = abs(coefficient)
            scalar = self.dtype(size.numerator) / self.dtype(size.denominator)
            factor = "" if size == 1 else f"{self._value(scalar)} * "
            text += f" {'-' if coefficient < 0 else '+'} {factor}{self._name(name)}"
        return self._emit(text.removeprefix(" + ").strip())

    def _operands(self, term: Term) -> tuple[Fraction, list[Operand]]:
        """A term's factors; sums over labels that none carries multiply the coefficient."""
        coefficient = term.coefficient
        present = {label for factor in term.factors for label in factor.indices}
        for label in term.sums:
            if label not in present:
                coefficient *= self._size(label)
        operands = []
        for factor in term.factors:
            labels = self._kept(factor.indices)
            if self._nodes_at[factor.head]:
                labels = (*labels, NODE)
            operands.append(Operand(factor.head, labels))
        return coefficient, operands

    def _contract(self, term: Term) -> tuple[Fraction, Operand]:
        """Emit the product of a term's factors, cheapest pair first, summing soon."""
        summed = set(self._kept(term.sums))
        coefficient, operands = self._operands(term)
        if not operands:
            # Exact in every float type.
            return coefficient, Operand(self._emit(self._value(np.array(1.0))), ())
        for position, operand in enumerate(operands):
            elsewhere = {x for o in operands if o is not operand for x in o.labels}
            operands[position] = self._reduce(operand, summed - elsewhere)
        while len(operands) > 1:
            pairs = [(i, k) for i in range(len(operands)) for k in range(i + 1, len(operands))]
            i, k = min(pairs, key=lambda pair: self._pair_cost(operands, pair, summed))
            labels, gone = self._result(operands, i, k, summed)
            merged = self._multiply(operands[i], operands[k], labels, gone)
            operands = [o for m, o in enumerate(operands) if m not in (i, k)] + [merged]
        return coefficient, operands[0]

    def _reduce(self, operand: Operand, gone: Set[str]) -> Operand:
        """Take diagonals, and sums over some labels."""
        labels = tuple(label for label in dict.fromkeys(operand.labels) if label not in gone)
        if labels == operand.labels:
            return operand
        spec = _spec(operand.labels, labels)
        return Operand(self._emit(f"einsum({spec!r}, {self._name(operand.name)})"), labels)

    def _result(
        self, operands: list[Operand], i: int, k: int, summed: set[str]
    ) -> tuple[tuple[str, ...], set[str]]:
        """Labels of the product of two operands, and the labels summed in forming it."""
        elsewhere = {x for m, o in enumerate(operands) if m not in (i, k) for x in o.labels}
        union = dict.fromkeys((*operands[i].labels, *operands[k].labels))
        gone = {x for x in union if x in summed and x not in elsewhere}
        nodes = (NODE,) if NODE in union else ()
        return (*(x for x in union if x not in gone and x != NODE), *nodes), gone

    def _pair_cost(
        self, operands: list[Operand], pair: tuple[int, int], summed: set[str]
    ) -> tuple[int, int]:
        labels, gone = self._result(operands, *pair, summed)
        return self._cost(labels), self._cost((*labels, *gone))

    def _multiply(
        self, left: Operand, right: Operand, labels: tuple[str, ...], gone: Set[str]
    ) -> Operand:
        """Emit a product with the given labels, summed over those that are gone."""
        one, two = self._name(left.name), self._name(right.name)
        if gone:
            if NODE in left.labels and NODE not in right.labels:
                left, right, one, two = right, left, two, one
            if len(gone) == 1 and len(right.labels) == 2 and len(left.labels) <= 2:
                (label,) = gone
                constant = label in left.labels and NODE not in left.labels
                if constant and right.labels == (label, NODE):
                    turned = ".T" if left.labels[0] == label else ""
                    return Operand(self._emit(f"{one}{turned} @ {two}"), labels)
            spec = _spec(left.labels, right.labels, labels)
            return Operand(self._emit(f"einsum({spec!r}, {one}, {two})"), labels)
        factors = look(one, left.labels, labels), look(two, right.labels, labels)
        return Operand(self._emit(" * ".join(factors)), labels)


class ArrayKernel(ArrayCode):
    """A `Program` compiled for given sizes; call it with the input arrays.

    Parameters
    ----------
    program : Program
        The lowered integrand.
    components, coordinates, teachers : int
        Ranges of the indices ``j``, ``a``, ``t``.
    dimension : int
        Ambient dimension ``d`` (the head ``dimension``); not smaller than ``coordinates``.
    dtype : type
        The float type of all arrays.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> kernel = ArrayKernel(load_program("forward", "loss"), 2, 1, 1, 1, np.float64)
    >>> psi = np.array([[0.5, 1.0], [0.5, 0.0]])          # two components, two nodes
    >>> kernel({"psi": psi, "v": np.array([[1.0], [3.0]])})
    array([4., 1.])
    """

    def __init__(
        self,
        program: Program,
        components: int,
        coordinates: int,
        teachers: int,
        dimension: int,
        dtype: FloatType,
    ) -> None:
        super().__init__(centred(program), components, coordinates, teachers, dimension, dtype)

    @property
    def chunk(self) -> int:
        """Number of nodes whose intermediates fit the cache."""
        size = np.dtype(self.dtype).itemsize * self._floats
        return max(256, min(1 << 15, _CHUNK_BYTES // size))

    @property
    def cost(self) -> int:
        """Numbers computed per node, roughly (an exponential counts as four)."""
        return self._floats + 4 * self.sizes["j"]

    def __call__(self, inputs: Mapping[str, Array]) -> Array:
        """Return the integrand at the nodes, shape ``(*self.shape, N)``.

        Parameters
        ----------
        inputs : mapping
            Arrays by head: ``psi (n, N)``, ``v (n, s)``, ... as in
            `derive.algebra.program.INPUT_HEADS`. Means with fewer coordinates than the kernel has
            are padded with zeros. ``v_shifted`` and ``v_anchor`` (see `numerics.kernels.shifted`)
            may be given too; likewise ``theta``.
        """
        nodes = inputs["psi"].shape[-1]
        result = self._run(*[self._input(head, inputs) for head in self.heads])
        if not self._nodes_at[self.program.output.target]:
            result = np.broadcast_to(result[..., None], (*result.shape, nodes))
        return result.reshape((*self.shape, nodes))


def look(name: str, own: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    """Write an array with its axes lined up with the wanted labels."""
    order = tuple(own.index(label) for label in wanted if label in own)
    if order != tuple(range(len(order))):
        name = f"{name}.transpose({order})"
    if all(label in own for label in wanted):
        return name
    return f"{name}[{', '.join(':' if label in own else 'None' for label in wanted)}]"


def _spec(*operands: Sequence[str]) -> str:
    """An einsum text with letters in order of appearance; the last operand is the result."""
    letters: dict[str, str] = {}
    for label in (label for operand in operands for label in operand):
        letters.setdefault(label, chr(ord("a") + len(letters)))
    words = ["".join(letters[label] for label in operand) for operand in operands]
    return f"{','.join(words[:-1])}->{words[-1]}"
