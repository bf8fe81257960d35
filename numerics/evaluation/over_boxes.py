r"""Expectations where means and weights depend on parameters in a box: value and slopes.

The mixture's entries are numbers over a box (`numerics.validated.slope_numbers`). An expectation
:math:`E f` becomes such a number, too: by the mean value theorem along the segment from the base,

.. math:: E f(q) - E f(q_0) \in \sum_c \frac{\partial E f}{\partial q_c}([q_0, q])\, (q - q_0)_c ,

where :math:`c` runs over the entries of means and weights. The derivatives are those of
`derive.losses.parameter_derivatives`; their enclosures over the box are refined by the same theorem
about its centre, down to a chosen order. Where the student *is* the teacher on the whole base set,
an integrand that vanishes there identically has the exact value 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb

from derive.algebra.index import Polynomial
from derive.algebra.program import Base, Program, kind
from derive.losses.lowering import TeacherKind
from derive.losses.parameter_derivatives import (
    Parameter,
    derivative_program,
    is_translation_invariant,
    vanishes_at_coincidence,
)
from numerics.errors import InputError
from numerics.evaluation.request import SCALAR_RANK
from numerics.quadrature.inputs import Inputs, TeacherInputs
from numerics.validated.slope_numbers import Frame, SlopeNumber

#: Order of the derivatives that are enclosed without a refinement.
ORDER = 1

Array = Any
Word = tuple[Parameter, ...]


@dataclass(frozen=True, eq=False)
class Integrand:
    """A polynomial in a mixture's quantities, its free labels, and the density of its mean.

    Two are the same only if they are one object: what is known of it is kept by identity.
    """

    polynomial: Polynomial
    free: tuple[str, ...]
    base: Base


@dataclass(frozen=True)
class Entries:
    """A student and its teacher with numbers over a box as entries.

    Attributes
    ----------
    means : n x d numbers
    weights : n numbers
    teacher_means, teacher_weights : k x d and k numbers
        Empty: ``N(0, I)``.
    """

    means: Sequence[Sequence[SlopeNumber]]
    weights: Sequence[SlopeNumber]
    teacher_means: Sequence[Sequence[SlopeNumber]] = ()
    teacher_weights: Sequence[SlopeNumber] = ()

    @property
    def kind(self) -> TeacherKind:
        """Which kernels serve."""
        return "mixture" if len(self.teacher_means) > 1 else "single"

    def centred(self) -> Entries:
        """Return the same with the teacher's first mean at the origin."""
        if not self.teacher_means:
            return self
        origin = self.teacher_means[0]

        def moved(rows: Sequence[Sequence[SlopeNumber]]) -> list[list[SlopeNumber]]:
            return [[a - b for a, b in zip(row, origin, strict=True)] for row in rows]

        return Entries(
            moved(self.means), self.weights, moved(self.teacher_means), self.teacher_weights
        )

    def tables(self) -> dict[Parameter, Array]:
        """Object arrays of the numbers, by the names that programs use."""
        tables: dict[Parameter, Array] = {
            "v": np.array([list(row) for row in self.means], dtype=object),
            "pi": np.array(list(self.weights), dtype=object),
        }
        if self.kind == "mixture":
            tables["theta"] = np.array([list(row) for row in self.teacher_means], dtype=object)
            tables["rho"] = np.array(list(self.teacher_weights), dtype=object)
        return tables


def _map(function: Callable[[SlopeNumber], Any], table: Array) -> Array:
    return np.vectorize(function, otypes=[object])(table)


@dataclass
class BoxExpectations:
    """Expectations over one frame.

    Parameters
    ----------
    entries : Entries
        Over the frame.
    around : Entries
        The same over a frame whose base is the centre of a box that contains the frame's box, its
        base set, and all segments between them.
    digits : int
        Accuracy of the integration.

    Raises
    ------
    InputError
        If the integrals have more than three dimensions.
    """

    entries: Entries
    around: Entries
    digits: int
    _known: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        dimension = len(self.entries.means[0])
        if dimension > SCALAR_RANK:
            raise InputError("dimension", dimension, f"at most {SCALAR_RANK} over a box")

    @property
    def frame(self) -> Frame:
        """The box and its base set."""
        return self.entries.means[0][0].frame

    def expectation(self, integrand: Integrand) -> Array:
        """Object array of numbers, shaped like the free labels (a number for none).

        Parameters
        ----------
        integrand : Integrand
        """
        return self._recalled(("number", integrand), lambda: self._number(integrand))

    def _recalled(self, key: Any, compute: Callable[[], Any]) -> Any:
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]

    def _number(self, integrand: Integrand) -> Array:
        own, around = self._prepared(integrand)
        tables = own.tables()
        varying = _varying(tables)
        base = self._at_base(integrand, own, [()])[()]
        ranges = _Ranges(self, integrand, around)
        values = ranges.enclosed(())
        derivatives = {name: ranges.enclosed((name,)) for name in varying}
        chained = [
            _chained(derivatives, tables, k, base) for k in range(len(self.frame.deviations))
        ]
        numbers = np.empty(base.shape, dtype=object)
        for index in np.ndindex(base.shape):
            numbers[index] = self.frame.number(
                base[index],
                [slope[index] for slope, _ in chained],
                [size[index] for _, size in chained],
                values[index],
            )
        return numbers

    def _prepared(self, integrand: Integrand) -> tuple[Entries, Entries]:
        """Entries, centred where the integrand needs it."""
        if self.entries.kind == "mixture" and is_translation_invariant(integrand.polynomial):
            return self.entries, self.around
        return (
            self._recalled("centred", self.entries.centred),
            self._recalled("centred around", self.around.centred),
        )

    def _at_base(
        self, integrand: Integrand, entries: Entries, words: list[Word]
    ) -> dict[Word, Array]:
        """Values on the base set; exact zeros where student and teacher coincide there."""
        tables = entries.tables()
        found: dict[Word, Array] = {}
        if _coincide(entries):
            for word in words:
                source = (integrand.polynomial, integrand.base, word, entries.kind)
                if vanishes_at_coincidence(*source):
                    program = _program(integrand, word, entries.kind)
                    found[word] = _filled(program, tables, arb(0))
        rest = [word for word in words if word not in found]
        programs = [_program(integrand, word, entries.kind) for word in rest]
        values = _evaluated(programs, tables, lambda x: x.base, self.digits)
        return {**found, **dict(zip(rest, values, strict=True))}


class _Ranges:
    """Enclosures of an integrand's derivatives over the whole box, refined about its centre."""

    def __init__(self, owner: BoxExpectations, integrand: Integrand, around: Entries) -> None:
        self.tables = around.tables()
        self.varying = _varying(self.tables)
        refinable = [name for name in self.varying if name in ("v", "theta")]
        complete = len(refinable) == len(self.varying)  # weights are not refined
        words: list[Word] = [()]
        layers: list[list[Word]] = [[()]]
        for _ in range(ORDER):
            longer = {
                tuple(sorted((*word, name)))
                for word in layers[-1]
                for name in self.varying
                if not set(word) & {"pi", "rho"}
            }
            layers.append(sorted(longer))
            words += layers[-1]
        self.inner = [w for layer in layers[:-1] for w in layer if complete]
        key = ("ranges", integrand)
        self.natural, self.centre = owner._recalled(
            key, lambda: self._evaluate(owner, integrand, around, words)
        )
        self.known: dict[Word, Array] = {}

    def _evaluate(
        self, owner: BoxExpectations, integrand: Integrand, around: Entries, words: list[Word]
    ) -> tuple[dict[Word, Array], dict[Word, Array]]:
        programs = [_program(integrand, word, around.kind) for word in words]
        over = _evaluated(programs, self.tables, lambda x: x.range, owner.digits)
        natural = {
            word: _over_weights(values, word, len(integrand.free), self.tables)
            for word, values in zip(words, over, strict=True)
        }
        inner = [_program(integrand, word, around.kind) for word in self.inner]
        centre = _evaluated(inner, self.tables, lambda x: x.base, owner.digits) if inner else []
        return natural, dict(zip(self.inner, centre, strict=True))

    def enclosed(self, word: Word) -> Array:
        """Enclose the derivatives in a word of parameters, axes in its order."""
        word = tuple(sorted(word))
        if word not in self.known:
            self.known[word] = self._refined(word)
        return self.known[word]

    def _refined(self, word: Word) -> Array:
        natural = self.natural[word]
        if word not in self.centre:
            return natural
        total = self.centre[word]
        # The last axes of a longer word's derivatives must be those of the parameter added.
        derivatives = {
            name: _last(self.enclosed((*word, name)), tuple(sorted((*word, name))), name)
            for name in self.varying
        }
        frame = next(iter(self.tables.values())).flat[0].frame
        for k, deviation in enumerate(frame.deviations):
            slope, size = _chained(derivatives, self.tables, k, total)
            total = np.asarray(total + deviation * slope + abs(deviation) * size, dtype=object)
        return _intersected(natural, total)


def _last(values: Array, word: Word, name: Parameter) -> Array:
    """Move the axes of a parameter of a sorted word to the end."""
    lengths = [1 if entry in ("pi", "rho") else 2 for entry in word]
    free = values.ndim - sum(lengths)
    position = len(word) - 1 - word[::-1].index(name)
    start = free + sum(lengths[:position])
    own = list(range(start, start + lengths[position]))
    others = [axis for axis in range(values.ndim) if axis not in own]
    return values.transpose(others + own)


def _varying(tables: dict[Parameter, Array]) -> list[Parameter]:
    """Parameters that depend on the box."""
    return [name for name, table in tables.items() if any(not x.is_fixed for x in table.flat)]


def _chained(
    derivatives: dict[Parameter, Array], tables: dict[Parameter, Array], k: int, like: Array
) -> tuple[Array, Array]:
    """Chain rule for deviation ``k``: derivatives in the entries times their slopes, magnitudes."""
    slopes, sizes = (np.full(like.shape, arb(0), dtype=object) for _ in range(2))
    for name, values in derivatives.items():
        for index in np.ndindex(tables[name].shape):
            number, derivative = tables[name][index], values[(..., *index)]
            slope, size = number.total_slopes[k], number.magnitudes[k]
            if not slope.is_zero():
                slopes = np.asarray(slopes + derivative * slope, dtype=object)
            if not size.is_zero():
                sizes = np.asarray(sizes + derivative * size, dtype=object)
    return slopes, sizes


def _intersected(first: Array, second: Array) -> Array:
    result = np.empty(first.shape, dtype=object)
    for index in np.ndindex(first.shape):
        a, b = first[index], second[index]
        if not b.is_finite():
            result[index] = a
        elif not a.is_finite():
            result[index] = b
        else:
            result[index] = a.intersection(b)
    return result


@lru_cache(maxsize=1024)
def _program(integrand: Integrand, word: Word, teacher: TeacherKind) -> Program:
    return derivative_program(integrand.polynomial, integrand.free, integrand.base, word, teacher)


def _over_weights(values: Array, word: Word, free: int, tables: dict[Parameter, Array]) -> Array:
    """Divide logarithmic derivatives by the weights."""
    axis, result = free, values
    for name in word:
        if name in ("v", "theta"):
            axis += 2
            continue
        shape = [1] * values.ndim
        shape[axis] = values.shape[axis]
        weights = _map(lambda x: x.range.union(x.base), tables[name]).reshape(shape)
        result = result / weights
        axis += 1
    return result


def _coincide(entries: Entries) -> bool:
    """Whether student and teacher are exactly the same mixture on the base set."""
    if entries.kind == "single":
        return all(_is_zero_at_base(x) for row in entries.means for x in row)
    if len(entries.means) != len(entries.teacher_means):
        return False
    pairs = [
        (a, b)
        for rows, others in zip(entries.means, entries.teacher_means, strict=True)
        for a, b in zip(rows, others, strict=True)
    ]
    pairs += list(zip(entries.weights, entries.teacher_weights, strict=True))
    return all(_is_zero_at_base(a - b) for a, b in pairs)


def _is_zero_at_base(x: SlopeNumber) -> bool:
    return x.frame.at_base(x.affine).is_zero and x.rest.is_zero()


def _sizes(tables: dict[Parameter, Array]) -> dict[str, int]:
    n, d = tables["v"].shape
    return {"j": n, "a": d, "t": len(tables["theta"]) if "theta" in tables else 1}


def _filled(program: Program, tables: dict[Parameter, Array], value: arb) -> Array:
    sizes = _sizes(tables)
    return np.full([sizes[kind(label)] for label in program.output.indices], value, dtype=object)


def _evaluated(
    programs: Sequence[Program],
    tables: dict[Parameter, Array],
    part: Callable[[SlopeNumber], arb],
    digits: int,
) -> list[Array]:
    """Enclose expectations with one part of every number; without bound where that fails."""
    from numerics.evaluation.scalar_backend import expectations
    from numerics.numbers.balls import BALL

    if not programs:
        return []
    taken = {name: _map(part, table) for name, table in tables.items()}
    unbounded = [_filled(program, tables, arb("nan")) for program in programs]
    if not all(x.is_finite() for table in taken.values() for x in table.flat):
        return unbounded
    if not all(x > 0 for name in ("pi", "rho") if name in taken for x in taken[name]):
        return unbounded
    means = taken["v"].tolist()
    teacher = None
    if "theta" in taken:
        thetas = taken["theta"].tolist()
        teacher = TeacherInputs(thetas, thetas, taken["rho"].tolist())
    inputs = Inputs(means, means, taken["pi"].tolist(), teacher=teacher)
    try:
        found = expectations(BALL, programs, inputs, digits=digits)
    except ArithmeticError:
        return unbounded
    return [np.asarray(values, dtype=object) for values in found.values]
