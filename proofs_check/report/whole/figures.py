"""Figures of claims, drawn for a report; those of this package in processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from numerics.execution import usable_processors
from numerics.execution.ordered import run_parts
from proofs_check.claim import Context, Figure
from proofs_check.figures import svg
from proofs_check.loading.find import Found
from proofs_check.loading.load import faults_named
from proofs_check.report.whole.model import ShownFigure

Kind = Literal["", "svg", "pdf"]

#: So many proofs or figures are worth the start of a process.
_WORTH_A_PROCESS = 6


def processes(tasks: int) -> int:
    """Number of processes for so many proofs or figures."""
    return max(1, min(usable_processors(), tasks // _WORTH_A_PROCESS))


def drawn(
    claims: Sequence[Found], context: Context, kind: Kind, done: Callable[[], None]
) -> dict[str, ShownFigure]:
    """Return the figures of claims, by identifier.

    Raises
    ------
    InputError
        If matplotlib is missing, or the drawing of a claims file fails.
    """
    if not claims:
        return {}
    svg.require_plotting()
    built_in = [found.claim.identifier for found in claims if found.source is None]
    made = run_parts(
        worker,
        (context, kind),
        built_in,
        processes(len(built_in)),
        lambda number: done(),
    )
    figures = dict(zip(built_in, made, strict=True))
    for found in claims:
        if found.source is not None and found.claim.figure is not None:
            with faults_named(found.source):
                figures[found.claim.identifier] = _drawn(found.claim.figure, context, kind)
            done()
    return figures


def worker(job: tuple[Context, Kind]) -> Callable[[str], ShownFigure]:
    """Return what draws the figure of a claim of this package, for `run_parts`."""
    from proofs_check import registry

    def draw(identifier: str) -> ShownFigure:
        figure = registry.get(identifier).figure
        assert figure is not None
        return _drawn(figure, *job)

    return draw


def _drawn(figure: Figure, context: Context, kind: Kind) -> ShownFigure:
    if kind == "pdf":
        return ShownFigure(figure.caption, pdf=svg.render_pdf(figure, context))
    return ShownFigure(figure.caption, svg=svg.render(figure, context))
