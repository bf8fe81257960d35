r"""Formulas in the LaTeX of a report: typeset where they are safe, and else shown as text."""

from __future__ import annotations

import re

from proofs_check.formulas.formula import typeset
from proofs_check.formulas.mixed import rewritten
from proofs_check.formulas.plain_formula import plain_formula
from proofs_check.formulas.tex_text import Tex, code, prose
from proofs_check.report.whole import mathml
from proofs_check.report.whole.model import Formula


def formula(shown: Formula) -> Tex:
    r"""A formula in a line, or its text where its LaTeX is not fit to be typeset.

    Examples
    --------
    >>> print(formula(Formula("x <= 1", r"x \le 1")))
    $x \le 1$
    >>> print(formula(Formula("x", r"\input{x}")))
    \texttt{x}
    """
    safe = typeset(shown.latex) if shown.latex else ""
    if not safe or not mathml.mathml(shown.latex):
        return code(shown.text)
    return Tex(f"${_loosened(safe)}$")


def mixed(text: str) -> Tex:
    r"""Plain text with formulas between dollars.

    Examples
    --------
    >>> print(mixed(r"5% of $x \le 1$."))
    5\% of $x \le 1$.
    """
    return Tex(rewritten(text, prose, inline))


def inline(latex: str) -> Tex:
    """A formula in a line of text, from its LaTeX alone."""
    return formula(Formula(plain_formula(latex), latex))


def _loosened(latex: str) -> str:
    """Let a line end within products and after commas, as in text."""
    return (
        re.sub(r"\\,", r"\\,\\allowbreak ", latex)
        .replace(",", r",\allowbreak ")
        .replace(r"\,\allowbreak \allowbreak", r"\,\allowbreak")
    )
