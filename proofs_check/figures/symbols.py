r"""What axes call quantities: one name and one symbol for each, as on the page of symbols.

``docs/concepts/symbols.md`` explains them; a figure that needs another one adds it here and there.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Name and symbol of each quantity; a symbol is LaTeX that matplotlib draws, or empty.
SYMBOLS: Mapping[str, tuple[str, str]] = {
    "truth": ("distance of the truth", "M_0"),
    "norm": ("distance from the truth", "|v_i|"),
    "largest norm": ("largest distance from the truth", r"\max_j\,|v_j|"),
    "first mean": ("", "v_1"),
    "second mean": ("", "v_2"),
    "moving mean": ("moving component", "a"),
    "moving mean squared": ("", "a^2"),
    "scale": ("scale", "s"),
    "spread": ("spread", "|v_1 - v_2|"),
    "radius": ("initial radius", "D_0"),
    "students": ("number of students", "n"),
    "components": ("number of components", "n"),
    "separation": ("separation of the teacher's means", ""),
    "step size": ("step size", r"\eta"),
    "step": ("step", "k"),
    "steps": ("number of steps", "N"),
    "time of steps": ("step size times number of steps", r"\eta N"),
    "time": ("time", r"\tau"),
    "late time": ("late times to the left", "1/X"),
    "forward": ("forward loss", "L"),
    "least forward": ("", r"\min_{k<N}\,L(V_k)\;/\;|V_0|^2"),
    "least reverse": ("", r"\min_{k<N}\,R(V_k)\;/\;|V_0|^2"),
    "ratio of gradients": ("", r"\nabla_1 L\;/\;\nabla_1 K"),
    "radial slope": ("radial slope", r"v\cdot\nabla L\;/\;(2L)"),
    "slice gradient": ("", r"\partial L/\partial a"),
    "end game": ("", r"L\,\tau^2"),
    "distance of end games": ("", r"|L\,\tau^2/\mathrm{limit} - 1|"),
    "escape law": ("", r"2(n-1)/(L\tau) - X"),
    "rate": ("rate", r"|\nabla L|^2/L"),
    "total variation": ("total variation", r"\mathrm{TV}(p, q)"),
    "translation": ("translation", r"\theta"),
}


def axis(name: str, given: str = "", *, log: str = "") -> str:
    r"""Return the label of an axis.

    Parameters
    ----------
    name : str
        Of `SYMBOLS`.
    given : str
        What else holds in the figure, in parentheses.
    log : str
        The logarithm that is drawn, as LaTeX.

    Raises
    ------
    KeyError
        If there is no such quantity.

    Examples
    --------
    >>> axis("truth", "$n = 2$"), axis("spread", log=r"\log_{10}")
    ('distance of the truth $M_0$ ($n = 2$)', '$\\log_{10}$ of the spread $|v_1 - v_2|$')
    """
    words, symbol = SYMBOLS[name]
    parts = [words, f"${symbol}$" if symbol else "", f"({given})" if given else ""]
    text = " ".join(part for part in parts if part)
    return f"${log}$ of the {text}" if log else text
