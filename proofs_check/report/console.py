"""Tables, colours and wrapped text: for a terminal, and plain wherever else text goes.

Colours need a terminal that is not ``dumb`` and no ``NO_COLOR`` in the environment; tables need no
character beyond ASCII. Elsewhere the width is ``COLUMNS``, or 80, so that a pipe always gets the
same bytes.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

#: Width where there is no terminal, and the least that text is laid out for.
PLAIN_WIDTH, LEAST_WIDTH = 80, 20
#: Colours of verdicts, told apart without red and green alone: the words are printed in any case.
STYLES = {
    "PROVED": "bold green",
    "SUPPORTED": "cyan",
    "INCONCLUSIVE": "yellow",
    "REFUTED": "bold red",
}
#: A line under the header and nothing else; the same in every encoding.
_RULED = "    \n    \n -- \n    \n    \n    \n    \n    \n"


def console(stream: Any, *, colours: bool = True) -> Console:
    """Return what writes to a stream: laid out for its width, coloured if it takes colours.

    Examples
    --------
    >>> import io
    >>> console(io.StringIO()).width
    80
    """
    from rich.console import Console

    plain = not colours or bool(os.environ.get("NO_COLOR"))
    return Console(
        file=stream,
        width=width(stream),
        color_system=None if plain else "auto",
        force_jupyter=False,
        highlight=False,
        markup=False,
        emoji=False,
    )


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


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], whole: Sequence[str]) -> Any:
    """Return a table for a console; columns named in ``whole`` are never broken.

    Examples
    --------
    >>> import io
    >>> text = io.StringIO()
    >>> console(text).print(table(("claim", "says"), [("F1", "PROVED")], ("claim",)))
    >>> [line.rstrip() for line in text.getvalue().splitlines()]
    ['claim  says', '-------------', 'F1     PROVED']
    """
    from rich.box import Box
    from rich.table import Table

    made = Table(
        box=Box(_RULED, ascii=True),
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for name in columns:
        made.add_column(name, no_wrap=name in whole, overflow="fold")
    for row in rows:
        made.add_row(*map(verdicts_marked, row))
    return made


def show(to: Console, renderable: Any) -> None:
    """Print without spaces at the ends of lines, so that output can be compared and stored."""
    with to.capture() as captured:
        to.print(renderable)
    for line in captured.get().splitlines():
        to.out(line.rstrip(), highlight=False)


def verdicts_marked(text: str) -> Text:
    """Return a text whose verdicts are coloured."""
    from rich.text import Text

    marked = Text(text)
    for word, style in STYLES.items():
        marked.highlight_regex(rf"\b{word}\b", style)
    return marked


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
        text,
        max(columns, len(later) + LEAST_WIDTH),
        initial_indent=indent,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [indent.rstrip()]
