"""A program's indexed sums written out as scalar terms, for given numbers of components.

A monomial is a rational coefficient and a sorted tuple of names (a name may be an indexed list, or
a bracketed ``sum([...], zero)`` where a loop over components stays a loop).
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from derive.algebra.program import INPUT_HEADS, Assignment, Factor, Term, kind

#: Names the generated code uses for itself; entries of a program get others.
RESERVED = frozenset(
    (
        "one",
        "zero",
        "log",
        "dimension",
        "v",
        "pi",
        "psi",
        "rational",
        "constants",
        "J",
        "sum",
        "a",
        "o",
        "zip",
        "strict",
        "True",
        "for",
        "in",
        "if",
        "else",
        "count",
        "state",
        "ratios",
        "accumulators",
        "nodes",
        "weight",
        "decay",
        "logarithm",
        "log_student",
        "log_teacher",
        "phi",
        "theta",
        "rho",
        "teacher_total",
        "teacher_logarithm",
        "total",
        "w",
        "range",
        "_",
        "arithmetic",
        "constant",
        "maximum",
        "result",
        "S",
        "T",
        "V",
        "H",
    )
)
_OWN_NAME = re.compile(r"(?:[kAtgTGq]\d+|(?:v|pi|psi|theta|rho|phi)(?:_\d+)*|[js]\w*)$")
_WORD = re.compile(r"\w+")

Index = int | str
Monomial = tuple[Fraction, tuple[str, ...]]


@dataclass
class Emitter:
    """Mutable state while one source text is written."""

    components: int
    coordinates: int
    zero_columns: frozenset[int]
    unroll: bool
    teachers: int = 0
    zero_teachers: frozenset[tuple[int, int]] = frozenset()
    names: dict[tuple[str, tuple[int, ...]], str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: set(RESERVED))
    constants: dict[Fraction, str] = field(default_factory=dict)
    aliases: dict[str, tuple[Fraction, str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    invariant: set[str] = field(default_factory=set)
    header: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    operations: int = 0
    costs: dict[str, int] = field(default_factory=dict)

    # -- names ---------------------------------------------------------------------------------

    def name(self, factor: Factor, values: Mapping[str, Index]) -> str:
        """Name of one entry: ``u_1_0`` if unrolled, ``u_0[j0]`` in a loop over components."""
        numbers = [values[label] for label in factor.indices]
        fixed = tuple(number for number in numbers if isinstance(number, int))
        root = self.names.get((factor.head, fixed))
        if root is None:
            root = "_".join([factor.head, *map(str, fixed)])
            if factor.head not in INPUT_HEADS:
                while root in self.taken or _OWN_NAME.match(
                    root
                ):  # "inner" at (2, 0) is not "inner_2" at (0,)
                    root += "_"
            self.taken.add(root)
            self.names[factor.head, fixed] = root
        return root + "".join(f"[{n}]" for n in numbers if isinstance(n, str))

    def constant(self, value: Fraction) -> str:
        """Name of a rational constant, converted once per call."""
        if value not in self.constants:
            self.constants[value] = f"k{len(self.constants)}"
        return self.constants[value]

    # -- monomials -----------------------------------------------------------------------------

    def monomials(self, term: Term, values: Mapping[str, Index]) -> Iterator[Monomial]:
        """Expand a term: sums over coordinates (and unrolled components) become monomials."""
        term = contract_deltas(term)
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
        if factor.head == "log_teacher" and not self.teachers:  # N(0, I) itself
            return Fraction(0), []
        if factor.head == "v" and values[factor.indices[1]] in self.zero_columns:
            return Fraction(0), []
        if factor.head == "theta":
            component, coordinate = (values[label] for label in factor.indices)
            if (component, coordinate) in self.zero_teachers:
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
        return {"a": self.coordinates, "j": self.components, "t": self.teachers}[kind(label)]

    # -- rendering -----------------------------------------------------------------------------

    def render(self, monomials: Sequence[Monomial]) -> str:
        """Sum of monomials with common factors pulled out, most frequent first."""
        positive, text = self.signed(_merge(monomials))
        return text if positive else f"-({text})"

    def signed(self, monomials: list[Monomial]) -> tuple[bool, str]:
        """``(sign is plus, text)`` of a non-empty merged sum."""
        if not monomials:
            return True, "zero"
        if len(monomials) == 1:
            return self._product(*monomials[0])
        counts = Counter(name for _, names in monomials for name in set(names))
        best, number = max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        scale, scaled = common_size(monomials)
        if scale != 1:
            sign, text = self.signed(scaled)
            self.operations += 1
            return sign, f"{self.constant(scale)}*({text})"
        if number < 2:
            return self._sum([self._product(*monomial) for monomial in monomials])
        inner = [(c, _without(names, best)) for c, names in monomials if best in names]
        rest = [monomial for monomial in monomials if best not in monomial[1]]
        sign, text = self.signed(inner)
        self.operations += 1
        factored = (sign, f"{best}*({text})")
        return factored if not rest else self._sum([factored, self.signed(rest)])

    def _sum(self, parts: list[tuple[bool, str]]) -> tuple[bool, str]:
        """Add signed parts, a positive one first if there is one."""
        parts = sorted(parts, key=lambda part: not part[0])
        self.operations += len(parts) - 1
        lead = parts[0][0]
        text = parts[0][1]
        for sign, part in parts[1:]:
            text += f" + {part}" if sign == lead else f" - {bracket(part)}"
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

    def statement(self, statement: Assignment) -> None:
        """Emit every entry of an intermediate statement."""
        for values, loops in self.assignments(statement.indices):
            monomials = self.collect(statement, values)
            root = self.name(Factor(statement.target, statement.indices), values).partition("[")[0]
            before = self.operations
            if not monomials:
                self.aliases[root] = (Fraction(0), root)
                continue
            single = len(monomials) == 1 and len(monomials[0][1]) == 1
            if single and not loops and "(" not in monomials[0][1][0]:
                self.aliases[root] = (monomials[0][0], monomials[0][1][0])
                continue
            scale, monomials = common_size(monomials)
            text = self.looped(monomials, loops)
            if text in self.texts:  # symmetric entries are computed once
                self.aliases[root] = (scale, self.texts[text])
                continue
            self.texts[text] = root
            self.aliases[root] = (scale, root)
            line = f"{root} = {text}"
            self.costs[root] = self.operations - before
            read = {name.partition("[")[0] for _, names in monomials for name in names}
            if read <= self.invariant:
                self.invariant.add(root)
                self.header.append(line)
            else:
                self.body.append(line)

    def drop_unread(self, outputs: Sequence[str]) -> None:
        """Remove entries of intermediate statements that no output needs."""
        read = set(_WORD.findall("\n".join(outputs)))
        for lines in (self.body, self.header):
            for position in range(len(lines) - 1, -1, -1):
                root, _, text = lines[position].partition(" = ")
                if root in read:
                    read.update(_WORD.findall(text))
                else:
                    del lines[position]
                    self.operations -= self.costs[root]

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

    def collect(self, statement: Assignment, values: Mapping[str, Index]) -> list[Monomial]:
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


def contract_deltas(term: Term) -> Term:
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
                return contract_deltas(Term(term.coefficient, renamed, sums))
    return term


def common_size(monomials: list[Monomial]) -> tuple[Fraction, list[Monomial]]:
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


def bracket(text: str) -> str:
    """Bracket a sum so that a minus sign may stand before it."""
    return f"({text})" if " + " in text or " - " in text else text
