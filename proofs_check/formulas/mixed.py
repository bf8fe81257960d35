r"""Text with formulas between dollars, as claims write it: its parts, and all of it as plain text.

``$`` opens a formula if what follows can be typeset and the closing one stands at its end, without
spaces inside; any other dollar is a dollar.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from proofs_check.formulas.formula import typeset
from proofs_check.formulas.plain_formula import plain_formula

_FORMULA = re.compile(r"\$(?=\S)([^$]*?[^$\s\\])\$(?!\d)")


def formula_at(text: str, start: int) -> str:
    r"""Return the LaTeX of the formula that opens at a dollar; empty if none does.

    Examples
    --------
    >>> formula_at(r"as $\eta \le 2$", 3), formula_at("from $5 to $6", 5)
    ('\\eta \\le 2', '')
    """
    found = _FORMULA.match(text, start)
    return found[1] if found is not None and typeset(found[1]) else ""


def rewritten(text: str, prose: Callable[[str], str], formula: Callable[[str], str]) -> str:
    r"""Return a text with its prose and the LaTeX of its formulas each put through a function.

    Examples
    --------
    >>> rewritten(r"as $\eta<2$, for $5", str.upper, "[{}]".format)
    'AS [\\eta<2], FOR $5'
    """
    parts, before, start = [], 0, text.find("$")
    while start >= 0:
        latex = formula_at(text, start)
        end = start + (len(latex) + 2 if latex else 1)
        if latex:
            parts += [prose(text[before:start]), formula(latex)]
            before = end
        start = text.find("$", end)
    return "".join([*parts, prose(text[before:])])


def plain(text: str) -> str:
    r"""Return a text with its formulas in plain characters, for terminals.

    Examples
    --------
    >>> plain(r"Steps $0 \le \eta \le \tfrac12$ suffice.")
    'Steps 0 <= eta <= 1/2 suffice.'
    """
    return rewritten(text, str, plain_formula)
