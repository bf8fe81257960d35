"""From a `Program` to Python source: one straight-line loop body for every scalar number type.

Coordinates and the components of a mixture teacher are always unrolled. Components of the student
are unrolled while that stays small and kept as list comprehensions otherwise. Common factors are
pulled out, entries that are structurally zero (a coordinate in which every mean vanishes) are
dropped, and what does not change from node to node is computed before the loop. Of a Hessian only
the upper triangle is computed: its integrand need not be symmetric, its expectation is (second
derivatives of a smooth function). The source uses nothing but ``+ - * /``, ``log`` and the
arithmetic's own constants, so that mpmath numbers and balls run through the same text.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derive.algebra.program import Assignment, Factor, Program, Term, kind
from numerics.errors import InputError
from numerics.kernels.handle import Handle, reads_logarithm, written
from numerics.kernels.monomials import Emitter, bracket, common_size

#: Above this number of scalar products the loops over components stay loops.
UNROLL_LIMIT = 3000
#: Terms of a sum in one line.
_TERMS = 100


@dataclass(frozen=True)
class Kernel:
    """Compiled sweeps over nodes for a tuple of programs.

    Attributes
    ----------
    source : str
        The generated text, for the curious and for the tests.
    progression : callable
        ``progression(count, state, ratios, accumulators, constants) -> (state, accumulators)``:
        `count` consecutive nodes, everything by geometric progressions (see
        `numerics.quadrature.line`).
    explicit : callable
        ``explicit(nodes, accumulators, constants) -> accumulators`` with ``nodes`` an iterable of
        ``(weight, responsibilities, log_student)``; for a mixture teacher its responsibilities and
        ``log_teacher`` follow.
    entries : tuple of (program number, index in the output, coefficient)
        What each accumulator is: the output entry is ``coefficient * accumulator``.
    mirrored : tuple of (program number, index, index it equals)
        Entries of Hessians that have no accumulator of their own.
    shapes : tuple of shapes, one for each program
    operations : int
        Scalar operations of one node, at least.
    logarithm : bool
        Whether a logarithm is read.
    """

    source: str
    progression: Callable[..., Any]
    explicit: Callable[..., Any]
    entries: tuple[tuple[int, tuple[int, ...], Fraction], ...]
    mirrored: tuple[tuple[int, tuple[int, ...], tuple[int, ...]], ...]
    shapes: tuple[tuple[int, ...], ...]
    operations: int
    logarithm: bool

    def mirror(self, results: Sequence[Any]) -> None:
        """Copy the upper triangles of Hessians to the lower ones."""
        for number, index, source in self.mirrored:
            results[number][index] = results[number][source]


@dataclass
class _Output:
    """Accumulators of one sweep."""

    lines: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    lists: list[tuple[str, int]] = field(default_factory=list)
    entries: list[tuple[int, tuple[int, ...], Fraction]] = field(default_factory=list)
    mirrored: list[tuple[int, tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)


def _is_hessian(program: Program) -> bool:
    """Whether a program comes from second derivatives (`derive.losses.lowering` names it so)."""
    return "hessian" in program.name.split("/")[1:] and len(program.output.indices) == 4


def _emit_output(
    emitter: Emitter, number: int, statement: Assignment, output: _Output, symmetric: bool
) -> None:
    """Accumulate ``weight * output`` in every entry that does not vanish structurally."""
    for values, loops in emitter.assignments(statement.indices):
        # Loops run over components: then only the coordinates are compared.
        fixed = [values[x] for x in statement.indices if x not in loops]
        half = len(fixed) // 2
        if symmetric and tuple(fixed[:half]) > tuple(fixed[half:]):
            continue
        monomials = emitter.collect(statement, values)
        if not monomials:
            continue
        scale, monomials = common_size(monomials)
        name = f"A{len(output.names)}"
        output.names.append(name)
        if loops:
            text = emitter.looped(monomials, loops, flat=True)
            output.lines.append(f"{name} = [a + w*o for a, o in zip({name}, {text}, strict=True)]")
        else:
            monomials = [(coefficient, (*names, "w")) for coefficient, names in monomials]
            sign, text = emitter.signed(monomials)
            output.lines.append(f"{name} = {name} {'+' if sign else '-'} {bracket(text)}")
        emitter.operations += 2 * emitter.components ** len(loops)
        for numbers in itertools.product(range(emitter.components), repeat=len(loops)):
            component = dict(zip(loops, numbers, strict=True))
            index: tuple[Any, ...] = tuple(component.get(x, values[x]) for x in statement.indices)
            output.entries.append((number, index, scale))
            if symmetric and fixed[:half] != fixed[half:]:
                output.mirrored.append((number, (*index[2:], *index[:2]), index))
        output.lists.append((name, emitter.components ** len(loops) if loops else 0))


def _shared_statements(programs: Sequence[Program]) -> list[list[Assignment]]:
    """Rename targets so that programs share equal statements and never overwrite each other's."""
    known: dict[tuple[tuple[str, ...], tuple[Term, ...]], str] = {}
    taken: set[str] = set()
    result = []
    for program in programs:
        renamed: dict[str, str] = {}
        statements = []
        for statement in program.statements:
            terms = tuple(
                Term(
                    term.coefficient,
                    tuple(Factor(renamed.get(f.head, f.head), f.indices) for f in term.factors),
                    term.sums,
                )
                for term in statement.terms
            )
            last = statement is program.output
            key = (statement.indices, terms)
            if not last and key in known:
                renamed[statement.target] = known[key]
                continue
            target = statement.target
            while target in taken:
                target += "_"
            taken.add(target)
            renamed[statement.target] = target
            if not last:
                known[key] = target
            statements.append(Assignment(target, statement.indices, terms))
        result.append(statements)
    return result


def _scalar_products(programs: Sequence[Program], sizes: Mapping[str, int]) -> int:
    """Number of products if everything were unrolled."""
    return sum(
        math.prod(sizes[kind(x)] for x in (*statement.indices, *term.sums))
        for program in programs
        for statement in program.statements
        for term in statement.terms
    )


def compile_kernel(
    programs: Sequence[Program],
    components: int,
    coordinates: int,
    zero_columns: frozenset[int] = frozenset(),
    teachers: int = 0,
    zero_teachers: frozenset[tuple[int, int]] = frozenset(),
) -> Kernel:
    """Compile programs with a common base into one sweep.

    Parameters
    ----------
    programs : sequence of Program
    components, coordinates : int
        ``n`` and ``s``.
    zero_columns : frozenset of int
        Coordinates in which every mean is exactly zero.
    teachers : int
        Components of a mixture teacher; 0 for one Gaussian at the origin.
    zero_teachers : frozenset of (component, coordinate)
        Entries of the teacher's means that are exactly zero.

    Returns
    -------
    Kernel

    Raises
    ------
    InputError
        For kernels of a mixture teacher without one, or of degree above 1 in the logarithms.
    """
    sizes = (components, coordinates, teachers)
    return _compile_cached(tuple(map(Handle, programs)), sizes, zero_columns, zero_teachers)


@lru_cache(maxsize=256)
def _compile_cached(
    handles: tuple[Handle, ...],
    counts: tuple[int, int, int],
    zero_columns: frozenset[int],
    zero_teachers: frozenset[tuple[int, int]],
) -> Kernel:
    """`compile_kernel`, remembered."""
    components, coordinates, teachers = counts
    sizes = dict(zip("jat", counts, strict=True))
    programs = [handle.program for handle in handles]
    if any(program.log_degree not in (0, 1) for program in programs):
        raise InputError("objective", "a kernel of higher degree in its logarithm", "degree 0 or 1")
    if not teachers and any(program.inputs & {"phi", "theta", "rho"} for program in programs):
        raise InputError("teacher", "one Gaussian", "a mixture, as the kernel's")
    unroll = _scalar_products(programs, sizes) <= UNROLL_LIMIT
    emitter = Emitter(components, coordinates, zero_columns, unroll, teachers, zero_teachers)
    emitter.invariant.update({"pi", "dimension", "one", "v"})
    emitter.invariant.update(f"theta_{t}_{a}" for t in range(teachers) for a in range(coordinates))
    emitter.invariant.update(f"rho_{t}" for t in range(teachers))
    if unroll:
        emitter.invariant.update(
            f"v_{j}_{a}" for j in range(components) for a in range(coordinates)
        )
        emitter.invariant.update(f"pi_{j}" for j in range(components))
    else:
        emitter.invariant.update(f"v_{a}" for a in range(coordinates))
    output = _Output()
    for number, statements in enumerate(_shared_statements(programs)):
        for statement in statements[:-1]:
            emitter.statement(statement)
        symmetric = _is_hessian(programs[number])
        _emit_output(emitter, number, statements[-1], output, symmetric)
    emitter.drop_unread(output.lines)
    student = {program.base for program in programs} == {"student"}
    shapes = tuple(tuple(sizes[kind(x)] for x in program.output.indices) for program in programs)
    return _kernel(emitter, output, shapes, reads_logarithm(programs), student)


def _kernel(
    emitter: Emitter,
    output: _Output,
    shapes: tuple[tuple[int, ...], ...],
    logarithm: bool,
    student: bool,
) -> Kernel:
    """Compile what was emitted."""
    source = _source(emitter, output, logarithm, student)
    functions = written(source, "kernel")
    return Kernel(
        source,
        functions["progression"],
        functions["explicit"],
        tuple(output.entries),
        tuple(output.mirrored),
        shapes,
        emitter.operations + 2 * (emitter.components + emitter.teachers) + 4,
        logarithm,
    )


def moment_variables(components: int, teachers: int) -> list[str]:
    """Names of a moment's factors, in the order of its exponents; the logarithms come last.

    Examples
    --------
    >>> moment_variables(3, 2)
    ['psi_1', 'psi_2', 'phi_1', 'log_student', 'log_teacher']
    """
    responsibilities = [f"psi_{j}" for j in range(1, components)]
    responsibilities += [f"phi_{t}" for t in range(1, teachers)]
    return [*responsibilities, "log_student", *(["log_teacher"] if teachers else [])]


@lru_cache(maxsize=64)
def compile_moments(
    exponents: tuple[tuple[int, ...], ...], student: bool, components: int, teachers: int = 0
) -> Kernel:
    """Compile a sweep that accumulates ``weight`` times monomials in `moment_variables`.

    Parameters
    ----------
    exponents : tuple of tuples of int
        Closed under lowering an exponent, lower degrees first.
    student : bool
        Whether the base is the student.
    components, teachers : int
        As for `compile_kernel`.
    """
    emitter = Emitter(components, 0, frozenset(), unroll=True, teachers=teachers)
    output = _Output()
    position = {alpha: number for number, alpha in enumerate(exponents)}
    variables = moment_variables(components, teachers)
    for number, alpha in enumerate(exponents):
        name = f"A{number}"
        last = max((i for i, power in enumerate(alpha) if power), default=None)
        if last is None:
            emitter.body.append(f"q{number} = w")
        else:
            lower = (*alpha[:last], alpha[last] - 1, *alpha[last + 1 :])
            emitter.body.append(f"q{number} = q{position[lower]}*{variables[last]}")
        output.lines.append(f"{name} = {name} + q{number}")
        output.names.append(name)
        output.lists.append((name, 0))
        output.entries.append((0, (number,), Fraction(1)))
    first = variables.index("log_student")
    logarithm = any(any(alpha[first:]) for alpha in exponents)
    emitter.operations = 2 * len(exponents)
    return _kernel(emitter, output, ((len(exponents),),), logarithm, student)


def _source(emitter: Emitter, output: _Output, logarithm: bool, student: bool) -> str:
    """Put header, node and body together for both ways of walking through the nodes."""
    header, result = _header(emitter, output)
    start, advance, states = _progressions(emitter, logarithm)
    kernel = [*emitter.body, *output.lines]
    lines = ["def progression(count, state, ratios, accumulators, constants):"]
    lines += _indent([*header, "weight, decay, logarithm = state[:3]", *start], 1)
    lines += ["    for _ in range(count):"]
    lines += _indent([*_node(emitter, logarithm, student), *kernel, *advance], 2)
    lines += [f"    return [{', '.join(states)}], {result}", ""]
    read = [f"psi_{j} = psi[{j}]" for j in range(emitter.components)] if emitter.unroll else []
    read += [f"phi_{t} = phi[{t}]" for t in range(emitter.teachers)]
    node = "w, psi, log_student" + (", phi, log_teacher" if emitter.teachers else "")
    lines += ["def explicit(nodes, accumulators, constants):", *_indent(header, 1)]
    lines += [f"    for {node} in nodes:", *_indent([*read, *kernel], 2)]
    lines += [f"    return {result}", ""]
    return "\n".join(lines)


def _progressions(emitter: Emitter, logarithm: bool) -> tuple[list[str], list[str], list[str]]:
    """Lines that unpack the progressions and advance them, and the names of the state."""
    terms = [f"t{j}" for j in range(1, emitter.components)]
    ratios = [f"g{j}" for j in range(1, emitter.components)]
    terms += [f"T{t}" for t in range(1, emitter.teachers)]
    ratios += [f"G{t}" for t in range(1, emitter.teachers)]
    start = [f"{name} = state[{i}]" for i, name in enumerate(terms, 3)]
    start += [f"{name} = ratios[{i}]" for i, name in enumerate(ratios, 2)]
    advance = ["weight = weight*decay", "decay = decay*ratios[0]"]
    advance += [f"{name} = {name}*{ratio}" for name, ratio in zip(terms, ratios, strict=True)]
    states = ["weight", "decay", "logarithm", *terms]
    if logarithm:
        advance.append("logarithm = logarithm + ratios[1]")
    if emitter.teachers:
        states.append("teacher_logarithm")
        start.append("teacher_logarithm = state[-1]")
        if logarithm:
            advance.append("teacher_logarithm = teacher_logarithm + ratios[-1]")
    return start, advance, states


def _header(emitter: Emitter, output: _Output) -> tuple[list[str], str]:
    """Lines before the loop, and the text of the accumulators as one list."""
    n, columns = emitter.components, range(emitter.coordinates)
    given = "one, zero, log, dimension, v, pi, rational"
    given += ", theta, rho" if emitter.teachers else ""
    lines = [f"{given} = constants", f"J = range({n})"]
    if emitter.unroll:
        lines += [f"v_{j}_{a} = v[{j}][{a}]" for j in range(n) for a in columns]
        lines += [f"pi_{j} = pi[{j}]" for j in range(n)]
    else:
        lines += [f"v_{a} = [row[{a}] for row in v]" for a in columns]
    for t in range(emitter.teachers):
        lines += [f"rho_{t} = rho[{t}]", *(f"theta_{t}_{a} = theta[{t}][{a}]" for a in columns)]
    for value, name in emitter.constants.items():
        lines.append(f"{name} = rational({value.numerator}, {value.denominator})")
    lines += emitter.header
    position = 0
    gather: list[str] = []
    for name, size in output.lists:
        slot = f"{position}:{position + size}" if size else f"{position}"
        lines.append(f"{name} = accumulators[{slot}]")
        gather.append(f"*{name}" if size else name)
        position += size or 1
    return lines, f"[{', '.join(gather)}]"


def _node(emitter: Emitter, logarithm: bool, student: bool) -> list[str]:
    """Lines that make responsibilities, weight and logarithms from the progressions."""
    others = range(1, emitter.components)
    single = not emitter.teachers
    if emitter.components == 2 and emitter.unroll and single and not (logarithm or student):
        return ["psi_0 = one/(one + t1)", "psi_1 = one - psi_0", "w = weight"]
    lines = [*_sum("total", "t", others), "psi_0 = one/total"]
    lines += [f"psi_{j} = t{j}*psi_0" for j in others]
    if not emitter.unroll:
        lines.append(f"psi = [{', '.join(f'psi_{j}' for j in range(emitter.components))}]")
    if logarithm:
        lines.append("log_student = logarithm + log(total)")
    if single:
        return [*lines, "w = weight*total" if student else "w = weight"]
    others = range(1, emitter.teachers)
    lines += _sum("teacher_total", "T", others)
    lines += ["phi_0 = one/teacher_total", *(f"phi_{t} = T{t}*phi_0" for t in others)]
    if logarithm:
        lines.append("log_teacher = teacher_logarithm + log(teacher_total)")
    return [*lines, "w = weight*total" if student else "w = weight*teacher_total"]


def _sum(name: str, term: str, numbers: range) -> list[str]:
    """Lines that add terms to one, from left to right; one line would be nested too deeply."""
    words = ["one", *(f"{term}{j}" for j in numbers)]
    lines = [f"{name} = {' + '.join(words[:_TERMS])}"]
    for start in range(_TERMS, len(words), _TERMS):
        lines.append(f"{name} = {' + '.join([name, *words[start : start + _TERMS]])}")
    return lines


def _indent(lines: Sequence[str], depth: int) -> list[str]:
    """Indent source lines."""
    return ["    " * depth + line for line in lines]
