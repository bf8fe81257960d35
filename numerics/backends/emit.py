"""From a `Program` to Python source: one straight-line loop body for every scalar number type.

Coordinates are always unrolled. Components are unrolled while that stays small and kept as list
comprehensions otherwise. Common factors are pulled out, entries that are structurally zero (a
coordinate in which every mean vanishes) are dropped, and what does not change from node to node is
computed before the loop. The source uses nothing but ``+ - * /``, ``log`` and the arithmetic's
own constants, so that mpmath numbers and balls run through the same text.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derive.program import Factor, Program, Statement, Term, kind
from numerics.backends.base import Handle
from numerics.errors import InputError

#: Above this number of scalar products the loops over components stay loops.
UNROLL_LIMIT = 3000

Index = int | str
Monomial = tuple[Fraction, tuple[str, ...]]


@dataclass(frozen=True)
class Kernel:
    """Compiled sweeps over nodes for a tuple of programs.

    Attributes
    ----------
    source : str
        The generated text, for the curious and for the tests.
    progression : callable
        ``progression(count, state, ratios, accumulators, constants) -> (state, accumulators)``:
        `count` consecutive nodes, everything by geometric progressions (see `sweep`).
    explicit : callable
        ``explicit(nodes, accumulators, constants) -> accumulators`` with ``nodes`` an iterable of
        ``(weight, responsibilities, log_student)``.
    entries : tuple of (program number, index in the output, coefficient)
        What each accumulator is: the output entry is ``coefficient * accumulator``.
    shapes : tuple of shapes, one for each program
    operations : int
        Scalar operations of one node, at least.
    logarithm : bool
        Whether ``log_student`` is read.
    """

    source: str
    progression: Callable[..., Any]
    explicit: Callable[..., Any]
    entries: tuple[tuple[int, tuple[int, ...], Fraction], ...]
    shapes: tuple[tuple[int, ...], ...]
    operations: int
    logarithm: bool


@dataclass
class _Emitter:
    """Mutable state while one source text is written."""

    components: int
    coordinates: int
    zero_columns: frozenset[int]
    unroll: bool
    constants: dict[Fraction, str] = field(default_factory=dict)
    aliases: dict[str, tuple[Fraction, str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    invariant: set[str] = field(default_factory=set)
    header: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    operations: int = 0

    # -- names ---------------------------------------------------------------------------------

    def name(self, factor: Factor, values: Mapping[str, Index]) -> str:
        """Name of one entry: ``u_1_0`` if unrolled, ``u_0[j0]`` in a loop over components."""
        numbers = [values[label] for label in factor.indices]
        fixed = "".join(f"_{number}" for number in numbers if isinstance(number, int))
        return factor.head + fixed + "".join(f"[{n}]" for n in numbers if isinstance(n, str))

    def constant(self, value: Fraction) -> str:
        """Name of a rational constant, converted once per call."""
        if value not in self.constants:
            self.constants[value] = f"k{len(self.constants)}"
        return self.constants[value]

    # -- monomials -----------------------------------------------------------------------------

    def monomials(self, term: Term, values: Mapping[str, Index]) -> Iterator[Monomial]:
        """Expand a term: sums over coordinates (and unrolled components) become monomials."""
        term = _contract_deltas(term)
        looped = [] if self.unroll else [label for label in term.sums if kind(label) == "j"]
        expanded = [label for label in term.sums if label not in looped]
        sizes = [self.size(label) for label in expanded]
        subscripts: dict[str, Index] = {label: f"s_{label}" for label in looped}
        for numbers in itertools.product(*map(range, sizes)):
            local = {**values, **subscripts, **dict(zip(expanded, numbers, strict=True))}
            coefficient, names = term.coefficient, list[str]()
            for factor in term.factors:
                scale, name = self.resolve(factor, local)
                coefficient *= scale
                names += name
            if coefficient:
                yield self._close_loops(coefficient, names, [f"s_{label}" for label in looped])

    def resolve(self, factor: Factor, values: Mapping[str, Index]) -> tuple[Fraction, list[str]]:
        """``(coefficient, names)`` of a factor: through aliases, 0 if structurally zero."""
        if factor.head.startswith("delta_"):
            left, right = (values[label] for label in factor.indices)
            if isinstance(left, int) and isinstance(right, int):
                return Fraction(left == right), []
            return Fraction(1), [f"(one if {left} == {right} else zero)"]
        if factor.head in ("phi", "theta", "rho"):
            raise InputError("teacher", "a mixture", "one Gaussian (a mixture needs float64)")
        if factor.head == "log_teacher":  # the single teacher is N(0, I) itself
            return Fraction(0), []
        if factor.head == "v" and values[factor.indices[1]] in self.zero_columns:
            return Fraction(0), []
        name = self.name(factor, values)
        root = name.partition("[")[0]
        scale, target = self.aliases.get(root, (Fraction(1), root))
        return scale, [target + name[len(root) :]]

    def _close_loops(self, coefficient: Fraction, names: list[str], looped: list[str]) -> Monomial:
        """Wrap the factors that carry a loop's label into ``sum([... for s in J], zero)``."""
        if not looped:
            return coefficient, tuple(sorted(names))
        inside = [name for name in names if any(f"{label}]" in name for label in looped)]
        outside = [name for name in names if name not in inside]
        loops = " ".join(f"for {label} in J" for label in looped)
        product = "*".join(sorted(inside)) or "one"
        self.operations += self.components ** len(looped) * (len(inside) + 1)
        return coefficient, tuple(sorted([*outside, f"sum([{product} {loops}], zero)"]))

    def size(self, label: str) -> int:
        """Range of an index."""
        return self.coordinates if kind(label) == "a" else self.components

    # -- rendering -----------------------------------------------------------------------------

    def render(self, monomials: Sequence[Monomial]) -> str:
        """Sum of monomials with common factors pulled out, most frequent first."""
        positive, text = self._signed(_merge(monomials))
        return text if positive else f"-({text})"

    def _signed(self, monomials: list[Monomial]) -> tuple[bool, str]:
        """``(sign is plus, text)`` of a non-empty merged sum."""
        if not monomials:
            return True, "zero"
        if len(monomials) == 1:
            return self._product(*monomials[0])
        counts = Counter(name for _, names in monomials for name in set(names))
        best, number = max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        scale, scaled = _common_size(monomials)
        if scale != 1:
            sign, text = self._signed(scaled)
            self.operations += 1
            return sign, f"{self.constant(scale)}*({text})"
        if number < 2:
            return self._sum([self._product(*monomial) for monomial in monomials])
        inner = [(c, _without(names, best)) for c, names in monomials if best in names]
        rest = [monomial for monomial in monomials if best not in monomial[1]]
        sign, text = self._signed(inner)
        self.operations += 1
        factored = (sign, f"{best}*({text})")
        return factored if not rest else self._sum([factored, self._signed(rest)])

    def _sum(self, parts: list[tuple[bool, str]]) -> tuple[bool, str]:
        """Add signed parts, a positive one first if there is one."""
        parts = sorted(parts, key=lambda part: not part[0])
        self.operations += len(parts) - 1
        lead = parts[0][0]
        text = parts[0][1]
        for sign, part in parts[1:]:
            text += f" + {part}" if sign == lead else f" - {_bracket(part)}"
        return lead, text

    def _product(self, coefficient: Fraction, names: tuple[str, ...]) -> tuple[bool, str]:
        """A monomial as text, its sign apart."""
        size = abs(coefficient)
        parts = list(names)
        if size != 1 or not parts:
            parts.insert(0, "one" if size == 1 else self.constant(size))
        self.operations += len(parts) - 1
        return coefficient > 0, "*".join(parts)

    # -- statements ----------------------------------------------------------------------------

    def statement(self, statement: Statement) -> None:
        """Emit every entry of an intermediate statement."""
        for values, loops in self.assignments(statement.indices):
            monomials = self.collect(statement, values)
            root = self.name(Factor(statement.target, statement.indices), values).partition("[")[0]
            if not monomials:
                self.aliases[root] = (Fraction(0), root)
                continue
            single = len(monomials) == 1 and len(monomials[0][1]) == 1
            if single and not loops and "(" not in monomials[0][1][0]:
                self.aliases[root] = (monomials[0][0], monomials[0][1][0])
                continue
            scale, monomials = _common_size(monomials)
            text = self.looped(monomials, loops)
            if text in self.texts:  # symmetric entries are computed once
                self.aliases[root] = (scale, self.texts[text])
                continue
            self.texts[text] = root
            self.aliases[root] = (scale, root)
            line = f"{root} = {text}"
            read = {name.partition("[")[0] for _, names in monomials for name in names}
            if read <= self.invariant:
                self.invariant.add(root)
                self.header.append(line)
            else:
                self.body.append(line)

    def looped(self, monomials: list[Monomial], loops: Sequence[str], flat: bool = False) -> str:
        """Text of a sum for all components: nested lists, or one flat list."""
        before = self.operations
        text = self.render(monomials)
        if loops and flat:
            text = f"[{text} {' '.join(f'for {label} in J' for label in loops)}]"
        else:
            for label in reversed(loops):
                text = f"[{text} for {label} in J]"
        self.operations += (self.operations - before) * (self.components ** len(loops) - 1)
        return text

    def collect(self, statement: Statement, values: Mapping[str, Index]) -> list[Monomial]:
        """All monomials of one entry, merged."""
        return _merge([m for term in statement.terms for m in self.monomials(term, values)])

    def assignments(self, indices: Sequence[str]) -> Iterator[tuple[dict[str, Index], list[str]]]:
        """Unrolled values of the indices, and the labels left to loops."""
        loops = [] if self.unroll else [label for label in indices if kind(label) == "j"]
        fixed = [label for label in indices if label not in loops]
        for numbers in itertools.product(*(range(self.size(label)) for label in fixed)):
            values: dict[str, Index] = dict(zip(fixed, numbers, strict=True))
            values.update({label: label for label in loops})
            yield values, loops


def _contract_deltas(term: Term) -> Term:
    """Use up every ``delta_component`` or ``delta_coordinate`` with a summed index."""
    for position, factor in enumerate(term.factors):
        if factor.head.startswith("delta_"):
            first, second = factor.indices
            if first == second or first in term.sums or second in term.sums:
                removed, kept = (first, second) if first in term.sums else (second, first)
                rest = term.factors[:position] + term.factors[position + 1 :]
                renamed = tuple(
                    Factor(f.head, tuple(kept if x == removed else x for x in f.indices))
                    for f in rest
                )
                sums = term.sums
                if first != second:
                    sums = tuple(label for label in sums if label != removed)
                return _contract_deltas(Term(term.coefficient, renamed, sums))
    return term


def _common_size(monomials: list[Monomial]) -> tuple[Fraction, list[Monomial]]:
    """Pull out the coefficients' absolute value where all share it."""
    sizes = {abs(coefficient) for coefficient, _ in monomials}
    scale = sizes.pop() if len(sizes) == 1 else Fraction(1)
    return scale, [(coefficient / scale, names) for coefficient, names in monomials]


def _merge(monomials: Sequence[Monomial]) -> list[Monomial]:
    """Add up equal monomials and drop those that cancel."""
    total: dict[tuple[str, ...], Fraction] = {}
    for coefficient, names in monomials:
        total[names] = total.get(names, Fraction(0)) + coefficient
    return [(coefficient, names) for names, coefficient in total.items() if coefficient]


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Remove one occurrence of a factor."""
    position = names.index(name)
    return names[:position] + names[position + 1 :]


def _bracket(text: str) -> str:
    """Bracket a sum so that a minus sign may stand before it."""
    return f"({text})" if " + " in text or " - " in text else text


@dataclass
class _Output:
    """Accumulators of one sweep."""

    lines: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    lists: list[tuple[str, int]] = field(default_factory=list)
    entries: list[tuple[int, tuple[int, ...], Fraction]] = field(default_factory=list)


def _emit_output(emitter: _Emitter, number: int, statement: Statement, output: _Output) -> None:
    """Accumulate ``weight * output`` in every entry that does not vanish structurally."""
    for values, loops in emitter.assignments(statement.indices):
        monomials = emitter.collect(statement, values)
        if not monomials:
            continue
        scale, monomials = _common_size(monomials)
        name = f"A{len(output.names)}"
        output.names.append(name)
        if loops:
            text = emitter.looped(monomials, loops, flat=True)
            output.lines.append(f"{name} = [a + w*o for a, o in zip({name}, {text}, strict=True)]")
        else:
            monomials = [(coefficient, (*names, "w")) for coefficient, names in monomials]
            sign, text = emitter._signed(monomials)
            output.lines.append(f"{name} = {name} {'+' if sign else '-'} {_bracket(text)}")
        emitter.operations += 2 * emitter.components ** len(loops)
        for numbers in itertools.product(range(emitter.components), repeat=len(loops)):
            component = dict(zip(loops, numbers, strict=True))
            index = tuple(component.get(x, values[x]) for x in statement.indices)
            output.entries.append((number, index, scale))  # type: ignore[arg-type]
        output.lists.append((name, emitter.components ** len(loops) if loops else 0))


def _shared_statements(programs: Sequence[Program]) -> list[list[Statement]]:
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
            statements.append(Statement(target, statement.indices, terms))
        result.append(statements)
    return result


def _scalar_products(programs: Sequence[Program], components: int, coordinates: int) -> int:
    """Number of products if everything were unrolled."""
    return sum(
        math.prod(
            components if kind(x) == "j" else coordinates for x in (*statement.indices, *term.sums)
        )
        for program in programs
        for statement in program.statements
        for term in statement.terms
    )


def compile_kernel(
    programs: Sequence[Program],
    components: int,
    coordinates: int,
    zero_columns: frozenset[int] = frozenset(),
) -> Kernel:
    """Compile programs with a common base into one sweep.

    Parameters
    ----------
    programs : sequence of Program
    components, coordinates : int
        ``n`` and ``s``.
    zero_columns : frozenset of int
        Coordinates in which every mean is exactly zero.

    Returns
    -------
    Kernel

    Raises
    ------
    InputError
        For kernels of a mixture teacher, or of degree above 1 in the logarithm.
    """
    return _compile_cached(tuple(map(Handle, programs)), components, coordinates, zero_columns)


@lru_cache(maxsize=256)
def _compile_cached(
    handles: tuple[Handle, ...], components: int, coordinates: int, zero_columns: frozenset[int]
) -> Kernel:
    """`compile_kernel`, remembered."""
    programs = [handle.program for handle in handles]
    if any(program.log_degree not in (0, 1) for program in programs):
        raise InputError("objective", "a kernel of higher degree in its logarithm", "degree 0 or 1")
    unroll = _scalar_products(programs, components, coordinates) <= UNROLL_LIMIT
    emitter = _Emitter(components, coordinates, zero_columns, unroll)
    emitter.invariant.update({"pi", "dimension", "one", "v"})
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
        _emit_output(emitter, number, statements[-1], output)
    logarithm = any("log_student" in program.inputs for program in programs)
    student = {program.base for program in programs} == {"student"}
    source = _source(emitter, output, logarithm, student)
    namespace: dict[str, Any] = {}
    exec(compile(source, f"<kernel {programs[0].name}>", "exec"), namespace)
    sizes = {"j": components, "a": coordinates}
    return Kernel(
        source,
        namespace["progression"],
        namespace["explicit"],
        tuple(output.entries),
        tuple(tuple(sizes[kind(x)] for x in program.output.indices) for program in programs),
        emitter.operations + 2 * components + 4,
        logarithm,
    )


def _source(emitter: _Emitter, output: _Output, logarithm: bool, student: bool) -> str:
    """Put header, node and body together for both ways of walking through the nodes."""
    n = emitter.components
    unroll = emitter.unroll
    unpack = ["one, zero, log, dimension, v, pi, rational = constants", f"J = range({n})"]
    if unroll:
        unpack += [f"v_{j}_{a} = v[{j}][{a}]" for j in range(n) for a in range(emitter.coordinates)]
        unpack += [f"pi_{j} = pi[{j}]" for j in range(n)]
    else:
        unpack += [f"v_{a} = [row[{a}] for row in v]" for a in range(emitter.coordinates)]
    unpack += [
        f"{name} = rational({value.numerator}, {value.denominator})"
        for value, name in emitter.constants.items()
    ]
    unpack += emitter.header
    position = 0
    gather: list[str] = []
    for name, size in output.lists:
        slot = (
            f"accumulators[{position}:{position + size}]" if size else f"accumulators[{position}]"
        )
        unpack.append(f"{name} = {slot}")
        gather.append(f"*{name}" if size else name)
        position += size or 1
    result = f"[{', '.join(gather)}]"
    others = range(1, n)
    ratio_names = [f"t{j}" for j in others]
    start = [f"{name} = state[{k + 3}]" for k, name in enumerate(ratio_names)]
    start += [f"g{j} = ratios[{j + 1}]" for j in others]
    total = " + ".join(["one", *ratio_names])
    node = []
    if n == 2 and not (logarithm or student):
        node = ["psi_0 = one/(one + t1)", "psi_1 = one - psi_0"]
    else:
        node = [f"total = {total}", "psi_0 = one/total"]
        node += [f"psi_{j} = t{j}*psi_0" for j in others]
    if not unroll:
        node.append(f"psi = [{', '.join(f'psi_{j}' for j in range(n))}]")
    node.append("w = weight*total" if student else "w = weight")
    if logarithm:
        node.append("log_student = logarithm + log(total)")
    advance = ["weight = weight*decay", "decay = decay*ratios[0]"]
    advance += [f"t{j} = t{j}*g{j}" for j in others]
    if logarithm:
        advance.append("logarithm = logarithm + ratios[1]")
    states = ", ".join(["weight", "decay", "logarithm", *ratio_names])
    kernel_lines = [*emitter.body, *output.lines]
    lines = ["def progression(count, state, ratios, accumulators, constants):"]
    lines += _indent([*unpack, "weight, decay, logarithm = state[:3]", *start], 1)
    lines += ["    for _ in range(count):", *_indent([*node, *kernel_lines, *advance], 2)]
    lines += [f"    return [{states}], {result}", ""]
    read = [f"psi_{j} = psi[{j}]" for j in range(n)] if unroll else []
    lines += ["def explicit(nodes, accumulators, constants):", *_indent(unpack, 1)]
    lines += ["    for w, psi, log_student in nodes:", *_indent([*read, *kernel_lines], 2)]
    lines += [f"    return {result}", ""]
    return "\n".join(lines)


def _indent(lines: Sequence[str], depth: int) -> list[str]:
    """Indent source lines."""
    return ["    " * depth + line for line in lines]
