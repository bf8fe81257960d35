"""Tables, colours and wrapped text: for a terminal, and plain wherever else text goes.

Colours need a terminal that is not ``dumb`` and no ``NO_COLOR`` in the environment; tables need no
character beyond ASCII. Without a terminal the width is ``COLUMNS``, or 80, so that a pipe always
gets the same bytes. Only colours need rich, which commands that start at once do not wait for.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from numerics.visible import visible

#: Width where there is no terminal, and the least that text is laid out for.
PLAIN_WIDTH, LEAST_WIDTH = 80, 20
#: Colours of what lines hold; the words are there without colours, too.
STYLES = {
    r"\bPROVED\b|\bpassed\b": "bold green",
    r"\bSUPPORTED\b": "cyan",
    r"\bINCONCLUSIVE\b": "yellow",
    r"\bREFUTED\b|\bFAILED\b": "bold red",
    "^== .*": "bold",
}
#: Of lines about controls, which do their work when they are refuted.
CONTROL_STYLES = {
    r"(?<=^    control  )REFUTED\b|^\d+ of \d+ controls REFUTED(?=, as they)": "bold green",
    r"(?<=^    control  )(PROVED|SUPPORTED|INCONCLUSIVE)\b": "bold red",
    r"(?<= control is )(PROVED|SUPPORTED|INCONCLUSIVE)\b": "bold red",
}
_ABOUT_CONTROLS = re.compile(r"^    control  | control is |^\d+ of \d+ controls ")
_GAP = "  "
_LEAST_COLUMN = 8


def width(stream: Any) -> int:
    """Return the columns that a stream has: ``COLUMNS``, the terminal's, or 80.

    Examples
    --------
    >>> import io
    >>> width(io.StringIO())
    80
    """
    wanted = os.environ.get("COLUMNS", "")
    found = int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0
    if not found:
        try:
            found = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError, AttributeError):
            found = 0
    return max(found or PLAIN_WIDTH, LEAST_WIDTH)


def takes_colours(stream: Any) -> bool:
    """Whether a stream is a terminal whose user wants colours.

    Examples
    --------
    >>> import io
    >>> takes_colours(io.StringIO())
    False
    """
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in ("dumb", "unknown")
    return wanted and bool(stream.isatty())


def write_lines(lines: Iterable[str], stream: Any, *, colours: bool = True) -> None:
    """Write lines; verdicts and headings are coloured where the stream takes colours.

    Examples
    --------
    >>> import sys
    >>> write_lines(["F1  PROVED"], sys.stdout)
    F1  PROVED
    """
    if not (colours and takes_colours(stream)):
        for line in lines:
            print(visible(line), file=stream)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, force_jupyter=False, force_terminal=True, highlight=False)
    for line in lines:
        text = Text(visible(line))
        for pattern, style in styles(line).items():
            text.highlight_regex(pattern, style)
        console.print(text, soft_wrap=True)


def styles(line: str) -> Mapping[str, str]:
    """Patterns and their colours in a line: a control that is refuted is as it should be.

    Examples
    --------
    >>> styles("2 of 2 controls REFUTED, as they should be.") is CONTROL_STYLES
    True
    >>> styles("F1  REFUTED") is STYLES
    True
    """
    return CONTROL_STYLES if _ABOUT_CONTROLS.search(line) else STYLES


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], whole: Sequence[str], most: int
) -> Iterator[str]:
    """Lines of a table; the widest cells are broken until it fits.

    Parameters
    ----------
    columns : sequence of str
        What stands above each column.
    rows : sequence of sequences of str
    whole : sequence of str
        Columns whose cells are never broken.
    most : int
        Width of the table.

    Examples
    --------
    >>> for line in table(("claim", "title"), [("F1", "The gradient of L")], ("claim",), 19):
    ...     print(line)
    claim  title
    -------------------
    F1     The gradient
           of L
    """
    rows = [[visible(cell) for cell in row] for row in rows]
    widths = [
        max(len(line) for row in (columns, *rows) for line in row[place].split("\n"))
        for place in range(len(columns))
    ]
    flexible = [place for place, name in enumerate(columns) if name not in whole]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > most:
        widest = max(flexible, key=lambda place: widths[place], default=-1)
        if widest < 0 or widths[widest] <= _LEAST_COLUMN:
            break
        widths[widest] -= 1
    yield from _row(columns, widths)
    yield "-" * (sum(widths) + len(_GAP) * (len(widths) - 1))
    for row in rows:
        yield from _row(row, widths)


def _row(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Lines of one row; a cell may have lines of its own."""
    broken = [
        [line for part in cell.split("\n") for line in wrapped(part, most)]
        for cell, most in zip(cells, widths, strict=True)
    ]
    for lines in zip_longest(*broken, fillvalue=""):
        padded = (line.ljust(most) for line, most in zip(lines, widths, strict=True))
        yield _GAP.join(padded).rstrip()


def wrapped(text: str, columns: int, indent: str = "", hanging: str | None = None) -> Iterator[str]:
    """Break a text at spaces only: numbers and names stay whole even where they are too long.

    Parameters
    ----------
    text : str
    columns : int
        Width, indentation included.
    indent : str
        Before the first line, and before the others if ``hanging`` is None.
    hanging : str or None
        Before all lines but the first.

    Examples
    --------
    >>> list(wrapped("for all n and d", 10, "  "))
    ['  for all', '  n and d']
    """
    later = indent if hanging is None else hanging
    yield from textwrap.wrap(
        visible(text),
        max(columns, len(later) + _LEAST_COLUMN),
        initial_indent=indent,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [indent.rstrip()]
