"""Short HTML and LaTeX of results, for notebooks: escaped, and never thousands of digits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)
from html import escape
from typing import Any

from numerics.visible import visible

#: Most digits of a number, rows and columns of a table, and characters of a text that are shown.
DIGITS, ROWS, COLUMNS, CHARACTERS = 20, 12, 6, 600
#: Binary exponents of numbers that are written out to be shortened.
_MOST_BITS = 20_000


def short_number(text: str, *, note: bool = True) -> str:
    """Shorten the digits of a number, keeping its sign, exponent and place of the point.

    An enclosure ``[mid +/- rad]`` is shortened outwards, with a note of how many digits are shown.

    Examples
    --------
    >>> short_number("-0.1234567890123456789012345e-7"), short_number("1/3")
    ('-0.1234567890123456789...e-7', '1/3')
    """
    ball = re.fullmatch(r"\[(\S+) \+/- (\S+)\]", text)
    if ball is not None:
        middle, radius, left_out = short_enclosure(*ball.groups())
        shown = f"[{middle} +/- {radius}]"
        return f"{shown} ({left_out})" if note and left_out else shown
    found = re.fullmatch(r"([+-]?\d+)(?:\.(\d+))?([eE][+-]?\d+)?", text)
    if found is None or len(text) <= DIGITS + 3:
        return short_text(text, 4 * DIGITS)
    whole, decimals, exponent = (part or "" for part in found.groups())
    if len(whole) > DIGITS:
        return f"{whole[:DIGITS]}... ({len(whole)} digits){exponent}"
    kept = decimals[: DIGITS - len(whole.lstrip("+-"))]
    dots = "..." if len(kept) < len(decimals) else ""
    return f"{whole}.{kept}{dots}{exponent}" if decimals else f"{whole}{exponent}"


def short_enclosure(middle: Any, radius: Any) -> tuple[str, str, str]:
    """Shorten a number with its error, outwards: what is cut off is added to the error.

    Parameters
    ----------
    middle, radius : str, float or mpf
        The number lies within ``radius`` of ``middle``.

    Returns
    -------
    tuple of str
        A number, an error that holds for it, and how many of how many digits are shown, if any is
        left out.

    Examples
    --------
    >>> short_enclosure("0.47925762730451754923112", "3.28e-22")
    ('0.47925762730451754923', '1.5e-21', '20 of 23 digits')
    >>> short_enclosure("0.25", "1.5e-12")
    ('0.25', '1.5e-12', '')
    """
    try:
        exact, error = _exact(middle), _exact(radius)
    except (InvalidOperation, TypeError, ValueError):
        return str(middle), str(radius), ""
    if not (exact.is_finite() and error.is_finite()):
        return str(middle), str(radius), ""
    digits = len(exact.as_tuple().digits)
    if error:  # two digits of the error are enough
        digits = min(digits, max(1, exact.adjusted() - error.adjusted() + 2))
    kept = min(digits, DIGITS)
    shown = _context(kept, ROUND_HALF_EVEN).plus(exact)
    wide = _context(2 * len(exact.as_tuple().digits) + 2 * DIGITS, ROUND_UP)
    total = wide.add(error, abs(wide.subtract(exact, shown)))
    bound = _context(2, ROUND_UP).plus(total)
    note = f"{kept} of {digits} digits" if kept < digits else ""
    return _number_text(shown), _number_text(bound), note


def _exact(number: Any) -> Decimal:
    """A text, float or mpf as a decimal number that is exactly it."""
    if not hasattr(number, "man_exp"):
        return Decimal(number) if isinstance(number, int | float | str) else Decimal(str(number))
    mantissa, exponent = (int(part) for part in number.man_exp)
    if abs(exponent) > _MOST_BITS or (exponent and not mantissa):  # too long, or not finite
        raise ValueError(number)
    mantissa = -abs(mantissa) if number < 0 else mantissa
    wide = _context(2 * (abs(exponent) + mantissa.bit_length()) + DIGITS, ROUND_UP)
    return wide.multiply(Decimal(mantissa), wide.power(2, exponent))


def _context(digits: int, rounding: str) -> Context:
    return Context(prec=digits, rounding=rounding, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _number_text(number: Decimal) -> str:
    return str(number).replace("E+", "e").replace("E", "e")


def counted(number: int, noun: str) -> str:
    """A number of things in words.

    Examples
    --------
    >>> counted(1, "claim"), counted(2, "claim")
    ('1 claim', '2 claims')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def short_text(text: str, most: int = CHARACTERS) -> str:
    """Cut a text that is too long.

    Examples
    --------
    >>> short_text("abcdef", 3), short_text("abc", 3)
    ('abc...', 'abc')
    """
    return text if len(text) <= most else f"{text[:most]}..."


def html_text(text: str) -> str:
    """A text for HTML: cut, escaped, and with nothing in it that is not seen.

    Examples
    --------
    >>> html_text("a < b")
    'a &lt; b'
    """
    return escape(visible(short_text(text)))


def html_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A titled table; more rows than are shown are counted.

    Examples
    --------
    >>> html_table("a < b", ("x",), [("1",)])
    '<p><b>a &lt; b</b></p><table><tr><th>x</th></tr><tr><td>1</td></tr></table>'
    """
    lines = [_row("th", head)] if head else []
    lines += [_row("td", row) for row in rows[:ROWS]]
    more = len(rows) - ROWS
    note = f"<p>and {more} more</p>" if more > 0 else ""
    return f"<p><b>{html_text(title)}</b></p><table>{''.join(lines)}</table>{note}"


def _row(tag: str, cells: Sequence[str]) -> str:
    shown = "".join(f"<{tag}>{html_text(cell)}</{tag}>" for cell in cells)
    return f"<tr>{shown}</tr>"


def number_rows(value: Any, error: Any) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows of a table of numbers with their errors, both nested alike.

    Examples
    --------
    >>> number_rows([["1.5", "2"]], [["1e-9", "1e-9"]])
    (('', '1', '2'), [('1', '1.5 +/- 1e-9', '2 +/- 1e-9')])
    """
    if not _nested(value):
        return (), [(_with_error(value, error),)]
    if not _nested(value[0]):
        value, error = [[entry] for entry in value], [[entry] for entry in error]
    rows = [
        (str(number), *_shown(entries, errors))
        for number, (entries, errors) in enumerate(zip(value, error, strict=True), 1)
    ]
    widest = min(max((len(row) for row in rows), default=1) - 1, COLUMNS)
    return ("", *map(str, range(1, widest + 1))), rows


def _shown(entries: Any, errors: Any) -> Iterator[str]:
    for number, (entry, error) in enumerate(zip(entries, errors, strict=True)):
        if number == COLUMNS:
            yield "..."
            return
        yield _with_error(entry, error)


def _with_error(value: Any, error: Any) -> str:
    middle, radius, note = short_enclosure(value, error)
    return f"{middle} +/- {radius} ({note})" if note else f"{middle} +/- {radius}"


def _nested(value: Any) -> bool:
    return isinstance(value, list | tuple) or bool(getattr(value, "ndim", 0))


def latex_number(value: Any, error: Any) -> str:
    r"""A number with its error, or a matrix of them; more than is shown is dotted.

    Examples
    --------
    >>> print(latex_number("0.25", "1.5e-12"))
    $0.25 \pm 1.5 \cdot 10^{-12}$
    >>> print(latex_number([["1", "2"]], [["0", "0"]]))
    $\begin{bmatrix} 1 \pm 0 & 2 \pm 0 \end{bmatrix}$
    """
    if not _nested(value):
        return f"${_latex(value, error)}$"
    if not _nested(value[0]):
        value, error = [[entry] for entry in value], [[entry] for entry in error]
    rows = []
    for entries, errors in zip(value[:ROWS], error[:ROWS], strict=True):
        cells = [_latex(*pair) for pair in zip(entries[:COLUMNS], errors[:COLUMNS], strict=True)]
        rows.append(" & ".join([*cells, *([r"\cdots"] if len(entries) > COLUMNS else [])]))
    rows += [r"\vdots"] if len(value) > ROWS else []
    body = r" \\ ".join(rows)
    return rf"$\begin{{bmatrix}} {body} \end{{bmatrix}}$"


def _latex(value: Any, error: Any) -> str:
    middle, radius, note = short_enclosure(value, error)
    shown = rf"{_powers(middle)} \pm {_powers(radius)}"
    return rf"{shown}\ \text{{({note})}}" if note else shown


def _powers(text: str) -> str:
    return re.sub(r"[eE]([+-]?)0*(\d+)$", _power, text)


def _power(found: re.Match[str]) -> str:
    sign = "-" if found[1] == "-" else ""
    return rf" \cdot 10^{{{sign}{found[2]}}}"
