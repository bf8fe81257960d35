r"""Gradient descent compiled by numba: a `Program` as one scalar loop over steps and nodes.

The loop is written out from the derived program (`scalar_loop`), every index unrolled, and compiled
if numba is installed (the extra ``fast``). It is `numerics.evaluation.float_engine.GridEngine`
without the arrays: the same nodes, differences from the same reference component, the same softmax.
Sums are taken over blocks of nodes and the blocks added with compensation, so that rounding stays
within the engine's stated error however many nodes there are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

from derive.algebra.program import Assignment, Program, Term, kind
from numerics.kernels.handle import Handle, written
from numerics.kernels.shifted import centred

#: ``loop(means, box, points, weights, log_weights, factors, rows, count) -> steps done``
Loop = Callable[..., int]

#: Operations per node above which compiling takes longer than seconds.
MOST_OPERATIONS = 1000
#: Steps from which a run pays for compiling (about a second, some 10^4 steps in NumPy).
FEWEST_STEPS = 10_000
#: Nodes in a block that is summed plainly.
BLOCK = 16
#: Larger coordinates end the loop: their squares leave the range of floats.
_LARGEST = 1e150
#: Beyond this spread the array engine takes references chunk by chunk.
_LARGEST_SPREAD = 30.0
_HEADS = frozenset({"psi", "v", "v_shifted", "v_anchor", "delta_component", "delta_coordinate"})


def available() -> bool:
    """Whether numba is installed.

    Examples
    --------
    >>> available() in (True, False)
    True
    """
    from importlib.util import find_spec

    return find_spec("numba") is not None


def compiled_loop(program: Program, components: int, coordinates: int) -> Loop | None:
    """Compiled loop of a gradient program, or None.

    None without a numba that works, for programs that read logarithms or a mixture teacher or
    whose base is the student, and above `MOST_OPERATIONS`.
    """
    if program.base != "teacher" or not available():
        return None
    return _compiled(Handle(program), components, coordinates)


@lru_cache(maxsize=32)
def _compiled(handle: Handle, components: int, coordinates: int) -> Loop | None:
    if _least_operations(handle.program, components, coordinates) > MOST_OPERATIONS:
        return None
    found = scalar_loop(handle.program, components, coordinates)
    if found is None or found[1] > MOST_OPERATIONS:
        return None
    try:
        import numba
    except ImportError:  # broken, or too old for the NumPy that is installed
        return None
    interpreted = written(found[0], "scalar loop", exp=math.exp)["loop"]
    loop: Loop = numba.njit(fastmath=False)(interpreted)
    return loop


def _least_operations(program: Program, components: int, coordinates: int) -> int:
    """Bound the operations of `scalar_loop` from below, without writing it out.

    Every product of a term without Kronecker deltas stands in the text, with a sign before it.
    """
    sizes = {"j": components, "a": coordinates, "t": 1}
    return sum(
        math.prod(sizes[kind(label)] for label in (*statement.indices, *term.sums)) - 1
        for statement in centred(program).statements
        for term in statement.terms
        if not any(factor.head.startswith("delta") for factor in term.factors)
    )


def scalar_loop(program: Program, components: int, coordinates: int) -> tuple[str, int] | None:
    """Source of the loop and the operations it makes per node; None for heads it does not know.

    The function ``loop(means, box, points, weights, log_weights, factors, rows, count)`` changes
    ``means`` (``n x d``) in place, ``means[j] -= factors[j] * gradient[rows[j]]``, and returns the
    steps done: fewer than ``count`` if the means have left ``box`` (before the step), spread too
    far, or overflowed (after it). The other arrays are those of
    `numerics.evaluation.float_engine.GridEngine`.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> source, operations = scalar_loop(load_program("kl", "gradient"), 2, 1)
    >>> "psi_0*m_0" in source, operations
    (True, 19)
    """
    program = centred(program)
    if not program.inputs <= _HEADS:
        return None
    writer = _Writer(components, coordinates)
    node = [*writer.softmax(), *itertools.chain(*map(writer.statement, program.statements))]
    node += [f"s_{i} += output_{i}*w" for i in writer.entries]
    operations = sum(line.count(sign) for line in node for sign in ("*", "+", " - ", "/"))
    lines = ["def loop(means, box, points, weights, log_weights, factors, rows, count):"]
    lines += ["    for step in range(count):"]
    lines += [f"        {line}" for line in writer.means()]
    lines += [f"        for start in range(0, weights.size, {BLOCK}):"]
    lines += [f"            {line}" for line in writer.zeros("s")]
    lines += [f"            for k in range(start, min(start + {BLOCK}, weights.size)):"]
    lines += [f"                {line}" for line in node]
    lines += [f"            {line}" for line in writer.add_block()]
    lines += [f"        {line}" for line in writer.update()]
    return "\n".join([*lines, "    return count"]), operations


def scalar_statements(program: Program, components: int, coordinates: int) -> list[str]:
    """Assignments of a teacher-based program, entry by entry, in ``+ - *`` and names alone.

    They read ``psi_0`` ..., ``v_anchor_0`` ..., ``v_shifted_0_0`` ... and assign ``output_0_0``
    ...; the names may be numbers or arrays.

    Raises
    ------
    ValueError
        For programs with further inputs.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> scalar_statements(load_program("kl", "gradient"), 1, 1)[-1]
    'output_0_0 = psi_0*m_0'
    """
    program = centred(program)
    if program.base != "teacher" or not program.inputs <= _HEADS:
        raise ValueError(f"{program.name} has inputs that are not written out")
    writer = _Writer(components, coordinates)
    return list(itertools.chain(*map(writer.statement, program.statements)))


class _Writer:
    """Lines of source for given sizes; ``v_0_1`` is coordinate 1 of component 0."""

    def __init__(self, components: int, coordinates: int) -> None:
        self.components, self.coordinates = range(components), range(coordinates)
        self.sizes = {"j": components, "a": coordinates, "t": 1}
        self.entries = [f"{j}_{a}" for j in self.components for a in self.coordinates]

    def means(self) -> Iterator[str]:
        """Read the means; stop if they have left the box; differences, constants, totals."""
        d = len(self.coordinates)
        for j, a in itertools.product(self.components, self.coordinates):
            yield f"v_{j}_{a} = means[{j}, {a}]"
        for a in self.coordinates:
            column = ", ".join(f"v_{j}_{a}" for j in self.components)
            yield f"low, high = min({column}), max({column})"
            yield f"if not (low >= box[{a}] and -high >= box[{d + a}]): return step"
            yield f"spread, least, most = high - low, box[{2 * d + a}], -box[{3 * d + a}]"
            yield f"if not (least <= spread <= min(most, {_LARGEST_SPREAD!r})): return step"
        yield "reference, smallest = 0, 1e308"
        for j in self.components:
            yield f"square = {' + '.join(f'v_{j}_{a}*v_{j}_{a}' for a in self.coordinates)}"
            yield f"if square < smallest: reference, smallest = {j}, square"
        for a in self.coordinates:
            yield f"v_anchor_{a} = means[reference, {a}]"
        for j in self.components:
            for a in self.coordinates:
                yield f"v_shifted_{j}_{a} = v_{j}_{a} - v_anchor_{a}"
            terms = (f"v_shifted_{j}_{a}*(v_{j}_{a} + v_anchor_{a})" for a in self.coordinates)
            yield f"c_{j} = log_weights[{j}] - ({' + '.join(terms)})/2"
        yield from self.zeros("g")
        yield from self.zeros("e")

    def zeros(self, name: str) -> Iterator[str]:
        """Set the accumulators of one name to zero."""
        yield " = ".join(f"{name}_{i}" for i in self.entries) + " = 0.0"

    def softmax(self) -> Iterator[str]:
        """Responsibilities at node ``k``."""
        yield "w = weights[k]"
        for a in self.coordinates:
            yield f"x_{a} = points[{a}, k]"
        for j in self.components:
            terms = (f"v_shifted_{j}_{a}*x_{a}" for a in self.coordinates)
            yield f"l_{j} = {' + '.join(terms)} + c_{j}"
        names = [f"l_{j}" for j in self.components]
        yield f"top = max({', '.join(names)})" if len(names) > 1 else "top = l_0"
        for j in self.components:
            yield f"p_{j} = exp(l_{j} - top)"
        yield f"total = {' + '.join(f'p_{j}' for j in self.components)}"
        for j in self.components:
            yield f"psi_{j} = p_{j}/total"

    def statement(self, statement: Assignment) -> Iterator[str]:
        """One statement of the program, entry by entry."""
        for values in self._values(statement.indices):
            at = dict(zip(statement.indices, values, strict=True))
            text = "".join(self._term(term, at) for term in statement.terms)
            name = "_".join([statement.target, *map(str, values)])
            yield f"{name} = {text.removeprefix(' + ') or '0.0'}"

    def _values(self, labels: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
        return itertools.product(*(range(self.sizes[kind(label)]) for label in labels))

    def _term(self, term: Term, free: Mapping[str, int]) -> str:
        """Return ``+ c*(sum of products)``, empty if it vanishes."""
        products = []
        for values in self._values(term.sums):
            at = {**free, **dict(zip(term.sums, values, strict=True))}
            factors = [(f.head, [at[label] for label in f.indices]) for f in term.factors]
            deltas = [indices for head, indices in factors if head.startswith("delta")]
            if all(first == second for first, second in deltas):
                names = ["_".join([h, *map(str, i)]) for h, i in factors if h[:5] != "delta"]
                products.append("*".join(names or ["1.0"]))
        if not products:
            return ""
        coefficient = term.coefficient
        total = products[0] if len(products) == 1 else f"({' + '.join(products)})"
        sign = "-" if coefficient < 0 else "+"
        size = abs(coefficient)
        return f" {sign} {total}" if size == 1 else f" {sign} {_literal(size)}*{total}"

    def add_block(self) -> Iterator[str]:
        """Add a block's sums to the totals ``g``, what is lost to ``e`` (Knuth's two-sum)."""
        for i in self.entries:
            yield f"t = g_{i} + s_{i}"
            yield f"z = t - g_{i}"
            yield f"e_{i} += (g_{i} - (t - z)) + (s_{i} - z)"
            yield f"g_{i} = t"

    def update(self) -> Iterator[str]:
        """Take the step; stop if a coordinate overflows."""
        d = len(self.coordinates)
        yield "finite = True"
        gradient = ", ".join(f"g_{i} + e_{i}" for i in self.entries)
        yield f"gradient = ({gradient},)"
        for j, a in itertools.product(self.components, self.coordinates):
            yield f"new = v_{j}_{a} - factors[{j}, {a}]*gradient[rows[{j}]*{d} + {a}]"
            yield f"finite = finite and abs(new) <= {_LARGEST!r}"
            yield f"means[{j}, {a}] = new"
        yield "if not finite: return step + 1"


def _literal(value: Fraction) -> str:
    """Text of the float nearest to a positive rational."""
    return repr(value.numerator / value.denominator)
