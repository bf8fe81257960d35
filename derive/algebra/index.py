"""Polynomials in indexed quantities, with sums over components and coordinates kept symbolic.

A monomial is a product of indexed factors such as ``psi[j0]`` or ``u[j0,a0]``. Its free labels
(``j0``, ``a0``) are given by the user; a label containing ``#`` is a *dummy*: summed over its whole
range (``j``: components of the student, ``a``: coordinates, ``t``: components of the teacher).
A canonical choice of dummy names makes equality of polynomials decidable for every n and d at once,
which is what unrolled expressions at one (n, d) cannot give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import count, permutations, product

Label = str
IndexedFactor = tuple[str, tuple[Label, ...]]
Monomial = tuple[IndexedFactor, ...]

#: Heads whose indices may be permuted freely.
SYMMETRIC = frozenset({"delta_component", "delta_coordinate", "moment", "moment_teacher"})
_DELTAS = {"delta_component": "components", "delta_coordinate": "dimension"}
#: Letters for dummies in print, and short names of heads by the number of their indices.
_LETTERS = {"j": "jkliopqr", "a": "abcdefgh", "t": "stwyz"}
_NAMES = {"moment": {2: "C", 3: "T", 4: "Q"}, "moment_teacher": {2: "CT", 3: "TT", 4: "QT"}}


def is_dummy(label: Label) -> bool:
    """Tell a summed label from a free one.

    Examples
    --------
    >>> is_dummy("a#0"), is_dummy("a0")
    (True, False)
    """
    return "#" in label


def labels_of(monomial: Monomial) -> set[Label]:
    """All labels that occur in a monomial."""
    return {label for _, indices in monomial for label in indices}


def relabel(monomial: Monomial, names: Mapping[Label, Label]) -> Monomial:
    """Replace labels, factor by factor."""
    return tuple(
        (head, tuple(names.get(label, label) for label in indices)) for head, indices in monomial
    )


def _sorted(monomial: Iterable[IndexedFactor]) -> Monomial:
    return tuple(
        sorted(
            (head, tuple(sorted(indices)) if head in SYMMETRIC else indices)
            for head, indices in monomial
        )
    )


def _contract_deltas(monomial: Monomial) -> Monomial:
    """Remove every Kronecker delta that has a dummy, or a repeated label."""
    factors = list(monomial)
    for position, (head, indices) in enumerate(factors):
        if head not in _DELTAS:
            continue
        first, second = indices
        rest = tuple(factors[:position] + factors[position + 1 :])
        if first == second:
            trace: Monomial = ((_DELTAS[head], ()),) if is_dummy(first) else ()
            return _contract_deltas(rest + trace)
        if is_dummy(first) or is_dummy(second):
            old, new = (first, second) if is_dummy(first) else (second, first)
            return _contract_deltas(relabel(rest, {old: new}))
        kept, replaced = sorted(indices)
        if replaced in labels_of(rest):
            return _contract_deltas((*relabel(rest, {replaced: kept}), factors[position]))
    return tuple(factors)


def _signatures(monomial: Monomial, dummies: list[Label]) -> dict[Label, tuple[object, ...]]:
    """Colour each dummy by where it stands, then twice more by its neighbours' colours."""
    colour: dict[Label, object] = {label: label[0] for label in dummies}
    for _ in range(3):
        fresh: dict[Label, object] = {}
        for label in dummies:
            seen = []
            for head, indices in monomial:
                for slot, other in enumerate(indices):
                    if other == label:
                        place = -1 if head in SYMMETRIC else slot
                        around = [
                            repr(colour[near]) if is_dummy(near) else near for near in indices
                        ]
                        if head in SYMMETRIC:
                            around.sort()
                        seen.append((head, place, tuple(around)))
            fresh[label] = (label[0], tuple(sorted(seen)))
        # Ranks instead of nested tuples keep the colours short.
        order = {
            value: rank for rank, value in enumerate(sorted({repr(c) for c in fresh.values()}))
        }
        colour = {label: order[repr(fresh[label])] for label in dummies}
    return {label: (label[0], colour[label]) for label in dummies}


@lru_cache(maxsize=200_000)
def canonical(monomial: Monomial) -> Monomial:
    """Contract deltas and rename dummies canonically.

    Examples
    --------
    >>> canonical((("v", ("j#7", "a#3")), ("v", ("j0", "a#3")), ("psi", ("j#7",))))
    (('psi', ('j#0',)), ('v', ('j#0', 'a#0')), ('v', ('j0', 'a#0')))
    """
    monomial = _contract_deltas(monomial)
    dummies = sorted(label for label in labels_of(monomial) if is_dummy(label))
    if not dummies:
        return _sorted(monomial)
    signatures = _signatures(monomial, dummies)
    classes: dict[object, list[Label]] = {}
    for label in sorted(dummies, key=lambda name: (repr(signatures[name]), name)):
        classes.setdefault(signatures[label], []).append(label)
    counters: dict[str, Iterator[int]] = {}
    targets = []
    for members in classes.values():
        letter = members[0][0]
        counter = counters.setdefault(letter, count())
        targets.append([f"{letter}#{next(counter)}" for _ in members])
    best: Monomial | None = None
    for choice in product(*(permutations(members) for members in classes.values())):
        names = {
            old: new
            for members, names_of in zip(choice, targets, strict=True)
            for old, new in zip(members, names_of, strict=True)
        }
        candidate = _sorted(relabel(monomial, names))
        if best is None or candidate < best:
            best = candidate
    assert best is not None
    return best


_fresh = count(1000)


def _apart(monomial: Monomial) -> Monomial:
    """Rename the dummies to labels used nowhere else."""
    names = {
        label: f"{label[0]}#{next(_fresh)}" for label in labels_of(monomial) if is_dummy(label)
    }
    return relabel(monomial, names) if names else monomial


class Polynomial:
    """A sum of monomials with rational coefficients, in canonical form.

    Examples
    --------
    >>> score_error = (atom("psi", "j0") * atom("v", "j0", "a0")).sum_over("j0")
    >>> print(score_error)
    sum_j psi[j]*v[j,a0]
    """

    __slots__ = ("terms",)
    terms: dict[Monomial, Fraction]

    def __init__(self, terms: Mapping[Monomial, Fraction | int] | None = None) -> None:
        collected: dict[Monomial, Fraction] = {}
        for monomial, coefficient in (terms or {}).items():
            key = canonical(monomial)
            total = collected.get(key, Fraction(0)) + coefficient
            if total:
                collected[key] = total
            else:
                collected.pop(key, None)
        self.terms = collected

    @classmethod
    def collect(cls, pairs: Iterable[tuple[Monomial, Fraction]]) -> Polynomial:
        """Add up ``(monomial, coefficient)`` pairs."""
        collected: dict[Monomial, Fraction] = {}
        for monomial, coefficient in pairs:
            key = canonical(monomial)
            collected[key] = collected.get(key, Fraction(0)) + coefficient
        result = cls()
        result.terms = {key: value for key, value in collected.items() if value}
        return result

    def __add__(self, other: Polynomial | int | Fraction) -> Polynomial:
        other = _lift(other)
        return Polynomial.collect([*self.terms.items(), *other.terms.items()])

    __radd__ = __add__

    def __neg__(self) -> Polynomial:
        return Polynomial.collect((key, -value) for key, value in self.terms.items())

    def __sub__(self, other: Polynomial | int | Fraction) -> Polynomial:
        return self + (-_lift(other))

    def __rsub__(self, other: int | Fraction) -> Polynomial:
        return _lift(other) - self

    def __mul__(self, other: Polynomial | int | Fraction) -> Polynomial:
        if isinstance(other, int | Fraction):
            return Polynomial.collect((key, value * other) for key, value in self.terms.items())
        return Polynomial.collect(
            (left + _apart(right), first * second)
            for left, first in self.terms.items()
            for right, second in other.terms.items()
        )

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Polynomial:
        result = ONE
        for _ in range(exponent):
            result = result * self
        return result

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | Fraction):
            other = _lift(other)
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def free_labels(self) -> set[Label]:
        """Labels that are not summed."""
        return {label for key in self.terms for label in labels_of(key) if not is_dummy(label)}

    def heads(self) -> set[str]:
        """Names of all quantities that occur."""
        return {head for key in self.terms for head, _ in key}

    def rename(self, names: Mapping[Label, Label]) -> Polynomial:
        """Replace free labels; a target may be a label already in use (then indices coincide)."""
        return Polynomial.collect((relabel(key, names), value) for key, value in self.terms.items())

    def sum_over(self, *labels: Label) -> Polynomial:
        """Sum over free labels.

        A term without the label is multiplied by the size of the range.
        """
        result = self
        for label in labels:
            pairs = []
            dummy = f"{label[0]}#{next(_fresh)}"
            size = {"j": "components", "a": "dimension", "t": "teacher_components"}[label[0]]
            for key, value in result.terms.items():
                if label in labels_of(key):
                    pairs.append((relabel(key, {label: dummy}), value))
                else:
                    pairs.append(((*key, (size, ())), value))
            result = Polynomial.collect(pairs)
        return result

    def map_factors(self, rule: Callable[[IndexedFactor], Polynomial | None]) -> Polynomial:
        """Substitute factors: ``rule`` returns the replacement, or ``None`` to keep the factor.

        While a rule runs, the monomial's dummies are opened, that is, shown as free labels.
        """
        total: list[tuple[Monomial, Fraction]] = []
        for key, value in self.terms.items():
            opened_key, opened = open_dummies(key)
            replacements = [rule(factor) for factor in opened_key]
            if all(new is None for new in replacements):
                total.append((key, value))
                continue
            kept = tuple(
                factor for factor, new in zip(opened_key, replacements, strict=True) if new is None
            )
            piece = Polynomial.collect([(kept, value)])
            for new in replacements:
                if new is not None:
                    piece = piece * new
            total.extend(piece.sum_over(*opened).terms.items())
        return Polynomial.collect(total)

    def __str__(self) -> str:
        return text(self)

    __repr__ = __str__


def open_dummies(monomial: Monomial) -> tuple[Monomial, tuple[Label, ...]]:
    """Turn dummies into free labels that no user label can equal (`sum_over` closes them).

    Examples
    --------
    >>> open_dummies((("v", ("j#0", "a0")),))
    ((('v', ('j!0', 'a0')),), ('j!0',))
    """
    names = {
        label: f"{label[0]}!{label[2:]}" for label in sorted(labels_of(monomial)) if is_dummy(label)
    }
    return relabel(monomial, names), tuple(names.values())


def _lift(value: Polynomial | int | Fraction) -> Polynomial:
    return value if isinstance(value, Polynomial) else constant(value)


def constant(value: int | Fraction) -> Polynomial:
    """The constant polynomial."""
    return Polynomial({(): Fraction(value)})


def atom(head: str, *indices: Label) -> Polynomial:
    """A single factor as a polynomial, for example ``atom("v", "j0", "a0")``."""
    return Polynomial({((head, indices),): Fraction(1)})


ONE = constant(1)
ZERO = Polynomial()


def dot(left: Polynomial, right: Polynomial, label: Label = "a9") -> Polynomial:
    """Scalar product over the coordinate ``label``, free in both factors.

    Examples
    --------
    >>> print(dot(atom("v", "j0", "a9"), atom("m", "a9")))
    sum_a m[a]*v[j0,a]
    """
    return (left * right).sum_over(label)


def shown_names(monomial: Monomial) -> tuple[dict[str, str], list[str]]:
    """Short names for the dummies of a monomial, none equal to a free label."""
    used = {label for label in labels_of(monomial) if not is_dummy(label)}
    names: dict[str, str] = {}
    for label in sorted(label for label in labels_of(monomial) if is_dummy(label)):
        free = (letter for letter in _LETTERS[label[0]] if letter not in used)
        name = next(free, label.replace("#", ""))
        used.add(name)
        names[label] = name
    return names, list(names.values())


def shown_head(factor: IndexedFactor) -> str:
    """The letter under which a factor is shown."""
    head, indices = factor
    return _NAMES.get(head, {}).get(len(indices), head)


def text(polynomial: Polynomial) -> str:
    """One-line plain text, sums written out.

    Examples
    --------
    >>> text(atom("psi", "j0") - 2)
    '-2 + psi[j0]'
    """
    parts = []
    for monomial, coefficient in sorted(polynomial.terms.items()):
        names, sums = shown_names(monomial)
        factors = [
            shown_head(factor)
            + (f"[{','.join(names.get(i, i) for i in factor[1])}]" if factor[1] else "")
            for factor in monomial
        ]
        prefix = f"sum_{','.join(sums)} " if sums else ""
        size = abs(coefficient)
        body = prefix + "*".join(([str(size)] if size != 1 or not factors else []) + factors)
        parts.append((coefficient < 0, body))
    if not parts:
        return "0"
    first = ("-" if parts[0][0] else "") + parts[0][1]
    return first + "".join((" - " if negative else " + ") + body for negative, body in parts[1:])
