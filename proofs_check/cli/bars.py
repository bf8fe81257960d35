"""Progress bars with an estimate of the time left, on standard error, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def terminal_bar(label: str, total: int | None = None) -> Iterator[Callable[..., None] | None]:
    """Show a bar; yields what changes it (keywords of rich's ``update``), None off a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Estimate

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Estimate())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda **changes: bar.update(task, **changes)


@contextmanager
def counted_bar(label: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar of ``total`` pieces of work; yields what is to be called after each.

    Examples
    --------
    >>> with counted_bar("starts", 2) as advance:      # not a terminal: nothing is shown
    ...     advance()
    """
    with terminal_bar(label, total) as update:
        yield (lambda: None) if update is None else lambda: update(advance=1)


@contextmanager
def stepped_bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar of ``total`` steps; yields what takes the number of steps done.

    Examples
    --------
    >>> with stepped_bar("descend", 100) as progress:  # not a terminal: nothing is shown
    ...     progress(50)
    """
    with terminal_bar(label, total) as update:
        yield (lambda step: None) if update is None else lambda step: update(completed=step)
