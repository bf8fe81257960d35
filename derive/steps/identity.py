"""Identities as objects that re-verify and can be altered.

An `Identity` says that two index polynomials agree, pointwise or in expectation, for all n, d and
weights. It is decided by removing explicit ``x`` with Stein's identity and comparing expansions.
`Identity.altered` changes one coefficient: the false variants that every check must refute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

from derive.algebra.calculus import expand, single_teacher, stein
from derive.algebra.display import latex
from derive.algebra.index import Polynomial, text
from derive.algebra.program import Base, Program
from derive.losses.lowering import lower
from derive.steps.derivation import ALL, DerivationStep, Scope, StepKind

Mode = Literal["expectation", "pointwise"]


@dataclass(frozen=True)
class NamedTerm:
    """One term of the right side: ``coefficient * polynomial``, with a name to alter it by."""

    name: str
    coefficient: Fraction
    polynomial: Polynomial


@dataclass(frozen=True)
class Identity:
    """``E[left] = E[sum of terms]`` (or pointwise), for all n, d, weights.

    Attributes
    ----------
    name, title, statement, source : str
    base : {"teacher", "student"}
        Density of the expectation.
    left : Polynomial
        Derived side.
    terms : tuple of NamedTerm
        Stated side.
    free : tuple of str
        Free labels of both sides.
    mode : {"expectation", "pointwise"}
    teacher : {"single", "mixture"}
        ``"single"``: one Gaussian at the origin.
    latex : str
        The statement in LaTeX.

    Examples
    --------
    >>> from derive.identities.by_name import named
    >>> identity = named("kl-gradient")
    >>> identity.holds(), identity.altered("score error", Fraction(21, 20)).holds()
    (True, False)
    """

    name: str
    title: str
    statement: str
    source: str
    base: Base
    left: Polynomial
    terms: tuple[NamedTerm, ...]
    free: tuple[str, ...]
    mode: Mode = "expectation"
    teacher: Literal["single", "mixture"] = "single"
    latex: str = ""

    @property
    def right(self) -> Polynomial:
        """The stated side as one polynomial."""
        total = Polynomial()
        for term in self.terms:
            total = total + term.coefficient * term.polynomial
        return total

    @cached_property
    def difference(self) -> Polynomial:
        """``left - right`` without explicit ``x``, specialised to the teacher."""
        gap = self.left - self.right
        if self.mode == "expectation":
            gap = stein(gap, self.base)
        return single_teacher(gap) if self.teacher == "single" else gap

    def holds(self) -> bool:
        """Decide the identity for all n, d and weights."""
        return not expand(self.difference)

    def altered(self, term: str, coefficient: Fraction) -> Identity:
        """The same statement with one coefficient changed.

        Raises
        ------
        KeyError
            If no term has that name.
        """
        if term not in {known.name for known in self.terms}:
            raise KeyError(term)
        changed = tuple(
            replace(known, coefficient=coefficient) if known.name == term else known
            for known in self.terms
        )
        return replace(self, name=f"{self.name} [{term} -> {coefficient}]", terms=changed)

    def program(self) -> Program:
        """Kernel of ``E[left - right]``, to evaluate the gap of a false variant at a witness."""
        gap = stein(self.difference, self.base)  # brings back the teacher's mean
        gap = single_teacher(gap) if self.teacher == "single" else gap
        return lower(gap, f"{self.name}/{self.teacher}", self.base, self.free)

    def scope(self) -> Scope:
        """All n and d, any weights; teacher as stated."""
        extra = "" if self.teacher == "single" else ", any mixture teacher"
        return Scope(f"{ALL}, all weights{extra}")

    def step(self) -> DerivationStep:
        """The identity as a re-verifiable step."""
        in_expectation = self.mode == "expectation"
        kind: StepKind = "Stein identity" if in_expectation else "symbolic identity"
        frame = {"teacher": "E_T[{}]", "student": "E_p[{}]"}[self.base] if in_expectation else "{}"
        left, right = self.left, self.right
        if self.teacher == "single":
            left, right = single_teacher(left), single_teacher(right)
        return DerivationStep(
            self.title,
            frame.format(text(left)),
            frame.format(text(right)),
            kind,
            self.holds,
            latex(left),
            latex(right),
        )


def equality_step(
    description: str, left: Callable[[], Polynomial], right: Callable[[], Polynomial]
) -> DerivationStep:
    """An equality of index polynomials as a step: both sides are built and expanded anew.

    Examples
    --------
    >>> from derive.algebra.index import atom
    >>> equality_step("once", lambda: atom("pi", "j0"), lambda: atom("pi", "j0")).verify()
    True
    """

    def check() -> bool:
        return not expand(left() - right())

    return DerivationStep(
        description,
        text(left()),
        text(right()),
        "symbolic identity",
        check,
        latex(left()),
        latex(right()),
    )
