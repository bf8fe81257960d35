"""A derivation: a statement, its hypotheses and scope, and a chain of steps that re-verify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import sympy

StepKind = Literal[
    "definition", "symbolic identity", "Stein identity", "differentiation", "substitution"
]


@dataclass(frozen=True)
class Scope:
    """The range of cases a derivation covers.

    Examples
    --------
    >>> str(ALL), str(Scope.instance(n=3, d=2))
    ('all n, d', 'instance n = 3, d = 2')
    """

    text: str

    def __str__(self) -> str:
        return self.text

    @staticmethod
    def instance(**sizes: int) -> Scope:
        """Scope of one instance, for example ``Scope.instance(n=3, d=2)``."""
        return Scope("instance " + ", ".join(f"{name} = {size}" for name, size in sizes.items()))


#: Every number of components, every dimension, every weight vector.
ALL = Scope("all n, d")


@dataclass(frozen=True)
class DerivationStep:
    """One equality ``left = right`` of a derivation.

    Attributes
    ----------
    description : str
        Why the equality holds, in one line.
    left, right : str
        Both sides as plain text.
    left_latex, right_latex : str
        Both sides as LaTeX.
    kind : str
        How the equality is checked.
    check : callable
        Recomputes the equality from scratch and returns whether it holds.
    """

    description: str
    left: str
    right: str
    kind: StepKind
    check: Callable[[], bool] = field(repr=False, compare=False)
    left_latex: str = ""
    right_latex: str = ""

    def verify(self) -> bool:
        """Recompute the equality; ``False`` when it does not hold."""
        return bool(self.check())


@dataclass(frozen=True)
class Verification:
    """Outcome of `Derivation.verify`: which steps hold."""

    holds: tuple[bool, ...]
    failed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.holds) and all(self.holds)


@dataclass(frozen=True)
class Derivation:
    """A named statement with the chain of equalities that proves it.

    Attributes
    ----------
    name, title, statement, source : str
        Identifier, one-line title, the statement in plain text, and where it comes from.
    hypotheses : tuple of str
        What the statement assumes.
    scope : Scope
        The cases the chain of steps covers.
    steps : tuple of DerivationStep
        Each re-verified by `verify`.
    latex : str
        The statement in LaTeX.
    """

    name: str
    title: str
    statement: str
    hypotheses: tuple[str, ...]
    scope: Scope
    steps: tuple[DerivationStep, ...]
    source: str
    latex: str = ""

    def verify(self) -> Verification:
        """Re-verify every step; a derivation without steps verifies nothing and is ``False``."""
        holds = tuple(step.verify() for step in self.steps)
        failed = tuple(s.description for s, good in zip(self.steps, holds, strict=True) if not good)
        return Verification(holds, failed)

    def text(self) -> str:
        """The derivation as plain text."""
        lines = [
            f"{self.name}: {self.title}",
            f"Statement: {self.statement}",
            f"Scope: {self.scope}",
        ]
        lines += [f"Hypothesis: {hypothesis}" for hypothesis in self.hypotheses]
        lines += [f"Source: {self.source}", "Steps:"]
        for number, step in enumerate(self.steps, 1):
            lines += [
                f"  {number}. {step.description} [{step.kind}]",
                f"     {step.left}",
                f"       = {step.right}",
            ]
        return "\n".join(lines)

    def to_latex(self) -> str:
        """The derivation as a LaTeX fragment (``amsmath``)."""
        statement = f"${self.latex}$" if self.latex else escape(self.statement)
        remarks = " ".join([f"Scope: {self.scope}.", *self.hypotheses])
        lines = [rf"\paragraph{{{escape(self.title)}}} {statement}", escape(remarks)]
        lines.append(r"\begin{align*}")
        rows = []
        for step in self.steps:
            left = step.left_latex or _verbatim(step.left)
            right = step.right_latex or _verbatim(step.right)
            rows.append(rf"  {left} &= {right} && \text{{{escape(step.description)}}}")
        lines.append(" \\\\\n".join(rows))
        lines.append(r"\end{align*}")
        return "\n".join(lines)


def _verbatim(text: str) -> str:
    return rf"\texttt{{{escape(text)}}}"


_LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{character: "\\" + character for character in "_{}%&#$"},
}


def escape(text: str) -> str:
    r"""Plain text for LaTeX's text mode.

    Examples
    --------
    >>> print(escape("v_1^2 & 5%"))
    v\_1\textasciicircum{}2 \& 5\%
    """
    return "".join(_LATEX_SPECIAL.get(character, character) for character in text)


def checked_step(
    description: str,
    sides: tuple[str, str],
    check: Callable[[], bool],
    kind: StepKind = "symbolic identity",
) -> DerivationStep:
    """Return a step that a function of its own decides."""
    return DerivationStep(description, sides[0], sides[1], kind, check)


Expression = Any


def rational(expression: Expression) -> Expression:
    """In lowest terms as a rational function of exponentials: zero if it vanishes.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> rational(sympy.tanh(x) ** 2 + sympy.sech(x) ** 2)
    1
    """
    rewritten = sympy.expand(sympy.sympify(expression).rewrite(sympy.exp))
    return sympy.cancel(sympy.together(sympy.powsimp(rewritten)))


def identity_step(
    description: str,
    sides: tuple[str, str],
    left: Callable[[], Expression],
    right: Callable[[], Expression],
    *,
    kind: StepKind = "symbolic identity",
    latex: tuple[str, str] = ("", ""),
    simplify: Callable[[Expression], Expression] = sympy.expand,
) -> DerivationStep:
    """Return a step that holds when ``simplify(left() - right())`` is zero.

    The entries of a matrix are simplified one by one.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> step = identity_step("square", ("(x+1)^2", "x^2+1"), lambda: (x + 1) ** 2, lambda: x**2 + 1)
    >>> step.verify()
    False
    """

    def check() -> bool:
        rest = left() - right()
        entries = rest if isinstance(rest, sympy.MatrixBase) else [rest]
        return all(simplify(entry) == 0 for entry in entries)

    return DerivationStep(description, sides[0], sides[1], kind, check, latex[0], latex[1])
