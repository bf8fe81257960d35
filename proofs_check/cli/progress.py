"""Progress bars with an estimate of the time left, on standard error, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counted_bar(label: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar of ``total`` pieces of work; yields what is to be called after each.

    Examples
    --------
    >>> with counted_bar("starts", 2) as advance:      # not a terminal: nothing is shown
    ...     advance()
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Estimate

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Estimate())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.update(task, advance=1)
