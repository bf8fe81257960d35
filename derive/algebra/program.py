"""Backend-neutral kernels: the form in which a derived integrand leaves ``derive``.

A `Program` is a list of statements ``target[indices] = sum of terms``; a term is a rational
coefficient times a product of indexed factors, summed over its ``sums`` indices. The kind of an
index is its first letter: ``j`` a student component, ``a`` a coordinate, ``t`` a teacher component.
This module imports nothing but the standard library, so that evaluation never loads SymPy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

Base = Literal["teacher", "student"]

#: Heads a program may read without defining them, with the kinds of their indices.
INPUT_HEADS: Mapping[str, tuple[str, ...]] = {
    "psi": ("j",),  # responsibilities of the student
    "v": ("j", "a"),  # means of the student, teacher centred
    "phi": ("t",),  # responsibilities of the teacher
    "theta": ("t", "a"),  # means of the teacher, centred
    "pi": ("j",),  # weights of the student
    "rho": ("t",),  # weights of the teacher
    "log_student": (),  # log p(x) - log N(x; 0, I)
    "log_teacher": (),  # log T(x) - log N(x; 0, I)
    "delta_component": ("j", "j"),
    "delta_coordinate": ("a", "a"),
    "dimension": (),  # d
}


def kind(index: str) -> str:
    """Return the kind of an index label: ``j`` (component), ``a`` (coordinate), ``t`` (teacher).

    Examples
    --------
    >>> kind("a12")
    'a'
    """
    return index[0]


@dataclass(frozen=True, order=True)
class Factor:
    """One indexed quantity, for example ``Factor("v", ("j0", "a1"))``."""

    head: str
    indices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Term:
    """``coefficient * product(factors)`` summed over the labels in ``sums``."""

    coefficient: Fraction
    factors: tuple[Factor, ...]
    sums: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """``target[indices] = sum(terms)``."""

    target: str
    indices: tuple[str, ...]
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Program:
    """A derived integrand, ready for any backend.

    Attributes
    ----------
    name : str
        For example ``"forward/gradient"``.
    base : {"teacher", "student"}
        The density under which the output's expectation is taken.
    statements : tuple of Assignment
        In order of evaluation; the last one defines the output.
    log_degree : int
        Degree in ``log_student``/``log_teacher`` (0 or 1).

    Raises
    ------
    ValueError
        If a statement's name ends like an entry of another, for example ``inner_2``.

    Examples
    --------
    >>> average = Term(Fraction(1), (Factor("psi", ("j0",)), Factor("v", ("j0", "a0"))), ("j0",))
    >>> program = Program("demo", "teacher", (Assignment("m", ("a0",), (average,)),))
    >>> Program.from_data(program.to_data()) == program
    True
    """

    name: str
    base: Base
    statements: tuple[Assignment, ...]
    log_degree: int = 0

    def __post_init__(self) -> None:
        # A backend may write entry (0, 1) of "u" as "u_0_1": names must not look like entries.
        for statement in self.statements:
            if re.search(r"_\d+$", statement.target):
                raise ValueError(f"{self.name}: the name {statement.target!r} looks like an entry")

    @property
    def output(self) -> Assignment:
        """The last statement, whose expectation is wanted."""
        return self.statements[-1]

    @property
    def inputs(self) -> frozenset[str]:
        """Heads that are read but not defined by any statement."""
        defined = {statement.target for statement in self.statements}
        read = {
            factor.head
            for statement in self.statements
            for term in statement.terms
            for factor in term.factors
        }
        return frozenset(read - defined)

    def to_data(self) -> dict[str, Any]:
        """Return plain lists and strings that `from_data` reads back."""
        return {
            "name": self.name,
            "base": self.base,
            "log_degree": self.log_degree,
            "statements": [
                [
                    statement.target,
                    list(statement.indices),
                    [
                        [
                            str(term.coefficient),
                            [[factor.head, *factor.indices] for factor in term.factors],
                            list(term.sums),
                        ]
                        for term in statement.terms
                    ],
                ]
                for statement in self.statements
            ],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Program:
        """Inverse of `to_data`."""
        statements = tuple(
            Assignment(
                target,
                tuple(indices),
                tuple(
                    Term(
                        Fraction(coefficient),
                        tuple(Factor(head, tuple(labels)) for head, *labels in factors),
                        tuple(sums),
                    )
                    for coefficient, factors, sums in terms
                ),
            )
            for target, indices, terms in data["statements"]
        )
        return cls(data["name"], data["base"], statements, data["log_degree"])
