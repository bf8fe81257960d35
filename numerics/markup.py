"""Short HTML and LaTeX of results, for notebooks: escaped, and never thousands of digits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_UP, Context, Decimal, InvalidOperation
from html import escape
from typing import Any

#: Most digits of a number, rows and columns of a table, and characters of a text that are shown.
DIGITS, ROWS, COLUMNS, CHARACTERS = 20, 12, 6, 600


def short_number(text: str) -> str:
    """Shorten the digits of a number, keeping its sign, exponent and place of the point.

    Examples
    --------
    >>> short_number("-0.1234567890123456789012345e-7"), short_number("1/3")
    ('-0.1234567890123456789...e-7', '1/3')
    """
    found = re.fullmatch(r"([+-]?\d+)(?:\.(\d+))?([eE][+-]?\d+)?", text)
    if found is None or len(text) <= DIGITS + 3:
        return short_text(text, 4 * DIGITS)
    whole, decimals, exponent = (part or "" for part in found.groups())
    if len(whole) > DIGITS:
        return f"{whole[:DIGITS]}... ({len(whole)} digits){exponent}"
    kept = decimals[: DIGITS - len(whole.lstrip("+-"))]
    dots = "..." if len(kept) < len(decimals) else ""
    return f"{whole}.{kept}{dots}{exponent}" if decimals else f"{whole}{exponent}"


def short_error(text: str) -> str:
    """Round a bound up to two digits.

    Examples
    --------
    >>> short_error("6.751861935034702e-17"), short_error("3.28e-27")
    ('6.8E-17', '3.28e-27')
    """
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return short_number(text)
    if len(exact.as_tuple().digits) <= 3:
        return text
    return str(exact.normalize(Context(prec=2, rounding=ROUND_UP)))


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
    return f"<p><b>{escape(short_text(title))}</b></p><table>{''.join(lines)}</table>{note}"


def _row(tag: str, cells: Sequence[str]) -> str:
    shown = "".join(f"<{tag}>{escape(short_text(cell))}</{tag}>" for cell in cells)
    return f"<tr>{shown}</tr>"


def number_rows(value: Any, error: Any) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows of a table of numbers with their errors, both nested alike.

    Examples
    --------
    >>> number_rows([["1.5", "2"]], [["1e-9", "1e-9"]])
    (('', '1', '2'), [('1', '1.5 +/- 1e-9', '2 +/- 1e-9')])
    """
    if not _nested(value):
        return (), [(f"{short_number(str(value))} +/- {short_error(str(error))}",)]
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
        yield f"{short_number(str(entry))} +/- {short_error(str(error))}"


def _nested(value: Any) -> bool:
    return isinstance(value, list | tuple) or bool(getattr(value, "ndim", 0))


def latex_number(value: Any, error: Any) -> str | None:
    r"""A single number with its error; None for more than one.

    Examples
    --------
    >>> print(latex_number("0.25", "1.5e-12"))
    $0.25 \pm 1.5 \cdot 10^{-12}$
    """
    if _nested(value):
        return None
    return rf"${_latex(str(value))} \pm {_latex(short_error(str(error)))}$"


def _latex(text: str) -> str:
    shown = short_number(text).replace("...", r"\ldots ")
    return re.sub(r"[eE]([+-]?)0*(\d+)$", _power, shown)


def _power(found: re.Match[str]) -> str:
    sign = "-" if found[1] == "-" else ""
    return rf" \cdot 10^{{{sign}{found[2]}}}"
